"""Volume groups: volumes that are snapshotted together, at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup, Page, Query

MOVING = frozenset({"creating", "deleting", "updating"})


@dataclass(frozen=True)
class VolumeGroup:
    """Volumes that belong together (3.13)."""

    id: str
    name: str
    status: str = ""
    description: str = ""
    group_type: str = ""
    """The id of its group type."""
    volume_types: tuple[str, ...] = ()
    """Ids of the types that its volumes may have."""
    availability_zone: str = ""
    created: datetime | None = None
    volume_ids: tuple[str, ...] = ()
    """Known on its own page (3.25)."""
    source_snapshot_id: str = ""
    source_group_id: str = ""
    project_id: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> VolumeGroup:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            description=wire.text(item.get("description")),
            group_type=wire.text(item.get("group_type")),
            volume_types=wire.texts(item.get("volume_types")),
            availability_zone=wire.text(item.get("availability_zone")),
            created=wire.moment(item.get("created_at")),
            volume_ids=wire.texts(item.get("volumes")),
            source_snapshot_id=wire.text(item.get("group_snapshot_id")),
            source_group_id=wire.text(item.get("source_group_id")),
            project_id=wire.text(item.get("project_id")),
        )

    @property
    def is_transitional(self) -> bool:
        return self.status in MOVING


@dataclass(frozen=True)
class GroupSnapshot:
    """A group's volumes as they were at one moment (3.14)."""

    id: str
    name: str
    status: str = ""
    description: str = ""
    group_id: str = ""
    group_type_id: str = ""
    created: datetime | None = None
    project_id: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> GroupSnapshot:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            description=wire.text(item.get("description")),
            group_id=wire.text(item.get("group_id")),
            group_type_id=wire.text(item.get("group_type_id")),
            created=wire.moment(item.get("created_at")),
            project_id=wire.text(item.get("project_id")),
        )

    @property
    def is_transitional(self) -> bool:
        return self.status in MOVING


GROUPS: Lookup[VolumeGroup] = Lookup(
    text=lambda group: (group.name, group.id, group.description),
    values={"status": lambda group: group.status, "name": lambda group: group.name},
    sorts={
        "name": lambda group: group.name,
        "status": lambda group: group.status,
        "created": lambda group: group.created,
    },
)
SNAPSHOTS: Lookup[GroupSnapshot] = Lookup(
    text=lambda item: (item.name, item.id, item.description, item.group_id),
    values={
        "status": lambda item: item.status,
        "name": lambda item: item.name,
        "group": lambda item: item.group_id,
    },
    sorts={
        "name": lambda item: item.name,
        "status": lambda item: item.status,
        "created": lambda item: item.created,
    },
)


def list_groups(cloud: Cloud, query: Query) -> Page[VolumeGroup]:
    """One page of the project's groups. Raises CloudError."""
    found = cinder.every(cloud, "/groups/detail", "groups")
    rows = [VolumeGroup.from_json(item) for items in found for item in cinder.with_id(items)]
    return GROUPS.page(rows, query, count=("status",))


def get_group_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A group with its volumes' ids, as Cinder gives it. Raises CloudError."""
    answer = cinder.get(cloud, f"/groups/{wire.path_id(id)}", list_volume="true")
    return dict(wire.mapping(answer.get("group")))


def get_group(cloud: Cloud, id: str) -> VolumeGroup:
    """One group, with its volumes' ids. Raises CloudError."""
    return VolumeGroup.from_json(get_group_json(cloud, id))


def list_group_types(cloud: Cloud) -> list[tuple[str, str]]:
    """Ids and names of the group types. Raises CloudError."""
    found = cinder.some(cloud, "/group_types", "group_types")
    return [(wire.text(item.get("id")), wire.text(item.get("name"))) for item in cinder.with_id(found)]


def create_group(
    cloud: Cloud, *, name: str, description: str, group_type: str, volume_types: Sequence[str], zone: str = ""
) -> VolumeGroup:
    """Begins to make a group without volumes. Raises CloudError, QuotaExceeded among them."""
    body: dict[str, Any] = {"name": name, "description": description or None, "group_type": group_type}
    body["volume_types"] = list(volume_types)
    body |= {"availability_zone": zone} if zone else {}
    return VolumeGroup.from_json(wire.mapping(cinder.post(cloud, "/groups", {"group": body}).get("group")))


def create_group_from(
    cloud: Cloud, *, name: str, description: str = "", snapshot_id: str = "", group_id: str = ""
) -> VolumeGroup:
    """Begins to copy a group, or what a snapshot of one holds, with all volumes. Raises CloudError."""
    body: dict[str, Any] = {"name": name, "description": description or None}
    body |= {"group_snapshot_id": snapshot_id} if snapshot_id else {"source_group_id": group_id}
    answer = cinder.post(cloud, "/groups/action", {"create-from-src": body})
    return VolumeGroup.from_json(wire.mapping(answer.get("group")))


def update_group(
    cloud: Cloud,
    *,
    id: str,
    name: str,
    description: str,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
) -> None:
    """Renames a group, and puts volumes in and out. Raises CloudError."""
    body: dict[str, Any] = {"name": name, "description": description}
    body |= {"add_volumes": ",".join(added)} if added else {}
    body |= {"remove_volumes": ",".join(removed)} if removed else {}
    cinder.put(cloud, f"/groups/{wire.path_id(id)}", {"group": body})


def delete_group(cloud: Cloud, *, id: str, with_volumes: bool) -> None:
    """Begins to delete a group; one with volumes only goes with them. Raises CloudError."""
    cinder.post(cloud, f"/groups/{wire.path_id(id)}/action", {"delete": {"delete-volumes": with_volumes}})


def reset_group(cloud: Cloud, *, id: str, status: str) -> None:
    """Writes another state into Cinder's records (3.20). Raises CloudError."""
    cinder.post(cloud, f"/groups/{wire.path_id(id)}/action", {"reset_status": {"status": status}})


def list_group_snapshots(cloud: Cloud, query: Query) -> Page[GroupSnapshot]:
    """One page of the project's group snapshots. Raises CloudError."""
    found = cinder.every(cloud, "/group_snapshots/detail", "group_snapshots")
    rows = [GroupSnapshot.from_json(item) for items in found for item in cinder.with_id(items)]
    return SNAPSHOTS.page(rows, query, count=("status",))


def get_group_snapshot_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A group snapshot as Cinder gives it. Raises CloudError."""
    return cinder.one(cloud, f"/group_snapshots/{wire.path_id(id)}", "group_snapshot")


def get_group_snapshot(cloud: Cloud, id: str) -> GroupSnapshot:
    """One group snapshot. Raises CloudError."""
    return GroupSnapshot.from_json(get_group_snapshot_json(cloud, id))


def create_group_snapshot(cloud: Cloud, *, group_id: str, name: str, description: str = "") -> GroupSnapshot:
    """Begins to snapshot all volumes of a group at one moment. Raises CloudError, QuotaExceeded among them."""
    body = {"group_id": group_id, "name": name, "description": description or None}
    answer = cinder.post(cloud, "/group_snapshots", {"group_snapshot": body})
    return GroupSnapshot.from_json(wire.mapping(answer.get("group_snapshot")))


def delete_group_snapshot(cloud: Cloud, *, id: str) -> None:
    """Begins to delete a group snapshot and the snapshots that it holds. Raises CloudError."""
    cinder.delete(cloud, f"/group_snapshots/{wire.path_id(id)}")


def reset_group_snapshot(cloud: Cloud, *, id: str, status: str) -> None:
    """Writes another state into Cinder's records (3.19). Raises CloudError."""
    cinder.post(cloud, f"/group_snapshots/{wire.path_id(id)}/action", {"reset_status": {"status": status}})


# What the lists that are watched need


def iter_groups(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every group of the project, page by page. Raises CloudError."""
    for items in cinder.every(cloud, "/groups/detail", "groups"):
        yield cinder.with_id(items)


def confirm_group_gone(cloud: Cloud, id: str) -> bool:
    """Whether a group that is missing from the list is really gone. Raises CloudError."""
    return cinder.confirm_gone(cloud, f"/groups/{wire.path_id(id)}", "group")


def iter_group_snapshots(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every group snapshot of the project, page by page. Raises CloudError."""
    for items in cinder.every(cloud, "/group_snapshots/detail", "group_snapshots"):
        yield cinder.with_id(items)


def confirm_group_snapshot_gone(cloud: Cloud, id: str) -> bool:
    """Whether a group snapshot that is missing from the list is really gone. Raises CloudError."""
    return cinder.confirm_gone(cloud, f"/group_snapshots/{wire.path_id(id)}", "group_snapshot")
