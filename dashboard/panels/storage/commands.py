"""The ``openstack`` commands that do the same, for *Show request*."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Data = Mapping[str, Any]
Words = Sequence[str]
Command = Callable[[Any, Data], Words]


def repeated(option: str, pairs: Mapping[str, str]) -> list[str]:
    """An option that takes ``key=value``, once for each pair."""
    return [word for key, text in sorted(pairs.items()) for word in (option, f"{key}={text}")]


def _given(*options: tuple[str, Any]) -> list[str]:
    """The options that have a value."""
    return [word for option, value in options if value for word in (option, str(value))]


def create_volume(data: Data) -> Words:
    """``openstack volume create``."""
    kind, id = data["made_from"]
    source = {"image": "--image", "snapshot": "--snapshot", "volume": "--source", "backup": "--backup"}.get(kind, "")
    return [
        *("openstack", "volume", "create"),
        *_given(("--size", data["size"]), (source, id if source else "")),
        *_given(("--type", data["volume_type"]), ("--availability-zone", data["zone"])),
        *_given(("--description", data["description"])),
        *repeated("--property", data["metadata"]),
        *repeated("--hint", data["hints"]),
        data["name"] or "$NAME",
    ]


def _edit(volume: Any, data: Data) -> Words:
    return [
        *("openstack", "volume", "set", "--name", data["name"], "--description", data["description"]),
        volume.id,
    ]


def _bootable(volume: Any, data: Data) -> Words:
    return ["openstack", "volume", "set", "--non-bootable" if volume.is_bootable else "--bootable", volume.id]


def _readonly(volume: Any, data: Data) -> Words:
    return ["openstack", "volume", "set", "--read-write" if volume.is_readonly else "--read-only", volume.id]


def _retype(volume: Any, data: Data) -> Words:
    policy = "on-demand" if data["may_migrate"] else "never"
    return ["openstack", "volume", "set", "--type", data["new_type"], "--retype-policy", policy, volume.id]


def _snapshot(volume: Any, data: Data) -> Words:
    return [
        *("openstack", "volume", "snapshot", "create", "--volume", volume.id),
        *_given(("--description", data["snapshot_description"])),
        *(["--force"] if volume.status == "in-use" else []),
        data["snapshot_name"] or f"{volume.name or volume.id[:8]}-snapshot",
    ]


def _backup(volume: Any, data: Data) -> Words:
    return [
        *("openstack", "volume", "backup", "create"),
        *_given(("--name", data["backup_name"]), ("--description", data["backup_description"])),
        *_given(("--container", data["container"])),
        *(["--incremental"] if data["is_incremental"] else []),
        *(["--force"] if volume.status == "in-use" else []),
        volume.id,
    ]


def _clone(volume: Any, data: Data) -> Words:
    size = str(data["clone_size"] or volume.size)
    name = data["clone_name"] or f"{volume.name or volume.id[:8]}-copy"
    return ["openstack", "volume", "create", "--source", volume.id, "--size", size, name]


def _upload(volume: Any, data: Data) -> Words:
    return [
        *("openstack", "image", "create", "--volume", volume.id, "--disk-format", data["disk_format"]),
        *("--container-format", "bare", f"--{data['visibility']}"),
        *(["--protected"] if data["is_protected"] else []),
        *(["--force"] if volume.status == "in-use" else []),
        data["image_name"],
    ]


def _delete(volume: Any, data: Data) -> Words:
    return ["openstack", "volume", "delete", *(["--purge"] if data.get("with_snapshots") else []), volume.id]


def _attach(volume: Any, data: Data) -> Words:
    device = _given(("--device", data.get("device")))
    return ["openstack", "server", "add", "volume", *device, data["server"], volume.id]


def _metadata(volume: Any, data: Data) -> Words:
    return ["openstack", "volume", "set", "--no-property", *repeated("--property", data["own_metadata"]), volume.id]


VOLUME: dict[str, Command] = {
    "attach": _attach,
    "detach": lambda volume, data: ["openstack", "server", "remove", "volume", data["server"], volume.id],
    "edit": _edit,
    "extend": lambda volume, data: ["openstack", "volume", "set", "--size", str(data["size"]), volume.id],
    "retype": _retype,
    "metadata": _metadata,
    "image-metadata": lambda volume, data: [
        *("openstack", "volume", "set"),
        *repeated("--image-property", data["image_metadata"]),
        volume.id,
    ],
    "bootable": _bootable,
    "read-only": _readonly,
    "snapshot": _snapshot,
    "backup": _backup,
    "revert": lambda volume, data: ["openstack", "volume", "revert", data["snapshot"]],
    "clone": _clone,
    "upload": _upload,
    "delete": _delete,
    "force-delete": lambda volume, data: ["openstack", "volume", "delete", "--force", volume.id],
    "reset-status": lambda volume, data: ["openstack", "volume", "set", "--state", data["state"], volume.id],
    "migrate": lambda volume, data: [
        *("openstack", "volume", "migrate", "--host", data["pool"]),
        *(["--force-host-copy"] if data["is_forced_copy"] else []),
        *(["--lock-volume"] if data["is_locked"] else []),
        volume.id,
    ],
    "unmanage": lambda volume, data: ["openstack", "volume", "delete", "--remote", volume.id],
}
"""By the action's slug."""
