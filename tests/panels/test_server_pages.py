"""A server's page, part by part, and the list it is in."""

from __future__ import annotations

import copy
import html
from typing import Any

import pytest
from requests_mock import ANY, Mocker

from tests.harness.wire import CINDER, GLANCE, NEUTRON, NOVA, access_of, at, recorded, signed_in

ACTIVE = recorded("nova/server/active")["server"]
ERROR = recorded("nova/server/error")["server"]
ID, BAD = ACTIVE["id"], ERROR["id"]
VOLUME = recorded("nova/server/volumes")["volumeAttachments"][0]["volumeId"]
REQUEST = recorded("nova/server/action")["instanceAction"]["request_id"]
BAD_REQUEST = recorded("nova/server/error_action")["instanceAction"]["request_id"]


@pytest.fixture
def cloud(requests_mock: Mocker) -> Mocker:
    """Nova with two servers, one of them in ERROR, and the services around it."""
    nova = f"{NOVA}/servers"
    requests_mock.get(f"{nova}/detail", json=recorded("nova/server/list"))
    requests_mock.get(f"{nova}/{ID}", json={"server": ACTIVE})
    requests_mock.get(f"{nova}/{BAD}", json={"server": ERROR})
    requests_mock.get(f"{nova}/{ID}/os-volume_attachments", json=recorded("nova/server/volumes"))
    requests_mock.get(f"{nova}/{ID}/os-instance-actions", json=recorded("nova/server/actions"))
    requests_mock.get(f"{nova}/{BAD}/os-instance-actions", json=recorded("nova/server/error_actions"))
    requests_mock.get(f"{nova}/{BAD}/os-instance-actions/{BAD_REQUEST}", json=recorded("nova/server/error_action"))
    for action in recorded("nova/server/actions")["instanceActions"]:
        path = f"{nova}/{ID}/os-instance-actions/{action['request_id']}"
        steps = {**recorded("nova/server/action")["instanceAction"], **action}
        requests_mock.get(path, json={"instanceAction": steps})
    requests_mock.post(f"{nova}/{ID}/action", json=recorded("nova/server/console"))
    requests_mock.get(f"{CINDER}/volumes/{VOLUME}", json=recorded("cinder/volume_in_use"))
    requests_mock.get(f"{NEUTRON}/v2.0/ports", json=recorded("neutron/server/ports"))
    requests_mock.get(f"{NEUTRON}/v2.0/security-groups", json=recorded("neutron/server/groups"))
    requests_mock.get(f"{NEUTRON}/v2.0/floatingips", json=recorded("neutron/server/floatingips"))
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    return requests_mock


def page(path: str, browser: Any = None, status: int = 200, **headers: str) -> str:
    answer = (browser or signed_in()).get(at(path), headers=headers or None)
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def part(path: str, **details: Any) -> str:
    """The tab alone, so that what the header says does not count."""
    return page(path, **details).partition('id="tab"')[2]


def nova_with(cloud: Mocker, **changes: Any) -> None:
    cloud.get(f"{NOVA}/servers/{ID}", json={"server": {**copy.deepcopy(ACTIVE), **changes}})


def test_the_overview_tells_addresses_by_network_and_metadata(cloud: Mocker) -> None:
    text = part(f"servers/{ID}/")
    for fact in ("web-net", "192.168.10.90", "m1.tiny", "1 vCPU · 512 MiB · 1 GiB", "tier", "A web server"):
        assert fact in text
    assert 'data-copy="192.168.10.90"' in text


def test_a_fault_is_told_in_words_with_novas_own_below(cloud: Mocker) -> None:
    text = page(f"servers/{BAD}/")
    assert "Building failed on every host that was tried." in text
    assert "Exceeded maximum number of retries." in text
    assert "Launch again" in text
    assert f"servers/act/delete/?id={BAD}" in text


def test_no_valid_host_says_what_to_try(cloud: Mocker) -> None:
    fault = {**ERROR["fault"], "message": "No valid host was found. There are not enough hosts available."}
    nova_with(cloud, status="ERROR", fault=fault)
    assert "Try a smaller flavor" in page(f"servers/{ID}/")


def test_a_fault_that_nobody_knows_is_told_as_it_is(cloud: Mocker) -> None:
    nova_with(cloud, status="ERROR", fault={"message": "<script>alert(1)</script>", "code": 500})
    answer = signed_in().get(at(f"servers/{ID}/")).content.decode()
    assert "&lt;script&gt;alert(1)" in answer
    assert "<script>alert(1)" not in answer


def test_a_fault_of_any_shape_costs_no_page(cloud: Mocker) -> None:
    for fault in ("text", [], {"message": None}, {"message": {"a": 1}, "created": 7}, None):
        nova_with(cloud, status="ERROR", fault=fault)
        page(f"servers/{ID}/")


def test_a_build_that_hangs_says_so(cloud: Mocker) -> None:
    moved = {"status": "BUILD", "OS-EXT-STS:task_state": "spawning", "updated": "2020-01-01T00:00:00Z"}
    nova_with(cloud, **moved)
    assert "Nothing has moved for" in page(f"servers/{ID}/")


def test_a_lock_tells_its_reason(cloud: Mocker) -> None:
    nova_with(cloud, locked=True, locked_reason="Upgrade until Monday")
    assert "Locked: Upgrade until Monday" in page(f"servers/{ID}/")


def test_a_server_in_a_cell_that_is_down_is_unreachable_and_not_gone(cloud: Mocker) -> None:
    kept = {key: ACTIVE[key] for key in ("id", "tenant_id", "created")}
    cloud.get(f"{NOVA}/servers/{ID}", json={"server": {**kept, "status": "UNKNOWN"}})
    assert "Unreachable" in page(f"servers/{ID}/")


def test_volumes_say_what_goes_with_the_server(cloud: Mocker) -> None:
    text = part(f"servers/{ID}/?tab=volumes")
    for fact in ("data-1", "/dev/sdb", "1 GiB", "deleted with the server", VOLUME):
        assert fact in text


def test_a_cinder_that_is_down_costs_the_names_and_says_so(cloud: Mocker) -> None:
    cloud.get(f"{CINDER}/volumes/{VOLUME}", status_code=503)
    text = part(f"servers/{ID}/?tab=volumes")
    assert "Block storage (Cinder) is busy." in text
    assert "/dev/sdb" in text


def test_the_network_tab_tells_ports_with_addresses_and_groups(cloud: Mocker) -> None:
    port = recorded("neutron/server/ports")["ports"][0]
    mac = port["mac_address"]
    addresses = {
        "web-net": [
            {"addr": "192.168.10.90", "version": 4, "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": mac},
            {"addr": "203.0.112.7", "version": 4, "OS-EXT-IPS:type": "floating", "OS-EXT-IPS-MAC:mac_addr": mac},
        ]
    }
    nova_with(cloud, addresses=addresses)
    text = part(f"servers/{ID}/?tab=network")
    for fact in ("web-net", "192.168.10.90", "203.0.112.7", "floating", mac, port["id"], "default"):
        assert fact in text
    assert at(f"networks/{port['network_id']}/") in text


def test_ports_are_told_without_the_names_of_their_groups(cloud: Mocker) -> None:
    cloud.get(f"{NEUTRON}/v2.0/security-groups", status_code=500)
    text = part(f"servers/{ID}/?tab=network")
    assert "192.168.10.90" in text
    assert recorded("neutron/server/ports")["ports"][0]["security_groups"][0] in text


def test_a_resize_that_waits_says_what_to_do(cloud: Mocker) -> None:
    nova_with(cloud, status="VERIFY_RESIZE")
    assert "confirm the resize, or revert it" in page(f"servers/{ID}/")


def test_security_groups_tell_the_rules_that_count(cloud: Mocker) -> None:
    text = part(f"servers/{ID}/?tab=security-groups")
    assert "192.168.10.90" in text
    assert "web-net" in text
    assert "from members of default" in text
    assert "to anywhere" in text


def test_a_port_without_port_security_says_that_nothing_is_filtered(cloud: Mocker) -> None:
    ports = recorded("neutron/server/ports")
    ports["ports"][0]["port_security_enabled"] = False
    cloud.get(f"{NEUTRON}/v2.0/ports", json=ports)
    assert "Nothing is filtered here" in part(f"servers/{ID}/?tab=security-groups")


def test_a_neutron_that_is_down_costs_the_part_and_not_the_page(cloud: Mocker) -> None:
    cloud.get(f"{NEUTRON}/v2.0/ports", status_code=500)
    text = page(f"servers/{ID}/?tab=security-groups")
    assert "Network (Neutron) failed." in text
    assert "srv-web-1" in text


def test_the_console_log_is_text_whatever_it_holds(cloud: Mocker) -> None:
    cloud.post(f"{NOVA}/servers/{ID}/action", json={"output": "\x1b[31m</pre><script>alert(1)</script>\x00"})
    answer = signed_in().get(at(f"servers/{ID}/?tab=log")).content.decode()
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in answer
    assert "\x1b" not in answer
    assert "\x00" not in answer


@pytest.mark.parametrize("line", ["line\n", "<&\"'>\n", "\u6f22\u5b57 \U0001f600\n", "\x1b[31m"])
@pytest.mark.parametrize("path", ["?tab=log", "log/?lines=all"])
def test_ten_megabytes_of_log_make_a_page_below_one(cloud: Mocker, line: str, path: str) -> None:
    cloud.post(f"{NOVA}/servers/{ID}/action", json={"output": line * (10_000_000 // len(line)) + "last words"})
    answer = signed_in().get(at(f"servers/{ID}/{path}"))
    assert len(answer.content) < 1_000_000
    assert "last words" in answer.content.decode()
    assert "this is its end" in answer.content.decode()


@pytest.mark.parametrize(("asked", "sent"), [("100", 100), ("1000", 1000), ("all", None), ("7", 100), ("x", 100)])
def test_the_log_is_asked_for_by_the_offered_lengths_alone(cloud: Mocker, asked: str, sent: int | None) -> None:
    page(f"servers/{ID}/log/?lines={asked}")
    assert cloud.last_request.json() == {"os-getConsoleOutput": {"length": sent}}


def test_the_log_comes_as_a_file_that_no_browser_runs(cloud: Mocker) -> None:
    answer = signed_in().get(at(f"servers/{ID}/log/?lines=all&format=text"))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content == b"FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE"


def test_a_server_without_a_guest_says_why_there_is_no_log(cloud: Mocker) -> None:
    cloud.post(f"{NOVA}/servers/{ID}/action", json=recorded("nova/server/console_conflict"), status_code=409)
    assert "There is no log yet" in part(f"servers/{ID}/?tab=log")


def test_a_reader_is_told_that_the_role_does_not_allow_the_log(cloud: Mocker) -> None:
    cloud.post(f"{NOVA}/servers/{ID}/action", json=recorded("nova/server/forbidden"), status_code=403)
    browser = signed_in(access_of("reader"))
    assert "Your role in this project does not allow this." in part(f"servers/{ID}/?tab=log", browser=browser)
    assert "Your role in this project does not allow this." in page(f"servers/{ID}/log/", browser=browser)


def test_htmx_is_given_the_log_alone(cloud: Mocker) -> None:
    text = page(f"servers/{ID}/log/?lines=all", **{"HX-Request": "true"})
    assert text.lstrip().startswith('<div id="console-log"')


def test_the_timeline_tells_who_did_what_when_and_by_which_request(cloud: Mocker) -> None:
    text = part(f"servers/{ID}/?tab=activity")
    for fact in ("Launch", "Attach a volume", REQUEST, "by you", "Show the steps"):
        assert fact in text


def test_a_build_that_failed_is_marked_though_nova_notes_no_error_with_it(cloud: Mocker) -> None:
    text = part(f"servers/{BAD}/?tab=activity")
    assert "Failed" in text
    assert "do_build_and_run_instance" in text
    # Why, is told once on the page: in its head.
    assert page(f"servers/{BAD}/?tab=activity").count("<q>Exceeded maximum number of retries.") == 1
    assert "Exceeded maximum number of retries." not in text
    assert "Exceeded maximum number of retries." in page(f"servers/{BAD}/activity/")


def test_steps_can_be_had_one_action_at_a_time(cloud: Mocker) -> None:
    text = page(f"servers/{ID}/activity/{REQUEST}/", **{"HX-Request": "true"})
    assert text.lstrip().startswith("<li")
    assert "do_build_and_run_instance" in text
    assert "<html" in page(f"servers/{ID}/activity/{REQUEST}/")


def test_a_long_timeline_goes_on_from_its_last_request(cloud: Mocker) -> None:
    action = recorded("nova/server/actions")["instanceActions"][-1]
    many = {"instanceActions": [{**action, "request_id": f"req-{n:08d}"} for n in range(50)]}
    cloud.get(f"{NOVA}/servers/{ID}/os-instance-actions", json=many)
    cloud.get(f"{NOVA}/servers/{ID}/os-instance-actions/req-00000000", json=recorded("nova/server/action"))
    assert f"servers/{ID}/activity/?after=req-00000049" in part(f"servers/{ID}/?tab=activity")
    page(f"servers/{ID}/activity/?after=req-00000049")
    assert ["req-00000049"] in [request.qs.get("marker") for request in cloud.request_history]


def test_json_leaves_out_what_may_hold_passwords(cloud: Mocker) -> None:
    nova_with(cloud, adminPass="hunter2", **{"OS-EXT-SRV-ATTR:user_data": "c2VjcmV0"})
    text = part(f"servers/{ID}/?tab=json")
    assert "OS-EXT-STS:vm_state" in text
    assert "hunter2" not in text
    assert "c2VjcmV0" not in text


@pytest.mark.parametrize("tab", ["", "network", "volumes", "security-groups", "log", "activity", "json"])
def test_a_server_that_is_gone_is_told_so_on_every_tab(cloud: Mocker, tab: str) -> None:
    cloud.get(f"{NOVA}/servers/{ID}", json=recorded("nova/server/not_found"), status_code=404)
    assert "This server is gone" in page(f"servers/{ID}/?tab={tab}", status=404)


@pytest.mark.parametrize("path", ["log/", "log/?format=text", "activity/", f"activity/{REQUEST}/"])
@pytest.mark.parametrize("failure", [{"status_code": 503}, {"text": "<html>proxy</html>"}, {"json": []}, {"json": {}}])
def test_no_failure_of_nova_makes_a_server_error(cloud: Mocker, path: str, failure: dict[str, Any]) -> None:
    cloud.get(ANY, **failure)
    cloud.post(ANY, **failure)
    answer = signed_in().get(at(f"servers/{ID}/{path}"))
    assert answer.status_code != 500
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize(
    ("tab", "calls"),
    [("", 2), ("network", 5), ("volumes", 4), ("security-groups", 4), ("log", 3), ("activity", 4), ("json", 3)],
)
def test_a_cold_page_asks_no_more_than_it_must(cloud: Mocker, tab: str, calls: int) -> None:
    """The server, its image's name (kept afterwards), and what the tab shows; the live poll counts apart."""
    page(f"servers/{ID}/?tab={tab}")
    asked = [request for request in cloud.request_history if not request.path.endswith("/servers/detail")]
    assert len(asked) == calls
    assert not [request for request in asked if ":5000" in request.netloc]
