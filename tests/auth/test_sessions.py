"""Sessions: sealed in the store, ended on time, ended for good, and kept when the store is away."""

from __future__ import annotations

import time
from typing import Any

import pytest
import redis
import requests
from django.conf import settings as django_settings
from django.test import Client

from dashboard import store as product
from tests.auth.session_parts import HTMX, PAGE, SID, is_in

from .keystone import PASSWORD, WEB, Keystone


def everything(store: Any) -> bytes:
    """All keys and values of the store."""
    found = []
    for key in store.keys("*"):
        kind = store.type(key)
        read = {b"hash": store.hgetall, b"string": store.get, b"zset": lambda k: store.zrange(k, 0, -1)}[kind]
        found.append(repr((key, read(key))).encode())
    return b"\n".join(found)


def test_a_planted_cookie_is_not_taken_over(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    planted = "p" * 43
    browser.cookies[SID] = planted
    sign_in(browser)
    assert browser.cookies[SID].value != planted
    assert browser.get(PAGE).status_code == 200
    browser.cookies[SID] = planted
    assert not is_in(browser)


def test_two_people_in_one_browser_share_nothing(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    first = browser.cookies[SID].value
    sign_in(browser, "nobody")
    assert browser.get(PAGE).status_code == 200  # the interstitial: nobody's session holds no token for it
    assert "Go there" in browser.get(PAGE).content.decode()
    browser.cookies[SID] = first
    assert not is_in(browser)


def test_the_form_token_changes_at_sign_in(keystone: Keystone, sign_in: Any) -> None:
    browser = Client()
    browser.get("/sign-in/")
    before = browser.cookies[django_settings.CSRF_COOKIE_NAME].value
    sign_in(browser)
    assert browser.cookies[django_settings.CSRF_COOKIE_NAME].value != before


def test_the_form_token_is_masked_anew_in_every_answer(keystone: Keystone, browser: Client) -> None:
    assert browser.get("/sign-in/").content != browser.get("/sign-in/").content


def test_the_store_has_neither_cookies_nor_tokens_nor_passwords(
    keystone: Keystone, browser: Client, sign_in: Any, store: Any
) -> None:
    sign_in(browser)
    browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    for _poll in range(50):
        browser.get(PAGE + "live/", headers=HTMX)
    kept = everything(store)
    assert b"session:" in kept
    for secret in (browser.cookies[SID].value, PASSWORD, *keystone.tokens, "192.0.2", "alice"):
        assert secret.encode() not in kept


def test_a_copy_of_the_store_and_the_servers_key_open_nothing(
    keystone: Keystone, browser: Client, sign_in: Any, store: Any
) -> None:
    from dashboard.auth.seal import Seal

    sign_in(browser)
    key = store.keys("session:*")[0]
    sealed = store.hget(key, "meta")
    assert Seal("session").open(sealed) is None
    assert Seal("session", "x" * 43).open(sealed) is None
    assert Seal("session", browser.cookies[SID].value).open(sealed) is not None


def test_a_page_asks_the_store_once(
    keystone: Keystone, browser: Client, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser)
    asked = []
    plain = redis.client.Pipeline.execute

    def execute(self: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append("pipeline")
        return plain(self, *args, **kwargs)

    def command(self: Any, *args: Any, **options: Any) -> Any:
        asked.append(args[0])
        raise AssertionError("a command of its own")

    monkeypatch.setattr(redis.client.Pipeline, "execute", execute)
    monkeypatch.setattr(product.client().__class__, "execute_command", command)
    assert browser.get(PAGE).status_code == 200
    assert asked == ["pipeline"]


def test_the_cookie_is_hidden_from_scripts_and_other_sites(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    cookie = sign_in(browser).cookies[SID]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert bool(cookie["secure"]) == django_settings.COOKIES_SECURE
    assert SID.startswith("__Host-") == django_settings.COOKIES_SECURE


def test_every_cookie_is_small_and_safe(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    answers = [
        browser.get("/sign-in/"),
        sign_in(browser),
        browser.get("/"),
        browser.get(PAGE),
        browser.post("/sign-out/"),
    ]
    cookies = [cookie for answer in answers for cookie in answer.cookies.values()]
    assert cookies
    for cookie in cookies:
        assert len(cookie.key) + len(cookie.value) <= 4096
        assert cookie["httponly"]
        assert cookie["samesite"] in {"Lax", "Strict"}
        assert bool(cookie["secure"]) == django_settings.COOKIES_SECURE


def test_sign_out_ends_the_session_and_revokes_every_token(
    keystone: Keystone, browser: Client, sign_in: Any, store: Any
) -> None:
    sign_in(browser)
    browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    old = browser.cookies[SID].value
    response = browser.post("/sign-out/")
    assert response.status_code == 303
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert sorted(keystone.revoked) == sorted(keystone.tokens)
    assert len(keystone.tokens) == 3
    assert not store.keys("session:*") + store.keys("seen:*")
    browser.cookies[SID] = old
    assert browser.get(PAGE)["Location"].startswith("/sign-in/")


def test_sign_out_is_quick_and_honest_while_keystone_is_down(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    old = browser.cookies[SID].value
    keystone.down = requests.exceptions.ConnectTimeout("down")
    started = time.monotonic()
    response = browser.post("/sign-out/", follow=True)
    assert time.monotonic() - started < 2.5
    assert "tokens expire at" in response.content.decode()
    browser.cookies[SID] = old
    assert not is_in(browser)


def test_sign_out_without_a_session_is_no_error(keystone: Keystone, browser: Client) -> None:
    assert browser.post("/sign-out/").status_code == 303
    assert browser.get("/sign-out/").status_code == 405
