"""The pages of stacks that fail, that wait, that nest others, and their dialogs, for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import confirm
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.tour import Scene, Tour, check, check_dialog

pytestmark = pytest.mark.e2e

HEAD = "heat_template_version: 2021-04-16\n"
FAILS = f"""{HEAD}resources:
  inner: {{type: pair.yaml}}
"""
PAIR = f"""{HEAD}resources:
  fine: {{type: OS::Heat::RandomString}}
  {"a-resource-with-a-long-name-" * 3}fails:
    type: OS::Heat::TestResource
    depends_on: fine
    properties: {{fail: true, value: x}}
"""
WAITS = f"""{HEAD}resources:
  handle: {{type: OS::Heat::WaitConditionHandle}}
  wait: {{type: OS::Heat::WaitCondition, properties: {{handle: {{get_resource: handle}}, timeout: 3600}}}}
outputs:
  curl: {{value: {{get_attr: [handle, curl_cli]}}}}
  where: {{description: Where it answers, value: "See https://example.org/docs and 10.0.0.5"}}
"""
KINDS = f"""{HEAD}parameter_groups:
- {{label: Places, description: Where it is, parameters: [net, nets]}}
parameters:
  size: {{type: number, default: 4, constraints: [{{modulo: {{step: 2, offset: 0}}}}, {{range: {{min: 2, max: 8}}}}]}}
  net: {{type: string, constraints: [{{custom_constraint: neutron.network}}]}}
  nets: {{type: comma_delimited_list, default: [], constraints: [{{custom_constraint: neutron.network}}]}}
  word: {{type: string, hidden: true}}
  more: {{type: json, default: {{a: 1}}}}
  fast: {{type: boolean, default: true}}
resources: {{}}
"""


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Any:
    """A stack that failed within a nested one, and one that waits to be told that it is done."""
    member = all_clients.at("alice", "web")
    bodies = {
        "failed": {"template": FAILS, "files": {"pair.yaml": PAIR}},
        "stacks": {"template": WAITS, "tags": "a-tag,another"},
    }
    made: dict[str, str] = {}
    paths: dict[str, str] = {}
    for key, body in bodies.items():
        name = unique("parts")
        answer = member.post("orchestration", "/stacks", {"stack_name": name, "disable_rollback": True, **body})
        made[key] = answer["stack"]["id"]
        paths[key] = f"/stacks/{name}/{made[key]}"

    def is_ready() -> bool:
        failed = member.get("orchestration", paths["failed"])["stack"]["stack_status"] == "CREATE_FAILED"
        resources = member.get("orchestration", f"{paths['stacks']}/resources")["resources"]
        done = {item["resource_name"] for item in resources if item["resource_status"] == "CREATE_COMPLETE"}
        return failed and "handle" in done

    wait_until(is_ready, seconds=120, what="the stacks")
    yield made
    for path in paths.values():
        member.delete("orchestration", path)


def read_kinds(page: Any) -> None:
    page.get_by_label("The template's text").fill(KINDS)
    page.get_by_role("button", name="Continue").click()
    page.locator("[name='param-net']").wait_for()


def be_refused(page: Any) -> None:
    read_kinds(page)
    page.get_by_label("Name", exact=True).fill("1st")
    page.locator("[name='param-size']").fill("3")
    # Heat and we are asked, not the browser.
    page.locator(".stack-form form").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Preview").click()
    page.locator(".has-errors").first.wait_for()


def adopt(page: Any) -> None:
    page.get_by_role("link", name="Adopt a stack").click()
    page.locator("#dialog[open] .dialog-buttons").wait_for()


SCENES = [
    Scene("failed stack", "stacks/{failed}/"),
    Scene("failed stack's resources", "stacks/{failed}/?tab=resources"),
    Scene("failed stack's events", "stacks/{failed}/?tab=events"),
    Scene("waiting stack", "stacks/{stacks}/"),
    Scene("waiting stack's events", "stacks/{stacks}/?tab=events"),
    Scene("waiting stack's topology", "stacks/{stacks}/?tab=topology"),
    Scene("resource", "stacks/{stacks}/resource/?name=handle"),
    Scene("reader's resource", "stacks/{stacks}/resource/?name=handle", who="bob"),
    Scene("kinds of parameters", "stacks/make/", read_kinds),
    Scene("refused parameters", "stacks/make/", be_refused),
    Scene("adopt", "stacks/", adopt, place="#dialog"),
    Scene("another project's stack", "all-stacks/{failed}/", who="admin"),
]


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_a_stack_s_page_is_for_everybody(tour: Tour, scene: Scene) -> None:
    check(tour, scene, r"status of 422")


@pytest.mark.parametrize("action", ["delete", "snapshot", "restore", "mark-unhealthy", "signal", "abandon"])
def test_a_stack_s_dialog_is_for_everybody(tour: Tour, action: str) -> None:
    check_dialog(tour, "stacks", action)


def test_what_failed_inside_is_pinned_and_a_signal_ends_the_wait(tour: Tour) -> None:
    page = tour.open(Scene("failed stack", "stacks/{failed}/"))
    pinned = page.locator(".stack-failed")
    expect(pinned).to_contain_text("inner /")
    expect(pinned).to_contain_text("OS::Heat::TestResource")
    page = tour.open(Scene("resource", "stacks/{stacks}/resource/?name=handle"))
    page.get_by_role("link", name="Send a signal").click()
    confirm(page)
    page.goto(f"{tour.bases['alice']}stacks/{tour.things['stacks']}/?tab=events")
    expect(page.locator(".head-status")).to_contain_text("Created", timeout=60_000)
    expect(page.locator("#stack-events")).to_contain_text("Stack CREATE completed successfully")


def test_the_drawing_is_walked_through_by_keyboard(tour: Tour) -> None:
    page = tour.open(Scene("topology", "stacks/{stacks}/?tab=topology"))
    page.locator(".stack-drawing").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Attributes").wait_for()
    assert "/resource/?name=" in page.url
