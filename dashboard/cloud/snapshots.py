"""Snapshots: volumes as they were once. New volumes are made from them, and volumes are set back to them.

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

MOVING = frozenset({"creating", "deleting", "updating", "unmanaging", "backing-up", "restoring"})


@dataclass(frozen=True)
class VolumeSnapshot:
    """A volume as it was once. ``size`` is in GiB."""

    id: str
    name: str
    status: str
    size: int
    volume_id: str
    description: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    progress: str = ""
    """As in "100%"."""
    group_snapshot_id: str = ""
    project_id: str = ""
    volume_name: str = ""
    """"" until somebody who knows it fills it in."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> VolumeSnapshot:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            size=wire.number(item.get("size")),
            volume_id=wire.text(item.get("volume_id")),
            description=wire.text(item.get("description")),
            created=wire.moment(item.get("created_at")),
            updated=wire.moment(item.get("updated_at")),
            metadata={key: wire.text(value) for key, value in wire.mapping(item.get("metadata")).items()},
            progress=wire.text(item.get("os-extended-snapshot-attributes:progress")),
            group_snapshot_id=wire.text(item.get("group_snapshot_id")),
            project_id=wire.text(item.get("os-extended-snapshot-attributes:project_id")),
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
        """Whether it is at rest; one that a group snapshot holds goes with that only."""
        return self.status in {"available", "error"} and not self.group_snapshot_id


LOOKUP: Lookup[VolumeSnapshot] = Lookup(
    text=lambda snapshot: (snapshot.name, snapshot.id, snapshot.description, snapshot.volume_name, snapshot.volume_id),
    values={
        "status": lambda snapshot: snapshot.status,
        "name": lambda snapshot: snapshot.name,
        "id": lambda snapshot: snapshot.id,
        "volume": lambda snapshot: snapshot.volume_id,
        "group_snapshot": lambda snapshot: snapshot.group_snapshot_id,
    },
    sorts=cinder.SORTS,
)
LIST: cinder.Listed[VolumeSnapshot] = cinder.Listed(
    path="/snapshots/detail",
    key="snapshots",
    make=VolumeSnapshot.from_json,
    lookup=LOOKUP,
    sorts={"name": "name", "status": "status", "size": "volume_size", "created": "created_at"},
    filters={"status": "status", "name": "name", "volume": "volume_id"},
)


def list_snapshots(cloud: Cloud, query: Query) -> Page[VolumeSnapshot]:
    """One page of the project's snapshots straight from Cinder. Raises CloudError."""
    return LIST.page(cloud, query)


def get_snapshot_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A snapshot as Cinder gives it. Raises CloudError."""
    return cinder.one(cloud, f"/snapshots/{wire.path_id(id)}", "snapshot")


def get_snapshot(cloud: Cloud, id: str) -> VolumeSnapshot:
    """One snapshot. Raises CloudError, NotFound among them."""
    return VolumeSnapshot.from_json(get_snapshot_json(cloud, id))


def create_snapshot(
    cloud: Cloud,
    *,
    volume_id: str,
    name: str,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    is_in_use: bool = False,
) -> VolumeSnapshot:
    """Begins to take a snapshot; a volume in use may be taken as well. Raises CloudError, QuotaExceeded among them."""
    body: dict[str, Any] = {"volume_id": volume_id, "name": name, "description": description or None}
    if metadata:
        body["metadata"] = dict(metadata)
    if is_in_use and not cinder.speaks(cloud, "3.66"):
        # Since 3.66 Cinder takes volumes in use without being told, and refuses "force": false.
        body["force"] = True
    answer = cinder.post(cloud, "/snapshots", {"snapshot": body})
    return VolumeSnapshot.from_json(wire.mapping(answer.get("snapshot")))


def update_snapshot(cloud: Cloud, *, id: str, name: str, description: str) -> None:
    """Gives a snapshot another name and description. Raises CloudError."""
    cinder.put(cloud, f"/snapshots/{wire.path_id(id)}", {"snapshot": {"name": name, "description": description}})


def set_snapshot_metadata(cloud: Cloud, *, id: str, metadata: Mapping[str, str]) -> None:
    """Puts this metadata in place of all there was. Raises CloudError."""
    cinder.put(cloud, f"/snapshots/{wire.path_id(id)}/metadata", {"metadata": dict(metadata)})


def delete_snapshot(cloud: Cloud, *, id: str) -> None:
    """Begins to delete a snapshot. Raises CloudError."""
    cinder.delete(cloud, f"/snapshots/{wire.path_id(id)}")


def reset_snapshot(cloud: Cloud, *, id: str, status: str) -> None:
    """Writes another state into Cinder's records, and changes nothing else. Raises CloudError."""
    cinder.post(cloud, f"/snapshots/{wire.path_id(id)}/action", {"os-reset_status": {"status": status}})


def force_delete_snapshot(cloud: Cloud, *, id: str) -> None:
    """Deletes a snapshot in whatever state. Raises CloudError."""
    cinder.post(cloud, f"/snapshots/{wire.path_id(id)}/action", {"os-force_delete": {}})


def unmanage_snapshot(cloud: Cloud, *, id: str) -> None:
    """Takes a snapshot out of Cinder's records; the back end keeps it. Raises CloudError."""
    cinder.post(cloud, f"/snapshots/{wire.path_id(id)}/action", {"os-unmanage": {}})


def confirm_gone(cloud: Cloud, id: str) -> bool:
    """Whether a snapshot that is missing from the list is really gone. Raises CloudError."""
    return cinder.confirm_gone(cloud, f"/snapshots/{wire.path_id(id)}", "snapshot")
