"""Launching in the browser: with disks and a floating IP, like another server, from a link, and shown as a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import row, sign_in
from tests.harness.cloud import Api, unique, wait_until

pytestmark = pytest.mark.e2e

BOOT = 60_000
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RUN_AXE = """async () => {
    const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return found.violations.map((item) => `${item.id}: ${item.nodes.map((node) => node.html).join(" | ")}`);
}"""
FOLDS = ("naming", "disks", "ports", "floating", "user_data", "files", "labels", "place", "devices", "link")


@pytest.fixture
def removed(api: Api) -> Iterator[list[str]]:
    """Names of servers that a journey launched; they, their new disks and their addresses are gone when it ends."""
    names: list[str] = []
    member = api.member
    had = {item["id"] for item in member.get("network", "/floatingips")["floatingips"]}
    yield names

    def left() -> list[str]:
        servers = member.get("compute", "/servers")["servers"]
        ours = [server["id"] for server in servers if any(server["name"].startswith(name) for name in names)]
        for server_id in ours:
            member.delete("compute", f"/servers/{server_id}")
        return ours

    wait_until(lambda: not left(), what="the removal of what the journey made")
    for item in member.get("network", "/floatingips")["floatingips"]:
        if item["id"] not in had and not item["port_id"]:
            member.delete("network", f"/floatingips/{item['id']}")


def fill(page: Any, name: str) -> None:
    """The least that a launch needs."""
    page.locator("[name=name]").fill(name)
    page.locator("#launch-images tr", has_text="cirros-0.6").get_by_role("radio").check()
    page.locator("#launch-flavors tr", has_text="m1.tiny").get_by_role("radio").check()


def unfold(page: Any, *names: str) -> None:
    for name in names:
        page.locator(f"#fold-{name} > summary").click()


def test_a_server_gets_a_floating_ip_and_a_further_disk_by_itself(page: Any, removed: list[str], api: Api) -> None:
    name = unique("reached")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/")
    fill(page, name)
    unfold(page, "disks", "floating")
    page.locator("#disks [name=loaded]").wait_for(state="attached")
    page.locator("#disks [name=disk_source]").first.select_option("blank")
    page.locator("#disks [name=disk_size]").first.fill("1")
    page.locator("#disks [name=disk_end]").first.select_option("delete")
    page.locator("#disks [name=disk_tag]").first.fill("data")
    page.locator("#floating_ip").select_option(label="A new one from public")
    expect(page.locator("#said-disks")).to_have_text("1 more disk, 1 GiB new")
    expect(page.locator("#said-floating")).to_have_text("a new one from public")
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/")
    expect(page.locator("#operations")).to_contain_text("floating IP")
    # Whoever leaves is served all the same: the workers do the rest.
    page.goto("about:blank")

    def has_address() -> Any:
        (server,) = api.member.get("compute", f"/servers/detail?name={name}")["servers"]
        kinds = [item["OS-EXT-IPS:type"] for items in server["addresses"].values() for item in items]
        return server if "floating" in kinds and server["status"] == "ACTIVE" else None

    server = wait_until(has_address, seconds=90, what="the floating IP")
    (disk,) = api.member.get("compute", f"/servers/{server['id']}/os-volume_attachments")["volumeAttachments"]
    assert (disk["tag"], disk["delete_on_termination"]) == ("data", True)
    page.goto(f"{base}operations/")

    def is_told() -> bool:
        page.reload()
        return "It has the floating IP" in str(page.locator("main").inner_text())

    wait_until(is_told, seconds=20, what="the word on the card")


def test_another_like_this_starts_from_the_server_s_menu(page: Any, removed: list[str], api: Api) -> None:
    name = unique("model")
    removed.append(name)
    server = api.member.server(
        f"{name}-7", metadata={"role": "model"}, tags=["mine"], description="the model", config_drive=True
    )
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/?q={server['name']}")
    row(page, server["name"]).locator("[data-menu]").click()
    page.locator("#row-menu").get_by_role("menuitem", name="Launch another like this").click()
    expect(page.locator("#launch-like")).to_contain_text(f"Filled in from {server['name']}")
    expect(page.locator("[name=name]")).to_have_value(f"{name}-8")
    expect(page.locator("#said-naming")).to_have_text("the model")
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/")
    expect(row(page, f"{name}-8")).to_contain_text("Active", timeout=BOOT)
    (made,) = api.member.get("compute", f"/servers/detail?name={name}-8")["servers"]
    assert made["metadata"] == {"role": "model"}
    assert "mine" in made["tags"]
    assert made["config_drive"]
    assert list(made["addresses"]) == ["shared"]


def test_a_saved_link_fills_the_form_of_a_colleague(page: Any, api: Api) -> None:
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/")
    fill(page, "from-a-link")
    unfold(page, "labels", "link")
    page.locator("[name=tags]").fill("one, two")
    link = page.locator("#launch-link input")
    expect(link).to_have_value(re.compile(r"name=from-a-link.*tags=one"))
    address = link.input_value()
    page.evaluate("() => document.querySelectorAll('form[data-dirty]').forEach((form) => delete form.dataset.dirty)")
    page.goto(address)
    expect(page.locator("[name=name]")).to_have_value("from-a-link")
    expect(page.locator("#launch-flavors tr", has_text="m1.tiny").get_by_role("radio")).to_be_checked()
    expect(page.locator("#launch-images tr", has_text="cirros-0.6").get_by_role("radio")).to_be_checked()
    expect(page.locator("#said-labels")).to_have_text("one, two")
    expect(page.locator("#launch-summary")).to_contain_text("Ready to launch.")


def test_the_request_can_be_seen_before_it_is_sent(page: Any, api: Api, requests_log: Any) -> None:
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/")
    fill(page, "only-shown")
    page.get_by_role("button", name="Show request").click()
    request = page.locator("#request")
    expect(request).to_contain_text("server create")
    request.get_by_text("curl", exact=True).click()
    expect(request).to_contain_text('"name": "only-shown"')
    expect(request).to_contain_text("$OS_TOKEN")
    assert not api.member.get("compute", "/servers?name=only-shown")["servers"]


def test_back_brings_what_was_typed_and_launches_nothing_more(page: Any, removed: list[str], api: Api) -> None:
    name = unique("once")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/")
    fill(page, name)
    unfold(page, "naming")
    page.locator("[name=description]").fill("typed once")
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/")
    page.go_back()
    expect(page.locator("main")).to_contain_text("This form was sent already")
    expect(page.locator("[name=name]")).to_have_value(name)
    expect(page.locator("[name=description]")).to_have_value("typed once")
    page.get_by_role("button", name="Launch", exact=True).last.click()
    page.wait_for_url("**/servers/")
    assert len(api.member.get("compute", f"/servers?name={name}")["servers"]) == 1


def test_a_mistake_opens_its_part_and_gets_the_cursor(page: Any) -> None:
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/")
    fill(page, "wrong")
    unfold(page, "naming")
    page.locator("[name=hostname]").fill("-wrong")
    page.get_by_role("button", name="Launch").last.click()
    expect(page.locator("#fold-naming")).to_have_attribute("open", "")
    page.locator("#problems a").click()
    expect(page.locator("[name=hostname]")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_with_everything_open_is_accessible_and_fits_a_phone(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/")
    unfold(page, *FOLDS)
    page.locator("#floating_ip").wait_for()
    page.locator("#availability_zone").wait_for()
    fill(page, "whole")
    page.get_by_role("button", name="Show request").click()
    page.locator("#request").wait_for()
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
