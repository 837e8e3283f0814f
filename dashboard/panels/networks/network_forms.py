"""The forms for a network: new with its first subnet, and as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, qos
from dashboard.cloud.connection import Cloud
from dashboard.cloud.networks import Network, list_network_zones
from dashboard.cloud.parallel import later
from dashboard.panels.networks.subnet_forms import SubnetFields, subnet_body
from dashboard.ui.netfields import LinesField, choices
from dashboard.ui.sections import Sectioned

TYPES = (
    ("", gettext_lazy("As the cloud is set up")),
    ("vxlan", "VXLAN"),
    ("vlan", "VLAN"),
    ("flat", "Flat"),
    ("gre", "GRE"),
    ("geneve", "Geneve"),
    ("local", "Local"),
)


def boolean(label: Any, **more: Any) -> forms.BooleanField:
    """A box to tick."""
    return forms.BooleanField(label=label, required=False, **more)


class NetworkFields(Sectioned):
    """What a new network and an old one have both."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_admin_up = boolean(gettext_lazy("Switched on: it carries traffic"), initial=True)
    mtu = forms.IntegerField(
        label=gettext_lazy("MTU"),
        required=False,
        min_value=68,
        max_value=65535,
        help_text=gettext_lazy("Largest packet in bytes; the cloud's own if empty"),
    )
    is_port_security_enabled = boolean(
        gettext_lazy("Port security: security groups apply, and ports send from their own addresses alone"),
        initial=True,
    )
    dns_domain = forms.CharField(
        label=gettext_lazy("DNS domain"), max_length=255, required=False, help_text=gettext_lazy("As in example.org.")
    )
    qos_policy_id = forms.ChoiceField(label=gettext_lazy("QoS policy"), required=False)
    is_shared = boolean(gettext_lazy("Shared: every project can put servers on it"))
    is_external = boolean(gettext_lazy("External: the way out for routers and floating IPs"))
    is_default = boolean(gettext_lazy("The external network that is taken unless another is chosen"))

    MORE = ("description", "is_admin_up", "mtu", "is_port_security_enabled", "dns_domain", "qos_policy_id")
    ADMIN = ("is_shared", "is_external", "is_default")

    def prepare(self, cloud: Cloud) -> None:
        """Offers what this cloud has and this person may."""
        self.keep(extensions.offered(cloud, "net-mtu-writable"), "mtu")
        self.keep(extensions.offered(cloud, "port-security"), "is_port_security_enabled")
        self.keep(extensions.offered(cloud, "dns-integration"), "dns_domain")
        is_admin = neutron.is_admin(cloud)
        self.keep(is_admin, "is_shared", "is_default")
        self.keep(is_admin and extensions.offered(cloud, "external-net"), "is_external")
        self.keep(is_admin and extensions.offered(cloud, "auto-allocated-topology"), "is_default")
        if extensions.offered(cloud, "qos"):
            policies = later(lambda: qos.list_all_policies(cloud)).or_else(())
            self.choose("qos_policy_id", choices(policies, empty=_("None")))
        else:
            self.drop("qos_policy_id")


class CreateNetworkForm(NetworkFields, SubnetFields):
    """A network with its first subnet, in one go."""

    is_with_subnet = boolean(gettext_lazy("With a subnet: servers need addresses"), initial=True)
    subnet_name = forms.CharField(label=gettext_lazy("The subnet's name"), max_length=255, required=False)
    zone_hints = forms.MultipleChoiceField(
        label=gettext_lazy("Availability zones"),
        required=False,
        help_text=gettext_lazy("Where its DHCP should run; anywhere if none is chosen"),
    )
    provider_type = forms.ChoiceField(label=gettext_lazy("Provider network"), choices=TYPES, required=False)
    physical_network = forms.CharField(label=gettext_lazy("Physical network"), max_length=255, required=False)
    segmentation_id = forms.IntegerField(
        label=gettext_lazy("Segmentation ID"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("The VLAN's or the tunnel's number"),
    )
    segments = LinesField(
        label=gettext_lazy("Several segments"),
        help_text=gettext_lazy("Type, physical network and number, one segment per line: vlan physnet1 100"),
    )
    field_order = ("name", "is_with_subnet", *SubnetFields.BASIC)
    sections = (
        (gettext_lazy("More about the subnet"), ("subnet_name", *SubnetFields.DETAILS)),
        (gettext_lazy("More about the network"), (*NetworkFields.MORE, "zone_hints")),
        (
            gettext_lazy("For administrators"),
            (*NetworkFields.ADMIN, "provider_type", "physical_network", "segmentation_id", "segments"),
        ),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        NetworkFields.prepare(self, cloud)
        SubnetFields.prepare(self, cloud)
        is_admin = neutron.is_admin(cloud)
        is_provider = is_admin and extensions.offered(cloud, "provider")
        self.keep(is_provider, "provider_type", "physical_network", "segmentation_id")
        self.keep(is_provider and extensions.offered(cloud, "multi-provider"), "segments")
        zones: tuple[str, ...] = ()
        if extensions.offered(cloud, "network_availability_zone"):
            zones = later(lambda: list_network_zones(cloud)).or_else(())
        self.choose("zone_hints", [(zone, zone) for zone in zones])
        self.keep(len(zones) > 1, "zone_hints")

    def clean_segments(self) -> tuple[dict[str, Any], ...]:
        """Each line as Neutron wants it."""
        found = []
        for line in self.cleaned_data["segments"]:
            kind, *rest = line.split()
            numbers = [part for part in rest if part.isdigit()]
            names = [part for part in rest if not part.isdigit()]
            if kind not in dict(TYPES) or len(numbers) > 1 or len(names) > 1:
                raise forms.ValidationError(_("This is no segment: %(line)s") % {"line": line})
            segment: dict[str, Any] = {"provider:network_type": kind}
            if names:
                segment["provider:physical_network"] = names[0]
            if numbers:
                segment["provider:segmentation_id"] = int(numbers[0])
            found.append(segment)
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        """The subnet's fields matter only if there is to be one."""
        data = super().clean() or {}
        if data.get("is_with_subnet"):
            self.clean_subnet(data)
        if data.get("segments") and data.get("provider_type"):
            self.add_error("segments", _("Either one provider network, or several segments."))
        if data.get("physical_network") and not data.get("provider_type") and "provider_type" in self.fields:
            self.add_error("provider_type", _("Choose the provider network's type."))
        return data


class EditNetworkForm(NetworkFields):
    """What can be changed of a network."""

    field_order = ("name", "description", "is_admin_up")
    sections = (
        (gettext_lazy("More"), ("mtu", "is_port_security_enabled", "dns_domain", "qos_policy_id")),
        (gettext_lazy("For administrators"), NetworkFields.ADMIN),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(cloud)


ATTRIBUTES = {
    "name": "name",
    "description": "description",
    "is_admin_up": "admin_state_up",
    "mtu": "mtu",
    "is_port_security_enabled": "port_security_enabled",
    "dns_domain": "dns_domain",
    "qos_policy_id": "qos_policy_id",
    "is_shared": "shared",
    "is_external": "router:external",
    "is_default": "is_default",
}
"""Fields of the forms, and what Neutron calls them."""
NEW = Network("", "", is_admin_up=True)


def network_body(data: Mapping[str, Any]) -> dict[str, Any]:
    """A new network as Neutron wants it; what was left as it is is left out."""
    given = {key: value for key, value in data.items() if value not in (None, "")}
    body = neutron.changed(NEW, given, ATTRIBUTES)
    for key, name in (
        ("provider_type", "provider:network_type"),
        ("physical_network", "provider:physical_network"),
        ("segmentation_id", "provider:segmentation_id"),
    ):
        if given.get(key) is not None:
            body[name] = given[key]
    if given.get("segments"):
        body["segments"] = list(given["segments"])
    if given.get("zone_hints"):
        body["availability_zone_hints"] = list(given["zone_hints"])
    return body


def first_subnet(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The new network's subnet, None if it is to have none."""
    if not data.get("is_with_subnet"):
        return None
    given = {key: value for key, value in data.items() if key != "description"}
    return subnet_body(given, name=data.get("subnet_name") or "")


def edit_body(network: Network, data: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the network as it is."""
    body = neutron.changed(network, data, ATTRIBUTES)
    if "mtu" in body and not body["mtu"]:
        del body["mtu"]
    if "qos_policy_id" in body:
        body["qos_policy_id"] = body["qos_policy_id"] or None
    return body
