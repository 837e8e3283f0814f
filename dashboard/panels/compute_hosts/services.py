"""Compute services: Nova's processes, up or down, taking new servers or not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import compute_services as do
from dashboard.cloud.compute_services import SERVICE, ComputeService
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Term
from dashboard.panels.compute_hosts.actions import LEADS, service_actions
from dashboard.panels.compute_hosts.words import state
from dashboard.ui.actions import removal
from dashboard.ui.columns import ID, OPTIONAL_ID, column
from dashboard.ui.panel import ADMIN, Filter, Group, Panel, Tab

BOOL, COPY, TIME = "ui/cell/bool.html", "ui/cell/copy.html", "ui/cell/time.html"


def _delete(cloud: Cloud, row: ComputeService, data: Mapping[str, Any]) -> None:
    do.delete_service(cloud, id=row.id)


def _why_not_deleted(row: ComputeService) -> str:
    if row.is_up:
        return _("It answers. Stop it first, or it will register itself anew.")
    return ""


FACTS = (
    column("host", gettext_lazy("Host"), lambda row: row.host, sort="host"),
    column("zone", gettext_lazy("Zone"), lambda row: row.zone),
    column("enabled", gettext_lazy("Takes new servers"), lambda row: row.is_enabled, cell=BOOL),
    column("reason", gettext_lazy("Why it is disabled"), lambda row: row.reason),
    column("updated", gettext_lazy("Last heard of"), lambda row: row.updated, cell=TIME, sort="updated"),
)
PANEL: Panel[ComputeService] = Panel(
    slug="compute-services",
    title=gettext_lazy("Compute services"),
    noun=gettext_lazy("service"),
    nouns=gettext_lazy("services"),
    group="admin",
    icon="server-2",
    service=SERVICE,
    about=gettext_lazy(
        "Nova's processes: those that run servers (nova-compute), one a host, and those that say where they go."
    ),
    rows=do.list_services,
    row=do.get_service,
    raw=do.get_service_json,
    columns=(
        column("name", gettext_lazy("Service"), lambda row: row.binary, cell="ui/cell/name.html", sort="name"),
        column("status", gettext_lazy("State"), state, cell="ui/cell/status.html", text=lambda row: str(state(row))),
        *FACTS,
        OPTIONAL_ID,
    ),
    groups=(
        Group(
            label=gettext_lazy("Service"),
            facts=(
                *FACTS,
                column("forced", gettext_lazy("Forced down"), lambda row: row.is_forced_down, cell=BOOL),
                ID,
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="servers",
            label=gettext_lazy("Servers"),
            lists="all-servers",
            terms=lambda row: (Term("host", row.host),),
            is_offered=lambda cloud, row: row.is_compute,
        ),
    ),
    filters=(
        Filter(
            key="state",
            label=gettext_lazy("State"),
            choices=(("up", gettext_lazy("Up")), ("down", gettext_lazy("Down"))),
        ),
        Filter(
            key="enabled",
            label=gettext_lazy("Takes new servers"),
            choices=(("yes", gettext_lazy("Enabled")), ("no", gettext_lazy("Disabled"))),
        ),
        Filter(key="binary", label=gettext_lazy("A service's name")),
        Filter(key="host", label=gettext_lazy("A host")),
        Filter(key="zone", label=gettext_lazy("Zone")),
    ),
    actions=(
        *service_actions(lambda row: row.id),
        removal(
            run=_delete,
            says=lambda rows: (
                _(
                    "Nova forgets %(names)s. A compute service takes its host along, out of aggregates and Placement; "
                    "Nova refuses while servers are there."
                )
                % {"names": ", ".join(f"{row.binary} ({row.host})" for row in rows)}
            ),
            when=_why_not_deleted,
            roles=ADMIN,
            needs=do.CHANGED,
            cli=lambda row, data: ("openstack", "compute", "service", "delete", row.id),
        ),
    ),
    leads=LEADS,
    lookup=do.LOOKUP,
    default_sort="name",
    roles=ADMIN,
)
