"""Flavors of servers on a Nova before 2.47, which gives a flavor's id alone: looked up, so that pages need not care."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from dashboard.cloud import flavors, versions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError

EMBEDDED = "2.47"
REMEMBERED = 300.0
"""Seconds that the flavors of a project are remembered: they can't change but for being deleted."""

_known: dict[str, tuple[float, dict[str, dict[str, Any]]]] = {}
_lock = threading.Lock()


def embedded(cloud: Cloud, servers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The servers' JSON with their flavors in it, as newer Novas send it. One that can't be had keeps its id."""
    if not servers or versions.speaks(cloud, "compute", EMBEDDED):
        return servers
    found = _flavors(cloud)
    return [{**server, "flavor": _as_new(server.get("flavor"), found)} for server in servers]


def _as_new(given: Any, found: Mapping[str, Mapping[str, Any]]) -> Any:
    if not isinstance(given, dict) or "original_name" in given:
        return given
    flavor = found.get(str(given.get("id")))
    if flavor is None:
        return given
    return {
        "original_name": flavor.get("name"),
        "vcpus": flavor.get("vcpus"),
        "ram": flavor.get("ram"),
        "disk": flavor.get("disk"),
        "ephemeral": flavor.get("OS-FLV-EXT-DATA:ephemeral"),
        "swap": flavor.get("swap"),
        "extra_specs": flavor.get("extra_specs", {}),
    }


def _flavors(cloud: Cloud) -> Mapping[str, dict[str, Any]]:
    """The flavors that the project may use, by id; the last ones known while Nova does not tell."""
    key = f"{cloud.access.keystone} {cloud.region} {cloud.access.scope.key}"
    with _lock:
        at, known = _known.get(key, (0.0, {}))
    if known and time.monotonic() - at < REMEMBERED:
        return known
    try:
        known = {str(item.get("id")): item for items in flavors.fetch_all(cloud) for item in items}
    except CloudError:
        return known
    with _lock:
        if len(_known) > 500:
            _known.clear()
        _known[key] = (time.monotonic(), known)
    return known


def forget_all() -> None:
    """Forgets all flavors; for tests."""
    with _lock:
        _known.clear()
