"""What changes a server's size or disk, and what makes an image of it. Each function sends one request.

Follows https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from dashboard.cloud import versions, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.nova import SERVICE, asking

REIMAGES = "2.93"
"""From here on Nova writes a new image to the volume that a server started from."""
KEY_ON_REBUILD = "2.54"
USER_DATA_ON_REBUILD = "2.57"
USER_DATA_BYTES = 65535
"""Nova's limit for user data, once it is in base64."""

UNCHANGED = "\x00"
"""What stands for "as it is" where "" means none."""


def _act(cloud: Cloud, id: str, name: str, details: Any) -> dict[str, Any]:
    """Sends an action by hand, and gives its answer, {} if it has none. Raises CloudError.

    The client's snapshots bring empty metadata along, and of these two actions it takes no answer without
    a server or an image in it.
    """
    path = f"/servers/{wire.path_id(id)}/action"
    return cloud.post(SERVICE, path, {name: details}, microversion=NOVA_MICROVERSION)


def resize_server(cloud: Cloud, *, id: str, flavor_id: str) -> None:
    """Gives a server another flavor; it waits for a confirmation then. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.resize(wire.path_id(id), flavor_id)


def confirm_resize(cloud: Cloud, *, id: str) -> None:
    """Keeps the new flavor, and gives up what was held for going back. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.confirm_resize(wire.path_id(id))


def revert_resize(cloud: Cloud, *, id: str) -> None:
    """Goes back to the old flavor, and to the disk as it was then. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.revert_resize(wire.path_id(id))


def rescue_server(cloud: Cloud, *, id: str, image_id: str = "", password: str = "") -> str:
    """Starts a server from another image, with its own disk beside it. Raises CloudError.

    Gives the rescue system's password, which Nova makes if it is given none; "" where it makes none.
    """
    with asking(cloud) as nova:
        _response, answer = nova.servers.rescue(wire.path_id(id), password or None, image_id or None)
    return wire.text(wire.mapping(answer).get("adminPass"))


def unrescue_server(cloud: Cloud, *, id: str) -> None:
    """Starts a server from its own disk again. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.unrescue(wire.path_id(id))


def rebuild_server(
    cloud: Cloud,
    *,
    id: str,
    image_id: str,
    name: str = "",
    description: str | None = None,
    key_name: str = UNCHANGED,
    user_data: str | None = None,
    preserve_ephemeral: bool = False,
    password: str = "",
) -> str:
    """Writes an image over a server's disk, and gives the administrator's password. Raises CloudError.

    Nova makes one if it is given none, "" where it does not.

    ``key_name`` is UNCHANGED, or another key pair's, or "" for none (2.54). ``user_data`` is None for what it has,
    "" for none, or a text (2.57). The name stays where it is "", the description where it is None.
    """
    details: dict[str, Any] = {"imageRef": image_id}
    if name:
        details["name"] = name
    if description is not None:
        details["description"] = description or None
    if key_name != UNCHANGED:
        details["key_name"] = key_name or None
    if user_data is not None:
        details["user_data"] = base64.b64encode(user_data.encode()).decode() if user_data else None
    if preserve_ephemeral:
        details["preserve_ephemeral"] = True
    if password:
        details["adminPass"] = password
    answer = _act(cloud, id, "rebuild", details)
    return wire.text(wire.mapping(answer.get("server")).get("adminPass"))


def can_reimage(cloud: Cloud) -> bool:
    """Whether this cloud's Nova can write an image to the volume that a server started from (2.93)."""
    return versions.speaks(cloud, "compute", REIMAGES)


def snapshot_server(cloud: Cloud, *, id: str, name: str, metadata: Mapping[str, str] | None = None) -> str:
    """Makes an image of a server, and gives its id (2.45), "" if Nova does not say. Raises CloudError."""
    details: dict[str, Any] = {"name": name}
    if metadata:
        details["metadata"] = dict(metadata)
    return wire.text(_act(cloud, id, "createImage", details).get("image_id"))


def back_up_server(cloud: Cloud, *, id: str, name: str, kind: str, rotation: int) -> str:
    """Makes an image of a server and deletes the oldest of its ``kind`` beyond ``rotation``; gives its id.

    Raises CloudError: Invalid for a server that started from a volume.
    """
    with asking(cloud) as nova:
        answer = nova.servers.backup(wire.path_id(id), name, kind, rotation)
    return wire.text(wire.mapping(answer).get("image_id"))
