"""What else a launch may have: disks, files, tags, hosts; and links, models and the request that is shown."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from requests_mock import Mocker

from dashboard.cloud import versions
from tests.harness.html import parsed
from tests.harness.launches import SNAPSHOT, SUMMARY, VOLUME, disk, several, volumes
from tests.harness.wire import CINDER, NEUTRON, NOVA, access_of, recorded, signed_in
from tests.panels.test_launch import (
    FLAVORS,
    IMAGES,
    NETS,
    ONCE,
    PAGE,
    _quick,
    browser,
    problems,
    sent,
    typed,
    wire,
)

__all__ = ["_quick", "browser", "volumes", "wire"]


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
