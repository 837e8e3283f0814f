"""The catalog's pages: what is refused before it cuts anybody off, and what is tried before it is kept."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client

import dashboard
from dashboard.cloud.catalog import Catalog
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import KEYSTONE, access_of, at, recorded, signed_in

HTMX = {"HX-Request": "true"}
ENDPOINTS = recorded("keystone/catalog_endpoints")["endpoints"]
SERVICES = {item["type"]: item["id"] for item in recorded("keystone/catalog_services")["services"]}


def endpoint(kind: str, interface: str = "public") -> str:
    """The id of a recorded endpoint."""
    return next(
        item["id"] for item in ENDPOINTS if (item["service_id"], item["interface"]) == (SERVICES[kind], interface)
    )


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in(access_of("admin"))


def page(browser: Client, path: str) -> Page:
    answer = browser.get(at(path))
    at_rest()
    assert answer.status_code == 200, answer.content.decode()[:500]
    return parsed(answer.content.decode())


def sent(services: Services) -> list[tuple[str, str, Any]]:
    return [
        (call.method, call.url.removeprefix(KEYSTONE), json.loads(call.body or b"null")) for call in services.changes
    ]


def errors(answer: Any) -> str:
    assert answer.status_code == 422, answer.content.decode()[:300]
    return parsed(answer.content.decode()).text


def version_documents(services: Services, **by_port: Any) -> None:
    """What endpoints answer when they are asked for their versions; an exception for who is not there."""

    def answer(request: Any, context: Any) -> Any:
        if "X-Auth-Token" in request.headers:
            return None
        port = str(request._request.url.split("/")[2].partition(":")[2])
        found = by_port.get(f"p{port}", by_port.get("rest"))
        if isinstance(found, Exception):
            raise found
        return found

    services.answers[""] = answer


KEYSTONE_SAYS = {
    "version": {
        "id": "v3.14",
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }
}
NOVA_SAYS = {"version": {"id": "v2.1", "version": "2.104", "min_version": "2.1", "status": "CURRENT"}}


# The last way to Keystone


@pytest.mark.parametrize("action", ["disable", "delete"])
@pytest.mark.parametrize("panel", ["endpoints", "services"])
def test_the_last_way_to_keystone_is_neither_disabled_nor_deleted(
    panel: str, action: str, browser: Client, services: Services
) -> None:
    row = endpoint("identity") if panel == "endpoints" else SERVICES["identity"]
    dialog = page(browser, f"{panel}/act/{action}/?id={row}")
    assert "only enabled public endpoint of Keystone" in dialog.text
    browser.post(at(f"{panel}/act/{action}/"), {"id": row}, headers=HTMX)
    assert not services.changes


def test_a_second_way_to_keystone_lets_the_first_go_but_not_both(browser: Client, services: Services) -> None:
    first = next(item for item in services.rows["/endpoints"] if item["id"] == endpoint("identity"))
    second = {**first, "id": "e" * 32, "url": "http://127.0.0.1:5001/v3"}
    services.rows["/endpoints"] = [*services.rows["/endpoints"], second]

    def gone(request: Any, context: Any) -> Any:
        if request.method == "DELETE":
            services.rows["/endpoints"] = [
                row for row in services.rows["/endpoints"] if row["id"] != request.url.rpartition("/")[2]
            ]
        return None

    services.answers["identity"] = gone
    answer = browser.post(at("endpoints/act/delete/"), {"id": [first["id"], second["id"]]}, headers=HTMX)
    assert answer.status_code == 200
    assert len([item for item in sent(services) if item[0] == "DELETE"]) == 1
    assert "only enabled public endpoint of Keystone" in parsed(answer.content.decode()).text


def test_the_last_way_to_keystone_is_not_hidden_by_an_edit(browser: Client, services: Services) -> None:
    row = next(item for item in ENDPOINTS if item["id"] == endpoint("identity"))
    given = {"id": row["id"], "url": row["url"], "interface": "public", "region_id": "RegionOne", "is_enabled": "on"}
    url = at("endpoints/act/edit/")
    for wrong in ({"interface": "internal"}, {"is_enabled": ""}):
        told = errors(browser.post(url, {**given, **wrong, "is_untried": "on"}, headers=HTMX))
        assert "only enabled public endpoint of Keystone" in told
    service = {"id": SERVICES["identity"], "type": "identity", "title": "keystone", "is_enabled": "on"}
    for wrong in ({"type": "identidy"}, {"is_enabled": ""}):
        told = errors(browser.post(at("services/act/edit/"), {**service, **wrong}, headers=HTMX))
        assert "only enabled public endpoint of Keystone" in told
    assert not services.changes


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (NOVA_SAYS, "no Keystone of version 3"),
        (requests.ConnectionError("refused"), "is the service running"),
        ("<html>", "no service of OpenStack"),
    ],
    ids=["another service", "nobody", "HTML"],
)
def test_keystone_moves_only_to_where_a_keystone_answers(
    says: Any, why: str, browser: Client, services: Services
) -> None:
    given = {"id": endpoint("identity"), "interface": "public", "region_id": "RegionOne", "is_enabled": "on"}
    url = at("endpoints/act/edit/")
    version_documents(services, p5001=says)
    for tick in ("", "on"):
        moved = {**given, "url": "http://127.0.0.1:5001/v3", "is_untried": tick}
        assert why in errors(browser.post(url, moved, headers=HTMX))
    assert not services.changes
    version_documents(services, p5001=KEYSTONE_SAYS)
    assert browser.post(url, {**given, "url": "http://127.0.0.1:5001/v3/"}, headers=HTMX).status_code == 200
    ((method, path, body),) = sent(services)
    assert (method, path) == ("PATCH", f"/endpoints/{endpoint('identity')}")
    assert body == {"endpoint": {"url": "http://127.0.0.1:5001/v3"}}, "without the slash, and nothing else"


# What is tried before it is kept


def test_an_address_that_does_not_answer_is_kept_only_when_that_is_ticked(browser: Client, services: Services) -> None:
    given = {"id": endpoint("compute"), "interface": "public", "region_id": "RegionOne", "is_enabled": "on"}
    given["url"] = "https://127.0.0.1:8775/v2.1"
    url = at("endpoints/act/edit/")
    version_documents(services, p8775=requests.exceptions.SSLError("wrong version"))
    assert "Tick the box" in errors(browser.post(url, given, headers=HTMX))
    assert not services.changes
    assert browser.post(url, {**given, "is_untried": "on"}, headers=HTMX).status_code == 200
    assert [item[0] for item in sent(services)] == ["PATCH"]


def test_a_wrong_scheme_is_told_with_the_right_one(browser: Client, services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if "X-Auth-Token" in request.headers:
            return None
        if request._request.url.startswith("https:"):
            raise requests.exceptions.SSLError("wrong version number")
        return NOVA_SAYS

    services.answers[""] = answer
    given = {"id": endpoint("compute"), "interface": "public", "region_id": "RegionOne", "is_enabled": "on"}
    told = errors(
        browser.post(at("endpoints/act/edit/"), {**given, "url": "https://127.0.0.1:8775/v2.1"}, headers=HTMX)
    )
    assert "is the scheme wrong" in told
    assert "With http:// it answers." in told


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:8774/$(volume_id)s", "no “volume_id”"),
        ("http://127.0.0.1:8774/$(project_id)", "not whole"),
        ("127.0.0.1:8774", "begins with http://"),
        ("http://a:b@127.0.0.1:8774", "no user name and password"),
        ("http://169.254.169.254/", "one machine alone"),
    ],
)
def test_what_can_be_no_address_is_refused_before_anybody_is_asked(
    url: str, why: str, browser: Client, services: Services
) -> None:
    given = {"id": endpoint("compute"), "interface": "public", "region_id": "RegionOne", "is_enabled": "on"}
    services.calls.clear()
    told = errors(browser.post(at("endpoints/act/edit/"), {**given, "url": url, "is_untried": "on"}, headers=HTMX))
    assert why in told
    assert all(call.url.startswith(KEYSTONE) for call in services.calls)
    assert not services.changes


def test_a_host_that_the_operator_did_not_name_is_never_called(browser: Client, services: Services) -> None:
    given = {"id": endpoint("compute"), "interface": "public", "region_id": "RegionOne", "is_enabled": "on"}
    given["url"] = "http://10.0.0.7:8774/v2.1"
    url = at("endpoints/act/edit/")
    assert "OS_ENDPOINT_HOSTS" in errors(browser.post(url, given, headers=HTMX))
    assert not [call for call in services.calls if "10.0.0.7" in call.url]
    assert browser.post(url, {**given, "is_untried": "on"}, headers=HTMX).status_code == 200
    at_rest()
    assert not [call for call in services.calls if "10.0.0.7" in call.url], "its health is not asked for either"


def test_a_second_endpoint_in_one_place_has_to_be_meant(browser: Client, services: Services) -> None:
    version_documents(services, rest=NOVA_SAYS)
    given = {"service_id": SERVICES["compute"], "url": "http://127.0.0.1:8774/v2.1", "is_enabled": "on"}
    given |= {"interface": "public", "region_id": "RegionOne"}
    assert "clients would take either" in errors(browser.post(at("endpoints/create/"), given, headers=HTMX))
    browser.post(at("endpoints/create/"), {**given, "region_id": "RegionTwo"}, headers=HTMX)
    ((method, path, body),) = sent(services)
    assert (method, path, body["endpoint"]["region_id"]) == ("POST", "/endpoints", "RegionTwo")


# Making


NEW = {"type": "x-backup", "title": "vault", "is_enabled": "on", "region_id": "RegionOne", "is_same": "on"}


def test_a_service_is_made_together_with_its_endpoints(browser: Client, services: Services) -> None:
    version_documents(services, rest=NOVA_SAYS)
    services.answers["identity"] = lambda request, context: (
        {"service": {**json.loads(request.body)["service"], "id": "5" * 32}}
        if request.method == "POST" and request.url.endswith("/services")
        else None
    )
    given = {**NEW, "public": "http://127.0.0.1:8999/v1/", "admin": "http://127.0.0.1:8998/v1"}
    assert browser.post(at("services/create/"), given, headers=HTMX).status_code in {200, 204}
    made = sent(services)
    assert made[0] == ("POST", "/services", {"service": {"type": "x-backup", "name": "vault", "enabled": True}})
    assert [(body["endpoint"]["interface"], body["endpoint"]["url"]) for _m, _p, body in made[1:]] == [
        ("public", "http://127.0.0.1:8999/v1"),
        ("internal", "http://127.0.0.1:8999/v1"),
        ("admin", "http://127.0.0.1:8998/v1"),
    ]
    assert {body["endpoint"]["service_id"] for _m, _p, body in made[1:]} == {"5" * 32}


def test_a_service_whose_endpoint_is_refused_does_not_stay_alone(browser: Client, services: Services) -> None:
    version_documents(services, rest=NOVA_SAYS)

    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST" and request.url.endswith("/services"):
            return {"service": {"id": "5" * 32, "type": "x-backup", "name": "vault"}}
        if request.method == "POST" and "internal" in (request.text or ""):
            context.status_code = 400
            return {"error": {"message": "Invalid input for url"}}
        return None

    services.answers["identity"] = answer
    told = errors(browser.post(at("services/create/"), {**NEW, "public": "http://127.0.0.1:8999/v1"}, headers=HTMX))
    assert "Invalid input" in told
    assert [(method, path) for method, path, _body in sent(services)] == [
        ("POST", "/services"),
        ("POST", "/endpoints"),
        ("POST", "/endpoints"),
        ("DELETE", f"/services/{'5' * 32}"),
    ]


def test_regions_stand_in_a_tree_and_none_goes_under_a_part_of_itself(browser: Client, services: Services) -> None:
    third = {"id": "Alpha", "description": "", "parent_region_id": "RegionTwo"}
    services.rows["/regions"] = [third, *services.rows["/regions"]]
    shown = page(browser, "regions/").elements
    rows = [item.attrs["id"] for item in shown if item.tag == "tr" and item.attrs.get("id", "").startswith("row-")]
    assert rows == ["row-RegionOne", "row-RegionTwo", "row-Alpha"]
    dialog = page(browser, "regions/act/edit/?id=RegionTwo")
    offered = {item.attrs.get("value") for item in dialog.elements if item.tag == "option"}
    assert "RegionOne" in offered
    assert not {"RegionTwo", "Alpha"} & offered
    assert "Other regions are part of it" in page(browser, "regions/act/delete/?id=RegionTwo").text
    assert "There are endpoints in it" in page(browser, "regions/act/delete/?id=RegionOne").text
    browser.post(at("regions/act/delete/"), {"id": "Alpha"}, headers=HTMX)
    assert [(method, path) for method, path, _body in sent(services)] == [("DELETE", "/regions/Alpha")]


# Health


def test_the_list_says_what_each_endpoint_answered_and_which_is_used_here(browser: Client, services: Services) -> None:
    version_documents(
        services, p8774=NOVA_SAYS, p9696=requests.ConnectionError("x"), p5000=KEYSTONE_SAYS, rest="<html>"
    )
    assert "Never checked" in page(browser, "endpoints/").text
    found = page(browser, "endpoints/")
    nova = found.by_id(f"row-{endpoint('compute')}").text
    assert "Answers" in nova
    assert "2.1 – 2.104" in nova
    assert "used here" in nova
    assert "used here" not in found.by_id(f"row-{endpoint('compute', 'internal')}").text
    assert "Refused" in found.by_id(f"row-{endpoint('network')}").text
    assert "No version" in found.by_id(f"row-{endpoint('placement')}").text
    detail = page(browser, f"endpoints/{endpoint('compute')}/?tab=health")
    assert "2.96 of at most 2.104" in detail.text
    refused = page(browser, f"endpoints/{endpoint('network')}/?tab=health")
    assert "is the service running" in refused.text


def test_a_page_that_stays_open_asks_for_marks_and_is_given_what_changed(browser: Client, services: Services) -> None:
    version_documents(services, rest=NOVA_SAYS)
    first = page(browser, "endpoints/")
    (again,) = [item for item in first.elements if item.attrs.get("id") == "health-again"]
    assert again.attrs["data-again"] == "2000"
    url = again.attrs["hx-get"]
    assert "127.0.0.1" not in url, "no address"
    services.calls.clear()
    answer = browser.get(url, headers=HTMX).content.decode()
    assert 'data-again="20000"' in answer
    assert re.findall(r'hx-swap-oob="outerHTML:\.health-[0-9a-f]{16}"', answer)
    assert not [call for call in services.calls if call.url.startswith(KEYSTONE)], "Keystone is not asked for that"
    assert browser.get(at("endpoints/health/?m=http://169.254.169.254/&m=..")).status_code == 200


def test_members_see_the_health_of_what_their_token_names(services: Services) -> None:
    version_documents(services, rest=NOVA_SAYS)
    member = signed_in(access_of("member"))
    assert "Never checked" in page(member, "api-access/").text
    services.calls.clear()
    shown = page(member, "api-access/")
    assert "Answers" in shown.text
    assert not services.calls, "the answers of a minute ago are shown"
    for path in ("services/", "endpoints/", "regions/"):
        assert not [link for link in shown.links if link["href"] == at(path)]
        assert member.post(at(f"{path}act/delete/"), {"id": "a" * 32}, headers=HTMX).status_code == 403


# System information


def test_a_service_that_fails_costs_its_own_box(browser: Client, services: Services) -> None:
    services.fail("block-storage", status=503, text={"message": "x"})
    shown = page(browser, "system-info/")
    (fault,) = shown.all_of_class("fault")
    assert "Cinder" in fault.text
    assert "nova-compute" in shown.text
    assert "Network agents" in shown.text
    assert f"{dashboard.__version__}" in shown.text
    assert "No worker: pages poll by themselves" in shown.text
    links = {link["href"] for link in shown.links}
    assert {at("storage-services/"), at("network-agents/"), at("compute-services/")} <= links


def test_system_information_is_for_administrators(services: Services) -> None:
    member = signed_in(access_of("member"))
    assert member.get(at("system-info/")).status_code == 403
    assert not services.calls


def test_the_version_shown_is_the_projects() -> None:
    told = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
    assert told["project"]["version"] == dashboard.__version__


# The switcher


def test_where_there_are_several_regions_the_switcher_has_them(services: Services) -> None:
    access = access_of("member")
    nova = access.catalog.endpoints[0]
    url = f"/scopes/?next={at('servers/')}"
    one = parsed(signed_in(access).get(url, headers=HTMX).content.decode())
    assert not [item for item in one.elements if item.attrs.get("id") == "scopes-regions"]
    both = dataclasses.replace(
        access, catalog=Catalog((*access.catalog.endpoints, dataclasses.replace(nova, region="RegionTwo")))
    )
    browser = signed_in(both)
    shown = parsed(browser.get(url, headers=HTMX).content.decode())
    offered = {item.attrs["value"]: item for item in shown.elements if item.attrs.get("name") == "region"}
    assert offered["RegionTwo"].tag == "button"
    answer = browser.post("/switch/", {"scope": access.scope.key, "region": "RegionTwo", "next": at("servers/")})
    assert answer.status_code == 303
    assert answer["Location"] == at("servers/", region="RegionTwo")
