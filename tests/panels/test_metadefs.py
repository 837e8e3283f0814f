"""Metadata definitions at the wire: an import is refused by the line; others look, administrators change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.cloud.metadef_admin import exported, read
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, recorded, signed_in

HTMX = {"HX-Request": "true"}
ID = "OS::Software::DBMS"
GOOD: dict[str, Any] = {"namespace": "OS::Made::Up", "properties": {"speed": {"type": "integer", "title": "Speed"}}}


def sent(services: Services, text: str, *roles: str) -> Any:
    """Somebody imports a text."""
    browser = signed_in(access_of(*(roles or ("admin", "member"))))
    return browser.post(at("metadata-definitions/create/1/"), {"text": text, "once": "0" * 32}, headers=HTMX)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{\n "namespace": "A",\n oops\n}', "Line 3: This is no JSON"),
        ("[]", "Line 1: An object in braces"),
        ('{"display_name": "A"}', "The namespace has no name"),
        ('{\n"namespace": "A",\n"colour": 1}', "Line 3: A namespace has no “colour”"),
        (
            '{\n"namespace": "A",\n"properties": {\n"speed": {"title": "S"}}}',
            "Line 4: The property “speed” has no type",
        ),
        (
            '{\n"namespace": "A",\n"properties": {"speed": {"type": "string"}}}',
            "Line 3: The property “speed” has no title",
        ),
        ('{"namespace": "A",\n"tags": "one"}', "Line 2: “tags” has to be a list"),
        ('{"namespace": "A",\n"objects": [{}]}', "Line 2: Each of “objects” needs a name"),
        ("", "Paste a namespace here"),
    ],
)
def test_what_is_wrong_with_an_import_is_said_by_the_line(text: str, words: str, services: Services) -> None:
    answer = sent(services, text)
    assert answer.status_code == 422
    assert words in parsed(answer.content.decode()).text
    assert not services.changes


def test_a_namespace_goes_to_glance_whole_and_once(services: Services) -> None:
    sent(services, json.dumps({**GOOD, "self": "/v2/there", "owner": "somebody", "created_at": "then"}))
    (change,) = services.changes
    assert json.loads(change.body) == GOOD


def test_what_is_exported_can_be_imported(services: Services) -> None:
    answer = signed_in().get(at(f"metadata-definitions/export/?namespace={ID}"))
    assert answer["Content-Disposition"].startswith("attachment")
    body, wrong = read(answer.content.decode())
    assert not wrong
    assert body["namespace"] == ID
    assert "schema" not in answer.content.decode()
    assert exported(body) == body


def test_others_look_and_are_offered_no_change(services: Services) -> None:
    browser = signed_in(access_of("reader"))
    for tab in ("properties", "objects", "tags", "associations"):
        page = parsed(browser.get(at(f"metadata-definitions/{ID}/?tab={tab}")).content.decode())
        assert not [link for link in page.links if "/act/" in link["href"]]
    assert sent(services, json.dumps(GOOD), "reader").status_code == 403
    assert not services.changes


def test_what_is_protected_can_not_be_deleted(services: Services) -> None:
    browser = signed_in(access_of("admin", "member"))
    page = parsed(browser.get(at("metadata-definitions/OS::Compute::CPUPinning/?tab=properties")).content.decode())
    assert not [link for link in page.links if "delete-property" in link["href"]]
    url = at("metadata-definitions/act/delete/?id=OS::Compute::CPUPinning")
    assert "It is protected" in browser.get(url, headers=HTMX).content.decode()


def test_a_property_keeps_what_its_form_does_not_show(services: Services) -> None:
    space = recorded("glance/metadefs")["namespaces"][0]
    space["properties"]["sw_database_port"]["operators"] = ["<in>"]
    services.rows["/v2/metadefs/namespaces"] = [space]
    browser = signed_in(access_of("admin", "member"))
    data = {"id": ID, "once": "1" * 32, "before": "sw_database_port", "name": "sw_database_port"}
    data |= {"title": "Door", "type": "integer", "minimum": "1024", "choices": "", "default": "", "maximum": ""}
    assert browser.post(at("metadata-definitions/act/property/"), data, headers=HTMX).status_code == 200
    (change,) = services.changes
    body = json.loads(change.body)
    assert (body["title"], body["minimum"], body["operators"]) == ("Door", 1024, ["<in>"])
    assert "maximum" not in body
