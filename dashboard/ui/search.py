"""Search over everything in this scope, by name, id or address: what the palette adds to the pages it knows."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.urls import NoReverseMatch
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Query
from dashboard.live import cache, watch
from dashboard.ui import registry
from dashboard.ui.offers import creates
from dashboard.ui.panel import Panel, Place, may

EACH = 6
"""Results of one kind."""
SHORTEST = 2
LONGEST = 200
KEPT_SECONDS = 60
"""How old the names may be that are looked through."""
MOST = 2000
"""Rows of one kind that are looked through."""
FIRST = 100
"""Rows that are read of a list which somebody will watch once its page is open."""
WAIT_SECONDS = 3.0

Known = list[list[str]]
"""For each row its id, name, and whatever else it may be found by, in lower case and in one string."""


@never_cache
@require_GET
def search(request: Request) -> HttpResponse:
    """``?q=``: what is called so, as JSON, best first.

    ``results`` have a ``label``, a ``note`` and a ``url``; so have ``more``, the lists that have
    more matches than are told, and ``missing`` names the kinds that could not be looked through.
    Lists that somebody watches are looked through where they are. Others are read once a minute
    for each person; where that is too much, the service is asked for the text. What does not
    answer within 3 seconds is left out, and said to be.
    """
    text = request.GET.get("q", "").strip()[:LONGEST]
    wanted = text.casefold()
    if len(wanted) < SHORTEST:
        return JsonResponse({"results": [], "more": [], "missing": []})
    cloud = cloud_of(request)
    waiting = [
        (panel, later(functools.partial(_found, cloud, panel, wanted), seconds=WAIT_SECONDS))
        for panel in _panels(cloud)
    ]
    found: list[tuple[int, dict[str, str]]] = list(_commands(request, wanted))
    more: list[dict[str, str]] = []
    missing: list[str] = []
    for panel, outcome in waiting:
        answer = outcome.or_else(None)
        if answer is None:
            missing.append(str(panel.title))
            continue
        matches, count, is_least = answer
        listed = f"{urls_for(request, f'{panel.slug}:index')}?{urlencode({'q': _quoted(text)})}"
        for rank, row_id, name in matches:
            try:
                url = urls_for(request, f"{panel.slug}:detail", row_id) if panel.row is not None else listed
            except NoReverseMatch:
                # An id that no address of ours can hold.
                continue
            found.append((rank, {"label": name or row_id, "note": capfirst(str(panel.noun)), "url": url}))
        if count > len(matches) or is_least:
            number = f"{len(matches)}+" if is_least else str(count)
            words = _("All %(n)s %(nouns)s with “%(text)s”") % {"n": number, "nouns": panel.nouns, "text": text}
            more.append({"label": words, "note": str(panel.title), "url": listed})
    found.sort(key=lambda item: -item[0])
    more += _asked_elsewhere(request, text)
    return JsonResponse({"results": [result for _rank, result in found], "more": more, "missing": missing})


def _quoted(text: str) -> str:
    """What was typed, as text for a filter bar even if there is a colon in it."""
    return f'"{text}"' if ":" in text and '"' not in text else text


def _commands(request: Request, wanted: str) -> Iterable[tuple[int, dict[str, str]]]:
    """What can be made, by the words on its button: "Launch server" from anywhere."""
    for panel in registry.panels():
        if not isinstance(panel, Panel) or not _is_offered(cloud_of(request), panel):
            continue
        for item in creates(request, panel):
            if wanted in str(item["label"]).casefold() and not item["why_not"]:
                yield 2, {"label": str(item["label"]), "note": _("Action"), "url": item["url"]}


def _asked_elsewhere(request: Request, text: str) -> Iterable[dict[str, str]]:
    """Pages that look further than this search, with what was typed; nothing is asked before one is opened."""
    cloud = cloud_of(request)
    for entry in registry.panels():
        if not isinstance(entry, Place) or not entry.asks or not may(cloud, entry.roles):
            continue
        if cloud.access.scope.kind in entry.scopes and (not entry.service or cloud.offers(entry.service)):
            url = f"{urls_for(request, f'{entry.slug}:index')}?{urlencode({'q': text})}"
            yield {"label": str(entry.asks) % {"text": text}, "note": str(entry.title), "url": url}


def _panels(cloud: Cloud) -> Iterable[Panel[Any]]:
    """The panels whose rows can be looked through, and that this person may look at."""
    return (
        panel
        for panel in registry.panels()
        if isinstance(panel, Panel) and (panel.lookup is not None or panel.find) and _is_offered(cloud, panel)
    )


def _is_offered(cloud: Cloud, panel: Panel[Any]) -> bool:
    return (
        cloud.access.scope.kind in panel.scopes
        and may(cloud, panel.roles)
        and (not panel.service or panel.service == "identity" or cloud.offers(panel.service))
        and panel.is_offered(cloud)
    )


def _found(cloud: Cloud, panel: Panel[Any], wanted: str) -> tuple[list[tuple[int, str, str]], int, bool] | None:
    """The best matches of one kind, how many there are, and whether there may be more; None if that can't be told.

    Raises CloudError.
    """
    if panel.find is not None:
        hits = [(3, id, label) for id, label in panel.find(cloud, wanted)]
        return hits[:EACH], len(hits), len(hits) > EACH
    if panel.live:
        mirror = watch.peek(cloud, panel.live)
        if mirror is not None and mirror.is_complete:
            # However old: a name leads to a page that says what has become of it.
            known = mirror.derived(("search", panel.slug), lambda: _told(panel, mirror.rows.values()))
            return *_matches(known, wanted), False
    limit = FIRST if panel.live else MOST

    def fetch() -> list[Any]:
        try:
            page = panel.rows(cloud, Query(limit=limit))
        except Unauthorized:
            raise
        except CloudError:
            # Typing on does not ask a service again that just failed.
            return [None, False]
        return [_told(panel, page.rows), page.has_next]

    # Key pairs, and whatever else is a person's own, are not told to others of the project.
    rows, has_more = cache.cached(cloud, f"search:{panel.slug}", KEPT_SECONDS, fetch, is_own=True)
    if rows is None:
        return None
    if panel.live and has_more:
        # Too many to read for a few letters: the service looks for them.
        page = panel.rows(cloud, Query(text=wanted, limit=EACH))
        return *_matches(_told(panel, page.rows), wanted), page.has_next
    return *_matches(rows, wanted), bool(has_more)


def _told(panel: Panel[Any], rows: Iterable[Any]) -> Known:
    lookup = panel.lookup
    if lookup is None:
        return []
    return [
        [str(row.id), str(row.name or ""), "\n".join(part for part in lookup.text(row) if part).casefold()]
        for row in rows
    ]


def _matches(known: Known, wanted: str) -> tuple[list[tuple[int, str, str]], int]:
    """Rank, id and name of the best matches, and how many match: whole names and ids first, then beginnings."""
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
    return found[:EACH], len(found)
