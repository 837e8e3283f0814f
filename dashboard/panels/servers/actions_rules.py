"""When something can't be done to a server, and why: a lock, a task that runs, the wrong state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from dashboard.cloud.connection import Cloud
from dashboard.cloud.servers import Server
from dashboard.panels.servers.words import why_busy
from dashboard.ui.panel import THEN


def unless(can: Callable[[Server], bool], reason: Any, *, minds_lock: bool = True) -> Callable[[Server], str]:
    """A rule: refused while something runs, while it is locked, and with ``reason`` in the wrong state."""

    def when(server: Server) -> str:
        if can(server):
            return why_locked(server) if minds_lock else ""
        return why_busy(server) or str(reason)

    return when


def why_locked(server: Server) -> str:
    """That it is locked and why, for what Nova refuses then; "" if it is not."""
    if not server.is_locked:
        return ""
    if server.locked_reason:
        return _("It is locked: %(reason)s") % {"reason": server.locked_reason}
    return _("It is locked. Unlock it first.")


def name_of(servers: Sequence[Server]) -> str:
    """The first one's name, for sentences about one."""
    return servers[0].name or servers[0].id


def says(one: Any, many: Any) -> Callable[[Sequence[Server]], str]:
    """The sentence before it is done: ``one`` with "%(name)s", ``many`` with "%(n)d"."""

    def sentence(servers: Sequence[Server]) -> str:
        if len(servers) == 1:
            return str(one) % {"name": name_of(servers)}
        return str(many) % {"n": len(servers)}

    return sentence


def simply(do: Callable[..., Any]) -> Callable[[Cloud, Server, Mapping[str, Any]], None]:
    """Runs what needs nothing but the server's id."""

    def run(cloud: Cloud, server: Server, data: Mapping[str, Any]) -> None:
        do(cloud, id=server.id)

    return run


def commands_of(*commands: Sequence[str]) -> tuple[str, ...]:
    """Several commands as the words of one, for ``Action.cli``; empty ones are left out."""
    found: list[str] = []
    for words in commands:
        if words:
            found += [THEN, *words] if found else words
    return tuple(found)


def command(*words: str) -> Callable[[Server, Mapping[str, Any]], tuple[str, ...]]:
    """The ``openstack`` command of what needs nothing but the server's id: ``command("server", "stop")``."""
    return lambda server, data: ("openstack", *words, server.id)
