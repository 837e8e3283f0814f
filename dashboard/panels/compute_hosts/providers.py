"""Resource providers: whoever has something to give out, by Placement; also those that are no hypervisors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import aggregates, placement
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.placement import SERVICE, Provider
from dashboard.cloud.types import Quota
from dashboard.live.names import server_names
from dashboard.panels.compute_hosts.words import UNITS
from dashboard.ui.actions import editing
from dashboard.ui.columns import ID, NAME, column
from dashboard.ui.panel import ADMIN, Filter, Group, Panel, Tab
from dashboard.ui.values import Link

COPY, LINK, BOOL = "ui/cell/copy.html", "ui/cell/link.html", "ui/cell/bool.html"
SHOWN = 50
"""Allocations that a page names."""


def facts(cloud: Cloud, row: Any) -> Mapping[str, Any]:
    """All that Placement knows of a provider, for a tab: its names are those of servers and aggregates."""
    named = later(lambda: aggregates.list_all_aggregates(cloud))
    found = placement.get_facts(cloud, row.id)
    shown = list(found.allocations)[:SHOWN]
    names = server_names(cloud, shown)
    known = {item.uuid: item for item in named.or_else(())}
    return {
        "provider_id": row.id,
        "inventories": [
            {
                "has": item,
                "use": Quota(name="", used=item.used, limit=item.capacity, unit=UNITS.get(item.resource_class, "")),
            }
            for item in found.inventories
        ],
        "traits": found.traits,
        "aggregates": [(id, known.get(id)) for id in found.aggregates],
        "allocations": [
            {
                "id": id,
                "name": names.get(id, ""),
                "amounts": ", ".join(f"{name} {amount}" for name, amount in sorted(found.allocations[id].items())),
            }
            for id in shown
        ],
        "more": len(found.allocations) - len(shown),
        "tree": found.tree,
    }


class InventoryForm(forms.Form):
    """How much of a class is given out: what can be changed by hand without Nova putting it right at once."""

    resource_class = forms.ChoiceField(label=gettext_lazy("Class of resource"))
    allocation_ratio = forms.FloatField(
        label=gettext_lazy("Allocation ratio"),
        min_value=0.0001,
        max_value=10000,
        help_text=gettext_lazy("16 gives out each vCPU 16 times; 1 gives out what there is."),
    )
    reserved = forms.IntegerField(
        label=gettext_lazy("Reserved"), min_value=0, help_text=gettext_lazy("Kept back for the host itself.")
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Provider] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = {
            item.resource_class: item for row in rows[:1] for item in placement.list_inventories(cloud, row.id)
        }
        field: Any = self.fields["resource_class"]
        field.choices = [(name, name) for name in self.found]
        chosen = self.found.get(str(self.initial.get("resource_class") or next(iter(self.found), "")))
        if chosen is not None:
            self.initial.update(
                resource_class=chosen.resource_class,
                allocation_ratio=chosen.allocation_ratio,
                reserved=chosen.reserved,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has = self.found.get(data.get("resource_class", ""))
        if has is not None and data.get("reserved") is not None and data["reserved"] > has.total:
            self.add_error("reserved", _("There are %(total)d in all.") % {"total": has.total})
        return data


def _change(cloud: Cloud, row: Provider, data: Mapping[str, Any]) -> None:
    placement.change_inventory(
        cloud,
        id=row.id,
        resource_class=data["resource_class"],
        allocation_ratio=data["allocation_ratio"],
        reserved=data["reserved"],
    )


PARENT = column(
    "parent",
    gettext_lazy("Part of"),
    lambda row: (
        Link(row.parent_name or row.parent_id, "resource-providers:detail", row.parent_id) if row.parent_id else ""
    ),
    cell=LINK,
    sort="parent",
    text=lambda row: row.parent_name,
)
PANEL: Panel[Provider] = Panel(
    slug="resource-providers",
    title=gettext_lazy("Resource providers"),
    noun=gettext_lazy("resource provider"),
    nouns=gettext_lazy("resource providers"),
    group="admin",
    icon="stack-2",
    service=SERVICE,
    about=gettext_lazy(
        "A resource provider has something that servers take: a host its CPUs and memory, a part of it its devices, "
        "or a storage its disks. Placement keeps count."
    ),
    rows=placement.list_providers,
    row=placement.get_provider,
    raw=placement.get_provider_json,
    columns=(
        NAME,
        PARENT,
        column("generation", gettext_lazy("Changes so far"), lambda row: row.generation, is_numeric=True),
        ID,
    ),
    groups=(
        Group(
            label=gettext_lazy("Resource provider"),
            facts=(
                ID,
                PARENT,
                column("generation", gettext_lazy("Changes so far"), lambda row: row.generation),
            ),
        ),
    ),
    tabs=(Tab(slug="placement", label=gettext_lazy("Placement"), template="compute_hosts/placement.html", load=facts),),
    filters=(
        Filter(
            key="nested",
            label=gettext_lazy("Place in its tree"),
            choices=(("no", gettext_lazy("Whole hosts")), ("yes", gettext_lazy("Parts"))),
        ),
        Filter(key="root", label=gettext_lazy("The ID of the root of its tree")),
    ),
    actions=(
        editing(
            slug="inventory",
            label=gettext_lazy("Change what is given out"),
            run=_change,
            says=lambda rows: (
                _(
                    "This changes how much of “%(name)s” the scheduler gives out; what is given out already stays. "
                    "Where the host's own configuration sets the same, its compute service puts that back within a "
                    "minute."
                )
                % {"name": rows[0].name}
            ),
            form=InventoryForm,
            icon="adjustments-horizontal",
            roles=ADMIN,
            cli=lambda row, data: (
                *("openstack", "resource", "provider", "inventory", "class", "set", row.id, data["resource_class"]),
                *("--total", "$TOTAL", "--allocation_ratio", str(data["allocation_ratio"])),
                *("--reserved", str(data["reserved"])),
            ),
        ),
    ),
    lookup=placement.LOOKUP,
    default_sort="name",
    roles=ADMIN,
    is_minor=True,
)
