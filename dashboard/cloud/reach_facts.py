"""What decides whether one thing reaches another, fetched from Neutron in three rounds side by side."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, NotFound
from dashboard.cloud.parallel import Later, later
from dashboard.cloud.security_groups import SecurityGroup

SERVICE = "network"
INTERFACES = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
PORT_FIELDS = (
    "id",
    "name",
    "network_id",
    "device_id",
    "device_owner",
    "fixed_ips",
    "security_groups",
    "port_security_enabled",
    "admin_state_up",
    "status",
)


@dataclass(frozen=True)
class Place:
    """A fixed address of a port."""

    subnet_id: str
    address: str


@dataclass(frozen=True)
class PortAt:
    """A port as it matters here."""

    id: str
    name: str
    network_id: str
    device_id: str
    device_owner: str = ""
    places: tuple[Place, ...] = ()
    group_ids: tuple[str, ...] = ()
    is_secured: bool = True
    is_up: bool = True
    status: str = ""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> PortAt:
        return cls(
            id=wire.text(body.get("id")),
            name=wire.text(body.get("name")),
            network_id=wire.text(body.get("network_id")),
            device_id=wire.text(body.get("device_id")),
            device_owner=wire.text(body.get("device_owner")),
            places=tuple(
                Place(wire.text(item.get("subnet_id")), wire.text(item.get("ip_address")))
                for item in wire.objects(body.get("fixed_ips"))
                if item.get("ip_address")
            ),
            group_ids=wire.texts(body.get("security_groups")),
            is_secured=wire.flag(body.get("port_security_enabled", True)),
            is_up=wire.flag(body.get("admin_state_up", True)),
            status=wire.text(body.get("status")),
        )

    def place_of(self, address: str) -> Place:
        """Where one of its addresses is."""
        return next((place for place in self.places if place.address == address), Place("", address))


@dataclass(frozen=True)
class SubnetAt:
    """A subnet with where it sends what is not its own."""

    id: str
    cidr: str
    gateway: str = ""
    routes: tuple[tuple[str, str], ...] = ()
    """Pairs of destination and next hop, which DHCP tells the servers."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> SubnetAt:
        return cls(
            id=wire.text(body.get("id")),
            cidr=wire.text(body.get("cidr")),
            gateway=wire.text(body.get("gateway_ip")),
            routes=_routes(body.get("host_routes")),
        )

    def next_hop(self, address: str) -> str:
        """Where a packet for an address is sent first; "" if nowhere."""
        return _next_hop(self.routes, address) or self.gateway


@dataclass(frozen=True)
class RouterAt:
    """A router with its way outside."""

    id: str
    name: str
    is_up: bool = True
    external_network_id: str = ""
    external_address: str = ""
    has_snat: bool = False
    routes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> RouterAt:
        gateway = wire.mapping(body.get("external_gateway_info"))
        addresses = [wire.text(item.get("ip_address")) for item in wire.objects(gateway.get("external_fixed_ips"))]
        return cls(
            id=wire.text(body.get("id")),
            name=wire.text(body.get("name")),
            is_up=wire.flag(body.get("admin_state_up", True)),
            external_network_id=wire.text(gateway.get("network_id")),
            external_address=next((item for item in addresses if ":" not in item), ""),
            has_snat=wire.flag(gateway.get("enable_snat", True)) and bool(gateway),
            routes=_routes(body.get("routes")),
        )

    def routes_to(self, address: str) -> bool:
        """Whether a static route of its own has the address."""
        return bool(_next_hop(self.routes, address))


@dataclass(frozen=True)
class Floating:
    """A floating IP that leads to a fixed address."""

    id: str
    address: str
    port_id: str
    fixed: str
    is_active: bool = True

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Floating:
        return cls(
            id=wire.text(body.get("id")),
            address=wire.text(body.get("floating_ip_address")),
            port_id=wire.text(body.get("port_id")),
            fixed=wire.text(body.get("fixed_ip_address")),
            is_active=wire.text(body.get("status")) != "DOWN",
        )


@dataclass(frozen=True)
class Reachable:
    """Everything that decides. No ports at an end: it is outside, at its address, or anywhere ("")."""

    sources: tuple[PortAt, ...] = ()
    targets: tuple[PortAt, ...] = ()
    source_address: str = ""
    target_address: str = ""
    subnets: Mapping[str, SubnetAt] = field(default_factory=dict)
    routers: Mapping[str, RouterAt] = field(default_factory=dict)
    interfaces: tuple[PortAt, ...] = ()
    """Ports of routers, on the networks of both ends and elsewhere."""
    floating: tuple[Floating, ...] = ()
    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    address_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    external_networks: frozenset[str] = frozenset()
    own_networks: frozenset[str] = frozenset()
    """Networks of this project: whoever owns one sees the routers on it."""

    def floating_of(self, port: PortAt) -> tuple[Floating, ...]:
        """The floating IPs that lead to a port."""
        return tuple(item for item in self.floating if item.port_id == port.id)

    def router_at(self, subnet_id: str, address: str) -> RouterAt | None:
        """The router that has this address in a subnet."""
        wanted = Place(subnet_id, address)
        return next((self.routers.get(port.device_id) for port in self.interfaces if wanted in port.places), None)

    def subnets_of(self, router: RouterAt) -> frozenset[str]:
        """The subnets that a router has an interface in."""
        return frozenset(
            place.subnet_id for port in self.interfaces if port.device_id == router.id for place in port.places
        )

    def is_whole(self, router: RouterAt) -> bool:
        """Whether all of its interfaces can be seen."""
        return router.id in self.routers

    def on_link(self, place: Place, address: str) -> bool:
        """Whether an address is in the subnet of a place."""
        subnet = self.subnets.get(place.subnet_id)
        return subnet is not None and holds(subnet.cidr, address)


def ports_of_server(cloud: Cloud, server_id: str) -> tuple[PortAt, ...]:
    """Where a server is on networks. Raises CloudError."""
    return _ports(cloud, device_id=server_id)


def port_at(cloud: Cloud, *, id: str = "", address: str = "") -> PortAt | None:
    """A port by its id, or by one of its fixed addresses in this project; None if there is none. Raises CloudError."""
    asked = {"id": id} if id else {"fixed_ips": f"ip_address={address}"}
    found = _ports(cloud, project_id=cloud.project_id or None, **asked)
    return next((port for port in found if not port.device_owner.startswith("network:dhcp")), None)


def port_behind(cloud: Cloud, address: str) -> PortAt | None:
    """The port that a floating IP of this project leads to; None if there is none. Raises CloudError."""
    answer = _list(cloud, "floatingips", floating_ip_address=address, project_id=cloud.project_id or None)
    port_id = next((Floating.from_json(item).port_id for item in answer), "")
    return port_at(cloud, id=port_id) if port_id else None


def facts_between(
    cloud: Cloud,
    sources: Sequence[PortAt],
    targets: Sequence[PortAt],
    *,
    source_address: str = "",
    target_address: str = "",
) -> Reachable:
    """Fetches what decides between two ends. Raises CloudError."""
    ports = [*sources, *targets]
    networks = sorted({port.network_id for port in ports if port.network_id})
    ids = [port.id for port in ports]
    groups = sorted({group for port in ports for group in port.group_ids})
    first = {
        "subnets": _soon(cloud, "subnets", network_id=networks),
        "networks": _soon(cloud, "networks", id=networks, fields=["id", "router:external", "project_id"]),
        "interfaces": _soon(cloud, "ports", network_id=networks, device_owner=list(INTERFACES), fields=PORT_FIELDS),
        "floating": _soon(cloud, "floatingips", port_id=ids),
        "groups": _soon(cloud, "security-groups", id=groups) if groups else None,
    }
    found = {name: soon.value if soon is not None else [] for name, soon in first.items()}
    interfaces = [PortAt.from_json(item) for item in found["interfaces"]]
    router_ids = sorted({port.device_id for port in interfaces if port.device_id})
    group_rows = [SecurityGroup.from_json(item) for item in found["groups"]]
    named = sorted({rule.remote_address_group_id for group in group_rows for rule in group.rules} - {""})
    routers = _soon(cloud, "routers", id=router_ids) if router_ids else None
    others = _soon(cloud, "ports", device_id=router_ids, fields=PORT_FIELDS) if router_ids else None
    address_groups = _soon(cloud, "address-groups", id=named) if named else None
    rows = [RouterAt.from_json(item) for item in (routers.value if routers else [])]
    more = [PortAt.from_json(item) for item in (others.value if others else [])]
    return Reachable(
        sources=tuple(sources),
        targets=tuple(targets),
        source_address=source_address,
        target_address=target_address,
        subnets={item.id: item for item in map(SubnetAt.from_json, found["subnets"])},
        routers={item.id: item for item in rows},
        interfaces=tuple({port.id: port for port in [*interfaces, *more]}.values()),
        floating=tuple(map(Floating.from_json, found["floating"])),
        groups={group.id: group for group in group_rows},
        address_groups={
            wire.text(item.get("id")): wire.texts(item.get("addresses"))
            for item in (address_groups.value if address_groups else [])
        },
        external_networks=frozenset(
            wire.text(item.get("id")) for item in found["networks"] if wire.flag(item.get("router:external"))
        ),
        own_networks=frozenset(
            wire.text(item.get("id"))
            for item in found["networks"]
            if item.get("project_id") == cloud.project_id or "admin" in cloud.roles
        ),
    )


def _soon(cloud: Cloud, what: str, **params: Any) -> Later[list[dict[str, Any]]]:
    return later(functools.partial(_list, cloud, what, **params))


def _list(cloud: Cloud, what: str, **params: Any) -> list[dict[str, Any]]:
    try:
        answer = cloud.get(SERVICE, f"/v2.0/{wire.path_id(what)}", **params)
    except NotFound:
        # An extension that this Neutron has not: there is none of it.
        return []
    rows = answer.get(what.replace("-", "_"))
    if not isinstance(rows, list):
        raise BadAnswer(f"The answer has no list of {what}.", service=SERVICE)
    return wire.objects(rows)


def _ports(cloud: Cloud, **params: Any) -> tuple[PortAt, ...]:
    return tuple(map(PortAt.from_json, _list(cloud, "ports", fields=PORT_FIELDS, **params)))


def _routes(items: Any) -> tuple[tuple[str, str], ...]:
    return tuple((wire.text(item.get("destination")), wire.text(item.get("nexthop"))) for item in wire.objects(items))


def _next_hop(routes: Iterable[tuple[str, str]], address: str) -> str:
    """The next hop of the narrowest route that has the address."""
    fitting = [
        (ipaddress.ip_network(prefix, strict=False).prefixlen, hop) for prefix, hop in routes if holds(prefix, address)
    ]
    return max(fitting)[1] if fitting else ""


def holds(prefix: str, address: str) -> bool:
    """Whether a range of addresses has this one; not, if either is none."""
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        return False
