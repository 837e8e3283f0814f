"""A server's migrations: how far the one under way is, and where the server has been, for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import versions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.migrations import Migration, list_migrations, list_running
from dashboard.cloud.parallel import later
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Query, Term
from dashboard.panels.servers.migration_words import amount_words, kind, status
from dashboard.ui.panel import Tab
from dashboard.ui.values import Status

SHOWN = 20


@dataclass(frozen=True)
class Move:
    """A migration in words."""

    item: Migration
    status: Status
    kind: str
    memory: str = ""
    disk: str = ""


def moves(items: Iterable[Migration]) -> list[Move]:
    """The migrations as the tab tells them."""
    return [Move(item, status(item), kind(item), amount_words(item.memory), amount_words(item.disk)) for item in items]


def migrations(cloud: Cloud, server: Server) -> Mapping[str, Any]:
    """The server's last migrations, and the bytes of a live one under way (2.23)."""
    is_moving = server.task_state == "migrating" and versions.speaks(cloud, "compute", "2.23")
    running = later(lambda: list_running(cloud, server_id=server.id)) if is_moving else None
    terms = (Term("server", server.id),)
    page = list_migrations(cloud, Query(limit=SHOWN, terms=terms), is_progress_wanted=False)
    return {
        "migrations": moves(page.rows),
        "has_more": page.has_next,
        "running": moves(running.or_else(()) if running is not None else ()),
        # Nova frees the server before it writes down that the migration is completed.
        "is_moving": server.is_transitional or any(item.is_transitional for item in page.rows[:1]),
    }


MIGRATIONS: Tab[Server] = Tab(
    slug="migrations",
    label=gettext_lazy("Migrations"),
    template="servers/migrations.html",
    load=migrations,
    is_live=True,
    is_offered=lambda cloud, server: cloud.has_role("admin"),
)
