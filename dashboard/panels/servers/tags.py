"""Template tags of the servers' pages: a fault in words, a launch's progress."""

from __future__ import annotations

from typing import Any

from django import template

from dashboard.cloud.servers import Server
from dashboard.live import errands, watch
from dashboard.live.operations import Operation
from dashboard.panels.servers.launch_address import address_words
from dashboard.panels.servers.progress import Progress, progress_of
from dashboard.panels.servers.words import Told, fault_words, stuck_words
from dashboard.panels.servers.words import explained as explained_words

register = template.Library()


@register.simple_tag
def server_fault(server: Server) -> Told | None:
    """``{% server_fault row as told %}``: what went wrong, what it means, what to try; None if nothing did."""
    return fault_words(server) if server.fault is not None or server.action_fault is not None else None


@register.simple_tag
def explained(message: str) -> Told:
    """``{% explained operation.message as told %}``: what Nova's message means, and what to try."""
    return Told(message, *explained_words(message))


@register.simple_tag(takes_context=True)
def told_above(context: template.Context, operation: Operation) -> bool:
    """``{% told_above operation as is_told %}``: whether the server's own page tells the fault in its head already."""
    row = context.get("row")
    if not isinstance(row, Server) or operation.ids != (row.id,):
        return False
    return row.fault is not None or row.action_fault is not None


@register.simple_tag(takes_context=True)
def in_head(context: template.Context, message: str) -> bool:
    """``{% in_head entry.message as is_told %}``: whether the page's head says just this of the server."""
    row = context.get("row")
    if not isinstance(row, Server) or "tab" not in context:
        return False
    return bool(message) and fault_words(row).message == message


@register.simple_tag
def server_stuck(server: Server) -> str:
    """``{% server_stuck row as stuck %}``: that nothing has moved for long, "" if it has."""
    return stuck_words(server)


@register.simple_tag(takes_context=True)
def server_progress(context: template.Context, operation: Operation) -> Progress:
    """``{% server_progress operation as progress %}``: from the live snapshot, with no request upstream."""
    cloud: Any = context["request"].cloud
    mirror = watch.peek(cloud, operation.kind) if cloud is not None else None
    errand = errands.of(operation.ids[0]) if operation.verb == "launch" and len(operation.ids) == 1 else None
    return progress_of(operation, mirror.rows if mirror is not None else {}, address_words(errand))


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as "0.4 s", "12 s" or "3:05"; "" for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
