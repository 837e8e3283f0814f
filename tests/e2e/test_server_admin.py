"""An administrator moves somebody's server, and a member puts servers into a group."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, row, sign_in
from tests.harness.cloud import Api, unique, wait_until


@pytest.mark.e2e
def test_an_administrator_finds_a_server_of_another_project_and_moves_it_while_it_runs(page: Any, api: Api) -> None:
    name = unique("moving")
    # Without a network: the demo cloud's agents plug none, which a live migration would wait for.
    made = api.member.server(name, networks="none")
    before = api.admin.get("compute", f"/servers/{made['id']}")["server"]["OS-EXT-SRV-ATTR:host"]
    here = sign_in(page, "admin", project="admin")
    expect(page.get_by_role("navigation").get_by_role("link", name="All projects", exact=True)).to_be_visible()
    page.goto(f"{here}all-servers/?name={name}")
    expect(row(page, name)).to_contain_text("web", timeout=30_000)
    expect(row(page, name)).to_contain_text(before)
    expect(row(page, name)).to_contain_text("alice")

    choose(page, name, "Live migrate")
    dialog = page.locator("#dialog")
    expect(dialog.get_by_label("Host")).to_contain_text("The scheduler chooses")
    target = dialog.get_by_label("Host").locator("option").nth(1).get_attribute("value")
    assert target != before
    dialog.get_by_label("Host").select_option(target)
    confirm(page)
    expect(row(page, name)).to_contain_text("Migrating", timeout=30_000)
    row(page, name).get_by_role("link", name=name, exact=True).click()
    page.locator("#tabs").get_by_role("link", name="Migrations", exact=True).click()
    expect(page.locator("#part")).to_contain_text("Live migration", timeout=30_000)
    expect(page.locator("#part")).to_contain_text("Completed", timeout=90_000)
    after = api.admin.get("compute", f"/servers/{made['id']}")["server"]
    assert after["OS-EXT-SRV-ATTR:host"] == target

    page.goto(f"{here}migrations/?server={made['id']}")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator("#rows")).to_contain_text(f"{name}")
    expect(page.locator("#rows")).to_contain_text("Live migration")


@pytest.mark.e2e
def test_members_find_nothing_of_administration(page: Any, api: Api) -> None:
    name = unique("plain")
    api.member.server(name, networks="none")
    here = sign_in(page, "alice", project="web")
    page.goto(f"{here}servers/?q={name}")
    expect(row(page, name)).to_be_visible()
    row(page, name).locator("[data-menu]").click()
    expect(page.locator("#row-menu").get_by_role("menuitem", name="Delete", exact=True)).to_be_visible()
    expect(page.locator("#row-menu")).not_to_contain_text("Live migrate")
    for title in ("All projects", "Cloud overview", "Migrations"):
        expect(page.get_by_role("navigation").get_by_role("link", name=title, exact=True)).to_have_count(0)


@pytest.mark.e2e
def test_a_member_makes_a_server_group_a_server_joins_it_and_the_group_is_deleted(page: Any, api: Api) -> None:
    name = unique("apart")
    here = sign_in(page, "alice", project="web")
    page.goto(f"{here}server-groups/")
    page.get_by_role("link", name="Create a server group").first.click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("server groups.")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Most servers on one host").fill("1")
    dialog.locator(".btn-primary").click()
    page.get_by_role("heading", name=name).wait_for()
    group_id = re.search(r"server-groups/([0-9a-f-]+)/", page.url)
    assert group_id
    api.member.made.append(("compute", f"/os-server-groups/{group_id[1]}"))

    member = unique("member")
    flavor = next(item for item in api.member.get("compute", "/flavors")["flavors"] if item["name"] == "m1.tiny")
    image = api.member.get("image", "/images?name=cirros-0.6")["images"][0]
    body = {"name": member, "flavorRef": flavor["id"], "imageRef": image["id"], "networks": "none"}
    sent = {"server": body, "os:scheduler_hints": {"group": group_id[1]}}
    server = api.member.post("compute", "/servers", sent)["server"]
    api.member.made.append(("compute", f"/servers/{server['id']}"))
    wait_until(
        lambda: (
            server["id"] in api.member.get("compute", f"/os-server-groups/{group_id[1]}")["server_group"]["members"]
        ),
        what="the server's place in the group",
    )

    def named() -> bool:
        page.goto(f"{here}server-groups/?q={name}")
        return bool(row(page, name).get_by_role("link", name=member, exact=True).count())

    # Names are read once in half a minute.
    wait_until(named, seconds=60, what="the member's name")
    choose(page, name, "Delete")
    expect(page.locator("#dialog")).to_contain_text("Its 1 server goes on running where it is")
    confirm(page)
    expect(page.locator("#list")).not_to_contain_text(name)


@pytest.mark.e2e
def test_usage_is_shown_for_a_span_and_taken_along(page: Any, api: Api) -> None:
    name = unique("used")
    api.member.server(name, networks="none")
    here = sign_in(page, "alice", project="web")

    def is_shown() -> bool:
        # Nova adds up for seconds where there were thousands; after eight the page says so.
        page.goto(f"{here}usage/")
        page.get_by_role("link", name="Today", exact=True).click()
        page.locator(".usage-bar, .fault").first.wait_for()
        return bool(page.locator(".usage-bar").count() == 1)

    wait_until(is_shown, what="the usage")
    page.get_by_text("The same as a table").click()
    expect(page.locator(".usage-numbers tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert name in download.value.path().read_text()
