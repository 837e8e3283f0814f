"""What a stack's page shows besides its facts: outputs, resources, events, the template, snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.cloud import stack_actions, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.stack_parts import Event, Resource, get_source, list_events, list_resources, progress_of
from dashboard.cloud.stacks import Output, Stack, get_stack
from dashboard.panels.stacks.making import as_text
from dashboard.panels.stacks.topology import drawing_of
from dashboard.panels.stacks.words import is_secret, links_in, place_of, shown, status_of
from dashboard.ui.panel import Tab
from dashboard.ui.values import Link, Status

EVENTS = 50
MASK = "••••••••"


@dataclass(frozen=True)
class ShownOutput:
    """An output as people read it; ``is_long`` takes several lines."""

    output: Output
    text: str
    links: tuple[str, ...]
    is_secret: bool

    @property
    def is_long(self) -> bool:
        return "\n" in self.text or len(self.text) > 120


def outputs_of(stack: Stack) -> list[ShownOutput]:
    """The outputs, by name."""
    found = []
    for output in sorted(stack.outputs, key=lambda item: item.name):
        text = shown(output.value)
        found.append(ShownOutput(output, text, tuple(links_in(output.value)), is_secret(output.name)))
    return found


@dataclass(frozen=True)
class ShownResource:
    """A resource in the tree, ``depth`` below the stack's own."""

    resource: Resource
    status: Status
    place: Link
    depth: int


def tree_of(resources: Sequence[Resource], stack: Stack) -> list[ShownResource]:
    """The resources with those of nested stacks below the one that nests them."""
    by_stack: dict[str, list[Resource]] = {}
    for resource in resources:
        by_stack.setdefault(resource.stack_id or stack.id, []).append(resource)
    found: list[ShownResource] = []

    def add(stack_id: str, depth: int) -> None:
        for resource in sorted(by_stack.pop(stack_id, []), key=lambda item: item.name):
            status = status_of(resource.status, resource.reason)
            found.append(ShownResource(resource, status, place_of(resource), depth))
            if resource.nested_id:
                add(resource.nested_id, depth + 1)

    add(stack.id, 0)
    # Those whose place in the tree is not told come last.
    for rest in list(by_stack):
        add(rest, 1)
    return found


def overview(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    """Outputs first; what failed, and how far it got, where that is the question."""
    context: dict[str, Any] = {"outputs": outputs_of(stack), "stack": stack}
    if stack.is_failed or stack.is_transitional:
        resources = list_resources(cloud, stack.name, stack.id)
        context["progress"] = progress_of(resources, stack.action)
        context["failed"] = [item for item in tree_of(resources, stack) if item.resource.is_failed]
    return context


def resources(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    return {"resources": tree_of(list_resources(cloud, stack.name, stack.id), stack)}


@dataclass(frozen=True)
class ShownEvent:
    event: Event
    status: Status


def _events(cloud: Cloud, stack: Stack, marker: str = "") -> dict[str, Any]:
    found = list_events(cloud, stack.name, stack.id, limit=EVENTS + 1, marker=marker)
    rows = [ShownEvent(item, status_of(item.status)) for item in found[:EVENTS]]
    older = rows[-1].event.id if len(found) > EVENTS else ""
    return {"events": rows, "older": older, "is_moving": stack.is_transitional, "stack": stack}


def events(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    return _events(cloud, stack)


def template(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    """What it was made from; what the template calls hidden stays so."""
    source = get_source(cloud, stack.name, stack.id)
    asked = wire.mapping(source.template.get("parameters"))
    hidden = {name for name, item in asked.items() if wire.flag(wire.mapping(item).get("hidden"))}
    environment = dict(source.environment)
    for part in ("parameters", "parameter_defaults"):
        given = wire.mapping(environment.get(part))
        if given:
            environment[part] = {name: MASK if name in hidden else value for name, value in given.items()}
    return {
        "template": as_text(source.template),
        "environment": as_text(environment),
        "files": sorted(source.files.items()),
        "parameters": sorted(stack.own_parameters.items()),
    }


def topology(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    found = list_resources(cloud, stack.name, stack.id, depth=0)
    return {"drawing": drawing_of(found), "resources": tree_of(found, stack)}


def snapshots(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    found = stack_actions.list_snapshots(cloud, stack)
    return {"snapshots": [(item, status_of(f"SNAPSHOT_{item.status}", item.reason)) for item in found]}


TABS: tuple[Tab[Stack], ...] = (
    Tab(slug="overview", label=gettext_lazy("Overview"), template="stacks/overview.html", is_live=True, load=overview),
    Tab(
        slug="resources",
        label=gettext_lazy("Resources"),
        template="stacks/resources.html",
        is_live=True,
        load=resources,
    ),
    Tab(slug="events", label=gettext_lazy("Events"), template="stacks/events.html", is_live=True, load=events),
    Tab(slug="topology", label=gettext_lazy("Topology"), template="stacks/topology.html", load=topology),
    Tab(slug="template", label=gettext_lazy("Template"), template="stacks/template.html", load=template),
    Tab(slug="snapshots", label=gettext_lazy("Snapshots"), template="stacks/snapshots.html", load=snapshots),
)


def _stack(request: Request, row_id: str) -> Stack:
    try:
        return get_stack(cloud_of(request), row_id)
    except NotFound as error:
        raise Http404 from error


@quiet
@require_GET
def progress(request: Request, row_id: str) -> HttpResponse:
    """How far it got, alone: asked for again by itself while something is done."""
    stack = _stack(request, row_id)
    context = {"row": stack, **overview(cloud_of(request), stack)}
    return render(request, "stacks/progress.html", context)


@require_GET
def more_events(request: Request, row_id: str) -> HttpResponse:
    """Further events, before the one that ``after`` names; or the newest again."""
    stack = _stack(request, row_id)
    context = {"row": stack, **_events(cloud_of(request), stack, request.GET.get("after", "")[:64])}
    name = "stacks/events_rows.html" if request.GET.get("after") else "stacks/events.html"
    return render(request, name, context)


@require_GET
def export(request: Request) -> HttpResponse:
    """All that Heat knows of a stack, as a file that ``openstack stack adopt`` takes."""
    stack = _stack(request, request.GET.get("id", ""))
    body = stack_actions.export_stack(cloud_of(request), replace(stack))
    response = JsonResponse(body, json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{stack.id}.json"'
    response["Cache-Control"] = "no-store"
    return response
