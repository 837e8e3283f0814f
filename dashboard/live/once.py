"""A form that is sent twice (a double click, Back, two tabs) is done once; the second gets the first one's result.

``key`` is the form's key together with who sends it and in what scope. All raise Away.
"""

from __future__ import annotations

import hashlib

from dashboard.live.store import guarded

TTL = 24 * 3600
_RUNNING = b"-"


def claim(key: str, ttl: float = TTL) -> bool:
    """True for the first who asks within ``ttl`` seconds; for others ``lookup`` has the outcome."""
    with guarded() as store:
        return bool(store.set(_name(key), _RUNNING, nx=True, ex=max(1, int(ttl))))


def finish(key: str, url: str, ttl: float = TTL) -> None:
    """Writes down where the first one was sent."""
    with guarded() as store:
        store.set(_name(key), b"=" + url.encode(), ex=max(1, int(ttl)))


def release(key: str) -> None:
    """It surely did not happen: it may be sent again."""
    with guarded() as store:
        store.delete(_name(key))


def lookup(key: str) -> str | None:
    """The outcome's URL; "" while the first one is still at it; None if nobody began."""
    with guarded() as store:
        found = store.get(_name(key))
    if found is None:
        return None
    return found[1:].decode() if found.startswith(b"=") else ""


def _name(key: str) -> str:
    return "live:once:" + hashlib.sha256(key.encode()).hexdigest()[:40]
