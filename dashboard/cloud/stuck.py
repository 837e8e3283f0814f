"""What is stuck for long: servers, volumes, images, migrations that should have ended, and ports without their link.

Each question is narrowed by the service itself to what did not change for a while, so that its answer is short.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.cloud_overview import COUNTED, JSON, SHOWN, Thing, Things, server_thing
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.parallel import in_turn

MINUTES = 15
"""What has been on its way for longer is taken for stuck."""
HOURS = 24
"""A resize that nobody confirmed for longer is told, too."""
STATUSES = ("BUILD", "REBUILD", "RESIZE", "MIGRATING", "REBOOT", "HARD_REBOOT")
"""Nova's statuses that end by themselves. It can be asked for one at a time: several mean more than all of them."""
MIGRATING = ("accepted", "queued", "preparing", "pre-migrating", "running", "migrating", "post-migrating")
ARRIVING = "in:queued,saving,uploading,importing"
RESTING = frozenset({"available", "in-use", "reserved", "awaiting-transfer", "maintenance"})


def _before(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _things(found: Iterable[Thing], *, has_more: bool = False) -> JSON:
    """Those that changed last before all others come last: the longest stuck first."""
    ordered = sorted({thing.id: thing for thing in found if thing.id}.values(), key=lambda thing: thing.since)
    return asdict(Things(tuple(ordered[:SHOWN]), len(ordered), has_more or len(ordered) >= COUNTED))


def _servers(cloud: Cloud, minutes: int, **narrowed: str) -> list[dict[str, Any]]:
    answer = cloud.get(
        "compute",
        "/servers/detail",
        microversion=NOVA_MICROVERSION,
        all_tenants=1,
        # Asked what changed before a moment, Nova tells of deleted ones as well.
        deleted="false",
        limit=COUNTED,
        **{"changes-before": _before(minutes)},
        **narrowed,
    )
    # An older Nova does not know that question, and tells of all.
    limit = datetime.now(UTC) - timedelta(minutes=minutes)
    return [item for item in wire.objects(answer.get("servers")) if _is_old(item.get("updated"), limit)]


def _is_old(moment: Any, limit: datetime) -> bool:
    found = wire.moment(moment)
    return found is not None and found < limit


def fetch_servers(cloud: Cloud) -> JSON:
    """Servers that have been building, resizing, migrating or going away for long. Raises CloudError."""
    calls = [functools.partial(_servers, cloud, MINUTES, status=status) for status in STATUSES]
    calls.append(functools.partial(_servers, cloud, MINUTES, task_state="deleting"))
    return _things(server_thing(item) for outcome in in_turn(calls) for item in outcome.value)


def fetch_unconfirmed(cloud: Cloud) -> JSON:
    """Servers whose resize nobody confirmed for a day: they take room twice. Raises CloudError."""
    return _things(server_thing(item) for item in _servers(cloud, HOURS * 60, status="VERIFY_RESIZE"))


def fetch_volumes(cloud: Cloud) -> JSON:
    """Volumes that have been on their way for long, or are in an error. Raises CloudError."""
    asked: dict[str, Any] = {"all_tenants": 1, "limit": COUNTED, "sort": "updated_at:asc"}
    moving = {**asked, "status~": "ing"}
    if cinder.speaks(cloud, "3.60"):
        moving["updated_at"] = f"lt:{_before(MINUTES).removesuffix('Z')}"
    calls = [
        functools.partial(cinder.some, cloud, "/volumes/detail", "volumes", **params)
        for params in (moving, {**asked, "status~": "error"})
    ]
    items = [item for outcome in in_turn(calls) for item in outcome.value]
    limit = datetime.now(UTC) - timedelta(minutes=MINUTES)
    return _things(
        Thing(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            project_id=wire.text(item.get("os-vol-tenant-attr:tenant_id")),
            since=_utc(item.get("updated_at") or item.get("created_at")),
            host=wire.text(item.get("os-vol-host-attr:host")),
        )
        for item in items
        if _is_stuck(item, limit)
    )


def _is_stuck(item: Mapping[str, Any], limit: datetime) -> bool:
    """An operator may have taken away the filters: then this is all that narrows."""
    status = wire.text(item.get("status"))
    if status.startswith("error"):
        return True
    return status not in RESTING and _is_old(item.get("updated_at") or item.get("created_at"), limit)


def _utc(moment: Any) -> str:
    found = wire.moment(moment)
    return found.isoformat() if found else ""


def fetch_images(cloud: Cloud) -> JSON:
    """Images whose data have been on their way for long. Raises CloudError."""
    asked = {"visibility": "all", "status": ARRIVING, "updated_at": f"lte:{_before(MINUTES)}"}
    answer = cloud.get("image", "/v2/images", limit=COUNTED, sort="updated_at:asc", **asked)
    return _things(
        Thing(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            project_id=wire.text(item.get("owner")),
            since=_utc(item.get("updated_at")),
        )
        for item in wire.objects(answer.get("images"))
    )


def fetch_migrations(cloud: Cloud) -> JSON:
    """Migrations that have not come to an end for long. Raises CloudError."""
    calls = [functools.partial(_migrations, cloud, status) for status in MIGRATING]
    limit = datetime.now(UTC) - timedelta(minutes=MINUTES)
    return _things(
        Thing(
            # The server is what can be looked at, and acted on.
            id=wire.text(item.get("instance_uuid")),
            name=wire.text(item.get("migration_type")),
            status=wire.text(item.get("status")),
            project_id=wire.text(item.get("project_id")),
            since=_utc(item.get("updated_at") or item.get("created_at")),
            host=" → ".join(wire.text(item.get(key)) for key in ("source_compute", "dest_compute") if item.get(key)),
        )
        for outcome in in_turn(calls)
        for item in outcome.value
        if _is_old(item.get("updated_at") or item.get("created_at"), limit)
    )


def _migrations(cloud: Cloud, status: str) -> list[dict[str, Any]]:
    path = "/os-migrations"
    answer = cloud.get("compute", path, microversion=NOVA_MICROVERSION, status=status, limit=COUNTED)
    return [item for item in wire.objects(answer.get("migrations")) if wire.text(item.get("status")) == status]


def fetch_ports(cloud: Cloud) -> JSON:
    """Ports of servers and routers that are not plugged in, of up to a hundred: one request. Raises CloudError."""
    fields = ["id", "name", "device_id", "device_owner", "fixed_ips", "project_id", "updated_at", "binding:host_id"]
    asked: dict[str, Any] = {"status": ["DOWN", "ERROR"], "admin_state_up": True, "fields": fields, "limit": COUNTED}
    answer = cloud.get("network", "/v2.0/ports", **asked)
    limit = datetime.now(UTC) - timedelta(minutes=MINUTES)
    found = wire.objects(answer.get("ports"))
    return _things(
        (
            Thing(
                id=wire.text(item.get("id")),
                name=wire.text(item.get("name"))
                or ", ".join(wire.text(ip.get("ip_address")) for ip in wire.objects(item.get("fixed_ips"))),
                project_id=wire.text(item.get("project_id")),
                since=_utc(item.get("updated_at")),
                host=wire.text(item.get("binding:host_id")),
            )
            for item in found
            # Without a host nobody plugs it in: its server is not there yet, or is shelved.
            if item.get("device_id") and item.get("binding:host_id") and _is_old(item.get("updated_at"), limit)
        ),
        has_more=len(found) >= COUNTED,
    )
