"""Names of servers and volumes beside what belongs to them, read once in a while for all who see the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.volume_actions import list_servers_to_attach
from dashboard.cloud.volumes import Volume, with_server_names
from dashboard.live import cache, watch

SECONDS = 60.0


def _known(cloud: Cloud, kind: str) -> dict[str, str]:
    """The names that the watched list has, which cost nothing."""
    mirror = watch.peek(cloud, kind)
    return {row_id: row.name for row_id, row in mirror.rows.items()} if mirror is not None else {}


def _names(cloud: Cloud, kind: str, ids: set[str], fetch: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Names by id; where the service fails, those that are known. Nothing is asked for what is known."""
    known = _known(cloud, kind)
    if ids <= known.keys():
        return known
    try:
        found: dict[str, str] = cache.cached(cloud, f"{kind}-names", SECONDS, fetch)
    except CloudError:
        return known
    return {**found, **known}


def with_servers(cloud: Cloud, volumes: Sequence[Volume]) -> Sequence[Volume]:
    """The volumes with the names of the servers that they hang on."""
    ids = {item.server_id for volume in volumes for item in volume.attachments}
    if not ids or not cloud.offers("compute"):
        return volumes
    return with_server_names(
        volumes,
        _names(cloud, "servers", ids, lambda: {id: name for id, name, _status in list_servers_to_attach(cloud)}),
    )


def with_volumes(cloud: Cloud, rows: Sequence[Any]) -> Sequence[Any]:
    """Snapshots, backups or transfers with the names of their volumes."""
    ids = {row.volume_id for row in rows if row.volume_id}
    if not ids:
        return rows

    def fetch() -> dict[str, str]:
        found = cinder.some(cloud, "/volumes", "volumes", limit=cinder.PAGE)
        return {wire.text(item.get("id")): wire.text(item.get("name")) for item in cinder.with_id(found)}

    names = _names(cloud, "volumes", ids, fetch)
    return [replace(row, volume_name=names.get(row.volume_id, "")) for row in rows]
