"""Ports: who is on which network, by which addresses, and what may reach it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.ports import (
    Port,
    create_port,
    delete_port,
    find_ports,
    get_port,
    get_port_json,
    list_ports,
    update_port,
    with_names,
)
from dashboard.cloud.types import Term
from dashboard.live.names import own_server_names
from dashboard.panels.ports.forms import VNIC_TYPES, CreatePortForm, EditPortForm, create_body, edit_body
from dashboard.ui.actions import editing, removal
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
    STATE_CHOICES,
    STATUS,
    TAGS,
    TIME,
    UPDATED,
    column,
    state,
)
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Address, Link

OWNERS = {
    "dhcp": gettext_lazy("DHCP"),
    "floating-ip": gettext_lazy("Floating IP"),
    "subport": gettext_lazy("Trunk"),
}


def owner(port: Port) -> Link:
    """What has the port, as a link where it has a page."""
    if port.owner == "server":
        return Link(
            port.owner_name or _("Server %(id)s") % {"id": port.device_id[:8]}, "servers:detail", port.device_id
        )
    if port.owner == "router":
        return Link(
            port.owner_name or _("Router %(id)s") % {"id": port.device_id[:8]}, "routers:detail", port.device_id
        )
    if port.owner == "floating-ip":
        return Link(OWNERS["floating-ip"], "floating-ips:detail", port.device_id)
    if port.owner == "subport":
        return Link(OWNERS["subport"], "trunks:detail", port.device_id)
    if not port.owner:
        return Link(_("nobody"), is_muted=True)
    return Link(OWNERS.get(port.owner, port.device_owner))


def network(port: Port) -> Link:
    """The network that it is on."""
    return Link(port.network_name or port.network_id[:8], "networks:detail", port.network_id)


def groups(port: Port) -> list[Link]:
    """The security groups, as links."""
    return [Link(port.group_names.get(id) or id[:8], "security-groups:detail", id) for id in port.group_ids]


def create(cloud: Cloud, data: Mapping[str, Any]) -> Port:
    """Makes the port of the form."""
    return create_port(cloud, create_body(cloud, data))


def cli_words(data: Mapping[str, Any]) -> list[str]:
    """The options that creating and changing have both."""
    words: list[str] = []
    for key, option in (
        ("description", "--description"),
        ("mac_address", "--mac-address"),
        ("vnic_type", "--vnic-type"),
        ("dns_name", "--dns-name"),
        ("qos_policy_id", "--qos-policy"),
        ("host_id", "--host"),
    ):
        if data.get(key):
            words += [option, str(data[key])]
    for line in data.get("addresses") or ():
        words += ["--fixed-ip", f"subnet={line}" if "/" in line else f"ip-address={line}"]
    for group in data.get("group_ids") or ():
        words += ["--security-group", group]
    for address, mac in data.get("pairs") or ():
        words += ["--allowed-address", f"ip-address={address}" + (f",mac-address={mac}" if mac else "")]
    if data.get("is_port_security_enabled") is False:
        words.append("--disable-port-security")
    if data.get("is_admin_up") is False:
        words.append("--disable")
    return words


def create_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    return ("openstack", "port", "create", "--network", data["network_id"], *cli_words(data), data["name"] or "NAME")


def edit(cloud: Cloud, port: Port, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    update_port(cloud, port.id, edit_body(cloud, port, data))


def says_edit(ports: Sequence[Port]) -> str:
    """What changing it means for whoever has it."""
    port = ports[0]
    if port.owner == "server":
        return _("%(name)s is changed. The server on it notices new addresses when it asks DHCP again.") % {
            "name": port.name or port.id
        }
    return _("%(name)s is changed at once.") % {"name": port.name or port.id}


def says_delete(ports: Sequence[Port]) -> str:
    """What goes with it."""
    if len(ports) > 1:
        return _("These ports will be deleted. Servers that are on them lose these addresses. This can't be undone.")
    port = ports[0]
    words = {"name": port.name or port.id, "addresses": ", ".join(port.addresses) or _("none")}
    if port.owner == "server":
        return _(
            "The port %(name)s belongs to the server %(owner)s, which loses its addresses %(addresses)s. "
            "This can't be undone."
        ) % {**words, "owner": port.owner_name or port.device_id}
    if port.owner:
        return _("The port %(name)s belongs to %(owner)s and will be deleted. This can't be undone.") % {
            **words,
            "owner": port.device_owner,
        }
    return (
        _(
            "The port %(name)s, which nobody uses, will be deleted with its addresses %(addresses)s. "
            "This can't be undone."
        )
        % words
    )


def why_not_delete(port: Port) -> str:
    """Why Neutron would refuse."""
    if port.is_router_interface:
        return _("It is an interface of the router %(router)s: remove it there.") % {
            "router": port.owner_name or port.device_id[:8]
        }
    if port.owner == "router":
        return _("It belongs to the router %(router)s.") % {"router": port.owner_name or port.device_id[:8]}
    if port.owner == "floating-ip":
        return _("It belongs to a floating IP: release that.")
    if port.owner == "subport":
        return _("It is a subport of a trunk: remove it there.")
    if port.trunk_id:
        return _("It is the parent of a trunk: delete that first.")
    return ""


def delete(cloud: Cloud, port: Port, data: Mapping[str, Any]) -> None:
    """Deletes the port."""
    delete_port(cloud, port.id)


def get_named(cloud: Cloud, id: str) -> Port:
    """One port, with the name of what has it."""
    return with_names(cloud, (get_port(cloud, id),))[0]


def find(cloud: Cloud, text: str) -> list[tuple[str, str]]:
    """Ports by an address, each with whose it is: "10.0.0.7 · fa:16:3e:… · web-1"."""
    ports = with_names(cloud, find_ports(cloud, text), servers_of=own_server_names)
    found = [(port.id, (*port.addresses, port.mac_address, port.owner_name or port.name)) for port in ports]
    return [(id, " · ".join(part for part in parts if part)) for id, parts in found]


ADDRESSES = column(
    "addresses",
    gettext_lazy("Addresses"),
    lambda port: [Address(address, port.network_name) for address in port.addresses],
    "ui/cell/addresses.html",
)
MAC = column("mac", gettext_lazy("MAC address"), "mac_address", COPY, sort="mac")
NETWORK = column(
    "network_id", gettext_lazy("Network"), network, LINK, sort="network", text=lambda port: port.network_id
)
OWNER = column("device", gettext_lazy("Used by"), owner, LINK, sort="owner", text=lambda port: port.device_id)
PANEL: Panel[Any] = Panel(
    slug="ports",
    title=gettext_lazy("Ports"),
    noun=gettext_lazy("port"),
    nouns=gettext_lazy("ports"),
    group="network",
    icon="plug-connected",
    service="network",
    about=gettext_lazy(
        "A port is a place on a network, with addresses. Servers and routers have theirs; one made beforehand keeps "
        "its addresses until a server takes it."
    ),
    rows=list_ports,
    row=get_named,
    raw=get_port_json,
    joined=functools.partial(with_names, servers_of=own_server_names),
    find=find,
    columns=(
        NAME,
        column(
            "status",
            gettext_lazy("Status"),
            lambda port: state(port.status, is_admin_up=port.is_admin_up),
            STATUS,
            sort="status",
            text=lambda port: port.status,
        ),
        ADDRESSES,
        NETWORK,
        OWNER,
        MAC,
        column("created", gettext_lazy("Created"), cell=TIME, is_optional=True),
        column("vnic", gettext_lazy("Network card"), "vnic_type", is_optional=True),
        column("host", gettext_lazy("Host"), "host_id", is_optional=True),
        column("tags", gettext_lazy("Tags"), lambda port: list(port.tags), TAGS, is_optional=True),
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(key="status", label=gettext_lazy("Status"), choices=STATE_CHOICES[:4]),
        Filter(key="name", label=gettext_lazy("The whole name")),
        Filter(key="ip", label=gettext_lazy("Part of an address"), hint="ip:10.0.0."),
        Filter(key="mac", label=gettext_lazy("A MAC address")),
        Filter(key="network_id", label=gettext_lazy("A network's id")),
        Filter(key="subnet_id", label=gettext_lazy("A subnet's id")),
        Filter(key="device", label=gettext_lazy("A server's or router's id")),
        Filter(key="owner", label=gettext_lazy("What kind has it"), hint="owner:network:dhcp"),
        Filter(key="group", label=gettext_lazy("A security group's id")),
        Filter(key="host", label=gettext_lazy("A host"), hint=gettext_lazy("for administrators")),
        Filter(key="up", label=gettext_lazy("Switched on"), hint=gettext_lazy("yes or no")),
        Filter(key="tag", label=gettext_lazy("A tag")),
        ALL_PROJECTS,
    ),
    actions=(
        editing(
            run=edit,
            says=says_edit,
            form=EditPortForm,
            icon="edit",
            is_primary=True,
            cli=lambda port, data: ("openstack", "port", "set", *cli_words(data), port.id),
        ),
        removal(
            run=delete,
            says=says_delete,
            when=why_not_delete,
            cli=lambda port, data: ("openstack", "port", "delete", port.id),
        ),
    ),
    create=Create(label=gettext_lazy("Create port"), form=CreatePortForm, run=create, cli=create_cli),
    groups=(
        Group(
            label=gettext_lazy("Port"),
            facts=(ID, DESCRIPTION, NETWORK, OWNER, ADDRESSES, MAC, PROJECT, CREATED, UPDATED),
        ),
        Group(
            label=gettext_lazy("Security"),
            facts=(
                column("security", gettext_lazy("Port security"), "is_port_security_enabled", BOOL),
                column("groups", gettext_lazy("Security groups"), groups, LIST),
                column(
                    "pairs",
                    gettext_lazy("Allowed address pairs"),
                    lambda port: [f"{address} {mac}".strip() for address, mac in port.pairs],
                    LIST,
                ),
            ),
        ),
        Group(
            label=gettext_lazy("How it works"),
            facts=(
                column("vnic", gettext_lazy("Network card"), lambda p: dict(VNIC_TYPES).get(p.vnic_type, p.vnic_type)),
                column("host", gettext_lazy("Host"), "host_id"),
                column("vif", gettext_lazy("Bound as"), "vif_type"),
                column(
                    "qos",
                    gettext_lazy("QoS policy"),
                    lambda port: Link(port.qos_policy_id[:8], "qos-policies:detail", port.qos_policy_id),
                    LINK,
                ),
                column("dns", gettext_lazy("DNS names"), lambda port: list(port.fqdns), LIST),
                column(
                    "trunk",
                    gettext_lazy("Trunk"),
                    lambda port: Link(port.trunk_id[:8], "trunks:detail", port.trunk_id),
                    LINK,
                ),
                column("tags", gettext_lazy("Tags"), lambda port: list(port.tags), TAGS),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="floating-ips",
            label=gettext_lazy("Floating IPs"),
            lists="floating-ips",
            terms=lambda port: (Term("port", port.id),),
        ),
    ),
    default_sort="name",
)
