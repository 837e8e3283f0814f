"""What can be watched, and how: servers by their changes, images as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from dashboard.cloud import (
    backups,
    cinder,
    everywhere,
    heat,
    images,
    migrations,
    servers,
    servers_poll,
    snapshots,
    stacks,
    volume_groups,
    volume_messages,
    volumes,
    wire,
)
from dashboard.cloud.connection import Cloud
from dashboard.live.names import project_names

R = TypeVar("R")
JSON = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[R]):
    """One kind of resource that is watched.

    ``fetch_changes`` gives what changed since a moment, and the service's own time if it
    is known; None where the service has no such list, so that it is fetched whole each
    time. ``volatile`` are fields that nobody sees: a row in which nothing else changed
    has not changed.
    """

    name: str
    service: str
    fetch_all: Callable[[Cloud], Iterator[list[JSON]]]
    fetch_changes: Callable[[Cloud, datetime], tuple[list[JSON], datetime | None]] | None = None
    first_page: Callable[[Cloud], tuple[list[JSON], bool]] | None = None
    """The first rows, and whether there are more: long lists are read apart from polls."""
    load: Callable[[Mapping[str, Any]], R]
    is_gone: Callable[[Mapping[str, Any]], bool]
    confirm_gone: Callable[[Cloud, str], bool]
    trim: Callable[[Cloud, Mapping[str, Any]], JSON]
    updated: str
    """The field that holds when the row last changed."""
    volatile: frozenset[str] = frozenset()
    slowest_moving: float = 0.0
    """No tick is shorter than this, in seconds."""
    slowest_quiet: float = 0.0
    may_have_failed: Callable[[JSON, JSON], bool] | None = None
    fault: Callable[[Cloud, str], JSON | None] | None = None
    is_ours: Callable[[Cloud, Mapping[str, Any]], bool] = lambda cloud, row: True
    """Whether a row that something was done to is in this list at all: administrators act on others' things."""

    def is_moving(self, row: R) -> bool:
        """Whether a row is about to change by itself."""
        return bool(getattr(row, "is_transitional", False))

    def digest(self, row: Mapping[str, Any]) -> str:
        """A short name for what is seen of a row."""
        seen = {key: value for key, value in row.items() if key not in self.volatile}
        return hashlib.blake2b(json.dumps(seen, sort_keys=True).encode(), digest_size=8).hexdigest()


SERVERS: Kind[Any] = Kind(
    name="servers",
    service="compute",
    fetch_all=servers_poll.iter_servers,
    fetch_changes=servers_poll.changed_servers,
    first_page=servers_poll.first_servers,
    load=servers.Server.from_json,
    is_gone=lambda row: wire.text(row.get("status")) == "DELETED",
    confirm_gone=servers_poll.is_server_gone,
    trim=lambda cloud, row: servers_poll.trimmed(row),
    updated="updated",
    volatile=frozenset({"updated"}),
    may_have_failed=servers_poll.may_have_failed,
    fault=servers_poll.action_fault,
    is_ours=lambda cloud, row: row.get("tenant_id") in (None, cloud.project_id),
)
ALL_SERVERS: Kind[Any] = replace(
    SERVERS,
    name="all-servers",
    fetch_all=lambda cloud: everywhere.iter_all(cloud, project_names(cloud)),
    fetch_changes=lambda cloud, since: everywhere.changed(cloud, since, project_names(cloud)),
    first_page=lambda cloud: everywhere.first_page(cloud, project_names(cloud)),
    trim=lambda cloud, row: everywhere.named(servers_poll.trimmed(row), project_names(cloud)),
    is_ours=lambda cloud, row: True,
)
MIGRATIONS: Kind[Any] = Kind(
    name="migrations",
    service="compute",
    fetch_all=migrations.iter_migrations,
    fetch_changes=migrations.changed_migrations,
    first_page=migrations.first_migrations,
    load=migrations.watched,
    is_gone=lambda row: False,
    # Nova forgets migrations only when an operator archives them.
    confirm_gone=lambda cloud, row_id: True,
    trim=lambda cloud, row: dict(row),
    updated="updated_at",
    volatile=frozenset({"updated_at"}),
    slowest_moving=2.0,
    slowest_quiet=10.0,
)
IMAGES: Kind[Any] = Kind(
    name="images",
    service="image",
    fetch_all=images.fetch_watched,
    load=images.Image.from_json,
    is_gone=images.is_gone,
    confirm_gone=images.confirm_gone,
    trim=images.trim,
    updated="updated_at",
    volatile=frozenset({"updated_at"}),
    slowest_moving=3.0,
    slowest_quiet=15.0,
)
VOLUMES: Kind[Any] = Kind(
    name="volumes",
    service=cinder.SERVICE,
    # Cinder can list what changed (3.60), but neither what went nor metadata, so that is read as a whole.
    fetch_all=volumes.iter_volumes,
    load=volumes.Volume.from_json,
    is_gone=cinder.is_gone,
    confirm_gone=volumes.confirm_gone,
    trim=volumes.trim,
    updated="updated_at",
    volatile=frozenset({"updated_at"}),
    slowest_moving=1.5,
    slowest_quiet=10.0,
    may_have_failed=volume_messages.may_have_failed,
    fault=volume_messages.latest_fault,
)
SNAPSHOTS: Kind[Any] = Kind(
    name="snapshots",
    service=cinder.SERVICE,
    fetch_all=snapshots.LIST.every,
    load=snapshots.VolumeSnapshot.from_json,
    is_gone=cinder.is_gone,
    confirm_gone=snapshots.confirm_gone,
    trim=cinder.trim,
    updated="updated_at",
    volatile=frozenset({"updated_at"}),
    slowest_moving=1.5,
    slowest_quiet=15.0,
)
BACKUPS: Kind[Any] = Kind(
    name="backups",
    service=cinder.SERVICE,
    fetch_all=backups.LIST.every,
    load=backups.Backup.from_json,
    is_gone=cinder.is_gone,
    confirm_gone=backups.confirm_gone,
    trim=cinder.trim,
    updated="updated_at",
    volatile=frozenset({"updated_at"}),
    slowest_moving=2.0,
    slowest_quiet=15.0,
)
GROUPS: Kind[Any] = Kind(
    name="volume-groups",
    service=cinder.SERVICE,
    fetch_all=volume_groups.iter_groups,
    load=volume_groups.VolumeGroup.from_json,
    is_gone=cinder.is_gone,
    confirm_gone=volume_groups.confirm_group_gone,
    trim=lambda cloud, row: dict(row),
    # Cinder does not tell when a group changed.
    updated="created_at",
    slowest_moving=2.0,
    slowest_quiet=15.0,
)
GROUP_SNAPSHOTS: Kind[Any] = replace(
    GROUPS,
    name="group-snapshots",
    fetch_all=volume_groups.iter_group_snapshots,
    load=volume_groups.GroupSnapshot.from_json,
    confirm_gone=volume_groups.confirm_group_snapshot_gone,
)
STACKS: Kind[Any] = Kind(
    name="stacks",
    service=heat.SERVICE,
    # Heat can't list what changed since a moment.
    fetch_all=stacks.iter_stacks,
    load=stacks.Stack.from_json,
    is_gone=stacks.is_gone,
    confirm_gone=stacks.confirm_gone,
    trim=lambda cloud, row: stacks.trim(row),
    updated="updated_time",
    slowest_moving=1.5,
    slowest_quiet=15.0,
)
ALL_STACKS: Kind[Any] = replace(
    STACKS,
    name="all-stacks",
    fetch_all=lambda cloud: stacks.iter_all_stacks(cloud, project_names(cloud)),
    trim=lambda cloud, row: stacks.named(stacks.trim(row), project_names(cloud)),
)
KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        *(SERVERS, ALL_SERVERS, MIGRATIONS, IMAGES, VOLUMES, SNAPSHOTS, BACKUPS),
        *(GROUPS, GROUP_SNAPSHOTS, STACKS, ALL_STACKS),
    )
}
