"""Security groups as Neutron gives them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from requests_mock import Mocker

from dashboard.cloud import security_groups
from dashboard.cloud.security_groups import Rule, SecurityGroup
from dashboard.cloud.types import Query, Term
from tests.harness.wire import NEUTRON, PROJECT_ID, cloud_of, recorded

from .odd import odd

URL = f"{NEUTRON}/v2.0/security-groups"
RULE = recorded("neutron/security_group")["security_group"]["security_group_rules"][0]


def rule(**changes: Any) -> Rule:
    return Rule.from_json({"direction": "ingress", "ethertype": "IPv4"} | changes)


def test_a_list_takes_one_call_with_the_rules_in_it(requests_mock: Mocker) -> None:
    requests_mock.get(URL, json=recorded("neutron/security_groups"))
    (group,) = security_groups.list_security_groups(cloud_of(), Query()).rows
    assert (group.name, len(group.ingress), len(group.egress)) == ("default", 2, 2)
    assert "project_id" not in requests_mock.last_request.qs


def test_an_administrator_is_shown_this_projects_alone(requests_mock: Mocker) -> None:
    requests_mock.get(URL, json=recorded("neutron/security_groups"))
    security_groups.list_security_groups(cloud_of("admin"), Query())
    assert requests_mock.last_request.qs["project_id"] == [PROJECT_ID]


def test_groups_are_found_by_what_they_let_in(requests_mock: Mocker) -> None:
    answer = recorded("neutron/security_groups")
    answer["security_groups"][0]["security_group_rules"].append(
        RULE | {"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
    )
    requests_mock.get(URL, json=answer)
    find = security_groups.list_security_groups
    assert find(cloud_of(), Query(terms=(Term("port", "22"),))).total == 1
    assert find(cloud_of(), Query(terms=(Term("port", "80"),))).total == 0
    assert find(cloud_of(), Query(text="tcp 22")).total == 1


@pytest.mark.parametrize(
    ("json", "traffic", "peer"),
    [
        ({"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}, "TCP 22", "0.0.0.0/0"),
        ({"protocol": "tcp", "port_range_min": 8000, "port_range_max": 8080}, "TCP 8000-8080", "0.0.0.0/0"),
        ({"protocol": "udp", "port_range_min": 1, "port_range_max": 65535}, "UDP", "0.0.0.0/0"),
        ({"protocol": "tcp"}, "TCP", "0.0.0.0/0"),
        ({"protocol": "icmp", "port_range_min": 8, "port_range_max": 0}, "ICMP 8/0", "0.0.0.0/0"),
        ({"protocol": "icmpv6", "ethertype": "IPv6"}, "ICMPv6", "::/0"),
        ({"protocol": "6", "port_range_min": 443, "port_range_max": 443}, "TCP 443", "0.0.0.0/0"),
        ({"protocol": "47"}, "IP 47", "0.0.0.0/0"),
        ({"protocol": "esp"}, "ESP", "0.0.0.0/0"),
        ({"protocol": None, "remote_ip_prefix": "10.0.0.0/8"}, "", "10.0.0.0/8"),
        ({"protocol": "any", "remote_group_id": "g"}, "", ""),
    ],
)
def test_a_rule_says_what_it_lets_through(json: dict[str, Any], traffic: str, peer: str) -> None:
    found = rule(**json)
    assert (found.traffic, found.peer_prefix) == (traffic, peer)
    assert found.is_from_everywhere is (peer in {"0.0.0.0/0", "::/0"})


@given(odd(RULE), odd(recorded("neutron/security_group")["security_group"]))
def test_odd_json_gives_a_group_all_the_same(json: dict[str, Any], group: dict[str, Any]) -> None:
    for row in (SecurityGroup.from_json(group), SecurityGroup.from_json({"security_group_rules": [json]})):
        security_groups.LOOKUP.page([row], Query(text="x", terms=(Term("port", "22"),), sort="rules"))
