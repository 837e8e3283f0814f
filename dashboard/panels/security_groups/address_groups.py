"""Address groups: lists of addresses with a name, for the rules of security groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.address_groups import KIND, AddressGroup, set_addresses
from dashboard.cloud.connection import Cloud
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import ALL_PROJECTS, BOOL, DESCRIPTION, ID, LIST, NAME, OPTIONAL_PROJECT, PROJECT, column
from dashboard.ui.netfields import RangesField
from dashboard.ui.panel import Create, Filter, Group, Panel


class AddressGroupForm(forms.Form):
    """A group and its addresses."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    addresses = RangesField(
        label=gettext_lazy("Addresses"),
        rows=6,
        help_text=gettext_lazy("Ranges or single addresses, one per line: 198.51.100.0/24"),
    )


def create(cloud: Cloud, data: Mapping[str, Any]) -> AddressGroup:
    """Makes the group of the form."""
    return KIND.create(
        cloud, {"name": data["name"], "description": data["description"], "addresses": list(data["addresses"])}
    )


def edit(cloud: Cloud, group: AddressGroup, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    KIND.update(cloud, group.id, {k: data[k] for k in ("name", "description") if data[k] != getattr(group, k)})
    set_addresses(cloud, group, data["addresses"])


def says_edit(groups: Sequence[AddressGroup]) -> str:
    """Who is concerned."""
    return _("Every rule that names %(name)s changes at once.") % {"name": groups[0].name}


ADDRESSES = column("addresses", gettext_lazy("Addresses"), lambda group: list(group.addresses), LIST)
SHARED = column("shared", gettext_lazy("Shared"), "is_shared", BOOL)
PANEL: Panel[Any] = Panel(
    slug="address-groups",
    title=gettext_lazy("Address groups"),
    noun=gettext_lazy("address group"),
    nouns=gettext_lazy("address groups"),
    group="network",
    is_minor=True,
    icon="list-details",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "address-group"),
    about=gettext_lazy(
        "An address group is a list of addresses with a name. Rules of security groups that name it change with it."
    ),
    rows=KIND.page,
    row=KIND.get,
    raw=KIND.get_json,
    columns=(NAME, ADDRESSES, DESCRIPTION, SHARED, OPTIONAL_PROJECT),
    filters=(Filter(key="shared", label=gettext_lazy("Shared"), hint=gettext_lazy("yes or no")), ALL_PROJECTS),
    actions=(
        editing(
            run=edit,
            says=lambda rows: (
                str(gettext_lazy("Every rule that names %(name)s changes at once.")) % {"name": rows[0].name}
            ),
            form=AddressGroupForm,
            icon="edit",
            is_primary=True,
        ),
        deletion(
            lambda cloud, group: KIND.delete(cloud, group.id),
            gettext_lazy("The address group %(name)s will be deleted, if no rule names it. This can't be undone."),
            gettext_lazy("These address groups will be deleted, where no rule names them. This can't be undone."),
            command=("address", "group", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Create address group"), form=AddressGroupForm, run=create),
    groups=(Group(label=gettext_lazy("Address group"), facts=(ID, DESCRIPTION, ADDRESSES, SHARED, PROJECT)),),
    default_sort="name",
)
