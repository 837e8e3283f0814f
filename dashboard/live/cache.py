"""Names of images, flavors and networks: fetched once for all who see the same, rather old for a moment than slow."""

from __future__ import annotations

import contextlib
import contextvars
import json
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.live import keys
from dashboard.live.store import Away, guarded

JSON = TypeVar("JSON")

STALE = 10
"""For so many times its age limit an old value is still given, while a new one is fetched behind."""
SHORT = 5.0
"""Seconds: who wants a value this fresh is not given an older one. It would lack what they just made."""
FETCH_SECONDS = 10.0
DROPPED_SECONDS = 120
"""No fetch takes longer than this."""
WAIT_SECONDS = 3.0
"""How long one waits for what another fetches already."""

_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="cache")
_parsed: dict[str, tuple[bytes, object]] = {}
_parsed_lock = threading.Lock()


def cached(cloud: Cloud, name: str, seconds: float, fetch: Callable[[], JSON], *, is_own: bool = False) -> JSON:
    """What ``fetch`` gives (JSON), at most ``seconds`` old, or a little older while it is renewed behind, unless that
    is less than ``SHORT``.

    Shared by all who see the same (``keys.class_of``); ``is_own`` keeps it to one person,
    for what belongs to people rather than projects (key pairs). Raises what ``fetch`` raises,
    when there is nothing to fall back on. Without the store it fetches each time.

    The value may be shared between threads: don't change it.
    """
    key = _key(cloud, name, is_own)
    try:
        with guarded() as store:
            stored = store.get(key)
        if stored is not None:
            at, value = _read(key, stored)
            if time.time() - at <= seconds:
                return value  # type: ignore[return-value]
            if seconds >= SHORT:
                _renew_behind(key, seconds, fetch)
                return value  # type: ignore[return-value]
        mark = _claim(key)
        if mark is None:
            found = _awaited(key) if stored is None else None
            if found is not None:
                return found[1]  # type: ignore[return-value]
            return fetch()
        try:
            began = time.time()
            fresh = fetch()
            _write(key, seconds, fresh, began)
        finally:
            _release(key, mark)
        return fresh
    except Away:
        return fetch()


def peek(cloud: Cloud, name: str, *, is_own: bool = False) -> object | None:
    """What is kept under a name, however old; None if there is nothing. Nothing is asked for it."""
    key = _key(cloud, name, is_own)
    try:
        with guarded() as store:
            stored = store.get(key)
    except Away:
        return None
    return _read(key, stored)[1] if stored is not None else None


def drop(cloud: Cloud, name: str, *, is_own: bool = False) -> None:
    """Forgets a value, after something was changed in it; what was asked for before that is not kept either."""
    key = _key(cloud, name, is_own)
    with contextlib.suppress(Away), guarded() as store:
        store.set(f"{key}:dropped", f"{time.time():.6f}", ex=DROPPED_SECONDS)
        store.delete(key, f"{key}:fetching")


def _key(cloud: Cloud, name: str, is_own: bool) -> str:
    own = f":{cloud.access.person.id}" if is_own else ""
    return f"live:cache:{keys.class_of(cloud)}{own}:{name}"


def _read(key: str, stored: bytes) -> tuple[float, object]:
    """Parses a stored value, once per process and value."""
    head, _, body = stored.partition(b"\n")
    with _parsed_lock:
        have = _parsed.get(key)
        if have is not None and have[0] == head:
            return float(head.split()[0]), have[1]
    value = json.loads(body)
    with _parsed_lock:
        if len(_parsed) > 200:
            _parsed.clear()
        _parsed[key] = (head, value)
    return float(head.split()[0]), value


def _write(key: str, seconds: float, value: object, began: float) -> None:
    head = f"{time.time():.3f} {secrets.token_hex(4)}"
    with contextlib.suppress(Away), guarded() as store:
        if float(store.get(f"{key}:dropped") or 0) >= began:
            return
        store.set(key, f"{head}\n".encode() + json.dumps(value).encode(), ex=max(1, int(seconds * STALE)))


def _claim(key: str) -> str | None:
    mark = secrets.token_hex(8)
    with guarded() as store:
        is_mine = store.set(f"{key}:fetching", mark, nx=True, px=int(FETCH_SECONDS * 1000))
    return mark if is_mine else None


def _release(key: str, mark: str) -> None:
    with contextlib.suppress(Away), guarded() as store:
        if store.get(f"{key}:fetching") == mark.encode():
            store.delete(f"{key}:fetching")


def _awaited(key: str) -> tuple[float, object] | None:
    ends = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < ends:
        time.sleep(0.05)
        with guarded() as store:
            stored, is_fetching = store.get(key), store.exists(f"{key}:fetching")
        if stored is not None:
            return _read(key, stored)
        if not is_fetching:
            return None
    return None


def _renew_behind(key: str, seconds: float, fetch: Callable[[], object]) -> None:
    mark = _claim(key)
    if mark is None:
        return

    def work() -> None:
        try:
            began = time.time()
            _write(key, seconds, fetch(), began)
        except CloudError:
            # What is old stays until it is too old.
            return
        finally:
            _release(key, mark)

    _pool.submit(contextvars.copy_context().run, work)
