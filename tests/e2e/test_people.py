"""Who gets in, what each sees, and that nothing is left when they go."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import here, row, sign_in, switch
from tests.harness.cloud import Api, unique

pytestmark = pytest.mark.e2e


def test_a_wrong_password_says_so_and_keeps_the_name(page: Any, allowed_errors: list[str]) -> None:
    allowed_errors.append(r"status of 40[013]")
    page.goto("/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("[role=alert]").first).to_be_visible()
    expect(page.get_by_label("User name")).to_have_value("alice")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")


def test_somebody_without_a_project_is_told_what_to_do_and_can_leave(page: Any) -> None:
    sign_in(page, "nobody")
    expect(page.locator("main")).to_contain_text("project")
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_label("User name")).to_be_visible()


def test_a_user_of_another_domain_works_in_her_own_project(page: Any) -> None:
    base = sign_in(page, "paula", domain="partner")
    expect(page.locator("#scope")).to_contain_text("shop")
    page.goto(f"{base}servers/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Servers")


def test_a_reader_sees_everything_and_changes_nothing(
    page: Any, api: Api, stack: str, allowed_errors: list[str]
) -> None:
    allowed_errors.append(r"status of 403")
    server = api.member.server(unique("read"))
    base = sign_in(page, "bob", project="web")
    expect(page.locator("#scope")).to_contain_text("reader")
    page.goto(f"{base}servers/")
    expect(page.locator("[aria-disabled=true]", has_text="Launch server")).to_be_visible()
    row(page, server["name"]).locator("[data-menu]").click()
    expect(page.locator("#row-menu [aria-disabled=true]", has_text="Stop")).to_contain_text("member")
    page.keyboard.press("Escape")
    # A forged POST, with everything that a real one has.
    status = page.evaluate(
        """async ([url, id]) => {
            const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
            const body = new URLSearchParams({ id });
            const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token } });
            return answer.status;
        }""",
        [f"{base}servers/act/stop/", server["id"]],
    )
    assert status == 403
    assert api.member.get("compute", f"/servers/{server['id']}")["server"]["status"] == "ACTIVE"


def test_two_tabs_in_two_projects_stay_apart(page: Any, api: Api) -> None:
    carol = api.at("alice", "data")
    in_web = api.member.server(unique("in-web"))
    in_data = carol.server(unique("in-data"))
    web = sign_in(page, "alice", project="web")
    other = page.context.new_page()
    other.goto("/")
    data = switch(other, "data")
    assert web != data
    page.goto(f"{web}servers/")
    other.goto(f"{data}servers/")
    # The tab that was opened first still acts in its own project, though the other one was used last.
    for tab, server in ((page, in_web), (other, in_data)):
        expect(row(tab, server["name"])).to_be_visible(timeout=20_000)
        row(tab, server["name"]).locator("[data-menu]").click()
        tab.locator("#row-menu").get_by_role("menuitem", name="Edit", exact=True).click()
        tab.locator("#dialog [name=description]").fill(f"changed in {server['name']}")
        tab.locator("#dialog .btn-primary").click()
        tab.locator("#dialog[open]").wait_for(state="detached")
    assert api.member.get("compute", f"/servers/{in_web['id']}")["server"]["description"].endswith(in_web["name"])
    assert carol.get("compute", f"/servers/{in_data['id']}")["server"]["description"].endswith(in_data["name"])
    expect(row(page, in_data["name"])).to_have_count(0)


def test_signing_out_revokes_the_tokens_and_kills_the_cookie(
    page: Any, requests_log: Any, allowed_errors: list[str]
) -> None:
    # What the page that is left was just asking for is refused from then on.
    allowed_errors += [r"status of 401", r"Status Error Code 401"]
    base = sign_in(page, "alice", project="web")
    switch(page, "data")
    (cookie,) = [item for item in page.context.cookies() if item["name"].endswith("sid")]
    with requests_log() as asked:
        page.locator("[popovertarget=person]").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("User name")).to_be_visible()
    # The unscoped token, that of the project she came to, and that of the one she switched to. They are ended side by
    # side, and with the unscoped one Keystone ends those made from it: who comes later is told 401 or 404.
    answers = [line.split()[3] for line in asked.lines if line.startswith("keystone DELETE /v3/auth/tokens ")]
    assert len(answers) >= 3
    assert "204" in answers
    assert set(answers) <= {"204", "401", "404"}
    page.context.add_cookies([cookie])
    page.goto(f"{base}servers/")
    expect(page.get_by_label("User name")).to_be_visible()
    assert here(page) == ""
