"""Templates as Heat reads them: whether they hold, the parameters that they ask for, and what they may be made of.

Follows the Orchestration Service API v1, "Stacks" (validate) and "General API information".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import heat, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.stack_actions import Order
from dashboard.cloud.stacks import NONE

LINE = re.compile(r"\bline (\d+), column (\d+)")


@dataclass(frozen=True)
class Parameter:
    """A value that a template asks for.

    ``type`` is String, Number, CommaDelimitedList, Json or Boolean. ``picks`` names what it has to be one of, by
    Heat's custom constraints ("nova.flavor"). Limits are None where there are none.
    """

    name: str
    type: str
    label: str = ""
    description: str = ""
    default: Any = None
    is_required: bool = True
    is_hidden: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    shortest: int | None = None
    longest: int | None = None
    step: float | None = None
    """It has to be ``offset`` more than a multiple of this."""
    offset: float = 0
    picks: str = ""
    explained: str = ""
    """What the template's author says of the constraint."""
    is_immutable: bool = False

    @classmethod
    def from_json(cls, name: str, item: Mapping[str, Any]) -> Parameter:
        label = wire.text(item.get("Label"))
        return cls(
            name=name,
            type=wire.text(item.get("Type"), "String"),
            label=label if label != name else "",
            description=wire.text(item.get("Description")),
            default=item.get("Default"),
            is_required="Default" not in item,
            is_hidden=wire.flag(item.get("NoEcho")),
            choices=tuple(wire.text(value) for value in wire.listing(item.get("AllowedValues"))),
            pattern=wire.text(item.get("AllowedPattern")),
            least=_bound(item.get("MinValue")),
            most=_bound(item.get("MaxValue")),
            shortest=wire.optional(item.get("MinLength")),
            longest=wire.optional(item.get("MaxLength")),
            step=_bound(item.get("Step")) or None,
            offset=_bound(item.get("Offset")) or 0,
            picks=wire.text(item.get("CustomConstraint")),
            explained=wire.text(item.get("ConstraintDescription")),
            is_immutable=wire.flag(item.get("Immutable")),
        )


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that belong together, in the order of the template."""

    label: str
    names: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True)
class Template:
    """What Heat says of a template: its parameters by name, and how they are grouped."""

    description: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    groups: tuple[ParameterGroup, ...] = ()


def validate(cloud: Cloud, order: Order) -> Template:
    """Has Heat read a template with its environment and files. Raises CloudError; Invalid says what is wrong."""
    answer = cloud.post(heat.SERVICE, "/validate", order.source())
    asked = {
        name: Parameter.from_json(name, item)
        for name, item in wire.mapping(answer.get("Parameters")).items()
        if isinstance(item, dict)
    }
    return Template(
        description="" if answer.get("Description") in NONE else wire.text(answer.get("Description")),
        parameters=asked,
        groups=tuple(
            ParameterGroup(
                label=wire.text(group.get("label")),
                names=tuple(name for name in wire.texts(group.get("parameters")) if name in asked),
                description=wire.text(group.get("description")),
            )
            for group in wire.objects(answer.get("ParameterGroups"))
        ),
    )


def line_of(message: str) -> int | None:
    """The line of the template that a refusal names, counted from 1."""
    found = LINE.search(message)
    return int(found[1]) if found else None


def _bound(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class ResourceType:
    """Something that templates may make. ``id`` is its name: "OS::Nova::Server"."""

    id: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    """Its properties and attributes as Heat gives them; lists don't have it."""

    @property
    def name(self) -> str:
        return self.id

    @property
    def service(self) -> str:
        """The middle of its name: "Nova"."""
        parts = self.id.split("::")
        return parts[1] if len(parts) > 2 else ""


def list_resource_types(cloud: Cloud) -> list[str]:
    """The names of what templates may make in this cloud. Raises CloudError.

    Descriptions are not asked for: Heat 27 answers 404 to that for the whole list if it can't tell one of them.
    """
    found = cloud.get(heat.SERVICE, "/resource_types").get("resource_types")
    if not isinstance(found, list):
        raise BadAnswer("The answer has no list of resource types.", service=heat.SERVICE)
    return sorted(wire.texts(found))


def get_resource_type_json(cloud: Cloud, name: str) -> heat.JSON:
    """The schema of a resource type: properties and attributes. Raises CloudError."""
    return cloud.get(heat.SERVICE, f"/resource_types/{wire.path_id(name)}")


def get_resource_type(cloud: Cloud, name: str) -> ResourceType:
    """A resource type with its schema. Raises CloudError, NotFound among them."""
    schema = get_resource_type_json(cloud, name)
    return ResourceType(wire.text(schema.get("resource_type"), name), schema)


def get_resource_type_template(cloud: Cloud, name: str) -> heat.JSON:
    """A template with all properties of a resource type as parameters. Raises CloudError."""
    return cloud.get(heat.SERVICE, f"/resource_types/{wire.path_id(name)}/template", template_type="hot")


@dataclass(frozen=True)
class Function:
    """A function that a version's templates may call."""

    name: str
    description: str


@dataclass(frozen=True)
class TemplateVersion:
    """A version of the template language. ``id`` is "heat_template_version.2021-04-16".

    Lists have no ``functions``; by itself a version has these alone.
    """

    id: str
    kind: str = ""
    aliases: tuple[str, ...] = ()
    functions: tuple[Function, ...] = ()

    @property
    def name(self) -> str:
        return self.id


def list_versions(cloud: Cloud) -> list[TemplateVersion]:
    """The versions of the template language, the newest first. Raises CloudError."""
    found = [
        TemplateVersion(wire.text(item.get("version")), wire.text(item.get("type")), wire.texts(item.get("aliases")))
        for item in heat.some(cloud, "/template_versions", "template_versions")
    ]
    return sorted(found, key=lambda item: (item.kind, item.id), reverse=True)


def get_version_json(cloud: Cloud, version: str) -> heat.JSON:
    """The functions of a version, conditions among them, as Heat gives them. Raises CloudError."""
    path = f"/template_versions/{wire.path_id(version)}/functions"
    return cloud.get(heat.SERVICE, path, with_condition_func="true")


def get_version(cloud: Cloud, version: str) -> TemplateVersion:
    """A version with its functions, by name. Raises CloudError, NotFound among them."""
    found = wire.objects(get_version_json(cloud, version).get("template_functions"))
    functions = [Function(wire.text(item.get("functions")), wire.text(item.get("description"))) for item in found]
    return TemplateVersion(version, functions=tuple(sorted(functions, key=lambda item: item.name)))
