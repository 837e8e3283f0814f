"""Migrations: servers on their way from one host to another, and those that came there.

Follows https://docs.openstack.org/api-ref/compute/#list-migrations and "Server migrations" there.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud import versions, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer, Invalid, NotFound, Unavailable
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

SERVICE = "compute"
TYPES = ("live-migration", "migration", "resize", "evacuation")
MOVING = frozenset(
    {"accepted", "queued", "preparing", "pre-migrating", "migrating", "running", "post-migrating", "confirming"}
    | {"reverting"}
)
"""Statuses that end by themselves. "finished" is a resize that waits for somebody to confirm it."""
PROGRESS = 8
"""Migrations whose progress is asked for at once."""
PAGE = 1000
WATCHED = 5000
"""Migrations that are watched as a whole; of more than that, pages are read when they are opened."""


@dataclass(frozen=True)
class Amount:
    """How much of something is copied, in bytes."""

    total: int = 0
    processed: int = 0
    remaining: int = 0

    @classmethod
    def from_json(cls, body: Mapping[str, Any], name: str) -> Amount:
        return cls(
            *(max(0, wire.number(body.get(f"{name}_{part}_bytes"))) for part in ("total", "processed", "remaining"))
        )


@dataclass(frozen=True)
class Migration:
    """A server's way to another host. ``number`` is the id that Nova's actions on it take."""

    id: str
    number: str
    server_id: str
    server_name: str = ""
    """Filled in by who lists them; Nova gives the id alone."""
    type: str = ""
    status: str = ""
    source: str = ""
    target: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    project_id: str = ""
    user_id: str = ""
    memory: Amount = Amount()
    disk: Amount = Amount()

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Migration:
        """From an item of either list; a server's own has no type, as all in it are live migrations."""
        return cls(
            id=wire.text(body.get("uuid")) or wire.text(body.get("id")),
            number=wire.text(body.get("id")),
            server_id=wire.text(body.get("instance_uuid")) or wire.text(body.get("server_uuid")),
            type=wire.text(body.get("migration_type")) or ("live-migration" if "server_uuid" in body else ""),
            status=wire.text(body.get("status")),
            source=wire.text(body.get("source_compute")),
            target=wire.text(body.get("dest_compute")),
            created=wire.moment(body.get("created_at")),
            updated=wire.moment(body.get("updated_at")),
            project_id=wire.text(body.get("project_id")),
            user_id=wire.text(body.get("user_id")),
            memory=Amount.from_json(body, "memory"),
            disk=Amount.from_json(body, "disk"),
        )

    @property
    def name(self) -> str:
        return self.server_name or self.server_id

    @property
    def is_transitional(self) -> bool:
        return self.status in MOVING

    @property
    def is_live(self) -> bool:
        return self.type == "live-migration"

    @property
    def percent(self) -> int | None:
        """How much of memory and disk is over; None while nobody knows."""
        total = self.memory.total + self.disk.total
        left = self.memory.remaining + self.disk.remaining
        return max(0, min(100, round(100 * (total - left) / total))) if total else None


LONG_AGO = datetime.fromtimestamp(0, UTC)
LOOKUP: Lookup[Migration] = Lookup(
    text=lambda item: (item.server_id, item.server_name, item.source, item.target, item.project_id, item.id),
    values={
        "status": lambda item: item.status,
        "type": lambda item: item.type,
        "host": lambda item: [host for host in (item.source, item.target) if host],
        "server": lambda item: item.server_id,
        "project": lambda item: item.project_id,
    },
    sorts={"created": lambda item: item.created or LONG_AGO},
)
NOVA_FILTERS = {
    "status": ("status", ""),
    "type": ("migration_type", ""),
    "host": ("host", ""),
    "server": ("instance_uuid", ""),
    "project": ("project_id", "2.80"),
}
"""Nova's own parameters, and since when it has them."""


# Lists are asked for by hand: the client does not tell whether there are further pages, and one odd item would cost
# it the whole list.


def list_migrations(cloud: Cloud, query: Query, *, is_progress_wanted: bool = True) -> Page[Migration]:
    """One page of migrations, the newest first. Raises CloudError; NotFound for a lost marker.

    One request, and one for each of the first live ones under way, if their progress is wanted.

    Nova can't page backwards here, nor negate; of its answer only what meets every term is given, so that a page
    may be short. A Nova before 2.59 has no pages: all are read.
    """
    whole = replace(query, sort="created", is_descending=True)
    if not versions.speaks(cloud, SERVICE, "2.59"):
        found = [Migration.from_json(item) for item in _rows(cloud, _filters(cloud, query))[0]]
        return LOOKUP.page(_known(found), whole)
    params = {**_filters(cloud, query), "limit": query.limit + 1, "marker": query.marker or None}
    try:
        items, _has_more = _rows(cloud, params)
    except Invalid as error:
        if query.marker:
            raise NotFound(error.message, service=SERVICE, status=error.status, request_id=error.request_id) from error
        raise
    rows = _known([Migration.from_json(item) for item in items])
    has_next, rows = len(rows) > query.limit, rows[: query.limit]
    meeting, _counts = LOOKUP.ordered(rows, whole, default_sort="created")
    return Page(tuple(with_progress(cloud, meeting) if is_progress_wanted else meeting), has_next=has_next)


def _known(rows: Sequence[Migration]) -> list[Migration]:
    return [row for row in rows if row.id]


def _filters(cloud: Cloud, query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for term in query.terms:
        name, since = NOVA_FILTERS.get(term.key, ("", ""))
        # Nova would take the last of several for the only one.
        if name and not term.is_negated and len(query.values(term.key)) == 1 and versions.speaks(cloud, SERVICE, since):
            found[name] = term.value
    return found


def _rows(cloud: Cloud, params: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    body = cloud.get(SERVICE, "/os-migrations", microversion=NOVA_MICROVERSION, **params)
    if not isinstance(body.get("migrations"), list):
        raise BadAnswer("There is no list of migrations in the answer.", service=SERVICE)
    return wire.objects(body["migrations"]), bool(wire.listing(body.get("migrations_links")))


def list_running(cloud: Cloud, *, server_id: str) -> tuple[Migration, ...]:
    """A server's live migrations that are under way, with their progress (2.23). Raises CloudError."""
    path = f"/servers/{wire.path_id(server_id)}/migrations"
    body = cloud.get(SERVICE, path, microversion=NOVA_MICROVERSION)
    if not isinstance(body.get("migrations"), list):
        raise BadAnswer("There is no list of migrations in the answer.", service=SERVICE)
    return tuple(Migration.from_json(item) for item in wire.objects(body["migrations"]))


def with_progress(cloud: Cloud, rows: Sequence[Migration]) -> list[Migration]:
    """The migrations with how far the first live ones under way are; what can't be had is left out."""
    running = [row for row in rows if row.is_live and row.is_transitional][:PROGRESS]
    waiting = [later(functools.partial(list_running, cloud, server_id=row.server_id), seconds=4) for row in running]
    known = {item.number: item for answer in waiting for item in answer.or_else(())}
    return [
        replace(row, memory=known[row.number].memory, disk=known[row.number].disk) if row.number in known else row
        for row in rows
    ]


# How they are watched


def _progressing(cloud: Cloud, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The JSON of migrations with the bytes of those under way in it."""
    rows = with_progress(cloud, [Migration.from_json(item) for item in items])
    for item, row in zip(items, rows, strict=True):
        for name, amount in (("memory", row.memory), ("disk", row.disk)):
            if amount.total:
                item |= {f"{name}_{part}_bytes": getattr(amount, part) for part in ("total", "processed", "remaining")}
        # Nova calls its numbers "id"; here everything is known by its uuid.
        item["number"], item["id"] = item.get("id"), row.id
    return [item for item in items if item["id"]]


def watched(item: Mapping[str, Any]) -> Migration:
    """From the JSON that is watched."""
    return Migration.from_json({**item, "uuid": item.get("id"), "id": item.get("number")})


def first_migrations(cloud: Cloud) -> tuple[list[dict[str, Any]], bool]:
    """The newest migrations, and whether there are more. Raises CloudError."""
    items, has_more = _rows(cloud, {"limit": 200} if versions.speaks(cloud, SERVICE, "2.59") else {})
    return _progressing(cloud, items), has_more


def iter_migrations(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """All migrations, page by page. Raises CloudError; Unavailable where there are too many to watch."""
    has_pages = versions.speaks(cloud, SERVICE, "2.59")
    found: list[dict[str, Any]] = []
    marker: str | None = None
    while True:
        items, has_more = _rows(cloud, {"limit": PAGE, "marker": marker} if has_pages else {})
        found += items
        if not has_more or not items or not has_pages:
            break
        if len(found) >= WATCHED:
            raise Unavailable("There are too many migrations to watch them all.", service=SERVICE)
        marker = wire.text(items[-1].get("uuid"))
    yield _progressing(cloud, found)


def changed_migrations(cloud: Cloud, since: datetime) -> tuple[list[dict[str, Any]], datetime | None]:
    """Migrations that changed since a moment (2.59); of an older Nova, all of them."""
    if not versions.speaks(cloud, SERVICE, "2.59"):
        return next(iter_migrations(cloud)), None
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    items, _more = _rows(cloud, {"changes-since": moment, "limit": PAGE})
    return _progressing(cloud, items), None
