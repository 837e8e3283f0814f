"""Address scopes: within one no address is there twice, so routers need not translate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron
from dashboard.cloud.connection import Cloud
from dashboard.cloud.subnet_pools import SCOPES, AddressScope
from dashboard.cloud.types import Term
from dashboard.panels.subnet_pools.forms import ScopeForm
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import ALL_PROJECTS, BOOL, ID, NAME, OPTIONAL_PROJECT, PROJECT, VERSIONS, column
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab


def create(cloud: Cloud, data: Mapping[str, Any]) -> AddressScope:
    """Makes the scope of the form."""
    shared = {"shared": True} if data.get("is_shared") else {}
    return SCOPES.create(cloud, {"name": data["name"], "ip_version": int(data["ip_version"]), **shared})


def edit(cloud: Cloud, scope: AddressScope, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    SCOPES.update(cloud, scope.id, neutron.changed(scope, data, {"name": "name", "is_shared": "shared"}))


def says_edit(rows: Any) -> str:
    """What changing it means."""
    return _("%(name)s keeps its pools.") % {"name": rows[0].name}


VERSION = column("version", gettext_lazy("IP version"), "ip_version", sort="version")
SHARED = column("shared", gettext_lazy("Shared"), "is_shared", BOOL)
PANEL: Panel[Any] = Panel(
    slug="address-scopes",
    title=gettext_lazy("Address scopes"),
    noun=gettext_lazy("address scope"),
    nouns=gettext_lazy("address scopes"),
    group="network",
    is_minor=True,
    icon="ruler-2",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "address-scope"),
    about=gettext_lazy(
        "Within an address scope no address is there twice. Routers between networks of one scope pass addresses on "
        "as they are."
    ),
    rows=SCOPES.page,
    row=SCOPES.get,
    raw=SCOPES.get_json,
    columns=(NAME, VERSION, SHARED, OPTIONAL_PROJECT),
    filters=(
        Filter(key="version", label=gettext_lazy("IP version"), choices=VERSIONS),
        Filter(key="shared", label=gettext_lazy("Shared"), hint=gettext_lazy("yes or no")),
        ALL_PROJECTS,
    ),
    actions=(
        editing(
            run=edit,
            says=says_edit,
            form=ScopeForm,
            icon="edit",
            is_primary=True,
        ),
        deletion(
            lambda cloud, scope: SCOPES.delete(cloud, scope.id),
            gettext_lazy("The address scope %(name)s will be deleted, if no pool is in it. This can't be undone."),
            gettext_lazy("These address scopes will be deleted, where no pool is in them. This can't be undone."),
            command=("address", "scope", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Create address scope"), form=ScopeForm, run=create),
    groups=(Group(label=gettext_lazy("Address scope"), facts=(ID, VERSION, SHARED, PROJECT)),),
    tabs=(
        Tab(
            slug="pools",
            label=gettext_lazy("Subnet pools"),
            lists="subnet-pools",
            terms=lambda scope: (Term("scope", scope.id),),
        ),
    ),
    default_sort="name",
)
