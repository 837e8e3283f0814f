"""IP availability: how many addresses of each network are taken, of all projects."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.ip_availability import KIND, Availability
from dashboard.cloud.types import Term
from dashboard.ui.columns import ID, LINK, LIST, PROJECT, VERSIONS, column
from dashboard.ui.panel import ADMIN, Filter, Group, Panel, Tab
from dashboard.ui.values import Link, Status


def fill(row: Availability) -> Status:
    """The share that is taken, as a sign of what to look at."""
    tone: Any = "bad" if row.percent >= 95 else "warn" if row.percent >= 80 else "ok"
    if row.total <= 0:
        return Status(_("No addresses"), "off")
    return Status(_("%(percent)d %% taken") % {"percent": row.percent}, tone)


def subnets(row: Availability) -> list[str]:
    """Each subnet with what is taken of it."""
    return [
        _("%(range)s: %(used)d of %(total)d taken") % {"range": item.cidr, "used": item.used, "total": item.total}
        for item in row.subnets
    ]


FILL = column(
    "status",
    gettext_lazy("Used, in percent"),
    fill,
    "ui/cell/status.html",
    sort="percent",
    text=lambda row: row.percent,
)
USED = column("used", gettext_lazy("Addresses taken"), sort="used", is_numeric=True)
FREE = column("free", gettext_lazy("Addresses free"), sort="free", is_numeric=True)
SUBNETS = column("subnets", gettext_lazy("Subnets"), subnets, LIST)
PANEL: Panel[Any] = Panel(
    slug="ip-availability",
    title=gettext_lazy("IP availability"),
    noun=gettext_lazy("network"),
    nouns=gettext_lazy("networks"),
    group="admin",
    icon="chart-bar",
    service="network",
    roles=ADMIN,
    is_offered=lambda cloud: extensions.has(cloud, "network-ip-availability"),
    about=gettext_lazy("How many addresses of each network are taken, of all projects."),
    rows=KIND.page,
    row=KIND.get,
    raw=KIND.get_json,
    columns=(
        column("name", gettext_lazy("Network"), cell="ui/cell/name.html", sort="name"),
        FILL,
        USED,
        FREE,
        SUBNETS,
        PROJECT,
    ),
    filters=(
        Filter(key="version", label=gettext_lazy("IP version"), choices=VERSIONS),
        Filter(key="full", label=gettext_lazy("Nearly full"), hint=gettext_lazy("yes or no")),
        Filter(key="owner", label=gettext_lazy("A project's id")),
    ),
    groups=(
        Group(
            label=gettext_lazy("Addresses"),
            facts=(
                column(
                    "network",
                    gettext_lazy("Network"),
                    lambda row: Link(row.name or row.id, "networks:detail", row.id),
                    LINK,
                ),
                ID,
                PROJECT,
                USED,
                FREE,
                SUBNETS,
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="ports",
            label=gettext_lazy("Ports"),
            lists="ports",
            terms=lambda row: (Term("network_id", row.id),),
        ),
    ),
    default_sort="name",
)
