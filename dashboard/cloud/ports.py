"""Ports: the places on networks that servers and routers are connected by, with their addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.parallel import later

FIELDS = ("id", "name", "network_id", "fixed_ips", "mac_address", "device_id", "device_owner", "status")
LISTED = (
    *FIELDS,
    "project_id",
    "admin_state_up",
    "security_groups",
    "port_security_enabled",
    "binding:vnic_type",
    "binding:host_id",
    "description",
    "tags",
    "created_at",
)
"""What a list asks of each port: details such as the binding's make up most of the rest."""
ROUTER_OWNERS = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
    "network:router_gateway",
    "network:router_centralized_snat",
    "network:router_ha_interface",
)
INTERFACES = ROUTER_OWNERS[:3]
"""Owners of ports by which routers are on networks."""


@dataclass(frozen=True)
class Port:
    """A place on a network, with its addresses, by Neutron's API."""

    id: str
    name: str
    network_id: str
    addresses: tuple[str, ...]
    mac_address: str
    is_free: bool
    subnet_ids: tuple[str, ...] = ()
    """In the order of the addresses."""
    status: str = ""
    is_admin_up: bool = True
    device_id: str = ""
    device_owner: str = ""
    group_ids: tuple[str, ...] = ()
    is_port_security_enabled: bool = True
    pairs: tuple[tuple[str, str], ...] = ()
    """Further addresses that it may send from, each with a MAC address or ""."""
    vnic_type: str = "normal"
    host_id: str = ""
    """For administrators alone."""
    vif_type: str = ""
    qos_policy_id: str = ""
    dns_name: str = ""
    fqdns: tuple[str, ...] = ()
    trunk_id: str = ""
    """The trunk that it is the parent of."""
    project_id: str = ""
    project_name: str = ""
    """Filled in by who lists every project's."""
    description: str = ""
    tags: tuple[str, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None
    network_name: str = ""
    owner_name: str = ""
    group_names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Port:
        """From a port of ``GET /v2.0/ports``."""
        fixed = wire.objects(item.get("fixed_ips"))
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            network_id=wire.text(item.get("network_id")),
            addresses=tuple(wire.text(ip.get("ip_address")) for ip in fixed),
            mac_address=wire.text(item.get("mac_address")),
            is_free=not item.get("device_id") and not item.get("device_owner"),
            subnet_ids=tuple(wire.text(ip.get("subnet_id")) for ip in fixed),
            status=wire.text(item.get("status")),
            is_admin_up=wire.flag(item.get("admin_state_up", True)),
            device_id=wire.text(item.get("device_id")),
            device_owner=wire.text(item.get("device_owner")),
            group_ids=wire.texts(item.get("security_groups")),
            is_port_security_enabled=wire.flag(item.get("port_security_enabled", True)),
            pairs=tuple(
                (wire.text(pair.get("ip_address")), wire.text(pair.get("mac_address")))
                for pair in wire.objects(item.get("allowed_address_pairs"))
            ),
            vnic_type=wire.text(item.get("binding:vnic_type"), "normal"),
            host_id=wire.text(item.get("binding:host_id")),
            vif_type=wire.text(item.get("binding:vif_type")),
            qos_policy_id=wire.text(item.get("qos_policy_id")),
            dns_name=wire.text(item.get("dns_name")),
            fqdns=tuple(wire.text(entry.get("fqdn")) for entry in wire.objects(item.get("dns_assignment"))),
            trunk_id=wire.text(wire.mapping(item.get("trunk_details")).get("trunk_id")),
            project_id=wire.text(item.get("project_id")),
            description=wire.text(item.get("description")),
            tags=wire.texts(item.get("tags")),
            created=wire.moment(item.get("created_at")),
            updated=wire.moment(item.get("updated_at")),
        )

    @property
    def owner(self) -> str:
        """What has it: "server", "router", "dhcp", "floating-ip", "subport", "other", or "" for nothing."""
        if self.device_owner.startswith("compute:"):
            return "server"
        if self.device_owner in ROUTER_OWNERS:
            return "router"
        if self.is_free:
            return ""
        known = {"network:dhcp": "dhcp", "network:floatingip": "floating-ip", "trunk:subport": "subport"}
        return known.get(self.device_owner, "other" if self.device_owner else "server")

    @property
    def is_router_interface(self) -> bool:
        """Whether a router is on a network by it."""
        return self.device_owner in INTERFACES

    @property
    def is_bound(self) -> bool:
        """Whether a host has plugged it in."""
        return self.vif_type not in {"", "unbound", "binding_failed"}


def _text(text: str) -> Sequence[Mapping[str, Any]]:
    """Free text: an id of the port or of what has it, a MAC address, a part of an IP address, or a whole name."""
    if neutron.is_id(text):
        return ({"id": text}, {"device_id": text}, {"network_id": text})
    if re.fullmatch(r"(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}", text):
        return ({"mac_address": text.lower().replace("-", ":")},)
    if re.fullmatch(r"[0-9.]*\.[0-9.]*|[0-9a-fA-F:]*:[0-9a-fA-F:]*", text):
        return ({"fixed_ips": f"ip_address_substr={text}"}, {"name": text})
    return ({"name": text},)


KIND: neutron.Kind[Port] = neutron.Kind(
    path="/v2.0/ports",
    many="ports",
    one="port",
    read=Port.from_json,
    fields=LISTED,
    sorts={
        "name": "name",
        "status": "status",
        "mac": "mac_address",
        "network": "network_id",
        "owner": "device_owner",
    },
    filters={
        "status": neutron.exactly("status"),
        "name": neutron.exactly("name"),
        "mac": neutron.exactly("mac_address"),
        "ip": lambda value: {"fixed_ips": f"ip_address_substr={value}"},
        "network_id": neutron.exactly("network_id"),
        "subnet_id": lambda value: {"fixed_ips": f"subnet_id={value}"},
        "device": neutron.exactly("device_id"),
        "owner": neutron.exactly("device_owner"),
        "group": neutron.exactly("security_groups"),
        "host": neutron.exactly("binding:host_id"),
        "up": neutron.flag("admin_state_up"),
        "tag": neutron.exactly("tags"),
    },
    choices={"status": ("ACTIVE", "BUILD", "DOWN", "ERROR"), "up": ("yes", "no")},
    text=_text,
    narrowing=("network_id", "subnet_id", "device", "group"),
)
list_ports = KIND.page
get_port = KIND.get
get_port_json = KIND.get_json
create_port = KIND.create
update_port = KIND.update
delete_port = KIND.delete


Names = Callable[[Cloud, Iterable[str]], Mapping[str, str]]
"""Names by ids."""


def with_names(cloud: Cloud, ports: Sequence[Port], *, servers_of: Names | None = None) -> tuple[Port, ...]:
    """The ports with the names of their networks and of what has them; those that can't be had are left out.

    ``servers_of`` gives the names of servers, where something nearer than Nova knows them.
    """
    if all(port.network_name for port in ports):
        return tuple(ports)
    networks = later(lambda: neutron.names_of(cloud, "/v2.0/networks", "networks", (p.network_id for p in ports)))
    of_routers = {port.device_id for port in ports if port.owner == "router"}
    routers = later(lambda: neutron.names_of(cloud, "/v2.0/routers", "routers", of_routers))
    of_servers = {port.device_id for port in ports if port.owner == "server"}
    servers = later(lambda: (servers_of or server_names)(cloud, of_servers))
    # One port's page names its groups; a list's rows don't show them.
    ids = ports[0].group_ids if len(ports) == 1 else ()
    groups = later(lambda: neutron.names_of(cloud, "/v2.0/security-groups", "security_groups", ids))
    owners = {**routers.or_else({}), **servers.or_else({})}
    names, group_names = networks.or_else({}), groups.or_else({})
    return tuple(
        replace(
            port,
            network_name=names.get(port.network_id, ""),
            owner_name=owners.get(port.device_id, ""),
            group_names=group_names,
        )
        for port in ports
    )


NAMED = 1000
"""Servers whose names one request brings."""


def server_names(cloud: Cloud, ids: Iterable[str]) -> Mapping[str, str]:
    """Names of servers by id: one by one while they are few, else those of the newest thousand. Raises CloudError."""
    ids = set(ids)
    if not ids or not cloud.offers("compute"):
        return {}
    if len(ids) == 1:
        (id,) = ids
        body = cloud.get("compute", f"/servers/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)
        return {id: wire.text(wire.mapping(body.get("server")).get("name"))}
    body = cloud.get("compute", "/servers", limit=NAMED, microversion=NOVA_MICROVERSION)
    return {wire.text(item.get("id")): wire.text(item.get("name")) for item in wire.objects(body.get("servers"))}


def find_ports(cloud: Cloud, text: str, *, most: int = 20) -> tuple[Port, ...]:
    """The ports with a part of an address, a whole MAC address or an id; administrators find everybody's.

    Nothing is asked for any other text: by names they are found in their own list. Raises CloudError.
    """
    is_address = re.fullmatch(r"[0-9.]{4,}|[0-9a-f:-]{4,}", text) and set(text) & {".", ":"}
    if not is_address and not neutron.is_id(text):
        return ()
    asked = [params for params in _text(text) if "name" not in params]
    rows = [port for params in asked for port in KIND.all(cloud, most=most, **params)]
    return tuple(rows)


def fetch_free_ports(cloud: Cloud) -> list[dict[str, Any]]:
    """The project's ports without a device, as JSON. Raises CloudError."""
    # Without project_id an administrator is given every project's ports.
    body = cloud.get(
        "network", "/v2.0/ports", project_id=cloud.project_id or None, device_id="", fields=FIELDS, limit=1000
    )
    return [item for item in wire.objects(body.get("ports")) if Port.from_json(item).is_free]


def list_ports_of(cloud: Cloud, device_id: str, **params: Any) -> tuple[Port, ...]:
    """The ports that a server or router has, up to 1,000. Raises CloudError."""
    return KIND.all(cloud, device_id=device_id, **params)
