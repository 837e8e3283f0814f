"""Values that a stack tells, as people read them: what is long, what can be opened, what looks secret."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from dashboard.cloud import wire
from dashboard.cloud.stacks import Output, Stack

MASK = "••••••••"
LONG = 120
"""Characters from which on a value has a box of its own."""
MOST = 20_000
"""Characters in which links are looked for."""
URL = re.compile(r"https?://[\w\[][^\s\"'<>\\]*", re.IGNORECASE)
ADDRESS = re.compile(r"(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F]*)(?![\w:/-])")
SECRET = re.compile(
    r"(?<![a-z])pass(wd|phrase)?\b|passw(or)?d|secret|token|private_?key|access_?key|api_?key|credential|kubeconfig",
    re.IGNORECASE,
)
"""Names of what nobody should read over a shoulder."""
SECRET_VALUE = re.compile(
    r"PRIVATE KEY-----|X-Auth-Token|\bgAAAAA[\w-]{40}|://[^/\s:@]+:[^/\s@]+@|[?&](?:Signature|temp_url_sig)=",
    re.IGNORECASE,
)


def shown(value: Any) -> str:
    """A value as people read it: texts as they are, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def as_text(body: Mapping[str, Any]) -> str:
    """A template or environment as YAML, in the order that it has; "" for an empty one."""
    return yaml.safe_dump(dict(body), sort_keys=False, allow_unicode=True, width=100) if body else ""


def is_secret(name: str, value: Any = None) -> bool:
    """Whether a value is better shown only when it is asked for: by its name, by what it is, by what is in it."""
    if SECRET.search(name):
        return True
    if isinstance(value, str):
        return bool(SECRET_VALUE.search(value))
    if isinstance(value, dict):
        return any(is_secret(str(key), item) for key, item in value.items())
    return isinstance(value, list) and any(is_secret("", item) for item in value)


@dataclass(frozen=True)
class Piece:
    """A part of a value: text, or with ``url`` something on the web, or an ``address`` in the cloud's networks."""

    text: str
    url: str = ""
    address: str = ""


def pieces_of(text: str) -> tuple[Piece, ...]:
    """A value cut into what can be opened and what can't."""
    found: list[Piece] = []
    place = 0
    for match in URL.finditer(text[:MOST]):
        url = match[0].rstrip(".,;:!?)]}")
        found += [*_addresses(text[place : match.start()]), Piece(url, url=url)]
        place = match.start() + len(url)
    return (*found, *_addresses(text[place:]))


def _addresses(text: str) -> list[Piece]:
    found: list[Piece] = []
    place = 0
    for match in ADDRESS.finditer(text[:MOST]):
        if not _is_address(match[0]):
            continue
        found += [Piece(text[place : match.start()]), Piece(match[0], address=match[0])]
        place = match.end()
    found.append(Piece(text[place:]))
    return [piece for piece in found if piece.text]


def _is_address(text: str) -> bool:
    try:
        return not (ipaddress.ip_address(text).is_unspecified or ipaddress.ip_address(text).is_loopback)
    except ValueError:
        return False


@dataclass(frozen=True)
class Value:
    """A value with its name; ``is_long`` takes several lines."""

    name: str
    text: str
    pieces: tuple[Piece, ...]
    is_secret: bool
    description: str = ""
    error: str = ""

    @property
    def is_long(self) -> bool:
        return "\n" in self.text or len(self.text) > LONG


def value_of(name: str, value: Any, *, description: str = "", error: str = "") -> Value:
    text = shown(value)
    # What Heat covers itself there is nothing to show of.
    return Value(name, text, pieces_of(text), is_secret(name, value) and text.strip("*") != "", description, error)


def outputs_of(stack: Stack) -> list[Value]:
    """The outputs by name, those that take more room last."""
    found = [_output(output) for output in stack.outputs]
    return sorted(found, key=lambda value: (value.is_long and not value.is_secret, value.name))


def _output(output: Output) -> Value:
    return value_of(output.name, output.value, description=output.description, error=output.error)


def masked(body: Mapping[str, Any]) -> dict[str, Any]:
    """A stack's JSON with what looks secret covered: its outputs, and its parameters."""
    outputs = [
        {**item, "output_value": MASK} if is_secret(str(item.get("output_key")), item.get("output_value")) else item
        for item in wire.objects(body.get("outputs"))
    ]
    given = body.get("parameters")
    parameters = covered(given) if isinstance(given, dict) else given
    return {**body, **({"outputs": outputs} if "outputs" in body else {}), "parameters": parameters}


def covered(values: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Parameters with what is hidden, or looks secret, covered."""
    return {name: MASK if name in hidden or is_secret(name, value) else value for name, value in values.items()}
