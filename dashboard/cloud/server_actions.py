"""What can be done to a server. Each sends one request; Nova does the rest in its own time.

Follows https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action
"""

from __future__ import annotations

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.nova import asking


def start_server(cloud: Cloud, *, id: str) -> None:
    """Powers a stopped server on. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.start(wire.path_id(id))


def stop_server(cloud: Cloud, *, id: str) -> None:
    """Shuts a server down; the guest is asked first, and switched off if it takes too long. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.stop(wire.path_id(id))


def reboot_server(cloud: Cloud, *, id: str, is_hard: bool = False) -> None:
    """Restarts a server: through its guest, or as pulling the plug. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.reboot(wire.path_id(id), "HARD" if is_hard else "SOFT")


def pause_server(cloud: Cloud, *, id: str) -> None:
    """Stops a server's processors; its memory stays on the host. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.pause(wire.path_id(id))


def unpause_server(cloud: Cloud, *, id: str) -> None:
    """Lets a paused server go on. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.unpause(wire.path_id(id))


def suspend_server(cloud: Cloud, *, id: str) -> None:
    """Writes a server's memory to the host's disk and switches it off. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.suspend(wire.path_id(id))


def resume_server(cloud: Cloud, *, id: str) -> None:
    """Lets a suspended server go on where it was. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.resume(wire.path_id(id))


def trigger_crash_dump(cloud: Cloud, *, id: str) -> None:
    """Sends the guest an NMI, so that it writes down what it does, if it is set up to (2.17). Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.trigger_crash_dump(wire.path_id(id))


def shelve_server(cloud: Cloud, *, id: str) -> None:
    """Shuts a server down and keeps it as an image, so that its host gets its room back. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.shelve(wire.path_id(id))


def offload_server(cloud: Cloud, *, id: str) -> None:
    """Takes a shelved server off its host at once; for administrators. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.shelve_offload(wire.path_id(id))


def unshelve_server(cloud: Cloud, *, id: str, zone: str = "", host: str = "") -> None:
    """Brings a shelved server back: to a zone (2.77), for administrators to a host (2.91). Raises CloudError."""
    where = {key: value for key, value in (("availability_zone", zone), ("host", host)) if value}
    with asking(cloud) as nova:
        nova.servers.unshelve(wire.path_id(id), **where)


def change_password(cloud: Cloud, *, id: str, password: str) -> None:
    """Has the guest's agent set the administrator's password. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.change_password(wire.path_id(id), password)


def reset_state(cloud: Cloud, *, id: str, state: str) -> None:
    """Has Nova say that a server is "active" or in an "error"; for administrators. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.reset_state(wire.path_id(id), state)


def rename_server(cloud: Cloud, *, id: str, name: str, description: str | None = None) -> None:
    """Gives a server another name and description (2.19); the hostname inside stays. Raises CloudError."""
    details = {} if description is None else {"description": description}
    with asking(cloud) as nova:
        nova.servers.update(wire.path_id(id), name, **details)


def lock_server(cloud: Cloud, *, id: str, reason: str = "") -> None:
    """Keeps members from changing a server, with a reason that everybody sees (2.73). Raises CloudError."""
    details = {"reason": reason} if reason else {}
    with asking(cloud) as nova:
        nova.servers.lock(wire.path_id(id), **details)


def unlock_server(cloud: Cloud, *, id: str) -> None:
    """Takes the lock off. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.unlock(wire.path_id(id))


def delete_server(cloud: Cloud, *, id: str) -> None:
    """Deletes a server. Where the cloud keeps deleted ones for a while, it can be restored. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.delete(wire.path_id(id))


def force_delete_server(cloud: Cloud, *, id: str) -> None:
    """Deletes a server for good, also one that was deleted and is kept for a while. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.force_delete(wire.path_id(id))


def restore_server(cloud: Cloud, *, id: str) -> None:
    """Brings a server back that was deleted and is kept for a while. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.restore(wire.path_id(id))
