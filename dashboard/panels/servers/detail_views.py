"""What a server's page fetches when it is asked to: more of the log, older activity, an action's steps."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import re_path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.cloud.errors import CloudError, Conflict, NotFound
from dashboard.cloud.server_activity import get_action, get_console_log
from dashboard.cloud.servers import get_server
from dashboard.panels.servers.tabs import (
    TABS,
    TAIL,
    TAILS,
    activity_context,
    blamed_for,
    entry_of,
    fitting,
    log_context,
)
from dashboard.ui.errors import fault_of

FOLLOWED = 300
"""Lines that are asked for when a log is followed: more than a guest prints between two looks."""


@never_cache
@require_GET
def log(request: Request, row_id: str) -> HttpResponse:
    """The console log: ``?lines=`` a number, or "all"; ``?format=text`` gives a file."""
    asked = request.GET.get("lines", str(TAIL))
    lines = None if asked == "all" else int(asked) if asked in map(str, TAILS) else TAIL
    cloud = cloud_of(request)
    if request.GET.get("format") == "text":
        found = get_console_log(cloud, id=row_id, lines=lines)
        # Never a document of ours: what a guest prints is a stranger's text.
        response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="console-{row_id}.txt"'
        response["X-Content-Type-Options"] = "nosniff"
        return response
    context: dict[str, object] = {"row_id": row_id}
    try:
        context |= log_context(cloud, row_id, lines)
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
    return _shown(request, row_id, "servers/log.html", _("Console log"), context)


@quiet
@never_cache
@require_GET
def tail(request: Request, row_id: str) -> HttpResponse:
    """The end of the console log as plain text, for a page that follows it; 204 while there is none."""
    try:
        found = get_console_log(cloud_of(request), id=row_id, lines=FOLLOWED)
    except (Conflict, NotFound):
        return HttpResponse(status=204)
    response = HttpResponse(fitting(found).text, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


SETTLE = 6
"""So many times a part comes anew by itself after something was done to it; while it moves, it goes on."""
PARTS = ("network", "volumes", "security-groups", "migrations")


@quiet
@never_cache
@require_GET
def part(request: Request, row_id: str, slug: str) -> HttpResponse:
    """A part of the page as it is now: ``?settle=`` says how often it is to come anew though nothing moves."""
    tab = next((item for item in TABS if item.slug == slug and slug in PARTS), None)
    if tab is None:
        raise Http404
    cloud = cloud_of(request)
    server = get_server(cloud, row_id)
    if not tab.is_offered(cloud, server):
        raise Http404
    asked = request.GET.get("settle", "")
    settle = min(SETTLE, int(asked)) - 1 if asked.isdecimal() and len(asked) < 3 else 0
    context: dict[str, object] = {"row_id": row_id, "row": server, "settle": max(0, settle)}
    try:
        context |= tab.load(cloud, server)
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
    return _shown(request, row_id, tab.template, str(tab.label), context)


@never_cache
@require_GET
def activity(request: Request, row_id: str) -> HttpResponse:
    """Older actions, after the one with the request id ``?after=``."""
    cloud = cloud_of(request)
    server = get_server(cloud, row_id)
    context: dict[str, object] = {"row_id": row_id, "row": server}
    try:
        context |= activity_context(cloud, server, request.GET.get("after", ""))
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
    return _shown(request, row_id, "servers/activity.html", _("Activity"), context)


@never_cache
@require_GET
def steps(request: Request, row_id: str, request_id: str) -> HttpResponse:
    """One action with its steps."""
    cloud = cloud_of(request)
    server = get_server(cloud, row_id)
    action = get_action(cloud, id=row_id, request_id=request_id)
    if not action.request_id:
        raise Http404
    entry = entry_of(action, server, cloud.access.person.id, blamed=blamed_for(server, (action,)))
    context: dict[str, object] = {"row_id": row_id, "row": server, "entries": [entry], "entry": entry, "is_open": True}
    if request.htmx:
        return render(request, "servers/activity_entry.html", context)
    return _shown(request, row_id, "servers/activity.html", _("Activity"), context)


def _shown(request: Request, row_id: str, template: str, title: str, context: dict[str, object]) -> HttpResponse:
    if request.htmx:
        return render(request, template, context)
    return render(request, "servers/part_page.html", {**context, "part": template, "part_title": title})


_ID = "(?P<row_id>[0-9a-fA-F-]{32,36})"
DETAIL_URLS = (
    re_path(rf"^{_ID}/log/$", log, name="log"),
    re_path(rf"^{_ID}/log/tail/$", tail, name="log-tail"),
    re_path(rf"^{_ID}/part/(?P<slug>[a-z-]{{1,30}})/$", part, name="part"),
    re_path(rf"^{_ID}/activity/$", activity, name="activity"),
    re_path(rf"^{_ID}/activity/(?P<request_id>req-[0-9a-zA-Z-]{{1,64}})/$", steps, name="steps"),
)
