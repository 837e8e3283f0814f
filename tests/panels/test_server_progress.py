"""A launch that is followed: one server's steps, many servers' bar, and faults in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from dashboard.cloud.servers import Server
from dashboard.live.operations import Operation
from dashboard.panels.servers.progress import Progress, progress_of
from dashboard.panels.servers.tags import duration
from tests.harness.wire import recorded

ERROR, ACTIVE = recorded("nova/server/list")["servers"]
BEGAN = datetime.now(UTC) - timedelta(seconds=42)


def operation(*ids: str, **changes: Any) -> Operation:
    details = {"verb": "launch", "kind": "servers", "label": "Launch web", "url": "/", "began_at": BEGAN}
    return Operation(id="o", ids=ids, **{**details, **changes})


def server(row_id: str, base: dict[str, Any] = ACTIVE, **changes: Any) -> Server:
    return Server.from_json({**base, "id": row_id, **changes})


def building(row_id: str, task: str | None) -> Server:
    return server(row_id, status="BUILD", **{"OS-EXT-STS:task_state": task, "OS-SRV-USG:launched_at": None})


def states(progress: Progress) -> list[str]:
    return [step.state for step in progress.steps]


@pytest.mark.parametrize(
    ("task", "now"),
    [(None, 0), ("scheduling", 0), ("networking", 1), ("block_device_mapping", 2), ("spawning", 3), ("new_task", 0)],
)
def test_the_step_follows_from_novas_task(task: str | None, now: int) -> None:
    found = progress_of(operation("a"), {"a": building("a", task)})
    assert states(found) == ["done"] * now + ["now"] + ["todo"] * (4 - now)
    assert found.building == 1


def test_before_nova_lists_it_a_server_is_being_scheduled() -> None:
    found = progress_of(operation("a"), {})
    assert states(found)[0] == "now"
    assert (found.active, found.building, found.failed) == (0, 1, 0)


def test_an_active_server_has_every_step_behind_it() -> None:
    found = progress_of(operation("a"), {"a": server("a")})
    assert states(found) == ["done"] * 5
    assert found.active == 1


def test_the_step_that_failed_follows_from_the_words_of_the_fault() -> None:
    no_zone = {"OS-EXT-AZ:availability_zone": ""}
    for message, place in (
        ("No valid host was found. There are not enough hosts available.", 0),
        ("Failed to allocate the network(s), not rescheduling.", 1),
        ("Binding failed for port 1f, please check neutron logs for more information.", 1),
        ("Build of instance 1f aborted: Volume 2e did not finish being created even after we waited 3 seconds", 2),
        ("Build of instance 1f aborted: Image 3d is unacceptable: Image is corrupt", 3),
    ):
        fault = {"code": 500, "message": message, "created": "2026-11-21T10:47:07Z"}
        found = progress_of(operation("a"), {"a": server("a", ERROR, fault=fault, **no_zone)})
        assert states(found).index("failed") == place, message


def test_a_build_that_failed_on_every_host_was_scheduled_and_says_why() -> None:
    found = progress_of(operation("a"), {"a": server("a", ERROR, **{"OS-EXT-AZ:availability_zone": ""})})
    assert states(found) == ["done", "done", "done", "failed", "todo"]
    assert found.failures[0].told.meaning == "Building failed on every host that was tried."


def test_many_servers_are_counted() -> None:
    rows = {str(n): server(str(n)) for n in range(17)}
    rows |= {"17": building("17", "spawning"), "18": building("18", None), "19": server("19", ERROR)}
    found = progress_of(operation(*rows), rows)
    assert (found.active, found.building, found.failed) == (17, 2, 1)
    assert found.steps == ()
    assert (found.active_width, found.failed_width) == (85, 5)


def test_the_clock_runs_from_the_request() -> None:
    began = datetime.now(UTC)
    with time_machine.travel(began + timedelta(seconds=222), tick=False):
        assert progress_of(operation("a", began_at=began), {}).clock == "3:42"


def test_the_clock_stops_when_it_ends() -> None:
    over = operation("a", ended_at=BEGAN + timedelta(seconds=5), state="done", outcomes={"a": "done"})
    assert progress_of(over, {"a": server("a")}).clock == "0:05"


def test_what_was_deleted_meanwhile_does_not_build_for_ever() -> None:
    gone = operation("a", "b", state="failed", outcomes={"a": "failed", "b": "done"})
    found = progress_of(gone, {"b": server("b")})
    assert (found.active, found.building, found.failed) == (1, 0, 1)


@pytest.mark.parametrize(("seconds", "text"), [(None, ""), (0, "0 s"), (12.4, "12 s"), (185, "3:05")])
def test_durations_are_short(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
