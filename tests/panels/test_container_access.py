"""Who may get at a container: the rules in words, none of them lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.harness import services_swift
from tests.harness.containers import browser, do, sent, shown
from tests.harness.services import Services

__all__ = ["browser", "sent"]

OTHER = "c" * 32


def test_rules_are_said_in_words_and_none_is_lost(sent: list[Any], services: Services, browser: Client) -> None:
    row = next(row for row in services.rows[services_swift.PLACE] if row["name"] == "photos")
    rules = f".r:*,.r:-bad.example.com,{OTHER}:*,*:{'b' * 32},*:*,auditor,.odd:thing,x:y"
    row["headers"]["X-Container-Read"] = rules
    page = shown(browser, "containers/photos/?tab=access")
    for words in (
        "Everybody, without signing in",
        "Not visitors who say that they come from a page of bad.example.com",
        "The user alice, in any project",
        "Everybody who is signed in to this cloud",
        "Whoever has the role auditor in this project",
        "A rule of a kind not known here, kept as it is",
        "The user y in the project x",
    ):
        assert words in page.text, words
    do(browser, "access", "photos", access="private")
    assert sent[-1] == ("POST", "/photos", {"X-Container-Read": rules.removeprefix(".r:*,")})
    do(browser, "access", "photos", access="listing")
    assert sent[-1][2] == {"X-Container-Read": f"{rules.removeprefix('.r:*,')},.r:*,.rlistings"}
    do(browser, "add-rule", "photos", who="member", project="web", user="d" * 32, may="both")
    assert sent[-1][2] == {
        "X-Container-Read": f"{rules},{'a' * 32}:{'d' * 32}",
        "X-Container-Write": f"{'a' * 32}:{'d' * 32}",
    }
    do(browser, "remove-rule", "photos", rule=".odd:thing", of="read")
    assert sent[-1][2] == {"X-Container-Read": rules.replace(",.odd:thing", "")}


def test_the_last_rule_takes_the_header_away(sent: list[Any], services: Services, browser: Client) -> None:
    do(browser, "access", "site", access="private")
    assert sent == [("POST", "/site", {"X-Remove-Container-Read": "x"})]
    do(browser, "remove-rule", "site", rule=".r:*", of="read")
    assert sent[-1][2] == {"X-Remove-Container-Read": "x"}, "a list for nobody means nothing"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"who": "project", "may": "read"}, "needed"),
        ({"who": "project", "project": "a,b", "may": "read"}, "no spaces, commas or colons"),
        ({"who": "site", "value": "example.com", "may": "write"}, "only be let read"),
        ({"who": "site", "value": "ex,ample", "may": "read"}, "no spaces, commas or colons"),
    ],
)
def test_a_rule_that_would_say_something_else_is_refused(
    data: dict[str, str], why: str, services: Services, browser: Client
) -> None:
    assert why in do(browser, "add-rule", "photos", 422, **data).text
    assert not services.changes


def test_what_becomes_public_is_said_and_where_it_is(services: Services, browser: Client) -> None:
    dialog = shown(browser, "containers/act/access/?id=photos")
    assert "5 objects, and every one that comes later" in dialog.text
    tab = shown(browser, "containers/site/?tab=access")
    assert f"{services_swift.SWIFT}/site" in tab.text
