"""The page of one's own servers in all projects and regions: twelve places at a time, each with its own age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from dashboard.auth.entering import regions_of
from dashboard.auth.http import Request, cloud_of, held_of
from dashboard.auth.scopes import urls_for
from dashboard.auth.several import held_tokens, projects_of
from dashboard.auth.several import reach as reach_scopes
from dashboard.cloud.errors import CloudError
from dashboard.panels.everywhere.parts import AT_A_TIME, Place, parts_of, places
from dashboard.ui import errors, registry
from dashboard.ui.listing import Listing
from dashboard.ui.panel import Panel

COLUMNS = ("name", "status", "addresses", "flavor", "created")


@require_GET
def index(request: Request) -> HttpResponse:
    """The page; the list alone for HTMX. No token is fetched: places without one say so."""
    return _page(request, request.GET, {})


@require_POST
def reach(request: Request) -> HttpResponse:
    """Gets the tokens for the places on this page that there is none for, then shows them."""
    params = QueryDict(request.POST.get("query", ""))
    try:
        shown, tokens = _shown(request, params)[:2]
        missing = {place.scope.key: place.scope for place in shown if place.scope.key not in tokens}
        failed = reach_scopes(held_of(request), missing.values())
    except CloudError as error:
        return errors.page(request, error)
    if request.htmx:
        return _page(request, params, failed)
    url = urls_for(request, "everywhere:index")
    return HttpResponseRedirect(f"{url}?{params.urlencode()}" if params else url)


def _shown(request: Request, params: QueryDict) -> tuple[list[Place], Mapping[str, Any], int, int]:
    """The places of this page, the tokens that are held, how many places there are, and which page this is."""
    held = held_of(request)
    tokens = held_tokens(held)
    regions = regions_of(cloud_of(request).access)
    every = places(projects_of(held), tokens, regions)
    number = params.get("page", "")
    last = max(1, -(-len(every) // AT_A_TIME))
    current = min(int(number), last) if number.isdecimal() and len(number) < 6 and int(number) else 1
    return every[(current - 1) * AT_A_TIME : current * AT_A_TIME], tokens, len(every), current


def _page(request: Request, params: QueryDict, failed: Mapping[str, CloudError]) -> HttpResponse:
    panel = registry.panel("servers")
    if not isinstance(panel, Panel):
        raise Http404
    here = urls_for(request, "everywhere:index")
    listing = Listing(panel, params, here)
    listing.columns = tuple(column for key in COLUMNS for column in panel.columns if column.key == key)
    try:
        shown, tokens, count, current = _shown(request, params)
    except CloudError as error:
        return errors.page(request, error)
    text = params.get("q", "")
    parts = parts_of(shown, tokens, panel, listing.query, listing.columns, text, failed)
    closed = [part for part in parts if part.is_closed]
    context = {
        "panel": panel,
        "listing": listing,
        "headings": listing.headings(),
        "parts": parts,
        "closed": closed,
        "opens_itself": bool(closed) and not failed and request.method == "GET",
        "open_url": urls_for(request, "everywhere:open"),
        "query_string": params.urlencode(),
        "found": sum(len(part.rows) for part in parts),
        "count": count,
        "first": (current - 1) * AT_A_TIME + 1,
        "last": (current - 1) * AT_A_TIME + len(parts),
        "at_a_time": AT_A_TIME,
        "values_url": urls_for(request, "servers:values"),
        "previous_url": _numbered(listing, current - 1) if current > 1 else "",
        "next_url": _numbered(listing, current + 1) if current * AT_A_TIME < count else "",
    }
    is_part = request.htmx and request.htmx.target == "list"
    return render(request, "everywhere/index.html#list" if is_part else "everywhere/index.html", context)


def _numbered(listing: Listing, number: int) -> str:
    url = listing.url()
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'page': number})}"
