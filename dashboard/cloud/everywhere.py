"""Servers of every project, for administrators, with the names of the projects that they belong to.

Follows https://docs.openstack.org/api-ref/compute/#list-servers-detailed ("all_tenants") and Keystone's API v3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dashboard.cloud import paging, servers_poll, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.server_query import LOOKUP as OWN_LOOKUP
from dashboard.cloud.server_query import NOVA_FILTERS, NOVA_SORTS, Reach
from dashboard.cloud.server_types import Server
from dashboard.cloud.servers import list_servers
from dashboard.cloud.servers_poll import EVERYWHERE
from dashboard.cloud.types import Lookup, Page, Query

Names = Mapping[str, str]
"""Names of projects or people by id."""
WATCHED = 10_000
"""Servers that are watched at once; where there are more, pages are read from Nova when they are opened."""
MOST_NAMES = 20_000
FIRST, DETAILS = 50, 200
"""Rows of the first request, and of each further one: a whole cloud's Nova and Neutron have work enough."""

LOOKUP: Lookup[Server] = replace(
    OWN_LOOKUP,
    text=lambda server: (*OWN_LOOKUP.text(server), server.project_name, server.project_id, server.host),
    values={**OWN_LOOKUP.values, "project": lambda server: server.project_id},
    sorts={
        **OWN_LOOKUP.sorts,
        "project": lambda server: (server.project_name or server.project_id, server.project_id),
        "host": lambda server: server.host,
    },
)
SORTS = {**NOVA_SORTS, "project": "project_id"}
"""Nova knows projects by their ids alone, so that its order is another than that of their names."""
FILTERS = {**NOVA_FILTERS, "project": "project_id"}


def list_all_servers(cloud: Cloud, query: Query, names: Names) -> Page[Server]:
    """One page of every project's servers, straight from Nova. Raises CloudError; NotFound for a lost marker."""
    reach = Reach(
        lookup=LOOKUP,
        sorts=SORTS,
        filters=FILTERS,
        params=EVERYWHERE,
        load=lambda body: Server.from_json(named(body, names)),
    )
    return list_servers(cloud, query, reach)


def named(body: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A server's JSON with its project's name."""
    return {**body, "project_name": names.get(wire.text(body.get("tenant_id")), "")}


def first_page(cloud: Cloud, names: Names) -> tuple[list[dict[str, Any]], bool]:
    """As ``servers_poll.first_servers``."""
    rows, has_more = servers_poll.first_servers(cloud, EVERYWHERE, size=FIRST)
    return [named(row, names) for row in rows], has_more


def iter_all(cloud: Cloud, names: Names) -> Iterator[list[dict[str, Any]]]:
    """As ``servers_poll.iter_servers``, for no more than WATCHED."""
    for rows in servers_poll.iter_servers(cloud, EVERYWHERE, size=DETAILS, most=WATCHED):
        yield [named(row, names) for row in rows]


def changed(cloud: Cloud, since: datetime, names: Names) -> tuple[list[dict[str, Any]], datetime | None]:
    """As ``servers_poll.changed_servers``."""
    rows, now = servers_poll.changed_servers(cloud, since, EVERYWHERE)
    return [named(row, names) for row in rows], now


def list_project_names(cloud: Cloud) -> dict[str, str]:
    """Every project's name by its id, with one request for a thousand; for administrators. Raises CloudError."""
    found = paging.pages(cloud, "identity", "/projects", "projects", most=MOST_NAMES)
    return {wire.text(item.get("id")): wire.text(item.get("name")) for items in found for item in items}


def get_user_name(cloud: Cloud, id: str) -> str:
    """A person's name; for administrators. Raises CloudError."""
    body = cloud.get("identity", f"/users/{wire.path_id(id)}")
    return wire.text(wire.mapping(body.get("user")).get("name"))


def get_server_name(cloud: Cloud, id: str) -> str:
    """A server's name, "" if there is no such server any more. Raises CloudError."""
    body = cloud.get("compute", f"/servers/{wire.path_id(id)}")
    return wire.text(wire.mapping(body.get("server")).get("name"))
