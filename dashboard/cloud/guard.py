"""Keeps a slow or dead service from taking the dashboard with it: turns, and a breaker."""

from __future__ import annotations

import contextlib
import re
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Iterator

from dashboard.cloud.errors import Busy, Unreachable

FAILURES = 5
"""Failures within WINDOW seconds that open the breaker."""
WINDOW = 10.0
PROBE = 5.0
"""Seconds between single requests that try whether a service is back."""


class Guard:
    """Turns and a breaker for one service. Safe to share between threads."""

    def __init__(self, turns: int) -> None:
        self._turns = threading.BoundedSemaphore(turns)
        self._lock = threading.Lock()
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._is_open = False
        self._next_probe = 0.0
        self.down_since: float | None = None
        """``time.time()`` of the first failure of the present row of failures."""

    @contextlib.contextmanager
    def turn(self, wait: float) -> Iterator[None]:
        """One request's turn; waits at most ``wait`` seconds. Raises Busy or Unreachable."""
        self._refuse_while_open()
        if not self._turns.acquire(timeout=wait):
            raise Busy("Too many requests wait for this service already.", retry_after=PROBE)
        try:
            yield
        finally:
            self._turns.release()

    def _refuse_while_open(self) -> None:
        with self._lock:
            now = time.monotonic()
            if not self._is_open:
                return
            if now >= self._next_probe:
                self._next_probe = now + PROBE
                return
        raise Unreachable("The service failed several times in a row; trying again shortly.", retry_after=PROBE)

    def succeeded(self) -> None:
        """The service answered, whatever it said."""
        with self._lock:
            self._failures.clear()
            self._is_open = False
            self.down_since = None

    def failed(self) -> None:
        """Nobody answered, or not in time."""
        with self._lock:
            now = time.monotonic()
            while self._failures and now - self._failures[0] > WINDOW:
                self._failures.popleft()
            self._failures.append(now)
            # Once open, it stays so until an answer comes, however slowly the tries fail.
            self._is_open = self._is_open or len(self._failures) >= FAILURES
            self._next_probe = now + PROBE
            if self.down_since is None:
                self.down_since = time.time()


_guards: dict[str, Guard] = {}
_guards_lock = threading.Lock()


def guard_of(url: str, turns: int) -> Guard:
    """The guard of the service at an address, shared by the whole process.

    Services are told apart by host and port, or, where several share those, by the path
    before the version: "cloud.example/compute", "cloud.example/identity".
    """
    parts = urllib.parse.urlsplit(url)
    first = parts.path.lstrip("/").split("/")[0]
    name = f"{parts.netloc}/{first}" if re.match(r"(?!v\d).", first) else parts.netloc
    with _guards_lock:
        if name not in _guards:
            _guards[name] = Guard(turns)
        return _guards[name]


def forget_all() -> None:
    """Closes every breaker; for tests."""
    with _guards_lock:
        _guards.clear()
