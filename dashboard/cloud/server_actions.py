"""What can be done to a server. Each function sends one request; Nova does the rest in its own time.

Follows https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action
"""

from __future__ import annotations

from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import translated
from dashboard.cloud.servers import SERVICE


def start_server(cloud: Cloud, *, id: str) -> None:
    """Powers a stopped server on. Raises CloudError."""
    with translated(SERVICE):
        cloud.nova.servers.start(wire.path_id(id))


def stop_server(cloud: Cloud, *, id: str) -> None:
    """Shuts a server down; the guest is asked first, and switched off if it takes too long. Raises CloudError."""
    with translated(SERVICE):
        cloud.nova.servers.stop(wire.path_id(id))


def reboot_server(cloud: Cloud, *, id: str, is_hard: bool = False) -> None:
    """Restarts a server: through its guest, or as pulling the plug. Raises CloudError."""
    with translated(SERVICE):
        cloud.nova.servers.reboot(wire.path_id(id), "HARD" if is_hard else "SOFT")


def rename_server(cloud: Cloud, *, id: str, name: str, description: str | None = None) -> None:
    """Gives a server another name and description (2.19); the hostname inside stays. Raises CloudError."""
    body: dict[str, Any] = {"name": name}
    if description is not None:
        body["description"] = description or None
    cloud.put(SERVICE, f"/servers/{wire.path_id(id)}", {"server": body}, microversion=NOVA_MICROVERSION)


def lock_server(cloud: Cloud, *, id: str, reason: str = "") -> None:
    """Keeps members from changing a server, with a reason that everybody sees (2.73). Raises CloudError."""
    with translated(SERVICE):
        cloud.nova.servers.lock(wire.path_id(id), reason=reason or None)


def unlock_server(cloud: Cloud, *, id: str) -> None:
    """Takes the lock off. Raises CloudError."""
    with translated(SERVICE):
        cloud.nova.servers.unlock(wire.path_id(id))


def delete_server(cloud: Cloud, *, id: str) -> None:
    """Deletes a server. Raises CloudError."""
    with translated(SERVICE):
        cloud.nova.servers.delete(wire.path_id(id))
