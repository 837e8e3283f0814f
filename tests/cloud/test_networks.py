"""Networks with their subnets, as Neutron gives them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from requests_mock import Mocker

from dashboard.cloud import networks
from dashboard.cloud.errors import ServiceFault
from dashboard.cloud.networks import Network, Subnet
from dashboard.cloud.types import Query, Term
from tests.harness.wire import NEUTRON, PROJECT_ID, cloud_of, recorded

from .odd import odd

NETWORKS, SUBNETS = f"{NEUTRON}/v2.0/networks", f"{NEUTRON}/v2.0/subnets"


@pytest.fixture
def neutron(requests_mock: Mocker) -> Mocker:
    requests_mock.get(NETWORKS, json=recorded("neutron/networks"))
    requests_mock.get(SUBNETS, json=recorded("neutron/subnets"))
    return requests_mock


def test_a_list_joins_networks_and_subnets_in_two_calls(neutron: Mocker) -> None:
    page = networks.list_networks(cloud_of(), Query())
    assert [(row.name, row.kind, [subnet.cidr for subnet in row.subnets]) for row in page.rows] == [
        ("public", "external", ["203.0.112.0/20"]),
        ("shared", "shared", ["10.64.0.0/16"]),
        ("web-net", "own", ["192.168.10.0/24"]),
    ]
    assert page.counts["kind"] == {"external": 1, "shared": 1, "own": 1}
    assert neutron.call_count == 2


def test_servers_go_on_what_is_shared_or_own_and_not_on_the_outside(neutron: Mocker) -> None:
    found = {row.name: row.is_usable for row in networks.list_all_networks(cloud_of())}
    assert found == {"public": False, "shared": True, "web-net": True}


def test_an_administrator_asks_for_what_this_project_uses_and_not_for_everybodys(neutron: Mocker) -> None:
    found = networks.list_all_networks(cloud_of("admin"))
    asked = [request.qs for request in neutron.request_history if request.path == "/v2.0/networks"]
    assert sorted(list(query)[-1] for query in asked) == ["project_id", "router:external", "shared"]
    assert len(found) == 3


def test_networks_are_found_by_a_subnets_range(neutron: Mocker) -> None:
    page = networks.list_networks(cloud_of(), Query(text="192.168."))
    assert [row.name for row in page.rows] == ["web-net"]
    page = networks.list_networks(cloud_of(), Query(terms=(Term("kind", "external", is_negated=True),)))
    assert [row.name for row in page.rows] == ["shared", "web-net"]


def test_one_network_asks_for_its_own_subnets_alone(requests_mock: Mocker) -> None:
    network = recorded("neutron/network")
    id = network["network"]["id"]
    requests_mock.get(f"{NETWORKS}/{id}", json=network)
    requests_mock.get(SUBNETS, json=recorded("neutron/subnets"))
    assert networks.get_network(cloud_of(), id).name == "public"
    assert any(request.qs.get("network_id") == [id] for request in requests_mock.request_history)


def test_a_failure_of_subnets_is_neutrons_failure(requests_mock: Mocker) -> None:
    requests_mock.get(NETWORKS, json=recorded("neutron/networks"))
    requests_mock.get(SUBNETS, status_code=500, text="Traceback")
    with pytest.raises(ServiceFault) as caught:
        networks.list_networks(cloud_of(), Query())
    assert caught.value.service == "network"


def test_a_subnet_knows_its_addresses() -> None:
    subnet = Subnet.from_json(recorded("neutron/subnets")["subnets"][0])
    first, last = subnet.pools[0]
    assert subnet.has(first)
    assert subnet.has(last)
    assert not subnet.has("8.8.8.8")
    assert not subnet.has("fe80::1")
    assert not subnet.has("nonsense")


def test_provider_attributes_are_kept_for_those_who_are_shown_them() -> None:
    json = recorded("neutron/network")["network"] | {"provider:network_type": "vlan", "provider:segmentation_id": 7}
    assert Network.from_json(json).provider == {"network_type": "vlan", "segmentation_id": "7"}


@given(odd(recorded("neutron/network")["network"]), odd(recorded("neutron/subnets")["subnets"][0]))
def test_odd_json_gives_a_network_all_the_same(network: dict[str, Any], subnet: dict[str, Any]) -> None:
    row = Network.from_json(network, subnets=[Subnet.from_json(subnet)], project_id=PROJECT_ID)
    assert row.kind in {"own", "shared", "external"}
    assert isinstance(row.subnets[0].has("10.0.0.1"), bool)
    networks.LOOKUP.page([row], Query(text="x", terms=(Term("subnet", "y"),)), count=("kind", "status"))
