"""A stack's parts: values that can be used or are covered, resources one by one, the drawing, what goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud.stack_parts import Resource, failed_of
from dashboard.cloud.stacks import Stack
from dashboard.panels.stacks.shown import is_secret, masked, pieces_of
from dashboard.panels.stacks.tabs import tree_of
from dashboard.panels.stacks.topology import ROW, drawing_of
from dashboard.panels.stacks.words import place_of
from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, cloud_of, signed_in

WEB = "00000701-0000-4000-8000-000000000701"
DOOMED = "00000702-0000-4000-8000-000000000702"
BUSY = "00000704-0000-4000-8000-000000000704"


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def page_of(browser: Client, path: str) -> Page:
    answer = browser.get(at(path))
    assert answer.status_code == 200
    return parsed(answer.content.decode())


def resource(name: str, **more: Any) -> Resource:
    return Resource(name, more.pop("type", "OS::Heat::Value"), more.pop("status", "CREATE_COMPLETE"), **more)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("admin_password", "x"),
        ("api_key", "x"),
        ("out", "-----BEGIN RSA PRIVATE KEY-----\nMII"),
        ("out", "curl -H 'X-Auth-Token: abc' http://example.org"),
        ("out", "https://me:word@example.org/"),
        ("out", {"db": {"password": "x"}}),
        ("out", [{"token": "x"}]),
    ],
)
def test_what_looks_secret_by_its_name_or_by_what_it_is_is_covered(name: str, value: Any) -> None:
    assert is_secret(name, value)


def test_what_does_not_look_secret_is_shown() -> None:
    for name, value in (("key_name", "alice"), ("compass", "north"), ("site", "https://example.org/?a=b"), ("n", 3)):
        assert not is_secret(name, value)


def test_links_and_addresses_in_a_value_can_be_used() -> None:
    found = pieces_of("See http://10.0.0.5:80/a, (https://example.org/x). ssh me@10.0.0.6 or fd00::5; v1.2.3.4.5 1.2.3")
    assert [piece.url for piece in found if piece.url] == ["http://10.0.0.5:80/a", "https://example.org/x"]
    assert [piece.address for piece in found if piece.address] == ["10.0.0.6", "fd00::5"]
    assert "".join(piece.text for piece in found).startswith("See http://10.0.0.5:80/a, (https://example.org/x). ssh")
    assert not [piece for piece in pieces_of("javascript:alert(1) file:///etc http://:80/ 12:30:15") if piece.url]


def test_an_address_leads_to_the_port_that_has_it_and_every_value_is_copied(browser: Client) -> None:
    page = page_of(browser, f"stacks/{WEB}/")
    assert at("ports/") + "?ip=10.64.2.91" in [link["href"] for link in page.links]
    copied = [item.attrs["data-copy"] for item in page.elements if "data-copy" in item.attrs]
    assert "10.64.2.91" in copied
    assert "hunter2" in copied
    labels = [item.attrs["aria-label"] for item in page.elements if "data-copy" in item.attrs]
    assert "Copy admin_password" in labels, "a screen reader does not say the secret"


def test_json_covers_what_the_page_covers(browser: Client) -> None:
    text = page_of(browser, f"stacks/{WEB}/?tab=json").text
    assert "admin_password" in text
    assert "hunter2" not in text
    assert masked(
        {"outputs": [{"output_key": "n", "output_value": 1}], "parameters": {"pw": "x", "password": "y"}}
    ) == {
        "outputs": [{"output_key": "n", "output_value": 1}],
        "parameters": {"pw": "x", "password": "••••••••"},
    }


def test_a_resource_has_a_page_with_its_attributes_and_events(services: Services, browser: Client) -> None:
    page = page_of(browser, f"stacks/{WEB}/resource/?name=handle")
    text = page.text
    assert "OS::Heat::WaitConditionHandle" in text
    assert "curl_cli" in text
    assert len(page.all_of_class("secret")) == 2, "its token, and the command that has it"
    hrefs = [link["href"] for link in page.links]
    assert at(f"stacks/act/signal/?id={WEB}&resource=handle") in hrefs
    assert at(f"stacks/act/mark-unhealthy/?id={WEB}&resource=handle") in hrefs
    assert at("resource-types/OS::Heat::WaitConditionHandle/") in hrefs
    assert len(services.to("orchestration")) == 3


def test_a_reader_is_told_why_nothing_can_be_done_to_a_resource(services: Services) -> None:
    page = page_of(signed_in(access_of("reader")), f"stacks/{WEB}/resource/?name=handle")
    (signal, mark) = page.all_of_class("disabled")
    assert "member" in signal.attrs["title"]
    assert "member" in mark.attrs["title"]


def test_a_resource_is_marked_and_the_mark_taken_away(services: Services, browser: Client) -> None:
    path = at("stacks/act/mark-unhealthy/")
    browser.post(path, {"id": WEB, "resource": "server", "reason": "broken disk"})
    browser.post(path, {"id": WEB, "resource": "server", "is_well": "on"})
    first, second = services.changes
    assert (first.method, first.url.endswith(f"/stacks/rec-web/{WEB}/resources/server")) == ("PATCH", True)
    assert json.loads(first.body) == {"mark_unhealthy": True, "resource_status_reason": "broken disk"}
    assert json.loads(second.body) == {"mark_unhealthy": False, "resource_status_reason": ""}


def test_a_signal_is_sent_to_what_waits_for_one(services: Services, browser: Client) -> None:
    page = page_of(browser, f"stacks/act/signal/?id={WEB}&resource=handle")
    offered = [item.attrs["value"] for item in page.elements if item.tag == "option"]
    assert "handle" in offered
    assert "server" not in offered
    path = at("stacks/act/signal/")
    assert browser.post(path, {"id": WEB, "resource": "handle", "data": "[1]"}).status_code == 422
    assert browser.post(path, {"id": WEB, "resource": "server", "data": "{}"}).status_code == 422
    assert not services.changes
    browser.post(path, {"id": WEB, "resource": "handle", "data": '{"status": "SUCCESS"}'})
    (call,) = services.changes
    assert (call.method, call.url.endswith("/resources/handle/signal")) == ("POST", True)
    assert json.loads(call.body) == {"status": "SUCCESS"}


def test_nested_resources_stand_in_a_tree_of_any_depth() -> None:
    found = tree_of(
        cloud_of(),
        [
            resource("deep", stack_id="s3", parent="0"),
            resource("0", stack_id="s2", nested_id="s3", parent="group"),
            resource("group", stack_id="s1", nested_id="s2"),
            resource("alone", stack_id="elsewhere", parent="lost"),
        ],
        Stack(id="s1", name="web", status="CREATE_COMPLETE"),
    )
    assert [(item.resource.name, item.path) for item in found] == [
        ("group", ()),
        ("0", ("group",)),
        ("deep", ("group", "0")),
        ("alone", ("lost",)),
    ]


def test_what_failed_is_what_failed_itself() -> None:
    failed = failed_of(
        [
            resource("group", stack_id="s1", nested_id="s2", status="CREATE_FAILED"),
            resource("server", stack_id="s2", status="CREATE_FAILED"),
            resource("fine", stack_id="s2"),
            resource("never-made", stack_id="s1", nested_id="s9", status="CREATE_FAILED"),
        ]
    )
    assert [item.name for item in failed] == ["server", "never-made"]


@pytest.mark.parametrize(
    ("kind", "physical", "url_name", "id"),
    [
        ("OS::Neutron::RouterInterface", "r1:subnet_id=s1", "routers:detail", "r1"),
        ("OS::Swift::Container", "a/b c", "containers:detail", "~YS9iIGM"),
        ("OS::Cinder::Volume", "v1", "volumes:detail", "v1"),
        ("OS::Heat::Stack", "n1", "stacks:detail", "n1"),
        ("OS::Keystone::Role", "r1", "", ""),
        ("OS::Heat::RandomString", "x", "", ""),
        ("OS::Nova::Server", "", "", ""),
    ],
)
def test_a_resource_leads_to_the_thing_itself_where_one_may_see_it(
    kind: str, physical: str, url_name: str, id: str
) -> None:
    link = place_of(resource("it", type=kind, physical_id=physical), cloud_of())
    assert (link.url_name, link.id) == (url_name, id)


def test_forty_resources_are_drawn_in_rows_that_fit_the_page() -> None:
    many = [resource("first", required_by=tuple(f"r{n}" for n in range(40))), *(resource(f"r{n}") for n in range(40))]
    drawing = drawing_of(many)
    assert drawing is not None
    assert len(drawing.boxes) == 41
    assert len(drawing.lines) == 40
    assert drawing.width < 1200
    rows: dict[int, int] = {}
    for box in drawing.boxes:
        rows[box.y] = rows.get(box.y, 0) + 1
    assert max(rows.values()) == ROW
    assert len({(box.x, box.y) for box in drawing.boxes}) == 41
    circle = drawing_of([resource("a", required_by=("b",)), resource("b", required_by=("a",))])
    assert circle is not None
    assert len(circle.boxes) == 2


@pytest.mark.parametrize(
    "template",
    [
        {"heat_template_version": "2021-04-16", "parameters": {"hush": {"type": "string", "hidden": True}}},
        {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": {"hush": {"Type": "String", "NoEcho": "true"}}},
    ],
)
def test_what_a_template_hides_is_covered_in_its_environment(
    services: Services, browser: Client, template: dict[str, Any]
) -> None:
    kept = {"template": template, "environment": {"parameters": {"hush": "open-sesame", "site": "north"}}}
    services.answers["orchestration"] = lambda request, context: kept.get(request.path.rpartition("/")[2])
    text = page_of(browser, f"stacks/{WEB}/?tab=template").text
    assert "north" in text
    assert "open-sesame" not in text


def test_the_drawing_is_a_table_and_links_too(browser: Client) -> None:
    page = page_of(browser, f"stacks/{WEB}/?tab=topology")
    assert len([item for item in page.elements if item.tag == "table"]) == 1
    boxes = [link["href"] for link in page.links if "/resource/?name=server" in link["href"]]
    assert len(boxes) == 2, "one in the drawing, one in the table"


def test_how_far_it_got_is_asked_for_again_until_it_is_at_rest(services: Services, browser: Client) -> None:
    for path in (f"stacks/{BUSY}/", f"stacks/{BUSY}/?tab=events"):
        page = page_of(browser, path)
        assert [item.tag for item in page.elements].count("progress") == 1
        assert [item for item in page.elements if "data-again" in item.attrs]
    services.calls.clear()
    assert "/ 7" in page_of(browser, f"stacks/{BUSY}/progress/").text
    assert len(services.to("orchestration")) == 2
    page = page_of(browser, f"stacks/{WEB}/progress/")
    assert not [item for item in page.elements if "data-again" in item.attrs]
    gone = browser.get(at(f"stacks/{WEB[:-1]}9/progress/"))
    assert (gone.status_code, gone.content) == (200, b"")


def test_what_failed_is_pinned_above_the_events_too(browser: Client) -> None:
    page = page_of(browser, f"stacks/{DOOMED}/?tab=events")
    assert "Went to status ERROR" in page.text_of_class("stack-failed")
