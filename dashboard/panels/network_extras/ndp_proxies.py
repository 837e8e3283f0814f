"""NDP proxies: IPv6 addresses within that a router answers for outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, routers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.network_extras import PROXIES, NdpProxy
from dashboard.cloud.parallel import later
from dashboard.cloud.ports import KIND as PORTS
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import ALL_PROJECTS, COPY, DESCRIPTION, ID, LINK, NAME, OPTIONAL_PROJECT, PROJECT, column
from dashboard.ui.forms import answered
from dashboard.ui.netfields import AddressField, choices
from dashboard.ui.panel import Create, Filter, Group, Panel
from dashboard.ui.values import Link


class ProxyForm(forms.Form):
    """A new proxy."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    router = forms.ChoiceField(
        label=gettext_lazy("Router"), help_text=gettext_lazy("One with NDP proxies enabled, and an IPv6 way out")
    )
    port = forms.ChoiceField(label=gettext_lazy("Port"), help_text=gettext_lazy("On a network of that router"))
    address = AddressField(
        label=gettext_lazy("Its IPv6 address"),
        required=False,
        help_text=gettext_lazy("The port's if it has just one"),
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = neutron.own(cloud)
        found = later(lambda: PORTS.all(cloud, **own))
        self.fields["router"].choices = choices(answered(self, "router", later(lambda: routers.KIND.all(cloud, **own))))  # type: ignore[attr-defined]
        ports = [port for port in answered(self, "port", found) if any(":" in address for address in port.addresses)]
        say = lambda port: f"{port.name or port.id[:8]} · {', '.join(port.addresses)}"  # noqa: E731
        self.fields["port"].choices = choices(ports, label=say)  # type: ignore[attr-defined]


class EditForm(forms.Form):
    """What can be changed of a proxy."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)


def create(cloud: Cloud, data: Mapping[str, Any]) -> NdpProxy:
    """Makes the proxy of the form."""
    body = {"name": data["name"], "router_id": data["router"], "port_id": data["port"]}
    body |= {"ip_address": data["address"]} if data.get("address") else {}
    return PROXIES.create(cloud, {**body, "description": data["description"]})


def edit(cloud: Cloud, proxy: NdpProxy, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    PROXIES.update(cloud, proxy.id, neutron.changed(proxy, data, {"name": "name", "description": "description"}))


def says_edit(rows: Any) -> str:
    """What changing it means."""
    return _("%(name)s keeps its address.") % {"name": rows[0].name or rows[0].address}


ROUTER = column(
    "router", gettext_lazy("Router"), lambda proxy: Link(proxy.router_id[:8], "routers:detail", proxy.router_id), LINK
)
PORT = column("port", gettext_lazy("Port"), lambda proxy: Link(proxy.port_id[:8], "ports:detail", proxy.port_id), LINK)
ADDRESS = column("address", gettext_lazy("IPv6 address"), cell=COPY)
PANEL: Panel[Any] = Panel(
    slug="ndp-proxies",
    title=gettext_lazy("NDP proxies"),
    noun=gettext_lazy("NDP proxy"),
    nouns=gettext_lazy("NDP proxies"),
    group="network",
    is_minor=True,
    icon="arrow-right",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "l3-ndp-proxy"),
    about=gettext_lazy(
        "An NDP proxy has a router answer outside for an IPv6 address within, so that others reach it there."
    ),
    rows=PROXIES.page,
    row=PROXIES.get,
    raw=PROXIES.get_json,
    columns=(NAME, ADDRESS, PORT, ROUTER, DESCRIPTION, OPTIONAL_PROJECT),
    filters=(
        Filter(key="router", label=gettext_lazy("A router's id")),
        Filter(key="port", label=gettext_lazy("A port's id")),
        ALL_PROJECTS,
    ),
    actions=(
        editing(
            run=edit,
            says=says_edit,
            form=EditForm,
            icon="edit",
        ),
        deletion(
            lambda cloud, proxy: PROXIES.delete(cloud, proxy.id),
            gettext_lazy("The NDP proxy %(name)s will be deleted; its address can't be reached from outside any more."),
            gettext_lazy("These NDP proxies will be deleted; their addresses can't be reached from outside any more."),
            command=("router", "ndp", "proxy", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Create NDP proxy"), form=ProxyForm, run=create),
    groups=(Group(label=gettext_lazy("NDP proxy"), facts=(ID, ADDRESS, PORT, ROUTER, DESCRIPTION, PROJECT)),),
    default_sort="name",
)
