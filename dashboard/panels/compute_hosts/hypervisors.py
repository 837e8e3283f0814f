"""Hypervisors: the machines that servers run on, how much of each is given out, and who is there."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.cloud import hypervisors as do
from dashboard.cloud import placement, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.hypervisors import SERVICE, Hypervisor
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.placement import Room
from dashboard.cloud.types import Term
from dashboard.live import cache
from dashboard.panels.compute_hosts.actions import LEADS, service_actions
from dashboard.panels.compute_hosts.moving import move
from dashboard.panels.compute_hosts.providers import facts
from dashboard.panels.compute_hosts.words import state, use, use_text
from dashboard.ui.columns import ID, NAME, OPTIONAL_ID, column
from dashboard.ui.panel import ADMIN, Column, Filter, Group, Panel, Tab

ROOM_SECONDS = 20
BOOL, COPY = "ui/cell/bool.html", "ui/cell/copy.html"


def joined(cloud: Cloud, rows: Sequence[Hypervisor]) -> Sequence[Hypervisor]:
    """The hypervisors with their room as Placement has it; what can't be had is left out."""
    if not rows or not placement.offered(cloud):
        return rows
    try:
        known: Mapping[str, Any] = cache.cached(cloud, "provider-rooms", ROOM_SECONDS, lambda: placement.rooms(cloud))
    except CloudError:
        # One that is full, or has no memory to give out, is asked for by itself; not when Placement is away.
        return rows
    missing = [row.id for row in rows if row.id not in known]
    calls = [functools.partial(_room, cloud, id) for id in missing]
    asked = {id: outcome.or_else({}) for id, outcome in zip(missing, in_turn(calls, seconds=4), strict=True)}
    rooms = {**known, **asked}
    return [
        replace(row, rooms={name: Room(*pair) for name, pair in wire.mapping(rooms.get(row.id)).items()})
        for row in rows
    ]


def _room(cloud: Cloud, id: str) -> Mapping[str, Any]:
    return cache.cached(cloud, f"provider-room:{id}", ROOM_SECONDS, lambda: placement.room_of(cloud, id))


def room(key: str, label: Any, name: str) -> Column[Hypervisor]:
    """How much of a class of resource is given out."""
    return column(
        key,
        label,
        lambda row: use(name, row.rooms.get(name)),
        cell="compute_hosts/meter.html",
        text=lambda row: use_text(use(name, row.rooms.get(name))),
    )


ROOMS = (
    room("vcpus", gettext_lazy("vCPUs"), "VCPU"),
    room("ram", gettext_lazy("RAM"), "MEMORY_MB"),
    room("disk", gettext_lazy("Disk"), "DISK_GB"),
)
REASON = column("reason", gettext_lazy("Why it is disabled"), lambda row: row.reason)
ZONE = column("zone", gettext_lazy("Zone"), lambda row: row.zone, sort="zone")
KIND = column("kind", gettext_lazy("Type"), lambda row: f"{row.kind} {row.version}".strip())
ADDRESS = column("address", gettext_lazy("Address"), lambda row: row.address)
HOST = column("host", gettext_lazy("Host"), lambda row: row.host, sort="host")
UPTIME = column("uptime", gettext_lazy("Uptime"), lambda row: row.uptime)
PANEL: Panel[Hypervisor] = Panel(
    slug="hypervisors",
    title=gettext_lazy("Hypervisors"),
    noun=gettext_lazy("hypervisor"),
    nouns=gettext_lazy("hypervisors"),
    group="admin",
    icon="cpu",
    service=SERVICE,
    about=gettext_lazy("A hypervisor is a machine that servers run on. None has registered itself in this region."),
    rows=do.list_hypervisors,
    row=do.get_hypervisor,
    raw=do.get_hypervisor_json,
    joined=joined,
    columns=(
        NAME,
        column("status", gettext_lazy("State"), state, cell="ui/cell/status.html", text=lambda row: str(state(row))),
        REASON,
        ZONE,
        *ROOMS,
        column("servers", gettext_lazy("Servers"), lambda row: row.host, cell="compute_hosts/servers.html"),
        replace(KIND, is_optional=True),
        replace(ADDRESS, is_optional=True),
        replace(HOST, is_optional=True),
        OPTIONAL_ID,
    ),
    groups=(
        Group(
            label=gettext_lazy("Hypervisor"),
            facts=(
                ID,
                HOST,
                ADDRESS,
                KIND,
                UPTIME,
                ZONE,
            ),
        ),
        Group(
            label=gettext_lazy("Service"),
            facts=(
                column("state", gettext_lazy("State"), state, cell="ui/cell/status.html"),
                column("enabled", gettext_lazy("Takes new servers"), lambda row: row.is_enabled, cell=BOOL),
                REASON,
                column("forced", gettext_lazy("Forced down"), lambda row: row.is_forced_down, cell=BOOL),
            ),
        ),
        Group(label=gettext_lazy("Given out"), facts=ROOMS),
    ),
    tabs=(
        Tab(
            slug="placement",
            label=gettext_lazy("Placement"),
            template="compute_hosts/placement.html",
            load=facts,
            is_offered=lambda cloud, row: placement.offered(cloud),
        ),
        Tab(
            slug="servers",
            label=gettext_lazy("Servers"),
            lists="all-servers",
            terms=lambda row: (Term("host", row.host),),
        ),
        Tab(
            slug="migrations",
            label=gettext_lazy("Migrations"),
            lists="migrations",
            terms=lambda row: (Term("host", row.host),),
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
        Filter(key="zone", label=gettext_lazy("Zone")),
        Filter(key="host", label=gettext_lazy("A host")),
        Filter(key="kind", label=gettext_lazy("Type")),
    ),
    actions=service_actions(lambda row: row.service_id),
    leads=LEADS,
    lookup=do.LOOKUP,
    default_sort="name",
    roles=ADMIN,
    extra_urls=(path("move/", move, name="move"),),
)
