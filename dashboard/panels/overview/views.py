"""What is going on in a project: its servers, what changed last, and how much of each quota is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of, held_of, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.limits import list_compute_quotas, list_network_quotas, list_volume_quotas
from dashboard.cloud.parallel import Later, later
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Quota
from dashboard.live import watch
from dashboard.live.mirror import Mirror
from dashboard.panels.overview.servers import Summary, fetch_summary, summary_in
from dashboard.ui import registry
from dashboard.ui.errors import Fault, fault_of
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.values import Status
from dashboard.ui.words import quota_label

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

COLD_SECONDS = 1.5
"""How soon a page asks again while the servers are being counted."""
OLDEST_SECONDS = 60.0
"""The age of a snapshot that is still shown rather than a part of what Nova has now."""


@dataclass(frozen=True)
class Source:
    """Where the meters of one service come from."""

    slug: str
    title: StrOrPromise
    service: str
    quotas: Callable[[Cloud], Sequence[Quota]]


SOURCES = (
    Source("compute", gettext_lazy("Compute"), "compute", list_compute_quotas),
    Source("network", gettext_lazy("Network"), "network", list_network_quotas),
    Source("storage", gettext_lazy("Storage"), "block-storage", list_volume_quotas),
)
SERVERS = "servers"


@dataclass(frozen=True)
class Meters:
    """One service's meters, or why there are none."""

    slug: str
    title: StrOrPromise
    url: str
    quotas: tuple[tuple[str, Quota], ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True)
class Servers:
    """The servers' section, or why there is none."""

    url: str
    summary: Summary | None = None
    fault: Fault | None = None
    is_old: bool = False

    @property
    def states(self) -> list[tuple[str, StrOrPromise, int]]:
        """Nova's status, its word, and how many servers have it."""
        counts = (self.summary.counts if self.summary else None) or {}
        words = _words()
        return [(status, words.get(status, status), number) for status, number in counts.items()]

    @property
    def recent(self) -> list[tuple[Server, Status]]:
        """The servers that changed last, each with its status in words."""
        return [(server, _status(server)) for server in (self.summary.recent if self.summary else ())]


def _words() -> dict[str, StrOrPromise]:
    """Nova's statuses in the words of the servers' list, which the list's own filter has."""
    panel = registry.panel(SERVERS)
    choices = [item.choices for item in panel.filters if item.key == "status"] if panel else []
    return dict(choices[0]) if choices else {}


def _status(server: Server) -> Status:
    """A server's status as the servers' list shows it."""
    panel = registry.panel(SERVERS)
    column = next((item for item in panel.columns if item.key == "status"), None) if panel else None
    found = column.value(server) if column else None
    return found if isinstance(found, Status) else Status(server.status)


@require_GET
def index(request: Request) -> HttpResponse:
    """The page: everything is asked for at once, and what fails costs its own section."""
    cloud = cloud_of(request)
    mirror = _mirror(request)
    waiting = [(source, later(lambda source=source: source.quotas(cloud))) for source in _offered(cloud)]  # type: ignore[misc]
    servers = _servers(request, mirror)
    context = {
        "servers": servers,
        "meters": [_meters(request, source, outcome) for source, outcome in waiting],
        "why_not": why_not_allowed(request, MEMBER),
        **_live(request, mirror, servers),
    }
    response = render(request, "overview/index.html", context)
    return _stamped(response, mirror, context["as_of"])


@require_GET
def section(request: Request, slug: str) -> HttpResponse:
    """One section anew, for those who try again; without HTMX the whole page."""
    if not request.htmx:
        return index(request)
    cloud = cloud_of(request)
    if slug == SERVERS:
        context: dict[str, Any] = {"servers": _servers(request, _mirror(request))}
        return render(request, "overview/servers.html", context)
    source = next((source for source in _offered(cloud) if source.slug == slug), None)
    if source is None:
        raise Http404
    outcome = later(lambda: source.quotas(cloud))
    return render(request, "overview/meters.html", {"section": _meters(request, source, outcome)})


@quiet
@require_GET
def live(request: Request) -> HttpResponse:
    """The servers' section if it changed since ``?since=``, else nothing (204)."""
    mirror = _mirror(request)
    since = request.GET.get("since", "")
    if mirror is None or not mirror.is_complete or since == str(mirror.version):
        return _stamped(HttpResponse(status=204), mirror, mirror.as_of if mirror is not None else None)
    servers = _servers(request, mirror)
    context = {"servers": servers, **_live(request, mirror, servers)}
    return _stamped(render(request, "overview/live.html", context), mirror, context["as_of"])


def _offered(cloud: Cloud) -> list[Source]:
    """The services that this catalog has; of others nothing is said."""
    return [source for source in SOURCES if cloud.offers(source.service)]


def _mirror(request: Request) -> Mirror[Any] | None:
    """The live snapshot of the servers; looking keeps it fresh."""
    return watch.look(cloud_of(request), held_of(request).id_hash, SERVERS)


def _servers(request: Request, mirror: Mirror[Any] | None) -> Servers:
    cloud = cloud_of(request)
    url = urls_for(request, "overview:section", SERVERS)
    # A snapshot that nobody looked at for a moment has all counts; its age is told, and the page asks again at once.
    if mirror is not None and mirror.is_complete and (not mirror.is_stale or mirror.age < OLDEST_SECONDS):
        return Servers(url, summary_in(mirror))
    try:
        return Servers(url, later(lambda: fetch_summary(cloud)).value)
    except Unauthorized:
        raise
    except CloudError as error:
        old = summary_in(mirror) if mirror is not None and mirror.is_complete else None
        return Servers(url, old, fault_of(error, cloud), is_old=old is not None)


def _meters(request: Request, source: Source, outcome: Later[Sequence[Quota]]) -> Meters:
    url = urls_for(request, "overview:section", source.slug)
    try:
        quotas = tuple((quota_label(quota.name), quota) for quota in outcome.value)
    except Unauthorized:
        raise
    except CloudError as error:
        error.service = error.service or source.service
        return Meters(source.slug, source.title, url, fault=fault_of(error, cloud_of(request)))
    return Meters(source.slug, source.title, url, quotas)


def _live(request: Request, mirror: Mirror[Any] | None, servers: Servers) -> dict[str, Any]:
    """What the page's live element is given."""
    return {
        "is_live": True,
        "live_url": urls_for(request, "overview:live"),
        "version": servers.summary.version if servers.summary else 0,
        "as_of": servers.summary.as_of if servers.summary else None,
    }


def _stamped(response: HttpResponse, mirror: Mirror[Any] | None, as_of: datetime | None) -> HttpResponse:
    """Says how old the servers' numbers are, and when asking again is worth it (seconds)."""
    if as_of is not None:
        response["X-Live-As-Of"] = as_of.isoformat()
    response["X-Live-Next"] = f"{mirror.next_interval if mirror is not None else COLD_SECONDS:.1f}"
    if mirror is not None:
        response["X-Live-State"] = mirror.state
    return response
