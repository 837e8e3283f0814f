"""Backups: copies of volumes that are kept apart from them, whole or only what changed.

Sizes are in GiB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup, Page, Query

MOVING = frozenset({"creating", "deleting", "restoring"})


@dataclass(frozen=True)
class Backup:
    """A copy of a volume in a place of its own. ``size`` is in GiB."""

    id: str
    name: str
    status: str = ""
    size: int = 0
    volume_id: str = ""
    snapshot_id: str = ""
    description: str = ""
    container: str = ""
    """Where the back end keeps it: a Swift container, a folder."""
    is_incremental: bool = False
    has_dependents: bool = False
    """Whether later incremental backups build on it."""
    fail_reason: str = ""
    objects: int = 0
    availability_zone: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    data_from: datetime | None = None
    """Of when the data are: earlier than ``created`` for a backup of a snapshot."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_encrypted: bool = False
    project_id: str = ""
    volume_name: str = ""
    """"" until somebody who knows it fills it in."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Backup:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            size=wire.number(item.get("size")),
            volume_id=wire.text(item.get("volume_id")),
            snapshot_id=wire.text(item.get("snapshot_id")),
            description=wire.text(item.get("description")),
            container=wire.text(item.get("container")),
            is_incremental=wire.flag(item.get("is_incremental")),
            has_dependents=wire.flag(item.get("has_dependent_backups")),
            fail_reason=wire.text(item.get("fail_reason")),
            objects=wire.number(item.get("object_count")),
            availability_zone=wire.text(item.get("availability_zone")),
            created=wire.moment(item.get("created_at")),
            updated=wire.moment(item.get("updated_at")),
            data_from=wire.moment(item.get("data_timestamp")),
            metadata={key: wire.text(value) for key, value in wire.mapping(item.get("metadata")).items()},
            is_encrypted=bool(wire.text(item.get("encryption_key_id"))),
            project_id=wire.text(item.get("os-backup-project-attr:project_id")),
        )

    @property
    def is_transitional(self) -> bool:
        """Whether its state is about to change by itself."""
        return self.status in MOVING

    @property
    def is_ready(self) -> bool:
        return self.status == "available"

    @property
    def can_delete(self) -> bool:
        """Whether it is at rest and nothing builds on it."""
        return self.status in {"available", "error"} and not self.has_dependents


LOOKUP: Lookup[Backup] = Lookup(
    text=lambda backup: (backup.name, backup.id, backup.description, backup.volume_id, backup.volume_name),
    values={
        "status": lambda backup: backup.status,
        "name": lambda backup: backup.name,
        "id": lambda backup: backup.id,
        "volume": lambda backup: backup.volume_id,
        "snapshot": lambda backup: backup.snapshot_id,
        "incremental": lambda backup: backup.is_incremental,
        "container": lambda backup: backup.container,
    },
    sorts=cinder.SORTS,
)
LIST: cinder.Listed[Backup] = cinder.Listed(
    path="/backups/detail",
    key="backups",
    make=Backup.from_json,
    lookup=LOOKUP,
    sorts={"name": "name", "status": "status", "size": "size", "created": "created_at"},
    filters={"status": "status", "name": "name", "volume": "volume_id"},
)


def list_backups(cloud: Cloud, query: Query) -> Page[Backup]:
    """One page of the project's backups straight from Cinder. Raises CloudError."""
    return LIST.page(cloud, query)


def get_backup_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A backup as Cinder gives it. Raises CloudError."""
    return cinder.one(cloud, f"/backups/{wire.path_id(id)}", "backup")


def get_backup(cloud: Cloud, id: str) -> Backup:
    """One backup. Raises CloudError, NotFound among them."""
    return Backup.from_json(get_backup_json(cloud, id))


def create_backup(
    cloud: Cloud,
    *,
    volume_id: str,
    name: str,
    description: str = "",
    container: str = "",
    is_incremental: bool = False,
    is_in_use: bool = False,
    snapshot_id: str = "",
) -> Backup:
    """Begins to back a volume up, or one of its snapshots. Raises CloudError, QuotaExceeded among them."""
    body: dict[str, Any] = {"volume_id": volume_id, "name": name, "incremental": is_incremental}
    body |= {"description": description} if description else {}
    body |= {"container": container} if container else {}
    body |= {"snapshot_id": snapshot_id} if snapshot_id else {}
    # Without it Cinder refuses volumes that servers use.
    body |= {"force": True} if is_in_use else {}
    answer = cinder.post(cloud, "/backups", {"backup": body})
    return Backup.from_json(wire.mapping(answer.get("backup")))


def update_backup(cloud: Cloud, *, id: str, name: str, description: str) -> None:
    """Gives a backup another name and description (3.9). Raises CloudError."""
    cinder.put(cloud, f"/backups/{wire.path_id(id)}", {"backup": {"name": name, "description": description}})


def restore_backup(cloud: Cloud, *, id: str, volume_id: str = "", name: str = "") -> str:
    """Begins to write a backup to a volume, or to a new one of this name; gives the volume's id. Raises CloudError."""
    body = {"volume_id": volume_id} if volume_id else ({"name": name} if name else {})
    answer = cinder.post(cloud, f"/backups/{wire.path_id(id)}/restore", {"restore": body})
    return wire.text(wire.mapping(answer.get("restore")).get("volume_id"))


def delete_backup(cloud: Cloud, *, id: str) -> None:
    """Begins to delete a backup. Raises CloudError."""
    cinder.delete(cloud, f"/backups/{wire.path_id(id)}")


def force_delete_backup(cloud: Cloud, *, id: str) -> None:
    """Deletes a backup in whatever state. Raises CloudError."""
    cinder.post(cloud, f"/backups/{wire.path_id(id)}/action", {"os-force_delete": {}})


def reset_backup(cloud: Cloud, *, id: str, status: str) -> None:
    """Writes another state into Cinder's records, and changes nothing else. Raises CloudError."""
    cinder.post(cloud, f"/backups/{wire.path_id(id)}/action", {"os-reset_status": {"status": status}})


def confirm_gone(cloud: Cloud, id: str) -> bool:
    """Whether a backup that is missing from the list is really gone. Raises CloudError."""
    return cinder.confirm_gone(cloud, f"/backups/{wire.path_id(id)}", "backup")
