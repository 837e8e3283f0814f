"""The forms for a port: new, and as it is."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, qos
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Invalid
from dashboard.cloud.networks import list_all_networks, list_all_subnets
from dashboard.cloud.parallel import later
from dashboard.cloud.ports import Port
from dashboard.cloud.security_groups import list_all_security_groups
from dashboard.ui.forms import answered
from dashboard.ui.netfields import LinesField, MacField, PairsField, address_of, choices, mac_of, range_of
from dashboard.ui.sections import Sectioned

VNIC_TYPES = (
    ("normal", gettext_lazy("Normal: a virtual switch")),
    ("direct", gettext_lazy("Direct: SR-IOV")),
    ("macvtap", gettext_lazy("MacVTap: SR-IOV behind a macvtap device")),
    ("direct-physical", gettext_lazy("Direct physical: a whole SR-IOV card")),
    ("baremetal", gettext_lazy("Bare metal")),
    ("virtio-forwarder", gettext_lazy("Virtio forwarder: SmartNIC")),
    ("smart-nic", gettext_lazy("Smart NIC")),
    ("vdpa", gettext_lazy("vDPA")),
    ("remote-managed", gettext_lazy("Remote managed: off-path SmartNIC")),
)


def address_or_range(text: str) -> str:
    """An address, or a range of them. Raises ValidationError."""
    return range_of(text) if "/" in text else address_of(text)


class FixedField(LinesField):
    """Addresses, or ranges of subnets of which any address will do."""

    def value_of(self, line: str) -> str:
        return address_or_range(line)


class PortFields(Sectioned):
    """What a new port and an old one have both."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    addresses = FixedField(
        label=gettext_lazy("Addresses"),
        help_text=gettext_lazy("One per line: an address, or a subnet's range for any address of it"),
    )
    group_ids = forms.MultipleChoiceField(
        label=gettext_lazy("Security groups"), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_port_security_enabled = forms.BooleanField(
        label=gettext_lazy("Port security: security groups apply, and it sends from its own addresses alone"),
        required=False,
        initial=True,
    )
    pairs = PairsField(
        label=gettext_lazy("Allowed address pairs"),
        first=address_or_range,
        second=mac_of,
        may_lack_second=True,
        help_text=gettext_lazy(
            "Further addresses or ranges that it may send from, one per line, each with a MAC address or none"
        ),
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_admin_up = forms.BooleanField(
        label=gettext_lazy("Switched on: it carries traffic"), required=False, initial=True
    )
    dns_name = forms.CharField(label=gettext_lazy("DNS name"), max_length=63, required=False)
    qos_policy_id = forms.ChoiceField(label=gettext_lazy("QoS policy"), required=False)
    vnic_type = forms.ChoiceField(
        label=gettext_lazy("Kind of network card"), choices=VNIC_TYPES, initial="normal", required=False
    )
    mac_address = MacField(label=gettext_lazy("MAC address"), required=False)
    host_id = forms.CharField(
        label=gettext_lazy("Bound to the host"), max_length=255, required=False, help_text=gettext_lazy("Its host name")
    )
    sections: Any = (
        (gettext_lazy("Security"), ("is_port_security_enabled", "pairs")),
        (
            gettext_lazy("More"),
            ("description", "is_admin_up", "mac_address", "vnic_type", "dns_name", "qos_policy_id"),
        ),
        (gettext_lazy("For administrators"), ("host_id", "profile")),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = later(lambda: list_all_security_groups(cloud))
        self.keep(extensions.offered(cloud, "port-security"), "is_port_security_enabled")
        self.keep(extensions.offered(cloud, "allowed-address-pairs"), "pairs")
        self.keep(extensions.offered(cloud, "dns-integration"), "dns_name")
        self.keep(extensions.offered(cloud, "binding"), "vnic_type", "host_id", "profile")
        self.keep(neutron.is_admin(cloud), "host_id", "profile")
        if extensions.offered(cloud, "qos"):
            policies = later(lambda: qos.list_all_policies(cloud)).or_else(())
            self.choose("qos_policy_id", choices(policies, empty=_("None, or the network's")))
        else:
            self.drop("qos_policy_id")
        self.choose("group_ids", choices(answered(self, "group_ids", groups)))

    def clean(self) -> dict[str, Any]:
        """Without port security nothing can be filtered."""
        data = super().clean() or {}
        if data.get("is_port_security_enabled") is False and data.get("pairs"):
            self.add_error("pairs", _("Without port security it may send from any address as it is."))
        return data


class CreatePortForm(PortFields):
    """A new port."""

    network_id = forms.ChoiceField(label=gettext_lazy("Network"))
    profile = forms.CharField(
        label=gettext_lazy("Binding profile"), required=False, help_text=gettext_lazy('JSON, as in {"trusted": true}')
    )
    field_order = ("network_id", "name", "addresses", "group_ids")

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, cloud=cloud, **kwargs)
        self.fields["group_ids"].help_text = _("The group called default if none is ticked")
        found = choices(answered(self, "network_id", later(lambda: list_all_networks(cloud))))
        given = str(self.initial.get("network_id") or self.data.get("network_id") or "")
        if given and given not in {id for id, _label in found}:
            found.append((given, given))
        self.choose("network_id", found)

    def clean_profile(self) -> Any:
        """JSON's object, None if nothing was typed."""
        text = self.cleaned_data["profile"]
        if not text:
            return None
        try:
            found = json.loads(text)
        except ValueError as error:
            raise forms.ValidationError(_("This is no JSON.")) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("A JSON object is expected: {…}"))
        return found


class EditPortForm(PortFields):
    """What can be changed of a port."""

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, cloud=cloud, **kwargs)
        # The MAC address of a port in use is the administrator's to change.
        self.keep(neutron.is_admin(cloud), "mac_address")
        is_bound = any(row.is_bound or row.owner == "server" for row in rows)
        self.keep(not is_bound, "vnic_type")


ATTRIBUTES = {
    "name": "name",
    "description": "description",
    "is_admin_up": "admin_state_up",
    "is_port_security_enabled": "port_security_enabled",
    "dns_name": "dns_name",
    "qos_policy_id": "qos_policy_id",
    "vnic_type": "binding:vnic_type",
    "host_id": "binding:host_id",
    "mac_address": "mac_address",
}
NEW = Port("", "", "", (), "", True)


def fixed_ips(cloud: Cloud, network_id: str, lines: Any) -> list[dict[str, str]]:
    """Addresses and subnets' ranges as Neutron wants them. Raises CloudError, Invalid for a range of no subnet."""
    if not any("/" in line for line in lines):
        return [{"ip_address": line} for line in lines]
    by_range = {subnet.cidr: subnet.id for subnet in list_all_subnets(cloud, network_id=network_id)}
    found = []
    for line in lines:
        if "/" not in line:
            found.append({"ip_address": line})
        elif line in by_range:
            found.append({"subnet_id": by_range[line]})
        else:
            raise Invalid(_("The network has no subnet with the range %(range)s.") % {"range": line}, service="network")
    return found


def pairs(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Allowed address pairs as Neutron wants them."""
    return [
        {"ip_address": address, **({"mac_address": mac} if mac else {})} for address, mac in data.get("pairs") or ()
    ]


def create_body(cloud: Cloud, data: Mapping[str, Any]) -> dict[str, Any]:
    """A new port as Neutron wants it. Raises CloudError."""
    given = {key: value for key, value in data.items() if value not in (None, "", (), [])}
    body = {"network_id": data["network_id"], **neutron.changed(NEW, given, ATTRIBUTES)}
    if data.get("addresses"):
        body["fixed_ips"] = fixed_ips(cloud, data["network_id"], data["addresses"])
    if data.get("is_port_security_enabled") is False:
        body["security_groups"] = []
    elif data.get("group_ids"):
        body["security_groups"] = list(data["group_ids"])
    if data.get("pairs"):
        body["allowed_address_pairs"] = pairs(data)
    if data.get("profile"):
        body["binding:profile"] = data["profile"]
    return body


def edit_body(cloud: Cloud, port: Port, data: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the port as it is. Raises CloudError."""
    body = neutron.changed(port, data, ATTRIBUTES)
    if "qos_policy_id" in body:
        body["qos_policy_id"] = body["qos_policy_id"] or None
    if not body.get("mac_address", "x") or not body.get("binding:vnic_type", "x"):
        body = {key: value for key, value in body.items() if value or key not in {"mac_address", "binding:vnic_type"}}
    if "addresses" in data and _sorted(data["addresses"]) != _sorted(port.addresses):
        body["fixed_ips"] = fixed_ips(cloud, port.network_id, data["addresses"])
    if data.get("is_port_security_enabled") is False:
        if port.group_ids:
            body["security_groups"] = []
        if port.pairs:
            body["allowed_address_pairs"] = []
        return body
    if "group_ids" in data and set(data["group_ids"]) != set(port.group_ids):
        body["security_groups"] = list(data["group_ids"])
    if "pairs" in data and {address for address, _mac in data["pairs"]} != {address for address, _mac in port.pairs}:
        body["allowed_address_pairs"] = pairs(data)
    return body


def _sorted(lines: Any) -> list[str]:
    def order(line: str) -> str:
        try:
            return ipaddress.ip_address(line).exploded
        except ValueError:
            return line

    return sorted(lines, key=order)
