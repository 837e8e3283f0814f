"""What a list's URL asks for, and the URLs of the lists beside it: other order, other filter, next page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from dashboard.auth.http import Request
from dashboard.cloud.types import Query, Term
from dashboard.ui.panel import Column, Filter, Panel
from dashboard.ui.terms import complaints, typed, without, written

SIZES = (20, 50, 100)
TEXT_LIMIT = 200
TERM_LIMIT = 20
RESERVED = frozenset({"q", "sort", "limit", "marker", "before", "col", "format", "since"})
"""Parameters with a meaning of their own: a filter of the same name is only typed into ``q``."""


@dataclass(frozen=True)
class Heading:
    """A column's head: where it leads, and how the list is sorted by it ("", "ascending", "descending")."""

    column: Column[Any]
    url: str
    order: str


UNCOUNTED = 5
"""How many choices of a filter are offered when it is not known how many rows each has."""


@dataclass(frozen=True)
class Chip:
    """One choice of a filter, as a link that takes it or drops it."""

    label: Any
    value: str
    url: str
    is_on: bool
    count: int | None


@dataclass(frozen=True)
class Chips:
    """A filter with its choices."""

    filter: Filter
    chips: tuple[Chip, ...]


@dataclass(frozen=True)
class Drop:
    """A condition that is set, as a link that drops it."""

    label: str
    url: str


class Listing:
    """A list's URL, read against what its panel declares; what it does not declare is ignored.

    Parameters: ``q`` (free text and ``key:value`` terms, negated by "-"), one parameter per
    filter key, ``sort`` (a key, descending with a leading "-"), ``marker`` or ``before`` (an
    id), ``limit``, ``col`` (the columns, repeated).
    """

    def __init__(self, panel: Panel[Any], params: QueryDict, path: str, *, remembered: str = "") -> None:
        self.panel = panel
        self.path = path
        self.params = params
        self._keys = {item.key for item in panel.filters}
        self.complaints: tuple[str, ...] = ()
        """What of the filter means nothing, in sentences; nothing matches then."""
        self.columns = self._columns(params.getlist("col") or remembered.split("."))
        self.query = self._query()

    @classmethod
    def of(cls, request: Request, panel: Panel[Any], path: str) -> Listing:
        """The listing that a request asks for; ``path`` is the list's own address."""
        return cls(panel, request.GET, path, remembered=request.COOKIES.get(f"cols-{panel.slug}", ""))

    def _columns(self, wanted: Sequence[str]) -> tuple[Column[Any], ...]:
        by_key = {column.key: column for column in self.panel.columns}
        chosen = tuple(by_key[key] for key in dict.fromkeys(wanted) if key in by_key)
        if not chosen:
            return self.usual
        # The order is the person's; the column that leads to the thing always stays.
        first = self.panel.columns[0]
        fixed = tuple(column for column in self.panel.columns if column is first or column.key == "name")
        return (*(column for column in fixed if column not in chosen), *chosen)

    @property
    def usual(self) -> tuple[Column[Any], ...]:
        """The columns of who chose none."""
        return tuple(column for column in self.panel.columns if not column.is_optional)

    @property
    def choices(self) -> tuple[Column[Any], ...]:
        """All columns as the chooser lists them: those on show in their order, then the rest."""
        return (*self.columns, *(column for column in self.panel.columns if column not in self.columns))

    @property
    def is_own_choice(self) -> bool:
        """Whether other columns are on show than the usual ones."""
        return self.columns != self.usual

    @property
    def usual_url(self) -> str:
        """Where the usual columns are on show, and the choice is forgotten."""
        return self.url(col=["usual"])

    def _query(self) -> Query:
        params = self.params
        found = typed(params.get("q", "")[:TEXT_LIMIT], sorted(self._keys))
        terms = list(found.terms)
        for key in sorted(self._keys - RESERVED):
            for value in params.getlist(key)[: TERM_LIMIT + 1]:
                if value:
                    terms.append(Term(key, value.removeprefix("!")[:TEXT_LIMIT], value.startswith("!")))
        terms = list(dict.fromkeys(terms))
        self.complaints = complaints(self.panel.filters, found, terms, TERM_LIMIT)
        sort = params.get("sort", "")
        sorts = {column.sort for column in self.panel.columns if column.sort}
        is_known = sort.removeprefix("-") in sorts
        limit = params.get("limit", "")
        return Query(
            limit=int(limit) if limit in {str(size) for size in SIZES} else SIZES[0],
            marker=self._id(params.get("marker", "")),
            before=self._id(params.get("before", "")),
            sort=sort.removeprefix("-") if is_known else self.panel.default_sort,
            is_descending=sort.startswith("-") if is_known else self.panel.is_default_descending,
            text=found.text,
            terms=tuple(terms[:TERM_LIMIT]),
            is_void=bool(self.complaints),
        )

    def _id(self, value: str) -> str:
        return value if re.fullmatch(self.panel.id_pattern, value) else ""

    # The addresses of other lists

    def url(self, **changes: Any) -> str:
        """This list's address with other parameters; None drops one. Paging starts over unless set."""
        params = self.params.copy()
        for key in ("marker", "before", "since", "format"):
            params.pop(key, None)
        for key, value in changes.items():
            params.pop(key, None)
            if value is None or value == "" or value == []:
                continue
            params.setlist(key, value if isinstance(value, list) else [str(value)])
        known = {"q", "sort", "limit", "marker", "before", "col", "format", *self._keys}
        for key in list(params):
            if key not in known:
                params.pop(key)
        encoded = params.urlencode()
        return f"{self.path}?{encoded}" if encoded else self.path

    @property
    def here(self) -> str:
        """This very page's address."""
        return self.url(marker=self.query.marker, before=self.query.before)

    @property
    def query_string(self) -> str:
        """The part after "?" of ``here``."""
        return self.here.partition("?")[2]

    def headings(self) -> list[Heading]:
        """The heads of the columns on show."""
        found = []
        for column in self.columns:
            if not column.sort:
                found.append(Heading(column, "", ""))
                continue
            is_current = self.query.sort == column.sort
            is_descending = is_current and self.query.is_descending
            flip = f"-{column.sort}" if is_current and not is_descending else column.sort
            order = ("descending" if is_descending else "ascending") if is_current else ""
            found.append(Heading(column, self.url(sort=flip), order))
        return found

    def chips(self, counts: Mapping[str, Mapping[str, int]]) -> list[Chips]:
        """The filters that have choices; a choice that no row has is left out unless it is on.

        While nothing is counted, the first few stand for all: Nova alone has twenty states.
        """
        found = []
        for item in self.panel.filters:
            if not item.choices:
                continue
            on = set(self.query.values(item.key))
            of_key = counts.get(item.key)
            lowered = {value.casefold(): count for value, count in (of_key or {}).items()}
            chips = []
            for place, (value, label) in enumerate(item.choices):
                is_on = value in on
                count = None if of_key is None else lowered.get(value.casefold(), 0)
                if not is_on and (count == 0 or (count is None and place >= UNCOUNTED)):
                    continue
                rest = [other for other in self.params.getlist(item.key) if other != value]
                chips.append(
                    Chip(label, value, self.url(**{item.key: rest if is_on else [*rest, value]}), is_on, count)
                )
            if chips:
                found.append(Chips(item, tuple(chips)))
        return found

    def drops(self) -> list[Drop]:
        """The conditions that no chip shows, each with the address of the list without it."""
        with_chips = {item.key for item in self.panel.filters if item.choices}
        found = []
        for term in self.query.terms:
            if term.key in with_chips and not term.is_negated:
                continue
            value = f"!{term.value}" if term.is_negated else term.value
            rest = [other for other in self.params.getlist(term.key) if other != value]
            text = without(self.params.get("q", ""), term)
            found.append(Drop(written(term), self.url(**{term.key: rest, "q": text})))
        return found

    def hidden(self) -> list[tuple[str, str]]:
        """What the filter bar's form has to carry along besides its own text field."""
        keys = {"sort", "limit", "col", *self._keys}
        return [(key, value) for key in self.params if key in keys for value in self.params.getlist(key)]


def matching(panel: Panel[Any], rows: Iterable[Any], query: Query) -> tuple[Any, ...]:
    """Every row of the snapshot that the query means, without paging."""
    if panel.lookup is None:
        return ()
    whole = replace(query, marker="", before="", limit=1_000_000)
    return panel.lookup.page(rows, whole, default_sort=panel.default_sort or "name").rows
