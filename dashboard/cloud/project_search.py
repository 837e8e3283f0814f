"""Projects, users and groups by a part of their names, asked of Keystone: there may be thousands of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound

SERVICE = "identity"
MOST = 20


@dataclass(frozen=True)
class Named:
    """Something with a name, and the domain that it is in."""

    id: str
    name: str
    domain_id: str = ""
    is_enabled: bool = True
    description: str = ""


def _named(item: dict[str, Any]) -> Named:
    return Named(
        wire.text(item.get("id")),
        wire.text(item.get("name")),
        wire.text(item.get("domain_id")),
        wire.flag(item.get("enabled", True)),
        wire.text(item.get("description")),
    )


def search(cloud: Cloud, kind: str, text: str, *, most: int = MOST, domain_id: str = "") -> tuple[Named, ...]:
    """``kind`` ("projects", "users", "groups") with ``text`` in their names, by name. Raises CloudError."""
    domain = domain_id or (cloud.access.scope.id if cloud.access.scope.kind == "domain" else "")
    answer = cloud.get(
        SERVICE, f"/{wire.path_id(kind)}", name__icontains=text or None, domain_id=domain or None, limit=most + 1
    )
    found = [_named(item) for item in wire.objects(answer.get(kind)) if wire.text(item.get("id"))]
    wanted = text.casefold()
    matching = [item for item in found if wanted in item.name.casefold()]
    return tuple(sorted(matching, key=lambda item: (item.name.casefold() != wanted, item.name.casefold()))[:most])


def get_project(cloud: Cloud, id: str) -> Named:
    """A project by its id. Raises CloudError."""
    answer = cloud.get(SERVICE, f"/projects/{wire.path_id(id)}")
    return _named(paging.inner(answer, "project", SERVICE))


def list_domains(cloud: Cloud) -> tuple[Named, ...]:
    """The domains; the one in scope alone for those who may not ask. Raises CloudError."""
    scope = cloud.access.scope
    if scope.kind == "domain":
        return (Named(scope.id, scope.name, scope.id),)
    return tuple(_named(item) for item in wire.objects(cloud.get(SERVICE, "/domains").get("domains")))


def exactly(cloud: Cloud, kind: str, text: str, *, domain_id: str) -> Named | None:
    """The one of this name, in this domain before others, or of this id; None if there is none. Raises CloudError."""
    scope = cloud.access.scope
    domain = scope.id if scope.kind == "domain" else None
    answer = cloud.get(SERVICE, f"/{wire.path_id(kind)}", name=text, domain_id=domain)
    found = [_named(item) for item in wire.objects(answer.get(kind)) if item.get("name") == text]
    found.sort(key=lambda item: item.domain_id != domain_id)
    # Of several in other domains nobody knows which is meant.
    if found and (found[0].domain_id == domain_id or len(found) == 1):
        return found[0]
    if len(text) < 32 or not text.isalnum():
        return None
    try:
        one = paging.inner(
            cloud.get(SERVICE, f"/{wire.path_id(kind)}/{wire.path_id(text)}"), kind.removesuffix("s"), SERVICE
        )
    except NotFound:
        return None
    return _named(one)
