"""The page that says whether one thing reaches another, and what it says when it can't."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from dashboard.cloud.reach import Wanted, best_way
from dashboard.cloud.reach_facts import Floating, Place, PortAt, Reachable, RouterAt, SubnetAt
from dashboard.cloud.security_groups import Rule, SecurityGroup
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in

OUT = Rule("out", "egress")
SSH = Wanted("tcp", 22)


def group(*rules: Rule, **more: Any) -> SecurityGroup:
    return SecurityGroup("g", "web", rules=(OUT, *rules), **more)


def port(name: str, subnet: str, address: str, **more: Any) -> PortAt:
    return PortAt(
        name, name, f"net-{subnet}", f"server-{name}", "compute:nova", (Place(subnet, address),), ("g",), **more
    )


def facts(*rules: Rule, target_subnet: str = "b", **more: Any) -> Reachable:
    router = RouterAt("r", "edge", True, "ext", "203.0.113.9", True)
    interfaces = tuple(
        PortAt(f"i{name}", "", f"net-{name}", "r", "network:router_interface", (Place(name, f"10.0.{n}.1"),))
        for n, name in enumerate("ab")
    )
    given: dict[str, Any] = {
        "sources": (port("one", "a", "10.0.0.5"),),
        "targets": (port("two", target_subnet, "10.0.1.5"),),
        "subnets": {name: SubnetAt(name, f"10.0.{n}.0/24", f"10.0.{n}.1") for n, name in enumerate("ab")},
        "routers": {"r": router},
        "interfaces": interfaces,
        "groups": {"g": group(*rules)},
        "own_networks": frozenset({"net-a", "net-b"}),
    }
    return Reachable(**(given | more))


def stops(found: Reachable, wanted: Wanted = SSH) -> list[str]:
    return [step.code for step in best_way(found, wanted).steps if step.is_ok is False]


@pytest.mark.parametrize(
    ("rule", "wanted", "is_open"),
    [
        (Rule("r", "ingress", "IPv4", "tcp", 22, 22), SSH, True),
        (Rule("r", "ingress", "IPv4", "tcp", 1, 65535), Wanted("tcp", 0), True),
        (Rule("r", "ingress", "IPv4", "tcp", 22, 22), Wanted("tcp", 0), False),
        (Rule("r", "ingress", "IPv4", "tcp", 20, 30, "10.0.0.0/24"), SSH, True),
        (Rule("r", "ingress", "IPv4", "tcp", 22, 22, "10.0.9.0/24"), SSH, False),
        (Rule("r", "ingress", "IPv6", "tcp", 22, 22), SSH, False),
        (Rule("r", "ingress", "IPv4", "tcp", 22, 22, "", "g"), SSH, True),
        (Rule("r", "ingress", "IPv4", "tcp", 22, 22, "", "others"), SSH, False),
        (Rule("r", "ingress", "IPv4", "tcp", 22, 22, "", "", "known"), SSH, True),
        (Rule("r", "ingress", "IPv4", "tcp", 22, 22, "", "", "unknown"), SSH, False),
        (Rule("r", "ingress", "IPv4", "icmp"), Wanted("icmp"), True),
        (Rule("r", "ingress", "IPv4", "icmp", 3, 4), Wanted("icmp"), False),
        (Rule("r", "ingress", "IPv4"), Wanted(""), True),
        (Rule("r", "ingress", "IPv4", "tcp"), Wanted(""), False),
        (Rule("r", "egress", "IPv4", "tcp", 22, 22), SSH, False),
    ],
)
def test_a_rule_lets_in_what_it_names_and_nothing_else(rule: Rule, wanted: Wanted, is_open: bool) -> None:
    found = facts(rule, address_groups={"known": ("10.0.0.0/16",)})
    assert best_way(found, wanted).is_open is is_open


def test_each_lack_on_the_way_is_named() -> None:
    let = Rule("r", "ingress")
    assert stops(facts(let)) == []
    assert stops(facts(let, subnets={**facts().subnets, "a": SubnetAt("a", "10.0.0.0/24")})) == ["no-gateway"]
    assert stops(facts(let, interfaces=())) == ["no-router"]
    assert stops(facts(let, interfaces=facts().interfaces[:1])) == ["no-interface"]
    assert stops(facts(let, routers={"r": RouterAt("r", "edge", False)})) == ["router-down"]
    assert stops(facts(let, targets=(port("two", "b", "10.0.1.5", is_up=False),))) == ["off"]
    assert not best_way(facts(let, targets=(port("two", "b", "10.0.1.5", status="DOWN"),)), SSH).is_certain
    assert stops(facts(let, targets=())) == [], "with translation it goes out"
    assert stops(facts(let, targets=(), routers={"r": RouterAt("r", "edge")})) == ["no-external"]
    assert stops(facts(let, targets=(), routers={"r": RouterAt("r", "edge", True, "ext")})) == ["no-snat"]
    assert stops(facts(let, sources=())) == ["no-floating"]
    floating = Floating("f", "203.0.113.5", "two", "10.0.1.5")
    assert stops(facts(let, sources=(), floating=(floating,))) == []
    assert stops(facts(sources=(), floating=(floating,))) == ["ingress"]


def test_what_others_own_is_unknown_and_not_refused() -> None:
    way = best_way(facts(Rule("r", "ingress"), interfaces=(), own_networks=frozenset()), SSH)
    assert way.is_open
    assert not way.is_certain
    unseen = best_way(facts(groups={}), SSH)
    assert [step.code for step in unseen.steps if step.is_ok is None] == ["egress", "ingress"]
    stateless = best_way(facts(groups={"g": group(Rule("r", "ingress"), is_stateful=False)}), SSH)
    assert stateless.is_open
    assert not stateless.is_certain


def test_a_route_of_the_subnet_or_the_router_is_followed() -> None:
    let = Rule("r", "ingress")
    by_route = {**facts().subnets, "a": SubnetAt("a", "10.0.0.0/24", "", (("10.0.1.0/24", "10.0.0.1"),))}
    assert stops(facts(let, subnets=by_route)) == []
    static = RouterAt("r", "edge", routes=(("10.0.1.0/24", "10.0.0.254"),))
    # There it finds its way by the route; the answers have none of their own.
    assert stops(facts(let, interfaces=facts().interfaces[:1], routers={"r": static})) == ["way-back"]


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def asked(browser: Client, **query: str) -> Any:
    return browser.get(at("reach/") + "?" + urlencode(query))


def test_the_page_explains_what_it_could_not_find(browser: Client, services: Services) -> None:
    assert browser.get(at("reach/")).status_code == 200
    services.rows["/servers"] = []
    answer = asked(browser, source="nobody", target="internet", protocol="tcp", port="22")
    assert answer.status_code == 422
    assert "Nothing in this project is called “nobody”." in answer.content.decode()
    same = asked(browser, source="internet", target="internet", protocol="tcp", port="22")
    assert "the same as the other end" in same.content.decode()
    outside = asked(browser, source="198.51.100.1", target="internet", protocol="tcp", port="22")
    assert outside.status_code in {200, 422}
    assert asked(browser, source="a", target="b", protocol="carrier", port="70000").status_code in {200, 422}


def test_a_server_is_found_and_the_answer_says_what_decides(browser: Client, services: Services) -> None:
    port = next(row for row in services.rows["/v2.0/ports"] if row.get("device_owner", "").startswith("compute:"))
    answer = asked(browser, source=port["device_id"], target="internet", protocol="tcp", port="443")
    page = parsed(answer.content.decode())
    (found,) = page.all_of_class("reach-answer")
    assert "TCP 443" in found.text
    assert "the internet" in found.text
    assert page.text_of_class("reach-steps")


def test_a_missing_rule_is_added_by_members_alone(services: Services) -> None:
    rule = {"group": "g" * 32, "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port": "22"}
    data = {**rule, "remote": "10.0.0.5/32", "next": at("reach/")}
    assert signed_in(access_of("reader")).post(at("reach/allow/"), data).status_code == 403
    assert not services.changes
    member = signed_in()
    assert member.post(at("reach/allow/"), {**data, "direction": "sideways"}).status_code == 302
    assert not services.changes
    answer = member.post(at("reach/allow/"), data)
    assert answer.status_code == 302
    assert answer["Location"] == at("reach/")
    (call,) = services.changes
    assert call.url.endswith("/v2.0/security-group-rules")
    assert b'"remote_ip_prefix": "10.0.0.5/32"' in call.body
    assert b'"port_range_min": 22' in call.body


def test_a_neutron_that_fails_costs_the_answer_and_keeps_the_question(browser: Client, services: Services) -> None:
    services.fail("network", status=503)
    answer = asked(browser, source="0" * 32, target="internet", protocol="tcp", port="22")
    page = parsed(answer.content.decode())
    assert page.all_of_class("fault")
    assert any(item.attrs.get("value") == "0" * 32 for item in page.elements)
