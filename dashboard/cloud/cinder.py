"""Asking Cinder for volumes and what belongs to them, at one microversion and page by page in Cinder's own order.

Follows the Block Storage API v3: https://docs.openstack.org/api-ref/block-storage/v3/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from dashboard.cloud import paging, versions, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Invalid, NotFound
from dashboard.cloud.types import Lookup, Page, Query, Term, slice_of

R = TypeVar("R")

SERVICE = "block-storage"
MICROVERSION = "3.70"
"""The newest that is understood here; older clouds are asked at what they speak themselves."""
PAGE = 1000
"""Rows per request at most; Cinder's ``osapi_max_limit`` by default."""
WHOLE = 10_000
"""Rows that a list which is watched reads at most."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SORTS: Mapping[str, Callable[[Any], Any]] = {
    "name": lambda row: row.name,
    "status": lambda row: row.status,
    "size": lambda row: row.size,
    "created": lambda row: row.created or LONG_AGO,
}
"""What volumes, snapshots and backups are sorted by."""
JSON = dict[str, Any]


def version(cloud: Cloud) -> str:
    """The microversion that this cloud is asked with."""
    return versions.fitting(cloud, SERVICE, MICROVERSION)


def speaks(cloud: Cloud, wanted: str) -> bool:
    """Whether this cloud has what came with this microversion. Never raises."""
    return versions.speaks(cloud, SERVICE, wanted)


def get(cloud: Cloud, path: str, **params: Any) -> JSON:
    """A GET at our microversion. Raises CloudError."""
    return cloud.get(SERVICE, path, microversion=version(cloud), **params)


def post(cloud: Cloud, path: str, body: Any) -> JSON:
    """A POST at our microversion, never sent twice. Raises CloudError."""
    return cloud.post(SERVICE, path, body, microversion=version(cloud))


def put(cloud: Cloud, path: str, body: Any) -> JSON:
    """A PUT at our microversion. Raises CloudError."""
    return cloud.put(SERVICE, path, body, microversion=version(cloud))


def delete(cloud: Cloud, path: str, **params: Any) -> None:
    """A DELETE at our microversion. Raises CloudError."""
    cloud.request(SERVICE, "DELETE", path, params=params, microversion=version(cloud))


def one(cloud: Cloud, path: str, key: str) -> JSON:
    """The object under ``key`` of the answer. Raises CloudError, BadAnswer if there is none."""
    return paging.inner(get(cloud, path), key, SERVICE)


def some(cloud: Cloud, path: str, key: str, **params: Any) -> list[JSON]:
    """The objects under ``key`` of one answer. Raises CloudError, BadAnswer if there is no list."""
    answer = get(cloud, path, **params)
    if not isinstance(answer.get(key), list):
        raise BadAnswer(f"The answer has no list of {key}.", service=SERVICE)
    return wire.objects(answer[key])


def every(cloud: Cloud, path: str, key: str, **params: Any) -> Iterator[list[JSON]]:
    """All objects, page by page, up to ``WHOLE``. Raises CloudError."""
    yield from paging.pages(cloud, SERVICE, path, key, size=PAGE, most=WHOLE, microversion=version(cloud), **params)


def list_zones(cloud: Cloud) -> list[str]:
    """The names of the zones that volumes can be asked to live in. Raises CloudError."""
    found = some(cloud, "/os-availability-zone", "availabilityZoneInfo")
    return [
        wire.text(item.get("zoneName"))
        for item in found
        if wire.flag(wire.mapping(item.get("zoneState")).get("available"))
    ]


def with_id(items: Sequence[JSON]) -> list[JSON]:
    """Without what has no id, which is nothing that could be shown or asked for."""
    return [item for item in items if isinstance(item.get("id"), str) and item["id"]]


def trim(cloud: Cloud, item: Mapping[str, Any]) -> JSON:
    """What lists need of a snapshot or a backup."""
    return {key: value for key, value in item.items() if key != "links"}


def is_gone(item: Mapping[str, Any]) -> bool:
    """Whether this record is of something that was deleted."""
    return wire.text(item.get("status")) == "deleted"


def confirm_gone(cloud: Cloud, path: str, key: str) -> bool:
    """Asks Cinder whether what is missing from a list is really gone. Raises CloudError."""
    try:
        return is_gone(one(cloud, path, key))
    except NotFound:
        return True


@dataclass(frozen=True)
class Listed(Generic[R]):
    """A list that Cinder sorts, narrows and pages.

    ``sorts`` maps the panel's orders to Cinder's, ``filters`` its keys to Cinder's; what
    Cinder can't do is done to as many rows as it gives at once.
    """

    path: str
    key: str
    make: Callable[[Mapping[str, Any]], R]
    lookup: Lookup[R]
    sorts: Mapping[str, str]
    filters: Mapping[str, str] = field(default_factory=dict)
    has_count: bool = True
    """Whether Cinder counts what matches (``with_count``, 3.45)."""

    def every(self, cloud: Cloud) -> Iterator[list[JSON]]:
        """All of the project's, trimmed, page by page: for lists that are watched. Raises CloudError."""
        for items in every(cloud, self.path, self.key):
            yield [trim(cloud, item) for item in with_id(items)]

    def page(self, cloud: Cloud, query: Query, **params: Any) -> Page[R]:
        """One page straight from Cinder, in one request. Raises CloudError; NotFound for a lost marker."""
        if query.text or any(not self._can_narrow(query, term) for term in query.terms):
            return self._looked_through(cloud, query, params)
        is_backwards = bool(query.before and not query.marker)
        asked: dict[str, Any] = {
            "limit": query.limit + 1,
            "marker": (query.before if is_backwards else query.marker) or None,
            "sort": self._order(query, is_backwards=is_backwards),
            "with_count": "true" if self.has_count and speaks(cloud, "3.45") else None,
            **self._narrowed(query),
            **params,
        }
        try:
            answer = get(cloud, self.path, **asked)
        except Invalid as error:
            if query.marker or query.before:
                raise NotFound(error.message, service=SERVICE, status=error.status) from error
            raise
        rows = self._rows(answer)
        has_more, rows = len(rows) > query.limit, rows[: query.limit]
        # Cinder ignores filters that its operator took away.
        kept = self.lookup.ordered(rows, replace(query, sort="none"), default_sort="none")[0]
        count = wire.optional(answer.get("count"))
        if is_backwards:
            return Page(tuple(reversed(kept)), has_next=True, has_previous=has_more, total=count)
        return Page(tuple(kept), has_next=has_more, has_previous=bool(query.marker), total=count)

    def _looked_through(self, cloud: Cloud, query: Query, params: Mapping[str, Any]) -> Page[R]:
        """What Cinder can't look for is looked for in all that it gives at once.

        It looks for parts of names only where its operator lets it (``name~`` is refused by default).
        """
        asked = {"limit": PAGE, "sort": self._order(query), **self._narrowed(query), **params}
        answer = get(cloud, self.path, **asked)
        rows = self._rows(answer)
        kept = self.lookup.ordered(rows, replace(query, sort="none"), default_sort="none")[0]
        found = slice_of(kept, query)
        if found.is_marker_lost:
            raise NotFound("The marker is not in the list.", service=SERVICE)
        return replace(found, total=None, is_partial=True) if len(rows) >= PAGE else found

    def _order(self, query: Query, *, is_backwards: bool = False) -> str:
        is_known = query.sort in self.sorts
        descending = query.is_descending if is_known else True
        direction = "desc" if descending != is_backwards else "asc"
        return f"{self.sorts[query.sort] if is_known else 'created_at'}:{direction},id:{direction}"

    def _rows(self, answer: Mapping[str, Any]) -> list[R]:
        if not isinstance(answer.get(self.key), list):
            raise BadAnswer(f"The answer has no list of {self.key}.", service=SERVICE)
        return [self.make(item) for item in with_id(wire.objects(answer[self.key]))]

    def _can_narrow(self, query: Query, term: Term) -> bool:
        """Whether Cinder does it: it takes one value of each key, and has no "not"."""
        return term.key in self.filters and not term.is_negated and len(query.values(term.key)) == 1

    def _narrowed(self, query: Query) -> dict[str, Any]:
        return {
            self.filters[term.key]: {"yes": "true", "no": "false"}.get(term.value, term.value)
            for term in query.terms
            if self._can_narrow(query, term)
        }
