"""Calls side by side: in order, not too many at once, and honest about what never began."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.cloud import parallel
from dashboard.cloud.errors import Busy, Conflict, TimedOut
from dashboard.cloud.parallel import in_turn, later


def test_outcomes_come_in_the_order_of_the_calls_whoever_is_first() -> None:
    waits = [0.05, 0.0, 0.03, 0.0, 0.01, 0.0]

    def call(place: int) -> int:
        time.sleep(waits[place])
        return place

    calls = [lambda place=place: call(place) for place in range(6)]  # type: ignore[misc]
    assert [outcome.value for outcome in in_turn(calls, at_once=3)] == list(range(6))


def test_no_more_than_agreed_are_under_way() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    for outcome in in_turn([call] * 20, at_once=3):
        outcome.wait()
    assert most <= 3


def test_one_failure_is_its_own() -> None:
    def fail() -> None:
        raise Conflict("busy")

    found = list(in_turn([fail, lambda: None, fail], at_once=1))
    assert [outcome.or_else("-") for outcome in found] == ["-", None, "-"]
    assert isinstance(found[0].error, Conflict)


def test_what_never_began_was_surely_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as pool:
        monkeypatch.setattr(parallel, "_pool", pool)
        begun = later(go_on.wait, seconds=0.05)
        queued = later(lambda: None, seconds=0.05)
        with pytest.raises(TimedOut) as late:
            begun.wait()
        with pytest.raises(Busy) as busy:
            queued.wait()
        with pytest.raises((Busy, TimedOut)):
            queued.wait()
        go_on.set()
    assert late.value.is_unknown_outcome
    assert not busy.value.is_unknown_outcome
