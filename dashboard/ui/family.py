"""Lists that belong together: tabs above each of them lead to the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.auth.http import Request
from dashboard.auth.scopes import urls_for
from dashboard.ui import registry
from dashboard.ui.panel import Panel, may


@dataclass(frozen=True)
class Relative:
    """A list of the family, and whether it is the one that is shown."""

    label: Any
    url: str
    is_current: bool


def relatives(request: Request, panel: Panel[Any]) -> list[Relative]:
    """The lists of a panel's family that this person may see, itself among them; none if it has no family."""
    cloud = request.cloud
    if not panel.family or cloud is None:
        return []
    return [
        Relative(item.tab or item.title, urls_for(request, f"{item.slug}:index"), item.slug == panel.slug)
        for item in registry.panels()
        if isinstance(item, Panel)
        and item.family == panel.family
        and may(cloud, item.roles)
        and cloud.access.scope.kind in item.scopes
        and (not item.service or cloud.offers(item.service))
        and item.is_offered(cloud)
    ]
