"""Times as people type them to narrow a list: within an hour, longer ago than 30 days, since a date."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

R = TypeVar("R")

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"([<>]?)(\d{1,6})([mhdw])", re.IGNORECASE)
_DAY = re.compile(r"([<>]?)(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Ages:
    """From when to when, in UTC; None where there is no end. The end itself is not in it."""

    after: datetime | None = None
    before: datetime | None = None

    def has(self, moment: datetime | None) -> bool:
        """Whether a time lies in between; what has none never does."""
        if moment is None:
            return False
        return (self.after is None or moment >= self.after) and (self.before is None or moment < self.before)


def ages(value: str, now: datetime | None = None) -> Ages | None:
    """What ``1h``, ``<7d`` (younger than that), ``>30d`` (older), ``2026-11-20`` (that day), ``>2026-11-20`` (later
    than that day) and ``<2026-11-20`` (before it) mean; None for anything else.
    """
    now = now or datetime.now(UTC)
    if span := _SPAN.fullmatch(value.strip()):
        sign, number, unit = span.groups()
        try:
            then = now - timedelta(**{_UNITS[unit.lower()]: int(number)})
        except OverflowError:
            then = datetime(1, 1, 1, tzinfo=UTC)
        return Ages(before=then) if sign == ">" else Ages(after=then)
    if day := _DAY.fullmatch(value.strip()):
        sign, text = day.groups()
        try:
            begins = datetime.fromisoformat(text).replace(tzinfo=UTC)
            ends = begins + timedelta(days=1)
        except (ValueError, OverflowError):
            return None
        if sign:
            return Ages(after=ends) if sign == ">" else Ages(before=begins)
        return Ages(after=begins, before=ends)
    return None


def aged(moment: Callable[[R], datetime | None]) -> Callable[[str], Callable[[R], bool] | None]:
    """A Lookup's test for a key that holds a time."""

    def test(value: str) -> Callable[[R], bool] | None:
        found = ages(value)
        return None if found is None else lambda row: found.has(moment(row))

    return test
