"""The forms for a router: new, its way out, its interfaces and its routes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, qos
from dashboard.cloud.connection import Cloud
from dashboard.cloud.networks import list_all_networks, list_all_subnets, list_external, list_network_zones
from dashboard.cloud.parallel import later
from dashboard.cloud.ports import KIND as PORTS
from dashboard.ui.forms import answered
from dashboard.ui.netfields import AddressField, PairsField, address_of, choices, range_of
from dashboard.ui.sections import Sectioned

THREE = (
    ("", gettext_lazy("As the cloud is set up")),
    ("yes", gettext_lazy("Yes")),
    ("no", gettext_lazy("No")),
)


class GatewayFields(Sectioned):
    """The way out."""

    gateway = forms.ChoiceField(
        label=gettext_lazy("External network"),
        required=False,
        help_text=gettext_lazy("The way out, and where its floating IPs come from"),
    )
    gateway_address = AddressField(
        label=gettext_lazy("Its address there"), required=False, help_text=gettext_lazy("Any free one if empty")
    )
    gateway_subnet = forms.ChoiceField(label=gettext_lazy("Subnet there"), required=False)
    snat = forms.ChoiceField(
        label=gettext_lazy("Source NAT: servers without a floating IP reach the outside by the router's address"),
        choices=THREE,
        required=False,
    )
    qos_policy_id = forms.ChoiceField(label=gettext_lazy("QoS policy of the way out"), required=False)

    ADMIN = ("gateway_address", "gateway_subnet", "snat", "qos_policy_id")

    def prepare(self, cloud: Cloud, *, empty: Any = "") -> None:
        """Offers what this cloud has and this person may."""
        external = later(lambda: list_external(cloud))
        subnets = later(lambda: list_all_subnets(cloud))
        found = answered(self, "gateway", external)
        self.choose("gateway", choices(found, empty=empty))
        names = {network.id: network.name for network in found}
        own = [subnet for subnet in subnets.or_else(()) if subnet.network_id in names]
        if own:
            pairs = choices(own, label=lambda subnet: f"{names[subnet.network_id]} · {subnet.cidr}", empty=_("Any"))
            self.choose("gateway_subnet", pairs)
        self.keep(bool(own), "gateway_subnet")
        # Neutron's default policy keeps these for administrators.
        self.keep(neutron.is_admin(cloud), *self.ADMIN)
        self.keep(extensions.offered(cloud, "ext-gw-mode"), "snat")
        if "qos_policy_id" in self.fields and extensions.offered(cloud, "qos", "qos-gateway-ip"):
            policies = later(lambda: qos.list_all_policies(cloud))
            self.choose("qos_policy_id", choices(answered(self, "qos_policy_id", policies), empty=_("None")))
        else:
            self.drop("qos_policy_id")


class CreateRouterForm(GatewayFields):
    """A new router."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_admin_up = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)
    zone_hints = forms.MultipleChoiceField(label=gettext_lazy("Availability zones"), required=False)
    distributed = forms.ChoiceField(label=gettext_lazy("Distributed over the hosts"), choices=THREE, required=False)
    ha = forms.ChoiceField(label=gettext_lazy("Highly available"), choices=THREE, required=False)
    field_order = ("name", "gateway")
    sections = (
        (gettext_lazy("More"), ("description", "is_admin_up", "zone_hints")),
        (gettext_lazy("For administrators"), (*GatewayFields.ADMIN, "distributed", "ha")),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(cloud, empty=_("None: it connects networks within alone"))
        is_admin = neutron.is_admin(cloud)
        self.keep(is_admin and extensions.offered(cloud, "dvr"), "distributed")
        self.keep(is_admin and extensions.offered(cloud, "l3-ha"), "ha")
        zones: tuple[str, ...] = ()
        if extensions.offered(cloud, "router_availability_zone"):
            zones = later(lambda: list_network_zones(cloud, "router")).or_else(())
        self.choose("zone_hints", [(zone, zone) for zone in zones])
        self.keep(len(zones) > 1, "zone_hints")

    def clean(self) -> dict[str, Any]:
        """What is about the way out takes one."""
        data = super().clean() or {}
        if not data.get("gateway") and any(data.get(name) for name in self.ADMIN):
            self.add_error("gateway", _("Choose the external network that this is about."))
        return data


class EditRouterForm(Sectioned):
    """What can be changed of a router."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_admin_up = forms.BooleanField(label=gettext_lazy("Switched on: it carries traffic"), required=False)
    is_ndp_proxy_enabled = forms.BooleanField(
        label=gettext_lazy("NDP proxies: it may answer outside for IPv6 addresses within"), required=False
    )
    is_distributed = forms.BooleanField(
        label=gettext_lazy("Distributed over the hosts"),
        required=False,
        help_text=gettext_lazy("Can be changed only while the router is switched off"),
    )
    is_ha = forms.BooleanField(
        label=gettext_lazy("Highly available"),
        required=False,
        help_text=gettext_lazy("Can be changed only while the router is switched off"),
    )
    sections = ((gettext_lazy("For administrators"), ("is_distributed", "is_ha")),)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_admin = neutron.is_admin(cloud)
        self.keep(extensions.offered(cloud, "l3-ndp-proxy"), "is_ndp_proxy_enabled")
        self.keep(is_admin and extensions.offered(cloud, "dvr"), "is_distributed")
        self.keep(is_admin and extensions.offered(cloud, "l3-ha"), "is_ha")


class GatewayForm(GatewayFields):
    """Another way out, or a first one."""

    sections = ((gettext_lazy("For administrators"), GatewayFields.ADMIN),)

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(cloud)
        self.fields["gateway"].required = True
        if rows:
            self.initial.setdefault("gateway", rows[0].gateway_network_id)
            self.initial.setdefault("snat", "" if rows[0].is_snat_enabled else "no")


class AddInterfaceForm(Sectioned):
    """A further network that the router is to be on."""

    subnet = forms.ChoiceField(label=gettext_lazy("Subnet"), required=False)
    address = AddressField(
        label=gettext_lazy("Address"),
        required=False,
        help_text=gettext_lazy("The subnet's gateway address if empty: what servers there send everything to"),
    )
    port = forms.ChoiceField(
        label=gettext_lazy("or a port"),
        required=False,
        help_text=gettext_lazy("One that nobody uses; the router takes it with its addresses"),
    )
    sections = ((gettext_lazy("By a port that is there already"), ("port",)),)

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = later(lambda: PORTS.all(cloud, device_id="", project_id=cloud.project_id or None))
        networks = answered(self, "subnet", later(lambda: list_all_networks(cloud)))
        taken = {id for row in rows for port in row.interfaces or () for id in port.subnet_ids}
        self.subnets = {
            subnet.id: subnet for network in networks for subnet in network.subnets if subnet.id not in taken
        }
        names = {network.id: network.name for network in networks if not network.is_external}
        own = [subnet for subnet in self.subnets.values() if subnet.network_id in names]
        label = lambda subnet: f"{names[subnet.network_id] or subnet.network_id[:8]} · {subnet.name} {subnet.cidr}"  # noqa: E731
        self.choose("subnet", choices(own, label=label, empty=_("Choose a subnet")))
        ports = [port for port in free.or_else(()) if port.is_free and port.addresses]
        say = lambda port: f"{port.name or port.id[:8]} · {', '.join(port.addresses)}"  # noqa: E731
        self.choose("port", choices(ports, label=say, empty=_("None")))
        self.keep(bool(ports), "port")

    def clean(self) -> dict[str, Any]:
        """A subnet or a port, and an address that lies in the subnet."""
        data = super().clean() or {}
        subnet, port = data.get("subnet"), data.get("port")
        if bool(subnet) == bool(port) and not self.errors:
            self.add_error("subnet", _("Choose a subnet, or a port."))
        if subnet and data.get("address") and not self.subnets[subnet].has(data["address"]):
            self.add_error("address", _("This address is not in %(range)s.") % {"range": self.subnets[subnet].cidr})
        if subnet and not data.get("address") and not self.subnets[subnet].gateway:
            self.add_error("address", _("This subnet has no gateway address, so the router needs one of its own."))
        data["network_id"] = self.subnets[subnet].network_id if subnet else ""
        return data


class RemoveInterfaceForm(forms.Form):
    """Which network it is to leave."""

    port = forms.ChoiceField(label=gettext_lazy("Interface"))

    def __init__(self, *args: Any, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [port for row in rows for port in row.interfaces or ()]
        say = lambda port: f"{port.network_name or port.network_id[:8]} · {', '.join(port.addresses)}"  # noqa: E731
        self.fields["port"].choices = choices(found, label=say)  # type: ignore[attr-defined]


class RoutesForm(forms.Form):
    """All static routes at once."""

    routes = PairsField(
        label=gettext_lazy("Static routes"),
        first=range_of,
        second=address_of,
        rows=6,
        help_text=gettext_lazy(
            "Destination and next hop, one pair per line: 10.9.0.0/16 192.168.1.7. The next hop has to be on a network "
            "of the router."
        ),
    )
