"""How servers are watched: all of them, those that changed, and whether one is really gone.

Follows https://docs.openstack.org/api-guide/compute/polling_changes.html
"""

from __future__ import annotations

import functools
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from dashboard.cloud import old_flavors, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud, json_of
from dashboard.cloud.errors import Invalid, NotFound, Unavailable, translated
from dashboard.cloud.parallel import Later, later

PAGE = 1000
"""Rows per request for ids and for changes; Nova gives at most its ``max_limit`` (1000 unless configured)."""
DETAILS = 500
"""Rows per request for details: Nova asks Neutron about each server, so a page of 1000 takes many seconds."""
FIRST = 200
"""Rows of the first request: soon there, and all there is in most projects."""
AT_ONCE = 4
"""Pages of details asked for at the same time."""
Params = dict[str, Any]
SCOPE: Params = {}
"""The servers of the scope alone."""
EVERYWHERE: Params = {"all_tenants": 1}
"""The servers of every project, for administrators."""

_LEFT_OUT = frozenset(
    {
        "links",
        "servers_links",
        "adminPass",
        "OS-EXT-SRV-ATTR:user_data",
        "OS-DCF:diskConfig",
        "accessIPv4",
        "accessIPv6",
    }
)


def trimmed(server: Mapping[str, Any]) -> dict[str, Any]:
    """A server's JSON without links, and without what may hold secrets (user data)."""
    found = {key: value for key, value in server.items() if key not in _LEFT_OUT}
    for key in ("image", "flavor"):
        if isinstance(found.get(key), dict):
            found[key] = {name: value for name, value in found[key].items() if name != "links"}
    return found


def first_servers(cloud: Cloud, reach: Params = SCOPE, *, size: int = FIRST) -> tuple[list[dict[str, Any]], bool]:
    """The newest servers, as many as one request gives, and whether there are more. Raises CloudError."""
    return _page(cloud, "", size, reach)


def iter_servers(
    cloud: Cloud, reach: Params = SCOPE, *, size: int = DETAILS, most: int = 0
) -> Iterator[list[dict[str, Any]]]:
    """All servers of the scope, or of ``reach``, page by page, as trimmed JSON. Raises CloudError.

    The first page comes with one request, and in most projects that is all. Beyond it
    the ids alone are walked for the markers (cheap for Nova), then the pages of details
    come side by side. Where there are more than ``most``, no details are read: Unavailable.
    """
    first, more = _page(cloud, "", size, reach)
    yield first
    markers: Iterable[str] = _markers(cloud, first[-1]["id"], len(first), reach) if more else ()
    if more and most:
        markers = list(itertools.islice(markers, most // len(first) + 1))
        if len(markers) * len(first) >= most:
            raise Unavailable("There are too many servers to watch them all.", service="compute")
    under_way: deque[Later[tuple[list[dict[str, Any]], bool]]] = deque()
    for marker in markers:
        if len(under_way) >= AT_ONCE:
            yield under_way.popleft().value[0]
        under_way.append(later(functools.partial(_page, cloud, marker, size, reach), seconds=60))
    while under_way:
        yield under_way.popleft().value[0]


def _markers(cloud: Cloud, marker: str, size: int, reach: Params) -> Iterator[str]:
    """The marker of each page of details from ``marker`` on, out of a walk over the ids.

    ``size`` is that of the first page: Nova may give fewer rows than asked for (``max_limit``).
    """
    yield marker
    count = 0
    while True:
        body = cloud.get("compute", "/servers", microversion=NOVA_MICROVERSION, limit=PAGE, marker=marker, **reach)
        ids = [wire.text(item.get("id")) for item in wire.objects(body["servers"])] if _is_list(body) else []
        has_more = bool(ids) and bool(wire.listing(body.get("servers_links")))
        for place, row_id in enumerate(ids, 1):
            count += 1
            if count % size == 0 and (has_more or place < len(ids)):
                yield row_id
        # What stands between may leave the marker out, and so send the same page again and again.
        if not has_more or ids[-1] == marker:
            return
        marker = ids[-1]


def _page(cloud: Cloud, marker: str, limit: int, reach: Params) -> tuple[list[dict[str, Any]], bool]:
    params = {"limit": limit, "marker": marker or None, **reach}
    body = cloud.get("compute", "/servers/detail", microversion=NOVA_MICROVERSION, **params)
    rows = [trimmed(item) for item in wire.objects(body["servers"]) if item.get("id")] if _is_list(body) else []
    rows = old_flavors.embedded(cloud, rows)
    return rows, bool(rows) and bool(wire.listing(body.get("servers_links")))


def _is_list(body: Mapping[str, Any]) -> bool:
    with translated("compute"):
        if not isinstance(body["servers"], list):
            raise TypeError("servers is no list")
    return True


def changed_servers(
    cloud: Cloud, since: datetime, reach: Params = SCOPE
) -> tuple[list[dict[str, Any]], datetime | None]:
    """Servers that changed at ``since`` or later, deleted ones too, and the service's own time if it gave one.

    Nova 34: the time has a resolution of a second, the newest change comes first, and a
    server that was deleted has the status DELETED.
    """
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows: list[dict[str, Any]] = []
    marker, now = "", None
    while True:
        params = {"changes-since": moment, "limit": PAGE} | ({"marker": marker} if marker else {}) | reach
        try:
            answer = cloud.request("compute", "GET", "/servers/detail", params=params, microversion=NOVA_MICROVERSION)
        except Invalid:
            if marker:
                # The marker went away meanwhile; the overlap brings the rest with the next poll.
                return rows, now
            raise
        body = json_of(answer, "compute")
        now = now or _date(answer.headers.get("Date"))
        page = [trimmed(item) for item in wire.objects(body["servers"]) if item.get("id")] if _is_list(body) else []
        rows += old_flavors.embedded(cloud, page)
        if not page or not wire.listing(body.get("servers_links")) or page[-1]["id"] == marker:
            return rows, now
        marker = page[-1]["id"]


def _date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value) if value else None
    except (TypeError, ValueError):
        return None


def is_server_gone(cloud: Cloud, server_id: str) -> bool:
    """Whether Nova says that there is no such server. Absence from a list says nothing: a cell may be down."""
    try:
        body = cloud.get("compute", "/servers/" + wire.path_id(server_id), microversion=NOVA_MICROVERSION)
    except NotFound:
        return True
    return wire.text(wire.mapping(body.get("server")).get("status")) == "DELETED"


EXPECTED = {
    "powering-off": "SHUTOFF", "powering-on": "ACTIVE", "pausing": "PAUSED", "unpausing": "ACTIVE",
    "suspending": "SUSPENDED", "resuming": "ACTIVE", "resize_prep": "VERIFY_RESIZE",
    "resize_migrating": "VERIFY_RESIZE", "resize_migrated": "VERIFY_RESIZE", "resize_finish": "VERIFY_RESIZE",
    "resize_confirming": "ACTIVE", "resize_reverting": "ACTIVE", "rescuing": "RESCUE", "unrescuing": "ACTIVE",
    "shelving": "SHELVED_OFFLOADED", "shelving_image_pending_upload": "SHELVED_OFFLOADED",
    "shelving_image_uploading": "SHELVED_OFFLOADED", "shelving_offloading": "SHELVED_OFFLOADED",
    "spawning": "ACTIVE", "scheduling": "ACTIVE", "networking": "ACTIVE", "block_device_mapping": "ACTIVE",
    "rebuilding": "ACTIVE", "rebuild_block_device_mapping": "ACTIVE", "rebuild_spawning": "ACTIVE",
}  # fmt: skip
"""The status that a task leads to when it works; others (a snapshot, a live migration) end where they began."""


def may_have_failed(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a task ended in a way that only the server's actions can tell from success.

    A resize that fails leaves the status ACTIVE and no fault. A server that was in ERROR
    has its fault in the list already.
    """
    task = wire.text(before.get("OS-EXT-STS:task_state"))
    status = wire.text(now.get("status"))
    if not task or now.get("OS-EXT-STS:task_state") or status in {"ERROR", "DELETED", "SOFT_DELETED", "UNKNOWN"}:
        return False
    if before.get("status") == "BUILD":
        return False
    if task in EXPECTED and task.startswith("shelving"):
        return not status.startswith("SHELVED")
    return EXPECTED.get(task) != status


def action_fault(cloud: Cloud, server_id: str) -> dict[str, Any] | None:
    """What went wrong with a server's last action, or None if nothing did. Raises CloudError.

    Gives ``action`` ("resize"), ``message``, ``request_id`` and ``started_at`` (ISO 8601).
    Details of a failure are given to people without special roles since Nova 2.84.
    """
    path = f"/servers/{wire.path_id(server_id)}/os-instance-actions"
    body = cloud.get("compute", path, microversion=NOVA_MICROVERSION, limit=1)
    last = next(iter(wire.objects(body.get("instanceActions"))), None)
    if last is None or last.get("message") != "Error":
        return None
    found = {
        "action": wire.text(last.get("action")),
        "message": "",
        "request_id": wire.text(last.get("request_id")),
        "started_at": wire.text(last.get("start_time")),
    }
    detail = cloud.get("compute", f"{path}/{wire.path_id(found['request_id'])}", microversion=NOVA_MICROVERSION)
    for event in wire.objects(wire.mapping(detail.get("instanceAction")).get("events")):
        if event.get("result") == "Error":
            found["message"] = wire.text(event.get("details"))[:300]
    return found
