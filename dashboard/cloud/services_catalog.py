"""The catalog as administrators keep it: services, the addresses that they answer at, and regions.

Follows https://docs.openstack.org/api-ref/identity/v3/#service-catalog-and-endpoints
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from dashboard.cloud import wire
from dashboard.cloud.catalog import names_of
from dashboard.cloud.connection import Cloud
from dashboard.cloud.endpoint_health import Health
from dashboard.cloud.errors import BadAnswer, NotFound
from dashboard.cloud.paging import inner
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query, Row

T = TypeVar("T", bound=Row)
IDENTITY = "identity"
INTERFACES = ("public", "internal", "admin")


@dataclass(frozen=True)
class Endpoint:
    """One address of a service, as Keystone keeps it: with its templates."""

    id: str
    url: str
    interface: str = ""
    region_id: str = ""
    service_id: str = ""
    is_enabled: bool = True
    title: str = ""
    """The name that somebody gave it; most have none."""
    service_type: str = ""
    service_name: str = ""
    is_service_enabled: bool = True
    is_last_identity: bool = False
    """Whether nobody would find Keystone by the catalog without it."""
    mark: str = ""
    """A name for where it is asked whether it answers."""
    health: Health | None = None
    """What it said the last time, where that was looked up."""
    is_used: bool = False
    """Whether the dashboard itself calls it."""

    @property
    def marks(self) -> tuple[str, ...]:
        return (self.mark,) if self.mark else ()

    @property
    def name(self) -> str:
        """What it is called on pages: "compute · public · RegionOne"."""
        kind = self.service_type or self.service_id
        return " · ".join(part for part in (kind, self.interface, self.region_id) if part)

    @property
    def is_in_catalog(self) -> bool:
        """Whether tokens name it."""
        return self.is_enabled and self.is_service_enabled

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Endpoint:
        return cls(
            id=wire.text(item.get("id")),
            url=wire.text(item.get("url")),
            interface=wire.text(item.get("interface")),
            region_id=wire.text(item.get("region_id") or item.get("region")),
            service_id=wire.text(item.get("service_id")),
            is_enabled=wire.flag(item.get("enabled", True)),
            title=wire.text(item.get("name")),
        )


@dataclass(frozen=True)
class Service:
    """A service that tokens' catalogs name by its type."""

    id: str
    type: str
    title: str = ""
    description: str = ""
    is_enabled: bool = True
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def name(self) -> str:
        return self.title or self.type or self.id

    @property
    def is_last_identity(self) -> bool:
        """Whether nobody would find Keystone by the catalog without it."""
        return any(endpoint.is_last_identity for endpoint in self.endpoints)

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(endpoint.mark for endpoint in self.endpoints if endpoint.mark))

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(sorted({endpoint.region_id for endpoint in self.endpoints if endpoint.region_id}))

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Service:
        return cls(
            id=wire.text(item.get("id")),
            type=wire.text(item.get("type")),
            title=wire.text(item.get("name")),
            description=wire.text(item.get("description")),
            is_enabled=wire.flag(item.get("enabled", True)),
        )


@dataclass(frozen=True)
class Region:
    """A part of the cloud with endpoints of its own. Its id is its name."""

    id: str
    description: str = ""
    parent_id: str = ""
    path: tuple[str, ...] = ()
    """The ids from the topmost region down to this one."""
    children: tuple[str, ...] = ()
    endpoints: int = 0
    services: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.id

    @property
    def depth(self) -> int:
        return max(0, len(self.path) - 1)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Region:
        return cls(
            id=wire.text(item.get("id")),
            description=wire.text(item.get("description")),
            parent_id=wire.text(item.get("parent_region_id")),
        )


@dataclass(frozen=True)
class Inventory:
    """All services with all their endpoints."""

    services: tuple[Service, ...] = ()
    endpoints: tuple[Endpoint, ...] = field(default=())

    @classmethod
    def of(cls, services: Iterable[Service], endpoints: Iterable[Endpoint]) -> Inventory:
        """Ties endpoints to services, and sees which endpoint Keystone is lost without."""
        known = {service.id: service for service in services}
        tied = [_tied(endpoint, known.get(endpoint.service_id)) for endpoint in endpoints]
        ways = [
            endpoint
            for endpoint in tied
            if is_identity(endpoint.service_type) and endpoint.interface == "public" and endpoint.is_in_catalog
        ]
        last = ways[0].id if len(ways) == 1 else None
        found = tuple(
            replace(endpoint, is_last_identity=True) if endpoint.id == last else endpoint for endpoint in tied
        )
        return cls(
            tuple(
                replace(service, endpoints=tuple(item for item in found if item.service_id == service.id))
                for service in known.values()
            ),
            found,
        )


def is_identity(service_type: str) -> bool:
    """Whether a service of this type is a Keystone: "identity", or an alias of that."""
    return names_of(service_type)[0] == IDENTITY


def _tied(endpoint: Endpoint, service: Service | None) -> Endpoint:
    if service is None:
        return endpoint
    return replace(
        endpoint, service_type=service.type, service_name=service.title, is_service_enabled=service.is_enabled
    )


ENDPOINTS: Lookup[Endpoint] = Lookup(
    text=lambda item: (item.name, item.title, item.service_name, item.url, item.id),
    values={
        "service": lambda item: (item.service_type, item.service_name, item.service_id),
        "interface": lambda item: item.interface,
        "region": lambda item: item.region_id,
        "enabled": lambda item: item.is_enabled,
    },
    sorts={
        "name": lambda item: (item.service_type, item.region_id, _place(item.interface)),
        "interface": lambda item: (_place(item.interface), item.service_type),
        "region": lambda item: (item.region_id, item.service_type),
        "url": lambda item: item.url,
    },
)
SERVICES: Lookup[Service] = Lookup(
    text=lambda item: (item.title, item.type, item.description, item.id),
    values={
        "type": lambda item: item.type,
        "enabled": lambda item: item.is_enabled,
        "region": lambda item: item.regions,
    },
    sorts={"name": lambda item: item.name, "type": lambda item: item.type},
)
REGIONS: Lookup[Region] = Lookup(
    text=lambda item: (item.id, item.description),
    values={"parent": lambda item: item.parent_id, "under": lambda item: item.path},
    # In the order of a tree, each below the one that it is part of.
    sorts={"name": lambda item: "\0".join(item.path), "endpoints": lambda item: item.endpoints},
)


def _place(interface: str) -> int:
    return INTERFACES.index(interface) if interface in INTERFACES else len(INTERFACES)


# Reading


def _several(cloud: Cloud, path: str, key: str) -> list[dict[str, Any]]:
    """A whole list: Keystone gives these in one piece. Raises CloudError."""
    answer = cloud.get(IDENTITY, path)
    if not isinstance(answer.get(key), list):
        raise BadAnswer(f"The answer has no list of {key}.", service=IDENTITY)
    return [item for item in wire.objects(answer[key]) if wire.text(item.get("id"))]


def read_inventory(cloud: Cloud) -> Inventory:
    """All services and endpoints, with two requests side by side. Raises CloudError."""
    waiting = later(partial(_several, cloud, "/services", "services"))
    endpoints = [Endpoint.from_json(item) for item in _several(cloud, "/endpoints", "endpoints")]
    return Inventory.of([Service.from_json(item) for item in waiting.value], endpoints)


def list_endpoints(cloud: Cloud, query: Query) -> Page[Endpoint]:
    """One page of the endpoints. Raises CloudError."""
    return ENDPOINTS.page(read_inventory(cloud).endpoints, query, count=("interface", "enabled"))


def get_endpoint(cloud: Cloud, id: str) -> Endpoint:
    """One endpoint, seen beside the others: they tell whether it is the last way to Keystone. Raises CloudError."""
    return _found(read_inventory(cloud).endpoints, id)


def get_endpoint_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An endpoint as Keystone gives it. Raises CloudError."""
    return inner(cloud.get(IDENTITY, f"/endpoints/{wire.path_id(id)}"), "endpoint", IDENTITY)


def list_services(cloud: Cloud, query: Query) -> Page[Service]:
    """One page of the services, each with its endpoints. Raises CloudError."""
    return SERVICES.page(read_inventory(cloud).services, query, count=("enabled",))


def get_service(cloud: Cloud, id: str) -> Service:
    """One service with its endpoints. Raises CloudError."""
    return _found(read_inventory(cloud).services, id)


def get_service_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A service as Keystone gives it. Raises CloudError."""
    return inner(cloud.get(IDENTITY, f"/services/{wire.path_id(id)}"), "service", IDENTITY)


def _found(items: Iterable[T], id: str) -> T:
    found = next((item for item in items if item.id == id), None)
    if found is None:
        raise NotFound("There is no such thing in the catalog.", service=IDENTITY, status=404)
    return found


def read_regions(cloud: Cloud) -> list[Region]:
    """All regions with what is in them, in the order of the tree. Raises CloudError."""
    waiting = later(partial(read_inventory, cloud))
    regions = list_region_names(cloud)
    return tree_of(regions, waiting.value)


def list_region_names(cloud: Cloud) -> list[Region]:
    """All regions, without what is in them, with one request. Raises CloudError."""
    return [Region.from_json(item) for item in _several(cloud, "/regions", "regions")]


def tree_of(regions: Iterable[Region], inventory: Inventory | None = None) -> list[Region]:
    """The regions with their place in the tree, and with what is in them, each below its parent."""
    known = {region.id: region for region in regions}
    inside: dict[str, list[Endpoint]] = {}
    for endpoint in inventory.endpoints if inventory is not None else ():
        inside.setdefault(endpoint.region_id, []).append(endpoint)
    found = [
        replace(
            region,
            path=_path(region, known),
            children=tuple(sorted(other.id for other in known.values() if other.parent_id == region.id)),
            endpoints=len(inside.get(region.id, ())),
            services=tuple(sorted({item.service_type for item in inside.get(region.id, ()) if item.service_type})),
        )
        for region in known.values()
    ]
    return sorted(found, key=lambda region: region.path)


def _path(region: Region, known: Mapping[str, Region]) -> tuple[str, ...]:
    """From the topmost down; a ring, which Keystone should never let in, is cut."""
    path = [region.id]
    while (parent := known.get(known[path[-1]].parent_id)) is not None and parent.id not in path:
        path.append(parent.id)
    return tuple(reversed(path))


def list_regions(cloud: Cloud, query: Query) -> Page[Region]:
    """One page of the regions. Raises CloudError."""
    return REGIONS.page(read_regions(cloud), query)


def get_region(cloud: Cloud, id: str) -> Region:
    """One region with what is in it. Raises CloudError."""
    return _found(read_regions(cloud), id)


def get_region_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A region as Keystone gives it. Raises CloudError."""
    return inner(cloud.get(IDENTITY, f"/regions/{wire.path_id(id)}"), "region", IDENTITY)


def below(region: Region, regions: Iterable[Region]) -> set[str]:
    """The ids of a region and of all that are part of it."""
    return {region.id} | {other.id for other in regions if region.id in other.path}
