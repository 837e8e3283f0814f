"""The forms of what is done to one volume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import cinder
from dashboard.cloud.connection import Cloud
from dashboard.cloud.snapshots import LIST as SNAPSHOTS
from dashboard.cloud.types import Query, Term
from dashboard.cloud.volume_actions import list_servers_to_attach
from dashboard.cloud.volume_types import list_all_types, list_quotas
from dashboard.cloud.volumes import Volume
from dashboard.panels.storage.fields import Lines, asked, description_field, name_field, offer, sized
from dashboard.panels.storage.volume_forms import type_choices
from dashboard.ui.forms import answered

ATTACHABLE = frozenset({"ACTIVE", "PAUSED", "SHUTOFF", "VERIFY_RESIZE", "SOFT_DELETED", "SHELVED", "SHELVED_OFFLOADED"})
"""States of a server in which Nova attaches volumes."""
DISK_FORMATS = (
    ("raw", gettext_lazy("Raw")),
    ("qcow2", "QCOW2"),
    ("vmdk", "VMDK"),
    ("vdi", "VDI"),
    ("vhd", "VHD"),
    ("vhdx", "VHDX"),
    ("ploop", "Ploop"),
)


class EditVolume(forms.Form):
    """Name and description."""

    name = name_field(required=False)
    description = description_field()


class MetadataForm(forms.Form):
    """All metadata, to be changed as a text."""

    own_metadata = Lines(label=gettext_lazy("Metadata"))


class ImageMetadataForm(forms.Form):
    """What servers that boot from the volume are to know of its image."""

    image_metadata = Lines(
        label=gettext_lazy("Image metadata"), help_text=gettext_lazy("One pair a line: hw_disk_bus = virtio")
    )


class AttachForm(forms.Form):
    """One of the project's servers, and the device that it is to be."""

    server = forms.ChoiceField(label=gettext_lazy("Server"))
    device = forms.RegexField(
        r"^/dev/[a-z0-9/]+$",
        label=gettext_lazy("Device"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("A wish, as in /dev/vdb. Most hypervisors choose by themselves."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has = {item.server_id for row in rows for item in row.attachments}
        found = answered(self, "server", asked(lambda: list_servers_to_attach(cloud)))
        able = [(id, sized(name, id)) for id, name, status in found if status in ATTACHABLE and id not in has]
        offer(self, "server", able, none=_("No server of this project can take a volume now."))


class DetachForm(forms.Form):
    """The server that it is taken off; there is a choice only where several share it."""

    server = forms.ChoiceField(label=gettext_lazy("Server"))

    def __init__(self, *args: Any, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(item.server_id, _attached(item)) for row in rows[:1] for item in row.attachments]
        offer(self, "server", found)


def _attached(item: Any) -> str:
    name = item.server_name or item.server_id
    return f"{name} · {item.device}" if item.device else str(name)


class ExtendForm(forms.Form):
    """The new size. Volumes only grow."""

    size = forms.IntegerField(label=gettext_lazy("New size in GiB"), min_value=1)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud, self.volumes = cloud, rows
        least = max((row.size for row in rows), default=0) + 1
        self.initial["size"] = least
        field: Any = self.fields["size"]
        field.widget.attrs["min"] = least
        quota = asked(lambda: list_quotas(cloud)).or_else({}).get("gigabytes")
        if quota is not None and quota.left is not None:
            field.help_text = _("The project's quota leaves %(size)d GiB more.") % {"size": quota.left}

    def clean_size(self) -> int:
        """Refuses what is no growth, and growth while in use where the cloud is too old for it."""
        size: int = self.cleaned_data["size"]
        for row in self.volumes:
            if size <= row.size:
                raise forms.ValidationError(_("It has %(size)d GiB now; volumes only grow.") % {"size": row.size})
            if row.status == "in-use" and not cinder.speaks(self.cloud, "3.42"):
                raise forms.ValidationError(_("This cloud extends volumes only while no server uses them."))
        return size


class RetypeForm(forms.Form):
    """Another type, and whether the volume may move to another back end for it."""

    new_type = forms.ChoiceField(label=gettext_lazy("New type"))
    may_migrate = forms.BooleanField(
        label=gettext_lazy("It may be moved to another back end"),
        required=False,
        help_text=gettext_lazy("Moving copies all its data. Without it, a type of another back end is refused."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quotas = asked(lambda: list_quotas(cloud))
        types = answered(self, "new_type", asked(lambda: list_all_types(cloud)))
        own = {row.volume_type for row in rows}
        choices = [item for item in type_choices(types, quotas.or_else({})) if own != {item[0]}]
        offer(self, "new_type", choices, none=_("There is no other type."))


class SnapshotForm(forms.Form):
    """A snapshot's name."""

    snapshot_name = name_field(label=gettext_lazy("Name of the snapshot"), required=False)
    snapshot_description = description_field()


class BackupForm(forms.Form):
    """A backup: whole, or what changed since the last."""

    backup_name = name_field(label=gettext_lazy("Name of the backup"), required=False)
    backup_description = description_field()
    is_incremental = forms.BooleanField(
        label=gettext_lazy("Only what changed since the last backup"),
        required=False,
        help_text=gettext_lazy("Quicker and smaller. It takes a whole backup of the volume to build on."),
    )
    container = forms.CharField(
        label=gettext_lazy("Container"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("Where it is kept; empty for the cloud's own choice."),
    )


class RevertForm(forms.Form):
    """The latest snapshot, the only one that Cinder goes back to."""

    snapshot = forms.ChoiceField(label=gettext_lazy("Snapshot"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        volume = rows[0] if rows else None

        def latest() -> list[Any]:
            if volume is None:
                return []
            query = Query(limit=1, sort="created", is_descending=True, terms=(Term("volume", volume.id),))
            return list(SNAPSHOTS.page(cloud, query).rows)

        found = [item for item in answered(self, "snapshot", asked(latest)) if item.is_ready]
        made = [(item.id, sized(item.name, item.id, item.size, f"{item.created:%Y-%m-%d %H:%M}")) for item in found]
        offer(self, "snapshot", made, none=_("It has no snapshot that it could go back to."))


class CloneForm(forms.Form):
    """A copy's name and size."""

    clone_name = name_field(label=gettext_lazy("Name of the copy"), required=False)
    clone_size = forms.IntegerField(
        label=gettext_lazy("Size in GiB"), required=False, min_value=1, help_text=gettext_lazy("Empty: the same.")
    )

    def __init__(self, *args: Any, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.volumes = rows

    def clean_clone_size(self) -> int | None:
        """A copy is as large as its original at least."""
        size: int | None = self.cleaned_data["clone_size"]
        least = max((row.size for row in self.volumes), default=0)
        if size is not None and size < least:
            raise forms.ValidationError(_("The volume has %(size)d GiB; its copy can't be smaller.") % {"size": least})
        return size


class UploadForm(forms.Form):
    """An image's name, format and who may use it."""

    image_name = name_field(label=gettext_lazy("Name of the image"))
    disk_format = forms.ChoiceField(label=gettext_lazy("Format"), choices=DISK_FORMATS, initial="raw")
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visibility"),
        choices=(
            ("private", gettext_lazy("Private: for this project alone")),
            ("shared", gettext_lazy("Shared: for projects that are invited")),
            ("community", gettext_lazy("Community: for all who know its ID")),
            ("public", gettext_lazy("Public: for everybody")),
        ),
        initial="private",
    )
    is_protected = forms.BooleanField(label=gettext_lazy("Protect it against deletion"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not cloud.has_role("admin"):
            # Cinder keeps public images for administrators.
            field: Any = self.fields["visibility"]
            field.choices = [item for item in field.choices if item[0] != "public"]


class DeleteForm(forms.Form):
    """Whether its snapshots go with it."""

    with_snapshots = forms.BooleanField(
        label=gettext_lazy("Delete its snapshots too"),
        required=False,
        help_text=gettext_lazy("A volume with snapshots can only be deleted together with them."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Volume] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.snapshots: list[Any] = []
        if len(rows) != 1:
            return
        query = Query(limit=100, terms=(Term("volume", rows[0].id),))
        self.snapshots = asked(lambda: list(SNAPSHOTS.page(cloud, query).rows)).or_else([])
        if self.snapshots:
            names = ", ".join(item.name or item.id[:8] for item in self.snapshots[:5])
            field: Any = self.fields["with_snapshots"]
            field.help_text = ngettext(
                "It has %(n)d snapshot (%(names)s), and can only be deleted together with it.",
                "It has %(n)d snapshots (%(names)s…), and can only be deleted together with them.",
                len(self.snapshots),
            ) % {"n": len(self.snapshots), "names": names}

    def clean_with_snapshots(self) -> bool:
        """Cinder refuses in many words what is told here in few."""
        wanted: bool = self.cleaned_data["with_snapshots"]
        if self.snapshots and not wanted:
            raise forms.ValidationError(_("It has snapshots. Tick this, or delete them first."))
        return wanted
