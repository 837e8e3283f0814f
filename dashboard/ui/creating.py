"""Making something new: the form, and the sending of it, once; what was typed stays when the service refuses."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, retarget

from dashboard.auth.http import Request
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.live import watch
from dashboard.ui.acting import given_in, next_of, request_shown, said
from dashboard.ui.forms import made, refused
from dashboard.ui.offers import address, new_once, why_not_allowed, why_not_here
from dashboard.ui.panel import Create, Panel
from dashboard.ui.sending import UNKNOWN, finish, key_of, release, sent_before


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request, panel: Panel[Any], index: int = 0) -> HttpResponse:
    """The panel's form for something new; what was typed stays when the service refuses."""
    choices = [item for item in (panel.create, *panel.also) if item is not None and item.form is not None]
    if index >= len(choices) or request.cloud is None:
        raise Http404
    chosen: Create = choices[index]
    assert chosen.form is not None
    assert chosen.run is not None
    why_not_role = why_not_allowed(request, chosen.roles)
    why_not = why_not_here(request, panel, chosen)
    if request.method != "POST":
        form = made(chosen.form, cloud=request.cloud, initial=given_in(request))
        return _form(request, panel, chosen, form, why_not)
    if why_not_role:
        raise PermissionDenied(why_not_role)
    form = made(chosen.form, request.POST, request.FILES, cloud=request.cloud)
    if why_not or not form.is_valid():
        return _form(request, panel, chosen, form, why_not, status=422)
    if "show" in request.POST:
        command = chosen.cli(form.cleaned_data) if chosen.cli else ()
        context = request_shown(request, functools.partial(chosen.run, request.cloud, form.cleaned_data), command)
        if request.htmx:
            return render(request, "ui/request.html", context)
        return _form(request, panel, chosen, form, why_not, more=context)
    key = key_of(request)
    before = sent_before(key)
    if before == "":
        return said(request, panel, _("This was sent already, and is being done."), level="info")
    if before == UNKNOWN:
        form.add_error(None, _look_first())
        return _form(request, panel, chosen, form, why_not, status=422, again=new_once())
    if before is not None:
        return _to(request, before)
    try:
        row = chosen.run(request.cloud, form.cleaned_data)
    except Unauthorized:
        release(key)
        raise
    except CloudError as error:
        refused(form, error)
        if not error.is_unknown_outcome:
            release(key)
            return _form(request, panel, chosen, form, why_not, status=422)
        finish(key, UNKNOWN)
        form.add_error(None, _look_first())
        # Who reads that, and sends it all the same, means it.
        return _form(request, panel, chosen, form, why_not, status=422, again=new_once())
    if panel.live:
        watch.acted(request.cloud, panel.live)
    has_page = row is not None and row.id and panel.row is not None
    target = address(request, panel, "detail", row.id) if has_page else address(request, panel, "index")
    finish(key, target)
    return _to(request, target)


def _look_first() -> str:
    return _("It may have been made all the same: look at the list before you send it again.")


def _to(request: Request, target: str) -> HttpResponse:
    return HttpResponseClientRedirect(target) if request.htmx else HttpResponseRedirect(target)


def _form(
    request: Request,
    panel: Panel[Any],
    chosen: Create,
    form: forms.Form,
    why_not: str,
    *,
    status: int = 200,
    again: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "panel": panel,
        "create": chosen,
        "form": form,
        "why_not": why_not,
        # A template would call what is asked for by name.
        "can_show": chosen.run is not None,
        "once": again or request.POST.get("once") or new_once(),
        "url": request.path,
        "next": next_of(request, panel),
        **(more or {}),
    }
    response = render(request, "ui/create.html#dialog" if request.htmx else "ui/create.html", context, status=status)
    return retarget(response, "#dialog-body") if "show" in request.POST and request.htmx else response
