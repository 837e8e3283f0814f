"""A role that is given, and taken away: the page that is open follows, and says what the person may do by now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.people import is_marked, mark, sign_in
from tests.harness.cloud import PASSWORD, Api, unique

pytestmark = pytest.mark.e2e

MINUTE = 61_000


@dataclass
class Somebody:
    """A person who is a reader of two projects."""

    name: str
    project: str
    other: str


@pytest.fixture
def somebody(api: Api) -> Somebody:
    name = unique("guest")
    create = api.admin.create
    user = {"name": name, "password": PASSWORD, "domain_id": "default"}
    person = create("identity", "/users", {"user": user})
    reader = next(r for r in api.admin.get("identity", "/roles")["roles"] if r["name"] == "reader")
    made = []
    for what in ("work", "elsewhere"):
        project = create("identity", "/projects", {"project": {"name": f"{name}-{what}", "domain_id": "default"}})
        api.admin.request("PUT", "identity", f"/projects/{project['id']}/users/{person['id']}/roles/{reader['id']}")
        made.append(project["name"])
    return Somebody(name, *made)


@pytest.fixture
def their_page(new_page: Any, allowed_errors: list[str], somebody: Somebody) -> Any:
    """The person's browser, on the security groups of the project; a minute passes when we say so."""
    # The page of a project that one has no role in is refused, and so is what an open page asks for itself.
    allowed_errors.append(r"status of 403")
    page = new_page()
    page.clock.install()
    base = sign_in(page, somebody.name, project=somebody.project)
    page.goto(f"{base}security-groups/")
    return page


def change(page: Any, base: str, somebody: Somebody, *, ticks: dict[str, bool]) -> None:
    """An administrator goes from who can do what to the matrix, ticks, looks at the changes, and sends them."""
    page.goto(f"{base}assignments/?project={somebody.project}")
    page.get_by_role("link", name="Change roles here").click()
    for role, is_wanted in ticks.items():
        page.get_by_label(f"{role} for {somebody.name}", exact=True).set_checked(is_wanted)
    page.get_by_role("button", name="Look at the changes").click()
    for role, is_wanted in ticks.items():
        page.get_by_text(f"{somebody.name}: {'+' if is_wanted else '−'} {role}").wait_for()
    page.get_by_role("button", name="Change roles").click()
    page.get_by_text(f"Done for {len(ticks)} of {len(ticks)}.").wait_for()


def test_an_open_page_follows_a_role_that_is_given_and_the_last_one_that_is_taken(
    their_page: Any, new_page: Any, somebody: Somebody
) -> None:
    theirs, admins = their_page, new_page()
    base = sign_in(admins, "admin", project="admin")
    create = theirs.get_by_role("link", name="Create security group")
    assert theirs.locator("#scope .scope-role").inner_text() == "reader"
    assert create.count() == 0
    mark(theirs)

    change(admins, base, somebody, ticks={"member": True})
    theirs.clock.fast_forward(MINUTE)
    theirs.locator("#roles-here", has_text="Your roles here have changed. You have now: member.").wait_for()
    # The menu's list of offers is the same document's: nothing was reloaded, and what is offered is there.
    create.wait_for()
    assert theirs.locator("#scope .scope-role").inner_text() == "member"
    assert is_marked(theirs)
    create.click()
    theirs.locator("#dialog[open]").wait_for()
    theirs.keyboard.press("Escape")

    change(admins, base, somebody, ticks={"reader": False, "member": False})
    theirs.clock.fast_forward(MINUTE)
    notice = theirs.locator("#roles-here", has_text=f"You have no role in {somebody.project} any more.")
    notice.wait_for()
    assert is_marked(theirs)
    theirs.reload()
    theirs.get_by_role("heading", name=f"You have no role in {somebody.project} any more").wait_for()
    theirs.get_by_role("button", name=re.compile(somebody.other)).click()
    theirs.locator("#scope", has_text=somebody.other).wait_for()
