"""An operator makes a flavor for one project, and takes a host out of use, in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, row, sign_in
from tests.harness.cloud import Api, unique, wait_until

pytestmark = pytest.mark.e2e

BOOT = 60_000


@pytest.fixture
def removed(api: Api) -> Iterator[list[str]]:
    """Names of servers and flavors that a journey made by the dashboard; gone when it ends."""
    names: list[str] = []
    yield names

    def left() -> list[str]:
        servers = api.member.get("compute", "/servers")["servers"]
        ours = [item["id"] for item in servers if item["name"] in names]
        for id in ours:
            api.member.delete("compute", f"/servers/{id}")
        return ours

    wait_until(lambda: not left(), what="the removal of the servers")
    for item in api.admin.get("compute", "/flavors?is_public=None")["flavors"]:
        if item["name"] in names:
            api.admin.delete("compute", f"/flavors/{item['id']}")


@pytest.fixture
def in_use(api: Api) -> Iterator[None]:
    """Whatever happens, both hosts take servers when the journey ends."""
    yield
    for item in api.admin.get("compute", "/os-services?binary=nova-compute")["services"]:
        if item["status"] == "disabled":
            api.admin.put("compute", f"/os-services/{item['id']}", {"status": "enabled"})


def test_a_flavor_with_extra_specs_for_one_project_is_launched_there_and_nowhere_else(
    page: Any, api: Api, removed: list[str]
) -> None:
    name, server = unique("special"), unique("of-special")
    removed += [name, server]
    here = sign_in(page, "admin", project="admin")
    page.goto(f"{here}flavors/")
    page.get_by_role("link", name="Create flavor").first.click()
    dialog = page.locator("#dialog[open]")
    dialog.get_by_label("Name", exact=False).first.fill(name)
    dialog.get_by_label("RAM in MiB").fill("256")
    dialog.get_by_label("Root disk in GiB").fill("1")
    dialog.get_by_label("Description").fill("one GPU, some day")
    dialog.get_by_label("Every project may use it").uncheck()
    dialog.locator("[name=projects]").first.fill("web")
    dialog.locator("[name=extra_specs-key]").first.fill("hw:cpu_policy")
    dialog.locator("[name=extra_specs-value]").first.fill("sometimes")
    dialog.locator(".btn-primary").click()
    # What the dashboard knows of a key is told before Nova is asked.
    expect(dialog).to_contain_text("It is one of: dedicated, shared, mixed")
    dialog.locator("[name=extra_specs-value]").first.fill("shared")
    dialog.locator("[name=extra_specs-key]").nth(1).fill("hw:no_such_thing")
    dialog.locator("[name=extra_specs-value]").nth(1).fill("1")
    dialog.locator(".btn-primary").click()
    # And what Nova alone knows is told on the row; nothing half made is left.
    expect(dialog.locator(".pairs .field-errors")).to_contain_text("hw:no_such_thing")
    found = [item["name"] for item in api.admin.get("compute", "/flavors?is_public=None")["flavors"]]
    assert name not in found
    dialog.locator("[name=extra_specs-key]").nth(1).fill("")
    dialog.locator("[name=extra_specs-value]").nth(1).fill("")
    dialog.locator(".btn-primary").click()
    page.get_by_role("heading", name=name, exact=True).wait_for()
    expect(page.locator("#tab")).to_contain_text("host")
    page.locator("#tabs").get_by_role("link", name="Extra specs", exact=True).click()
    expect(page.locator("#tab")).to_contain_text("Own host CPUs for its vCPUs")
    page.locator("#tabs").get_by_role("link", name="Who may use it", exact=True).click()
    expect(page.locator("#tab")).to_contain_text("web")

    # Who is in another project has no such flavor.
    page.goto("about:blank")
    page.context.clear_cookies()
    there = sign_in(page, "carol", project="data")
    page.goto(f"{there}flavors/")
    expect(row(page, "m1.tiny")).to_be_visible()
    expect(page.locator("#rows")).not_to_contain_text(name)
    page.goto(f"{there}servers/launch/")
    expect(page.locator("#launch-flavors")).to_contain_text("m1.tiny")
    expect(page.locator("#launch-flavors")).not_to_contain_text(name)

    page.goto("about:blank")
    page.context.clear_cookies()
    home = sign_in(page, "alice", project="web")
    page.goto(f"{home}flavors/")
    expect(row(page, name)).to_contain_text("Within the quota")
    expect(page.get_by_role("link", name="Create flavor")).to_have_count(0)

    def is_offered() -> bool:
        page.goto(f"{home}servers/launch/")
        return bool(page.locator("#launch-flavors tr", has_text=name).count())

    # Flavors are kept half a minute for the form.
    wait_until(is_offered, seconds=60, what="the flavor in the form")
    page.locator("[name=name]").fill(server)
    page.locator("#launch-images tr", has_text="cirros-0.6").get_by_role("radio").check()
    page.locator("#launch-flavors tr", has_text=name).get_by_role("radio").check()
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/", timeout=BOOT)
    expect(row(page, server)).to_contain_text("Active", timeout=BOOT)


def test_a_host_that_is_disabled_says_why_on_every_page_and_its_servers_leave_it(
    page: Any, api: Api, in_use: None
) -> None:
    why = unique("new memory")
    servers = [api.admin.server(unique("leaves"), availability_zone="nova:compute1", networks="none") for _ in range(2)]
    here = sign_in(page, "admin", project="admin")
    page.goto(f"{here}hypervisors/")
    expect(row(page, "compute1")).to_contain_text("Up")
    # The page of the drain names everybody's servers; here all but the journey's own stay.
    row(page, "compute1").locator("[data-menu]").click()
    page.locator("#row-menu").get_by_role("menuitem", name="Drain", exact=True).click()
    page.get_by_role("heading", name="Drain compute1").wait_for()
    for box in page.locator("[name=id]").all():
        if box.get_attribute("value") not in {item["id"] for item in servers}:
            box.uncheck()
    expect(page.locator("[name=id]:checked")).to_have_count(2)
    page.get_by_label("Reason").fill(why)
    page.locator("#id_host").select_option("compute2")
    page.get_by_role("button", name="Drain").click()
    page.wait_for_url("**/migrations/?host=compute1")

    page.goto(f"{here}hypervisors/")
    expect(row(page, "compute1")).to_contain_text(why)
    expect(row(page, "compute1")).to_contain_text("disabled")
    page.goto(f"{here}compute-services/?host=compute1")
    expect(page.locator("#rows")).to_contain_text(why)
    page.goto(f"{here}zones/nova/?tab=hosts")
    expect(page.locator("#tab tr", has_text="compute1")).to_contain_text(why)

    def hosts() -> set[str]:
        found = (api.admin.get("compute", f"/servers/{item['id']}")["server"] for item in servers)
        return {item["OS-EXT-SRV-ATTR:host"] for item in found}

    page.goto(f"{here}hypervisors/")
    choose(page, "compute1", "Enable")
    confirm(page)
    expect(row(page, "compute1")).not_to_contain_text(why)

    def is_done() -> bool:
        page.goto(f"{here}operations/")
        expect(page.locator("main")).to_contain_text("Live migrate (2)")
        return "2 / 2" in page.locator("main").inner_text()

    wait_until(is_done, what="the job's end")
    wait_until(lambda: hosts() == {"compute2"}, seconds=90, what="both moves")
