"""Servers as Nova tells of them, and lists of them as Nova is asked for them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from requests_mock import Mocker

from dashboard.cloud import server_actions, servers
from dashboard.cloud.errors import BadAnswer, Conflict, Invalid, NotFound, QuotaExceeded
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Query, Term
from tests.harness.wire import NOVA, cloud_of, recorded

from .odd import anything, odd

FLOATING = recorded("nova/server/floating")["server"]
BUILD = recorded("nova/server/build")["server"]
ERROR = recorded("nova/server/error")["server"]
VOLUME_BOOTED = recorded("nova/server/volume_booted")["server"]
ID = FLOATING["id"]
DETAIL = f"{NOVA}/servers/detail"


def test_an_active_server_tells_its_addresses_and_which_float() -> None:
    server = Server.from_json(FLOATING)
    assert (server.status, server.power_state, server.task_state) == ("ACTIVE", "running", "")
    assert [(item.network, item.address) for item in server.fixed_addresses] == [("web-net", "192.168.10.114")]
    assert [item.address for item in server.floating_addresses] == ["203.0.112.169"]
    assert server.flavor.name == "m1.tiny"
    assert (server.flavor.vcpus, server.flavor.ram, server.flavor.disk) == (1, 512, 1)
    assert server.metadata == {"role": "web"}
    assert server.tags == ("blue",)
    assert server.security_groups == ("default",)
    assert server.is_free
    assert not server.is_transitional
    assert not server.is_partial


def test_a_server_that_is_being_built_moves_by_itself_and_has_nothing_yet() -> None:
    server = Server.from_json(BUILD)
    assert (server.status, server.task_state) == ("BUILD", "scheduling")
    assert server.is_transitional
    assert not server.is_free
    assert server.addresses == ()
    assert server.launched_at is None
    assert server.can_delete


def test_a_doomed_server_tells_its_fault() -> None:
    server = Server.from_json(ERROR)
    assert server.status == "ERROR"
    assert server.fault is not None
    assert server.fault.message.startswith("Exceeded maximum number of retries.")
    assert server.fault.code == 500
    assert server.fault.created is not None
    assert not server.is_transitional


def test_a_server_that_started_from_a_volume_has_no_image_and_says_what_goes_with_it() -> None:
    server = Server.from_json(VOLUME_BOOTED)
    assert server.is_volume_booted
    assert server.image_id == ""
    assert server.volume_ids == server.deleted_with
    assert len(server.volume_ids) == 1


def test_a_server_in_a_cell_that_is_down_is_known_in_part_and_can_only_be_deleted() -> None:
    """Nova 2.69 gives id, status UNKNOWN, project, creation, and hardly more."""
    kept = ("id", "tenant_id", "created", "links", "OS-EXT-AZ:availability_zone", "OS-EXT-STS:power_state")
    server = Server.from_json({**{key: FLOATING[key] for key in kept}, "status": "UNKNOWN"})
    assert server.is_partial
    assert not server.is_transitional
    assert server.can_delete
    assert not any((server.is_free, server.can_start, server.can_stop, server.can_reboot, server.can_reboot_hard))


@given(odd(FLOATING))
def test_no_server_is_too_odd_to_show(body: dict[str, Any]) -> None:
    server = Server.from_json(body)
    assert isinstance(server.id, str)
    assert server.status == server.status.upper() != ""
    assert all(isinstance(item.address, str) for item in server.addresses)


@given(anything, anything, anything)
def test_no_fault_address_or_flavor_is_too_odd_to_read(fault: Any, addresses: Any, flavor: Any) -> None:
    body = {**ERROR, "fault": fault, "action_fault": fault, "addresses": addresses, "flavor": flavor}
    server = Server.from_json({**body, "os-extended-volumes:volumes_attached": addresses, "metadata": flavor})
    assert server.id == ERROR["id"]


@pytest.mark.parametrize(
    ("status", "task", "can"),
    [
        ("ACTIVE", None, {"stop", "reboot", "reboot_hard", "delete"}),
        ("ACTIVE", "powering-off", {"delete"}),
        ("SHUTOFF", None, {"start", "reboot_hard", "delete"}),
        ("ERROR", None, {"stop", "reboot_hard", "delete"}),
        ("BUILD", "spawning", {"delete"}),
        ("PAUSED", None, {"reboot_hard", "delete"}),
        ("SUSPENDED", None, {"reboot_hard", "delete"}),
        ("REBOOT", "reboot_started", {"reboot_hard", "delete"}),
        ("VERIFY_RESIZE", None, {"delete"}),
        ("SHELVED_OFFLOADED", None, {"delete"}),
        ("ACTIVE", "deleting", set()),
        ("DELETED", None, set()),
        ("A_NEW_STATE", None, {"delete"}),
    ],
)
def test_what_can_be_done_follows_from_the_state(status: str, task: str | None, can: set[str]) -> None:
    server = Server.from_json({**FLOATING, "status": status, "OS-EXT-STS:task_state": task})
    names = ("start", "stop", "reboot", "reboot_hard", "delete")
    assert {name for name in names if getattr(server, f"can_{name}")} == can


def asked(requests_mock: Mocker, query: Query) -> dict[str, list[str]]:
    requests_mock.get(DETAIL, json={"servers": []})
    servers.list_servers(cloud_of(), query)
    return dict(requests_mock.last_request.qs)


def test_a_page_is_asked_for_with_one_more_to_know_of_the_next(requests_mock: Mocker) -> None:
    requests_mock.get(DETAIL, json={"servers": [FLOATING, BUILD, ERROR]})
    page = servers.list_servers(cloud_of(), Query(limit=2))
    assert [row.id for row in page.rows] == [FLOATING["id"], BUILD["id"]]
    assert page.has_next
    assert not page.has_previous
    assert len(requests_mock.request_history) == 1
    sent = requests_mock.last_request
    assert sent.qs["limit"] == ["3"]
    assert sent.headers["OpenStack-API-Version"] == "compute 2.96"


def test_sorting_is_novas_with_the_id_to_settle_ties(requests_mock: Mocker) -> None:
    sent = asked(requests_mock, Query(sort="name"))
    assert sent["sort_key"] == ["display_name", "uuid"]
    assert sent["sort_dir"] == ["asc", "asc"]
    assert asked(requests_mock, Query(sort="no such"))["sort_key"] == ["created_at", "uuid"]


def test_the_page_before_is_read_backwards_and_turned_round(requests_mock: Mocker) -> None:
    requests_mock.get(DETAIL, json={"servers": [BUILD, FLOATING]})
    page = servers.list_servers(cloud_of(), Query(limit=2, sort="name", before=ERROR["id"]))
    assert [row.id for row in page.rows] == [FLOATING["id"], BUILD["id"]]
    assert page.has_next
    assert not page.has_previous
    sent = requests_mock.last_request.qs
    assert sent["marker"] == [ERROR["id"]]
    assert sent["sort_dir"] == ["desc", "desc"]


def test_a_marker_that_is_gone_is_not_found_and_nothing_worse(requests_mock: Mocker) -> None:
    requests_mock.get(DETAIL, status_code=400, json=recorded("nova/server/marker_lost"))
    with pytest.raises(NotFound):
        servers.list_servers(cloud_of(), Query(marker="gone"))
    with pytest.raises(Invalid):
        servers.list_servers(cloud_of(), Query())


def test_filters_are_novas_and_a_text_is_no_regular_expression(requests_mock: Mocker) -> None:
    terms = (
        Term("status", "active"),
        Term("status", "error"),
        Term("name", "a.b+(c)"),
        Term("tag", "one"),
        Term("tag", "two"),
        Term("locked", "yes"),
        Term("zone", "nova", is_negated=True),
    )
    sent = asked(requests_mock, Query(terms=terms))
    assert sent["status"] == ["active", "error"]
    assert sent["name"] == [r"^a\.b\+\(c\)$"]
    assert sent["tags-any"] == ["one,two"]
    assert sent["locked"] == ["true"]
    assert "availability_zone" not in sent
    assert asked(requests_mock, Query(text="10.0.*"))["name"] == [r"10\.0\.\*"]


def test_what_nova_does_not_filter_is_filtered_here(requests_mock: Mocker) -> None:
    requests_mock.get(DETAIL, json={"servers": [FLOATING, ERROR]})

    def names(*terms: Term) -> list[str]:
        return [row.name for row in servers.list_servers(cloud_of(), Query(terms=terms)).rows]

    assert names(Term("status", "error", is_negated=True)) == [FLOATING["name"]]
    assert names(Term("network", "web-net")) == [FLOATING["name"]]
    # A member's "host" is ignored by Nova, which would give everything.
    assert names(Term("host", "compute1")) == []


def test_one_odd_server_does_not_cost_the_list(requests_mock: Mocker) -> None:
    odd_one = {**FLOATING, "addresses": None, "flavor": 7, "image": [], "status": None, "metadata": "x"}
    requests_mock.get(DETAIL, json={"servers": [odd_one, None, "text", ERROR]})
    page = servers.list_servers(cloud_of(), Query())
    assert [row.status for row in page.rows] == ["UNKNOWN", "ERROR"]


@pytest.mark.parametrize("answer", [{"json": {}}, {"json": []}, {"text": "<html>"}, {"json": {"servers": None}}])
def test_an_answer_without_servers_is_a_fault_and_never_an_empty_list(requests_mock: Mocker, answer: Any) -> None:
    requests_mock.get(DETAIL, **answer)
    with pytest.raises(BadAnswer):
        servers.list_servers(cloud_of(), Query())


def test_an_id_never_leaves_its_place_in_the_address(requests_mock: Mocker) -> None:
    address = f"{NOVA}/servers/..%2Fflavors%3Fx"
    requests_mock.get(address, status_code=404, json={})
    with pytest.raises(NotFound):
        servers.get_server(cloud_of(), "../flavors?x")
    assert requests_mock.last_request.url.lower() == address.lower()


@pytest.mark.parametrize(
    ("act", "body"),
    [
        (lambda cloud: server_actions.start_server(cloud, id=ID), {"os-start": None}),
        (lambda cloud: server_actions.stop_server(cloud, id=ID), {"os-stop": None}),
        (lambda cloud: server_actions.reboot_server(cloud, id=ID), {"reboot": {"type": "SOFT"}}),
        (lambda cloud: server_actions.reboot_server(cloud, id=ID, is_hard=True), {"reboot": {"type": "HARD"}}),
        (lambda cloud: server_actions.lock_server(cloud, id=ID), {"lock": None}),
        (lambda cloud: server_actions.lock_server(cloud, id=ID, reason="why"), {"lock": {"locked_reason": "why"}}),
        (lambda cloud: server_actions.unlock_server(cloud, id=ID), {"unlock": None}),
    ],
)
def test_an_action_is_one_request(requests_mock: Mocker, act: Any, body: dict[str, Any]) -> None:
    requests_mock.post(f"{NOVA}/servers/{ID}/action", status_code=202)
    act(cloud_of())
    assert requests_mock.last_request.json() == body
    assert len(requests_mock.request_history) == 1


def test_a_new_name_leaves_the_description_unless_one_is_given(requests_mock: Mocker) -> None:
    requests_mock.put(f"{NOVA}/servers/{ID}", json={"server": FLOATING})
    server_actions.rename_server(cloud_of(), id=ID, name="new")
    assert requests_mock.last_request.json() == {"server": {"name": "new"}}
    server_actions.rename_server(cloud_of(), id=ID, name="new", description="")
    assert requests_mock.last_request.json() == {"server": {"name": "new", "description": None}}


def test_a_server_in_another_state_is_a_conflict_and_is_not_asked_twice(requests_mock: Mocker) -> None:
    body = {"conflictingRequest": {"code": 409, "message": "Cannot 'start' instance while it is in vm_state active"}}
    requests_mock.post(f"{NOVA}/servers/{ID}/action", status_code=409, json=body)
    with pytest.raises(Conflict, match="vm_state active"):
        server_actions.start_server(cloud_of(), id=ID)
    assert len(requests_mock.request_history) == 1


def test_a_quota_that_is_used_up_is_told_from_a_refusal(requests_mock: Mocker) -> None:
    body = {
        "forbidden": {"code": 403, "message": "Quota exceeded for instances: Requested 1, but already used 20 of 20"}
    }
    requests_mock.post(f"{NOVA}/servers/{ID}/action", status_code=403, json=body)
    with pytest.raises(QuotaExceeded, match="20 of 20"):
        server_actions.start_server(cloud_of(), id=ID)


def test_deleting_is_one_request(requests_mock: Mocker) -> None:
    requests_mock.delete(f"{NOVA}/servers/{ID}", status_code=204)
    server_actions.delete_server(cloud_of(), id=ID)
    assert len(requests_mock.request_history) == 1
