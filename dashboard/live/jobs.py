"""Long work that a person set going, one thing after the other: how far it is, what failed, and what nobody knows.

A job has many items and does the same to each. Each item is taken once and never again: it is
moved aside before it is begun, so that when a worker is killed, what it was at is *unknown* and
said to be, and another goes on with the rest. The token lies in the store sealed as a lease's
is; messages carry the job's name alone. Where no worker lives, the web process does small jobs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import Later, in_turn
from dashboard.live import heartbeat, job_store, leases, locks, watch
from dashboard.live.job_store import DAY, Job, JobItem, Order, Outcome
from dashboard.live.store import Away, guarded

log = logging.getLogger(__name__)

MOST = 10_000
"""Items of one job."""
INLINE_MOST = 200
"""Items that a web process does by itself where no worker lives."""
RUNNING_MOST = 3
"""Jobs of one person in one scope at a time."""
SLICE_SECONDS = 8.0
"""After so long a worker hands the rest on, so that polls are not kept waiting."""
GUARD_SECONDS = 20
"""So long after a worker began, another looks whether it still is at it."""
STALE_SECONDS = 5.0
"""A job that nobody holds and nothing was heard of for so long is handed out again."""
ACTED_SECONDS = 1.5
"""How often the lists are told that something was done."""

_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="job")
_inline = threading.BoundedSemaphore(2)


class NoWorker(Exception):
    """Nobody is there who could do so many."""


class TooMany(Exception):
    """Too many jobs run already."""


class Worker(Protocol):
    """What does the work; ``dashboard.ui.bulk`` is it for panels' actions."""

    def begin(self, cloud: Cloud, order: Order) -> Callable[[JobItem], Outcome]:
        """Gives what does it to one item. Raises ValueError if the order can't be understood (any more)."""

    def outcome(self, order: Order, error: CloudError) -> Outcome:
        """An item's outcome in words, where ``begin``'s function raised."""


_worker: list[Worker] = []


def takes(worker: Worker) -> None:
    """Sets who does the work in this process."""
    _worker[:] = [worker]


def start(cloud: Cloud, person_id: str, session_hash: str, order: Order, items: Sequence[JobItem]) -> Job:
    """Begins a job. Raises NoWorker, TooMany, Away and ValueError (more than ``MOST`` items)."""
    if len(items) > MOST:
        raise ValueError("too many items")
    if sum(job.is_running for job in job_store.recent(cloud, person_id)) >= RUNNING_MOST:
        raise TooMany
    if len(items) > INLINE_MOST and not heartbeat.is_alive():
        raise NoWorker
    job = job_store.write(cloud, person_id, session_hash, order, items, leases.seal(cloud))
    hand_out(job.id, len(items))
    return job


def recent(cloud: Cloud, person_id: str) -> list[Job]:
    """A person's jobs in this scope within a day, newest first. One whose worker is gone is handed out again."""
    found = job_store.recent(cloud, person_id)
    for job in found:
        if job.is_running and not job.is_held and time.time() - job.heard_at > STALE_SECONDS:
            try:
                with guarded() as store:
                    first = store.set(job_store.key(job.id, "kicked"), b"1", nx=True, px=int(STALE_SECONDS * 1000))
                if first:
                    hand_out(job.id, job.left)
            except Away:
                break
    return found


def hand_out(job_id: str, left: int, *, delay: float = 0.0) -> bool:
    """Gives a job to the workers; does it here where there are none, if it is not too much."""
    if heartbeat.is_alive():
        from dashboard.live import tasks

        task: Any = tasks.job
        options = {"countdown": delay} if delay else {}
        try:
            task.apply_async((job_id,), expires=delay + 3600, ignore_result=True, **options)
            return True
        except Exception as error:  # kombu lets through whatever the transport raises.
            log.warning("The broker is away: %s", type(error).__name__)
    if delay or left > INLINE_MOST or not _inline.acquire(blocking=False):
        return False

    def work() -> None:
        try:
            while run(job_id, is_worker=False):
                pass
        except Exception:
            log.exception("A job failed")
        finally:
            _inline.release()

    _pool.submit(work)
    return True


def is_busy() -> bool:
    """Whether this process does a job at this moment."""
    free = 0
    while free < 2 and _inline.acquire(blocking=False):
        free += 1
    for _ in range(free):
        _inline.release()
    return free < 2


def run(job_id: str, *, seconds: float = SLICE_SECONDS, is_worker: bool = True) -> bool:
    """Does a job for a while, if nobody else is at it; True if there is more to do. Raises Away."""
    order = job_store.order_of(job_id)
    if order is None or not _worker:
        return False
    with locks.held(job_store.key(job_id, "lock"), job_store.key(job_id, "fence")) as fence:
        if not fence:
            return False
        if is_worker:
            hand_out(job_id, 0, delay=GUARD_SECONDS)
        # Whoever was at these is gone: they may have been sent.
        job_store.lose(job_id)
        try:
            cloud = order.cloud()
            do = _worker[0].begin(cloud, order)
        except ValueError:
            log.warning("A job can't be understood any more")
            job_store.end(job_id, "stopped", why="odd")
            return False
        _slice(job_id, order, cloud, do, seconds)
        left = job_store.settle(job_id)
    if left and is_worker:
        hand_out(job_id, left)
    return bool(left)


class _Try:
    """One item, from the moment that it is taken."""

    def __init__(self, job_id: str, do: Callable[[JobItem], Outcome]) -> None:
        self.job_id, self.do = job_id, do
        self.item: JobItem | None = None

    def __call__(self) -> Outcome | None:
        # Taken from the list right before it is begun: nobody begins it again, whatever happens now.
        self.item = job_store.take(self.job_id)
        if self.item is None:
            return None
        try:
            return self.do(self.item)
        except (CloudError, Away):
            raise
        except Exception:
            log.exception("An item of a job failed")
            return Outcome("unknown")


def _slice(job_id: str, order: Order, cloud: Cloud, do: Callable[[JobItem], Outcome], seconds: float) -> None:
    ends = time.monotonic() + seconds
    under_way: deque[_Try] = deque()
    is_over = False

    def tries() -> Iterator[_Try]:
        while time.monotonic() < ends and not is_over:
            under_way.append(_Try(job_id, do))
            yield under_way[-1]

    touched: list[str] = []
    told_at = time.monotonic()
    for outcome in in_turn(tries(), seconds=35):
        tried = under_way.popleft()
        found = _outcome(order, outcome)
        if tried.item is None:
            # Nothing is left, or the store is away.
            is_over = True
            continue
        job_store.note(job_id, tried.item, found)
        if isinstance(outcome.error, Unauthorized):
            is_over = True
            job_store.end(job_id, "stopped", why="signed-out")
        if found.state != "failed":
            touched.append(tried.item.id)
        if time.monotonic() - told_at > ACTED_SECONDS:
            _acted(cloud, order, touched)
            told_at = time.monotonic()
    _acted(cloud, order, touched)


def _outcome(order: Order, outcome: Later[Outcome | None]) -> Outcome:
    found = outcome.or_else(None)
    if found is not None:
        return found
    return _worker[0].outcome(order, outcome.error) if outcome.error is not None else Outcome("unknown")


def _acted(cloud: Cloud, order: Order, ids: list[str]) -> None:
    if ids and order.kind:
        watch.acted(cloud, order.kind, ids=ids)
        ids.clear()


def cancel(cloud: Cloud, person_id: str, job_id: str) -> None:
    """Begins nothing more of a job; what is under way goes on. Raises Away."""
    if job_store.get(cloud, person_id, job_id) is not None:
        job_store.cancel(job_id)


def forget(session_hash: str) -> None:
    """Ends the jobs of a session that ended: its tokens are worth nothing any more."""
    try:
        for job_id in job_store.of_session(session_hash):
            job_store.end(job_id, "stopped", why="signed-out")
    except Away:
        # They end with the first token that is refused.
        return


__all__ = [
    "DAY", "INLINE_MOST", "MOST", "Job", "JobItem", "NoWorker", "Order", "Outcome", "TooMany", "Worker",
    "cancel", "forget", "hand_out", "is_busy", "recent", "run", "start", "takes",
]  # fmt: skip
