"""Networks, and the ranges of addresses on them."""

from __future__ import annotations

import contextlib
import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
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
    ra_mode: str = ""
    """How routers announce an IPv6 range: "slaac", "dhcpv6-stateful", "dhcpv6-stateless", "" for not at all."""
    address_mode: str = ""
    """How servers come by their IPv6 addresses, in the same words."""
    pool_id: str = ""
    """The subnet pool that it was cut from."""
    service_types: tuple[str, ...] = ()
    segment_id: str = ""
    tags: tuple[str, ...] = ()
    updated: datetime | None = None
    used: int | None = None
    """Addresses in use, where that is known."""
    total: int | None = None
    """Addresses that can be given out."""
    network_name: str = ""

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
            ra_mode=wire.text(json.get("ipv6_ra_mode")),
            address_mode=wire.text(json.get("ipv6_address_mode")),
            pool_id=wire.text(json.get("subnetpool_id")),
            service_types=wire.texts(json.get("service_types")),
            segment_id=wire.text(json.get("segment_id")),
            tags=wire.texts(json.get("tags")),
            updated=wire.moment(json.get("updated_at")),
        )

    @property
    def free(self) -> int | None:
        """Addresses that are left, where that is known."""
        return None if self.used is None or self.total is None else max(0, self.total - self.used)

    @property
    def size(self) -> int:
        """How many addresses its pools hold."""
        try:
            return sum(
                int(ipaddress.ip_address(last)) - int(ipaddress.ip_address(first)) + 1 for first, last in self.pools
            )
        except ValueError:
            return 0

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
    is_changeable: bool = True
    """Whether who asked may change it: one's own, or anything for an administrator."""
    is_port_security_enabled: bool = True
    mtu: int = 0
    project_id: str = ""
    project_name: str = ""
    """Filled in by who lists every project's."""
    description: str = ""
    dns_domain: str = ""
    tags: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    provider: Mapping[str, str] = field(default_factory=dict)
    """network_type, physical_network, segmentation_id: for administrators only."""
    segments: tuple[Mapping[str, str], ...] = ()
    """The same for each segment of a network that has several."""
    qos_policy_id: str = ""
    zone_hints: tuple[str, ...] = ()
    is_default: bool = False
    """Whether projects get their first network's way out here."""
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(
        cls, json: Mapping[str, Any], *, subnets: Iterable[Subnet] = (), project_id: str = "", is_admin: bool = True
    ) -> Network:
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
            is_changeable=is_admin or not project_id or owner == project_id,
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
            segments=tuple(
                {key.removeprefix("provider:"): wire.text(value) for key, value in item.items() if value is not None}
                for item in wire.objects(json.get("segments"))
            ),
            qos_policy_id=wire.text(json.get("qos_policy_id")),
            zone_hints=wire.texts(json.get("availability_zone_hints")),
            is_default=wire.flag(json.get("is_default")),
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


def _kinds(value: str) -> Mapping[str, Any]:
    return {"external": {"router:external": True}, "shared": {"shared": True}}.get(value, {"shared": False})


KIND: neutron.Kind[Network] = neutron.Kind(
    path="/v2.0/networks",
    many="networks",
    one="network",
    read=Network.from_json,
    sorts={"name": "name", "status": "status", "mtu": "mtu"},
    filters={"status": neutron.exactly("status"), "kind": _kinds, "tag": neutron.exactly("tags")},
    choices={"status": ("ACTIVE", "BUILD", "DOWN", "ERROR")},
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
    return tuple(_seen(cloud, item, by_network[id]) for id, item in unique.items())


def _seen(cloud: Cloud, json: Mapping[str, Any], subnets: Iterable[Subnet]) -> Network:
    return Network.from_json(json, subnets=subnets, project_id=cloud.project_id, is_admin=neutron.is_admin(cloud))


def list_networks(cloud: Cloud, query: Query) -> Page[Network]:
    """One page of the networks that this project can use or see. Raises CloudError.

    An administrator may ask for other projects': ``project:all`` or ``project:<id>``.
    """
    if neutron.is_admin(cloud) and query.values("project"):
        page = KIND.page(cloud, query)
        ids = [row.id for row in page.rows]
        subnets = _all(cloud, "subnets", network_id=ids) if ids else []
        found = [Subnet.from_json(item) for item in subnets]
        own = {row.id: tuple(subnet for subnet in found if subnet.network_id == row.id) for row in page.rows}
        rows = (replace(row, subnets=own[row.id], is_own=row.project_id == cloud.project_id) for row in page.rows)
        return replace(page, rows=tuple(rows))
    page = LOOKUP.page(list_all_networks(cloud), query, count=("kind", "status"))
    return page if neutron.is_admin(cloud) else replace(page, counts={**page.counts, "project": {}})


def list_all_subnets(cloud: Cloud, *, network_id: str = "") -> tuple[Subnet, ...]:
    """Every subnet that the token sees, or those of one network. Raises CloudError."""
    return tuple(Subnet.from_json(item) for item in _all(cloud, "subnets", network_id=network_id or None))


def get_network_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A network as Neutron gives it. Raises CloudError."""
    return paging.inner(cloud.get("network", f"/v2.0/networks/{wire.path_id(id)}"), "network", "network")


def get_network(cloud: Cloud, id: str) -> Network:
    """One network with its subnets: two calls, side by side. Raises CloudError, NotFound among them."""
    subnets = later(lambda: list_all_subnets(cloud, network_id=id))
    return Network.from_json(
        get_network_json(cloud, id),
        subnets=subnets.value,
        project_id=cloud.project_id,
        is_admin=neutron.is_admin(cloud),
    )


def _all(cloud: Cloud, collection: str, **filters: Any) -> list[dict[str, Any]]:
    found = paging.pages(cloud, "network", f"/v2.0/{collection}", collection, most=LIST_LIMIT, **filters)
    return [item for page in found for item in page]


def create_network(cloud: Cloud, body: Mapping[str, Any], subnet: Mapping[str, Any] | None = None) -> Network:
    """Makes a network, and its first subnet if that is given. If that fails, neither stays. Raises CloudError."""
    network = KIND.create(cloud, body)
    if subnet is None:
        return network
    try:
        cloud.post("network", "/v2.0/subnets", {"subnet": {**subnet, "network_id": network.id}})
    except CloudError:
        # A network without addresses is not what was asked for. Deleting takes a subnet along, had it been made.
        with contextlib.suppress(CloudError):
            KIND.delete(cloud, network.id)
        raise
    return network


def update_network(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Changes a network. Raises CloudError."""
    KIND.update(cloud, id, body)


def delete_network(cloud: Cloud, id: str) -> None:
    """Deletes a network with its subnets; Conflict while ports are on it. Raises CloudError."""
    KIND.delete(cloud, id)


def list_network_zones(cloud: Cloud, resource: str = "network") -> tuple[str, ...]:
    """The availability zones for networks or routers. Raises CloudError."""
    found = wire.objects(cloud.get("network", "/v2.0/availability_zones").get("availability_zones"))
    return tuple(sorted({wire.text(item.get("name")) for item in found if item.get("resource") == resource}))


def list_external(cloud: Cloud) -> tuple[Network, ...]:
    """The networks that lead outside, up to 1,000, with the ids of their subnets. Raises CloudError."""
    return KIND.all(cloud, **{"router:external": True})
