"""How often sign-in may be tried: enough for people, too little for guessing. Nobody can lock somebody else out."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import secrets
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from dashboard.store import Away, guarded

WINDOW = 15 * 60
"""Seconds that tries are counted for."""
PER_ACCOUNT_AND_ADDRESS = 10
PER_ADDRESS = 50
LONGEST_DELAY = 3.0
WAITING = 2
"""Threads of one process that may wait at once."""
REMEMBERED = 10_000
"""Counters that one process keeps while the store is away."""


_waiting = threading.BoundedSemaphore(WAITING)


def client_ip(request: HttpRequest) -> str:
    """The address that a request came from.

    X-Forwarded-For is believed only as far as the operator's own proxies wrote it: each
    appends the address it was asked from, so with ``TRUSTED_PROXIES`` proxies it is that
    many from the end. What stands before it was sent by whoever asked.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_PROXIES
    if not hops:
        return direct
    named = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if len(named) < hops:
        return direct
    try:
        return str(ipaddress.ip_address(named[-hops]))
    except ValueError:
        return direct


@dataclass(frozen=True)
class Try:
    """A try at signing in that was counted; ``forgive`` takes it back."""

    counted: tuple[tuple[str, str], ...]

    def forgive(self) -> None:
        """It was right, or nobody could tell: it does not count."""
        for key, mark in self.counted:
            _memory.remove(key, mark)
        try:
            with guarded() as redis, redis.pipeline() as pipe:
                for key, mark in self.counted:
                    pipe.zrem(key, mark)
                pipe.execute()
        except Away:
            pass


class TooMany(Exception):
    """Too many tries; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many tries; again in {retry_after} s.")
        self.retry_after = retry_after


def count_try(account: str, ip: str) -> Try:
    """Counts a try for an account ("domain/name") from an address. Raises TooMany."""
    address = _network(ip)
    limits = (
        (_key("ip", address), PER_ADDRESS),
        (_key("account-ip", f"{account.casefold()} {address}"), PER_ACCOUNT_AND_ADDRESS),
    )
    mark = secrets.token_hex(8)
    counted: list[tuple[str, str]] = []
    for key, limit in limits:
        wait = _count(key, mark, limit)
        if wait is not None:
            Try(tuple(counted)).forgive()
            raise TooMany(wait)
        counted.append((key, mark))
    return Try(tuple(counted))


def note_failure(account: str) -> None:
    """Remembers a failure for an account, wherever it came from: only ``delay`` asks for it."""
    key = _key("account", account.casefold())
    try:
        with guarded() as redis, redis.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW)
            pipe.execute()
    except Away:
        _memory.add(key, secrets.token_hex(8), 100)


def note_success(account: str) -> None:
    """The right password was given: whoever has it need not wait next time."""
    key = _key("account", account.casefold())
    _memory.drop(key)
    with contextlib.suppress(Away), guarded() as redis:
        redis.delete(key)


def wait_turn(account: str) -> None:
    """Makes a try for an account that was guessed at wait a little.

    Only a few threads of a process wait at once: guessing must not keep others from their
    pages. Who finds no place does not wait; the limits by address hold all the same.
    """
    seconds = delay(account)
    if seconds and _waiting.acquire(blocking=False):
        try:
            time.sleep(seconds)
        finally:
            _waiting.release()


def delay(account: str) -> float:
    """Seconds that a try for this account waits: nothing at first, never more than three."""
    key = _key("account", account.casefold())
    try:
        with guarded() as redis:
            failures = int(redis.get(key) or 0)
    except (Away, ValueError):
        failures = _memory.size(key)
    return 0.0 if failures < 5 else min(LONGEST_DELAY, 0.1 * float(2 ** min(failures - 5, 10)))


def _count(key: str, mark: str, limit: int) -> int | None:
    """Adds a mark to a window; seconds to wait if it is full. Falls back to this process's memory."""
    now = time.time()
    try:
        with guarded() as redis, redis.pipeline() as pipe:
            pipe.zremrangebyscore(key, 0, now - WINDOW)
            pipe.zadd(key, {mark: now})
            pipe.zcard(key)
            pipe.zrange(key, 0, 0, withscores=True)
            pipe.expire(key, WINDOW)
            _removed, _added, size, oldest, _expires = pipe.execute()
            if size <= limit:
                return None
            redis.zrem(key, mark)
    except Away:
        return _memory.add(key, mark, limit)
    return max(1, int(oldest[0][1] + WINDOW - now)) if oldest else WINDOW


class _Memory:
    """Windows in this process; bounded, so that it can't be filled from outside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, dict[str, float]] = {}

    def add(self, key: str, mark: str, limit: int) -> int | None:
        now = time.time()
        with self._lock:
            window = self._windows.pop(key, {})
            window = {name: at for name, at in window.items() if at > now - WINDOW}
            is_full = len(window) >= limit
            if not is_full:
                window[mark] = now
            while len(self._windows) >= REMEMBERED:
                self._windows.pop(next(iter(self._windows)))
            self._windows[key] = window
            return max(1, int(min(window.values()) + WINDOW - now)) if is_full else None

    def remove(self, key: str, mark: str) -> None:
        with self._lock:
            self._windows.get(key, {}).pop(mark, None)

    def drop(self, key: str) -> None:
        with self._lock:
            self._windows.pop(key, None)

    def size(self, key: str) -> int:
        now = time.time()
        with self._lock:
            return sum(at > now - WINDOW for at in self._windows.get(key, {}).values())

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()


_memory = _Memory()


def forget_all() -> None:
    """Empties this process's memory; for tests."""
    _memory.clear()


def _network(ip: str) -> str:
    """An IPv6 address's /64, of which one customer has all; an IPv4 address as it is."""
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _key(kind: str, value: str) -> str:
    return f"limit:{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
