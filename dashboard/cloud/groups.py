"""Groups of users, who get their roles together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import keystone_lists, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.keystone_lists import Kind
from dashboard.cloud.types import Lookup, Page, Query
from dashboard.cloud.users import User


@dataclass(frozen=True)
class Group:
    """A group of users."""

    id: str
    name: str
    domain_id: str = ""
    description: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    domain_name: str = ""
    """Joined."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Group:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            domain_id=wire.text(item.get("domain_id")),
            description=wire.text(item.get("description")),
            extra=keystone_lists.extras(item, ("name", "domain_id", "description", "membership_expires_at")),
        )


LOOKUP: Lookup[Group] = Lookup(
    text=lambda group: (group.name, group.id, group.description),
    values={"domain": lambda group: group.domain_id, "name": lambda group: group.name},
    sorts={"name": lambda group: group.name, "description": lambda group: group.description},
)
GROUPS: Kind[Group] = Kind(
    path="/groups",
    key="groups",
    one="group",
    load=Group.from_json,
    lookup=LOOKUP,
    params={"domain": lambda value: {"domain_id": value}, "name": lambda value: {"name": value}},
)


def list_groups(cloud: Cloud, query: Query) -> Page[Group]:
    """One page of the groups; ``user:<id>`` gives those that a user is in. Raises CloudError."""
    user = next(iter(query.values("user")), "")
    path = f"/users/{wire.path_id(user)}/groups" if user else ""
    return keystone_lists.list_rows(cloud, GROUPS, query, path=path)


def get_group_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A group as Keystone gives it. Raises CloudError."""
    return keystone_lists.get_json(cloud, GROUPS, id)


def get_group(cloud: Cloud, id: str) -> Group:
    """One group. Raises CloudError."""
    return keystone_lists.get(cloud, GROUPS, id)


def find_groups(cloud: Cloud, text: str, *, limit: int = 10) -> list[Group]:
    """The first few whose names have this text. Raises CloudError."""
    return keystone_lists.find(cloud, GROUPS, text, limit=limit)


def create_group(cloud: Cloud, body: Mapping[str, Any]) -> Group:
    """Makes a group. Raises CloudError; Conflict if the name is taken in the domain."""
    return keystone_lists.create(cloud, GROUPS, body)


def update_group(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Changes what is named. Raises CloudError."""
    keystone_lists.update(cloud, GROUPS, id, body)


def delete_group(cloud: Cloud, id: str) -> None:
    """Deletes a group; its members lose the roles that they had by it. Raises CloudError."""
    keystone_lists.delete(cloud, GROUPS, id)


def list_members(cloud: Cloud, id: str) -> list[User]:
    """A group's members, by name: Keystone sends them all at once. Raises CloudError."""
    answer = cloud.get("identity", f"/groups/{wire.path_id(id)}/users")
    if not isinstance(answer.get("users"), list):
        raise BadAnswer("The answer has no list of users.", service="identity")
    found = [User.from_json(item) for item in wire.objects(answer["users"])]
    return sorted((user for user in found if user.id), key=lambda user: user.name.casefold())


def list_groups_of(cloud: Cloud, user_id: str) -> list[Group]:
    """The groups that a user is in, by name. Raises CloudError."""
    answer = cloud.get("identity", f"/users/{wire.path_id(user_id)}/groups")
    found = [Group.from_json(item) for item in wire.objects(answer.get("groups"))]
    return sorted((group for group in found if group.id), key=lambda group: group.name.casefold())


def add_member(cloud: Cloud, group_id: str, user_id: str) -> None:
    """Puts a user into a group. Raises CloudError."""
    cloud.put("identity", f"/groups/{wire.path_id(group_id)}/users/{wire.path_id(user_id)}", None)


def remove_member(cloud: Cloud, group_id: str, user_id: str) -> None:
    """Takes a user out of a group. Raises CloudError."""
    cloud.delete("identity", f"/groups/{wire.path_id(group_id)}/users/{wire.path_id(user_id)}")
