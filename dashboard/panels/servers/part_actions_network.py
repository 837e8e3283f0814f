"""A server's interfaces and floating addresses: put it on a network, take it off, lead an address to it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import server_addresses, server_attach
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.server_parts import ServerPort, list_server_ports
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_rules import name_of, unless
from dashboard.panels.servers.part_actions_volumes import SECTION
from dashboard.panels.servers.part_forms import PartForm, joined, named
from dashboard.ui.panel import Action

Data = Mapping[str, Any]

when_interfaces = unless(
    lambda server: server.can_change_interfaces,
    gettext_lazy("Interfaces come and go while a server is active, paused or shut off."),
)


def why_no_network(cloud: Cloud) -> str:
    """That this cloud has no service for networks; "" if it has."""
    return "" if cloud.offers("network") else _("This cloud has no network service.")


def port_words(port: ServerPort, server: Server) -> str:
    """ "192.168.10.5 · web-net": what people know a port by."""
    own = next((item.network for item in server.addresses if item.mac and item.mac == port.mac), "")
    return joined((port.name, ", ".join(port.addresses) or port.mac, own))


class AttachInterface(PartForm):
    """A network, or a port that is there already."""

    target = forms.ChoiceField(label=gettext_lazy("Network or port"))
    address = forms.GenericIPAddressField(
        label=gettext_lazy("Fixed address"),
        required=False,
        help_text=gettext_lazy("Of one of the network's subnets. Any free one without it; a port has its own."),
    )
    tag = forms.RegexField(
        r"^[^,/]+$",
        label=gettext_lazy("Tag"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("The server finds the interface by it in its metadata."),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = later(lambda: server_addresses.list_free_ports(cloud))
        networks = [(f"network:{item.id}", named(item.name, item.id)) for item in server_addresses.list_joinable(cloud)]
        ports = [
            (f"port:{item.id}", joined((named(item.name, item.id), ", ".join(item.addresses))))
            for item in free.or_else(())
        ]
        groups = [(_("Networks"), networks[:500]), (_("Ports that no server uses"), ports[:500])]
        self.offer(
            "target",
            [(label, found) for label, found in groups if found],
            empty=_("There is no network that a server can be put on."),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind, _colon, found = data.get("target", "").partition(":")
        if kind == "port" and data.get("address"):
            self.add_error("address", _("A port has its address already: choose a network, or leave this empty."))
        data["network_id"], data["port_id"] = (found, "") if kind == "network" else ("", found)
        return data


class OnePort(PartForm):
    """One of the server's ports: a link names it, or it is chosen."""

    port_id = forms.ChoiceField(label=gettext_lazy("Port"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ports = list_server_ports(cloud, id=rows[0].id) if rows else ()
        self.sentence = self.about("port_id", [(port.id, port_words(port, rows[0])) for port in self.ports])


class AssociateFloating(PartForm):
    """A floating address, free or new, and the fixed one that it leads to."""

    floating = forms.ChoiceField(label=gettext_lazy("Floating IP"))
    target = forms.ChoiceField(label=gettext_lazy("Leads to"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        external = later(lambda: server_addresses.list_external(cloud))
        ports = later(lambda: list_server_ports(cloud, id=rows[0].id) if rows else ())
        free = [(item.id, item.address) for item in server_addresses.list_floating(cloud) if not item.port_id]
        new = [
            (f"new:{item.id}", _("A new address of %(network)s") % {"network": named(item.name, item.id)})
            for item in external.or_else(())
        ]
        groups = [(_("Free addresses of the project"), free[:500]), (_("New address"), new)]
        self.offer(
            "floating",
            [(label, found) for label, found in groups if found],
            empty=_("The project has no free floating IP, and no external network to take one from."),
        )
        targets = [
            (f"{port.id}|{address}", joined((address, port_words(port, rows[0]).rpartition(" · ")[2])))
            for port in ports.value
            for address in port.addresses
            if _is_v4(address)
        ]
        self.offer("target", targets, empty=_("The server has no fixed IPv4 address."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["port_id"], _bar, data["fixed"] = data.get("target", "").partition("|")
        return data


class OneFloating(PartForm):
    """One of the floating addresses that lead to the server."""

    floating_id = forms.ChoiceField(label=gettext_lazy("Floating IP"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ports = list_server_ports(cloud, id=rows[0].id) if rows else ()
        found = server_addresses.list_floating(cloud, port_ids=[port.id for port in ports]) if ports else ()
        # Asked of Neutron: Nova learns of an address some seconds later.
        choices = [(item.id, f"{item.address} → {item.fixed}") for item in found]
        self.sentence = self.about("floating_id", choices)
        if not choices:
            self.sentence = _("No floating IP leads to it.")


def _is_v4(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).version == 4
    except ValueError:
        return False


def when_associate(server: Server) -> str:
    """Neutron does it in any state; there only has to be an address to lead to."""
    if any(_is_v4(item.address) for item in server.fixed_addresses):
        return ""
    return _("It has no fixed IPv4 address that a floating IP could lead to.")


def when_networked(server: Server) -> str:
    """Neutron has nothing of a server that is on no network."""
    return "" if server.addresses else _("It is on no network.")


def _attach(cloud: Cloud, server: Server, data: Data) -> None:
    server_attach.attach_interface(
        cloud,
        id=server.id,
        network_id=data["network_id"],
        port_id=data["port_id"],
        address=data["address"],
        tag=data["tag"],
    )


def _detach(cloud: Cloud, server: Server, data: Data) -> None:
    server_attach.detach_interface(cloud, id=server.id, port_id=data["port_id"])


def _associate(cloud: Cloud, server: Server, data: Data) -> None:
    kind, _colon, network_id = data["floating"].partition(":")
    if kind == "new":
        server_addresses.allocate_floating(cloud, network_id=network_id, port_id=data["port_id"], fixed=data["fixed"])
        return
    server_addresses.associate_floating(cloud, id=data["floating"], port_id=data["port_id"], fixed=data["fixed"])


def _disassociate(cloud: Cloud, server: Server, data: Data) -> None:
    server_addresses.disassociate_floating(cloud, id=data["floating_id"])


def _release(cloud: Cloud, server: Server, data: Data) -> None:
    server_addresses.release_floating(cloud, id=data["floating_id"])


def _say_attach(servers: Sequence[Server]) -> str:
    return _("“%(name)s” is put on a further network. Its operating system may have to be told to use it.") % {
        "name": name_of(servers)
    }


def _say_detach(servers: Sequence[Server]) -> str:
    return _(
        "“%(name)s” loses this interface and its addresses. A port that was made for the server is deleted; one that "
        "was there before stays."
    ) % {"name": name_of(servers)}


def _say_associate(servers: Sequence[Server]) -> str:
    return _("“%(name)s” can be reached from outside by this address, where its security groups let it.") % {
        "name": name_of(servers)
    }


def _say_disassociate(servers: Sequence[Server]) -> str:
    return _("“%(name)s” can't be reached by this address any more. The address stays in the project.") % {
        "name": name_of(servers)
    }


def _say_release(servers: Sequence[Server]) -> str:
    return _(
        "“%(name)s” can't be reached by this address any more, and it goes back to the cloud: somebody else may get "
        "it. This can't be undone."
    ) % {"name": name_of(servers)}


def _cli_attach(server: Server, data: Data) -> tuple[str, ...]:
    if data["port_id"]:
        return ("openstack", "server", "add", "port", server.id, data["port_id"])
    address = ("--fixed-ip-address", data["address"]) if data["address"] else ()
    if address:
        return ("openstack", "server", "add", "fixed", "ip", *address, server.id, data["network_id"])
    tag = ("--tag", data["tag"]) if data["tag"] else ()
    return ("openstack", "server", "add", "network", *tag, server.id, data["network_id"])


def _cli_associate(server: Server, data: Data) -> tuple[str, ...]:
    kind, _colon, network_id = data["floating"].partition(":")
    ways = ("--port", data["port_id"], "--fixed-ip-address", data["fixed"])
    if kind == "new":
        return ("openstack", "floating", "ip", "create", *ways, network_id)
    return ("openstack", "floating", "ip", "set", *ways, data["floating"])


NETWORK_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="attach-interface",
        label=gettext_lazy("Attach an interface"),
        icon="plug",
        section=SECTION,
        run=_attach,
        form=AttachInterface,
        when=when_interfaces,
        why_not=why_no_network,
        needs="2.49",
        says=_say_attach,
        started=gettext_lazy("Attached an interface"),
        button=gettext_lazy("Attach"),
        is_bulk=False,
        cli=_cli_attach,
    ),
    Action(
        slug="detach-interface",
        label=gettext_lazy("Detach an interface"),
        icon="unlink",
        run=_detach,
        form=OnePort,
        when=when_interfaces,
        says=_say_detach,
        started=gettext_lazy("Detaching an interface"),
        button=gettext_lazy("Detach"),
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        cli=lambda server, data: ("openstack", "server", "remove", "port", server.id, data["port_id"]),
    ),
    Action(
        slug="associate-floating-ip",
        label=gettext_lazy("Associate a floating IP"),
        icon="world",
        section=SECTION,
        run=_associate,
        form=AssociateFloating,
        when=when_associate,
        why_not=why_no_network,
        says=_say_associate,
        started=gettext_lazy("Associated a floating IP"),
        button=gettext_lazy("Associate"),
        is_bulk=False,
        cli=_cli_associate,
    ),
    Action(
        slug="disassociate-floating-ip",
        label=gettext_lazy("Disassociate a floating IP"),
        icon="unlink",
        section=SECTION,
        run=_disassociate,
        form=OneFloating,
        when=when_networked,
        why_not=why_no_network,
        says=_say_disassociate,
        started=gettext_lazy("Disassociated a floating IP"),
        button=gettext_lazy("Disassociate"),
        is_bulk=False,
        cli=lambda server, data: ("openstack", "floating", "ip", "unset", "--port", data["floating_id"]),
    ),
    Action(
        slug="release-floating-ip",
        label=gettext_lazy("Release a floating IP"),
        icon="trash",
        run=_release,
        form=OneFloating,
        when=when_networked,
        says=_say_release,
        started=gettext_lazy("Released a floating IP"),
        button=gettext_lazy("Release"),
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        cli=lambda server, data: ("openstack", "floating", "ip", "delete", data["floating_id"]),
    ),
)
