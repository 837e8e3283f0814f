"""Deleting a server with what belongs to it: what is offered, what goes, in which order, and what is told."""

from __future__ import annotations

import re
from typing import Any

from dashboard.cloud import transport
from dashboard.cloud.server_actions_delete import Companion, delete_with
from dashboard.cloud.versions import Range, know
from tests.harness.html import parsed
from tests.harness.server_actions import (
    FLOATING,
    ID,
    OTHER_FLOATING,
    PORT,
    VOLUME,
    changes,
    dialog,
    name_port,
    own_floating,
    sent,
)
from tests.harness.services import Services
from tests.harness.wire import NEUTRON, NOVA, cloud_of, recorded

__all__ = ["own_floating"]


def test_the_dialog_lists_what_belongs_to_the_server_by_name_and_ticks_only_what_goes_anyway(
    services: Services,
) -> None:
    name_port(services)
    page = parsed(dialog("delete"))
    boxes = {item.attrs["value"]: item for item in page.elements if item.attrs.get("type") == "checkbox"}
    assert set(boxes) == {f"{ID}/{VOLUME}", f"{ID}/{FLOATING}", f"{ID}/{PORT}"}
    assert [value for value, item in boxes.items() if "checked" in item.attrs] == [f"{ID}/{VOLUME}"]
    for text in ("203.0.112.7 → 192.168.10.90", "my-port · 192.168.10.90", "/dev/sdb"):
        assert text in page.text


def leave(services: Services) -> None:
    """The server is gone as soon as it is deleted."""

    def answer(request: Any, context: Any) -> Any:
        if request.method == "DELETE" and request.url.endswith(f"/servers/{ID}"):
            services.rows["/servers"] = [row for row in services.rows["/servers"] if row["id"] != ID]
        return None

    services.answers["compute"] = answer


def test_what_is_ticked_goes_in_order_and_nothing_else(services: Services) -> None:
    name_port(services)
    leave(services)
    sent(services, "delete", floating=f"{ID}/{FLOATING}", port=f"{ID}/{PORT}")
    assert [(method, url.rpartition("/")[2], body) for method, url, body in changes(services)] == [
        # It was to go with the server, and was not ticked.
        ("PUT", VOLUME, {"volumeAttachment": {"volumeId": VOLUME, "delete_on_termination": False}}),
        ("DELETE", ID, None),
        ("DELETE", FLOATING, None),
        ("DELETE", PORT, None),
    ]


def test_nothing_is_deleted_along_with_a_server_unless_it_is_ticked(services: Services) -> None:
    leave(services)
    sent(services, "delete", volume=f"{ID}/{VOLUME}")
    assert [(method, url.rpartition("/")[2]) for method, url, _body in changes(services)] == [("DELETE", ID)]


def test_what_was_not_offered_is_refused(services: Services) -> None:
    answer = sent(services, "delete", 422, floating=f"{ID}/{OTHER_FLOATING}")
    assert "not one of the available choices" in answer
    assert not services.changes


def test_a_volume_that_can_not_be_kept_keeps_the_server_too(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method != "PUT":
            return None
        context.status_code = 409
        return recorded("nova/server/conflict")

    services.answers["compute"] = answer
    sent(services, "delete", 422)
    assert [method for method, _url, _body in changes(services)] == ["PUT"]


def test_what_could_not_go_along_is_named_with_the_reason(services: Services) -> None:
    leave(services)

    def answer(request: Any, context: Any) -> Any:
        if request.method != "DELETE":
            return None
        context.status_code = 409
        return {"NeutronError": {"type": "Conflict", "message": "It is in use elsewhere."}}

    services.answers["network"] = answer
    text = sent(services, "delete", volume=f"{ID}/{VOLUME}", floating=f"{ID}/{FLOATING}")
    assert "Done for 1 of 1." in text
    assert re.search(r"Floating IP 203\.0\.112\.7.*It is kept\. .*in use elsewhere", text, re.DOTALL)
    assert "Volume" in text


def test_a_service_that_fails_costs_what_it_would_have_listed_and_says_so(services: Services) -> None:
    services.fail("network", status=503, text={"message": "down"})
    text = dialog("delete")
    assert "Not all that belongs to it can be listed" in text
    assert VOLUME in text


def test_ports_wait_for_the_server_to_be_gone_and_stay_if_it_is_not(services: Services) -> None:
    pauses: list[float] = []
    port = Companion("port", PORT, "my-port")
    (step,) = delete_with(cloud_of(), id=ID, companions=(port,), chosen=(PORT,), sleep=pauses.append)
    assert step.error is not None
    assert sum(pauses) >= 20
    assert [call.method for call in services.changes] == ["DELETE"]


def test_what_an_old_nova_can_not_change_is_not_offered_to_be_changed(services: Services) -> None:
    know(NOVA, Range("2.1", "2.53"))
    page = parsed(dialog("delete"))
    box = next(item for item in page.elements if item.attrs.get("value") == f"{ID}/{VOLUME}")
    assert "disabled" in box.attrs
    sent(services, "delete")
    assert [method for method, _url, _body in changes(services)] == ["DELETE"]


def test_showing_the_request_of_a_deletion_waits_for_nothing(services: Services) -> None:
    name_port(services)
    text = sent(services, "delete", port=f"{ID}/{PORT}", volume=f"{ID}/{VOLUME}", show="1")
    assert f"curl -X DELETE {NEUTRON}/v2.0/ports/{PORT}" in text
    assert not services.changes
    assert transport.dry.get() is None
