"""Opening a server's console, and the password that its guest encrypted for one key alone."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import re_path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from dashboard.auth.http import Request, cloud_of, held_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.server_access import KINDS, Console, get_password, open_console
from dashboard.cloud.servers import get_server
from dashboard.live import once
from dashboard.panels.servers.insight_tabs import CONSOLES, refused_words
from dashboard.ui.errors import fault_of
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER

AT_ONCE = 5
"""Consoles that one session may open within ``WITHIN`` seconds: the cloud keeps a connection for each (OSSN-0008)."""
WITHIN = 60


@sensitive_variables()
@never_cache
@require_POST
def console(request: Request, row_id: str) -> HttpResponse:
    """A console in a page of its own. Its address is in this answer only, which nobody may store.

    A redirect would be simpler, but the policy on forms forbids it to lead elsewhere.
    """
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise Http404
    why_not = why_not_allowed(request, MEMBER)
    if why_not:
        raise PermissionDenied(why_not)
    cloud = cloud_of(request)
    server = get_server(cloud, row_id)
    words = next(item for item in CONSOLES if item.kind == kind)
    context: dict[str, Any] = {"row": server, "console": words, "back_url": urls_for(request, "servers:detail", row_id)}
    if not _is_allowed(request):
        context["why_none"] = _("That are many consoles for a minute. Wait a little, and try again.")
        return render(request, "servers/console_page.html", context, status=429)
    try:
        found = open_console(cloud, id=row_id, kind=kind)
    except Unauthorized:
        raise
    except CloudError as error:
        context["why_none"] = refused_words(error)
        context["fault"] = fault_of(error, cloud)
        return render(request, "servers/console_page.html", context)
    return _shown(request, found, context)


def _shown(request: Request, found: Console, context: dict[str, Any]) -> HttpResponse:
    """The page, which may speak to just this console's host."""
    context["url"] = found.url
    allowed = {"connect-src": [found.origin]} if found.kind == "serial" else {"frame-src": [found.origin]}

    response = render(request, "servers/console_page.html", context)
    # django-csp's own way to widen the policy of one answer.
    response._csp_update = allowed  # type: ignore[attr-defined]
    # noVNC's files say nothing of being embedded, and would not be shown otherwise.
    response["Cross-Origin-Embedder-Policy"] = "unsafe-none"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def _is_allowed(request: Request) -> bool:
    """Whether this session opened few enough within the last minute; each takes one of ``AT_ONCE`` places."""
    session = held_of(request).id_hash
    return any(once.claim(f"console:{session}:{place}", WITHIN) for place in range(AT_ONCE))


@sensitive_variables()
@never_cache
@require_GET
def password(request: Request, row_id: str) -> HttpResponse:
    """The encrypted password, and what decrypts it in the browser: the private key is never sent here."""
    cloud = cloud_of(request)
    server = get_server(cloud, row_id)
    context: dict[str, Any] = {"row": server, "row_id": row_id, "is_asked": True}
    try:
        context["encrypted"] = get_password(cloud, id=row_id)
    except Unauthorized:
        raise
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
    if request.htmx:
        return render(request, "servers/password.html", context)
    title = _("Windows password")
    return render(request, "servers/part_page.html", {**context, "part": "servers/password.html", "part_title": title})


_ID = "(?P<row_id>[0-9a-fA-F-]{32,36})"
ACCESS_URLS = (
    re_path(rf"^{_ID}/console/$", console, name="console"),
    re_path(rf"^{_ID}/password/$", password, name="password"),
)
