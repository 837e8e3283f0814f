"""One resource of a stack: what Heat knows of it, what happened to it, and telling Heat that it is broken or done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import stack_actions as do
from dashboard.cloud import stack_parts, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.parallel import later
from dashboard.cloud.stack_parts import Resource
from dashboard.cloud.stacks import Stack, get_brief
from dashboard.panels.stacks.shown import value_of
from dashboard.panels.stacks.words import place_of, status_of, titles
from dashboard.ui.forms import answered
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER, Action

Data = Mapping[str, Any]
SIGNALLED = ("WaitConditionHandle", "ScalingPolicy", "Deployment", "Deployments", "DeploymentGroup", "Workflow")
"""The ends of the names of types that wait for a signal."""
DONE = '{"status": "SUCCESS"}'
"""What a wait condition waits for."""


class ResourceForm(forms.Form):
    """One of the stack's own resources."""

    resource = forms.ChoiceField(label=gettext_lazy("Resource"))

    def __init__(self, *args: Any, rows: Sequence[Stack] = (), cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if cloud is None or not rows:
            return
        asked = later(lambda: stack_parts.list_resources(cloud, rows[0].name, rows[0].id, depth=0))
        field = self.fields["resource"]
        assert isinstance(field, forms.ChoiceField)
        found = sorted(item.name for item in answered(self, "resource", asked) if self.takes(item))
        field.choices = [(name, name) for name in found]
        if not found and not field.help_text:
            field.help_text = _("There is none that this can be done to.")

    def takes(self, resource: Resource) -> bool:
        """Whether it can be done to this resource."""
        return True


class UnhealthyForm(ResourceForm):
    reason = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=255)
    is_well = forms.BooleanField(label=gettext_lazy("It is well again: take the mark away"), required=False)


class SignalForm(ResourceForm):
    data = forms.CharField(  # type: ignore[assignment]
        label=gettext_lazy("What it is told"),
        required=False,
        help_text=gettext_lazy("A JSON object. A wait condition takes status, reason, id and data."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        initial=DONE,
    )

    def takes(self, resource: Resource) -> bool:
        return is_signalled(resource)

    def clean_data(self) -> dict[str, Any]:
        try:
            found = json.loads(self.cleaned_data["data"] or "{}")
        except ValueError as error:
            raise forms.ValidationError(_("This is no JSON: %(error)s") % {"error": str(error)[:120]}) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("This is no JSON object."))
        return found


def is_signalled(resource: Resource) -> bool:
    """Whether a resource waits for signals."""
    return resource.type.endswith(SIGNALLED)


def _mark(cloud: Cloud, stack: Stack, data: Data) -> None:
    do.mark_unhealthy(cloud, stack, data["resource"], data["reason"], is_unhealthy=not data["is_well"])


def _mark_command(stack: Stack, data: Data) -> list[str]:
    words = ["openstack", "stack", "resource", "mark", "unhealthy"]
    words += ["--reset"] if data["is_well"] else []
    return [*words, stack.id, data["resource"], *([data["reason"]] if data["reason"] else [])]


def _signal_command(stack: Stack, data: Data) -> list[str]:
    words = ["openstack", "stack", "resource", "signal", "--data", json.dumps(data["data"])]
    return [*words, stack.id, data["resource"]]


MARK: Action[Stack] = Action(
    slug="mark-unhealthy",
    label=gettext_lazy("Mark a resource unhealthy"),
    run=_mark,
    says=lambda stacks: _("The next update of %(name)s will make this resource anew.") % {"name": titles(stacks)},
    form=UnhealthyForm,
    icon="alert-triangle",
    is_bulk=False,
    started=gettext_lazy("Marked"),
    cli=_mark_command,
)
SIGNAL: Action[Stack] = Action(
    slug="signal",
    label=gettext_lazy("Send a signal"),
    run=lambda cloud, stack, data: do.signal(cloud, stack, data["resource"], data["data"]),
    says=lambda stacks: (
        _("A resource of %(name)s will be told that what it waits for has happened.") % {"name": titles(stacks)}
    ),
    form=SignalForm,
    icon="activity",
    is_bulk=False,
    started=gettext_lazy("Signal sent"),
    cli=_signal_command,
)


@require_GET
def resource(request: Request, row_id: str) -> HttpResponse:
    """The page of one resource (``name``)."""
    cloud, name = cloud_of(request), request.GET.get("name", "")
    try:
        stack = get_brief(cloud, row_id)
        events = later(lambda: stack_parts.list_resource_events(cloud, stack.name, stack.id, name))
        body = stack_parts.get_resource_json(cloud, stack.name, stack.id, name)
    except NotFound as error:
        raise Http404 from error
    found = Resource.from_json(body)
    attributes = sorted(wire.mapping(body.get("attributes")).items())
    query = urlencode({"id": stack.id, "resource": found.name})
    why_not = why_not_allowed(request, MEMBER)
    acts = [(MARK, f"{urls_for(request, 'stacks:act', MARK.slug)}?{query}")]
    if is_signalled(found):
        acts.insert(0, (SIGNAL, f"{urls_for(request, 'stacks:act', SIGNAL.slug)}?{query}"))
    context = {
        "stack": stack,
        "resource": found,
        "status": status_of(found.status, found.reason),
        "place": place_of(found, cloud),
        "created": wire.moment(body.get("creation_time")),
        "attributes": [value_of(key, value) for key, value in attributes if value not in (None, "", [], {})],
        "events": [(item, status_of(item.status)) for item in events.or_else([])],
        "acts": [(action, url, why_not) for action, url in acts],
        "index_url": urls_for(request, "stacks:index"),
        "stack_url": f"{urls_for(request, 'stacks:detail', stack.id)}?tab=resources",
    }
    return render(request, "stacks/resource.html", context)
