"""What Nova calls things, in the words of the person who looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.servers import Server
from dashboard.panels.servers.faults import explained
from dashboard.ui.values import Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "ACTIVE": (gettext_lazy("Active"), "ok"),
    "BUILD": (gettext_lazy("Building"), "busy"),
    "SHUTOFF": (gettext_lazy("Shut off"), "off"),
    "ERROR": (gettext_lazy("Error"), "bad"),
    "PAUSED": (gettext_lazy("Paused"), "off"),
    "SUSPENDED": (gettext_lazy("Suspended"), "off"),
    "REBOOT": (gettext_lazy("Rebooting"), "busy"),
    "HARD_REBOOT": (gettext_lazy("Rebooting (hard)"), "busy"),
    "REBUILD": (gettext_lazy("Rebuilding"), "busy"),
    "RESIZE": (gettext_lazy("Resizing"), "busy"),
    "VERIFY_RESIZE": (gettext_lazy("Confirm the resize"), "warn"),
    "REVERT_RESIZE": (gettext_lazy("Reverting the resize"), "busy"),
    "MIGRATING": (gettext_lazy("Migrating"), "busy"),
    "PASSWORD": (gettext_lazy("Changing the password"), "busy"),
    "RESCUE": (gettext_lazy("Rescue"), "warn"),
    "SHELVED": (gettext_lazy("Shelved"), "off"),
    "SHELVED_OFFLOADED": (gettext_lazy("Shelved, offloaded"), "off"),
    "SOFT_DELETED": (gettext_lazy("Deleted, can be restored"), "off"),
    "DELETED": (gettext_lazy("Deleted"), "off"),
    "UNKNOWN": (gettext_lazy("Unknown"), "unknown"),
}
TASKS: dict[str, StrOrPromise] = {
    "scheduling": gettext_lazy("scheduling"),
    "networking": gettext_lazy("networking"),
    "block_device_mapping": gettext_lazy("preparing disks"),
    "spawning": gettext_lazy("spawning"),
    "powering-off": gettext_lazy("stopping"),
    "powering-on": gettext_lazy("starting"),
    "rebooting": gettext_lazy("rebooting"),
    "reboot_pending": gettext_lazy("rebooting"),
    "reboot_started": gettext_lazy("rebooting"),
    "rebooting_hard": gettext_lazy("rebooting hard"),
    "reboot_pending_hard": gettext_lazy("rebooting hard"),
    "reboot_started_hard": gettext_lazy("rebooting hard"),
    "pausing": gettext_lazy("pausing"),
    "unpausing": gettext_lazy("unpausing"),
    "suspending": gettext_lazy("suspending"),
    "resuming": gettext_lazy("resuming"),
    "deleting": gettext_lazy("deleting"),
    "soft-deleting": gettext_lazy("deleting"),
    "restoring": gettext_lazy("restoring"),
    "resize_prep": gettext_lazy("preparing to resize"),
    "resize_migrating": gettext_lazy("resizing"),
    "resize_migrated": gettext_lazy("resizing"),
    "resize_finish": gettext_lazy("finishing the resize"),
    "resize_reverting": gettext_lazy("reverting the resize"),
    "resize_confirming": gettext_lazy("confirming the resize"),
    "migrating": gettext_lazy("migrating"),
    "rebuilding": gettext_lazy("rebuilding"),
    "rebuild_block_device_mapping": gettext_lazy("preparing disks"),
    "rebuild_spawning": gettext_lazy("spawning"),
    "rescuing": gettext_lazy("entering rescue"),
    "unrescuing": gettext_lazy("leaving rescue"),
    "shelving": gettext_lazy("shelving"),
    "shelving_image_pending_upload": gettext_lazy("shelving"),
    "shelving_image_uploading": gettext_lazy("shelving"),
    "shelving_offloading": gettext_lazy("offloading"),
    "unshelving": gettext_lazy("unshelving"),
    "image_snapshot": gettext_lazy("taking a snapshot"),
    "image_snapshot_pending": gettext_lazy("taking a snapshot"),
    "image_pending_upload": gettext_lazy("taking a snapshot"),
    "image_uploading": gettext_lazy("uploading a snapshot"),
    "image_backup": gettext_lazy("backing up"),
    "updating_password": gettext_lazy("changing the password"),
}
POWER: dict[str, StrOrPromise] = {
    "": gettext_lazy("none"),
    "running": gettext_lazy("running"),
    "paused": gettext_lazy("paused"),
    "shutdown": gettext_lazy("shut down"),
    "crashed": gettext_lazy("crashed"),
    "suspended": gettext_lazy("suspended"),
}


def status(server: Server) -> Status:
    """Status and task: "Active · rebooting". What Nova says that this page has no word for is shown as it is."""
    if server.is_partial:
        return Status(_("Unreachable"), "unknown", title=_("Nova can't reach the cell that this server is in."))
    label, tone = STATUSES.get(server.status, (server.status, "unknown"))
    detail = TASKS.get(server.task_state, server.task_state.replace("_", " "))
    if server.task_state:
        tone = "busy"
    if str(detail).casefold() == str(label).casefold():
        detail = ""
    title = server.fault.message if server.fault is not None and server.status == "ERROR" else ""
    if server.action_fault is not None and not server.task_state and server.status != "ERROR":
        action = server.action_fault.action
        return Status(label, "warn", _("%(action)s failed") % {"action": action}, server.action_fault.message)
    return Status(label, tone, detail, title)


def why_busy(server: Server) -> str:
    """The reason why nothing can be begun now; "" if something can."""
    if server.is_partial:
        return _("Nova can't reach it at the moment.")
    if server.task_state:
        return _("It is busy: %(task)s.") % {"task": TASKS.get(server.task_state, server.task_state)}
    if server.is_transitional:
        return _("It is busy: %(status)s.") % {"status": status(server).label}
    return ""


ACTIONS: dict[str, StrOrPromise] = {
    "create": gettext_lazy("Launch"),
    "start": gettext_lazy("Start"),
    "stop": gettext_lazy("Stop"),
    "reboot": gettext_lazy("Reboot"),
    "delete": gettext_lazy("Delete"),
    "restore": gettext_lazy("Restore"),
    "lock": gettext_lazy("Lock"),
    "unlock": gettext_lazy("Unlock"),
    "pause": gettext_lazy("Pause"),
    "unpause": gettext_lazy("Unpause"),
    "suspend": gettext_lazy("Suspend"),
    "resume": gettext_lazy("Resume"),
    "resize": gettext_lazy("Resize"),
    "confirmResize": gettext_lazy("Confirm the resize"),
    "revertResize": gettext_lazy("Revert the resize"),
    "migrate": gettext_lazy("Migrate"),
    "live-migration": gettext_lazy("Live migration"),
    "evacuate": gettext_lazy("Evacuate"),
    "rebuild": gettext_lazy("Rebuild"),
    "rescue": gettext_lazy("Enter rescue"),
    "unrescue": gettext_lazy("Leave rescue"),
    "shelve": gettext_lazy("Shelve"),
    "shelveOffload": gettext_lazy("Offload the shelved server"),
    "unshelve": gettext_lazy("Unshelve"),
    "createImage": gettext_lazy("Take a snapshot"),
    "createBackup": gettext_lazy("Back up"),
    "changePassword": gettext_lazy("Change the password"),
    "trigger_crash_dump": gettext_lazy("Trigger a crash dump"),
    "resetState": gettext_lazy("Reset the state"),
    "live_migration_cancel": gettext_lazy("Cancel the live migration"),
    "live_migration_force_complete": gettext_lazy("Complete the live migration"),
    "extend_volume": gettext_lazy("Extend a volume"),
    "attach_share": gettext_lazy("Attach a share"),
    "detach_share": gettext_lazy("Detach a share"),
    "attach_volume": gettext_lazy("Attach a volume"),
    "detach_volume": gettext_lazy("Detach a volume"),
    "swap_volume": gettext_lazy("Swap a volume"),
    "attach_interface": gettext_lazy("Attach an interface"),
    "detach_interface": gettext_lazy("Detach an interface"),
}
"""Nova's names of actions (``nova/compute/instance_actions.py``) in words."""


def action_label(action: str) -> str:
    """An action in words; one that this version does not know is told as it is."""
    return str(ACTIONS.get(action, action))


@dataclass(frozen=True)
class Told:
    """What went wrong with a server. ``message`` is Nova's own; ``meaning`` and ``advice`` are "" if unknown."""

    message: str
    meaning: str = ""
    advice: str = ""
    action: str = ""
    """What was being done, in words, where the server itself is well."""
    request_id: str = ""
    created: datetime | None = None
    details: str = ""
    is_launch: bool = False
    """Whether the server never ran, so that launching it again is what is left."""


def fault_words(server: Server) -> Told:
    """A server's fault, or that of its last action, in words."""
    fault, failed = server.fault, server.action_fault
    if server.status != "ERROR" and failed is not None:
        meaning, advice = explained(failed.message)
        label = action_label(failed.action)
        return Told(failed.message, meaning, advice, label, failed.request_id, failed.started_at)
    if fault is None:
        return Told("", is_launch=server.launched_at is None)
    meaning, advice = explained(fault.message)
    is_launch = server.launched_at is None
    return Told(fault.message, meaning, advice, "", "", fault.created, fault.details, is_launch)


STUCK_AFTER = timedelta(minutes=10)


def stuck_words(server: Server) -> str:
    """That a task has not moved for so long that it may never end; "" if it has."""
    since = server.updated or server.created
    if not server.is_transitional or since is None or datetime.now(UTC) - since < STUCK_AFTER:
        return ""
    minutes = int((datetime.now(UTC) - since).total_seconds() // 60)
    return _("Nothing has moved for %(n)d minutes. Something may be stuck: ask your operator.") % {"n": minutes}
