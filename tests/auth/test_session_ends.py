"""How sessions end: on time, with their token, by hand, or not at all while the store is away."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import redis
import time_machine
from django.conf import settings as django_settings
from django.test import Client

from dashboard import store as product
from dashboard.auth import store as sessions
from tests.auth.session_parts import HTMX, PAGE, SID, is_in

from .keystone import PASSWORD, WEB, Keystone


def test_a_page_that_only_polls_is_signed_out_at_the_idle_limit(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        sign_in(browser)
        for _minute in range(29):
            clock.shift(60)
            assert browser.get(PAGE + "live/", headers=HTMX).status_code == 200
        clock.shift(90)
        assert browser.get(PAGE + "live/", headers=HTMX).status_code == 401


def test_what_a_person_does_keeps_the_session_until_its_absolute_end(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    keystone.life = timedelta(hours=24)
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        sign_in(browser)
        for _step in range(8 * 3 - 1):
            clock.shift(20 * 60)
            assert is_in(browser)
        clock.shift(21 * 60)
        assert not is_in(browser)


def test_a_session_ends_with_its_token(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    keystone.life = timedelta(minutes=10)
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        sign_in(browser)
        left = browser.get("/session/").json()
        assert left == {"secondsLeft": 600, "isLast": True}
        clock.shift(601)
        assert not is_in(browser)


def test_how_long_is_left_can_be_asked_without_staying_and_staying_is_a_click(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        sign_in(browser)
        clock.shift(25 * 60)
        assert browser.get("/session/").json() == {"secondsLeft": 300, "isLast": False}
        assert browser.get("/session/").json()["secondsLeft"] == 300
        assert browser.get("/session/extend/").status_code == 405
        assert browser.post("/session/extend/").json()["secondsLeft"] == 1800


def test_the_store_forgets_an_idle_session_by_itself(
    keystone: Keystone, browser: Client, sign_in: Any, store: Any
) -> None:
    sign_in(browser)
    for key in store.keys("*"):
        assert 0 < store.ttl(key) <= django_settings.SESSION_SECONDS


def test_a_fragment_without_a_session_opens_a_dialog_and_no_page(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    sign_in(browser)
    browser.post("/sign-out/")
    response = browser.get(PAGE + "live/", headers=HTMX)
    assert response.status_code == 401
    assert json.loads(response["HX-Trigger"])["signInAgain"]["url"] == "/sign-in/"
    assert response["HX-Reswap"] == "none"
    assert "HX-Redirect" not in response
    assert b"<" not in response.content


def test_signing_in_again_over_a_page_lets_it_go_on(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    from dashboard.auth.steps import person_mark

    sign_in(browser)
    held = sessions.load(browser.cookies[SID].value)
    assert held
    mark = person_mark(held)
    browser.cookies.pop(SID)
    form = browser.get("/sign-in/", {"person": mark}, headers=HTMX).content.decode()
    assert "<html" not in form
    assert f'value="{mark}"' in form
    wrong = sign_in(browser, "alice", "wrong", person=mark, page=PAGE, headers=HTMX)
    assert wrong.status_code == 422
    assert "<html" not in wrong.content.decode()
    response = sign_in(browser, person=mark, page=f"/r/RegionOne/p/{WEB}/things/", headers=HTMX)
    event = json.loads(response["HX-Trigger"])["signedIn"]
    assert event["csrf"]
    assert event["secondsLeft"] > 1700
    assert "HX-Refresh" not in response
    # The page's own project is the one that a token was fetched for.
    assert browser.get(f"/r/RegionOne/p/{WEB}/things/").json()["project"] == "web"


def test_somebody_else_who_signs_in_over_a_page_does_not_get_it(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    response = sign_in(browser, person="0123456789abcdef", page=PAGE, headers=HTMX)
    assert response["HX-Redirect"] == "/"


def test_a_second_tab_in_another_project_goes_on_by_a_click(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    from dashboard.auth.steps import person_mark

    sign_in(browser)
    held = sessions.load(browser.cookies[SID].value)
    assert held
    other = f"/r/RegionOne/p/{WEB}/things/"
    assert browser.get(other + "live/", headers=HTMX).status_code == 401
    current = {**HTMX, "HX-Current-URL": f"http://testserver{other}"}
    form = browser.get("/sign-in/", {"person": person_mark(held)}, headers=current).content.decode()
    assert f'value="project:{WEB}"' in form
    done = browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne", "next": other}, headers=HTMX)
    assert "signedIn" in json.loads(done["HX-Trigger"])
    assert browser.get(other + "live/", headers=HTMX).status_code == 200


def test_a_form_that_was_sent_too_late_is_kept_and_sent_by_a_click(
    keystone: Keystone, browser: Client, sign_in: Any, requests_mock: Any
) -> None:
    import re

    late = browser.post(
        PAGE + "make/",
        {"name": "web-1", "admin_password": "hunter-two"},
        headers={"Referer": "http://testserver" + PAGE},
    )
    assert late.status_code == 401
    page = late.content.decode()
    assert "hunter-two" not in page
    sealed = re.search(r'name="kept" value="([^"]+)"', page)
    assert sealed
    before = len(keystone.calls)
    again = sign_in(browser, kept=sealed[1], next=PAGE).content.decode()
    assert f'action="{PAGE}make/"' in again
    assert 'name="name" value="web-1"' in again
    assert "not kept" in again
    assert all("/servers" not in call for call in keystone.calls[before:])


def test_a_token_that_was_revoked_ends_the_session_and_a_service_at_fault_does_not(
    keystone: Keystone, browser: Client, sign_in: Any, requests_mock: Any
) -> None:
    sign_in(browser)
    requests_mock.get("http://127.0.0.1:8774/v2.1/servers", status_code=401, json={"error": {"message": "no"}})
    assert browser.get(PAGE + "ask/").status_code == 503
    assert is_in(browser)
    keystone.forget()
    assert browser.get(PAGE + "ask/", headers=HTMX).status_code == 401
    assert not is_in(browser)


def test_a_store_that_is_away_costs_nobody_the_session(
    keystone: Keystone, browser: Client, sign_in: Any, monkeypatch: pytest.MonkeyPatch, store: Any
) -> None:
    sign_in(browser)
    with monkeypatch.context() as patch:
        patch.setattr(redis.client.Pipeline, "execute", _gone)
        response = browser.get(PAGE)
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert "still signed in" in response.content.decode()
        assert SID not in response.cookies
        fragment = browser.get(PAGE + "live/", headers=HTMX)
        assert (fragment.status_code, fragment["HX-Reswap"]) == (503, "none")
        assert browser.post("/sign-out/").status_code == 503
        assert browser.get("/sign-in/").status_code == 200
        assert sign_in(Client()).status_code == 503
    assert is_in(browser)


def test_a_store_that_was_emptied_leads_to_sign_in_once(
    keystone: Keystone, browser: Client, sign_in: Any, store: Any
) -> None:
    sign_in(browser)
    store.flushall()
    response = browser.get(PAGE, follow=True)
    assert [status for _url, status in response.redirect_chain] == [303]
    assert "the server has restarted" in response.content.decode()
    assert response.status_code == 200


def test_a_change_of_the_servers_key_signs_nobody_out(
    keystone: Keystone, browser: Client, sign_in: Any, settings: Any
) -> None:
    import base64

    sign_in(browser)
    settings.SEAL_KEYS = [base64.urlsafe_b64encode(b"n" * 32), *settings.SEAL_KEYS]
    assert is_in(browser)
    browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    settings.SEAL_KEYS = settings.SEAL_KEYS[:1]
    assert not is_in(browser)


def test_a_person_sees_and_ends_their_other_sessions(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    other = Client()
    sign_in(other, headers={"User-Agent": "Another <b>browser</b>"})
    sign_in(browser)
    page = browser.get("/sessions/").content.decode()
    assert "Another &lt;b&gt;browser&lt;/b&gt;" in page
    held = sessions.load(other.cookies[SID].value)
    assert held
    browser.post("/sessions/", {"id": held.id_hash})
    assert other.get(PAGE + "live/", headers=HTMX).status_code == 401
    assert is_in(browser)


def test_all_other_sessions_end_at_once(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    others = [Client(), Client()]
    for other in others:
        sign_in(other)
    sign_in(browser)
    browser.post("/sessions/", {"others": "1"})
    assert [is_in(other) for other in others] == [False, False]
    assert is_in(browser)


def test_nobody_ends_somebody_elses_session(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    other = Client()
    sign_in(other, "nobody")
    sign_in(browser)
    held = sessions.load(other.cookies[SID].value)
    assert held
    browser.post("/sessions/", {"id": held.id_hash})
    assert sessions.load(other.cookies[SID].value) is not None


def test_who_ends_a_session_tells_whoever_polls_for_it(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    held = sessions.load(browser.cookies[SID].value)
    assert held
    ended = []

    def note(id_hash: str, **rest: Any) -> None:
        ended.append(id_hash)

    product.session_ended.connect(note)
    browser.post("/sign-out/")
    product.session_ended.disconnect(note)
    assert ended == [held.id_hash]


def test_a_password_needs_the_current_one_and_ends_every_other_session(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    other = Client()
    sign_in(other)
    sign_in(browser)
    wrong = browser.post("/password/", {"current": "guess", "new": "another-one", "again": "another-one"})
    assert wrong.status_code == 422
    assert keystone.passwords["alice"] == PASSWORD
    unequal = browser.post("/password/", {"current": PASSWORD, "new": "another-one", "again": "another-two"})
    assert unequal.status_code == 422
    done = browser.post("/password/", {"current": PASSWORD, "new": "another-one", "again": "another-one"})
    assert (done.status_code, done["Location"]) == (303, "/sessions/")
    assert keystone.passwords["alice"] == "another-one"
    assert not is_in(other)
    assert is_in(browser)


def _gone(*args: Any, **options: Any) -> Any:
    raise redis.ConnectionError("gone")


def test_signing_out_ends_the_session_even_if_the_list_of_sessions_is_lost(
    keystone: Keystone, browser: Client, sign_in: Any, store: Any
) -> None:
    sign_in(browser)
    cookie = browser.cookies[SID].value
    store.delete(*store.keys("sessions:*"))
    browser.post("/sign-out/")
    browser.cookies[SID] = cookie
    assert not is_in(browser)
    assert not store.keys("session:*")
