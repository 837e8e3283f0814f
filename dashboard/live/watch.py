"""What a page calls: look at a list, which keeps it fresh; and say that something was done to it."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Unauthorized
from dashboard.live import fetching, keys, leases, mirror, pace, polling, publish
from dashboard.live.kinds import KINDS
from dashboard.live.leases import Lease
from dashboard.live.mirror import Mirror
from dashboard.live.snapshots import Meta, Snapshot
from dashboard.live.store import Away, guarded

log = logging.getLogger(__name__)

SOON = 0.8
"""Seconds after which a poll that was just started has probably ended."""

_renewed: OrderedDict[tuple[str, str, str], float] = OrderedDict()
_renewed_lock = threading.Lock()


def look(cloud: Cloud, session_hash: str, kind_name: str) -> Mirror[Any] | None:
    """What is known of all servers (images, ...) of the scope, and starts a poll if that is due.

    Renews the session's lease, so that it goes on being polled; costs one round trip to the
    store when nothing changed. None: nothing is known yet, or the store is away and this
    process saw nothing before. Raises Unauthorized if the cloud refused this token meanwhile.
    """
    kind = KINDS[kind_name]
    class_id = keys.class_of(cloud)
    snapshot = Snapshot(class_id, kind)
    lease = Lease(class_id, kind_name)
    memo = (class_id, kind_name, session_hash)
    now = time.time()
    try:
        with guarded() as store:
            pipe = store.pipeline(transaction=False)
            pipe.hgetall(snapshot.key("meta"))
            pipe.exists(keys.refused(keys.token_mark(cloud.access.token)))
            pipe.hexists(lease.key, session_hash)
            pipe.exists(keys.ALIVE)
            renewing = _is_renewal_due(memo, now)
            if renewing:
                lease.renew(pipe, session_hash, cloud)
            stored, is_refused, is_listed, has_worker, *_ = pipe.execute()
            if is_refused:
                lease.drop(session_hash)
                raise Unauthorized("The token was refused.", service="identity", status=401)
            if not renewing and not is_listed:
                pipe = store.pipeline(transaction=False)
                lease.renew(pipe, session_hash, cloud)
                pipe.execute()
        meta = Meta.from_stored(stored)
        is_started = _start_if_due(snapshot, cloud, meta, now, has_worker=bool(has_worker))
        found = mirror.of(class_id, kind, meta)
        if found is None:
            return None
        soon = min(found.next_interval, SOON) if is_started else found.next_interval
        return replace(found, next_interval=soon, state="live" if has_worker else "reduced")
    except Away:
        kept = mirror.last(class_id, kind_name)
        return replace(kept, state="paused", next_interval=5.0) if kept is not None else None


def peek(cloud: Cloud, kind_name: str) -> Mirror[Any] | None:
    """As ``look``, without keeping anything fresh; None too for a kind that is not watched."""
    if kind_name not in KINDS:
        return None
    class_id = keys.class_of(cloud)
    try:
        return mirror.of(class_id, KINDS[kind_name], Snapshot(class_id, KINDS[kind_name]).meta())
    except Away:
        return mirror.last(class_id, kind_name)


def fresh_row(cloud: Cloud, kind_name: str, row_id: str) -> Any | None:
    """One row out of the snapshot, without reading the others; None where it is not there or not fresh."""
    kind = KINDS.get(kind_name)
    if kind is None:
        return None
    snapshot = Snapshot(keys.class_of(cloud), kind)
    try:
        meta = snapshot.meta()
        if not meta.is_complete or time.time() - meta.as_of > 3 * (meta.tick or pace.moving(kind)) + 1:
            return None
        found = snapshot.rows([row_id]).get(row_id)
    except Away:
        return None
    return kind.load(found) if found is not None else None


def acted(cloud: Cloud, kind_name: str, *rows: Mapping[str, Any], ids: Sequence[str] = ()) -> None:
    """Something was asked of these rows: polls are quick for a minute, and begin at once.

    ``rows`` are the rows' JSON as the service just gave it, if it did; they are on everybody's
    screen with the next look. ``ids`` are those of rows that are not at hand; the next poll has them.
    """
    kind = KINDS.get(kind_name)
    if kind is None:
        return
    snapshot = Snapshot(keys.class_of(cloud), kind)
    now = time.time()
    try:
        if rows:
            fetching.refreshed(snapshot, cloud, rows)
        meta = snapshot.meta()
        if not meta.version:
            return
        tick = pace.moving(kind)
        snapshot.note(quick_until=now + pace.ACTED_SECONDS, tick=tick)
        delay = max(0.2, meta.tried_at + tick - now)
        with guarded() as store:
            # Two actions in a moment need one poll.
            first = store.set(snapshot.key("acted"), b"1", nx=True, px=int(delay * 1000) + 1)
        if first:
            publish.poll(snapshot.class_id, kind_name, delay=delay, tick=tick)
    except Away:
        return


def _is_renewal_due(memo: tuple[str, str, str], now: float) -> bool:
    every = min(leases.RENEW_SECONDS, leases.seconds() / 3)
    with _renewed_lock:
        last = _renewed.get(memo, 0.0)
        if now - last < every:
            return False
        _renewed[memo] = now
        _renewed.move_to_end(memo)
        while len(_renewed) > 10_000:
            _renewed.popitem(last=False)
        return True


def _start_if_due(snapshot: Snapshot, cloud: Cloud, meta: Meta, now: float, *, has_worker: bool) -> bool:
    """Starts a poll if one is overdue: the first one, or when the last was lost with its worker."""
    kind = snapshot.kind
    tick = meta.tick or pace.moving(kind)
    late = 0.3 + 0.2 * min(tick, 5.0) if has_worker else 0.0
    if now < meta.retry_at or now - meta.tried_at < tick + late:
        return False
    with guarded() as store:
        if not store.set(snapshot.key("queued"), b"1", nx=True, px=int(1000 * max(0.8, min(tick, 3.0)))):
            return False
    region = keys.region_of(cloud)
    if has_worker:
        delay = pace.reserve(region)
        # Its turn may be far off: no further one is taken until then.
        polling.mark_queued(snapshot, delay, tick)
    else:
        delay = pace.reserve(region, most=publish.INLINE_DELAY)
        if delay > publish.INLINE_DELAY:
            return False
    publish.poll(snapshot.class_id, kind.name, delay=delay, tick=tick, has_worker=has_worker)
    return True


def forget(session_hash: str) -> None:
    """Ends what a session holds here; for when it signs out."""
    with _renewed_lock:
        for memo in [memo for memo in _renewed if memo[2] == session_hash]:
            del _renewed[memo]
    leases.forget(session_hash)


def forget_all() -> None:
    """Forgets what this process remembers; for tests."""
    with _renewed_lock:
        _renewed.clear()
    mirror.forget_all()
