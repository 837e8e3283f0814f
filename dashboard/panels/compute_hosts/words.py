"""How a host is, in words, for each of its pages."""

from __future__ import annotations

from typing import Any, Protocol

from django.utils.translation import gettext as _

from dashboard.cloud.placement import Room
from dashboard.cloud.types import Quota
from dashboard.ui.values import Status

UNITS = {"MEMORY_MB": "MiB", "DISK_GB": "GiB"}


class Host(Protocol):
    """What hypervisors and compute services have in common."""

    @property
    def host(self) -> str: ...
    @property
    def is_up(self) -> bool: ...
    @property
    def is_enabled(self) -> bool: ...
    @property
    def is_forced_down(self) -> bool: ...
    @property
    def reason(self) -> str: ...


def state(row: Host) -> Status:
    """Whether it answers, and takes new servers."""
    detail: Any = "" if row.is_enabled else _("disabled")
    if row.is_forced_down:
        return Status(_("Forced down"), "bad", detail, row.reason)
    if not row.is_up:
        return Status(_("Down"), "bad", detail, row.reason)
    return Status(_("Up"), "ok" if row.is_enabled else "off", detail, row.reason)


def use(name: str, room: Room | None) -> Quota | None:
    """How much of what may be given out is taken."""
    if room is None:
        return None
    return Quota(name="", used=room.used, limit=room.capacity, unit=UNITS.get(name, ""))


def use_text(quota: Quota | None) -> str:
    """The same for a table."""
    return f"{quota.used}/{quota.limit}" if quota is not None else ""
