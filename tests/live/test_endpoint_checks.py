"""Endpoints are asked once for all who look, only while somebody looks, and never by the page itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests_mock

from dashboard.live import endpoint_checks
from dashboard.live.store import guarded
from tests.harness.services import at_rest

NOVA = "http://127.0.0.1:8774/v2.1"
PLACE = "http://127.0.0.1:8774/v2.1/"
BODY = {"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1", "status": "CURRENT"}}


@pytest.fixture
def asked() -> Iterator[Any]:
    """Nova at the wire."""
    with requests_mock.Mocker() as mock:
        mock.get(PLACE, json=BODY)
        yield mock
        at_rest()


def known() -> Any:
    at_rest()
    return endpoint_checks.look([NOVA])[endpoint_checks.mark_of(NOVA)]


def test_the_first_look_knows_nothing_and_has_it_asked(asked: Any) -> None:
    (first,) = endpoint_checks.look([NOVA]).values()
    assert first is None
    health = known()
    assert health.state == "up"
    assert health.current.maximum == "2.96"
    assert time.time() - health.at < 30


def test_twenty_who_look_cost_what_one_does(asked: Any) -> None:
    threads = [
        threading.Thread(target=endpoint_checks.look, args=([NOVA, f"{NOVA}/$(project_id)s"],)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    at_rest()
    for _again in range(5):
        known()
    assert asked.call_count == 1, "an answer holds a minute, and both addresses tell their versions at one place"


def test_one_at_a_time_asks(asked: Any) -> None:
    endpoint_checks.look([NOVA])
    at_rest()
    with guarded() as store:
        store.set("live:health:lock", b"somebody else", px=5000)
        store.delete(endpoint_checks._key(endpoint_checks.mark_of(NOVA)))
    endpoint_checks.run(chain=False)
    assert asked.call_count == 1


def test_what_is_old_is_shown_and_asked_again(asked: Any, time_machine: Any) -> None:
    time_machine.move_to(1_000_000.0, tick=True)
    endpoint_checks.look([NOVA])
    assert known().at == pytest.approx(1_000_000, abs=30)
    time_machine.move_to(1_000_070.0, tick=True)
    assert known().at < 1_000_050, "a page never waits"
    assert known().at > 1_000_060
    assert asked.call_count == 2


def test_when_nobody_looks_any_more_nobody_is_asked(asked: Any, settings: Any, time_machine: Any) -> None:
    time_machine.move_to(1_000_000.0, tick=True)
    endpoint_checks.look([NOVA])
    at_rest()
    time_machine.move_to(1_000_000.0 + settings.LEASE_SECONDS + 61, tick=True)
    endpoint_checks.run(chain=True)
    assert asked.call_count == 1


def test_what_is_wrong_in_the_store_is_as_if_never_asked(asked: Any) -> None:
    mark = endpoint_checks.mark_of(NOVA)
    for odd in (b"", b"null", b"[]", b'{"state": 1, "x": 2}', b"\xff"):
        with guarded() as store:
            store.set(f"live:health:is:{mark}", odd)
            store.set("live:health:started", b"1", px=2000)
        assert endpoint_checks.look([NOVA])[mark] is None


def test_a_browser_names_marks_and_never_addresses(asked: Any) -> None:
    endpoint_checks.look([NOVA])
    at_rest()
    mark = endpoint_checks.mark_of(NOVA)
    found = endpoint_checks.look_again([mark, "http://169.254.169.254/", "f" * 16, "../x"])
    assert list(found) == [mark]
    assert asked.call_count == 1


def test_what_is_no_address_at_all_is_never_called_and_costs_no_page(asked: Any) -> None:
    odd = ["", "http://[", "http://h:port/", "\ud800", "http://\x00", "javascript:alert(1)", "x" * 5000, "//", "$("]
    endpoint_checks.look(odd)
    at_rest()
    found = endpoint_checks.look(odd)
    assert {health.state for health in found.values() if health is not None} == {"barred"}
    assert asked.call_count == 0
