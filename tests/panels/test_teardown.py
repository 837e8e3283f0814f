"""Taking a project down: the plan changes nothing, the name confirms, each thing has its result, and it can go on."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import requests
from django.test import Client

from dashboard.cloud import project_teardown
from dashboard.live import errands
from tests.harness.html import parsed
from tests.harness.services import COLLECTIONS, Services
from tests.harness.wire import access_of, at, signed_in

PROJECT = "c" * 32
PAGE = f"teardown/?project={PROJECT}"
SERVER, NETWORK, IMAGE = "5e", "4e", "1a"
HELD = {
    "/servers": [{"id": SERVER, "name": "web-1", "status": "ACTIVE"}],
    "/v2.0/networks": [{"id": NETWORK, "name": "back", "project_id": PROJECT}],
    "/v2.0/routers": [{"id": "70", "name": "out", "project_id": PROJECT}],
    "/v2.0/ports": [
        {"id": "9a", "device_id": "70", "device_owner": "network:router_interface", "project_id": PROJECT},
        {"id": "9b", "network_id": NETWORK, "project_id": "a" * 32, "device_owner": "compute:nova"},
    ],
    "/volumes": [{"id": "70", "name": "disk", "status": "in-use", "os-vol-tenant-attr:tenant_id": PROJECT}],
}


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are taken by the tests, one by one."""
    monkeypatch.setattr(errands, "soon", lambda id: None)


@pytest.fixture
def admin() -> Client:
    return signed_in(access_of("admin"))


@pytest.fixture
def held(services: Services) -> Services:
    """The recorded cloud where the project has a few things, which go when they are deleted."""
    for item in COLLECTIONS:
        if item.service != "identity":
            services.rows[item.place] = []
    services.rows |= {path: [dict(row) for row in rows] for path, rows in HELD.items()}

    def deleting(request: Any, context: Any) -> Any:
        if request.method != "DELETE":
            return None
        path, _slash, id = request.path.removeprefix("/v2.1").removeprefix("/v3").rpartition("/")
        services.rows[path] = [row for row in services.rows.get(path, []) if row["id"] != id]
        context.status_code = 204
        return " "

    for service in ("compute", "network", "block-storage"):
        services.answers[service] = deleting
    return services


def text_of(response: Any) -> str:
    return parsed(response.content.decode()).text


def confirmed(browser: Client, **more: str) -> Any:
    page = parsed(browser.get(at(PAGE)).content.decode())
    seen = next(item.attrs["value"] for item in page.elements if item.attrs.get("name") == "seen")
    return browser.post(at(PAGE), {"name": "data", "seen": seen, "is_deleted": "on", "once": "1" * 32} | more)


def begun(browser: Client, **more: str) -> str:
    response = confirmed(browser, **more)
    assert response.status_code in (302, 303), text_of(response)
    found = re.search(r"teardown/([0-9a-f]{32})/", response["Location"])
    assert found
    return found[1]


def to_the_end(id: str) -> None:
    for _step in range(30):
        if not errands.run(id):
            return
    raise AssertionError("It does not end.")


def changes(services: Services) -> list[str]:
    return [f"{call.method} {call.url.split('//')[1].partition('/')[2].split('?')[0]}" for call in services.changes]


def test_the_plan_shows_what_would_go_in_order_and_what_is_in_the_way_and_changes_nothing(
    held: Services, admin: Client
) -> None:
    text = text_of(admin.get(at(PAGE)))
    order = [text.index(word) for word in ("Disable the project", "Servers 1", "Routers 1", "Networks 1", "Volumes 1")]
    assert order == sorted(order)
    assert "1 port of another project is on the network back: the network will stay." in text
    assert "key pairs: those belong to people" in text
    assert not held.changes


@pytest.mark.parametrize("roles", [("member",), ("reader",), ("manager", "member")])
def test_others_than_administrators_are_refused(held: Services, roles: tuple[str, ...]) -> None:
    browser = signed_in(access_of(*roles))
    assert browser.get(at(PAGE)).status_code == 403
    assert browser.post(at(PAGE), {"name": "data"}).status_code == 403
    assert not held.changes


def test_the_project_that_one_works_in_is_not_taken_down(held: Services, admin: Client) -> None:
    text = text_of(admin.get(at(f"teardown/?project={'a' * 32}")))
    assert "it would lock you out" in text
    admin.post(at(f"teardown/?project={'a' * 32}"), {"name": "web"})
    assert not held.changes


def test_without_the_name_or_after_a_change_nothing_begins(held: Services, admin: Client) -> None:
    assert confirmed(admin, name="dat").status_code == 422
    assert "changed since you looked" in text_of(confirmed(admin, seen="another"))
    assert not held.changes


def test_it_goes_in_order_the_project_is_disabled_first_and_deleted_last(held: Services, admin: Client) -> None:
    id = begun(admin)
    assert not held.changes, "the workers do it"
    to_the_end(id)
    found = changes(held)
    assert found[0] == f"PATCH v3/projects/{PROJECT}"
    assert found[-1] == f"DELETE v3/projects/{PROJECT}"
    wanted = [
        f"DELETE v2.1/servers/{SERVER}",
        "PUT v2.0/routers/70/remove_router_interface",
        "DELETE v2.0/routers/70",
        f"DELETE v2.0/networks/{NETWORK}",
        "DELETE v3/volumes/70",
    ]
    assert [item for item in found if item in wanted] == wanted
    text = text_of(admin.get(at(f"teardown/{id}/")))
    assert "Done: all of it is gone." in text
    assert "4 of 4 are gone." in text
    part = admin.get(at(f"teardown/{id}/"), HTTP_HX_REQUEST="true").content.decode()
    assert "hx-trigger" not in part, "who looks need not ask again"


def test_the_project_stays_if_that_is_wanted(held: Services, admin: Client) -> None:
    to_the_end(begun(admin, is_deleted=""))
    assert f"DELETE v3/projects/{PROJECT}" not in changes(held)


def test_what_fails_is_told_the_rest_goes_on_and_it_is_tried_again(held: Services, admin: Client) -> None:
    goes = held.answers["network"]
    refused = {"is": True}

    def stays(request: Any, context: Any) -> Any:
        if refused["is"] and request.method == "DELETE" and "/networks/" in request.path:
            context.status_code = 409
            return {"NeutronError": {"type": "NetworkInUse", "message": "Unable to complete operation on network."}}
        return goes(request, context)

    held.answers["network"] = stays
    id = begun(admin)
    to_the_end(id)
    text = text_of(admin.get(at(f"teardown/{id}/")))
    assert "It is over, but not all of it is gone." in text
    assert "back still there Unable to complete operation on network." in text
    assert "DELETE v3/volumes/70" in changes(held)
    assert f"DELETE v3/projects/{PROJECT}" not in changes(held)
    refused["is"] = False
    held.calls.clear()
    response = admin.post(at(f"teardown/{id}/again/"))
    again = response["Location"].rstrip("/").rsplit("/", 1)[1]
    assert again != id
    to_the_end(again)
    assert "DELETE v3/volumes/70" not in changes(held), "what is gone is not touched again"
    assert changes(held)[-1] == f"DELETE v3/projects/{PROJECT}"


def test_nothing_is_deleted_while_the_project_can_not_be_disabled(held: Services, admin: Client) -> None:
    def refuses(request: Any, context: Any) -> Any:
        if request.method == "PATCH":
            context.status_code = 403
            return {"error": {"message": "You are not authorized."}}
        return None

    id = begun(admin)
    held.answers["identity"] = refuses
    to_the_end(id)
    assert changes(held) == [f"PATCH v3/projects/{PROJECT}"]
    assert "The project could not be disabled, so nothing was deleted" in text_of(admin.get(at(f"teardown/{id}/")))


def test_an_answer_that_is_lost_is_asked_for_again_and_does_no_harm(held: Services, admin: Client) -> None:
    goes = held.answers["compute"]
    lost = {"left": 2}

    def slow(request: Any, context: Any) -> Any:
        if request.method == "DELETE" and lost["left"]:
            lost["left"] -= 1
            raise requests.exceptions.ReadTimeout
        return goes(request, context)

    held.answers["compute"] = slow
    id = begun(admin)
    to_the_end(id)
    assert "Done: all of it is gone." in text_of(admin.get(at(f"teardown/{id}/")))


def test_what_came_while_the_rest_went_goes_too(held: Services, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    id = begun(admin)
    held.rows["/volumes"].append({"id": "71", "name": "late", "status": "available"})
    to_the_end(id)
    assert "DELETE v3/volumes/71" in changes(held)
    assert project_teardown.ROUNDS > 1


def test_a_teardown_sent_twice_begins_once(held: Services, admin: Client) -> None:
    page = parsed(admin.get(at(PAGE)).content.decode())
    seen = next(item.attrs["value"] for item in page.elements if item.attrs.get("name") == "seen")
    form = {"name": "data", "seen": seen, "once": "2" * 32}
    first, second = (admin.post(at(PAGE), form)["Location"] for _time in range(2))
    assert first == second


def test_what_other_regions_hold_is_not_seen_and_said(held: Services) -> None:
    access = access_of("admin")
    endpoint = next(iter(access.catalog.endpoints))
    other = dataclasses.replace(endpoint, region="RegionTwo")
    catalog = dataclasses.replace(access.catalog, endpoints=(*access.catalog.endpoints, other))
    browser = signed_in(dataclasses.replace(access, catalog=catalog))
    page = parsed(browser.get(at(PAGE)).content.decode())
    assert "Only this region is looked at." in page.text
    assert "RegionTwo" in page.text
    assert "checked" not in next(item.attrs for item in page.elements if item.attrs.get("name") == "is_deleted")
