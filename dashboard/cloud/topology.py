"""How a project's networks hang together: networks outside, routers, networks, and what is on them."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later

MOST = 3000
"""Ports that are drawn at most; a project with more is told so."""
ASKED: dict[str, tuple[str, ...]] = {
    "networks": ("id", "name", "router:external", "shared", "project_id", "admin_state_up", "status"),
    "subnets": ("id", "name", "network_id", "cidr", "gateway_ip"),
    "routers": ("id", "name", "admin_state_up", "status", "external_gateway_info", "project_id"),
    "ports": ("id", "name", "network_id", "device_id", "device_owner", "fixed_ips", "status", "mac_address"),
    "floatingips": ("id", "floating_ip_address", "fixed_ip_address", "port_id"),
}
ROUTER_PORTS = ("network:router_interface", "network:ha_router_replicated_interface", "network:router_gateway")


@dataclass(frozen=True)
class Attached:
    """Something on a network: a server, or another port that is in use or waits for a use."""

    port_id: str
    device_id: str
    kind: str
    """"server", "port" (no device yet) or the owner's own word, e.g. "Octavia"."""
    name: str
    addresses: tuple[str, ...] = ()
    floating: tuple[str, ...] = ()
    mac: str = ""
    is_down: bool = False


@dataclass(frozen=True)
class Net:
    """A network with what is on it."""

    id: str
    name: str
    cidrs: tuple[str, ...] = ()
    is_external: bool = False
    is_shared: bool = False
    is_up: bool = True
    attached: tuple[Attached, ...] = ()
    router_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hop:
    """A router, with the networks on its sides."""

    id: str
    name: str
    is_up: bool = True
    external_id: str = ""
    external_address: str = ""
    network_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topology:
    """The whole of it. ``is_cut`` says that there are more ports than are drawn."""

    external: tuple[Net, ...] = ()
    routers: tuple[Hop, ...] = ()
    networks: tuple[Net, ...] = field(default_factory=tuple)
    is_cut: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.external or self.routers or self.networks)


def fetch_topology(cloud: Cloud) -> dict[str, Any]:
    """What Neutron knows of the project's networks, as JSON, with five requests side by side. Raises CloudError."""
    own = cloud.project_id or None
    narrowed: dict[str, Mapping[str, Any]] = {
        # Networks and their subnets of others are shown where they are shared.
        "networks": {},
        "subnets": {},
        "routers": {"project_id": own},
        "ports": {"project_id": own},
        "floatingips": {"project_id": own},
    }
    waiting = {
        name: later(functools.partial(_all, cloud, name, fields=list(fields), **narrowed[name]))
        for name, fields in ASKED.items()
    }
    return {name: soon.value for name, soon in waiting.items()}


def _all(cloud: Cloud, name: str, **params: Any) -> list[dict[str, Any]]:
    given = {key: value for key, value in params.items() if value is not None}
    pages = paging.pages(cloud, "network", f"/v2.0/{name}", name, size=1000, most=MOST + 1, **given)
    return [item for page in pages for item in page]


def topology_of(body: Mapping[str, Any], server_names: Mapping[str, str], project_id: str) -> Topology:
    """Puts together what ``fetch_topology`` brought. Servers are called by their names where those are known."""
    ports = wire.objects(body.get("ports"))
    subnets: dict[str, list[str]] = defaultdict(list)
    for item in wire.objects(body.get("subnets")):
        subnets[wire.text(item.get("network_id"))].append(wire.text(item.get("cidr")))
    sides: dict[str, set[str]] = defaultdict(set)
    for port in ports:
        if port.get("device_owner") in ROUTER_PORTS[:2] or "router_interface" in wire.text(port.get("device_owner")):
            sides[wire.text(port.get("device_id"))].add(wire.text(port.get("network_id")))
    routers = tuple(_hop(item, sides) for item in wire.objects(body.get("routers")))
    attached = _attached(ports[:MOST], server_names, wire.objects(body.get("floatingips")))
    of_router: dict[str, list[str]] = defaultdict(list)
    for router in routers:
        for network_id in router.network_ids:
            of_router[network_id].append(router.id)
    nets = [
        Net(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")) or wire.text(item.get("id"))[:8],
            cidrs=tuple(sorted(subnets[wire.text(item.get("id"))])),
            is_external=wire.flag(item.get("router:external")),
            is_shared=wire.flag(item.get("shared")),
            is_up=wire.flag(item.get("admin_state_up", True)),
            attached=tuple(attached[wire.text(item.get("id"))]),
            router_ids=tuple(of_router[wire.text(item.get("id"))]),
        )
        for item in wire.objects(body.get("networks"))
        if _concerns(item, project_id, attached, of_router)
    ]
    order = {router.id: place for place, router in enumerate(_sorted_routers(routers))}
    inner = sorted(
        (net for net in nets if not net.is_external or net.attached),
        # Networks of one router stand together, so that few lines cross.
        key=lambda net: (min((order[id] for id in net.router_ids), default=len(order)), net.name.casefold(), net.id),
    )
    used = {router.external_id for router in routers}
    outer = [net for net in nets if net.is_external and (net.id in used or not net.attached)]
    return Topology(
        external=tuple(sorted(outer, key=lambda net: (net.name.casefold(), net.id))),
        routers=tuple(_sorted_routers(routers)),
        networks=tuple(inner),
        is_cut=len(ports) > MOST,
    )


def _sorted_routers(routers: Iterable[Hop]) -> list[Hop]:
    return sorted(routers, key=lambda item: (item.external_id == "", item.external_id, item.name.casefold(), item.id))


def _hop(item: Mapping[str, Any], sides: Mapping[str, set[str]]) -> Hop:
    gateway = wire.mapping(item.get("external_gateway_info"))
    addresses = [wire.text(each.get("ip_address")) for each in wire.objects(gateway.get("external_fixed_ips"))]
    id = wire.text(item.get("id"))
    return Hop(
        id=id,
        name=wire.text(item.get("name")) or id[:8],
        is_up=wire.flag(item.get("admin_state_up", True)),
        external_id=wire.text(gateway.get("network_id")),
        external_address=next(iter(addresses), ""),
        network_ids=tuple(sorted(sides.get(id, set()))),
    )


def _concerns(
    item: Mapping[str, Any],
    project_id: str,
    attached: Mapping[str, Sequence[Attached]],
    of_router: Mapping[str, Sequence[str]],
) -> bool:
    """Whether a network is this project's, is used by it, or leads outside; of others' there may be thousands."""
    id = wire.text(item.get("id"))
    is_own = item.get("project_id") == project_id
    return bool(is_own or wire.flag(item.get("router:external")) or attached.get(id) or of_router.get(id))


def _attached(
    ports: Iterable[Mapping[str, Any]],
    server_names: Mapping[str, str],
    floating: Iterable[Mapping[str, Any]],
) -> Mapping[str, list[Attached]]:
    by_port: dict[str, list[str]] = defaultdict(list)
    for item in floating:
        by_port[wire.text(item.get("port_id"))].append(wire.text(item.get("floating_ip_address")))
    found: dict[str, list[Attached]] = defaultdict(list)
    for port in ports:
        owner = wire.text(port.get("device_owner"))
        if owner.startswith("network:"):
            continue
        id, device = wire.text(port.get("id")), wire.text(port.get("device_id"))
        is_server = owner.startswith("compute:") or (device in server_names)
        kind = "server" if is_server else (owner or "port")
        name = server_names.get(device, "") if is_server else wire.text(port.get("name"))
        found[wire.text(port.get("network_id"))].append(
            Attached(
                port_id=id,
                device_id=device if is_server else "",
                kind=kind,
                name=name or (device if is_server else id)[:8],
                addresses=tuple(wire.text(ip.get("ip_address")) for ip in wire.objects(port.get("fixed_ips"))),
                floating=tuple(by_port[id]),
                mac=wire.text(port.get("mac_address")),
                is_down=wire.text(port.get("status")) == "DOWN" and not is_server,
            )
        )
    for items in found.values():
        items.sort(key=lambda item: (item.kind != "server", item.name.casefold(), item.port_id))
    return found
