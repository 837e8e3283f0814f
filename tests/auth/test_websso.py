"""Signing in by an identity provider: only what Keystone sends, to the browser that began it, once, gets in."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings as live
from django.test import Client
from requests_mock import Mocker

from dashboard.auth import limits, store, websso
from dashboard.auth.checks import check_safe
from dashboard.cloud import config as cloud_config
from dashboard.cloud.config import WebSso
from tests.harness.wire import KEYSTONE, recorded

from .keystone import DATA, PASSWORD, WEB, Keystone

ORIGIN = "http://127.0.0.1:5000"
BACK = "/sign-in/websso/"
OIDC = WebSso("Company", "openid", "corp", KEYSTONE, KEYSTONE)
SAML = WebSso("Partners", "saml2", "", KEYSTONE, KEYSTONE)


@pytest.fixture(autouse=True)
def ways(settings: Any) -> Iterator[None]:
    """Two ways: OpenID Connect by a provider's name, and SAML by the protocol alone."""
    before = cloud_config.config()
    cloud_config.configure(dataclasses.replace(before, websso=(OIDC, SAML)))
    settings.WEBSSO_DEFAULT = ""
    yield
    cloud_config.configure(before)


@pytest.fixture
def token(keystone: Keystone, requests_mock: Mocker) -> str:
    """An unscoped token that Keystone's federation gave out; Keystone tells what it is to whoever holds it."""

    class Context:
        headers: dict[str, str] = {}
        status_code = 0

    keystone._issue(Context, recorded("keystone/unscoped"))

    def told(request: Any, context: Any) -> Any:
        name = request.headers["X-Subject-Token"]
        if request.headers["X-Auth-Token"] != name or not keystone._is_known(name):
            context.status_code = 401
            return recorded("keystone/unauthorized")
        return {"token": keystone.tokens[name]}

    requests_mock.get(f"{KEYSTONE}/auth/tokens", json=told)
    return Context.headers["X-Subject-Token"]


def begin(browser: Client, number: int = 0, next_path: str = "") -> Any:
    return browser.get(f"/sign-in/by/{number}/", {"next": next_path} if next_path else {})


def answer(browser: Client, token: str, origin: str | None = ORIGIN, **headers: str) -> Any:
    """Keystone's page sends itself, as a browser does it."""
    given = {"Sec-Fetch-Site": "cross-site", **({"Origin": origin} if origin is not None else {}), **headers}
    return browser.post(BACK, {"token": token}, headers=given)


def is_in(browser: Client) -> bool:
    return bool(browser.cookies.get(live.SESSION_COOKIE_NAME) and browser.cookies[live.SESSION_COOKIE_NAME].value)


def test_the_sign_in_page_offers_each_way_beside_the_password(keystone: Keystone, browser: Client) -> None:
    page = browser.get("/sign-in/", {"next": "/sessions/"}).content.decode()
    assert 'href="/sign-in/by/0/?next=%2Fsessions%2F"' in page
    assert "Sign in with Company" in page
    assert "Sign in with Partners" in page
    assert 'name="password"' in page


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "/v3/auth/OS-FEDERATION/identity_providers/corp/protocols/openid/websso"),
        (1, "/v3/auth/OS-FEDERATION/websso/saml2"),
    ],
)
def test_a_way_leads_to_keystone_with_our_address_to_come_back_to(
    keystone: Keystone, browser: Client, number: int, path: str
) -> None:
    response = begin(browser, number)
    parts = urlsplit(response["Location"])
    assert response.status_code == 303
    assert (f"{parts.scheme}://{parts.netloc}", parts.path) == (ORIGIN, path)
    assert parse_qs(parts.query) == {"origin": ["http://testserver/sign-in/websso/"]}
    cookie = response.cookies["websso"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", websso.SECONDS)
    assert keystone.calls == []


def test_with_tls_the_cookie_comes_along_from_keystones_page_and_over_tls_alone(
    keystone: Keystone, browser: Client, settings: Any
) -> None:
    settings.COOKIES_SECURE = True
    cookie = begin(browser).cookies["__Host-websso"]
    assert (cookie["secure"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "None", "/", "")


@pytest.mark.parametrize("number", [2, 77])
def test_a_way_that_is_not_there_leads_to_the_sign_in_page(browser: Client, number: int) -> None:
    assert begin(browser, number)["Location"] == "/sign-in/"


def test_who_comes_back_is_in_and_where_they_wanted_to_be(keystone: Keystone, browser: Client, token: str) -> None:
    wanted = f"/r/RegionOne/p/{WEB}/things/"
    begin(browser, next_path=wanted)
    before = len(keystone.calls)
    response = answer(browser, token)
    assert (response.status_code, response["Location"]) == (303, wanted)
    assert browser.get(wanted).json()["project"] == "web"
    assert keystone.calls[before:] == ["GET /v3/auth/tokens", "GET /v3/auth/projects", "POST /v3/auth/tokens"]
    cookie = response.cookies[live.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert response.cookies["websso"].value == ""


def test_who_has_no_project_comes_to_the_page_for_that(
    keystone: Keystone, browser: Client, token: str, requests_mock: Mocker
) -> None:
    for kind in ("projects", "domains", "system"):
        requests_mock.get(f"{KEYSTONE}/auth/{kind}", json={kind: []})
    begin(browser)
    assert answer(browser, token)["Location"] == "/no-project/"


def test_a_form_for_a_browser_that_did_not_begin_is_refused(keystone: Keystone, browser: Client, token: str) -> None:
    """Else somebody could be signed in as another, and give away there what they type."""
    before = len(keystone.calls)
    response = answer(browser, token)
    assert response.status_code == 403
    assert "did not begin in this browser" in response.content.decode()
    assert not is_in(browser)
    assert len(keystone.calls) == before


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "http://127.0.0.1:5001", "https://127.0.0.1:5000", "http://127.0.0.1"],
)
def test_only_keystones_own_pages_may_send_it(
    keystone: Keystone, browser: Client, token: str, origin: str | None
) -> None:
    begin(browser)
    before = len(keystone.calls)
    assert answer(browser, token, origin).status_code == 403
    assert not is_in(browser)
    assert len(keystone.calls) == before


def test_our_own_pages_do_not_send_it_either(keystone: Keystone, browser: Client, token: str) -> None:
    begin(browser)
    response = answer(browser, token, "http://testserver", **{"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 403
    assert not is_in(browser)


def test_keystones_origin_may_send_nothing_else(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    for path in ("/switch/", "/sign-out/", "/sessions/", "/sign-in/"):
        response = browser.post(path, {}, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"})
        assert response.status_code == 403


def test_django_asks_no_form_token_of_keystones_form_and_of_all_others(keystone: Keystone, token: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    begin(browser)
    assert answer(browser, token).status_code == 303


def test_one_sign_in_gets_in_once(keystone: Keystone, browser: Client, token: str) -> None:
    begin(browser)
    state = browser.cookies["websso"].value
    assert answer(browser, token).status_code == 303
    other = Client()
    other.cookies["websso"] = state
    again = answer(other, token)
    assert again.status_code == 403
    assert "used already" in again.content.decode()
    assert not is_in(other)


def test_what_was_begun_long_ago_is_begun_anew(
    keystone: Keystone, browser: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(browser)
    monkeypatch.setattr(websso, "SECONDS", -1)
    assert answer(browser, token).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize("wrong", ["", "x", "gAAAAA-unknown-token-of-nobody", "a b" * 9, "ü" * 40, "t" * 9000])
def test_a_token_that_keystone_does_not_know_gets_nobody_in(
    keystone: Keystone, browser: Client, token: str, wrong: str
) -> None:
    begin(browser)
    response = answer(browser, wrong)
    assert response.status_code == 403
    assert "did not accept the sign-in" in response.content.decode()
    assert not is_in(browser)


def test_a_token_for_one_project_is_no_sign_in(keystone: Keystone, browser: Client, token: str) -> None:
    keystone.tokens[token] |= {"project": {"id": DATA, "name": "data", "domain": {"id": "default", "name": "Default"}}}
    begin(browser)
    assert answer(browser, token).status_code == 403
    assert not is_in(browser)


def test_who_it_is_is_what_keystone_says_and_not_what_was_sent(keystone: Keystone, browser: Client, token: str) -> None:
    begin(browser)
    given = {"token": token, "user": "root", "name": "root", "next": "//evil.example", "kept": "x", "page": "//evil"}
    response = browser.post(BACK, given, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"})
    assert response["Location"].startswith("/r/RegionOne/p/")
    held = store.load(browser.cookies[live.SESSION_COOKIE_NAME].value)
    assert held is not None
    assert held.person.name == "alice"


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_the_way_back_leads_to_this_site_alone(keystone: Keystone, browser: Client, token: str, wanted: str) -> None:
    begin(browser, next_path=wanted)
    assert answer(browser, token)["Location"].startswith("/r/RegionOne/p/")


def test_a_keystone_that_is_down_is_said_and_counts_as_no_try(keystone: Keystone, browser: Client, token: str) -> None:
    begin(browser)
    keystone.wire.get(f"{KEYSTONE}/auth/tokens", exc=requests.exceptions.ConnectionError)
    response = answer(browser, token)
    assert response.status_code == 503
    assert "be reached or failed" in response.content.decode()


def test_tries_are_counted_by_address(keystone: Keystone, browser: Client, token: str) -> None:
    for _try in range(limits.PER_ACCOUNT_AND_ADDRESS):
        begin(browser)
        assert answer(browser, "gAAAAA-unknown-token-of-nobody").status_code == 403
    begin(browser)
    refused = answer(browser, token)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_no_token_reaches_a_log_or_a_page(
    keystone: Keystone, browser: Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for sent in ("gAAAAA-unknown-token-of-nobody", token):
            begin(browser)
            assert sent not in answer(browser, sent).content.decode()
    assert "gAAAAA-unknown" not in caplog.text
    assert token not in caplog.text


def test_the_default_way_is_taken_without_asking_but_not_after_signing_out(
    keystone: Keystone, browser: Client, token: str, settings: Any
) -> None:
    settings.WEBSSO_DEFAULT = "Partners"
    assert browser.get("/sign-in/", {"next": "/sessions/"})["Location"] == "/sign-in/by/1/?next=%2Fsessions%2F"
    begin(browser, 1)
    answer(browser, token)
    out = browser.post("/sign-out/")
    assert out["Location"] == "/sign-in/?why=out"
    page = browser.get(out["Location"])
    assert page.status_code == 200
    assert "Partners may still know you in this browser" in page.content.decode()
    assert browser.get("/sign-in/", {"why": "ended"}).status_code == 200
    assert token in keystone.revoked


def test_who_came_by_a_password_hears_nothing_of_providers(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser, password=PASSWORD)
    out = browser.post("/sign-out/")
    assert out["Location"] == "/sign-in/"
    assert "may still know you" not in browser.get("/sign-in/").content.decode()


def test_the_dialog_over_an_open_page_offers_it_in_a_new_tab(keystone: Keystone, browser: Client) -> None:
    page = browser.get("/sign-in/", headers={"HX-Request": "true"}).content.decode()
    assert re.search(r'href="/sign-in/by/0/" target="_blank" rel="noopener"', page)


def test_the_address_for_browsers_may_be_another_and_its_origin_is_what_counts() -> None:
    way = dataclasses.replace(OIDC, url="https://keystone.example:443/identity/v3")
    assert way.origin == "https://keystone.example"
    assert way.start.startswith("https://keystone.example:443/identity/v3/auth/OS-FEDERATION/")
    assert dataclasses.replace(OIDC, url="https://[2001:db8::1]:5000/v3").origin == "https://[2001:db8::1]:5000"


def started(**given: str) -> subprocess.CompletedProcess[str]:
    code = "from dashboard import settings as s; print([(c.label, c.start, c.keystone) for c in s.CLOUD.websso])"
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **given}, capture_output=True, text=True, check=False
    )


def test_settings_name_providers_and_protocols_and_which_keystone() -> None:
    done = started(
        WEBSSO="Company=corp/openid,Partners=saml2,Lab=lab/mapped@two",
        KEYSTONES="one=http://one:5000,two=http://two:5000",
        WEBSSO_KEYSTONE_URL="https://public.example/identity",
    )
    base = "auth/OS-FEDERATION"
    assert eval(done.stdout) == [
        (
            "Company",
            f"https://public.example/identity/v3/{base}/identity_providers/corp/protocols/openid/websso",
            "http://one:5000/v3",
        ),
        ("Partners", f"https://public.example/identity/v3/{base}/websso/saml2", "http://one:5000/v3"),
        ("Lab", f"http://two:5000/v3/{base}/identity_providers/lab/protocols/mapped/websso", "http://two:5000/v3"),
    ], done.stderr


@pytest.mark.parametrize(
    "given",
    [
        {"WEBSSO": "Company"},
        {"WEBSSO": "=corp/openid"},
        {"WEBSSO": "Company=corp/../openid"},
        {"WEBSSO": "Company=https://evil/openid"},
        {"WEBSSO": "A=x/y,A=z/y"},
        {"WEBSSO": "A=x/y@nowhere"},
        {"WEBSSO": "A=x/y", "WEBSSO_DEFAULT": "B"},
        {"WEBSSO": "A=x/y", "WEBSSO_KEYSTONE_URL": "ftp://x"},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_stop_the_start(given: dict[str, str]) -> None:
    done = started(**given)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr


def test_tokens_without_tls_stop_the_start(settings: Any) -> None:
    settings.ALLOW_INSECURE = settings.DEBUG = False
    settings.CLOUD = dataclasses.replace(settings.CLOUD, keystones=(), websso=(OIDC,))
    assert "belvedere.E008" in {error.id for error in check_safe(None)}
