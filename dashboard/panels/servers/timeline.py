"""What Nova's list of actions does not tell of a server: the task that runs, its migrations, what was begun here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.server_insight import Migration, list_migrations
from dashboard.cloud.servers import Server
from dashboard.live import operations
from dashboard.live.operations import Operation
from dashboard.panels.servers.words import TASKS
from dashboard.ui.values import Status

if TYPE_CHECKING:
    from dashboard.panels.servers.tabs import Entry

NEAR = timedelta(seconds=20)
"""An action of Nova that began so soon after something was sent here is what was sent."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Moment:
    """Something on the timeline that is no action of Nova's."""

    label: str
    status: Status
    at: datetime | None
    seconds: float | None = None
    note: str = ""


KINDS: dict[str, Any] = {
    "migration": gettext_lazy("Migration"),
    "live-migration": gettext_lazy("Live migration"),
    "resize": gettext_lazy("Resize"),
    "evacuation": gettext_lazy("Evacuation"),
}
"""Nova's kinds of migrations."""


def joined(cloud: Cloud, server: Server, entries: Sequence[Entry], *, has_older: bool = False) -> list[Entry | Moment]:
    """The actions with what else is known, the newest first; what is older than they are comes with older actions."""
    # Nova tells migrations to administrators, and to managers of a project; for others it would be a refusal each time.
    asked = later(lambda: list_migrations(cloud, id=server.id) if cloud.has_role("manager") else ())
    begun = [item for item in operations.recent(cloud, cloud.access.person.id) if server.id in item.ids]
    marked, rest = _matched(entries, begun, cloud.access.person.id)
    found: list[Entry | Moment] = [*marked, *map(_operation, rest), *map(_migration, asked.or_else(()))]
    found.sort(key=lambda item: _when(item) or LONG_AGO, reverse=True)
    if has_older and entries:
        first = entries[-1].action.started or LONG_AGO
        found = [item for item in found if (_when(item) or LONG_AGO) >= first]
    if server.task_state:
        task = TASKS.get(server.task_state, server.task_state.replace("_", " "))
        found.insert(0, Moment(_("Now: %(task)s") % {"task": task}, Status(_("Running"), "busy"), server.updated))
    return found


def _when(item: Entry | Moment) -> datetime | None:
    return item.at if isinstance(item, Moment) else item.action.started


def _matched(entries: Sequence[Entry], begun: Sequence[Operation], me: str) -> tuple[list[Entry], list[Operation]]:
    """The actions, marked where they were begun here, and what was begun here that Nova has no action of."""
    pairs = [
        (abs(entry.action.started - item.began_at), place, item)
        for place, entry in enumerate(entries)
        for item in begun
        if entry.action.started is not None and entry.action.user_id == me
    ]
    # Of several within that time, the nearest: the same person may have done another thing elsewhere.
    own: dict[int, Operation] = {}
    taken: set[str] = set()
    for apart, place, item in sorted(pairs, key=lambda pair: pair[0]):
        if apart <= NEAR and place not in own and item.id not in taken:
            own[place] = item
            taken.add(item.id)
    found = [
        replace(entry, begun_here=own[place].label) if place in own else entry for place, entry in enumerate(entries)
    ]
    # A launch is Nova's first action, however long it waited for its turn.
    return found, [item for item in begun if item.id not in taken and item.verb != "launch"]


def _operation(item: Operation) -> Moment:
    states = {
        "running": Status(_("Running"), "busy"),
        "failed": Status(_("Failed"), "bad"),
        "unknown": Status(_("Unknown"), "unknown"),
    }
    note = _("begun here, by you")
    return Moment(
        item.label,
        states.get(item.state, Status(_("Done"), "ok")),
        item.began_at,
        note=f"{note} · {item.message}" if item.message else note,
    )


def _migration(item: Migration) -> Moment:
    if item.is_failed:
        status = Status(_("Failed"), "bad", item.status)
    elif item.is_over:
        status = Status(_("Done"), "ok", item.status)
    else:
        status = Status(_("Running"), "busy", item.status)
    way = _("from %(source)s to %(destination)s") % {
        "source": item.source or "?",
        "destination": item.destination or "?",
    }
    return Moment(str(KINDS.get(item.kind, item.kind)), status, item.created, item.seconds, way)
