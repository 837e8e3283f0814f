"""Whether endpoints answer, in words, on any page that shows some; and the page's asking for it again by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, quiet
from dashboard.cloud.endpoint_health import Health
from dashboard.live import endpoint_checks
from dashboard.ui.values import Status, Tone

CELL = "ui/health/cell.html"
MOST = 120
"""Marks that one page asks for again: their names have to fit into an address."""
SOON_MS = 1500
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
    """The version to speak with its microversions: "v2.1 (2.1 – 2.104)"."""
    current = health.current if health is not None else None
    if current is None:
        return ""
    if not current.maximum:
        return current.id
    return f"{current.id} ({current.minimum} – {current.maximum})" if current.minimum else current.id


def again(url: str, marks: Iterable[str], known: Iterable[Health | None]) -> dict[str, Any]:
    """What ``ui/health/again.html`` is given: soon while something was never asked, else now and then."""
    wanted = list(dict.fromkeys(mark for mark in marks if mark))[:MOST]
    is_new = any(health is None for health in known)
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
