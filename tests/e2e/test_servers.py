"""Servers in the browser: launching, watching, acting, without a reload."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, is_marked, mark, row, sign_in
from tests.harness.cloud import Api, unique, wait_until

pytestmark = pytest.mark.e2e

SOON = 20_000
"""Milliseconds: a boot takes 2 to 6 seconds on the demo cloud, longer while other tests boot."""
BOOT = 60_000


@pytest.fixture
def removed(api: Api) -> Any:
    """Names of servers that the journey made by the dashboard; gone when it ends, whatever happened."""
    names: list[str] = []
    yield names

    def left() -> list[str]:
        servers = api.member.get("compute", "/servers")["servers"]
        ours = [server["id"] for server in servers if any(server["name"].startswith(name) for name in names)]
        for server_id in ours:
            api.member.delete("compute", f"/servers/{server_id}")
        return ours

    wait_until(lambda: not left(), what="the removal of what the journey made")


def launch(page: Any, base: str, name: str, **more: str) -> None:
    """Fills in the least that a launch needs, and sends it."""
    page.goto(f"{base}servers/launch/")
    page.get_by_label("Name", exact=False).first.fill(name)
    for field, value in more.items():
        page.locator(f"[name={field}]").fill(value)
    page.locator("tr", has_text="cirros-0.6").get_by_role("radio").check()
    page.locator("tr", has_text="m1.tiny").get_by_role("radio").check()
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/", timeout=BOOT)


def test_a_member_launches_a_server_and_sees_it_become_active_without_a_reload(page: Any, removed: list[str]) -> None:
    name = unique("journey")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    launch(page, base, name)
    mark(page)
    mine = row(page, name)
    # Nobody is quick enough to see it being built for sure.
    expect(mine).to_contain_text(re.compile("Building|Active"))
    expect(page.locator("#operations")).to_contain_text(name)
    expect(mine).to_contain_text("Active", timeout=BOOT)
    # On whichever network was there to be offered.
    expect(mine).to_contain_text(re.compile(r"\d+\.\d+\.\d+\.\d+"), timeout=SOON)
    assert is_marked(page)


def test_a_server_that_fails_says_why_in_words(page: Any, removed: list[str]) -> None:
    name = unique("doomed")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    launch(page, base, name)
    mark(page)
    expect(row(page, name)).to_contain_text("Error", timeout=BOOT)
    expect(page.locator("#operations")).to_contain_text("Building failed on every host", timeout=SOON)
    assert is_marked(page)
    row(page, name).get_by_role("link", name=name).click()
    expect(page.locator("main")).to_contain_text("Building failed on every host that was tried.")


def test_a_server_starts_from_a_new_volume_that_goes_with_it(page: Any, removed: list[str], api: Api) -> None:
    name = unique("on-volume")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/")
    page.locator("[name=name]").fill(name)
    page.get_by_label("New volume from an image").check()
    page.locator("#image tr", has_text="cirros-0.6").get_by_role("radio").check()
    page.locator("[name=volume_size]").fill("2")
    page.get_by_label("Delete the volume with the server").check()
    page.locator("tr", has_text="m1.tiny").get_by_role("radio").check()
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/", timeout=BOOT)
    expect(row(page, name)).to_contain_text("Active", timeout=BOOT)
    (server,) = api.member.get("compute", f"/servers/detail?name={name}")["servers"]
    (volume,) = server["os-extended-volumes:volumes_attached"]
    assert volume["delete_on_termination"]
    assert api.member.get("block-storage", f"/volumes/{volume['id']}")["volume"]["size"] == 2
    choose(page, name, "Delete")
    # What goes with it anyway is ticked.
    expect(page.locator("#dialog").get_by_role("group", name="Delete these volumes too")).to_contain_text("2 GiB")
    expect(page.locator("#dialog").get_by_role("checkbox")).to_be_checked()
    confirm(page)
    expect(row(page, name)).to_have_count(0, timeout=BOOT)


def test_what_others_do_appears_in_the_open_page(page: Any, api: Api) -> None:
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/")
    mark(page)
    server = api.member.server(unique("elsewhere"), wait=False)
    expect(row(page, server["name"])).to_be_visible(timeout=SOON)
    expect(row(page, server["name"])).to_contain_text("Active", timeout=BOOT)
    renamed = unique("renamed")
    api.member.put("compute", f"/servers/{server['id']}", {"server": {"name": renamed}})
    expect(row(page, renamed)).to_be_visible(timeout=SOON)
    api.member.delete("compute", f"/servers/{server['id']}")
    expect(row(page, renamed)).to_have_count(0, timeout=BOOT)
    assert is_marked(page)


def test_stop_start_and_rename_change_the_row_in_place(page: Any, api: Api) -> None:
    server = api.member.server(unique("acts"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/")
    mine = page.locator(f"#row-{server['id']}")
    expect(mine).to_contain_text("Active", timeout=SOON)
    mark(page)
    choose(page, server["name"], "Stop")
    expect(page.locator("#dialog")).to_contain_text(server["name"])
    confirm(page)
    expect(mine).to_contain_text("stopping")
    expect(mine).to_contain_text("Shut off", timeout=BOOT)
    choose(page, server["name"], "Start")
    confirm(page)
    expect(mine).to_contain_text("Active", timeout=BOOT)
    new_name = unique("better-name")
    choose(page, server["name"], "Edit")
    page.locator("#dialog [name=name]").fill(new_name)
    confirm(page)
    expect(mine).to_contain_text(new_name)
    assert is_marked(page)
    assert api.member.get("compute", f"/servers/{server['id']}")["server"]["name"] == new_name


def test_an_action_that_cannot_run_is_greyed_and_says_why(page: Any, api: Api) -> None:
    server = api.member.server(unique("runs"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/")
    row(page, server["name"]).locator("[data-menu]").click()
    start = page.locator("#row-menu [aria-disabled=true]", has_text="Start")
    expect(start).to_contain_text("Only a server that is shut off can be started.")


def test_several_are_deleted_at_once_with_a_result_for_each(page: Any, api: Api) -> None:
    prefix = unique("bulk")
    servers = [api.member.server(f"{prefix}-{number}", wait=False) for number in range(3)]
    for server in servers:
        wait_until(
            lambda path=f"/servers/{server['id']}": api.member.get("compute", path)["server"]["status"] == "ACTIVE",
            what="the boot",
        )
    locked = servers[2]
    api.member.post("compute", f"/servers/{locked['id']}/action", {"lock": {"locked_reason": "keep this one"}})
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/?q={prefix}")
    expect(row(page, locked["name"])).to_contain_text("Locked", timeout=SOON)
    mark(page)
    for server in servers:
        row(page, server["name"]).get_by_role("checkbox").check()
    expect(page.locator("[data-bulk-count]")).to_contain_text("3")
    page.locator("[data-bulk]").get_by_role("button", name="Delete", exact=True).click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("keep this one")
    confirm(page)
    for server in servers[:2]:
        expect(row(page, server["name"])).to_have_count(0, timeout=BOOT)
    expect(row(page, locked["name"])).to_be_visible()
    assert is_marked(page)
    api.member.post("compute", f"/servers/{locked['id']}/action", {"unlock": None})


def test_the_page_works_without_javascript(new_page: Any, removed: list[str], api: Api) -> None:
    page = new_page(java_script_enabled=False)
    name = unique("plain")
    removed.append(name)
    page.goto("/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password", exact=True).fill("secret")
    page.get_by_role("button", name="Sign in").click()
    project = api.member.project_id
    page.goto(f"/r/RegionOne/p/{project}/servers/")
    if page.get_by_role("button", name=re.compile("Switch|Go there|Open")).count():
        page.get_by_role("button", name=re.compile("Switch|Go there|Open")).first.click()
        page.goto(f"/r/RegionOne/p/{project}/servers/")
    launch(page, f"/r/RegionOne/p/{project}/", name)
    expect(row(page, name)).to_be_visible()
    row(page, name).locator("[data-menu]").click()
    page.get_by_role("menuitem", name="Delete", exact=True).click()
    expect(page.locator("main")).to_contain_text(name)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.wait_for_url("**/servers/**")
    expect(page.locator(".notice, .toast").first).to_contain_text(name)
