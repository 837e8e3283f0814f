"""Search over everything in this scope, by name, id or address: what the palette adds to the pages it knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import NoReverseMatch
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Query
from dashboard.live import cache, watch
from dashboard.ui import registry
from dashboard.ui.panel import Panel

EACH = 6
"""Results of one kind."""
SHORTEST = 2
LONGEST = 200
KEPT_SECONDS = 60
"""How old the names may be that are looked through."""
MOST = 2000
"""Rows of one kind that are looked through."""
WAIT_SECONDS = 3.0

Known = list[list[str]]
"""For each row its id, name, and whatever else it may be found by, in lower case and in one string."""


@never_cache
@require_GET
def search(request: Request) -> HttpResponse:
    """``?q=``: what is called so, as JSON ``{"results": [{"label", "note", "url"}]}``, best first.

    Lists that somebody watches are looked through where they are; while nobody does, the
    service is asked for the text. Others are read once a minute for everybody who sees the
    same. What does not answer within 3 seconds is left out.
    """
    wanted = request.GET.get("q", "").strip()[:LONGEST].casefold()
    if len(wanted) < SHORTEST:
        return JsonResponse({"results": []})
    cloud = cloud_of(request)
    waiting = [
        (panel, later(lambda panel=panel: _matches(_known(cloud, panel, wanted), wanted), seconds=WAIT_SECONDS))  # type: ignore[misc]
        for panel in _panels(cloud)
    ]
    found: list[tuple[int, dict[str, str]]] = []
    for panel, outcome in waiting:
        for rank, row_id, name in outcome.or_else([]):
            try:
                url = urls_for(request, f"{panel.slug}:detail", row_id)
            except NoReverseMatch:
                # An id that no address of ours can hold.
                continue
            found.append((rank, {"label": name or row_id, "note": capfirst(str(panel.noun)), "url": url}))
    found.sort(key=lambda item: -item[0])
    return JsonResponse({"results": [result for _rank, result in found]})


def _panels(cloud: Cloud) -> Iterable[Panel[Any]]:
    """The panels that have pages to lead to, and that this person may look at."""
    return (
        panel
        for panel in registry.panels()
        if isinstance(panel, Panel)
        and panel.row is not None
        and panel.lookup is not None
        and cloud.has_role(*panel.roles)
        and (not panel.service or cloud.offers(panel.service))
    )


def _known(cloud: Cloud, panel: Panel[Any], wanted: str) -> Known:
    """What there is of one kind. Raises CloudError."""
    if panel.live:
        mirror = watch.peek(cloud, panel.live)
        if mirror is not None and mirror.is_complete:
            # However old: a name leads to a page that says what has become of it.
            return mirror.derived("search", lambda: _told(panel, mirror.rows.values()))
        return _told(panel, panel.rows(cloud, Query(text=wanted, limit=EACH)).rows)

    def fetch() -> Known:
        return _told(panel, panel.rows(cloud, Query(limit=MOST)).rows)

    return cache.cached(cloud, f"search:{panel.slug}", KEPT_SECONDS, fetch)


def _told(panel: Panel[Any], rows: Iterable[Any]) -> Known:
    lookup = panel.lookup
    if lookup is None:
        return []
    return [
        [str(row.id), str(row.name or ""), "\n".join(part for part in lookup.text(row) if part).casefold()]
        for row in rows
    ]


def _matches(known: Known, wanted: str) -> list[tuple[int, str, str]]:
    """Rank, id and name of the best matches: whole names and ids first, then beginnings, then the rest."""
    found = []
    for row_id, name, texts in known:
        lowered = name.casefold()
        if wanted in {lowered, row_id.casefold()}:
            rank = 3
        elif lowered.startswith(wanted):
            rank = 2
        elif wanted in texts or wanted in lowered:
            rank = 1
        else:
            continue
        found.append((rank, row_id, name))
    found.sort(key=lambda item: (-item[0], item[2].casefold()))
    return found[:EACH]
