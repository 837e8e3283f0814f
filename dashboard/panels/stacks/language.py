"""What templates may be written with: the types of resources, the versions of the language and their functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import heat, stack_templates, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.stack_templates import ResourceType, TemplateVersion
from dashboard.cloud.types import Lookup, Page, Query
from dashboard.panels.stacks.shown import as_text, shown
from dashboard.ui.columns import LIST, NAME, column
from dashboard.ui.panel import MEMBER, Filter, Lead, Panel, Tab, may

TYPES: Lookup[ResourceType] = Lookup(
    text=lambda kind: (kind.id,),
    values={"service": lambda kind: kind.service},
    sorts={"name": lambda kind: kind.id, "service": lambda kind: kind.service},
)
VERSIONS: Lookup[TemplateVersion] = Lookup(
    text=lambda version: (version.id, *version.aliases),
    values={"kind": lambda version: version.kind},
    sorts={"name": lambda version: version.id, "kind": lambda version: version.kind},
)


def list_types(cloud: Cloud, query: Query) -> Page[ResourceType]:
    """One page of the resource types."""
    found = [ResourceType(name) for name in stack_templates.list_resource_types(cloud)]
    return TYPES.page(found, query, default_sort="name")


def _rules(item: Mapping[str, Any]) -> str:
    """The constraints of a property, as the template language has them."""
    found = []
    for constraint in wire.objects(item.get("constraints")):
        found += [
            f"{key}: {shown(value) if not isinstance(value, dict | list) else _flat(value)}"
            for key, value in constraint.items()
        ]
    return "; ".join(found)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    return ", ".join(shown(item) for item in value)


def schema(cloud: Cloud, kind: ResourceType) -> Mapping[str, Any]:
    """The properties, what is required first, and the attributes."""
    properties = [
        (name, item, _rules(item))
        for name, item in wire.mapping(kind.schema.get("properties")).items()
        if isinstance(item, dict)
    ]
    return {
        "properties": sorted(properties, key=lambda item: (not item[1].get("required"), item[0])),
        "attributes": sorted(
            (name, item) for name, item in wire.mapping(kind.schema.get("attributes")).items() if isinstance(item, dict)
        ),
        "support": wire.mapping(kind.schema.get("support_status")),
    }


def skeleton(cloud: Cloud, kind: ResourceType) -> Mapping[str, Any]:
    """A template that makes one, with all its properties as parameters."""
    return {"json": as_text(stack_templates.get_resource_type_template(cloud, kind.id))}


RESOURCE_TYPES: Panel[ResourceType] = Panel(
    slug="resource-types",
    title=gettext_lazy("Resource types"),
    noun=gettext_lazy("resource type"),
    nouns=gettext_lazy("resource types"),
    group="orchestration",
    icon="package",
    service=heat.SERVICE,
    about=gettext_lazy("What templates may make in this cloud."),
    rows=list_types,
    row=stack_templates.get_resource_type,
    raw=stack_templates.get_resource_type_json,
    columns=(
        NAME,
        column("service", gettext_lazy("Service"), sort="service"),
    ),
    filters=(Filter(key="service", label=gettext_lazy("A service"), hint="service:nova"),),
    leads=(
        Lead(
            label=gettext_lazy("Create a stack"),
            url_name="stacks:make",
            query=lambda kind: {"type": kind.id},
            icon="plus",
            is_primary=True,
        ),
    ),
    tabs=(
        Tab(slug="schema", label=gettext_lazy("Properties"), template="stacks/schema.html", load=schema),
        Tab(
            slug="template",
            label=gettext_lazy("As a template"),
            template="ui/json.html",
            load=skeleton,
            # Heat's policy lets readers see the properties alone.
            is_offered=lambda cloud, kind: may(cloud, MEMBER),
        ),
    ),
    lookup=TYPES,
    default_sort="name",
    id_pattern="[A-Za-z0-9:._-]+",
    is_minor=True,
)


def list_versions(cloud: Cloud, query: Query) -> Page[TemplateVersion]:
    """One page of the versions."""
    return VERSIONS.page(stack_templates.list_versions(cloud), query, default_sort="name")


def functions(cloud: Cloud, version: TemplateVersion) -> Mapping[str, Any]:
    return {"functions": version.functions}


TEMPLATE_VERSIONS: Panel[TemplateVersion] = Panel(
    slug="template-versions",
    title=gettext_lazy("Template versions"),
    noun=gettext_lazy("template version"),
    nouns=gettext_lazy("template versions"),
    group="orchestration",
    icon="versions",
    service=heat.SERVICE,
    about=gettext_lazy("The versions of the template language that Heat reads, each with its functions."),
    rows=list_versions,
    row=stack_templates.get_version,
    raw=stack_templates.get_version_json,
    columns=(
        NAME,
        column("kind", gettext_lazy("Kind"), sort="kind"),
        column("aliases", gettext_lazy("Also called"), lambda version: list(version.aliases), LIST),
    ),
    filters=(Filter(key="kind", label=gettext_lazy("Kind"), choices=(("hot", "HOT"), ("cfn", "CFN"))),),
    tabs=(Tab(slug="functions", label=gettext_lazy("Functions"), template="stacks/functions.html", load=functions),),
    lookup=VERSIONS,
    default_sort="name",
    is_default_descending=True,
    id_pattern="[A-Za-z0-9._-]+",
    is_minor=True,
)
