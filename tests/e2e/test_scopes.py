"""Projects, domains and the system in the browser: each with its menu and colour; what is missing, and who can help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import here, ready, sign_in
from tests.harness.cloud import PASSWORD, Api
from tests.harness.domain import OwnDomain
from tests.harness.tour import Scene, problems

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def own(all_clients: Api) -> Iterator[OwnDomain]:
    """A domain of this file's own: its manager, who is in a project too, its reader, and a reader of the project."""
    domain = OwnDomain(all_clients.admin)
    try:
        domain.make()
        domain.add("dmanager", on_domain="manager", on_project="member")
        domain.add("dreader", on_domain="reader")
        domain.add("preader", on_project="reader")
        yield domain
    finally:
        domain.remove()


def enter(page: Any, own: OwnDomain, name: str) -> str:
    page.goto("/sign-in/")
    page.get_by_label("Domain").fill(own.name)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#scope").wait_for()
    ready(page)
    return here(page)


def usable(page: Any, what: str) -> None:
    """Nothing that axe or a ruler finds, in light, dark and at 360 pixels; then as it was."""
    assert problems(page, Scene(what, "")) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def test_a_domains_manager_goes_between_domain_and_project(page: Any, own: OwnDomain) -> None:
    project = enter(page, own, "dmanager")
    page.locator("#scope").click()
    expect(page.locator("#switcher h3")).to_have_text(["Projects", "Domains"])
    page.locator("#scopes-q").fill(own.name)
    page.locator("#scopes-found button[value^='domain:']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Domain {own.name}")
    expect(page.locator("main")).to_contain_text("You may manage this domain's users, groups and projects")
    domain = here(page)
    menu = page.locator("#menu")
    expect(menu.get_by_role("link", name="Users")).to_be_visible()
    expect(menu.get_by_role("link", name="Servers")).to_have_count(0)
    expect(page.locator("body")).to_have_class(re.compile("wears-domain"))
    usable(page, "domain's start")
    # What is the project's says so, and leads there.
    page.goto(f"{domain}keypairs/")
    expect(page.locator("main")).to_contain_text("This page belongs to a project.")
    usable(page, "page of another scope")
    page.get_by_role("button", name=re.compile("Project garden")).click()
    page.wait_for_url(re.compile(re.escape(f"{project}keypairs/")))
    expect(page.locator("#menu").get_by_role("link", name="Servers", exact=True)).to_be_visible()
    # A page that both have stays open on the way over.
    page.goto(f"{domain}users/")
    expect(page.locator("#rows")).to_contain_text("dreader")
    for path in ("/sessions/", "/password/", "/passcodes/"):
        page.goto(path)
        expect(page.locator("#scope")).to_contain_text(own.name)


def test_readers_are_told_what_they_lack_and_who_could_help(page: Any, new_page: Any, own: OwnDomain) -> None:
    base = enter(page, own, "preader")
    page.goto(f"{base}keypairs/")
    page.get_by_role("link", name="Who can give me this role?").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text(f"are given by managers of its domain, {own.name}")
    expect(dialog).to_contain_text("Your role does not let you see who that is.")
    page.keyboard.press("Escape")
    page.goto(f"{base}users/")
    expect(page.locator("main .fault")).to_contain_text("This needs the role admin in this project; you have reader.")
    page.goto(f"{base}who-grants/?role=member")
    usable(page, "who could give a role")
    other = new_page()
    domain = enter(other, own, "dreader")
    expect(other.locator("main")).to_contain_text("You may look at this domain's users")
    other.goto(f"{domain}users/")
    expect(other.locator("#rows")).to_contain_text("dmanager")
    other.get_by_role("link", name="Who can give me this role?").first.click()
    expect(other.locator("#dialog")).to_contain_text("dmanager")
    expect(other.locator("#dialog")).to_contain_text("manager of the domain")


def test_an_administrator_enters_the_system(page: Any) -> None:
    sign_in(page, "admin", project="admin")
    page.locator("#scope").click()
    page.locator("#scopes-found button[value='system:all']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The system")
    expect(page.locator("body")).to_have_class(re.compile("wears-admin"))
    expect(page.locator(".wears")).to_contain_text("concerns the whole cloud")
    usable(page, "system's start")
    page.goto("/passcodes/")
    usable(page, "two-factor sign-in")
    page.get_by_role("button", name="Add an authenticator").click()
    expect(page.locator("svg.qr")).to_be_visible()
    usable(page, "an authenticator is added")
