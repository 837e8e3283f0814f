"""What hangs on a server: offered with names, sent once, and refused in words; consoles and the password."""

from __future__ import annotations

import html
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from requests_mock import ANY, Mocker

from tests.harness.html import parsed
from tests.harness.wire import CINDER, GLANCE, NEUTRON, NOVA, PROJECT_ID, access_of, at, recorded, signed_in

ACTIVE = recorded("nova/server/active")["server"]
ID = ACTIVE["id"]
SERVER = f"{NOVA}/servers/{ID}"
PORT = recorded("neutron/server/ports")["ports"][0]
VOLUME = recorded("nova/server/volumes")["volumeAttachments"][0]["volumeId"]
FREE = next(item for item in recorded("cinder/volumes")["volumes"] if item["status"] == "available")
GROUP = PORT["security_groups"][0]
SECRET = "20f91ad1-60fa-49c9-96ba-8518e41102e8"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cloud(requests_mock: Mocker) -> Mocker:
    """Nova with a server, and the services around it."""
    requests_mock.get(f"{NOVA}/", json={"version": {"version": "2.96", "min_version": "2.1"}})
    requests_mock.get(f"{NOVA}/servers/detail", json={"servers": [ACTIVE]})
    requests_mock.get(SERVER, json={"server": ACTIVE})
    requests_mock.get(f"{SERVER}/os-volume_attachments", json=recorded("nova/server/volumes"))
    requests_mock.get(f"{CINDER}/volumes/{VOLUME}", json=recorded("cinder/volume_in_use"))
    requests_mock.get(f"{CINDER}/volumes/detail", json={"volumes": [FREE]})
    requests_mock.get(f"{NEUTRON}/v2.0/ports", json=recorded("neutron/server/ports"))
    requests_mock.get(f"{NEUTRON}/v2.0/networks", json=recorded("neutron/networks"))
    requests_mock.get(f"{NEUTRON}/v2.0/security-groups", json=recorded("neutron/security_groups"))
    requests_mock.get(f"{NEUTRON}/v2.0/floatingips", json=recorded("neutron/server/floatingips"))
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    requests_mock.get(f"{GLANCE}/v2/metadefs/namespaces", json=recorded("glance/namespaces"))
    requests_mock.get(
        f"{GLANCE}/v2/metadefs/namespaces/OS%3A%3ASoftware%3A%3ADBMS", json=recorded("glance/definitions")
    )
    return requests_mock


def act(action: str, *, status: int = 200, **data: Any) -> str:
    answer = signed_in().post(at(f"servers/act/{action}/"), {"id": ID, **data}, headers=HTMX)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return html.unescape(answer.content.decode())


def asked(action: str, **query: str) -> str:
    answer = signed_in().get(at(f"servers/act/{action}/"), {"id": ID, **query}, headers=HTMX)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def changes(cloud: Mocker) -> list[tuple[str, str, Any]]:
    """Method, path and body of what was asked to be changed."""
    return [
        (request.method, request.path, json.loads(request.body) if request.body else None)
        for request in cloud.request_history
        if request.method != "GET"
    ]


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


# Consoles and the password


def console(cloud: Mocker, kind: str, url: str, browser: Any = None) -> Any:
    answer = {"remote_console": {"protocol": "x", "type": kind, "url": url}}
    cloud.post(f"{SERVER}/remote-consoles", json=answer)
    return (browser or signed_in()).post(at(f"servers/{ID}/console/"), {"kind": kind})


def policy(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: values for name, _space, values in parts}


def test_a_console_is_in_a_sandbox_and_its_page_may_show_that_host_alone(cloud: Mocker) -> None:
    answer = console(cloud, "novnc", f"http://console.example:6080/vnc_auto.html?path=%3Ftoken%3D{SECRET}")
    assert answer.status_code == 200
    assert policy(answer)["frame-src"] == "http://console.example:6080"
    assert policy(answer)["connect-src"] == "'self'"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    (frame,) = [item for item in parsed(answer.content.decode()).elements if item.tag == "iframe"]
    assert frame.attrs["sandbox"]
    assert "allow-top-navigation" not in frame.attrs["sandbox"]
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    assert changes(cloud) == [("POST", f"/v2.1/servers/{ID}/remote-consoles", body)]


def test_a_serial_console_may_speak_to_its_host_alone(cloud: Mocker) -> None:
    answer = console(cloud, "serial", f"wss://console.example:6083/?token={SECRET}")
    assert policy(answer)["connect-src"] == "'self' wss://console.example:6083"
    assert "frame-src" not in policy(answer)


def test_other_pages_stay_as_strict_as_before(cloud: Mocker) -> None:
    answer = signed_in().get(at(f"servers/{ID}/?tab=console"))
    assert policy(answer)["connect-src"] == "'self'"
    assert "frame-src" not in policy(answer)
    assert not changes(cloud)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ws://console.example/",
        "http://a b/",
        "http://x;script-src *:1/",
        "http://u@h/",
        "",
        "//h",
    ],
)
def test_an_address_that_is_none_is_no_link(cloud: Mocker, url: str) -> None:
    answer = console(cloud, "novnc", url)
    assert answer.status_code == 200
    assert not parsed(answer.content.decode()).has("iframe")
    assert "frame-src" not in policy(answer)


def test_a_console_that_the_cloud_has_not_is_told_in_words(cloud: Mocker) -> None:
    refusal = {"badRequest": {"code": 400, "message": "Unavailable console type spice-html5."}}
    cloud.post(f"{SERVER}/remote-consoles", status_code=400, json=refusal)
    answer = signed_in().post(at(f"servers/{ID}/console/"), {"kind": "spice-html5"})
    assert "This cloud offers no such console." in answer.content.decode()


def test_a_session_opens_five_consoles_a_minute(cloud: Mocker) -> None:
    browser = signed_in()
    url = f"http://console.example/?token={SECRET}"
    found = [console(cloud, "novnc", url, browser).status_code for _time in range(6)]
    assert found == [200] * 5 + [429]
    assert len(changes(cloud)) == 5
    assert console(cloud, "novnc", url).status_code == 200, "others may"


def test_a_console_takes_the_role_and_a_kind_that_there_is(cloud: Mocker) -> None:
    reader = signed_in(access_of("reader"))
    assert reader.post(at(f"servers/{ID}/console/"), {"kind": "novnc"}).status_code == 403
    assert signed_in().post(at(f"servers/{ID}/console/"), {"kind": "rdp"}).status_code == 404
    assert signed_in().get(at(f"servers/{ID}/console/")).status_code == 405
    assert not changes(cloud)


def test_no_log_has_a_consoles_address_or_a_password(cloud: Mocker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    console(cloud, "novnc", f"http://console.example/?token={SECRET}")
    cloud.get(f"{SERVER}/os-server-password", json={"password": "ZW5jcnlwdGVk"})
    text = signed_in().get(at(f"servers/{ID}/password/"), headers=HTMX).content.decode()
    assert "ZW5jcnlwdGVk" in text
    assert SECRET not in caplog.text
    assert "ZW5jcnlwdGVk" not in caplog.text


def test_a_server_without_a_password_says_when_it_comes(cloud: Mocker) -> None:
    cloud.get(f"{SERVER}/os-server-password", json={"password": ""})
    text = signed_in().get(at(f"servers/{ID}/password/")).content.decode()
    assert "The server has given no password." in text


# What only administrators see


def test_diagnostics_are_for_administrators(cloud: Mocker) -> None:
    cloud.get(f"{SERVER}/diagnostics", json=recorded("nova/server/diagnostics"))
    cloud.get(f"{SERVER}/topology", json=recorded("nova/server/topology"))
    assert "tab=diagnostics" not in signed_in().get(at(f"servers/{ID}/")).content.decode()
    admin = signed_in(access_of("admin"))
    text = parsed(admin.get(at(f"servers/{ID}/?tab=diagnostics")).content.decode()).text
    for fact in ("Host node 0", "vCPU 1 on CPU 20", "17.3 s", "15 %", "01:23:45:67:89:ab", "5.5 MiB", "kvm"):
        assert fact in text
    cloud.get(f"{SERVER}/diagnostics", status_code=409, json={"conflictingRequest": {"message": "not running"}})
    text = admin.get(at(f"servers/{ID}/?tab=diagnostics")).content.decode()
    assert "the server does not run" in text
    assert "Host node 0" in text


def test_an_administrator_is_told_how_the_host_is(cloud: Mocker) -> None:
    host = {"OS-EXT-SRV-ATTR:host": "compute1", "host_status": "MAINTENANCE"}
    cloud.get(SERVER, json={"server": {**ACTIVE, **host}})
    text = signed_in(access_of("admin")).get(at(f"servers/{ID}/")).content.decode()
    assert "In maintenance" in text
    assert "compute1" in text


def test_facts_that_say_nothing_are_left_out_and_the_others_lead_on(cloud: Mocker) -> None:
    cloud.get(SERVER, json={"server": {**ACTIVE, "key_name": "mine", "user_id": "b" * 32, "metadata": {}}})
    page = parsed(signed_in().get(at(f"servers/{ID}/")).content.decode())
    words = [item.text for item in page.elements if item.tag == "dt"]
    assert not {"Reason of the lock", "Extra specs", "Metadata", "Server group"} & set(words)
    links = {link["href"] for link in page.links}
    assert at("keypairs/mine/") in links
    assert any(dict(parse_qsl(url.partition("?")[2])).get("q") == "m1.tiny" for url in links)


def test_the_project_is_that_of_the_address(cloud: Mocker) -> None:
    asked("associate-floating-ip")
    (listed,) = [item for item in cloud.request_history if item.path == "/v2.0/floatingips"]
    assert listed.qs["project_id"] == [PROJECT_ID]


# The timeline


def timeline(cloud: Mocker, browser: Any) -> str:
    cloud.get(f"{SERVER}/os-instance-actions", json=recorded("nova/server/actions"))
    for item in recorded("nova/server/actions")["instanceActions"]:
        steps = {**recorded("nova/server/action")["instanceAction"], **item}
        cloud.get(f"{SERVER}/os-instance-actions/{item['request_id']}", json={"instanceAction": steps})
    page = parsed(browser.get(at(f"servers/{ID}/?tab=activity")).content.decode())
    return page.text_of_class("timeline")


def test_the_timeline_tells_what_nova_has_no_action_of(cloud: Mocker) -> None:
    cloud.put(f"{SERVER}/tags", json={})
    browser = signed_in()
    browser.post(at("servers/act/tags/"), {"id": ID, "tags": "blue"}, headers=HTMX)
    text = timeline(cloud, browser)
    assert f"Tags {ACTIVE['name']}" in text
    assert "begun here, by you" in text
    assert "Launch" in text


def test_of_two_actions_in_a_row_the_one_that_was_begun_here_is_marked(cloud: Mocker) -> None:
    cloud.post(f"{SERVER}/action", json={})
    browser = signed_in()
    browser.post(at("servers/act/stop/"), {"id": ID}, headers=HTMX)
    now = datetime.now(UTC)
    own = {**recorded("nova/server/actions")["instanceActions"][0], "message": None}
    actions = [
        {**own, "action": action, "request_id": f"req-{action}", "start_time": f"{at_:%Y-%m-%dT%H:%M:%S.%f}"}
        # The newest first; the start was asked for elsewhere by the same person.
        for action, at_ in (("start", now + timedelta(seconds=9)), ("stop", now))
    ]
    cloud.get(f"{SERVER}/os-instance-actions", json={"instanceActions": actions})
    for item in actions:
        steps = {**recorded("nova/server/action")["instanceAction"], **item}
        cloud.get(f"{SERVER}/os-instance-actions/{item['request_id']}", json={"instanceAction": steps})
    page = parsed(browser.get(at(f"servers/{ID}/?tab=activity")).content.decode())
    start, stop = page.text_of_class("timeline").split("req-start")
    assert "begun here" not in start
    assert "begun here, by you" in stop


def test_the_timeline_begins_with_the_task_that_runs(cloud: Mocker) -> None:
    cloud.get(SERVER, json={"server": {**ACTIVE, "OS-EXT-STS:task_state": "image_uploading"}})
    assert timeline(cloud, signed_in()).startswith("Now: uploading a snapshot")


def test_migrations_are_told_to_those_who_may_and_asked_for_by_nobody_else(cloud: Mocker) -> None:
    cloud.get(f"{NOVA}/os-migrations", json=recorded("nova/server/migrations"))
    text = timeline(cloud, signed_in(access_of("admin")))
    assert "Live migration Done completed 9 s" in text
    assert "from compute1 to compute2" in text
    before = len([item for item in cloud.request_history if "os-migrations" in item.path])
    assert "Live migration" not in timeline(cloud, signed_in())
    assert len([item for item in cloud.request_history if "os-migrations" in item.path]) == before
    cloud.get(f"{NOVA}/os-migrations", status_code=403, json={"forbidden": {"message": "no"}})
    assert "Launch" in timeline(cloud, signed_in(access_of("admin")))
