"""Snapshots of volumes as a panel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from dashboard.cloud import snapshots
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.snapshots import VolumeSnapshot
from dashboard.cloud.types import Term
from dashboard.panels.storage.common import AGE, SIZE, STATE, STATES, WHOLE_ID, WHOLE_NAME, size
from dashboard.panels.storage.fields import pair_words
from dashboard.panels.storage.names import with_volumes
from dashboard.panels.storage.snapshots import ACTIONS, TakeForm, take, volume_of
from dashboard.panels.storage.volumes import MESSAGES, PAIRS
from dashboard.ui.columns import DESCRIPTION, ID, LINK, NAME, OPTIONAL_ID, TIME, column
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link


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
        NAME,
        STATE,
        column("volume", gettext_lazy("Volume"), volume_of, cell=LINK),
        SIZE,
        AGE,
        column("launch", gettext_lazy("Launch"), lambda s: s.is_ready, cell="volumes/launch.html"),
        column("description", gettext_lazy("Description"), lambda s: s.description, is_optional=True),
        column("group", gettext_lazy("Group snapshot"), group_snapshot, cell=LINK, is_optional=True),
        OPTIONAL_ID,
    ),
    filters=(
        STATES,
        Filter(key="volume", label=gettext_lazy("A volume's id")),
        Filter(key="group_snapshot", label=gettext_lazy("A group snapshot's id")),
        WHOLE_NAME,
        WHOLE_ID,
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
                ID,
                DESCRIPTION,
                column("volume", gettext_lazy("Volume"), volume_of, cell=LINK),
                size(),
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
