"""Snapshots of volumes as a panel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from dashboard.cloud import snapshots
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.snapshots import VolumeSnapshot
from dashboard.cloud.types import Term
from dashboard.panels.storage.fields import pair_words
from dashboard.panels.storage.names import with_volumes
from dashboard.panels.storage.snapshots import ACTIONS, GIB, TakeForm, take, volume_of
from dashboard.panels.storage.volumes import COPY, LINK, MESSAGES, PAIRS, TIME
from dashboard.panels.storage.words import COPY_STATUSES, copy_status
from dashboard.ui.columns import column
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link, Size


def group_snapshot(snapshot: VolumeSnapshot) -> Link:
    """The group snapshot that it belongs to."""
    id = snapshot.group_snapshot_id
    return Link(id[:8], "group-snapshots:detail", id) if id else Link("")


PANEL: Panel[VolumeSnapshot] = Panel(
    slug="snapshots",
    title=gettext_lazy("Snapshots"),
    noun=gettext_lazy("snapshot"),
    nouns=gettext_lazy("snapshots"),
    group="storage",
    icon="camera",
    service=SERVICE,
    about=gettext_lazy(
        "A snapshot keeps a volume as it was at one moment, on the same back end. Make volumes of it, or set the "
        "volume back to it."
    ),
    rows=snapshots.list_snapshots,
    row=snapshots.get_snapshot,
    raw=snapshots.get_snapshot_json,
    joined=with_volumes,
    joins="volume",
    columns=(
        column("name", gettext_lazy("Name"), lambda s: s.name, cell="ui/cell/name.html", sort="name"),
        column(
            "status",
            gettext_lazy("Status"),
            copy_status,
            cell="ui/cell/status.html",
            sort="status",
            text=lambda s: s.status,
        ),
        column("volume", gettext_lazy("Volume"), volume_of, cell=LINK),
        column(
            "size",
            gettext_lazy("Size"),
            lambda s: Size(s.size * GIB),
            cell="ui/cell/size.html",
            text=lambda s: s.size,
            sort="size",
            is_numeric=True,
        ),
        column("created", gettext_lazy("Age"), lambda s: s.created, cell=TIME, sort="created"),
        column("launch", gettext_lazy("Launch"), lambda s: s.is_ready, cell="volumes/launch.html"),
        column("description", gettext_lazy("Description"), lambda s: s.description, is_optional=True),
        column("group", gettext_lazy("Group snapshot"), group_snapshot, cell=LINK, is_optional=True),
        column("id", gettext_lazy("ID"), lambda s: s.id, cell=COPY, is_optional=True),
    ),
    filters=(
        Filter(
            key="status",
            label=gettext_lazy("Status"),
            choices=tuple((key, label) for key, (label, _tone) in COPY_STATUSES.items()),
        ),
        Filter(key="volume", label=gettext_lazy("A volume's id")),
        Filter(key="group_snapshot", label=gettext_lazy("A group snapshot's id")),
        Filter(key="name", label=gettext_lazy("The whole name")),
        Filter(key="id", label=gettext_lazy("The whole id")),
    ),
    actions=ACTIONS,
    create=Create(
        label=gettext_lazy("Take a snapshot"),
        form=TakeForm,
        run=take,
        cli=lambda data: [
            *("openstack", "volume", "snapshot", "create", "--volume", data["volume"], data["name"] or "$NAME"),
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Snapshot"),
            facts=(
                column("id", gettext_lazy("ID"), lambda s: s.id, cell=COPY),
                column("description", gettext_lazy("Description"), lambda s: s.description),
                column("volume", gettext_lazy("Volume"), volume_of, cell=LINK),
                column("size", gettext_lazy("Size"), lambda s: Size(s.size * GIB), cell="ui/cell/size.html"),
                column("progress", gettext_lazy("Progress"), lambda s: s.progress),
                column("group", gettext_lazy("Group snapshot"), group_snapshot, cell=LINK),
                column("created", gettext_lazy("Created"), lambda s: s.created, cell=TIME),
            ),
        ),
        Group(
            label=gettext_lazy("Metadata"),
            facts=(column("metadata", gettext_lazy("Metadata"), lambda s: pair_words(s.metadata), cell=PAIRS),),
        ),
    ),
    tabs=(
        Tab(
            slug="volumes",
            label=gettext_lazy("Volumes made of it"),
            lists="volumes",
            terms=lambda snapshot: (Term("snapshot", snapshot.id),),
        ),
        MESSAGES,
    ),
    lookup=snapshots.LOOKUP,
    live="snapshots",
    default_sort="created",
    is_default_descending=True,
)
