"""Snapshots: the list that changes by itself, each one's page, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import snapshots, volume_actions
from dashboard.cloud.backups import create_backup
from dashboard.cloud.connection import Cloud
from dashboard.cloud.snapshots import VolumeSnapshot
from dashboard.cloud.types import Query
from dashboard.cloud.volumes import LIST as VOLUMES
from dashboard.panels.storage.commands import repeated
from dashboard.panels.storage.common import about, forced_removal, resetting, single
from dashboard.panels.storage.fields import Lines, asked, description_field, name_field, offer, sized
from dashboard.panels.storage.words import COPY_STATUSES, title, why_not_snapshot_deleted, why_not_snapshot_used
from dashboard.ui.actions import editing, removal
from dashboard.ui.forms import answered
from dashboard.ui.panel import ADMIN, Action
from dashboard.ui.values import Link, Part

Data = Mapping[str, Any]
USE, OWN, OPERATOR = gettext_lazy("Make of it"), gettext_lazy("Snapshot"), gettext_lazy("Administration")


class TakeForm(forms.Form):
    """The volume, and what the snapshot is called. A link names the volume."""

    volume = forms.ChoiceField(label=gettext_lazy("Volume"))
    name = name_field(required=False)
    description = description_field()
    metadata = Lines(label=gettext_lazy("Metadata"))

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = answered(self, "volume", asked(lambda: list(VOLUMES.page(cloud, Query(limit=999, sort="name")).rows)))
        able = [item for item in found if item.status in {"available", "in-use"}]
        self.used = {item.id for item in able if item.status == "in-use"}
        offer(
            self,
            "volume",
            [(item.id, sized(item.name, item.id, item.size)) for item in able],
            none=_("There is no volume that a snapshot could be taken of."),
        )

    def clean(self) -> dict[str, Any]:
        """Notes whether a server uses the volume, which older Cinders want to be told."""
        data = super().clean() or {}
        data["is_in_use"] = data.get("volume") in self.used
        return data


class EditForm(forms.Form):
    """Name and description."""

    name = name_field(required=False)
    description = description_field()


class MetadataForm(forms.Form):
    """All metadata, to be changed as a text."""

    metadata = Lines(label=gettext_lazy("Metadata"))


class VolumeForm(forms.Form):
    """The new volume's name and size."""

    volume_title = name_field(label=gettext_lazy("Name of the volume"), required=False)
    volume_size = forms.IntegerField(
        label=gettext_lazy("Size in GiB"), required=False, min_value=1, help_text=gettext_lazy("Empty: the same.")
    )

    def __init__(self, *args: Any, rows: Sequence[VolumeSnapshot] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least = max((row.size for row in rows), default=0)

    def clean_volume_size(self) -> int | None:
        """A volume is as large as its snapshot at least."""
        size: int | None = self.cleaned_data["volume_size"]
        if size is not None and size < self.least:
            raise forms.ValidationError(_("The snapshot takes %(size)d GiB at least.") % {"size": self.least})
        return size


class BackupForm(forms.Form):
    """The backup's name."""

    backup_name = name_field(label=gettext_lazy("Name of the backup"), required=False)
    is_incremental = forms.BooleanField(label=gettext_lazy("Only what changed since the last backup"), required=False)
    container = forms.CharField(label=gettext_lazy("Container"), max_length=255, required=False)


class ResetForm(forms.Form):
    """The state that is written into the records."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[(key, COPY_STATUSES[key][0]) for key in ("available", "error", "error_deleting", "deleting")],
    )


def take(cloud: Cloud, data: Data) -> VolumeSnapshot:
    """Takes the snapshot of the form."""
    return snapshots.create_snapshot(
        cloud,
        volume_id=data["volume"],
        name=data["name"],
        description=data["description"],
        metadata=data["metadata"],
        is_in_use=data["is_in_use"],
    )


def _edit(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> None:
    snapshots.update_snapshot(cloud, id=snapshot.id, name=data["name"], description=data["description"])


def _metadata(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> None:
    snapshots.set_snapshot_metadata(cloud, id=snapshot.id, metadata=data["metadata"])


def _volume(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> tuple[Part, ...]:
    made = volume_actions.create_volume(
        cloud,
        name=data["volume_title"] or title(snapshot),
        size=data["volume_size"] or snapshot.size,
        source=("snapshot", snapshot.id),
    )
    return (Part(label=title(made), url_name="volumes:detail", id=made.id),)


def _backup(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> tuple[Part, ...]:
    made = create_backup(
        cloud,
        volume_id=snapshot.volume_id,
        snapshot_id=snapshot.id,
        name=data["backup_name"] or title(snapshot),
        container=data["container"],
        is_incremental=data["is_incremental"],
        # A backup of a snapshot does not mind what its volume does.
        is_in_use=True,
    )
    return (Part(label=title(made), url_name="backups:detail", id=made.id),)


def _revert(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> None:
    volume_actions.revert_volume(cloud, id=snapshot.volume_id, snapshot_id=snapshot.id)


def _delete(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> None:
    snapshots.delete_snapshot(cloud, id=snapshot.id)


def _force_delete(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> None:
    snapshots.force_delete_snapshot(cloud, id=snapshot.id)


def _unmanage(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> None:
    snapshots.unmanage_snapshot(cloud, id=snapshot.id)


def _reset(cloud: Cloud, snapshot: VolumeSnapshot, data: Data) -> None:
    snapshots.reset_snapshot(cloud, id=snapshot.id, status=data["state"])


def volume_of(snapshot: VolumeSnapshot) -> Link:
    """The volume that it was taken of."""
    return Link(snapshot.volume_name or snapshot.volume_id[:8], "volumes:detail", snapshot.volume_id)


def _command(*words: str) -> Any:
    return lambda row, data: ["openstack", "volume", "snapshot", *words, row.id]


ACTIONS: tuple[Action[VolumeSnapshot], ...] = (
    single(
        "volume",
        gettext_lazy("Create a volume"),
        _volume,
        gettext_lazy("A new volume of the same type, with what “%(name)s” holds."),
        form=VolumeForm,
        when=why_not_snapshot_used,
        icon="database",
        section=USE,
        is_primary=True,
        started=gettext_lazy("Making a volume of"),
        cli=lambda row, data: [
            *("openstack", "volume", "create", "--snapshot", row.id, "--size", str(data["volume_size"] or row.size)),
            data["volume_title"] or title(row),
        ],
    ),
    single(
        "backup",
        gettext_lazy("Back up"),
        _backup,
        gettext_lazy("A backup is a copy of “%(name)s” that is kept apart from it, and outlives it."),
        form=BackupForm,
        when=why_not_snapshot_used,
        icon="archive",
        section=USE,
        started=gettext_lazy("Backing up"),
        cli=lambda row, data: [
            *("openstack", "volume", "backup", "create", "--snapshot", row.id, "--force", row.volume_id),
        ],
    ),
    single(
        "revert",
        gettext_lazy("Revert its volume to it"),
        _revert,
        gettext_lazy(
            "The volume will be as it was when “%(name)s” was taken; that has to be its latest snapshot, and the "
            "volume free. What was written since is lost, and can't be brought back."
        ),
        when=why_not_snapshot_used,
        needs="3.40",
        icon="history",
        section=USE,
        is_dangerous=True,
        started=gettext_lazy("Reverting to"),
        button=gettext_lazy("Revert"),
        cli=lambda row, data: ["openstack", "volume", "revert", row.id],
    ),
    editing(
        run=_edit,
        says=about(gettext_lazy("Name and description of “%(name)s” change.")),
        form=EditForm,
        section=OWN,
        cli=lambda row, data: [
            *("openstack", "volume", "snapshot", "set", "--name", data["name"]),
            *("--description", data["description"], row.id),
        ],
    ),
    editing(
        slug="metadata",
        label=gettext_lazy("Metadata"),
        run=_metadata,
        says=about(gettext_lazy("These are all the metadata of “%(name)s”; a line that is taken out is gone.")),
        form=MetadataForm,
        icon="tag",
        section=OWN,
        cli=lambda row, data: [
            *("openstack", "volume", "snapshot", "set", "--no-property"),
            *repeated("--property", data["metadata"]),
            row.id,
        ],
    ),
    removal(
        run=_delete,
        says=about(gettext_lazy("%(name)s will be deleted. Volumes that were made of it stay. This can't be undone.")),
        when=why_not_snapshot_deleted,
        section=OWN,
        started=gettext_lazy("Deleting"),
        cli=_command("delete"),
    ),
    resetting(
        run=_reset,
        form=ResetForm,
        section=OPERATOR,
        is_bulk=True,
        cli=lambda row, data: ["openstack", "volume", "snapshot", "set", "--state", data["state"], row.id],
    ),
    single(
        "unmanage",
        gettext_lazy("Give up to the back end"),
        _unmanage,
        gettext_lazy("Cinder forgets %(name)s. The back end keeps it; it can be taken in again."),
        when=why_not_snapshot_used,
        roles=ADMIN,
        icon="unlink",
        section=OPERATOR,
        is_dangerous=True,
        is_removal=True,
        started=gettext_lazy("Giving up"),
        cli=_command("delete", "--remote"),
    ),
    forced_removal(
        run=_force_delete,
        section=OPERATOR,
        cli=_command("delete", "--force"),
    ),
)
