"""What Nova wrote down of a server, and what its guest printed."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_mock import ANY, Mocker

from dashboard.cloud import server_activity as activity
from dashboard.cloud.errors import BadAnswer, Conflict, Forbidden
from dashboard.cloud.server_activity import ServerAction, ServerEvent, plain_text
from tests.harness.wire import NOVA, cloud_of, recorded

from .odd import anything, odd

ACTION = recorded("nova/server/action")["instanceAction"]
ID, REQUEST = ACTION["instance_uuid"], ACTION["request_id"]
AT = f"{NOVA}/servers/{ID}"


def test_actions_come_with_one_call_the_newest_first(requests_mock: Mocker) -> None:
    requests_mock.get(f"{AT}/os-instance-actions", json=recorded("nova/server/actions"))
    found = activity.list_actions(cloud_of(), id=ID)
    assert [action.action for action in found] == ["attach_volume", "create"]
    assert requests_mock.call_count == 1
    assert requests_mock.last_request.headers["OpenStack-API-Version"] == "compute 2.96"
    assert requests_mock.last_request.qs == {"limit": ["50"]}


def test_an_action_tells_its_steps_and_how_long_each_took(requests_mock: Mocker) -> None:
    requests_mock.get(f"{AT}/os-instance-actions/{REQUEST}", json=recorded("nova/server/action"))
    found = activity.get_action(cloud_of(), id=ID, request_id=REQUEST)
    assert found.seconds == 3.0
    assert not found.is_failed
    (event,) = found.events
    assert (event.step, event.seconds, event.host) == ("do_build_and_run_instance", 2.0, "5ad0db73e33a")


def test_steps_are_in_the_order_in_which_they_began() -> None:
    found = ServerAction.from_json(recorded("nova/server/error_action")["instanceAction"])
    assert [event.result for event in found.events] == ["Success", ""]
    assert found.seconds == 11.0


def test_a_failed_step_says_why() -> None:
    failed = {"event": "compute_resize_instance", "result": "Error", "details": "No valid host was found."}
    found = ServerAction.from_json({**ACTION, "message": "Error", "events": [*ACTION["events"], failed]})
    assert found.is_failed
    assert found.why_failed == "No valid host was found."


def test_ids_can_not_leave_their_place_in_the_path(requests_mock: Mocker) -> None:
    requests_mock.get(ANY, json={"instanceAction": ACTION})
    activity.get_action(cloud_of(), id="../flavors", request_id="x?all=1/../..")
    assert "/servers/..%2Fflavors/os-instance-actions/x%3Fall%3D1%2F..%2F.." in requests_mock.last_request.url


def test_an_answer_without_its_list_is_a_fault_and_not_an_empty_list(requests_mock: Mocker) -> None:
    requests_mock.get(f"{AT}/os-instance-actions", json={"actions": []})
    with pytest.raises(BadAnswer):
        activity.list_actions(cloud_of(), id=ID)


def test_the_log_is_asked_for_by_its_last_lines(requests_mock: Mocker) -> None:
    requests_mock.post(f"{AT}/action", json=recorded("nova/server/console"))
    assert activity.get_console_log(cloud_of(), id=ID, lines=100).text == "FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE"
    assert requests_mock.last_request.json() == {"os-getConsoleOutput": {"length": 100}}


def test_a_server_that_has_no_guest_has_no_log(requests_mock: Mocker) -> None:
    requests_mock.post(f"{AT}/action", json=recorded("nova/server/console_conflict"), status_code=409)
    with pytest.raises(Conflict):
        activity.get_console_log(cloud_of(), id=ID)


def test_a_reader_may_not_see_the_log(requests_mock: Mocker) -> None:
    requests_mock.post(f"{AT}/action", json=recorded("nova/server/forbidden"), status_code=403)
    with pytest.raises(Forbidden):
        activity.get_console_log(cloud_of("reader"), id=ID)


@pytest.mark.parametrize("body", [[], {}, {"output": None}, {"output": 7}, {"output": ["x"]}, "text"])
def test_a_log_of_another_shape_costs_no_traceback(requests_mock: Mocker, body: Any) -> None:
    requests_mock.post(f"{AT}/action", json=body)
    with contextlib.suppress(BadAnswer):
        assert isinstance(activity.get_console_log(cloud_of(), id=ID).text, str)


def test_of_a_long_log_the_end_is_kept_and_said_so(requests_mock: Mocker) -> None:
    requests_mock.post(f"{AT}/action", json={"output": "x" * 10_000_000 + "end"})
    found = activity.get_console_log(cloud_of(), id=ID)
    assert found.is_cut
    assert len(found.text) == activity.LOG_LIMIT
    assert found.text.endswith("end")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;without an end\nthe next line", "\nthe next line"),
        ("\x9b31mred", "red"),
        ("one\r\ntwo\r\r\nthree\rfour", "one\ntwo\nthree\nfour"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("user\u202egpj.exe", "usergpj.exe"),
        ("tab\tand <script>", "tab\tand <script>"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(printed: str, shown: str) -> None:
    assert plain_text(printed) == shown


@given(st.text())
def test_no_control_character_gets_through(text: str) -> None:
    assert not [char for char in plain_text(text) if ord(char) < 32 and char not in "\n\t"]


@pytest.mark.parametrize("piece", ["\x1b[", "\x1b]", "\x1bP", "\x1b", "\r", "\x1b[0", "\x1b[0;", "\x1b "])
def test_a_hostile_log_takes_no_longer_than_any_other(piece: str) -> None:
    begun = time.process_time()
    plain_text(piece * (activity.LOG_LIMIT // len(piece)))
    assert time.process_time() - begun < 2


@given(odd(ACTION))
def test_no_odd_action_stumbles(body: dict[str, Any]) -> None:
    found = ServerAction.from_json(body)
    assert isinstance(found.is_failed, bool)
    assert isinstance(found.why_failed, str)
    assert found.seconds is None or found.seconds >= 0


@given(odd(ACTION["events"][0]), anything)
def test_no_odd_step_stumbles(body: dict[str, Any], details: Any) -> None:
    found = ServerEvent.from_json({**body, "details": details})
    assert isinstance(found.step, str)
    assert found.seconds is None or found.seconds >= 0
