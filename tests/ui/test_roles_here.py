"""Roles that change while a page is open: it is told, its menu follows, and the last one's loss is no error."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from dashboard.auth import store as sessions
from dashboard.cloud.catalog import Catalog
from dashboard.cloud.connection import Scope
from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import PROJECT_ID, access_of, at, recorded

HTMX = {"HX-Request": "true"}
FOLLOW = at("roles-here/")
OWN, FIRST = "gAAAA-unscoped", "gAAAA-first"
"""The session's own token, and the one for the project that the page begins with."""
OTHER = {"projects": [{"id": "c" * 32, "name": "data", "domain_id": "default", "enabled": True}]}


class Keystone:
    """What Keystone says of tokens. ``roles``: those of today; ``is_in``: whether the session's own token holds."""

    def __init__(self, services: Services) -> None:
        self.roles: list[str] = ["member", "reader"]
        self.is_in = True
        self.is_up = True
        self.ended: set[str] = set()
        self.made = 0
        self.asked: list[str] = []
        services.answers["identity"] = self.answer

    def answer(self, request: Any, context: Any) -> Any:
        path = request.url.removeprefix("http://127.0.0.1:5000/v3").partition("?")[0]
        if not path.startswith("/auth/"):
            return None
        self.asked.append(f"{request.method} {path}")
        if not self.is_up:
            context.status_code = 503
            return {"error": {"message": "down"}}
        if path != "/auth/tokens":
            return {"/auth/projects": OTHER, "/auth/domains": {"domains": []}}.get(path, {"system": []})
        if request.method == "POST":
            if not self.roles or not self.is_in:
                context.status_code = 401
                return recorded("keystone/unauthorized")
            self.made += 1
            context.status_code = 201
            context.headers["X-Subject-Token"] = f"gAAAA-new-{self.made}"
            return self._token()
        token = request.headers["X-Subject-Token"]
        if not (self.is_in if token == OWN else self.roles and token not in self.ended):
            context.status_code = 404
            return recorded("keystone/unauthorized")
        return self._token() if request.method == "GET" else " "

    def _token(self) -> Any:
        body = copy.deepcopy(recorded("keystone/token"))
        body["token"]["roles"] = [{"id": name, "name": name} for name in self.roles]
        body["token"]["project"] = {"id": PROJECT_ID, "name": "web", "domain": {"id": "default", "name": "Default"}}
        return body


@pytest.fixture
def keystone(services: Services) -> Keystone:
    return Keystone(services)


@pytest.fixture
def browser(keystone: Keystone) -> Client:
    access = dataclasses.replace(access_of("member", "reader"), token=FIRST)
    own = dataclasses.replace(access, token=OWN, scope=Scope("unscoped", "", ""), roles=(), catalog=Catalog())
    held = sessions.start(own, scoped=access, scopes=(access.scope,), region="RegionOne", ip="127.0.0.1", agent="")
    found = Client()
    found.cookies[settings.SESSION_COOKIE_NAME] = held.cookie
    return found


def follow(browser: Client, *roles: str) -> Any:
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{at('keypairs/')}"}
    return browser.post(FOLLOW, {"roles": "\n".join(roles)}, headers=headers)


def shown(answer: Any, status: int = 200) -> Page:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def told(page: Page) -> list[str]:
    field = next(item for item in page.elements if item.attrs.get("name") == "roles")
    return field.attrs["value"].split()


def test_every_page_asks_with_the_roles_that_it_was_made_with(browser: Client) -> None:
    page = shown(browser.get(at("keypairs/")))
    element = page.by_id("roles-here")
    assert element is not None
    assert element.attrs["hx-post"] == FOLLOW
    assert told(page) == ["member", "reader"]


def test_while_the_roles_are_the_same_nothing_is_said_and_keystone_is_asked_once_for_all_pages(
    browser: Client, keystone: Keystone
) -> None:
    for _page in range(5):
        assert follow(browser, "member", "reader").status_code == 204
    assert keystone.asked == ["GET /auth/tokens"]


def test_a_new_role_brings_a_new_token_a_word_and_the_menu(browser: Client, keystone: Keystone) -> None:
    keystone.roles = ["admin", "manager", "member", "reader"]
    answer = follow(browser, "member", "reader")
    page = shown(answer)
    assert "You have now: admin." in page.text
    assert told(page) == keystone.roles
    menu = page.by_id("menu")
    assert menu is not None
    assert menu.attrs["hx-swap-oob"] == "true"
    active = next(link for link in page.links if link.get("aria-current") == "page")
    assert active["data-page"] == "keypairs"
    assert "roles" in [link.get("data-page") for link in page.links]
    assert json.loads(answer["HX-Trigger-After-Settle"]) == {"rolesChanged": {"role": "admin"}}
    assert follow(browser, *keystone.roles).status_code == 204
    assert "You have now: admin." in shown(follow(browser, "member", "reader")).text, "other open pages are told, too"
    assert keystone.made == 1


def test_the_last_role_that_goes_is_said_with_where_there_still_is_one(
    browser: Client, keystone: Keystone, services: Services
) -> None:
    keystone.roles = []
    page = shown(follow(browser, "member", "reader"))
    assert "You have no role in web any more." in page.text
    assert [item.attrs["value"] for item in page.elements if item.attrs.get("name") == "scope"] == [
        f"project:{'c' * 32}"
    ]
    assert follow(browser).status_code == 204, "said once"
    assert "no role in web" in shown(follow(browser, "member", "reader")).text, "each open page says it"
    services.calls.clear()
    whole = shown(browser.get(at("servers/")), 403)
    assert "You have no role in web any more" in whole.text
    assert not services.to("compute"), "nothing is asked with a token that is worth nothing"
    part = browser.get(at("servers/"), headers=HTMX)
    assert (part.status_code, part["HX-Reswap"]) == (403, "none")
    assert browser.get("/sessions/").status_code == 200, "still signed in"


def test_a_role_that_is_given_again_opens_the_pages_again(browser: Client, keystone: Keystone, store: Any) -> None:
    keystone.roles = []
    shown(follow(browser, "member", "reader"))
    keystone.roles = ["reader"]
    # A few seconds later.
    store.delete(*store.keys("look:*"), *store.keys("renew:*"))
    assert told(shown(browser.get(at("keypairs/")))) == ["reader"]


def refusing(services: Services, keystone: Keystone) -> None:
    """The network service knows that the first token has ended."""

    def answer(request: Any, context: Any) -> Any:
        if request.headers["X-Auth-Token"] != FIRST:
            return None
        context.status_code = 401
        return recorded("keystone/unauthorized")

    keystone.ended.add(FIRST)
    services.answers["network"] = answer


def test_a_page_whose_token_was_ended_goes_on_with_a_new_one(
    browser: Client, keystone: Keystone, services: Services
) -> None:
    refusing(services, keystone)
    keystone.roles = ["reader"]
    answer = browser.get(at("security-groups/?q=x"))
    assert (answer.status_code, answer["Location"]) == (302, at("security-groups/?q=x"))
    assert told(shown(browser.get(answer["Location"]))) == ["reader"]


def test_what_was_sent_with_an_ended_token_was_not_done_and_says_so(
    browser: Client, keystone: Keystone, services: Services
) -> None:
    refusing(services, keystone)
    answer = browser.post(at("security-groups/create/"), {"name": "x", "once": "a"}, headers=HTMX)
    assert answer.status_code == 409
    assert "so this was not done" in answer.content.decode()
    assert json.loads(answer["HX-Trigger"]) == {"rolesChanged": {"ask": True}}
    browser.post(at("security-groups/create/"), {"name": "x", "once": "a"}, headers=HTMX)
    assert len(services.changes) == 3, "refused, a new token, and the same form may be sent again"


def test_a_session_whose_own_token_has_ended_is_over(browser: Client, keystone: Keystone) -> None:
    keystone.roles, keystone.is_in = [], False
    answer = follow(browser, "member", "reader")
    assert answer.status_code == 401
    assert "signInAgain" in answer["HX-Trigger"]
    assert browser.get("/sessions/").status_code == 303


def test_while_keystone_is_away_nothing_is_said(browser: Client, keystone: Keystone) -> None:
    keystone.is_up = False
    assert follow(browser, "member", "reader").status_code == 204
    assert shown(browser.get(at("keypairs/")))
