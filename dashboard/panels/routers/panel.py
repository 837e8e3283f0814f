"""Routers: what leads from one network to another and to the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.routers import LOOKUP, Router, get_router, get_router_json, list_routers, with_names
from dashboard.cloud.types import Term
from dashboard.panels.routers.actions import ACTIONS, create, create_cli
from dashboard.panels.routers.forms import CreateRouterForm
from dashboard.ui.columns import (
    ALL_PROJECTS,
    BOOL,
    CREATED,
    DESCRIPTION,
    ID,
    LINK,
    LIST,
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
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link


def gateway(router: Router) -> Link:
    """The external network that it leads to."""
    if not router.has_gateway:
        return Link(_("none"), is_muted=True)
    return Link(router.gateway_name or router.gateway_network_id[:8], "networks:detail", router.gateway_network_id)


def outside(router: Router) -> list[str]:
    """Its addresses outside."""
    return [address for _subnet, address in router.gateway_addresses]


def get_named(cloud: Cloud, id: str) -> Router:
    """One router with its interfaces, which are named by their networks."""
    return with_names(cloud, (get_router(cloud, id),))[0]


def interfaces(cloud: Cloud, router: Router) -> Mapping[str, Any]:
    """The interfaces with their states."""
    found = [(port, state(port.status, is_admin_up=port.is_admin_up)) for port in router.interfaces or ()]
    return {"interfaces": found, "can_change": cloud.has_role("member", "manager")}


GATEWAY = column("gateway", gettext_lazy("Leads to"), gateway, LINK)
OUTSIDE = column("outside", gettext_lazy("Address outside"), outside, "ui/cell/addresses.html")
DISTRIBUTED = column("distributed", gettext_lazy("Distributed"), "is_distributed", BOOL, is_optional=True)
HA = column("ha", gettext_lazy("Highly available"), "is_ha", BOOL, is_optional=True)
PANEL: Panel[Any] = Panel(
    slug="routers",
    title=gettext_lazy("Routers"),
    noun=gettext_lazy("router"),
    nouns=gettext_lazy("routers"),
    group="network",
    icon="router",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "router"),
    about=gettext_lazy(
        "A router leads from one network to another, and by its gateway to the outside. Servers with floating IPs are "
        "reached through it."
    ),
    rows=list_routers,
    row=get_named,
    raw=get_router_json,
    joined=with_names,
    columns=(
        NAME,
        column(
            "status",
            gettext_lazy("Status"),
            lambda router: state(router.status, is_admin_up=router.is_admin_up),
            STATUS,
            sort="status",
            text=lambda router: router.status,
        ),
        GATEWAY,
        OUTSIDE,
        column("routes", gettext_lazy("Static routes"), lambda router: len(router.routes), is_numeric=True),
        DISTRIBUTED,
        HA,
        column("tags", gettext_lazy("Tags"), lambda router: list(router.tags), TAGS, is_optional=True),
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(
            key="status", label=gettext_lazy("Status"), choices=tuple(c for c in STATE_CHOICES if c[0] != "BUILD")[:3]
        ),
        Filter(key="up", label=gettext_lazy("Switched on"), hint=gettext_lazy("yes or no")),
        Filter(key="tag", label=gettext_lazy("A tag")),
        ALL_PROJECTS,
    ),
    actions=ACTIONS,
    create=Create(label=gettext_lazy("Create router"), form=CreateRouterForm, run=create, cli=create_cli),
    groups=(
        Group(label=gettext_lazy("Router"), facts=(ID, DESCRIPTION, PROJECT, CREATED, UPDATED)),
        Group(
            label=gettext_lazy("Way out"),
            facts=(
                GATEWAY,
                OUTSIDE,
                column(
                    "snat",
                    gettext_lazy("Source NAT"),
                    lambda router: router.is_snat_enabled if router.has_gateway else None,
                    BOOL,
                ),
                column(
                    "qos",
                    gettext_lazy("QoS policy"),
                    lambda router: Link(
                        router.gateway_qos_policy_id[:8], "qos-policies:detail", router.gateway_qos_policy_id
                    ),
                    LINK,
                ),
            ),
        ),
        Group(
            label=gettext_lazy("How it works"),
            facts=(
                column(
                    "routes",
                    gettext_lazy("Static routes"),
                    lambda router: [f"{to} → {hop}" for to, hop in router.routes],
                    LIST,
                ),
                DISTRIBUTED,
                HA,
                column("zones", gettext_lazy("Availability zones"), lambda router: list(router.zones), LIST),
                column("tags", gettext_lazy("Tags"), lambda router: list(router.tags), TAGS),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="interfaces",
            label=gettext_lazy("Interfaces"),
            template="routers/interfaces.html",
            load=interfaces,
        ),
        Tab(
            slug="floating-ips",
            label=gettext_lazy("Floating IPs"),
            lists="floating-ips",
            terms=lambda router: (Term("router", router.id),),
        ),
        Tab(
            slug="agents",
            label=gettext_lazy("L3 agents"),
            lists="network-agents",
            terms=lambda router: (Term("router_id", router.id),),
        ),
    ),
    lookup=LOOKUP,
    default_sort="name",
)
