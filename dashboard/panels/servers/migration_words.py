"""What Nova calls migrations and their states, in words, and how far one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.migrations import Amount, Migration
from dashboard.ui.templatetags.ui import size_words
from dashboard.ui.values import Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "accepted": (gettext_lazy("Accepted"), "busy"),
    "queued": (gettext_lazy("Queued"), "busy"),
    "preparing": (gettext_lazy("Preparing"), "busy"),
    "pre-migrating": (gettext_lazy("Preparing"), "busy"),
    "migrating": (gettext_lazy("Migrating"), "busy"),
    "running": (gettext_lazy("Running"), "busy"),
    "post-migrating": (gettext_lazy("Finishing"), "busy"),
    "finished": (gettext_lazy("Waits to be confirmed"), "warn"),
    "confirming": (gettext_lazy("Confirming"), "busy"),
    "confirmed": (gettext_lazy("Confirmed"), "ok"),
    "reverting": (gettext_lazy("Reverting"), "busy"),
    "reverted": (gettext_lazy("Reverted"), "off"),
    "completed": (gettext_lazy("Completed"), "ok"),
    "done": (gettext_lazy("Done"), "ok"),
    "cancelled": (gettext_lazy("Aborted"), "off"),
    "failed": (gettext_lazy("Failed"), "bad"),
    "error": (gettext_lazy("Error"), "bad"),
}
TYPES: dict[str, StrOrPromise] = {
    "live-migration": gettext_lazy("Live migration"),
    "migration": gettext_lazy("Cold migration"),
    "resize": gettext_lazy("Resize"),
    "evacuation": gettext_lazy("Evacuation"),
}


def status(migration: Migration) -> Status:
    """Its status, with how much is copied where that is known."""
    label, tone = STATUSES.get(migration.status, (migration.status, "unknown"))
    percent = migration.percent
    return Status(label, tone, f"{percent} %" if percent is not None and migration.is_transitional else "")


def kind(migration: Migration) -> str:
    """What sort of migration it is."""
    return str(TYPES.get(migration.type, migration.type))


def amount_words(amount: Amount) -> str:
    """ "1.5 GiB of 4 GiB copied"; "" where nothing is known."""
    if not amount.total:
        return ""
    done = max(0, amount.total - amount.remaining)
    return _("%(done)s of %(total)s copied, %(left)s left") % {
        "done": size_words(done),
        "total": size_words(amount.total),
        "left": size_words(amount.remaining),
    }
