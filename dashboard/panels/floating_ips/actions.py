"""What can be done to floating IPs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import floating_ips
from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.floating_ips import FloatingIp
from dashboard.panels.floating_ips.forms import (
    AssociateForm,
    EditForm,
    ForwardForm,
    ForwardingForm,
    allocate_body,
    forward_body,
)
from dashboard.ui.actions import editing, removal
from dashboard.ui.panel import Action


def allocate(cloud: Cloud, data: Mapping[str, Any]) -> FloatingIp:
    """Takes an address of the outside for the project."""
    return floating_ips.create_floating_ip(cloud, allocate_body(data))


def allocate_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "floating", "ip", "create"]
    for key, value in allocate_body(data).items():
        if key != "floating_network_id":
            option = {"port_id": "port", "subnet_id": "subnet", "qos_policy_id": "qos-policy"}.get(key, key)
            words += [f"--{option.replace('_', '-')}", value]
    return (*words, data["network"])


def associate(cloud: Cloud, ip: FloatingIp, data: Mapping[str, Any]) -> None:
    """Leads it to the port of the form."""
    port_id, _slash, address = data["target"].partition("/")
    floating_ips.associate(cloud, ip.id, port_id=port_id, fixed_address=address)


def associate_cli(ip: FloatingIp, data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    port_id, _slash, address = data["target"].partition("/")
    return ("openstack", "floating", "ip", "set", "--port", port_id, "--fixed-ip-address", address, ip.id)


def disassociate(cloud: Cloud, ip: FloatingIp, data: Mapping[str, Any]) -> None:
    """Leads it nowhere."""
    floating_ips.disassociate(cloud, ip.id)


def edit(cloud: Cloud, ip: FloatingIp, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    body: dict[str, Any] = {}
    if data["description"] != ip.description:
        body["description"] = data["description"]
    if "qos_policy_id" in data and data["qos_policy_id"] != ip.qos_policy_id:
        body["qos_policy_id"] = data["qos_policy_id"] or None
    floating_ips.update_floating_ip(cloud, ip.id, body)


def release(cloud: Cloud, ip: FloatingIp, data: Mapping[str, Any]) -> None:
    """Gives it back to the cloud."""
    floating_ips.delete_floating_ip(cloud, ip.id)


def forward(cloud: Cloud, ip: FloatingIp, data: Mapping[str, Any]) -> None:
    """Forwards a port, or changes how one is forwarded."""
    if data.get("forwarding"):
        floating_ips.update_forwarding(cloud, ip.id, data["forwarding"], forward_body(data))
    else:
        floating_ips.create_forwarding(cloud, ip.id, forward_body(data))


def forward_cli(ip: FloatingIp, data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    body = forward_body(data)
    words = ["openstack", "floating", "ip", "port", "forwarding", "set" if data.get("forwarding") else "create"]
    words += ["--protocol", body["protocol"], "--port", body["internal_port_id"]]
    words += ["--internal-ip-address", body["internal_ip_address"]]
    for side in ("external", "internal"):
        if data.get(side):
            words += [f"--{side}-protocol-port", data[side]]
    return (*words, ip.id, *((data["forwarding"],) if data.get("forwarding") else ()))


def stop_forwarding(cloud: Cloud, ip: FloatingIp, data: Mapping[str, Any]) -> None:
    """Forwards a port no more."""
    floating_ips.delete_forwarding(cloud, ip.id, data["forwarding"])


def named(one: Any, several: Any = "") -> Any:
    """A sentence about one floating IP, or about several."""
    return lambda rows: str(one) % {"name": rows[0].address} if len(rows) == 1 or not several else str(several)


def why_not_disassociate(ip: FloatingIp) -> str:
    """Why there is nothing to end."""
    return "" if ip.is_associated else _("It leads nowhere.")


def why_not_associate(ip: FloatingIp) -> str:
    """Why it can't lead to one port as a whole."""
    return _("It forwards single ports. Remove these first.") if ip.forwardings else ""


def why_not_forward(ip: FloatingIp) -> str:
    """Why it can't forward single ports."""
    return _("It leads to a port as a whole. Disassociate it first.") if ip.is_associated else ""


def why_no_forwarding(cloud: Cloud) -> str:
    """Why nothing can be forwarded in this cloud."""
    has_it = extensions.has(cloud, "floating-ip-port-forwarding")
    return "" if has_it else _("This cloud does not offer port forwarding.")


ACTIONS: tuple[Action[Any], ...] = (
    Action(
        slug="associate",
        label=gettext_lazy("Associate"),
        run=associate,
        says=named(gettext_lazy("%(name)s will lead to this address, and no longer to where it led before.")),
        when=why_not_associate,
        form=AssociateForm,
        icon="link",
        is_bulk=False,
        is_primary=True,
        started=gettext_lazy("Associated"),
        cli=associate_cli,
    ),
    Action(
        slug="disassociate",
        label=gettext_lazy("Disassociate"),
        run=disassociate,
        says=named(
            gettext_lazy("%(name)s will lead nowhere. It stays the project's, and connections through it break."),
            gettext_lazy("These will lead nowhere. They stay the project's, and connections through them break."),
        ),
        when=why_not_disassociate,
        icon="unlink",
        started=gettext_lazy("Disassociated"),
        cli=lambda ip, data: ("openstack", "floating", "ip", "unset", "--port", ip.id),
    ),
    editing(
        slug="forward",
        label=gettext_lazy("Forward a port"),
        run=forward,
        says=named(gettext_lazy("This port of %(name)s will lead to the address within.")),
        when=why_not_forward,
        form=ForwardForm,
        why_not=why_no_forwarding,
        icon="switch-horizontal",
        started=gettext_lazy("Forwarded"),
        cli=forward_cli,
    ),
    Action(
        slug="stop-forwarding",
        label=gettext_lazy("Stop forwarding"),
        run=stop_forwarding,
        says=named(gettext_lazy("This port of %(name)s will lead nowhere; connections through it break.")),
        form=ForwardingForm,
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        started=gettext_lazy("Forwarding stopped"),
        cli=lambda ip, data: (
            ("openstack", "floating", "ip", "port", "forwarding", "delete", ip.id, data["forwarding"])
        ),
    ),
    editing(
        run=edit,
        says=named(gettext_lazy("%(name)s keeps its address and where it leads.")),
        form=EditForm,
        icon="edit",
        cli=lambda ip, data: ("openstack", "floating", "ip", "set", "--description", data["description"], ip.id),
    ),
    removal(
        slug="release",
        label=gettext_lazy("Release"),
        run=release,
        says=named(
            gettext_lazy(
                "%(name)s goes back to the cloud, and others may get it. It can hardly be had again. This can't be "
                "undone."
            ),
            gettext_lazy(
                "These go back to the cloud, and others may get them. They can hardly be had again. This can't be "
                "undone."
            ),
        ),
        started=gettext_lazy("Released"),
        cli=lambda ip, data: ("openstack", "floating", "ip", "delete", ip.id),
    ),
)
