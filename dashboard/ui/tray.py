"""The tray of operations: what you set going in this scope, how far it is, how it ended; on every page."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.auth.redirects import safe_path
from dashboard.auth.scopes import home_of
from dashboard.live import operations as log
from dashboard.live import watch
from dashboard.live.kinds import KINDS
from dashboard.live.operations import Operation
from dashboard.ui import search

SHOWN = 20
"""Operations that are listed; older ones are forgotten within a day anyway."""


def _recent(request: Request) -> list[Operation]:
    """The latest operations. While one runs its kind is kept fresh, so that it ends on pages that don't show it too."""
    cloud, person = cloud_of(request), request.person
    if person is None:
        return []
    found = log.recent(cloud, person.id)
    running = {item.kind for item in found if item.is_running and item.kind in KINDS}
    for kind in running:
        if request.held is not None:
            watch.look(cloud, request.held.id_hash, kind)
    return (log.recent(cloud, person.id) if running else found)[:SHOWN]


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
        log.dismiss(cloud_of(request), request.person.id, *request.POST.getlist("id")[: log.KEPT])
    if request.htmx:
        return trigger_client_event(HttpResponse(), "operations", {})
    home = home_of(request.scope, request.region) if request.scope is not None else "/"
    return HttpResponseRedirect(safe_path(request, request.POST.get("next", "")) or home)


app_name = "ui-scope"
urlpatterns = [
    path("operations/", operations, name="operations"),
    path("operations/dismiss/", dismiss, name="operations-dismiss"),
    path("search/", search.search, name="search"),
]
"""Below each scope: what no panel owns."""
