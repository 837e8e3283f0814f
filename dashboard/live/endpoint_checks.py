"""Which endpoints answer: asked once a minute by a worker while anybody looks, and once for all who do.

Pages note what they show, and are given what is known; they never wait for an endpoint. Messages in the queue name
nothing, and no token is used. Two endpoints that tell their versions at one place are one question.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from dashboard.cloud.endpoint_health import DEADLINE, Health, probe
from dashboard.cloud.endpoint_urls import probe_of
from dashboard.cloud.parallel import in_turn
from dashboard.live import locks, publish
from dashboard.live.store import Away, guarded

SECONDS = 60.0
"""How long an answer holds."""
KEPT = 3600
"""Seconds for which an answer is still shown, with its age, when nobody asked since."""
MOST = 400
"""Endpoints that are looked after at once."""
BATCH = 48
AT_ONCE = 8

WANTED = "live:health:wanted"
PLACES = "live:health:places"
"""Where the endpoint of a mark is: browsers name marks, never addresses."""

_under_way: set[str] = set()
_under_way_lock = threading.Lock()


def mark_of(url: str) -> str:
    """A short name for where an endpoint is asked."""
    return hashlib.blake2b(probe_of(url).encode(), digest_size=8).hexdigest()


def is_mark(text: str) -> bool:
    """Whether it can be such a name."""
    return len(text) == 16 and all(letter in "0123456789abcdef" for letter in text)


def look(urls: Iterable[str]) -> Mapping[str, Health | None]:
    """What is known of each endpoint, by its mark; None: never asked. Has those asked again that are due."""
    places = {mark_of(url): probe_of(url) for url in urls}
    return _look(dict(list(places.items())[:MOST]))


def look_again(marks: Iterable[str]) -> Mapping[str, Health | None]:
    """As ``look``, for what a page shows already."""
    wanted = [mark for mark in dict.fromkeys(marks) if is_mark(mark)][:MOST]
    if not wanted:
        return {}
    try:
        with guarded() as store:
            found = store.hmget(PLACES, wanted)
    except Away:
        return {}
    return _look({mark: place.decode() for mark, place in zip(wanted, found, strict=True) if place})


def _look(places: Mapping[str, str]) -> Mapping[str, Health | None]:
    if not places:
        return {}
    try:
        with guarded() as store:
            pipe = store.pipeline(transaction=False)
            until = time.time() + float(settings.LEASE_SECONDS)
            pipe.zadd(WANTED, dict.fromkeys(places.values(), until))
            pipe.expire(WANTED, KEPT)
            pipe.hset(PLACES, mapping=dict(places))
            pipe.expire(PLACES, 24 * KEPT)
            pipe.mget([_key(mark) for mark in places])
            found = _read(places, pipe.execute()[-1])
            is_due = any(health is None or time.time() - health.at > SECONDS for health in found.values())
            # Twenty who look in one moment have it asked once.
            if is_due and store.set("live:health:started", b"1", nx=True, px=2000):
                publish.task("health", functools.partial(run, chain=False))
            return found
    except Away:
        return dict.fromkeys(places)


def _key(mark: str) -> str:
    return f"live:health:is:{mark}"


def _read(marks: Iterable[str], stored: Iterable[bytes | None]) -> dict[str, Health | None]:
    found: dict[str, Health | None] = {}
    for mark, value in zip(marks, stored, strict=True):
        found[mark] = None
        if value:
            with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
                found[mark] = Health.from_json(json.loads(value))
    return found


def run(*, chain: bool) -> None:
    """Asks what is wanted and due, then puts the next time in the queue. One process at a time. Raises Away."""
    with locks.held("live:health:lock", "live:health:fence") as fence:
        if not fence:
            return
        now = time.time()
        with guarded() as store:
            store.zremrangebyscore(WANTED, "-inf", now)
            wanted = [item.decode() for item in store.zrange(WANTED, 0, MOST - 1)]
            marks = {mark_of(url): url for url in wanted}
            known = _read(marks, store.mget([_key(mark) for mark in marks])) if marks else {}
        # Those soon due are asked as well, so that all fall due together.
        ages = {mark: now - health.at if health is not None else SECONDS for mark, health in known.items()}
        due = sorted((mark for mark in marks if ages[mark] > SECONDS - 5), key=lambda mark: -ages[mark])
        calls = [functools.partial(_probed, mark, marks[mark]) for mark in due[:BATCH]]
        for outcome in in_turn(calls, at_once=AT_ONCE, seconds=DEADLINE + 1):
            outcome.or_else(None)
    if chain and marks:
        resting = [age for mark, age in ages.items() if mark not in due]
        delay = 0.5 if len(due) > BATCH else max(1.0, min(SECONDS, SECONDS - max(resting, default=0.0)))
        with guarded() as store:
            if store.set("live:health:next", b"1", nx=True, px=int(delay * 1000)):
                publish.task("health", functools.partial(run, chain=False), delay=delay, patience=SECONDS)


def _probed(mark: str, url: str) -> None:
    """Asks one, and writes down what it said. Raises Away."""
    with _under_way_lock:
        if mark in _under_way:
            # It still dawdles over the last question.
            return
        _under_way.add(mark)
    try:
        health: Any = probe(url)
        with guarded() as store:
            store.set(_key(mark), json.dumps(health.to_json()), ex=KEPT)
    finally:
        with _under_way_lock:
            _under_way.discard(mark)
