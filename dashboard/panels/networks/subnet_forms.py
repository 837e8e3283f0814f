"""The forms for a subnet: alone, or together with its new network."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import subnet_pools
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.ui.forms import answered
from dashboard.ui.netfields import (
    AddressesField,
    AddressField,
    LinesField,
    PairsField,
    RangeField,
    address_of,
    choices,
    range_of,
)
from dashboard.ui.sections import Sectioned

MODES = (
    ("", gettext_lazy("Not by OpenStack")),
    ("slaac", gettext_lazy("SLAAC: servers make their own addresses")),
    ("dhcpv6-stateful", gettext_lazy("DHCPv6 stateful: addresses and options by DHCP")),
    ("dhcpv6-stateless", gettext_lazy("DHCPv6 stateless: own addresses, options by DHCP")),
)


class SubnetFields(Sectioned):
    """What every form for a new subnet asks."""

    version = forms.ChoiceField(
        label=gettext_lazy("IP version"), choices=(("4", "IPv4"), ("6", "IPv6")), initial="4", required=False
    )
    pool = forms.ChoiceField(
        label=gettext_lazy("Take the range from"),
        required=False,
        help_text=gettext_lazy("A subnet pool, or typed here"),
    )
    cidr = RangeField(
        label=gettext_lazy("Range of addresses"),
        required=False,
        help_text=gettext_lazy("As in 192.168.1.0/24 or 2001:db8::/64"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "192.168.1.0/24"}),
    )
    prefix_length = forms.IntegerField(
        label=gettext_lazy("Prefix length"),
        required=False,
        min_value=1,
        max_value=128,
        help_text=gettext_lazy("With a subnet pool: how large a part of it; the pool's own default if empty"),
    )
    gateway = AddressField(
        label=gettext_lazy("Gateway"), required=False, help_text=gettext_lazy("The range's first address if empty")
    )
    has_no_gateway = forms.BooleanField(label=gettext_lazy("No gateway: nothing leads out"), required=False)
    is_dhcp_enabled = forms.BooleanField(label=gettext_lazy("Give addresses out by DHCP"), required=False, initial=True)
    address_mode = forms.ChoiceField(
        label=gettext_lazy("IPv6 addresses"), choices=MODES, required=False, help_text=gettext_lazy("For IPv6 alone")
    )
    ra_mode = forms.ChoiceField(
        label=gettext_lazy("Router advertisements"),
        choices=MODES,
        required=False,
        help_text=gettext_lazy("Normally the same as above"),
    )
    pools = PairsField(
        label=gettext_lazy("Addresses to give out"),
        first=address_of,
        second=address_of,
        help_text=gettext_lazy("First and last, one pair per line; all of the range if empty"),
    )
    dns_nameservers = AddressesField(label=gettext_lazy("Name servers"), help_text=gettext_lazy("One per line"))
    routes = PairsField(
        label=gettext_lazy("Routes for servers"),
        first=range_of,
        second=address_of,
        help_text=gettext_lazy("Destination and next hop, one pair per line: 10.1.0.0/16 192.168.1.254"),
    )
    service_types = LinesField(
        label=gettext_lazy("Service types"),
        help_text=gettext_lazy("Only ports of these owners take addresses here, e.g. compute:nova; one per line"),
    )

    BASIC = ("cidr", "gateway", "is_dhcp_enabled")
    DETAILS = (
        "pool",
        "version",
        "prefix_length",
        "has_no_gateway",
        "address_mode",
        "ra_mode",
        "pools",
        "dns_nameservers",
        "routes",
        "service_types",
    )

    def prepare(self, cloud: Cloud) -> None:
        """Offers what this cloud has."""
        self.keep(extensions.offered(cloud, "subnet-service-types"), "service_types")
        if extensions.offered(cloud, "subnet_allocation"):
            pools = later(lambda: subnet_pools.list_all_pools(cloud)).or_else(())
            self.choose("pool", choices(pools, empty=_("No pool: typed above")))
            self.keep(bool(pools), "pool", "prefix_length", "version")
        else:
            self.drop("pool", "prefix_length", "version")

    def clean_subnet(self, data: dict[str, Any]) -> None:
        """What does not go together is said before anything is sent."""
        version = int(data.get("version") or 4)
        if data.get("cidr"):
            version = ipaddress.ip_network(data["cidr"]).version
            data["version"] = str(version)
        elif not data.get("pool") and "cidr" not in self.errors:
            self.add_error("cidr", _("A subnet needs a range of addresses, or a pool to take one from."))
        if data.get("cidr") and data.get("pool"):
            # A range within a pool is fine: Neutron checks that it lies there.
            data["prefix_length"] = None
        if data.get("gateway") and data.get("has_no_gateway"):
            self.add_error("gateway", _("Either a gateway or none."))
        if version == 4 and (data.get("address_mode") or data.get("ra_mode")):
            self.add_error("address_mode" if data.get("address_mode") else "ra_mode", _("This is for IPv6 alone."))
        for first, last in data.get("pools") or ():
            if ipaddress.ip_address(first).version != ipaddress.ip_address(last).version:
                self.add_error("pools", _("Both ends have to be of the same IP version."))
            elif int(ipaddress.ip_address(first)) > int(ipaddress.ip_address(last)):
                self.add_error("pools", _("%(first)s is behind %(last)s.") % {"first": first, "last": last})


def subnet_body(data: Mapping[str, Any], *, name: str = "") -> dict[str, Any]:
    """A new subnet as Neutron wants it; what was left as it is is left out."""
    version = int(data.get("version") or 4)
    body: dict[str, Any] = {"ip_version": version, "enable_dhcp": bool(data.get("is_dhcp_enabled"))}
    for key, value in (
        ("name", name),
        ("cidr", data.get("cidr")),
        ("subnetpool_id", data.get("pool")),
        ("prefixlen", data.get("prefix_length") if data.get("pool") else None),
        ("description", data.get("description")),
        ("dns_nameservers", list(data.get("dns_nameservers") or ())),
        ("allocation_pools", [{"start": first, "end": last} for first, last in data.get("pools") or ()]),
        ("host_routes", [{"destination": to, "nexthop": hop} for to, hop in data.get("routes") or ()]),
        ("service_types", list(data.get("service_types") or ())),
        ("ipv6_address_mode", data.get("address_mode") if version == 6 else None),
        ("ipv6_ra_mode", data.get("ra_mode") if version == 6 else None),
    ):
        if value:
            body[key] = value
    if data.get("has_no_gateway"):
        body["gateway_ip"] = None
    elif data.get("gateway"):
        body["gateway_ip"] = data["gateway"]
    return body


class CreateSubnetForm(SubnetFields):
    """A further subnet on a network."""

    network_id = forms.ChoiceField(label=gettext_lazy("Network"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    field_order = ("network_id", "name", *SubnetFields.BASIC)
    sections = ((gettext_lazy("More"), ("description", *SubnetFields.DETAILS)),)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from dashboard.cloud.networks import list_all_networks

        networks = answered(self, "network_id", later(lambda: list_all_networks(cloud)))
        own = [network for network in networks if network.is_own or "admin" in cloud.roles]
        found = choices(own)
        given = str(self.initial.get("network_id") or self.data.get("network_id") or "")
        if given and given not in {id for id, _label in found}:
            found.append((given, given))
        self.choose("network_id", found)
        self.prepare(cloud)

    def clean(self) -> dict[str, Any]:
        """Holds the subnet together."""
        data = super().clean() or {}
        self.clean_subnet(data)
        return data


class EditSubnetForm(Sectioned):
    """What can be changed of a subnet that is there: not its range."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    gateway = AddressField(
        label=gettext_lazy("Gateway's address"), required=False, help_text=gettext_lazy("None if empty")
    )
    is_dhcp_enabled = forms.BooleanField(label=gettext_lazy("Give addresses out by DHCP"), required=False)
    dns_nameservers = AddressesField(label=gettext_lazy("Name servers"), help_text=gettext_lazy("One per line"))
    pools = PairsField(
        label=gettext_lazy("Addresses to give out"),
        first=address_of,
        second=address_of,
        help_text=gettext_lazy("First and last, one pair per line"),
    )
    routes = PairsField(
        label=gettext_lazy("Routes for servers"),
        first=range_of,
        second=address_of,
        help_text=gettext_lazy("Destination and next hop, one pair per line"),
    )
    service_types = LinesField(label=gettext_lazy("Service types"), help_text=gettext_lazy("One per line"))
    sections = ((gettext_lazy("More"), ("pools", "routes", "service_types")),)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep(extensions.offered(cloud, "subnet-service-types"), "service_types")
