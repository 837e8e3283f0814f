"""Availability zones: which hosts each has, how they are, and whether a launch there could find one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import aggregates as do
from dashboard.cloud.aggregates import SERVICE, ZoneHost, ZoneWithHosts
from dashboard.cloud.connection import Cloud
from dashboard.ui.columns import NAME, column
from dashboard.ui.panel import ADMIN, Filter, Group, Panel, Tab
from dashboard.ui.values import Status


def state(row: ZoneWithHosts) -> Status:
    """Whether a launch may choose it."""
    if not row.is_available:
        return Status(_("Not available"), "bad", "", _("None of its hosts is enabled."))
    bad = sum(not host.is_up or not host.is_enabled for host in row.services)
    if not bad:
        return Status(_("Available"), "ok")
    detail = ngettext("%(n)d service down or disabled", "%(n)d services down or disabled", bad) % {"n": bad}
    return Status(_("Available"), "warn", detail)


def host_state(row: ZoneHost) -> Status:
    """How a host's service is."""
    if not row.is_up:
        return Status(_("Down"), "bad", "" if row.is_enabled else _("disabled"))
    return Status(_("Up"), "ok") if row.is_enabled else Status(_("Up"), "off", _("disabled"))


def hosts(cloud: Cloud, row: ZoneWithHosts) -> Mapping[str, Any]:
    """The hosts with their states, and the reasons of those that are disabled."""
    return {"hosts": [(item, host_state(item), item.reason) for item in row.services]}


PANEL: Panel[ZoneWithHosts] = Panel(
    slug="zones",
    title=gettext_lazy("Availability zones"),
    noun=gettext_lazy("availability zone"),
    nouns=gettext_lazy("availability zones"),
    group="admin",
    icon="map-pin",
    service=SERVICE,
    about=gettext_lazy("An availability zone is a part of the region that people choose at a launch."),
    rows=do.list_zones,
    row=do.get_zone,
    columns=(
        NAME,
        column("status", gettext_lazy("State"), state, cell="ui/cell/status.html", text=lambda row: str(state(row))),
        column("hosts", gettext_lazy("Hosts"), lambda row: list(row.hosts), cell="ui/cell/list.html", sort="count"),
    ),
    groups=(
        Group(
            label=gettext_lazy("Availability zone"),
            facts=(
                column("state", gettext_lazy("State"), state, cell="ui/cell/status.html"),
                column("hosts", gettext_lazy("Hosts"), lambda row: list(row.hosts), cell="ui/cell/list.html"),
            ),
        ),
    ),
    tabs=(Tab(slug="hosts", label=gettext_lazy("Hosts"), template="aggregates/hosts.html", load=hosts),),
    filters=(
        Filter(
            key="available",
            label=gettext_lazy("State"),
            choices=(("yes", gettext_lazy("Available")), ("no", gettext_lazy("Not available"))),
        ),
        Filter(key="host", label=gettext_lazy("A host")),
    ),
    lookup=do.ZONES,
    default_sort="name",
    id_pattern="[^/]+",
    roles=ADMIN,
)
