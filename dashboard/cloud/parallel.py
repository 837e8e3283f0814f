"""Calls side by side: a page costs as long as its slowest call, and waits for none for ever."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Generic, TypeVar

from dashboard.cloud.config import config
from dashboard.cloud.errors import CloudError, TimedOut

T = TypeVar("T")
D = TypeVar("D")

_pool = ThreadPoolExecutor(max_workers=48, thread_name_prefix="cloud")


class Later(Generic[T]):
    """The outcome of a call that is under way."""

    def __init__(self, future: Future[T], ends: float) -> None:
        self._future = future
        self._ends = ends
        self.error: CloudError | None = None
        """Why ``or_else`` fell back; None if it did not."""

    @property
    def value(self) -> T:
        """Waits, up to the deadline. Raises CloudError."""
        try:
            return self._future.result(timeout=max(0.0, self._ends - time.monotonic()))
        except FutureTimeout as error:
            self._future.cancel()
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
    return Later(_pool.submit(context.run, call), time.monotonic() + limit)
