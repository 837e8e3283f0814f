"""Which panels there are: filled once at start-up, so that the shell can draw its menu."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboard.auth.scopes import know_pages
from dashboard.ui.panel import Panel, roles_in

_panels: dict[str, Any] = {}


def register(panels: Iterable[Any]) -> None:
    """Sets the panels, in the menu's order; a second call replaces the first."""
    found = {panel.slug: panel for panel in panels}
    _panels.clear()
    _panels.update(found)
    know_pages({slug: kinds_of(panel) for slug, panel in found.items()})


def kinds_of(panel: Any) -> tuple[str, ...]:
    """The kinds of scope that a page is for: those in which there is a role that may see it."""
    return tuple(kind for kind in panel.scopes if roles_in(panel.roles, kind))


def panels() -> tuple[Any, ...]:
    """All panels and plain pages, in the menu's order."""
    return tuple(_panels.values())


def panel(slug: str) -> Panel[Any] | None:
    """The panel with this slug."""
    return _panels.get(slug)
