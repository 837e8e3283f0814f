"""How often sign-in may be tried, and by whom that is counted."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.test import Client, RequestFactory

from dashboard.auth import limits

from .keystone import Keystone


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_DELAY", 0.0)


def test_the_eleventh_try_is_refused_and_keystone_not_asked(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    for _try in range(10):
        assert sign_in(browser, "alice", "wrong").status_code == 422
    before = len(keystone.calls)
    refused = sign_in(browser)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 900
    assert len(keystone.calls) == before


def test_nobody_can_lock_somebody_else_out(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    for _try in range(12):
        sign_in(browser, "alice", "wrong", REMOTE_ADDR="192.0.2.1")
    assert sign_in(Client(), REMOTE_ADDR="192.0.2.2").status_code == 303


def test_a_made_up_forwarding_header_does_not_reset_the_count(
    keystone: Keystone, browser: Client, sign_in: Any, settings: Any
) -> None:
    for hops in (0, 1):
        settings.TRUSTED_PROXIES = hops
        for number in range(10):
            # With a proxy in front, the last address is the one that the proxy saw.
            made_up = f"10.0.0.{number}" + (", 192.0.2.9" if hops else "")
            sign_in(browser, f"user{hops}", "wrong", HTTP_X_FORWARDED_FOR=made_up)
        last = "10.9.9.9" + (", 192.0.2.9" if hops else "")
        assert sign_in(browser, f"user{hops}", "wrong", HTTP_X_FORWARDED_FOR=last).status_code == 429


@pytest.mark.parametrize(
    ("hops", "header", "ip"),
    [
        (0, "203.0.113.1", "127.0.0.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "10.0.0.1, 203.0.113.1", "203.0.113.1"),
        (2, "10.0.0.1, 203.0.113.1, 192.0.2.1", "203.0.113.1"),
        (2, "203.0.113.1", "127.0.0.1"),
        (1, "not an address", "127.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_address_is_the_one_that_our_own_proxies_saw(settings: Any, hops: int, header: str, ip: str) -> None:
    settings.TRUSTED_PROXIES = hops
    assert limits.client_ip(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=header)) == ip


def test_one_address_gets_fifty_tries_over_all_accounts() -> None:
    for number in range(50):
        limits.count_try(f"account {number}", "192.0.2.1")
    with pytest.raises(limits.TooMany):
        limits.count_try("account 51", "192.0.2.1")


def test_all_of_an_ipv6_network_is_one_address() -> None:
    for number in range(10):
        limits.count_try("alice", f"2001:db8::{number:x}")
    with pytest.raises(limits.TooMany):
        limits.count_try("alice", "2001:db8::ffff")


def test_what_was_right_does_not_count(keystone: Keystone, sign_in: Any) -> None:
    for _try in range(15):
        assert sign_in(Client()).status_code == 303


def test_without_the_store_the_process_counts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **options: Any) -> Any:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(redis.client.Pipeline, "execute", gone)
    for _try in range(10):
        limits.count_try("alice", "192.0.2.1")
    with pytest.raises(limits.TooMany):
        limits.count_try("alice", "192.0.2.1")
    limits.count_try("alice", "192.0.2.2")


def test_an_account_that_is_guessed_at_slows_down_a_little_and_never_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_DELAY", 3.0)
    delays = []
    for _failure in range(20):
        delays.append(limits.delay("alice"))
        limits.note_failure("alice")
    assert delays[0] == 0
    assert delays == sorted(delays)
    assert delays[-1] == 3.0
