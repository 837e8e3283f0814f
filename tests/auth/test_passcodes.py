"""Two-factor sign-in: a person enrols an authenticator, proves it, and only then does Keystone know of it."""

from __future__ import annotations

import html
import logging
import re
import time
from typing import Any

import pytest
import requests
from django.test import Client
from requests_mock import Mocker

from dashboard.auth.passcodes import qr_code
from dashboard.cloud import passcodes
from tests.harness.wire import KEYSTONE

from .keystone import ALICE, Keystone

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class Credentials:
    """Keystone's credentials and the person's options."""

    def __init__(self, wire: Mocker) -> None:
        self.known: dict[str, dict[str, str]] = {}
        self.options: dict[str, Any] = {}
        self.status = 200
        wire.get(f"{KEYSTONE}/credentials", json=self._list)
        wire.post(f"{KEYSTONE}/credentials", json=self._add)
        wire.delete(re.compile(f"{KEYSTONE}/credentials/.*"), text=self._remove)
        wire.get(f"{KEYSTONE}/users/{ALICE}", json=lambda request, context: {"user": {"options": self.options}})

    def add(self, id: str, user_id: str = ALICE, kind: str = "totp") -> None:
        self.known[id] = {"id": id, "user_id": user_id, "type": kind, "blob": RFC_SECRET}

    def _refused(self, context: Any) -> Any:
        context.status_code = self.status
        return {"error": {"code": self.status, "message": "You are not authorized.", "title": "Forbidden"}}

    def _list(self, request: Any, context: Any) -> Any:
        return {"credentials": list(self.known.values())} if self.status == 200 else self._refused(context)

    def _add(self, request: Any, context: Any) -> Any:
        if self.status != 200:
            return self._refused(context)
        context.status_code = 201
        given = request.json()["credential"]
        self.add(f"{len(self.known):032x}", given["user_id"], given["type"])
        self.known[f"{len(self.known) - 1:032x}"]["blob"] = given["blob"]
        return {"credential": given}

    def _remove(self, request: Any, context: Any) -> str:
        context.status_code = 204
        del self.known[request.path.rpartition("/")[2]]
        return ""


@pytest.fixture
def credentials(requests_mock: Mocker) -> Credentials:
    return Credentials(requests_mock)


def begin(browser: Client) -> tuple[str, str, str]:
    """The page, its secret and its ticket."""
    page = browser.post("/passcodes/", {"start": "1"}).content.decode()
    (secret,) = re.findall(r'class="qr-secret"[^>]*>([A-Z2-7 ]+)<', page)
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page)
    return page, secret.replace(" ", ""), ticket


@pytest.mark.parametrize(
    ("at", "shown"), [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (20000000000, "353130")]
)
def test_passcodes_are_those_of_the_standard(at: int, shown: str) -> None:
    assert passcodes.passcode(RFC_SECRET, at) == shown


def test_an_authenticator_is_enrolled_once_its_first_passcode_was_right(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials
) -> None:
    sign_in(browser)
    assert "You have none yet." in browser.get("/passcodes/").content.decode()
    _page, secret, ticket = begin(browser)
    assert credentials.known == {}, "nothing is stored yet"
    wrong = browser.post("/passcodes/", {"ticket": ticket, "passcode": "000000"})
    assert wrong.status_code == 422
    assert credentials.known == {}
    assert " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)) in wrong.content.decode(), "the same QR code"
    typed = passcodes.passcode(secret, time.time())
    done = browser.post("/passcodes/", {"ticket": ticket, "passcode": f"{typed[:3]} {typed[3:]}"})
    assert done.status_code == 303
    (stored,) = credentials.known.values()
    assert (stored["type"], stored["user_id"], stored["blob"]) == ("totp", ALICE, secret)
    shown = browser.get("/passcodes/").content.decode()
    assert "The authenticator has been added." in shown
    assert "Authenticator 1" in shown
    assert secret not in shown


def test_the_qr_code_has_what_authenticators_read_and_no_inline_style(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials
) -> None:
    sign_in(browser)
    page, secret, _ticket = begin(browser)
    (uri,) = re.findall(r'href="(otpauth:[^"]+)"', page)
    uri = html.unescape(uri)
    assert uri.startswith("otpauth://totp/Belvedere%3Aalice%40Default?")
    assert f"secret={secret}&issuer=Belvedere&algorithm=SHA1&digits=6&period=30" in uri
    assert "style=" not in page.split('<svg class="qr"', 1)[1].split("</svg>")[0]
    code = qr_code(uri)
    # The three corners that a scanner looks for: a dark square of seven inside the quiet zone.
    size, path = code["qr_size"], code["qr_path"]
    for x, y in ((4, 4), (size - 5, 4), (4, size - 5)):
        assert f"M{x} {y}h1v1h-1z" in path
    assert "M3 3h1" not in path
    assert path in page


def test_each_start_draws_another_secret(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials
) -> None:
    sign_in(browser)
    secrets = {begin(browser)[1] for _time in range(3)}
    assert len(secrets) == 3
    assert {len(secret) for secret in secrets} == {32}


def test_a_ticket_is_good_for_its_own_session_alone_and_not_for_ever(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser)
    _page, secret, ticket = begin(browser)
    other = Client()
    sign_in(other)
    form = {"ticket": ticket, "passcode": passcodes.passcode(secret, time.time())}
    assert other.post("/passcodes/", form).status_code == 303
    assert credentials.known == {}
    monkeypatch.setattr("dashboard.auth.passcodes.ENROL_SECONDS", -1)
    browser.post("/passcodes/", form)
    assert credentials.known == {}
    assert "That took too long." in browser.get("/passcodes/").content.decode()


def test_passcodes_can_not_be_guessed_for_long(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials
) -> None:
    sign_in(browser)
    ticket = begin(browser)[2]
    answers = [browser.post("/passcodes/", {"ticket": ticket, "passcode": "000000"}).status_code for _try in range(11)]
    assert answers[-1] == 429


def test_ones_own_is_listed_and_removed_and_nobody_elses(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials
) -> None:
    sign_in(browser)
    credentials.add("a" * 32)
    credentials.add("b" * 32, user_id="somebody-else")
    credentials.add("c" * 32, kind="ec2")
    page = browser.get("/passcodes/").content.decode()
    assert page.count('name="remove"') == 1
    for other in ("b" * 32, "c" * 32, "../users"):
        assert browser.post("/passcodes/", {"remove": other}).status_code == 303
    assert set(credentials.known) == {"a" * 32, "b" * 32, "c" * 32}
    browser.post("/passcodes/", {"remove": "a" * 32})
    assert set(credentials.known) == {"b" * 32, "c" * 32}


def test_the_last_one_stays_where_nobody_gets_in_without_a_passcode(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials
) -> None:
    sign_in(browser)
    credentials.add("a" * 32)
    credentials.options = {"multi_factor_auth_rules": [["password", "totp"]]}
    assert "asks you for a passcode each time" in browser.get("/passcodes/").content.decode()
    refused = browser.post("/passcodes/", {"remove": "a" * 32})
    assert refused.status_code == 422
    assert "could not sign in again" in refused.content.decode()
    assert "a" * 32 in credentials.known
    credentials.add("b" * 32)
    assert browser.post("/passcodes/", {"remove": "a" * 32}).status_code == 303
    assert set(credentials.known) == {"b" * 32}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"multi_factor_auth_rules": []},
        {"multi_factor_auth_rules": [["password"], ["password", "totp"]]},
        {"multi_factor_auth_enabled": False, "multi_factor_auth_rules": [["password", "totp"]]},
    ],
)
def test_it_is_said_honestly_that_keystone_does_not_ask_for_it(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials, options: dict[str, Any]
) -> None:
    sign_in(browser)
    credentials.options = options
    assert "Keystone does not ask you for a passcode yet" in browser.get("/passcodes/").content.decode()


def test_a_keystone_that_refuses_or_is_down_is_said(
    keystone: Keystone, browser: Client, sign_in: Any, credentials: Credentials, requests_mock: Mocker
) -> None:
    sign_in(browser)
    _page, secret, ticket = begin(browser)
    credentials.status = 403
    form = {"ticket": ticket, "passcode": passcodes.passcode(secret, time.time())}
    refused = browser.post("/passcodes/", form)
    assert refused.status_code == 422
    assert "An administrator of the cloud can add one" in refused.content.decode()
    requests_mock.get(f"{KEYSTONE}/credentials", exc=requests.exceptions.ConnectionError)
    page = browser.get("/passcodes/")
    assert page.status_code == 200
    assert "be reached or failed" in page.content.decode()


def test_neither_secret_nor_passcode_reaches_a_log_or_the_store(
    keystone: Keystone,
    browser: Client,
    sign_in: Any,
    credentials: Credentials,
    caplog: pytest.LogCaptureFixture,
    store: Any,
) -> None:
    sign_in(browser)
    with caplog.at_level(logging.DEBUG):
        _page, secret, ticket = begin(browser)
        typed = passcodes.passcode(secret, time.time())
        browser.post("/passcodes/", {"ticket": ticket, "passcode": typed})
    assert secret not in caplog.text
    assert typed not in caplog.text
    kept = b"".join(key + (store.dump(key) or b"") for key in store.keys())  # noqa: SIM118
    assert secret.encode() not in kept


def test_nobody_who_is_not_signed_in_gets_there(keystone: Keystone, browser: Client) -> None:
    assert browser.get("/passcodes/")["Location"].startswith("/sign-in/")
    assert browser.post("/passcodes/", {"start": "1"}).status_code == 401
