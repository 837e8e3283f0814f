"""A launch that begins from a link or a model, its request, and what became of what it was given."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
from django.test import Client
from requests_mock import Mocker

from tests.harness.html import parsed
from tests.harness.launches import SNAPSHOT, SUMMARY, VOLUME, disk, several, volumes
from tests.harness.wire import CINDER, GLANCE, NEUTRON, NOVA, access_of, at, recorded, signed_in
from tests.panels.test_launch import (
    FLAVORS,
    IMAGES,
    NETS,
    ONCE,
    PAGE,
    REFUSED,
    _quick,
    browser,
    problems,
    sent,
    typed,
    wire,
)

__all__ = ["_quick", "browser", "volumes", "wire"]


LIKE = recorded("nova/server/list")["servers"][1]


@pytest.fixture
def model(wire: Mocker) -> dict[str, Any]:
    server = {
        **LIKE,
        "name": "web-9",
        "description": "the shop",
        "image": {"id": IMAGES["cirros-0.6"]},
        "metadata": {"role": "web"},
        "tags": ["shop", "belvedere-" + "1" * 32],
        "config_drive": "True",
        "key_name": recorded("nova/keypairs")["keypairs"][0]["keypair"]["name"],
        "pinned_availability_zone": None,
        "os-extended-volumes:volumes_attached": [],
    }
    server["flavor"] = {**server["flavor"], "original_name": "m1.tiny"}
    wire.get(f"{NOVA}/servers/{server['id']}", json={"server": server})
    group = recorded("neutron/security_groups")["security_groups"][0]["id"]
    ports = {"ports": [{"network_id": NETS["shared"], "security_groups": [group]}]}
    wire.get(f"{NEUTRON}/v2.0/ports", json=ports)
    return server


def checked(html: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)" checked', html)


def test_another_like_this_has_what_the_server_has_and_says_what_it_has_not(
    wire: Mocker, browser: Client, model: dict[str, Any]
) -> None:
    html = browser.get(f"{PAGE}?like={model['id']}").content.decode()
    page = parsed(html)
    assert "Filled in from web-9" in page.text
    assert "User data, files, passwords" in page.text
    assert 'name="name" value="web-10"' in html
    assert checked(html, "image") == [IMAGES["cirros-0.6"]]
    assert checked(html, "flavor") == [FLAVORS["m1.tiny"]]
    assert checked(html, "network") == [NETS["shared"]]
    assert 'value="shop"' in html, "its own tags, and not the mark of its launch"
    assert 'value="role"' in html
    assert f'<option value="{model["key_name"]}" selected>' in html


def test_another_like_a_server_on_a_volume_gets_a_fresh_volume(
    wire: Mocker, browser: Client, model: dict[str, Any]
) -> None:
    attached = [{"id": VOLUME["id"], "delete_on_termination": True}, {"id": SNAPSHOT["id"]}]
    changed = {**model, "image": "", "os-extended-volumes:volumes_attached": attached}
    wire.get(f"{NOVA}/servers/{model['id']}", json={"server": changed})
    image = {"image_id": IMAGES["debian-12"]}
    boot = {**VOLUME, "size": 12, "bootable": "true", "volume_image_metadata": image, "volume_type": "standard"}
    wire.get(f"{CINDER}/volumes/{VOLUME['id']}", json={"volume": boot})
    html = browser.get(f"{PAGE}?like={model['id']}").content.decode()
    assert checked(html, "source") == ["new_volume"]
    assert checked(html, "image") == [IMAGES["debian-12"]]
    assert 'name="volume_size" value="12"' in html
    assert "1 further volume stays with that server" in html


def test_a_model_that_is_gone_leaves_the_form_usable(wire: Mocker, browser: Client, model: dict[str, Any]) -> None:
    wire.get(f"{NOVA}/servers/{model['id']}", status_code=404, json={})
    response = browser.get(f"{PAGE}?like={model['id']}")
    assert response.status_code == 200
    assert "That server can&#x27;t be read" in response.content.decode()
    lost = {**model, "flavor": {**model["flavor"], "original_name": "gone"}, "image": {"id": "1" * 32}, "key_name": "x"}
    wire.get(f"{NOVA}/servers/{model['id']}", json={"server": lost})
    text = parsed(browser.get(f"{PAGE}?like={model['id']}").content.decode()).text
    assert "The flavor gone is not offered any more" in text
    assert "The image that it was made from is not there any more" in text
    assert "The key pair x is not yours" in text


def shown(page: str, what: str) -> str:
    blocks = {item.text: item for item in parsed(page).elements if item.tag == "summary"}
    assert what in blocks
    codes = [item for item in parsed(page).elements if item.tag == "code" and item.parts]
    return next("".join(item.parts) for item in codes if what in "".join(item.parts))


def test_the_request_shown_is_the_request_sent(volumes: Mocker, browser: Client) -> None:
    fields = {
        "description": "d",
        "user_data": "#cloud-config\npackages: [vim]\n",
        "file_path-0": "/etc/motd",
        "file_text-0": "it's\n",
        "hint_key": ["a"],
        "hint_value": ["b"],
        "tags": "x",
        f"tag-{NETS['web-net']}": "front",
        **several(disk(source="blank", size="5")),
    }
    answer = browser.post(
        PAGE, typed(do="request", **fields), headers={"HX-Request": "true", "HX-Target": "launch-request"}
    )
    assert answer.status_code == 200
    assert not [r for r in volumes.request_history if r.method not in {"GET", "HEAD"}], "nothing is sent"
    curl = shown(answer.content.decode(), "curl")
    assert "$OS_TOKEN" in curl
    assert "gAAAA" not in curl
    assert browser.post(PAGE, typed(**fields)).status_code == 303
    words = shlex.split(curl.replace("\\\n", " "))
    (given,) = sent(volumes)
    assert json.loads(words[words.index("-d") + 1]) == given
    last = volumes.request_history
    posted = next(r for r in last if r.method == "POST" and r.url == f"{NOVA}/servers")
    assert f"OpenStack-API-Version: compute {posted.headers['OpenStack-API-Version'].split()[1]}" in words
    command = shown(answer.content.decode(), "openstack")
    for word in ("server create", "--block-device", "--hint a=b", f"--tag belvedere-{ONCE}", "tag=front"):
        assert word in " ".join(command.replace("\\\n", " ").split())


def test_the_request_of_an_unfinished_form_says_what_is_missing(wire: Mocker, browser: Client) -> None:
    answer = browser.post(PAGE, typed(do="request", name=""))
    assert answer.status_code == 200
    assert "Give the server a name." in parsed(answer.content.decode()).text_of_class("request")


def test_long_lists_are_searched_by_the_server_and_the_chosen_one_stays(wire: Mocker, browser: Client) -> None:
    base = recorded("glance/images")["images"][0]
    images = [{**base, "id": f"{n:08}-0000-4000-8000-000000000000", "name": f"image-{n:04}"} for n in range(1000)]
    wire.get(f"{GLANCE}/v2/images", json={"images": images})
    flavor = recorded("nova/flavors")["flavors"][0]
    flavors = [{**flavor, "id": f"f{n}", "name": f"size-{n:03}", "vcpus": 1 + n} for n in range(300)]
    wire.get(f"{NOVA}/flavors/detail", json={"flavors": flavors})
    html = browser.get(PAGE).content.decode()
    assert html.count('name="image"') == 100
    assert html.count('name="flavor"') == 100
    assert "900 more: type a part of the name to find one." in html
    headers = {"HX-Request": "true", "HX-Target": "launch-images"}
    chosen = images[3]["id"]
    part = browser.post(PAGE, typed(do="look", image=chosen, image_q="0987"), headers=headers).content.decode()
    assert "image-0987" in part
    assert part.count('name="image"') == 2
    assert re.search(rf'value="{chosen}" checked', part)
    headers = {"HX-Request": "true", "HX-Target": "launch-flavors"}
    part = browser.post(PAGE, typed(do="look", flavor="f1", flavor_q="size-29"), headers=headers).content.decode()
    assert part.count('name="flavor"') == 11
    assert "Needs 291 vCPUs; the quota has" in part, "what does not fit is greyed and says why"


def test_an_image_that_was_deleted_meanwhile_is_told_at_its_field(wire: Mocker, browser: Client) -> None:
    browser.get(PAGE)
    status, answer = REFUSED["image"]
    wire.post(f"{NOVA}/servers", status_code=status, json=answer)
    left = [image for image in recorded("glance/images")["images"] if image["name"] != "cirros-0.6"]
    wire.get(f"{GLANCE}/v2/images", json={"images": left})
    response = browser.post(PAGE, typed())
    assert problems(response) == ["image"]
    html = response.content.decode()
    assert "This image is not there any more. Nothing was launched: choose another." in html
    assert IMAGES["cirros-0.6"] not in checked(html, "image"), "and it is no longer in the list"


def test_going_back_brings_what_was_typed_and_launches_nothing_more(wire: Mocker, browser: Client) -> None:
    assert browser.post(PAGE, typed()).status_code == 303
    back = browser.post(PAGE, typed(do="back", description="kept"))
    html = back.content.decode()
    assert back.status_code == 200
    assert "This form was sent already" in html
    assert 'value="kept"' in html
    assert f'name="once" value="{ONCE}"' in html
    assert browser.post(PAGE, typed()).status_code == 303
    assert len(sent(wire)) == 1
    anew = browser.post(PAGE, typed(do="anew")).content.decode()
    assert "This form was sent already" not in anew
    fresh = re.search(r'name="once" value="([0-9a-f]{32})"', anew)
    assert fresh is not None
    assert fresh[1] != ONCE
    assert browser.post(PAGE, typed(once=fresh[1])).status_code == 303
    assert len(sent(wire)) == 2
    unsent = browser.post(PAGE, typed(once="1" * 32, do="back")).content.decode()
    assert "This form was sent already" not in unsent


def test_the_summary_says_how_old_the_quota_is(wire: Mocker, browser: Client) -> None:
    page = parsed(browser.post(SUMMARY, typed()).content.decode())
    assert "Quota as of" in page.text


def test_placement_tells_administrators_how_many_hosts_have_room(wire: Mocker, browser: Client) -> None:
    access = access_of("admin", "member")
    placement = access.catalog.url("placement", "RegionOne")
    room = {
        "VCPU": {"capacity": 16, "used": 4},
        "MEMORY_MB": {"capacity": 9000, "used": 808},
        "DISK_GB": {"capacity": 100, "used": 90},
    }
    answer = {
        "allocation_requests": [{"allocations": {"p1": {}}}, {"allocations": {"p2": {}}}],
        "provider_summaries": {"p1": {"resources": room}, "p2": {"resources": room}},
    }
    asked = wire.get(f"{placement}/allocation_candidates", json=answer)
    text = parsed(signed_in(access).post(SUMMARY, typed()).content.decode()).text
    assert "2 hosts have room, for 20 of these in all." in text
    assert asked.last_request.qs["resources"] == ["vcpu:1,memory_mb:512,disk_gb:1"]
    assert "host" not in parsed(browser.post(SUMMARY, typed()).content.decode()).text_of_class("launch-fit")
    assert asked.call_count == 1, "members are not told, and it is not asked for them"


def test_a_placement_that_refuses_costs_nothing_but_its_line(wire: Mocker) -> None:
    access = access_of("admin", "member")
    wire.get(f"{access.catalog.url('placement', 'RegionOne')}/allocation_candidates", status_code=403, json={})
    response = signed_in(access).post(SUMMARY, typed())
    assert response.status_code == 200
    assert not parsed(response.content.decode()).all_of_class("launch-fit")


def test_a_group_launch_s_card_leads_to_its_servers(wire: Mocker, browser: Client) -> None:
    two = [{"id": f"5a1b0f7e-0000-4000-8000-00000000000{n}", "name": f"web-{n}", "status": "BUILD"} for n in (1, 2)]
    wire.get(f"{NOVA}/servers/detail", json={"servers": two})
    browser.post(PAGE, typed(count="2"))
    assert f"{at('servers/')}?tag=belvedere-{ONCE}" in browser.get(at("operations/")).content.decode()
