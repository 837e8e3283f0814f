"""A project's servers in a few numbers: how many are in which state, and which changed last."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.cloud.connection import Cloud
from dashboard.cloud.servers import Server, list_servers
from dashboard.cloud.types import Query
from dashboard.live.mirror import Mirror

RECENT = 8
"""Servers that are named."""
LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Summary:
    """``counts`` maps Nova's statuses to numbers, the most frequent first; None while they are being counted."""

    recent: tuple[Server, ...]
    counts: Mapping[str, int] | None = None
    as_of: datetime | None = None
    version: int = 0

    @property
    def total(self) -> int | None:
        """How many there are; None while they are being counted."""
        return None if self.counts is None else sum(self.counts.values())


def summary_in(mirror: Mirror[Server]) -> Summary:
    """From the live snapshot: worked out once per version, however many look."""

    def make() -> tuple[dict[str, int], tuple[Server, ...]]:
        rows = mirror.rows.values()
        counts = Counter(row.status for row in rows)
        return dict(counts.most_common()), latest(rows)

    counts, recent = mirror.derived(("overview", RECENT), make)
    return Summary(recent, counts, mirror.as_of, mirror.version)


def latest(rows: Iterable[Server]) -> tuple[Server, ...]:
    """Those that changed last, the newest first."""
    return tuple(heapq.nlargest(RECENT, rows, key=lambda row: (row.updated or row.created or LONG_AGO, row.id)))


def fetch_summary(cloud: Cloud) -> Summary:
    """From Nova, while there is no snapshot: one short call, whatever the number of servers. Raises CloudError.

    The counts are there too when that page holds every server.
    """
    page = list_servers(cloud, Query(limit=RECENT, sort="updated", is_descending=True))
    counts = None if page.has_next else dict(Counter(row.status for row in page.rows).most_common())
    return Summary(page.rows, counts, datetime.now(UTC))
