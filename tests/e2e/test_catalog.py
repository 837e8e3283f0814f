"""An administrator adds a region with a service to the catalog; who signs in then finds it, until it is deleted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, row, sign_in
from tests.harness.cloud import Api, unique

pytestmark = pytest.mark.e2e
GLANCE = "http://127.0.0.1:9292"


@pytest.fixture
def removed(api: Api) -> Iterator[list[str]]:
    """Names of what the test makes. While its region is in the catalog everybody may choose it: it never stays."""
    names: list[str] = []
    yield names
    for service in api.admin.get("identity", "/services")["services"]:
        if service["type"] in names:
            api.admin.delete("identity", f"/services/{service['id']}")
    for name in names:
        with contextlib.suppress(Exception):
            api.admin.delete("identity", f"/regions/{name}")


def catalog_of(page: Any, base: str) -> Any:
    page.goto(f"{base}api-access/")
    return page.locator("main")


def test_a_region_with_a_service_is_in_the_catalog_of_who_signs_in_then(
    page: Any, new_page: Any, removed: list[str]
) -> None:
    # After "RegionOne" in the alphabet, and of a type that no page is for: others who sign in meanwhile start where
    # they always do, with the menu that they have.
    region, kind = unique("Test-hall"), unique("x-journey")
    removed += [region, kind]
    base = sign_in(page, "admin", project="admin")
    page.goto(f"{base}regions/")
    page.get_by_role("link", name="Create region").first.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name").fill(region)
    dialog.get_by_label("Part of").select_option("RegionOne")
    dialog.locator(".btn-primary").click()
    page.get_by_role("heading", name=region).wait_for()

    page.goto(f"{base}services/")
    page.get_by_role("link", name="Create service").first.click()
    dialog.get_by_label("Type").fill(kind)
    dialog.get_by_label("Region").select_option(region)
    dialog.get_by_label("Public URL").fill("http://127.0.0.1:1/v1/$(project_id)s")
    dialog.locator(".btn-primary").click()
    expect(dialog).to_contain_text("Nobody takes the connection")
    dialog.get_by_label("Public URL").fill(f"{GLANCE}/v2/$(project_id)s")
    dialog.locator(".btn-primary").click()
    page.get_by_role("heading", name=kind).wait_for()
    try:
        page.locator("#tabs").get_by_role("link", name="Endpoints", exact=True).click()
        table = page.locator(".catalog-table")
        expect(table.locator("tbody tr")).to_have_count(1)
        expect(table.get_by_text("$(project_id)s")).to_have_count(3)
        expect(table.get_by_text("Answers")).to_have_count(3, timeout=20_000)

        other = new_page()
        theirs = sign_in(other, "alice", project="web")
        assert "/RegionOne/" in theirs
        found = catalog_of(other, theirs)
        expect(found).to_contain_text(kind)
        project = theirs.rstrip("/").rpartition("/")[2]
        expect(found).to_contain_text(f"{GLANCE}/v2/{project}")
        # The operator of this dashboard serves RegionOne alone: tests/panels/test_catalog.py has one who serves more.
        other.locator("#scope").click()
        expect(other.locator("#scopes-q")).to_be_visible()
        expect(other.locator("#switcher-body")).not_to_contain_text(region)
    finally:
        # Through the page, as the operator does, and at once.
        page.goto(f"{base}services/?type={kind}")
        choose(page, kind, "Delete")
        confirm(page)
        expect(page.locator("#rows")).not_to_contain_text(kind)
    page.goto(f"{base}regions/")
    choose(page, region, "Delete")
    confirm(page)
    expect(row(page, region)).to_have_count(0)

    last = new_page()
    theirs = sign_in(last, "alice", project="web")
    expect(catalog_of(last, theirs)).to_contain_text("compute")
    expect(last.locator("main")).not_to_contain_text(kind)
