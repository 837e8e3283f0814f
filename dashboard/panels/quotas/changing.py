"""Changing quotas: all services' in one form, each service's outcome told apart; back to the defaults; the defaults."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import quotas
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.project_search import Named
from dashboard.panels.quotas.views import project_of
from dashboard.ui.errors import told
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import ADMIN
from dashboard.ui.quota_fields import QuotasForm
from dashboard.ui.quota_sections import TITLES, label_of, sections

CHANGEABLE = ("compute", "block-storage")
"""Whose defaults can be changed by their API."""


def _allowed(request: Request) -> Cloud:
    """Raises PermissionDenied for others than administrators."""
    if why_not := why_not_allowed(request, ADMIN):
        raise PermissionDenied(why_not)
    return cloud_of(request)


def _address(request: Request, project: Named) -> str:
    return f"{urls_for(request, 'quotas:index')}?project={project.id}"


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request) -> HttpResponse:
    """All of a project's quotas in one form."""
    cloud = _allowed(request)
    project = project_of(cloud, request.GET.get("project", ""))
    found = quotas.list_quotas(cloud, project.id)
    given = request.POST if request.method == "POST" else None
    form = QuotasForm(given, found=found)
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "faults": [section for section in sections(cloud, found) if section.fault],
        "here": request.get_full_path(),
        "back": _address(request, project),
    }
    if given is None:
        return render(request, "quotas/edit.html", context)
    if not form.is_valid():
        return render(request, "quotas/edit.html", context, status=422)
    below = form.below_use()
    if below and "force" not in given:
        return render(request, "quotas/edit.html", context | {"below": [label_of(line) for line in below]}, status=422)
    forced = {line.service for line in below}
    calls = {
        service: functools.partial(quotas.set_quotas, cloud, service, project.id, limits, force=service in forced)
        for service, limits in form.changes().items()
    }
    failed = _done(cloud, calls, form)
    if not failed:
        _say(request, calls, _("Saved: %(services)s."))
        return HttpResponseRedirect(context["back"])
    saved = [str(TITLES[service]) for service in calls if service not in failed]
    return render(request, "quotas/edit.html", context | {"saved": saved}, status=422)


def _done(cloud: Cloud, calls: Mapping[str, Callable[[], None]], form: QuotasForm) -> set[str]:
    """The services that did not do it; the form says why. What others did stays done."""
    failed: set[str] = set()
    for service, call in calls.items():
        try:
            call()
        except Unauthorized:
            raise
        except CloudError as error:
            failed.add(service)
            words = {"service": TITLES[service], "why": told(error, cloud)}
            form.add_error(None, _("%(service)s: not saved. %(why)s") % words)
    return failed


def _say(request: Request, calls: Mapping[str, Any], text: str) -> None:
    if calls:
        messages.success(request, text % {"services": ", ".join(str(TITLES[service]) for service in calls)})
    else:
        messages.info(request, _("Nothing was changed."))


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: Request) -> HttpResponse:
    """Asks first; then all of a project's quotas are the defaults again."""
    cloud = _allowed(request)
    project = project_of(cloud, request.GET.get("project", ""))
    context: dict[str, Any] = {
        "project": project,
        "here": request.get_full_path(),
        "back": _address(request, project),
        "services": [str(TITLES[service]) for service in quotas.offered(cloud)],
    }
    if request.method != "POST":
        return render(request, "quotas/reset.html", context)
    form = QuotasForm(request.POST, found=())
    form.is_valid()
    calls = {
        service: functools.partial(quotas.reset_quotas, cloud, service, project.id) for service in quotas.offered(cloud)
    }
    if _done(cloud, calls, form):
        return render(request, "quotas/reset.html", context | {"errors": form.non_field_errors()}, status=422)
    _say(request, calls, _("Back to the defaults: %(services)s."))
    return HttpResponseRedirect(context["back"])


@require_http_methods(["GET", "HEAD", "POST"])
def defaults(request: Request) -> HttpResponse:
    """What every project has for which nothing else was set."""
    cloud = _allowed(request)
    found = quotas.list_defaults(cloud)
    given = request.POST if request.method == "POST" else None
    form = QuotasForm(given, found=found, only=CHANGEABLE)
    shown = sections(cloud, found)
    context: dict[str, Any] = {
        "form": form,
        "network": next((section for section in shown if section.service == "network" and not section.fault), None),
        "faults": [section for section in shown if section.fault],
        "here": request.get_full_path(),
    }
    if given is None:
        return render(request, "quotas/defaults.html", context)
    if not form.is_valid():
        return render(request, "quotas/defaults.html", context, status=422)
    calls = {
        service: functools.partial(quotas.set_defaults, cloud, service, limits)
        for service, limits in form.changes().items()
    }
    failed = _done(cloud, calls, form)
    if failed:
        saved = [str(TITLES[service]) for service in calls if service not in failed]
        return render(request, "quotas/defaults.html", context | {"saved": saved}, status=422)
    _say(request, calls, _("Defaults saved: %(services)s."))
    return HttpResponseRedirect(urls_for(request, "quotas:defaults"))
