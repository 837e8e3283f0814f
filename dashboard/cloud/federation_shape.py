"""Whether a text is rules that Keystone takes, and if not, what is wrong on which line.

Follows Keystone's schemas for mappings (1.0, 2.0, 3.0). ``Problem.reason`` is a word that pages have a sentence for.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 64 * 1024
Path = tuple[str | int, ...]
KINDS = ("any_one_of", "not_any_of", "blacklist", "whitelist")
DOMAIN = {"id": str, "name": str}
LOCAL = ("user", "projects", "group", "groups", "group_ids", "domain")
_SPACE = re.compile(r"\s*")
_PLACE = re.compile(r"\{\{|\}\}|\{(\d+)\}")


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where. ``detail`` is the key, the pattern, or the parser's own words."""

    reason: str
    line: int
    detail: str = ""


def rules_in(text: str, version: str) -> tuple[list[Any], str, list[Problem]]:
    """The rules of a text, their schema version, and what is wrong with them.

    The text is a list of rules, or an object with ``rules`` and perhaps ``schema_version``, as Keystone's API has it.
    """
    if len(text) > LONGEST:
        return [], version, [Problem("long", 1)]
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return [], version, [Problem("json", error.lineno, f"{error.msg} ({error.colno})")]
    except (RecursionError, ValueError) as error:
        return [], version, [Problem("json", 1, str(error))]
    try:
        return _checked(text, value, version)
    except RecursionError:
        return [], version, [Problem("deep", 1)]


def _checked(text: str, value: Any, version: str) -> tuple[list[Any], str, list[Problem]]:
    lines = _lines(text)
    root: Path = ()
    for key in ("mapping", "rules"):
        if isinstance(value, dict) and key in value:
            if key == "rules" and isinstance(value.get("schema_version"), str):
                version = value["schema_version"]
            value, root = value[key], (*root, key)
    if not isinstance(value, list):
        return [], version, [Problem("no_list", lines.get(root, 1))]
    if not value:
        return [], version, [Problem("empty", lines.get(root, 1))]
    found = [
        Problem(reason, _line(lines, (*root, *path)), detail)
        for place, rule in enumerate(value)
        for reason, path, detail in _rule(rule, (place,), version)
    ]
    return value, version, found


def _line(lines: Mapping[Path, int], path: Path) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _lines(text: str) -> dict[Path, int]:
    """The line that each value of a valid JSON text begins on, by where it is in it."""
    ends = [match.start() for match in re.finditer("\n", text)]
    decoder = json.JSONDecoder()
    found: dict[Path, int] = {}

    def skip(at: int) -> int:
        match = _SPACE.match(text, at)
        return match.end() if match else at

    def read(at: int, path: Path) -> int:
        at = skip(at)
        found[path] = bisect.bisect_left(ends, at) + 1
        if text[at] not in "{[":
            return int(decoder.raw_decode(text, at)[1])
        is_object, place = text[at] == "{", 0
        at = skip(at + 1)
        while text[at] not in "}]":
            key: str | int = place
            if is_object:
                key, at = decoder.raw_decode(text, at)
                at = skip(at) + 1
            at = skip(read(at, (*path, key)))
            place += 1
            if text[at] == ",":
                at = skip(at + 1)
        return at + 1

    read(0, ())
    return found


Found = Iterator[tuple[str, Path, str]]


def _rule(rule: Any, at: Path, version: str) -> Found:
    if not isinstance(rule, dict):
        yield "no_object", at, ""
        return
    for key in rule:
        if key not in {"local", "remote"}:
            yield "unknown", (*at, key), str(key)
    for key in ("local", "remote"):
        if not isinstance(rule.get(key), list):
            yield ("no_array" if key in rule else "missing"), (*at, key), key
    remote = rule.get("remote")
    brings = 0
    if isinstance(remote, list):
        if not remote:
            yield "no_remote", (*at, "remote"), ""
        for place, item in enumerate(remote):
            yield from _requirement(item, (*at, "remote", place))
        brings = sum(isinstance(item, dict) and not {"any_one_of", "not_any_of"} & set(item) for item in remote)
    local = rule.get("local")
    if isinstance(local, list):
        for place, item in enumerate(local):
            yield from _local(item, (*at, "local", place), version)
            yield from _places(item, (*at, "local", place), brings)


def _requirement(item: Any, at: Path) -> Found:
    if not isinstance(item, dict):
        yield "no_object", at, ""
        return
    if not isinstance(item.get("type"), str):
        yield ("no_text" if "type" in item else "missing"), (*at, "type"), "type"
    kinds = [key for key in KINDS if key in item]
    if len(kinds) > 1:
        yield "several", (*at, kinds[1]), f"{kinds[0]}, {kinds[1]}"
    for key in item:
        if key not in {"type", *KINDS} and not (key == "regex" and kinds):
            yield "unknown", (*at, key), str(key)
    for key in kinds:
        if not isinstance(item[key], list):
            yield "no_array", (*at, key), key
            continue
        for place, value in enumerate(item[key]):
            if item.get("regex") and isinstance(value, str):
                try:
                    re.compile(value)
                except re.error as error:
                    yield "pattern", (*at, key, place), f"{value}: {error}"
    if "regex" in item and kinds and not isinstance(item["regex"], bool):
        yield "no_flag", (*at, "regex"), "regex"


def _local(item: Any, at: Path, version: str) -> Found:
    if not isinstance(item, dict):
        yield "no_object", at, ""
        return
    known = {*LOCAL, "projects_json"} if version == "3.0" else set(LOCAL)
    for key in item:
        if key not in known:
            yield "unknown", (*at, key), str(key)
    for key in ("groups", "group_ids"):
        if key in item and not isinstance(item[key], str):
            yield "no_text", (*at, key), key
    if "domain" in item:
        yield from _fields(item["domain"], (*at, "domain"), DOMAIN)
    if "user" in item:
        texts = {"id": str, "name": str, "email": str, "type": str, "domain": dict}
        yield from _fields(item["user"], (*at, "user"), texts)
        user = item["user"] if isinstance(item["user"], dict) else {}
        if "domain" in user:
            yield from _fields(user["domain"], (*at, "user", "domain"), DOMAIN)
        if isinstance(user.get("type"), str) and user["type"] not in {"ephemeral", "local"}:
            yield "user_type", (*at, "user", "type"), user["type"]
    if "group" in item:
        yield from _group(item["group"], (*at, "group"))
    if "projects" in item:
        yield from _projects(item["projects"], (*at, "projects"), version)


def _group(group: Any, at: Path) -> Found:
    if isinstance(group, dict) and set(group) not in ({"id"}, {"name", "domain"}):
        yield "group", at, ""
    else:
        yield from _fields(group, at, {"id": str, "name": str, "domain": dict})
        if isinstance(group, dict) and "domain" in group:
            yield from _fields(group["domain"], (*at, "domain"), DOMAIN)


def _projects(projects: Any, at: Path, version: str) -> Found:
    if version == "3.0" and isinstance(projects, str):
        return
    if not isinstance(projects, list):
        yield "no_array", at, "projects"
        return
    known: dict[str, type] = {"name": str, "roles": list}
    if version != "1.0":
        known["domain"] = dict
    for place, project in enumerate(projects):
        here = (*at, place)
        yield from _fields(project, here, known)
        for key in ("name", "roles"):
            if isinstance(project, dict) and key not in project:
                yield "missing", here, key
        roles = project.get("roles") if isinstance(project, dict) else None
        for number, role in enumerate(roles if isinstance(roles, list) else ()):
            yield from _fields(role, (*here, "roles", number), {"name": str})
            if isinstance(role, dict) and "name" not in role:
                yield "missing", (*here, "roles", number), "name"


def _fields(value: Any, at: Path, known: Mapping[str, type]) -> Found:
    if not isinstance(value, dict):
        yield "no_object", at, str(at[-1])
        return
    reasons: dict[type, str] = {str: "no_text", dict: "no_object", list: "no_array"}
    for key, inner in value.items():
        if key not in known:
            yield "unknown", (*at, key), str(key)
        elif not isinstance(inner, known[key]):
            yield reasons[known[key]], (*at, key), str(key)


def _places(value: Any, at: Path, brings: int) -> Found:
    """Places like {2} for which there is no requirement that brings anything."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*at, key), brings)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _places(inner, (*at, place), brings)
    elif isinstance(value, str):
        for match in _PLACE.finditer(value):
            if match[1] is not None and int(match[1]) >= brings:
                yield "place", at, match[0]
