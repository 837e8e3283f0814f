"""The page of all services' processes: each service is asked by itself, so that one that fails costs its own box."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

import dashboard
from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import processes
from dashboard.cloud.cinder import SERVICE as STORAGE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import Later, later
from dashboard.cloud.processes import Process
from dashboard.cloud.services_catalog import Endpoint
from dashboard.live.own_state import OwnState, own_state
from dashboard.ui import health, registry
from dashboard.ui.errors import Fault, fault_of, service_name
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import ADMIN
from dashboard.ui.values import Status

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str


@dataclass(frozen=True)
class Source:
    """Where the processes of one service are asked for, and the list that has more of them."""

    service: str
    title: StrOrPromise
    read: Callable[[Cloud], list[Process]]
    panel: str = ""


SOURCES = (
    Source("compute", gettext_lazy("Compute services"), processes.of_compute, "compute-services"),
    Source(STORAGE, gettext_lazy("Storage services"), processes.of_storage, "storage-services"),
    Source("network", gettext_lazy("Network agents"), processes.of_network, "network-agents"),
    Source("orchestration", gettext_lazy("Orchestration engines"), processes.of_orchestration),
)


@dataclass(frozen=True)
class Line:
    """A process with its state in words."""

    process: Process
    status: Status


@dataclass(frozen=True)
class Box:
    """The processes of one service, or why there are none."""

    source: Source
    lines: tuple[Line, ...] = ()
    fault: Fault | None = None
    url: str = ""

    @property
    def down(self) -> int:
        """How many do not report."""
        return sum(not line.process.is_up for line in self.lines)

    @property
    def disabled(self) -> int:
        """How many take no work."""
        return sum(not line.process.is_enabled for line in self.lines)


@dataclass(frozen=True)
class Api:
    """An API that this dashboard calls."""

    endpoint: Endpoint
    title: str
    seen: tuple[health.Seen, ...]
    versions: str
    asked_at: str


def status(process: Process) -> Status:
    """Whether it reports, and takes work."""
    if not process.is_up:
        return Status(_("Down"), "bad", "" if process.is_enabled else _("disabled"))
    return Status(_("Up"), "ok") if process.is_enabled else Status(_("Up"), "off", _("disabled"))


def boxes(request: Request, cloud: Cloud) -> list[Box]:
    """Every service that the cloud has, asked side by side. Raises Unauthorized."""
    offered = [source for source in SOURCES if cloud.offers(source.service)]
    waiting = [later(functools.partial(source.read, cloud)) for source in offered]
    return [_box(request, cloud, source, outcome) for source, outcome in zip(offered, waiting, strict=True)]


def _box(request: Request, cloud: Cloud, source: Source, outcome: Later[list[Process]]) -> Box:
    panel = registry.panel(source.panel) if source.panel else None
    url = urls_for(request, f"{source.panel}:index") if panel is not None else ""
    try:
        found = outcome.value
    except Unauthorized:
        raise
    except CloudError as error:
        error.service = error.service or source.service
        return Box(source, fault=fault_of(error, cloud), url=url)
    # What needs a look first.
    found.sort(key=lambda item: (item.is_up, item.is_enabled, item.binary, item.host))
    return Box(source, tuple(Line(item, status(item)) for item in found), url=url)


def apis(found: Sequence[Endpoint]) -> list[Api]:
    """The APIs that are called from here, by their names."""
    used = [
        Api(item, service_name(item.service_type), tuple(health.seen(item)), health.versions_of(item.health), asked_at)
        for item in found
        if item.is_used
        for asked_at in [health.asked_at(item)]
    ]
    return sorted(used, key=lambda api: api.title)


STATES: dict[str, tuple[StrOrPromise, Any]] = {
    "live": (gettext_lazy("Workers poll"), "ok"),
    "reduced": (gettext_lazy("No worker: pages poll by themselves"), "warn"),
    "paused": (gettext_lazy("The store is away"), "bad"),
}


def state_of(own: OwnState) -> Status:
    """How lists are kept fresh, in a word."""
    label, tone = STATES[own.state]
    return Status(label, tone)


@require_GET
def index(request: Request) -> HttpResponse:
    """The page."""
    reason = why_not_allowed(request, ADMIN)
    if reason:
        raise PermissionDenied(reason)
    cloud = cloud_of(request)
    found = [item for item in health.in_catalog(cloud) if item.region_id == cloud.region]
    own = own_state(cloud)
    context = {
        "boxes": boxes(request, cloud),
        "apis": apis(found),
        "endpoints": [item for item in found if item.is_used],
        "version": dashboard.__version__,
        "own": own,
        "state": state_of(own),
        "polls": [(_title(poll.kind), poll) for poll in own.polls],
        "has_endpoints": registry.panel("endpoints") is not None,
    }
    return render(request, "system_info/index.html", context)


def _title(kind: str) -> str:
    """What the list of a kind is called."""
    found = next((panel for panel in registry.panels() if getattr(panel, "live", "") == kind), None)
    return str(found.title) if found is not None else kind
