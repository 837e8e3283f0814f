"""An operator's morning: what is wrong in the cloud, whose it is, and who has an address that somebody asks about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import confirm, ready, sign_in
from tests.harness.cloud import Api, unique

pytestmark = pytest.mark.e2e


def test_an_operator_sees_a_failed_server_follows_it_and_finds_whose_an_address_is(page: Any, api: Api) -> None:
    name = unique("doomed")
    api.member.server(name, networks="none")
    outside = api.member.get("network", "/networks?router:external=True")["networks"][0]
    floating = api.member.create(
        "network", "/floatingips", {"floatingip": {"floating_network_id": outside["id"], "description": name}}
    )
    here = sign_in(page, "admin", project="admin")
    page.goto(f"{here}networks/")
    menu = page.get_by_role("navigation").filter(has=page.get_by_role("link", name="Cloud overview", exact=True))
    menu.get_by_role("link", name="Cloud overview", exact=True).click()
    expect(page.get_by_role("heading", name="The cloud in RegionOne")).to_be_visible()
    box = page.locator("#box-failed")
    # An overview that others opened a moment ago is as old as it says, and is renewed.
    expect(box).to_contain_text(name, timeout=90_000)
    expect(box.locator("li", has_text=name)).to_contain_text("web")
    expect(page.locator("#box-capacity")).to_contain_text("vCPUs", timeout=30_000)
    expect(page.locator("#box-use")).to_contain_text("Usage by project over time", timeout=60_000)
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=30_000)

    box.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("h1")).to_contain_text(name)
    expect(page.locator("main")).to_contain_text("Whose it is")
    expect(page.locator("dd", has_text="web").first).to_be_visible()

    address = floating["floating_ip_address"]
    ready(page)
    page.keyboard.press("/")
    page.locator("#palette-input").fill(address)
    page.locator("#palette-list").get_by_text(f"Whose is “{address}”?").click()
    found = page.locator(f"#found-floating-ip-{floating['id']}")
    expect(found).to_contain_text(address)
    expect(found).to_contain_text("web")
    found.get_by_role("link", name=address, exact=True).click()
    expect(page.locator("main")).to_contain_text("Whose it is")

    page.get_by_role("navigation").get_by_role("link", name="All projects", exact=True).first.click()
    page.locator(".relatives").get_by_role("link", name="Floating IPs", exact=True).click()
    page.locator("#filter").fill("project:web")
    expect(page.locator("#rows")).to_contain_text(address, timeout=30_000)


def test_an_administrator_imports_a_namespace_mends_it_by_the_line_and_deletes_it(
    page: Any, api: Api, tmp_path: Path
) -> None:
    name = f"Test::{unique('Journey')}"
    good = {
        "namespace": name,
        "display_name": name,
        "properties": {"speed": {"type": "integer", "title": "Speed"}},
    }
    bad = json.dumps({**good, "properties": {"speed": {"type": "quick", "title": "Speed"}}}, indent=1)
    here = sign_in(page, "admin", project="admin")
    page.goto(f"{here}metadata-definitions/")
    page.get_by_role("link", name="Import", exact=True).click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("JSON").fill(bad)
    dialog.locator(".btn-primary").click()
    expect(dialog).to_contain_text("Line 5: The property “speed” has no type that there is")
    file = tmp_path / "namespace.json"
    file.write_text(json.dumps(good))
    dialog.get_by_label("Or a file").set_input_files(file)
    dialog.locator(".btn-primary").click()
    try:
        page.get_by_role("heading", name=name).wait_for()
        page.get_by_role("link", name="Properties", exact=True).click()
        expect(page.locator("#tab")).to_contain_text("Speed")
        page.get_by_role("link", name="Edit speed", exact=True).click()
        dialog.get_by_label("Title").fill("How fast it is")
        confirm(page)
        expect(page.locator("#tab")).to_contain_text("How fast it is")
    finally:
        api.admin.delete("image", f"/metadefs/namespaces/{name}")
