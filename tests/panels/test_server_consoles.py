"""Consoles, passwords, diagnostics and the timeline of a server."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from requests_mock import Mocker

from tests.harness.html import parsed
from tests.harness.server_parts import ACTIVE, HTMX, ID, SECRET, SERVER, asked, changes, cloud
from tests.harness.wire import NOVA, PROJECT_ID, access_of, at, recorded, signed_in

__all__ = ["cloud"]


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
