"""Networks: what servers are connected by, with their subnets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from dashboard.cloud.networks import LOOKUP, Network, get_network, get_network_json, list_networks
from dashboard.cloud.types import Term
from dashboard.panels.networks.actions import DELETE, EDIT, create, create_cli
from dashboard.panels.networks.network_forms import CreateNetworkForm
from dashboard.ui.columns import ALL_PROJECTS, LINK, OPTIONAL_PROJECT, column
from dashboard.ui.panel import Column, Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link, Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "ACTIVE": (gettext_lazy("Active"), "ok"),
    "BUILD": (gettext_lazy("Building"), "busy"),
    "DOWN": (gettext_lazy("Down"), "off"),
    "ERROR": (gettext_lazy("Error"), "bad"),
}
KINDS: dict[str, StrOrPromise] = {
    "own": gettext_lazy("This project's"),
    "shared": gettext_lazy("Shared"),
    "external": gettext_lazy("External"),
}


def status(network: Network) -> Status:
    """A network's state in words, with the administrator's switch."""
    label, tone = STATUSES.get(network.status, (network.status, "unknown"))
    if not network.is_admin_up:
        return Status(label, "off", gettext_lazy("switched off"))
    return Status(label, tone)


def provider(network: Network) -> list[str]:
    """The provider attributes, segment by segment; administrators alone are told them."""
    segments = network.segments or ((network.provider,) if network.provider else ())
    return [", ".join(f"{key} = {value}" for key, value in sorted(segment.items())) for segment in segments]


def on_it(network: Network) -> tuple[Term, ...]:
    """What narrows other lists to this network."""
    return (Term("network_id", network.id),)


KIND: Column[Network] = Column(
    key="kind", label=gettext_lazy("Kind"), value=lambda network: KINDS[network.kind], sort="kind"
)

PANEL: Panel[Network] = Panel(
    slug="networks",
    title=gettext_lazy("Networks"),
    noun=gettext_lazy("network"),
    nouns=gettext_lazy("networks"),
    group="network",
    icon="network",
    service="network",
    about=gettext_lazy(
        "A network connects servers with each other; its subnets are the ranges of addresses that they get theirs from."
    ),
    rows=list_networks,
    row=get_network,
    raw=get_network_json,
    columns=(
        Column(
            key="name",
            label=gettext_lazy("Name"),
            value=lambda network: network.name,
            cell="ui/cell/name.html",
            sort="name",
        ),
        Column(key="status", label=gettext_lazy("Status"), value=status, cell="ui/cell/status.html", sort="status"),
        Column(
            key="subnets",
            label=gettext_lazy("Subnets"),
            value=lambda network: (
                [f"{subnet.name} {subnet.cidr}".strip() for subnet in network.subnets] or list(network.subnet_ids)
            ),
            cell="ui/cell/list.html",
        ),
        KIND,
        Column(
            key="created",
            label=gettext_lazy("Created"),
            value=lambda network: network.created,
            cell="ui/cell/time.html",
            sort="created",
        ),
        Column(
            key="mtu",
            label=gettext_lazy("MTU"),
            value=lambda network: network.mtu or None,
            sort="mtu",
            is_numeric=True,
            is_optional=True,
        ),
        Column(
            key="tags",
            label=gettext_lazy("Tags"),
            value=lambda network: list(network.tags),
            cell="ui/cell/tags.html",
            is_optional=True,
        ),
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(
            key="status",
            label=gettext_lazy("Status"),
            choices=tuple((key, label) for key, (label, _tone) in STATUSES.items()),
        ),
        Filter(key="kind", label=gettext_lazy("Kind"), choices=tuple(KINDS.items())),
        Filter(key="subnet", label=gettext_lazy("Subnet"), hint="subnet:192.168.10.0/24"),
        Filter(key="tag", label=gettext_lazy("Tag"), hint="tag:production"),
        ALL_PROJECTS,
    ),
    groups=(
        Group(
            label=gettext_lazy("Network"),
            facts=(
                Column(key="id", label=gettext_lazy("ID"), value=lambda n: n.id, cell="ui/cell/copy.html"),
                Column(key="description", label=gettext_lazy("Description"), value=lambda n: n.description),
                KIND,
                Column(
                    key="owner", label=gettext_lazy("Project"), value=lambda n: n.project_id, cell="ui/cell/copy.html"
                ),
                Column(
                    key="created", label=gettext_lazy("Created"), value=lambda n: n.created, cell="ui/cell/time.html"
                ),
                Column(
                    key="updated", label=gettext_lazy("Updated"), value=lambda n: n.updated, cell="ui/cell/time.html"
                ),
                Column(
                    key="tags",
                    label=gettext_lazy("Tags"),
                    value=lambda n: list(n.tags),
                    cell="ui/cell/tags.html",
                ),
            ),
        ),
        Group(
            label=gettext_lazy("How it works"),
            facts=(
                Column(key="mtu", label=gettext_lazy("MTU"), value=lambda n: n.mtu or None),
                Column(
                    key="port_security",
                    label=gettext_lazy("Port security"),
                    value=lambda n: n.is_port_security_enabled,
                    cell="ui/cell/bool.html",
                ),
                Column(key="dns_domain", label=gettext_lazy("DNS domain"), value=lambda n: n.dns_domain),
                Column(
                    key="zones",
                    label=gettext_lazy("Availability zones"),
                    value=lambda n: list(n.availability_zones),
                    cell="ui/cell/list.html",
                ),
                column(
                    "qos",
                    gettext_lazy("QoS policy"),
                    lambda n: Link(n.qos_policy_id[:8], "qos-policies:detail", n.qos_policy_id),
                    LINK,
                ),
                Column(
                    key="provider",
                    label=gettext_lazy("Provider network"),
                    value=provider,
                    cell="ui/cell/list.html",
                ),
            ),
        ),
    ),
    tabs=(
        Tab(slug="subnets", label=gettext_lazy("Subnets"), lists="subnets", terms=on_it),
        Tab(slug="ports", label=gettext_lazy("Ports"), lists="ports", terms=on_it),
        Tab(
            slug="sharing",
            label=gettext_lazy("Sharing"),
            lists="network-sharing",
            terms=lambda network: (Term("object", network.id), Term("type", "network")),
            is_offered=lambda cloud, network: network.is_changeable,
        ),
        Tab(
            slug="agents",
            label=gettext_lazy("DHCP agents"),
            lists="network-agents",
            terms=lambda network: (Term("network_id", network.id),),
        ),
    ),
    actions=(EDIT, DELETE),
    create=Create(label=gettext_lazy("Create network"), form=CreateNetworkForm, run=create, cli=create_cli),
    also=(Create(label=gettext_lazy("Network with internet"), url_name="connected-network:index"),),
    lookup=LOOKUP,
    default_sort="name",
)
