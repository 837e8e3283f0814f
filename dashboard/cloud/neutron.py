"""Neutron's collections: lists that Neutron itself narrows, sorts and cuts into pages, and single things by id."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Invalid
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

R = TypeVar("R")

SERVICE = "network"
SMALL = 200
"""Up to so many rows a list is read whole, so that any part of a name finds them."""
REMEMBERED = 600.0
"""Seconds for which a collection that was larger than that is asked for by pages right away."""
ALL = "all"
"""The value of ``project:`` that shows an administrator every project's."""
YES = frozenset({"yes", "true", "1"})

Params = Mapping[str, Any]

_large: dict[tuple[str, ...], float] = {}


def is_admin(cloud: Cloud) -> bool:
    """Whether Neutron shows this token everybody's things."""
    return "admin" in cloud.roles


def own(cloud: Cloud) -> dict[str, Any]:
    """What narrows a list to the project's own; nothing in other scopes."""
    return {"project_id": cloud.project_id} if cloud.project_id else {}


def exactly(name: str) -> Callable[[str], Params]:
    """A filter that Neutron has under this name."""
    return lambda value: {name: value}


def flag(name: str) -> Callable[[str], Params]:
    """A filter for what is true or false: yes and no."""
    return lambda value: {name: value.casefold() in YES}


def _by_name_or_id(text: str) -> tuple[Params, ...]:
    return ({"id": text},) if is_id(text) else ({"name": text},)


def is_id(text: str) -> bool:
    """Whether a text is a whole id."""
    plain = text.replace("-", "")
    return len(plain) == 32 and all(letter in "0123456789abcdefABCDEF" for letter in plain)


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[R]):
    """A collection of Neutron's, and how its lists are asked for.

    ``sorts`` maps our sort keys to Neutron's attributes; ``filters`` a term's key to the parameters for its
    value; ``text`` free text to the parameter sets of which any may match. With ``lookup`` a list of up to
    ``small`` rows is read whole and searched here by any part of a name; a longer one, or one without, is
    Neutron's to narrow, sort and cut.
    """

    path: str
    many: str
    one: str
    read: Callable[[Mapping[str, Any]], R]
    fields: tuple[str, ...] = ()
    sorts: Mapping[str, str] = field(default_factory=lambda: {"name": "name"})
    filters: Mapping[str, Callable[[str], Params]] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All values of a filter, where they are known: what is left out by one can then be asked for."""
    text: Callable[[str], Sequence[Params]] = _by_name_or_id
    lookup: Lookup[R] | None = None
    small: int = SMALL
    """Up to so many rows a list is read whole; more for what Neutron can't cut into pages."""
    counted: tuple[str, ...] = ()
    """Filters whose choices are counted while the list is read whole."""
    is_owned: bool = True
    """Whether an administrator sees the own project's unless ``project:`` says otherwise."""
    fixed: Params = field(default_factory=dict)
    """What every list is narrowed to."""
    narrowing: tuple[str, ...] = ()
    """Filters that Neutron is always asked for, also when the list is read whole: what makes it small."""

    # Single things

    def url(self, id: str) -> str:
        """The path of one of them."""
        return f"{self.path}/{wire.path_id(id)}"

    def get_json(self, cloud: Cloud, id: str) -> dict[str, Any]:
        """One as Neutron gives it. Raises CloudError."""
        return paging.inner(cloud.get(SERVICE, self.url(id)), self.one, SERVICE)

    def get(self, cloud: Cloud, id: str) -> R:
        """One of them. Raises CloudError, NotFound among them."""
        return self.read(self.get_json(cloud, id))

    def create(self, cloud: Cloud, body: Params) -> R:
        """Makes one. Raises CloudError."""
        return self.read(paging.inner(cloud.post(SERVICE, self.path, {self.one: dict(body)}), self.one, SERVICE))

    def update(self, cloud: Cloud, id: str, body: Params) -> None:
        """Changes what is in ``body``; nothing is sent where that is empty. Raises CloudError."""
        if body:
            cloud.put(SERVICE, self.url(id), {self.one: dict(body)})

    def delete(self, cloud: Cloud, id: str) -> None:
        """Deletes it. Raises CloudError."""
        cloud.delete(SERVICE, self.url(id))

    # Lists

    def all(self, cloud: Cloud, *, most: int = 1000, **params: Any) -> tuple[R, ...]:
        """Those that the parameters narrow to, up to ``most``. Raises CloudError."""
        given = {**self._fields(), **self.fixed, **params}
        found = paging.pages(cloud, SERVICE, self.path, self.many, size=min(most, 1000), most=most, **given)
        return tuple(self._rows(item for items in found for item in items))

    def page(self, cloud: Cloud, query: Query) -> Page[R]:
        """One page of a list. Raises CloudError."""
        scope = merged(
            self._scope(cloud, query), *(self._term(query, key) for key in self.narrowing if query.values(key))
        )
        if self.lookup is not None and not self._is_large(cloud, scope):
            rows = self._ask(cloud, {**self.fixed, **scope, "limit": self.small + 1})
            if len(rows) <= self.small:
                page = self.lookup.page(rows, query, count=self.counted)
                return Page(**{**vars(page), "counts": {**page.counts, **self._hidden(cloud)}})
            _large[self._key(cloud, scope)] = time.monotonic() + REMEMBERED
        return self._neutrons(cloud, query, scope)

    def _neutrons(self, cloud: Cloud, query: Query, scope: Params) -> Page[R]:
        """A page as Neutron narrows, sorts and cuts it; one row more than is shown tells whether there are more."""
        narrowed = merged(
            self.fixed, scope, *(self._term(query, key) for key in dict.fromkeys(t.key for t in query.terms))
        )
        order = self.sorts.get(query.sort, "")
        if order:
            direction = "desc" if query.is_descending else "asc"
            narrowed |= {"sort_key": [order, "id"], "sort_dir": [direction, direction]}
        narrowed["limit"] = query.limit + 1
        is_back = bool(query.before and not query.marker)
        if query.marker or is_back:
            narrowed["marker"] = query.marker or query.before
        if is_back:
            narrowed["page_reverse"] = "True"
        sets = self.text(query.text) if query.text else ({},)
        waiting = [later(lambda more=more: self._ask(cloud, merged(narrowed, more))) for more in sets[1:]]  # type: ignore[misc]
        rows = self._ask(cloud, merged(narrowed, sets[0])) if sets else []
        seen = {row.id for row in rows}  # type: ignore[attr-defined]
        for other in waiting:
            rows += [row for row in other.value if row.id not in seen]  # type: ignore[attr-defined]
        has_more = len(rows) > query.limit
        shown = rows[-query.limit :] if is_back else rows[: query.limit]
        return Page(
            rows=tuple(shown),
            has_next=is_back or has_more,
            has_previous=has_more if is_back else bool(query.marker),
            total=len(rows) if not (has_more or query.marker or is_back) else None,
            counts=self._hidden(cloud),
        )

    def _term(self, query: Query, key: str) -> Params:
        """What the terms of one key ask of Neutron. Raises Invalid for what it can't be asked."""
        ask = self.filters.get(key)
        if ask is None:
            return {}
        wanted = list(query.values(key))
        refused = [term.value for term in query.terms if term.key == key and term.is_negated]
        if refused:
            known = self.choices.get(key)
            if known is None:
                raise Invalid(f"Neutron can't leave out by {key}, only narrow to it.", service=SERVICE)
            left = [value for value in (wanted or known) if value not in refused]
            wanted = left or ["none-of-these"]
        return merged(*(ask(value) for value in wanted))

    def _scope(self, cloud: Cloud, query: Query) -> Params:
        if not self.is_owned or not is_admin(cloud) or not cloud.project_id:
            return {}
        if any(query.values(key) for key in self.narrowing):
            # What belongs to one thing belongs to whoever's that is.
            return {}
        wanted = query.values("project")
        if ALL in wanted:
            return {}
        return {"project_id": list(wanted) or cloud.project_id}

    def _hidden(self, cloud: Cloud) -> Mapping[str, Mapping[str, int]]:
        """The choice of all projects is no use to those who see their own alone."""
        return {} if is_admin(cloud) and cloud.project_id else {"project": {}}

    def _ask(self, cloud: Cloud, params: Params) -> list[R]:
        answer = cloud.get(SERVICE, self.path, **{**self._fields(), **params})
        if not isinstance(answer.get(self.many), list):
            raise BadAnswer(f"The answer has no list of {self.many}.", service=SERVICE)
        return self._rows(wire.objects(answer[self.many]))

    def _rows(self, items: Iterable[Mapping[str, Any]]) -> list[R]:
        return [row for row in map(self.read, items) if row.id]  # type: ignore[attr-defined]

    def _fields(self) -> Params:
        return {"fields": list(self.fields)} if self.fields else {}

    def _key(self, cloud: Cloud, scope: Params) -> tuple[str, ...]:
        return (cloud.url(SERVICE), cloud.access.scope.key, self.path, str(sorted(scope.items())))

    def _is_large(self, cloud: Cloud, scope: Params) -> bool:
        return _large.get(self._key(cloud, scope), 0.0) > time.monotonic()


def merged(*parts: Params) -> dict[str, Any]:
    """The parameters of all parts: a list of values where several have the same, which Neutron takes as any of them."""
    found: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            found[key] = [*_listed(found[key]), *_listed(value)] if key in found else value
    return found


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def names_of(cloud: Cloud, path: str, many: str, ids: Iterable[str]) -> dict[str, str]:
    """Names by id, with one request; those that can't be seen are left out. Raises CloudError."""
    wanted = sorted({id for id in ids if id})[:100]
    if not wanted:
        return {}
    answer = cloud.get(SERVICE, path, id=wanted, fields=["id", "name"])
    return {wire.text(item.get("id")): wire.text(item.get("name")) for item in wire.objects(answer.get(many))}


def forget_all() -> None:
    """Forgets which collections are large; for tests."""
    _large.clear()


def changed(before: Any, data: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The part of a form that differs from the row: ``names`` maps the form's names to Neutron's."""
    return {
        attribute: data[name]
        for name, attribute in names.items()
        if name in data and data[name] != getattr(before, name, None)
    }
