"""Volume groups: volumes that are snapshotted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import cinder, volume_groups
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Query, Term
from dashboard.cloud.volume_groups import VolumeGroup, list_group_types
from dashboard.cloud.volume_types import list_all_types
from dashboard.cloud.volumes import LIST as VOLUMES
from dashboard.panels.storage.common import AGE, STATE, STATES, WHOLE_NAME, about, resetting, single
from dashboard.panels.storage.fields import asked, description_field, name_field, offer, sized
from dashboard.panels.storage.volumes import MESSAGES
from dashboard.panels.storage.words import COPY_STATUSES, copy_status, title
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import COPY, DESCRIPTION, ID, LIST, NAME, OPTIONAL_ID, TIME, column
from dashboard.ui.forms import answered
from dashboard.ui.panel import Create, Group, Panel, Tab
from dashboard.ui.values import Part

Data = Mapping[str, Any]
COPIES, OWN, OPERATOR = gettext_lazy("Copies"), gettext_lazy("Group"), gettext_lazy("Administration")


class CreateForm(forms.Form):
    """A group's type, and the types that its volumes may have."""

    name = name_field()
    group_type = forms.ChoiceField(label=gettext_lazy("Group type"))
    volume_types = forms.MultipleChoiceField(
        label=gettext_lazy("Volume types"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Volumes of these types can be in it."),
    )
    description = description_field()
    zone = forms.ChoiceField(label=gettext_lazy("Availability zone"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = asked(lambda: list_group_types(cloud)), asked(lambda: list_all_types(cloud))
        zones = asked(lambda: cinder.list_zones(cloud))
        offer(self, "group_type", answered(self, "group_type", waiting[0]), none=_("This cloud has no group types."))
        types = [(item.id, item.name) for item in answered(self, "volume_types", waiting[1])]
        offer(self, "volume_types", sorted(types, key=lambda item: item[1].casefold()))
        offer(self, "zone", [("", _("Any")), *((name, name) for name in answered(self, "zone", zones))])


class EditForm(forms.Form):
    """Name, description, and which volumes are in it."""

    name = name_field(required=False)
    description = description_field()
    volume_ids = forms.MultipleChoiceField(
        label=gettext_lazy("Volumes"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[VolumeGroup] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        query = Query(limit=999, sort="name")
        found = answered(self, "volume_ids", asked(lambda: list(VOLUMES.page(cloud, query).rows)))
        own = {row.id for row in rows}
        self.members = [item.id for item in found if item.group_id in own]
        self.initial["volume_ids"] = self.members
        able = [
            item
            for item in found
            if item.group_id in own or (not item.group_id and item.status in {"available", "in-use"})
        ]
        choices = [(item.id, sized(item.name, item.id, item.size, item.volume_type)) for item in able]
        offer(self, "volume_ids", choices, none=_("There is no volume that could be in it."))

    def clean(self) -> dict[str, Any]:
        """What is to come in and what is to go."""
        data = super().clean() or {}
        wanted = data.get("volume_ids", [])
        data["added"] = [id for id in wanted if id not in self.members]
        data["removed"] = [id for id in self.members if id not in wanted]
        return data


class NameForm(forms.Form):
    """What something new is called."""

    new_name = name_field()


class DeleteForm(forms.Form):
    """Whether its volumes go with it."""

    with_volumes = forms.BooleanField(
        label=gettext_lazy("Delete its volumes too"),
        required=False,
        help_text=gettext_lazy("A group with volumes can only be deleted together with them."),
    )


class ResetForm(forms.Form):
    """The state that is written into the records."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[(key, COPY_STATUSES[key][0]) for key in ("available", "error", "error_deleting")],
    )


def create(cloud: Cloud, data: Data) -> VolumeGroup:
    """Makes the group of the form."""
    return volume_groups.create_group(
        cloud,
        name=data["name"],
        description=data["description"],
        group_type=data["group_type"],
        volume_types=data["volume_types"],
        zone=data["zone"],
    )


def _edit(cloud: Cloud, group: VolumeGroup, data: Data) -> None:
    volume_groups.update_group(
        cloud,
        id=group.id,
        name=data["name"],
        description=data["description"],
        added=data["added"],
        removed=data["removed"],
    )


def _snapshot(cloud: Cloud, group: VolumeGroup, data: Data) -> tuple[Part, ...]:
    made = volume_groups.create_group_snapshot(cloud, group_id=group.id, name=data["new_name"])
    return (Part(label=title(made), url_name="group-snapshots:detail", id=made.id),)


def _clone(cloud: Cloud, group: VolumeGroup, data: Data) -> tuple[Part, ...]:
    made = volume_groups.create_group_from(cloud, name=data["new_name"], group_id=group.id)
    return (Part(label=title(made), url_name="volume-groups:detail", id=made.id),)


def _delete(cloud: Cloud, group: VolumeGroup, data: Data) -> None:
    volume_groups.delete_group(cloud, id=group.id, with_volumes=data["with_volumes"])


def _reset(cloud: Cloud, group: VolumeGroup, data: Data) -> None:
    volume_groups.reset_group(cloud, id=group.id, status=data["state"])


def why_not_at_rest(item: Any) -> str:
    """Why nothing can be done to a group or group snapshot now."""
    if item.is_transitional:
        return _("It is busy (%(state)s). Wait until that is done.") % {"state": copy_status(item).label}
    return ""


def why_not_ready(item: Any) -> str:
    """Why nothing can be made of it."""
    if item.status in {"available", "in-use"}:
        return ""
    return why_not_at_rest(item) or _("It is broken.")


PANEL: Panel[VolumeGroup] = Panel(
    slug="volume-groups",
    title=gettext_lazy("Volume groups"),
    noun=gettext_lazy("volume group"),
    nouns=gettext_lazy("volume groups"),
    group="storage",
    is_minor=True,
    icon="stack-2",
    service=SERVICE,
    about=gettext_lazy(
        "A group holds volumes that belong together, such as those of one database, so that a snapshot takes all of "
        "them at one moment."
    ),
    rows=volume_groups.list_groups,
    row=volume_groups.get_group,
    raw=volume_groups.get_group_json,
    columns=(
        NAME,
        STATE,
        column("zone", gettext_lazy("Zone"), lambda g: g.availability_zone),
        DESCRIPTION,
        AGE,
        OPTIONAL_ID,
    ),
    filters=(
        STATES,
        WHOLE_NAME,
    ),
    actions=(
        single(
            "snapshot",
            gettext_lazy("Take a snapshot"),
            _snapshot,
            gettext_lazy("All volumes of “%(name)s” are kept as they are at one moment."),
            form=NameForm,
            when=why_not_ready,
            icon="camera",
            section=COPIES,
            is_primary=True,
            started=gettext_lazy("Taking a snapshot of"),
            cli=lambda row, data: [
                *("openstack", "volume", "group", "snapshot", "create", "--name", data["new_name"], row.id)
            ],
        ),
        single(
            "clone",
            gettext_lazy("Clone"),
            _clone,
            gettext_lazy("A new group with a copy of each volume of “%(name)s”."),
            form=NameForm,
            when=why_not_ready,
            icon="copy",
            section=COPIES,
            started=gettext_lazy("Cloning"),
            cli=lambda row, data: [
                *("openstack", "volume", "group", "create", "--source-group", row.id, "--name", data["new_name"])
            ],
        ),
        editing(
            label=gettext_lazy("Edit, add and take out volumes"),
            run=_edit,
            says=about(gettext_lazy("What is not ticked leaves “%(name)s”, and goes on by itself.")),
            when=why_not_at_rest,
            form=EditForm,
            section=OWN,
            is_primary=True,
            cli=lambda row, data: ["openstack", "volume", "group", "set", "--name", data["name"], row.id],
        ),
        removal(
            run=_delete,
            says=about(gettext_lazy("%(name)s will be deleted. This can't be undone.")),
            when=why_not_at_rest,
            form=DeleteForm,
            section=OWN,
            started=gettext_lazy("Deleting"),
            cli=lambda row, data: [
                *("openstack", "volume", "group", "delete"),
                *(["--force"] if data["with_volumes"] else []),
                row.id,
            ],
        ),
        resetting(
            run=_reset,
            form=ResetForm,
            needs="3.20",
            section=OPERATOR,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create group"),
        form=CreateForm,
        run=create,
        cli=lambda data: [
            *("openstack", "volume", "group", "create", "--volume-group-type", data["group_type"]),
            *[word for id in data["volume_types"] for word in ("--volume-type", id)],
            *("--name", data["name"]),
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Volume group"),
            facts=(
                ID,
                DESCRIPTION,
                column("zone", gettext_lazy("Availability zone"), lambda g: g.availability_zone),
                column("type", gettext_lazy("Group type"), lambda g: g.group_type, cell=COPY),
                column("types", gettext_lazy("Volume types"), lambda g: list(g.volume_types), cell=LIST),
                column("created", gettext_lazy("Created"), lambda g: g.created, cell=TIME),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="volumes",
            label=gettext_lazy("Volumes"),
            lists="volumes",
            terms=lambda group: (Term("group", group.id),),
        ),
        Tab(
            slug="snapshots",
            label=gettext_lazy("Group snapshots"),
            lists="group-snapshots",
            terms=lambda group: (Term("group", group.id),),
        ),
        MESSAGES,
    ),
    lookup=volume_groups.GROUPS,
    live="volume-groups",
    default_sort="name",
)
