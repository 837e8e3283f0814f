"""Making stacks: what is wrong is shown where it stands, what is meant as a command; what was left is adopted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.cloud.stack_actions import Order
from dashboard.panels.stacks.wrong import wrong_with
from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, recorded, signed_in

WEB = "00000701-0000-4000-8000-000000000701"
OLD = "00000703-0000-4000-8000-000000000703"
TEMPLATE = """heat_template_version: 2021-04-16
parameters:
  size: {type: number}
resources:
  disk:
    type: OS::Cinder::Volume
    properties:
      size: -1
  disk2:
    type: OS::Nova::Srver
outputs:
  first: {value: {get_attr: [disk, nope]}}
"""
KEPT: dict[str, Any] = {
    "name": "web",
    "template": {"heat_template_version": "2021-04-16", "resources": {"word": {"type": "OS::Heat::RandomString"}}},
    "resources": {"word": {"type": "OS::Heat::RandomString", "resource_id": "w1"}},
}


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def send(browser: Client, path: str, status: int, **data: Any) -> Page:
    answer = browser.post(at(path), data)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def refuse(services: Services, ending: str, message: str) -> None:
    def answer(request: Any, context: Any) -> Any:
        if not request.url.endswith(ending) or request.method == "GET":
            return None
        context.status_code = 400
        return {"code": 400, "title": "Bad Request", "error": {"type": "StackValidationFailed", "message": message}}

    services.answers["orchestration"] = answer


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Property error: : resources.disk.properties.size: : -1 is out of range (min: 1, max: None)", "size: -1"),
        ("outputs.first.value.get_attr: The Referenced Attribute (disk nope) is incorrect.", "first:"),
        ("The Resource Type (OS::Nova::Srver) could not be found.", "type: OS::Nova::Srver"),
        ('The specified reference "nope" (in unknown) is incorrect.', "first:"),
        ("Property error: resources.disk2.properties: Unknown Property flvor", "disk2:"),
        ("The template section is invalid: outputs", "outputs:"),
        ("Error parsing template [root stack] expected x, line 5, column 3", "disk:"),
    ],
)
def test_what_heat_names_is_found_on_its_line(message: str, text: str) -> None:
    wrong = wrong_with(Order(template=TEMPLATE), message)
    assert wrong.field == "template"
    (line,) = (line for line in wrong.lines if line.is_it)
    assert line.text.strip().startswith(text)
    assert TEMPLATE.splitlines()[line.number - 1] == line.text


def test_what_is_found_nowhere_has_no_line() -> None:
    assert not wrong_with(Order(template=TEMPLATE), "Template format version not found.").lines
    assert not wrong_with(Order(template="a: [" * 5000), "resources.a.b: wrong").lines
    assert wrong_with(Order(template_url="https://example.org/t.yaml"), "Could not retrieve").field == "template_url"


def test_an_environment_and_a_file_have_their_own_lines(services: Services, browser: Client) -> None:
    refuse(services, "/validate", "Environment not in valid format: while parsing a flow node\n  line 2, column 1")
    page = send(browser, "stacks/make/", 422, source="text", template=TEMPLATE, environment="parameters: [\n")
    (field,) = page.all_of_class("has-errors")
    assert "Environment not in valid format" in field.text
    assert page.text_of_class("is-wrong").startswith("1")
    refuse(services, "/validate", "Error parsing template disk.yaml while parsing\n  line 2, column 4")
    data = {"source": "text", "template": TEMPLATE, "file-disk.yaml": "resources:\n  b: ["}
    page = send(browser, "stacks/make/", 422, **data)
    assert "b: [" in page.text_of_class("is-wrong")
    assert "disk.yaml" in page.text


def test_what_heat_refuses_only_in_the_end_is_shown_on_its_line_and_nothing_typed_is_lost(
    services: Services, browser: Client
) -> None:
    given = {"source": "text", "template": TEMPLATE, "parameters": "1", "name": "shop", "param-flavor": "m1.tiny"}
    given |= {"param-NetID": "0000002b-0000-4000-8000-00000000002b", "param-count": "2"}
    given |= {"param-image": "0000001e-0000-4000-8000-00000000001e"}
    refuse(services, "/preview", "Property error: : resources.disk.properties.size: : -1 is out of range")
    page = send(browser, "stacks/make/", 422, **given, preview="1")
    assert "size: -1" in page.text_of_class("is-wrong")
    assert "out of range" in page.text_of_class("form-errors")
    (name,) = (item for item in page.elements if item.attrs.get("name") == "name")
    assert name.attrs["value"] == "shop"


def test_the_command_of_an_update_names_all_that_changes(browser: Client) -> None:
    given = {"source": "text", "template": TEMPLATE, "parameters": "1", "param-flavor": "m1.small", "param-count": "2"}
    given |= {"param-NetID": "0000002b-0000-4000-8000-00000000002b", "timeout_minutes": "9", "tags": "a,b"}
    given |= {"param-image": "0000001e-0000-4000-8000-00000000001e", "show": "1"}
    shown = send(browser, f"stacks/update/?id={WEB}", 200, **given).text_of_class("request")
    for words in (
        "openstack stack update",
        "--parameter flavor=m1.small",
        "--timeout 9",
        "--tags a,b",
        "--rollback disabled",
        "--existing",
        WEB,
    ):
        assert words in shown
    assert "PATCH" in shown


def test_what_was_abandoned_is_adopted_by_its_file(services: Services, browser: Client) -> None:
    file = SimpleUploadedFile("web.json", json.dumps(KEPT).encode())
    answer = browser.post(at("stacks/create/"), {"file": file, "timeout_minutes": "30"})
    assert answer.headers["Location"] == at(f"stacks/{WEB}/")
    (call,) = services.changes
    body = json.loads(call.body)
    assert json.loads(body.pop("adopt_stack_data")) == KEPT
    assert body == {"stack_name": "web", "parameters": {}, "disable_rollback": True, "timeout_mins": 30}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste its text."),
        ({"text": "{"}, "This is no JSON"),
        ({"text": "[]"}, "This is no exported stack"),
        ({"text": json.dumps({"template": {}, "resources": {}})}, "give it a name"),
        ({"text": json.dumps(KEPT), "name": "1st"}, "begin with a letter"),
    ],
)
def test_what_is_no_exported_stack_is_refused_before_heat_sees_it(
    services: Services, browser: Client, data: dict[str, str], words: str
) -> None:
    assert words in send(browser, "stacks/create/", 422, **data).text
    assert not services.changes


def test_what_is_left_behind_is_named_with_links(services: Services, browser: Client) -> None:
    left = {"server": {"type": "OS::Nova::Server", "resource_id": "s1s1s1s1-0000-4000-8000-000000000001"}}

    def answer(request: Any, context: Any) -> Any:
        return {"resources": left} if request.url.endswith("/abandon") else None

    left["server"]["resource_id"] = "0000000a-0000-4000-8000-00000000000a"
    services.answers["orchestration"] = answer
    page = send(browser, "stacks/act/abandon/", 200, id=WEB)
    assert at("servers/0000000a-0000-4000-8000-00000000000a/") in [link["href"] for link in page.links]


def test_a_deletion_of_several_lists_what_goes_and_tells_what_became_of_each(
    services: Services, browser: Client
) -> None:
    page = parsed(browser.get(at(f"stacks/act/delete/?id={WEB}&id={OLD}")).content.decode())
    assert page.text.count("OS::Nova::Server") == 2, "of both"

    def answer(request: Any, context: Any) -> Any:
        if request.method != "DELETE" or OLD not in request.url:
            return None
        context.status_code = 409
        return {"code": 409, "error": {"message": "It has an action in progress.", "type": "ActionInProgress"}}

    services.answers["orchestration"] = answer
    text = send(browser, "stacks/act/delete/", 200, id=[WEB, OLD]).text
    assert "Done for 1 of 2." in text
    assert "rec-web" in text
    assert "rec-old" in text
    assert len([call for call in services.changes if call.method == "DELETE"]) == 2


@pytest.mark.parametrize(("is_gone", "status"), [(True, 400), (True, 500), (False, 400)])
def test_heat_failing_over_a_stack_that_has_just_gone_is_a_deletion_that_is_done(
    services: Services, browser: Client, is_gone: bool, status: int
) -> None:
    """As Heat answers between taking a deleted stack's credentials and its row: without a message."""

    def answer(request: Any, context: Any) -> Any:
        if request.method != "DELETE":
            return None
        if is_gone:
            (row,) = (row for row in services.rows["/stacks"] if row["id"] == WEB)
            row["stack_status"] = "DELETE_COMPLETE"
        context.status_code = status
        return {"code": status, "title": "Bad Request", "error": {"type": "AttributeError", "traceback": None}}

    services.answers["orchestration"] = answer
    if is_gone:
        assert browser.post(at("stacks/act/delete/"), {"id": WEB}, follow=True).status_code == 200
    else:
        assert "Bad Request" in send(browser, "stacks/act/delete/", 422, id=WEB).text


def test_a_template_begins_with_all_properties_of_a_resource_type(browser: Client) -> None:
    page = parsed(browser.get(at("stacks/make/?type=OS::Nova::KeyPair")).content.decode())
    (area,) = (item for item in page.elements if item.attrs.get("name") == "template")
    assert "heat_template_version" in area.text
    assert "save_private_key" in area.text
    page = parsed(browser.get(at("resource-types/OS::Nova::KeyPair/")).content.decode())
    assert at("stacks/make/") + "?type=OS%3A%3ANova%3A%3AKeyPair" in [link["href"] for link in page.links]


def test_a_reader_sees_snapshots_and_no_buttons(services: Services) -> None:
    for role, count in (("member", 4), ("reader", 0)):
        page = parsed(signed_in(access_of(role)).get(at(f"stacks/{WEB}/?tab=snapshots")).content.decode())
        assert "before" in [item.text for item in page.elements if item.tag == "td"], role
        assert len([link for link in page.links if "/act/" in link["href"] and "snapshot" in link["href"]]) == count


def test_an_administrator_opens_another_projects_stack(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        return {"stacks": []} if request.path.endswith("/stacks") and "global_tenant" not in request.qs else None

    services.answers["orchestration"] = answer
    admin = signed_in(access_of("admin"))
    page = parsed(admin.get(at(f"all-stacks/{WEB}/")).content.decode())
    assert page.all_of_class("output")
    assert signed_in().get(at(f"stacks/{WEB}/")).status_code == 404


def test_a_snapshot_that_failed_can_be_deleted_and_not_restored(services: Services, browser: Client) -> None:
    failed = recorded("heat/snapshots")["snapshots"][0] | {"id": "00000712-0000-4000-8000-000000000712"}
    failed |= {"status": "FAILED", "status_reason": "The volume is away.", "name": "broken"}

    def answer(request: Any, context: Any) -> Any:
        if not request.url.endswith("/snapshots"):
            return None
        return {"snapshots": [*recorded("heat/snapshots")["snapshots"], failed]}

    services.answers["orchestration"] = answer
    page = parsed(browser.get(at(f"stacks/{WEB}/?tab=snapshots")).content.decode())
    assert "The volume is away." in page.text
    of_it = [link["href"] for link in page.links if failed["id"] in link["href"]]
    assert [href.split("/act/")[1].split("/")[0] for href in of_it] == ["delete-snapshot"]
    for slug, offered in (("restore", ["before"]), ("delete-snapshot", ["before", "broken"])):
        dialog = parsed(browser.get(at(f"stacks/act/{slug}/?id={WEB}")).content.decode())
        of_ids = (item for item in dialog.elements if item.tag == "option" and "-4000-8000-" in item.attrs["value"])
        assert [item.text for item in of_ids] == offered
    send(browser, "stacks/act/restore/", 422, id=WEB, snapshot=failed["id"])
    assert not services.changes
    send(browser, "stacks/act/delete-snapshot/", 302, id=WEB, snapshot=failed["id"])
    (call,) = services.changes
    assert call.url.endswith(f"/snapshots/{failed['id']}")
