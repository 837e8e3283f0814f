"""A server as the model of another: what it was launched with, as far as the services still tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.servers import Server, get_server_json


@dataclass(frozen=True)
class Card:
    """One of its network cards."""

    network_id: str
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """The server, and what is told of it elsewhere. What could not be asked is None."""

    server: Server
    zone: str
    """The zone that was asked for, "" if any would do."""
    disk_config: str
    certificates: tuple[str, ...]
    group_id: str
    """The server group it is in."""
    cards: tuple[Card, ...] | None = None
    boot_image_id: str = ""
    """The image that its boot volume was made from."""
    boot_size: int = 0
    boot_type: str = ""
    more_volumes: int = 0
    is_volume_deleted: bool = False


def get_model(cloud: Cloud, server_id: str) -> Model:
    """Reads a server as the model of another. Raises CloudError if it is not there."""
    ports = later(lambda: _cards(cloud, server_id))
    body = get_server_json(cloud, server_id)
    server = Server.from_json(body)
    attached = wire.objects(body.get("os-extended-volumes:volumes_attached"))
    volume: Mapping[str, Any] = {}
    if server.is_volume_booted and cloud.offers("block-storage"):
        volume = _boot_volume(cloud, server.volume_ids)
    zone = body.get("pinned_availability_zone") if "pinned_availability_zone" in body else server.availability_zone
    boot_id = wire.text(volume.get("id"))
    return Model(
        server=server,
        zone=wire.text(zone),
        disk_config=wire.text(body.get("OS-DCF:diskConfig")),
        certificates=wire.texts(body.get("trusted_image_certificates")),
        group_id=next(iter(wire.texts(body.get("server_groups"))), ""),
        cards=ports.or_else(None),
        boot_image_id=wire.text(wire.mapping(volume.get("volume_image_metadata")).get("image_id")),
        boot_size=wire.number(volume.get("size")),
        boot_type=wire.text(volume.get("volume_type")),
        more_volumes=len(attached) - (1 if server.is_volume_booted else 0),
        is_volume_deleted=any(
            item.get("delete_on_termination") for item in attached if not boot_id or item.get("id") == boot_id
        )
        and server.is_volume_booted,
    )


def _cards(cloud: Cloud, server_id: str) -> tuple[Card, ...]:
    body = cloud.get("network", "/v2.0/ports", device_id=server_id)
    return tuple(
        Card(wire.text(port.get("network_id")), wire.texts(port.get("security_groups")))
        for port in wire.objects(body.get("ports"))
    )


def _boot_volume(cloud: Cloud, ids: tuple[str, ...]) -> Mapping[str, Any]:
    """The volume that it booted from: Nova names them in the order of their devices, mostly; {} if nobody tells."""
    try:
        for id in ids[:3]:
            volume = wire.mapping(cloud.get("block-storage", f"/volumes/{wire.path_id(id)}").get("volume"))
            if wire.flag(volume.get("bootable")):
                return volume
    except CloudError:
        pass
    return {}
