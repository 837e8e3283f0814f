"""The generic pages: a panel's list, its live changes, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, quiet
from dashboard.cloud.errors import CloudError
from dashboard.live import jobs, operations
from dashboard.live.mirror import Mirror
from dashboard.ui import errors, export
from dashboard.ui.family import relatives
from dashboard.ui.labels import worded
from dashboard.ui.listing import Listing, matching
from dashboard.ui.offers import address, bulk_offers, creates, prominent
from dashboard.ui.panel import Panel
from dashboard.ui.rows import views_of
from dashboard.ui.source import Answer, joined, mirror_of, page_in, rows_for
from dashboard.ui.terms import meant

COLD_SECONDS = 1.0
"""How soon a page asks again while there is no snapshot yet."""
EXPORT_LIMIT = 10_000


@require_GET
def index(request: Request, panel: Panel[Any]) -> HttpResponse:
    """The panel's list: the whole page, the list alone for HTMX, or a file."""
    listing = Listing.of(request, panel, address(request, panel, "index"))
    wanted = request.GET.get("format", "")
    if wanted in {"csv", "json"}:
        return _file(request, panel, listing, wanted)
    answer = rows_for(request, panel, listing.query)
    context = list_context(request, panel, listing, answer)
    name = "ui/index.html#list" if request.htmx and request.htmx.target == "list" else "ui/index.html"
    response = render(request, name, context, status=200)
    _remember_columns(request, response, listing)
    stamp(response, answer.mirror, answer.as_of)
    return response


def _remember_columns(request: Request, response: HttpResponse, listing: Listing) -> None:
    """The columns chosen are there the next time; ``col=usual`` forgets them."""
    chosen, name = request.GET.getlist("col"), f"cols-{listing.panel.slug}"
    if not chosen:
        return
    if not listing.is_own_choice:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name,
        ".".join(column.key for column in listing.columns),
        max_age=365 * 24 * 3600,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure(),
    )


def list_context(request: Request, panel: Panel[Any], listing: Listing, answer: Answer) -> dict[str, Any]:
    """What ``ui/index.html`` and its partials are given."""
    page, query = answer.page, listing.query
    rows = joined(request, panel, page.rows)
    bulk = bulk_offers(request, panel) if panel.actions else []
    bulk_first, bulk_more = prominent(bulk)
    return {
        "panel": panel,
        "relatives": relatives(request, panel),
        "listing": listing,
        "query": query,
        "page": page,
        "rows": views_of(rows, listing.columns),
        "headings": listing.headings(),
        "chips": listing.chips(page.counts),
        "drops": listing.drops(),
        "fault": answer.fault,
        "is_old": answer.is_old,
        "as_of": answer.as_of,
        "version": answer.version,
        "is_live": bool(panel.live),
        "live_url": f"{address(request, panel, 'live')}?{listing.query_string}",
        "next_url": listing.url(marker=rows[-1].id) if rows and page.has_next else "",
        "previous_url": listing.url(before=rows[0].id) if rows and page.has_previous else "",
        "first_url": listing.url(),
        "values_url": address(request, panel, "values"),
        "csv_url": listing.url(format="csv"),
        "json_url": listing.url(format="json"),
        "creates": creates(request, panel),
        "bulk": bulk,
        "bulk_first": bulk_first,
        "bulk_more": bulk_more,
        # While the whole list is still being read, the script decides, once the count is known.
        "can_all": panel.row is not None and (not page.total or page.is_partial or page.total > len(rows)),
        "has_detail": panel.row is not None,
        "operations": operations_of(request, panel, answer.mirror),
    }


def operations_of(request: Request, panel: Panel[Any], mirror: Mirror[Any] | None) -> list[Any]:
    """The cards above a list: what this person set going here and may still want to know of."""
    cloud, person = request.cloud, request.person
    if cloud is None or person is None:
        return []
    found: list[Any] = [item for item in jobs.recent(cloud, person.id) if item.panel == panel.slug and item.is_shown]
    if panel.live:
        found += [
            item
            for item in operations.recent(cloud, person.id)
            if item.kind == panel.live and item.is_shown and not _is_moot(item, mirror)
        ]
    return [worded(item) for item in found]


def _is_moot(operation: operations.Operation, mirror: Mirror[Any] | None) -> bool:
    """Whether it failed on rows that are all gone by now: whoever deleted them knows."""
    if operation.state != "failed" or mirror is None or not mirror.is_complete:
        return False
    return not any(row_id in mirror.rows for row_id in operation.ids)


def _file(request: Request, panel: Panel[Any], listing: Listing, wanted: str) -> HttpResponse:
    """All rows that match when the snapshot has them, else the rows on show."""
    assert request.cloud is not None
    mirror = mirror_of(request, panel)
    query = meant(request.cloud, panel.filters, listing.query)
    if query.is_void:
        rows: Sequence[Any] = ()
    elif mirror is not None and mirror.is_complete and not mirror.is_stale:
        rows = matching(panel, mirror.rows.values(), query)[:EXPORT_LIMIT]
    else:
        try:
            rows = panel.rows(request.cloud, query).rows
        except CloudError as error:
            return errors.page(request, error)
    make = export.as_csv if wanted == "csv" else export.as_json
    return make(panel, listing.columns, joined(request, panel, rows))


def stamp(response: HttpResponse, mirror: Mirror[Any] | None, as_of: datetime | None) -> None:
    """Tells the page's script how old the rows are and when to ask again (seconds)."""
    if as_of is not None:
        response["X-Live-As-Of"] = as_of.isoformat()
    response["X-Live-Next"] = f"{mirror.next_interval:.1f}" if mirror is not None else f"{COLD_SECONDS:.1f}"
    if mirror is not None:
        response["X-Live-State"] = mirror.state


@quiet
@require_GET
def live(request: Request, panel: Panel[Any]) -> HttpResponse:
    """What changed on a list since ``?since=``: nothing (204), some rows, or the rows anew."""
    mirror = mirror_of(request, panel)
    since = version_of(request.GET.get("since", ""))
    # A snapshot that nobody looked at for a while is older than what the service itself just gave the page.
    if mirror is None or not mirror.is_complete or (mirror.is_stale and not since):
        response = HttpResponse(status=204)
        stamp(response, None, None)
        return response
    if since == mirror.version:
        response = HttpResponse(status=204)
        stamp(response, mirror, mirror.as_of)
        return response
    listing = Listing.of(request, panel, address(request, panel, "index"))
    changes = mirror.changed_since(since) if since else None
    assert request.cloud is not None
    query = meant(request.cloud, panel.filters, listing.query)
    answer = Answer(page_in(mirror, panel, query), mirror.as_of, mirror.version, mirror=mirror)
    context = list_context(request, panel, listing, answer)
    is_reordered = changes is None or changes.is_membership_changed or _may_reorder(panel, listing)
    if changes is not None and not is_reordered:
        context["rows"] = [view for view in context["rows"] if view.id in changes.changed]
    context["is_whole"] = is_reordered
    response = render(request, "ui/live.html", context)
    stamp(response, mirror, mirror.as_of)
    return response


def _may_reorder(panel: Panel[Any], listing: Listing) -> bool:
    """Whether a changed row may enter, leave or move within what is on show."""
    query = listing.query
    return query.is_filtered or query.sort not in {"name", "created", "created_at", ""}


def version_of(text: str) -> int:
    """A snapshot's version out of a query; 0 for anything odd."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0
