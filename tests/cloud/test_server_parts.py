"""What hangs on a server: volumes and ports."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from requests_mock import Mocker

from dashboard.cloud import server_parts as parts
from dashboard.cloud.errors import BadAnswer, Unavailable
from dashboard.cloud.server_parts import ServerPort, VolumeAttachment
from tests.harness.wire import CINDER, NEUTRON, NOVA, cloud_of, recorded

from .odd import odd

ATTACHMENT = recorded("nova/server/volumes")["volumeAttachments"][0]
PORT = recorded("neutron/server/ports")["ports"][0]
ID, VOLUME = ATTACHMENT["serverId"], ATTACHMENT["volumeId"]


def test_volumes_come_with_one_call_and_say_what_is_deleted_with_the_server(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/servers/{ID}/os-volume_attachments", json=recorded("nova/server/volumes"))
    (found,) = parts.list_volume_attachments(cloud_of(), id=ID)
    assert (found.volume_id, found.device, found.tag) == (VOLUME, "/dev/sdb", "data")
    assert found.is_deleted_with_server
    assert requests_mock.call_count == 1


def test_cinder_adds_names_and_sizes(requests_mock: Mocker) -> None:
    requests_mock.get(f"{CINDER}/volumes/{VOLUME}", json=recorded("cinder/volume_in_use"))
    (found,), error = parts.with_volumes(cloud_of(), [VolumeAttachment.from_json(ATTACHMENT)])
    assert error is None
    assert found.volume is not None
    assert (found.volume.name, found.volume.size) == ("data-1", 1)


def test_a_cinder_that_fails_costs_names_and_sizes_alone(requests_mock: Mocker) -> None:
    requests_mock.get(f"{CINDER}/volumes/{VOLUME}", status_code=503)
    (found,), error = parts.with_volumes(cloud_of(), [VolumeAttachment.from_json(ATTACHMENT)])
    assert isinstance(error, Unavailable)
    assert (found.volume_id, found.volume) == (VOLUME, None)


def test_ports_and_their_groups_take_two_calls(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NEUTRON}/v2.0/ports", json=recorded("neutron/server/ports"))
    requests_mock.get(f"{NEUTRON}/v2.0/security-groups", json=recorded("neutron/server/groups"))
    ports = parts.list_server_ports(cloud_of(), id=ID)
    groups = parts.list_groups_of(cloud_of(), ports)
    assert ports[0].addresses == ("192.168.10.90",)
    assert [group.name for group in groups] == ["default"]
    assert [request.qs.get("id") for request in requests_mock.request_history] == [None, [ports[0].group_ids[0]]]
    assert requests_mock.request_history[0].qs["device_id"] == [ID]


def test_ports_without_groups_ask_for_none(requests_mock: Mocker) -> None:
    assert parts.list_groups_of(cloud_of(), [ServerPort("p")]) == ()
    assert not requests_mock.called


@pytest.mark.parametrize("body", [{}, {"ports": None}, {"ports": {}}])
def test_an_answer_without_its_list_is_a_fault(requests_mock: Mocker, body: Any) -> None:
    requests_mock.get(f"{NEUTRON}/v2.0/ports", json=body)
    with pytest.raises(BadAnswer):
        parts.list_server_ports(cloud_of(), id=ID)


@given(odd(ATTACHMENT))
def test_no_odd_attachment_stumbles(body: dict[str, Any]) -> None:
    assert isinstance(VolumeAttachment.from_json(body).volume_id, str)


@given(odd(PORT))
def test_no_odd_port_stumbles(body: dict[str, Any]) -> None:
    assert all(isinstance(address, str) for address in ServerPort.from_json(body).addresses)
