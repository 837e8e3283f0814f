"""The table of everything that can be done to servers, for the documents: made of the actions themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from django.utils.translation import override

from dashboard.cloud.servers import Server, ServerAddress
from dashboard.panels.servers.actions import ACTIONS
from dashboard.panels.servers.words import STATUSES
from dashboard.ui.panel import Action, roles_in

HEAD = "| action | offered when it is | locked | role | microversion | bulk |\n| --- | --- | --- | --- | --- | --- |"
ANY = "anything"


def _variants(status: str) -> tuple[Server, ...]:
    """A server in this status as it may be: locked, with addresses, on a host that is down."""
    server = Server(
        "1",
        "web",
        status=status,
        task_state="migrating" if status == "MIGRATING" else "",
        launched_at=datetime(2026, 1, 1, tzinfo=UTC),
        image_id="1",
        addresses=(ServerAddress("net", "10.0.0.4", 4, "fixed"), ServerAddress("net", "203.0.113.4", 4, "floating")),
    )
    return server, replace(server, is_locked=True), replace(server, host_status="DOWN", host="compute1")


def states_of(action: Action[Server]) -> str:
    """The statuses that it is offered in, of a server that has run, with no task but a migration."""
    known = [status for status in STATUSES if status != "DELETED"]
    able = [status for status in known if any(not action.when(row) for row in _variants(status))]
    if len(able) == len(known):
        return ANY
    missing = [status for status in known if status not in able]
    if len(missing) <= 2:
        return f"anything but {', '.join(f'`{status}`' for status in missing)}"
    return ", ".join(f"`{status}`" for status in able)


def is_for_locked(action: Action[Server]) -> bool:
    """Whether it is offered of a locked server that it would be offered of otherwise."""
    rows = [row for status in STATUSES for row in _variants(status)]
    return any(not action.when(replace(row, is_locked=True)) for row in rows)


def actions_table() -> str:
    """One table for each section of the menu, as Markdown, in English."""
    with override("en"):
        sections: dict[str, list[str]] = {}
        for action in ACTIONS:
            role = roles_in(action.roles, "project")[0]
            cells = (
                str(action.label),
                states_of(action),
                "yes" if is_for_locked(action) else "–",
                role,
                action.needs or "–",
                "yes" if action.is_bulk else "–",
            )
            section = str(action.section) if action.is_in_menu else "Beside one of its parts"
            sections.setdefault(section, []).append(f"| {' | '.join(cells)} |")
        return "\n\n".join("\n".join((f"### {name}", "", HEAD, *rows)) for name, rows in sections.items())
