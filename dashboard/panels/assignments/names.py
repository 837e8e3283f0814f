"""Names of roles, groups, projects and domains, for explanations that Keystone gives by ids alone."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.cloud import role_assignments as do
from dashboard.cloud import roles as role_list
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.role_assignments import Assignment, Ref
from dashboard.cloud.roles import Role
from dashboard.live import cache

SECONDS = 300
ROLES_SECONDS = 4
"""Roles that were just made are wanted at once."""
MOST = 60


def domain(cloud: Cloud, id: str) -> str:
    """A domain's name; "" where it can't be had."""
    if not id:
        return ""
    scope, person = cloud.access.scope, cloud.access.person
    known = {scope.domain_id: scope.domain_name, person.domain_id: person.domain_name}
    if scope.kind == "domain":
        known[scope.id] = scope.name
    return known.get(id) or _name(cloud, "domain", id)


def roles(cloud: Cloud) -> list[Role]:
    """Every role of the cloud. Raises CloudError."""

    def fetch() -> list[list[Any]]:
        return [[role.id, role.name, role.domain_id] for role in role_list.list_global(cloud)]

    found: Any = cache.cached(cloud, "roles-named", ROLES_SECONDS, fetch)
    return [Role(id=id, name=name, domain_id=of) for id, name, of in found]


def inferences(cloud: Cloud) -> tuple[Mapping[str, Sequence[str]], Mapping[str, str]]:
    """Which role implies which, with names; nothing where one may not know."""
    try:
        found: Any = cache.cached(cloud, "role-inferences", 10, functools.partial(role_list.list_inferences, cloud))
    except Unauthorized:
        raise
    except CloudError:
        return {}, {}
    return found[0], found[1]


def explained(cloud: Cloud, found: Iterable[Assignment]) -> dict[tuple[str, str], str]:
    """Names by kind and id of what the reasons of these assignments are. What can't be had is left out."""
    known: dict[tuple[str, str], str] = {}
    wanted: dict[tuple[str, str], None] = {}
    for item in found:
        for ref in (item.actor, item.target, item.role):
            if ref.name:
                known[ref.kind, ref.id] = ref.name
            if ref.domain_id and ref.domain_name:
                known["domain", ref.domain_id] = ref.domain_name
        wanted |= {(ref.kind, ref.id): None for ref in (item.why.group, item.why.above, item.why.role) if ref}
    if any(kind == "role" and (kind, id) not in known for kind, id in wanted):
        try:
            known = {("role", role.id): role.name for role in roles(cloud)} | known
        except Unauthorized:
            raise
        except CloudError:
            pass
    missing = [key for key in wanted if key not in known and key[0] != "role"][:MOST]
    calls = [functools.partial(_name, cloud, kind, id) for kind, id in missing]
    for key, outcome in zip(missing, in_turn(calls, seconds=4), strict=True):
        if name := outcome.or_else(""):
            known[key] = name
    return known


def _name(cloud: Cloud, kind: str, id: str) -> str:
    try:
        name: str = cache.cached(cloud, f"{kind}-name:{id}", SECONDS, lambda: do.by_id(cloud, kind, id).name)
    except Unauthorized:
        raise
    except CloudError:
        return ""
    return name


def label(names: Mapping[tuple[str, str], str], ref: Ref) -> str:
    """A name where there is one, else the id."""
    return ref.name or names.get((ref.kind, ref.id), "") or ref.id
