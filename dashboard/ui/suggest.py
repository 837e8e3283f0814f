"""What a filter may be set to: the values that there are, while somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.types import Query
from dashboard.live import cache, watch
from dashboard.ui.panel import Filter, Panel

SHOWN = 12
KEPT = 300
"""Values of one key that are remembered, the most frequent ones."""
MOST = 2000
"""Rows that values are taken from where no snapshot has them all."""
SECONDS = 60
SPANS = ("1h", "24h", "7d", "30d", ">30d")

Counts = dict[str, dict[str, int]]


@never_cache
@require_GET
def values(request: Request, panel: Panel[Any]) -> HttpResponse:
    """``?key=&q=``: JSON ``{"values": [{"value", "label", "count"}]}``, those of most rows first."""
    found = next((item for item in panel.filters if item.key == request.GET.get("key", "")), None)
    if found is None:
        return JsonResponse({"values": []})
    wanted = request.GET.get("q", "")[:200].casefold()
    try:
        known = _known(cloud_of(request), panel, found)
    except CloudError:
        # Typing goes on without help.
        known = []
    matching = [item for item in known if wanted in item["value"].casefold() or wanted in item["label"].casefold()]
    matching.sort(key=lambda item: not item["value"].casefold().startswith(wanted))
    return JsonResponse({"values": matching[:SHOWN]})


def _known(cloud: Cloud, panel: Panel[Any], item: Filter) -> list[dict[str, Any]]:
    lookup = panel.lookup
    if lookup is not None and item.key in lookup.timed:
        return [{"value": span, "label": "", "count": None} for span in SPANS]
    counts = _counts(cloud, panel).get(item.key, {})
    labels: Mapping[str, Any] = dict(item.choices)
    names = item.names(cloud) if item.names is not None else {}
    order = sorted(counts, key=lambda value: (-counts[value], value.casefold()))
    rest = [value for value in (*labels, *names) if value not in counts]
    return [
        {
            # A name says more than an id, and is found as well.
            "value": names.get(value) or value,
            "label": str(labels.get(value, "")) or (value if names.get(value) else ""),
            "count": counts.get(value),
        }
        for value in (*order, *rest)
        if value
    ]


def _counts(cloud: Cloud, panel: Panel[Any]) -> Counts:
    """How many rows have which value, by filter. Raises CloudError."""
    if panel.live:
        mirror = watch.peek(cloud, panel.live)
        if mirror is None or not mirror.is_complete:
            return {}
        rows = mirror.rows.values()
        return mirror.derived(("values", panel.slug), lambda: _counted(panel, rows))

    def fetch() -> Counts:
        return _counted(panel, panel.rows(cloud, Query(limit=MOST)).rows)

    # Some lists are a person's own.
    return cache.cached(cloud, f"values:{panel.slug}", SECONDS, fetch, is_own=True)


def _counted(panel: Panel[Any], rows: Iterable[Any]) -> Counts:
    lookup = panel.lookup
    if lookup is None:
        return {}
    rows = list(rows)
    found: Counts = {}
    for item in panel.filters:
        if item.key in lookup.values:
            counts = lookup.counted(rows, item.key)
            kept = sorted(counts, key=lambda value: -counts[value])[:KEPT]
            found[item.key] = {value: counts[value] for value in kept}
    return found
