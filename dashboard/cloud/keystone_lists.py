"""Keystone's long lists, searched and paged by Keystone: thousands of users cost a page no more than a few hundred.

Follows Keystone's Identity API v3. Its lists of users, groups and projects take ``limit`` and ``marker`` (since
2025.1) and come in the order of ids, forward only; names are looked for with ``name__icontains``. An older Keystone
ignores the limit and sends everything, which is then searched and paged here.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Forbidden, NotFound
from dashboard.cloud.types import Lookup, Page, Query

R = TypeVar("R")

AT_HAND = 200
"""So many rows are read at once, to be sorted and counted; of longer lists only the pages that are looked at."""
MOST_IN_PAGE = 1000
"""What Keystone gives at most with one answer, as it comes."""
LOOKS = 5
"""Pages that are read in search of what Keystone can't look for, a mail address, say."""
LONG_SECONDS = 120
ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")

_long: dict[tuple[str, ...], float] = {}
"""Lists that were found to be long a moment ago. Another process finds out with one more request."""
_lock = threading.Lock()


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A list of Keystone's. ``params`` gives Keystone's parameter for a filter's value, None where it has none."""

    path: str
    key: str
    one: str
    load: Callable[[Mapping[str, Any]], R]
    lookup: Lookup[R]
    params: Mapping[str, Callable[[str], Mapping[str, str] | None]] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    default_sort: str = "name"
    finish: Callable[[list[R]], list[R]] = lambda rows: rows
    """What rows that came together know of each other."""
    is_of_domains: bool = True
    """Whether what it lists belongs to domains, so that a domain's manager sees one domain's."""


def list_rows(cloud: Cloud, kind: Kind[R], query: Query, *, path: str = "") -> Page[R]:
    """One page. ``path`` is for lists that Keystone has no pages of: a group's members. Raises CloudError.

    Short lists are sorted and counted here. Long ones are in Keystone's own order.
    """
    own = _own(cloud, kind)
    if path:
        return kind.lookup.page(
            _loaded(kind, _asked(cloud, kind, path, {}, None)),
            query,
            count=kind.counts,
            default_sort=kind.default_sort,
        )
    whole = _whole(cloud, kind, own)
    if whole is not None:
        return kind.lookup.page(whole, query, count=kind.counts, default_sort=kind.default_sort)
    params, rest = _split(kind, query)
    if rest.is_void:
        return Page((), total=0)
    found = _by_id(cloud, kind, query.text)
    if found is not None:
        return kind.lookup.page([found], query)
    if params:
        fewer = _whole(cloud, kind, {**own, **params})
        if fewer is not None:
            return kind.lookup.page(fewer, rest, default_sort=kind.default_sort)
    return _in_keystones_order(cloud, kind, {**own, **params}, rest)


def find(cloud: Cloud, kind: Kind[R], text: str, *, limit: int = 10, **params: str) -> list[R]:
    """The first few whose names have this text, by Keystone's own search; also by a whole id. Raises CloudError."""
    if not text.strip():
        return []
    known = _by_id(cloud, kind, text)
    if known is not None:
        return [known]
    wanted = {**_own(cloud, kind), **params, "name__icontains": text.strip()}
    # Keystone cuts before it has sorted: whose name begins so comes first among those that it gives.
    rows = _loaded(kind, _asked(cloud, kind, kind.path, wanted, min(MOST_IN_PAGE, limit * 5)))
    lowered = text.strip().casefold()

    def rank(row: Any) -> tuple[bool, bool, str]:
        name = str(row.name).casefold()
        return name != lowered, not name.startswith(lowered), name

    return sorted(rows, key=rank)[:limit]


def exactly(cloud: Cloud, kind: Kind[R], name: str, **params: str) -> list[R]:
    """Those that are called exactly so, or have this id. Raises CloudError."""
    known = _by_id(cloud, kind, name)
    if known is not None:
        return [known]
    found = _loaded(kind, _asked(cloud, kind, kind.path, {**_own(cloud, kind), **params, "name": name}, None))
    return [row for row in found if str(getattr(row, "name", "")).casefold() == name.casefold()]


def get_json(cloud: Cloud, kind: Kind[Any], id: str) -> dict[str, Any]:
    """One thing as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get("identity", f"{kind.path}/{wire.path_id(id)}"), kind.one, "identity")


def get(cloud: Cloud, kind: Kind[R], id: str) -> R:
    """One thing. Raises CloudError."""
    return kind.load(get_json(cloud, kind, id))


def create(cloud: Cloud, kind: Kind[R], body: Mapping[str, Any]) -> R:
    """Makes one. Raises CloudError, Conflict if the name is taken."""
    return kind.load(wire.mapping(cloud.post("identity", kind.path, {kind.one: dict(body)}).get(kind.one)))


def update(cloud: Cloud, kind: Kind[Any], id: str, body: Mapping[str, Any]) -> None:
    """Changes what is named and leaves the rest, extra fields too; asks nothing where nothing is. Raises CloudError."""
    if body:
        cloud.patch("identity", f"{kind.path}/{wire.path_id(id)}", {kind.one: dict(body)})


def delete(cloud: Cloud, kind: Kind[Any], id: str) -> None:
    """Deletes one. Raises CloudError."""
    cloud.delete("identity", f"{kind.path}/{wire.path_id(id)}")


def extras(item: Mapping[str, Any], known: Iterable[str]) -> dict[str, str]:
    """What an operator's own tools have put on a user or project: kept, and shown as it is."""
    left = {key: value for key, value in item.items() if key not in {*known, "id", "links", "extra"}}
    return {str(key): value if isinstance(value, str) else str(value) for key, value in left.items() if value}


def forget() -> None:
    """For tests: no list is known to be long."""
    with _lock:
        _long.clear()


# How it is asked


def _own(cloud: Cloud, kind: Kind[Any]) -> dict[str, str]:
    """With a domain's token Keystone cuts a page first and leaves out other domains' rows afterwards."""
    scope = cloud.access.scope
    return {"domain_id": scope.id} if scope.kind == "domain" and kind.is_of_domains else {}


def _split(kind: Kind[Any], query: Query) -> tuple[dict[str, str], Query]:
    """What Keystone can look for, and what is left to be looked for here."""
    params: dict[str, str] = {}
    left = []
    for term in query.terms:
        param = kind.params.get(term.key)
        is_one = not term.is_negated and len(query.values(term.key)) == 1
        given = param(term.value) if param is not None and is_one else None
        if given is None:
            left.append(term)
        else:
            params.update(given)
    if query.text:
        params["name__icontains"] = query.text
    return params, replace(query, text="", terms=tuple(left))


def _whole(cloud: Cloud, kind: Kind[R], params: Mapping[str, str]) -> list[R] | None:
    """Everything that these parameters mean, if that is not much; None if it is."""
    mark = (cloud.access.keystone, cloud.access.scope.key, kind.path, *(f"{k}={v}" for k, v in sorted(params.items())))
    with _lock:
        if _long.get(mark, 0.0) > time.monotonic():
            return None
    items = _asked(cloud, kind, kind.path, params, AT_HAND)
    if len(items) == AT_HAND:
        with _lock:
            if len(_long) > 1000:
                _long.clear()
            _long[mark] = time.monotonic() + LONG_SECONDS
        return None
    return _loaded(kind, items)


def _by_id(cloud: Cloud, kind: Kind[R], text: str) -> R | None:
    if not ID.fullmatch(text):
        return None
    try:
        return get(cloud, kind, text)
    except (NotFound, Forbidden):
        # Of what is in no domain of theirs, or nowhere, a domain's manager hears that it is not theirs to see.
        return None


def _in_keystones_order(cloud: Cloud, kind: Kind[R], params: Mapping[str, str], rest: Query) -> Page[R]:
    """Pages of a long list, until one of ours is full."""
    size = MOST_IN_PAGE if rest.terms else min(MOST_IN_PAGE, rest.limit + 1)
    marker, found, has_more = rest.marker, [], True
    unsorted = replace(rest, sort="", is_descending=False)
    for _look in range(LOOKS if rest.terms else -(-(rest.limit + 1) // size)):
        items = _asked(cloud, kind, kind.path, {**params, **({"marker": marker} if marker else {})}, size)
        rows, _counts = kind.lookup.ordered(_loaded(kind, items), unsorted, default_sort="")
        found += rows
        has_more = len(items) == size
        marker = wire.text(items[-1].get("id")) if items else ""
        if len(found) > rest.limit or not has_more or not marker:
            break
    return Page(
        rows=tuple(found[: rest.limit]),
        has_next=len(found) > rest.limit,
        is_partial=has_more and bool(rest.terms) and len(found) <= rest.limit,
        is_unsorted=True,
    )


def _asked(
    cloud: Cloud, kind: Kind[Any], path: str, params: Mapping[str, str], limit: int | None
) -> list[dict[str, Any]]:
    answer = cloud.get("identity", path, **params, limit=limit)
    if not isinstance(answer.get(kind.key), list):
        raise BadAnswer(f"The answer has no list of {kind.key}.", service="identity")
    return wire.objects(answer[kind.key])


def _loaded(kind: Kind[R], items: Iterable[Mapping[str, Any]]) -> list[R]:
    return kind.finish([kind.load(item) for item in items if isinstance(item.get("id"), str) and item["id"]])
