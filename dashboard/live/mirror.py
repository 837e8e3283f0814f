"""The rows that a page shows, parsed once per process: only what changed is read again."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

from django.conf import settings

from dashboard.live import pace
from dashboard.live.kinds import Kind
from dashboard.live.snapshots import Meta, Snapshot, json_of
from dashboard.live.store import guarded

log = logging.getLogger(__name__)
R = TypeVar("R")
T = TypeVar("T")

MAX_ROWS = 50_000
"""Rows that one process keeps at most, of all classes together (a server's are about 5 KiB parsed)."""


@dataclass(frozen=True)
class Changes:
    """What changed since a version: ids of rows to draw again, and of rows to remove."""

    changed: frozenset[str]
    removed: frozenset[str]
    is_membership_changed: bool


@dataclass(frozen=True)
class Mirror(Generic[R]):
    """The rows as of one version. It does not change; look again for what is newer."""

    rows: Mapping[str, R]
    version: int
    as_of: datetime
    is_complete: bool
    is_moving: bool
    tick: float
    """Seconds between polls at present."""
    error: str = ""
    """The name of the error that the last poll ended with (``Busy``), "" if it succeeded."""
    next_interval: float = 5.0
    """Seconds after which asking again is worth it."""
    state: Literal["live", "reduced", "paused"] = "live"
    """``reduced``: there are no workers, web processes poll. ``paused``: the store is away; these rows are the last."""
    moving: frozenset[str] = frozenset()
    """Ids of rows in transition."""
    _changed: Mapping[str, int] = field(default_factory=dict, repr=False)
    _members: Mapping[str, int] = field(default_factory=dict, repr=False)
    _log_from: int = 0
    _derived: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def age(self) -> float:
        """Seconds since the cloud was asked."""
        return max(0.0, time.time() - self.as_of.timestamp())

    @property
    def is_stale(self) -> bool:
        """Older than three ticks: to be shown as old."""
        return self.age > 3 * self.tick + 1

    def changed_since(self, version: int) -> Changes | None:
        """What changed after ``version``; None if that is too long ago (or from elsewhere) to say."""
        if version == self.version:
            return Changes(frozenset(), frozenset(), False)
        if version < self._log_from or version > self.version:
            return None
        touched = {row_id for row_id, at in self._changed.items() if at > version}
        return Changes(
            changed=frozenset(row_id for row_id in touched if row_id in self.rows),
            removed=frozenset(row_id for row_id in touched if row_id not in self.rows),
            is_membership_changed=any(at > version for at in self._members.values()),
        )

    def derived(self, key: Any, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once per version: sorted orders, counts. Two threads may both make it."""
        try:
            found: T = self._derived[key]
        except KeyError:
            if len(self._derived) > 64:
                self._derived.clear()
            found = self._derived[key] = make()
        return found


class _Keeper:
    """Keeps the mirror of one snapshot, and brings it up to date."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.lock = threading.Lock()
        self.mirror: Mirror[Any] | None = None

    def refreshed(self, meta: Meta) -> Mirror[Any] | None:
        """The mirror as of ``meta`` or later; None if there is nothing yet. Raises Away."""
        if not meta.version:
            self.mirror = None
            return None
        with self.lock:
            have = self.mirror
            if have is not None and meta.version < have.version:
                # Another thread was quicker with something newer: that costs a look, not all rows.
                meta = self.snapshot.meta()
            if have is None or meta.version < have.version or have.version < meta.log_from:
                have = self._whole(meta)
            elif meta.version != have.version:
                have = self._newer(have, meta)
            self.mirror = self._stamped(have, meta)
            return self.mirror

    def _whole(self, meta: Meta) -> Mirror[Any]:
        with guarded() as store:
            pipe = store.pipeline(transaction=True)
            pipe.hget(self.snapshot.key("meta"), "version")
            pipe.zrange(self.snapshot.key("log"), 0, -1, withscores=True)
            pipe.hgetall(self.snapshot.key("rows"))
            stored_version, changes, stored = pipe.execute()
        rows = dict(filter(None, (self._loaded(key, value) for key, value in stored.items())))
        changed, members = _split(changes)
        return Mirror(
            rows=MappingProxyType(rows),
            version=int(stored_version or meta.version),
            as_of=_moment(meta.as_of),
            is_complete=meta.is_complete,
            is_moving=meta.is_moving,
            tick=meta.tick,
            moving=frozenset(row_id for row_id, row in rows.items() if self._is_moving(row)),
            _changed=changed,
            _members=members,
            _log_from=meta.log_from,
        )

    def _newer(self, have: Mirror[Any], meta: Meta) -> Mirror[Any]:
        with guarded() as store:
            changes = store.zrangebyscore(self.snapshot.key("log"), f"({have.version}", meta.version, withscores=True)
        changed, members = _split(changes)
        ids = list(changed)
        with guarded() as store:
            values = store.hmget(self.snapshot.key("rows"), ids) if ids else []
        rows, moving = dict(have.rows), set(have.moving)
        for row_id, value in zip(ids, values, strict=True):
            loaded = self._loaded(row_id.encode(), value) if value else None
            if loaded is None:
                rows.pop(row_id, None)
            else:
                rows[row_id] = loaded[1]
            if loaded is not None and self._is_moving(loaded[1]):
                moving.add(row_id)
            else:
                moving.discard(row_id)
        both = {**have._changed, **changed}, {**have._members, **members}
        log_from = max(have._log_from, meta.log_from)
        if log_from != have._log_from or len(both[0]) > 5000:
            both = tuple({k: v for k, v in part.items() if v > log_from} for part in both)  # type: ignore[assignment]
        return Mirror(
            rows=MappingProxyType(rows),
            version=meta.version,
            as_of=have.as_of,
            is_complete=meta.is_complete,
            is_moving=meta.is_moving,
            tick=meta.tick,
            moving=frozenset(moving),
            _changed=both[0],
            _members=both[1],
            _log_from=log_from,
        )

    def _stamped(self, have: Mirror[Any], meta: Meta) -> Mirror[Any]:
        """The same rows with this poll's times; what was derived from them stays."""
        tick = meta.tick or pace.quiet(self.snapshot.kind)
        return Mirror(
            rows=have.rows,
            version=have.version,
            as_of=_moment(meta.as_of),
            is_complete=meta.is_complete,
            is_moving=bool(have.moving),
            tick=tick,
            error=meta.error if meta.errors else "",
            next_interval=pace.next_interval(meta, tick),
            moving=have.moving,
            _changed=have._changed,
            _members=have._members,
            _log_from=have._log_from,
            _derived=have._derived,
        )

    def _loaded(self, key: bytes, value: bytes) -> tuple[str, Any] | None:
        row_id = key.decode()
        try:
            return row_id, self.snapshot.kind.load(json_of(value))
        except Exception:
            log.exception("A row of %s could not be read: %s", self.snapshot.kind.name, row_id)
            return None

    def _is_moving(self, row: Any) -> bool:
        try:
            return self.snapshot.kind.is_moving(row)
        except Exception:
            return False


def _split(changes: list[tuple[bytes, float]]) -> tuple[dict[str, int], dict[str, int]]:
    changed: dict[str, int] = {}
    members: dict[str, int] = {}
    for member, score in changes:
        (changed if member[:1] == b"c" else members)[member[1:].decode()] = int(score)
    return changed, members


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


_keepers: OrderedDict[tuple[str, str], _Keeper] = OrderedDict()
_keepers_lock = threading.Lock()


def of(class_id: str, kind: Kind[R], meta: Meta) -> Mirror[R] | None:
    """This process's mirror, as of ``meta``; None if there is no snapshot yet. Raises Away."""
    with _keepers_lock:
        keeper = _keepers.setdefault((class_id, kind.name), _Keeper(Snapshot(class_id, kind)))
        _keepers.move_to_end((class_id, kind.name))
    found = keeper.refreshed(meta)
    _shrink()
    return found


def last(class_id: str, kind_name: str) -> Mirror[Any] | None:
    """What this process has, without asking the store: for when it is away."""
    with _keepers_lock:
        keeper = _keepers.get((class_id, kind_name))
    return keeper.mirror if keeper else None


def _shrink() -> None:
    """Drops the mirrors that were not looked at the longest."""
    with _keepers_lock:
        total = sum(len(keeper.mirror.rows) for keeper in _keepers.values() if keeper.mirror)
        while len(_keepers) > 1 and (total > settings_max_rows() or len(_keepers) > 2000):
            _, keeper = _keepers.popitem(last=False)
            total -= len(keeper.mirror.rows) if keeper.mirror else 0


def settings_max_rows() -> int:
    """Rows kept per process."""
    return int(getattr(settings, "LIVE_MAX_ROWS", MAX_ROWS))


def forget_all() -> None:
    """Drops every mirror; for tests."""
    with _keepers_lock:
        _keepers.clear()
