"""Names of domains and of the projects above others: asked for once by all who see the same, and kept for a while."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dashboard.cloud import domains, projects
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.projects import DEEPEST, Project
from dashboard.live import cache

SECONDS = 60
DOMAINS = "names-of-domains"


def domain_names(cloud: Cloud) -> Mapping[str, str]:
    """Domains' names by id; nothing for those whom Keystone does not tell."""
    if cloud.access.scope.kind == "domain":
        return {cloud.access.scope.id: cloud.access.scope.name}
    try:
        found: Mapping[str, str] = cache.cached(
            cloud, DOMAINS, SECONDS, functools.partial(domains.list_domain_names, cloud)
        )
    except Unauthorized:
        raise
    except CloudError:
        return {}
    return found


def own_domain(cloud: Cloud) -> str:
    """The domain that something new is most likely meant for."""
    scope = cloud.access.scope
    if scope.kind == "domain":
        return scope.id
    return scope.domain_id or cloud.access.person.domain_id


def several_domains(cloud: Cloud) -> bool:
    """Whether a name alone may not be enough to tell who is meant."""
    return cloud.access.scope.kind != "domain" and len(domain_names(cloud)) > 1


def project_known(cloud: Cloud, id: str) -> Project | None:
    """A project's name and parent; None if it can't be had."""

    def fetch() -> list[str]:
        try:
            found = projects.get_project(cloud, id)
        except NotFound:
            return []
        return [found.name, found.domain_id, found.parent_id]

    try:
        known = cache.cached(cloud, f"project-known:{id}", SECONDS, fetch)
    except Unauthorized:
        raise
    except CloudError:
        return None
    return Project(id=id, name=known[0], domain_id=known[1], parent_id=known[2]) if known else None


def forget_project(cloud: Cloud, id: str) -> None:
    """After its name was changed, what is below it is shown so at once."""
    cache.drop(cloud, f"project-known:{id}")


def with_paths(cloud: Cloud, rows: Sequence[Project]) -> list[Project]:
    """The projects with the names of what is above them, where that was not on the same page."""
    own = domain_names(cloud)
    left = [row for row in rows if row.parent_id and not row.path]
    calls = [functools.partial(project_known, cloud, id) for id in dict.fromkeys(row.parent_id for row in left)]
    known = {found.id: found for outcome in in_turn(calls) if (found := outcome.or_else(None)) is not None}
    depth = 0
    while depth < DEEPEST:
        further = {found.parent_id for found in known.values() if found.parent_id} - set(known)
        if not further:
            break
        news = [found for id in sorted(further) if (found := project_known(cloud, id)) is not None]
        if not news:
            break
        known.update({found.id: found for found in news})
        depth += 1
    return [
        replace(
            projects.placed(row, known.get) if row.parent_id and not row.path else row,
            domain_name=own.get(row.domain_id, ""),
        )
        for row in rows
    ]
