"""What can be done to a server. Each function sends one request; Nova does the rest in its own time.

Follows https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action
"""

from __future__ import annotations

from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.servers import SERVICE


def act(cloud: Cloud, id: str, name: str, details: Any = None) -> dict[str, Any]:
    """Sends one of Nova's actions, and gives its answer, {} if it has none. Raises CloudError."""
    path = f"/servers/{wire.path_id(id)}/action"
    return cloud.post(SERVICE, path, {name: details}, microversion=NOVA_MICROVERSION)


def start_server(cloud: Cloud, *, id: str) -> None:
    """Powers a stopped server on. Raises CloudError."""
    act(cloud, id, "os-start")


def stop_server(cloud: Cloud, *, id: str) -> None:
    """Shuts a server down; the guest is asked first, and switched off if it takes too long. Raises CloudError."""
    act(cloud, id, "os-stop")


def reboot_server(cloud: Cloud, *, id: str, is_hard: bool = False) -> None:
    """Restarts a server: through its guest, or as pulling the plug. Raises CloudError."""
    act(cloud, id, "reboot", {"type": "HARD" if is_hard else "SOFT"})


def pause_server(cloud: Cloud, *, id: str) -> None:
    """Stops a server's processors; its memory stays on the host. Raises CloudError."""
    act(cloud, id, "pause")


def unpause_server(cloud: Cloud, *, id: str) -> None:
    """Lets a paused server go on. Raises CloudError."""
    act(cloud, id, "unpause")


def suspend_server(cloud: Cloud, *, id: str) -> None:
    """Writes a server's memory to the host's disk and switches it off. Raises CloudError."""
    act(cloud, id, "suspend")


def resume_server(cloud: Cloud, *, id: str) -> None:
    """Lets a suspended server go on where it was. Raises CloudError."""
    act(cloud, id, "resume")


def trigger_crash_dump(cloud: Cloud, *, id: str) -> None:
    """Sends the guest an NMI, so that it writes down what it does, if it is set up to (2.17). Raises CloudError."""
    act(cloud, id, "trigger_crash_dump")


def shelve_server(cloud: Cloud, *, id: str) -> None:
    """Shuts a server down and keeps it as an image, so that its host gets its room back. Raises CloudError."""
    act(cloud, id, "shelve")


def offload_server(cloud: Cloud, *, id: str) -> None:
    """Takes a shelved server off its host at once; for administrators. Raises CloudError."""
    act(cloud, id, "shelveOffload")


def unshelve_server(cloud: Cloud, *, id: str, zone: str = "", host: str = "") -> None:
    """Brings a shelved server back: to a zone (2.77), for administrators to a host (2.91). Raises CloudError."""
    where = {key: value for key, value in (("availability_zone", zone), ("host", host)) if value}
    act(cloud, id, "unshelve", where or None)


def change_password(cloud: Cloud, *, id: str, password: str) -> None:
    """Has the guest's agent set the administrator's password. Raises CloudError."""
    act(cloud, id, "changePassword", {"adminPass": password})


def reset_state(cloud: Cloud, *, id: str, state: str) -> None:
    """Has Nova say that a server is "active" or in an "error"; for administrators. Raises CloudError."""
    act(cloud, id, "os-resetState", {"state": state})


def rename_server(cloud: Cloud, *, id: str, name: str, description: str | None = None) -> None:
    """Gives a server another name and description (2.19); the hostname inside stays. Raises CloudError."""
    body: dict[str, Any] = {"name": name}
    if description is not None:
        body["description"] = description or None
    cloud.put(SERVICE, f"/servers/{wire.path_id(id)}", {"server": body}, microversion=NOVA_MICROVERSION)


def lock_server(cloud: Cloud, *, id: str, reason: str = "") -> None:
    """Keeps members from changing a server, with a reason that everybody sees (2.73). Raises CloudError."""
    act(cloud, id, "lock", {"locked_reason": reason} if reason else None)


def unlock_server(cloud: Cloud, *, id: str) -> None:
    """Takes the lock off. Raises CloudError."""
    act(cloud, id, "unlock")


def delete_server(cloud: Cloud, *, id: str) -> None:
    """Deletes a server. Where the cloud keeps deleted ones for a while, it can be restored. Raises CloudError."""
    cloud.delete(SERVICE, f"/servers/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)


def force_delete_server(cloud: Cloud, *, id: str) -> None:
    """Deletes a server for good, also one that was deleted and is kept for a while. Raises CloudError."""
    act(cloud, id, "forceDelete")


def restore_server(cloud: Cloud, *, id: str) -> None:
    """Brings a server back that was deleted and is kept for a while. Raises CloudError."""
    act(cloud, id, "restore")
