"""The generic pages: a panel's list, its live changes, its files, and one resource's page."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.live import operations
from dashboard.live.mirror import Mirror
from dashboard.ui import errors, export
from dashboard.ui.listing import Listing, matching
from dashboard.ui.panel import Action, Create, Panel, Tab
from dashboard.ui.rows import cells_of, views_of
from dashboard.ui.source import Answer, joined, mirror_of, page_in, row_for, row_from, rows_for

COLD_SECONDS = 1.0
"""How soon a page asks again while there is no snapshot yet."""
EXPORT_LIMIT = 10_000


@dataclass(frozen=True)
class Offer:
    """An action on one row or on all: offered, or greyed with the reason."""

    action: Action[Any]
    why_not: Any
    url: str


def address(request: Request, panel: Panel[Any], view: str, *args: Any) -> str:
    """The address of one of the panel's views in the request's scope."""
    return urls_for(request, f"{panel.slug}:{view}", *args)


def why_not_allowed(request: Request, roles: tuple[str, ...]) -> str:
    """The reason why these roles' holders may and this person may not; "" if they may."""
    cloud = request.cloud
    if cloud is None or cloud.has_role(*roles):
        return ""
    return _("This needs the role %(role)s in this project; you have %(have)s.") % {
        "role": roles[0],
        "have": ", ".join(sorted(cloud.roles)) or _("none"),
    }


def offers(request: Request, panel: Panel[Any], row: Any) -> list[Offer]:
    """What can be done to a row, and why the rest can't be done now."""
    return [
        Offer(
            action,
            why_not_allowed(request, action.roles) or action.when(row),
            f"{address(request, panel, 'act', action.slug)}?{urlencode({'id': row.id})}",
        )
        for action in panel.actions
    ]


def bulk_offers(request: Request, panel: Panel[Any]) -> list[Offer]:
    """What can be done to several rows at once."""
    return [
        Offer(action, why_not_allowed(request, action.roles), address(request, panel, "act", action.slug))
        for action in panel.actions
        if action.is_bulk
    ]


def creates(request: Request, panel: Panel[Any]) -> list[dict[str, Any]]:
    """The buttons that make something new, the primary one first."""
    found = []
    forms = 0
    for create in (panel.create, *panel.also):
        if create is None:
            continue
        view = "create" if forms == 0 else f"create-{forms}"
        forms += create.form is not None
        found.append(_create_button(request, panel, create, view, create is panel.create))
    return found


def _create_button(request: Request, panel: Panel[Any], create: Create, view: str, is_primary: bool) -> dict[str, Any]:
    url = urls_for(request, create.url_name) if create.url_name else address(request, panel, view)
    return {
        "label": create.label,
        "url": url,
        "why_not": why_not_allowed(request, create.roles),
        "is_primary": is_primary,
        "is_dialog": not create.url_name,
    }


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
    if request.GET.getlist("col"):
        response.set_cookie(
            f"cols-{panel.slug}",
            ".".join(column.key for column in listing.columns),
            max_age=365 * 24 * 3600,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
    _stamp(response, answer.mirror, answer.as_of)
    return response


def list_context(request: Request, panel: Panel[Any], listing: Listing, answer: Answer) -> dict[str, Any]:
    """What ``ui/index.html`` and its partials are given."""
    page, query = answer.page, listing.query
    rows = joined(request, panel, page.rows)
    return {
        "panel": panel,
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
        "csv_url": listing.url(format="csv"),
        "json_url": listing.url(format="json"),
        "creates": creates(request, panel),
        "bulk": bulk_offers(request, panel) if panel.actions else [],
        "has_detail": panel.row is not None,
        "operations": _operations(request, panel, answer.mirror),
    }


def _operations(request: Request, panel: Panel[Any], mirror: Mirror[Any] | None) -> list[Any]:
    if not panel.live or request.cloud is None or request.person is None:
        return []
    return [
        item
        for item in operations.recent(request.cloud, request.person.id)
        if item.kind == panel.live and item.is_shown and not _is_moot(item, mirror)
    ]


def _is_moot(operation: operations.Operation, mirror: Mirror[Any] | None) -> bool:
    """Whether it failed on rows that are all gone by now: whoever deleted them knows."""
    if operation.state != "failed" or mirror is None or not mirror.is_complete:
        return False
    return not any(row_id in mirror.rows for row_id in operation.ids)


def _file(request: Request, panel: Panel[Any], listing: Listing, wanted: str) -> HttpResponse:
    """All rows that match when the snapshot has them, else the rows on show."""
    assert request.cloud is not None
    mirror = mirror_of(request, panel)
    if mirror is not None and mirror.is_complete and not mirror.is_stale:
        rows = matching(panel, mirror.rows.values(), listing.query)[:EXPORT_LIMIT]
    else:
        try:
            rows = panel.rows(request.cloud, listing.query).rows
        except CloudError as error:
            return errors.page(request, error)
    make = export.as_csv if wanted == "csv" else export.as_json
    return make(panel, listing.columns, joined(request, panel, rows))


def _stamp(response: HttpResponse, mirror: Mirror[Any] | None, as_of: datetime | None) -> None:
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
    since = _version(request.GET.get("since", ""))
    # A snapshot that nobody looked at for a while is older than what the service itself just gave the page.
    if mirror is None or not mirror.is_complete or (mirror.is_stale and not since):
        response = HttpResponse(status=204)
        _stamp(response, None, None)
        return response
    if since == mirror.version:
        response = HttpResponse(status=204)
        _stamp(response, mirror, mirror.as_of)
        return response
    listing = Listing.of(request, panel, address(request, panel, "index"))
    changes = mirror.changed_since(since) if since else None
    answer = Answer(page_in(mirror, panel, listing.query), mirror.as_of, mirror.version, mirror=mirror)
    context = list_context(request, panel, listing, answer)
    is_reordered = changes is None or changes.is_membership_changed or _may_reorder(panel, listing)
    if changes is not None and not is_reordered:
        context["rows"] = [view for view in context["rows"] if view.id in changes.changed]
    context["is_whole"] = is_reordered
    response = render(request, "ui/live.html", context)
    _stamp(response, mirror, mirror.as_of)
    return response


def _may_reorder(panel: Panel[Any], listing: Listing) -> bool:
    """Whether a changed row may enter, leave or move within what is on show."""
    query = listing.query
    return query.is_filtered or query.sort not in {"name", "created", "created_at", ""}


def _version(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@require_GET
def menu(request: Request, panel: Panel[Any], row_id: str) -> HttpResponse:
    """A row's menu, fetched when it is opened."""
    row = row_for(request, panel, row_id)
    name = "ui/menu.html" if request.htmx else "ui/menu_page.html"
    return render(request, name, {"panel": panel, "row": row, "offers": offers(request, panel, row)})


@require_GET
def detail(request: Request, panel: Panel[Any], row_id: str) -> HttpResponse:
    """One resource's page; the tab alone for HTMX."""
    if panel.row is None or request.cloud is None:
        raise Http404
    try:
        row = row_from(request.cloud, panel, row_id)
    except NotFound as error:
        return errors.page(request, error, heading=_("This %(noun)s is gone") % {"noun": panel.noun})
    tab = _tab(panel, request.GET.get("tab", ""))
    mirror = mirror_of(request, panel)
    context = detail_context(request, panel, row, tab, mirror)
    part = request.htmx.target if request.htmx else ""
    name = "ui/detail.html#tabs" if part == "tabs" else "ui/detail.html"
    response = render(request, name, context)
    _stamp(response, mirror, datetime.now(UTC))
    return response


def _tab(panel: Panel[Any], slug: str) -> str:
    known = [tab.slug for tab in panel.tabs] + (["json"] if panel.raw else [])
    return slug if slug in known else ("facts" if panel.groups else (known[0] if known else ""))


def detail_context(
    request: Request,
    panel: Panel[Any],
    row: Any,
    tab: str,
    mirror: Mirror[Any] | None,
) -> dict[str, Any]:
    """What ``ui/detail.html`` and its partials are given. A tab that can't be loaded costs itself alone."""
    here = address(request, panel, "detail", row.id)
    (row,) = joined(request, panel, (row,))
    all_offers = offers(request, panel, row)
    context: dict[str, Any] = {
        "panel": panel,
        "row": row,
        "name": row.name or row.id,
        "tab": tab,
        "tabs": _tabs(panel, here, tab),
        "here": here,
        "index_url": address(request, panel, "index"),
        "status": next((column.value(row) for column in panel.columns if column.key == "status"), None),
        "offers": all_offers,
        "primary": [offer for offer in all_offers if offer.action.is_primary],
        "is_live": bool(panel.live),
        "version": mirror.version if mirror is not None else 0,
        "as_of": datetime.now(UTC),
        "live_url": f"{address(request, panel, 'detail-live', row.id)}?tab={tab}",
        "operations": [item for item in _operations(request, panel, mirror) if row.id in item.ids],
        "groups": [],
        "fault": None,
        "tab_template": "",
    }
    if tab == "facts":
        context["groups"] = [(group, cells_of(row, group.facts)) for group in panel.groups]
    try:
        context.update(_loaded(request, panel, row, tab))
    except CloudError as error:
        context["fault"] = errors.fault_of(error, request.cloud)
    return context


def _tabs(panel: Panel[Any], here: str, current: str) -> list[dict[str, Any]]:
    found: list[tuple[str, Any]] = [("facts", _("Overview"))] if panel.groups else []
    found += [(tab.slug, tab.label) for tab in panel.tabs]
    if panel.raw:
        found.append(("json", _("JSON")))
    return [
        {"slug": slug, "label": label, "url": f"{here}?tab={slug}", "is_current": slug == current}
        for slug, label in found
    ]


def _loaded(request: Request, panel: Panel[Any], row: Any, slug: str) -> Mapping[str, Any]:
    assert request.cloud is not None
    if slug == "json" and panel.raw:
        body = panel.raw(request.cloud, row.id)
        return {"tab_template": "ui/json.html", "json": json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False)}
    tab: Tab[Any] | None = next((item for item in panel.tabs if item.slug == slug), None)
    if tab is None:
        return {}
    return {"tab_template": tab.template, **tab.load(request.cloud, row)}


@quiet
@require_GET
def detail_live(request: Request, panel: Panel[Any], row_id: str) -> HttpResponse:
    """What changed on one resource's page since ``?since=``."""
    mirror = mirror_of(request, panel)
    since = _version(request.GET.get("since", ""))
    if mirror is None or not mirror.is_complete or since == mirror.version:
        response = HttpResponse(status=204)
        _stamp(response, mirror, mirror.as_of if mirror is not None else None)
        return response
    changes = mirror.changed_since(since) if since else None
    is_changed = changes is None or row_id in changes.changed or row_id in changes.removed
    row = _row_now(request, panel, mirror, row_id) if is_changed else None
    is_gone = row_id not in mirror.rows or (is_changed and row is None)
    context: dict[str, Any] = {"panel": panel, "version": mirror.version, "is_gone": is_gone, "is_changed": is_changed}
    context["live_url"] = f"{address(request, panel, 'detail-live', row_id)}?tab={request.GET.get('tab', '')}"
    context["index_url"] = address(request, panel, "index")
    if is_changed and row is not None:
        tab = _tab(panel, request.GET.get("tab", ""))
        context |= detail_context(request, panel, row, tab, mirror)
        context["is_tab_live"] = tab == "facts" or any(item.slug == tab and item.is_live for item in panel.tabs)
    response = render(request, "ui/detail_live.html", context)
    _stamp(response, mirror, mirror.as_of)
    return response


def _row_now(request: Request, panel: Panel[Any], mirror: Mirror[Any], row_id: str) -> Any:
    """The row with all that its page shows; as the snapshot has it where the service fails; None if it is gone."""
    known = mirror.rows.get(row_id)
    if known is None or panel.row is None or request.cloud is None:
        return known
    try:
        return row_from(request.cloud, panel, row_id)
    except NotFound:
        return None
    except Unauthorized:
        raise
    except CloudError:
        return known


def new_once() -> str:
    """A new name for one sending of one form."""
    return secrets.token_hex(16)
