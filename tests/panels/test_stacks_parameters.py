"""A template's parameters as a form: each kind has its field, and what Heat would refuse is refused beforehand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from dashboard.cloud.stack_choices import list_choices
from dashboard.cloud.stack_templates import Parameter, Template
from dashboard.panels.stacks.forms import StackForm
from tests.harness.html import Element, Page, parsed
from tests.harness.services import Services
from tests.harness.wire import at, cloud_of, recorded, signed_in

PROJECT = "a" * 32
TEMPLATE = "heat_template_version: 2021-04-16\nresources: {}\n"
GIVEN: dict[str, Any] = {
    "source": "text",
    "template": TEMPLATE,
    "parameters": "a n nv f m s net nets cidr j b pw t l2",
    "name": "kinds",
    "param-a": "y",
    "param-n": "5",
    "param-nv": "4",
    "param-f": "0.25",
    "param-m": "6",
    "param-s": "abc",
    "param-net": "0000002b-0000-4000-8000-00000000002b",
    "param-nets": ["a", "0000002b-0000-4000-8000-00000000002b"],
    "param-cidr": "10.1.0.0/16",
    "param-j": '{"b": 1}',
    "param-t": "q",
    "param-l2": ["one", "three"],
}


@pytest.fixture
def browser(services: Services) -> Client:
    """Heat reads a template that has parameters of every kind."""

    def answer(request: Any, context: Any) -> Any:
        return recorded("heat/validated_kinds") if request.url.endswith("/validate") else None

    services.answers["orchestration"] = answer
    return signed_in()


def send(browser: Client, status: int, **data: Any) -> Page:
    answer = browser.post(at("stacks/make/"), data)
    assert answer.status_code == status, parsed(answer.content.decode()).text_of_class("field-errors")
    return parsed(answer.content.decode())


def field(page: Page, name: str) -> Element:
    return next(item for item in page.elements if item.attrs.get("name") == f"param-{name}")


def test_every_kind_of_parameter_has_its_field(browser: Client) -> None:
    page = send(browser, 200, source="text", template=TEMPLATE)
    (asked,) = (item.attrs["value"] for item in page.elements if item.attrs.get("name") == "parameters")
    assert asked == GIVEN["parameters"]
    kinds = {name: field(page, name) for name in ("a", "nv", "n", "nets", "l2", "j", "b", "pw", "t")}
    assert {name: (item.tag, item.attrs.get("type")) for name, item in kinds.items()} == {
        "a": ("select", None),
        "nv": ("select", None),
        "n": ("input", "number"),
        "nets": ("select", None),
        "l2": ("select", None),
        "j": ("textarea", None),
        "b": ("input", "checkbox"),
        "pw": ("input", "password"),
        "t": ("input", "text"),
    }
    assert [name for name, item in kinds.items() if "multiple" in item.attrs] == ["nets", "l2"]
    assert "checked" in kinds["b"].attrs
    assert (kinds["n"].attrs["min"], kinds["n"].attrs["max"], kinds["n"].attrs["value"]) == ("1", "5", "3")
    chosen = [item.attrs["value"] for item in page.elements if item.tag == "option" and "selected" in item.attrs]
    # The first is the language.
    assert chosen[1:] == ["x", "2", "a", "b", "one", ""], "the template's defaults; the network is to be chosen"


def test_it_is_said_beforehand_what_a_value_has_to_be(browser: Client) -> None:
    text = send(browser, 200, source="text", template=TEMPLATE).text
    for words in (
        "only these",
        "From 1 to 5.",
        "A multiple of 2.",
        "lower case",
        "Length: 2–5 characters.",
        "As in 192.168.1.0/24 or 2001:db8::/64",
        "Left empty, it is the template's default.",
    ):
        assert words in text
    assert text.rindex("where") > text.index("lower case"), "groups come with their description"


def test_heat_is_sent_each_value_as_its_kind_is_written(services: Services, browser: Client) -> None:
    assert browser.post(at("stacks/make/"), GIVEN).status_code == 302
    body = json.loads(services.changes[-1].body)
    assert body["parameters"] == {
        "a": "y",
        "n": "5",
        "nv": "4",
        "f": "0.25",
        "m": "6",
        "s": "abc",
        "net": "0000002b-0000-4000-8000-00000000002b",
        "nets": "a,0000002b-0000-4000-8000-00000000002b",
        "cidr": "10.1.0.0/16",
        "j": '{"b": 1}',
        "b": "false",
        "t": "q",
        "l2": "one,three",
    }


def test_what_a_changed_template_asks_for_besides_is_its_default(services: Services, browser: Client) -> None:
    before = {**GIVEN, "parameters": "a n nv f m s net nets cidr j pw t l2"}
    assert "checked" in field(send(browser, 200, **before, read="1"), "b").attrs
    assert browser.post(at("stacks/make/"), before).status_code == 302
    assert json.loads(services.changes[-1].body)["parameters"]["b"] == "true"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("a", "z", "z is not one of the available choices"),
        ("n", "6", "less than or equal to 5"),
        ("n", "many", "Enter a number"),
        ("m", "3", "A multiple of 2."),
        ("s", "a", "at least 2 characters"),
        ("s", "abcdef", "at most 5 characters"),
        ("j", "{", "This is no JSON"),
        ("net", "", "required"),
        ("l2", ["four"], "four is not one of the available choices"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field_and_the_rest_stays(
    services: Services, browser: Client, name: str, value: Any, words: str
) -> None:
    page = send(browser, 422, **{**GIVEN, f"param-{name}": value})
    (wrong,) = page.all_of_class("has-errors")
    assert words in wrong.text
    assert field(page, "cidr").attrs["value"] == "10.1.0.0/16"
    assert not [call for call in services.changes if call.url.endswith("/stacks")]


def test_what_can_be_chosen_costs_its_own_field_where_it_can_not_be_had(services: Services, browser: Client) -> None:
    services.fail("network", status=503)
    page = send(browser, 200, source="text", template=TEMPLATE)
    assert field(page, "net").attrs["type"] == "text"
    assert "Network (Neutron)" in page.text


def test_a_template_that_is_read_again_keeps_what_was_typed_and_asks_once_for_what_there_is(
    services: Services, browser: Client
) -> None:
    page = send(browser, 200, **{**GIVEN, "param-n": "77", "param-pw": "hush"}, read="1")
    values = {name: field(page, name).attrs.get("value") for name in ("n", "cidr", "pw")}
    assert values == {"n": "77", "cidr": "10.1.0.0/16", "pw": "hush"}
    assert "checked" not in field(page, "b").attrs
    chosen = [item.attrs["value"] for item in page.elements if item.tag == "option" and "selected" in item.attrs]
    assert chosen[1:] == ["y", "4", *GIVEN["param-nets"], "one", "three", GIVEN["param-net"]]
    assert not page.all_of_class("has-errors"), "nothing is refused before it is sent"
    assert len(services.to("network")) == 1


def test_a_hidden_yes_or_no_stays_what_it_is_unless_another_is_said(services: Services) -> None:
    template = Template(parameters={"loud": Parameter(name="loud", type="Boolean", is_hidden=True, is_required=False)})
    for given, sent in (("", {}), ("true", {"loud": "true"}), ("false", {"loud": "false"})):
        data = QueryDict(f"param-loud={given}&parameters=loud")
        form = StackForm(data, cloud=cloud_of(), template=template, known={"loud": "******"}, is_update=True)
        assert form.is_valid()
        assert (form.parameters(), form.keeps(), form.cleared()) == (sent, not sent, ())


def test_a_secret_is_shown_neither_again_nor_in_the_request(browser: Client) -> None:
    page = send(browser, 200, **GIVEN, **{"param-pw": "hush-hush"}, show="1")
    shown = page.text_of_class("request")
    assert "pw=$PW" in shown
    assert "hush-hush" not in shown
    assert "a=y" in shown
    assert "openstack stack create" in shown


def test_an_administrator_chooses_among_what_the_project_may_use(services: Services) -> None:
    rows = [
        {"id": "n1", "name": "own", "project_id": PROJECT},
        {"id": "n2", "name": "for-all", "project_id": "other", "shared": True},
        {"id": "n3", "name": "outside", "project_id": "other", "router:external": True},
        {"id": "n4", "name": "another's", "project_id": "other"},
    ]
    services.answers["network"] = lambda request, context: {"networks": rows} if "networks" in request.path else None
    found = list_choices(cloud_of("admin"), "neutron.network")
    assert [item.label for item in found] == ["for-all", "outside", "own"]
