"""Servers: the list that changes by itself, each server's page, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import servers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.servers import Server
from dashboard.panels.servers.access_views import ACCESS_URLS
from dashboard.panels.servers.actions import ACTIONS
from dashboard.panels.servers.detail_views import DETAIL_URLS
from dashboard.panels.servers.filters import FILTERS, image_names
from dashboard.panels.servers.insight_tabs import host_status
from dashboard.panels.servers.launch_views import LAUNCH_URLS
from dashboard.panels.servers.tabs import TABS
from dashboard.panels.servers.words import POWER, status
from dashboard.ui.columns import ID, OPTIONAL_ID, column
from dashboard.ui.panel import Column, Create, Group, Lead, Panel
from dashboard.ui.values import Address, Link, Tag


def joined(cloud: Cloud, rows: Sequence[Server]) -> Sequence[Server]:
    """The servers with their images' names. A Glance that fails costs the names, not the list."""
    if not any(server.image_id for server in rows):
        return rows
    return servers.with_image_names(rows, image_names(cloud))


def source(server: Server) -> Link:
    """The image, or the volume, that the server started from."""
    if server.image_id:
        return Link(server.image_name or server.image_id[:8], "images:detail", server.image_id)
    if server.volume_ids:
        return Link(_("Volume %(id)s") % {"id": server.volume_ids[0][:8]}, "volumes:detail", server.volume_ids[0], True)
    return Link("")


def addresses(server: Server) -> list[Address]:
    """Addresses, the floating ones marked."""
    return [Address(item.address, item.network, item.is_floating) for item in server.addresses]


def flavor(server: Server) -> str:
    """The flavor's name."""
    return server.flavor.name


def size(server: Server) -> str:
    """The flavor in numbers."""
    ram = server.flavor.ram
    memory = f"{ram / 1024:g} GiB" if ram >= 1024 else f"{ram} MiB"
    return _("%(vcpus)d vCPU · %(memory)s · %(disk)d GiB") % {
        "vcpus": server.flavor.vcpus,
        "memory": memory,
        "disk": server.flavor.disk,
    }


def lock(server: Server) -> list[Tag]:
    """A tag for a locked server."""
    return [Tag(_("Locked"), "warn")] if server.is_locked else []


def tags(server: Server) -> list[str]:
    """The server's own tags; those that Belvedere finds a launch by are left out."""
    return [tag for tag in server.tags if not tag.startswith("belvedere-")]


def volume_links(server: Server) -> list[Link]:
    """Its volumes, by the beginning of their ids: Nova has no names of them; their tab has."""
    return [Link(volume_id[:8], "volumes:detail", volume_id) for volume_id in server.volume_ids]


def group_links(server: Server) -> list[Link]:
    """The server group that it was launched into."""
    return [Link(group_id[:8], "server-groups:detail", group_id) for group_id in server.server_group_ids]


SECRETS = ("adminPass", "OS-EXT-SRV-ATTR:user_data")


def raw(cloud: Cloud, server_id: str) -> dict[str, Any]:
    """The server as Nova sends it, without what may hold passwords."""
    return {key: value for key, value in servers.get_server_json(cloud, server_id).items() if key not in SECRETS}


def networks(server: Server) -> list[tuple[str, list[Address]]]:
    """Addresses by network, in Nova's order."""
    found: dict[str, list[Address]] = {}
    for item in server.addresses:
        found.setdefault(item.network, []).append(Address(item.address, item.network, item.is_floating))
    return list(found.items())


TIME, COPY, LIST = "ui/cell/time.html", "ui/cell/copy.html", "ui/cell/list.html"
PAIRS, STATUS, GROUP_LINKS = "servers/pairs.html", "ui/cell/status.html", "servers/group_links.html"
COLUMNS: tuple[Column[Server], ...] = (
    column(
        "name", gettext_lazy("Name"), lambda server: server.name or server.id, cell="ui/cell/name.html", sort="name"
    ),
    column(
        "status", gettext_lazy("Status"), status, cell="servers/status.html", sort="status", text=lambda s: s.status
    ),
    column("addresses", gettext_lazy("Addresses"), addresses, cell="ui/cell/addresses.html"),
    column("image", gettext_lazy("Image"), source, cell="ui/cell/link.html"),
    column("flavor", gettext_lazy("Flavor"), flavor, sort="flavor"),
    column("key", gettext_lazy("Key pair"), lambda server: server.key_name, sort="key"),
    column("zone", gettext_lazy("Zone"), lambda server: server.availability_zone, sort="zone"),
    column("tags", gettext_lazy("Tags"), tags, cell="ui/cell/tags.html"),
    column("created", gettext_lazy("Age"), lambda server: server.created, cell=TIME, sort="created"),
    column("updated", gettext_lazy("Changed"), lambda s: s.updated, cell=TIME, sort="updated", is_optional=True),
    # A lock stands beside the status, too.
    column(
        "locked",
        gettext_lazy("Locked"),
        lock,
        cell="ui/cell/tags.html",
        text=lambda server: server.is_locked,
        is_optional=True,
    ),
    column("task", gettext_lazy("Task"), lambda server: server.task_state, is_optional=True),
    column("power", gettext_lazy("Power"), lambda s: POWER.get(s.power_state, s.power_state), is_optional=True),
    column("size", gettext_lazy("Size"), size, is_optional=True),
    OPTIONAL_ID,
    column("host", gettext_lazy("Host"), lambda server: server.host, is_optional=True),
    column("description", gettext_lazy("Description"), lambda server: server.description, is_optional=True),
)
GROUPS: tuple[Group[Server], ...] = (
    Group(
        label=gettext_lazy("Server"),
        facts=(
            ID,
            column("description", gettext_lazy("Description"), lambda s: s.description, is_optional=True),
            column("hostname", gettext_lazy("Hostname"), lambda server: server.hostname, is_optional=True),
            column("power", gettext_lazy("Power"), lambda s: POWER.get(s.power_state, s.power_state)),
            column("zone", gettext_lazy("Availability zone"), lambda server: server.availability_zone),
            column("created", gettext_lazy("Created"), lambda server: server.created, cell=TIME),
            column("launched", gettext_lazy("Launched"), lambda server: server.launched_at, cell=TIME),
            column("updated", gettext_lazy("Changed"), lambda server: server.updated, cell=TIME),
            column("locked", gettext_lazy("Locked"), lambda server: server.is_locked, cell="ui/cell/bool.html"),
            column("reason", gettext_lazy("Reason of the lock"), lambda s: s.locked_reason, is_optional=True),
            column("host", gettext_lazy("Host"), lambda server: server.host, cell=COPY, is_optional=True),
            column("host_status", gettext_lazy("Host's status"), host_status, cell=STATUS, is_optional=True),
        ),
    ),
    Group(
        label=gettext_lazy("What it is made of"),
        facts=(
            column("image", gettext_lazy("Image"), source, cell="ui/cell/link.html"),
            column("flavor", gettext_lazy("Flavor"), flavor, cell="servers/flavor_link.html"),
            column("size", gettext_lazy("Size"), size),
            column(
                "key",
                gettext_lazy("Key pair"),
                lambda server: server.key_name,
                cell="servers/key_link.html",
                is_optional=True,
            ),
            column("volumes", gettext_lazy("Volumes"), volume_links, cell=LIST, is_optional=True),
            column("group", gettext_lazy("Server group"), group_links, cell=LIST, is_optional=True),
            column(
                "config_drive",
                gettext_lazy("Config drive"),
                lambda server: server.has_config_drive,
                cell="ui/cell/bool.html",
            ),
            column("tags", gettext_lazy("Tags"), tags, cell="ui/cell/tags.html", is_optional=True),
        ),
    ),
    Group(
        label=gettext_lazy("Addresses"),
        facts=(
            column("networks", gettext_lazy("Networks"), networks, cell="servers/networks.html"),
            column("groups", gettext_lazy("Security groups"), lambda s: list(s.security_groups), cell=GROUP_LINKS),
        ),
    ),
    Group(
        label=gettext_lazy("Metadata"),
        facts=(
            column(
                "metadata",
                gettext_lazy("Metadata"),
                lambda s: sorted(s.metadata.items()),
                cell=PAIRS,
                is_optional=True,
            ),
            column(
                "specs",
                gettext_lazy("Extra specs"),
                lambda s: sorted(s.flavor.extra_specs.items()),
                cell=PAIRS,
                is_optional=True,
            ),
        ),
    ),
)
PANEL: Panel[Server] = Panel(
    slug="servers",
    title=gettext_lazy("Servers"),
    noun=gettext_lazy("server"),
    nouns=gettext_lazy("servers"),
    group="compute",
    icon="server",
    service=servers.SERVICE,
    about=gettext_lazy("A server is a virtual machine: an image started with the CPU, memory and disk of a flavor."),
    rows=servers.list_servers,
    row=servers.get_server,
    raw=raw,
    joined=joined,
    columns=COLUMNS,
    groups=GROUPS,
    tabs=TABS,
    header="servers/header.html",
    filters=FILTERS,
    lookup=servers.LOOKUP,
    actions=ACTIONS,
    create=Create(label=gettext_lazy("Launch server"), url_name="servers:launch"),
    leads=(
        Lead(
            label=gettext_lazy("Launch another like this"),
            url_name="servers:launch",
            query=lambda server: {"like": server.id},
            icon="rocket",
        ),
    ),
    live="servers",
    default_sort="created",
    is_default_descending=True,
    extra_urls=(*LAUNCH_URLS, *DETAIL_URLS, *ACCESS_URLS),
)
