"""Backups: copies that outlive their volumes, whole or incremental, and writing them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import backups
from dashboard.cloud.backups import Backup
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Query
from dashboard.cloud.volumes import LIST as VOLUMES
from dashboard.panels.storage.action_forms import BackupForm, EditVolume
from dashboard.panels.storage.common import (
    AGE,
    SIZE,
    STATE,
    STATES,
    WHOLE_ID,
    WHOLE_NAME,
    about,
    forced_removal,
    resetting,
    single,
    size,
)
from dashboard.panels.storage.fields import asked, name_field, offer, pair_words, sized
from dashboard.panels.storage.names import with_volumes
from dashboard.panels.storage.volumes import MESSAGES, PAIRS
from dashboard.panels.storage.words import COPY_STATUSES, why_not_backup_deleted, why_not_backup_used
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import BOOL, COPY, DESCRIPTION, ID, LINK, NAME, OPTIONAL_ID, TIME, column
from dashboard.ui.forms import answered
from dashboard.ui.panel import Action, Create, Filter, Group, Panel
from dashboard.ui.values import Link, Part

Data = Mapping[str, Any]
OWN, OPERATOR = gettext_lazy("Backup"), gettext_lazy("Administration")


class NewBackupForm(BackupForm):
    """The volume, and how it is backed up. A link names the volume."""

    volume = forms.ChoiceField(label=gettext_lazy("Volume"))
    field_order = ("volume", "backup_name")

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = answered(self, "volume", asked(lambda: list(VOLUMES.page(cloud, Query(limit=999, sort="name")).rows)))
        able = [item for item in found if item.status in {"available", "in-use"}]
        self.used = {item.id for item in able if item.status == "in-use"}
        choices = [(item.id, sized(item.name, item.id, item.size)) for item in able]
        offer(self, "volume", choices, none=_("There is no volume that could be backed up."))

    def clean(self) -> dict[str, Any]:
        """Notes whether a server uses the volume, which Cinder wants to be told."""
        data = super().clean() or {}
        data["is_in_use"] = data.get("volume") in self.used
        return data


class RestoreForm(forms.Form):
    """To where it is written: a new volume, or one that there is."""

    volume = forms.ChoiceField(label=gettext_lazy("Write it to"), required=False)
    new_name = name_field(
        label=gettext_lazy("Name of the new volume"),
        required=False,
        help_text=gettext_lazy("For a new volume only; empty for the name of the old one."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Backup] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        least = max((row.size for row in rows), default=0)
        query = Query(limit=999, sort="name")
        found = answered(self, "volume", asked(lambda: list(VOLUMES.page(cloud, query, status="available").rows)))
        able = [(item.id, sized(item.name, item.id, item.size)) for item in found if item.size >= least]
        offer(self, "volume", [("", _("A new volume")), *able])


class ResetForm(forms.Form):
    """The state that is written into the records."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"), choices=[(key, COPY_STATUSES[key][0]) for key in ("available", "error")]
    )


def create(cloud: Cloud, data: Data) -> Backup:
    """Makes the backup of the form."""
    return backups.create_backup(
        cloud,
        volume_id=data["volume"],
        name=data["backup_name"],
        description=data["backup_description"],
        container=data["container"],
        is_incremental=data["is_incremental"],
        is_in_use=data["is_in_use"],
    )


def _restore(cloud: Cloud, backup: Backup, data: Data) -> tuple[Part, ...]:
    id = backups.restore_backup(cloud, id=backup.id, volume_id=data["volume"], name=data["new_name"])
    return (Part(label=data["new_name"] or _("The volume"), url_name="volumes:detail", id=id),) if id else ()


def _edit(cloud: Cloud, backup: Backup, data: Data) -> None:
    backups.update_backup(cloud, id=backup.id, name=data["name"], description=data["description"])


def _delete(cloud: Cloud, backup: Backup, data: Data) -> None:
    backups.delete_backup(cloud, id=backup.id)


def _force_delete(cloud: Cloud, backup: Backup, data: Data) -> None:
    backups.force_delete_backup(cloud, id=backup.id)


def _reset(cloud: Cloud, backup: Backup, data: Data) -> None:
    backups.reset_backup(cloud, id=backup.id, status=data["state"])


def volume_of(backup: Backup) -> Link:
    """The volume that it is of; a backup outlives it."""
    return Link(backup.volume_name or backup.volume_id[:8], "volumes:detail", backup.volume_id)


def kind(backup: Backup) -> str:
    """Whole, or only what changed."""
    return _("Incremental") if backup.is_incremental else _("Whole")


def _command(*words: str) -> Any:
    return lambda row, data: ["openstack", "volume", "backup", *words, row.id]


ACTIONS: tuple[Action[Backup], ...] = (
    single(
        "restore",
        gettext_lazy("Restore"),
        _restore,
        gettext_lazy(
            "What “%(name)s” holds is written to a volume. What a volume that you choose had before is lost, and "
            "can't be brought back."
        ),
        form=RestoreForm,
        when=why_not_backup_used,
        icon="history",
        section=OWN,
        is_primary=True,
        started=gettext_lazy("Restoring"),
        cli=lambda row, data: [
            *("openstack", "volume", "backup", "restore", row.id),
            *([data["volume"]] if data["volume"] else [data["new_name"]] if data["new_name"] else []),
        ],
    ),
    editing(
        run=_edit,
        says=about(gettext_lazy("Name and description of “%(name)s” change.")),
        form=EditVolume,
        needs="3.9",
        section=OWN,
        cli=lambda row, data: [
            *("openstack", "volume", "backup", "set", "--name", data["name"]),
            *("--description", data["description"], row.id),
        ],
    ),
    removal(
        run=_delete,
        says=about(gettext_lazy("%(name)s will be deleted. The volume it is of stays. This can't be undone.")),
        when=why_not_backup_deleted,
        section=OWN,
        started=gettext_lazy("Deleting"),
        cli=_command("delete"),
    ),
    resetting(
        run=_reset,
        text=gettext_lazy("Only Cinder's record of %(name)s changes. Nothing happens where it is kept."),
        form=ResetForm,
        section=OPERATOR,
        is_bulk=True,
        cli=lambda row, data: ["openstack", "volume", "backup", "set", "--state", data["state"], row.id],
    ),
    forced_removal(
        run=_force_delete,
        section=OPERATOR,
        cli=_command("delete", "--force"),
    ),
)

PANEL: Panel[Backup] = Panel(
    slug="backups",
    title=gettext_lazy("Backups"),
    noun=gettext_lazy("backup"),
    nouns=gettext_lazy("backups"),
    group="storage",
    icon="archive",
    service=SERVICE,
    about=gettext_lazy(
        "A backup is a copy of a volume that is kept apart from it, so that it is there even if the volume and its "
        "back end are lost."
    ),
    rows=backups.list_backups,
    row=backups.get_backup,
    raw=backups.get_backup_json,
    joined=with_volumes,
    joins="volume",
    columns=(
        NAME,
        STATE,
        column("volume", gettext_lazy("Volume"), volume_of, cell=LINK),
        column("kind", gettext_lazy("Kind"), kind),
        SIZE,
        column("container", gettext_lazy("Container"), lambda b: b.container),
        AGE,
        column("data", gettext_lazy("Data of"), lambda b: b.data_from, cell=TIME, is_optional=True),
        column("description", gettext_lazy("Description"), lambda b: b.description, is_optional=True),
        OPTIONAL_ID,
    ),
    filters=(
        STATES,
        Filter(key="volume", label=gettext_lazy("A volume's id")),
        Filter(key="snapshot", label=gettext_lazy("A snapshot's id")),
        Filter(key="incremental", label=gettext_lazy("Incremental"), hint=gettext_lazy("yes or no")),
        Filter(key="container", label=gettext_lazy("A container's name")),
        WHOLE_NAME,
        WHOLE_ID,
    ),
    actions=ACTIONS,
    create=Create(
        label=gettext_lazy("Back up a volume"),
        form=NewBackupForm,
        run=create,
        cli=lambda data: [
            *("openstack", "volume", "backup", "create"),
            *(["--name", data["backup_name"]] if data["backup_name"] else []),
            *(["--incremental"] if data["is_incremental"] else []),
            *(["--force"] if data["is_in_use"] else []),
            data["volume"],
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Backup"),
            facts=(
                ID,
                DESCRIPTION,
                column("volume", gettext_lazy("Volume"), volume_of, cell=LINK),
                column("kind", gettext_lazy("Kind"), kind),
                size(),
                column("created", gettext_lazy("Made"), lambda b: b.created, cell=TIME),
                column("data", gettext_lazy("Data of"), lambda b: b.data_from, cell=TIME),
            ),
        ),
        Group(
            label=gettext_lazy("Where it is kept"),
            facts=(
                column("container", gettext_lazy("Container"), lambda b: b.container, cell=COPY),
                column("objects", gettext_lazy("Objects"), lambda b: b.objects or None),
                column("zone", gettext_lazy("Availability zone"), lambda b: b.availability_zone),
                column("dependents", gettext_lazy("Others build on it"), lambda b: b.has_dependents, cell=BOOL),
                column("encrypted", gettext_lazy("Encrypted"), lambda b: b.is_encrypted, cell=BOOL),
                column("failure", gettext_lazy("Why it failed"), lambda b: b.fail_reason),
                column("metadata", gettext_lazy("Metadata"), lambda b: pair_words(b.metadata), cell=PAIRS),
            ),
        ),
    ),
    tabs=(MESSAGES,),
    header="volumes/backup_header.html",
    lookup=backups.LOOKUP,
    live="backups",
    default_sort="created",
    is_default_descending=True,
)
