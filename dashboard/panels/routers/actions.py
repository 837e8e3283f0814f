"""What can be done to routers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, routers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.routers import Router
from dashboard.panels.routers.forms import (
    AddInterfaceForm,
    EditRouterForm,
    GatewayForm,
    RemoveInterfaceForm,
    RoutesForm,
)
from dashboard.ui.actions import deletion, editing
from dashboard.ui.panel import Action

ATTRIBUTES = {
    "name": "name",
    "description": "description",
    "is_admin_up": "admin_state_up",
    "is_distributed": "distributed",
    "is_ha": "ha",
    "is_ndp_proxy_enabled": "enable_ndp_proxy",
}
CONNECTIONS = gettext_lazy("Connections")


def gateway_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The way out of a form as Neutron wants it."""
    snat = data.get("snat")
    return routers.gateway(
        data["gateway"],
        address=data.get("gateway_address") or "",
        subnet_id=data.get("gateway_subnet") or "",
        is_snat_enabled=snat == "yes" if snat else None,
        qos_policy_id=data.get("qos_policy_id") or None,
    )


def create(cloud: Cloud, data: Mapping[str, Any]) -> Router:
    """Makes the router of the form."""
    body: dict[str, Any] = {"name": data["name"]}
    if data.get("description"):
        body["description"] = data["description"]
    if not data.get("is_admin_up"):
        body["admin_state_up"] = False
    if data.get("gateway"):
        body["external_gateway_info"] = gateway_of(data)
    if data.get("zone_hints"):
        body["availability_zone_hints"] = list(data["zone_hints"])
    for name in ("distributed", "ha"):
        if data.get(name):
            body[name] = data[name] == "yes"
    return routers.create_router(cloud, body)


def create_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "router", "create"]
    if data.get("gateway"):
        words += ["--external-gateway", data["gateway"]]
    if data.get("gateway_address"):
        words += ["--fixed-ip", f"ip-address={data['gateway_address']}"]
    if data.get("snat"):
        words.append("--enable-snat" if data["snat"] == "yes" else "--disable-snat")
    if data.get("distributed"):
        words.append("--distributed" if data["distributed"] == "yes" else "--centralized")
    if data.get("ha"):
        words.append("--ha" if data["ha"] == "yes" else "--no-ha")
    if data.get("description"):
        words += ["--description", data["description"]]
    return (*words, data.get("name") or "NAME")


def edit(cloud: Cloud, router: Router, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    given = {key: value for key, value in data.items() if getattr(router, key, None) is not None}
    routers.update_router(cloud, router.id, neutron.changed(router, given, ATTRIBUTES))


def set_gateway(cloud: Cloud, router: Router, data: Mapping[str, Any]) -> None:
    """Leads the router to the external network of the form."""
    routers.set_gateway(cloud, router.id, gateway_of(data))


def clear_gateway(cloud: Cloud, router: Router, data: Mapping[str, Any]) -> None:
    """Takes its way out away."""
    routers.clear_gateway(cloud, router.id)


def add_interface(cloud: Cloud, router: Router, data: Mapping[str, Any]) -> None:
    """Puts it on the subnet of the form."""
    routers.add_interface(
        cloud,
        router.id,
        subnet_id=data.get("subnet") or "",
        port_id=data.get("port") or "",
        network_id=data.get("network_id") or "",
        address=data.get("address") or "",
    )


def remove_interface(cloud: Cloud, router: Router, data: Mapping[str, Any]) -> None:
    """Takes it off the network of the form."""
    routers.remove_interface(cloud, router.id, port_id=data["port"])


def set_routes(cloud: Cloud, router: Router, data: Mapping[str, Any]) -> None:
    """Gives it the routes of the form, and no others."""
    routers.set_routes(cloud, router.id, data["routes"])


def why_no_gateway(router: Router) -> str:
    """Why there is no way out to take away."""
    return "" if router.has_gateway else _("It leads to no external network.")


def why_no_interface(router: Router) -> str:
    """Why there is no interface to remove."""
    return _("It is on no network.") if router.interfaces == () else ""


def why_not_delete(router: Router) -> str:
    """What has to go first."""
    if not router.interfaces:
        return ""
    names = ", ".join(port.network_name or port.network_id[:8] for port in router.interfaces)
    return _("It is on these networks: %(names)s. Remove its interfaces first.") % {"names": names}


def named(sentence: Any) -> Any:
    """A sentence about one router."""
    return lambda rows: str(sentence) % {"name": rows[0].name or rows[0].id}


def routes_cli(router: Router, data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "router", "set", "--no-route"]
    for to, hop in data["routes"]:
        words += ["--route", f"destination={to},gateway={hop}"]
    return (*words, router.id)


def gateway_cli(router: Router, data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "router", "set", "--external-gateway", data["gateway"]]
    if data.get("gateway_address"):
        words += ["--fixed-ip", f"ip-address={data['gateway_address']}"]
    if data.get("snat"):
        words.append("--enable-snat" if data["snat"] == "yes" else "--disable-snat")
    return (*words, router.id)


ACTIONS: tuple[Action[Any], ...] = (
    editing(
        run=edit,
        says=named(gettext_lazy("%(name)s is changed at once. While it is switched off, nothing passes.")),
        form=EditRouterForm,
        icon="edit",
    ),
    Action(
        slug="add-interface",
        label=gettext_lazy("Add interface"),
        run=add_interface,
        says=named(gettext_lazy("%(name)s will be on one more network, and lead from there to its others.")),
        form=AddInterfaceForm,
        icon="plug-connected",
        is_bulk=False,
        is_primary=True,
        section=CONNECTIONS,
        started=gettext_lazy("Interface added"),
        cli=lambda router, data: (
            ("openstack", "router", "add", "port", router.id, data["port"])
            if data.get("port")
            else ("openstack", "router", "add", "subnet", router.id, data["subnet"])
        ),
    ),
    Action(
        slug="remove-interface",
        label=gettext_lazy("Remove interface"),
        run=remove_interface,
        says=named(
            gettext_lazy(
                "%(name)s will leave this network. Servers there reach nothing beyond it any more, and floating IPs "
                "of theirs have to be disassociated first."
            )
        ),
        when=why_no_interface,
        form=RemoveInterfaceForm,
        icon="unlink",
        is_bulk=False,
        is_dangerous=True,
        section=CONNECTIONS,
        started=gettext_lazy("Interface removed"),
        cli=lambda router, data: ("openstack", "router", "remove", "port", router.id, data["port"]),
    ),
    Action(
        slug="set-gateway",
        label=gettext_lazy("Set gateway"),
        run=set_gateway,
        says=named(gettext_lazy("%(name)s will lead to this external network, with a new address there.")),
        form=GatewayForm,
        icon="world",
        is_bulk=False,
        is_primary=True,
        section=CONNECTIONS,
        started=gettext_lazy("Gateway set"),
        cli=gateway_cli,
    ),
    Action(
        slug="clear-gateway",
        label=gettext_lazy("Clear gateway"),
        run=clear_gateway,
        says=named(
            gettext_lazy(
                "%(name)s will lead outside no more, and its address there is lost. Floating IPs that lead through it "
                "have to be disassociated first."
            )
        ),
        when=why_no_gateway,
        icon="cloud-off",
        is_bulk=False,
        is_dangerous=True,
        section=CONNECTIONS,
        started=gettext_lazy("Gateway cleared"),
        cli=lambda router, data: ("openstack", "router", "unset", "--external-gateway", router.id),
    ),
    editing(
        slug="routes",
        label=gettext_lazy("Edit static routes"),
        run=set_routes,
        says=named(gettext_lazy("%(name)s will have these static routes, and no others.")),
        form=RoutesForm,
        icon="route",
        section=CONNECTIONS,
        why_not=lambda cloud: (
            "" if extensions.has(cloud, "extraroute") else _("This cloud's routers have no static routes.")
        ),
        started=gettext_lazy("Routes set"),
        cli=routes_cli,
    ),
    deletion(
        lambda cloud, router: routers.delete_router(cloud, router.id),
        gettext_lazy("The router %(name)s will be deleted, and with it its address outside. This can't be undone."),
        gettext_lazy("These routers will be deleted, and with them their addresses outside. This can't be undone."),
        when=why_not_delete,
        command=("router", "delete"),
    ),
)
