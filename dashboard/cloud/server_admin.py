"""What administrators do to servers: moving them to other hosts, while they run or not, and off a host that is dead.

Follows https://docs.openstack.org/api-ref/compute/#servers-run-an-administrative-action-servers-action
"""

from __future__ import annotations

from typing import Any, Literal

from dashboard.cloud import versions, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict
from dashboard.cloud.migrations import Migration, list_running
from dashboard.cloud.nova import SERVICE, asking

Block = Literal["auto", "yes", "no"]
"""Whether disks are copied too: Nova's choice by where they are, always, or never (they are shared)."""
ABORTABLE = frozenset({"running", "queued", "preparing"})


def migrate_server(cloud: Cloud, *, id: str, host: str = "") -> None:
    """Stops a server and starts it on another host, which Nova chooses unless it is given (2.56). Raises CloudError.

    It waits there to be confirmed or reverted, as after a resize.
    """
    where = {"host": host} if host else {}
    with asking(cloud) as nova:
        nova.servers.migrate(wire.path_id(id), **where)


def live_migrate_server(cloud: Cloud, *, id: str, host: str = "", block: Block = "auto") -> None:
    """Moves a running server to another host. Raises CloudError.

    Nova finds out by itself since 2.25 whether disks have to be copied; an older one is told that they are shared
    where nothing else is said. From 2.30 on the scheduler is asked about the host that is given, too.
    """
    details: dict[str, Any] = {"block_migration": {"yes": True, "no": False}.get(block, "auto")}
    if not versions.speaks(cloud, SERVICE, "2.25"):
        details = {"block_migration": block == "yes", "disk_over_commit": False}
    with asking(cloud) as nova:
        nova.servers.live_migrate(wire.path_id(id), host or None, **details)


def evacuate_server(cloud: Cloud, *, id: str, host: str = "") -> None:
    """Builds a server anew on another host, since its own is dead. Raises CloudError.

    The disk is kept where it is shared or a volume; elsewhere the server starts from its image again.
    """
    details = {} if versions.speaks(cloud, SERVICE, "2.14") else {"on_shared_storage": False}
    with asking(cloud) as nova:
        nova.servers.evacuate(wire.path_id(id), host or None, **details)


def running_migration(cloud: Cloud, *, id: str) -> Migration:
    """The live migration of a server that is under way. Raises CloudError; Conflict if there is none."""
    found = next((item for item in list_running(cloud, server_id=id) if item.is_transitional), None)
    if found is None:
        raise Conflict("No live migration of it is under way any more.", service=SERVICE, status=409)
    return found


def abort_migration(cloud: Cloud, *, id: str) -> None:
    """Ends a live migration (2.24); the server stays where it is. Raises CloudError."""
    number = running_migration(cloud, id=id).number
    with asking(cloud) as nova:
        nova.server_migrations.live_migration_abort(wire.path_id(id), wire.path_id(number))


def complete_migration(cloud: Cloud, *, id: str) -> None:
    """Forces a live migration to its end (2.22): the server is paused meanwhile, if it must. Raises CloudError."""
    number = running_migration(cloud, id=id).number
    with asking(cloud) as nova:
        nova.server_migrations.live_migrate_force_complete(wire.path_id(id), wire.path_id(number))
