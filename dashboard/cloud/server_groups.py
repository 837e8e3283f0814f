"""Server groups: servers that should share a host, or keep apart.

Follows https://docs.openstack.org/api-ref/compute/#server-groups-os-server-groups
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import paging, versions, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.nova import asking
from dashboard.cloud.types import Lookup, Page, Query, Quota

SERVICE = "compute"
POLICIES = ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")
RULES = "2.64"
"""The microversion since which a group has one policy, and rules for it."""


@dataclass(frozen=True)
class ServerGroup:
    """A rule for where its members run.

    ``policy`` is one of POLICIES; ``max_per_host`` is how many members one host takes under
    "anti-affinity" (microversion 2.64), None if nobody said. ``names`` are those of the members that are known.
    """

    id: str
    name: str
    policy: str
    members: tuple[str, ...] = ()
    max_per_host: int | None = None
    project_id: str = ""
    user_id: str = ""
    project_name: str = ""
    """Filled in by who lists those of every project, as the members' names are."""
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> ServerGroup:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            policy=wire.text(item.get("policy")) or " ".join(wire.texts(item.get("policies"))),
            members=wire.texts(item.get("members")),
            max_per_host=wire.optional(wire.mapping(item.get("rules")).get("max_server_per_host")),
            project_id=wire.text(item.get("project_id")),
            user_id=wire.text(item.get("user_id")),
        )


LOOKUP: Lookup[ServerGroup] = Lookup(
    text=lambda group: (group.name, group.id, group.policy),
    values={
        "policy": lambda group: group.policy,
        "server": lambda group: group.members,
        "project": lambda group: group.project_id,
    },
    sorts={
        "name": lambda group: group.name,
        "policy": lambda group: group.policy,
        "members": lambda group: len(group.members),
    },
)


# Lists are asked for by hand: one odd item would cost the client the whole list.


def fetch_server_groups(cloud: Cloud) -> list[dict[str, Any]]:
    """The project's server groups, as JSON. Raises CloudError."""
    body = cloud.get(SERVICE, "/os-server-groups", microversion=NOVA_MICROVERSION)
    return wire.objects(body.get("server_groups"))


def list_server_groups(cloud: Cloud, query: Query) -> Page[ServerGroup]:
    """One page of the project's server groups. Raises CloudError."""
    return _page(cloud, query)


def list_all_server_groups(cloud: Cloud, query: Query) -> Page[ServerGroup]:
    """One page of every project's server groups, for administrators. Raises CloudError."""
    return _page(cloud, query, all_projects="true")


def _page(cloud: Cloud, query: Query, **params: Any) -> Page[ServerGroup]:
    # Nova pages these by offset alone, and quotas keep them few.
    body = cloud.get(SERVICE, "/os-server-groups", microversion=NOVA_MICROVERSION, **params)
    if not isinstance(body.get("server_groups"), list):
        raise BadAnswer("There is no list of server groups in the answer.", service=SERVICE)
    groups = [ServerGroup.from_json(item) for item in wire.objects(body["server_groups"])]
    return LOOKUP.page([group for group in groups if group.id], query, count=("policy",))


def get_server_group_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A server group as Nova sends it. Raises CloudError."""
    with asking(cloud) as nova:
        found: dict[str, Any] = nova.server_groups.get(wire.path_id(id)).to_dict()
    return found


def get_server_group(cloud: Cloud, id: str) -> ServerGroup:
    """One server group. Raises CloudError, NotFound among them."""
    return ServerGroup.from_json(get_server_group_json(cloud, id))


def create_server_group(cloud: Cloud, *, name: str, policy: str, max_per_host: int | None = None) -> ServerGroup:
    """Makes a server group; ``max_per_host`` goes with "anti-affinity", from 2.64 on. Raises CloudError."""
    rules: dict[str, Any] = {}
    if max_per_host and policy == "anti-affinity" and versions.speaks(cloud, SERVICE, RULES):
        rules["rules"] = {"max_server_per_host": max_per_host}
    with asking(cloud) as nova:
        made = nova.server_groups.create(name, policy, **rules).to_dict()
    return ServerGroup.from_json(made)


def delete_server_group(cloud: Cloud, *, id: str) -> None:
    """Deletes a server group; its servers stay as they are. Raises CloudError."""
    with asking(cloud) as nova:
        nova.server_groups.delete(wire.path_id(id))


def list_server_names(cloud: Cloud) -> dict[str, str]:
    """Names of the project's servers by id, the newest thousand in one request. Raises CloudError."""
    found = paging.pages(cloud, SERVICE, "/servers", "servers", microversion=NOVA_MICROVERSION, most=1)
    return {wire.text(item.get("id")): wire.text(item.get("name")) for items in found for item in items}


def list_group_quotas(cloud: Cloud) -> Sequence[Quota]:
    """Server groups of the project, and how many servers one may have at most. Raises CloudError."""
    answer = cloud.get(SERVICE, "/limits", microversion=NOVA_MICROVERSION)
    absolute = wire.mapping(paging.inner(answer, "limits", SERVICE).get("absolute"))
    used = max(0, wire.number(absolute.get("totalServerGroupsUsed")))
    return (
        Quota("server_groups", used, wire.optional(absolute.get("maxServerGroups"))),
        Quota("server_group_members", 0, wire.optional(absolute.get("maxServerGroupMembers"))),
    )
