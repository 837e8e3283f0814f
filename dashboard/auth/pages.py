"""The pages that stand in for what somebody asked for: sign in first, switch first, come back in a moment."""

from __future__ import annotations

import json
import random
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.auth.entering import delete_cookie
from dashboard.auth.kept import keep
from dashboard.auth.redirects import safe_path, safe_redirect
from dashboard.auth.store import Held
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
        return _open_dialog()
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
    is_switching = request.path == reverse("auth:switch")
    asked = safe_path(request, request.POST.get("next")) if is_switching else ""
    if is_fragment(request):
        if is_switching:
            return go_on_form(request, scope, region, asked, error=error)
        # The page may have what somebody typed, so it is not reloaded: its dialog asks.
        return _open_dialog()
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else asked or _page_of(request)
    context = {"wanted": scope, "wanted_region": region, "next": back, "error": error}
    return render(request, "auth/switch.html", context, status=status)


def go_on_form(request: HttpRequest, scope: Scope, region: str, page: str, *, error: str = "") -> HttpResponse:
    """The inside of the dialog over a page whose scope no token is held for."""
    context = {"wanted": scope, "wanted_region": region, "next": page, "error": error}
    # htmx shows the answer to a form that failed for 422 alone.
    return render(request, "auth/go_on_dialog.html", context, status=422 if error else 200)


def go_on(request: HttpRequest, held: Held) -> HttpResponse:
    """Closes the dialog: the page below it goes on, with a form token that fits the session."""
    response = HttpResponse(status=200)
    event = {"csrf": get_token(request), "secondsLeft": held.seconds_left, "isLast": held.is_last_stretch}
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = json.dumps({"signedIn": event})
    return response


def _open_dialog() -> HttpResponse:
    """401, and an event that has the page open its dialog; not HX-Redirect, which would cost what was typed."""
    response = HttpResponse(_("Sign in again."), status=401, content_type="text/plain")
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = json.dumps({"signInAgain": {"url": reverse("auth:sign-in")}})
    return response


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
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
