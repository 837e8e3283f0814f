"""The disks of a new server besides the one that it boots from: new ones, copies, and volumes that exist.

Follows ``block_device_mapping_v2`` of ``POST /servers``; sizes are in GiB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

DiskKind = Literal["blank", "image", "snapshot", "volume"]

BUSES = ("virtio", "scsi", "sata", "ide", "usb")
"""What Nova knows that a guest with common drivers can use; the host has the last word."""
MOST_DISKS = 20


@dataclass(frozen=True)
class Disk:
    """A disk that the server is given.

    ``kind`` says what it is made of, ``source_id`` of which one ("" for blank). ``size`` 0 is
    the source's. ``boot_order`` 0: it is never booted from.
    """

    kind: DiskKind
    source_id: str = ""
    size: int = 0
    volume_type: str = ""
    bus: str = ""
    is_deleted: bool = False
    """Whether it goes away with the server."""
    tag: str = ""
    boot_order: int = 0

    def to_json(self) -> dict[str, Any]:
        disk: dict[str, Any] = {
            "boot_index": self.boot_order or -1,
            "source_type": self.kind,
            "destination_type": "volume",
            "delete_on_termination": self.is_deleted,
        }
        if self.source_id:
            disk["uuid"] = self.source_id
        if self.kind != "volume":
            given = {"volume_size": self.size, "volume_type": self.volume_type}
            disk |= {key: value for key, value in given.items() if value}
        return disk | {key: value for key, value in (("disk_bus", self.bus), ("tag", self.tag)) if value}


def image_disk(image_id: str) -> dict[str, Any]:
    """The host's own disk made from the image, which Nova wants to be told as soon as there are others."""
    return {
        "boot_index": 0,
        "uuid": image_id,
        "source_type": "image",
        "destination_type": "local",
        "delete_on_termination": True,
    }


def in_boot_order(disks: Sequence[Disk]) -> tuple[Disk, ...]:
    """The disks with boot orders 1, 2, 3 without gaps, which Nova refuses; equal ones in the order given."""
    wanted = sorted((place for place, disk in enumerate(disks) if disk.boot_order), key=lambda p: disks[p].boot_order)
    ranks = {place: rank for rank, place in enumerate(wanted, start=1)}
    return tuple(replace(disk, boot_order=ranks.get(place, 0)) for place, disk in enumerate(disks))
