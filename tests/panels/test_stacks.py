"""Stacks: what Heat is sent and what people are shown of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.harness.html import Element, Page, parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, recorded, signed_in

WEB = "00000701-0000-4000-8000-000000000701"
DOOMED = "00000702-0000-4000-8000-000000000702"
OLD = "00000703-0000-4000-8000-000000000703"
TEMPLATE = "heat_template_version: 2021-04-16\nresources: {}\n"
GIVEN = {
    "source": "text",
    "template": TEMPLATE,
    "parameters": "1",
    "name": "shop",
    "is_rollback_on": "on",
    "param-NetID": "0000002b-0000-4000-8000-00000000002b",
    "param-image": "0000001e-0000-4000-8000-00000000001e",
    "param-flavor": "m1.tiny",
    "param-count": "2",
    "param-password": "",
    "param-key": "",
}


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def send(browser: Client, status: int, path: str = "stacks/make/", **data: Any) -> Page:
    answer = browser.post(at(path), {key: value for key, value in data.items() if value is not None})
    assert answer.status_code == status, parsed(answer.content.decode()).text_of_class("field-errors")
    return parsed(answer.content.decode())


def tags(page: Page, tag: str) -> list[Element]:
    return [item for item in page.elements if item.tag == tag]


def typed(page: Page) -> dict[str, str]:
    """What stands in the text areas."""
    return {item.attrs["name"]: "".join(item.parts).lstrip("\n") for item in tags(page, "textarea")}


def bodies(services: Services, ending: str) -> list[Any]:
    """What was sent to addresses with this ending."""
    return [json.loads(call.body) for call in services.changes if call.url.endswith(ending)]


def refuse(services: Services, ending: str, status: int, body: Any) -> None:
    def answer(request: Any, context: Any) -> Any:
        if not request.url.endswith(ending) or request.method == "GET":
            return None
        context.status_code = status
        return body

    services.answers["orchestration"] = answer


def test_heat_reads_the_template_and_its_parameters_become_a_form(services: Services, browser: Client) -> None:
    page = send(browser, 200, source="text", template=TEMPLATE)
    assert bodies(services, "/validate") == [{"template": TEMPLATE}]
    names = [field.attrs["name"] for field in tags(page, "select") if field.attrs["name"].startswith("param-")]
    assert names == ["param-image", "param-flavor", "param-NetID"]
    text = page.text
    assert text.index("image") < text.index("Where"), "what the template groups comes last, under its heading"
    (password,) = (field for field in tags(page, "input") if field.attrs.get("name") == "param-password")
    assert (password.attrs["type"], password.attrs.get("value")) == ("password", None)
    (count,) = (field for field in tags(page, "input") if field.attrs.get("name") == "param-count")
    assert (count.attrs["min"], count.attrs["max"]) == ("1", "3")


def test_what_was_typed_is_what_heat_is_sent(services: Services, browser: Client) -> None:
    answer = browser.post(
        at("stacks/make/"), {**GIVEN, "tags": "web, prod,web", "timeout_minutes": "20", "environment": "parameters: {}"}
    )
    assert answer.headers["Location"] == at(f"stacks/{WEB}/")
    (body,) = bodies(services, "/stacks")
    assert body == {
        "stack_name": "shop",
        "template": TEMPLATE,
        "environment": "parameters: {}",
        "parameters": {
            "NetID": GIVEN["param-NetID"],
            "image": GIVEN["param-image"],
            "flavor": "m1.tiny",
            "count": "2",
        },
        "disable_rollback": False,
        "timeout_mins": 20,
        "tags": "web,prod",
    }


def test_a_form_that_is_sent_twice_makes_one_stack(services: Services, browser: Client) -> None:
    for _time in range(2):
        assert browser.post(at("stacks/make/"), {**GIVEN, "once": "a" * 32}).status_code == 302
    assert len(bodies(services, "/stacks")) == 1


def test_a_url_is_handed_to_heat_and_fetched_by_nobody_else(services: Services, browser: Client) -> None:
    send(browser, 200, source="url", template_url="https://example.org/a.yaml")
    assert bodies(services, "/validate") == [{"template_url": "https://example.org/a.yaml"}]
    assert not [call for call in services.calls if "example.org" in call.url]
    page = send(browser, 422, source="url", template_url="file:///etc/passwd")
    assert page.all_of_class("field-errors")
    assert len(bodies(services, "/validate")) == 1


def test_files_are_read_and_kept_for_the_next_step(services: Services, browser: Client) -> None:
    nested = SimpleUploadedFile("disk.yaml", b"nested: yes")
    page = send(
        browser, 200, source="file", template_file=SimpleUploadedFile("t.yaml", TEMPLATE.encode()), more_files=[nested]
    )
    assert bodies(services, "/validate") == [{"template": TEMPLATE, "files": {"disk.yaml": "nested: yes"}}]
    kept = typed(page)
    assert kept["template"] == TEMPLATE
    assert kept["file-disk.yaml"] == "nested: yes"
    page = send(browser, 422, source="file", template_file=SimpleUploadedFile("t.yaml", b"\xff\xfe\x00"))
    assert "t.yaml is no text." in page.text


def test_an_error_is_shown_on_the_line_that_heat_names(services: Services, browser: Client) -> None:
    refuse(services, "/validate", 400, recorded("heat/bad_yaml"))
    page = send(browser, 422, source="text", template="heat_template_version: 2021-04-16\nresources:\n  a: [\n")
    assert "expected the node content" in page.text_of_class("has-errors")
    (line,) = page.all_of_class("is-wrong")
    assert "a: [" in line.text
    refuse(services, "/validate", 400, recorded("heat/bad_type"))
    page = send(browser, 422, source="text", template=TEMPLATE)
    assert "The Resource Type (OS::Nova::Srver) could not be found." in page.text
    assert not page.all_of_class("is-wrong")


def test_a_refusal_keeps_what_was_typed_and_names_the_parameter(services: Services, browser: Client) -> None:
    message = "Property error: : Parameter 'flavor' is invalid: The Flavor (m1.tiny) could not be found."
    refuse(services, "/stacks", 400, {"code": 400, "title": "Bad Request", "error": {"message": message}})
    page = send(browser, 422, **GIVEN)
    (field,) = page.all_of_class("has-errors")
    assert message in field.text
    assert "flavor" in field.text
    (name,) = (item for item in tags(page, "input") if item.attrs.get("name") == "name")
    assert name.attrs["value"] == "shop"


def test_a_name_that_is_taken_is_said(services: Services, browser: Client) -> None:
    refuse(services, "/stacks", 409, {"code": 409, "error": {"message": "The Stack (shop) already exists."}})
    assert "The Stack (shop) already exists." in send(browser, 422, **GIVEN).text


def test_a_preview_says_what_would_be_made_and_what_it_takes(services: Services, browser: Client) -> None:
    page = send(browser, 200, **GIVEN, preview="1")
    (preview,) = page.all_of_class("stack-preview")
    assert "OS::Nova::Server" in preview.text
    assert "Servers" in preview.text
    assert not bodies(services, "/stacks")


def test_an_update_begins_with_what_there_is_and_keeps_secrets(services: Services, browser: Client) -> None:
    form = parsed(browser.get(at(f"stacks/update/?id={WEB}")).content.decode())
    assert "OS::Heat::ResourceGroup" in typed(form)["template"]
    path = f"stacks/update/?id={WEB}"
    page = send(browser, 200, path, **{**GIVEN, "name": None}, preview="1")
    assert "Replaced: deleted and made anew" in page.text_of_class("stack-preview")
    assert browser.post(at(path), GIVEN).status_code == 302
    call = services.changes[-1]
    assert call.method == "PATCH"
    body = json.loads(call.body)
    assert "password" not in body["parameters"]
    browser.post(at(path), {**GIVEN, "param-password": "new one"})
    assert services.changes[-1].method == "PUT"
    assert json.loads(services.changes[-1].body)["parameters"]["password"] == "new one"


def test_outputs_come_first_links_are_links_and_secrets_are_covered(browser: Client) -> None:
    page = parsed(browser.get(at(f"stacks/{WEB}/")).content.decode())
    ids = [item.attrs["id"].removeprefix("output-") for item in page.all_of_class("output")]
    assert ids == ["admin_password", "first_address", "instance_name", "login_url", "networks"]
    assert [link["href"] for link in page.links if link["text"].startswith("https://10.")]
    (secret,) = page.all_of_class("secret")
    assert (secret.tag, "open" in secret.attrs) == ("details", False)
    assert "hunter2" in secret.text


@pytest.mark.parametrize(("status", "is_told"), [("CREATE_COMPLETE", True), ("DELETE_IN_PROGRESS", False)])
def test_an_output_whose_source_goes_with_the_stack_is_no_mistake(
    status: str, is_told: bool, services: Services, browser: Client
) -> None:
    (stack,) = (item for item in services.rows["/stacks"] if item["id"] == WEB)
    wrong = "The specified reference is incorrect."
    stack |= {"stack_status": status, "outputs": [{"output_key": "ip", "output_value": None, "output_error": wrong}]}
    page = parsed(browser.get(at(f"stacks/{WEB}/")).content.decode())
    assert (wrong in page.text_of_class("output")) is is_told


def test_what_failed_is_pinned_with_its_reason(browser: Client) -> None:
    page = parsed(browser.get(at(f"stacks/{DOOMED}/")).content.decode())
    (failed,) = page.all_of_class("stack-failed")
    assert "server" in failed.text
    assert "Went to status ERROR" in failed.text


def test_nested_resources_stand_below_theirs_and_lead_to_their_pages(browser: Client) -> None:
    page = parsed(browser.get(at(f"stacks/{WEB}/?tab=resources")).content.decode())
    assert len(page.all_of_class("depth-1")) == 2, "both of the group's"
    resources = recorded("heat/resources")["resources"]
    server = next(item["physical_resource_id"] for item in resources if item["resource_name"] == "server")
    assert at(f"servers/{server}/") in [link["href"] for link in page.links]


@pytest.mark.parametrize(
    ("stack", "slug", "method", "ending"),
    [
        (WEB, "check", "POST", "/actions"),
        (WEB, "suspend", "POST", "/actions"),
        (OLD, "resume", "POST", "/actions"),
        (WEB, "abandon", "DELETE", "/abandon"),
        (WEB, "delete", "DELETE", f"/stacks/rec-web/{WEB}"),
    ],
)
def test_heat_is_asked_for_just_this(
    services: Services, browser: Client, stack: str, slug: str, method: str, ending: str
) -> None:
    assert browser.post(at(f"stacks/act/{slug}/"), {"id": stack}).status_code in {200, 302}
    (call,) = services.changes
    assert (call.method, call.url.endswith(ending)) == (method, True)
    if ending == "/actions":
        assert json.loads(call.body) == {slug: None}


def test_a_deletion_names_what_goes(browser: Client) -> None:
    page = parsed(browser.get(at(f"stacks/act/delete/?id={WEB}")).content.decode())
    for name in ("server", "net", "subnet", "OS::Nova::Server"):
        assert name in page.text


def test_a_reader_looks_and_changes_nothing(services: Services) -> None:
    reader = signed_in(access_of("reader"))
    assert reader.get(at(f"stacks/{WEB}/")).status_code == 200
    assert reader.post(at("stacks/make/"), GIVEN).status_code == 403
    assert reader.post(at("stacks/act/delete/"), {"id": WEB}).status_code == 403
    assert not services.changes
