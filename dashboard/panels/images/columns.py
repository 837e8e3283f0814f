"""What lists and pages show of an image."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.images import Image
from dashboard.panels.images.words import TYPES, VISIBILITIES, needs, status
from dashboard.ui.panel import Column, Group
from dashboard.ui.values import Link, Size


def server(image: Image) -> Link:
    """The server that a snapshot was taken of; it may be gone by now."""
    id = image.server_id
    return Link(image.server_name or (_("Server %(id)s") % {"id": id[:8]} if id else ""), "servers:detail", id)


SIGNATURE = (
    ("img_signature", gettext_lazy("Signature")),
    ("img_signature_hash_method", gettext_lazy("Hashed by")),
    ("img_signature_key_type", gettext_lazy("Kind of key")),
    ("img_signature_certificate_uuid", gettext_lazy("Certificate")),
)


def signature(image: Image) -> list[tuple[Any, str]]:
    """The properties that Nova checks an image's signature by, where it has one."""
    return [(label, value) for key, label in SIGNATURE if (value := image.properties.get(key, ""))]


COLUMNS: tuple[Column[Image], ...] = (
    Column(
        key="name",
        label=gettext_lazy("Name"),
        value=lambda image: image.name,
        cell="ui/cell/name.html",
        sort="name",
    ),
    Column(key="status", label=gettext_lazy("Status"), value=status, cell="ui/cell/status.html", sort="status"),
    Column(key="type", label=gettext_lazy("Type"), value=lambda image: TYPES[image.kind], cell="images/type.html"),
    Column(
        key="server",
        label=gettext_lazy("Snapshot of"),
        value=server,
        cell="ui/cell/link.html",
        is_optional=True,
    ),
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
        value=needs,
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
    Column(
        key="container",
        label=gettext_lazy("Container format"),
        value=lambda image: image.container_format,
        is_optional=True,
    ),
    Column(
        key="hidden",
        label=gettext_lazy("Hidden"),
        value=lambda image: image.is_hidden,
        cell="ui/cell/bool.html",
        is_optional=True,
    ),
    Column(
        key="stores",
        label=gettext_lazy("Stores"),
        value=lambda image: list(image.stores),
        cell="ui/cell/list.html",
        is_optional=True,
    ),
)


GROUPS: tuple[Group[Image], ...] = (
    Group(
        label=gettext_lazy("Image"),
        facts=(
            Column(key="id", label=gettext_lazy("ID"), value=lambda image: image.id, cell="ui/cell/copy.html"),
            Column(key="type", label=gettext_lazy("Type"), value=lambda image: TYPES[image.kind]),
            Column(key="server", label=gettext_lazy("Snapshot of"), value=server, cell="ui/cell/link.html"),
            Column(key="os", label=gettext_lazy("Operating system"), value=lambda image: image.os),
            Column(
                key="os_admin_user",
                label=gettext_lazy("User to sign in as"),
                value=lambda image: image.os_admin_user,
            ),
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
            Column(
                key="container_format",
                label=gettext_lazy("Container format"),
                value=lambda image: image.container_format,
            ),
            Column(
                key="checksum",
                label=gettext_lazy("Checksum (MD5)"),
                value=lambda image: image.checksum,
                cell="ui/cell/copy.html",
            ),
            Column(
                key="hash",
                label=gettext_lazy("Hash"),
                value=lambda image: image.hash_value,
                cell="ui/cell/copy.html",
            ),
            Column(key="hash_algorithm", label=gettext_lazy("Hashed by"), value=lambda image: image.hash_algorithm),
            Column(
                key="signature",
                label=gettext_lazy("Signature"),
                value=signature,
                cell="images/signature.html",
                text=lambda image: [value for _label, value in signature(image)],
            ),
            Column(
                key="stores",
                label=gettext_lazy("Stores"),
                value=lambda image: list(image.stores),
                cell="ui/cell/list.html",
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
                key="hidden",
                label=gettext_lazy("Hidden"),
                value=lambda image: image.is_hidden,
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
                value=lambda image: [f"{key} = {value}" for key, value in sorted(image.free_properties.items())],
                cell="ui/cell/list.html",
            ),
        ),
    ),
)
