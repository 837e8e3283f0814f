"""What happened to a server: the actions that Nova wrote down, their steps, and what the guest printed.

Follows https://docs.openstack.org/api-ref/compute/#servers-actions-servers-os-instance-actions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.nova import SERVICE, asking
from dashboard.cloud.paging import inner

ACTIONS = 50
"""Actions that one request asks for; older ones come with the next."""
LOG_LIMIT = 1_000_000
"""Characters of a console log that are given at most; of a longer one, its end."""
DETAILS_LIMIT = 2000


@dataclass(frozen=True)
class ServerEvent:
    """One step of an action. ``result`` is "Success", "Error", or "" while it runs."""

    name: str
    started: datetime | None = None
    finished: datetime | None = None
    result: str = ""
    host: str = ""
    """The host's name, or its id as the project sees it where names are for administrators."""
    details: str = ""
    """What went wrong, in Nova's words; given to everybody since 2.84."""
    traceback: str = ""
    """For administrators."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ServerEvent:
        return cls(
            name=wire.text(body.get("event")),
            started=wire.moment(body.get("start_time")),
            finished=wire.moment(body.get("finish_time")),
            result=wire.text(body.get("result")),
            host=wire.text(body.get("host")) or wire.text(body.get("hostId"))[:12],
            details=wire.text(body.get("details"))[:DETAILS_LIMIT],
            traceback=wire.text(body.get("traceback")),
        )

    @property
    def step(self) -> str:
        """The event without the service that ran it: "do_build_and_run_instance"."""
        return self.name.rpartition("__")[2] or self.name

    @property
    def is_failed(self) -> bool:
        return self.result == "Error"

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return _seconds(self.started, self.finished)


@dataclass(frozen=True)
class ServerAction:
    """Something that was asked of a server, by whom, and what became of it."""

    action: str
    request_id: str
    user_id: str = ""
    project_id: str = ""
    started: datetime | None = None
    updated: datetime | None = None
    message: str = ""
    events: tuple[ServerEvent, ...] = ()
    """In the order in which they began; () in lists."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ServerAction:
        """From an item of ``instanceActions`` or from ``instanceAction``."""
        events = [ServerEvent.from_json(item) for item in wire.objects(body.get("events"))]
        return cls(
            action=wire.text(body.get("action")),
            request_id=wire.text(body.get("request_id")),
            user_id=wire.text(body.get("user_id")),
            project_id=wire.text(body.get("project_id")),
            started=wire.moment(body.get("start_time")),
            updated=wire.moment(body.get("updated_at")),
            message=wire.text(body.get("message")),
            events=tuple(sorted(events, key=lambda event: event.started.timestamp() if event.started else 0.0)),
        )

    @property
    def is_failed(self) -> bool:
        """Whether it, or a step of it, ended in an error. Nova says "Error", and keeps the why for the events."""
        return self.message == "Error" or any(event.is_failed for event in self.events)

    @property
    def why_failed(self) -> str:
        """What the first step that failed said."""
        return next((event.details for event in self.events if event.is_failed and event.details), "")

    @property
    def seconds(self) -> float | None:
        """From the request to the last thing known of it.

        A step without an end says nothing: Nova 34 leaves one open for every host on which
        a build failed before it was tried elsewhere.
        """
        ends = [event.finished for event in self.events if event.finished is not None]
        return _seconds(self.started, max(ends, default=self.updated))


@dataclass(frozen=True)
class ConsoleLog:
    """What the guest printed. ``is_cut`` says that there was more before it."""

    text: str
    is_cut: bool = False


def list_actions(cloud: Cloud, *, id: str, limit: int = ACTIONS, marker: str = "") -> tuple[ServerAction, ...]:
    """A server's actions, the newest first, after the one with the request id ``marker``. Raises CloudError."""
    path = f"/servers/{wire.path_id(id)}/os-instance-actions"
    body = cloud.get(SERVICE, path, microversion=NOVA_MICROVERSION, limit=limit, marker=marker or None)
    if not isinstance(body.get("instanceActions"), list):
        raise BadAnswer("There is no list of actions in the answer.", service=SERVICE)
    return tuple(ServerAction.from_json(item) for item in wire.objects(body["instanceActions"]))


def get_action(cloud: Cloud, *, id: str, request_id: str) -> ServerAction:
    """One action with its steps. Raises CloudError."""
    path = f"/servers/{wire.path_id(id)}/os-instance-actions/{wire.path_id(request_id)}"
    body = cloud.get(SERVICE, path, microversion=NOVA_MICROVERSION)
    return ServerAction.from_json(inner(body, "instanceAction", SERVICE))


def get_console_log(cloud: Cloud, *, id: str, lines: int | None = None) -> ConsoleLog:
    """The last ``lines`` that the guest printed, or all of them, as plain text.

    Raises CloudError; Conflict while the server has no guest, NotFound where the driver
    keeps no log.
    """
    with asking(cloud) as nova:
        found = nova.servers.get_console_output(wire.path_id(id), length=lines)
    # A console without output is null.
    text = wire.text(found)
    return ConsoleLog(plain_text(text[-LOG_LIMIT:]), len(text) > LOG_LIMIT)


# What terminals take for orders: colours, cursor moves, titles (ECMA-48; xterm's OSC).
_ORDERS = re.compile(
    r"""
    \x1b\[ [0-?]* [ -/]* [@-~]              # CSI: colours and the cursor
    | \x1b\] [^\x07\x1b\n]* (?:\x07|\x1b\\)?  # OSC: titles, links; one without an end costs its line alone
    | \x1b[PX^_] [^\x1b\n]* (?:\x1b\\)?     # DCS, SOS, PM, APC
    | \x1b [ -/]* [0-~]?                    # the rest of two or three characters
    | \x9b [0-?]* [ -/]* [@-~]              # CSI in one character
    """,
    re.VERBOSE,
)
_RETURNS = re.compile(r"\r+\n?")
# Characters that print nothing or turn the direction of what follows.
_UNSEEN = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def plain_text(text: str) -> str:
    """Text without a terminal's orders and without control characters but tab and newline."""
    return _RETURNS.sub("\n", _ORDERS.sub("", text)).translate(_UNSEEN)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start is not None and end is not None else None
