"""The time span that usage is shown for: from a day to a day, both included, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.http import QueryDict

LONGEST = 731
"""Days."""


@dataclass(frozen=True)
class Span:
    """``first`` and ``last`` are whole days; ``error`` says what was wrong with what was asked for."""

    first: date
    last: date
    error: str = ""

    @property
    def start(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The end of the last day, or now if that is not over."""
        day = datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC) + timedelta(days=1)
        return max(self.start + timedelta(seconds=1), min(day, datetime.now(UTC)))

    @property
    def query(self) -> str:
        return f"from={self.first.isoformat()}&to={self.last.isoformat()}"


@dataclass(frozen=True)
class Preset:
    """A span that many want."""

    label: Any
    span: Span
    is_current: bool


def today() -> date:
    return datetime.now(UTC).date()


def asked(params: QueryDict) -> Span:
    """The span of ``?from=&to=``; this month where they say nothing that can be used."""
    now = today()
    default = Span(now.replace(day=1), now)
    given_first, given_last = params.get("from", ""), params.get("to", "")
    if not given_first and not given_last:
        return default
    try:
        last = date.fromisoformat(given_last) if given_last else now
        first = date.fromisoformat(given_first) if given_first else last.replace(day=1)
    except ValueError:
        return Span(default.first, default.last, _("This is no date; write one as in 2026-11-20."))
    if first > last:
        return Span(default.first, default.last, _("The first day is after the last one."))
    if first > now or first.year < 2010:
        return Span(default.first, default.last, _("Nothing is known of that time."))
    last = min(last, now)
    if (last - first).days >= LONGEST:
        return Span(last - timedelta(days=LONGEST - 1), last, _("Two years at most can be shown at once."))
    return Span(first, last)


def presets(current: Span) -> list[Preset]:
    """The usual spans, the shortest first."""
    now = today()
    before = now.replace(day=1) - timedelta(days=1)
    spans: tuple[tuple[Any, Span], ...] = (
        (gettext_lazy("Today"), Span(now, now)),
        (gettext_lazy("7 days"), Span(now - timedelta(days=6), now)),
        (gettext_lazy("30 days"), Span(now - timedelta(days=29), now)),
        (gettext_lazy("This month"), Span(now.replace(day=1), now)),
        (gettext_lazy("Last month"), Span(before.replace(day=1), before)),
    )
    return [Preset(label, span, (span.first, span.last) == (current.first, current.last)) for label, span in spans]
