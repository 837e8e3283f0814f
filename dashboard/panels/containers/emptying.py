"""How far the emptying of a container is, on a page of its own."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud.swift import key_of
from dashboard.live import emptying
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER


@quiet
@never_cache
@require_GET
def progress(request: Request, id: str) -> HttpResponse:
    """How far it is: the part that changes for HTMX, else the page."""
    found = emptying.get(cloud_of(request), id)
    if found is None:
        raise Http404
    errand, work = found
    context = {
        "errand": errand,
        "work": work,
        "url": urls_for(request, "containers:emptying", id),
        "stop_url": urls_for(request, "containers:emptying-stop", id),
        "container_url": urls_for(request, "containers:detail", key_of(work.container)),
        "list_url": urls_for(request, "containers:index"),
        "may_stop": not why_not_allowed(request, MEMBER),
        "more": work.failed - len(work.failures),
    }
    return render(request, "containers/emptying.html#part" if request.htmx else "containers/emptying.html", context)


@require_POST
def stop(request: Request, id: str) -> HttpResponse:
    """Deletes nothing more."""
    if why_not := why_not_allowed(request, MEMBER):
        raise PermissionDenied(why_not)
    if emptying.get(cloud_of(request), id) is None:
        raise Http404
    emptying.stop(id)
    return HttpResponseRedirect(urls_for(request, "containers:emptying", id))


emptying_urls = (
    path("emptying/<slug:id>/", progress, name="emptying"),
    path("emptying/<slug:id>/stop/", stop, name="emptying-stop"),
)
