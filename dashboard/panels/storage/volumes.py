"""Volumes: the list that changes by itself, each volume's page, and a new one of anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import volumes
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Term
from dashboard.cloud.volume_actions import create_volume
from dashboard.cloud.volume_messages import list_messages
from dashboard.cloud.volumes import Volume
from dashboard.panels.storage import commands
from dashboard.panels.storage.common import AGE, SIZE, WHOLE_ID, WHOLE_NAME, size
from dashboard.panels.storage.fields import pair_words
from dashboard.panels.storage.names import with_servers
from dashboard.panels.storage.transfer_views import GIVE, VOLUME_URLS
from dashboard.panels.storage.volume_actions import ACTIONS
from dashboard.panels.storage.volume_admin import ADMIN_ACTIONS
from dashboard.panels.storage.volume_forms import CreateVolume
from dashboard.panels.storage.words import VOLUME_STATUSES, volume_status
from dashboard.ui.columns import BOOL, COPY, DESCRIPTION, ID, LINK, LIST, NAME, OPTIONAL_ID, TIME, column
from dashboard.ui.panel import Column, Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link, Tag

PAIRS = "volumes/pairs.html"


def attached_to(volume: Volume) -> list[Link]:
    """The servers that have it, each with the device that it is there."""
    found = []
    for item in volume.attachments:
        name = item.server_name or item.server_id[:8]
        label = _("%(server)s as %(device)s") % {"server": name, "device": item.device} if item.device else name
        found.append(Link(label, "servers:detail", item.server_id))
    return found


def traits(volume: Volume) -> list[Tag]:
    """What tells it from an ordinary disk."""
    found = [(volume.is_bootable, _("bootable")), (volume.is_encrypted, _("encrypted"))]
    found += [(volume.is_multiattach, _("multi-attach")), (volume.is_readonly, _("read-only"))]
    return [Tag(label) for is_so, label in found if is_so]


def made_from(volume: Volume) -> Link:
    """What it was made from."""
    if volume.snapshot_id:
        return Link(_("Snapshot %(id)s") % {"id": volume.snapshot_id[:8]}, "snapshots:detail", volume.snapshot_id)
    if volume.source_id:
        return Link(_("Volume %(id)s") % {"id": volume.source_id[:8]}, "volumes:detail", volume.source_id)
    if volume.backup_id:
        return Link(_("Backup %(id)s") % {"id": volume.backup_id[:8]}, "backups:detail", volume.backup_id)
    if volume.image_id or volume.image_name:
        return Link(volume.image_name or volume.image_id[:8], "images:detail", volume.image_id)
    return Link("")


def group(volume: Volume) -> Link:
    """The group that it belongs to."""
    return Link(volume.group_id[:8], "volume-groups:detail", volume.group_id) if volume.group_id else Link("")


COLUMNS: tuple[Column[Volume], ...] = (
    NAME,
    column(
        "status",
        gettext_lazy("Status"),
        volume_status,
        cell="ui/cell/status.html",
        sort="status",
        text=lambda v: v.status,
    ),
    SIZE,
    column("type", gettext_lazy("Type"), lambda v: v.volume_type, sort="type"),
    column("attached", gettext_lazy("Attached to"), attached_to, cell=LIST),
    column("traits", gettext_lazy("Traits"), traits, cell="ui/cell/tags.html"),
    column("zone", gettext_lazy("Zone"), lambda v: v.availability_zone, sort="zone"),
    AGE,
    column("bootable", gettext_lazy("Bootable"), lambda v: v.is_bootable, cell=BOOL, sort="bootable", is_optional=True),
    column("encrypted", gettext_lazy("Encrypted"), lambda v: v.is_encrypted, cell=BOOL, is_optional=True),
    column("shared", gettext_lazy("Multi-attach"), lambda v: v.is_multiattach, cell=BOOL, is_optional=True),
    column("source", gettext_lazy("Made from"), made_from, cell=LINK, is_optional=True),
    column("group", gettext_lazy("Group"), group, cell=LINK, is_optional=True),
    column("description", gettext_lazy("Description"), lambda v: v.description, is_optional=True),
    column("updated", gettext_lazy("Changed"), lambda v: v.updated, cell=TIME, sort="updated", is_optional=True),
    OPTIONAL_ID,
)
GROUPS: tuple[Group[Volume], ...] = (
    Group(
        label=gettext_lazy("Volume"),
        facts=(
            ID,
            DESCRIPTION,
            size(),
            column("type", gettext_lazy("Type"), lambda v: v.volume_type),
            column("zone", gettext_lazy("Availability zone"), lambda v: v.availability_zone),
            column("created", gettext_lazy("Created"), lambda v: v.created, cell=TIME),
            column("updated", gettext_lazy("Changed"), lambda v: v.updated, cell=TIME),
        ),
    ),
    Group(
        label=gettext_lazy("What it is for"),
        facts=(
            column("attached", gettext_lazy("Attached to"), attached_to, cell=LIST),
            column("bootable", gettext_lazy("Bootable"), lambda v: v.is_bootable, cell=BOOL),
            column("readonly", gettext_lazy("Read-only"), lambda v: v.is_readonly, cell=BOOL),
            column("encrypted", gettext_lazy("Encrypted"), lambda v: v.is_encrypted, cell=BOOL),
            column("shared", gettext_lazy("For several servers at once"), lambda v: v.is_multiattach, cell=BOOL),
            column("source", gettext_lazy("Made from"), made_from, cell=LINK),
            column("group", gettext_lazy("Group"), group, cell=LINK),
            column("replication", gettext_lazy("Replication"), lambda v: v.replication),
            column("migration", gettext_lazy("Migration"), lambda v: v.migration),
            column("host", gettext_lazy("Pool"), lambda v: v.host, cell=COPY),
        ),
    ),
    Group(
        label=gettext_lazy("Metadata"),
        facts=(
            column("metadata", gettext_lazy("Metadata"), lambda v: pair_words(v.own_metadata), cell=PAIRS),
            column(
                "image_metadata", gettext_lazy("Image metadata"), lambda v: pair_words(v.image_metadata), cell=PAIRS
            ),
        ),
    ),
)


def messages(cloud: Cloud, volume: Any) -> Mapping[str, Any]:
    """What Cinder has to say of it, the newest first."""
    return {"messages": list_messages(cloud, resource_id=volume.id)}


MESSAGES: Tab[Any] = Tab(
    slug="messages", label=gettext_lazy("Messages"), template="volumes/messages.html", load=messages
)


def create(cloud: Cloud, data: Mapping[str, Any]) -> Volume:
    """Makes the volume of the form."""
    return create_volume(
        cloud,
        name=data["name"],
        size=data["size"],
        description=data["description"],
        source=data["made_from"],
        volume_type=data["volume_type"],
        zone=data["zone"],
        group_id=data.get("group", ""),
        metadata=data["metadata"],
        hints=data["hints"],
    )


FILTERS = (
    Filter(
        key="status",
        label=gettext_lazy("Status"),
        choices=tuple((key, label) for key, (label, _tone) in VOLUME_STATUSES.items()),
    ),
    Filter(
        key="attached",
        label=gettext_lazy("Attached"),
        choices=(("yes", gettext_lazy("Attached")), ("no", gettext_lazy("Free"))),
    ),
    Filter(key="type", label=gettext_lazy("A type's name")),
    Filter(key="bootable", label=gettext_lazy("Bootable"), hint=gettext_lazy("yes or no")),
    Filter(key="encrypted", label=gettext_lazy("Encrypted"), hint=gettext_lazy("yes or no")),
    Filter(key="zone", label=gettext_lazy("An availability zone")),
    Filter(key="server", label=gettext_lazy("A server's id")),
    Filter(key="snapshot", label=gettext_lazy("The id of the snapshot it was made from")),
    Filter(key="source", label=gettext_lazy("The id of the volume it was copied from")),
    Filter(key="image", label=gettext_lazy("An image's id")),
    Filter(key="group", label=gettext_lazy("A group's id")),
    WHOLE_NAME,
    WHOLE_ID,
)

PANEL: Panel[Volume] = Panel(
    slug="volumes",
    title=gettext_lazy("Volumes"),
    noun=gettext_lazy("volume"),
    nouns=gettext_lazy("volumes"),
    group="storage",
    icon="database",
    service=volumes.SERVICE,
    about=gettext_lazy(
        "A volume is a disk of its own: attach it to a server, move it to another one, and it keeps its data when the "
        "server is deleted."
    ),
    rows=volumes.list_volumes,
    row=volumes.get_volume_with_fault,
    raw=volumes.get_volume_json,
    joined=with_servers,
    columns=COLUMNS,
    filters=FILTERS,
    actions=(*ACTIONS[:-1], GIVE, ACTIONS[-1], *ADMIN_ACTIONS),
    create=Create(label=gettext_lazy("Create volume"), form=CreateVolume, run=create, cli=commands.create_volume),
    groups=GROUPS,
    tabs=(
        Tab(
            slug="snapshots",
            label=gettext_lazy("Snapshots"),
            lists="snapshots",
            terms=lambda volume: (Term("volume", volume.id),),
        ),
        Tab(
            slug="backups",
            label=gettext_lazy("Backups"),
            lists="backups",
            terms=lambda volume: (Term("volume", volume.id),),
        ),
        MESSAGES,
    ),
    header="volumes/header.html",
    lookup=volumes.LOOKUP,
    live="volumes",
    default_sort="created",
    is_default_descending=True,
    extra_urls=VOLUME_URLS,
)
