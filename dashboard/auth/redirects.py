"""Where a person is sent next: only ever to a page of this site."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def safe_path(request: HttpRequest, value: str | None) -> str:
    """``value`` as a path with query on this site, or "" if it leads anywhere else or nowhere."""
    value = value or ""
    if not value.startswith("/") or any(ord(char) < 33 or char == "\\" or ord(char) == 127 for char in value):
        return ""
    if not url_has_allowed_host_and_scheme(value, {request.get_host()}, require_https=request.is_secure()):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    # A path of "//evil" or one that decodes to it must not survive a proxy that normalizes.
    if (
        parts.scheme
        or parts.netloc
        or "//" in parts.path
        or "%2f%2f" in parts.path.lower()
        or "%5c" in parts.path.lower()
    ):
        return ""
    if len(value) > 2000:
        return ""
    return parts._replace(fragment="").geturl()


def safe_redirect(request: HttpRequest, value: str | None, default: str = "/") -> HttpResponse:
    """A redirect (303) to ``value`` if that is a page of this site, else to ``default``."""
    response = HttpResponseRedirect(safe_path(request, value) or default)
    response.status_code = 303
    return response
