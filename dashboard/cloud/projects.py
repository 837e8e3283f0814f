"""Projects, as the tree that they are: what owns servers and networks, and whose parents' roles may reach down."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.cloud import keystone_lists, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_lists import Kind
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

DEEPEST = 10
"""Keystone's own limit is 5, unless an operator sets another."""


@dataclass(frozen=True)
class Project:
    """A project. ``path`` are the names of the projects above it, from the top; the domain is none of them."""

    id: str
    name: str
    domain_id: str = ""
    parent_id: str = ""
    description: str = ""
    is_enabled: bool = True
    is_immutable: bool = False
    tags: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    domain_name: str = ""
    """These two are joined."""

    @property
    def depth(self) -> int:
        """How many projects are above it."""
        return len(self.path)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Project:
        domain_id, parent_id = wire.text(item.get("domain_id")), wire.text(item.get("parent_id"))
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            domain_id=domain_id,
            # At the top of the tree Keystone names the domain.
            parent_id="" if parent_id == domain_id else parent_id,
            description=wire.text(item.get("description")),
            is_enabled=wire.flag(item.get("enabled", True)),
            is_immutable=wire.flag(wire.mapping(item.get("options")).get("immutable")),
            tags=wire.texts(item.get("tags")),
            extra=keystone_lists.extras(item, KNOWN),
        )


KNOWN = (
    *("name", "domain_id", "parent_id", "description", "enabled", "options", "tags", "is_domain"),
    *("parents", "subtree"),
)
LOOKUP: Lookup[Project] = Lookup(
    text=lambda project: (project.name, project.id, project.description, *project.tags),
    values={
        "enabled": lambda project: project.is_enabled,
        "domain": lambda project: project.domain_id,
        "parent": lambda project: project.parent_id,
        "tag": lambda project: project.tags,
    },
    sorts={
        "tree": lambda project: "\0".join((project.domain_name, *project.path, project.name)),
        "name": lambda project: project.name,
        "enabled": lambda project: project.is_enabled,
    },
)
PROJECTS: Kind[Project] = Kind(
    path="/projects",
    key="projects",
    one="project",
    load=Project.from_json,
    lookup=LOOKUP,
    params={
        "domain": lambda value: {"domain_id": value},
        "enabled": lambda value: {"enabled": "true" if value.casefold() == "yes" else "false"},
        "parent": lambda value: {"parent_id": value},
        "tag": lambda value: {"tags": value} if "," not in value else None,
    },
    counts=("enabled",),
    default_sort="tree",
)


Known = Callable[[str], Project | None]
"""What tells a project by its id."""


def list_projects(cloud: Cloud, query: Query, domains: Mapping[str, str]) -> Page[Project]:
    """One page of the projects, each below its parent where they can be sorted. Raises CloudError."""

    def finish(rows: list[Project]) -> list[Project]:
        by_id = {row.id: row for row in rows}
        return [replace(placed(row, by_id.get), domain_name=domains.get(row.domain_id, "")) for row in rows]

    return keystone_lists.list_rows(cloud, replace(PROJECTS, finish=finish), query)


def placed(project: Project, known: Known) -> Project:
    """The project with the names of what is above it, if all of that is known."""
    path: list[str] = []
    parent = project.parent_id
    while parent and len(path) < DEEPEST:
        above = known(parent)
        if above is None:
            return project
        path.insert(0, above.name)
        parent = above.parent_id
    return replace(project, path=tuple(path))


def get_project_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A project as Keystone gives it. Raises CloudError."""
    return keystone_lists.get_json(cloud, PROJECTS, id)


def get_project(cloud: Cloud, id: str) -> Project:
    """One project. Raises CloudError."""
    return keystone_lists.get(cloud, PROJECTS, id)


def find_projects(cloud: Cloud, text: str, *, limit: int = 10) -> list[Project]:
    """The first few whose names have this text. Raises CloudError."""
    return keystone_lists.find(cloud, PROJECTS, text, limit=limit)


def create_project(cloud: Cloud, body: Mapping[str, Any]) -> Project:
    """Makes a project. Raises CloudError; Conflict if the name is taken in the domain."""
    return keystone_lists.create(cloud, PROJECTS, body)


def update_project(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Changes what is named. Raises CloudError; Forbidden where it is protected."""
    keystone_lists.update(cloud, PROJECTS, id, body)


def delete_project(cloud: Cloud, id: str) -> None:
    """Deletes a project without subprojects, its roles and quotas; servers and volumes stay without an owner.

    Raises CloudError.
    """
    keystone_lists.delete(cloud, PROJECTS, id)


def set_tags(cloud: Cloud, id: str, tags: Iterable[str]) -> None:
    """Gives a project these tags and no others. Raises CloudError."""
    cloud.put("identity", f"/projects/{wire.path_id(id)}/tags", {"tags": list(tags)})


@dataclass(frozen=True)
class Held:
    """What a project has of one kind: at least so many, None where the service does not tell."""

    kind: str
    count: int | None


def list_held(cloud: Cloud, id: str) -> list[Held]:
    """What would be left behind without a project, as far as this scope's token may ask. Never raises CloudError."""
    asked: list[tuple[str, str, str, str, dict[str, Any]]] = [
        ("projects", "identity", "/projects", "projects", {"parent_id": id}),
    ]
    if cloud.access.scope.kind == "project":
        everywhere = {"all_tenants": "1", "project_id": id}
        asked += [
            ("servers", "compute", "/servers", "servers", everywhere),
            ("volumes", "block-storage", "/volumes", "volumes", everywhere),
            ("networks", "network", "/v2.0/networks", "networks", {"project_id": id, "fields": "id"}),
            ("images", "image", "/v2/images", "images", {"owner": id}),
        ]
    calls = [
        (kind, later(functools.partial(_count, cloud, service, path, key, params), seconds=3))
        for kind, service, path, key, params in asked
        if service == "identity" or cloud.offers(service)
    ]
    return [Held(kind, outcome.or_else(None)) for kind, outcome in calls]


def _count(cloud: Cloud, service: str, path: str, key: str, params: Mapping[str, Any]) -> int:
    return len(wire.objects(cloud.get(service, path, **params, limit=50).get(key)))


def holds(found: Iterable[Held], *kinds: str) -> bool:
    """Whether there is any of these kinds."""
    return any(item.count for item in found if item.kind in kinds)
