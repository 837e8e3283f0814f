"""What every request and answer gets: an id, safe headers, proof that it is from this site, and errors in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.translation import gettext as _

from dashboard.auth import pages, websso
from dashboard.auth.http import Request
from dashboard.cloud import identity, transport
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.store import Away
from dashboard.ui import errors, roles_here
from dashboard.ui.static import build

GetResponse = Callable[[HttpRequest], HttpResponse]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()"
    ),
}


def request_id(get_response: GetResponse) -> GetResponse:
    """Gives each request an id that logs have, that goes upstream, and that the browser sees."""

    def middleware(request: HttpRequest) -> HttpResponse:
        own_id = f"req-{uuid.uuid4()}"
        request.id = own_id  # type: ignore[attr-defined]
        mark = transport.request_id.set(own_id)
        try:
            response = get_response(request)
        finally:
            transport.request_id.reset(mark)
        response["X-Request-ID"] = own_id
        return response

    return middleware


def security_headers(get_response: GetResponse) -> GetResponse:
    """Headers that django's SecurityMiddleware and django-csp don't know; what is not a file is never kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("X-Build", build())
        # A shared browser's cache and Back button must not show what somebody saw before signing out.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


class Compression(GZipMiddleware):
    """Compresses pages that were asked for by GET.

    Compression gives away secrets that stand beside what an attacker can have reflected
    (BREACH). The form's token is masked anew in each answer, Django pads what it
    compresses at random, and what is shown once (private keys, passwords) answers a POST.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, smaller where the browser takes it."""
        # What is passed on as it comes (an image's data) has a length to be kept, and is large.
        if request.method not in SAFE_METHODS or not settings.COMPRESS_PAGES or response.streaming:
            return response
        return super().process_response(request, response)


def same_origin(get_response: GetResponse) -> GetResponse:
    """Refuses what another site has a browser send. The form's token is asked for as well, by Django."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE_METHODS and not is_same_origin(request) and not websso.is_answer(request):
            return errors.plain(
                request,
                403,
                _("The form was not accepted"),
                _("It was sent from another site. Open the page here and send it again."),
            )
        return get_response(request)

    return middleware


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the browser says that this site sent it. What is no browser says neither; it has nobody's cookies."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    parts = urlsplit(origin)
    return parts.netloc == request.get_host() and parts.scheme == request.scheme


class CloudErrors:
    """Turns what views let through, a CloudError or Away, into a page or fragment that says it in words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to an exception; None for what only a 500 is honest about."""
        if isinstance(error, Away):
            return pages.away(request)
        if isinstance(error, Unauthorized):
            return _unauthorized(cast(Request, request), error)
        return errors.page(request, error) if isinstance(error, CloudError) else None


def cloud_errors(get_response: GetResponse) -> CloudErrors:
    """The middleware, by the name that settings have it under."""
    return CloudErrors(get_response)


def _unauthorized(request: Request, error: Unauthorized) -> HttpResponse:
    """The token was revoked: a new one is fetched, or sign in again. If Keystone still takes it, it is the service that
    is at fault."""
    if request.held is None or request.cloud is None:
        return errors.page(request, error)
    if identity.is_valid(request.cloud.access):
        return errors.page(request, error)
    try:
        answer = roles_here.refused(request)
    except Away:
        return pages.away(request)
    if answer is not None:
        return answer
    request.held.end()
    return pages.sign_in_first(request)
