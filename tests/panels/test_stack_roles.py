"""What Heat lets only some do is offered to them alone, and it is said what is missing."""

from __future__ import annotations

from typing import Any

from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in


def test_what_heat_has_to_be_told_first_is_said(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if "global_tenant" not in request.qs:
            return None
        context.status_code = 403
        message = "You are not authorized to complete this action."
        return {"code": 403, "title": "Forbidden", "error": {"message": message, "type": "Forbidden"}}

    services.answers["orchestration"] = answer
    text = signed_in(access_of("admin")).get(at("all-stacks/")).content.decode()
    assert "unless its operator lets the role admin do “stacks:global_index”" in text


def test_the_stacks_of_all_projects_say_who_made_each(services: Services) -> None:
    page = parsed(signed_in(access_of("admin")).get(at("all-stacks/")).content.decode())
    assert "Made by" in page.text
    assert "alice" in page.text


def test_a_reader_sees_the_schema_of_a_resource_type_and_no_template_of_it(services: Services) -> None:
    address = at("resource-types/OS::Nova::Server/")
    assert "As a template" in signed_in(access_of("member")).get(address).content.decode()
    text = signed_in(access_of("reader")).get(address).content.decode()
    assert "Properties" in text
    assert "As a template" not in text
