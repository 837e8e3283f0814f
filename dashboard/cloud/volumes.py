"""Volumes: disks that outlive servers.

Follows the Block Storage API v3; sizes are in GiB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.cinder import PAGE, SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.snapshots import VolumeSnapshot as VolumeSnapshot
from dashboard.cloud.types import Lookup, Page, Query
from dashboard.cloud.volume_messages import Message, list_messages
from dashboard.cloud.volume_types import VolumeType as VolumeType

__all__ = ["PAGE", "SERVICE", "Attachment", "Volume", "VolumeSnapshot", "VolumeType"]

MOVING = frozenset(
    {"creating", "deleting", "attaching", "detaching", "extending", "retyping", "backing-up", "restoring-backup"}
    | {"downloading", "uploading", "managing", "unmanaging", "reverting"}
)
"""States that end by themselves."""
MIGRATING = frozenset({"starting", "migrating", "completing"})
BROKEN = frozenset(
    {"error", "error_deleting", "error_restoring", "error_backing-up", "error_extending", "error_managing"}
)
LONGEST_VALUE = 255
"""Characters of a metadata value that lists keep; detail pages have it whole."""


@dataclass(frozen=True)
class Attachment:
    """Where a volume hangs. ``server_name`` is "" until somebody who knows it fills it in."""

    server_id: str
    device: str = ""
    attachment_id: str = ""
    host: str = ""
    """Known to administrators only."""
    attached: datetime | None = None
    server_name: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Attachment:
        return cls(
            server_id=wire.text(item.get("server_id")),
            device=wire.text(item.get("device")),
            attachment_id=wire.text(item.get("attachment_id")),
            host=wire.text(item.get("host_name")),
            attached=wire.moment(item.get("attached_at")),
        )


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
    description: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    is_encrypted: bool = False
    is_multiattach: bool = False
    attachments: tuple[Attachment, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    image_metadata: Mapping[str, str] = field(default_factory=dict)
    """What is known of the image it was made from; servers that boot from it follow it."""
    image_id: str = ""
    snapshot_id: str = ""
    source_id: str = ""
    """The volume that it was copied from."""
    backup_id: str = ""
    group_id: str = ""
    type_id: str = ""
    migration: str = ""
    host: str = ""
    """host@backend#pool; administrators are told."""
    project_id: str = ""
    project_name: str = ""
    """"" until somebody who knows it fills it in."""
    user_id: str = ""
    replication: str = ""
    fault: Message | None = None
    """Why it is broken, on its own page."""
    action_fault: Message | None = None
    """What went wrong with what was last done to it, as far as lists noticed."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Volume:
        fault = item.get("action_fault")
        image = wire.mapping(item.get("volume_image_metadata"))
        migration = item.get("migration_status") or item.get("os-vol-mig-status-attr:migstat")
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
            description=wire.text(item.get("description")),
            created=wire.moment(item.get("created_at")),
            updated=wire.moment(item.get("updated_at")),
            is_encrypted=wire.flag(item.get("encrypted")),
            is_multiattach=wire.flag(item.get("multiattach")),
            attachments=tuple(Attachment.from_json(part) for part in wire.objects(item.get("attachments"))),
            metadata={key: wire.text(value) for key, value in wire.mapping(item.get("metadata")).items()},
            image_metadata={key: wire.text(value) for key, value in image.items()},
            image_id=wire.text(image.get("image_id")),
            snapshot_id=wire.text(item.get("snapshot_id")),
            source_id=wire.text(item.get("source_volid")),
            backup_id=wire.text(item.get("backup_id")),
            group_id=wire.text(item.get("group_id")),
            type_id=wire.text(item.get("volume_type_id")),
            migration=wire.text(migration),
            host=wire.text(item.get("os-vol-host-attr:host")),
            project_id=wire.text(item.get("os-vol-tenant-attr:tenant_id")),
            user_id=wire.text(item.get("user_id")),
            replication=wire.text(item.get("replication_status")),
            action_fault=Message.from_json(fault) if isinstance(fault, dict) else None,
        )

    @property
    def is_transitional(self) -> bool:
        """Whether its state is about to change by itself."""
        return self.status in MOVING or self.migration in MIGRATING

    @property
    def is_broken(self) -> bool:
        return self.status in BROKEN

    @property
    def is_attached(self) -> bool:
        return bool(self.attachments) or self.status == "in-use"

    @property
    def is_readonly(self) -> bool:
        """Whether servers may only read it; Cinder tells it among the metadata."""
        return wire.flag(self.metadata.get("readonly", ""))

    @property
    def own_metadata(self) -> Mapping[str, str]:
        """The metadata that people set: without what Cinder puts there itself."""
        return {key: value for key, value in self.metadata.items() if key not in {"readonly", "attached_mode"}}

    @property
    def can_attach(self) -> bool:
        """Whether another server may have it now."""
        return self.status == "available" or (self.status == "in-use" and self.is_multiattach)

    @property
    def can_delete(self) -> bool:
        """Whether it is at rest and hangs on nothing; snapshots of it are another matter."""
        is_at_rest = self.status in {"available", "error", "error_restoring", "error_extending", "error_managing"}
        return is_at_rest and not self.attachments and self.migration not in MIGRATING


LOOKUP: Lookup[Volume] = Lookup(
    text=lambda volume: (
        volume.name,
        volume.id,
        volume.description,
        *(part for item in volume.attachments for part in (item.server_id, item.server_name)),
    ),
    values={
        "status": lambda volume: volume.status,
        "name": lambda volume: volume.name,
        "id": lambda volume: volume.id,
        "type": lambda volume: volume.volume_type,
        "zone": lambda volume: volume.availability_zone,
        "bootable": lambda volume: volume.is_bootable,
        "encrypted": lambda volume: volume.is_encrypted,
        "attached": lambda volume: volume.is_attached,
        "server": lambda volume: [item.server_id for item in volume.attachments],
        "snapshot": lambda volume: volume.snapshot_id,
        "source": lambda volume: volume.source_id,
        "image": lambda volume: volume.image_id,
        "group": lambda volume: volume.group_id,
        "host": lambda volume: volume.host,
        "project": lambda volume: (volume.project_id, volume.project_name),
    },
    sorts={
        **cinder.SORTS,
        "type": lambda volume: volume.volume_type,
        "zone": lambda volume: volume.availability_zone,
        "bootable": lambda volume: volume.is_bootable,
        "updated": lambda volume: volume.updated or cinder.LONG_AGO,
    },
)
LIST: cinder.Listed[Volume] = cinder.Listed(
    path="/volumes/detail",
    key="volumes",
    make=Volume.from_json,
    lookup=LOOKUP,
    sorts={
        "name": "name",
        "status": "status",
        "size": "size",
        "type": "volume_type_id",
        "zone": "availability_zone",
        "bootable": "bootable",
        "created": "created_at",
        "updated": "updated_at",
    },
    filters={
        "status": "status",
        "name": "name",
        "zone": "availability_zone",
        "bootable": "bootable",
        "group": "group_id",
    },
)


def list_volumes(cloud: Cloud, query: Query) -> Page[Volume]:
    """One page of the project's volumes straight from Cinder. Raises CloudError."""
    return LIST.page(cloud, query)


def list_all_projects(cloud: Cloud, query: Query) -> Page[Volume]:
    """One page of every project's volumes for administrators, of their own for others. Raises CloudError."""
    owners = [value for value in query.values("project") if value]
    if not cloud.has_role("admin"):
        return LIST.page(cloud, query)
    return LIST.page(cloud, query, all_tenants=1, project_id=owners[0] if len(owners) == 1 else None)


def get_volume_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A volume as Cinder gives it. Raises CloudError."""
    return cinder.one(cloud, f"/volumes/{wire.path_id(id)}", "volume")


def get_volume(cloud: Cloud, id: str) -> Volume:
    """One volume. Raises CloudError, NotFound among them."""
    return Volume.from_json(get_volume_json(cloud, id))


def get_volume_with_fault(cloud: Cloud, id: str) -> Volume:
    """One volume, and if it is broken, what Cinder has to say of it. Raises CloudError."""
    volume = get_volume(cloud, id)
    if not volume.is_broken:
        return volume
    try:
        found = list_messages(cloud, resource_id=volume.id, most=1)
    except CloudError:
        # The volume itself is what was asked for.
        return volume
    return replace(volume, fault=found[0] if found else None)


def with_server_names(volumes: Sequence[Volume], names: Mapping[str, str]) -> list[Volume]:
    """The volumes with the names of the servers that they hang on, as far as they are known."""
    return [
        replace(
            volume,
            attachments=tuple(
                replace(item, server_name=names.get(item.server_id, item.server_name)) for item in volume.attachments
            ),
        )
        if volume.attachments
        else volume
        for volume in volumes
    ]


# What the list that is watched needs


def iter_volumes(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every volume of the project, trimmed, page by page. Raises CloudError."""
    for items in cinder.every(cloud, "/volumes/detail", "volumes"):
        yield [trim(cloud, item) for item in cinder.with_id(items)]


def trim(cloud: Cloud, item: Mapping[str, Any]) -> dict[str, Any]:
    """What lists need of a volume: without links, and with short values only."""
    kept = {key: value for key, value in item.items() if key not in {"links", "service_uuid", "shared_targets"}}
    for key in ("metadata", "volume_image_metadata"):
        if isinstance(kept.get(key), dict):
            kept[key] = {name: text for name, text in kept[key].items() if len(wire.text(text)) <= LONGEST_VALUE}
    return kept


def confirm_gone(cloud: Cloud, id: str) -> bool:
    """Whether a volume that is missing from the list is really gone. Raises CloudError."""
    return cinder.confirm_gone(cloud, f"/volumes/{wire.path_id(id)}", "volume")


# What launching a server needs


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
