"""Servers: one page of them straight from Nova, one by its id, and how they are searched and sorted.

Follows https://docs.openstack.org/api-ref/compute/#servers-servers with microversion 2.96.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer, Invalid, NotFound
from dashboard.cloud.server_types import (
    POWER_STATES,
    TRANSITIONAL,
    ActionFault,
    Server,
    ServerAddress,
    ServerFault,
    ServerFlavor,
)
from dashboard.cloud.types import Lookup, Page, Query

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


LONG_AGO = datetime.fromtimestamp(0, UTC)

LOOKUP = Lookup[Server](
    text=lambda server: (
        server.name,
        server.id,
        server.description,
        *(address.address for address in server.addresses),
    ),
    values={
        "status": lambda server: server.status,
        "name": lambda server: server.name,
        "id": lambda server: server.id,
        "ip": lambda server: [address.address for address in server.addresses],
        "network": lambda server: [address.network for address in server.addresses],
        "image": lambda server: server.image_id,
        "flavor": lambda server: server.flavor.name,
        "key": lambda server: server.key_name,
        "zone": lambda server: server.availability_zone,
        "tag": lambda server: server.tags,
        "locked": lambda server: server.is_locked,
        "host": lambda server: server.host,
    },
    sorts={
        "name": lambda server: server.name,
        "status": lambda server: (server.status, server.task_state),
        "created": lambda server: server.created or LONG_AGO,
        "updated": lambda server: server.updated or LONG_AGO,
        "flavor": lambda server: (server.flavor.vcpus, server.flavor.ram, server.flavor.name),
        "zone": lambda server: server.availability_zone,
        "key": lambda server: server.key_name,
    },
)

NOVA_SORTS = {
    "name": "display_name",
    "status": "vm_state",
    "created": "created_at",
    "updated": "updated_at",
    "flavor": "instance_type_id",
}
"""Orders that Nova is asked for. Its paging loses rows where a column may be empty (seen with Nova 34 for zones)."""
WHOLE = 1000
"""Rows that are asked for at once in any other order."""
NOVA_FILTERS = {
    "status": "status",
    "name": "name",
    "image": "image",
    "key": "key_name",
    "zone": "availability_zone",
    "tag": "tags",
    "host": "host",
    "locked": "locked",
}
"""Filters that Nova has. Members may use them since 2.83, "host" needs an administrator.

Addresses are apart. Nova's filter for flavors takes an id, and since 2.47 servers don't
tell theirs, so flavors are looked for by name in what Nova gives.
"""


def list_servers(cloud: Cloud, query: Query) -> Page[Server]:
    """One page of servers straight from Nova, in one request. Raises CloudError; NotFound for a lost marker.

    Nova can't negate, count, nor look for a text in several fields: free text is looked for
    in names alone, and of its answer only what meets every other term is given, so that a
    page may be short. The live snapshot, once there is one, has no such limits.
    """
    if query.sort in NOVA_SORTS or query.sort not in LOOKUP.sorts:
        return _page(cloud, query)
    rows, has_more = _rows(cloud, query, {"limit": WHOLE})
    page = LOOKUP.page(_meeting(rows, query), replace(query, text="", terms=()))
    if page.is_marker_lost:
        raise NotFound("The marker is not in the list.", service=SERVICE)
    return replace(page, total=None if has_more else page.total)


def _page(cloud: Cloud, query: Query) -> Page[Server]:
    is_backwards = bool(query.before and not query.marker)
    sort = NOVA_SORTS.get(query.sort, "created_at")
    descending = query.is_descending if query.sort in NOVA_SORTS else True
    paging: dict[str, Any] = {
        "limit": query.limit + 1,
        "marker": query.before if is_backwards else query.marker or None,
        "sort_key": [sort, "uuid"],
        "sort_dir": ["desc" if descending != is_backwards else "asc"] * 2,
    }
    try:
        rows, _links = _rows(cloud, query, paging)
    except Invalid as error:
        if query.marker or query.before:
            # Nova 34 answers 400 "marker [...] not found".
            raise NotFound(error.message, service=SERVICE, status=error.status, request_id=error.request_id) from error
        raise
    has_more, rows = len(rows) > query.limit, rows[: query.limit]
    rows = _meeting(rows, query)
    if is_backwards:
        return Page(tuple(reversed(rows)), has_next=True, has_previous=has_more)
    return Page(tuple(rows), has_next=has_more, has_previous=bool(query.marker))


def _rows(cloud: Cloud, query: Query, paging: Mapping[str, Any]) -> tuple[list[Server], bool]:
    """What Nova gives, in its order, and whether it says that there is more."""
    params = {**paging, **_filters(query)}
    body = cloud.get(SERVICE, "/servers/detail", microversion=NOVA_MICROVERSION, **params)
    if not isinstance(body.get("servers"), list):
        raise BadAnswer("There is no list of servers in the answer.", service=SERVICE)
    rows = [Server.from_json(item) for item in wire.objects(body["servers"])]
    return rows, bool(wire.listing(body.get("servers_links")))


def _meeting(rows: list[Server], query: Query) -> list[Server]:
    """Those that meet every term: Nova ignores filters that it keeps for administrators, and has not all."""
    return LOOKUP.ordered(rows, replace(query, text="", sort="none"), default_sort="none")[0]


def _filters(query: Query) -> dict[str, Any]:
    """Nova's own parameters for what the query asks; texts are regular expressions there, so they are escaped."""
    found: dict[str, Any] = {}
    for term in query.terms:
        name = NOVA_FILTERS.get(term.key)
        if term.key == "ip" and not term.is_negated and len(query.values("ip")) == 1:
            # Nova hands it to Neutron, which looks for it in every part of an address: no pattern.
            found["ip6" if ":" in term.value else "ip"] = term.value
        if name is None or term.is_negated:
            continue
        if name == "status":
            found.setdefault(name, []).append(term.value)
        elif name == "tags":
            found["tags-any"] = f"{found['tags-any']},{term.value}" if "tags-any" in found else term.value
        elif len(query.values(term.key)) > 1:
            # Nova would take the last for the only one.
            continue
        elif name == "locked":
            found[name] = term.value == "yes"
        else:
            found[name] = f"^{_escaped(term.value)}$" if name == "name" else term.value
    if query.text:
        found["name"] = _escaped(query.text)
    return found


def _escaped(text: str) -> str:
    """Text as a MySQL regular expression that matches just it."""
    return "".join(f"\\{char}" if char in r"\^$.|?*+()[]{}" else char for char in text)


def get_server_json(cloud: Cloud, server_id: str) -> dict[str, Any]:
    """A server as Nova sends it. Raises CloudError."""
    body = cloud.get(SERVICE, f"/servers/{wire.path_id(server_id)}", microversion=NOVA_MICROVERSION)
    if not isinstance(body.get("server"), dict):
        raise BadAnswer("There is no server in the answer.", service=SERVICE)
    server: dict[str, Any] = body["server"]
    return server


def get_server(cloud: Cloud, server_id: str) -> Server:
    """One server. Raises CloudError."""
    return Server.from_json(get_server_json(cloud, server_id))
