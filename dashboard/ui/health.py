"""Whether endpoints answer, in words, on any page that shows some; and the page's asking for it again by itself."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, quiet
from dashboard.cloud import cinder, versions
from dashboard.cloud.catalog import names_of
from dashboard.cloud.connection import Cloud
from dashboard.cloud.endpoint_health import Health
from dashboard.cloud.services_catalog import IDENTITY, Endpoint
from dashboard.live import endpoint_checks
from dashboard.ui import registry
from dashboard.ui.values import Status, Tone

CELL = "ui/health/cell.html"
MOST = 120
"""Marks that one page asks for again: their names have to fit into an address."""
SOON_MS = 2000
LATER_MS = 20_000

WORDS: dict[str, tuple[Any, Tone, Any]] = {
    "up": (gettext_lazy("Answers"), "ok", ""),
    "slow": (gettext_lazy("Slow"), "warn", gettext_lazy("It answers, but takes more than a second.")),
    "refused": (gettext_lazy("Refused"), "bad", gettext_lazy("Nobody takes the connection: is the service running?")),
    "late": (
        gettext_lazy("No answer"),
        "bad",
        gettext_lazy("It did not answer in time. If it is https, perhaps only http is spoken there."),
    ),
    "tls": (
        gettext_lazy("TLS fails"),
        "bad",
        gettext_lazy("Its certificate is not accepted, or no TLS is spoken there: is the scheme wrong?"),
    ),
    "name": (gettext_lazy("Unknown host"), "bad", gettext_lazy("The name of its host leads nowhere.")),
    "fault": (gettext_lazy("Fails"), "bad", gettext_lazy("Something answers, and says that it failed.")),
    "redirect": (
        gettext_lazy("Redirects"),
        "warn",
        gettext_lazy("It sends elsewhere, which most clients do not follow: enter the address that it sends to."),
    ),
    "large": (gettext_lazy("No version"), "bad", gettext_lazy("The answer is far too long for a list of versions.")),
    "odd": (gettext_lazy("No version"), "bad", gettext_lazy("Something answers that is no service of OpenStack's.")),
    "barred": (
        gettext_lazy("Not checked"),
        "off",
        gettext_lazy("Belvedere calls no such address. Hosts besides Keystone's are named in OS_ENDPOINT_HOSTS."),
    ),
}

PLACEMENT = "placement"
"""What pages of compute hosts ask besides Nova."""
ASKED_AT = {"compute": versions.NOVA_MICROVERSION, cinder.SERVICE: cinder.MICROVERSION}
"""The microversion that this dashboard asks at, by service type, where there is one."""


@dataclass(frozen=True)
class Seen:
    """What is known of one endpoint, or of several that are asked at one place. ``label`` says which."""

    mark: str
    health: Health | None = None
    label: str = ""

    @property
    def status(self) -> Status:
        """The state as a dot and a word."""
        return status_of(self.health)

    @property
    def at(self) -> datetime | None:
        """When it was asked."""
        return datetime.fromtimestamp(self.health.at, UTC) if self.health is not None else None

    def __str__(self) -> str:
        return " ".join(part for part in (self.label, str(self.status)) if part)


def status_of(health: Health | None) -> Status:
    """A health as a dot, a word, how long it took, and the reason."""
    if health is None:
        return Status(_("Never checked"), "unknown")
    label, tone, title = WORDS[health.state]
    detail = ""
    if health.is_good:
        detail = _("%(n)d ms") % {"n": health.ms}
    elif health.status:
        detail = str(health.status)
    return Status(label, tone, detail, title)


def why_not(health: Health) -> str:
    """Why an address is not taken for a service's, in a sentence; "" if it is."""
    return "" if health.is_good else str(WORDS[health.state][2])


def versions_of(health: Health | None) -> str:
    """The microversions that it speaks, "2.1 – 2.104", or its version where it has no such."""
    current = health.current if health is not None else None
    if current is None:
        return ""
    if not current.maximum:
        return current.id
    return f"{current.minimum} – {current.maximum}" if current.minimum else current.maximum


def is_used(cloud: Cloud, endpoint: Endpoint) -> bool:
    """Whether this dashboard calls it: here for Keystone as it was told to, for others by what tokens' catalogs say."""
    kind = names_of(endpoint.service_type)[0] if endpoint.service_type else ""
    if kind == IDENTITY:
        return endpoint.url.rstrip("/") == cloud.access.keystone.rstrip("/") and endpoint.interface == "public"
    if kind not in {PLACEMENT, *(panel.service for panel in registry.panels())}:
        return False
    found = cloud.access.catalog.find(kind, endpoint.region_id)
    return (
        found is not None
        and endpoint.is_in_catalog
        and (found.service, found.interface) == (endpoint.service_type, endpoint.interface)
    )


def with_health(cloud: Cloud, endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The endpoints with what is known of their health, which is asked for anew if it is old, and with their use."""
    given = list(endpoints)
    known = endpoint_checks.look(endpoint.url for endpoint in given)
    marks = [endpoint_checks.mark_of(endpoint.url) for endpoint in given]
    return [
        replace(endpoint, mark=mark, health=known.get(mark), is_used=is_used(cloud, endpoint))
        for endpoint, mark in zip(given, marks, strict=True)
    ]


def seen(endpoint: Endpoint) -> list[Seen]:
    """The health of one."""
    return [Seen(endpoint.mark, endpoint.health)] if endpoint.mark else []


def asked_at(endpoint: Endpoint) -> str:
    """The microversion that this dashboard asks at beside the newest there is: "2.96 of 2.104"."""
    kind = names_of(endpoint.service_type)[0] if endpoint.service_type else ""
    ours = ASKED_AT.get(kind, "")
    current = endpoint.health.current if endpoint.health is not None else None
    if not ours or not endpoint.is_used or current is None or not current.maximum:
        return ""
    newest = versions.Range(current.minimum, current.maximum)
    used = ours if newest.has(ours) else current.maximum
    return _("%(used)s of at most %(newest)s") % {"used": used, "newest": current.maximum}


def in_catalog(cloud: Cloud) -> list[Endpoint]:
    """The endpoints that this token names, of every region and interface, with their health."""
    found = [
        Endpoint(
            id=f"{item.service}:{item.region}:{item.interface}",
            url=item.url,
            interface=item.interface,
            region_id=item.region,
            service_type=item.service,
            service_name=item.service_name,
        )
        for item in cloud.access.catalog.endpoints
    ]
    return with_health(cloud, found)


def again(url: str, marks: Iterable[str], known: Iterable[Health | None]) -> dict[str, Any]:
    """What ``ui/health/again.html`` is given: soon while something is being asked, else now and then."""
    wanted = list(dict.fromkeys(mark for mark in marks if mark))[:MOST]
    oldest = time.time() - endpoint_checks.SECONDS
    is_new = any(health is None or health.at < oldest for health in known)
    query = urlencode([("m", mark) for mark in wanted])
    return {"url": f"{url}?{query}" if wanted else "", "ms": SOON_MS if is_new else LATER_MS}


@quiet
@require_GET
def live(request: Request, **kwargs: Any) -> HttpResponse:
    """What is known by now of the marks that a page shows, and when it asks the next time."""
    found = endpoint_checks.look_again(request.GET.getlist("m")[:MOST])
    context = {
        "seen": [Seen(mark, health) for mark, health in found.items() if health is not None],
        "again": again(request.path, found, found.values()),
    }
    return render(request, "ui/health/live.html", context)
