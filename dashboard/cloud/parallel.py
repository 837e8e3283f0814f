"""Calls side by side: a page costs as long as its slowest call, and waits for none for ever."""

from __future__ import annotations

import contextvars
import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Generic, TypeVar

from dashboard.cloud.config import config
from dashboard.cloud.errors import Busy, CloudError, TimedOut

T = TypeVar("T")
D = TypeVar("D")

AT_ONCE = 4
"""Calls of one bulk that are under way at a time: half of a service's turns are left for everybody else."""

_own = threading.local()
"""``is_pool`` is set in the pool's threads."""


def _mark() -> None:
    _own.is_pool = True


_pool = ThreadPoolExecutor(max_workers=48, thread_name_prefix="cloud", initializer=_mark)


class Later(Generic[T]):
    """The outcome of a call that is under way."""

    def __init__(self, call: Callable[[], T], ends: float) -> None:
        self._call = call
        self._future: Future[T] = _pool.submit(call)
        self._ends = ends
        self.error: CloudError | None = None
        """Why ``or_else`` fell back; None if it did not."""

    @property
    def value(self) -> T:
        """Waits, up to the deadline. Raises CloudError."""
        # Were the pool's own threads to wait for it, all of them might, and none be left to do anything.
        if getattr(_own, "is_pool", False) and time.monotonic() < self._ends and self._future.cancel():
            self._future = Future()
            try:
                self._future.set_result(self._call())
            except BaseException as error:
                self._future.set_exception(error)
        try:
            return self._future.result(timeout=max(0.0, self._ends - time.monotonic()))
        except (FutureTimeout, CancelledError) as error:
            if self._future.cancel():
                # It never began, so nothing was sent.
                raise Busy("Too many calls wait already.") from error
            raise TimedOut("No answer in time.") from error

    def wait(self) -> None:
        """Waits for the end of a call whose value nobody needs. Raises CloudError."""
        _ = self.value

    def or_else(self, default: D) -> T | D:
        """The value, or ``default`` where the call failed; ``error`` then says why."""
        try:
            return self.value
        except CloudError as error:
            self.error = error
            return default


def later(call: Callable[[], T], *, seconds: float | None = None) -> Later[T]:
    """Starts ``call`` in the process's pool, with this thread's context variables.

    ``seconds`` is how long ``value`` waits at most, counted from now; the configured read
    timeout and a little, if None.
    """
    limit = config().read_timeout + 0.5 if seconds is None else seconds
    context = contextvars.copy_context()
    return Later(functools.partial(context.run, call), time.monotonic() + limit)


def in_turn(
    calls: Iterable[Callable[[], T]], *, at_once: int = AT_ONCE, seconds: float | None = None
) -> Iterator[Later[T]]:
    """The outcomes of many calls, in their order, with no more than ``at_once`` of them under way.

    ``seconds`` is counted from each call's own start.
    """
    under_way: deque[Later[T]] = deque()
    for call in calls:
        if len(under_way) >= at_once:
            oldest = under_way.popleft()
            oldest.or_else(None)
            yield oldest
        under_way.append(later(call, seconds=seconds))
    yield from under_way
