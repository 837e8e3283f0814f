"""Subnets: the ranges of addresses on a network, reached from the network."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.networks import Subnet
from dashboard.cloud.subnets import get_subnet, get_subnet_json, list_subnets, with_usage
from dashboard.cloud.types import Term
from dashboard.panels.networks.actions import SUBNET_DELETE, SUBNET_EDIT, create_subnet, create_subnet_cli
from dashboard.panels.networks.subnet_forms import MODES, CreateSubnetForm
from dashboard.ui.columns import (
    ALL_PROJECTS,
    BOOL,
    COPY,
    CREATED,
    DESCRIPTION,
    ID,
    LINK,
    LIST,
    NAME,
    OPTIONAL_PROJECT,
    PROJECT,
    TAGS,
    UPDATED,
    VERSIONS,
    column,
)
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link


def pools(subnet: Subnet) -> list[str]:
    """The ranges that addresses are given from."""
    return [f"{first} – {last}" for first, last in subnet.pools]


def usage(subnet: Subnet) -> str:
    """How many addresses are taken, of how many."""
    if subnet.used is None:
        return ""
    if subnet.ip_version == 6:
        return _("%(used)d taken") % {"used": subnet.used}
    return _("%(used)d of %(total)d taken, %(free)d free") % {
        "used": subnet.used,
        "total": subnet.total or 0,
        "free": subnet.free or 0,
    }


def network(subnet: Subnet) -> Link:
    """The network that it is on."""
    return Link(subnet.network_name or subnet.network_id[:8], "networks:detail", subnet.network_id)


def mode(value: str) -> str:
    """An IPv6 mode in words."""
    return str(dict(MODES).get(value, value)) if value else ""


CIDR = column("cidr", gettext_lazy("Range"), cell=COPY, sort="cidr")
GATEWAY = column("gateway", gettext_lazy("Gateway"), cell=COPY)
DHCP = column("dhcp", gettext_lazy("DHCP"), "is_dhcp_enabled", BOOL)
POOLS = column("pools", gettext_lazy("Given out"), pools, LIST)
DNS = column("dns", gettext_lazy("Name servers"), lambda subnet: list(subnet.dns_nameservers), LIST)
NETWORK = column("network_id", gettext_lazy("Network"), network, LINK, text=lambda subnet: subnet.network_id)
USAGE = column("usage", gettext_lazy("Addresses"), usage)
PANEL: Panel[Any] = Panel(
    slug="subnets",
    title=gettext_lazy("Subnets"),
    noun=gettext_lazy("subnet"),
    nouns=gettext_lazy("subnets"),
    group="network",
    icon="ruler-2",
    service="network",
    parent="networks",
    is_in_menu=False,
    about=gettext_lazy("A subnet is a range of addresses on a network; ports get theirs from it."),
    rows=list_subnets,
    row=get_subnet,
    raw=get_subnet_json,
    joined=with_usage,
    columns=(
        NAME,
        CIDR,
        NETWORK,
        GATEWAY,
        DHCP,
        USAGE,
        POOLS,
        DNS,
        column("version", gettext_lazy("IP version"), "ip_version", sort="version", is_optional=True),
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(key="version", label=gettext_lazy("IP version"), choices=VERSIONS),
        Filter(key="network_id", label=gettext_lazy("A network's id")),
        Filter(key="cidr", label=gettext_lazy("The whole range"), hint="cidr:192.168.1.0/24"),
        Filter(key="dhcp", label=gettext_lazy("DHCP"), hint=gettext_lazy("yes or no")),
        Filter(key="pool", label=gettext_lazy("A subnet pool's id")),
        Filter(key="tag", label=gettext_lazy("A tag")),
        ALL_PROJECTS,
    ),
    actions=(SUBNET_EDIT, SUBNET_DELETE),
    create=Create(label=gettext_lazy("Create subnet"), form=CreateSubnetForm, run=create_subnet, cli=create_subnet_cli),
    groups=(
        Group(
            label=gettext_lazy("Subnet"),
            facts=(ID, DESCRIPTION, NETWORK, CIDR, GATEWAY, USAGE, PROJECT, CREATED, UPDATED),
        ),
        Group(
            label=gettext_lazy("Addresses"),
            facts=(
                DHCP,
                POOLS,
                DNS,
                column(
                    "routes",
                    gettext_lazy("Routes for servers"),
                    lambda subnet: [f"{to} → {hop}" for to, hop in subnet.routes],
                    LIST,
                ),
                column("address_mode", gettext_lazy("IPv6 addresses"), lambda subnet: mode(subnet.address_mode)),
                column("ra_mode", gettext_lazy("Router advertisements"), lambda subnet: mode(subnet.ra_mode)),
                column(
                    "pool",
                    gettext_lazy("Subnet pool"),
                    lambda subnet: Link(subnet.pool_id[:8], "subnet-pools:detail", subnet.pool_id),
                    LINK,
                ),
                column("types", gettext_lazy("Service types"), lambda subnet: list(subnet.service_types), LIST),
                column("segment", gettext_lazy("Segment"), "segment_id", COPY),
                column("tags", gettext_lazy("Tags"), lambda subnet: list(subnet.tags), TAGS),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="ports",
            label=gettext_lazy("Ports"),
            lists="ports",
            terms=lambda subnet: (Term("subnet_id", subnet.id),),
        ),
    ),
    default_sort="name",
)
