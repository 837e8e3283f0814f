"""The floating addresses of a server's ports, and what a port can be given: addresses and security groups.

Follows https://docs.openstack.org/api-ref/network/v2/#floating-ips-floatingips
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.networks import Network
from dashboard.cloud.ports import Port, fetch_free_ports
from dashboard.cloud.security_groups import SecurityGroup

SERVICE = "network"
MOST = 1000
"""Things that a form offers at most."""


@dataclass(frozen=True)
class FloatingAddress:
    """An address of an external network that leads to a port. ``fixed`` is the port's address behind it."""

    id: str
    address: str
    port_id: str = ""
    fixed: str = ""
    network_id: str = ""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> FloatingAddress:
        return cls(
            id=wire.text(body.get("id")),
            address=wire.text(body.get("floating_ip_address")),
            port_id=wire.text(body.get("port_id")),
            fixed=wire.text(body.get("fixed_ip_address")),
            network_id=wire.text(body.get("floating_network_id")),
        )


def list_floating(cloud: Cloud, *, port_ids: Iterable[str] = ()) -> tuple[FloatingAddress, ...]:
    """The project's floating addresses, or those of these ports, with one request. Raises CloudError."""
    # Without project_id an administrator is given every project's.
    given: dict[str, Any] = {"port_id": list(port_ids)} if port_ids else {"project_id": cloud.project_id or None}
    body = cloud.get(SERVICE, "/v2.0/floatingips", limit=MOST, **given)
    found = [FloatingAddress.from_json(item) for item in wire.objects(body.get("floatingips"))]
    return tuple(sorted((item for item in found if item.id), key=lambda item: item.address))


def list_external(cloud: Cloud) -> tuple[Network, ...]:
    """The networks that floating addresses come from. Raises CloudError."""
    # The parameter's name is no word of Python's.
    wanted: dict[str, Any] = {"router:external": True, "limit": MOST}
    body = cloud.get(SERVICE, "/v2.0/networks", **wanted)
    found = [Network.from_json(item) for item in wire.objects(body.get("networks"))]
    return tuple(sorted((item for item in found if item.is_external), key=lambda item: item.name.casefold()))


def list_joinable(cloud: Cloud) -> tuple[Network, ...]:
    """The networks that a server can be put on: the project's own and shared ones. Raises CloudError."""
    found = [
        Network.from_json(item)
        for items in paging.pages(cloud, SERVICE, "/v2.0/networks", "networks", most=MOST)
        for item in items
    ]
    own = cloud.project_id
    usable = [item for item in found if not item.is_external and (item.is_shared or not own or item.project_id == own)]
    return tuple(sorted((item for item in usable if item.id), key=lambda item: (item.name or item.id).casefold()))


def list_free_ports(cloud: Cloud) -> tuple[Port, ...]:
    """The project's ports that no server uses. Raises CloudError."""
    found = [Port.from_json(item) for item in fetch_free_ports(cloud)]
    return tuple(sorted((item for item in found if item.id), key=lambda item: (item.name or item.id).casefold()))


def list_groups(cloud: Cloud) -> tuple[SecurityGroup, ...]:
    """The project's security groups, without their rules. Raises CloudError."""
    fields = ("id", "name", "description", "project_id")
    # An administrator is given every project's groups otherwise; anybody else those shared with the project too.
    own = cloud.project_id if cloud.project_id and cloud.has_role("admin") else None
    body = cloud.get(SERVICE, "/v2.0/security-groups", project_id=own, fields=fields, limit=MOST)
    found = [SecurityGroup.from_json(item) for item in wire.objects(body.get("security_groups"))]
    return tuple(sorted((item for item in found if item.id), key=lambda item: (item.name or item.id).casefold()))


def allocate_floating(cloud: Cloud, *, network_id: str, port_id: str = "", fixed: str = "") -> FloatingAddress:
    """Takes an address from an external network, for a port at once if one is named. Raises CloudError."""
    body: dict[str, Any] = {"floating_network_id": network_id}
    if port_id:
        body |= _target(port_id, fixed)
    answer = cloud.post(SERVICE, "/v2.0/floatingips", {"floatingip": body})
    return FloatingAddress.from_json(wire.mapping(answer.get("floatingip")))


def associate_floating(cloud: Cloud, *, id: str, port_id: str, fixed: str = "") -> None:
    """Has a floating address lead to a port, to this fixed address of it if it has several. Raises CloudError."""
    cloud.put(SERVICE, f"/v2.0/floatingips/{wire.path_id(id)}", {"floatingip": _target(port_id, fixed)})


def disassociate_floating(cloud: Cloud, *, id: str) -> None:
    """Has a floating address lead nowhere; it stays the project's. Raises CloudError."""
    cloud.put(SERVICE, f"/v2.0/floatingips/{wire.path_id(id)}", {"floatingip": {"port_id": None}})


def release_floating(cloud: Cloud, *, id: str) -> None:
    """Gives a floating address back to the cloud. Raises CloudError."""
    cloud.delete(SERVICE, f"/v2.0/floatingips/{wire.path_id(id)}")


def set_port_groups(cloud: Cloud, *, port_id: str, group_ids: Iterable[str]) -> None:
    """Has just these security groups filter a port. Raises CloudError."""
    body = {"port": {"security_groups": list(group_ids)}}
    cloud.put(SERVICE, f"/v2.0/ports/{wire.path_id(port_id)}", body)


def _target(port_id: str, fixed: str) -> dict[str, str]:
    return {"port_id": port_id, "fixed_ip_address": fixed} if fixed else {"port_id": port_id}
