"""The forms for a floating IP: a new one, where it leads, and the ports that it forwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import qos
from dashboard.cloud.connection import Cloud
from dashboard.cloud.floating_ips import list_targets
from dashboard.cloud.networks import list_all_subnets, list_external
from dashboard.cloud.parallel import later
from dashboard.ui.forms import answered
from dashboard.ui.netfields import LONGEST, AddressField, choices
from dashboard.ui.sections import Sectioned

PROTOCOLS = (
    ("tcp", "TCP"),
    ("udp", "UDP"),
    ("sctp", "SCTP"),
    ("dccp", "DCCP"),
    ("icmp", "ICMP"),
    ("ipv6-icmp", "ICMPv6"),
)


def fill_targets(form: forms.Form, name: str, cloud: Cloud, *, empty: Any = "") -> None:
    """Offers the addresses within that a floating IP can lead to."""
    targets = answered(form, name, later(lambda: list_targets(cloud)))[:LONGEST]
    found = [(target.key, target.label) for target in targets]
    form.fields[name].choices = [("", empty), *found] if empty else found  # type: ignore[attr-defined]
    if len(targets) >= LONGEST:
        form.fields[name].help_text = _("The first %d are shown.") % LONGEST


class AllocateForm(Sectioned):
    """A new floating IP."""

    network = forms.ChoiceField(label=gettext_lazy("External network"))
    target = forms.ChoiceField(
        label=gettext_lazy("Lead it to"), required=False, help_text=gettext_lazy("Can be done later as well")
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    subnet = forms.ChoiceField(label=gettext_lazy("Subnet"), required=False)
    address = AddressField(
        label=gettext_lazy("This very address"),
        required=False,
        help_text=gettext_lazy("Many clouds let only administrators choose it"),
    )
    dns_domain = forms.CharField(
        label=gettext_lazy("DNS domain"), max_length=255, required=False, help_text=gettext_lazy("As in example.org.")
    )
    dns_name = forms.CharField(label=gettext_lazy("DNS name"), max_length=63, required=False)
    qos_policy_id = forms.ChoiceField(label=gettext_lazy("QoS policy"), required=False)
    sections = (
        (gettext_lazy("More"), ("description", "subnet", "address", "dns_domain", "dns_name", "qos_policy_id")),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        external = later(lambda: list_external(cloud))
        subnets = later(lambda: list_all_subnets(cloud))
        fill_targets(self, "target", cloud, empty=_("Nothing yet"))
        networks = answered(self, "network", external)
        names = {network.id: network.name for network in networks}
        self.choose("network", choices(networks))
        own = [subnet for subnet in subnets.or_else(()) if subnet.network_id in names and subnet.ip_version == 4]
        self.choose(
            "subnet",
            choices(own, label=lambda subnet: f"{names[subnet.network_id]} · {subnet.cidr}", empty=_("Any")),
        )
        self.keep(bool(own), "subnet")
        self.keep(extensions.offered(cloud, "dns-integration"), "dns_domain", "dns_name")
        if extensions.offered(cloud, "qos-fip"):
            self.choose(
                "qos_policy_id", choices(later(lambda: qos.list_all_policies(cloud)).or_else(()), empty=_("None"))
            )
        else:
            self.drop("qos_policy_id")

    def clean(self) -> dict[str, Any]:
        """A DNS name takes a domain."""
        data = super().clean() or {}
        if bool(data.get("dns_name")) != bool(data.get("dns_domain")):
            self.add_error(
                "dns_name" if data.get("dns_domain") else "dns_domain", _("A DNS name takes both: domain and name.")
            )
        return data


def allocate_body(data: Mapping[str, Any]) -> dict[str, Any]:
    """A new floating IP as Neutron wants it."""
    body: dict[str, Any] = {"floating_network_id": data["network"]}
    for key, name in (
        ("subnet", "subnet_id"),
        ("address", "floating_ip_address"),
        ("description", "description"),
        ("dns_domain", "dns_domain"),
        ("dns_name", "dns_name"),
        ("qos_policy_id", "qos_policy_id"),
    ):
        if data.get(key):
            body[name] = data[key]
    if data.get("target"):
        port_id, _slash, address = data["target"].partition("/")
        body |= {"port_id": port_id, "fixed_ip_address": address}
    return body


class AssociateForm(forms.Form):
    """Where a floating IP is to lead."""

    target = forms.ChoiceField(
        label=gettext_lazy("Server or port"),
        help_text=gettext_lazy("Its network needs a router that leads to the floating IP's network"),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_targets(self, "target", cloud)


class EditForm(Sectioned):
    """What can be changed of a floating IP besides where it leads."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    qos_policy_id = forms.ChoiceField(label=gettext_lazy("QoS policy"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if extensions.offered(cloud, "qos-fip"):
            self.choose(
                "qos_policy_id", choices(later(lambda: qos.list_all_policies(cloud)).or_else(()), empty=_("None"))
            )
        else:
            self.drop("qos_policy_id")


class PortsField(forms.CharField):
    """A port, or a range of them as in 8000:8010."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value).strip().replace("-", ":").replace(" ", "")
        if not text:
            return ""
        first, colon, last = text.partition(":")
        ends = [int(part) if part.isdigit() else 0 for part in ((first, last) if colon else (first,))]
        if not all(1 <= end <= 65535 for end in ends) or ends != sorted(ends):
            raise forms.ValidationError(_("A port is a number from 1 to 65535, a range is as in 8000:8010."))
        return ":".join(str(end) for end in dict.fromkeys(ends))


class ForwardForm(forms.Form):
    """A port of the floating IP, and where it leads."""

    protocol = forms.ChoiceField(label=gettext_lazy("Protocol"), choices=PROTOCOLS, initial="tcp")
    external = PortsField(
        label=gettext_lazy("Port outside"), required=False, help_text=gettext_lazy("As in 2222, or 8000:8010")
    )
    target = forms.ChoiceField(label=gettext_lazy("Server or port within"))
    internal = PortsField(
        label=gettext_lazy("Port within"), required=False, help_text=gettext_lazy("The same as outside if empty")
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    forwarding = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_targets(self, "target", cloud)

    def clean(self) -> dict[str, Any]:
        """Ranges are of the same size on both sides."""
        data = super().clean() or {}
        if self.errors or data["protocol"] in {"icmp", "ipv6-icmp"}:
            return data
        if not data.get("external"):
            self.add_error("external", _("Give the port outside."))
            return data
        data["internal"] = data.get("internal") or data["external"]
        if _size(data["internal"]) != _size(data["external"]) and _size(data["internal"]) != 1:
            self.add_error("internal", _("Both ranges have to be of the same size, or the inner one a single port."))
        return data


def _size(ports: str) -> int:
    first, colon, last = ports.partition(":")
    return int(last) - int(first) + 1 if colon else 1


def forward_body(data: Mapping[str, Any]) -> dict[str, Any]:
    """A forwarded port as Neutron wants it."""
    port_id, _slash, address = data["target"].partition("/")
    body: dict[str, Any] = {
        "protocol": data["protocol"],
        "internal_port_id": port_id,
        "internal_ip_address": address,
    }
    for side in ("external", "internal"):
        if not data.get(side):
            continue
        if ":" in data["external"] or ":" in data[side]:
            body[f"{side}_port_range"] = data[side]
        else:
            body[f"{side}_port"] = int(data[side])
    if data.get("description"):
        body["description"] = data["description"]
    return body


class ForwardingForm(forms.Form):
    """Which forwarded port it is about."""

    forwarding = forms.CharField(widget=forms.HiddenInput)
