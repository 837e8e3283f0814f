"""What Nova would take of a server in the state that it is in.

The states are those of the decorators in ``nova/compute/api.py`` (Nova 34). A lock is apart: whoever asks adds it,
since some things are done to locked servers too.
"""

from __future__ import annotations

from datetime import datetime

TRANSITIONAL = frozenset(
    {"BUILD", "REBUILD", "REBOOT", "HARD_REBOOT", "RESIZE", "REVERT_RESIZE", "MIGRATING", "PASSWORD"},
)
"""Statuses that end by themselves. VERIFY_RESIZE does not: it waits for a person."""

GOING = frozenset({"deleting", "soft-deleting"})
"""Tasks after which there is nothing left to do anything to."""


class ServerRules:
    """The part of a ``Server`` that says what can be done to it now."""

    status: str
    task_state: str
    is_partial: bool
    launched_at: datetime | None
    image_id: str
    volume_ids: tuple[str, ...]

    @property
    def is_transitional(self) -> bool:
        """Whether its state will change without anybody doing anything."""
        return not self.is_partial and bool(self.task_state or self.status in TRANSITIONAL)

    @property
    def is_volume_booted(self) -> bool:
        """Whether it started from a volume: Nova gives no image then."""
        return not self.image_id and bool(self.volume_ids)

    @property
    def is_free(self) -> bool:
        """Whether no task runs, so that it takes another."""
        return not self.is_partial and not self.task_state and self.status not in TRANSITIONAL

    @property
    def has_run(self) -> bool:
        """Whether it ever ran: Nova refuses (409) to stop or reboot what never did."""
        return self.launched_at is not None

    def _is_in(self, *statuses: str) -> bool:
        """Whether it is free, in one of these, and did not fail before it ever ran."""
        return self.is_free and self.status in statuses and (self.status != "ERROR" or self.has_run)

    @property
    def can_start(self) -> bool:
        return self._is_in("SHUTOFF")

    @property
    def can_stop(self) -> bool:
        return self._is_in("ACTIVE", "ERROR")

    @property
    def can_reboot(self) -> bool:
        """A soft reboot: the guest shuts itself down."""
        return self._is_in("ACTIVE")

    @property
    def can_reboot_hard(self) -> bool:
        """A hard reboot: as pulling the plug, also from a reboot that hangs."""
        is_stuck = self.task_state in {"rebooting", "rebooting_hard", "reboot_pending", "reboot_started"}
        states = {"ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR", "REBOOT"}
        return not self.is_partial and (not self.task_state or is_stuck) and self.status in states and self.has_run

    @property
    def can_pause(self) -> bool:
        return self._is_in("ACTIVE")

    @property
    def can_unpause(self) -> bool:
        return self._is_in("PAUSED")

    @property
    def can_suspend(self) -> bool:
        return self._is_in("ACTIVE")

    @property
    def can_resume(self) -> bool:
        return self._is_in("SUSPENDED")

    @property
    def can_crash_dump(self) -> bool:
        """Whether an NMI can be sent to its guest (2.17)."""
        return self._is_in("ACTIVE", "PAUSED", "RESCUE", "VERIFY_RESIZE", "ERROR")

    @property
    def can_shelve(self) -> bool:
        return self._is_in("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")

    @property
    def can_offload(self) -> bool:
        """Whether it is shelved and still takes room on its host."""
        return self._is_in("SHELVED")

    @property
    def can_unshelve(self) -> bool:
        return self._is_in("SHELVED", "SHELVED_OFFLOADED")

    @property
    def can_choose_zone(self) -> bool:
        """Whether it may be unshelved to another zone or host: only what has left its host (2.77, 2.91)."""
        return self.status == "SHELVED_OFFLOADED"

    @property
    def can_rescue(self) -> bool:
        return self._is_in("ACTIVE", "SHUTOFF", "ERROR")

    @property
    def can_unrescue(self) -> bool:
        return self._is_in("RESCUE")

    @property
    def can_rebuild(self) -> bool:
        return self._is_in("ACTIVE", "SHUTOFF", "ERROR")

    @property
    def can_resize(self) -> bool:
        return self._is_in("ACTIVE", "SHUTOFF")

    @property
    def is_resized(self) -> bool:
        """Whether it waits for somebody to confirm or revert its resize (or its cold migration)."""
        return self._is_in("VERIFY_RESIZE")

    @property
    def can_snapshot(self) -> bool:
        """Whether an image can be made of it; a lock does not matter to Nova."""
        return self._is_in("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")

    @property
    def can_back_up(self) -> bool:
        """As a snapshot, but Nova has no backups of servers that started from a volume."""
        return self.can_snapshot and not self.is_volume_booted

    @property
    def can_change_password(self) -> bool:
        return self._is_in("ACTIVE")

    @property
    def can_delete(self) -> bool:
        return self.status not in {"DELETED", "SOFT_DELETED"} and self.task_state not in GOING

    @property
    def can_delete_for_good(self) -> bool:
        """Whether it can be deleted at once, where the cloud keeps deleted servers for a while; in any state."""
        return self.status != "DELETED" and not self.is_partial

    @property
    def can_restore(self) -> bool:
        """Whether it was deleted and is kept for a while (``reclaim_instance_interval``)."""
        return self._is_in("SOFT_DELETED")

    @property
    def can_migrate(self) -> bool:
        """Whether it can be moved to another host while it is off, or is switched off for that."""
        return self._is_in("ACTIVE", "SHUTOFF")

    @property
    def can_live_migrate(self) -> bool:
        return self._is_in("ACTIVE", "PAUSED")

    @property
    def can_evacuate(self) -> bool:
        """Whether it can be built anew elsewhere, if its host is dead."""
        return self._is_in("ACTIVE", "SHUTOFF", "ERROR")

    @property
    def can_reset(self) -> bool:
        """Whether an administrator may say that it is active or in an error; Nova asks for nothing else."""
        return not self.is_partial and self.status not in {"DELETED", "SOFT_DELETED"}
