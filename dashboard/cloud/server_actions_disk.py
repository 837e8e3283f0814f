"""What changes a server's size or disk, and what makes an image of it. Each function sends one request.

Follows https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from dashboard.cloud import versions, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.server_actions import act

REIMAGES = "2.93"
"""From here on Nova writes a new image to the volume that a server started from."""
KEY_ON_REBUILD = "2.54"
USER_DATA_ON_REBUILD = "2.57"
USER_DATA_BYTES = 65535
"""Nova's limit for user data, once it is in base64."""

UNCHANGED = "\x00"
"""What stands for "as it is" where "" means none."""


def resize_server(cloud: Cloud, *, id: str, flavor_id: str) -> None:
    """Gives a server another flavor; it waits for a confirmation then. Raises CloudError."""
    act(cloud, id, "resize", {"flavorRef": flavor_id})


def confirm_resize(cloud: Cloud, *, id: str) -> None:
    """Keeps the new flavor, and gives up what was held for going back. Raises CloudError."""
    act(cloud, id, "confirmResize")


def revert_resize(cloud: Cloud, *, id: str) -> None:
    """Goes back to the old flavor, and to the disk as it was then. Raises CloudError."""
    act(cloud, id, "revertResize")


def rescue_server(cloud: Cloud, *, id: str, image_id: str = "", password: str = "") -> str:
    """Starts a server from another image, with its own disk beside it. Raises CloudError.

    Gives the rescue system's password, which Nova makes if it is given none; "" where it makes none.
    """
    details = {key: value for key, value in (("rescue_image_ref", image_id), ("adminPass", password)) if value}
    return wire.text(act(cloud, id, "rescue", details or None).get("adminPass"))


def unrescue_server(cloud: Cloud, *, id: str) -> None:
    """Starts a server from its own disk again. Raises CloudError."""
    act(cloud, id, "unrescue")


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
    answer = act(cloud, id, "rebuild", details)
    return wire.text(wire.mapping(answer.get("server")).get("adminPass"))


def can_reimage(cloud: Cloud) -> bool:
    """Whether this cloud's Nova can write an image to the volume that a server started from (2.93)."""
    return versions.speaks(cloud, "compute", REIMAGES)


def snapshot_server(cloud: Cloud, *, id: str, name: str, metadata: Mapping[str, str] | None = None) -> str:
    """Makes an image of a server, and gives its id (2.45), "" if Nova does not say. Raises CloudError."""
    details: dict[str, Any] = {"name": name}
    if metadata:
        details["metadata"] = dict(metadata)
    return wire.text(act(cloud, id, "createImage", details).get("image_id"))


def back_up_server(cloud: Cloud, *, id: str, name: str, kind: str, rotation: int) -> str:
    """Makes an image of a server and deletes the oldest of its ``kind`` beyond ``rotation``; gives its id.

    Raises CloudError: Invalid for a server that started from a volume.
    """
    details = {"name": name, "backup_type": kind, "rotation": rotation}
    return wire.text(act(cloud, id, "createBackup", details).get("image_id"))
