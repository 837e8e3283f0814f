"""The request that a launch sends, what it can be made of, and how it is found again."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from requests_mock import ANY, Mocker

from dashboard.cloud import guard
from dashboard.cloud.errors import BadAnswer, CloudError, Unreachable
from dashboard.cloud.launch import (
    Interface,
    LaunchRequest,
    find_launched,
    launch_servers,
    look_up,
    outcome_is_unknown,
)
from dashboard.cloud.launch_options import FIRST, MORE, VOLUMES, load_options
from tests.harness.wire import CINDER, GLANCE, NEUTRON, NOVA, cloud_of, recorded

ONCE = "0" * 31 + "7"
TAG = "belvedere-" + ONCE


@pytest.fixture(autouse=True)
def _closed_breakers() -> None:
    guard.forget_all()


def wanted(**fields: Any) -> LaunchRequest:
    given: dict[str, Any] = {"once": ONCE, "name": "web", "flavor_id": "f1", "source": "image", "source_id": "i1"}
    return LaunchRequest(**{**given, **fields})


def offered(requests_mock: Mocker) -> None:
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    requests_mock.get(f"{NOVA}/flavors/detail", json=recorded("nova/flavors"))
    requests_mock.get(f"{NOVA}/os-keypairs", json=recorded("nova/keypairs"))
    requests_mock.get(f"{NOVA}/limits", json=recorded("nova/limits"))
    for name, path in (("networks", "networks"), ("subnets", "subnets"), ("security_groups", "security-groups")):
        requests_mock.get(f"{NEUTRON}/v2.0/{path}", json=recorded(f"neutron/{name}"))


def test_name_image_and_flavor_are_enough() -> None:
    assert wanted().body() == {
        "server": {"name": "web", "flavorRef": "f1", "imageRef": "i1", "networks": "auto", "tags": [TAG]}
    }


@pytest.mark.parametrize(
    ("source", "kind", "more"),
    [
        ("new_volume", "image", {"volume_size": 20, "volume_type": "standard"}),
        ("volume_snapshot", "snapshot", {"volume_size": 20, "volume_type": "standard"}),
        ("volume", "volume", {}),
    ],
)
def test_a_volume_is_booted_by_a_block_device(source: Any, kind: str, more: dict[str, Any]) -> None:
    body = wanted(source=source, volume_size=20, volume_type="standard", is_volume_deleted=True).body()["server"]
    assert "imageRef" not in body
    (disk,) = body["block_device_mapping_v2"]
    assert disk == {
        "boot_index": 0,
        "uuid": "i1",
        "source_type": kind,
        "destination_type": "volume",
        "delete_on_termination": True,
        **more,
    }


def test_everything_that_can_be_asked_for_is_in_the_body() -> None:
    body = wanted(
        source="snapshot",
        description="d",
        count=3,
        min_count=2,
        interfaces=(Interface("n1", "10.0.0.9"), Interface(port_id="p1")),
        security_groups=("g1",),
        key_name="k",
        availability_zone="nova",
        user_data="#!/bin/sh\n",
        metadata={"a": "b"},
        tags=("x",),
        has_config_drive=True,
        disk_config="MANUAL",
        hints={"group": "sg"},
        access_ipv4="192.0.2.1",
        access_ipv6="2001:db8::1",
    ).body()
    assert body == {
        "server": {
            "name": "web",
            "flavorRef": "f1",
            "imageRef": "i1",
            "description": "d",
            "min_count": 2,
            "max_count": 3,
            "networks": [{"uuid": "n1", "fixed_ip": "10.0.0.9"}, {"port": "p1"}],
            "security_groups": [{"name": "g1"}],
            "key_name": "k",
            "availability_zone": "nova",
            "user_data": base64.b64encode(b"#!/bin/sh\n").decode(),
            "metadata": {"a": "b"},
            "tags": ["x", TAG],
            "config_drive": True,
            "OS-DCF:diskConfig": "MANUAL",
            "accessIPv4": "192.0.2.1",
            "accessIPv6": "2001:db8::1",
        },
        "os:scheduler_hints": {"group": "sg"},
    }


def test_secrets_are_not_in_the_text_of_the_objects(requests_mock: Mocker) -> None:
    requests_mock.post(f"{NOVA}/servers", status_code=202, json=recorded("nova/launched"))
    launched = launch_servers(cloud_of(), wanted(user_data="top-secret"))
    assert launched.admin_password == "only-shown-once"
    assert "only-shown-once" not in repr(launched)
    assert "top-secret" not in repr(wanted(user_data="top-secret"))


def test_an_answer_without_a_server_is_an_unknown_outcome(requests_mock: Mocker) -> None:
    requests_mock.post(f"{NOVA}/servers", status_code=202, json={"server": {}})
    with pytest.raises(BadAnswer) as caught:
        launch_servers(cloud_of(), wanted())
    assert outcome_is_unknown(caught.value)


@pytest.mark.parametrize(
    ("answer", "is_unknown"),
    [
        ({"exc": requests.exceptions.ReadTimeout}, True),
        ({"exc": requests.exceptions.ConnectTimeout}, False),
        ({"status_code": 500, "text": ""}, True),
        ({"status_code": 502, "text": ""}, True),
        ({"status_code": 503, "text": ""}, False),
        ({"status_code": 202, "text": "<html>"}, True),
        ({"status_code": 400, "json": {}}, False),
    ],
)
def test_a_launch_is_sent_exactly_once_whatever_happens(
    requests_mock: Mocker, answer: dict[str, Any], is_unknown: bool
) -> None:
    post = requests_mock.post(f"{NOVA}/servers", **answer)
    with pytest.raises(CloudError) as caught:
        launch_servers(cloud_of(), wanted())
    assert post.call_count == 1
    assert outcome_is_unknown(caught.value) is is_unknown


def test_a_lost_launch_is_found_by_its_tag(requests_mock: Mocker) -> None:
    server = {"id": "s1", "name": "web", "status": "BUILD"}
    get = requests_mock.get(f"{NOVA}/servers/detail", json={"servers": [server]})
    assert find_launched(cloud_of(), ONCE)[0].id == "s1"
    assert get.last_request.qs == {"tags": [TAG]}


def test_looking_up_tells_none_from_nobody_knows(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/servers/detail", json={"servers": []})
    assert look_up(cloud_of(), ONCE, seconds=0.1) == ()
    requests_mock.get(f"{NOVA}/servers/detail", status_code=503)
    assert look_up(cloud_of(), ONCE, seconds=0.1) is None


def test_options_come_with_seven_calls_and_one_when_the_rest_is_kept(requests_mock: Mocker) -> None:
    offered(requests_mock)
    kept: dict[str, Any] = {}

    def keep(name: str, seconds: float, fetch: Any, *, is_own: bool = False) -> Any:
        if name not in kept:
            kept[name] = fetch()
        return kept[name]

    options = load_options(cloud_of(), FIRST, keep=keep)
    assert requests_mock.call_count == 7
    assert [network.name for network in options.networks] == ["web-net", "shared"]
    assert options.networks.rows[0].subnets[0].cidr == "192.168.10.0/24"
    load_options(cloud_of(), FIRST, keep=keep)
    assert requests_mock.call_count == 8


@pytest.mark.parametrize(
    ("down", "parts"),
    [
        (GLANCE, {"images"}),
        (NEUTRON, {"networks", "groups"}),
        (NOVA, {"flavors", "keypairs", "quotas"}),
    ],
)
def test_a_service_that_is_down_costs_its_own_parts(requests_mock: Mocker, down: str, parts: set[str]) -> None:
    offered(requests_mock)
    requests_mock.get(requests_mock_under(down), exc=requests.exceptions.ConnectionError("refused"))
    options = load_options(cloud_of())
    failed = {
        name
        for name in ("images", "networks", "groups", "flavors", "keypairs", "quotas")
        if getattr(options, name).error
    }
    assert failed == parts
    assert all(isinstance(getattr(options, name).error, Unreachable) for name in parts)


def requests_mock_under(url: str) -> Any:
    import re

    return re.compile(re.escape(url))


def test_without_cinder_there_are_no_volumes_and_no_error(requests_mock: Mocker) -> None:
    options = load_options(cloud_of(without=("block-storage",)), VOLUMES)
    assert not options.has_volumes
    assert options.volumes.error is None
    assert requests_mock.call_count == 0


def test_answers_of_odd_shapes_cost_nothing_but_their_rows(requests_mock: Mocker) -> None:
    requests_mock.get(ANY, json={"volumes": [None, 3], "ports": "x", "server_groups": [{}], "availabilityZoneInfo": {}})
    options = load_options(cloud_of(), (*VOLUMES, *MORE, "ports"))
    assert not options.volumes.rows
    assert options.server_groups.rows[0].name == ""
    assert f"{CINDER}/types" in {request.url for request in requests_mock.request_history}
