"""Flavors: the sizes that servers come in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from dashboard.cloud.flavors import LOOKUP, Flavor, get_flavor, get_flavor_json, list_flavors
from dashboard.cloud.types import Term
from dashboard.panels.flavors import admin
from dashboard.panels.flavors.fits import fit, joined
from dashboard.ui.panel import Column, Filter, Group, Panel, Tab
from dashboard.ui.values import Size

MIB = 1024**2
GIB = 1024**3

VCPUS: Column[Flavor] = Column(
    key="vcpus", label=gettext_lazy("vCPUs"), value=lambda flavor: flavor.vcpus, sort="vcpus", is_numeric=True
)
RAM: Column[Flavor] = Column(
    key="ram",
    label=gettext_lazy("RAM"),
    value=lambda flavor: Size(flavor.ram * MIB),
    cell="ui/cell/size.html",
    sort="ram",
    is_numeric=True,
)
DISK: Column[Flavor] = Column(
    key="disk",
    label=gettext_lazy("Root disk"),
    # With 0 the disk is as large as the image.
    value=lambda flavor: Size(flavor.disk * GIB or None),
    cell="ui/cell/size.html",
    sort="disk",
    is_numeric=True,
)
EPHEMERAL: Column[Flavor] = Column(
    key="ephemeral",
    label=gettext_lazy("Ephemeral disk"),
    value=lambda flavor: Size(flavor.ephemeral * GIB or None),
    cell="ui/cell/size.html",
    sort="ephemeral",
    is_numeric=True,
)
SWAP: Column[Flavor] = Column(
    key="swap",
    label=gettext_lazy("Swap"),
    value=lambda flavor: Size(flavor.swap * MIB or None),
    cell="ui/cell/size.html",
    sort="swap",
    is_numeric=True,
)
PUBLIC: Column[Flavor] = Column(
    key="public",
    label=gettext_lazy("For every project"),
    value=lambda flavor: flavor.is_public,
    cell="ui/cell/bool.html",
)
DESCRIPTION: Column[Flavor] = Column(
    key="description", label=gettext_lazy("Description"), value=lambda flavor: flavor.description
)
FIT: Column[Flavor] = Column(
    key="fit",
    label=gettext_lazy("Still fits"),
    value=fit,
    cell="ui/cell/status.html",
    text=lambda flavor: str(fit(flavor) or ""),
)


def specs(flavor: Flavor) -> list[str]:
    """The extra specs, one "key = value" each."""
    return [f"{key} = {value}" for key, value in sorted(flavor.extra_specs.items())]


PANEL: Panel[Flavor] = Panel(
    slug="flavors",
    title=gettext_lazy("Flavors"),
    noun=gettext_lazy("flavor"),
    nouns=gettext_lazy("flavors"),
    group="compute",
    icon="ruler-2",
    service="compute",
    about=gettext_lazy(
        "A flavor is a size of server: how many vCPUs, how much RAM and disk. Whoever runs this cloud sets them up; "
        "there are none that this project may use."
    ),
    rows=list_flavors,
    row=get_flavor,
    raw=get_flavor_json,
    joined=joined,
    columns=(
        Column(
            key="name",
            label=gettext_lazy("Name"),
            value=lambda flavor: flavor.name,
            cell="ui/cell/name.html",
            sort="name",
        ),
        VCPUS,
        RAM,
        DISK,
        EPHEMERAL,
        SWAP,
        FIT,
        DESCRIPTION,
        Column(
            key="launch",
            label=gettext_lazy("Launch"),
            value=lambda flavor: not flavor.is_disabled,
            cell="flavors/launch.html",
        ),
        Column(
            key="specs",
            label=gettext_lazy("Extra specs"),
            value=specs,
            cell="ui/cell/list.html",
            is_optional=True,
        ),
        Column(
            key="public",
            label=gettext_lazy("For every project"),
            value=lambda flavor: flavor.is_public,
            cell="ui/cell/bool.html",
            is_optional=True,
        ),
    ),
    filters=(
        Filter(key="vcpus", label=gettext_lazy("vCPUs"), hint="vcpus:2"),
        Filter(key="ram", label=gettext_lazy("RAM in MiB"), hint="ram:2048"),
        Filter(key="disk", label=gettext_lazy("Root disk in GiB"), hint="disk:20"),
        Filter(key="spec", label=gettext_lazy("Extra spec"), hint="spec:hw:cpu_policy"),
        Filter(
            key="public",
            label=gettext_lazy("For every project"),
            choices=(("yes", gettext_lazy("Public")), ("no", gettext_lazy("Private"))),
        ),
    ),
    groups=(
        Group(
            label=gettext_lazy("Flavor"),
            facts=(
                Column(key="id", label=gettext_lazy("ID"), value=lambda flavor: flavor.id, cell="ui/cell/copy.html"),
                DESCRIPTION,
                PUBLIC,
                FIT,
            ),
        ),
        Group(label=gettext_lazy("Size"), facts=(VCPUS, RAM, DISK, EPHEMERAL, SWAP)),
    ),
    actions=admin.ACTIONS,
    leads=admin.LEADS,
    create=admin.CREATE,
    tabs=(
        *admin.TABS,
        Tab(
            slug="servers",
            label=gettext_lazy("Servers"),
            lists="all-servers",
            terms=lambda flavor: (Term("flavor", flavor.name),),
        ),
    ),
    header="flavors/header.html",
    lookup=LOOKUP,
    default_sort="ram",
    id_pattern="[^/]+",
)
