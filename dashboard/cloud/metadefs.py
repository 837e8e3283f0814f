"""What Glance's metadata definitions say of images' properties: which there are, of what type, with which values.

Follows https://docs.openstack.org/api-ref/image/v2/metadefs-index.html
Lists of namespaces are asked for directly: the client follows the address of a next page wherever an answer points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.cloud import glance, paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import translated

IMAGES = "OS::Glance::Image"
NAMESPACES = 200
"""Namespaces that are read at most."""


@dataclass(frozen=True)
class Namespace:
    """Properties that belong together."""

    name: str
    title: str
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Property:
    """A property that means something. ``type`` is JSON's: string, integer, number, boolean or array."""

    key: str
    title: str
    description: str = ""
    type: str = "string"
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None
    shortest: int | None = None
    pattern: str = ""
    default: str = ""
    is_read_only: bool = False

    @classmethod
    def from_json(cls, key: str, json: Mapping[str, Any]) -> Property:
        items = wire.mapping(json.get("items"))
        choices = wire.listing(json.get("enum")) or wire.listing(items.get("enum"))
        return cls(
            key=key,
            title=wire.text(json.get("title")) or key,
            description=wire.text(json.get("description")),
            type=wire.text(json.get("type"), "string"),
            choices=tuple(text for item in choices if (text := _text(item))),
            minimum=_number(json.get("minimum")),
            maximum=_number(json.get("maximum")),
            longest=wire.optional(json.get("maxLength")),
            shortest=wire.optional(json.get("minLength")),
            pattern=wire.text(json.get("pattern")),
            default=_text(json.get("default")),
            is_read_only=wire.flag(json.get("readonly")),
        )

    def fault(self, value: str) -> str:
        """What is wrong with a value ("number", "minimum", "maximum", "choice", "length", "pattern"), or ""."""
        if self.type in {"integer", "number"}:
            found = _parsed(value, self.type)
            if found is None:
                return "number"
            if self.minimum is not None and found < self.minimum:
                return "minimum"
            return "maximum" if self.maximum is not None and found > self.maximum else ""
        if self.type == "boolean":
            return "" if value.lower() in {"true", "false"} else "choice"
        if self.choices and self.type != "array" and value not in self.choices:
            return "choice"
        if self.type == "array":
            return ""
        if (self.longest is not None and len(value) > self.longest) or len(value) < (self.shortest or 0):
            return "length"
        return "pattern" if self.pattern and not _matches(self.pattern, value) else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return wire.text(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _parsed(value: str, kind: str) -> float | None:
    try:
        return int(value) if kind == "integer" else float(value)
    except ValueError:
        return None


def _matches(pattern: str, value: str) -> bool:
    """Whether a value has the shape; a pattern that is long, or none to Python, is left to Glance."""
    if len(pattern) > 200 or len(value) > 1000:
        return True
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def list_namespaces(cloud: Cloud) -> tuple[Namespace, ...]:
    """The namespaces with properties of images, by title. Raises CloudError."""
    found = [
        Namespace(
            name=wire.text(item.get("namespace")),
            title=wire.text(item.get("display_name")) or wire.text(item.get("namespace")),
            description=wire.text(item.get("description")),
        )
        for items in paging.pages(
            cloud,
            "image",
            "/v2/metadefs/namespaces",
            "namespaces",
            size=100,
            most=NAMESPACES,
            marker_of=lambda item: wire.text(item.get("namespace")),
            resource_types=IMAGES,
        )
        for item in items
        if item.get("namespace")
    ]
    return tuple(sorted(found, key=lambda space: space.title.casefold()))


def get_namespace(cloud: Cloud, name: str, **asked: str) -> dict[str, Any]:
    """A namespace as Glance gives it, with its properties and objects. Raises CloudError."""
    with translated("image"):
        return glance.object_in(cloud.glance.metadefs_namespace.get(wire.path_id(name), **asked))


def list_properties(cloud: Cloud, *, namespace: str) -> tuple[Property, ...]:
    """The properties of a namespace and of its objects, with the prefix that they have on images. Raises CloudError."""
    # With the resource type named, Glance puts the prefix before its keys.
    space = get_namespace(cloud, namespace, resource_type=IMAGES)
    parts = [wire.mapping(space.get("properties"))]
    parts += [wire.mapping(item.get("properties")) for item in wire.objects(space.get("objects"))]
    found = {str(key): Property.from_json(str(key), wire.mapping(body)) for part in parts for key, body in part.items()}
    return tuple(sorted(found.values(), key=lambda one: one.title.casefold()))
