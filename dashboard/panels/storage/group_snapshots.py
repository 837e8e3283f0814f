"""Group snapshots: all volumes of a group at one moment, and groups that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import volume_groups
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Query, Term
from dashboard.cloud.volume_groups import GroupSnapshot, list_groups
from dashboard.panels.storage.common import AGE, STATE, STATES, WHOLE_NAME, about, resetting, single
from dashboard.panels.storage.fields import asked, description_field, name_field, offer, sized
from dashboard.panels.storage.groups import NameForm, ResetForm, why_not_at_rest, why_not_ready
from dashboard.panels.storage.volumes import MESSAGES
from dashboard.panels.storage.words import title
from dashboard.ui.actions import removal
from dashboard.ui.columns import DESCRIPTION, ID, LINK, NAME, OPTIONAL_ID, TIME, column
from dashboard.ui.forms import answered
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link, Part

Data = Mapping[str, Any]


class TakeForm(forms.Form):
    """The group, and what its snapshot is called. A link names the group."""

    group = forms.ChoiceField(label=gettext_lazy("Group"))
    name = name_field()
    description = description_field()

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = answered(self, "group", asked(lambda: list(list_groups(cloud, Query(limit=1000)).rows)))
        choices = [(item.id, sized(item.name, item.id)) for item in found if item.status == "available"]
        offer(self, "group", choices, none=_("There is no group. Create one first."))


def take(cloud: Cloud, data: Data) -> GroupSnapshot:
    """Takes the snapshot of the form."""
    return volume_groups.create_group_snapshot(
        cloud, group_id=data["group"], name=data["name"], description=data["description"]
    )


def _group(cloud: Cloud, snapshot: GroupSnapshot, data: Data) -> tuple[Part, ...]:
    made = volume_groups.create_group_from(cloud, name=data["new_name"], snapshot_id=snapshot.id)
    return (Part(label=title(made), url_name="volume-groups:detail", id=made.id),)


def _delete(cloud: Cloud, snapshot: GroupSnapshot, data: Data) -> None:
    volume_groups.delete_group_snapshot(cloud, id=snapshot.id)


def _reset(cloud: Cloud, snapshot: GroupSnapshot, data: Data) -> None:
    volume_groups.reset_group_snapshot(cloud, id=snapshot.id, status=data["state"])


def group_of(snapshot: GroupSnapshot) -> Link:
    """The group that it was taken of."""
    return Link(snapshot.group_id[:8], "volume-groups:detail", snapshot.group_id)


PANEL: Panel[GroupSnapshot] = Panel(
    slug="group-snapshots",
    title=gettext_lazy("Group snapshots"),
    noun=gettext_lazy("group snapshot"),
    nouns=gettext_lazy("group snapshots"),
    group="storage",
    is_minor=True,
    icon="camera",
    service=SERVICE,
    about=gettext_lazy("A group snapshot keeps all volumes of a group as they were at one moment."),
    rows=volume_groups.list_group_snapshots,
    row=volume_groups.get_group_snapshot,
    raw=volume_groups.get_group_snapshot_json,
    columns=(
        NAME,
        STATE,
        column("group", gettext_lazy("Group"), group_of, cell=LINK),
        DESCRIPTION,
        AGE,
        OPTIONAL_ID,
    ),
    filters=(
        STATES,
        Filter(key="group", label=gettext_lazy("A group's id")),
        WHOLE_NAME,
    ),
    actions=(
        single(
            "group",
            gettext_lazy("Create a group"),
            _group,
            gettext_lazy("A new group, with a volume of each snapshot that “%(name)s” holds."),
            form=NameForm,
            when=why_not_ready,
            icon="stack-2",
            is_primary=True,
            started=gettext_lazy("Making a group of"),
            cli=lambda row, data: [
                *("openstack", "volume", "group", "create", "--group-snapshot", row.id, "--name", data["new_name"])
            ],
        ),
        removal(
            run=_delete,
            says=about(gettext_lazy("%(name)s and the snapshots that it holds will be deleted. This can't be undone.")),
            when=why_not_at_rest,
            started=gettext_lazy("Deleting"),
            cli=lambda row, data: ["openstack", "volume", "group", "snapshot", "delete", row.id],
        ),
        resetting(
            run=_reset,
            form=ResetForm,
            needs="3.19",
        ),
    ),
    create=Create(
        label=gettext_lazy("Take a group snapshot"),
        form=TakeForm,
        run=take,
        cli=lambda data: [
            *("openstack", "volume", "group", "snapshot", "create", "--name", data["name"], data["group"])
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Group snapshot"),
            facts=(
                ID,
                DESCRIPTION,
                column("group", gettext_lazy("Group"), group_of, cell=LINK),
                column("created", gettext_lazy("Created"), lambda s: s.created, cell=TIME),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="snapshots",
            label=gettext_lazy("Snapshots"),
            lists="snapshots",
            terms=lambda item: (Term("group_snapshot", item.id),),
        ),
        MESSAGES,
    ),
    lookup=volume_groups.SNAPSHOTS,
    live="group-snapshots",
    default_sort="created",
    is_default_descending=True,
)
