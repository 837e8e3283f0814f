"""What administrators do with volumes: force, repair, move, give up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import volume_actions as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.storage_admin import list_pools
from dashboard.cloud.volumes import MIGRATING, Volume
from dashboard.panels.storage import commands
from dashboard.panels.storage.fields import asked, offer
from dashboard.panels.storage.words import VOLUME_STATUSES, titles, why_not_free
from dashboard.ui.forms import answered
from dashboard.ui.panel import ADMIN, Action

Data = Mapping[str, Any]
OPERATOR = gettext_lazy("Administration")


class ResetForm(forms.Form):
    """The state that is written into the records."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[(key, label) for key, (label, _tone) in VOLUME_STATUSES.items()],
        initial="available",
    )
    attach_status = forms.ChoiceField(
        label=gettext_lazy("Attachment"),
        required=False,
        choices=(
            ("", gettext_lazy("As it is")),
            ("detached", gettext_lazy("Detached")),
            ("attached", gettext_lazy("Attached")),
        ),
    )
    is_migration_reset = forms.BooleanField(label=gettext_lazy("Forget that it is being moved"), required=False)


class MigrateForm(forms.Form):
    """The pool to move to."""

    pool = forms.ChoiceField(label=gettext_lazy("Pool"))
    is_forced_copy = forms.BooleanField(
        label=gettext_lazy("Copy through Cinder, not by the back end itself"), required=False
    )
    is_locked = forms.BooleanField(
        label=gettext_lazy("Lock it until it has moved"),
        required=False,
        help_text=gettext_lazy("Otherwise what its owner does meanwhile breaks the move off."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {row.host for row in rows}
        pools = [item for item in answered(self, "pool", asked(lambda: list_pools(cloud))) if {item.name} != own]
        found = [(item.name, f"{item.name} · {item.free_words()}") for item in pools]
        offer(self, "pool", found, none=_("There is no other pool."))


def _reset(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.reset_volume(
        cloud,
        id=volume.id,
        status=data["state"],
        attach_status=data["attach_status"],
        is_migration_reset=data["is_migration_reset"],
    )


def _migrate(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.migrate_volume(
        cloud,
        id=volume.id,
        host=data["pool"],
        is_forced_copy=data["is_forced_copy"],
        is_locked=data["is_locked"],
    )


def _force_delete(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.force_delete_volume(cloud, id=volume.id)


def _unmanage(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.unmanage_volume(cloud, id=volume.id)


def _why_not_migrate(volume: Volume) -> str:
    if volume.migration in MIGRATING:
        return _("It is being moved already.")
    if volume.status in {"available", "in-use"}:
        return _("It belongs to a group.") if volume.group_id else ""
    return why_not_free(volume)


def says_reset(volumes: Sequence[Volume]) -> str:
    """What a reset does not do."""
    return _(
        "Only Cinder's record of %(name)s changes. Nothing happens on the back end: look there first what is true."
    ) % {"name": titles(volumes)}


def says_force(volumes: Sequence[Volume]) -> str:
    """What force means."""
    return _(
        "%(name)s will be deleted in whatever state, attached or not. This can't be undone, and servers that use it "
        "lose their disk."
    ) % {"name": titles(volumes)}


def says_migrate(volumes: Sequence[Volume]) -> str:
    """What moving means."""
    return _("All data of %(name)s are copied to the other pool, which may take long.") % {"name": titles(volumes)}


def says_unmanage(volumes: Sequence[Volume]) -> str:
    """What giving up means."""
    return _(
        "Cinder forgets %(name)s, and its project has it no more. The back end keeps the data, which can be "
        "taken in again."
    ) % {"name": titles(volumes)}


def _action(slug: str, label: Any, run: Any, says: Any, **more: Any) -> Action[Volume]:
    given: dict[str, Any] = {"is_bulk": False, "cli": commands.VOLUME.get(slug), **more}
    return Action(slug=slug, label=label, run=run, says=says, roles=ADMIN, section=OPERATOR, **given)


ADMIN_ACTIONS: tuple[Action[Volume], ...] = (
    _action(
        "reset-status",
        gettext_lazy("Reset the state"),
        _reset,
        says_reset,
        form=ResetForm,
        icon="refresh-alert",
        is_bulk=True,
        started=gettext_lazy("Reset"),
    ),
    _action(
        "migrate",
        gettext_lazy("Move to another pool"),
        _migrate,
        says_migrate,
        form=MigrateForm,
        when=_why_not_migrate,
        icon="switch-horizontal",
        started=gettext_lazy("Moving"),
    ),
    _action(
        "unmanage",
        gettext_lazy("Give up to the back end"),
        _unmanage,
        says_unmanage,
        when=why_not_free,
        icon="unlink",
        is_dangerous=True,
        is_removal=True,
        started=gettext_lazy("Giving up"),
    ),
    _action(
        "force-delete",
        gettext_lazy("Delete by force"),
        _force_delete,
        says_force,
        icon="flame",
        is_bulk=True,
        is_dangerous=True,
        is_removal=True,
        started=gettext_lazy("Deleting"),
    ),
)
