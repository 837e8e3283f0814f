"""How far a new project is, and what could not be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboard.auth.http import Request, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud.project_create import Step
from dashboard.live import projects as live
from dashboard.panels.new_project.views import allowed
from dashboard.ui.quota_sections import TITLES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

LABELS: dict[str, StrOrPromise] = {
    "project": gettext_lazy("Project"),
    "member": gettext_lazy("Member"),
    "quotas": gettext_lazy("Quotas"),
    "network": gettext_lazy("Network"),
    "subnet": gettext_lazy("Subnet"),
    "router": gettext_lazy("Router to"),
    "interface": gettext_lazy("The router's interface on"),
}


def _said(step: Step) -> tuple[StrOrPromise, StrOrPromise, str, str]:
    """The kind, the name, the state and the reason of a step."""
    kind, _colon, rest = step.key.partition(":")
    name = TITLES.get(rest, step.name) if kind == "quotas" else step.name
    why = step.why
    if why.startswith("needs:"):
        why = _("Left out: what it needs could not be made.")
    return LABELS[kind], name, step.state, why


@quiet
@never_cache
@require_GET
def show(request: Request, id: str) -> HttpResponse:
    """What was made so far: the part that changes for HTMX, else the page."""
    found = live.making(allowed(request), id)
    if found is None:
        raise Http404
    errand, work = found
    context = {
        "errand": errand,
        "work": work,
        "steps": [_said(step) for step in work.steps],
        "url": urls_for(request, "new-project:progress", id),
        "again_url": urls_for(request, "new-project:again", id),
    }
    return render(request, "new_project/part.html" if request.htmx else "new_project/progress.html", context)


@require_POST
def again(request: Request, id: str) -> HttpResponse:
    """Tries what failed once more; what is done stays."""
    cloud = allowed(request)
    found = live.making(cloud, id)
    if found is None:
        raise Http404
    errand, work = found
    target = live.begin_making(cloud, work.again()) if errand.is_over and not work.is_done else id
    return HttpResponseRedirect(urls_for(request, "new-project:progress", target))
