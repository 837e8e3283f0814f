"""A floating IP for a new server: chosen or allocated before it is launched, associated once it has a port.

Everything here but the allocation may be repeated: who lost an answer asks again. An allocation carries the launch's
mark as its description, so that it is found when its answer is lost. Follows ``/v2.0/floatingips`` of Neutron.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Invalid, NotFound, translated

SERVICE = "network"


@dataclass(frozen=True)
class FreeAddress:
    """A floating IP of the project, or a new one. ``network_id`` is the external network's."""

    id: str
    address: str
    network_id: str = ""
    is_free: bool = True

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> FreeAddress:
        return cls(
            id=wire.text(item.get("id")),
            address=wire.text(item.get("floating_ip_address")),
            network_id=wire.text(item.get("floating_network_id")),
            is_free=not item.get("port_id"),
        )


def fetch_free(cloud: Cloud) -> list[dict[str, Any]]:
    """The project's floating IPs that nothing uses, as JSON; the first 1,000 of them. Raises CloudError."""
    # Without project_id an administrator is given every project's.
    body = cloud.get(SERVICE, "/v2.0/floatingips", project_id=cloud.project_id or None, limit=1000)
    return [item for item in wire.objects(body.get("floatingips")) if FreeAddress.from_json(item).is_free]


def fetch_external(cloud: Cloud) -> list[dict[str, Any]]:
    """The networks that floating IPs come from, as JSON. Raises CloudError."""
    filters: dict[str, Any] = {"router:external": "true", "fields": ["id", "name"]}
    body = cloud.get(SERVICE, "/v2.0/networks", **filters)
    return wire.objects(body.get("networks"))


def allocate(cloud: Cloud, network_id: str, mark: str) -> FreeAddress:
    """A new floating IP from an external network. Raises CloudError, when there surely is none or nobody knows."""
    with translated(SERVICE):
        body = {"floatingip": {"floating_network_id": network_id, "description": mark}}
        try:
            answer = cloud.post(SERVICE, "/v2.0/floatingips", body)
        except CloudError as error:
            if not error.is_unknown_outcome:
                raise
            found = find(cloud, mark)
            if found is None:
                raise
            return found
        return FreeAddress.from_json(paging.inner(answer, "floatingip", SERVICE))


def find(cloud: Cloud, mark: str) -> FreeAddress | None:
    """The floating IP that was allocated with this mark. Raises CloudError."""
    body = cloud.get(SERVICE, "/v2.0/floatingips", project_id=cloud.project_id or None, description=mark)
    found = [
        FreeAddress.from_json(item)
        for item in wire.objects(body.get("floatingips"))
        if wire.text(item.get("description")) == mark
    ]
    return found[0] if found else None


def associate(cloud: Cloud, id: str, port_id: str, *, is_new: bool = False) -> str:
    """Makes a floating IP lead to a port, and gives its address; the same once more changes nothing.

    One that ``is_new`` needs its mark no more.
    """
    body = {"port_id": port_id} | ({"description": ""} if is_new else {})
    answer = cloud.put(SERVICE, f"/v2.0/floatingips/{wire.path_id(id)}", {"floatingip": body})
    return wire.text(wire.mapping(answer.get("floatingip")).get("floating_ip_address"))


def release(cloud: Cloud, id: str) -> None:
    """Gives a floating IP back; gone already is as good. Raises CloudError."""
    try:
        cloud.delete(SERVICE, f"/v2.0/floatingips/{wire.path_id(id)}")
    except NotFound:
        return


def ports_of(cloud: Cloud, server_id: str) -> list[str]:
    """The server's ports that have an IPv4 address, as Neutron lists them. Raises CloudError."""
    body = cloud.get(SERVICE, "/v2.0/ports", device_id=server_id, fields=["id", "fixed_ips", "network_id"])
    return [
        wire.text(port.get("id"))
        for port in wire.objects(body.get("ports"))
        if any("." in wire.text(ip.get("ip_address")) for ip in wire.objects(port.get("fixed_ips")))
    ]


def lead_to(cloud: Cloud, id: str, port_ids: list[str], *, is_new: bool = False) -> str:
    """Associates a floating IP with the first of the ports that a router connects to its network.

    Raises CloudError: Neutron's refusal of the last one, where it refuses all.
    """
    refused: CloudError | None = None
    for port_id in port_ids:
        try:
            return associate(cloud, id, port_id, is_new=is_new)
        except (Conflict, Invalid, NotFound) as error:
            refused = error
    raise refused or NotFound("The server has no port with an IPv4 address.", service=SERVICE)
