"""Local IPs: addresses that each host answers for by itself, with a port of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import network_extras as extras
from dashboard.cloud import neutron
from dashboard.cloud.connection import Cloud
from dashboard.cloud.network_extras import LOCAL_IPS, LocalIp
from dashboard.cloud.networks import list_all_networks
from dashboard.cloud.parallel import later
from dashboard.cloud.ports import KIND as PORTS
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import ALL_PROJECTS, COPY, DESCRIPTION, ID, LINK, NAME, OPTIONAL_PROJECT, PROJECT, column
from dashboard.ui.forms import answered
from dashboard.ui.netfields import AddressField, choices
from dashboard.ui.panel import Action, Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link

MODES = (("translate", gettext_lazy("Translate")), ("passthrough", gettext_lazy("Pass through")))


class CreateForm(forms.Form):
    """A new local IP."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    network = forms.ChoiceField(label=gettext_lazy("Network"))
    address = AddressField(
        label=gettext_lazy("Address"), required=False, help_text=gettext_lazy("Any free one of the network if empty")
    )
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), choices=MODES, initial="translate")
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].choices = choices(answered(self, "network", later(lambda: list_all_networks(cloud))))  # type: ignore[attr-defined]


class EditForm(forms.Form):
    """What can be changed of a local IP."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)


class PortForm(forms.Form):
    """The port that gets it."""

    port = forms.ChoiceField(label=gettext_lazy("Port"))

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = neutron.own(cloud)
        say = lambda port: f"{port.name or port.id[:8]} · {', '.join(port.addresses)}"  # noqa: E731
        ports = answered(self, "port", later(lambda: PORTS.all(cloud, **own)))
        found = [port for port in ports if port.owner in {"", "server"}]
        self.fields["port"].choices = choices(found, label=say)  # type: ignore[attr-defined]


class PortIdForm(forms.Form):
    """Which port it is about."""

    port = forms.CharField(widget=forms.HiddenInput)


def create(cloud: Cloud, data: Mapping[str, Any]) -> LocalIp:
    """Makes the local IP of the form."""
    body = {"name": data["name"], "network_id": data["network"], "ip_mode": data["mode"]}
    body |= {"local_ip_address": data["address"]} if data.get("address") else {}
    return LOCAL_IPS.create(cloud, {**body, "description": data["description"]})


def edit(cloud: Cloud, ip: LocalIp, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    LOCAL_IPS.update(cloud, ip.id, neutron.changed(ip, data, {"name": "name", "description": "description"}))


def associate(cloud: Cloud, ip: LocalIp, data: Mapping[str, Any]) -> None:
    """Gives it to the port of the form."""
    extras.associate(cloud, ip.id, port_id=data["port"])


def disassociate(cloud: Cloud, ip: LocalIp, data: Mapping[str, Any]) -> None:
    """Takes it from the port of the form."""
    extras.disassociate(cloud, ip.id, port_id=data["port"])


def ports(cloud: Cloud, ip: LocalIp) -> Mapping[str, Any]:
    """The ports that have it."""
    can_change = cloud.has_role("member", "manager")
    return {"associations": extras.list_associations(cloud, ip.id), "can_change": can_change}


def named(sentence: Any) -> Any:
    """A sentence about one local IP."""
    return lambda rows: str(sentence) % {"name": rows[0].name or rows[0].address}


ADDRESS = column("address", gettext_lazy("Address"), cell=COPY)
MODE = column("mode", gettext_lazy("Mode"), lambda ip: dict(MODES).get(ip.mode, ip.mode))
NETWORK = column(
    "network", gettext_lazy("Network"), lambda ip: Link(ip.network_id[:8], "networks:detail", ip.network_id), LINK
)
PANEL: Panel[Any] = Panel(
    slug="local-ips",
    title=gettext_lazy("Local IPs"),
    noun=gettext_lazy("local IP"),
    nouns=gettext_lazy("local IPs"),
    group="network",
    is_minor=True,
    icon="home",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "local_ip"),
    about=gettext_lazy(
        "A local IP is one address that each host answers for with a port of its own, so that a service is always next "
        "door."
    ),
    rows=LOCAL_IPS.page,
    row=LOCAL_IPS.get,
    raw=LOCAL_IPS.get_json,
    columns=(NAME, ADDRESS, NETWORK, MODE, DESCRIPTION, OPTIONAL_PROJECT),
    filters=(
        Filter(key="mode", label=gettext_lazy("Mode"), choices=MODES),
        Filter(key="network", label=gettext_lazy("A network's id")),
        ALL_PROJECTS,
    ),
    actions=(
        Action(
            slug="associate",
            label=gettext_lazy("Associate"),
            run=associate,
            says=named(gettext_lazy("This port answers for %(name)s on its host.")),
            form=PortForm,
            icon="link",
            is_bulk=False,
            is_primary=True,
            started=gettext_lazy("Associated"),
        ),
        Action(
            slug="disassociate",
            label=gettext_lazy("Disassociate"),
            run=disassociate,
            says=named(gettext_lazy("This port answers for %(name)s no more.")),
            form=PortIdForm,
            is_bulk=False,
            is_dangerous=True,
            is_in_menu=False,
            started=gettext_lazy("Disassociated"),
        ),
        editing(
            run=edit,
            says=named(gettext_lazy("%(name)s keeps its address.")),
            form=EditForm,
            icon="edit",
        ),
        deletion(
            lambda cloud, ip: LOCAL_IPS.delete(cloud, ip.id),
            gettext_lazy("The local IP %(name)s will be deleted. This can't be undone."),
            gettext_lazy("These local IPs will be deleted. This can't be undone."),
            command=("local", "ip", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Create local IP"), form=CreateForm, run=create),
    groups=(Group(label=gettext_lazy("Local IP"), facts=(ID, ADDRESS, NETWORK, MODE, DESCRIPTION, PROJECT)),),
    tabs=(Tab(slug="ports", label=gettext_lazy("Ports"), template="network_extras/local_ip_ports.html", load=ports),),
    default_sort="name",
)
