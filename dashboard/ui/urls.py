"""The addresses of a panel's generic pages, below ``<slug>/``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path

from dashboard.ui import bulk, creating, detail, suggest, views
from dashboard.ui.panel import Panel, Place


def urls_of(entry: Panel[Any] | Place) -> URLResolver:
    """The URLs of one entry of PANELS, in the namespace of its slug."""
    if isinstance(entry, Place):
        return path(f"{entry.slug}/", include((list(entry.urls), entry.slug)))
    return path(f"{entry.slug}/", include((_panel_urls(entry), entry.slug)))


def _panel_urls(panel: Panel[Any]) -> list[URLPattern]:
    given = {"panel": panel}
    row = f"(?P<row_id>{panel.id_pattern})"
    patterns = [
        path("", views.index, given, name="index"),
        path("live/", views.live, given, name="live"),
        path("values/", suggest.values, given, name="values"),
        # Before the general one: an action whose answer is a page of its own has its own view.
        *panel.extra_urls,
        path("act/<slug:slug>/", bulk.act, given, name="act"),
        re_path(rf"^{row}/menu/$", detail.menu, given, name="menu"),
        re_path(rf"^{row}/live/$", detail.detail_live, given, name="detail-live"),
        re_path(rf"^{row}/$", detail.detail, given, name="detail"),
    ]
    forms = [item for item in (panel.create, *panel.also) if item is not None and item.form is not None]
    for index, _item in enumerate(forms):
        name = "create" if index == 0 else f"create-{index}"
        patterns.insert(
            2,
            path(
                "create/" if index == 0 else f"create/{index}/", creating.create, {**given, "index": index}, name=name
            ),
        )
    return patterns


def urls_of_all(entries: Iterable[Panel[Any] | Place]) -> list[URLResolver]:
    """The URLs of every entry."""
    return [urls_of(entry) for entry in entries]
