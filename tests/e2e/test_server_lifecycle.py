"""A server's life in the browser: resized, rescued, copied and launched again, and several stopped at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, is_marked, mark, row, sign_in
from tests.harness.cloud import Api, unique, wait_until

pytestmark = pytest.mark.e2e

SOON = 20_000
BOOT = 60_000


@pytest.fixture
def left_over(api: Api) -> Iterator[list[tuple[str, str]]]:
    """What the journey made by the dashboard, as (service, path of a list, name); gone when it ends."""
    names: list[tuple[str, str]] = []
    yield names
    services = {"/servers": "compute", "/images": "image", "/snapshots": "block-storage"}

    def still_there() -> list[str]:
        found = []
        for path, name in names:
            for item in api.member.get(services[path], path)[path[1:]]:
                if name in item["name"]:
                    found.append(item["id"])
                    api.member.delete(services[path], f"{path}/{item['id']}")
        return found

    wait_until(lambda: not still_there(), what="the removal of what the journey made")


def test_a_long_table_of_flavors_is_searched(page: Any, api: Api, flavors: list[dict[str, Any]]) -> None:
    server = api.member.server(unique("picky"), networks="none")
    needle = flavors[3]
    base = sign_in(page, "alice", project="web")
    table = page.locator("#dialog .table-choice")

    def is_offered() -> bool:
        page.goto(f"{base}servers/?q={server['name']}")
        choose(page, server["name"], "Resize")
        return bool(table.locator("tr", has_text=needle["name"]).count())

    # Flavors are kept for a while, and these are new.
    wait_until(is_offered, what="the new flavors in the table", seconds=120)
    shown = table.locator("tbody tr:visible")
    assert shown.count() >= 9
    field = table.get_by_role("searchbox")
    field.fill("picky-flavor")
    expect(shown).to_have_count(len(flavors))
    field.fill("nothing is called so")
    expect(shown).to_have_count(0)
    field.fill(needle["name"].upper())
    expect(shown).to_have_count(1)
    field.press("Enter")
    # Enter chooses what is left, and sends nothing.
    expect(shown.get_by_role("radio")).to_be_checked()
    page.locator("#dialog").get_by_role("button", name="Show request").click()
    expect(page.locator("#request")).to_contain_text(needle["id"])
    assert api.member.get("compute", f"/servers/{server['id']}")["server"]["status"] == "ACTIVE"


@pytest.fixture
def flavors(api: Api) -> Iterator[list[dict[str, Any]]]:
    """Six flavors that nobody but this project sees."""
    name = unique("picky-flavor")
    found = []
    for number in range(6):
        body = {"name": f"{name}-{number}", "vcpus": 1, "ram": 600 + number, "disk": 2}
        made = api.admin.post("compute", "/flavors", {"flavor": {**body, "os-flavor-access:is_public": False}})
        found.append(made["flavor"])
        access = {"addTenantAccess": {"tenant": api.member.project_id}}
        api.admin.post("compute", f"/flavors/{made['flavor']['id']}/action", access)
    yield found
    for flavor in found:
        api.admin.delete("compute", f"/flavors/{flavor['id']}")


def test_a_server_is_resized_and_confirmed_where_one_sees_it(page: Any, api: Api) -> None:
    server = api.member.server(unique("grows"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/")
    mark(page)
    mine = page.locator(f"#row-{server['id']}")
    choose(page, server["name"], "Resize")
    table = page.locator("#dialog .table-choice")
    expect(table.locator("tr", has_text="m1.tiny")).to_contain_text("The present flavor")
    expect(table.locator("tr", has_text="m1.tiny").get_by_role("radio")).to_be_disabled()
    expect(table.locator("tr", has_text="m1.small")).to_contain_text("+")
    table.get_by_role("radio", name="m1.small").focus()
    page.keyboard.press("Space")
    confirm(page)
    expect(mine).to_contain_text("Confirm the resize", timeout=BOOT)
    assert "is-moving" not in (mine.get_attribute("class") or "")
    page.goto(f"{base}servers/{server['id']}/")
    head = page.locator("#head")
    expect(head).to_contain_text("It runs with its new flavor now.")
    head.get_by_role("link", name="Confirm the resize").click()
    expect(page.locator("#dialog")).to_contain_text("there is no way back")
    confirm(page)
    expect(head).to_contain_text("Active", timeout=BOOT)
    expect(head).not_to_contain_text("It runs with its new flavor now.", timeout=SOON)
    assert api.member.get("compute", f"/servers/{server['id']}")["server"]["flavor"]["original_name"] == "m1.small"


def test_a_server_is_rescued_and_comes_back(page: Any, api: Api) -> None:
    server = api.member.server(unique("saved"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/")
    mark(page)
    head = page.locator("#head")
    head.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Rescue", exact=True).click()
    page.locator("#dialog [name=image]").select_option(label="debian-12")
    expect(page.locator("#dialog").get_by_label("Show the administrator's password once")).to_be_checked()
    page.locator("#dialog .btn-primary").last.click()
    # Nova makes a password where none is given: this is the one time that it is told.
    expect(page.locator("#dialog .results code")).to_have_text(re.compile(r"^\S{8,}$"))
    expect(page.locator("#dialog")).to_contain_text("This is shown once.")
    page.locator("#dialog").get_by_role("button", name="Copy").or_(page.locator("#dialog .copy")).first.click()
    page.locator("#dialog [data-close]").last.click()
    page.locator("#dialog[open]").wait_for(state="detached")
    expect(head).to_contain_text("It runs from a rescue image now.", timeout=BOOT)
    head.locator(".notice").get_by_role("link", name="Leave rescue").click()
    confirm(page)
    expect(head.locator(".head-status")).to_contain_text("Active", timeout=BOOT)
    expect(head).not_to_contain_text("rescue image", timeout=SOON)
    assert is_marked(page)


def test_a_snapshot_leads_to_its_image_from_which_another_server_is_launched(
    page: Any, api: Api, left_over: list[tuple[str, str]]
) -> None:
    # The demo's hypervisor has no disks, so the server is on a volume, of which it makes a snapshot.
    (cirros,) = api.member.get("image", "/images?name=cirros-0.6")["images"]
    disk = {
        "boot_index": 0,
        "uuid": cirros["id"],
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": 1,
        "delete_on_termination": True,
    }
    server = api.member.server(unique("original"), imageRef="", block_device_mapping_v2=[disk])
    name, copy = unique("copy-of-it"), unique("second")
    left_over += [("/snapshots", name), ("/images", name), ("/servers", copy)]
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/")
    choose(page, server["name"], "Take a snapshot")
    page.locator("#dialog [name=name]").fill(name)
    page.locator("#dialog .btn-primary").last.click()
    page.locator("#dialog").get_by_role("link", name=re.compile(name)).click()
    page.wait_for_url("**/images/*/")
    expect(page.locator("#head")).to_contain_text(name)
    expect(page.locator("#head")).to_contain_text("Active", timeout=BOOT)
    page.locator("#head").get_by_role("link", name=re.compile("Launch")).first.click()
    page.wait_for_url("**/servers/launch/**")
    page.locator("[name=name]").fill(copy)
    page.locator("tr", has_text="m1.tiny").get_by_role("radio").check()
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/")
    expect(row(page, copy)).to_contain_text("Active", timeout=BOOT)


def test_several_are_stopped_at_once_and_one_that_is_locked_says_so(page: Any, api: Api) -> None:
    prefix = unique("many")
    made = [api.member.server(f"{prefix}-{n}", wait=False) for n in range(3)]

    def all_run() -> bool:
        found = api.member.get("compute", f"/servers/detail?name={prefix}")["servers"]
        return [server["status"] for server in found] == ["ACTIVE"] * 3

    wait_until(all_run, what="the boots", seconds=90)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/?q={prefix}")
    mark(page)
    for server in made:
        page.locator(f"#tick-{server['id']}").check()
    page.locator("[data-bulk]").get_by_role("button", name="Stop", exact=True).click()
    page.locator("#dialog[open]").wait_for()
    # Locked behind the page's back, after the dialog was opened.
    api.member.post("compute", f"/servers/{made[1]['id']}/action", {"lock": {"locked_reason": "Hands off"}})
    try:
        page.locator("#dialog .btn-primary").last.click()
        results = page.locator("#dialog .results > li")
        expect(results).to_have_count(3)
        expect(page.locator("#dialog")).to_contain_text("Done for 2 of 3.")
        failed = page.locator("#dialog .results > .is-failed")
        expect(failed).to_contain_text(made[1]["name"])
        expect(failed).to_contain_text("locked")
        page.locator("#dialog [data-close]").last.click()
        for server, words in zip(made, ("Shut off", "Active", "Shut off"), strict=True):
            expect(page.locator(f"#row-{server['id']}")).to_contain_text(words, timeout=BOOT)
        assert is_marked(page)
    finally:
        api.member.post("compute", f"/servers/{made[1]['id']}/action", {"unlock": None})


def test_what_is_ticked_goes_along_with_a_deleted_server(page: Any, api: Api) -> None:
    network = api.member.get("network", "/networks?name=web-net")["networks"][0]["id"]
    public = api.member.get("network", "/networks?name=public")["networks"][0]["id"]
    port = api.member.create("network", "/ports", {"port": {"network_id": network, "name": unique("own-port")}})
    server = api.member.server(unique("leaves"), networks=[{"port": port["id"]}])
    address = api.member.create(
        "network", "/floatingips", {"floatingip": {"floating_network_id": public, "port_id": port["id"]}}
    )
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/?q={server['name']}")
    choose(page, server["name"], "Delete")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text(port["name"])
    dialog.get_by_label(re.compile(re.escape(address["floating_ip_address"]))).check()
    confirm(page)
    expect(page.locator(f"#row-{server['id']}")).to_have_count(0, timeout=BOOT)
    found = api.member.get("network", f"/floatingips?floating_ip_address={address['floating_ip_address']}")
    assert found["floatingips"] == []
    assert api.member.get("network", f"/ports/{port['id']}")["port"]["name"] == port["name"]
