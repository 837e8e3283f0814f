"""Images: what servers are started from, and the snapshots that were taken of servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.images import LOOKUP, Image, delete_image, get_image, get_image_json, list_images
from dashboard.ui.panel import Action, Column, Filter, Group, Panel
from dashboard.ui.values import Size, Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "queued": (gettext_lazy("Waiting for its data"), "busy"),
    "saving": (gettext_lazy("Saving"), "busy"),
    "uploading": (gettext_lazy("Uploading"), "busy"),
    "importing": (gettext_lazy("Importing"), "busy"),
    "active": (gettext_lazy("Active"), "ok"),
    "deactivated": (gettext_lazy("Deactivated"), "off"),
    "killed": (gettext_lazy("Failed"), "bad"),
    "deleted": (gettext_lazy("Deleted"), "off"),
    "pending_delete": (gettext_lazy("Being deleted"), "busy"),
}
VISIBILITIES: dict[str, StrOrPromise] = {
    "private": gettext_lazy("Private"),
    "shared": gettext_lazy("Shared"),
    "community": gettext_lazy("Community"),
    "public": gettext_lazy("Public"),
}
SCOPES: dict[str, StrOrPromise] = {
    "mine": gettext_lazy("This project's"),
    "shared": gettext_lazy("Shared with us"),
    "pending": gettext_lazy("Offered to us"),
    "public": gettext_lazy("Public"),
    "community": gettext_lazy("Community"),
    "hidden": gettext_lazy("Hidden"),
    "rejected": gettext_lazy("Turned down"),
    "all": gettext_lazy("All"),
}
TYPES: dict[str, StrOrPromise] = {"image": gettext_lazy("Image"), "snapshot": gettext_lazy("Snapshot")}


def status(image: Image) -> Status:
    """An image's state in words; one that this version does not know is told as it is."""
    label, tone = STATUSES.get(image.status, (image.status, "unknown"))
    return Status(label, tone)


def why_not_delete(image: Image) -> str:
    """The reason why an image can't be deleted by this project."""
    if not image.is_own:
        return _("It belongs to another project.")
    if image.is_protected:
        return _("It is protected against deletion.")
    return ""


def delete_words(images: Sequence[Image]) -> str:
    """What deleting does, above the button."""
    if len(images) > 1:
        return _(
            "These images will be deleted. Servers that were started from them keep running. This can't be undone."
        )
    return _(
        "The image %(name)s will be deleted. Servers that were started from it keep running. This can't be undone."
    ) % {"name": images[0].name or images[0].id}


def delete(cloud: Cloud, image: Image, data: Mapping[str, Any]) -> None:
    """Deletes the image."""
    delete_image(cloud, id=image.id)


COLUMNS: tuple[Column[Image], ...] = (
    Column(
        key="name",
        label=gettext_lazy("Name"),
        value=lambda image: image.name,
        cell="ui/cell/name.html",
        sort="name",
    ),
    Column(key="status", label=gettext_lazy("Status"), value=status, cell="ui/cell/status.html", sort="status"),
    Column(key="type", label=gettext_lazy("Type"), value=lambda image: TYPES[image.kind]),
    Column(
        key="visibility",
        label=gettext_lazy("Visibility"),
        value=lambda image: VISIBILITIES.get(image.visibility, image.visibility),
        sort="visibility",
    ),
    Column(
        key="size",
        label=gettext_lazy("Size"),
        value=lambda image: Size(image.size or None),
        text=lambda image: image.size,
        cell="ui/cell/size.html",
        sort="size",
        is_numeric=True,
    ),
    Column(key="format", label=gettext_lazy("Format"), value=lambda image: image.disk_format, sort="format"),
    Column(key="os", label=gettext_lazy("Operating system"), value=lambda image: image.os, sort="os"),
    Column(
        key="created",
        label=gettext_lazy("Created"),
        value=lambda image: image.created,
        cell="ui/cell/time.html",
        sort="created",
    ),
    Column(
        key="launch",
        label=gettext_lazy("Launch"),
        value=lambda image: image.is_launchable,
        cell="images/launch.html",
    ),
    Column(
        key="updated",
        label=gettext_lazy("Updated"),
        value=lambda image: image.updated,
        cell="ui/cell/time.html",
        sort="updated",
        is_optional=True,
    ),
    Column(
        key="minimum",
        label=gettext_lazy("Needs at least"),
        value=lambda image: _needs(image),
        is_optional=True,
    ),
    Column(
        key="protected",
        label=gettext_lazy("Protected"),
        value=lambda image: image.is_protected,
        cell="ui/cell/bool.html",
        is_optional=True,
    ),
    Column(
        key="tags",
        label=gettext_lazy("Tags"),
        value=lambda image: list(image.tags),
        cell="ui/cell/tags.html",
        is_optional=True,
    ),
    Column(
        key="owner",
        label=gettext_lazy("Owner"),
        value=lambda image: image.owner_id,
        cell="ui/cell/copy.html",
        is_optional=True,
    ),
)


def _needs(image: Image) -> str:
    parts = []
    if image.min_disk:
        parts.append(_("%(number)d GiB of disk") % {"number": image.min_disk})
    if image.min_ram:
        parts.append(_("%(number)d MiB of RAM") % {"number": image.min_ram})
    return ", ".join(parts)


GROUPS: tuple[Group[Image], ...] = (
    Group(
        label=gettext_lazy("Image"),
        facts=(
            Column(key="id", label=gettext_lazy("ID"), value=lambda image: image.id, cell="ui/cell/copy.html"),
            Column(key="type", label=gettext_lazy("Type"), value=lambda image: TYPES[image.kind]),
            Column(key="os", label=gettext_lazy("Operating system"), value=lambda image: image.os),
            Column(key="architecture", label=gettext_lazy("Architecture"), value=lambda image: image.architecture),
            Column(key="created", label=gettext_lazy("Created"), value=lambda i: i.created, cell="ui/cell/time.html"),
            Column(key="updated", label=gettext_lazy("Updated"), value=lambda i: i.updated, cell="ui/cell/time.html"),
        ),
    ),
    Group(
        label=gettext_lazy("Data"),
        facts=(
            Column(
                key="size",
                label=gettext_lazy("Size"),
                value=lambda image: Size(image.size or None),
                cell="ui/cell/size.html",
            ),
            Column(
                key="virtual_size",
                label=gettext_lazy("Virtual size"),
                value=lambda image: Size(image.virtual_size or None),
                cell="ui/cell/size.html",
            ),
            Column(key="disk_format", label=gettext_lazy("Disk format"), value=lambda image: image.disk_format),
            Column(key="container_format", label=gettext_lazy("Container"), value=lambda image: image.container_format),
            Column(
                key="checksum",
                label=gettext_lazy("Checksum (MD5)"),
                value=lambda image: image.checksum,
                cell="ui/cell/copy.html",
            ),
        ),
    ),
    Group(
        label=gettext_lazy("Who may use it"),
        facts=(
            Column(
                key="visibility",
                label=gettext_lazy("Visibility"),
                value=lambda image: VISIBILITIES.get(image.visibility, image.visibility),
            ),
            Column(
                key="owner", label=gettext_lazy("Owner"), value=lambda image: image.owner_id, cell="ui/cell/copy.html"
            ),
            Column(
                key="protected",
                label=gettext_lazy("Protected"),
                value=lambda image: image.is_protected,
                cell="ui/cell/bool.html",
            ),
            Column(
                key="tags",
                label=gettext_lazy("Tags"),
                value=lambda image: list(image.tags),
                cell="ui/cell/tags.html",
            ),
        ),
    ),
    Group(
        label=gettext_lazy("What a server of it needs"),
        facts=(
            Column(
                key="min_disk",
                label=gettext_lazy("Disk"),
                value=lambda image: Size(image.min_disk * 1024**3) if image.min_disk else None,
                cell="ui/cell/size.html",
            ),
            Column(
                key="min_ram",
                label=gettext_lazy("RAM"),
                value=lambda image: Size(image.min_ram * 1024**2) if image.min_ram else None,
                cell="ui/cell/size.html",
            ),
        ),
    ),
    Group(
        label=gettext_lazy("Properties"),
        facts=(
            Column(
                key="properties",
                label=gettext_lazy("Properties"),
                value=lambda image: [f"{key} = {value}" for key, value in sorted(image.properties.items())],
                cell="ui/cell/list.html",
            ),
        ),
    ),
)

PANEL: Panel[Image] = Panel(
    slug="images",
    title=gettext_lazy("Images"),
    noun=gettext_lazy("image"),
    nouns=gettext_lazy("images"),
    group="compute",
    icon="photo",
    service="image",
    about=gettext_lazy(
        "An image is a disk that servers are started from: an operating system, or a snapshot of a server you had."
    ),
    rows=list_images,
    row=get_image,
    raw=get_image_json,
    columns=COLUMNS,
    filters=(
        Filter(key="scope", label=gettext_lazy("Whose"), choices=tuple(SCOPES.items())),
        Filter(
            key="status",
            label=gettext_lazy("Status"),
            choices=tuple((key, label) for key, (label, _tone) in STATUSES.items()),
        ),
        Filter(key="type", label=gettext_lazy("Type"), choices=tuple(TYPES.items())),
        Filter(key="visibility", label=gettext_lazy("Visibility"), hint="visibility:private"),
        Filter(key="owner", label=gettext_lazy("Owner"), hint="owner:mine"),
        Filter(key="os", label=gettext_lazy("Operating system"), hint="os:ubuntu"),
        Filter(key="format", label=gettext_lazy("Format"), hint="format:qcow2"),
        Filter(key="tag", label=gettext_lazy("Tag"), hint="tag:golden"),
        Filter(key="protected", label=gettext_lazy("Protected"), hint="protected:yes"),
    ),
    actions=(
        Action(
            slug="delete",
            label=gettext_lazy("Delete"),
            run=delete,
            says=delete_words,
            when=why_not_delete,
            icon="trash",
            is_dangerous=True,
            is_removal=True,
            started=gettext_lazy("Deleted"),
        ),
    ),
    groups=GROUPS,
    header="images/header.html",
    lookup=LOOKUP,
    live="images",
    default_sort="name",
)
