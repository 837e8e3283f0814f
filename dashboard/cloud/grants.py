"""Who could give somebody a role: those whom Keystone's defaults let grant it, where one may ask who that is.

A role in a project or a domain is given by administrators; reader, member and manager by managers of the domain, too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later

BY_MANAGERS = ("reader", "member", "manager")
"""The roles that a domain's manager may give, by Keystone's defaults."""
MOST = 20
"""People who are named."""
SECONDS = 5.0


@dataclass(frozen=True)
class Grantor:
    """Somebody, or a group, who may give the role, by which role of their own, and where they hold that."""

    name: str
    domain_name: str
    role: str
    kind: str
    """Where: project, domain or system."""
    is_group: bool = False


@dataclass(frozen=True)
class Grantors:
    """Those who were found. ``may_ask``: whether the services tell this person; ``is_whole``: whether all is known."""

    people: tuple[Grantor, ...] = ()
    more: int = 0
    may_ask: bool = False
    is_whole: bool = True


def who_grants(cloud: Cloud, role: str) -> Grantors:
    """Who could give ``role`` in the scope of this cloud. Up to three questions side by side; none of them raises."""
    scope = cloud.access.scope
    asked: list[tuple[str, Callable[[], Sequence[Any]]]] = [("system", functools.partial(_system, cloud))]
    domain_id = scope.id if scope.kind == "domain" else scope.domain_id
    if scope.kind in {"project", "domain"} and domain_id:
        asked.append(("domain", functools.partial(_assignments, cloud, "domain", domain_id)))
    if scope.kind == "project":
        asked.append(("project", functools.partial(_assignments, cloud, "project", scope.id)))
    waiting = [(kind, later(call, seconds=SECONDS)) for kind, call in asked]
    found: dict[tuple[str, str, str], Grantor] = {}
    may_ask, is_whole = False, True
    for kind, outcome in waiting:
        items = outcome.or_else(())
        may_ask = may_ask or outcome.error is None
        is_whole = is_whole and outcome.error is None
        for item in items:
            grantor = _grantor(item, kind)
            if grantor is not None and _may_give(grantor, role):
                found.setdefault((grantor.name, grantor.domain_name, grantor.role), grantor)
    people = sorted(found.values(), key=lambda one: (one.role == "admin", one.name.casefold()))
    return Grantors(tuple(people[:MOST]), max(0, len(people) - MOST), may_ask, is_whole)


def _may_give(grantor: Grantor, role: str) -> bool:
    if grantor.role == "admin":
        return True
    return grantor.role == "manager" and grantor.kind == "domain" and role in BY_MANAGERS


def _assignments(cloud: Cloud, kind: str, scope_id: str) -> Sequence[Any]:
    given = {f"scope.{kind}.id": scope_id}
    return _listed(cloud, "/role_assignments?effective&include_names", given)


def _system(cloud: Cloud) -> Sequence[Any]:
    # With "effective" Keystone 30 leaves the system's own out, and lists all others.
    return _listed(cloud, "/role_assignments?include_names", {"scope.system": "all"})


def _listed(cloud: Cloud, path: str, given: Mapping[str, str]) -> Sequence[Any]:
    query = "".join(f"&{name}={wire.path_id(value)}" for name, value in given.items())
    return tuple(wire.objects(cloud.get("identity", path + query).get("role_assignments")))


def _grantor(item: Mapping[str, Any], kind: str) -> Grantor | None:
    role = wire.text(wire.mapping(item.get("role")).get("name"))
    who = wire.mapping(item.get("user")) or wire.mapping(item.get("group"))
    name = wire.text(who.get("name"))
    if role not in {"admin", "manager"} or not name:
        return None
    domain = wire.text(wire.mapping(who.get("domain")).get("name"))
    return Grantor(name, domain, role, kind, is_group="user" not in item)
