"""Floating IPs: addresses of the outside that lead to a port within, as a whole or port by port."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, ports, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, NotFound
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class PortForwarding:
    """A port of a floating IP that leads to a port of a server, by Neutron's API."""

    id: str
    protocol: str = ""
    external_port: str = ""
    """A port, or a range as in "8000:8010"."""
    internal_port: str = ""
    internal_address: str = ""
    port_id: str = ""
    description: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> PortForwarding:
        """From a forwarding of ``GET /v2.0/floatingips/{id}/port_forwardings``."""
        return cls(
            id=wire.text(json.get("id")),
            protocol=wire.text(json.get("protocol")),
            external_port=_ports(json, "external"),
            internal_port=_ports(json, "internal"),
            internal_address=wire.text(json.get("internal_ip_address")),
            port_id=wire.text(json.get("internal_port_id")),
            description=wire.text(json.get("description")),
        )


def _ports(json: Mapping[str, Any], side: str) -> str:
    first, _colon, last = wire.text(json.get(f"{side}_port_range")).partition(":")
    if first and last and first != last:
        return f"{first}:{last}"
    return first or wire.text(json.get(f"{side}_port"))


@dataclass(frozen=True)
class FloatingIp:
    """An address of the outside, by Neutron's API. Its name is the address."""

    id: str
    address: str = ""
    status: str = ""
    fixed_address: str = ""
    port_id: str = ""
    router_id: str = ""
    network_id: str = ""
    device_id: str = ""
    device_owner: str = ""
    port_name: str = ""
    dns_name: str = ""
    dns_domain: str = ""
    qos_policy_id: str = ""
    forwardings: int = 0
    """Ports that it forwards, where the cloud tells."""
    project_id: str = ""
    project_name: str = ""
    """Filled in by who lists every project's."""
    description: str = ""
    tags: tuple[str, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of the network, the router and the server, by id."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> FloatingIp:
        """From a floating IP of ``GET /v2.0/floatingips``."""
        port = wire.mapping(json.get("port_details"))
        return cls(
            id=wire.text(json.get("id")),
            address=wire.text(json.get("floating_ip_address")),
            status=wire.text(json.get("status")),
            fixed_address=wire.text(json.get("fixed_ip_address")),
            port_id=wire.text(json.get("port_id")),
            router_id=wire.text(json.get("router_id")),
            network_id=wire.text(json.get("floating_network_id")),
            device_id=wire.text(port.get("device_id")),
            device_owner=wire.text(port.get("device_owner")),
            port_name=wire.text(port.get("name")),
            dns_name=wire.text(json.get("dns_name")),
            dns_domain=wire.text(json.get("dns_domain")),
            qos_policy_id=wire.text(json.get("qos_policy_id")),
            forwardings=len(wire.objects(json.get("port_forwardings"))),
            project_id=wire.text(json.get("project_id")),
            description=wire.text(json.get("description")),
            tags=wire.texts(json.get("tags")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )

    @property
    def name(self) -> str:
        """The address."""
        return self.address

    @property
    def is_associated(self) -> bool:
        """Whether it leads to a port as a whole."""
        return bool(self.port_id)

    @property
    def is_server(self) -> bool:
        """Whether that port is a server's."""
        return self.device_owner.startswith("compute:")

    @property
    def use(self) -> str:
        """ "associated", "forwarding" or "free"."""
        return "associated" if self.is_associated else "forwarding" if self.forwardings else "free"


LOOKUP: Lookup[FloatingIp] = Lookup(
    text=lambda ip: (ip.address, ip.id, ip.fixed_address, ip.description, ip.dns_name, ip.port_name),
    values={
        "use": lambda ip: ip.use,
        "status": lambda ip: ip.status,
        "network": lambda ip: ip.network_id,
        "port": lambda ip: ip.port_id,
        "router": lambda ip: ip.router_id,
        "tag": lambda ip: ip.tags,
    },
    sorts={
        "address": lambda ip: _order(ip.address),
        "fixed": lambda ip: _order(ip.fixed_address),
        "status": lambda ip: ip.status,
    },
)


def _order(address: str) -> int | None:
    try:
        return int(ipaddress.ip_address(address))
    except ValueError:
        return None


def _use(value: str) -> Mapping[str, Any]:
    return {"free": {"port_id": ""}}.get(value, {})


KIND: neutron.Kind[FloatingIp] = neutron.Kind(
    path="/v2.0/floatingips",
    many="floatingips",
    one="floatingip",
    read=FloatingIp.from_json,
    sorts={"address": "floating_ip_address", "status": "status", "fixed": "fixed_ip_address"},
    filters={
        "status": neutron.exactly("status"),
        "use": _use,
        "network": neutron.exactly("floating_network_id"),
        "port": neutron.exactly("port_id"),
        "router": neutron.exactly("router_id"),
        "tag": neutron.exactly("tags"),
    },
    choices={"status": ("ACTIVE", "DOWN", "ERROR"), "use": ("associated", "forwarding", "free")},
    text=lambda text: ({"id": text}, {"port_id": text}) if neutron.is_id(text) else ({"floating_ip_address": text},),
    narrowing=("port", "router"),
    lookup=LOOKUP,
    counted=("use", "status"),
)
list_floating_ips = KIND.page
get_floating_ip = KIND.get
get_floating_ip_json = KIND.get_json
create_floating_ip = KIND.create
update_floating_ip = KIND.update
delete_floating_ip = KIND.delete


def associate(cloud: Cloud, id: str, *, port_id: str, fixed_address: str = "") -> None:
    """Leads a floating IP to a port, to one of its addresses if that is said. Raises CloudError."""
    body = {"port_id": port_id, **({"fixed_ip_address": fixed_address} if fixed_address else {})}
    try:
        KIND.update(cloud, id, body)
    except NotFound as error:
        if "not reachable" not in error.message:
            raise
        # Neutron calls it 404 when no router leads there; the floating IP itself is still there.
        raise Conflict(error.message, service="network", status=404, request_id=error.request_id) from error


def disassociate(cloud: Cloud, id: str) -> None:
    """Leads a floating IP nowhere; it stays the project's. Raises CloudError."""
    KIND.update(cloud, id, {"port_id": None})


def with_names(
    cloud: Cloud, rows: Sequence[FloatingIp], *, servers_of: ports.Names | None = None
) -> tuple[FloatingIp, ...]:
    """The floating IPs with the names of networks, routers and servers; those that can't be had are left out."""
    networks = later(lambda: neutron.names_of(cloud, "/v2.0/networks", "networks", (row.network_id for row in rows)))
    routers = later(lambda: neutron.names_of(cloud, "/v2.0/routers", "routers", (row.router_id for row in rows)))
    of_servers = {row.device_id for row in rows if row.is_server}
    servers = later(lambda: (servers_of or ports.server_names)(cloud, of_servers))
    names: dict[str, str] = {**networks.or_else({}), **routers.or_else({}), **servers.or_else({})}
    return tuple(replace(row, names=names) for row in rows)


@dataclass(frozen=True)
class Target:
    """An address within that a floating IP can lead to."""

    port_id: str
    address: str
    label: str

    @property
    def key(self) -> str:
        """What a form sends for it."""
        return f"{self.port_id}/{self.address}"


def list_targets(cloud: Cloud) -> tuple[Target, ...]:
    """IPv4 addresses of servers and of ports that nobody has, up to 1,000 ports, by name. Raises CloudError."""
    found = ports.KIND.all(cloud, fields=list(ports.LISTED), **neutron.own(cloud))
    usable = [port for port in found if port.owner in {"server", "", "other", "subport"}]
    names = later(lambda: ports.server_names(cloud, {port.device_id for port in usable if port.owner == "server"}))
    known = names.or_else({})
    targets = [
        Target(port.id, address, f"{known.get(port.device_id) or port.name or port.id[:8]} · {address}")
        for port in usable
        for address in port.addresses
        if ":" not in address
    ]
    return tuple(sorted(targets, key=lambda target: target.label.casefold()))


# Port forwarding


def _forwardings(id: str, forwarding_id: str = "") -> str:
    path = f"{KIND.url(id)}/port_forwardings"
    return path + (f"/{wire.path_id(forwarding_id)}" if forwarding_id else "")


def list_forwardings(cloud: Cloud, id: str) -> tuple[PortForwarding, ...]:
    """The ports that a floating IP forwards. Raises CloudError."""
    answer = cloud.get("network", _forwardings(id))
    return tuple(PortForwarding.from_json(item) for item in wire.objects(answer.get("port_forwardings")))


def create_forwarding(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Forwards a port. Raises CloudError."""
    cloud.post("network", _forwardings(id), {"port_forwarding": dict(body)})


def update_forwarding(cloud: Cloud, id: str, forwarding_id: str, body: Mapping[str, Any]) -> None:
    """Changes a forwarded port. Raises CloudError."""
    cloud.put("network", _forwardings(id, forwarding_id), {"port_forwarding": dict(body)})


def delete_forwarding(cloud: Cloud, id: str, forwarding_id: str) -> None:
    """Forwards a port no more. Raises CloudError."""
    cloud.delete("network", _forwardings(id, forwarding_id))
