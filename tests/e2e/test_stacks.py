"""Stacks in the browser: made from a template, read, changed, gone; and one that fails and is rolled back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import confirm, is_marked, mark, sign_in
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.tour import Scene, Tour, check

pytestmark = pytest.mark.e2e

SOON = 90_000
"""Milliseconds until a stack with a server has come to rest, on a busy machine."""
TEMPLATE = """heat_template_version: 2021-04-16
description: A server with its name and address as outputs
parameters:
  NetID: {type: string, label: Network, constraints: [{custom_constraint: neutron.network}]}
  image: {type: string, constraints: [{custom_constraint: glance.image}]}
  flavor: {type: string, default: m1.tiny, constraints: [{custom_constraint: nova.flavor}]}
  name: {type: string, description: What the server is called}
resources:
  server:
    type: OS::Nova::Server
    properties:
      name: {get_param: name}
      image: {get_param: image}
      flavor: {get_param: flavor}
      networks: [{network: {get_param: NetID}}]
outputs:
  instance_name: {description: Name of the server, value: {get_attr: [server, name]}}
  private_ip: {description: Its address, value: {get_attr: [server, first_address]}}
"""


@pytest.fixture
def removed(api: Api) -> Any:
    """The names of stacks that a journey made; gone when it ends, whatever happened."""
    names: list[str] = []
    yield names

    def is_gone() -> bool:
        left = [s for s in api.member.get("orchestration", "/stacks")["stacks"] if s["stack_name"] in names]
        for stack in left:
            if stack["stack_status"] != "DELETE_IN_PROGRESS":
                api.member.delete("orchestration", f"/stacks/{stack['stack_name']}/{stack['id']}")
        return not left

    wait_until(is_gone, seconds=120, what="the removal of the stacks")


def begin(page: Any, base: str, stack: str, server: str) -> None:
    """Fills the page of a new stack, as far as the parameters."""
    page.goto(f"{base}stacks/")
    page.get_by_role("link", name="Create a stack").first.click()
    page.get_by_label("The template's text").fill(TEMPLATE)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name", exact=True).fill(stack)
    page.locator("[name='param-NetID']").select_option(label="shared")
    page.locator("[name='param-image']").select_option(label="cirros-0.6")
    page.locator("[name='param-name']").fill(server)


def test_a_server_is_made_by_a_stack_changed_and_deleted_with_it(page: Any, api: Api, removed: list[str]) -> None:
    name, server = unique("journey"), unique("by-heat")
    removed.append(name)
    base = sign_in(page, "alice", project="web")
    begin(page, base, name, server)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("1 resource would be made")
    expect(page.locator("#preview")).to_contain_text("OS::Nova::Server")
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("heading", name=name).wait_for()
    mark(page)
    expect(page.locator(".head-status")).to_contain_text("Created", timeout=SOON)
    stack = next(s for s in api.member.get("orchestration", "/stacks")["stacks"] if s["stack_name"] == name)
    whole = api.member.get("orchestration", f"/stacks/{name}/{stack['id']}")["stack"]
    assert len(whole["outputs"]) == 2
    for output in whole["outputs"]:
        expect(page.locator(f"#output-{output['output_key']}")).to_contain_text(output["output_value"], timeout=SOON)
    assert is_marked(page)

    page.get_by_role("link", name="Resources", exact=True).click()
    page.locator("#tab").get_by_role("link").first.click()
    page.get_by_role("heading", name=server).wait_for()
    page.goto(f"{base}stacks/{stack['id']}/?tab=events")
    expect(page.locator("#stack-events")).to_contain_text("Stack CREATE completed successfully")

    page.get_by_role("link", name="Update", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.locator("[name='param-flavor']").select_option("m1.small")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Updated in place")
    page.get_by_role("button", name="Update", exact=True).click()
    expect(page.locator(".head-status")).to_contain_text("Updated", timeout=SOON)

    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete", exact=True).click()
    expect(page.locator("#dialog")).to_contain_text("OS::Nova::Server")
    confirm(page)
    wait_until(
        lambda: stack["id"] not in {s["id"] for s in api.member.get("orchestration", "/stacks")["stacks"]},
        what="the deletion",
    )
    servers = api.member.get("compute", f"/servers?name={server}")["servers"]
    assert not servers, "what it made is gone with it"


def test_a_stack_that_fails_pins_the_reason_and_rolls_back(page: Any, api: Api, removed: list[str]) -> None:
    kept, undone = unique("journey"), unique("journey")
    removed += [kept, undone]
    base = sign_in(page, "alice", project="web")
    begin(page, base, kept, unique("doomed"))
    page.locator("summary", has_text="More").last.click()
    page.get_by_label("If it fails, undo what was done").uncheck()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator(".head-status")).to_contain_text("Creation failed", timeout=SOON)
    expect(page.locator(".stack-failed")).to_contain_text("Went to status ERROR", timeout=SOON)
    expect(page.locator(".stack-failed")).to_contain_text("OS::Nova::Server")

    begin(page, base, undone, unique("doomed"))
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator(".head-status")).to_contain_text("Rolled back", timeout=SOON)


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Any:
    """A stack with outputs."""
    member = all_clients.at("alice", "web")
    name = unique("tour")
    body = {
        "stack_name": name,
        "template": TEMPLATE.replace("OS::Nova::Server", "OS::Heat::RandomString")
        .replace("properties:\n      name: {get_param: name}\n      image: {get_param: image}", "properties:")
        .replace("      flavor: {get_param: flavor}\n", "      length: 8\n")
        .replace("      networks: [{network: {get_param: NetID}}]\n", "")
        .replace("[server, name]", "[server, value]")
        .replace("[server, first_address]", "[server, value]"),
        "parameters": {"NetID": "shared", "image": "cirros-0.6", "name": "<b>" + "long" * 30},
    }
    made = member.post("orchestration", "/stacks", body)["stack"]["id"]
    path = f"/stacks/{name}/{made}"

    def is_made() -> bool:
        return bool(member.get("orchestration", path)["stack"]["stack_status"] == "CREATE_COMPLETE")

    wait_until(is_made, what="the stack")
    yield {"stack": made}
    member.delete("orchestration", path)


def read_template(page: Any) -> None:
    page.get_by_label("The template's text").fill(TEMPLATE)
    page.get_by_role("button", name="Continue").click()
    page.locator("[name='param-NetID']").wait_for()


def read_wrong(page: Any) -> None:
    page.get_by_label("The template's text").fill("heat_template_version: 2021-04-16\nresources:\n  a: [\n")
    page.get_by_role("button", name="Continue").click()
    page.locator(".excerpt").wait_for()


SCENES = [
    Scene("stacks", "stacks/"),
    Scene("reader's stacks", "stacks/", who="bob"),
    Scene("new stack", "stacks/make/"),
    Scene("new stack, parameters", "stacks/make/", read_template),
    Scene("new stack, wrong", "stacks/make/", read_wrong),
    *(Scene(f"stack, {tab}", "stacks/{stack}/?tab=" + tab) for tab in ("overview", "resources", "events", "topology")),
    *(Scene(f"stack, {tab}", "stacks/{stack}/?tab=" + tab) for tab in ("template", "snapshots")),
    Scene("stack, update", "stacks/update/?id={stack}"),
    Scene("resource types", "resource-types/"),
    Scene("resource type", "resource-types/OS::Nova::Server/"),
    Scene("template versions", "template-versions/"),
    Scene("all stacks", "all-stacks/", who="admin"),
]


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_a_page_of_stacks_is_for_everybody(tour: Tour, scene: Scene) -> None:
    check(tour, scene, r"status of 422")
