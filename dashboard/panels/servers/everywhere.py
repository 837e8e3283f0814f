"""All servers: those of every project, for administrators, with whose they are and where they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy

from dashboard.cloud import everywhere, servers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Page, Query
from dashboard.live.names import project_names, user_names
from dashboard.panels.servers import panel as own
from dashboard.panels.servers.panel import COPY
from dashboard.ui.all_projects import owner_column
from dashboard.ui.columns import column
from dashboard.ui.panel import ADMIN, Filter, Group, Panel

SHOWN = ("name", "status", "addresses", "flavor", "created")
"""The columns of the servers' own list that stay; the others can be chosen."""


def rows(cloud: Cloud, query: Query) -> Page[Server]:
    """One page of every project's servers."""
    return everywhere.list_all_servers(cloud, query, project_names(cloud))


def joined(cloud: Cloud, found: Sequence[Server]) -> Sequence[Server]:
    """The servers with the names of their projects, people and images; what can't be had stays an id."""
    if not found:
        return found
    projects = project_names(cloud)
    people = user_names(cloud, [server.user_id for server in found])
    return [
        replace(
            server,
            project_name=projects.get(server.project_id, server.project_name),
            user_name=people.get(server.user_id, ""),
        )
        for server in own.joined(cloud, found)
    ]


WHOSE = (
    replace(owner_column(), sort="project"),
    column("host", gettext_lazy("Host"), lambda server: server.host, sort="host"),
    column("user", gettext_lazy("User"), lambda server: server.user_name or server.user_id),
)
REST = tuple(item for item in own.COLUMNS if item.key not in {"name", "status", "host"})
COLUMNS = (
    *(item for item in own.COLUMNS if item.key in {"name", "status"}),
    *WHOSE,
    *(item if item.key in SHOWN else replace(item, is_optional=True) for item in REST),
    column("project_id", gettext_lazy("Project's ID"), lambda server: server.project_id, cell=COPY, is_optional=True),
    column("hypervisor", gettext_lazy("Hypervisor"), lambda server: server.hypervisor, is_optional=True),
)
GROUPS: tuple[Group[Server], ...] = (
    Group(
        label=gettext_lazy("Whose it is and where"),
        facts=(
            owner_column(),
            column("project_id", gettext_lazy("Project's ID"), lambda server: server.project_id, cell=COPY),
            column("user", gettext_lazy("User"), lambda server: server.user_name),
            column("user_id", gettext_lazy("User's ID"), lambda server: server.user_id, cell=COPY),
            column("hypervisor", gettext_lazy("Hypervisor"), lambda server: server.hypervisor),
        ),
    ),
    *own.GROUPS,
)
PANEL: Panel[Server] = Panel(
    slug="all-servers",
    title=gettext_lazy("All servers"),
    noun=gettext_lazy("server"),
    nouns=gettext_lazy("servers"),
    group="admin",
    family="all-projects",
    tab=gettext_lazy("Servers"),
    icon="server-2",
    service=servers.SERVICE,
    about=gettext_lazy("The servers of every project in this region, for those who run the cloud."),
    rows=rows,
    row=servers.get_server,
    raw=own.raw,
    joined=joined,
    columns=COLUMNS,
    groups=GROUPS,
    tabs=own.TABS,
    header="servers/header.html",
    filters=(
        own.PANEL.filters[0],
        Filter(key="project", label=gettext_lazy("A project's name or id"), names=project_names),
        *own.PANEL.filters[1:],
    ),
    lookup=everywhere.LOOKUP,
    actions=own.PANEL.actions,
    live="all-servers",
    default_sort="created",
    is_default_descending=True,
    roles=ADMIN,
)
