"""Migrations: which servers are on their way from one host to another, and which were, for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.migrations import LOOKUP, SERVICE, Migration, list_migrations
from dashboard.live.names import project_names, server_names
from dashboard.panels.servers.migration_words import STATUSES, TYPES, amount_words, kind, status
from dashboard.ui.columns import column
from dashboard.ui.panel import ADMIN, Filter, Panel
from dashboard.ui.values import Link

CHIPS = ("running", "finished", "completed", "confirmed", "failed", "error", "cancelled")
"""The statuses that are worth a chip; any other can be typed."""
TIME = "ui/cell/time.html"


def joined(cloud: Cloud, rows: Sequence[Migration]) -> Sequence[Migration]:
    """The migrations with their servers' and projects' names; what can't be had stays an id."""
    if not rows:
        return rows
    names = server_names(cloud, [row.server_id for row in rows])
    projects = project_names(cloud)
    return [
        replace(
            row,
            server_name=names.get(row.server_id, ""),
            project_id=projects.get(row.project_id, row.project_id),
        )
        for row in rows
    ]


def server(migration: Migration) -> Link:
    """The server, with its page in the administrator's scope."""
    return Link(migration.server_name or migration.server_id, "all-servers:detail", migration.server_id)


PANEL: Panel[Migration] = Panel(
    slug="migrations",
    title=gettext_lazy("Migrations"),
    noun=gettext_lazy("migration"),
    nouns=gettext_lazy("migrations"),
    group="admin",
    icon="transfer",
    service=SERVICE,
    about=gettext_lazy(
        "A migration is a server's way from one host to another: live, cold, by a resize, or off a host that is dead."
    ),
    rows=list_migrations,
    joined=joined,
    columns=(
        column("server", gettext_lazy("Server"), server, cell="ui/cell/link.html"),
        column(
            "status",
            gettext_lazy("Status"),
            status,
            cell="ui/cell/status.html",
            text=lambda migration: migration.status,
        ),
        column("type", gettext_lazy("Type"), kind),
        column("source", gettext_lazy("From"), lambda migration: migration.source),
        column("target", gettext_lazy("To"), lambda migration: migration.target),
        column("memory", gettext_lazy("Memory"), lambda migration: amount_words(migration.memory)),
        column("disk", gettext_lazy("Disk"), lambda migration: amount_words(migration.disk), is_optional=True),
        column("project", gettext_lazy("Project"), lambda migration: migration.project_id),
        column("created", gettext_lazy("Begun"), lambda migration: migration.created, cell=TIME),
        column("updated", gettext_lazy("Changed"), lambda migration: migration.updated, cell=TIME, is_optional=True),
        column("id", gettext_lazy("ID"), lambda migration: migration.id, cell="ui/cell/copy.html", is_optional=True),
    ),
    filters=(
        Filter(key="status", label=gettext_lazy("Status"), choices=tuple((key, STATUSES[key][0]) for key in CHIPS)),
        Filter(key="type", label=gettext_lazy("Type"), choices=tuple(TYPES.items())),
        Filter(key="host", label=gettext_lazy("A host, from or to")),
        Filter(key="server", label=gettext_lazy("A server's id")),
        Filter(key="project", label=gettext_lazy("A project's name or id"), names=project_names),
    ),
    lookup=LOOKUP,
    live="migrations",
    default_sort="created",
    is_default_descending=True,
    roles=ADMIN,
)
