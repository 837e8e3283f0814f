"""Trunks: servers' ports that carry several networks, each told apart by a VLAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, trunks
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.ports import Port
from dashboard.cloud.trunks import KIND, Trunk, list_candidates, list_ports_of
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import (
    ALL_PROJECTS,
    CREATED,
    DESCRIPTION,
    ID,
    LINK,
    NAME,
    OPTIONAL_PROJECT,
    PROJECT,
    STATE_CHOICES,
    STATUS,
    TAGS,
    UPDATED,
    column,
    state,
)
from dashboard.ui.forms import answered
from dashboard.ui.netfields import choices
from dashboard.ui.panel import Action, Create, Filter, Group, Panel, Tab
from dashboard.ui.sections import Sectioned
from dashboard.ui.values import Link

TYPES = (("vlan", gettext_lazy("VLAN")), ("inherit", gettext_lazy("The network's own VLAN")))


def port_label(port: Port) -> str:
    """A port in a choice: who has it, where, with which addresses."""
    who = port.owner_name or port.name or port.id[:8]
    return " · ".join(part for part in (who, port.network_name, ", ".join(port.addresses)) if part)


def fill_ports(form: forms.Form, name: str, ports: Sequence[Port], *, empty: Any = "") -> None:
    """Offers ports."""
    form.fields[name].choices = choices(ports, label=port_label, empty=empty)  # type: ignore[attr-defined]


class SubportForm(forms.Form):
    """A further port that the trunk is to carry."""

    port = forms.ChoiceField(label=gettext_lazy("Port"), help_text=gettext_lazy("One that no server has"))
    type = forms.ChoiceField(label=gettext_lazy("Told apart by"), choices=TYPES, initial="vlan")
    number = forms.IntegerField(
        label=gettext_lazy("VLAN"), min_value=1, max_value=4094, required=False, help_text=gettext_lazy("1 to 4094")
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents = {row.port_id for row in rows}
        candidates = answered(self, "port", later(lambda: list_candidates(cloud)))
        free = [port for port in candidates if not port.owner and port.id not in parents]
        fill_ports(self, "port", free)

    def clean(self) -> dict[str, Any]:
        """A VLAN has a number."""
        data = super().clean() or {}
        if data.get("type") == "vlan" and not data.get("number") and "number" not in self.errors:
            self.add_error("number", _("Give the VLAN's number."))
        return data


class CreateTrunkForm(Sectioned):
    """A new trunk, with a first subport if wanted."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    parent = forms.ChoiceField(
        label=gettext_lazy("Parent port"),
        help_text=gettext_lazy("The server is started on it, and sees the others through it"),
    )
    subport = forms.ChoiceField(label=gettext_lazy("First subport"), required=False)
    number = forms.IntegerField(
        label=gettext_lazy("Its VLAN"), min_value=1, max_value=4094, required=False, help_text=gettext_lazy("1 to 4094")
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_admin_up = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)
    sections = ((gettext_lazy("More"), ("description", "is_admin_up")),)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ports = answered(self, "parent", later(lambda: list_candidates(cloud)))
        fill_ports(self, "parent", ports)
        fill_ports(self, "subport", [port for port in ports if not port.owner], empty=_("None yet"))

    def clean(self) -> dict[str, Any]:
        """A subport is another port than the parent, and has a VLAN."""
        data = super().clean() or {}
        if data.get("subport") and data["subport"] == data.get("parent"):
            self.add_error("subport", _("This is the parent port."))
        if data.get("subport") and not data.get("number") and "number" not in self.errors:
            self.add_error("number", _("Give the VLAN's number."))
        return data


class EditTrunkForm(forms.Form):
    """What can be changed of a trunk."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_admin_up = forms.BooleanField(label=gettext_lazy("Switched on"), required=False)


class RemoveForm(forms.Form):
    """Which subport it is about."""

    port = forms.CharField(widget=forms.HiddenInput)


def subport_body(port_id: str, number: Any, kind: str = "vlan") -> dict[str, Any]:
    """A subport as Neutron wants it."""
    if kind == "inherit":
        return {"port_id": port_id, "segmentation_type": "inherit"}
    return {"port_id": port_id, "segmentation_type": "vlan", "segmentation_id": number}


def create(cloud: Cloud, data: Mapping[str, Any]) -> Trunk:
    """Makes the trunk of the form."""
    body: dict[str, Any] = {"name": data["name"], "port_id": data["parent"]}
    if data.get("description"):
        body["description"] = data["description"]
    if not data.get("is_admin_up"):
        body["admin_state_up"] = False
    if data.get("subport"):
        body["sub_ports"] = [subport_body(data["subport"], data["number"])]
    return KIND.create(cloud, body)


def create_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "network", "trunk", "create", "--parent-port", data["parent"]]
    if data.get("subport"):
        words += ["--subport", f"port={data['subport']},segmentation-type=vlan,segmentation-id={data['number']}"]
    return (*words, data["name"] or "NAME")


def edit(cloud: Cloud, trunk: Trunk, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    names = {"name": "name", "description": "description", "is_admin_up": "admin_state_up"}
    KIND.update(cloud, trunk.id, neutron.changed(trunk, data, names))


def add(cloud: Cloud, trunk: Trunk, data: Mapping[str, Any]) -> None:
    """Adds the subport of the form."""
    trunks.add_subport(cloud, trunk.id, subport_body(data["port"], data.get("number"), data["type"]))


def remove(cloud: Cloud, trunk: Trunk, data: Mapping[str, Any]) -> None:
    """Removes the subport that the form names."""
    trunks.remove_subport(cloud, trunk.id, data["port"])


def named(sentence: Any) -> Any:
    """A sentence about one trunk."""
    return lambda rows: str(sentence) % {"name": rows[0].name or rows[0].id}


def subports(cloud: Cloud, trunk: Trunk) -> Mapping[str, Any]:
    """What the trunk carries; ports that can't be had are shown by their ids."""
    fault = None
    try:
        ports = list_ports_of(cloud, trunk)
    except CloudError as error:
        ports, fault = {}, error
    return {
        "subports": [(item, ports.get(item.port_id)) for item in trunk.subports],
        "names_fault": fault,
        "can_change": cloud.has_role("member", "manager"),
    }


PARENT = column(
    "parent", gettext_lazy("Parent port"), lambda trunk: Link(trunk.port_id[:8], "ports:detail", trunk.port_id), LINK
)
PANEL: Panel[Any] = Panel(
    slug="trunks",
    title=gettext_lazy("Trunks"),
    noun=gettext_lazy("trunk"),
    nouns=gettext_lazy("trunks"),
    group="network",
    is_minor=True,
    icon="git-fork",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "trunk"),
    about=gettext_lazy(
        "A trunk lets a server be on many networks by one port: each further network is a VLAN within it."
    ),
    rows=KIND.page,
    row=KIND.get,
    raw=KIND.get_json,
    columns=(
        NAME,
        column(
            "status",
            gettext_lazy("Status"),
            lambda trunk: state(trunk.status, is_admin_up=trunk.is_admin_up),
            STATUS,
            sort="status",
            text=lambda trunk: trunk.status,
        ),
        PARENT,
        column("subports", gettext_lazy("Subports"), lambda trunk: len(trunk.subports), is_numeric=True),
        DESCRIPTION,
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(key="status", label=gettext_lazy("Status"), choices=STATE_CHOICES),
        Filter(key="port", label=gettext_lazy("The parent port's id")),
        ALL_PROJECTS,
    ),
    actions=(
        Action(
            slug="add-subport",
            label=gettext_lazy("Add subport"),
            run=add,
            says=named(gettext_lazy("The server on %(name)s gets one more network, as a VLAN on its own port.")),
            form=SubportForm,
            icon="plus",
            is_bulk=False,
            is_primary=True,
            started=gettext_lazy("Subport added"),
            cli=lambda trunk, data: (
                *("openstack", "network", "trunk", "set", "--subport"),
                f"port={data['port']},segmentation-type={data['type']},segmentation-id={data.get('number') or ''}",
                trunk.id,
            ),
        ),
        Action(
            slug="remove-subport",
            label=gettext_lazy("Remove subport"),
            run=remove,
            says=named(gettext_lazy("The server on %(name)s loses this network at once; the port itself stays.")),
            form=RemoveForm,
            is_bulk=False,
            is_dangerous=True,
            is_in_menu=False,
            started=gettext_lazy("Subport removed"),
            cli=lambda trunk, data: (("openstack", "network", "trunk", "unset", "--subport", data["port"], trunk.id)),
        ),
        editing(
            run=edit,
            says=named(gettext_lazy("%(name)s keeps its ports.")),
            form=EditTrunkForm,
            icon="edit",
        ),
        deletion(
            lambda cloud, trunk: KIND.delete(cloud, trunk.id),
            gettext_lazy(
                "The trunk %(name)s will be deleted; its ports stay. That takes that no server is on it. This can't be "
                "undone."
            ),
            gettext_lazy("These trunks will be deleted, where no server is on them; their ports stay."),
            command=("network", "trunk", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Create trunk"), form=CreateTrunkForm, run=create, cli=create_cli),
    groups=(
        Group(
            label=gettext_lazy("Trunk"),
            facts=(
                ID,
                DESCRIPTION,
                PARENT,
                PROJECT,
                CREATED,
                UPDATED,
                column("tags", gettext_lazy("Tags"), lambda trunk: list(trunk.tags), TAGS),
            ),
        ),
    ),
    tabs=(Tab(slug="subports", label=gettext_lazy("Subports"), template="trunks/subports.html", load=subports),),
    default_sort="name",
)
