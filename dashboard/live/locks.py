"""One poll of a class at a time, whoever does it; when its process is killed, the lock is free within seconds."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator

from dashboard.live.store import Away, guarded

SECONDS = 3.0
"""How long a lock outlives its holder."""
FENCE_SECONDS = 24 * 3600

_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_FREE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


@contextlib.contextmanager
def held(key: str, fence_key: str) -> Iterator[int]:
    """Holds the lock ``key`` and gives a fence: a number larger than every holder's before. 0 if another holds it.

    The lock is renewed while the block runs. Should it be lost all the same (the process
    was stopped for a while), the fence keeps a late writer from overwriting a newer one.
    Raises Away.
    """
    mark = secrets.token_hex(8)
    with guarded() as store:
        is_mine = store.set(key, mark, nx=True, px=int(SECONDS * 1000))
        if is_mine:
            pipe = store.pipeline(transaction=False)
            pipe.incr(fence_key)
            pipe.expire(fence_key, FENCE_SECONDS)
            fence = int(pipe.execute()[0])
    if not is_mine:
        yield 0
        return
    over = threading.Event()

    def renew() -> None:
        while not over.wait(SECONDS / 3):
            with contextlib.suppress(Away), guarded() as store:
                if not store.eval(_RENEW, 1, key, mark, int(SECONDS * 1000)):
                    return

    threading.Thread(target=renew, name="lock", daemon=True).start()
    try:
        yield fence
    finally:
        over.set()
        with contextlib.suppress(Away), guarded() as store:
            store.eval(_FREE, 1, key, mark)
