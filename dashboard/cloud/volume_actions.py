"""What can be done to volumes: made, grown, moved to another type, copied, handed over, attached, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.cloud import cinder, versions, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.nova import asking
from dashboard.cloud.volumes import Volume


def _act(cloud: Cloud, id: str, name: str, body: Any) -> dict[str, Any]:
    return cinder.post(cloud, f"/volumes/{wire.path_id(id)}/action", {name: body})


def create_volume(
    cloud: Cloud,
    *,
    name: str,
    size: int | None,
    description: str = "",
    source: tuple[str, str] = ("", ""),
    volume_type: str = "",
    zone: str = "",
    group_id: str = "",
    metadata: Mapping[str, str] | None = None,
    hints: Mapping[str, Any] | None = None,
) -> Volume:
    """Begins to make a volume of ``size`` GiB. Raises CloudError, QuotaExceeded among them.

    ``source`` is what it is made from: "image", "snapshot", "volume" or "backup" with an id,
    or nothing. ``hints`` are those that Cinder's scheduler knows: ``same_host`` and
    ``different_host`` with ids of volumes, ``local_to_instance`` with a server's, ``query``.
    """
    body: dict[str, Any] = {"name": name, "description": description or None, "size": size}
    key = {"image": "imageRef", "snapshot": "snapshot_id", "volume": "source_volid", "backup": "backup_id"}
    if source[0] in key:
        body[key[source[0]]] = source[1]
    body |= {"volume_type": volume_type} if volume_type else {}
    body |= {"availability_zone": zone} if zone else {}
    body |= {"group_id": group_id} if group_id else {}
    body |= {"metadata": dict(metadata)} if metadata else {}
    sent: dict[str, Any] = {"volume": body}
    if hints:
        sent["OS-SCH-HNT:scheduler_hints"] = dict(hints)
    return Volume.from_json(wire.mapping(cinder.post(cloud, "/volumes", sent).get("volume")))


def update_volume(cloud: Cloud, *, id: str, name: str, description: str) -> None:
    """Gives a volume another name and description. Raises CloudError."""
    cinder.put(cloud, f"/volumes/{wire.path_id(id)}", {"volume": {"name": name, "description": description}})


def set_metadata(cloud: Cloud, *, id: str, metadata: Mapping[str, str]) -> None:
    """Puts this metadata in place of all there was. Raises CloudError."""
    cinder.put(cloud, f"/volumes/{wire.path_id(id)}/metadata", {"metadata": dict(metadata)})


def set_image_metadata(cloud: Cloud, *, id: str, metadata: Mapping[str, str]) -> None:
    """Sets what servers that boot from it are to know of its image; other keys stay. Raises CloudError."""
    _act(cloud, id, "os-set_image_metadata", {"metadata": dict(metadata)})


def unset_image_metadata(cloud: Cloud, *, id: str, key: str) -> None:
    """Takes one key out of the image metadata. Raises CloudError."""
    _act(cloud, id, "os-unset_image_metadata", {"key": key})


def set_bootable(cloud: Cloud, *, id: str, is_bootable: bool) -> None:
    """Says whether servers may boot from it. Raises CloudError."""
    _act(cloud, id, "os-set_bootable", {"bootable": is_bootable})


def set_readonly(cloud: Cloud, *, id: str, is_readonly: bool) -> None:
    """Says whether servers may only read it; the volume has to be detached. Raises CloudError."""
    _act(cloud, id, "os-update_readonly_flag", {"readonly": is_readonly})


def extend_volume(cloud: Cloud, *, id: str, size: int) -> None:
    """Begins to grow a volume to ``size`` GiB; in use since 3.42. Raises CloudError, QuotaExceeded among them."""
    _act(cloud, id, "os-extend", {"new_size": size})


def retype_volume(cloud: Cloud, *, id: str, volume_type: str, may_migrate: bool) -> None:
    """Begins to give a volume another type, on another back end only if it may move. Raises CloudError."""
    policy = "on-demand" if may_migrate else "never"
    _act(cloud, id, "os-retype", {"new_type": volume_type, "migration_policy": policy})


def revert_volume(cloud: Cloud, *, id: str, snapshot_id: str) -> None:
    """Sets a volume back to its latest snapshot (3.40). Raises CloudError."""
    _act(cloud, id, "revert", {"snapshot_id": snapshot_id})


def upload_volume(
    cloud: Cloud,
    *,
    id: str,
    name: str,
    disk_format: str,
    container_format: str = "bare",
    visibility: str = "private",
    is_protected: bool = False,
    is_in_use: bool = False,
) -> str:
    """Begins to make an image of a volume; gives the image's id. Raises CloudError."""
    body: dict[str, Any] = {
        "image_name": name,
        "disk_format": disk_format,
        "container_format": container_format,
        "force": is_in_use,
    }
    if cinder.speaks(cloud, "3.1"):
        body |= {"visibility": visibility, "protected": is_protected}
    answer = _act(cloud, id, "os-volume_upload_image", body)
    return wire.text(wire.mapping(answer.get("os-volume_upload_image")).get("image_id"))


def delete_volume(cloud: Cloud, *, id: str, with_snapshots: bool = False) -> None:
    """Begins to delete a volume, and its snapshots if so said. Raises CloudError."""
    params = {"cascade": "true"} if with_snapshots else {}
    cinder.delete(cloud, f"/volumes/{wire.path_id(id)}", **params)


# On servers


def attach_volume(cloud: Cloud, *, id: str, server_id: str, device: str = "") -> None:
    """Hangs a volume on a server. Raises CloudError."""
    # By hand, as in server_attach.py.
    body: dict[str, Any] = {"volumeId": id}
    body |= {"device": device} if device else {}
    path = f"/servers/{wire.path_id(server_id)}/os-volume_attachments"
    # An attachment of a volume that may hang on several servers takes 2.60.
    version = versions.fitting(cloud, "compute", NOVA_MICROVERSION)
    cloud.post("compute", path, {"volumeAttachment": body}, microversion=version)


def detach_volume(cloud: Cloud, *, id: str, server_id: str) -> None:
    """Takes a volume off a server. Raises CloudError."""
    with asking(cloud) as nova:
        nova.volumes.delete_server_volume(wire.path_id(server_id), wire.path_id(id))


def list_servers_to_attach(cloud: Cloud, *, most: int = 1000) -> list[tuple[str, str, str]]:
    """Ids, names and states of the project's servers, by name. Raises CloudError."""
    version = versions.fitting(cloud, "compute", NOVA_MICROVERSION)
    answer = cloud.get("compute", "/servers/detail", microversion=version, limit=most)
    found = [
        (wire.text(item.get("id")), wire.text(item.get("name")), wire.text(item.get("status")))
        for item in cinder.with_id(wire.objects(answer.get("servers")))
    ]
    return sorted(found, key=lambda item: (item[1].casefold(), item[0]))


# For administrators


def force_delete_volume(cloud: Cloud, *, id: str) -> None:
    """Deletes a volume in whatever state. Raises CloudError."""
    _act(cloud, id, "os-force_delete", {})


def force_detach_volume(cloud: Cloud, *, id: str, attachment_id: str) -> None:
    """Takes an attachment out of Cinder's records; Nova is not asked. Raises CloudError."""
    _act(cloud, id, "os-force_detach", {"attachment_id": attachment_id, "connector": None})


def reset_volume(
    cloud: Cloud, *, id: str, status: str = "", attach_status: str = "", is_migration_reset: bool = False
) -> None:
    """Writes another state into Cinder's records, and changes nothing else. Raises CloudError."""
    body: dict[str, Any] = {}
    body |= {"status": status} if status else {}
    body |= {"attach_status": attach_status} if attach_status else {}
    body |= {"migration_status": None} if is_migration_reset else {}
    _act(cloud, id, "os-reset_status", body)


def migrate_volume(cloud: Cloud, *, id: str, host: str, is_forced_copy: bool = False, is_locked: bool = False) -> None:
    """Begins to move a volume to another pool (host@backend#pool). Raises CloudError."""
    body = {"host": host, "force_host_copy": is_forced_copy, "lock_volume": is_locked}
    _act(cloud, id, "os-migrate_volume", body)


def unmanage_volume(cloud: Cloud, *, id: str) -> None:
    """Takes a volume out of Cinder's records; the back end keeps it. Raises CloudError."""
    _act(cloud, id, "os-unmanage", {})
