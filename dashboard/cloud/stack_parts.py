"""What a stack is made of: resources, events, and the template that it came from.

Follows the Orchestration Service API v1, "Stack resources", "Stack events", "Stacks".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import heat, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later

DEPTH = 5
"""Levels of nested stacks that are looked into; Heat's own limit by default."""
PAGE = 50
"""Events of one resource at most."""
MOST = 1000
"""Resources of one stack that a page has at most; Heat's own limit by default."""


def _links(item: Mapping[str, Any]) -> dict[str, str]:
    return {wire.text(link.get("rel")): wire.text(link.get("href")) for link in wire.objects(item.get("links"))}


def _stack_in(links: Mapping[str, str]) -> tuple[str, str]:
    """The name and the id of the stack that something belongs to, by its link; "" where that is not told."""
    name, _slash, id = links.get("stack", "").rpartition("/stacks/")[2].partition("/")
    return (name, id) if id else ("", "")


@dataclass(frozen=True)
class Resource:
    """One thing that a stack makes. ``physical_id`` is the thing's own id at its service, "" before it is made."""

    name: str
    type: str
    status: str
    reason: str = ""
    physical_id: str = ""
    updated: datetime | None = None
    required_by: tuple[str, ...] = ()
    description: str = ""
    stack_name: str = ""
    stack_id: str = ""
    parent: str = ""
    """The name of the resource whose nested stack it is in, "" at the top."""
    nested_id: str = ""
    """The stack that it is itself."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Resource:
        links = _links(item)
        stack_name, stack_id = _stack_in(links)
        nested = links.get("nested", "").rstrip("/").rsplit("/", 1)[-1]
        return cls(
            name=wire.text(item.get("resource_name")),
            type=wire.text(item.get("resource_type")),
            status=wire.text(item.get("resource_status")),
            reason=wire.text(item.get("resource_status_reason")),
            physical_id=wire.text(item.get("physical_resource_id")),
            updated=wire.moment(item.get("updated_time")),
            required_by=wire.texts(item.get("required_by")),
            description=wire.text(item.get("description")),
            stack_name=stack_name,
            stack_id=stack_id,
            parent=wire.text(item.get("parent_resource")),
            nested_id=nested,
        )

    @property
    def is_failed(self) -> bool:
        return self.status.endswith("_FAILED")


@dataclass(frozen=True)
class Event:
    """Something that happened to a stack or to one of its resources."""

    id: str
    moment: datetime | None
    resource: str
    status: str
    reason: str = ""
    physical_id: str = ""
    stack_name: str = ""
    """The stack that it happened in, which may be a nested one."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Event:
        return cls(
            stack_name=_stack_in(_links(item))[0],
            id=wire.text(item.get("id")),
            moment=wire.moment(item.get("event_time")),
            resource=wire.text(item.get("resource_name")),
            status=wire.text(item.get("resource_status")),
            reason=wire.text(item.get("resource_status_reason")),
            physical_id=wire.text(item.get("physical_resource_id")),
        )


@dataclass(frozen=True)
class Source:
    """What a stack was made from, as Heat keeps it."""

    template: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def list_resources(cloud: Cloud, name: str, id: str, *, depth: int = DEPTH) -> list[Resource]:
    """The resources of a stack and of those nested in it, ``MOST`` at most. Raises CloudError."""
    path = f"{heat.stack_path(name, id)}/resources"
    found = heat.some(cloud, path, "resources", nested_depth=depth or None)
    return [Resource.from_json(item) for item in found[:MOST]]


def get_resource_json(cloud: Cloud, name: str, id: str, resource: str) -> heat.JSON:
    """One resource with its attributes. Raises CloudError."""
    answer = cloud.get(heat.SERVICE, f"{heat.stack_path(name, id)}/resources/{wire.path_id(resource)}")
    return dict(wire.mapping(answer.get("resource")))


def list_resource_events(cloud: Cloud, name: str, id: str, resource: str) -> list[Event]:
    """What happened to one resource, the newest first. Raises CloudError."""
    path = f"{heat.stack_path(name, id)}/resources/{wire.path_id(resource)}/events"
    return [Event.from_json(item) for item in heat.some(cloud, path, "events", limit=PAGE, sort_dir="desc")]


def list_events(cloud: Cloud, name: str, id: str, *, limit: int, marker: str = "") -> list[Event]:
    """The latest events of a stack and of those nested in it, the newest first. Raises CloudError."""
    found = heat.some(
        cloud,
        f"{heat.stack_path(name, id)}/events",
        "events",
        limit=limit,
        marker=marker or None,
        sort_dir="desc",
        nested_depth=DEPTH,
    )
    return [Event.from_json(item) for item in found]


def get_source(cloud: Cloud, name: str, id: str) -> Source:
    """The template, the environment and the files that a stack was made from, side by side. Raises CloudError."""
    path = heat.stack_path(name, id)
    template = later(lambda: cloud.get(heat.SERVICE, f"{path}/template"))
    environment = later(lambda: cloud.get(heat.SERVICE, f"{path}/environment"))
    files = later(lambda: cloud.get(heat.SERVICE, f"{path}/files"))
    return Source(
        template=template.value,
        environment=_own(environment.value),
        files={name: text for name, text in files.or_else({}).items() if isinstance(text, str)},
    )


def _own(environment: Mapping[str, Any]) -> Mapping[str, Any]:
    """An environment without the empty parts that Heat adds."""
    kept = {key: value for key, value in environment.items() if value and key != "encrypted_param_names"}
    if kept.get("resource_registry") == {"resources": {}}:
        del kept["resource_registry"]
    return kept


@dataclass(frozen=True)
class Progress:
    """How far what is being done to a stack got: ``done`` of ``total`` resources."""

    done: int
    total: int
    failed: tuple[Resource, ...] = ()


def progress_of(resources: Sequence[Resource], action: str) -> Progress:
    """How many resources have come through ``action`` ("CREATE"), and which failed."""
    done = sum(resource.status == f"{action}_COMPLETE" for resource in resources)
    return Progress(done, len(resources), failed_of(resources))


def failed_of(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources that failed themselves: not those which only nest one that did."""
    failed = [resource for resource in resources if resource.is_failed]
    within = {resource.stack_id for resource in failed}
    return tuple(resource for resource in failed if not resource.nested_id or resource.nested_id not in within)
