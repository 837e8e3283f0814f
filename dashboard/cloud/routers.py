"""Routers: what leads from one network to another and to the outside."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, ports, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.ports import Port
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class Router:
    """A router, by Neutron's API."""

    id: str
    name: str
    status: str = ""
    is_admin_up: bool = True
    gateway_network_id: str = ""
    """The external network that it leads to, "" for none."""
    gateway_addresses: tuple[tuple[str, str], ...] = ()
    """Its addresses there, each with the id of its subnet."""
    is_snat_enabled: bool = True
    """Whether it hides the networks behind its own address."""
    gateway_qos_policy_id: str = ""
    routes: tuple[tuple[str, str], ...] = ()
    """Destination and next hop."""
    is_distributed: bool | None = None
    """None for those who are not told."""
    is_ha: bool | None = None
    zone_hints: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    is_ndp_proxy_enabled: bool = False
    project_id: str = ""
    project_name: str = ""
    """Filled in by who lists every project's."""
    description: str = ""
    tags: tuple[str, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None
    gateway_name: str = ""
    interfaces: tuple[Port, ...] | None = None
    """The ports by which it is on networks; None where they were not asked for."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Router:
        """From a router of ``GET /v2.0/routers``."""
        gateway = wire.mapping(json.get("external_gateway_info"))
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            status=wire.text(json.get("status")),
            is_admin_up=wire.flag(json.get("admin_state_up", True)),
            gateway_network_id=wire.text(gateway.get("network_id")),
            gateway_addresses=tuple(
                (wire.text(item.get("subnet_id")), wire.text(item.get("ip_address")))
                for item in wire.objects(gateway.get("external_fixed_ips"))
            ),
            is_snat_enabled=wire.flag(gateway.get("enable_snat", True)),
            gateway_qos_policy_id=wire.text(gateway.get("qos_policy_id")),
            routes=tuple(
                (wire.text(route.get("destination")), wire.text(route.get("nexthop")))
                for route in wire.objects(json.get("routes"))
            ),
            is_distributed=wire.flag(json["distributed"]) if json.get("distributed") is not None else None,
            is_ha=wire.flag(json["ha"]) if json.get("ha") is not None else None,
            zone_hints=wire.texts(json.get("availability_zone_hints")),
            zones=wire.texts(json.get("availability_zones")),
            is_ndp_proxy_enabled=wire.flag(json.get("enable_ndp_proxy")),
            project_id=wire.text(json.get("project_id")),
            description=wire.text(json.get("description")),
            tags=wire.texts(json.get("tags")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )

    @property
    def has_gateway(self) -> bool:
        """Whether it leads to the outside."""
        return bool(self.gateway_network_id)


LOOKUP: Lookup[Router] = Lookup(
    text=lambda router: (
        router.name,
        router.id,
        router.description,
        router.gateway_name,
        *(address for _subnet, address in router.gateway_addresses),
    ),
    values={
        "status": lambda router: router.status,
        "up": lambda router: router.is_admin_up,
        "gateway": lambda router: router.gateway_network_id,
        "tag": lambda router: router.tags,
    },
    sorts={"name": lambda router: router.name, "status": lambda router: router.status},
)
KIND: neutron.Kind[Router] = neutron.Kind(
    path="/v2.0/routers",
    many="routers",
    one="router",
    read=Router.from_json,
    sorts={"name": "name", "status": "status"},
    filters={
        "status": neutron.exactly("status"),
        "up": neutron.flag("admin_state_up"),
        "tag": neutron.exactly("tags"),
    },
    choices={"status": ("ACTIVE", "DOWN", "ERROR"), "up": ("yes", "no")},
    lookup=LOOKUP,
    counted=("status",),
)
list_routers = KIND.page
get_router_json = KIND.get_json
create_router = KIND.create
update_router = KIND.update
delete_router = KIND.delete


def get_router(cloud: Cloud, id: str) -> Router:
    """One router with its interfaces, where these can be had. Raises CloudError."""
    found = later(lambda: list_interfaces(cloud, id))
    router = KIND.get(cloud, id)
    return replace(router, interfaces=found.or_else(None))


def list_interfaces(cloud: Cloud, id: str) -> tuple[Port, ...]:
    """The ports by which a router is on networks. Raises CloudError."""
    # Of a highly available router each port is there once; its own network between the agents is left out.
    return ports.list_ports_of(cloud, id, device_owner=list(ports.INTERFACES), fields=list(ports.LISTED))


def with_names(cloud: Cloud, routers: Sequence[Router]) -> tuple[Router, ...]:
    """The routers with the names of the networks that they lead to and are on, where these can be had."""
    ids = {router.gateway_network_id for router in routers}
    ids |= {port.network_id for router in routers for port in router.interfaces or ()}
    if all(router.gateway_name for router in routers if router.gateway_network_id) and all(
        port.network_name for router in routers for port in router.interfaces or ()
    ):
        return tuple(routers)
    names = later(lambda: neutron.names_of(cloud, "/v2.0/networks", "networks", ids)).or_else({})
    return tuple(
        replace(
            router,
            gateway_name=names.get(router.gateway_network_id, ""),
            interfaces=None
            if router.interfaces is None
            else tuple(replace(port, network_name=names.get(port.network_id, "")) for port in router.interfaces),
        )
        for router in routers
    )


def gateway(
    network_id: str,
    *,
    address: str = "",
    subnet_id: str = "",
    is_snat_enabled: bool | None = None,
    qos_policy_id: str | None = None,
) -> dict[str, Any]:
    """A gateway as Neutron wants it; what is None is left to the cloud."""
    found: dict[str, Any] = {"network_id": network_id}
    if address or subnet_id:
        fixed = {"ip_address": address, "subnet_id": subnet_id}
        found["external_fixed_ips"] = [{key: value for key, value in fixed.items() if value}]
    if is_snat_enabled is not None:
        found["enable_snat"] = is_snat_enabled
    if qos_policy_id is not None:
        found["qos_policy_id"] = qos_policy_id or None
    return found


def set_gateway(cloud: Cloud, id: str, info: Mapping[str, Any]) -> None:
    """Leads the router to an external network. Raises CloudError."""
    KIND.update(cloud, id, {"external_gateway_info": dict(info)})


def clear_gateway(cloud: Cloud, id: str) -> None:
    """Takes the way out away; Conflict while floating IPs need it. Raises CloudError."""
    cloud.put("network", KIND.url(id), {"router": {"external_gateway_info": {}}})


def set_routes(cloud: Cloud, id: str, routes: Iterable[tuple[str, str]]) -> None:
    """Gives the router these static routes, and no others. Raises CloudError."""
    cloud.put(
        "network",
        KIND.url(id),
        {"router": {"routes": [{"destination": to, "nexthop": hop} for to, hop in routes]}},
    )


def add_interface(
    cloud: Cloud, id: str, *, subnet_id: str = "", port_id: str = "", network_id: str = "", address: str = ""
) -> None:
    """Puts the router on a subnet, by its gateway address or another, or takes a port. Raises CloudError."""
    path = f"{KIND.url(id)}/add_router_interface"
    if port_id:
        cloud.put("network", path, {"port_id": port_id})
        return
    if not address:
        cloud.put("network", path, {"subnet_id": subnet_id})
        return
    fixed = {"subnet_id": subnet_id, "ip_address": address}
    port = ports.create_port(cloud, {"network_id": network_id, "fixed_ips": [fixed]})
    try:
        cloud.put("network", path, {"port_id": port.id})
    except CloudError:
        # The port was made for this alone.
        with contextlib.suppress(CloudError):
            ports.delete_port(cloud, port.id)
        raise


def remove_interface(cloud: Cloud, id: str, *, port_id: str) -> None:
    """Takes the router off a network; its port goes with it. Raises CloudError."""
    cloud.put("network", f"{KIND.url(id)}/remove_router_interface", {"port_id": port_id})
