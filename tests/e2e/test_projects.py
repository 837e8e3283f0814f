"""A project made in one go for somebody new, who signs in and launches; then all of it is taken down, and gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1 import exceptions
from playwright.sync_api import expect

from dashboard.cloud.project_contents import list_contents
from dashboard.cloud.project_teardown import Teardown, step
from tests.e2e.people import sign_in
from tests.harness.cloud import PASSWORD, Api, unique, wait_until
from tests.harness.real import cloud_for
from tests.harness.tour import Scene, Tour, check

pytestmark = pytest.mark.e2e


@pytest.fixture
def name(api: Api) -> Iterator[str]:
    """A project's and a user's name; what the journey did not take away is taken away."""
    name = unique("fresh")
    yield name
    for user in api.admin.get("identity", f"/users?name={name}")["users"]:
        api.admin.delete("identity", f"/users/{user['id']}")
    cloud = cloud_for(api.admin)
    for project in api.admin.get("identity", f"/projects?name={name}")["projects"]:
        things = list_contents(cloud, project["id"]).things
        work = Teardown.of(project["id"], name, things, is_deleted_last=True)

        def is_over(work: Teardown = work) -> bool:
            step(cloud, work)
            return work.is_over

        wait_until(is_over, seconds=120, what="the end of the project")


def held(api: Api, project: str) -> dict[str, int]:
    """How much of each kind the project has, by the services' own word."""
    admin, found = api.admin, {}
    servers = admin.get("compute", f"/servers?all_tenants=1&project_id={project}")["servers"]
    found["servers"] = len(servers)
    for kind in ("networks", "subnets", "routers", "ports", "floatingips"):
        found[kind] = len(admin.get("network", f"/{kind}?project_id={project}")[kind])
    found["volumes"] = len(admin.get("block-storage", f"/volumes?all_tenants=1&project_id={project}")["volumes"])
    return found


def test_a_project_in_one_go_whose_new_user_launches_and_then_all_of_it_is_taken_down(
    page: Any, new_page: Any, api: Api, name: str
) -> None:
    base = sign_in(page, "admin", project="admin")
    page.goto(f"{base}new-project/")
    page.get_by_label("Name", exact=True).first.fill(name)
    page.get_by_label("Description").fill("A trial")
    first = page.get_by_role("group", name="Member 1")
    first.get_by_label("Name or id").press_sequentially("bo")
    expect(page.locator("#names-members option[value=bob]")).to_have_count(1)
    first.get_by_label("Name or id").fill("bob")
    first.get_by_label("Role").select_option(label="reader")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Make a network").check()
    page.get_by_label("External network").select_option(label="public")
    page.locator("summary", has_text="Quotas").click()
    page.get_by_label("Servers", exact=True).fill("2")
    page.get_by_role("button", name="Create the project").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("#making-part")).to_contain_text("All of it is made.", timeout=60_000)
    project = api.admin.get("identity", f"/projects?name={name}")["projects"][0]["id"]
    limits = api.admin.get("compute", f"/os-quota-sets/{project}")["quota_set"]
    assert limits["instances"] == 2
    assert held(api, project)["networks"] == 1

    theirs = new_page()
    there = sign_in(theirs, name)
    expect(theirs.locator("#scope")).to_contain_text(name)
    theirs.goto(f"{there}servers/launch/")
    theirs.get_by_label("Name", exact=True).first.fill(name)
    theirs.locator("#launch-images tr", has_text="cirros-0.6").get_by_role("radio").check()
    theirs.locator("#launch-flavors tr", has_text="m1.tiny").get_by_role("radio").check()
    theirs.get_by_role("button", name="Launch").last.click()
    expect(theirs.locator("#rows tr", has_text=name)).to_contain_text("Active", timeout=60_000)
    theirs.goto(f"{there}quotas/")
    expect(theirs.locator("#quotas-compute")).to_contain_text("1 / 2")
    expect(theirs.get_by_role("link", name="Edit")).to_have_count(0)

    page.goto(f"{base}quotas/")
    page.get_by_label("Another project").press_sequentially(name)
    page.locator("#quota-found").get_by_role("link", name=name).click()
    expect(page.locator("#quotas-compute")).to_contain_text("1 / 2")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Servers", exact=True).fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("This is less than what is in use: Servers.")
    page.get_by_label(re.compile("Set it all the same")).check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("More is in use than allowed: Servers.")

    page.goto(f"{base}teardown/")
    page.get_by_label("Project", exact=True).press_sequentially(name)
    page.locator("#teardown-found").get_by_role("link", name=name).click()
    plan = page.get_by_role("region", name=re.compile("The plan"))
    for what in ("Servers 1", "Routers 1", "Networks 1"):
        expect(plan).to_contain_text(what)
    assert held(api, project)["servers"] == 1, "the plan changes nothing"
    page.get_by_label("The project's name").fill(name)
    page.get_by_role("button", name="Take it down").click()
    # It goes on without the page.
    expect(page.locator("#teardown-part")).to_be_visible()
    address = page.url
    page.goto(f"{base}servers/")
    page.goto(address)
    expect(page.locator("#teardown-part")).to_contain_text("Done: all of it is gone.", timeout=120_000)
    with pytest.raises(exceptions.NotFound):
        api.admin.get("identity", f"/projects/{project}")
    assert not any(held(api, project).values())


@pytest.fixture(scope="module")
def things(all_clients: Api) -> dict[str, str]:
    return {"data": all_clients.at("carol", "data").project_id}


SCENES = (
    Scene("quotas", "quotas/"),
    Scene("another's quotas", "quotas/?project={data}&q=a", who="admin"),
    Scene("quotas as a form", "quotas/edit/?project={data}", who="admin"),
    Scene("quotas reset", "quotas/reset/?project={data}", who="admin"),
    Scene("default quotas", "quotas/defaults/", who="admin"),
    Scene("new project", "new-project/", lambda page: page.locator("summary", has_text="Quotas").click(), who="admin"),
    Scene("teardown of which", "teardown/?q=a", who="admin"),
    Scene("teardown plan", "teardown/?project={data}", who="admin"),
    Scene("unified limits", "registered-limits/", who="admin"),
    Scene("a new unified limit", "registered-limits/create/", who="admin"),
    Scene("limits of projects", "unified-limits/", who="admin"),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_pages_of_quotas_and_projects_are_for_everybody(tour: Tour, scene: Scene) -> None:
    check(tour, scene)
