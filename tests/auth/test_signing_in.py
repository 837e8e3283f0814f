"""Signing in: three requests to Keystone, one message for every refusal, nothing written before it worked."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests
from django.conf import settings
from django.test import Client

from dashboard.auth import limits, store

from .keystone import DATA, PASSWORD, WEB, Keystone

SID = settings.SESSION_COOKIE_NAME


def home(project: str) -> str:
    return f"/r/RegionOne/p/{project}/overview/"


def words(response: Any) -> str:
    """The page without what differs by chance."""
    import re

    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "", response.content.decode())


def test_it_takes_an_unscoped_token_the_projects_and_one_scoped_token(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    response = sign_in(browser)
    assert (response.status_code, response["Location"]) == (303, home(DATA))
    assert keystone.calls == ["POST /v3/auth/tokens", "GET /v3/auth/projects", "POST /v3/auth/tokens"]
    assert keystone.bodies[0]["auth"]["scope"] == "unscoped"
    assert keystone.bodies[1]["auth"]["scope"] == {"project": {"id": DATA}}


def test_a_warm_page_asks_keystone_nothing(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    before = len(keystone.calls)
    page = browser.get(home(DATA)).json()
    assert (page["project"], page["region"], page["roles"]) == ("data", "RegionOne", ["member", "reader"])
    assert len(keystone.calls) == before


def test_keystone_is_told_the_address_that_the_request_came_from(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    sign_in(browser, REMOTE_ADDR="192.0.2.7")
    assert "for=192.0.2.7" in keystone.wire.request_history[0].headers["Forwarded"]


def test_the_next_sign_in_starts_in_the_project_used_last(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    browser.post("/sign-out/")
    assert sign_in(browser)["Location"] == home(WEB)
    assert "gAAAA" not in browser.cookies["recent"].value


def test_it_goes_on_to_the_page_that_was_asked_for_with_a_token_for_its_project(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    wanted = f"/r/RegionOne/p/{WEB}/things/?filter=status:ACTIVE"
    first = browser.get(wanted)
    assert first.status_code == 303
    page = browser.get(first["Location"])
    assert f'name="next" value="{wanted}"' in page.content.decode()
    assert sign_in(browser, next=wanted)["Location"] == wanted
    assert browser.get(wanted).json()["project"] == "web"


def test_a_project_that_gives_no_token_is_passed_over(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    browser.cookies["recent"] = "RegionOne/project:" + "0" * 32
    assert sign_in(browser)["Location"] == home(DATA)


def test_a_person_without_a_project_gets_a_page_that_says_so_and_can_sign_out(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    response = sign_in(browser, "nobody")
    assert response["Location"] == "/no-project/"
    page = browser.get("/no-project/").content.decode()
    assert "nobody" in page
    assert "Default" in page
    assert 'action="/sign-out/"' in page
    assert browser.get("/")["Location"] == "/no-project/"
    assert browser.post("/sign-out/").status_code == 303
    assert len(keystone.revoked) == 1


def test_every_refusal_reads_the_same(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    keystone.locked("paula")
    answers = [
        sign_in(browser, "alice", "wrong"),
        sign_in(browser, "paula"),
        sign_in(browser, "ghost", "wrong"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    pages = {
        words(answer).replace(f'value="{name}"', "")
        for answer, name in zip(answers, ("alice", "paula", "ghost"), strict=True)
    }
    assert len(pages) == 1
    assert "locked" not in pages.pop()


def test_the_time_of_a_refusal_does_not_tell_who_exists(keystone: Keystone, sign_in: Any, settings: Any) -> None:
    # A whole step is far longer than anything that a busy machine adds, so every refusal ends on the same one.
    settings.SIGN_IN_STEP_SECONDS = 1.0
    keystone.locked("paula")
    steps = []
    for name, password, slow in (("alice", "wrong", 0.15), ("ghost", "wrong", 0.0), ("paula", PASSWORD, 0.06)):
        keystone.slow = slow
        started = time.monotonic()
        assert sign_in(Client(), name, password, REMOTE_ADDR=f"192.0.2.{len(steps)}").status_code == 422
        steps.append(int(time.monotonic() - started))
    assert steps == [1, 1, 1]


def test_the_user_name_is_kept_and_the_password_is_not(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    page = sign_in(browser, "alice", "wr0ng-pa55word").content.decode()
    assert 'value="alice"' in page
    assert "wr0ng-pa55word" not in page
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="username"' in page


@pytest.mark.parametrize(
    "failure",
    [requests.exceptions.ConnectionError("refused"), requests.exceptions.ReadTimeout("late")],
    ids=["refused", "late"],
)
def test_a_keystone_that_does_not_answer_is_said_and_counts_against_nobody(
    keystone: Keystone, browser: Client, sign_in: Any, failure: Exception, store: Any
) -> None:
    keystone.down = failure
    for _again in range(12):
        response = sign_in(browser)
        assert response.status_code == 503
    page = response.content.decode()
    assert "identity service" in page
    assert 'value="alice"' in page
    assert PASSWORD not in page
    assert "Retry-After" in response
    assert not [key for key in store.keys("*") if not key.startswith(b"limit:")]


@pytest.mark.parametrize(
    "answer",
    [(500, "boom"), (200, "{}"), (201, "not json"), (201, "[]"), (503, "")],
    ids=["500", "no token", "no json", "a list", "503"],
)
def test_a_keystone_that_talks_nonsense_is_said(
    keystone: Keystone, browser: Client, sign_in: Any, answer: tuple[int, str]
) -> None:
    keystone.answer = answer
    response = sign_in(browser)
    assert response.status_code == 503
    assert "identity service" in response.content.decode()
    assert SID not in response.cookies


def test_a_keystone_that_fails_after_the_password_leaves_no_session_and_no_token(
    keystone: Keystone, browser: Client, sign_in: Any, requests_mock: Any, store: Any
) -> None:
    requests_mock.get("http://127.0.0.1:5000/v3/auth/projects", status_code=500)
    response = sign_in(browser)
    assert response.status_code == 503
    assert not store.keys("session:*")
    for _wait in range(50):
        if len(keystone.revoked) == 1:
            break
        time.sleep(0.02)
    assert keystone.revoked == list(keystone.tokens)


def test_a_choice_of_domains_and_of_clouds_is_by_the_settings(
    keystone: Keystone, browser: Client, settings: Any
) -> None:
    settings.SIGN_IN_DOMAINS = ["Default", "partner"]
    page = browser.get("/sign-in/").content.decode()
    assert "<select" in page
    assert "partner" in page
    settings.SIGN_IN_DOMAINS = []
    settings.SIGN_IN_DOMAIN_TYPED = False
    assert 'name="domain"' not in browser.get("/sign-in/").content.decode()


def test_no_header_or_field_can_name_another_keystone(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    trap = "http://trap.example:5000/v3"
    response = sign_in(
        browser,
        keystone=trap,
        auth_url=trap,
        region=trap,
        headers={"Referer": f"{trap}/", "X-Forwarded-Host": "trap.example"},
    )
    assert response.status_code == 303
    assert {request.hostname for request in keystone.wire.request_history} == {"127.0.0.1"}


def test_nothing_is_written_before_somebody_signed_in(
    keystone: Keystone, sign_in: Any, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LONGEST_DELAY", 0.0)
    for number in range(60):
        browser = Client()
        browser.get("/sign-in/", {"next": f"/{number}"})
        browser.cookies[SID] = f"{number:043d}"
        browser.get("/")
        sign_in(browser, "alice", "wrong", REMOTE_ADDR=f"192.0.2.{number % 3}")
    keys = store.keys("*")
    assert all(key.startswith(b"limit:") for key in keys)
    assert len(keys) < 10
    assert all(store.ttl(key) > 0 for key in keys)


def test_neither_a_passcode_nor_an_expired_password_writes_anything(
    keystone: Keystone, browser: Client, sign_in: Any, store: Any
) -> None:
    keystone.wants_totp("alice")
    sign_in(browser)
    keystone.expired("alice")
    sign_in(browser)
    assert not [key for key in store.keys("*") if not key.startswith(b"limit:")]


def test_a_passcode_is_asked_for_and_then_it_goes_on(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    keystone.wants_totp("alice")
    page = sign_in(browser)
    assert 'autocomplete="one-time-code"' in page.content.decode()
    assert "gAAAAA-receipt" not in page.content.decode() + str(page.cookies)
    assert browser.post("/sign-in/passcode/", {"passcode": "000000"}).status_code == 422
    done = browser.post("/sign-in/passcode/", {"passcode": "123456"})
    assert (done.status_code, done["Location"]) == (303, home(DATA))


def test_a_passcode_without_the_first_step_leads_back(keystone: Keystone, browser: Client) -> None:
    assert browser.post("/sign-in/passcode/", {"passcode": "123456"})["Location"].startswith("/sign-in/")
    browser.cookies["step"] = "forged"
    assert browser.post("/sign-in/passcode/", {"passcode": "123456"})["Location"].startswith("/sign-in/")
    assert keystone.calls == []


def test_an_expired_password_is_changed_and_then_it_goes_on(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    import re

    keystone.expired("alice")
    page = sign_in(browser).content.decode()
    assert "expired" in page
    assert "0e6931c4c7834dcbbe416048c5829549" not in page
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket
    fields = {"ticket": ticket[1], "current": PASSWORD, "new": "short", "again": "short"}
    refused = browser.post("/sign-in/expired/", fields)
    assert refused.status_code == 422
    assert "at least 8 characters" in refused.content.decode()
    done = browser.post("/sign-in/expired/", {**fields, "new": "another-one", "again": "another-one"})
    assert (done.status_code, done["Location"]) == (303, home(DATA))


def test_a_region_that_the_catalog_lacks_is_never_used_in_silence(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    keystone.regions = ("North", "South")
    assert sign_in(browser)["Location"] == f"/r/North/p/{DATA}/overview/"
    wrong = browser.get(home(DATA))
    assert wrong.status_code == 404
    assert "There is no region RegionOne here" in wrong.content.decode()
    assert "South" in wrong.content.decode()


def test_a_token_of_the_past_is_refused(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    from datetime import timedelta

    keystone.life = timedelta(hours=-1)
    assert sign_in(browser).status_code == 503


def test_no_secret_reaches_a_log(
    keystone: Keystone, browser: Client, sign_in: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        sign_in(browser, "alice", "wr0ng-pa55word")
        sign_in(browser)
        cookie = browser.cookies[SID].value
        browser.get(home(DATA))
        browser.post("/sign-out/")
    text = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for secret in (PASSWORD, "wr0ng-pa55word", cookie, *keystone.tokens):
        assert secret not in text
    assert json.dumps(text)


def test_who_is_signed_in_already_goes_on(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    assert browser.get("/sign-in/", {"next": "/sessions/"})["Location"] == "/sessions/"
    assert store.load(browser.cookies[SID].value) is not None
