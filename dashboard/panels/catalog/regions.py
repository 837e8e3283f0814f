"""Regions: the parts that a cloud is divided in, one within another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import services_catalog as catalog
from dashboard.cloud import services_catalog_changes as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.services_catalog import Region
from dashboard.cloud.types import Term
from dashboard.panels.catalog import words
from dashboard.panels.catalog.forms import NewRegionForm, RegionForm
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import COPY, DESCRIPTION, LINK, LIST, column
from dashboard.ui.panel import IDENTITY_ADMIN, Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link

Data = Mapping[str, Any]


def create(cloud: Cloud, data: Data) -> Region:
    """Makes the region of the form."""
    return do.create_region(cloud, id=data["id"], description=data["description"], parent_id=data["parent_id"])


def edit(cloud: Cloud, row: Region, data: Data) -> None:
    """Describes it anew, or puts it elsewhere."""
    do.update_region(cloud, row, description=data["description"], parent_id=data["parent_id"])


def why_not_delete(row: Region) -> str:
    """Keystone refuses while anything is in it, and would take the regions below it along."""
    if row.endpoints:
        return _("There are endpoints in it: delete them first, or move them to another region.")
    return _("Other regions are part of it: put them elsewhere first.") if row.children else ""


SERVICES = column("services", gettext_lazy("Services"), lambda row: list(row.services), LIST)
ENDPOINTS = column("endpoints", gettext_lazy("Endpoints"), is_numeric=True, sort="endpoints")
PARENT = column(
    "parent", gettext_lazy("Part of"), lambda row: Link(row.parent_id, "regions:detail", row.parent_id), LINK
)
PANEL: Panel[Region] = Panel(
    slug="regions",
    title=gettext_lazy("Regions"),
    noun=gettext_lazy("region"),
    nouns=gettext_lazy("regions"),
    group="identity",
    icon="world",
    service=catalog.IDENTITY,
    about=gettext_lazy(
        "A region is a part of the cloud whose services have endpoints of their own. Everybody can choose among the "
        "regions that have any."
    ),
    rows=catalog.list_regions,
    row=catalog.get_region,
    raw=catalog.get_region_json,
    columns=(
        column("name", gettext_lazy("Name"), cell="catalog/region_name.html", sort="name"),
        DESCRIPTION,
        PARENT,
        ENDPOINTS,
        column("services", SERVICES.label, SERVICES.value, LIST, is_optional=True),
    ),
    filters=(
        Filter(key="parent", label=gettext_lazy("The region that it is part of")),
        Filter(key="under", label=gettext_lazy("A region, with all that is part of it")),
    ),
    actions=(
        editing(
            run=edit,
            says=lambda rows: _("%(name)s keeps its name and its endpoints.") % {"name": words.names(rows)},
            form=RegionForm,
            roles=IDENTITY_ADMIN,
            is_primary=True,
            cli=lambda row, data: (
                *("openstack", "region", "set", "--description", data["description"]),
                *(("--parent-region", data["parent_id"]) if data["parent_id"] else ()),
                row.id,
            ),
        ),
        removal(
            run=lambda cloud, row, data: do.delete_region(cloud, row),
            says=lambda rows: _("%(name)s goes. It can't be undone.") % {"name": words.names(rows)},
            when=why_not_delete,
            roles=IDENTITY_ADMIN,
            cli=lambda row, data: ("openstack", "region", "delete", row.id),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create region"),
        form=NewRegionForm,
        run=create,
        roles=IDENTITY_ADMIN,
        cli=lambda data: (
            *("openstack", "region", "create", "--description", data["description"]),
            *(("--parent-region", data["parent_id"]) if data["parent_id"] else ()),
            data["id"],
        ),
    ),
    groups=(
        Group(
            label=gettext_lazy("Region"),
            facts=(
                column("id", gettext_lazy("Name"), cell=COPY),
                DESCRIPTION,
                PARENT,
                column(
                    "children",
                    gettext_lazy("Regions that are part of it"),
                    lambda row: [Link(child, "regions:detail", child) for child in row.children],
                    LIST,
                    is_optional=True,
                ),
                ENDPOINTS,
                SERVICES,
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="endpoints",
            label=gettext_lazy("Endpoints"),
            lists="endpoints",
            terms=lambda row: (Term("region", row.id),),
        ),
    ),
    lookup=catalog.REGIONS,
    default_sort="name",
    is_minor=True,
    roles=words.CATALOG_READER,
    scopes=words.SCOPES,
    id_pattern="[^/]+",
)
