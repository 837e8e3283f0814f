"""All volumes: those of every project, for administrators, with whose they are and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import volumes
from dashboard.cloud.connection import Cloud
from dashboard.cloud.storage_admin import list_pools, manage_volume
from dashboard.cloud.volume_types import list_all_types
from dashboard.cloud.volumes import Volume
from dashboard.live.names import project_names
from dashboard.panels.storage import volumes as own
from dashboard.panels.storage.fields import asked, description_field, name_field, offer
from dashboard.panels.storage.volume_actions import ACTIONS
from dashboard.panels.storage.volume_admin import ADMIN_ACTIONS
from dashboard.ui.all_projects import PROJECT_FILTER, owner_column
from dashboard.ui.forms import answered
from dashboard.ui.panel import ADMIN, Create, Filter, Group, Panel


class ManageForm(forms.Form):
    """A volume that a back end has and Cinder does not know yet."""

    pool = forms.ChoiceField(label=gettext_lazy("Pool"))
    reference = forms.CharField(
        label=gettext_lazy("Its name on the back end"),
        max_length=255,
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    name = name_field(required=False)
    description = description_field()
    volume_type = forms.ChoiceField(label=gettext_lazy("Type"), required=False)
    is_bootable = forms.BooleanField(label=gettext_lazy("Servers can boot from it"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pools, types = asked(lambda: list_pools(cloud)), asked(lambda: list_all_types(cloud))
        offer(self, "pool", [(item.name, item.name) for item in answered(self, "pool", pools)])
        found = [(item.name, item.name) for item in answered(self, "volume_type", types)]
        offer(self, "volume_type", [("", _("The cloud's default")), *found])


def manage(cloud: Cloud, data: Mapping[str, Any]) -> Volume:
    """Takes the volume in; it belongs to the administrator's own project."""
    made = manage_volume(
        cloud,
        host=data["pool"],
        reference=data["reference"],
        name=data["name"],
        description=data["description"],
        volume_type=data["volume_type"],
        is_bootable=data["is_bootable"],
    )
    return Volume.from_json(made)


def joined(cloud: Cloud, found: Sequence[Volume]) -> Sequence[Volume]:
    """The volumes with the names of their projects; what can't be had stays an id."""
    projects = project_names(cloud) if found else {}
    return [replace(volume, project_name=projects.get(volume.project_id, "")) for volume in found]


PROJECT = owner_column()
HOST = own.column("host", gettext_lazy("Pool"), lambda volume: volume.host)
SHOWN = ("name", "status", "size", "type", "attached", "created")
PANEL: Panel[Volume] = Panel(
    slug="all-volumes",
    title=gettext_lazy("All volumes"),
    noun=gettext_lazy("volume"),
    nouns=gettext_lazy("volumes"),
    group="admin",
    family="all-projects",
    tab=gettext_lazy("Volumes"),
    icon="database",
    service=volumes.SERVICE,
    about=gettext_lazy("The volumes of every project in this region, for those who run the cloud."),
    rows=volumes.list_all_projects,
    row=volumes.get_volume_with_fault,
    raw=volumes.get_volume_json,
    joined=joined,
    columns=(
        *own.COLUMNS[:2],
        PROJECT,
        HOST,
        *(item if item.key in SHOWN else replace(item, is_optional=True) for item in own.COLUMNS[2:]),
    ),
    filters=(
        own.FILTERS[0],
        PROJECT_FILTER,
        Filter(key="host", label=gettext_lazy("A pool, as host@backend#pool")),
        *own.FILTERS[1:],
    ),
    actions=(ACTIONS[-1], *ADMIN_ACTIONS),
    create=Create(
        label=gettext_lazy("Take in from a back end"),
        form=ManageForm,
        run=manage,
        roles=ADMIN,
        cli=lambda data: [
            *("openstack", "volume", "create", "--remote-source", f"source-name={data['reference']}"),
            *("--host", data["pool"], data["name"] or "$NAME"),
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Whose it is and where"),
            facts=(
                PROJECT,
                own.column("project_id", gettext_lazy("Project's ID"), lambda v: v.project_id, cell=own.COPY),
                own.column("user_id", gettext_lazy("User's ID"), lambda v: v.user_id, cell=own.COPY),
            ),
        ),
        *own.GROUPS,
    ),
    tabs=(own.MESSAGES,),
    header="volumes/header.html",
    lookup=volumes.LOOKUP,
    default_sort="created",
    is_default_descending=True,
    roles=ADMIN,
)
