"""How often the cloud is asked: quickly while something moves, slowly when nothing does, and never more than agreed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from dashboard.live.kinds import Kind
from dashboard.live.snapshots import Meta
from dashboard.live.store import guarded

STUCK_SECONDS = 600.0
"""What has been in transition without a change for this long is stuck, and not worth quick polls."""
STUCK_TICK = 60.0
ACTED_SECONDS = 60.0
"""How long after an action polls are quick."""
SETTLED_SECONDS = 15.0
"""How long polls stay quick after the last row came to rest: changes seldom come alone."""
LONGEST = 60.0
"""No wait is longer, in seconds, whatever a service asks for."""

_RESERVE = """
local now, gap, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
if due < now - burst then due = now - burst end
if due - now <= tonumber(ARGV[4]) then
  redis.call('SET', KEYS[1], string.format('%.6f', due + gap), 'PX', 120000)
end
return string.format('%.6f', math.max(0, due - now))
"""


def moving(kind: Kind[Any]) -> float:
    """Seconds between polls while something moves."""
    return max(float(settings.POLL_MOVING_SECONDS), kind.slowest_moving)


def quiet(kind: Kind[Any]) -> float:
    """Seconds between polls while nothing moves."""
    return max(float(settings.POLL_QUIET_SECONDS), kind.slowest_quiet)


def tick(kind: Kind[Any], *, moving_since: Mapping[str, float], quick_until: float, now: float, is_all: bool) -> float:
    """Seconds to the next poll after one that succeeded.

    ``moving_since`` maps the ids of rows in transition to when they last changed. If all
    of them are stuck and nothing else is watched (``is_all``: no row is settled), polls
    slow down a lot; otherwise the settled rows keep the quiet pace.
    """
    if now < quick_until:
        return moving(kind)
    if any(now - since < STUCK_SECONDS for since in moving_since.values()):
        return moving(kind)
    if moving_since and is_all:
        return max(STUCK_TICK, quiet(kind))
    return quiet(kind)


def quick_until(moving_since: Mapping[str, float], quick: float, now: float) -> float:
    """Until when polls stay quick, whatever the next one finds."""
    is_moving = any(now - since < STUCK_SECONDS for since in moving_since.values())
    return max(quick, now + SETTLED_SECONDS) if is_moving else quick


def after_error(kind: Kind[Any], errors: int, retry_after: float | None) -> float:
    """Seconds to the next poll after the ``errors``-th failure in a row."""
    grown = moving(kind) * 2.0 ** min(errors, 10)
    return min(LONGEST, max(quiet(kind), grown, retry_after or 0.0))


def full_every(meta: Meta) -> float:
    """Seconds between whole lists: longer where one takes long, so that they take a fifth of the time at most."""
    return max(float(settings.POLL_FULL_SECONDS), meta.full_took * 5)


def next_interval(meta: Meta, tick_seconds: float) -> float:
    """Seconds until a browser finds the next poll's result, with a little to spare."""
    due = meta.as_of + tick_seconds + meta.took + 0.1 - time.time()
    lowest = 0.8 if tick_seconds <= 2 else 1.5
    return round(min(LONGEST, max(lowest, due)), 2)


def reserve(region_id: str, *, most: float = 3600.0) -> float:
    """Takes a poll's turn in a region; gives the seconds to wait for it. Raises Away.

    A turn that is more than ``most`` seconds away is told, and not taken.

    ``POLL_MAX_PER_SECOND`` holds for all processes together. Turns are given in the order in
    which they are asked for, so when there are too many, all ticks stretch alike.
    """
    gap = 1.0 / max(0.01, float(settings.POLL_MAX_PER_SECOND))
    with guarded() as store:
        waits = store.eval(_RESERVE, 1, f"live:pace:{region_id}", time.time(), gap, 1.0, most)
    return float(waits)
