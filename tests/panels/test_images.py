"""Creating images, changing what is written down of them, their properties, sharing: as people see it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.harness.html import parsed
from tests.harness.images import TYPED, browser, made, post, refusing, show, value_of
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in

__all__ = ["browser", "made"]


JSON = {"Accept": "application/json"}


# Creating


def test_what_was_typed_is_what_glance_is_sent(browser: Client, made: list[dict[str, Any]]) -> None:
    typed = TYPED | {
        "os_distro": "debian",
        "os_admin_user": "debian",
        "tags": "golden, golden,web",
        "is_protected": "on",
        "properties": "hw_disk_bus=scsi\n\nnote = with = signs ",
    }
    answer = post(browser, "images/new/", typed)
    assert answer.status_code == 302
    assert answer["Location"] == at(f"images/{'f' * 32}/")
    assert made == [
        {
            "name": "golden",
            "visibility": "private",
            "protected": True,
            "os_hidden": False,
            "min_disk": 3,
            "min_ram": 0,
            "tags": ["golden", "web"],
            "os_distro": "debian",
            "os_admin_user": "debian",
            "disk_format": "qcow2",
            "container_format": "bare",
            "hw_disk_bus": "scsi",
            "note": "with = signs",
        }
    ]


def test_a_script_is_told_where_to_send_the_file_and_a_form_is_led_there(
    browser: Client, made: list[dict[str, Any]]
) -> None:
    typed = TYPED | {"source": "file", "disk_format": "", "is_staged": "on", "stores": "ceph"}
    answer = post(browser, "images/new/", typed, **JSON)
    assert answer.status_code == 201
    body = answer.json()
    assert body["stream"] == at(f"images/{'f' * 32}/data/stream/?staged=1&store=ceph")
    assert "disk_format" not in made[0]
    assert post(browser, "images/new/", typed)["Location"] == at(f"images/{'f' * 32}/data/")


def test_a_form_that_is_sent_twice_makes_one_image(browser: Client, made: list[dict[str, Any]]) -> None:
    for _ in range(2):
        answer = post(browser, "images/new/", TYPED | {"once": "1" * 32})
        assert answer["Location"] == at(f"images/{'f' * 32}/")
    assert len(made) == 1


def test_glance_fetches_from_a_url_and_nobody_else_does(
    services: Services, browser: Client, made: list[dict[str, Any]]
) -> None:
    url = "https://images.example.org/disk.qcow2"
    typed = TYPED | {"source": "web-download", "uri": url, "stores": ["ceph", "disk"]}
    assert post(browser, "images/new/", typed).status_code == 302
    (call,) = [call for call in services.changes if call.url.endswith("/import")]
    assert json.loads(call.body) == {
        "method": {"name": "web-download", "uri": url},
        "stores": ["ceph", "disk"],
        "all_stores_must_succeed": True,
    }
    assert not [call for call in services.calls if "example.org" in call.url]


@pytest.mark.parametrize(
    "uri",
    [
        "ftp://x/y",
        "file:///etc/passwd",
        "gopher://x",
        "javascript:alert(1)",
        "//x/y",
        "",
        "http://",
        "https://me:pw@x/",
    ],
)
def test_only_addresses_of_the_web_are_handed_on(
    services: Services, browser: Client, made: list[dict[str, Any]], uri: str
) -> None:
    answer = post(browser, "images/new/", TYPED | {"source": "web-download", "uri": uri})
    assert answer.status_code == 422
    assert not services.changes


def test_an_import_that_glance_refuses_leaves_no_image_and_loses_nothing(
    services: Services, browser: Client, made: list[dict[str, Any]]
) -> None:
    refusing(services, "POST", "/import", 400, "URI for web-download does not pass filtering: http://10.0.0.1/x")
    answer = post(browser, "images/new/", TYPED | {"source": "web-download", "uri": "http://10.0.0.1/x"})
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    assert "does not pass filtering" in page.text
    assert "<br" not in page.text
    assert value_of(page, "uri") == "http://10.0.0.1/x"
    assert value_of(page, "name") == "golden"
    assert services.changes[-1].method == "DELETE"


def test_a_quota_that_is_used_up_is_named_and_what_is_left_is_shown(
    services: Services, browser: Client, made: list[dict[str, Any]]
) -> None:
    page = show(browser, "images/new/")
    assert "All images together" in page.text
    refusing(
        services, "POST", "/v2/images", 413, "Resource image_count_total is over limit of 2 due to current usage 2"
    )
    answer = post(browser, "images/new/", TYPED)
    assert answer.status_code == 422
    assert "quota. Resource image_count_total is over limit of 2" in parsed(answer.content.decode()).text


@pytest.mark.parametrize(
    ("field", "value", "words_"),
    [
        ("properties", "no sign here", "has no ="),
        ("properties", "status=active", "Glance's own"),
        ("properties", "os_glance_x=1", "Glance's own"),
        ("properties", "a=1\na=2", "there twice"),
        ("tags", "x" * 256, "at most 255"),
        ("container_format", "ami", "are the same"),
        ("visibility", "public", "valid choice"),
        ("min_disk", "-1", "greater than or equal to 0"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(
    services: Services, browser: Client, made: list[dict[str, Any]], field: str, value: str, words_: str
) -> None:
    answer = post(browser, "images/new/", TYPED | {field: value})
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    assert words_ in page.text_of_class("field-errors")
    assert not made


def test_an_amazon_machine_needs_no_container_to_be_chosen(browser: Client, made: list[dict[str, Any]]) -> None:
    post(browser, "images/new/", TYPED | {"disk_format": "ami", "kernel_id": "k", "ramdisk_id": "r"})
    assert (made[0]["container_format"], made[0]["kernel_id"], made[0]["ramdisk_id"]) == ("ami", "k", "r")


def test_only_an_administrator_is_offered_to_make_it_public(services: Services) -> None:
    assert "Public: everybody" not in show(signed_in(), "images/new/").text
    assert "Public: everybody" in show(signed_in(access_of("admin")), "images/new/").text
