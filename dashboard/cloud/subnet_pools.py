"""Subnet pools and address scopes: ranges that subnets are cut from, so that none overlap where that matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class SubnetPool:
    """Ranges that subnets are cut from, by Neutron's API."""

    id: str
    name: str
    prefixes: tuple[str, ...] = ()
    ip_version: int = 4
    default_prefix_length: int | None = None
    min_prefix_length: int | None = None
    max_prefix_length: int | None = None
    default_quota: int | None = None
    """Addresses (or /64s) that a project may take of it; None for no limit."""
    address_scope_id: str = ""
    is_shared: bool = False
    is_default: bool = False
    project_id: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SubnetPool:
        """From a pool of ``GET /v2.0/subnetpools``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            prefixes=wire.texts(json.get("prefixes")),
            ip_version=wire.number(json.get("ip_version"), 4),
            default_prefix_length=wire.optional(json.get("default_prefixlen")),
            min_prefix_length=wire.optional(json.get("min_prefixlen")),
            max_prefix_length=wire.optional(json.get("max_prefixlen")),
            default_quota=wire.optional(json.get("default_quota")),
            address_scope_id=wire.text(json.get("address_scope_id")),
            is_shared=wire.flag(json.get("shared")),
            is_default=wire.flag(json.get("is_default")),
            project_id=wire.text(json.get("project_id")),
            description=wire.text(json.get("description")),
            tags=wire.texts(json.get("tags")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )


@dataclass(frozen=True)
class AddressScope:
    """Within it no address is there twice, so that routers need not translate, by Neutron's API."""

    id: str
    name: str
    ip_version: int = 4
    is_shared: bool = False
    project_id: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> AddressScope:
        """From a scope of ``GET /v2.0/address-scopes``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            ip_version=wire.number(json.get("ip_version"), 4),
            is_shared=wire.flag(json.get("shared")),
            project_id=wire.text(json.get("project_id")),
        )


POOLS: neutron.Kind[SubnetPool] = neutron.Kind(
    path="/v2.0/subnetpools",
    many="subnetpools",
    one="subnetpool",
    read=SubnetPool.from_json,
    sorts={"name": "name", "version": "ip_version"},
    filters={
        "version": neutron.exactly("ip_version"),
        "shared": neutron.flag("shared"),
        "scope": neutron.exactly("address_scope_id"),
    },
    choices={"version": ("4", "6"), "shared": ("yes", "no")},
    narrowing=("scope",),
    lookup=Lookup(
        text=lambda pool: (pool.name, pool.id, pool.description, *pool.prefixes),
        values={
            "version": lambda pool: str(pool.ip_version),
            "shared": lambda pool: pool.is_shared,
            "scope": lambda pool: pool.address_scope_id,
        },
        sorts={"name": lambda pool: pool.name, "version": lambda pool: pool.ip_version},
    ),
    counted=("version", "shared"),
)
SCOPES: neutron.Kind[AddressScope] = neutron.Kind(
    path="/v2.0/address-scopes",
    many="address_scopes",
    one="address_scope",
    read=AddressScope.from_json,
    sorts={"name": "name", "version": "ip_version"},
    filters={"version": neutron.exactly("ip_version"), "shared": neutron.flag("shared")},
    choices={"version": ("4", "6"), "shared": ("yes", "no")},
    lookup=Lookup(
        text=lambda scope: (scope.name, scope.id),
        values={"version": lambda scope: str(scope.ip_version), "shared": lambda scope: scope.is_shared},
        sorts={"name": lambda scope: scope.name, "version": lambda scope: scope.ip_version},
    ),
    counted=("version", "shared"),
)


def list_all_pools(cloud: Cloud) -> tuple[SubnetPool, ...]:
    """Every pool that the token sees, up to 1,000. Raises CloudError."""
    return POOLS.all(cloud)


def list_all_scopes(cloud: Cloud) -> tuple[AddressScope, ...]:
    """Every scope that the token sees, up to 1,000. Raises CloudError."""
    return SCOPES.all(cloud)
