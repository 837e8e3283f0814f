"""Volumes, their snapshots and types, as far as servers boot from them.

Follows the Block Storage API v3 at its base microversion; sizes are in GiB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud

SERVICE = "block-storage"
PAGE = 1000
"""Rows asked for at once; Cinder's own limit is 1000 unless the operator changed it."""


@dataclass(frozen=True)
class Volume:
    """A disk that outlives servers. ``size`` is in GiB."""

    id: str
    name: str
    status: str
    size: int
    is_bootable: bool
    volume_type: str
    availability_zone: str
    image_name: str = ""
    """The image that the volume was made from, "" if none."""
    image_min_disk: int = 0
    image_min_ram: int = 0

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Volume:
        image = wire.mapping(item.get("volume_image_metadata"))
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            size=wire.number(item.get("size")),
            is_bootable=wire.flag(item.get("bootable")),
            volume_type=wire.text(item.get("volume_type")),
            availability_zone=wire.text(item.get("availability_zone")),
            image_name=wire.text(image.get("image_name")),
            image_min_disk=wire.number(image.get("min_disk")),
            image_min_ram=wire.number(image.get("min_ram")),
        )


@dataclass(frozen=True)
class VolumeSnapshot:
    """A volume as it was once. ``size`` is in GiB."""

    id: str
    name: str
    status: str
    size: int
    volume_id: str

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> VolumeSnapshot:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            size=wire.number(item.get("size")),
            volume_id=wire.text(item.get("volume_id")),
        )


@dataclass(frozen=True)
class VolumeType:
    """A kind of disk that the operator offers."""

    id: str
    name: str
    description: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> VolumeType:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            description=wire.text(item.get("description")),
        )


def fetch_bootable(cloud: Cloud) -> list[dict[str, Any]]:
    """The volumes that a server could boot from now, as JSON; the first ``PAGE`` of them. Raises CloudError."""
    # The status has to be asked for here: a volume in use is bootable too.
    body = cloud.get(SERVICE, "/volumes/detail", bootable="true", status="available", limit=PAGE)
    return wire.objects(body.get("volumes"))


def fetch_snapshots(cloud: Cloud) -> list[dict[str, Any]]:
    """The volume snapshots that are ready for use, as JSON. Raises CloudError."""
    body = cloud.get(SERVICE, "/snapshots/detail", status="available", limit=PAGE)
    return wire.objects(body.get("snapshots"))


def fetch_types(cloud: Cloud) -> list[dict[str, Any]]:
    """The volume types that this project may use, as JSON. Raises CloudError."""
    return wire.objects(cloud.get(SERVICE, "/types").get("volume_types"))
