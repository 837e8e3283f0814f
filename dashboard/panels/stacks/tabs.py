"""What a stack's page shows besides its facts: outputs, resources, events, the template, snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.cloud import heat, stack_actions, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.parallel import later
from dashboard.cloud.stack_parts import Event, Resource, get_source, list_events, list_resources, progress_of
from dashboard.cloud.stacks import Stack, get_brief
from dashboard.panels.stacks.shown import as_text, covered, masked, outputs_of, value_of
from dashboard.panels.stacks.topology import drawing_of
from dashboard.panels.stacks.words import place_of, status_of
from dashboard.ui.panel import MEMBER, Tab, may
from dashboard.ui.values import Link, Status

EVENTS = 50


@dataclass(frozen=True)
class ShownResource:
    """A resource in the tree, ``depth`` below the stack's own; ``path`` are the names of those that it is nested in."""

    resource: Resource
    status: Status
    place: Link
    depth: int
    path: tuple[str, ...] = ()


def tree_of(cloud: Cloud, resources: Sequence[Resource], stack: Stack) -> list[ShownResource]:
    """The resources with those of nested stacks below the one that nests them."""
    by_stack: dict[str, list[Resource]] = {}
    for resource in resources:
        by_stack.setdefault(resource.stack_id or stack.id, []).append(resource)
    found: list[ShownResource] = []

    def add(stack_id: str, path: tuple[str, ...]) -> None:
        for resource in sorted(by_stack.pop(stack_id, []), key=lambda item: item.name):
            status = status_of(resource.status, resource.reason)
            found.append(ShownResource(resource, status, place_of(resource, cloud), len(path), path))
            if resource.nested_id:
                add(resource.nested_id, (*path, resource.name))

    add(stack.id, ())
    # Those whose place in the tree is not told come last.
    while by_stack:
        rest, items = next(iter(by_stack.items()))
        add(rest, tuple(item.parent for item in items[:1]))
    return found


def _got(cloud: Cloud, stack: Stack) -> dict[str, Any]:
    """How far what is being done got, and what failed, where that is the question."""
    if not (stack.is_failed or stack.is_transitional):
        return {"stack": stack}
    resources = list_resources(cloud, stack.name, stack.id)
    progress = progress_of(resources, stack.action)
    failed = {(item.stack_id, item.name) for item in progress.failed}
    pinned = [
        item for item in tree_of(cloud, resources, stack) if (item.resource.stack_id, item.resource.name) in failed
    ]
    return {"stack": stack, "progress": progress, "failed": pinned}


def overview(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    """Outputs first; what failed, and how far it got."""
    parameters = [value_of(name, value) for name, value in stack.own_parameters.items()]
    return {**_got(cloud, stack), "outputs": outputs_of(stack), "parameters": parameters}


def resources(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    return {"resources": tree_of(cloud, list_resources(cloud, stack.name, stack.id), stack), "stack": stack}


@dataclass(frozen=True)
class ShownEvent:
    """An event; ``nested`` names the stack that it happened in, where that is another than the page's."""

    event: Event
    status: Status
    nested: str


def _events(cloud: Cloud, stack: Stack, marker: str = "") -> dict[str, Any]:
    found = list_events(cloud, stack.name, stack.id, limit=EVENTS + 1, marker=marker)
    rows = [
        ShownEvent(item, status_of(item.status), item.stack_name if item.stack_name != stack.name else "")
        for item in found[:EVENTS]
    ]
    older = rows[-1].event.id if len(found) > EVENTS else ""
    return {"events": rows, "older": older, "stack": stack}


def events(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    got = later(lambda: _got(cloud, stack))
    return {**_events(cloud, stack), **got.or_else({})}


def _hidden(template: Mapping[str, Any]) -> frozenset[str]:
    """The parameters that a template hides, in Heat's own language or in CloudFormation's."""
    return frozenset(
        name
        for part, key in (("parameters", "hidden"), ("Parameters", "NoEcho"))
        for name, item in wire.mapping(template.get(part)).items()
        if wire.flag(wire.mapping(item).get(key))
    )


def template(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    """What it was made from; what the template calls hidden stays so, and so does what looks secret."""
    source = get_source(cloud, stack.name, stack.id)
    hidden = _hidden(source.template)
    environment = dict(source.environment)
    for part in ("parameters", "parameter_defaults"):
        given = wire.mapping(environment.get(part))
        if given:
            environment[part] = covered(given, hidden)
    return {
        "template": as_text(source.template),
        "environment": as_text(environment),
        "files": sorted(source.files.items()),
    }


def topology(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    found = list_resources(cloud, stack.name, stack.id, depth=0)
    needs: dict[str, list[str]] = {item.name: [] for item in found}
    for item in found:
        for other in item.required_by:
            needs.setdefault(other, []).append(item.name)
    rows = [(item, sorted(needs[item.resource.name])) for item in tree_of(cloud, found, stack)]
    return {"drawing": drawing_of(found), "rows": rows, "stack": stack}


def snapshots(cloud: Cloud, stack: Stack) -> Mapping[str, Any]:
    found = stack_actions.list_snapshots(cloud, stack)
    rows = [(item, status_of(f"SNAPSHOT_{item.status}", item.reason)) for item in found]
    return {"snapshots": rows, "stack": stack, "may_change": may(cloud, MEMBER)}


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
    Tab(
        slug="snapshots",
        label=gettext_lazy("Snapshots"),
        template="stacks/snapshots.html",
        is_live=True,
        load=snapshots,
    ),
)


def get_json(cloud: Cloud, id: str) -> Mapping[str, Any]:
    """A stack as Heat gives it, but for what looks secret. Raises CloudError."""
    return masked(heat.get_stack_json(cloud, id))


@quiet
@require_GET
def progress(request: Request, row_id: str) -> HttpResponse:
    """How far it got, alone: asked for again by itself while something is done."""
    try:
        context = _got(cloud_of(request), get_brief(cloud_of(request), row_id))
    except NotFound:
        # It was deleted meanwhile; the page says so by itself.
        return HttpResponse()
    return render(request, "stacks/progress.html", context)


@quiet
@require_GET
def more_events(request: Request, row_id: str) -> HttpResponse:
    """Further events, before the one that ``after`` names; or the newest again, with how far it got."""
    cloud, marker = cloud_of(request), request.GET.get("after", "")[:64]
    try:
        stack = get_brief(cloud, row_id)
        if marker:
            return render(request, "stacks/events_rows.html", _events(cloud, stack, marker))
        return render(request, "stacks/events.html", dict(events(cloud, stack)))
    except NotFound:
        return HttpResponse()


@require_GET
def export(request: Request) -> HttpResponse:
    """All that Heat knows of a stack, as a file that it can be adopted with."""
    try:
        stack = get_brief(cloud_of(request), request.GET.get("id", ""))
    except NotFound as error:
        raise Http404 from error
    body = stack_actions.export_stack(cloud_of(request), stack)
    response = JsonResponse(body, json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{stack.id}.json"'
    response["Cache-Control"] = "no-store"
    return response
