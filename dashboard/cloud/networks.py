"""Networks, and the ranges of addresses on them."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

LIST_LIMIT = 10_000
"""Networks, or subnets, that a list reads at most."""


@dataclass(frozen=True)
class Subnet:
    """A range of addresses on a network, by Neutron's API."""

    id: str
    name: str
    network_id: str = ""
    ip_version: int = 4
    cidr: str = ""
    gateway: str = ""
    """"" where there is none."""
    is_dhcp_enabled: bool = False
    pools: tuple[tuple[str, str], ...] = ()
    """First and last address of each range that addresses are given from."""
    dns_nameservers: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()
    """Destination and next hop."""
    project_id: str = ""
    description: str = ""
    created: datetime | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Subnet:
        """From a subnet of ``GET /v2.0/subnets``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            network_id=wire.text(json.get("network_id")),
            ip_version=wire.number(json.get("ip_version"), 4),
            cidr=wire.text(json.get("cidr")),
            gateway=wire.text(json.get("gateway_ip")),
            is_dhcp_enabled=wire.flag(json.get("enable_dhcp")),
            pools=tuple(
                (wire.text(pool.get("start")), wire.text(pool.get("end")))
                for pool in wire.objects(json.get("allocation_pools"))
            ),
            dns_nameservers=wire.texts(json.get("dns_nameservers")),
            routes=tuple(
                (wire.text(route.get("destination")), wire.text(route.get("nexthop")))
                for route in wire.objects(json.get("host_routes"))
            ),
            project_id=wire.text(json.get("project_id")),
            description=wire.text(json.get("description")),
            created=wire.moment(json.get("created_at")),
        )

    def has(self, address: str) -> bool:
        """Whether an address, as somebody typed it, lies in this subnet."""
        try:
            return ipaddress.ip_address(address) in ipaddress.ip_network(self.cidr, strict=False)
        except ValueError:
            return False


@dataclass(frozen=True)
class Network:
    """A network with its subnets, by Neutron's API."""

    id: str
    name: str
    status: str = ""
    is_admin_up: bool = True
    is_shared: bool = False
    is_external: bool = False
    is_own: bool = False
    """Whether it belongs to the project that asked."""
    is_port_security_enabled: bool = True
    mtu: int = 0
    project_id: str = ""
    description: str = ""
    dns_domain: str = ""
    tags: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    provider: Mapping[str, str] = field(default_factory=dict)
    """network_type, physical_network, segmentation_id: for administrators only."""
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any], *, subnets: Iterable[Subnet] = (), project_id: str = "") -> Network:
        """From a network of ``GET /v2.0/networks``; ``project_id`` is the project that asks."""
        owner = wire.text(json.get("project_id") or json.get("tenant_id"))
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            status=wire.text(json.get("status")),
            is_admin_up=wire.flag(json.get("admin_state_up", True)),
            is_shared=wire.flag(json.get("shared")),
            is_external=wire.flag(json.get("router:external")),
            is_own=bool(project_id) and owner == project_id,
            is_port_security_enabled=wire.flag(json.get("port_security_enabled", True)),
            mtu=wire.number(json.get("mtu")),
            project_id=owner,
            description=wire.text(json.get("description")),
            dns_domain=wire.text(json.get("dns_domain")),
            tags=wire.texts(json.get("tags")),
            availability_zones=wire.texts(json.get("availability_zones")),
            subnet_ids=wire.texts(json.get("subnets")),
            subnets=tuple(sorted(subnets, key=lambda subnet: (subnet.ip_version, subnet.name, subnet.id))),
            provider={
                key.removeprefix("provider:"): wire.text(value)
                for key, value in json.items()
                if key.startswith("provider:") and value is not None
            },
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )

    @property
    def kind(self) -> str:
        """What it is to this project: "external", "own" or "shared"."""
        if self.is_external:
            return "external"
        return "own" if self.is_own else "shared"

    @property
    def is_usable(self) -> bool:
        """Whether a server can be put on it: ports need a subnet, and external networks are for floating addresses."""
        return bool(self.subnet_ids) and self.is_admin_up and (not self.is_external or self.is_shared or self.is_own)


LOOKUP: Lookup[Network] = Lookup(
    text=lambda network: (
        network.name,
        network.id,
        network.description,
        *(part for subnet in network.subnets for part in (subnet.name, subnet.id, subnet.cidr)),
    ),
    values={
        "name": lambda network: network.name,
        "status": lambda network: network.status,
        "kind": lambda network: network.kind,
        "shared": lambda network: network.is_shared,
        "external": lambda network: network.is_external,
        "subnet": lambda network: tuple(subnet.cidr for subnet in network.subnets),
        "tag": lambda network: network.tags,
    },
    sorts={
        "name": lambda network: network.name,
        "status": lambda network: network.status,
        "kind": lambda network: network.kind,
        "mtu": lambda network: network.mtu,
        "created": lambda network: network.created,
    },
)


def list_all_networks(cloud: Cloud) -> tuple[Network, ...]:
    """Every network that this project can use or see, with subnets: two calls, side by side. Raises CloudError.

    An administrator's token is shown everybody's networks, so it asks for the project's,
    the shared and the external ones.
    """
    subnets = later(lambda: list_all_subnets(cloud))
    if cloud.project_id and "admin" in cloud.roles:
        mine = later(lambda: _all(cloud, "networks", project_id=cloud.project_id))
        shared = later(lambda: _all(cloud, "networks", shared=True))
        external = later(lambda: _all(cloud, "networks", **{"router:external": True}))
        found = [*mine.value, *shared.value, *external.value]
    else:
        found = _all(cloud, "networks")
    by_network: dict[str, list[Subnet]] = defaultdict(list)
    for subnet in subnets.value:
        by_network[subnet.network_id].append(subnet)
    unique = {wire.text(item.get("id")): item for item in found}
    return tuple(
        Network.from_json(item, subnets=by_network[id], project_id=cloud.project_id) for id, item in unique.items()
    )


def list_networks(cloud: Cloud, query: Query) -> Page[Network]:
    """One page of the networks that this project can use or see. Raises CloudError."""
    return LOOKUP.page(list_all_networks(cloud), query, count=("kind", "status"))


def list_all_subnets(cloud: Cloud, *, network_id: str = "") -> tuple[Subnet, ...]:
    """Every subnet that the token sees, or those of one network. Raises CloudError."""
    return tuple(Subnet.from_json(item) for item in _all(cloud, "subnets", network_id=network_id or None))


def get_network_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A network as Neutron gives it. Raises CloudError."""
    return paging.inner(cloud.get("network", f"/v2.0/networks/{wire.path_id(id)}"), "network", "network")


def get_network(cloud: Cloud, id: str) -> Network:
    """One network with its subnets: two calls, side by side. Raises CloudError, NotFound among them."""
    subnets = later(lambda: list_all_subnets(cloud, network_id=id))
    return Network.from_json(get_network_json(cloud, id), subnets=subnets.value, project_id=cloud.project_id)


def _all(cloud: Cloud, collection: str, **filters: Any) -> list[dict[str, Any]]:
    found = paging.pages(cloud, "network", f"/v2.0/{collection}", collection, most=LIST_LIMIT, **filters)
    return [item for page in found for item in page]
