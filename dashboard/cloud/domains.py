"""Domains: realms of users, groups and projects with managers of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import keystone_lists, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_lists import Kind
from dashboard.cloud.types import Lookup, Page, Query


@dataclass(frozen=True)
class Domain:
    """A domain."""

    id: str
    name: str
    description: str = ""
    is_enabled: bool = True
    is_immutable: bool = False
    tags: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Domain:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            description=wire.text(item.get("description")),
            is_enabled=wire.flag(item.get("enabled", True)),
            is_immutable=wire.flag(wire.mapping(item.get("options")).get("immutable")),
            tags=wire.texts(item.get("tags")),
            extra=keystone_lists.extras(item, ("name", "description", "enabled", "options", "tags")),
        )


LOOKUP: Lookup[Domain] = Lookup(
    text=lambda domain: (domain.name, domain.id, domain.description),
    values={"enabled": lambda domain: domain.is_enabled, "name": lambda domain: domain.name},
    sorts={"name": lambda domain: domain.name, "enabled": lambda domain: domain.is_enabled},
)
DOMAINS: Kind[Domain] = Kind(
    path="/domains",
    key="domains",
    one="domain",
    load=Domain.from_json,
    lookup=LOOKUP,
    params={
        "enabled": lambda value: {"enabled": "true" if value.casefold() == "yes" else "false"},
        "name": lambda value: {"name": value},
    },
    counts=("enabled",),
    is_of_domains=False,
)


def list_domains(cloud: Cloud, query: Query) -> Page[Domain]:
    """One page of the domains; the one in scope for its manager. Raises CloudError."""
    return keystone_lists.list_rows(cloud, DOMAINS, query)


def get_domain_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A domain as Keystone gives it. Raises CloudError."""
    return keystone_lists.get_json(cloud, DOMAINS, id)


def get_domain(cloud: Cloud, id: str) -> Domain:
    """One domain. Raises CloudError."""
    return keystone_lists.get(cloud, DOMAINS, id)


def create_domain(cloud: Cloud, body: Mapping[str, Any]) -> Domain:
    """Makes a domain. Raises CloudError; Conflict if the name is taken."""
    return keystone_lists.create(cloud, DOMAINS, body)


def update_domain(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Changes what is named. Raises CloudError."""
    keystone_lists.update(cloud, DOMAINS, id, body)


def delete_domain(cloud: Cloud, id: str) -> None:
    """Deletes a disabled domain with everybody and everything of Keystone's in it. Raises CloudError."""
    keystone_lists.delete(cloud, DOMAINS, id)


def list_domain_names(cloud: Cloud) -> dict[str, str]:
    """Domains' names by id. Raises CloudError."""
    scope = cloud.access.scope
    if scope.kind == "domain":
        return {scope.id: scope.name}
    found = wire.objects(cloud.get("identity", "/domains").get("domains"))
    return {wire.text(item.get("id")): wire.text(item.get("name")) for item in found if wire.text(item.get("id"))}
