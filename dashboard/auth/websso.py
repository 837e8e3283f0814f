"""Signing in by an identity provider, through Keystone: there by a link, back by a form of Keystone's.

That form comes from another site, so Django's form token can't be in it. What it takes instead: it is sent from
Keystone's own origin, by the browser that began here a few minutes ago (a sealed cookie), once. The token in it is
shown to Keystone before anything is believed.
"""

from __future__ import annotations

import hashlib
import logging
import math
import secrets
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from dashboard.auth import pages, steps
from dashboard.auth.http import Request, public
from dashboard.auth.limits import TooMany, client_ip, count_try
from dashboard.auth.redirects import safe_path
from dashboard.auth.seal import Seal
from dashboard.cloud import identity
from dashboard.cloud.config import WebSso, config
from dashboard.cloud.errors import CloudError, Forbidden, NotFound, Unauthorized
from dashboard.store import Away, guarded

log = logging.getLogger(__name__)

SECONDS = 15 * 60
"""How long somebody may take at the identity provider."""
BY_COOKIE = "signed-in-by"
"""Which provider somebody came by, so that signing out can say that it may still know them."""


def state_cookie() -> str:
    """The cookie's name; "__Host-" needs Secure."""
    return "__Host-websso" if settings.COOKIES_SECURE else "websso"


def choices() -> list[tuple[int, WebSso]]:
    """The ways that the operator has set, with their numbers."""
    return list(enumerate(config().websso))


def default() -> int | None:
    """The number of the way that is taken without asking."""
    return next((number for number, choice in choices() if choice.label == settings.WEBSSO_DEFAULT), None)


@public
@require_safe
def begin(request: Request, number: int) -> HttpResponse:
    """Leads to Keystone, which leads to the provider. The cookie binds what comes back to this browser."""
    choice = next((choice for place, choice in choices() if place == number), None)
    if choice is None:
        return HttpResponseRedirect(reverse("auth:sign-in"))
    back = request.build_absolute_uri(reverse("auth:websso"))
    # The address is the operator's; nothing of the request but the host, which Django has checked, is in it.
    response = HttpResponseRedirect(f"{choice.start}?origin={quote(back, safe='')}")
    response.status_code = 303
    state = [secrets.token_urlsafe(16), choice.label, safe_path(request, request.GET.get("next"))]
    _set_state(response, Seal("websso").close(state).decode())
    return response


@csrf_exempt
@public
@sensitive_post_parameters()
@require_POST
def answer(request: Request) -> HttpResponse:
    """Keystone's form with the token: into a session, by the same way as everybody."""
    state = Seal("websso").open(request.COOKIES.get(state_cookie(), ""), max_age=SECONDS)
    choice = next((choice for choice in config().websso if state and choice.label == state[1]), None)
    if state is None or choice is None:
        return _again(request, _("This sign-in did not begin in this browser, or it took too long. Start again."), 403)
    if request.headers.get("Origin") != choice.origin:
        return _again(request, _("This did not come from the identity service (Keystone). Start again."), 403)
    mark, _label, next_path = state
    keystone = next((keystone for keystone in config().keystones if keystone.url == choice.keystone), None)
    ip = client_ip(request)
    try:
        counted = count_try(f"websso {choice.keystone}", ip)
    except TooMany as error:
        text = _("Too many tries. Wait %(minutes)s minutes, then try again.")
        response = _again(request, text % {"minutes": math.ceil(error.retry_after / 60)}, 429)
        response["Retry-After"] = str(error.retry_after)
        return response
    try:
        if keystone is None or not _is_first(mark):
            return _again(request, _("This sign-in was used already. Start again."), 403)
        access = identity.of_token(keystone, request.POST.get("token", ""), original_ip=ip)
        response = steps.start(request, access, region=(keystone.regions or ("",))[0], next_path=next_path)
    except CloudError as error:
        if isinstance(error, Unauthorized | Forbidden | NotFound):
            log.info("Sign-in by a provider refused", extra={"ip": ip})
            return _again(request, _("The identity service (Keystone) did not accept the sign-in. Start again."), 403)
        counted.forgive()
        log.warning("Sign-in by a provider failed: %s", type(error).__name__)
        return _again(request, _("The identity service (Keystone) can't be reached or failed. Try again."), 503)
    except Away:
        counted.forgive()
        return pages.away(request)
    counted.forgive()
    _set_state(response, "")
    _set_by(response, quote(choice.label))
    return response


def is_answer(request: HttpRequest) -> bool:
    """Whether another origin may send this: Keystone's form to its own address, and no other."""
    origins = {choice.origin for choice in config().websso}
    return request.path == reverse("auth:websso") and request.headers.get("Origin", "") in origins


def came_by(request: HttpRequest) -> str:
    """The label of the provider that this browser's person came by; "" for a password."""
    value = request.COOKIES.get(BY_COOKIE, "")
    return next((choice.label for choice in config().websso if value and quote(choice.label) == value), "")


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Takes away what says how this browser's person came."""
    if BY_COOKIE in request.COOKIES:
        _set_by(response, "")


def _set_by(response: HttpResponse, value: str) -> None:
    response.set_cookie(
        BY_COOKIE,
        value,
        max_age=None if value else 0,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _is_first(mark: str) -> bool:
    """Whether this sign-in was not finished before. Raises Away."""
    key = f"websso:{hashlib.sha256(mark.encode()).hexdigest()}"
    with guarded() as redis:
        return bool(redis.set(key, "1", nx=True, ex=SECONDS))


def _again(request: HttpRequest, text: str, status: int) -> HttpResponse:
    """The sign-in page with a word why."""
    from dashboard.auth.views import sign_in_page

    response = sign_in_page(request, said=text, status=status)
    _set_state(response, "")
    return response


def _set_state(response: HttpResponse, value: str) -> None:
    """The browser has to bring it with a form that another site sends, which "Lax" forbids; so it holds no secret."""
    response.set_cookie(
        state_cookie(),
        value,
        max_age=SECONDS if value else 0,
        secure=settings.COOKIES_SECURE,
        httponly=True,
        # Without TLS no browser takes "None"; a trial's Keystone is on the same host, which "Lax" lets through.
        samesite="None" if settings.COOKIES_SECURE else "Lax",
        path="/",
    )
