"""What members do with volumes: attach, change, copy, hand over, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import volume_actions as do
from dashboard.cloud.backups import create_backup
from dashboard.cloud.connection import Cloud
from dashboard.cloud.snapshots import create_snapshot
from dashboard.cloud.volumes import Volume
from dashboard.panels.storage import action_forms, commands
from dashboard.panels.storage.words import (
    title,
    titles,
    why_busy,
    why_not_attach,
    why_not_delete,
    why_not_detach,
    why_not_free,
    why_not_readable,
)
from dashboard.ui.panel import Action
from dashboard.ui.values import Part

Data = Mapping[str, Any]
ATTACHMENT, CHANGES, COPIES, OWNER = (
    gettext_lazy("Servers"),
    gettext_lazy("Changes"),
    gettext_lazy("Copies"),
    gettext_lazy("Owner"),
)


def _says(text: Any) -> Callable[[Sequence[Volume]], str]:
    """A sentence about the volumes that are named in it."""
    return lambda volumes: str(text) % {"name": titles(volumes)}


def why_no_compute(cloud: Cloud) -> str:
    """That this cloud has no servers."""
    return "" if cloud.offers("compute") else _("This cloud has no servers.")


def _attach(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.attach_volume(cloud, id=volume.id, server_id=data["server"], device=data.get("device", ""))


def _detach(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.detach_volume(cloud, id=volume.id, server_id=data["server"])


def _edit(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.update_volume(cloud, id=volume.id, name=data["name"], description=data["description"])


def _metadata(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.set_metadata(cloud, id=volume.id, metadata=data["own_metadata"])


def _image_metadata(cloud: Cloud, volume: Volume, data: Data) -> None:
    wanted = data["image_metadata"]
    if changed := {key: text for key, text in wanted.items() if volume.image_metadata.get(key) != text}:
        do.set_image_metadata(cloud, id=volume.id, metadata=changed)
    for key in volume.image_metadata:
        if key not in wanted:
            do.unset_image_metadata(cloud, id=volume.id, key=key)


def _bootable(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.set_bootable(cloud, id=volume.id, is_bootable=not volume.is_bootable)


def _readonly(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.set_readonly(cloud, id=volume.id, is_readonly=not volume.is_readonly)


def _extend(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.extend_volume(cloud, id=volume.id, size=data["size"])


def _retype(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.retype_volume(cloud, id=volume.id, volume_type=data["new_type"], may_migrate=data["may_migrate"])


def _snapshot(cloud: Cloud, volume: Volume, data: Data) -> tuple[Part, ...]:
    name = data["snapshot_name"] or _("%(name)s-snapshot") % {"name": title(volume)}
    made = create_snapshot(
        cloud,
        volume_id=volume.id,
        name=name[:255],
        description=data["snapshot_description"],
        is_in_use=volume.status == "in-use",
    )
    return (Part(label=title(made), url_name="snapshots:detail", id=made.id),)


def _backup(cloud: Cloud, volume: Volume, data: Data) -> tuple[Part, ...]:
    name = data["backup_name"] or _("%(name)s-backup") % {"name": title(volume)}
    made = create_backup(
        cloud,
        volume_id=volume.id,
        name=name[:255],
        description=data["backup_description"],
        container=data["container"],
        is_incremental=data["is_incremental"],
        is_in_use=volume.status == "in-use",
    )
    return (Part(label=title(made), url_name="backups:detail", id=made.id),)


def _revert(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.revert_volume(cloud, id=volume.id, snapshot_id=data["snapshot"])


def _clone(cloud: Cloud, volume: Volume, data: Data) -> tuple[Part, ...]:
    made = do.create_volume(
        cloud,
        name=(data["clone_name"] or _("%(name)s-copy") % {"name": title(volume)})[:255],
        size=data["clone_size"] or volume.size,
        source=("volume", volume.id),
    )
    return (Part(label=title(made), url_name="volumes:detail", id=made.id),)


def _upload(cloud: Cloud, volume: Volume, data: Data) -> tuple[Part, ...]:
    image_id = do.upload_volume(
        cloud,
        id=volume.id,
        name=data["image_name"],
        disk_format=data["disk_format"],
        visibility=data["visibility"],
        is_protected=data["is_protected"],
        is_in_use=volume.status == "in-use",
    )
    return (Part(label=data["image_name"], url_name="images:detail", id=image_id),) if image_id else ()


def _delete(cloud: Cloud, volume: Volume, data: Data) -> None:
    do.delete_volume(cloud, id=volume.id, with_snapshots=data.get("with_snapshots", False))


def _say_delete(volumes: Sequence[Volume]) -> str:
    size = sum(volume.size for volume in volumes)
    if len(volumes) == 1:
        return _("“%(name)s” and the %(size)d GiB on it will be deleted. This can't be undone.") % {
            "name": title(volumes[0]),
            "size": size,
        }
    return _("These %(n)d volumes with %(size)d GiB will be deleted. This can't be undone.") % {
        "n": len(volumes),
        "size": size,
    }


def _say_bootable(volumes: Sequence[Volume]) -> str:
    on = [volume for volume in volumes if not volume.is_bootable]
    text = _("Servers will be able to boot from %(name)s.") if on else _("Servers won't be able to boot from %(name)s.")
    return text % {"name": titles(volumes)}


def _say_readonly(volumes: Sequence[Volume]) -> str:
    on = [volume for volume in volumes if not volume.is_readonly]
    text = _("Servers will only read %(name)s.") if on else _("Servers will be able to write to %(name)s.")
    return text % {"name": titles(volumes)}


def _action(slug: str, label: Any, run: Any, says: Any, **more: Any) -> Action[Volume]:
    given: dict[str, Any] = {"is_bulk": False, "cli": commands.VOLUME.get(slug), **more}
    return Action(slug=slug, label=label, run=run, says=says if callable(says) else _says(says), **given)


ACTIONS: tuple[Action[Volume], ...] = (
    _action(
        "attach",
        gettext_lazy("Attach to a server"),
        _attach,
        gettext_lazy("The server sees “%(name)s” as one more disk."),
        form=action_forms.AttachForm,
        when=why_not_attach,
        why_not=why_no_compute,
        icon="plug-connected",
        section=ATTACHMENT,
        is_primary=True,
        started=gettext_lazy("Attaching"),
        button=gettext_lazy("Attach"),
    ),
    _action(
        "detach",
        gettext_lazy("Detach"),
        _detach,
        gettext_lazy(
            "“%(name)s” will be taken off the server. Unmount it there first: what is not written yet may be lost."
        ),
        form=action_forms.DetachForm,
        when=why_not_detach,
        why_not=why_no_compute,
        icon="unlink",
        section=ATTACHMENT,
        started=gettext_lazy("Detaching"),
    ),
    _action(
        "edit",
        gettext_lazy("Edit"),
        _edit,
        gettext_lazy("Name and description of “%(name)s” change; servers don't notice."),
        form=action_forms.EditVolume,
        icon="pencil",
        section=CHANGES,
        started=gettext_lazy("Changed"),
        button=gettext_lazy("Save"),
    ),
    _action(
        "extend",
        gettext_lazy("Extend"),
        _extend,
        gettext_lazy(
            "“%(name)s” grows, and can't shrink again. The file system on it has to be grown in the server afterwards."
        ),
        form=action_forms.ExtendForm,
        when=why_not_readable,
        icon="arrows-maximize",
        section=CHANGES,
        started=gettext_lazy("Extending"),
    ),
    _action(
        "retype",
        gettext_lazy("Change the type"),
        _retype,
        gettext_lazy("“%(name)s” gets another type; its data stay."),
        form=action_forms.RetypeForm,
        when=why_not_readable,
        icon="switch-horizontal",
        section=CHANGES,
        started=gettext_lazy("Changing the type"),
    ),
    _action(
        "metadata",
        gettext_lazy("Metadata"),
        _metadata,
        gettext_lazy("These are all the metadata of “%(name)s”; a line that is taken out is gone."),
        form=action_forms.MetadataForm,
        icon="tag",
        section=CHANGES,
        started=gettext_lazy("Changed"),
        button=gettext_lazy("Save"),
    ),
    _action(
        "image-metadata",
        gettext_lazy("Image metadata"),
        _image_metadata,
        gettext_lazy("Servers that boot from “%(name)s” follow these, as if it were their image."),
        form=action_forms.ImageMetadataForm,
        when=lambda volume: "" if volume.is_bootable else _("Servers can't boot from it."),
        icon="photo",
        section=CHANGES,
        started=gettext_lazy("Changed"),
        button=gettext_lazy("Save"),
    ),
    _action(
        "bootable",
        gettext_lazy("Bootable or not"),
        _bootable,
        _say_bootable,
        when=why_busy,
        icon="power",
        section=CHANGES,
        started=gettext_lazy("Changed"),
    ),
    _action(
        "read-only",
        gettext_lazy("Read-only or not"),
        _readonly,
        _say_readonly,
        when=why_not_free,
        icon="lock",
        section=CHANGES,
        started=gettext_lazy("Changed"),
    ),
    _action(
        "snapshot",
        gettext_lazy("Take a snapshot"),
        _snapshot,
        gettext_lazy(
            "A snapshot keeps “%(name)s” as it is now. While a server writes to it, it is as after a sudden power cut."
        ),
        form=action_forms.SnapshotForm,
        when=why_not_readable,
        icon="camera",
        section=COPIES,
        is_primary=True,
        started=gettext_lazy("Taking a snapshot of"),
    ),
    _action(
        "backup",
        gettext_lazy("Back up"),
        _backup,
        gettext_lazy("A backup is a copy of “%(name)s” that is kept apart from it, and outlives it."),
        form=action_forms.BackupForm,
        when=why_not_readable,
        icon="archive",
        section=COPIES,
        started=gettext_lazy("Backing up"),
    ),
    _action(
        "revert",
        gettext_lazy("Revert to the latest snapshot"),
        _revert,
        gettext_lazy(
            "“%(name)s” will be as it was when the snapshot was taken. What was written since is lost, and can't "
            "be brought back."
        ),
        form=action_forms.RevertForm,
        when=why_not_free,
        needs="3.40",
        icon="history",
        section=COPIES,
        is_dangerous=True,
        started=gettext_lazy("Reverting"),
        button=gettext_lazy("Revert"),
    ),
    _action(
        "clone",
        gettext_lazy("Clone"),
        _clone,
        gettext_lazy("A new volume of the same type and zone, with all that is on “%(name)s”."),
        form=action_forms.CloneForm,
        when=why_not_readable,
        icon="copy",
        section=COPIES,
        started=gettext_lazy("Cloning"),
    ),
    _action(
        "upload",
        gettext_lazy("Make an image of it"),
        _upload,
        gettext_lazy("What is on “%(name)s” becomes an image, of which servers can be launched."),
        form=action_forms.UploadForm,
        when=why_not_readable,
        why_not=lambda cloud: "" if cloud.offers("image") else _("This cloud has no image service."),
        icon="photo",
        section=COPIES,
        started=gettext_lazy("Uploading"),
    ),
    _action(
        "delete",
        gettext_lazy("Delete"),
        _delete,
        _say_delete,
        form=action_forms.DeleteForm,
        when=why_not_delete,
        icon="trash",
        section=OWNER,
        is_bulk=True,
        is_dangerous=True,
        is_removal=True,
        started=gettext_lazy("Deleting"),
    ),
)
