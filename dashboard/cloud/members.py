"""Who has which role in a project or domain, how they come by it, and the giving and taking of roles.

Follows Keystone's Identity API v3, "Roles": one list of what was given, another of what follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Conflict
from dashboard.cloud.parallel import later

How = Literal["given", "below", "group", "inherited", "implied"]
"""Given here; given here for the projects below; by a group; from above; by another role."""
ACTOR = Literal["users", "groups"]
PLACE = Literal["projects", "domains"]


@dataclass(frozen=True)
class Held:
    """A role that somebody has, and how: ``source`` names the group, or what it was inherited from."""

    role_id: str
    role: str
    how: How = "given"
    source: str = ""
    source_id: str = ""


@dataclass(frozen=True)
class Member:
    """A user or group with roles in one place; or, of one person's, the place (its kind is then "projects", …)."""

    kind: str
    id: str
    name: str
    domain: str = ""
    roles: tuple[Held, ...] = ()
    place: Member | None = None
    """Where that is, if it was asked for one person in one place."""

    @property
    def given(self) -> tuple[Held, ...]:
        """Those that can be taken away here."""
        return tuple(role for role in self.roles if role.how == "given")

    @property
    def key(self) -> str:
        """As forms name them: "users:3f…"."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Role:
    """A role that can be given."""

    id: str
    name: str
    domain_id: str = ""


def list_roles(cloud: Cloud) -> list[Role]:
    """The roles that there are, by name; those of single domains left out. Raises CloudError."""
    found = [
        Role(wire.text(item.get("id")), wire.text(item.get("name")), wire.text(item.get("domain_id")))
        for item in wire.objects(cloud.get("identity", "/roles").get("roles"))
    ]
    return sorted((role for role in found if role.id and not role.domain_id), key=lambda role: role.name)


def list_members(cloud: Cloud, place: PLACE, id: str) -> list[Member]:
    """Users and groups with roles here, the groups first, then by name. Raises CloudError."""
    where = {f"scope.{place[:-1]}.id": id, "include_names": "true"}
    given = later(lambda: _assignments(cloud, **where))
    # A domain's are few; what follows from a project's is what people can do there.
    effective = later(lambda: _assignments(cloud, **where, effective="true"))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    groups: dict[str, str] = {}
    for item in given.value:
        _add(found, item, _actor(item), "below" if _is_below(item) else "given")
        group = wire.mapping(item.get("group"))
        if group:
            groups[wire.text(group.get("id"))] = wire.text(group.get("name"))
    for item in effective.or_else([]):
        how, source_id = _how(item, id)
        if how != "given":
            _add(found, item, _actor(item), how, groups.get(source_id, ""), source_id)
    members = [Member(**{**each, "roles": _sorted(each["roles"])}) for each in found.values()]
    return sorted(members, key=lambda member: (member.kind != "groups", member.name.casefold(), member.id))


def list_places(cloud: Cloud, actor: ACTOR, id: str) -> list[Member]:
    """The projects and domains, and the system, where a user or group has roles. Raises CloudError."""
    who = {f"{actor[:-1]}.id": id, "include_names": "true"}
    given = later(lambda: _assignments(cloud, **who))
    effective = later(lambda: _assignments(cloud, **who, effective="true") if actor == "users" else [])
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for item in given.value:
        _add(found, item, _place(item), "below" if _is_below(item) else "given")
    for item in effective.or_else([]):
        place = _place(item)
        how, source_id = _how(item, place[1])
        if how != "given":
            _add(found, item, place, how, "", source_id)
    places = [Member(**{**each, "roles": _sorted(each["roles"])}) for each in found.values()]
    order = {"system": 0, "domains": 1, "projects": 2}
    return sorted(places, key=lambda place: (order.get(place.kind, 3), place.name.casefold(), place.id))


def list_given(cloud: Cloud, place: str, id: str, actor: str, actor_id: str) -> Member | None:
    """What one was given in one place, as a member of it; None if that is nothing. Raises CloudError."""
    where = {f"scope.{place[:-1]}.id": id, f"{actor[:-1]}.id": actor_id, "include_names": "true"}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    places: dict[str, tuple[str, str, str, str]] = {}
    for item in _assignments(cloud, **where):
        if not _is_below(item):
            _add(found, item, _actor(item), "given")
            places[actor_id] = _place(item)
    each = next(iter(found.values()), None)
    if each is None:
        return None
    kind, place_id, name, domain = places.get(actor_id, (place, id, "", ""))
    member = Member(**{**each, "roles": _sorted(each["roles"])})
    return replace(member, place=Member(kind, place_id, name, domain, member.roles))


def grant(cloud: Cloud, place: PLACE, id: str, actor: str, actor_id: str, role_id: str) -> None:
    """Gives a role; to have it already is as good. Raises CloudError."""
    try:
        cloud.put("identity", _path(place, id, actor, actor_id, role_id), None)
    except Conflict:
        return


def revoke(cloud: Cloud, place: PLACE, id: str, actor: str, actor_id: str, role_id: str) -> None:
    """Takes a role that was given here. Raises CloudError."""
    cloud.delete("identity", _path(place, id, actor, actor_id, role_id))


def _path(place: str, id: str, actor: str, actor_id: str, role_id: str) -> str:
    kind = "groups" if actor == "groups" else "users"
    where = "domains" if place == "domains" else "projects"
    role = wire.path_id(role_id)
    return f"/{where}/{wire.path_id(id)}/{kind}/{wire.path_id(actor_id)}/roles/{role}"


def _assignments(cloud: Cloud, **params: str) -> list[dict[str, Any]]:
    answer = cloud.get("identity", "/role_assignments", **params)
    if not isinstance(answer.get("role_assignments"), list):
        raise BadAnswer("The answer has no list of role_assignments.", service="identity")
    return [item for item in wire.objects(answer["role_assignments"]) if wire.mapping(item.get("role")).get("id")]


def _actor(item: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Kind, id, name and domain of who has it."""
    kind = "groups" if item.get("group") else "users"
    who = wire.mapping(item.get(kind[:-1]))
    domain = wire.text(wire.mapping(who.get("domain")).get("name"))
    return kind, wire.text(who.get("id")), wire.text(who.get("name")), domain


def _place(item: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Kind, id, name and domain of where it holds."""
    scope = wire.mapping(item.get("scope"))
    for kind in ("projects", "domains"):
        where = wire.mapping(scope.get(kind[:-1]))
        if where:
            domain = wire.text(wire.mapping(where.get("domain")).get("name"))
            return kind, wire.text(where.get("id")), wire.text(where.get("name")), domain
    return "system", "all", "", ""


def _is_below(item: Mapping[str, Any]) -> bool:
    return bool(wire.mapping(item.get("scope")).get("OS-INHERIT:inherited_to"))


def _how(item: Mapping[str, Any], place_id: str) -> tuple[How, str]:
    """How an effective role came about, as its links tell; and the group or the place above that it is from."""
    links = wire.mapping(item.get("links"))
    member = re.search(r"/groups/([^/]+)/users/", wire.text(links.get("membership")))
    given = wire.text(links.get("assignment"))
    if links.get("prior_role"):
        return "implied", ""
    if member:
        return "group", member[1]
    above = re.search(r"/OS-INHERIT/(?:projects|domains)/([^/]+)/", given)
    if above and above[1] != place_id:
        return "inherited", above[1]
    return ("below", "") if above else ("given", "")


def _add(
    found: dict[tuple[str, str], dict[str, Any]],
    item: Mapping[str, Any],
    who: tuple[str, str, str, str],
    how: How,
    source: str = "",
    source_id: str = "",
) -> None:
    kind, id, name, domain = who
    if not id:
        return
    role = wire.mapping(item.get("role"))
    each = found.setdefault((kind, id), {"kind": kind, "id": id, "name": name, "domain": domain, "roles": []})
    held = Held(wire.text(role.get("id")), wire.text(role.get("name")), how, source, source_id)
    is_known = any(other.role_id == held.role_id and other.how == how for other in each["roles"])
    # What one has anyway need not be told to be implied, too.
    is_moot = how == "implied" and any(other.role_id == held.role_id for other in each["roles"])
    if not is_known and not is_moot:
        each["roles"].append(held)


_ORDER = ("given", "group", "inherited", "below", "implied")


def _sorted(roles: Iterable[Held]) -> tuple[Held, ...]:
    return tuple(sorted(roles, key=lambda role: (_ORDER.index(role.how), role.role)))
