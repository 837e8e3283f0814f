"""An object whose name is as bad as can be: seen, previewed, copied, renamed, shared for a while, and deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dashboard.cloud import object_actions, swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.objects import Object, id_of
from dashboard.cloud.swift import key_of, path_of, send
from tests.e2e.people import confirm, ready, sign_in
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for
from tests.harness.tour import Scene, Tour, check

pytestmark = pytest.mark.e2e

FOLDER = "../"
NAME = "<img src=x onerror=alert(1)>%2F\"'🦆 .json"
HOSTILE = FOLDER + NAME
OTHERS = (".hidden", "//", "a//b", "/leading", "new\nline", "x" * 200, "é ü/ö.txt", "%2e%2e%2fx", "photos/cat.png")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def alice(all_clients: Api) -> Cloud:
    return cloud_for(all_clients.at("alice", "web"))


@pytest.fixture(scope="module")
def container(alice: Cloud) -> Iterator[str]:
    name = unique("tours 🦉")
    send(alice, "PUT", path_of(name))
    put(alice, name, HOSTILE, b'{"wert": ["\xc3\xa9", "<script>alert(2)</script>"]}', "application/json")
    for other in OTHERS:
        put(alice, name, other, PNG, "image/png" if other.endswith(".png") else "text/plain")
    yield name
    entries, _headers = swift.listing(alice, path_of(name), limit=1000)
    object_actions.delete_objects(alice, name, [item["name"] for item in entries])
    send(alice, "DELETE", path_of(name))


def put(cloud: Cloud, container: str, name: str, data: bytes, kind: str) -> None:
    send(cloud, "PUT", path_of(container, name), data=data, headers={"Content-Type": kind})


def names(cloud: Cloud, container: str) -> set[str]:
    return {item["name"] for item in swift.listing(cloud, path_of(container), limit=1000)[0]}


def choose(page: Any, row_id: str, action: str) -> None:
    button = page.locator(f'[id="menu-{row_id}"]')
    button.wait_for()
    ready(page)
    button.click()
    page.locator("#row-menu").get_by_role("menuitem", name=action, exact=True).click()
    page.locator("#dialog[open]").wait_for()


def test_an_object_with_a_hostile_name_is_worked_with_as_any_other(page: Any, alice: Cloud, container: str) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}containers/{key_of(container)}/")
    # Seen: its folder first, which is no way up.
    page.locator("#rows .row-name", has_text=re.compile(r"^\.\./$")).click()
    page.wait_for_url(re.compile("prefix=..%2F"))
    row_id = id_of(container, HOSTILE)
    page.locator("#rows .row-name").get_by_text(NAME, exact=True).wait_for()
    assert page.locator("#rows img").count() == 0
    # Previewed: its content is text, whatever it says.
    page.locator("#rows .row-name").get_by_text(NAME, exact=True).click()
    page.get_by_role("heading", level=1).get_by_text(HOSTILE, exact=True).wait_for()
    page.get_by_role("link", name="Preview", exact=True).click()
    page.locator(".object-text", has_text="<script>alert(2)</script>").wait_for()
    page.locator("nav.place a", has_text="..").click()
    # Copied, without taking another's place.
    page.locator(f'[id="row-{row_id}"]').wait_for()
    choose(page, row_id, "Copy")
    field = page.locator("#dialog #id_path")
    assert field.input_value() == HOSTILE
    page.locator("#dialog .btn-primary").last.click()
    page.locator("#dialog .form-errors", has_text="There is an object of this name already").wait_for()
    field.fill(f"{HOSTILE} 2")
    confirm(page)
    page.locator("#rows .row-name").get_by_text(f"{NAME} 2", exact=True).wait_for()
    # Renamed.
    copy_id = id_of(container, f"{HOSTILE} 2")
    choose(page, copy_id, "Move or rename")
    page.locator("#dialog #id_path").fill(f"{FOLDER}'renamed' & \"well\" 🦢")
    confirm(page)
    moved = f"{FOLDER}'renamed' & \"well\" 🦢"
    page.locator("#rows .row-name").get_by_text(moved.removeprefix(FOLDER), exact=True).wait_for()
    page.locator(f'[id="row-{copy_id}"]').wait_for(state="detached")
    assert names(alice, container) == {HOSTILE, moved, *OTHERS}
    # Shared for a while: anybody gets it by a plain GET.
    choose(page, row_id, "Temporary URL")
    page.locator("#dialog").get_by_label("For how long").select_option("1")
    page.locator("#dialog .btn-primary").last.click()
    address = page.locator("#temporary-url").inner_text()
    found = requests.get(address, timeout=10)
    assert (found.status_code, found.json()["wert"][0]) == (200, "é")
    assert requests.get(address.replace("temp_url_sig=", "temp_url_sig=0"), timeout=10).status_code == 401
    page.locator("#dialog").get_by_role("link", name="Close").click()
    # Deleted: one by its menu, the other by its tick.
    choose(page, id_of(container, moved), "Delete")
    confirm(page)
    page.locator(f'[id="row-{id_of(container, moved)}"]').wait_for(state="detached")
    page.locator(f'[id="row-{row_id}"] [data-tick]').check()
    page.locator("[data-bulk]").get_by_role("button", name="Delete").click()
    page.locator("#dialog[open] .names", has_text=HOSTILE).wait_for()
    confirm(page)
    page.locator(".empty").wait_for()
    assert names(alice, container) == set(OTHERS)
    # A folder without a name, as work that the workers do.
    page.goto(f"{base}containers/{key_of(container)}/")
    page.locator(f'[id="tick-{key_of("a/")}"]').check()
    page.locator("[data-bulk]").get_by_role("button", name="Delete").click()
    page.locator("#dialog[open] .names", has_text="a/").wait_for()
    confirm(page)
    wait_until(lambda: "a//b" not in names(alice, container), what="the folder to go")
    put(alice, container, "a//b", PNG, "text/plain")
    assert not alerts


@pytest.fixture(scope="module")
def things(alice: Cloud, container: str) -> dict[str, str]:
    """What the pages below show."""
    put(alice, container, HOSTILE, b'{"a": 1}', "application/json")
    item = Object(container, HOSTILE)
    return {
        "container": key_of(container),
        "object": item.id,
        "image": id_of(container, "photos/cat.png"),
    }


def ticked(page: Any) -> None:
    page.locator("#rows [data-tick]").first.check()
    page.locator("[data-bulk]").get_by_role("button", name="Delete").click()
    page.locator("#dialog[open]").wait_for()


SCENES = (
    Scene("a place", "containers/{container}/"),
    Scene("a place to a reader", "containers/{container}/", who="bob"),
    Scene("an empty folder", "containers/{container}/?tab=objects&prefix=nothing/"),
    Scene("an object", "objects/{object}/"),
    Scene("a text", "objects/{object}/?tab=preview"),
    Scene("an image", "objects/{image}/?tab=preview"),
    Scene("versions", "objects/{object}/?tab=versions"),
    Scene("what will be deleted", "containers/{container}/", act=ticked, place="#dialog"),
    Scene("a copy", "objects/act/copy/?id={object}"),
    Scene("metadata", "objects/act/describe/?id={object}"),
    Scene("an address for a while", "objects/act/temporary-url/?id={object}"),
)


def test_every_page_of_objects_is_for_everybody(tour: Tour) -> None:
    for scene in SCENES:
        check(tour, scene)
