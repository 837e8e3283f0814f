"""Launching servers from the page: what it offers, what it refuses, and that it sends once."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from requests_mock import Mocker

from dashboard.cloud import guard
from dashboard.panels.servers import launch_views
from tests.harness.wire import CINDER, GLANCE, KEYSTONE, NEUTRON, NOVA, access_of, at, recorded, signed_in

PAGE = at("servers/launch/")
ONCE = "0" * 31 + "7"
IMAGES = {image["name"]: image["id"] for image in recorded("glance/images")["images"]}
FLAVORS = {flavor["name"]: flavor["id"] for flavor in recorded("nova/flavors")["flavors"]}
NETS = {network["name"]: network["id"] for network in recorded("neutron/networks")["networks"]}
REFUSED = recorded("nova/launch_refused")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    guard.forget_all()
    monkeypatch.setattr(launch_views, "LOOK_SECONDS", 0.1)


@pytest.fixture
def wire(requests_mock: Mocker) -> Mocker:
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    requests_mock.get(f"{NOVA}/flavors/detail", json=recorded("nova/flavors"))
    requests_mock.get(f"{NOVA}/os-keypairs", json=recorded("nova/keypairs"))
    requests_mock.get(f"{NOVA}/limits", json=recorded("nova/limits"))
    # The new server's own record is asked for right after; that it is not there yet costs nothing.
    requests_mock.get(re.compile(rf"^{re.escape(NOVA)}/servers/[0-9a-z-]+$"), status_code=404, json={})
    requests_mock.get(f"{NOVA}/servers/detail", json={"servers": []})
    for name, path in (("networks", "networks"), ("subnets", "subnets"), ("security_groups", "security-groups")):
        requests_mock.get(f"{NEUTRON}/v2.0/{path}", json=recorded(f"neutron/{name}"))
    for name in ("volumes", "snapshots"):
        requests_mock.get(f"{CINDER}/{name}/detail", json={name: []})
    requests_mock.get(f"{CINDER}/types", json={"volume_types": []})
    requests_mock.get(f"{CINDER}/limits", json=recorded("cinder/limits"))
    requests_mock.post(f"{NOVA}/servers", status_code=202, json=recorded("nova/launched"))
    return requests_mock


@pytest.fixture
def browser() -> Client:
    return signed_in()


def typed(**fields: Any) -> dict[str, Any]:
    given = {
        "once": ONCE,
        "name": "web-1",
        "count": "1",
        "source": "image",
        "image": IMAGES["cirros-0.6"],
        "flavor": FLAVORS["m1.tiny"],
        "networking": "chosen",
        "network": NETS["web-net"],
    }
    return {key: value for key, value in {**given, **fields}.items() if value is not None}


def sent(wire: Mocker) -> list[Any]:
    return [r.json() for r in wire.request_history if r.method == "POST" and r.url == f"{NOVA}/servers"]


def problems(response: Any) -> list[str]:
    html = response.content.decode()
    box = re.search(r'<section id="problems".*?</section>', html, re.DOTALL)
    return re.findall(r'href="#([^"]+)"', box[0]) if box else []


def test_the_page_offers_what_there_is_with_good_defaults(wire: Mocker, browser: Client) -> None:
    html = browser.get(PAGE).content.decode()
    assert "ubuntu-24.04" in html
    assert "m1.tiny" in html
    assert re.search(rf'name="network" value="{NETS["web-net"]}" checked', html)
    assert NETS["public"] not in html, "external networks are not for servers"
    assert "Lets in everything from servers with this group." in html
    assert '<section id="problems"' not in html


def test_name_image_flavor_launch_is_enough(wire: Mocker, browser: Client) -> None:
    response = browser.post(PAGE, typed())
    assert response.status_code == 303
    assert response["Location"] == at("servers/")
    (body,) = sent(wire)
    assert body["server"]["tags"] == [f"belvedere-{ONCE}"]
    assert body["server"]["networks"] == [{"uuid": NETS["web-net"]}]


def test_a_form_that_is_sent_twice_launches_once(wire: Mocker, browser: Client) -> None:
    first = browser.post(PAGE, typed())
    second = browser.post(PAGE, typed(name="another"))
    assert second.status_code == 303
    assert second["Location"] == first["Location"]
    assert len(sent(wire)) == 1


def test_what_is_missing_is_said_on_the_field_and_nothing_is_sent(wire: Mocker, browser: Client) -> None:
    response = browser.post(PAGE, typed(name="", image=None, flavor=None, description="kept"))
    assert response.status_code == 422
    assert problems(response) == ["name", "image", "flavor"]
    assert 'value="kept"' in response.content.decode()
    assert not sent(wire)


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [
        ({f"fixed_ip-{NETS['web-net']}": "10.0.0.1"}, f"fixed_ip-{NETS['web-net']}"),
        ({f"fixed_ip-{NETS['web-net']}": "192.168.10.1"}, f"fixed_ip-{NETS['web-net']}"),
        ({f"fixed_ip-{NETS['web-net']}": "192.168.10.9", "count": "2"}, f"fixed_ip-{NETS['web-net']}"),
        ({"network": None}, "step-networks"),
        ({"count": "101"}, "count"),
        ({"count": "2", "min_count": "3"}, "min_count"),
        ({"source": "volume", "volume": ""}, "volume"),
        ({"image": "a/../b"}, "image"),
        ({"public_key": "-----BEGIN OPENSSH PRIVATE KEY-----", "new_key_name": "k"}, "public_key"),
        ({"public_key": "ssh-ed25519 AAAA"}, "new_key_name"),
        ({"user_data": "#cloud-config\na: [1\nb: 2"}, "user_data"),
        ({"user_data": "x" * 49_200}, "user_data"),
        ({"tags": "a/b"}, "tags"),
        ({"tags": ",".join(f"t{n}" for n in range(50))}, "tags"),
        ({"tags": "x" * 61}, "tags"),
        ({"metadata_key": ["a"], "metadata_value": ["x" * 256]}, "metadata"),
        ({"metadata_key": ["a/b"], "metadata_value": ["x"]}, "metadata"),
        ({"metadata_key": [""], "metadata_value": ["x"]}, "metadata"),
        ({"hint_query": "{"}, "hint_query"),
        ({"hint_same_host": "nonsense"}, "hint_same_host"),
        ({"hint_cidr": "/24"}, "hint_build_near_host_ip"),
        ({"access_ipv4": "::1"}, "access_ipv4"),
        ({"access_ipv6": "192.0.2.1"}, "access_ipv6"),
    ],
)
def test_what_nova_would_refuse_is_refused_here(
    wire: Mocker, browser: Client, fields: dict[str, Any], anchor: str
) -> None:
    response = browser.post(PAGE, typed(**fields))
    assert response.status_code == 422
    assert anchor in problems(response)
    assert not sent(wire)


def test_a_broken_cloud_config_is_told_with_its_line(wire: Mocker, browser: Client) -> None:
    response = browser.post(PAGE, typed(user_data="#cloud-config\r\npackages:\r\n  - a\r\n - b\r\n"))
    assert "line 4" in response.content.decode()


@pytest.mark.parametrize(
    ("refusal", "anchor"),
    [
        ("disk", "flavor"),
        ("flavor", "flavor"),
        ("key", "key_name"),
        ("image", "image"),
        ("network", "network"),
        ("address", f"fixed_ip-{NETS['web-net']}"),
        ("port", "port"),
        ("security_group", "security_group"),
        ("zone", "availability_zone"),
        ("tag", "tags"),
        ("access", "access_ipv4"),
        ("user_data", "user_data"),
        ("group", "server_group"),
        ("volume_type", "volume_type"),
        ("volume_size", "volume_size"),
        ("several_networks", "network"),
    ],
)
def test_a_refusal_lands_on_its_field_with_everything_kept(
    wire: Mocker, browser: Client, refusal: str, anchor: str
) -> None:
    status, body = REFUSED[refusal]
    wire.post(f"{NOVA}/servers", status_code=status, json=body)
    response = browser.post(PAGE, typed(**{f"fixed_ip-{NETS['web-net']}": "192.168.10.7", "description": "kept"}))
    assert response.status_code == 422
    assert problems(response) == [anchor]
    html = response.content.decode()
    assert 'value="kept"' in html
    assert f'value="{ONCE}"' in html, "the same idempotency key"
    assert "c2VjcmV0" not in html, "Nova quotes user data; we don't"


def test_after_a_refusal_the_same_form_can_be_sent_again(wire: Mocker, browser: Client) -> None:
    status, body = REFUSED["key"]
    wire.post(
        f"{NOVA}/servers",
        [{"status_code": status, "json": body}, {"status_code": 202, "json": recorded("nova/launched")}],
    )
    assert browser.post(PAGE, typed()).status_code == 422
    assert browser.post(PAGE, typed()).status_code == 303
    assert len(sent(wire)) == 2


def test_a_used_up_quota_is_told_with_its_numbers_and_the_fields_to_change(wire: Mocker, browser: Client) -> None:
    status, body = REFUSED["quota"]
    wire.post(f"{NOVA}/servers", status_code=status, json=body)
    response = browser.post(PAGE, typed())
    assert problems(response) == ["flavor", "count"]
    assert "The quota for servers is 20; 4 are in use, and this needs 50." in response.content.decode()


def test_a_lost_answer_is_looked_up_and_found(wire: Mocker, browser: Client) -> None:
    wire.post(f"{NOVA}/servers", exc=requests.exceptions.ReadTimeout)
    wire.get(f"{NOVA}/servers/detail", json={"servers": [{"id": "s1", "name": "web-1", "status": "BUILD"}]})
    assert browser.post(PAGE, typed()).status_code == 303
    assert len(sent(wire)) == 1


def test_a_lost_answer_that_is_not_found_keeps_the_form_and_never_sends_again(wire: Mocker, browser: Client) -> None:
    wire.post(f"{NOVA}/servers", exc=requests.exceptions.ReadTimeout)
    response = browser.post(PAGE, typed(description="kept"))
    html = response.content.decode()
    assert response.status_code == 202
    assert "The cloud did not confirm. Checking…" in html
    assert 'value="kept"' in html
    second = browser.post(PAGE, typed())
    assert second.status_code == 303
    outcome = browser.get(second["Location"])
    assert "No server of this launch is there yet" in outcome.content.decode()
    over = browser.get(at(f"servers/launch/{ONCE}/?at=1"))
    assert "Nothing was launched" in over.content.decode()
    wire.get(f"{NOVA}/servers/detail", status_code=503)
    assert "can't be asked now" in browser.get(second["Location"]).content.decode()
    assert len(sent(wire)) == 1
    wire.post(f"{NOVA}/servers", status_code=202, json=recorded("nova/launched"))
    assert browser.post(PAGE, typed(do="again")).status_code == 303
    assert len(sent(wire)) == 2, "a person who was told that nothing was made may send it anew"


def test_a_nova_that_nobody_reaches_got_nothing_and_the_form_stays(wire: Mocker, browser: Client) -> None:
    wire.post(f"{NOVA}/servers", exc=requests.exceptions.ConnectTimeout)
    response = browser.post(PAGE, typed(description="kept"))
    assert response.status_code == 503
    assert 'value="kept"' in response.content.decode()
    wire.post(f"{NOVA}/servers", status_code=202, json=recorded("nova/launched"))
    assert browser.post(PAGE, typed()).status_code == 303


@pytest.mark.parametrize(
    ("down", "words"),
    [(GLANCE, "Image (Glance)"), (NEUTRON, "Network (Neutron)"), (f"{NOVA}/flavors", "Compute (Nova)")],
)
def test_a_service_that_is_down_costs_its_own_step(wire: Mocker, browser: Client, down: str, words: str) -> None:
    wire.get(re.compile(re.escape(down)), exc=requests.exceptions.ConnectionError("refused"))
    response = browser.get(PAGE)
    assert response.status_code == 200
    html = response.content.decode()
    assert words in html
    assert all(f'id="step-{step}"' in html for step in ("source", "flavor", "networks", "access", "advanced", "review"))


def test_without_cinder_there_is_nothing_of_volumes(wire: Mocker) -> None:
    html = signed_in(access_of(without=("block-storage",))).get(PAGE).content.decode()
    assert "new_volume" not in html.split('id="source"')[1].split("</fieldset>")[0]


def test_a_slow_cinder_costs_its_own_part(wire: Mocker, browser: Client) -> None:
    wire.get(re.compile(re.escape(CINDER)), exc=requests.exceptions.ReadTimeout)
    html = browser.post(PAGE, typed(do="volumes")).content.decode()
    assert "Block storage (Cinder)" in html
    assert "ubuntu-24.04" in html


def test_a_reader_is_refused_and_nothing_is_sent(wire: Mocker) -> None:
    browser = signed_in(access_of("reader"))
    assert browser.post(PAGE, typed()).status_code == 403
    assert not sent(wire)


def test_names_from_the_cloud_are_shown_and_never_run(wire: Mocker, browser: Client) -> None:
    images = recorded("glance/images")
    images["images"][0]["name"] = "<script>alert(1)</script>"
    wire.get(f"{GLANCE}/v2/images", json=images)
    html = browser.post(PAGE, typed(name='"><script>alert(2)</script>', flavor=None)).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_text_of_a_file_goes_along_and_is_kept_when_something_else_is_wrong(wire: Mocker, browser: Client) -> None:
    script = SimpleUploadedFile("init.sh", b"#!/bin/sh\necho hi\n")
    response = browser.post(PAGE, typed(name="", user_data_file=script))
    assert "echo hi" in response.content.decode()
    browser.post(PAGE, typed(user_data_file=SimpleUploadedFile("init.sh", b"#!/bin/sh\necho hi\n")))
    assert sent(wire)[0]["server"]["user_data"] == "IyEvYmluL3NoCmVjaG8gaGkK"


def test_the_password_is_in_one_answer_only_and_in_no_log(
    wire: Mocker, browser: Client, caplog: pytest.LogCaptureFixture, store: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    response = browser.post(PAGE, typed(show_password="on", user_data="hush-hush"))
    assert "only-shown-once" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    again = browser.post(PAGE, typed(show_password="on"))
    assert again.status_code == 303
    assert "only-shown-once" not in caplog.text
    assert "hush-hush" not in caplog.text
    for key in store.scan_iter():
        assert b"only-shown-once" not in (store.dump(key) or b"")


def test_a_pasted_key_is_imported_and_chosen(wire: Mocker, browser: Client) -> None:
    key = recorded("nova/keypair")["keypair"]["public_key"]
    wire.post(f"{NOVA}/os-keypairs", json=recorded("nova/keypair_created"))
    browser.post(PAGE, typed(new_key_name="mine", public_key=key))
    assert sent(wire)[0]["server"]["key_name"] == "mine"


def test_the_summary_tells_the_quota_the_stops_and_the_flavors_that_do_not_fit(wire: Mocker, browser: Client) -> None:
    url = at("servers/launch/summary/")
    response = browser.post(url, typed(image=IMAGES["ubuntu-24.04"], count="30", user_data="password: hunter2"))
    html = response.content.decode()
    assert "ubuntu-24.04 needs a disk of 10 GiB." in html
    assert "the quota has 18 of 20 left" in html
    assert "looks like a secret" in html
    assert "hunter2" not in html
    assert browser.get(url).status_code == 405


def test_a_link_fills_in_what_it_names(wire: Mocker, browser: Client) -> None:
    html = browser.get(f"{PAGE}?image={IMAGES['debian-12']}&key=elsewhere").content.decode()
    assert re.search(rf'name="image" value="{IMAGES["debian-12"]}" checked', html)
    assert '<option value="elsewhere" selected>' in html


@pytest.mark.parametrize("path", ["servers", "os-keypairs"])
def test_a_token_that_was_revoked_leads_to_signing_in_and_the_form_is_kept(
    path: str, wire: Mocker, browser: Client
) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@home"
    wire.post(f"{NOVA}/os-keypairs", status_code=201, json={"keypair": {}})
    wire.post(f"{NOVA}/{path}", status_code=401, json={"error": {"code": 401, "message": "Unauthorized"}})
    wire.head(f"{KEYSTONE}/auth/tokens", status_code=404)
    wire.post(f"{KEYSTONE}/auth/tokens", status_code=401, json={"error": {"code": 401, "message": "Unauthorized"}})
    response = browser.post(PAGE, typed(new_key_name="mine", public_key=key))
    assert response.status_code == 401
    assert 'name="kept"' in response.content.decode()
    wire.post(f"{NOVA}/servers", status_code=202, json=recorded("nova/launched"))
    # Nothing was made, so whoever signs in again may send the same form.
    before = len(sent(wire))
    assert signed_in().post(PAGE, typed()).status_code == 303
    assert len(sent(wire)) == before + 1


def test_an_image_that_was_just_made_is_chosen_though_the_list_that_is_kept_lacks_it(wire: Mocker) -> None:
    browser = signed_in()
    browser.get(at("servers/launch/"))
    newer = recorded("glance/images")
    made = {**newer["images"][0], "id": "99999999-0000-4000-8000-000000000009", "name": "just-made"}
    wire.get(f"{GLANCE}/v2/images", json={**newer, "images": [*newer["images"], made]})
    answer = browser.get(at(f"servers/launch/?source=image&image={made['id']}")).content.decode()
    assert re.search(rf'value="{made["id"]}"[^>]* checked', answer)
