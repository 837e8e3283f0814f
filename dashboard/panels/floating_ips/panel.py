"""Floating IPs: addresses of the outside, where they lead, and the ports that they forward."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.floating_ips import (
    LOOKUP,
    FloatingIp,
    get_floating_ip,
    get_floating_ip_json,
    list_floating_ips,
    list_forwardings,
    with_names,
)
from dashboard.live.names import own_server_names
from dashboard.panels.floating_ips.actions import ACTIONS, allocate, allocate_cli
from dashboard.panels.floating_ips.forms import AllocateForm
from dashboard.ui.columns import (
    ALL_PROJECTS,
    CREATED,
    DESCRIPTION,
    ID,
    LINK,
    OPTIONAL_PROJECT,
    PROJECT,
    STATE_CHOICES,
    STATUS,
    TAGS,
    TIME,
    UPDATED,
    column,
    state,
)
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link

USES = (
    ("associated", gettext_lazy("Leads somewhere")),
    ("forwarding", gettext_lazy("Forwards ports")),
    ("free", gettext_lazy("Unused")),
)


def target(ip: FloatingIp) -> Link:
    """Where it leads."""
    if not ip.is_associated:
        words = _("%(n)d ports forwarded") % {"n": ip.forwardings} if ip.forwardings else _("nowhere")
        return Link(words, is_muted=True)
    if ip.is_server:
        name = ip.names.get(ip.device_id) or _("Server %(id)s") % {"id": ip.device_id[:8]}
        return Link(name, "servers:detail", ip.device_id)
    return Link(ip.port_name or _("Port %(id)s") % {"id": ip.port_id[:8]}, "ports:detail", ip.port_id)


def linked(url_name: str, attribute: str) -> Any:
    """A link to what the attribute holds the id of."""

    def link(ip: FloatingIp) -> Link:
        id = getattr(ip, attribute)
        return Link(ip.names.get(id) or id[:8], url_name, id)

    return link


def forwardings(cloud: Cloud, ip: FloatingIp) -> Mapping[str, Any]:
    """The ports that it forwards, with what they lead to."""
    found = list_forwardings(cloud, ip.id)
    return {"forwardings": found, "can_change": cloud.has_role("member", "manager")}


NETWORK = column("network", gettext_lazy("Network"), linked("networks:detail", "network_id"), LINK)
ROUTER = column("router", gettext_lazy("Router"), linked("routers:detail", "router_id"), LINK)
TARGET = column("target", gettext_lazy("Leads to"), target, LINK, text=lambda ip: ip.port_id)
FIXED = column("fixed", gettext_lazy("Address within"), "fixed_address", sort="fixed")
PANEL: Panel[Any] = Panel(
    slug="floating-ips",
    title=gettext_lazy("Floating IPs"),
    noun=gettext_lazy("floating IP"),
    nouns=gettext_lazy("floating IPs"),
    group="network",
    icon="map-pin",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "router"),
    about=gettext_lazy(
        "A floating IP is an address of the outside that leads to a server, and can be led to another one later."
    ),
    rows=list_floating_ips,
    row=get_floating_ip,
    raw=get_floating_ip_json,
    joined=functools.partial(with_names, servers_of=own_server_names),
    columns=(
        column("name", gettext_lazy("Address"), "address", "ui/cell/name.html", sort="address"),
        column(
            "status",
            gettext_lazy("Status"),
            lambda ip: state(ip.status),
            STATUS,
            sort="status",
            text=lambda ip: ip.status,
        ),
        TARGET,
        FIXED,
        NETWORK,
        ROUTER,
        DESCRIPTION,
        column("created", gettext_lazy("Created"), cell=TIME, is_optional=True),
        column("dns", gettext_lazy("DNS name"), "dns_name", is_optional=True),
        column("tags", gettext_lazy("Tags"), lambda ip: list(ip.tags), TAGS, is_optional=True),
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(key="use", label=gettext_lazy("Use"), choices=USES),
        Filter(
            key="status",
            label=gettext_lazy("Status"),
            choices=tuple(choice for choice in STATE_CHOICES if choice[0] in {"ACTIVE", "DOWN", "ERROR"}),
        ),
        Filter(key="network", label=gettext_lazy("An external network's id")),
        Filter(key="router", label=gettext_lazy("A router's id")),
        Filter(key="port", label=gettext_lazy("A port's id")),
        Filter(key="tag", label=gettext_lazy("A tag")),
        ALL_PROJECTS,
    ),
    actions=ACTIONS,
    create=Create(label=gettext_lazy("Allocate floating IP"), form=AllocateForm, run=allocate, cli=allocate_cli),
    groups=(
        Group(
            label=gettext_lazy("Floating IP"),
            facts=(ID, DESCRIPTION, NETWORK, PROJECT, CREATED, UPDATED),
        ),
        Group(
            label=gettext_lazy("Where it leads"),
            facts=(
                TARGET,
                column("port", gettext_lazy("Port"), lambda ip: Link(ip.port_id[:8], "ports:detail", ip.port_id), LINK),
                FIXED,
                ROUTER,
                column("dns", gettext_lazy("DNS name"), lambda ip: f"{ip.dns_name}.{ip.dns_domain}".strip(".")),
                column(
                    "qos",
                    gettext_lazy("QoS policy"),
                    lambda ip: Link(ip.qos_policy_id[:8], "qos-policies:detail", ip.qos_policy_id),
                    LINK,
                ),
                column("tags", gettext_lazy("Tags"), lambda ip: list(ip.tags), TAGS),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="forwardings",
            label=gettext_lazy("Port forwarding"),
            template="floating_ips/forwardings.html",
            load=forwardings,
            is_offered=lambda cloud, ip: extensions.has(cloud, "floating-ip-port-forwarding"),
        ),
    ),
    lookup=LOOKUP,
    default_sort="address",
)
