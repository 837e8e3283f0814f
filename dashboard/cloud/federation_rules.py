"""What Keystone would make of somebody by a mapping's rules, tried here without signing anybody in.

Follows Keystone's documented mapping semantics (schema versions 1.0, 2.0 and 3.0): of each rule whose ``remote``
requirements all hold, every ``local`` part is taken, with what the requirements brought in place of {0}, {1}...
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

VERSIONS = ("1.0", "2.0", "3.0")
VALUE_LENGTH = 2048
"""Characters of a value that patterns are tried on: a bad pattern must not take for ever."""
_PLACE = re.compile(r"\{\{|\}\}|\{(\d+)\}|[{}]")


class Unfit(Exception):
    """The rules make no sense for this assertion: Keystone would refuse the sign-in. ``reason`` names why.

    reason: place (refers to a requirement that brings nothing), braces, domain (groups without one), pattern,
    user_type, projects (no list of projects). ``detail`` is what it is about.
    """

    def __init__(self, reason: str, rule: int, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.rule = rule
        self.detail = detail


@dataclass(frozen=True)
class Requirement:
    """One requirement of a rule, and what came of it. ``why_not`` is "", missing, none_of, or some_of."""

    type: str
    kind: str = ""
    wanted: tuple[str, ...] = ()
    is_regex: bool = False
    found: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class Verdict:
    """What came of one rule: its requirements up to the first that did not hold."""

    number: int
    """Counted from 1."""
    is_match: bool
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Mapped:
    """What comes out: who somebody is here, their groups, and projects with roles."""

    verdicts: tuple[Verdict, ...]
    user: Mapping[str, Any] = field(default_factory=dict)
    group_ids: tuple[str, ...] = ()
    group_names: tuple[Mapping[str, Any], ...] = ()
    projects: tuple[Mapping[str, Any], ...] = ()
    ignored_users: tuple[Mapping[str, Any], ...] = ()
    """Of further rules: Keystone takes the first."""

    @property
    def is_match(self) -> bool:
        return any(verdict.is_match for verdict in self.verdicts)


def evaluate(rules: Sequence[Any], assertion: Mapping[str, str], version: str = "1.0") -> Mapped:
    """Tries the rules on an assertion, whose values may be several, with ";" between them. Raises Unfit.

    The rules must be of the right shape (``federation_shape.problems``).
    """
    given = {key: tuple(value.split(";")) for key, value in assertion.items()}
    verdicts, values = [], []
    for number, rule in enumerate(rules, 1):
        verdict, brought = _tried(number, rule["remote"], given)
        verdicts.append(verdict)
        if verdict.is_match:
            values += [(number, _replaced(number, local, brought, version)) for local in rule["local"]]
    return _gathered(tuple(verdicts), values, version)


def _tried(number: int, remote: Sequence[Any], given: Mapping[str, tuple[str, ...]]) -> tuple[Verdict, list[Any]]:
    requirements: list[Requirement] = []
    brought: list[Any] = []
    for item in remote:
        found = given.get(item["type"], ())
        kind = next((key for key in ("any_one_of", "not_any_of", "blacklist", "whitelist") if key in item), "")
        wanted = tuple(item.get(kind) or ()) if kind else ()
        is_regex = bool(item.get("regex"))
        told = {"type": item["type"], "kind": kind, "wanted": tuple(str(text) for text in wanted)}
        if not found:
            requirements.append(Requirement(**told, is_regex=is_regex, why_not="missing"))
            return Verdict(number, False, tuple(requirements)), []
        hits = {value for value in found if _hits(number, value, wanted, is_regex)}
        why_not = ""
        kept = found
        if kind == "any_one_of":
            why_not = "" if hits else "none_of"
        elif kind == "not_any_of":
            why_not = "some_of" if hits else ""
        elif kind:
            kept = tuple(dict.fromkeys(value for value in found if (value in hits) == (kind == "whitelist")))
        requirements.append(Requirement(**told, is_regex=is_regex, found=found, kept=kept, why_not=why_not))
        if why_not:
            return Verdict(number, False, tuple(requirements)), []
        if kind not in {"any_one_of", "not_any_of"}:
            brought.append(kept[0] if len(kept) == 1 else list(kept))
    return Verdict(number, True, tuple(requirements)), brought


def _hits(number: int, value: str, wanted: Sequence[Any], is_regex: bool) -> bool:
    if not is_regex:
        return value in wanted
    try:
        return any(re.search(pattern, value[:VALUE_LENGTH]) for pattern in wanted)
    except (re.error, TypeError) as error:
        raise Unfit("pattern", number, str(error)) from error


def _replaced(number: int, value: Any, brought: Sequence[Any], version: str, key: str = "") -> Any:
    """A local part with what the requirements brought in its places."""
    if version == "3.0" and isinstance(value, str) and key in {"projects", "projects_json"}:
        return _projects_json(number, value, brought)
    if isinstance(value, dict):
        return {name: _replaced(number, inner, brought, version, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(number, inner, brought, version) for inner in value]
    if not isinstance(value, str):
        return value

    def put(match: re.Match[str]) -> str:
        if match[0] in {"{{", "}}"}:
            return match[0][0]
        if match[1] is None:
            raise Unfit("braces", number, value)
        place = int(match[1])
        if place >= len(brought):
            raise Unfit("place", number, match[0])
        return str(brought[place])

    return _PLACE.sub(put, value)


def _projects_json(number: int, value: str, brought: Sequence[Any]) -> list[Any]:
    match = re.match(r"\{?(\d+)\}?", value)
    if match is None or int(match[1]) >= len(brought):
        raise Unfit("place", number, value)
    found = brought[int(match[1])]
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError as error:
            raise Unfit("projects", number, str(error)) from error
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Unfit("projects", number, str(found))
    return found


def _gathered(verdicts: tuple[Verdict, ...], values: Sequence[tuple[int, Any]], version: str) -> Mapped:
    user: dict[str, Any] = {}
    ignored: list[Mapping[str, Any]] = []
    ids: dict[str, None] = {}
    names: list[Mapping[str, Any]] = []
    by_domain: dict[str, list[Mapping[str, Any]]] = {}
    projects: list[Mapping[str, Any]] = []
    for number, value in values:
        if "user" in value:
            if user:
                ignored.append(value["user"])
            else:
                user = dict(value["user"])
        group = value.get("group") or {}
        if "id" in group:
            ids[group["id"]] = None
        elif "name" in group:
            domain = group["domain"]
            by_domain.setdefault(str(domain.get("name") or domain.get("id")), []).append(group)
            # As Keystone does: each further group brings those of before again.
            names += [found for each in by_domain.values() for found in {g["name"]: g for g in each}.values()]
        if "groups" in value:
            names += _groups(number, value)
        if "group_ids" in value:
            ids |= dict.fromkeys(_several(value["group_ids"]))
        if "projects" in value or "projects_json" in value:
            projects = [*value.get("projects", []), *(value.get("projects_json", []) if version == "3.0" else [])]
            if version != "1.0":
                projects = [{**item, "domain": item.get("domain") or value.get("domain")} for item in projects]
    if values:
        user.setdefault("type", "ephemeral")
        if user["type"] not in {"ephemeral", "local"}:
            raise Unfit("user_type", values[-1][0], str(user["type"]))
        if version != "1.0" and not user.get("domain"):
            user["domain"] = values[-1][1].get("domain")
    return Mapped(verdicts, user, tuple(ids), tuple(names), tuple(projects), tuple(ignored))


def _groups(number: int, value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Groups by their names: of one domain, or each with its own as JSON."""
    text = value["groups"]
    found = _several(text)
    if "name" in text:
        try:
            each = [json.loads(item.lstrip("JSON:")) if item.startswith("JSON:") else item for item in found]
        except ValueError as error:
            raise Unfit("domain", number, text) from error
        groups: list[Mapping[str, Any]] = [item for item in each if isinstance(item, dict) and "domain" in item]
        if len(groups) != len(each):
            raise Unfit("domain", number, text)
        return groups
    if "domain" not in value:
        raise Unfit("domain", number, text)
    return [{"name": name, "domain": value["domain"]} for name in found]


def _several(text: str) -> list[str]:
    """The texts in a list that is written as Python writes one; any other text is one by itself."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [text]
    if not isinstance(tree, ast.List):
        return [text]
    found = [item.value for item in tree.elts if isinstance(item, ast.Constant)]
    return [str(item) for item in found] if len(found) == len(tree.elts) else [text]
