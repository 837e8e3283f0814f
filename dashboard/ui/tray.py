"""The tray of operations: what you set going in this scope, how far it is, how it ended; on every page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.auth.redirects import safe_path
from dashboard.auth.scopes import home_of, urls_for
from dashboard.live import job_store, jobs, watch
from dashboard.live import operations as log
from dashboard.live.job_store import Job
from dashboard.live.kinds import KINDS
from dashboard.live.operations import Operation
from dashboard.ui import grants, search
from dashboard.ui.labels import worded

FAILURES = 200
"""Things that did not work out, of those that one job's page lists."""
SHOWN = 20
"""Operations that are listed; older ones are forgotten within a day anyway."""


def _recent(request: Request) -> list[Operation | Job]:
    """The latest operations and jobs, in the reader's language.

    While one runs its kind is kept fresh, so that it ends on pages that don't show it too.
    """
    cloud, person = cloud_of(request), request.person
    if person is None:
        return []
    found = log.recent(cloud, person.id)
    running = {item.kind for item in found if item.is_running and item.kind in KINDS}
    for kind in running:
        if request.held is not None:
            watch.look(cloud, request.held.id_hash, kind)
    both: list[Operation | Job] = [
        *jobs.recent(cloud, person.id),
        *(log.recent(cloud, person.id) if running else found),
    ]
    both.sort(key=lambda item: item.began_at, reverse=True)
    return [worded(item) for item in both[:SHOWN]]


@quiet
@never_cache
@require_GET
def operations(request: Request) -> HttpResponse:
    """The tray's list; a page of its own for browsers without JavaScript."""
    found = _recent(request)
    context = {
        "operations": found,
        "running": sum(item.is_running for item in found),
        "has_ended": any(not item.is_running for item in found),
    }
    return render(request, "ui/tray.html" if request.htmx else "ui/tray_page.html", context)


@never_cache
@require_POST
def dismiss(request: Request) -> HttpResponse:
    """Takes the operations named by ``id`` off the list; all that ended, if none is named."""
    if request.person is not None:
        ids = request.POST.getlist("id")[: log.KEPT]
        log.dismiss(cloud_of(request), request.person.id, *ids)
        job_store.dismiss(cloud_of(request), request.person.id, *ids)
    if request.htmx:
        return trigger_client_event(HttpResponse(), "operations", {})
    home = home_of(request.scope, request.region) if request.scope is not None else "/"
    return HttpResponseRedirect(safe_path(request, request.POST.get("next", "")) or home)


def _job(request: Request, job_id: str) -> Job:
    """One of this person's own jobs here. Raises Http404 and Away."""
    cloud = cloud_of(request)
    found = job_store.get(cloud, cloud.access.person.id, job_id)
    if found is None:
        raise Http404
    return found


@quiet
@never_cache
@require_GET
def job(request: Request, job_id: str) -> HttpResponse:
    """A job: its card alone for HTMX; else a page with what failed and why."""
    found = _job(request, job_id)
    context: dict[str, Any] = {"operation": worded(found)}
    if request.htmx and request.htmx.target != "dialog-body":
        return render(request, "ui/job.html", context)
    context |= {"failures": job_store.failures(job_id, FAILURES), "most": FAILURES}
    return render(request, "ui/job_page.html#dialog" if request.htmx else "ui/job_page.html", context)


@never_cache
@require_POST
def job_cancel(request: Request, job_id: str) -> HttpResponse:
    """Begins nothing more of a job."""
    cloud = cloud_of(request)
    jobs.cancel(cloud, cloud.access.person.id, _job(request, job_id).id)
    if request.htmx:
        response = render(request, "ui/job.html", {"operation": worded(_job(request, job_id))})
        return trigger_client_event(response, "operations", {})
    return HttpResponseRedirect(urls_for(request, "ui-scope:job", job_id))


app_name = "ui-scope"
urlpatterns = [
    path("operations/", operations, name="operations"),
    path("operations/dismiss/", dismiss, name="operations-dismiss"),
    path("jobs/<slug:job_id>/", job, name="job"),
    path("jobs/<slug:job_id>/cancel/", job_cancel, name="job-cancel"),
    path("search/", search.search, name="search"),
    path("who-grants/", grants.who, name="grants"),
]
"""Below each scope: what no panel owns."""
