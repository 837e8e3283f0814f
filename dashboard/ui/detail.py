"""One resource's page, its parts, and what changes on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, quiet
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.live import watch
from dashboard.live.mirror import Mirror
from dashboard.ui import errors, registry
from dashboard.ui.listing import Listing
from dashboard.ui.offers import address, creates, offers
from dashboard.ui.panel import Panel, Tab, may
from dashboard.ui.rows import facts_of, views_of
from dashboard.ui.source import joined, mirror_of, row_for, row_from, rows_for
from dashboard.ui.views import operations_of, stamp, version_of


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
    # First the version, then the row: what changes in between is told again, and never missed. Only then is anything
    # kept fresh: what is not there needs no list.
    before = watch.peek(request.cloud, panel.live) if panel.live else None
    try:
        row = row_from(request.cloud, panel, row_id)
    except NotFound as error:
        return errors.page(request, error, heading=_("This %(noun)s is gone") % {"noun": panel.noun})
    tab = _tab(panel, request.GET.get("tab", ""))
    mirror = mirror_of(request, panel)
    context = detail_context(request, panel, row, tab, mirror)
    if before is not None:
        context["version"] = before.version
    part = request.htmx.target if request.htmx else ""
    name = "ui/detail.html#tab_answer" if part == "tabs" else "ui/detail.html"
    response = render(request, name, context)
    stamp(response, mirror, datetime.now(UTC))
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
    above = registry.panel(panel.parent) or panel
    (row,) = joined(request, panel, (row,))
    all_offers = offers(request, panel, row)
    context: dict[str, Any] = {
        "panel": panel,
        "row": row,
        "name": row.name or row.id,
        "tab": tab,
        "tabs": _tabs(request, panel, row, here, tab),
        "here": here,
        "index_url": address(request, above, "index"),
        "crumb": above,
        "status": next((column.value(row) for column in panel.columns if column.key == "status"), None),
        "offers": all_offers,
        "primary": [offer for offer in all_offers if offer.action.is_primary],
        "is_live": bool(panel.live),
        "version": mirror.version if mirror is not None else 0,
        "as_of": datetime.now(UTC),
        "live_url": f"{address(request, panel, 'detail-live', row.id)}?tab={tab}",
        "operations": [item for item in operations_of(request, panel, mirror) if row.id in item.ids],
        "groups": [],
        "fault": None,
        "tab_template": "",
    }
    if tab == "facts":
        groups = [(group, facts_of(row, group.facts)) for group in panel.groups]
        context["groups"] = [(group, cells) for group, cells in groups if cells]
    try:
        context.update(_loaded(request, panel, row, tab))
    except CloudError as error:
        context["fault"] = errors.fault_of(error, request.cloud)
    return context


def _tabs(request: Request, panel: Panel[Any], row: Any, here: str, current: str) -> list[dict[str, Any]]:
    found: list[tuple[str, Any]] = [("facts", _("Overview"))] if panel.groups else []
    found += [(tab.slug, tab.label) for tab in panel.tabs if _has(request, tab, row)]
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
    if tab.load_for is not None:
        return {"tab_template": tab.template, **tab.load_for(request, row)}
    more = _list_in(request, tab, row) if tab.lists else tab.load(request.cloud, row)
    return {"tab_template": tab.template, **more}


def _has(request: Request, tab: Tab[Any], row: Any) -> bool:
    if request.cloud is None or not tab.is_offered(request.cloud, row):
        return False
    other = registry.panel(tab.lists) if tab.lists else None
    return not tab.lists or (other is not None and may(request.cloud, other.roles))


def _list_in(request: Request, tab: Tab[Any], row: Any) -> Mapping[str, Any]:
    """Another panel's list, narrowed to what belongs to this row: its first page, and where the rest is."""
    other = registry.panel(tab.lists)
    if other is None:
        return {}
    terms = tab.terms(row)
    narrowed = QueryDict(urlencode([(term.key, term.value) for term in terms]))
    listing = Listing(other, narrowed, address(request, other, "index"))
    answer = rows_for(request, other, listing.query)
    own = {term.key for term in terms}
    columns = tuple(column for column in listing.columns if column.key not in own)
    rows = answer.page.rows if other.joins in own else joined(request, other, answer.page.rows)
    return {
        "other": {
            "panel": other,
            "rows": views_of(rows, columns),
            "columns": columns,
            "page": answer.page,
            "fault": answer.fault,
            "all_url": listing.url(),
            "creates": creates(request, other, narrowed.urlencode()),
            "has_detail": other.row is not None,
        }
    }


@quiet
@require_GET
def detail_live(request: Request, panel: Panel[Any], row_id: str) -> HttpResponse:
    """What changed on one resource's page since ``?since=``."""
    mirror = mirror_of(request, panel)
    since = version_of(request.GET.get("since", ""))
    if mirror is None or not mirror.is_complete or since == mirror.version:
        return _nothing_new(mirror)
    changes = mirror.changed_since(since) if since else None
    was_removed = changes is not None and row_id in changes.removed
    is_changed = changes is None or was_removed or row_id in changes.changed
    row = None
    if is_changed and not was_removed:
        try:
            row = _row_now(request, panel, mirror, row_id)
        except Unauthorized:
            raise
        except CloudError:
            # Asked again by the next poll, from the same version on.
            return _nothing_new(mirror)
    # Not all that has a page is in the list: nested stacks are not, nor what was made since the last poll.
    is_gone = is_changed and row is None
    context: dict[str, Any] = {"panel": panel, "version": mirror.version, "is_gone": is_gone, "is_changed": is_changed}
    context["live_url"] = f"{address(request, panel, 'detail-live', row_id)}?tab={request.GET.get('tab', '')}"
    context["index_url"] = address(request, panel, "index")
    if is_changed and row is not None:
        tab = _tab(panel, request.GET.get("tab", ""))
        context |= detail_context(request, panel, row, tab, mirror)
        context["is_tab_live"] = tab == "facts" or any(item.slug == tab and item.is_live for item in panel.tabs)
    response = render(request, "ui/detail_live.html", context)
    stamp(response, mirror, mirror.as_of)
    return response


def _nothing_new(mirror: Mirror[Any] | None) -> HttpResponse:
    response = HttpResponse(status=204)
    stamp(response, mirror, mirror.as_of if mirror is not None else None)
    return response


def _row_now(request: Request, panel: Panel[Any], mirror: Mirror[Any], row_id: str) -> Any:
    """The row with all that its page shows; as the snapshot has it where the service fails; None if it is gone.

    Raises CloudError, where neither tells.
    """
    known = mirror.rows.get(row_id)
    if panel.row is None or request.cloud is None:
        return known
    try:
        return row_from(request.cloud, panel, row_id)
    except NotFound:
        return None
    except Unauthorized:
        raise
    except CloudError:
        if known is None:
            raise
        return known
