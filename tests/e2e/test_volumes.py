"""Volumes in the browser: made, attached, grown, kept as a snapshot, and handed over to another project."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, is_marked, mark, row, sign_in
from tests.harness.cloud import Api, Client, unique, wait_until

pytestmark = pytest.mark.e2e

SOON = 30_000
"""Milliseconds until a volume has come to rest, on a busy machine."""


@pytest.fixture
def removed(api: Api) -> Any:
    """The beginnings of names of volumes that the journey made; gone when it ends, whatever happened."""
    names: list[str] = []
    yield names
    for client in (api.member, api.at("carol", "data")):
        wait_until(lambda client=client: not left(client, names), what="the removal of what the journey made")


def left(client: Client, names: list[str]) -> list[str]:
    """Volumes that are still there; asked to be deleted with their snapshots."""
    found = client.get("block-storage", "/volumes/detail")["volumes"]
    ours = [item for item in found if any(item["name"].startswith(name) for name in names)]
    for item in ours:
        if item["status"] in {"available", "error"}:
            client.delete("block-storage", f"/volumes/{item['id']}?cascade=true")
    return [item["id"] for item in ours]


def create(page: Any, base: str, name: str, size: int) -> None:
    """Makes an empty volume in the dialog of the list."""
    page.goto(f"{base}volumes/")
    page.locator(".page-actions").get_by_role("link", name="Create volume").click()
    page.locator("#dialog[open]").wait_for()
    page.locator("#dialog [name=name]").fill(name)
    page.locator("#dialog [name=size]").fill(str(size))
    page.locator("#dialog .btn-primary").last.click()
    page.get_by_role("heading", name=name).wait_for()


def test_a_volume_lives_its_life_without_a_reload(page: Any, api: Api, removed: list[str]) -> None:
    name = unique("journey")
    removed.append(name)
    server = api.member.server(unique("host"))
    base = sign_in(page, "alice", project="web")
    create(page, base, name, 1)
    page.goto(f"{base}volumes/")
    mark(page)
    mine = row(page, name)
    expect(mine).to_contain_text("Available", timeout=SOON)
    expect(mine).to_contain_text("1 GiB")

    choose(page, name, "Attach to a server")
    page.locator("#dialog [name=server]").select_option(server["id"])
    confirm(page)
    expect(mine).to_contain_text("In use", timeout=SOON)
    expect(mine).to_contain_text("/dev/")
    expect(mine.get_by_role("link", name=server["name"])).to_be_visible(timeout=SOON)

    choose(page, name, "Extend")
    page.locator("#dialog [name=size]").fill("3")
    confirm(page)
    expect(mine).to_contain_text("3 GiB", timeout=SOON)

    choose(page, name, "Take a snapshot")
    page.locator("#dialog [name=snapshot_name]").fill(f"{name}-kept")
    page.locator("#dialog .btn-primary").last.click()
    page.locator("#dialog").get_by_role("link", name=f"{name}-kept").wait_for()
    page.locator("#dialog").get_by_role("link", name="Close").click()

    expect(mine).to_contain_text("In use", timeout=SOON)
    choose(page, name, "Detach")
    confirm(page)
    expect(mine).to_contain_text("Available", timeout=SOON)
    assert is_marked(page), "all of it happened on one page"

    page.goto(f"{base}snapshots/")
    expect(row(page, f"{name}-kept")).to_contain_text("Available", timeout=SOON)
    choose(page, f"{name}-kept", "Create a volume")
    page.locator("#dialog [name=volume_title]").fill(f"{name}-again")
    page.locator("#dialog .btn-primary").last.click()
    page.locator("#dialog").get_by_role("link", name=f"{name}-again").click()
    page.get_by_role("heading", name=f"{name}-again").wait_for()
    expect(page.get_by_role("main")).to_contain_text("3 GiB")
    expect(page.get_by_role("main")).to_contain_text("Snapshot ")


def test_a_volume_of_an_image_is_made_and_a_server_launched_from_it(page: Any, api: Api, removed: list[str]) -> None:
    name = unique("bootable")
    removed.append(name)
    image = api.member.get("image", "/images?name=cirros-0.6")["images"][0]
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}images/{image['id']}/")
    page.get_by_role("link", name="Create a volume").click()
    expect(page.locator("[name=source]")).to_have_value(f"image:{image['id']}")
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name="Create volume").click()
    page.get_by_role("heading", name=name).wait_for()
    page.get_by_role("link", name=f"Launch a server from {name}").click()
    page.wait_for_url("**/servers/launch/**")
    (volume,) = [item for item in api.member.get("block-storage", "/volumes")["volumes"] if item["name"] == name]
    expect(page.locator(f"#volume-{volume['id']}")).to_be_checked()


def test_a_volume_is_handed_over_and_taken_in_another_project(
    page: Any, new_page: Any, api: Api, removed: list[str]
) -> None:
    name = unique("gift")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    create(page, base, name, 1)
    page.goto(f"{base}volumes/")
    expect(row(page, name)).to_contain_text("Available", timeout=SOON)
    choose(page, name, "Hand over to another project")
    page.locator("#dialog .btn-primary").last.click()
    page.locator("#dialog #transfer-key").wait_for()
    id = page.locator("#transfer-id code").inner_text()
    key = page.locator("#transfer-key code").inner_text()
    page.get_by_role("link", name="I have copied them").click()
    page.wait_for_url("**/volume-transfers/**")
    expect(page.get_by_role("main")).to_contain_text(name)
    assert key not in page.content()

    other = new_page()
    theirs = sign_in(other, "carol", project="data")
    other.goto(f"{theirs}volume-transfers/")
    other.locator(".page-actions").get_by_role("link", name="Take a volume").click()
    other.locator("#dialog [name=transfer_id]").fill(id)
    other.locator("#dialog [name=auth_key]").fill(key)
    other.locator("#dialog .btn-primary").last.click()
    other.locator("#dialog[open]").wait_for(state="detached")
    other.goto(f"{theirs}volumes/")
    expect(row(other, name)).to_contain_text("Available", timeout=SOON)
    page.goto(f"{base}volumes/")
    expect(row(page, name)).to_have_count(0, timeout=SOON)


def test_a_volume_stuck_in_its_deletion_is_explained_and_freed_by_an_administrator(
    page: Any, new_page: Any, api: Api, removed: list[str]
) -> None:
    name = unique("stuck")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    create(page, base, name, 1)
    id = page.url.rstrip("/").rpartition("/")[2].partition("?")[0]
    page.goto(f"{base}volumes/")
    mine = row(page, name)
    expect(mine).to_contain_text("Available", timeout=SOON)
    mark(page)
    reset = {"os-reset_status": {"status": "error_deleting"}}
    api.admin.post("block-storage", f"/volumes/{id}/action", reset)
    expect(mine).to_contain_text("Deletion failed", timeout=SOON)
    mine.locator("[data-menu]").click()
    expect(page.locator("#row-menu")).to_contain_text("An administrator has to reset its state or delete it by force.")
    expect(page.locator("#row-menu")).not_to_contain_text("Delete by force")

    operator = new_page()
    theirs = sign_in(operator, "admin", project="admin")
    operator.goto(f"{theirs}all-volumes/?q={name}")
    expect(row(operator, name)).to_contain_text("Deletion failed", timeout=SOON)
    choose(operator, name, "Reset the state")
    operator.locator("#dialog [name=state]").select_option("available")
    confirm(operator)
    expect(row(operator, name)).to_contain_text("Available", timeout=SOON)
    expect(mine).to_contain_text("Available", timeout=SOON)
    assert is_marked(page)
    page.keyboard.press("Escape")
    choose(page, name, "Delete")
    confirm(page)
    expect(mine).to_have_count(0, timeout=SOON)


def test_a_quota_that_is_too_small_is_named_and_the_form_stays(page: Any, api: Api, removed: list[str]) -> None:
    name = unique("huge")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}volumes/")
    page.locator(".page-actions").get_by_role("link", name="Create volume").click()
    page.locator("#dialog [name=name]").fill(name)
    page.locator("#dialog [name=size]").fill("100000")
    page.locator("#dialog .btn-primary").last.click()
    expect(page.locator("#dialog .form-errors")).to_contain_text("The quota for GiB of volumes and snapshots is 1000")
    expect(page.locator("#dialog [name=name]")).to_have_value(name)


def test_a_reader_sees_volumes_and_is_told_why_nothing_can_be_changed(page: Any, api: Api) -> None:
    volume = api.member.create("block-storage", "/volumes", {"volume": {"name": unique("seen"), "size": 1}})
    base = sign_in(page, "bob", project="web")
    page.goto(f"{base}volumes/")
    expect(row(page, volume["name"])).to_contain_text("Available", timeout=SOON)
    expect(page.locator(".page-actions [aria-disabled=true]")).to_contain_text("Create volume")
    row(page, volume["name"]).locator("[data-menu]").click()
    expect(page.locator("#row-menu")).to_contain_text("This needs the role member")
    expect(page.locator("#row-menu a:not([href*='?role='])")).to_have_count(0)
