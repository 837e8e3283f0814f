"""The plan of a teardown, which changes nothing; its beginning, by the project's name; and how far it is."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.project_contents import Contents, get_project, list_contents
from dashboard.cloud.project_search import search
from dashboard.cloud.project_teardown import Teardown
from dashboard.live import projects as live
from dashboard.live.store import Away
from dashboard.panels.teardown.words import blocks, going, not_covered, own_steps, plan
from dashboard.ui.errors import fault_of
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import ADMIN
from dashboard.ui.sending import finish, key_of, release, sent_before


class ConfirmForm(forms.Form):
    """That it is meant: the project's name, typed."""

    name = forms.CharField(label=gettext_lazy("The project's name"), max_length=255, strip=False)
    is_deleted = forms.BooleanField(
        label=gettext_lazy("Delete the project itself at the end"), required=False, initial=True
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, project_name: str, mark: str, is_only_region: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project_name, self.mark = project_name, mark
        self.fields["name"].help_text = _("Type %(name)s to confirm.") % {"name": project_name}
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.initial["seen"] = mark
        # What is in other regions would belong to nobody.
        self.initial["is_deleted"] = is_only_region

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name != self.project_name:
            raise forms.ValidationError(_("This is not the project's name."))
        return name

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("seen") != self.mark:
            # The form is shown anew beside the plan as it is now.
            self.data = {key: self.data.get(key, "") for key in self.data} | {"seen": self.mark}
            raise forms.ValidationError(
                _("What it holds has changed since you looked. Look at the plan again, please.")
            )
        return data


def _allowed(request: Request) -> Cloud:
    """Raises PermissionDenied for others than administrators in a project: the services take no other token."""
    if why_not := why_not_allowed(request, ADMIN):
        raise PermissionDenied(why_not)
    cloud = cloud_of(request)
    if not cloud.project_id:
        raise PermissionDenied(_("This needs a project in which you have the role admin: switch to it first."))
    return cloud


def mark_of(found: Contents) -> str:
    """Tells one plan from another."""
    names = sorted(f"{thing.kind}:{thing.id}" for thing in found.things)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:24]


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """Without a project: which one. GET shows the plan, POST with the project's name begins."""
    cloud = _allowed(request)
    wanted = request.GET.get("project", "")
    if not wanted:
        return render(request, "teardown/choose.html", _matching(cloud, request.GET.get("q", "")))
    project = get_project(cloud, wanted)
    name = wire.text(project.get("name"))
    context: dict[str, Any] = {"project": project, "here": request.get_full_path()}
    if project["id"] == cloud.project_id:
        why = _("This is the project that you work in: it would lock you out. Switch to another one first.")
        return render(request, "teardown/index.html", context | {"why_not": why})
    found = list_contents(cloud, project["id"])
    form = ConfirmForm(
        request.POST if request.method == "POST" else None,
        project_name=name,
        mark=mark_of(found),
        is_only_region=len(cloud.access.catalog.regions) < 2,
    )
    last = live.last_teardown(cloud, project["id"])
    context |= {
        "plan": plan(cloud, found),
        "blocks": blocks(cloud, found),
        "total": len(found.things),
        "not_covered": not_covered(cloud),
        "form": form,
        "last": last,
        "last_url": urls_for(request, "teardown:progress", last.id) if last else "",
        "once": request.POST.get("once") or new_once(),
    }
    if request.method != "POST":
        return render(request, "teardown/index.html", context)
    if not form.is_valid():
        return render(request, "teardown/index.html", context, status=422)
    key = key_of(request)
    before = sent_before(key)
    if before is not None:
        return HttpResponseRedirect(before or urls_for(request, "teardown:index"))
    work = Teardown.of(project["id"], name, found.things, is_deleted_last=form.cleaned_data["is_deleted"])
    try:
        url = urls_for(request, "teardown:progress", live.begin_teardown(cloud, work))
    except Away:
        release(key)
        form.add_error(None, _("Nothing was done: what is needed to follow it does not answer at the moment."))
        return render(request, "teardown/index.html", context, status=503)
    finish(key, url)
    return HttpResponseRedirect(url)


@never_cache
@require_GET
def projects(request: Request) -> HttpResponse:
    """Projects by a part of the name, while it is typed."""
    found = _matching(_allowed(request), request.GET.get("q", ""))
    return render(request, "teardown/projects.html" if request.htmx else "teardown/choose.html", found)


def _matching(cloud: Cloud, text: str) -> dict[str, Any]:
    text = text.strip()[:100]
    if not text:
        return {}
    try:
        return {"q": text, "found": search(cloud, "projects", text)}
    except Unauthorized:
        raise
    except CloudError as error:
        return {"q": text, "search_fault": fault_of(error, cloud)}


@quiet
@never_cache
@require_GET
def progress(request: Request, id: str) -> HttpResponse:
    """How far it is: the part that changes for HTMX, else the page."""
    cloud = _allowed(request)
    found = live.teardown(cloud, id)
    if found is None:
        raise Http404
    errand, work = found
    context = {
        "errand": errand,
        "work": work,
        "kinds": going(work),
        "own": list(own_steps(work)),
        "total": len(work.items),
        "percent": round(100 * work.gone / len(work.items)) if work.items else 100,
        "url": urls_for(request, "teardown:progress", id),
        "again_url": urls_for(request, "teardown:again", id),
        "is_stopped": errand.is_over and not work.is_over,
    }
    return render(request, "teardown/part.html" if request.htmx else "teardown/progress.html", context)


@require_POST
def again(request: Request, id: str) -> HttpResponse:
    """Goes on with what is still there: looked for anew, so that nothing is done twice."""
    cloud = _allowed(request)
    found = live.teardown(cloud, id)
    if found is None:
        raise Http404
    errand, before = found
    if not errand.is_over:
        return HttpResponseRedirect(urls_for(request, "teardown:progress", id))
    things = list_contents(cloud, before.project_id).things
    work = Teardown.of(before.project_id, before.project_name, things, is_deleted_last=before.is_deleted_last)
    return HttpResponseRedirect(urls_for(request, "teardown:progress", live.begin_teardown(cloud, work)))
