"""The pages that make a network with internet in one step, and that clean up what nobody uses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in

HERE = "connected-network/"
ONCE = "0" * 32


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def serve(services: Services, fails: str = "", status: int = 409, keeps: str = "") -> None:
    """A Neutron with one external network, that refuses what ``fails`` names and won't delete what ``keeps`` does."""
    lists: dict[str, Any] = {
        "networks": [{"id": "ext", "name": "public"}],
        "routers": [{"id": "r0", "name": "edge", "external_gateway_info": {"network_id": "ext"}}],
        "subnets": [{"cidr": "192.168.1.0/24"}, {"cidr": "fd00::/64"}],
    }

    def answer(request: Any, context: Any) -> Any:
        path = request.url.partition("?")[0].partition("/v2.0/")[2]
        what = path.split("/")[0]
        if request.method == "GET":
            return json.dumps({what: lists[what]}) if what in lists else None
        is_refused = bool(fails) and fails in path and request.method != "DELETE"
        is_kept = bool(keeps) and keeps in path and request.method == "DELETE"
        context.status_code = (status if is_refused else 409) if is_refused or is_kept else 201
        if is_refused or is_kept:
            return json.dumps({"NeutronError": {"type": "Conflict", "message": "It overlaps another subnet."}})
        if request.method == "DELETE":
            context.status_code = 204
            return " "
        return json.dumps({what.removesuffix("s"): {"id": f"made-{what}"}})

    services.answers["network"] = answer


def data(**more: str) -> dict[str, str]:
    given = {"name": "lab", "cidr": "192.168.7.0/24", "router": "new", "external": "ext", "dns": "192.0.2.1, 192.0.2.2"}
    return {**given, "once": ONCE, **more}


def changes(services: Services) -> list[str]:
    return [f"{call.method} {call.url.partition('/v2.0/')[2]}" for call in services.changes]


def test_a_free_range_and_the_router_that_is_there_are_proposed(browser: Client, services: Services) -> None:
    serve(services)
    page = parsed(browser.get(at(HERE)).content.decode())
    (cidr,) = [item for item in page.elements if item.attrs.get("name") == "cidr"]
    assert cidr.attrs["value"] == "192.168.2.0/24"
    assert "edge" in page.text
    assert "a new router" in page.text


def test_a_preview_names_every_part_and_makes_none(browser: Client, services: Services) -> None:
    serve(services)
    page = parsed(browser.post(at(HERE), data(preview="1")).content.decode())
    preview = page.text_of_class("preview")
    for part in ("the network lab", "192.168.7.0/24", "its gateway on public", "an interface of the router lab"):
        assert part in preview
    assert not services.changes


def test_it_is_made_once_however_often_it_is_sent(browser: Client, services: Services) -> None:
    serve(services)
    first = browser.post(at(HERE), data())
    assert first.status_code == 302
    assert first["Location"].endswith("/topology/")
    assert changes(services) == [
        "POST networks",
        "POST subnets",
        "POST routers",
        "PUT routers/made-routers/add_router_interface",
    ]
    assert browser.post(at(HERE), data())["Location"] == first["Location"]
    assert len(services.changes) == 4


def test_a_part_that_fails_takes_back_the_others_and_keeps_what_was_typed(browser: Client, services: Services) -> None:
    serve(services, fails="add_router_interface")
    answer = browser.post(at(HERE), data())
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    assert "The interface could not be made" in page.text
    assert "It overlaps another subnet." in page.text
    assert "What was made before it was taken back." in page.text
    assert any(item.attrs.get("value") == "lab" for item in page.elements)
    assert changes(services)[4:] == [
        "DELETE routers/made-routers",
        "DELETE subnets/made-subnets",
        "DELETE networks/made-networks",
    ]


def test_what_can_not_be_taken_back_is_named(browser: Client, services: Services) -> None:
    serve(services, fails="add_router_interface", keeps="networks/")
    page = parsed(browser.post(at(HERE), data()).content.decode())
    assert "could not be taken back: network made-networks." in page.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cidr", "nonsense", "no range of addresses"),
        ("cidr", "192.168.1.128/25", "It overlaps 192.168.1.0/24"),
        ("dns", "dns.example.org", "“dns.example.org” is no address."),
        ("external", "", "A new router needs one."),
        ("router", "of-others", "Select a valid choice"),
    ],
)
def test_what_can_not_work_is_said_at_its_field_before_anything_is_made(
    field: str, value: str, said: str, browser: Client, services: Services
) -> None:
    serve(services)
    answer = browser.post(at(HERE), data(**{field: value}))
    assert answer.status_code == 422
    assert said in parsed(answer.content.decode()).text
    assert not services.changes


def test_a_reader_makes_and_deletes_nothing(services: Services) -> None:
    serve(services)
    reader = signed_in(access_of("reader"))
    assert reader.get(at(HERE)).status_code == 200
    assert reader.post(at(HERE), data()).status_code == 403
    assert reader.post(at("left-overs/delete/"), {"item": "port:p", "sure": "1"}).status_code == 403
    assert not services.changes


def left_overs(services: Services, keeps: str = "") -> None:
    lists: dict[str, Any] = {
        "floatingips": [
            {"id": "f1", "floating_ip_address": "203.0.113.4"},
            {"id": "f2", "floating_ip_address": "203.0.113.5", "port_id": "p1"},
        ],
        "ports": [
            {
                "id": "p1",
                "network_id": "n1",
                "device_id": "s",
                "device_owner": "compute:nova",
                "security_groups": ["g1"],
            },
            {"id": "p2", "network_id": "n3", "device_owner": "", "fixed_ips": [{"ip_address": "10.0.0.9"}]},
            {"id": "p3", "network_id": "n2", "device_id": "d", "device_owner": "network:dhcp"},
            {"id": "p4", "network_id": "n1", "device_id": "r1", "device_owner": "network:router_interface"},
        ],
        "routers": [{"id": "r1", "name": "used"}, {"id": "r2", "name": "idle-router"}],
        "networks": [
            {"id": "n1", "name": "used-net"},
            {"id": "n2", "name": "idle-net"},
            {"id": "n3", "name": "port-net"},
            {"id": "n4", "name": "shared-net", "shared": True},
        ],
        "security-groups": [
            {"id": "g1", "name": "used-group"},
            {"id": "g2", "name": "idle-group"},
            {"id": "g3", "name": "default"},
            {"id": "g4", "name": "named-group"},
        ],
        "subnets": [{"id": "s2", "network_id": "n2", "cidr": "10.2.0.0/24"}],
        "security-group-rules": [{"id": "x", "security_group_id": "g1", "remote_group_id": "g4"}],
    }

    def answer(request: Any, context: Any) -> Any:
        path = request.url.partition("?")[0].partition("/v2.0/")[2]
        if request.method == "GET":
            return json.dumps({path.replace("-", "_"): lists[path]}) if path in lists else None
        is_kept = bool(keeps) and keeps in path
        context.status_code = 409 if is_kept else 204
        return json.dumps({"NeutronError": {"type": "InUse", "message": "It is in use."}}) if is_kept else " "

    services.answers["network"] = answer


def test_what_nobody_uses_is_listed_by_kind_and_nothing_else(browser: Client, services: Services) -> None:
    left_overs(services)
    page = parsed(browser.get(at("left-overs/")).content.decode())
    ticks = {item.attrs["value"] for item in page.elements if item.attrs.get("name") == "item"}
    assert ticks == {"floating-ip:f1", "port:p2", "router:r2", "network:n2", "security-group:g2"}
    assert "10.2.0.0/24" in page.text_of_class("left-overs")


def test_a_clean_up_says_what_will_go_and_then_what_went(browser: Client, services: Services) -> None:
    left_overs(services, keeps="networks/n2")
    ticked = ["network:n2", "floating-ip:f1", "port:p1", "port:gone"]
    sure = browser.post(at("left-overs/delete/"), {"item": ticked})
    page = parsed(sure.content.decode())
    assert "These 2 will be deleted" in page.text
    assert "2 are in use again and stay" in page.text
    assert not services.changes
    done = parsed(browser.post(at("left-overs/delete/"), {"item": ticked, "sure": "1"}).content.decode())
    assert changes(services) == ["DELETE floatingips/f1", "DELETE networks/n2"]
    assert "Done for 1 of 2." in done.text
    assert "It is in use." in done.text_of_class("is-failed")


def test_an_empty_list_says_that_all_is_in_use_and_a_failure_which_service(browser: Client, services: Services) -> None:
    services.answers["network"] = lambda request, context: json.dumps(
        {request.url.partition("?")[0].partition("/v2.0/")[2].replace("-", "_"): []}
    )
    assert "Nothing is left over" in parsed(browser.get(at("left-overs/")).content.decode()).text
    services.fail("network", status=503)
    for url in ("left-overs/", HERE):
        assert parsed(browser.get(at(url)).content.decode()).all_of_class("fault")
