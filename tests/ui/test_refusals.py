"""What a cloud refused to somebody's roles is remembered, and said where it is offered again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in

WEB = "00000701-0000-4000-8000-000000000701"
OLD = "00000703-0000-4000-8000-000000000703"
HINT = "Refused to your roles lately"


class Policy:
    """An operator's own policies: whether stacks may be deleted."""

    allows = False

    def __call__(self, request: Any, context: Any) -> Any:
        if request.method != "DELETE" or self.allows:
            return None
        context.status_code = 403
        return {"code": 403, "title": "Forbidden", "error": {"message": "You are not authorized.", "type": "Forbidden"}}


@pytest.fixture
def policy(services: Services) -> Policy:
    services.answers["orchestration"] = found = Policy()
    return found


def hints(browser: Client, id: str) -> list[str]:
    """The entries of a stack's menu that are said to have been refused."""
    menu = parsed(browser.get(at(f"stacks/{id}/menu/"), headers={"HX-Request": "true"}).content.decode())
    return [item.text.removesuffix(HINT) for item in menu.elements if item.attrs.get("title") == HINT]


def delete(browser: Client, id: str) -> None:
    browser.post(at("stacks/act/delete/"), {"id": id}, headers={"HX-Request": "true"})


def test_one_refusal_is_about_one_row_and_two_are_a_rule(policy: Policy) -> None:
    browser = signed_in()
    assert hints(browser, WEB) == []
    delete(browser, WEB)
    assert hints(browser, WEB) == ["Delete"]
    assert hints(browser, OLD) == [], "it may have been about that row"
    delete(browser, WEB)
    assert hints(browser, OLD) == []
    delete(browser, OLD)
    assert hints(browser, "00000702-0000-4000-8000-000000000702") == ["Delete"]
    assert hints(signed_in(), WEB) == ["Delete"], "whoever else has these roles here"
    assert hints(signed_in(access_of("manager", "member")), WEB) == [], "other roles may"


def test_it_is_forgotten_once_it_is_done_after_all(policy: Policy) -> None:
    browser = signed_in()
    delete(browser, WEB)
    delete(browser, OLD)
    policy.allows = True
    delete(browser, OLD)
    assert hints(browser, WEB) == []
