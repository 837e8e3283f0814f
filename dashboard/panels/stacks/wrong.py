"""Where in what was sent the thing stands that Heat does not take: the field, the line, and the lines around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from dashboard.cloud.stack_actions import Order
from dashboard.cloud.stack_templates import line_of

AROUND = 3
"""Lines that are shown before and after the one that is wrong."""
MOST = 300_000
"""Characters in which a line is looked for."""
PATH = re.compile(r"\b(?:resources|outputs|parameters|conditions|parameter_groups)\.[^\s:]+")
FILE = re.compile(r"Error parsing template (\S+)")
WORD = re.compile(r'\(([^()\s]+)\)|"([^"\s]+)"|(?:invalid:|Property) (\S+)$')
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Line:
    """A line as it is shown; ``is_it`` is the one that is wrong."""

    number: int
    text: str
    is_it: bool


@dataclass(frozen=True)
class Wrong:
    """The form's field that is at fault, and the lines; ``name`` is a further file's."""

    field: str
    lines: tuple[Line, ...] = ()
    name: str = ""


def wrong_with(order: Order, message: str) -> Wrong:
    """What a refusal is about."""
    if message.startswith("Environment not in valid format"):
        return Wrong("environment", _around(order.environment, line_of(message)))
    file = FILE.search(message)
    if file and file[1] in order.files:
        return Wrong("more_files", _around(order.files[file[1]], line_of(message)), file[1])
    if order.template_url:
        return Wrong("template_url")
    return Wrong("template", _around(order.template, line_of(message) or _line_by_name(order.template, message)))


def _around(text: str, line: int | None) -> tuple[Line, ...]:
    if line is None:
        return ()
    lines = text.splitlines() or [""]
    # What is missing at the end is missed on the line after it.
    line = min(line, len(lines))
    start = max(0, line - 1 - AROUND)
    return tuple(Line(n + 1, lines[n], n + 1 == line) for n in range(start, min(len(lines), line + AROUND)))


def _line_by_name(text: str, message: str) -> int | None:
    """The line of what a refusal names: "resources.server.properties.flavor", or the word that it quotes."""
    if len(text) > MOST:
        return None
    words = [next(filter(None, found.groups())) for found in WORD.finditer(message)]
    path = PATH.search(message)
    if path:
        # A resource of a nested template is named with its file.
        names = re.sub(r"<[^>]*>", "", path[0]).rstrip(".").split(".")
        line = _line_at(text, [*names, *words])
        if line:
            return line
    for word in words:
        for number, line_text in enumerate(text.splitlines(), 1):
            if word in line_text:
                return number
    return None


def _line_at(text: str, names: list[str]) -> int | None:
    """The line of the innermost key that these names lead to."""
    try:
        node: Any = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    line = None
    for name in names:
        found = next((pair for pair in _pairs(node) if pair[0].value == name), None)
        if found is not None:
            line, node = found[0].start_mark.line + 1, found[1]
    return line


def _pairs(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))
