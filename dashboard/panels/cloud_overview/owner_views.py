"""Whose is it? Anything in any project, by id, name, address or MAC address, with its owner."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import owners
from dashboard.cloud.owners import Found
from dashboard.live.names import project_names, user_names
from dashboard.ui import registry
from dashboard.ui.errors import service_name
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import ADMIN, Place

LONGEST = 200
KINDS: dict[str, tuple[Any, str]] = {
    "server": (gettext_lazy("Server"), "all-servers"),
    "volume": (gettext_lazy("Volume"), "all-volumes"),
    "snapshot": (gettext_lazy("Volume snapshot"), "snapshots"),
    "image": (gettext_lazy("Image"), "all-images"),
    "network": (gettext_lazy("Network"), "all-networks"),
    "subnet": (gettext_lazy("Subnet"), "subnets"),
    "port": (gettext_lazy("Port"), "all-ports"),
    "router": (gettext_lazy("Router"), "all-routers"),
    "floating-ip": (gettext_lazy("Floating IP"), "all-floating-ips"),
    "security-group": (gettext_lazy("Security group"), "all-security-groups"),
    "project": (gettext_lazy("Project"), "projects"),
    "user": (gettext_lazy("User"), "users"),
}
"""What is found: its word, and the panel that has a page of it."""


@require_GET
def index(request: Request) -> HttpResponse:
    """The form, and with ``?q=`` what was found."""
    cloud = cloud_of(request)
    refusal = why_not_allowed(request, ADMIN)
    if refusal:
        raise PermissionDenied(refusal)
    text = request.GET.get("q", "").strip()[:LONGEST]
    context: dict[str, Any] = {"text": text, "kind": owners.kind_of(text)}
    if text:
        answer = owners.find(cloud, text)
        projects = project_names(cloud)
        people = user_names(cloud, [item.user_id for item in answer.found if item.kind != "user"])
        context |= {
            "rows": [_row(request, item, projects.get(item.project_id, ""), people) for item in answer.found],
            "missing": ", ".join(service_name(service) for service in answer.missing),
            "has_more": answer.has_more,
        }
    return render(request, "cloud_overview/owner.html", context)


def _row(request: Request, item: Found, project: str, people: Any) -> dict[str, Any]:
    return {
        "item": item,
        "kind": KINDS[item.kind][0],
        "url": _page(request, item.kind, item.id),
        "project": project,
        "project_url": _page(request, "project", item.project_id),
        "user": people.get(item.user_id, ""),
        "user_url": _page(request, "user", item.user_id),
        "used_kind": KINDS[item.used_kind][0] if item.used_kind else "",
        "used_url": _page(request, item.used_kind, item.used_id) if item.used_kind else "",
    }


def _page(request: Request, kind: str, id: str) -> str:
    """The page of something; "" if there is none."""
    panel = registry.panel(KINDS[kind][1])
    if panel is None or panel.row is None or not id:
        return ""
    try:
        return urls_for(request, f"{panel.slug}:detail", id)
    except NoReverseMatch:
        return ""


PLACE = Place(
    slug="find-owner",
    title=gettext_lazy("Find an owner"),
    group="admin",
    icon="search",
    roles=ADMIN,
    urls=(path("", index, name="index"),),
    is_in_menu=False,
    asks=gettext_lazy("Whose is “%(text)s”? Look in all projects"),
)
