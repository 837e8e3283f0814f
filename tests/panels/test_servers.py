"""What can be done to servers from the list, what is said before, and why the rest can't be done now."""

from __future__ import annotations

import html
from typing import Any

import pytest
from requests_mock import Mocker

from dashboard.cloud.servers import Server
from dashboard.panels.servers import words
from dashboard.panels.servers.actions import ACTIONS, LIFECYCLE
from dashboard.panels.servers.panel import PANEL
from tests.harness.html import parsed
from tests.harness.wire import GLANCE, NEUTRON, NOVA, access_of, at, recorded, signed_in

ACTIVE = recorded("nova/server/floating")["server"]
VOLUME_BOOTED = recorded("nova/server/volume_booted")["server"]
ID = ACTIVE["id"]
BY_SLUG = {action.slug: action for action in ACTIONS}


def server(status: str = "ACTIVE", task: str | None = None, **fields: Any) -> Server:
    return Server.from_json({**ACTIVE, "status": status, "OS-EXT-STS:task_state": task, **fields})


def offered(row: Server) -> set[str]:
    return {action.slug for action in LIFECYCLE if not action.when(row)}


ALWAYS = {"edit", "lock", "delete", "force-delete", "reset-state"}
COPIES = {"snapshot", "backup"}


@pytest.mark.parametrize(
    ("status", "task", "can"),
    [
        (
            "ACTIVE",
            None,
            ALWAYS
            | COPIES
            | {"stop", "reboot", "hard-reboot", "pause", "suspend", "shelve", "resize", "rescue", "rebuild"}
            | {"change-password", "crash-dump"},
        ),
        ("SHUTOFF", None, ALWAYS | COPIES | {"start", "hard-reboot", "shelve", "resize", "rescue", "rebuild"}),
        ("ERROR", None, ALWAYS | {"stop", "hard-reboot", "rescue", "rebuild", "crash-dump"}),
        ("BUILD", "spawning", ALWAYS),
        ("PAUSED", None, ALWAYS | COPIES | {"hard-reboot", "unpause", "shelve", "crash-dump"}),
        ("SUSPENDED", None, ALWAYS | COPIES | {"hard-reboot", "resume", "shelve"}),
        ("RESCUE", None, ALWAYS | {"unrescue", "crash-dump"}),
        ("SHELVED", None, ALWAYS | {"unshelve", "shelve-offload"}),
        ("SHELVED_OFFLOADED", None, ALWAYS | {"unshelve"}),
        ("VERIFY_RESIZE", None, ALWAYS | {"confirm-resize", "revert-resize", "crash-dump"}),
        ("SOFT_DELETED", None, {"edit", "lock", "force-delete", "restore"}),
        ("ACTIVE", "powering-off", ALWAYS),
        ("ACTIVE", "deleting", {"edit", "lock", "force-delete", "reset-state"}),
        ("A_NEW_STATE", None, ALWAYS),
    ],
)
def test_each_state_offers_what_nova_would_take(status: str, task: str | None, can: set[str]) -> None:
    assert offered(server(status, task)) == can


@pytest.mark.parametrize("status", [*words.STATUSES, "A_NEW_STATE"])
@pytest.mark.parametrize("task", [None, "spawning", "deleting", "a_new_task"])
def test_what_is_not_offered_says_why_in_every_state(status: str, task: str | None) -> None:
    row = server(status, task)
    for action in ACTIONS:
        reason = str(action.when(row))
        assert reason == "" or reason.endswith((".", ":")), reason
    assert str(words.status(row).label)


def test_a_busy_server_says_with_what() -> None:
    assert BY_SLUG["stop"].when(server("ACTIVE", "rebooting")) == "It is busy: rebooting."
    assert BY_SLUG["start"].when(server("RESIZE")) == "It is busy: Resizing."
    assert BY_SLUG["start"].when(server("ACTIVE")) == "Only a server that is shut off can be started."


def test_a_locked_server_gives_its_reason_and_can_only_be_unlocked_or_edited() -> None:
    row = server(locked=True, locked_reason="Upgrade until Monday")
    assert BY_SLUG["stop"].when(row) == "It is locked: Upgrade until Monday"
    assert BY_SLUG["delete"].when(row) == "It is locked: Upgrade until Monday"
    # Nova 34 copies a locked server, and an administrator may still reset its state.
    assert offered(row) == {"unlock", "edit", "snapshot", "backup", "reset-state"}
    assert BY_SLUG["stop"].when(server(locked=True)) == "It is locked. Unlock it first."


def test_a_server_that_nova_can_not_reach_is_busy_with_that() -> None:
    row = Server.from_json({"id": ID, "status": "UNKNOWN", "created": ACTIVE["created"]})
    assert BY_SLUG["stop"].when(row) == "Nova can't reach it at the moment."
    assert str(words.status(row).label) == "Unreachable"
    assert words.status(row).tone == "unknown"


def test_deleting_says_that_it_can_not_be_undone_and_counts_what_is_too_much_to_list() -> None:
    says = BY_SLUG["delete"].says
    assert says([server()]) == ("“rec-active” and what is on its own disk will be deleted. This can't be undone.")
    several = str(says([server(), Server.from_json(VOLUME_BOOTED)]))
    assert several.startswith("These 2 servers")
    kept = {"os-extended-volumes:volumes_attached": [{"id": "v", "delete_on_termination": False}]}
    many = str(says([server(), Server.from_json(VOLUME_BOOTED), *[server(**kept)] * 30]))
    assert "1 volume is deleted with it." in many
    assert "30 attached volumes are kept." in many
    assert "31 floating IPs stay in the project." in many


@pytest.mark.parametrize("action", LIFECYCLE, ids=lambda action: action.slug)
def test_every_action_names_one_server_or_counts_several(action: Any) -> None:
    assert str(action.says([server()]))
    assert str(action.says([server(), server()]))
    if action.is_dangerous:
        assert "rec-active" in str(action.says([server()]))
        if action.is_bulk:
            assert "2" in str(action.says([server(), server()]))


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("No valid host was found. There are not enough hosts available.", "No host has room"),
        ("Exceeded maximum number of retries. Exhausted all hosts available for retrying", "every host that was tried"),
        ("Quota exceeded for resources: ['port']", "quota"),
        ("No more IP addresses available on network x", "no free address"),
        ("Volume v did not finish being created even after we waited 2 seconds", "not ready in time"),
        ("Binding failed for port p, please check neutron logs", "could not be connected"),
    ],
)
def test_the_usual_faults_are_explained_with_something_to_try(message: str, part: str) -> None:
    meaning, advice = words.explained(message)
    assert part in meaning
    assert advice


def test_what_is_not_known_is_not_explained_away() -> None:
    assert words.explained("Something new") == ("", "")


def test_every_status_has_a_word_and_no_tone_stands_alone() -> None:
    for status in words.STATUSES:
        found = words.status(server(status))
        assert str(found.label)
        assert found.tone in {"ok", "busy", "warn", "bad", "off", "unknown"}
    assert words.status(server("ACTIVE", "spawning")).tone == "busy"
    assert str(words.status(server("A_NEW_STATE")).label) == "A_NEW_STATE"


def test_filters_and_columns_are_those_that_the_lookup_knows() -> None:
    assert PANEL.lookup is not None
    assert {item.key for item in PANEL.filters} <= {*PANEL.lookup.values, *PANEL.lookup.tests}
    assert {column.sort for column in PANEL.columns if column.sort} <= set(PANEL.lookup.sorts)


@pytest.fixture
def cloud(requests_mock: Mocker) -> Mocker:
    requests_mock.get(f"{NOVA}/servers/detail", json={"servers": [ACTIVE, VOLUME_BOOTED]})
    for item in (ACTIVE, VOLUME_BOOTED):
        requests_mock.get(f"{NOVA}/servers/{item['id']}", json={"server": item})
        requests_mock.post(f"{NOVA}/servers/{item['id']}/action", status_code=202)
        requests_mock.delete(f"{NOVA}/servers/{item['id']}", status_code=204)
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    requests_mock.get(f"{NEUTRON}/v2.0/ports", json={"ports": []})
    return requests_mock


def sent(cloud: Mocker, method: str) -> list[Any]:
    return [request for request in cloud.request_history if request.method == method]


def test_the_dialog_names_the_server_and_what_can_not_be_undone(cloud: Mocker) -> None:
    answer = signed_in().get(at(f"servers/act/delete/?id={ID}"), headers={"HX-Request": "true"})
    text = html.unescape(answer.content.decode())
    assert "“rec-active” and what is on its own disk will be deleted." in text
    assert not sent(cloud, "DELETE")


def test_sending_twice_does_it_once(cloud: Mocker) -> None:
    browser = signed_in()
    for _ in range(2):
        answer = browser.post(at("servers/act/stop/"), {"id": [ID], "once": "a" * 32})
        assert answer.status_code == 302
    assert [request.json() for request in sent(cloud, "POST")] == [{"os-stop": None}]


def test_a_result_is_told_for_each_of_several(cloud: Mocker) -> None:
    refusal = {"conflictingRequest": {"code": 409, "message": "Instance is locked"}}
    cloud.post(f"{NOVA}/servers/{VOLUME_BOOTED['id']}/action", status_code=409, json=refusal)
    answer = signed_in().post(
        at("servers/act/stop/"),
        {"id": [ID, VOLUME_BOOTED["id"]], "once": "b" * 32},
        headers={"HX-Request": "true"},
    )
    text = html.unescape(answer.content.decode())
    assert "Done for 1 of 2." in text
    assert "Instance is locked" in text


def test_a_row_that_moved_on_is_refused_with_the_reason_and_nothing_is_sent(cloud: Mocker) -> None:
    cloud.get(f"{NOVA}/servers/{ID}", json={"server": {**ACTIVE, "status": "SHUTOFF"}})
    answer = signed_in().post(at("servers/act/stop/"), {"id": [ID], "once": "c" * 32}, headers={"HX-Request": "true"})
    assert "Only an active server can be stopped." in html.unescape(answer.content.decode())
    assert not sent(cloud, "POST")


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.slug)
def test_a_forged_post_of_a_reader_is_refused(cloud: Mocker, action: Any) -> None:
    browser = signed_in(access_of("reader"))
    answer = browser.post(at(f"servers/act/{action.slug}/"), {"id": [ID], "name": "x", "once": "d" * 32})
    assert answer.status_code == 403
    assert not sent(cloud, "POST")
    assert not sent(cloud, "DELETE")
    assert not sent(cloud, "PUT")


def test_a_menu_says_once_which_role_is_missing(cloud: Mocker) -> None:
    """To the eye: whoever hears the page hears it at each entry."""
    menu = parsed(
        signed_in(access_of("reader")).get(at(f"servers/{ID}/menu/"), headers={"HX-Request": "true"}).content.decode()
    )
    off = [item for item in menu.elements if "is-off" in item.classes]
    reason = "This needs the role member in this project; you have reader."
    assert len(off) > 2
    assert all(item.text.endswith(reason) for item in off)
    assert [item.text for item in menu.all_of_class("menu-note")] == [reason]
    assert not [item for item in menu.all_of_class("why-not") if item.text.strip() == reason]
    menu = parsed(signed_in().get(at(f"servers/{ID}/menu/"), headers={"HX-Request": "true"}).content.decode())
    assert not menu.all_of_class("menu-note")
    assert menu.all_of_class("why-not"), "what its state does not allow is said where it stands"


def test_a_name_is_needed_and_what_was_typed_stays(cloud: Mocker) -> None:
    answer = signed_in().post(
        at("servers/act/edit/"),
        {"id": [ID], "name": "", "description": "kept text", "once": "e" * 32},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert "kept text" in answer.content.decode()
    assert not sent(cloud, "PUT")
