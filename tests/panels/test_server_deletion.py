"""Which of a server's ports are somebody's own, and so are listed when it is deleted: Nova does not tell."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.cloud.server_actions_delete import list_companions
from dashboard.cloud.servers import Server
from tests.harness.services import Services
from tests.harness.wire import cloud_of, recorded

SERVER = Server.from_json(recorded("nova/server/active")["server"])
"""Made at 10:46:55, launched at 10:46:58."""


def listed(services: Services, made: str, server: Server = SERVER, **port: Any) -> bool:
    """Whether a port of the server is offered to be deleted with it."""
    own = {**copy.deepcopy(recorded("neutron/server/ports")["ports"][0]), "created_at": made, **port}
    services.rows["/v2.0/ports"] = [own]
    services.calls.clear()
    return own["id"] in {item.id for item in list_companions(cloud_of(), server).found if item.kind == "port"}


def attach(services: Services, *spans: tuple[str, str], build: str = "2026-11-21T10:46:58.000000") -> None:
    """Has Nova tell that interfaces were attached from when to when, and when the build was over."""
    actions = [
        {"action": "attach_interface", "request_id": f"req-{number}", "start_time": start, "updated_at": end}
        for number, (start, end) in enumerate(spans)
    ]
    begin = "2026-11-21T10:46:55.000000"
    actions.append({"action": "create", "request_id": "req-create", "start_time": begin, "updated_at": build})

    def answer(request: Any, context: Any) -> Any:
        return {"instanceActions": actions} if request.path.endswith("/os-instance-actions") else None

    services.answers["compute"] = answer


def asked_for_actions(services: Services) -> bool:
    return any("os-instance-actions" in call.url for call in services.calls)


@pytest.mark.parametrize(
    ("made", "is_listed"),
    [
        ("2026-11-21T10:40:00Z", True),
        ("2026-11-21T10:46:56Z", False),
        ("", False),
    ],
)
def test_what_was_there_before_is_somebody_s_and_what_the_build_made_is_not(
    made: str, is_listed: bool, services: Services
) -> None:
    assert listed(services, made) is is_listed
    assert not asked_for_actions(services)


def test_a_name_makes_it_somebody_s_at_any_time(services: Services) -> None:
    assert listed(services, "2026-11-21T10:46:56Z", name="my-port")


def test_a_port_without_a_name_that_was_made_and_attached_later_is_somebody_s(services: Services) -> None:
    attach(services, ("2026-11-21T12:00:00.000000", "2026-11-21T12:00:06.000000"))
    assert listed(services, "2026-11-21T11:59:00Z")
    assert asked_for_actions(services)


def test_a_port_that_nova_made_to_attach_it_is_left_to_nova(services: Services) -> None:
    attach(services, ("2026-11-21T12:00:00.000000", "2026-11-21T12:00:06.000000"))
    assert not listed(services, "2026-11-21T12:00:03Z")


def test_a_rebuild_long_after_does_not_hide_a_port_and_a_slow_build_does_not_show_one(services: Services) -> None:
    rebuilt = replace(SERVER, launched_at=datetime(2026, 11, 21, 15, tzinfo=UTC))
    attach(services, ("2026-11-21T12:00:00.000000", "2026-11-21T12:00:06.000000"), build="2026-11-21T10:55:00.000000")
    assert listed(services, "2026-11-21T11:59:00Z", rebuilt)
    assert not listed(services, "2026-11-21T10:54:00Z", rebuilt)


def test_what_nobody_can_tell_is_left_alone(services: Services) -> None:
    services.fail("compute", status=503, text={"message": "down"})
    assert not listed(services, "2026-11-21T11:59:00Z")
