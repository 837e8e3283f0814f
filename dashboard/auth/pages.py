"""The pages that stand in for what somebody asked for: sign in first, switch first, come back in a moment."""

from __future__ import annotations

import json
import random
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.auth.entering import delete_cookie
from dashboard.auth.kept import keep
from dashboard.auth.redirects import safe_redirect
from dashboard.cloud.connection import Scope

RETRY_SECONDS = 5


def away(request: HttpRequest) -> HttpResponse:
    """503 while the store does not answer. The cookie stays: nobody is signed out for that.

    It tries again by itself, at a time of its own so that not all browsers come at once.
    """
    seconds = RETRY_SECONDS + random.randrange(10)  # noqa: S311 (jitter, no secret)
    if is_fragment(request):
        response = HttpResponse(_("The dashboard can't be used just now."), status=503, content_type="text/plain")
        response["HX-Reswap"] = "none"
    else:
        context = {"seconds": seconds, "site_name": settings.SITE_NAME, "can_repeat": request.method in {"GET", "HEAD"}}
        response = HttpResponse(render_to_string("auth/away.html", context), status=503)
    response["Retry-After"] = str(seconds)
    return response


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """No session. A page leads to sign-in and back; a fragment leaves its page whole and has it open a dialog; a form
    that was sent is kept."""
    had_session = bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    if is_fragment(request):
        response = HttpResponse(_("Sign in again."), status=401, content_type="text/plain")
        response["HX-Reswap"] = "none"
        response["HX-Trigger"] = json.dumps({"signInAgain": {"url": reverse("auth:sign-in")}})
        return response
    if request.method in {"GET", "HEAD"}:
        query = {"next": request.get_full_path()} if request.get_full_path() != "/" else {}
        if had_session:
            query["why"] = "ended"
        url = reverse("auth:sign-in")
        response = safe_redirect(request, f"{url}?{urlencode(query)}" if query else url)
    else:
        from dashboard.auth.views import sign_in_page

        response = sign_in_page(request, status=401, why="ended", kept=keep(request), next_path=_page_of(request))
    if had_session:
        delete_cookie(response)
    return response


def switch_first(
    request: HttpRequest, scope: Scope, region: str, *, error: str = "", status: int = 200
) -> HttpResponse:
    """The URL's scope is one that no token is held for yet; a GET never fetches one."""
    if is_fragment(request):
        response = HttpResponse(_("Reload the page."), status=409, content_type="text/plain")
        response["HX-Refresh"] = "true"
        return response
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else _page_of(request)
    context = {"wanted": scope, "wanted_region": region, "next": back, "error": error}
    return render(request, "auth/switch.html", context, status=status)


def unknown_region(request: HttpRequest, region: str, scope: Scope, regions: tuple[str, ...]) -> HttpResponse:
    """404 for a region that this cloud does not have, with those that it has."""
    context = {"region_name": region, "wanted": scope, "regions": regions}
    return render(request, "auth/no_region.html", context, status=404)


def is_fragment(request: HttpRequest) -> bool:
    """Whether a script asked, so that an answer with a whole page would be of no use."""
    if request.headers.get("HX-Request") == "true":
        return request.headers.get("HX-Boosted") != "true"
    return request.headers.get("Sec-Fetch-Dest") == "empty"


def _page_of(request: HttpRequest) -> str:
    """The page that a form was on, if the browser says."""
    from urllib.parse import urlsplit

    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
