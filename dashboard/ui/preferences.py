"""What a person prefers: light or dark, and the language. Cookies keep it, so it holds before signing in as well."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from dashboard.auth import public, safe_redirect
from dashboard.ui.shell import THEMES

YEAR = 365 * 24 * 3600


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Sets the theme and goes back to the page. static/js/forms.js sets the same cookie without leaving the page."""
    response = safe_redirect(request, request.POST.get("next"))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=settings.COOKIES_SECURE)
    return response


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Sets the language and goes back to the page."""
    response = safe_redirect(request, request.POST.get("next"))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.COOKIES_SECURE,
            httponly=True,
        )
    return response
