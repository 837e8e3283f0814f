"""What hangs on a server: offered with names, sent once, and refused in words; consoles and the password."""

from __future__ import annotations

import html
from typing import Any

import pytest
from requests_mock import ANY, Mocker

from tests.harness.html import parsed
from tests.harness.server_parts import ACTIVE, FREE, HTMX, ID, SERVER, VOLUME, asked, changes, cloud
from tests.harness.wire import CINDER, GLANCE, NEUTRON, NOVA, at, recorded, signed_in

__all__ = ["cloud"]


PORT = recorded("neutron/server/ports")["ports"][0]
GROUP = PORT["security_groups"][0]


def act(action: str, *, status: int = 200, **data: Any) -> str:
    answer = signed_in().post(at(f"servers/act/{action}/"), {"id": ID, **data}, headers=HTMX)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return html.unescape(answer.content.decode())


# Volumes


def test_a_free_volume_is_chosen_by_its_name_and_size(cloud: Mocker) -> None:
    text = asked("attach-volume")
    assert f"{FREE['name']} · {FREE['size']} GiB" in text
    assert ACTIVE["name"] in text


def test_a_volume_is_attached_with_device_tag_and_fate_in_one_request(cloud: Mocker) -> None:
    cloud.post(f"{SERVER}/os-volume_attachments", json={"volumeAttachment": {"volumeId": FREE["id"]}})
    act("attach-volume", volume_id=FREE["id"], device="/dev/vdc", tag="db", delete_on_termination="on")
    body = {"volumeId": FREE["id"], "device": "/dev/vdc", "tag": "db", "delete_on_termination": True}
    assert changes(cloud) == [("POST", f"/v2.1/servers/{ID}/os-volume_attachments", {"volumeAttachment": body})]


@pytest.mark.parametrize(("field", "value"), [("device", "vdb; rm"), ("tag", "a,b"), ("volume_id", "another")])
def test_what_nova_would_not_take_stays_on_the_form(cloud: Mocker, field: str, value: str) -> None:
    act("attach-volume", status=422, **{"volume_id": FREE["id"], field: value})
    assert not changes(cloud)


def test_detaching_names_the_volume_and_sends_one_request(cloud: Mocker) -> None:
    text = asked("detach-volume", volume_id=VOLUME)
    assert "data-1 · 1 GiB · /dev/sdb" in text
    assert "Unmount it inside the server first" in text
    cloud.delete(f"{SERVER}/os-volume_attachments/{VOLUME}", status_code=202)
    act("detach-volume", volume_id=VOLUME)
    assert changes(cloud) == [("DELETE", f"/v2.1/servers/{ID}/os-volume_attachments/{VOLUME}", None)]


def test_a_volume_that_is_not_the_servers_is_refused_before_nova_is_asked(cloud: Mocker) -> None:
    act("detach-volume", status=422, volume_id=FREE["id"])
    assert not changes(cloud)


def test_whether_a_volume_goes_with_the_server_is_changed_later(cloud: Mocker) -> None:
    cloud.put(f"{SERVER}/os-volume_attachments/{VOLUME}", status_code=202)
    act("volume-fate", volume_id=VOLUME, delete_on_termination="no")
    body = {"volumeId": VOLUME, "delete_on_termination": False}
    assert changes(cloud)[0][2] == {"volumeAttachment": body}


@pytest.mark.parametrize("status", ["detaching", "attaching", "reserved"])
def test_a_volume_that_is_on_its_way_is_asked_for_again_by_itself(cloud: Mocker, status: str) -> None:
    cloud.get(f"{CINDER}/volumes/{VOLUME}", json={"volume": {"id": VOLUME, "name": "data-1", "status": status}})
    page = parsed(signed_in().get(at(f"servers/{ID}/?tab=volumes")).content.decode())
    assert [item for item in page.elements if "data-again" in item.attrs]
    assert not [link for link in page.links if link["text"].startswith("Detach")]


def test_a_part_that_was_changed_comes_anew_some_times_and_then_rests(cloud: Mocker) -> None:
    found = []
    for settle in ("99", "1", "", "x"):
        answer = signed_in().get(at(f"servers/{ID}/part/volumes/?settle={settle}"), headers=HTMX)
        page = parsed(answer.content.decode())
        found.append([item.attrs["hx-get"][-1] for item in page.elements if "data-again" in item.attrs])
    assert found == [["5"], [], [], []]
    assert signed_in().get(at(f"servers/{ID}/part/activity/")).status_code == 404


@pytest.mark.parametrize("slug", ["volumes", "network", "security-groups"])
@pytest.mark.parametrize("failure", [{"status_code": 503}, {"text": "<html>"}, {"json": []}, {"json": {}}])
def test_a_service_that_fails_costs_the_part_alone(cloud: Mocker, slug: str, failure: dict[str, Any]) -> None:
    cloud.get(f"{SERVER}/os-volume_attachments", **failure)
    cloud.get(f"{NEUTRON}/v2.0/ports", **failure)
    answer = signed_in().get(at(f"servers/{ID}/part/{slug}/"), headers=HTMX)
    assert answer.status_code == 200
    assert parsed(answer.content.decode()).all_of_class("fault")


@pytest.mark.parametrize(("status", "body"), [(409, "in a transient state"), (400, "is already attached"), (500, "x")])
def test_a_refusal_of_nova_keeps_the_form_with_what_was_chosen(cloud: Mocker, status: int, body: str) -> None:
    refusal = {"error": {"message": body, "code": status}}
    cloud.post(f"{SERVER}/os-volume_attachments", status_code=status, json=refusal)
    text = act("attach-volume", status=422, volume_id=FREE["id"], tag="db")
    assert 'value="db"' in text
    assert body in text or status == 500


# Interfaces and addresses


def test_a_network_or_a_port_is_chosen_and_a_port_has_its_address(cloud: Mocker) -> None:
    network = next(item for item in recorded("neutron/networks")["networks"] if item["name"] == "web-net")
    cloud.post(f"{SERVER}/os-interface", json={"interfaceAttachment": {}})
    act("attach-interface", target=f"network:{network['id']}", address="192.168.10.9", tag="nic")
    body = {"net_id": network["id"], "fixed_ips": [{"ip_address": "192.168.10.9"}], "tag": "nic"}
    assert changes(cloud)[0][2] == {"interfaceAttachment": body}
    assert "public" not in asked("attach-interface")


def test_a_floating_ip_is_associated_with_the_address_chosen(cloud: Mocker) -> None:
    free = recorded("neutron/server/floatingips")["floatingips"][1]
    cloud.put(f"{NEUTRON}/v2.0/floatingips/{free['id']}", json={})
    fixed = PORT["fixed_ips"][0]["ip_address"]
    act("associate-floating-ip", floating=free["id"], target=f"{PORT['id']}|{fixed}")
    assert changes(cloud)[0][2] == {"floatingip": {"port_id": PORT["id"], "fixed_ip_address": fixed}}


def test_a_floating_ip_is_taken_on_the_way(cloud: Mocker) -> None:
    public = next(item for item in recorded("neutron/networks")["networks"] if item["router:external"])
    cloud.post(f"{NEUTRON}/v2.0/floatingips", json={"floatingip": {"id": "f"}})
    fixed = PORT["fixed_ips"][0]["ip_address"]
    act("associate-floating-ip", floating=f"new:{public['id']}", target=f"{PORT['id']}|{fixed}")
    ((method, _path, body),) = changes(cloud)
    assert method == "POST"
    wanted = {"floating_network_id": public["id"], "port_id": PORT["id"], "fixed_ip_address": fixed}
    assert body == {"floatingip": wanted}


def test_disassociating_keeps_the_address_and_releasing_gives_it_back(cloud: Mocker) -> None:
    used = recorded("neutron/server/floatingips")["floatingips"][0]
    assert "203.0.112.7 → 192.168.10.90" in asked("disassociate-floating-ip", floating_id=used["id"])
    cloud.put(f"{NEUTRON}/v2.0/floatingips/{used['id']}", json={})
    cloud.delete(f"{NEUTRON}/v2.0/floatingips/{used['id']}", status_code=204)
    act("disassociate-floating-ip", floating_id=used["id"])
    act("release-floating-ip", floating_id=used["id"])
    assert [(method, body) for method, _path, body in changes(cloud)] == [
        ("PUT", {"floatingip": {"port_id": None}}),
        ("DELETE", None),
    ]


# Security groups, metadata, tags


def test_ticking_changes_every_port_and_leaves_alone_what_was_not_touched(cloud: Mocker) -> None:
    other = {**PORT, "id": "9" * 8 + PORT["id"][8:], "security_groups": [GROUP, "own"]}
    cloud.get(f"{NEUTRON}/v2.0/ports", json={"ports": [PORT, other]})
    cloud.put(ANY, json={})
    text = asked("security-groups")
    assert "Its ports have different groups" in text
    act("security-groups", groups=["own"])
    assert [body["port"]["security_groups"] for _method, _path, body in changes(cloud)] == [[], ["own"]]


def test_a_server_without_a_port_that_is_filtered_says_so(cloud: Mocker) -> None:
    cloud.get(f"{NEUTRON}/v2.0/ports", json={"ports": [{**PORT, "port_security_enabled": False}]})
    act("security-groups", status=422, groups=[GROUP])
    assert not changes(cloud)


def test_metadata_is_rows_and_what_glance_knows_of_a_key_counts(cloud: Mocker) -> None:
    cloud.put(f"{SERVER}/metadata", json={})
    text = asked("metadata")
    assert "sw_database_port" in text
    rows = {"metadata-key": ["a", "sw_database_port", ""], "metadata-value": ["1", "many", ""]}
    assert "It is a number." in act("metadata", status=422, **rows)
    rows["metadata-value"][1] = "3306"
    act("metadata", **rows)
    assert changes(cloud)[0][2] == {"metadata": {"a": "1", "sw_database_port": "3306"}}


@pytest.mark.parametrize(
    ("keys", "values", "words"),
    [
        (["a", "a"], ["1", "2"], "is there twice"),
        ([""], ["1"], "has no key"),
        (["k" * 256], [""], "at most 255"),
        (["sw_database_kind"], ["oracle"], "It is one of: mysql, postgresql."),
    ],
)
def test_metadata_that_can_not_be_is_told_before_nova_is_asked(
    cloud: Mocker, keys: list[str], values: list[str], words: str
) -> None:
    assert words in act("metadata", status=422, **{"metadata-key": keys, "metadata-value": values})
    assert not changes(cloud)


def test_metadata_can_be_edited_without_glance(cloud: Mocker) -> None:
    cloud.get(f"{GLANCE}/v2/metadefs/namespaces", status_code=503)
    assert "metadata-key" in asked("metadata")


def test_tags_keep_those_that_a_launch_is_found_by(cloud: Mocker) -> None:
    cloud.get(SERVER, json={"server": {**ACTIVE, "tags": ["blue", "belvedere-0123"]}})
    cloud.get(f"{NOVA}/servers/detail", json={"servers": []})
    cloud.put(f"{SERVER}/tags", json={})
    assert "belvedere-0123" not in asked("tags")
    act("tags", tags="green\n green \n")
    assert changes(cloud)[0][2] == {"tags": ["green", "belvedere-0123"]}
    assert "can't be a tag" in act("tags", status=422, tags="a/b")
