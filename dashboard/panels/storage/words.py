"""States of volumes, snapshots and backups in words, and the reasons why something can't be done now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.backups import Backup
from dashboard.cloud.snapshots import VolumeSnapshot
from dashboard.cloud.volumes import Volume
from dashboard.ui.values import Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

VOLUME_STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "available": (gettext_lazy("Available"), "ok"),
    "in-use": (gettext_lazy("In use"), "ok"),
    "error": (gettext_lazy("Error"), "bad"),
    "creating": (gettext_lazy("Being created"), "busy"),
    "deleting": (gettext_lazy("Being deleted"), "busy"),
    "attaching": (gettext_lazy("Being attached"), "busy"),
    "detaching": (gettext_lazy("Being detached"), "busy"),
    "extending": (gettext_lazy("Being extended"), "busy"),
    "retyping": (gettext_lazy("Changing its type"), "busy"),
    "backing-up": (gettext_lazy("Being backed up"), "busy"),
    "restoring-backup": (gettext_lazy("Being restored"), "busy"),
    "reverting": (gettext_lazy("Being reverted"), "busy"),
    "downloading": (gettext_lazy("Fetching its image"), "busy"),
    "uploading": (gettext_lazy("Being uploaded"), "busy"),
    "managing": (gettext_lazy("Being taken in"), "busy"),
    "unmanaging": (gettext_lazy("Being given up"), "busy"),
    "reserved": (gettext_lazy("Reserved"), "off"),
    "maintenance": (gettext_lazy("In maintenance"), "off"),
    "awaiting-transfer": (gettext_lazy("Awaiting transfer"), "warn"),
    "error_deleting": (gettext_lazy("Deletion failed"), "bad"),
    "error_restoring": (gettext_lazy("Restore failed"), "bad"),
    "error_backing-up": (gettext_lazy("Backup failed"), "bad"),
    "error_extending": (gettext_lazy("Extension failed"), "bad"),
    "error_managing": (gettext_lazy("Taking in failed"), "bad"),
}
COPY_STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "available": (gettext_lazy("Available"), "ok"),
    "error": (gettext_lazy("Error"), "bad"),
    "creating": (gettext_lazy("Being created"), "busy"),
    "deleting": (gettext_lazy("Being deleted"), "busy"),
    "restoring": (gettext_lazy("Being restored"), "busy"),
    "backing-up": (gettext_lazy("Being backed up"), "busy"),
    "updating": (gettext_lazy("Being changed"), "busy"),
    "unmanaging": (gettext_lazy("Being given up"), "busy"),
    "error_deleting": (gettext_lazy("Deletion failed"), "bad"),
    "error_restoring": (gettext_lazy("Restore failed"), "bad"),
}
"""Those of snapshots, backups, groups and group snapshots."""

BROKEN: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "error": (
        gettext_lazy("This volume could not be made, or lost its back end."),
        gettext_lazy("It holds nothing that can be used. Delete it, and create it again; it counts against the quota."),
    ),
    "error_deleting": (
        gettext_lazy("Its deletion was begun and failed, so it may be half gone."),
        gettext_lazy(
            "Don't count on its data. It goes on using the quota until an administrator resets its state or deletes "
            "it by force: send them its ID."
        ),
    ),
    "error_restoring": (
        gettext_lazy("A backup was being written to it, and that failed: its data are neither old nor new."),
        gettext_lazy("Restore the backup once more, or delete the volume. The backup itself is as it was."),
    ),
    "error_backing-up": (
        gettext_lazy("Backing it up failed. Its data are as they were."),
        gettext_lazy("An administrator has to reset its state before it can be used again: send them its ID."),
    ),
    "error_extending": (
        gettext_lazy("It could not grow. Its data are as they were."),
        gettext_lazy("An administrator has to reset its state before it can be used again: send them its ID."),
    ),
    "error_managing": (
        gettext_lazy("It could not be taken in from the back end, which keeps it as it was."),
        gettext_lazy("Delete this record; nothing of the volume itself is touched."),
    ),
}
"""By a volume's state: what it means, and what to do."""


def volume_status(volume: Volume) -> Status:
    """A volume's state in words; one that this version does not know is told as it is."""
    label, tone = VOLUME_STATUSES.get(volume.status, (volume.status, "unknown"))
    detail = _("moving to another pool") if volume.migration in {"starting", "migrating", "completing"} else ""
    meaning = BROKEN.get(volume.status, ("", ""))[0]
    return Status(label, "busy" if detail else tone, detail, meaning)


def copy_status(item: Any) -> Status:
    """The state of a snapshot, backup or group in words."""
    label, tone = COPY_STATUSES.get(item.status, (item.status, "unknown"))
    return Status(label, tone)


def why_busy(volume: Volume) -> str:
    """Why nothing at all can be done to a volume now, or ""."""
    if volume.migration in {"starting", "migrating", "completing"}:
        return _("It is being moved to another pool. Wait until that is done.")
    if volume.is_transitional:
        return _("It is busy (%(state)s). Wait until that is done.") % {"state": volume_status(volume).label}
    if volume.status == "awaiting-transfer":
        return _("It waits for another project to take it. Cancel the transfer first.")
    if volume.status == "error_deleting":
        return _("Its deletion failed. An administrator has to reset its state or delete it by force.")
    if volume.status in {"maintenance", "reserved"}:
        return _("It is reserved for something else at the moment.")
    return ""


def why_not_free(volume: Volume) -> str:
    """Why what takes a free volume can't be done, or ""."""
    if volume.status == "available":
        return ""
    if volume.is_attached:
        return _("It is attached to a server. Detach it first.")
    return why_busy(volume) or _("Its state is %(state)s; it has to be available.") % {
        "state": volume_status(volume).label
    }


def why_not_readable(volume: Volume) -> str:
    """Why its data can't be copied now, or "": that may be done while a server uses it."""
    if volume.status in {"available", "in-use"}:
        return ""
    return why_busy(volume) or _("Its state is %(state)s; there is nothing to copy.") % {
        "state": volume_status(volume).label
    }


def why_not_attach(volume: Volume) -> str:
    """Why no server, or no further one, can have it."""
    if volume.can_attach:
        return ""
    if volume.status == "in-use":
        return _("A server has it already, and volumes of its type can't be shared.")
    return why_not_free(volume)


def why_not_detach(volume: Volume) -> str:
    """Why it can't be taken off a server."""
    if not volume.attachments:
        return _("It is attached to no server.")
    return "" if volume.status == "in-use" else why_busy(volume)


def why_not_delete(volume: Volume) -> str:
    """Why it can't be deleted."""
    if volume.can_delete:
        return _("It belongs to a group. Take it out first, or delete the group.") if volume.group_id else ""
    if volume.is_attached:
        return _("It is attached to a server. Detach it first.")
    return why_busy(volume) or _("Its state is %(state)s.") % {"state": volume_status(volume).label}


def why_not_snapshot_used(snapshot: VolumeSnapshot) -> str:
    """Why nothing can be made of a snapshot."""
    if snapshot.is_ready:
        return ""
    return _("It is not available yet.") if snapshot.is_transitional else _("It is broken.")


def why_not_snapshot_deleted(snapshot: VolumeSnapshot) -> str:
    """Why a snapshot can't be deleted."""
    if snapshot.can_delete:
        return ""
    if snapshot.group_snapshot_id:
        return _("It belongs to a group snapshot, and goes with that only.")
    if snapshot.status == "error_deleting":
        return _("Its deletion failed. An administrator has to reset its state or delete it by force.")
    return _("It is busy (%(state)s). Wait until that is done.") % {"state": copy_status(snapshot).label}


def why_not_backup_used(backup: Backup) -> str:
    """Why a backup can't be restored."""
    if backup.is_ready:
        return ""
    return _("It is not available yet.") if backup.is_transitional else _("It is broken.")


def why_not_backup_deleted(backup: Backup) -> str:
    """Why a backup can't be deleted."""
    if backup.can_delete:
        return ""
    if backup.has_dependents:
        return _("Later incremental backups build on it. Delete those first.")
    if backup.status == "error_deleting":
        return _("Its deletion failed. An administrator has to reset its state or delete it by force.")
    return _("It is busy (%(state)s). Wait until that is done.") % {"state": copy_status(backup).label}


def title(item: Any) -> str:
    """What a thing is called: its name, or the beginning of its id."""
    return str(item.name or item.id[:8])


def titles(items: Sequence[Any]) -> str:
    """The names of several things."""
    return ", ".join(title(item) for item in items)
