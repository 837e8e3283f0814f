"""Putting disks and network interfaces on a server, and taking them off again.

Follows https://docs.openstack.org/api-ref/compute/#servers-with-volume-attachments-servers-os-volume-attachments
and #port-interfaces-servers-os-interface.
"""

from __future__ import annotations

from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.nova import SERVICE, asking
from dashboard.cloud.server_parts import PAGE
from dashboard.cloud.volumes import SERVICE as VOLUME_SERVICE
from dashboard.cloud.volumes import Volume

# What is attached is asked for by hand: the client takes an answer that does not tell the attachment for a failure,
# and nothing of it is needed here.


def list_attachable(cloud: Cloud) -> tuple[Volume, ...]:
    """The volumes that a server can be given now, the first ``PAGE``: those that are free. Raises CloudError."""
    # Without all_tenants an administrator, too, is given the project's own.
    body = cloud.get(VOLUME_SERVICE, "/volumes/detail", status="available", limit=PAGE)
    found = [Volume.from_json(item) for item in wire.objects(body.get("volumes"))]
    return tuple(sorted((item for item in found if item.id), key=lambda item: (item.name or item.id).casefold()))


def attach_volume(
    cloud: Cloud, *, id: str, volume_id: str, device: str = "", tag: str = "", is_deleted_with_server: bool = False
) -> None:
    """Gives a server a volume. ``device`` is a wish ("/dev/vdb"), which most hypervisors overrule. Raises CloudError.

    The tag (2.49) is what the guest finds the disk by in its metadata; deletion along with the server is 2.79.
    """
    body: dict[str, Any] = {"volumeId": volume_id}
    if device:
        body["device"] = device
    if tag:
        body["tag"] = tag
    if is_deleted_with_server:
        body["delete_on_termination"] = True
    path = f"/servers/{wire.path_id(id)}/os-volume_attachments"
    cloud.post(SERVICE, path, {"volumeAttachment": body}, microversion=NOVA_MICROVERSION)


def detach_volume(cloud: Cloud, *, id: str, volume_id: str) -> None:
    """Takes a volume off a server; Nova does it in its own time. Raises CloudError."""
    with asking(cloud) as nova:
        nova.volumes.delete_server_volume(wire.path_id(id), wire.path_id(volume_id))


def set_volume_fate(cloud: Cloud, *, id: str, volume_id: str, is_deleted_with_server: bool) -> None:
    """Whether a volume is deleted together with its server (2.85). Raises CloudError."""
    with asking(cloud) as nova:
        nova.volumes.update_server_volume(
            wire.path_id(id), wire.path_id(volume_id), volume_id, delete_on_termination=is_deleted_with_server
        )


def attach_interface(
    cloud: Cloud, *, id: str, network_id: str = "", port_id: str = "", address: str = "", tag: str = ""
) -> None:
    """Puts a server on a network, by a new port or one that there is. Raises CloudError.

    ``address`` is the fixed one that the new port is to have; Nova takes it with a network alone.
    """
    body: dict[str, Any] = {"port_id": port_id} if port_id else {"net_id": network_id}
    if address and not port_id:
        body["fixed_ips"] = [{"ip_address": address}]
    if tag:
        body["tag"] = tag
    path = f"/servers/{wire.path_id(id)}/os-interface"
    cloud.post(SERVICE, path, {"interfaceAttachment": body}, microversion=NOVA_MICROVERSION)


def detach_interface(cloud: Cloud, *, id: str, port_id: str) -> None:
    """Takes a port off a server. One that Nova made goes; one that was there before stays. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.interface_detach(wire.path_id(id), wire.path_id(port_id))
