"""Names of servers and volumes beside what belongs to them, read once in a while for all who see the same."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.volumes import Volume, with_server_names
from dashboard.live import cache, watch
from dashboard.live.names import own_server_names

SECONDS = 60.0


def with_servers(cloud: Cloud, volumes: Sequence[Volume]) -> Sequence[Volume]:
    """The volumes with the names of the servers that they hang on."""
    return with_server_names(
        volumes, own_server_names(cloud, (item.server_id for volume in volumes for item in volume.attachments))
    )


def with_volumes(cloud: Cloud, rows: Sequence[Any]) -> Sequence[Any]:
    """Snapshots, backups or transfers with the names of their volumes."""
    ids = {row.volume_id for row in rows if row.volume_id}
    if not ids:
        return rows

    mirror = watch.peek(cloud, "volumes")
    names = {row_id: row.name for row_id, row in mirror.rows.items()} if mirror is not None else {}
    # Nothing is asked for what is known; where the service fails, what is known has to do.
    if not ids <= names.keys():
        with contextlib.suppress(CloudError):
            names = {**cache.cached(cloud, "volumes-names", SECONDS, functools.partial(_fetch, cloud)), **names}
    return [replace(row, volume_name=names.get(row.volume_id, "")) for row in rows]


def _fetch(cloud: Cloud) -> dict[str, str]:
    found = cinder.some(cloud, "/volumes", "volumes", limit=cinder.PAGE)
    return {wire.text(item.get("id")): wire.text(item.get("name")) for item in cinder.with_id(found)}
