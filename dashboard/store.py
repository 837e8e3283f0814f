"""The one store: a Redis (or Valkey) client that waits half a second at most, and one error for what goes wrong."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Iterator

import redis
from django.conf import settings
from django.dispatch import Signal
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

SECONDS = 0.5
"""How long a connection or an answer is waited for."""

session_ended = Signal()
"""Sent with ``id_hash`` (the session's name in the store) when a person's session was ended before its time."""


class Away(Exception):
    """The store does not answer, is full, or refuses; nobody is signed out for that."""


@functools.cache
def client() -> redis.Redis:
    """This process's client; it gives bytes. Use it inside ``guarded()``.

    redis-py 6 and later send a failed command again three times with growing waits, for
    up to ten seconds. Here it is tried again once, at once, and only where the connection
    broke (the store restarted), not where the answer is late.
    """
    url = settings.REDIS_URL
    for name, meant in (("valkeys://", "rediss://"), ("valkey://", "redis://")):
        if url.startswith(name):
            url = meant + url[len(name) :]
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=SECONDS,
        socket_timeout=SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        health_check_interval=0,
        protocol=2,
    )


@contextlib.contextmanager
def guarded() -> Iterator[redis.Redis]:
    """The client; whatever it raises comes out as Away."""
    try:
        yield client()
    except (redis.RedisError, OSError) as error:
        log.warning("The store is away: %s", type(error).__name__)
        raise Away(str(error)) from error
