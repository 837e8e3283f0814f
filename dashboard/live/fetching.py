"""What a poll asks, and what it makes of the answer: changes merged, deleted rows removed, absent ones looked into."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.live import pace, publish
from dashboard.live.kinds import JSON
from dashboard.live.snapshots import Meta, Snapshot
from dashboard.live.store import guarded

log = logging.getLogger(__name__)

OVERLAP = 10.0
"""Seconds that one question for changes reaches back into the time of the one before."""
SKEW = 60.0
"""Seconds that clocks may differ by, where the service does not tell its time (no Date header)."""
CONFIRMED = 50
"""Absent rows that are looked into after one whole list; the rest after the next."""
AT_ONCE = 4
FAULTS = 8
"""Servers whose last action is looked into by one poll."""
LARGE = 200
"""Rows from which on whole lists are read apart from polls."""


def poll(snapshot: Snapshot, cloud: Cloud, meta: Meta, fence: int) -> float:
    """Asks for what changed, or for everything if that is due; gives the seconds to the next. Raises CloudError."""
    kind = snapshot.kind
    started = time.time()
    if kind.fetch_changes is None:
        _all(snapshot, cloud, meta, fence)
    elif not meta.version:
        _first(snapshot, cloud, fence)
    else:
        if _is_whole_due(snapshot, meta, started):
            with guarded() as store:
                is_large = int(store.hlen(snapshot.key("rows"))) >= LARGE
            if is_large or not meta.is_complete:
                publish.whole(snapshot.class_id, kind.name)
            else:
                _all(snapshot, cloud, meta, fence)
                return _next(snapshot, started)
        _changes(snapshot, cloud, meta, fence)
    return _next(snapshot, started)


def _is_whole_due(snapshot: Snapshot, meta: Meta, now: float) -> bool:
    return now - meta.full_at >= pace.full_every(meta) or bool(meta.errors)


def _next(snapshot: Snapshot, started: float) -> float:
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.hgetall(snapshot.key("moving"))
        pipe.hlen(snapshot.key("rows"))
        pipe.hget(snapshot.key("meta"), "quick_until")
        moving, count, quick = pipe.execute()
    since = {key.decode(): float(value) for key, value in moving.items()}
    now = time.time()
    until = pace.quick_until(since, float(quick or 0), now)
    tick = pace.tick(snapshot.kind, moving_since=since, quick_until=until, now=now, is_all=len(since) == count)
    snapshot.note(moving=bool(since), tick=tick, took=now - started, quick_until=until)
    return tick


def _first(snapshot: Snapshot, cloud: Cloud, fence: int) -> None:
    """Fills an empty snapshot: with all there is, or, in a long list, with its first page; the rest comes apart."""
    kind = snapshot.kind
    assert kind.first_page is not None
    asked = time.time()
    rows, has_more = kind.first_page(cloud)
    facts: dict[str, Any] = {"as_of": asked, "since": asked - SKEW, "complete": not has_more}
    if not has_more:
        facts |= {"full_at": asked, "full_took": time.time() - asked}
    else:
        facts["full_at"] = asked
    snapshot.merge(_alive(snapshot, rows), asked=asked, channel="delta", fence=fence, is_first=True, meta=facts)
    if has_more:
        publish.whole(snapshot.class_id, kind.name)


def _changes(snapshot: Snapshot, cloud: Cloud, meta: Meta, fence: int) -> None:
    kind = snapshot.kind
    assert kind.fetch_changes is not None
    asked = time.time()
    since = datetime.fromtimestamp(max(0.0, meta.since - OVERLAP), UTC)
    rows, server_time = kind.fetch_changes(cloud, since)
    gone = [str(row["id"]) for row in rows if kind.is_gone(row)]
    kept = {str(row["id"]): row for row in rows if not kind.is_gone(row)}
    _look_into_faults(snapshot, cloud, kept)
    if server_time is not None:
        now = server_time.timestamp()
    else:
        moments = [wire.moment(row.get(kind.updated)) for row in rows]
        now = max([asked - SKEW, *(moment.timestamp() for moment in moments if moment)])
    snapshot.merge(
        kept.values(),
        asked=asked,
        channel="delta",
        fence=fence,
        gone=gone,
        meta={"as_of": asked, "since": max(now, meta.since)},
    )


def _all(snapshot: Snapshot, cloud: Cloud, meta: Meta, fence: int) -> None:
    """Reads a list of moderate length as a whole, in the poll itself."""
    asked = time.time()
    before = snapshot.ids() if meta.version else set()
    rows = [row for page in snapshot.kind.fetch_all(cloud) for row in page]
    kept = {str(row["id"]): row for row in _alive(snapshot, rows)}
    if snapshot.kind.may_have_failed is not None and meta.version:
        _look_into_faults(snapshot, cloud, kept)
    gone = _confirmed(snapshot, cloud, before - kept.keys(), rows)
    took = time.time() - asked
    snapshot.merge(
        kept.values(),
        asked=asked,
        channel="delta",
        fence=fence,
        gone=gone,
        is_first=not meta.version,
        meta={
            "as_of": asked,
            "since": max(meta.since, asked - SKEW),
            "complete": True,
            "full_at": asked,
            "full_took": took,
        },
    )


def whole(snapshot: Snapshot, cloud: Cloud, fence: int) -> None:
    """Reads a long list, writing page by page; polls go on meanwhile. Raises CloudError."""
    asked = time.time()
    snapshot.note(full_at=asked)
    before = snapshot.ids()
    faults = snapshot.faults()
    seen: set[str] = set()
    gone_rows: list[JSON] = []
    for page in snapshot.kind.fetch_all(cloud):
        kept = list(_alive(snapshot, page))
        gone_rows += [row for row in page if snapshot.kind.is_gone(row)]
        for row in kept:
            if row["id"] in faults:
                row["action_fault"] = faults[row["id"]]
        seen.update(str(row["id"]) for row in kept)
        # Each page was asked for after the whole was begun; the earliest time is the safe one.
        if snapshot.merge(kept, asked=asked, channel="full", fence=fence).is_refused:
            return
    gone = _confirmed(snapshot, cloud, before - seen, gone_rows)
    snapshot.merge(
        (),
        asked=asked,
        channel="full",
        fence=fence,
        gone=gone,
        meta={"complete": True, "full_at": asked, "full_took": time.time() - asked},
    )


def _alive(snapshot: Snapshot, rows: Iterable[JSON]) -> list[JSON]:
    return [row for row in rows if not snapshot.kind.is_gone(row)]


def _confirmed(snapshot: Snapshot, cloud: Cloud, absent: set[str], rows: Iterable[JSON]) -> list[str]:
    """Those of the absent that are gone for sure: the list says so, or the service when asked for that one."""
    kind = snapshot.kind
    gone = {str(row["id"]) for row in rows if kind.is_gone(row)}
    unsure = sorted(absent - gone)[:CONFIRMED]
    for start in range(0, len(unsure), AT_ONCE):
        some = unsure[start : start + AT_ONCE]
        asked = [later(functools.partial(kind.confirm_gone, cloud, row_id)) for row_id in some]
        gone.update(row_id for row_id, answer in zip(some, asked, strict=True) if answer.or_else(False))
    return sorted(gone)


def _look_into_faults(snapshot: Snapshot, cloud: Cloud, kept: dict[str, JSON]) -> None:
    """Adds ``action_fault`` to servers whose last action failed without a trace in the list.

    Nova writes down an action's end a moment after the server's new state, so a server that
    seems to have got through is looked at once more with the next poll.
    """
    kind = snapshot.kind
    if kind.may_have_failed is None or kind.fault is None:
        return
    known = snapshot.faults()
    again_key = snapshot.key("again")
    with guarded() as store:
        again = {value.decode() for value in store.smembers(again_key)}
        if again:
            store.delete(again_key)
    if not kept and not again:
        return
    before = snapshot.rows(kept)
    fresh = {row_id for row_id, row in kept.items() if (b := before.get(row_id)) and kind.may_have_failed(b, row)}
    for row_id, row in snapshot.rows(again - kept.keys()).items():
        row.pop("action_fault", None)
        kept[row_id] = row
    wanted = sorted(fresh | (again & kept.keys()))[:FAULTS]
    answers = [(row_id, later(functools.partial(kind.fault, cloud, row_id))) for row_id in wanted]
    found: dict[str, Any] = {}
    unsure = []
    for row_id, answer in answers:
        fault = answer.or_else(None)
        if fault:
            found[row_id] = fault
        elif row_id in fresh:
            unsure.append(row_id)
    if unsure:
        with guarded() as store:
            store.sadd(again_key, *unsure)
            store.expire(again_key, 60)
    # A new task puts the old failure behind.
    over = [row_id for row_id in known if row_id in kept and kept[row_id].get("OS-EXT-STS:task_state")]
    snapshot.set_faults(found, over)
    for row_id, fault in {**known, **found}.items():
        if row_id in kept and row_id not in over:
            kept[row_id]["action_fault"] = fault


def refreshed(snapshot: Snapshot, cloud: Cloud, rows: Iterable[Mapping[str, Any]]) -> None:
    """Merges rows that a change just gave, as they are now."""
    kind = snapshot.kind
    ours = [kind.trim(cloud, row) for row in rows if kind.is_ours(cloud, row)]
    snapshot.merge(ours, asked=time.time(), channel="acted")
