"""A mapping's rules, tried by ourselves: what comes out is what Keystone's own rule processor made of the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.cloud.federation_rules import Unfit, evaluate
from dashboard.cloud.federation_shape import rules_in
from tests.harness.wire import recorded

RECORDED = recorded("keystone/mapping_cases")
"""Written by Keystone 30's ``keystone.federation.utils``: what it makes of assertions, and what it refuses."""
CASES = RECORDED["cases"]
each_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def in_order(items: Any) -> list[Any]:
    return sorted(items, key=repr)


@each_case
def test_what_comes_out_is_what_keystone_makes_of_it(case: dict[str, Any]) -> None:
    result = case["result"]
    if "refused" in result:
        try:
            mapped = evaluate(case["rules"], case["assertion"], case["version"])
        except Unfit:
            return
        assert not mapped.is_match, "Keystone refuses where no rule matches"
        return
    mapped = evaluate(case["rules"], case["assertion"], case["version"])
    assert mapped.user == result["user"]
    assert sorted(mapped.group_ids) == result["group_ids"]
    assert in_order(mapped.group_names) == in_order(result["group_names"])
    assert list(mapped.projects) == result["projects"]


@each_case
def test_rules_that_keystone_takes_are_taken(case: dict[str, Any]) -> None:
    text = json.dumps({"rules": case["rules"], "schema_version": case["version"]}, indent=2)
    rules, version, problems = rules_in(text, "1.0")
    assert (rules, version) == (case["rules"], case["version"])
    # A place that nothing fills is taken by Keystone, and fails each sign-in: that we say earlier.
    assert [problem.reason for problem in problems] in ([], ["place"])


@pytest.mark.parametrize("rules", RECORDED["refused"], ids=repr)
def test_rules_that_keystone_refuses_are_refused_before_they_are_sent(rules: Any) -> None:
    assert rules_in(json.dumps(rules), "1.0")[2]


def test_which_requirement_failed_is_told() -> None:
    rules = [
        {
            "local": [{"user": {"name": "{0}"}}],
            "remote": [{"type": "NAME"}, {"type": "TYPE", "any_one_of": ["Boss"]}, {"type": "LATER"}],
        }
    ]
    (verdict,) = evaluate(rules, {"NAME": "ann", "TYPE": "Employee"}).verdicts
    assert not verdict.is_match
    assert [item.why_not for item in verdict.requirements] == ["", "none_of"]
    assert verdict.requirements[1].found == ("Employee",)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('[\n  {"local": [],\n}]', "json", 3),
        ('{"a": 1}', "no_list", 1),
        (
            '[\n  {\n    "local": [\n      {"user": {"name": 5}}\n    ],\n    "remote": [{"type": "A"}]}\n]',
            "no_text",
            4,
        ),
        ('[\n {"local": [{"groups": "{1}"}],\n  "remote": [{"type": "A"}]}]', "place", 2),
        ('[{"local": [],\n"remote": [{"type": "A",\n"any_one_of": [\n"("], "regex": true}]}]', "pattern", 4),
        ('{"rules":\n [\n  {"local": [], "remote": [{}],\n "x": 1}]}', "unknown", 4),
    ],
)
def test_what_is_wrong_is_told_by_its_line(text: str, reason: str, line: int) -> None:
    problems = rules_in(text, "1.0")[2]
    assert (reason, line) in [(problem.reason, problem.line) for problem in problems]


def test_texts_that_are_too_long_or_too_deep_are_told_and_not_worked_at() -> None:
    assert rules_in("[" * 70_000, "1.0")[2][0].reason == "long"
    assert rules_in("[" * 20_000 + "]" * 20_000, "1.0")[2][0].reason in {"json", "deep"}
    assert rules_in("[" * 900 + "]" * 900, "1.0")[2]
