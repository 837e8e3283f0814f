"""Where a list's rows come from: the live snapshot when it is fresh, else the service itself."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.auth.http import Request
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, CloudError, NotFound, NotOffered, Unauthorized
from dashboard.cloud.parallel import in_turn, later
from dashboard.cloud.types import Page, Query, slice_of
from dashboard.live import watch
from dashboard.live.mirror import Mirror
from dashboard.ui.errors import Fault, fault_of
from dashboard.ui.panel import Panel
from dashboard.ui.terms import meant

TIMED_SECONDS = 20
"""For so long the answer to "within the last hour" is taken to stay the same."""
FRESH_AT_ONCE = 8
"""Rows that are read anew right after an action."""


@dataclass(frozen=True)
class Answer:
    """A page of rows with what is known of its age, or why there is none."""

    page: Page[Any]
    as_of: datetime | None
    version: int = 0
    """The snapshot's version that the rows are of; 0 if they came from the service itself."""
    fault: Fault | None = None
    is_old: bool = False
    """Whether these rows are the last good ones, shown because the service failed."""
    mirror: Mirror[Any] | None = None


def mirror_of(request: Request, panel: Panel[Any]) -> Mirror[Any] | None:
    """The panel's snapshot, if it has one and there is one yet; looking keeps it fresh."""
    if not panel.live or request.cloud is None or request.held is None:
        return None
    return watch.look(request.cloud, request.held.id_hash, panel.live)


def page_in(mirror: Mirror[Any], panel: Panel[Any], query: Query) -> Page[Any]:
    """A page out of the snapshot; the order and the counts are worked out once per version."""
    lookup = panel.lookup
    if lookup is None:
        return Page(())
    whole = replace(query, marker="", before="", limit=0)
    chips = [item.key for item in panel.filters if item.choices]
    is_timed = any(term.key in lookup.timed for term in query.terms)
    moment = int(time.time() / TIMED_SECONDS) if is_timed else 0
    matching, counts = mirror.derived(
        ("order", panel.slug, whole, moment),
        lambda: lookup.ordered(
            list(mirror.rows.values()),
            whole,
            count=chips,
            default_sort=panel.default_sort or "name",
        ),
    )
    return slice_of(matching, query, counts=counts)


def rows_for(request: Request, panel: Panel[Any], query: Query) -> Answer:
    """The rows that a list shows. A failure is part of the answer, never raised."""
    cloud = request.cloud
    assert cloud is not None
    if not cloud.offers(panel.service) and panel.service != "identity":
        return Answer(Page(()), None, fault=fault_of(NotOffered(service=panel.service)))
    mirror = mirror_of(request, panel)
    if query.is_void:
        return Answer(Page((), total=0), datetime.now(UTC), mirror=mirror)
    query = meant(cloud, panel.filters, query)
    if mirror is not None and mirror.is_complete and not mirror.is_stale:
        return Answer(page_in(mirror, panel, query), mirror.as_of, mirror.version, mirror=mirror)
    try:
        return Answer(_first_page_if_lost(panel, cloud, query), datetime.now(UTC), mirror=mirror)
    except CloudError as error:
        if isinstance(error, Unauthorized):
            # Not this section's matter alone: the session is over.
            raise
        fault = fault_of(error, cloud)
        if mirror is not None and mirror.rows:
            return Answer(page_in(mirror, panel, query), mirror.as_of, mirror.version, fault, True, mirror)
        return Answer(Page(()), None, fault=fault)


def all_rows(request: Request, panel: Panel[Any], query: Query, *, most: int) -> tuple[Sequence[Any], bool]:
    """Every row that the query means as of now, up to one more than ``most``, and whether these are surely all.

    From the snapshot where there is one; else from one page of the service's, which may be too short.
    Raises CloudError.
    """
    cloud = request.cloud
    assert cloud is not None
    if query.is_void:
        return (), True
    query = replace(meant(cloud, panel.filters, query), marker="", before="", limit=most + 1)
    mirror = mirror_of(request, panel)
    if mirror is not None and mirror.is_complete and not mirror.is_stale:
        return page_in(mirror, panel, query).rows, True
    page = panel.rows(cloud, query)
    return page.rows, not (page.has_next or page.is_partial)


def _first_page_if_lost(panel: Panel[Any], cloud: Cloud, query: Query) -> Page[Any]:
    """A page; the first one, marked so, if the service says that the marker's row is gone. Raises CloudError."""
    try:
        return panel.rows(cloud, query)
    except NotFound as error:
        if not (query.marker or query.before):
            # A list is always there: what answers is something else.
            raise BadAnswer(error.message, service=panel.service, status=404, request_id=error.request_id) from error
    return replace(panel.rows(cloud, replace(query, marker="", before="")), is_marker_lost=True)


def row_for(request: Request, panel: Panel[Any], row_id: str) -> Any:
    """One row, fresh enough to decide by: from the live snapshot, else from the service. Raises CloudError."""
    mirror = mirror_of(request, panel)
    if mirror is not None and not mirror.is_stale and row_id in mirror.rows:
        return mirror.rows[row_id]
    if request.cloud is None:
        raise NotFound(service=panel.service)
    return row_from(request.cloud, panel, row_id)


def row_from(cloud: Cloud, panel: Panel[Any], row_id: str) -> Any:
    """One row from the service itself. Raises CloudError."""
    if panel.row is None:
        raise NotFound(service=panel.service)
    row = panel.row(cloud, row_id)
    if not row.id:
        raise BadAnswer(f"The answer is no {panel.slug} with an id.", service=panel.service)
    return row


def several(request: Request, panel: Panel[Any], ids: Sequence[str]) -> list[tuple[str, Any, CloudError | None]]:
    """Each id with its row, or with the reason why there is none. Raises Unauthorized."""
    found: list[tuple[str, Any, CloudError | None]] = []
    calls = [functools.partial(row_for, request, panel, row_id) for row_id in ids]
    for row_id, outcome in zip(ids, in_turn(calls), strict=True):
        row = outcome.or_else(None)
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        found.append((row_id, row, outcome.error))
    return found


def fresh_json(
    cloud: Cloud,
    raw: Callable[[Cloud, str], Mapping[str, Any]] | None,
    ids: Sequence[str],
) -> list[Mapping[str, Any]]:
    """The first rows' JSON right after something was done to them, for ``watch.acted``: everybody sees it at once.

    What is left out, or does not come within 3 seconds, comes with the next poll.
    """
    if raw is None:
        return []
    waiting = [later(functools.partial(raw, cloud, row_id), seconds=3) for row_id in ids[:FRESH_AT_ONCE]]
    return [body for outcome in waiting if (body := outcome.or_else(None)) is not None]


def joined(request: Request, panel: Panel[Any], rows: Sequence[Any]) -> Sequence[Any]:
    """The rows with what other services know of them; what can't be had is left out."""
    if panel.joined is None or request.cloud is None:
        return rows
    try:
        return panel.joined(request.cloud, rows)
    except CloudError:
        return rows
