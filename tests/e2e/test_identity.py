"""People and projects in the browser: from nothing to somebody new who signs in and launches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import confirm, here, ready, row, sign_in
from tests.harness.cloud import PASSWORD, Api, unique, wait_until
from tests.harness.tour import Scene, Tour, asked, check, check_dialog

pytestmark = pytest.mark.e2e

BOOT = 60_000


@dataclass
class Realm:
    """A domain of the test's own, with a manager."""

    id: str
    name: str
    manager: str
    manager_id: str
    roles: dict[str, str]


@pytest.fixture(scope="module")
def realm(all_clients: Api) -> Iterator[Realm]:
    """Its servers go first, then all that is in it."""
    admin = all_clients.admin
    domain = admin.post("identity", "/domains", {"domain": {"name": unique("realm")}})["domain"]
    body = {"name": unique("keeper"), "domain_id": domain["id"], "password": PASSWORD}
    manager = admin.post("identity", "/users", {"user": body})["user"]
    roles = {role["name"]: role["id"] for role in admin.get("identity", "/roles")["roles"]}
    admin.request("PUT", "identity", f"/domains/{domain['id']}/users/{manager['id']}/roles/{roles['manager']}")
    yield Realm(domain["id"], domain["name"], manager["name"], manager["id"], roles)
    for project in admin.get("identity", f"/projects?domain_id={domain['id']}")["projects"]:
        path = f"/servers?all_tenants=1&project_id={project['id']}"

        def left(path: str = path) -> list[Any]:
            found: list[Any] = admin.get("compute", path)["servers"]
            for server in found:
                admin.delete("compute", f"/servers/{server['id']}")
            return found

        wait_until(lambda: not left(), what="the removal of the servers")
        for kind, key in (("ports", "ports"), ("security-groups", "security_groups")):
            for item in admin.get("network", f"/{kind}?project_id={project['id']}")[key]:
                admin.delete("network", f"/{kind}/{item['id']}")
    admin.request("PATCH", "identity", f"/domains/{domain['id']}", json={"domain": {"enabled": False}})
    admin.delete("identity", f"/domains/{domain['id']}")


def enter(page: Any, name: str, password: str, domain: str) -> str:
    """Signs in with a password that was made a moment ago."""
    page.goto("/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Domain").fill(domain)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#scope").first.wait_for()
    return here(page)


def opened(page: Any, button: str) -> Any:
    """The dialog that a button of the page opens."""
    # An empty list offers it twice.
    page.get_by_role("link", name=button, exact=True).first.click()
    page.locator("#dialog[open] .dialog-buttons").wait_for()
    return page.locator("#dialog")


def chosen(dialog: Any, field: str, typed: str) -> None:
    """Types the beginning of a name, and takes what is offered."""
    dialog.get_by_label(field, exact=True).press_sequentially(typed[:-2])
    offer = dialog.locator(f"datalist option[value^='{typed}']")
    expect(offer).to_have_count(1)
    dialog.get_by_label(field, exact=True).fill(offer.get_attribute("value"))


@pytest.mark.parametrize("who", ["admin", "manager"])
def test_somebody_new_gets_a_project_signs_in_and_launches(
    who: str, page: Any, new_page: Any, realm: Realm, allowed_errors: list[str]
) -> None:
    allowed_errors.append(r"status of 40[013]")
    if who == "admin":
        base = sign_in(page, "admin", project="admin")
    else:
        base = sign_in(page, realm.manager, domain=realm.name)
        assert "/d/" in base, "a manager of a domain is led there"
    project, name, server = unique("team"), unique("erin"), unique("first")

    page.goto(f"{base}projects/")
    dialog = opened(page, "Create project")
    dialog.get_by_label("Name").fill(project)
    if who == "admin":
        dialog.get_by_label("Domain").select_option(realm.name)
    dialog.get_by_label("Tags").fill("new")
    dialog.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(project)

    page.goto(f"{base}users/")
    dialog = opened(page, "Create user")
    dialog.get_by_label("Name").fill(name)
    if who == "admin":
        dialog.get_by_label("Domain").select_option(realm.name)
    dialog.get_by_role("button", name="Make one").click()
    password = dialog.get_by_label("Password", exact=True).input_value()
    assert len(password) == 20
    chosen(dialog, "Project", project)
    expect(dialog.get_by_label("Role in the project")).to_have_value(realm.roles["member"])
    dialog.get_by_role("button", name="Show request").click()
    expect(dialog.locator("#request")).to_contain_text("openstack user create")
    expect(dialog.locator("#request")).not_to_contain_text(password)
    dialog.get_by_role("button", name="Create user").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="Projects and roles").click()
    expect(page.locator("#tabs tbody tr")).to_contain_text([project])

    other = new_page()
    inside = enter(other, name, password, realm.name)
    if who == "admin":
        other.goto(f"{inside}servers/launch/")
        other.get_by_label("Name", exact=False).first.fill(server)
        other.locator("tr", has_text="cirros-0.6").get_by_role("radio").check()
        other.locator("tr", has_text="m1.tiny").get_by_role("radio").check()
        other.get_by_role("button", name="Launch").last.click()
        other.wait_for_url("**/servers/", timeout=BOOT)
        expect(row(other, server)).to_contain_text("Active", timeout=BOOT)
    else:
        other.goto(f"{inside}servers/")
        expect(other.get_by_role("link", name="Launch server").first).to_be_visible()

    # Into a group; and then out of it all.
    page.goto(f"{base}groups/")
    dialog = opened(page, "Create group")
    crew = unique("crew")
    dialog.get_by_label("Name").fill(crew)
    if who == "admin":
        dialog.get_by_label("Domain").select_option(realm.name)
    dialog.get_by_role("button", name="Create group").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(crew)
    ready(page)
    opened(page, "Add users")
    chosen(page.locator("#dialog"), "User", name)
    confirm(page)
    page.get_by_role("link", name="Members", exact=True).click()
    expect(page.locator("#tabs tbody")).to_contain_text(name)

    page.goto(f"{base}users/?q={name}")
    row(page, name).locator("[data-tick]").check()
    page.locator("[data-bulk]").get_by_text("Disable", exact=True).click()
    page.locator("#dialog[open] .dialog-buttons").wait_for()
    confirm(page)
    expect(row(page, name)).to_contain_text("Disabled")
    third = new_page()
    third.goto("/")
    third.get_by_label("User name").fill(name)
    third.get_by_label("Password", exact=True).fill(password)
    third.get_by_label("Domain").fill(realm.name)
    third.get_by_role("button", name="Sign in").click()
    expect(third.locator("[role=alert]").first).to_be_visible()
    page.goto(f"{base}projects/?q={project}")
    expect(row(page, project)).to_be_visible()
    row(page, project).locator("[data-menu]").click()
    page.locator("#row-menu").get_by_role("menuitem", name="Delete", exact=True).click()
    page.locator("#dialog[open] .dialog-buttons").wait_for()
    expect(page.locator("#dialog")).to_contain_text("1 server" if who == "admin" else "can't be asked from here")


# For everybody


@pytest.fixture(scope="module")
def things(all_clients: Api, realm: Realm) -> dict[str, str]:
    """One of each, filled."""
    admin = all_clients.admin

    def make(path: str, **body: Any) -> str:
        return str(admin.post("identity", path, {path[1:-1]: {"domain_id": realm.id, **body}})[path[1:-1]]["id"])

    project = make("/projects", name=unique("tour"), tags=["production", "eu"], description="<b>bold</b> & long " * 8)
    make("/projects", name=unique("sub"), parent_id=project)
    user = make("/users", name=unique("tour"), email="tour@example.org", default_project_id=project, shoe_size="39")
    group = make("/groups", name=unique("tour"))
    admin.request("PUT", "identity", f"/groups/{group}/users/{user}")
    admin.request("PUT", "identity", f"/projects/{project}/users/{user}/roles/{realm.roles['reader']}")
    admin.request("PUT", "identity", f"/projects/{project}/groups/{group}/roles/{realm.roles['member']}")
    return {"projects": project, "users": user, "groups": group, "domains": realm.id}


SCENES = [
    *(Scene(f"{slug} list", f"{slug}/", who="admin") for slug in ("projects", "users", "groups", "domains")),
    *(Scene(f"{slug} create", f"{slug}/create/", who="admin") for slug in ("projects", "users", "groups", "domains")),
    *(
        Scene(f"project {tab}", f"projects/{{projects}}/?tab={tab}", who="admin")
        for tab in ("", "members", "subprojects")
    ),
    *(Scene(f"user {tab}", f"users/{{users}}/?tab={tab}", who="admin") for tab in ("", "roles", "groups")),
    *(Scene(f"group {tab}", f"groups/{{groups}}/?tab={tab}", who="admin") for tab in ("", "members", "roles")),
    *(Scene(f"domain {tab}", f"domains/{{domains}}/?tab={tab}", who="admin") for tab in ("", "users", "members")),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use(tour: Tour, scene: Scene) -> None:
    check(tour, scene)


@pytest.mark.parametrize(("slug", "action"), asked("projects", "users", "groups", "domains"))
def test_everybody_can_use_the_dialogs(tour: Tour, slug: str, action: str) -> None:
    check_dialog(tour, slug, action, who="admin")
