"""Scopes are in the URL: a page uses its own scope's token, and only a POST gets a new one."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from django.test import Client
from django.urls import NoReverseMatch
from requests_mock import Mocker

from dashboard.auth.scopes import scope_from_key, scope_in, scoped_reverse
from dashboard.cloud.connection import Scope
from tests.harness.wire import NOVA

from .keystone import DATA, WEB, Keystone


def things(project: str, region: str = "RegionOne") -> str:
    return f"/r/{region}/p/{project}/things/"


def test_two_tabs_in_two_projects_stay_apart(
    keystone: Keystone, browser: Client, sign_in: Any, requests_mock: Mocker
) -> None:
    posted = requests_mock.post(f"{NOVA}/servers", status_code=202, json={})
    sign_in(browser)
    browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    token_of = {body["project"]["id"]: token for token, body in keystone.tokens.items() if "project" in body}
    for project in (DATA, WEB, DATA):
        assert browser.post(things(project) + "make/", {"name": "x"}).status_code == 200
        assert posted.last_request.headers["X-Auth-Token"] == token_of[project]


def test_looking_at_another_project_asks_before_it_switches(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    before = len(keystone.calls)
    page = browser.get(things(WEB) + "?q=a")
    assert page.status_code == 200
    assert f'name="next" value="{things(WEB)}?q=a"' in page.content.decode()
    assert len(keystone.calls) == before
    assert browser.get("/switch/", {"scope": f"project:{WEB}"}).status_code == 405
    done = browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne", "next": things(WEB) + "?q=a"})
    assert done["Location"] == things(WEB) + "?q=a"
    assert keystone.calls[before:] == ["POST /v3/auth/tokens"]


def test_switching_back_costs_no_request(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    before = len(keystone.calls)
    browser.post("/switch/", {"scope": f"project:{DATA}", "region": "RegionOne"})
    assert len(keystone.calls) == before


def test_switching_stays_on_the_same_kind_of_page(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    form = {"scope": f"project:{WEB}", "region": "RegionOne", "next": things(DATA) + "some-id/?tab=log"}
    assert browser.post("/switch/", form)["Location"] == things(WEB)


def test_a_switch_while_keystone_is_down_says_so_and_keeps_everything(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    sign_in(browser)
    keystone.down = requests.exceptions.ConnectionError("down")
    response = browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne", "next": things(WEB)})
    assert response.status_code == 503
    page = response.content.decode()
    assert "identity service" in page
    assert f'name="next" value="{things(WEB)}"' in page
    assert browser.get(things(DATA)).status_code == 200


def test_a_project_without_a_role_is_refused_in_words(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    response = browser.post("/switch/", {"scope": "project:" + "0" * 32, "region": "RegionOne"})
    assert response.status_code == 403
    assert "no role there" in response.content.decode()
    assert browser.get(things(DATA)).status_code == 200


def test_a_switch_with_a_revoked_token_leads_to_sign_in(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    keystone.forget()
    response = browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    assert response.status_code == 401
    assert browser.get(things(DATA)).status_code == 303


@pytest.mark.parametrize(
    "scope", ["", "project:", "project:../x", "planet:earth", "system:some", "project:" + "a" * 65]
)
def test_a_scope_that_is_none_leads_home(keystone: Keystone, browser: Client, sign_in: Any, scope: str) -> None:
    sign_in(browser)
    before = len(keystone.calls)
    assert browser.post("/switch/", {"scope": scope, "region": "RegionOne"})["Location"] == "/"
    assert len(keystone.calls) == before


def test_a_region_that_is_not_there_is_said_with_those_that_are(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    sign_in(browser)
    page = browser.get(things(DATA, "Nowhere"))
    assert page.status_code == 404
    assert "There is no region Nowhere here" in page.content.decode()
    assert 'value="RegionOne"' in page.content.decode()


def test_the_switcher_finds_by_name_and_shows_what_was_used_last_first(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    sign_in(browser)
    browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne"})
    page = browser.get("/scopes/", {"next": things(DATA)}).content.decode()
    assert page.index(WEB) < page.index(f'value="project:{DATA}"')
    assert page.count('aria-current="true"') == 1
    found = browser.get("/scopes/", {"q": "DAT"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in found
    assert DATA in found
    assert WEB not in found


def test_the_switcher_asks_keystone_once_in_some_minutes(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    before = len(keystone.calls)
    browser.get("/scopes/")
    browser.get("/scopes/", {"q": "w"})
    assert sorted(keystone.calls[before:]) == ["GET /v3/auth/domains", "GET /v3/auth/projects", "GET /v3/auth/system"]


def test_the_switcher_lists_what_is_open_while_keystone_is_down(
    keystone: Keystone, browser: Client, sign_in: Any
) -> None:
    sign_in(browser)
    keystone.down = requests.exceptions.ConnectionError("down")
    page = browser.get("/scopes/")
    assert page.status_code == 200
    assert DATA in page.content.decode()
    assert "Only what was open already" in page.content.decode()


def test_a_name_leads_to_each_kind_of_scope() -> None:
    assert scoped_reverse(Scope("project", "3f", "web"), "R", "things:detail", "a") == "/r/R/p/3f/things/a/"
    assert scoped_reverse(Scope("domain", "3f", "d"), "R", "things:detail", thing="a") == "/r/R/d/3f/things/a/"
    assert scoped_reverse(Scope("system", "all", ""), "R", "things:index") == "/r/R/system/things/"
    with pytest.raises(NoReverseMatch):
        scoped_reverse(Scope("project", "3f", "web"), "R", "nothing:index")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/r/R/p/3f/servers/?q=x", ("R", "project:3f", "servers")),
        ("/r/R/d/3f/", ("R", "domain:3f", "")),
        ("/r/R/system/users/x/", ("R", "system:all", "users/x")),
        ("/r/R/p/", ("", "", "")),
        ("/sessions/", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_path_tells_its_scope(path: str, found: tuple[str, str, str]) -> None:
    assert scope_in(path) == found


def test_a_key_that_names_no_scope_is_none() -> None:
    assert scope_from_key("project:a/b") is None
    assert scope_from_key("unscoped:") is None
