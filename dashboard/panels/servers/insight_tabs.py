"""Parts of a server's page for those who look deeper: its consoles, what its host measures, where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.parallel import later
from dashboard.cloud.server_access import KINDS
from dashboard.cloud.server_insight import Diagnostics, get_diagnostics, get_topology
from dashboard.cloud.servers import Server
from dashboard.panels.servers.words import why_busy
from dashboard.ui.errors import fault_of, told
from dashboard.ui.panel import Tab
from dashboard.ui.templatetags.ui import age_words, size_words
from dashboard.ui.values import Status, Tone


@dataclass(frozen=True)
class ConsoleKind:
    """A way to a server's screen, in words."""

    kind: str
    label: Any
    about: Any
    icon: str


CONSOLES: tuple[ConsoleKind, ...] = (
    ConsoleKind("novnc", gettext_lazy("Screen (noVNC)"), gettext_lazy("Screen and keyboard."), "device-desktop"),
    ConsoleKind(
        "serial",
        gettext_lazy("Serial console"),
        gettext_lazy("Text alone: for servers that speak to their serial port."),
        "terminal-2",
    ),
    ConsoleKind("spice-html5", gettext_lazy("Screen (SPICE)"), gettext_lazy("Screen and keyboard."), "device-desktop"),
    ConsoleKind("webmks", gettext_lazy("Screen (MKS)"), gettext_lazy("For VMware's hypervisor."), "device-desktop"),
)
assert {item.kind for item in CONSOLES} == set(KINDS)


def why_no_console(server: Server) -> str:
    """The reason why there is nothing to look at now; "" if there is."""
    if server.status in {"SHELVED_OFFLOADED", "BUILD", "SOFT_DELETED", "DELETED"} or not server.has_run:
        return why_busy(server) or _("It is on no host, so it has no console.")
    if server.status == "SHUTOFF":
        return _("It is shut off: its console comes with it when it is started.")
    return ""


def refused_words(error: CloudError) -> str:
    """Why a console could not be opened, in words."""
    if isinstance(error, Invalid | NotFound):
        # Nova 34 answers 400 "Unavailable console type ..." where the operator has not set it up.
        return _("This cloud offers no such console. Try another one, or ask your operator.")
    if isinstance(error, Conflict):
        return _("The server is on no host at the moment, so it has no console.")
    return told(error)


def console(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """The ways to a server's screen. Nothing is opened until it is asked for: each address is a key."""
    return {"consoles": CONSOLES, "why_none": why_no_console(server)}


HOSTS: dict[str, tuple[Any, Tone]] = {
    "UP": (gettext_lazy("Up"), "ok"),
    "DOWN": (gettext_lazy("Down"), "bad"),
    "MAINTENANCE": (gettext_lazy("In maintenance"), "warn"),
    "UNKNOWN": (gettext_lazy("Unknown"), "unknown"),
}
"""Nova's states of a host (2.16)."""


def host_status(server: Server) -> Status | None:
    """How the server's host is; None for those whom Nova does not tell."""
    if not server.host_status:
        return None
    label, tone = HOSTS.get(server.host_status, (server.host_status, "unknown"))
    return Status(label, tone)


@dataclass(frozen=True)
class Table:
    """Measurements of several things of a kind; each row has its headings beside it, for small screens."""

    title: Any
    heads: tuple[Any, ...]
    rows: tuple[tuple[tuple[Any, str], ...], ...]


MEASURED: tuple[tuple[str, Any, tuple[tuple[str, Any, str], ...]], ...] = (
    (
        "cpus",
        gettext_lazy("CPUs"),
        (
            ("id", gettext_lazy("CPU"), ""),
            ("utilisation", gettext_lazy("Load"), "%"),
            ("time", gettext_lazy("Time"), "ns"),
        ),
    ),
    (
        "disks",
        gettext_lazy("Disks"),
        (
            ("", gettext_lazy("Disk"), "#"),
            ("read_bytes", gettext_lazy("Read"), "B"),
            ("read_requests", gettext_lazy("Reads"), ""),
            ("write_bytes", gettext_lazy("Written"), "B"),
            ("write_requests", gettext_lazy("Writes"), ""),
            ("errors_count", gettext_lazy("Errors"), ""),
        ),
    ),
    (
        "nics",
        gettext_lazy("Interfaces"),
        (
            ("mac_address", gettext_lazy("MAC address"), ""),
            ("rx_octets", gettext_lazy("Received"), "B"),
            ("rx_packets", gettext_lazy("Packets in"), ""),
            ("rx_drop", gettext_lazy("Dropped in"), ""),
            ("rx_errors", gettext_lazy("Errors in"), ""),
            ("tx_octets", gettext_lazy("Sent"), "B"),
            ("tx_packets", gettext_lazy("Packets out"), ""),
            ("tx_drop", gettext_lazy("Dropped out"), ""),
            ("tx_errors", gettext_lazy("Errors out"), ""),
        ),
    ),
)
"""What of a server's diagnostics is shown: Nova's key, the heading, the unit ("#" numbers the rows)."""


def tables(found: Diagnostics) -> list[Table]:
    """The measurements that there are, in tables."""
    made = []
    for name, title, columns in MEASURED:
        items = getattr(found, name)
        if items:
            heads = tuple(label for _key, label, _unit in columns)
            rows = tuple(
                tuple((label, _measure(item, key, unit, number)) for key, label, unit in columns)
                for number, item in enumerate(items)
            )
            made.append(Table(title, heads, rows))
    return made


def _measure(item: Mapping[str, Any], key: str, unit: str, number: int) -> str:
    if unit == "#":
        return str(number)
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return wire.text(value)
    if unit == "B":
        return size_words(value)
    if unit == "ns":
        return f"{value / 1e9:.1f} s"
    return f"{value:g} %" if unit == "%" else number_format(value)


def diagnostics(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """What the host measures, and the server's place on it; one failing costs the other nothing."""
    measured = later(lambda: get_diagnostics(cloud, id=server.id))
    placed = later(lambda: get_topology(cloud, id=server.id))
    context: dict[str, Any] = {"diagnostics": measured.or_else(None), "topology": placed.or_else(None)}
    if measured.error is not None:
        if isinstance(measured.error, Conflict | Invalid):
            context["why_none"] = _("There is nothing to measure: the server does not run.")
        elif isinstance(measured.error, Forbidden):
            context["why_none"] = _("Nova tells this to administrators alone.")
        else:
            context["measuring_fault"] = fault_of(measured.error, cloud)
    if placed.error is not None and not isinstance(placed.error, NotFound | Forbidden):
        context["topology_fault"] = fault_of(placed.error, cloud)
    context["host"] = host_status(server)
    found = context["diagnostics"]
    if found is not None:
        context["tables"] = tables(found)
        context["uptime"] = age_words(datetime.now(UTC) - timedelta(seconds=found.uptime)) if found.uptime else ""
    return context


CONSOLE: Tab[Server] = Tab(slug="console", label=gettext_lazy("Console"), template="servers/console.html", load=console)
DIAGNOSTICS: Tab[Server] = Tab(
    slug="diagnostics",
    label=gettext_lazy("Diagnostics"),
    template="servers/diagnostics.html",
    load=diagnostics,
    is_offered=lambda cloud, server: cloud.has_role("admin"),
)
