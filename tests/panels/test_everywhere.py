"""One's own servers in all projects and regions: each place with its own age and error, and honest budgets."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest
from django.test import Client

from dashboard.auth import store
from dashboard.cloud.connection import Scope
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import PROJECT_ID, access_of, at, recorded, signed_in

OTHER = "d" * 32
HTMX = {"HX-Request": "true", "HX-Target": "list"}
ACTIVE = next(item for item in recorded("nova/server/list")["servers"] if item["status"] == "ACTIVE")


class Places:
    """Somebody with roles in several projects; Keystone gives a token for each but those that it refuses."""

    def __init__(self, services: Services, count: int = 2) -> None:
        self.services = services
        self.refused: set[str] = set()
        services.answers["identity"] = self.keystone
        self.browser: Client = signed_in()
        cookie = next(iter(self.browser.cookies.values())).value
        held = store.load(cookie)
        assert held is not None
        ids = [PROJECT_ID, *(f"{number:032x}" for number in range(1, count - 1)), OTHER][:count]
        held.keep_scopes(
            [Scope("project", row_id, "web" if row_id == PROJECT_ID else f"project {row_id[-2:]}") for row_id in ids]
        )

    def keystone(self, request: Any, context: Any) -> Any:
        if request.method != "POST":
            return None
        wanted = json.loads(request.body)["auth"]["scope"]["project"]["id"]
        if wanted in self.refused:
            context.status_code = 401
            return {"error": {"code": 401, "message": "No role."}}
        context.status_code = 201
        context.headers["X-Subject-Token"] = f"token-of-{wanted}"
        body = copy.deepcopy(recorded("keystone/token"))
        body["token"]["project"] = {"id": wanted, "name": "data", "domain": {"id": "default", "name": "Default"}}
        body["token"]["expires_at"] = "2099-01-01T00:00:00.000000Z"
        return body

    def get(self, query: str = "") -> Page:
        answer = self.browser.get(at("everywhere/") + query)
        assert answer.status_code == 200
        at_rest()
        return parsed(answer.content.decode())

    def open(self, query: str = "") -> Page:
        answer = self.browser.post(at("everywhere/open/"), {"query": query}, headers=HTMX)
        assert answer.status_code == 200
        return parsed(answer.content.decode())


@pytest.fixture
def places(services: Services) -> Places:
    return Places(services)


def test_a_get_fetches_no_token_and_says_what_is_not_open(places: Places) -> None:
    page = places.get()
    assert "1 place is not open yet in this session." in page.text
    assert "Switch there" in page.text
    assert places.services.to("identity") == []
    assert len(places.services.to("compute")) == 1


def test_opening_takes_one_token_for_each_place_and_keeps_it(places: Places) -> None:
    page = places.open()
    assert len(places.services.to("identity")) == 1
    assert len(places.services.to("compute")) == 2
    assert "not open yet" not in page.text
    hrefs = [link["href"] for link in page.links if link.get("class") == "row-name"]
    assert any(f"/p/{PROJECT_ID}/servers/" in href for href in hrefs)
    assert any(f"/p/{OTHER}/servers/" in href for href in hrefs)
    places.services.calls.clear()
    places.get()
    assert places.services.to("identity") == []


def test_each_place_has_its_own_age_and_error(places: Places) -> None:
    places.open()

    def answer(request: Any, context: Any) -> Any:
        if request.headers.get("X-Auth-Token") == f"token-of-{OTHER}":
            context.status_code = 500
            return {"computeFault": {"code": 500, "message": "Broken."}}
        return None

    places.services.answers["compute"] = answer
    page = places.get()
    assert len(page.all_of_class("fault")) == 1
    assert ACTIVE["name"] in page.text
    assert len(page.all_of_class("as-of")) == 1


def test_a_place_that_gives_no_token_says_why_and_is_not_asked_for_again_by_itself(places: Places) -> None:
    places.refused.add(OTHER)
    page = places.open()
    assert len(page.all_of_class("fault")) == 1
    form = next(item for item in page.elements if item.tag == "form" and item.attrs.get("hx-post"))
    assert "load" not in form.attrs.get("hx-trigger", "")


def test_the_filter_holds_for_all_places(places: Places) -> None:
    places.open()
    page = places.get("?q=status:ERROR")
    assert ACTIVE["name"] not in page.text_of_class("row-name")
    assert len(page.all_of_class("row-name")) == 2
    page = places.get("?q=no-such-server")
    assert page.text.count("Nothing matches here.") + page.text.count("Not all was looked through") >= 1
    assert "No filter is called “foo”." in places.get("?q=foo:bar").text


def test_no_more_than_twelve_places_are_read_at_a_time(services: Services) -> None:
    places = Places(services, count=30)
    page = places.open()
    assert len(services.to("identity")) == 11
    assert len(services.to("compute")) == 12
    assert "Places 1 to 12 of 30" in page.text
    assert "At most 12 are read at a time" in page.text
    services.calls.clear()
    page = places.get("?page=3")
    assert "Places 25 to 30 of 30" in page.text
    assert services.to("compute") == []


def test_what_somebody_looks_at_already_costs_no_request(places: Places) -> None:
    for _ in range(2):
        places.browser.get(at("servers/"))
        at_rest()
    places.services.calls.clear()
    places.get()
    assert places.services.to("compute") == []


def test_without_javascript_opening_leads_back_to_the_page(places: Places) -> None:
    answer = places.browser.post(at("everywhere/open/"), {"query": "q=web"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == at("everywhere/?q=web")


def test_a_token_that_has_run_out_is_not_used(services: Services) -> None:
    places = Places(services)
    cookie = next(iter(places.browser.cookies.values())).value
    held = store.load(cookie)
    assert held is not None
    old = dataclasses.replace(access_of(), scope=Scope("project", OTHER, "data"), expires_at=held.created_at)
    held.add(old)
    assert "1 place is not open yet" in places.get().text
