"""All server groups: those of every project, for administrators, with whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.server_groups import ServerGroup, list_all_server_groups
from dashboard.live.names import server_names
from dashboard.panels.server_groups import panel as own
from dashboard.ui.all_projects import of_all
from dashboard.ui.panel import Column, Panel
from dashboard.ui.values import Link


def joined(cloud: Cloud, groups: Sequence[ServerGroup]) -> Sequence[ServerGroup]:
    """The groups with the names of the members that the list shows."""
    names = server_names(cloud, (id for group in groups for id in group.members[: own.SHOWN]))
    return [replace(group, names={id: names[id] for id in group.members if id in names}) for group in groups]


def _everywhere(links: Sequence[Link]) -> list[Link]:
    """The same servers on their pages among all projects' servers."""
    return [replace(link, url_name="all-servers:detail") if link.id else link for link in links]


def _column(column: Column[ServerGroup]) -> Column[ServerGroup]:
    if column.key != "members":
        return column
    value = column.value
    return replace(column, value=lambda group: _everywhere(value(group)))


PANEL: Panel[Any] = of_all(
    replace(
        own.PANEL,
        rows=list_all_server_groups,
        joined=joined,
        columns=tuple(map(_column, own.PANEL.columns)),
        groups=tuple(replace(group, facts=tuple(map(_column, group.facts))) for group in own.PANEL.groups),
    ),
    slug="all-server-groups",
    title=gettext_lazy("All server groups"),
    about=gettext_lazy("The server groups of every project in this region, for those who run the cloud."),
    everything="",
    after=1,
)
