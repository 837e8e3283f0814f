"""What is known of the roles, kept for a moment: which imply which, and the domains that have roles of their own."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard.cloud import roles
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Forbidden, Unauthorized
from dashboard.cloud.roles import Role
from dashboard.cloud.types import Page, Query, Term
from dashboard.live import cache

SECONDS = 10
DOMAINS_SECONDS = 60


def inferences(cloud: Cloud) -> tuple[Mapping[str, Sequence[str]], Mapping[str, str]]:
    """Which role implies which, and names by id. Raises CloudError."""
    found: Any = cache.cached(cloud, "role-inferences", SECONDS, functools.partial(roles.list_inferences, cloud))
    return found[0], found[1]


def forget(cloud: Cloud) -> None:
    """Something was changed in it."""
    cache.drop(cloud, "role-inferences")


def domains(cloud: Cloud) -> list[tuple[str, str]]:
    """The first domains; the one in scope alone in a domain. Nothing where one may not ask."""
    scope = cloud.access.scope
    if scope.kind == "domain":
        return [(scope.id, scope.name)]
    fetch = functools.partial(roles.list_domains, cloud)
    try:
        found: Any = cache.cached(cloud, "domain-names", DOMAINS_SECONDS, fetch)
    except Unauthorized:
        raise
    except CloudError:
        return []
    return [(id, name) for id, name in found]


def beside(cloud: Cloud, domain_id: str) -> list[Role]:
    """The cloud's roles, and those of one domain. Raises CloudError."""
    return roles.list_roles(cloud, [(domain_id, "")] if domain_id else [])


def may_see_domains_own(cloud: Cloud) -> bool:
    """Whether Keystone's defaults let one see domains' own roles: a domain's manager does not."""
    return cloud.access.scope.kind == "system" or "admin" in cloud.roles


def page(cloud: Cloud, query: Query) -> Page[Role]:
    """One page of the roles. Domains' own are asked for where they are meant, as each domain takes a request. Raises
    CloudError."""
    of: list[tuple[str, str]] = []
    wanted = query.values("domain")
    if may_see_domains_own(cloud):
        if wanted:
            of = [item for item in domains(cloud) if set(item) & set(wanted)]
            named = {word for item in of for word in item}
            of += [(id, id) for id in wanted if id not in named]
        elif "domain" in query.values("kind") or cloud.access.scope.kind == "domain":
            of = domains(cloud)
    found = roles.list_roles(cloud, of)
    return roles.LOOKUP.page(found, replace(query, terms=_by_ids(query.terms, of)), count=("immutable",))


def _by_ids(terms: Sequence[Term], known: Sequence[tuple[str, str]]) -> tuple[Term, ...]:
    ids = {name: id for id, name in known}
    return tuple(replace(t, value=ids.get(t.value, t.value)) if t.key == "domain" else t for t in terms)


def joined(cloud: Cloud, rows: Sequence[Role]) -> Sequence[Role]:
    """The roles with what they imply, and their domains' names. Raises CloudError."""
    names = dict(domains(cloud)) if any(row.domain_id and not row.domain_name for row in rows) else {}
    rows = [replace(row, domain_name=row.domain_name or names.get(row.domain_id, "")) for row in rows]
    try:
        implied, called = inferences(cloud)
    except Forbidden:
        # A domain's manager is not told.
        return rows
    return [replace(row, implies=tuple(called.get(id, id) for id in implied.get(row.id, ()))) for row in rows]
