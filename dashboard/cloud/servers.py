"""Servers: one page of them straight from Nova, one by its id, and how they are searched and sorted.

Follows https://docs.openstack.org/api-ref/compute/#servers-servers with microversion 2.96.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dashboard.cloud import old_flavors, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer, Invalid, NotFound
from dashboard.cloud.server_query import LOOKUP, OWN, Reach, is_nova_enough, nova_filters
from dashboard.cloud.server_types import (
    POWER_STATES,
    TRANSITIONAL,
    ActionFault,
    Server,
    ServerAddress,
    ServerFault,
    ServerFlavor,
)
from dashboard.cloud.types import Page, Query

__all__ = [
    "LOOKUP",
    "POWER_STATES",
    "SERVICE",
    "TRANSITIONAL",
    "ActionFault",
    "Server",
    "ServerAddress",
    "ServerFault",
    "ServerFlavor",
    "get_server",
    "get_server_json",
    "list_servers",
    "with_image_names",
]

SERVICE = "compute"


def with_image_names(servers: Iterable[Server], names: Mapping[str, str]) -> list[Server]:
    """The servers with their images' names, where ``names`` (id to name) has them."""
    return [
        replace(server, image_name=names[server.image_id]) if server.image_id in names else server for server in servers
    ]


WHOLE = 1000
"""Rows that are asked for at once in an order that Nova has not."""
LOOKED = 500
"""Rows that are asked for at once where Nova's filters don't say all."""
TRIES = 3
"""How often, until a page is full; the live snapshot, once there is one, knows them all."""


def list_servers(cloud: Cloud, query: Query, reach: Reach = OWN) -> Page[Server]:
    """One page of servers straight from Nova. Raises CloudError; NotFound for a lost marker.

    One request, where Nova's own filters and orders say what the query means. It can't negate
    most of them, nor count, nor look for a text in several fields: text is looked for in names
    alone, and what Nova can't filter is looked for in up to 1,500 servers from the marker on.
    A page that may lack something for that is partial.
    """
    if query.is_void:
        return Page(())
    if query.sort in reach.sorts or query.sort not in reach.lookup.sorts:
        return _page(cloud, query, reach)
    rows, has_more = _rows(cloud, query, {"limit": WHOLE}, reach)
    page = reach.lookup.page(_meeting(rows, query, reach), replace(query, text="", terms=()))
    if page.is_marker_lost:
        raise NotFound("The marker is not in the list.", service=SERVICE)
    return replace(page, total=None if has_more else page.total, is_partial=has_more or bool(query.text))


def _page(cloud: Cloud, query: Query, reach: Reach) -> Page[Server]:
    is_backwards = bool(query.before and not query.marker)
    sort = reach.sorts.get(query.sort, "created_at")
    descending = query.is_descending if query.sort in reach.sorts else True
    is_enough = is_nova_enough(replace(query, text=""), is_admin=cloud.has_role("admin"), filters=reach.filters)
    paging: dict[str, Any] = {
        "limit": query.limit + 1 if is_enough else max(LOOKED, query.limit + 1),
        "sort_key": [sort, "uuid"],
        "sort_dir": ["desc" if descending != is_backwards else "asc"] * 2,
    }
    marker = query.before if is_backwards else query.marker
    found: list[Server] = []
    for _try in range(1 if is_enough else TRIES):
        try:
            rows, has_links = _rows(cloud, query, {**paging, "marker": marker or None}, reach)
        except Invalid as error:
            if marker:
                # Nova 34 answers 400 "marker [...] not found".
                raise NotFound(
                    error.message, service=SERVICE, status=error.status, request_id=error.request_id
                ) from error
            raise
        found += _meeting(rows, query, reach)
        has_rest = bool(rows) and (has_links or len(rows) >= paging["limit"]) and rows[-1].id != marker
        if len(found) > query.limit or not has_rest:
            break
        marker = rows[-1].id
    has_more, shown = len(found) > query.limit, found[: query.limit]
    is_partial = bool(query.text) or (has_rest and not has_more)
    if is_backwards:
        return Page(tuple(reversed(shown)), has_next=True, has_previous=has_more, is_partial=is_partial)
    return Page(tuple(shown), has_next=has_more, has_previous=bool(query.marker), is_partial=is_partial)


def _rows(cloud: Cloud, query: Query, paging: Mapping[str, Any], reach: Reach) -> tuple[list[Server], bool]:
    """What Nova gives, in its order, and whether it says that there is more."""
    params = {**reach.params, **paging, **nova_filters(query, reach.filters)}
    body = cloud.get(SERVICE, "/servers/detail", microversion=NOVA_MICROVERSION, **params)
    if not isinstance(body.get("servers"), list):
        raise BadAnswer("There is no list of servers in the answer.", service=SERVICE)
    rows = [reach.load(item) for item in old_flavors.embedded(cloud, wire.objects(body["servers"]))]
    return rows, bool(wire.listing(body.get("servers_links")))


def _meeting(rows: list[Server], query: Query, reach: Reach) -> list[Server]:
    """Those that meet every term; of changes Nova gives those that were deleted as well."""
    alive = [row for row in rows if row.status != "DELETED"]
    return reach.lookup.ordered(alive, replace(query, text="", sort="none"), default_sort="none")[0]


def get_server_json(cloud: Cloud, server_id: str) -> dict[str, Any]:
    """A server as Nova sends it. Raises CloudError."""
    body = cloud.get(SERVICE, f"/servers/{wire.path_id(server_id)}", microversion=NOVA_MICROVERSION)
    if not isinstance(body.get("server"), dict):
        raise BadAnswer("There is no server in the answer.", service=SERVICE)
    server: dict[str, Any] = body["server"]
    return server


def get_server(cloud: Cloud, server_id: str) -> Server:
    """One server. Raises CloudError."""
    (body,) = old_flavors.embedded(cloud, [get_server_json(cloud, server_id)])
    return Server.from_json(body)
