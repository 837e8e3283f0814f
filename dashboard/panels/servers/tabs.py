"""The parts of a server's page: network, volumes, security groups, console log and activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, NotFound
from dashboard.cloud.parallel import later
from dashboard.cloud.security_groups import Rule, SecurityGroup
from dashboard.cloud.server_activity import (
    ACTIONS,
    ConsoleLog,
    ServerAction,
    get_action,
    get_console_log,
    list_actions,
)
from dashboard.cloud.server_addresses import FloatingAddress, list_floating
from dashboard.cloud.server_parts import (
    ServerPort,
    VolumeAttachment,
    list_groups_of,
    list_server_ports,
    list_volume_attachments,
    with_volumes,
)
from dashboard.cloud.servers import Server
from dashboard.panels.servers import timeline
from dashboard.panels.servers.insight_tabs import CONSOLE, DIAGNOSTICS
from dashboard.panels.servers.migration_tab import MIGRATIONS
from dashboard.panels.servers.words import action_label
from dashboard.ui.errors import fault_of
from dashboard.ui.panel import Tab
from dashboard.ui.values import Address, Status, Tone
from dashboard.ui.words import rule_words

TAIL = 100
TAILS = (100, 1000)
"""How many lines of the console log may be asked for, besides all."""
PAGE_BYTES = 800_000
"""How much of a log a page holds; pages stay below 1 MB."""
OPENED = 3
"""Actions of which the steps are there at once; those of others come when they are opened."""


@dataclass(frozen=True)
class Allowed:
    """A rule in words, and the names of the groups that have it."""

    words: str
    groups: tuple[str, ...]
    is_open: bool
    """Whether it lets every address in."""


@dataclass(frozen=True)
class Filtered:
    """Ports that the same security groups filter, and what those let through."""

    ports: tuple[tuple[ServerPort, str], ...]
    """Each with its network's name, "" if it is not known."""
    groups: tuple[SecurityGroup, ...]
    is_filtered: bool
    ingress: tuple[Allowed, ...]
    egress: tuple[Allowed, ...]


@dataclass(frozen=True)
class Entry:
    """An action on the timeline. Without ``has_steps``, they can be fetched."""

    action: ServerAction
    label: str
    status: Status
    is_by_me: bool = False
    has_steps: bool = False
    message: str = ""
    begun_here: str = ""
    """What it was called when this person began it in the dashboard."""


@dataclass(frozen=True)
class Disk:
    """A volume as the tab shows it. ``status`` is None where Cinder does not tell."""

    attachment: VolumeAttachment
    status: Status | None
    can_detach: bool
    """Not the disk that the server runs from."""


def volumes(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """The attached volumes; a Cinder that fails costs their names and sizes alone."""
    attachments = list_volume_attachments(cloud, id=server.id)
    error: CloudError | None = None
    if attachments and cloud.offers("block-storage"):
        attachments, error = with_volumes(cloud, attachments)
    disks = [
        Disk(item, _volume_status(item), not (server.is_volume_booted and item.device.endswith("da")))
        for item in attachments
    ]
    return {
        "disks": disks,
        "names_fault": fault_of(error, cloud) if error is not None else None,
        "is_moving": any(disk.status is not None and disk.status.tone == "busy" for disk in disks),
    }


def _volume_status(item: VolumeAttachment) -> Status | None:
    if item.volume is None or not item.volume.status:
        return None
    label, tone = VOLUMES.get(item.volume.status, (item.volume.status, "unknown"))
    return Status(label, tone)


VOLUMES: dict[str, tuple[Any, Tone]] = {
    "in-use": (gettext_lazy("Attached"), "ok"),
    "reserved": (gettext_lazy("Attaching"), "busy"),
    "attaching": (gettext_lazy("Attaching"), "busy"),
    "detaching": (gettext_lazy("Detaching"), "busy"),
    # Nova still has it; Cinder does not.
    "available": (gettext_lazy("Detached"), "off"),
    "error": (gettext_lazy("Error"), "bad"),
    "error_attaching": (gettext_lazy("Attaching failed"), "bad"),
    "error_detaching": (gettext_lazy("Detaching failed"), "bad"),
}
"""Cinder's states of a volume, as the server that has it is concerned."""


@dataclass(frozen=True)
class Interface:
    """A port as the network tab shows it. ``network`` is "" if its name is not known."""

    port: ServerPort
    network: str
    addresses: tuple[Address, ...]
    status: Status
    groups: tuple[SecurityGroup, ...]
    floating: tuple[FloatingAddress, ...] = ()
    """The floating addresses that lead to it, which can be taken off."""

    @property
    def loose(self) -> tuple[Address, ...]:
        """The addresses that are told, without those that can be taken off."""
        known = {item.address for item in self.floating}
        return tuple(item for item in self.addresses if item.ip not in known)

    @property
    def can_lead(self) -> bool:
        """Whether a floating address can lead to it: it has an IPv4 address that none leads to yet."""
        led = {item.fixed for item in self.floating}
        return any("." in item.ip and not item.is_floating and item.ip not in led for item in self.addresses)


def network(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """Where the server is on which network; Neutron failing for anything but the ports costs that alone."""
    ports = list_server_ports(cloud, id=server.id)
    named = later(lambda: list_groups_of(cloud, ports))
    floating = later(lambda: list_floating(cloud, port_ids=[port.id for port in ports]) if ports else ())
    found = interfaces(server, ports, named.or_else(()), floating.or_else(()))
    return {"interfaces": found, "is_moving": any(item.status.tone == "busy" for item in found)}


def interfaces(
    server: Server,
    ports: Sequence[ServerPort],
    groups: Sequence[SecurityGroup],
    leading: Sequence[FloatingAddress] = (),
) -> list[Interface]:
    """The ports with their networks' names and floating addresses, which Nova tells by the MAC address."""
    by_id = {group.id: group for group in groups}
    found = []
    for port in ports:
        own = [item for item in server.addresses if item.mac and item.mac == port.mac]
        name = own[0].network if own else ""
        floating = tuple(Address(item.address, name, True) for item in own if item.is_floating)
        fixed = tuple(Address(address, name) for address in port.addresses)
        label, tone = PORTS.get(port.status, (port.status, "unknown"))
        members = tuple(by_id.get(group_id) or SecurityGroup(group_id, group_id) for group_id in port.group_ids)
        own_floating = tuple(item for item in leading if item.port_id == port.id)
        found.append(Interface(port, name, (*fixed, *floating), Status(label, tone), members, own_floating))
    return found


PORTS: dict[str, tuple[Any, Tone]] = {
    "ACTIVE": (gettext_lazy("Active"), "ok"),
    "BUILD": (gettext_lazy("Building"), "busy"),
    "DOWN": (gettext_lazy("Down"), "off"),
    "ERROR": (gettext_lazy("Error"), "bad"),
}
"""Neutron's states of a port in words."""


def security_groups(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """What may reach the server and what it may reach, port by port."""
    ports = list_server_ports(cloud, id=server.id)
    groups = list_groups_of(cloud, ports)
    return {"filtered": filtered(server, ports, groups)}


def filtered(server: Server, ports: Sequence[ServerPort], groups: Sequence[SecurityGroup]) -> list[Filtered]:
    """The ports by what filters them: mostly the same for all, and then told once."""
    networks = {address.mac: address.network for address in server.addresses if address.mac}
    by_id = {group.id: group for group in groups}
    names = {group.id: group.name for group in groups}
    alike: dict[tuple[bool, tuple[str, ...]], list[ServerPort]] = {}
    for port in ports:
        alike.setdefault((port.is_filtered, tuple(sorted(port.group_ids))), []).append(port)
    found = []
    for (is_filtered, ids), members in alike.items():
        own = [by_id[group_id] for group_id in ids if group_id in by_id]
        found.append(
            Filtered(
                ports=tuple((port, networks.get(port.mac, "")) for port in members),
                groups=tuple(own),
                is_filtered=is_filtered,
                ingress=_allowed(((group, rule) for group in own for rule in group.ingress), names),
                egress=_allowed(((group, rule) for group in own for rule in group.egress), names),
            )
        )
    return found


def _allowed(rules: Iterable[tuple[SecurityGroup, Rule]], names: Mapping[str, str]) -> tuple[Allowed, ...]:
    """Each rule once, whatever number of groups has it."""
    owners: dict[str, list[str]] = {}
    is_open: dict[str, bool] = {}
    for group, rule in rules:
        words = rule_words(rule, names)
        owners.setdefault(words, []).append(group.name or group.id)
        is_open[words] = rule.is_ingress and rule.is_from_everywhere
    return tuple(Allowed(words, tuple(dict.fromkeys(found)), is_open[words]) for words, found in owners.items())


def console_log(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """The end of what the guest printed."""
    return log_context(cloud, server.id, TAIL)


def fitting(log: ConsoleLog) -> ConsoleLog:
    """The end of a log that a page can hold; the file has all of it."""
    text = log.text
    while len(escape(text).encode()) > PAGE_BYTES:
        # Markup takes up to six times its length once it is escaped, so the size is known only then.
        text = text[-(len(text) * 2 // 3) :]
    if len(text) == len(log.text):
        return log
    return ConsoleLog(text.partition("\n")[2] or text, is_cut=True)


def log_context(cloud: Cloud, server_id: str, lines: int | None) -> dict[str, Any]:
    """The log, or why there is none; ``lines`` None asks for all of it."""
    context: dict[str, Any] = {"lines": lines, "tails": TAILS, "log": None, "why_none": ""}
    try:
        context["log"] = fitting(get_console_log(cloud, id=server_id, lines=lines))
    except Conflict:
        context["why_none"] = _("There is no log yet: the server has not begun to run on a host.")
    except NotFound:
        context["why_none"] = _("There is no log: the server is on no host, or the host keeps none.")
    return context


def activity(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """What was done to the server, the newest first, with the steps of what matters most."""
    return activity_context(cloud, server)


def activity_context(cloud: Cloud, server: Server, marker: str = "") -> dict[str, Any]:
    """The timeline from ``marker`` on; the newest action and those that failed come with their steps."""
    actions = list_actions(cloud, id=server.id, marker=marker)
    wanted = [item for place, item in enumerate(actions) if (place == 0 and not marker) or item.is_failed][:OPENED]
    waiting = {
        item.request_id: later(lambda item=item: get_action(cloud, id=server.id, request_id=item.request_id))  # type: ignore[misc]
        for item in wanted
    }
    # Steps are an extra: without them the action itself is told.
    opened = {request_id: call.or_else(None) for request_id, call in waiting.items()}
    blamed = blamed_for(server, actions)
    me = cloud.access.person.id
    entries = [
        entry_of(opened.get(item.request_id) or item, server, me, is_newest=place == 0 and not marker, blamed=blamed)
        for place, item in enumerate(actions)
    ]
    older = actions[-1].request_id if len(actions) >= ACTIONS else ""
    # Older pages are actions alone: the rest was told where it is newest.
    found = entries if marker else timeline.joined(cloud, server, entries, has_older=bool(older))
    return {"entries": found, "older": older}


def blamed_for(server: Server, actions: Sequence[ServerAction]) -> str:
    """The request that brought the server's fault: Nova 34 notes no error with a build that found no host."""
    if server.fault is None or server.fault.created is None or server.status != "ERROR":
        return ""
    before = (item for item in actions if item.started is not None and item.started <= server.fault.created)
    return next((item.request_id for item in before), "")


def entry_of(
    action: ServerAction,
    server: Server,
    me: str,
    *,
    is_newest: bool = False,
    blamed: str = "",
) -> Entry:
    """An action as the timeline shows it."""
    is_blamed = bool(blamed) and action.request_id == blamed
    if action.is_failed or is_blamed:
        state = Status(_("Failed"), "bad")
    elif is_newest and server.is_transitional:
        state = Status(_("Running"), "busy")
    else:
        state = Status(_("Done"), "ok")
    message = action.why_failed or (server.fault.message if is_blamed and server.fault is not None else "")
    return Entry(action, action_label(action.action), state, action.user_id == me, bool(action.events), message)


TABS: tuple[Tab[Server], ...] = (
    Tab(slug="network", label=gettext_lazy("Network"), template="servers/network.html", load=network, is_live=True),
    Tab(slug="volumes", label=gettext_lazy("Volumes"), template="servers/volumes.html", load=volumes, is_live=True),
    Tab(
        slug="security-groups",
        label=gettext_lazy("Security groups"),
        template="servers/security_groups.html",
        load=security_groups,
    ),
    CONSOLE,
    Tab(slug="log", label=gettext_lazy("Console log"), template="servers/log.html", load=console_log),
    Tab(slug="activity", label=gettext_lazy("Activity"), template="servers/activity.html", load=activity, is_live=True),
    DIAGNOSTICS,
    MIGRATIONS,
)
