"""Making and changing a stack: the template is read by Heat, its parameters become a form, and nothing is lost."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import stack_actions, stack_templates
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Invalid, NotFound, Unauthorized
from dashboard.cloud.stack_actions import Order
from dashboard.cloud.stack_parts import get_source
from dashboard.cloud.stacks import Stack, get_stack
from dashboard.live import operations, watch
from dashboard.panels.stacks.commands import command, covered
from dashboard.panels.stacks.forms import KEPT, PREFIX, SourceForm, StackForm
from dashboard.panels.stacks.preview import changes_of, made_by
from dashboard.panels.stacks.shown import as_text
from dashboard.panels.stacks.wrong import wrong_with
from dashboard.ui.acting import request_shown
from dashboard.ui.errors import told
from dashboard.ui.forms import refused
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.sending import UNKNOWN, finish, key_of, release, sent_before


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    """The page of a new stack."""
    return _page(request, None)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: Request) -> HttpResponse:
    """The page that changes a stack (``id``): it begins with what the stack was made from."""
    try:
        stack = get_stack(cloud_of(request), request.GET.get("id", "") or request.POST.get("id", ""))
    except NotFound as error:
        raise Http404 from error
    return _page(request, stack)


def _page(request: Request, stack: Stack | None) -> HttpResponse:
    cloud = cloud_of(request)
    why_not = why_not_allowed(request, MEMBER)
    if request.method != "POST":
        return _first(request, cloud, stack, why_not)
    if why_not:
        raise PermissionDenied(why_not)
    source = SourceForm(request.POST, request.FILES)
    if not source.is_valid():
        return _show(request, stack, source, None, status=422)
    order = source.order()
    try:
        template = stack_templates.validate(cloud, order)
    except Unauthorized:
        raise
    except CloudError as error:
        return _unread(request, stack, source, error)
    form = StackForm(
        # A template that is read for the first time has no parameters yet that anything was typed for.
        request.POST if "parameters" in request.POST else None,
        cloud=cloud,
        template=template,
        known=stack.own_parameters if stack is not None else {},
        is_update=stack is not None,
        initial=_initial(stack),
    )
    if form.is_bound and "read" in request.POST:
        form.unbind()
    if not form.is_bound:
        return _show(request, stack, source, form)
    if not form.is_valid():
        return _show(request, stack, source, form, status=422)
    order = _whole(order, form, stack)
    if "preview" in request.POST:
        return _previewed(request, stack, source, form, order)
    if "show" in request.POST:
        hidden = frozenset(item.name for item in template.parameters.values() if item.is_hidden)
        words = command(order, stack_id=stack.id if stack is not None else "", hidden=hidden)
        shown = request_shown(request, functools.partial(_send, cloud, stack, covered(order, hidden)), words)
        if request.htmx:
            return render(request, "ui/request.html", shown)
        return _show(request, stack, source, form, more=shown)
    return _made(request, stack, source, form, order)


def _first(request: Request, cloud: Cloud, stack: Stack | None, why_not: str) -> HttpResponse:
    initial: dict[str, Any] = {"source": request.GET.get("source", "text")}
    kept: Mapping[str, str] = {}
    fault = ""
    kind = request.GET.get("type", "")
    if stack is None and kind:
        try:
            initial["template"] = as_text(stack_templates.get_resource_type_template(cloud, kind))
        except Unauthorized:
            raise
        except CloudError as error:
            fault = told(error)
    if stack is not None:
        try:
            found = get_source(cloud, stack.name, stack.id)
        except Unauthorized:
            raise
        except CloudError as error:
            fault = told(error)
        else:
            # The parameters have fields of their own.
            environment = {key: value for key, value in found.environment.items() if key != "parameters"}
            initial |= {"template": as_text(found.template), "environment": as_text(environment)}
            kept = found.files
    form = SourceForm(initial=initial)
    form.kept = dict(kept)
    return _show(request, stack, form, None, why_not=why_not, more={"unread": fault})


def _initial(stack: Stack | None) -> dict[str, Any]:
    if stack is None:
        return {}
    return {
        "timeout_minutes": stack.timeout_minutes,
        "is_rollback_on": stack.is_rollback_on,
        "tags": ", ".join(stack.tags),
    }


def _whole(order: Order, form: StackForm, stack: Stack | None) -> Order:
    data = form.cleaned_data
    return replace(
        order,
        name=stack.name if stack is not None else data["name"],
        parameters=form.parameters(),
        timeout_minutes=data["timeout_minutes"],
        is_rollback_on=data["is_rollback_on"],
        tags=data["tags"],
        is_patch=form.keeps(),
        cleared=form.cleared() if form.keeps() else (),
    )


def _unread(request: Request, stack: Stack | None, source: SourceForm, error: CloudError) -> HttpResponse:
    """Heat does not take the template: said at its field, with the line where that is known."""
    if not isinstance(error, Invalid):
        source.add_error(None, told(error))
        return _show(request, stack, source, None, status=422)
    wrong = wrong_with(source.order(), error.message)
    source.add_error(wrong.field, error.message or told(error))
    return _show(request, stack, source, None, status=422, more={"wrong": wrong})


def _previewed(
    request: Request, stack: Stack | None, source: SourceForm, form: StackForm, order: Order
) -> HttpResponse:
    cloud = cloud_of(request)
    try:
        if stack is None:
            more: dict[str, Any] = {"preview": made_by(cloud, stack_actions.preview_stack(cloud, order))}
        else:
            more = {"changes": changes_of(stack_actions.preview_update(cloud, stack, order))}
    except Unauthorized:
        raise
    except CloudError as error:
        more = _refused(form, order, error)
        return _show(request, stack, source, form, status=422, more=more)
    return _show(request, stack, source, form, more=more)


def _send(cloud: Cloud, stack: Stack | None, order: Order) -> Stack:
    if stack is None:
        return stack_actions.create_stack(cloud, order)
    stack_actions.update_stack(cloud, stack, order)
    return stack


def _made(request: Request, stack: Stack | None, source: SourceForm, form: StackForm, order: Order) -> HttpResponse:
    cloud, key = cloud_of(request), key_of(request)
    before = sent_before(key)
    if before is not None:
        if before and before != UNKNOWN:
            return HttpResponseRedirect(before)
        form.add_error(None, _("This was sent already: look at the list before you send it again."))
        return _show(request, stack, source, form, status=422, again=new_once())
    try:
        made = _send(cloud, stack, order)
    except Unauthorized:
        release(key)
        raise
    except CloudError as error:
        more = _refused(form, order, error)
        if error.is_unknown_outcome:
            finish(key, UNKNOWN)
            form.add_error(None, _("It may have been made all the same: look at the list before you send it again."))
        else:
            release(key)
        return _show(request, stack, source, form, status=422, again=new_once(), more=more)
    target = urls_for(request, "stacks:detail", made.id)
    watch.acted(cloud, "stacks", ids=[made.id])
    if request.person is not None:
        label = _("Updating the stack %(name)s") if stack is not None else _("Creating the stack %(name)s")
        operations.begin(
            request.person.id,
            cloud,
            verb="update" if stack is not None else "create",
            kind="stacks",
            ids=[made.id],
            label=label % {"name": made.name},
            url=urls_for(request, "stacks:index"),
            name=made.name,
        )
    finish(key, target)
    return HttpResponseRedirect(target)


def _refused(form: StackForm, order: Order, error: CloudError) -> dict[str, Any]:
    """On the parameter that Heat names, else at the top, with the line of the template where that is known."""
    if isinstance(error, Invalid):
        for name in form.template.parameters:
            if f"Parameter '{name}'" in error.message or f"parameter '{name}'" in error.message:
                form.add_error(PREFIX + name, error.message)
                return {}
    refused(form, error)
    wrong = wrong_with(order, error.message) if isinstance(error, Invalid) else None
    return {"wrong_sent": wrong} if wrong is not None and wrong.lines else {}


def _show(
    request: Request,
    stack: Stack | None,
    source: SourceForm,
    form: StackForm | None,
    *,
    why_not: str = "",
    status: int = 200,
    again: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "stack": stack,
        "source": source,
        "form": form,
        "template": form.template if form is not None else None,
        "template_text": _current(source, "template"),
        "environment_text": _current(source, "environment"),
        "kept": sorted(source.kept.items()),
        "kept_prefix": KEPT,
        "why_not": why_not,
        "once": again or request.POST.get("once") or new_once(),
        "index_url": urls_for(request, "stacks:index"),
        "back_url": urls_for(request, "stacks:detail", stack.id) if stack is not None else "",
        **(more or {}),
    }
    return render(request, "stacks/make.html", context, status=status)


def _current(source: SourceForm, name: str) -> str:
    """A text as it is now: what an uploaded file had, else what stands in the field."""
    if source.is_bound:
        cleaned = getattr(source, "cleaned_data", {})
        return str(cleaned.get(name) or source.data.get(name, ""))
    return str(source.initial.get(name, ""))
