"""What can be done to networks and subnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import neutron, subnets
from dashboard.cloud.connection import Cloud
from dashboard.cloud.networks import Network, Subnet, create_network, delete_network, update_network
from dashboard.panels.networks.network_forms import EditNetworkForm, edit_body, first_subnet, network_body
from dashboard.panels.networks.subnet_forms import EditSubnetForm, subnet_body
from dashboard.ui.actions import deletion, editing
from dashboard.ui.panel import Action


def create(cloud: Cloud, data: Mapping[str, Any]) -> Network:
    """Makes the network of the form, with its subnet."""
    return create_network(cloud, network_body(data), first_subnet(data))


def create_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command for the network; its subnet takes one of its own."""
    words = ["openstack", "network", "create"]
    for key, option in (("description", "--description"), ("mtu", "--mtu"), ("dns_domain", "--dns-domain")):
        if data.get(key):
            words += [option, str(data[key])]
    if data.get("qos_policy_id"):
        words += ["--qos-policy", data["qos_policy_id"]]
    for zone in data.get("zone_hints") or ():
        words += ["--availability-zone-hint", zone]
    words += ["--share"] if data.get("is_shared") else []
    words += ["--external"] if data.get("is_external") else []
    words += ["--disable"] if not data.get("is_admin_up") else []
    words += ["--disable-port-security"] if data.get("is_port_security_enabled") is False else []
    for key, option in (
        ("provider_type", "--provider-network-type"),
        ("physical_network", "--provider-physical-network"),
        ("segmentation_id", "--provider-segment"),
    ):
        if data.get(key):
            words += [option, str(data[key])]
    return (*words, data.get("name") or "NAME")


def edit(cloud: Cloud, network: Network, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    update_network(cloud, network.id, edit_body(network, data))


def edit_cli(network: Network, data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "network", "set"]
    for key, value in edit_body(network, data).items():
        match key, value:
            case "admin_state_up", _up:
                words.append("--enable" if value else "--disable")
            case "port_security_enabled", _on:
                words.append("--enable-port-security" if value else "--disable-port-security")
            case "shared", _shared:
                words.append("--share" if value else "--no-share")
            case "router:external", _external:
                words.append("--external" if value else "--internal")
            case "is_default", _default:
                words.append("--default" if value else "--no-default")
            case "qos_policy_id", None:
                words.append("--no-qos-policy")
            case _other, _any:
                words += [f"--{key.removesuffix('_id').replace('_', '-')}", str(value)]
    return (*words, network.id)


def says_edit(rows: Sequence[Any]) -> str:
    """What changing it means."""
    return _("%(name)s is changed at once.") % {"name": rows[0].name or rows[0].id}


def why_not_own(network: Network) -> str:
    """Why it is not this project's to change."""
    return "" if network.is_changeable else _("It belongs to another project.")


EDIT: Action[Network] = editing(
    run=edit,
    says=says_edit,
    when=why_not_own,
    form=EditNetworkForm,
    icon="edit",
    is_primary=True,
    cli=edit_cli,
)
DELETE = deletion(
    lambda cloud, network: delete_network(cloud, network.id),
    gettext_lazy(
        "The network %(name)s will be deleted with its subnets. That takes that no server or router is on it. "
        "This can't be undone."
    ),
    gettext_lazy(
        "These networks will be deleted with their subnets, where no server or router is on them. This can't be undone."
    ),
    when=why_not_own,
    command=("network", "delete"),
)

SUBNET_ATTRIBUTES = {"name": "name", "description": "description", "is_dhcp_enabled": "enable_dhcp"}


def create_subnet(cloud: Cloud, data: Mapping[str, Any]) -> Subnet:
    """Makes the subnet of the form."""
    return subnets.create_subnet(cloud, {**subnet_body(data, name=data["name"]), "network_id": data["network_id"]})


def create_subnet_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    body = subnet_body(data, name=data.get("name") or "")
    words = ["openstack", "subnet", "create", "--network", data["network_id"], "--ip-version", str(body["ip_version"])]
    for key, option in (
        ("cidr", "--subnet-range"),
        ("subnetpool_id", "--subnet-pool"),
        ("prefixlen", "--prefix-length"),
        ("description", "--description"),
        ("ipv6_ra_mode", "--ipv6-ra-mode"),
        ("ipv6_address_mode", "--ipv6-address-mode"),
    ):
        if body.get(key):
            words += [option, str(body[key])]
    if "gateway_ip" in body:
        words += ["--gateway", body["gateway_ip"] or "none"]
    words.append("--dhcp" if body["enable_dhcp"] else "--no-dhcp")
    for server in body.get("dns_nameservers", ()):
        words += ["--dns-nameserver", server]
    for pool in body.get("allocation_pools", ()):
        words += ["--allocation-pool", f"start={pool['start']},end={pool['end']}"]
    for route in body.get("host_routes", ()):
        words += ["--host-route", f"destination={route['destination']},gateway={route['nexthop']}"]
    for kind in body.get("service_types", ()):
        words += ["--service-type", kind]
    return (*words, data.get("name") or "NAME")


def edit_subnet_body(subnet: Subnet, data: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the subnet as it is."""
    body = neutron.changed(subnet, data, SUBNET_ATTRIBUTES)
    if "gateway" in data and data["gateway"] != subnet.gateway:
        body["gateway_ip"] = data["gateway"] or None
    for key, attribute in (("dns_nameservers", "dns_nameservers"), ("service_types", "service_types")):
        if key in data and tuple(data[key]) != getattr(subnet, key):
            body[attribute] = list(data[key])
    if "pools" in data and tuple(data["pools"]) != subnet.pools:
        body["allocation_pools"] = [{"start": first, "end": last} for first, last in data["pools"]]
    if "routes" in data and tuple(data["routes"]) != subnet.routes:
        body["host_routes"] = [{"destination": to, "nexthop": hop} for to, hop in data["routes"]]
    return body


def edit_subnet(cloud: Cloud, subnet: Subnet, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    subnets.update_subnet(cloud, subnet.id, edit_subnet_body(subnet, data))


def says_edit_subnet(rows: Sequence[Subnet]) -> str:
    """What changing it means for the servers on it."""
    name = rows[0].name or rows[0].cidr
    return _("%(name)s is changed; servers learn of it when they ask DHCP again.") % {"name": name}


SUBNET_EDIT: Action[Subnet] = editing(
    run=edit_subnet,
    says=lambda rows: (
        _("%(name)s is changed; servers learn of it when they ask DHCP again.") % {"name": rows[0].name or rows[0].cidr}
    ),
    form=EditSubnetForm,
    icon="edit",
    is_primary=True,
)
SUBNET_DELETE = deletion(
    lambda cloud, subnet: subnets.delete_subnet(cloud, subnet.id),
    gettext_lazy(
        "The subnet %(name)s will be deleted. That takes that no port has an address of it. This can't be undone."
    ),
    gettext_lazy("These subnets will be deleted, where no port has an address of theirs. This can't be undone."),
    command=("subnet", "delete"),
)
