"""Are there workers that hear? Said on screen, and by /healthz, when there are none."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import Any, Literal

from celery.signals import worker_ready, worker_shutting_down
from celery.utils.nodenames import worker_direct

from dashboard.live import keys
from dashboard.live.store import Away, guarded

log = logging.getLogger(__name__)

SECONDS = 15
"""Without a sign of life for this long, workers count as gone."""
EVERY = 4.0
WORKERS = "live:workers"
"""When each worker did its own ping the last time."""
DEAF_SECONDS = 60.0
"""A worker that did not do its own ping for this long, while the store answers, ends itself."""

State = Literal["live", "reduced", "paused"]


def is_alive() -> bool:
    """Whether any worker did something lately; False too where the store is away."""
    try:
        with guarded() as store:
            return bool(store.exists(keys.ALIVE))
    except Away:
        return False


def state() -> State:
    """``live``: workers poll. ``reduced``: this process polls by itself. ``paused``: the store is away."""
    try:
        with guarded() as store:
            return "live" if store.exists(keys.ALIVE) else "reduced"
    except Away:
        return "paused"


def pinged(name: str) -> None:
    """A worker did its own ping. Raises Away."""
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.set(keys.ALIVE, f"{time.time():.0f}", ex=SECONDS)
        pipe.set(f"live:worker:pinged:{name}", f"{time.time():.3f}", ex=int(DEAF_SECONDS))
        pipe.zadd(WORKERS, {name: time.time()})
        pipe.expire(WORKERS, 3600)
        pipe.execute()


def workers() -> list[tuple[str, float]]:
    """The workers that were heard of within the hour, and when that was, the latest first. Raises Away."""
    with guarded() as store:
        store.zremrangebyscore(WORKERS, "-inf", time.time() - 3600)
        found = store.zrevrange(WORKERS, 0, 99, withscores=True)
    return [(name.decode(), float(at)) for name, at in found]


_stop = threading.Event()


@worker_ready.connect
def _start(sender: Any = None, **kwargs: Any) -> None:
    _stop.clear()
    threading.Thread(target=_beat, args=(sender.hostname,), name="heartbeat", daemon=True).start()


@worker_shutting_down.connect
def _end(**kwargs: Any) -> None:
    _stop.set()


def _beat(name: str) -> None:
    """Sends this worker a ping of its own again and again, through the broker, and sees whether it arrives."""
    from dashboard.live import tasks

    heard = time.monotonic()
    while not _stop.is_set():
        try:
            tasks.ping.apply_async((name,), queue=worker_direct(name), expires=EVERY * 2, ignore_result=True)
            with guarded() as store:
                if store.exists(f"live:worker:pinged:{name}"):
                    heard = time.monotonic()
                elif time.monotonic() - heard > DEAF_SECONDS:
                    log.error("This worker no longer hears its queue; it ends so that it can be started again.")
                    os.kill(os.getpid(), signal.SIGQUIT)
                    if not _stop.wait(20):
                        os._exit(75)
        except Away:
            heard = time.monotonic()
        except Exception as error:
            log.warning("No ping could be sent: %s", type(error).__name__)
        _stop.wait(EVERY)
