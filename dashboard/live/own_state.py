"""How this dashboard itself is: its workers, its store, and how old the lists are that it keeps fresh."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.cloud.connection import Cloud
from dashboard.live import heartbeat, keys
from dashboard.live.kinds import KINDS
from dashboard.live.snapshots import Meta, Snapshot
from dashboard.live.store import Away, guarded


@dataclass(frozen=True)
class Worker:
    """A worker, and when it did its own ping the last time."""

    name: str
    heard: datetime
    is_alive: bool


@dataclass(frozen=True)
class Store:
    """The Redis, or whatever speaks like it."""

    ms: float
    name: str = ""
    version: str = ""
    used: int | None = None
    """Bytes of memory."""


@dataclass(frozen=True)
class Poll:
    """A list that is kept fresh in this scope."""

    kind: str
    as_of: datetime
    seconds: float
    """How long its poll takes."""
    errors: int = 0
    """Failures in a row."""


@dataclass(frozen=True)
class OwnState:
    """All of it; what could not be had is None or empty."""

    state: heartbeat.State
    store: Store | None = None
    workers: tuple[Worker, ...] = ()
    polls: tuple[Poll, ...] = ()


def own_state(cloud: Cloud) -> OwnState:
    """How this dashboard is now. Never raises."""
    try:
        store = _store()
        now = time.time()
        workers = tuple(
            Worker(name, datetime.fromtimestamp(at, UTC), now - at < heartbeat.SECONDS)
            for name, at in heartbeat.workers()
        )
        return OwnState(heartbeat.state(), store, workers, _polls(cloud))
    except Away:
        return OwnState("paused")


def _store() -> Store:
    with guarded() as store:
        began = time.monotonic()
        store.ping()
        took = (time.monotonic() - began) * 1000
    try:
        with guarded() as store:
            told = {**store.info("server"), **store.info("memory")}
    except Away:
        # Some who offer a Redis keep this to themselves.
        return Store(took)
    name = "Valkey" if "valkey_version" in told else "Redis"
    version = told.get("valkey_version") or told.get("redis_version") or ""
    used = told.get("used_memory")
    return Store(took, name, str(version), used if isinstance(used, int) else None)


def _polls(cloud: Cloud) -> tuple[Poll, ...]:
    class_id = keys.class_of(cloud)
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        for kind in KINDS.values():
            pipe.hgetall(Snapshot(class_id, kind).key("meta"))
        metas = [Meta.from_stored(stored) for stored in pipe.execute()]
    return tuple(
        Poll(name, datetime.fromtimestamp(meta.as_of, UTC), meta.took, meta.errors)
        for name, meta in zip(KINDS, metas, strict=True)
        if meta.as_of
    )
