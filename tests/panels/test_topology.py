"""The picture of a project's networks: what is drawn, what is folded, and how it follows changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud.topology import topology_of
from tests.harness.html import parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import PROJECT_ID, at, signed_in


def port(id: str, network: str, owner: str = "compute:nova", device: str = "", **more: Any) -> dict[str, Any]:
    fixed = [{"subnet_id": "s", "ip_address": f"10.0.0.{len(id)}"}]
    return {"id": id, "network_id": network, "device_owner": owner, "device_id": device, "fixed_ips": fixed, **more}


BODY: dict[str, Any] = {
    "networks": [
        {"id": "out", "name": "public", "router:external": True, "project_id": "admin"},
        {"id": "elsewhere", "name": "lab", "router:external": True, "project_id": "admin"},
        {"id": "a", "name": "back", "project_id": PROJECT_ID},
        {"id": "b", "name": "alone", "project_id": PROJECT_ID},
        {"id": "c", "name": "shared", "shared": True, "project_id": "admin"},
        {"id": "d", "name": "of-others", "shared": True, "project_id": "admin"},
    ],
    "subnets": [{"id": "s", "network_id": "a", "cidr": "10.0.0.0/24"}],
    "routers": [
        {
            "id": "r",
            "name": "edge",
            "external_gateway_info": {"network_id": "out", "external_fixed_ips": [{"ip_address": "203.0.113.9"}]},
        }
    ],
    "ports": [
        port("r-a", "a", "network:router_interface", "r"),
        port("dhcp", "a", "network:dhcp", "x"),
        port("web", "a", device="s1"),
        port("db", "c", device="s2"),
        port("spare", "a", ""),
    ],
    "floatingips": [{"id": "f", "floating_ip_address": "203.0.113.50", "port_id": "web"}],
}


def test_what_hangs_together_is_drawn_together() -> None:
    found = topology_of(BODY, {"s1": "web-1"}, PROJECT_ID)
    (router,) = found.routers
    assert (router.external_id, router.network_ids) == ("out", ("a",))
    assert [net.name for net in found.external] == ["lab", "public"]
    # The router's network first; others' networks only where something of ours is on them.
    assert [net.name for net in found.networks] == ["back", "alone", "shared"]
    back = found.networks[0]
    assert back.cidrs == ("10.0.0.0/24",)
    assert [(item.kind, item.name) for item in back.attached] == [("server", "web-1"), ("port", "spare")]
    assert back.attached[0].floating == ("203.0.113.50",)
    assert found.networks[2].attached[0].name == "s2", "a server that is not known is called by its id"


def test_an_odd_answer_draws_what_it_can() -> None:
    assert topology_of({}, {}, PROJECT_ID).is_empty
    odd = {name: [None, {}, {"id": None}, 7] for name in BODY}
    assert not topology_of(odd, {}, PROJECT_ID).routers[0].network_ids


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def serve(services: Services, body: dict[str, Any]) -> None:
    def answer(request: Any, context: Any) -> Any:
        name = request.url.partition("?")[0].rpartition("/")[2]
        return json.dumps({name: body[name]}) if name in body else None

    services.answers["network"] = answer


def test_the_page_has_the_picture_the_table_and_the_links(browser: Client, services: Services) -> None:
    serve(services, BODY)
    page = parsed(browser.get(at("topology/")).content.decode())
    assert page.by_id("node-r")
    assert page.by_id("node-r").attrs["data-links"].split() == ["out", "a"]  # type: ignore[union-attr]
    assert "back" in page.text_of_class("node-network")
    (table,) = page.all_of_class("topology-table")
    assert "203.0.113.50" in table.text
    assert "lab" in page.text_of_class("node-outside")


def test_many_things_on_one_network_are_folded_and_the_rest_left_to_the_list(
    browser: Client, services: Services
) -> None:
    many = [port(f"p{n:04}", "a", device=f"d{n:04}") for n in range(350)]
    serve(services, BODY | {"ports": many})
    answer = browser.get(at("topology/"))
    page = parsed(answer.content.decode())
    assert len(page.all_of_class("thing")) == 200
    assert "176 more" in page.text
    assert "150 that are not drawn" in page.text
    assert len(answer.content) < 1_000_000


def test_a_picture_of_hundreds_says_how_many_there_are_and_unfolds_each_network(
    browser: Client, services: Services
) -> None:
    nets = [{"id": f"n{n:02}", "name": f"net-{n:02}", "project_id": PROJECT_ID} for n in range(12)]
    things = [port(f"p{n:03}-{net['id']}", str(net["id"]), "") for net in nets for n in range(25)]
    serve(services, BODY | {"networks": [*BODY["networks"], *nets], "ports": things})
    page = parsed(browser.get(at("topology/")).content.decode())
    assert len(page.all_of_class("tally")) == 12
    assert "25 ports" in page.text
    assert "25 more" not in page.text
    folded = page.by_id("more-n03")
    assert folded is not None
    assert "open" not in folded.attrs
    assert len(page.all_of_class("thing")) == 300


def test_the_picture_is_sent_anew_only_when_it_changed(browser: Client, services: Services) -> None:
    serve(services, BODY)
    page = parsed(browser.get(at("topology/")).content.decode())
    at_rest()
    live = page.by_id("live")
    assert live is not None
    url = live.attrs["hx-get"]
    first = browser.get(url, headers={"HX-Request": "true"})
    assert first.status_code in {200, 204}
    fresh = parsed(first.content.decode()).by_id("live") or live
    assert browser.get(fresh.attrs["hx-get"], headers={"HX-Request": "true"}).status_code == 204
    changed = browser.get(at("topology/live/?mark=old"), headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert 'hx-swap-oob="true"' in changed.content.decode()


def test_a_neutron_that_fails_costs_the_picture_and_a_nova_that_fails_the_names(
    browser: Client, services: Services
) -> None:
    services.fail("network", status=503)
    page = parsed(browser.get(at("topology/")).content.decode())
    assert page.all_of_class("fault")
    assert browser.get(at("topology/live/?mark=x"), headers={"HX-Request": "true"}).status_code == 204
    serve(services, BODY)
    services.fail("compute", status=503)
    page = parsed(signed_in().get(at("topology/")).content.decode())
    assert page.by_id("node-a")
