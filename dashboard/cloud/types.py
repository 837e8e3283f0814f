"""The shapes that every list shares: what is asked for, and one page of the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

R = TypeVar("R")


class Row(Protocol):
    """What the user interface needs to know of any resource."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Term:
    """One condition of a filter: ``key:value`` or, negated, ``-key:value``."""

    key: str
    value: str
    is_negated: bool = False


@dataclass(frozen=True)
class Query:
    """What a list is asked for.

    ``limit`` rows after the row with the id ``marker`` (or before the one with the id
    ``before``), that contain ``text`` and meet every ``term``, in the order of ``sort``
    (a key that the panel declares).
    """

    limit: int = 20
    marker: str = ""
    before: str = ""
    sort: str = ""
    is_descending: bool = False
    text: str = ""
    terms: tuple[Term, ...] = ()
    is_void: bool = False
    """Whether what was typed means nothing, so that nothing matches: a filter that there is not."""

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.terms or self.is_void)

    def values(self, key: str) -> tuple[str, ...]:
        """What the list is narrowed to by ``key``; negated terms left out."""
        return tuple(term.value for term in self.terms if term.key == key and not term.is_negated)


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a list, in its order.

    ``total`` counts all rows that match, if known. ``has_previous`` and ``has_next`` say
    whether there are more on either side. ``counts`` maps a filter's key to how many of
    the rows that match the rest have which value. ``is_marker_lost`` says that the marker
    is no longer there, so this is the first page.
    """

    rows: tuple[R, ...]
    has_next: bool = False
    has_previous: bool = False
    total: int | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    is_marker_lost: bool = False
    is_partial: bool = False
    """Whether not all was looked through yet, so that more may match."""
    is_unsorted: bool = False
    """Whether there are too many to be sorted: they are in the service's own order, which can only be gone forward."""
    about: Any = None
    """What the service said of them all together, for the panel's own template above the list."""


@dataclass(frozen=True)
class Quota:
    """How much of something is used; ``limit`` is None where there is no limit. Units are in ``unit``."""

    name: str
    used: int
    limit: int | None
    unit: str = ""

    @property
    def percent(self) -> int:
        """Used share in percent, 0 to 100; 0 without a limit."""
        if not self.limit or self.limit < 0:
            return 0 if self.limit is None or self.limit < 0 or not self.used else 100
        return min(100, round(100 * self.used / self.limit))

    @property
    def left(self) -> int | None:
        """What is left, never below 0; None without a limit."""
        return None if self.limit is None or self.limit < 0 else max(0, self.limit - self.used)


@dataclass(frozen=True)
class Lookup(Generic[R]):
    """How rows that are all at hand are searched, narrowed and sorted.

    ``text`` gives the texts of a row that free text is looked for in; ``values`` maps a
    filter's key to a row's value, or values, for it; ``sorts`` a sort key to what is compared.
    ``tests`` is for keys whose values are no such values ("created:<7d"): given what was typed
    it gives the question that is asked of each row, or None if it means nothing. What ``timed``
    keys find changes while the rows don't.
    """

    text: Callable[[R], Iterable[str]]
    values: Mapping[str, Callable[[R], Any]]
    sorts: Mapping[str, Callable[[R], Any]]
    tests: Mapping[str, Callable[[str], Callable[[R], bool] | None]] = field(default_factory=dict)
    timed: frozenset[str] = frozenset()

    def page(
        self,
        rows: Iterable[R],
        query: Query,
        *,
        count: Sequence[str] = (),
        default_sort: str = "name",
    ) -> Page[R]:
        """One page; see ``page_of``."""
        matching, counts = self.ordered(rows, query, count=count, default_sort=default_sort)
        return slice_of(matching, query, counts=counts)

    def ordered(
        self,
        rows: Iterable[R],
        query: Query,
        *,
        count: Sequence[str] = (),
        default_sort: str = "name",
    ) -> tuple[list[R], dict[str, dict[str, int]]]:
        """Every row that matches, in order, and the counts; markers and limit don't matter here."""
        everything = rows if isinstance(rows, list) else list(rows)
        tests = self._asked(query)
        matching, nearly = _sifted(everything, tests, count) if tests else (list(everything), {})
        counts = {key: self.counted([*matching, *nearly.get(key, ())], key) for key in count}
        sort = query.sort if query.sort in self.sorts else default_sort
        descending = query.is_descending if query.sort in self.sorts else False
        if sort in self.sorts:
            by = self.sorts[sort]
            # Equal rows in one order everywhere, which is Nova's: it may be asked for the next page.
            matching.sort(key=attrgetter("id"), reverse=descending)
            matching.sort(key=lambda row: _sort_key(by(row)), reverse=descending)
        return matching, counts

    def _asked(self, query: Query) -> dict[str, Callable[[R], bool]]:
        """What is asked of each row, by key; the text's key is "". Keys that mean nothing here are left out."""
        found: dict[str, Callable[[R], bool]] = {}
        if query.is_void:
            return {"": lambda row: False}
        for key in dict.fromkeys(term.key for term in query.terms):
            if key in self.values or key in self.tests:
                found[key] = self._of_key(key, [term for term in query.terms if term.key == key])
        if query.text:
            needle, text = query.text.casefold(), self.text
            found[""] = lambda row: needle in "\n".join(part for part in text(row) if part).casefold()
        return found

    def _of_key(self, key: str, terms: Sequence[Term]) -> Callable[[R], bool]:
        """Several values of one key widen the list, several keys narrow it; what is negated must not be there."""
        wanted = [self._of_value(key, term.value) for term in terms if not term.is_negated]
        unwanted = [self._of_value(key, term.value) for term in terms if term.is_negated]
        if not unwanted and len(wanted) == 1:
            return wanted[0]
        return lambda row: (not wanted or any(test(row) for test in wanted)) and not any(test(row) for test in unwanted)

    def _of_value(self, key: str, value: str) -> Callable[[R], bool]:
        if key in self.tests:
            return self.tests[key](value) or (lambda row: False)
        value_of, pattern = self.values[key], wild(value)
        if pattern is not None:
            return lambda row: any(pattern.fullmatch(item) for item in _as_values(value_of(row)))
        folded = value.casefold()
        return lambda row: any(item.casefold() == folded for item in _as_values(value_of(row)))

    def counted(self, rows: Iterable[R], key: str) -> dict[str, int]:
        """How many of the rows have which value for a key."""
        found: dict[str, int] = {}
        value_of = self.values[key]
        for row in rows:
            for value in _as_values(value_of(row)):
                found[value] = found.get(value, 0) + 1
        return found


def wild(value: str) -> re.Pattern[str] | None:
    """A value with "*" for any text, as a pattern; None if there is none in it."""
    if "*" not in value:
        return None
    return re.compile(".*".join(re.escape(part) for part in value.split("*")), re.IGNORECASE | re.DOTALL)


def _sifted(
    rows: Iterable[R], tests: Mapping[str, Callable[[R], bool]], count: Sequence[str]
) -> tuple[list[R], dict[str, list[R]]]:
    """The rows that meet everything, and by key to be counted those that fail that one alone."""
    matching: list[R] = []
    nearly: dict[str, list[R]] = {key: [] for key in count if key in tests}
    asked = list(tests.items())
    for row in rows:
        missed: str | None = None
        for key, test in asked:
            if not test(row):
                if missed is not None or key not in nearly:
                    break
                missed = key
        else:
            (matching if missed is None else nearly[missed]).append(row)
    return matching, nearly


def page_of(
    rows: Iterable[R],
    query: Query,
    *,
    text: Callable[[R], Iterable[str]],
    values: Mapping[str, Callable[[R], Any]],
    sorts: Mapping[str, Callable[[R], Any]],
    default_sort: str = "name",
    count: Sequence[str] = (),
) -> Page[R]:
    """One page out of rows that are all at hand.

    For ``text``, ``values`` and ``sorts`` see ``Lookup``; ``count`` names the filters whose
    counts are wanted. A lost marker gives the first page and says so.
    """
    lookup = Lookup(text=text, values=values, sorts=sorts)
    return lookup.page(rows, query, count=count, default_sort=default_sort)


def slice_of(matching: Sequence[R], query: Query, *, counts: Mapping[str, Mapping[str, int]] | None = None) -> Page[R]:
    """The page of ``matching``, which is in order already, that ``query``'s markers point to."""
    start, lost = 0, False
    anchor = query.marker or query.before
    if anchor:
        place = next((i for i, row in enumerate(matching) if row.id == anchor), None)  # type: ignore[attr-defined]
        if place is None:
            lost = True
        elif query.marker:
            start = place + 1
        else:
            start = max(0, place - query.limit)
    end = start + query.limit
    if query.before and not query.marker and not lost and anchor:
        end = min(end, place if place is not None else end)
    return Page(
        rows=tuple(matching[start:end]),
        has_next=end < len(matching),
        has_previous=start > 0,
        total=len(matching),
        counts=counts or {},
        is_marker_lost=lost,
    )


def _as_values(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bool):
        return ("yes",) if value else ("no",)
    if isinstance(value, Iterable):
        return tuple(str(item) for item in value)
    return (str(value),)


def _sort_key(value: Any) -> tuple[int, Any]:
    """Rows without a value come last, in descending order first; text is compared without regard to case."""
    if value is None or value == "":
        return (1, "")
    return (0, value.casefold() if isinstance(value, str) else value)
