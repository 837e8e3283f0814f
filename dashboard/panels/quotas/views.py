"""The page of one project's quotas, and the search for another project's."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.project_search import Named, get_project, search
from dashboard.cloud.quotas import list_quotas
from dashboard.ui.errors import fault_of
from dashboard.ui.panel import ADMIN, may
from dashboard.ui.quota_sections import notes, sections


def project_of(cloud: Cloud, wanted: str) -> Named:
    """The project that is meant: the one in scope, or for an administrator the one that is named. Raises CloudError."""
    scope = cloud.access.scope
    if not wanted or wanted == scope.id:
        return Named(scope.id, scope.name, scope.domain_id)
    if not may(cloud, ADMIN):
        # What is not in this project is not for others to see.
        raise NotFound(service="identity")
    return get_project(cloud, wanted)


@require_GET
def index(request: Request) -> HttpResponse:
    """A project's quotas with their use."""
    cloud = cloud_of(request)
    project = project_of(cloud, request.GET.get("project", ""))
    found = list_quotas(cloud, project.id)
    context: dict[str, Any] = {
        "project": project,
        "is_own": project.id == cloud.project_id,
        "sections": sections(cloud, found),
        "notes": notes(found),
        "is_admin": may(cloud, ADMIN),
        "here": request.get_full_path(),
    }
    if context["is_admin"] and request.GET.get("q"):
        context |= _matching(cloud, request.GET.get("q", ""))
    return render(request, "quotas/index.html", context)


@never_cache
@require_GET
def projects(request: Request) -> HttpResponse:
    """Projects by a part of the name, while it is typed; a page of its own without scripts."""
    if not request.htmx:
        return index(request)
    cloud = cloud_of(request)
    found = _matching(cloud, request.GET.get("q", "")) if may(cloud, ADMIN) else {}
    return render(request, "quotas/projects.html", found)


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
