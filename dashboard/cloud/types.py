"""The shapes that every list shares: what is asked for, and one page of the answer."""

from __future__ import annotations

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

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.terms)

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
    """

    text: Callable[[R], Iterable[str]]
    values: Mapping[str, Callable[[R], Any]]
    sorts: Mapping[str, Callable[[R], Any]]

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
        matching = (
            [row for row in everything if _matches(row, query, self.text, self.values)]
            if query.is_filtered
            else list(everything)
        )
        counts = {key: _counts(everything, query, key, self.text, self.values) for key in count}
        sort = query.sort if query.sort in self.sorts else default_sort
        descending = query.is_descending if query.sort in self.sorts else False
        if sort in self.sorts:
            by = self.sorts[sort]
            # Equal rows in one order everywhere, which is Nova's: it may be asked for the next page.
            matching.sort(key=attrgetter("id"), reverse=descending)
            matching.sort(key=lambda row: _sort_key(by(row)), reverse=descending)
        return matching, counts


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


def _matches(
    row: R,
    query: Query,
    text: Callable[[R], Iterable[str]],
    values: Mapping[str, Callable[[R], Any]],
    without: str = "",
) -> bool:
    if query.text:
        needle = query.text.casefold()
        if not any(needle in (part or "").casefold() for part in text(row)):
            return False
    wanted: dict[str, bool] = {}
    for term in query.terms:
        if term.key == without or term.key not in values:
            continue
        has = any(term.value.casefold() == value.casefold() for value in _as_values(values[term.key](row)))
        if term.is_negated:
            if has:
                return False
        else:
            # Several values of one key widen the list, several keys narrow it.
            wanted[term.key] = wanted.get(term.key, False) or has
    return all(wanted.values())


def _counts(
    rows: Sequence[R],
    query: Query,
    key: str,
    text: Callable[[R], Iterable[str]],
    values: Mapping[str, Callable[[R], Any]],
) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if _matches(row, query, text, values, without=key):
            for value in _as_values(values[key](row)):
                found[value] = found.get(value, 0) + 1
    return found


def _sort_key(value: Any) -> tuple[int, Any]:
    """Rows without a value come last, in descending order first; text is compared without regard to case."""
    if value is None or value == "":
        return (1, "")
    return (0, value.casefold() if isinstance(value, str) else value)
