"""What else a launch may have: disks, files, tags, hosts; and links, models and the request that is shown."""

from __future__ import annotations

import base64
import json
import re
import shlex
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from requests_mock import Mocker

from dashboard.cloud import versions
from tests.harness.html import parsed
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

__all__ = ["_quick", "browser", "wire"]

SUMMARY = at("servers/launch/summary/")
VOLUME = {"id": "5a1b0f7e-0000-4000-8000-000000000001", "name": "data", "status": "available", "size": 3}
SNAPSHOT = {"id": "5a1b0f7e-0000-4000-8000-000000000002", "name": "old", "status": "available", "size": 4}


@pytest.fixture
def volumes(wire: Mocker) -> Mocker:
    wire.get(f"{CINDER}/volumes/detail", json={"volumes": [{**VOLUME, "bootable": "false"}]})
    wire.get(f"{CINDER}/snapshots/detail", json={"snapshots": [SNAPSHOT]})
    return wire


def disk(**fields: str) -> dict[str, str]:
    given = dict.fromkeys(("source", "size", "type", "bus", "order", "end", "tag"), "")
    return {f"disk_{name}": value for name, value in {**given, **fields}.items()}


def several(*rows: dict[str, str]) -> dict[str, list[str]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def body(wire: Mocker) -> dict[str, Any]:
    (found,) = sent(wire)
    server: dict[str, Any] = found["server"]
    return server


def test_more_disks_come_after_the_image_s_own_and_in_boot_order(volumes: Mocker, browser: Client) -> None:
    rows = several(
        disk(source="blank", size="5", type="fast", bus="scsi", end="delete", tag="scratch"),
        disk(source=f"volume:{VOLUME['id']}", order="7"),
        disk(source=f"snapshot:{SNAPSHOT['id']}", order="3", end="keep"),
        disk(),
    )
    assert browser.post(PAGE, typed(**rows)).status_code == 303
    own, *more = body(volumes)["block_device_mapping_v2"]
    assert own["destination_type"] == "local"
    assert own["boot_index"] == 0
    assert more[0] == {
        "boot_index": -1,
        "source_type": "blank",
        "destination_type": "volume",
        "delete_on_termination": True,
        "volume_size": 5,
        "volume_type": "fast",
        "disk_bus": "scsi",
        "tag": "scratch",
    }
    assert [item["boot_index"] for item in more] == [-1, 2, 1], "Nova takes no gaps"
    assert more[1]["uuid"] == VOLUME["id"]
    assert "volume_size" not in more[1]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (disk(source="blank"), "say how large it is to be"),
        (disk(source=f"image:{IMAGES['cirros-0.6']}"), "say how large it is to be"),
        (disk(source="blank", size="-1"), "its size is a number of GiB"),
        (disk(source="nonsense:1", size="1"), "This is no source of a disk"),
        (disk(source="volume:../../x"), "This is no source of a disk"),
        (disk(source="blank", size="1", bus="scsi0"), "Nova does not know this bus"),
        (disk(source="blank", size="1", order="0"), "a number from 1 on"),
        (disk(source="blank", size="1", tag="a/b"), "is no tag"),
        (several(*[disk(source=f"volume:{VOLUME['id']}")] * 2), "The same volume is there twice"),
        ({**disk(source=f"volume:{VOLUME['id']}"), "count": "2"}, "is for one server"),
    ],
)
def test_a_disk_that_nova_would_refuse_is_told_by_its_number_and_its_part_is_open(
    volumes: Mocker, browser: Client, fields: dict[str, Any], words: str
) -> None:
    response = browser.post(PAGE, typed(**fields))
    assert response.status_code == 422
    assert "disks" in problems(response)
    html = response.content.decode()
    assert words in html
    fold = parsed(html).by_id("fold-disks")
    assert fold is not None
    assert "open" in fold.attrs
    assert not sent(volumes)


def test_further_disks_count_against_the_quota_of_volumes(volumes: Mocker, browser: Client) -> None:
    rows = several(disk(source="blank", size="5"), disk(source=f"snapshot:{SNAPSHOT['id']}"))
    page = parsed(browser.post(SUMMARY, typed(loaded="volumes", **rows)).content.decode())
    quota = recorded("cinder/limits")["limits"]["absolute"]
    assert f"{quota['totalVolumesUsed']} + 2 / {quota['maxTotalVolumes']}" in page.text
    said = page.by_id("said-disks")
    assert said is not None
    assert said.text == "2 more disks, 5 GiB new"


def test_hostname_tags_certificates_and_hosts_go_along(wire: Mocker) -> None:
    net = NETS["web-net"]
    fields = {
        "hostname": "web-1.example.org",
        f"tag-{net}": "front",
        "host": "compute1",
        "hypervisor_hostname": "node-7",
        "trusted_certificates": "cert-1, cert-2",
    }
    admin = signed_in(access_of("admin", "member"))
    wire.get(f"{NEUTRON}/v2.0/networks", json=recorded("neutron/networks"))
    assert admin.post(PAGE, typed(**fields)).status_code == 303
    server = body(wire)
    assert server["hostname"] == "web-1.example.org"
    assert server["networks"] == [{"uuid": net, "tag": "front"}]
    assert (server["host"], server["hypervisor_hostname"]) == ("compute1", "node-7")
    assert server["trusted_image_certificates"] == ["cert-1", "cert-2"]


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [
        ({"hostname": "-web"}, "hostname"),
        ({"hostname": "w"}, "hostname"),
        ({"hostname": "web", "count": "2"}, "hostname"),
        ({f"tag-{NETS['web-net']}": "a,b"}, f"tag-{NETS['web-net']}"),
        ({"trusted_certificates": ",".join(f"c{n}" for n in range(51))}, "trusted_certificates"),
        ({"host": "a b"}, "host"),
        ({"floating_ip": "new:../x"}, "floating_ip"),
        ({"floating_ip": f"new:{NETS['public']}", "count": "2"}, "floating_ip"),
        ({"floating_ip": f"new:{NETS['public']}", "networking": "none"}, "floating_ip"),
    ],
)
def test_what_can_t_be_is_refused_here(wire: Mocker, browser: Client, fields: dict[str, Any], anchor: str) -> None:
    response = browser.post(PAGE, typed(**fields))
    assert response.status_code == 422
    assert anchor in problems(response)
    assert not sent(wire)


def test_only_administrators_are_offered_hosts(wire: Mocker, browser: Client) -> None:
    assert 'name="host"' not in browser.get(PAGE).content.decode()
    assert 'name="host"' in signed_in(access_of("admin", "member")).get(PAGE).content.decode()


def test_an_old_nova_is_not_asked_for_what_it_does_not_have(wire: Mocker, browser: Client) -> None:
    versions.know(NOVA, versions.Range("2.1", "2.60"))
    page = parsed(browser.get(PAGE).content.decode())
    for name in ("hostname", "trusted_certificates"):
        field = page.by_id(name)
        assert field is not None
        assert "disabled" in field.attrs
    assert "Needs Nova 2.90; this cloud has an older one." in page.text
    response = browser.post(PAGE, typed(hostname="web"))
    assert response.status_code == 422
    assert problems(response) == ["hostname"]
    versions.know(NOVA, versions.Range("2.1", "2.93"))
    assert problems(browser.post(PAGE, typed(hostname="web.example.org"))) == ["hostname"]
    assert not sent(wire)


def user_data(wire: Mocker) -> str:
    return base64.b64decode(body(wire)["user_data"]).decode()


def test_files_become_write_files_of_cloud_init(wire: Mocker, browser: Client) -> None:
    fields = {
        "file_path-0": "/etc/motd",
        "file_text-0": "hello\r\nthere\r\n",
        "file_owner-0": "root:root",
        "file_mode-0": "644",
        "file_path-1": "/opt/blob",
        "file_upload-1": SimpleUploadedFile("blob", b"\x00\xff"),
        "user_data": "#cloud-config\n# keep me\npackages: [vim]\n",
    }
    assert browser.post(PAGE, typed(**fields)).status_code == 303
    text = user_data(wire)
    assert text.startswith("#cloud-config\n# keep me\n")
    config = yaml.safe_load(text)
    assert config["packages"] == ["vim"]
    motd, blob = config["write_files"]
    assert motd == {"path": "/etc/motd", "owner": "root:root", "permissions": "0644", "content": "hello\nthere\n"}
    assert blob == {"path": "/opt/blob", "encoding": "b64", "content": base64.b64encode(b"\x00\xff").decode()}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"file_text-0": "x"}, "say where it goes"),
        ({"file_path-0": "etc/motd", "file_text-0": "x"}, "say where it goes"),
        ({"file_path-0": "/a", "file_mode-0": "rw"}, "octal digits"),
        ({"file_path-0": "/a", "file_owner-0": "a b"}, "an owner is"),
        ({"file_path-0": "/a", "file_path-1": "/a"}, "Two files have the same path"),
        ({"file_path-0": "/a", "file_text-0": "x" * 49_200}, "65,535 are allowed"),
    ],
)
def test_a_file_that_can_t_be_written_is_told(
    wire: Mocker, browser: Client, fields: dict[str, str], words: str
) -> None:
    response = browser.post(PAGE, typed(**fields))
    assert response.status_code == 422
    assert "files" in problems(response)
    assert words in response.content.decode()
    assert not sent(wire)


def test_uploaded_files_are_kept_when_something_else_is_wrong(wire: Mocker, browser: Client) -> None:
    first = {"file_path-0": "/opt/blob", "file_upload-0": SimpleUploadedFile("blob", b"\x00\xff")}
    page = parsed(browser.post(PAGE, typed(name="", **first)).content.decode())
    kept = next(item for item in page.elements if item.attrs.get("name") == "file_kept-0")
    second = {"file_path-0": "/opt/blob", "file_kept-0": kept.attrs["value"]}
    assert browser.post(PAGE, typed(**second)).status_code == 303
    assert yaml.safe_load(user_data(wire))["write_files"][0]["content"] == "AP8="


def test_the_link_fills_the_form_again_and_has_no_secret_in_it(volumes: Mocker, browser: Client) -> None:
    fields = typed(
        count="3",
        min_count="2",
        description="for the shop",
        tags="a, b",
        metadata_key=["role", ""],
        metadata_value=["web", ""],
        key_name="mine",
        user_data="password: hunter2",
        public_key="ssh-ed25519 AAAA",
        networking="chosen",
        config_drive="on",
        loaded="volumes",
        **{f"tag-{NETS['web-net']}": "front", f"fixed_ip-{NETS['web-net']}": "192.168.10.9", "file_text-0": "s3cret"},
        **several(disk(source="blank", size="5", order="1"), disk()),
    )
    page = parsed(browser.post(SUMMARY, fields).content.decode())
    link = next(item.attrs["value"] for item in page.elements if item.tag == "input" and "readonly" in item.attrs)
    assert "User data and files are left out" in page.text
    for secret in ("hunter2", "s3cret", "AAAA", ONCE):
        assert secret not in link
    again = browser.get(link.removeprefix("http://testserver"))
    second = parsed(again.content.decode())
    values = {
        item.attrs.get("name", ""): item.attrs.get("value", "") for item in second.elements if item.tag == "input"
    }
    assert values["name"] == "web-1"
    assert (values["count"], values["min_count"]) == ("3", "2")
    assert values[f"tag-{NETS['web-net']}"] == "front"
    assert values["metadata_key"] == "" or "role" in again.content.decode()
    html = again.content.decode()
    assert re.search(rf'value="{IMAGES["cirros-0.6"]}" checked', html)
    assert re.search(rf'value="{FLAVORS["m1.tiny"]}" checked', html)
    assert '<option value="blank" selected>' in html
    assert "s3cret" not in html
    query = parse_qs(urlsplit(link).query)
    assert query["disk_source"] == ["blank"]
    assert not sent(volumes), "a link launches nothing"


def test_a_link_that_says_everything_adds_no_default(wire: Mocker, browser: Client) -> None:
    html = browser.get(f"{PAGE}?filled=1&name=bare").content.decode()
    assert not re.search(r'name="(network|security_group)" value="[^"]*" checked', html)


def test_a_very_long_link_says_so(wire: Mocker, browser: Client) -> None:
    page = parsed(browser.post(SUMMARY, typed(tags=",".join("t" * 50 for _n in range(45)))).content.decode())
    assert "Some mail programs and chats cut such long links off." in page.text


def test_snapshots_and_volumes_are_launched_from_by_links(volumes: Mocker, browser: Client) -> None:
    volumes.get(f"{CINDER}/volumes/detail", json={"volumes": [{**VOLUME, "bootable": "true"}]})
    for query, pick in ((f"volume={VOLUME['id']}", "volume"), (f"snapshot={SNAPSHOT['id']}", "volume_snapshot")):
        html = browser.get(f"{PAGE}?{query}").content.decode()
        assert re.search(rf'name="source" value="{pick}" checked', html)
        assert re.search(rf'name="{pick}" value="[^"]*" checked', html)


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
