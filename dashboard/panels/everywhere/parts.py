"""The parts of the page: a project in a region, with its servers, how old they are, or why there are none."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch

from dashboard.auth.entering import regions_of
from dashboard.auth.scopes import scoped_reverse
from dashboard.cloud.connection import Access, Cloud, Scope
from dashboard.cloud.errors import CloudError, NotOffered
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.types import Page, Query
from dashboard.live import watch
from dashboard.ui.errors import Fault, fault_of
from dashboard.ui.panel import Column, Panel
from dashboard.ui.rows import RowView, views_of
from dashboard.ui.terms import meant

AT_A_TIME = 12
"""Parts on one page."""
ROWS = 20
"""Servers of one part; the rest is a link away."""
OLD_SECONDS = 20
"""A snapshot that is no older is taken for the service's own word."""


@dataclass(frozen=True)
class Place:
    """A project in a region, before anything is known of it."""

    scope: Scope
    region: str

    @property
    def key(self) -> str:
        return f"{self.region}/{self.scope.key}"


@dataclass(frozen=True)
class Row:
    """A server's cells, and where its page is."""

    view: RowView
    url: str


@dataclass(frozen=True)
class Part:
    """A place with what is known of it. ``is_closed``: no token is held for it yet."""

    place: Place
    url: str
    rows: tuple[Row, ...] = ()
    total: int | None = None
    has_more: bool = False
    is_partial: bool = False
    as_of: datetime | None = None
    fault: Fault | None = None
    is_closed: bool = False


def places(projects: Sequence[Scope], tokens: Mapping[str, Access], regions: Sequence[str]) -> list[Place]:
    """Every project in each of its regions; those of this scope's catalog where no token tells."""
    return [
        Place(scope, region)
        for scope in projects
        for region in (regions_of(tokens[scope.key]) if scope.key in tokens else regions)
    ]


def parts_of(
    shown: Sequence[Place],
    tokens: Mapping[str, Access],
    panel: Panel[Any],
    query: Query,
    columns: Sequence[Column[Any]],
    text: str,
    failed: Mapping[str, CloudError],
) -> list[Part]:
    """The parts in the places' order, read four at a time; one that fails costs itself alone."""
    open_ones = [place for place in shown if place.scope.key in tokens]
    calls = [functools.partial(_read, Cloud(tokens[p.scope.key], p.region), panel, query) for p in open_ones]
    answers = dict(zip((place.key for place in open_ones), in_turn(calls), strict=True))
    found = []
    for place in shown:
        url = list_url(place, text)
        if place.key not in answers:
            error = failed.get(place.scope.key)
            found.append(Part(place, url, is_closed=True, fault=fault_of(error) if error is not None else None))
            continue
        outcome = answers[place.key]
        answer = outcome.or_else(None)
        if answer is None:
            assert outcome.error is not None
            fault = fault_of(outcome.error, Cloud(tokens[place.scope.key], place.region))
            found.append(Part(place, url, fault=fault))
            continue
        page, as_of = answer
        rows = tuple(Row(view, _page_of(place, panel, view.id)) for view in views_of(page.rows, columns))
        found.append(Part(place, url, rows, page.total, page.has_next, page.is_partial, as_of))
    return found


def _page_of(place: Place, panel: Panel[Any], id: str) -> str:
    """A row's own page; the list for an id that no address of ours can hold."""
    try:
        return scoped_reverse(place.scope, place.region, f"{panel.slug}:detail", id)
    except NoReverseMatch:
        return scoped_reverse(place.scope, place.region, f"{panel.slug}:index")


def list_url(place: Place, text: str) -> str:
    """The list of servers there, narrowed the same way."""
    url = scoped_reverse(place.scope, place.region, "servers:index")
    return f"{url}?{urlencode({'q': text})}" if text else url


def _read(cloud: Cloud, panel: Panel[Any], query: Query) -> tuple[Page[Any], datetime]:
    """A place's servers: from the snapshot where somebody looks at it already, else with one request."""
    if not cloud.offers(panel.service):
        raise NotOffered(service=panel.service)
    query = meant(cloud, panel.filters, replace(query, limit=ROWS, marker="", before=""))
    mirror = watch.peek(cloud, panel.live)
    if mirror is not None and mirror.is_complete and mirror.age < OLD_SECONDS and panel.lookup is not None:
        return panel.lookup.page(mirror.rows.values(), query, default_sort=panel.default_sort), mirror.as_of
    return panel.rows(cloud, query), datetime.now(UTC)
