"""Calls side by side: how many there are, and calls within calls."""

from __future__ import annotations

import time

from dashboard.cloud.errors import NotFound
from dashboard.cloud.parallel import later


def test_calls_that_make_calls_of_their_own_never_wait_for_each_other() -> None:
    def outer(number: int) -> int:
        time.sleep(0.05)
        return later(lambda: number).value

    began = time.monotonic()
    calls = [later(lambda number=number: outer(number), seconds=8) for number in range(200)]  # type: ignore[misc]
    assert [call.value for call in calls] == list(range(200))
    assert time.monotonic() - began < 4


def test_a_call_within_a_call_fails_as_any_other() -> None:
    def fails() -> int:
        raise NotFound("gone")

    def outer() -> tuple[int, str]:
        call = later(fails)
        return call.or_else(7), type(call.error).__name__

    assert {call.value for call in [later(outer) for _ in range(100)]} == {(7, "NotFound")}
