"""Metadata definitions as those who run the cloud keep them: namespaces with properties, objects, tags, associations.

Follows https://docs.openstack.org/api-ref/image/v2/metadefs-index.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, NotFound
from dashboard.cloud.types import Lookup, Page, Query

SERVICE = "image"
PATH = "/v2/metadefs/namespaces"
MOST = 1000
TYPES = ("string", "integer", "number", "boolean", "array")
"""Of properties' values, by JSON Schema."""
SERVERS_OWN = frozenset({"self", "schema", "created_at", "updated_at", "owner", "id"})
"""What Glance adds by itself and does not take back."""
PARTS = frozenset(
    {"namespace", "display_name", "description", "visibility", "protected"}
    | {"resource_type_associations", "properties", "objects", "tags"}
)
JSON = dict[str, Any]


@dataclass(frozen=True)
class Association:
    """A kind of resource that a namespace is for. ``prefix`` stands before its properties' names there."""

    name: str
    prefix: str = ""
    target: str = ""


@dataclass(frozen=True)
class Definition:
    """A property as it is defined; ``json`` is all of it."""

    name: str
    title: str = ""
    type: str = ""
    description: str = ""
    json: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, name: str, json: Mapping[str, Any]) -> Definition:
        return cls(
            name=name,
            title=wire.text(json.get("title")),
            type=wire.text(json.get("type")),
            description=wire.text(json.get("description")),
            json=json,
        )

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that there may be, if they are listed."""
        items = wire.mapping(self.json.get("items"))
        return tuple(wire.text(item) for item in wire.listing(self.json.get("enum")) or wire.listing(items.get("enum")))


@dataclass(frozen=True)
class DefinedObject:
    """Properties that are only used together."""

    name: str
    description: str = ""
    properties: tuple[Definition, ...] = ()
    json: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Namespace:
    """What belongs together. ``id`` is what Glance calls it, ``name`` what people do."""

    id: str
    name: str = ""
    description: str = ""
    visibility: str = "private"
    is_protected: bool = False
    owner: str = ""
    associations: tuple[Association, ...] = ()
    properties: tuple[Definition, ...] = ()
    objects: tuple[DefinedObject, ...] = ()
    tags: tuple[str, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Namespace:
        id = wire.text(item.get("namespace"))
        return cls(
            id=id,
            name=wire.text(item.get("display_name")) or id,
            description=wire.text(item.get("description")),
            visibility=wire.text(item.get("visibility"), "private"),
            is_protected=wire.flag(item.get("protected")),
            owner=wire.text(item.get("owner")),
            associations=tuple(
                Association(
                    wire.text(each.get("name")), wire.text(each.get("prefix")), wire.text(each.get("properties_target"))
                )
                for each in wire.objects(item.get("resource_type_associations"))
            ),
            properties=_definitions(item.get("properties")),
            objects=tuple(
                DefinedObject(
                    wire.text(each.get("name")),
                    wire.text(each.get("description")),
                    _definitions(each.get("properties")),
                    each,
                )
                for each in wire.objects(item.get("objects"))
            ),
            tags=tuple(wire.text(each.get("name")) for each in wire.objects(item.get("tags"))),
            created=wire.moment(item.get("created_at")),
            updated=wire.moment(item.get("updated_at")),
        )

    def definition(self, name: str) -> Definition | None:
        """The property that is called so."""
        return next((item for item in self.properties if item.name == name), None)

    def object(self, name: str) -> DefinedObject | None:
        """The object that is called so."""
        return next((item for item in self.objects if item.name == name), None)


def _definitions(value: Any) -> tuple[Definition, ...]:
    found = wire.mapping(value)
    return tuple(Definition.from_json(str(name), wire.mapping(body)) for name, body in sorted(found.items()))


LOOKUP: Lookup[Namespace] = Lookup(
    text=lambda space: (space.id, space.name, space.description),
    values={
        "visibility": lambda space: space.visibility,
        "protected": lambda space: space.is_protected,
        "for": lambda space: tuple(item.name for item in space.associations),
    },
    sorts={
        "name": lambda space: space.name.casefold(),
        "namespace": lambda space: space.id,
        "visibility": lambda space: space.visibility,
        "updated": lambda space: space.updated,
    },
)


def list_namespaces(cloud: Cloud, query: Query) -> Page[Namespace]:
    """One page of the namespaces that this person sees: they are few, and read whole. Raises CloudError."""
    found = paging.pages(
        cloud,
        SERVICE,
        PATH,
        "namespaces",
        size=100,
        most=MOST,
        marker_of=lambda item: wire.text(item.get("namespace")),
    )
    spaces = [Namespace.from_json(item) for items in found for item in items if item.get("namespace")]
    return LOOKUP.page(spaces, query, count=("visibility",))


def get_json(cloud: Cloud, id: str) -> JSON:
    """A namespace with all that is in it, as Glance gives it. Raises CloudError."""
    return cloud.get(SERVICE, _path(id))


def get_namespace(cloud: Cloud, id: str) -> Namespace:
    """A namespace with all that is in it. Raises CloudError, NotFound among them."""
    return Namespace.from_json(get_json(cloud, id))


def list_resource_types(cloud: Cloud) -> tuple[str, ...]:
    """The kinds of resources that namespaces can be for. Raises CloudError."""
    answer = cloud.get(SERVICE, "/v2/metadefs/resource_types")
    found = {wire.text(item.get("name")) for item in wire.objects(answer.get("resource_types"))}
    return tuple(sorted(name for name in found if name))


def _path(id: str, *more: str) -> str:
    return "/".join((PATH, wire.path_id(id), *more))


# Namespaces


def exported(found: Mapping[str, Any]) -> JSON:
    """A namespace without what Glance adds: what can be imported elsewhere."""
    return {key: _bare(value) for key, value in found.items() if key in PARTS}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, dict) and "name" in value:
        # An association, an object or a tag; what properties are called is theirs.
        return {key: item for key, item in value.items() if key not in SERVERS_OWN}
    return value


def import_namespace(cloud: Cloud, body: Mapping[str, Any]) -> Namespace:
    """Makes a namespace with all that is in it, with one request. Raises CloudError, Conflict if it is there."""
    return Namespace.from_json(cloud.post(SERVICE, PATH, exported(body)))


def update_namespace(cloud: Cloud, space: Namespace, **changes: Any) -> None:
    """Changes ``display_name``, ``description``, ``visibility`` or ``protected``. Raises CloudError."""
    body = {
        "namespace": space.id,
        "display_name": space.name,
        "description": space.description,
        "visibility": space.visibility,
        "protected": space.is_protected,
        **changes,
    }
    cloud.put(SERVICE, _path(space.id), body)


def delete_namespace(cloud: Cloud, id: str) -> None:
    """Deletes a namespace with all that is in it. Raises CloudError."""
    cloud.delete(SERVICE, _path(id))


# What is in them


def associate(cloud: Cloud, id: str, *, name: str, prefix: str = "", target: str = "") -> None:
    """Says that a namespace is for a kind of resource. Raises CloudError."""
    body = {"name": name, **({"prefix": prefix} if prefix else {}), **({"properties_target": target} if target else {})}
    cloud.post(SERVICE, _path(id, "resource_types"), body)


def dissociate(cloud: Cloud, id: str, *, name: str) -> None:
    """Says that it is for that no more. Raises CloudError."""
    cloud.delete(SERVICE, _path(id, "resource_types", wire.path_id(name)))


def set_property(cloud: Cloud, space: Namespace, *, before: str, name: str, body: Mapping[str, Any]) -> None:
    """Defines a property, or changes the one that was called ``before``. Raises CloudError."""
    if before:
        if space.definition(before) is None:
            raise NotFound("There is no such property.", service=SERVICE, status=404)
        cloud.put(SERVICE, _path(space.id, "properties", wire.path_id(before)), {**body, "name": name})
        return
    if space.definition(name) is not None:
        raise Conflict("A property is called so already.", service=SERVICE, status=409)
    cloud.post(SERVICE, _path(space.id, "properties"), {**body, "name": name})


def delete_property(cloud: Cloud, id: str, *, name: str) -> None:
    """Takes a property's definition away. Raises CloudError."""
    cloud.delete(SERVICE, _path(id, "properties", wire.path_id(name)))


def set_object(cloud: Cloud, id: str, *, before: str, body: Mapping[str, Any]) -> None:
    """Defines an object, or changes the one that was called ``before``. Raises CloudError."""
    given = {key: value for key, value in body.items() if key not in SERVERS_OWN}
    if before:
        cloud.put(SERVICE, _path(id, "objects", wire.path_id(before)), given)
    else:
        cloud.post(SERVICE, _path(id, "objects"), given)


def delete_object(cloud: Cloud, id: str, *, name: str) -> None:
    """Takes an object away. Raises CloudError."""
    cloud.delete(SERVICE, _path(id, "objects", wire.path_id(name)))


def set_tags(cloud: Cloud, id: str, tags: Sequence[str]) -> None:
    """Gives a namespace these tags in place of those it has. Raises CloudError."""
    if tags:
        cloud.post(SERVICE, _path(id, "tags"), {"tags": [{"name": tag} for tag in tags]})
    else:
        cloud.delete(SERVICE, _path(id, "tags"))


# What is imported


@dataclass(frozen=True)
class Wrong:
    """What is the matter with a text that is to be imported: "json", "object", "key", "name", "type" or "list".

    ``line`` is where, from 1; 0 if that can't be told.
    """

    what: str
    line: int = 0
    name: str = ""
    message: str = ""


def read(text: str) -> tuple[JSON, tuple[Wrong, ...]]:
    """The namespace that a text describes, and what is wrong with it, line by line."""
    try:
        found = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        return {}, (Wrong("json", line, message=getattr(error, "msg", "")),)
    except RecursionError:
        return {}, (Wrong("json"),)
    if not isinstance(found, dict):
        return {}, (Wrong("object", 1),)
    return found, tuple(_faults(found, text))


def _faults(found: Mapping[str, Any], text: str) -> list[Wrong]:
    wrong = []
    if not isinstance(found.get("namespace"), str) or not found["namespace"].strip():
        wrong.append(Wrong("name", _line(text, "namespace") or 1))
    wrong += [Wrong("key", _line(text, key), key) for key in found if key not in PARTS | SERVERS_OWN]
    for key in ("resource_type_associations", "objects", "tags"):
        value = found.get(key, [])
        if not isinstance(value, list):
            wrong.append(Wrong("list", _line(text, key), key))
        elif any(not isinstance(item, dict) or not isinstance(item.get("name"), str) for item in value):
            wrong.append(Wrong("names", _line(text, key), key))
    properties = found.get("properties", {})
    if not isinstance(properties, dict):
        return [*wrong, Wrong("object", _line(text, "properties"), "properties")]
    wrong += property_faults(properties, text)
    for item in wire.objects(found.get("objects")):
        if isinstance(item.get("properties", {}), dict):
            wrong += property_faults(item.get("properties", {}), text)
    return wrong


def property_faults(properties: Mapping[str, Any], text: str) -> list[Wrong]:
    """What is wrong with definitions of properties: each has a type that there is, and a title."""
    wrong = []
    for name, body in properties.items():
        line = _line(text, name)
        if not isinstance(body, dict):
            wrong.append(Wrong("object", line, name))
        elif body.get("type") not in TYPES:
            wrong.append(Wrong("type", line, name))
        elif not isinstance(body.get("title"), str):
            wrong.append(Wrong("title", line, name))
    return wrong


def _line(text: str, key: str) -> int:
    """The line on which a key stands first, from 1; 0 if it is not found so."""
    match = re.search(rf"{re.escape(json.dumps(key))}\s*:", text)
    return text.count("\n", 0, match.start()) + 1 if match else 0
