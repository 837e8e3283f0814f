"""Hands a poll to the workers, and does it here and now when there are none: live rows outlive Celery."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dashboard.live import heartbeat, keys

log = logging.getLogger(__name__)

INLINE = 4
"""Polls that one web process does by itself at the same time."""
INLINE_DELAY = 0.5
"""Seconds that a poll may be ahead of its time where there is nobody to do it later."""
REST = 5.0
"""Seconds for which nothing is published after the broker did not answer."""

_pool = ThreadPoolExecutor(max_workers=INLINE, thread_name_prefix="poll")
_turns = threading.BoundedSemaphore(INLINE)
_broken_until = 0.0


def poll(class_id: str, kind: str, *, delay: float = 0.0, tick: float = 1.0, has_worker: bool | None = None) -> None:
    """Has a class polled once, ``delay`` seconds from now; late by much more than a tick, it is dropped."""
    if has_worker is None:
        has_worker = heartbeat.is_alive()
    if has_worker and _publish("poll", (class_id, kind), delay, max(2.0, tick)):
        return
    if delay <= INLINE_DELAY:
        inline(class_id, kind)


def whole(class_id: str, kind: str) -> None:
    """Has a long list read anew from its first page to its last."""
    if not (heartbeat.is_alive() and _publish("whole", (class_id, kind), 0.0, 60.0)):
        inline(class_id, kind, is_whole=True)


def task(name: str, do: Callable[[], None], *, delay: float = 0.0, patience: float = 10.0) -> None:
    """Has a task that needs to be told nothing done by a worker; without any, and at once, ``do`` does it here."""
    if not (heartbeat.is_alive() and _publish(name, (), delay, patience)) and delay <= INLINE_DELAY:
        _behind(do)


def _publish(name: str, args: tuple[str, ...], delay: float, patience: float) -> bool:
    global _broken_until
    if time.monotonic() < _broken_until:
        return False
    from dashboard.live import tasks

    found: Any = getattr(tasks, name)
    options = {"countdown": delay} if delay > 0.02 else {}
    try:
        found.apply_async(args, expires=delay + patience, ignore_result=True, **options)
    except Exception as error:  # kombu lets through whatever the transport raises.
        log.warning("The broker is away: %s", type(error).__name__)
        _broken_until = time.monotonic() + REST
        return False
    return True


def inline(class_id: str, kind: str, *, is_whole: bool = False) -> bool:
    """Polls in a thread of this process, unless enough of them run already."""

    def work() -> None:
        from dashboard.live import polling

        if is_whole:
            polling.run_whole(class_id, kind)
        else:
            polling.run(class_id, kind, chain=False)

    return keys.is_class(class_id) and _behind(work)


def _behind(do: Callable[[], None]) -> bool:
    """Does it in a thread of this process, unless enough of them are busy already."""
    if not _turns.acquire(blocking=False):
        return False

    def work() -> None:
        try:
            do()
        except Exception:
            log.exception("A poll failed")
        finally:
            _turns.release()

    _pool.submit(work)
    return True


def is_busy() -> bool:
    """Whether this process polls at this moment."""
    free = 0
    while free < INLINE and _turns.acquire(blocking=False):
        free += 1
    for _ in range(free):
        _turns.release()
    return free < INLINE
