"""What hangs on a server: its volumes, and its ports with what their security groups let through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer, CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.security_groups import SecurityGroup
from dashboard.cloud.servers import SERVICE
from dashboard.cloud.volumes import SERVICE as VOLUME_SERVICE
from dashboard.cloud.volumes import Volume

NAMED = 16
"""Volumes of one server whose names are asked for."""
PAGE = 500


@dataclass(frozen=True)
class VolumeAttachment:
    """A volume on a server. ``volume`` is what Cinder says of it, None if that can't be had."""

    volume_id: str
    device: str = ""
    tag: str = ""
    is_deleted_with_server: bool = False
    volume: Volume | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> VolumeAttachment:
        return cls(
            volume_id=wire.text(body.get("volumeId")),
            device=wire.text(body.get("device")),
            tag=wire.text(body.get("tag")),
            is_deleted_with_server=wire.flag(body.get("delete_on_termination")),
        )


@dataclass(frozen=True)
class ServerPort:
    """Where a server is on a network. ``addresses`` are the fixed ones."""

    id: str
    name: str = ""
    network_id: str = ""
    mac: str = ""
    status: str = ""
    addresses: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    is_filtered: bool = True
    """Whether security groups apply at all."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ServerPort:
        return cls(
            id=wire.text(body.get("id")),
            name=wire.text(body.get("name")),
            network_id=wire.text(body.get("network_id")),
            mac=wire.text(body.get("mac_address")),
            status=wire.text(body.get("status")),
            addresses=tuple(wire.text(item.get("ip_address")) for item in wire.objects(body.get("fixed_ips"))),
            group_ids=wire.texts(body.get("security_groups")),
            is_filtered=wire.flag(body.get("port_security_enabled", True)),
        )


def list_volume_attachments(cloud: Cloud, *, id: str) -> tuple[VolumeAttachment, ...]:
    """A server's volumes as Nova has them, with one request. Raises CloudError."""
    path = f"/servers/{wire.path_id(id)}/os-volume_attachments"
    body = cloud.get(SERVICE, path, microversion=NOVA_MICROVERSION)
    if not isinstance(body.get("volumeAttachments"), list):
        raise BadAnswer("There is no list of volumes in the answer.", service=SERVICE)
    return tuple(VolumeAttachment.from_json(item) for item in wire.objects(body["volumeAttachments"]))


def with_volumes(
    cloud: Cloud, attachments: Sequence[VolumeAttachment]
) -> tuple[tuple[VolumeAttachment, ...], CloudError | None]:
    """The attachments with what Cinder says of their volumes, and the first error it answered with."""

    def fetch(volume_id: str) -> Volume:
        body = cloud.get(VOLUME_SERVICE, f"/volumes/{wire.path_id(volume_id)}")
        return Volume.from_json(wire.mapping(body.get("volume")))

    waiting = [
        (item, later(lambda item=item: fetch(item.volume_id)) if place < NAMED else None)  # type: ignore[misc]
        for place, item in enumerate(attachments)
    ]
    found = tuple(replace(item, volume=call.or_else(None)) if call else item for item, call in waiting)
    return found, next((call.error for _item, call in waiting if call and call.error), None)


def list_server_ports(cloud: Cloud, *, id: str) -> tuple[ServerPort, ...]:
    """A server's ports, with one request to Neutron. Raises CloudError."""
    body = cloud.get("network", "/v2.0/ports", device_id=id, limit=PAGE)
    if not isinstance(body.get("ports"), list):
        raise BadAnswer("There is no list of ports in the answer.", service="network")
    return tuple(ServerPort.from_json(item) for item in wire.objects(body["ports"]))


def list_groups_of(cloud: Cloud, ports: Sequence[ServerPort]) -> tuple[SecurityGroup, ...]:
    """The security groups of these ports, with one request; none if they have none. Raises CloudError."""
    ids = sorted({group_id for port in ports for group_id in port.group_ids})
    if not ids:
        return ()
    body = cloud.get("network", "/v2.0/security-groups", id=ids[:PAGE])
    if not isinstance(body.get("security_groups"), list):
        raise BadAnswer("There is no list of security groups in the answer.", service="network")
    return tuple(SecurityGroup.from_json(item) for item in wire.objects(body["security_groups"]))
