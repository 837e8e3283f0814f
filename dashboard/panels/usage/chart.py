"""What was used day by day, as bars: worked out from when each server began and ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.cloud.usage import MIB, Amounts, ServerUsage
from dashboard.panels.usage.span import Span
from dashboard.ui.bars import GAP, HEIGHT, WIDTH, round_up

BARS = 62


@dataclass(frozen=True)
class Bar:
    """One stretch of time. ``x``, ``y``, ``width`` and ``height`` are in the drawing's units."""

    start: datetime
    end: datetime
    value: float
    amounts: Amounts
    x: str = "0"
    y: str = "0"
    width: str = "0"
    height: str = "0"


@dataclass(frozen=True)
class Chart:
    """``top`` is the value at the upper edge."""

    bars: tuple[Bar, ...]
    top: float
    days: int
    """Days that a bar stands for; the last one's may be fewer."""


def used_between(servers: Iterable[ServerUsage], start: datetime, end: datetime) -> Amounts:
    """What these servers used between two moments."""
    total = Amounts()
    for server in servers:
        if server.started is None:
            continue
        begin, stop = max(start, server.started), min(end, server.ended or end)
        hours = (stop - begin).total_seconds() / 3600
        if hours > 0:
            total += Amounts(hours, hours * server.vcpus, hours * server.ram / MIB, hours * server.disk)
    return total


def chart(servers: Iterable[ServerUsage], span: Span, measure: str) -> Chart:
    """The bars of one measure (a field of ``Amounts``), a day each, or more days where there are many."""
    known = list(servers)
    total = (span.last - span.first).days + 1
    days = -(-total // BARS)
    stretches = [span.start + timedelta(days=place) for place in range(0, total, days)]
    found = []
    for start in stretches:
        end = min(start + timedelta(days=days), span.start + timedelta(days=total))
        amounts = used_between(known, start, min(end, span.end))
        found.append((start, end, amounts, float(getattr(amounts, measure))))
    top = round_up(max((value for *_rest, value in found), default=0.0))
    step = WIDTH / max(1, len(found))
    bars = tuple(
        Bar(
            start,
            end,
            value,
            amounts,
            x=f"{place * step + step * GAP / 2:.1f}",
            y=f"{HEIGHT - HEIGHT * value / top:.1f}",
            width=f"{step * (1 - GAP):.1f}",
            height=f"{HEIGHT * value / top:.1f}",
        )
        for place, (start, end, amounts, value) in enumerate(found)
    )
    return Chart(bars, top, days)
