"""Group types: the kinds of volume groups that projects can make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.cloud import volume_type_admin as do
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.volume_type_admin import GroupType
from dashboard.panels.storage.common import about
from dashboard.panels.storage.fields import Lines, differences, pair_words
from dashboard.panels.storage.types import TypeForm
from dashboard.panels.storage.volumes import PAIRS
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import BOOL, DESCRIPTION, ID, NAME, OPTIONAL_ID, column
from dashboard.ui.panel import ADMIN, Create, Filter, Group, Panel

Data = Mapping[str, Any]


class NewForm(TypeForm):
    """The same, with what its back ends have to be able to do."""

    specs = Lines(label=gettext_lazy("Specs"))


class SpecsForm(forms.Form):
    """All specs, to be changed as a text."""

    specs = Lines(
        label=gettext_lazy("Specs"),
        help_text=gettext_lazy("One pair a line: consistent_group_snapshot_enabled = <is> True"),
    )


def create(cloud: Cloud, data: Data) -> GroupType:
    """Makes the group type of the form."""
    return do.create_group_type(
        cloud,
        name=data["name"],
        description=data["description"],
        is_public=data["is_public"],
        specs=data["specs"],
    )


def _edit(cloud: Cloud, row: GroupType, data: Data) -> None:
    do.update_group_type(
        cloud, id=row.id, name=data["name"], description=data["description"], is_public=data["is_public"]
    )


def _specs(cloud: Cloud, row: GroupType, data: Data) -> None:
    changed, gone = differences(row.specs, data["specs"])
    if changed:
        do.set_group_specs(cloud, id=row.id, specs=changed)
    for key in gone:
        do.unset_group_spec(cloud, id=row.id, key=key)


def _delete(cloud: Cloud, row: GroupType, data: Data) -> None:
    do.delete_group_type(cloud, id=row.id)


PUBLIC = column("public", gettext_lazy("For every project"), lambda t: t.is_public, cell=BOOL)
SPECS = column("specs", gettext_lazy("Specs"), lambda t: pair_words(t.specs), cell=PAIRS)
PANEL: Panel[GroupType] = Panel(
    slug="group-types",
    title=gettext_lazy("Volume group types"),
    noun=gettext_lazy("group type"),
    nouns=gettext_lazy("group types"),
    group="admin",
    icon="stack-2",
    service=SERVICE,
    about=gettext_lazy("A group type says what the back ends of a volume group have to be able to do."),
    rows=do.list_group_types,
    row=do.get_group_type,
    raw=do.get_group_type_json,
    columns=(
        NAME,
        DESCRIPTION,
        PUBLIC,
        SPECS,
        OPTIONAL_ID,
    ),
    filters=(
        Filter(
            key="public",
            label=gettext_lazy("For every project"),
            choices=(("yes", gettext_lazy("Public")), ("no", gettext_lazy("Private"))),
        ),
    ),
    actions=(
        editing(
            run=_edit,
            says=about(gettext_lazy("“%(name)s” changes for everybody who uses it.")),
            form=TypeForm,
            is_primary=True,
            cli=lambda row, data: [
                *("openstack", "volume", "group", "type", "set", "--name", data["name"]),
                *("--description", data["description"], row.id),
            ],
            roles=ADMIN,
        ),
        editing(
            slug="specs",
            label=gettext_lazy("Specs"),
            run=_specs,
            says=about(gettext_lazy("These are all the specs of “%(name)s”; a line that is taken out is gone.")),
            form=SpecsForm,
            icon="adjustments-horizontal",
            roles=ADMIN,
        ),
        removal(
            run=_delete,
            says=about(gettext_lazy("%(name)s can't be chosen any more. Cinder refuses while there are groups of it.")),
            cli=lambda row, data: ["openstack", "volume", "group", "type", "delete", row.id],
            roles=ADMIN,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create group type"),
        form=NewForm,
        run=create,
        roles=ADMIN,
        cli=lambda data: [
            *("openstack", "volume", "group", "type", "create", "--public" if data["is_public"] else "--private"),
            data["name"],
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Group type"),
            facts=(
                ID,
                DESCRIPTION,
                PUBLIC,
                SPECS,
            ),
        ),
    ),
    lookup=do.GROUP_TYPES,
    default_sort="name",
    roles=ADMIN,
)
