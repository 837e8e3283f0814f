"""Signing in and out."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.auth import entering, pages, steps, store, websso
from dashboard.auth.forms import SignInForm
from dashboard.auth.http import Request, public
from dashboard.auth.limits import TooMany, Try, client_ip, count_try, note_failure, note_success, wait_turn
from dashboard.auth.redirects import safe_path, safe_redirect
from dashboard.auth.scopes import home_of, scope_from_key, scope_in
from dashboard.cloud import identity
from dashboard.cloud.config import config
from dashboard.cloud.errors import Busy, CloudError, Forbidden, Invalid, Unauthorized
from dashboard.store import Away

log = logging.getLogger(__name__)


def home(request: Request) -> HttpResponse:
    """``/``: the scope used last that a token is held for, else any, else the page for those who have none."""
    held = cast(store.Held, request.held)
    scopes = {scope.key: scope for scope in held.held_scopes()}
    for region, key in entering.recent(request):
        if key in scopes:
            return safe_redirect(request, home_of(scopes[key], region))
    for scope in scopes.values():
        return safe_redirect(request, home_of(scope, held.region))
    return safe_redirect(request, reverse("auth:no-project"))


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """The form, and what comes of it."""
    next_path = safe_path(request, request.POST.get("next") or request.GET.get("next"))
    if request.method != "POST":
        held = _held(request)
        if held is not None and not request.htmx:
            return safe_redirect(request, next_path)
        if held is not None and request.GET.get("person") == steps.person_mark(held):
            return _go_on(request, held)
        way = websso.default()
        if way is not None and not request.htmx and not request.GET.get("why") and not get_messages(request):
            query = f"?{urlencode({'next': next_path})}" if next_path else ""
            return safe_redirect(request, reverse("auth:websso-begin", args=[way]) + query)
        return sign_in_page(request, why=request.GET.get("why", ""), next_path=next_path)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return sign_in_page(request, form=form, status=422, next_path=next_path)
    name, ip = form.cleaned_data["name"], client_ip(request)
    account = f"{form.chosen_keystone.url} {form.chosen_domain}/{name}"
    try:
        counted = count_try(account, ip)
    except TooMany as error:
        text = _("Too many tries. Wait %(minutes)s minutes, then try again.")
        form.add_error(None, text % {"minutes": math.ceil(error.retry_after / 60)})
        response = sign_in_page(request, form=form, status=429, next_path=next_path)
        response["Retry-After"] = str(error.retry_after)
        return response
    started = time.monotonic()
    wait_turn(account)
    try:
        access = identity.sign_in(
            form.chosen_keystone,
            name=name,
            password=form.cleaned_data["password"],
            domain=form.chosen_domain,
            original_ip=ip,
        )
        response = steps.start(request, access, region=form.chosen_region, next_path=next_path)
    except identity.PasswordExpired as error:
        counted.forgive()
        return steps.expired_page(request, form, error.user_id, next_path)
    except identity.MoreNeeded as error:
        counted.forgive()
        return steps.second_step(request, form, error, next_path)
    except CloudError as error:
        return _failed(request, form, error, counted, account, started, next_path)
    except Away:
        counted.forgive()
        return pages.away(request)
    counted.forgive()
    note_success(account)
    return response


def _failed(
    request: Request,
    form: SignInForm,
    error: CloudError,
    counted: Try,
    account: str,
    started: float,
    next_path: str,
) -> HttpResponse:
    """The form again: the name is kept, the password is not, and the reason says no more than it must."""
    if isinstance(error, Unauthorized | Forbidden | Invalid):
        note_failure(account)
        log.info("Sign-in refused", extra={"ip": client_ip(request)})
        form.add_error(None, _("The user name, the password or the domain is wrong, or the account can't be used."))
        _even_out(started)
        return sign_in_page(request, form=form, status=422, next_path=next_path)
    counted.forgive()
    log.warning("Sign-in failed: %s", type(error).__name__, extra={"upstream_request_id": error.request_id})
    if isinstance(error, Busy):
        text = _("The identity service (Keystone) is busy. Try again in a moment.")
    else:
        text = _("The identity service (Keystone) can't be reached or failed. This is not about your password.")
    form.add_error(None, text)
    response = sign_in_page(request, form=form, status=503, next_path=next_path)
    response["Retry-After"] = str(round(error.retry_after or 10))
    return response


def _even_out(started: float) -> None:
    """Lets refusals take whole steps of time: how long Keystone took tells who exists."""
    step = settings.SIGN_IN_STEP_SECONDS
    spent = time.monotonic() - started
    time.sleep(math.ceil(spent / step) * step - spent if step else 0)


def sign_in_page(
    request: HttpRequest,
    *,
    form: SignInForm | None = None,
    status: int = 200,
    why: str = "",
    kept: str = "",
    next_path: str = "",
    said: str = "",
) -> HttpResponse:
    """The sign-in form: a page, or for a page that is open already the inside of its dialog."""
    is_dialog = request.headers.get("HX-Request") == "true"
    context = {
        "form": form or SignInForm(),
        "next": next_path,
        "kept": kept or request.POST.get("kept", ""),
        "is_ended": why == "ended",
        "person_mark": request.POST.get("person") or request.GET.get("person", ""),
        "keystones": config().keystones,
        "ways": websso.choices(),
        "said": said,
    }
    template = "auth/sign_in_dialog.html" if is_dialog else "auth/sign_in.html"
    # htmx shows the answer to a form that failed for 422 alone.
    return render(request, template, context, status=422 if is_dialog and status >= 400 else status)


@public
@require_POST
def sign_out(request: Request) -> HttpResponse:
    """Ends the session, then every token that it held; the first does not wait for the second."""
    try:
        held = store.load(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
        accesses = held.all_accesses() if held else ()
        if held:
            held.end()
    except Away:
        return pages.away(request)
    left_until = identity.revoke_all(accesses)
    if left_until and left_until > datetime.now(UTC):
        text = _("You are signed out here. The identity service did not confirm it: tokens expire at %(time)s UTC.")
        messages.warning(request, text % {"time": date_format(timezone.localtime(left_until, UTC), "H:i")})
    else:
        messages.success(request, _("You are signed out."))
    if label := websso.came_by(request):
        text = _("%(provider)s may still know you in this browser: sign out there as well if others use it.")
        messages.info(request, text % {"provider": label})
    # Who signs out must not be signed in again by the provider at once.
    why = "?why=out" if websso.default() is not None else ""
    response = safe_redirect(request, reverse("auth:sign-in") + why)
    entering.delete_cookie(response)
    websso.forget(request, response)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _held(request: HttpRequest) -> store.Held | None:
    with contextlib.suppress(Away):
        return store.load(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    return None


def _go_on(request: Request, held: store.Held) -> HttpResponse:
    """The page's person has signed in again elsewhere: at most its scope is missing."""
    page = safe_path(request, request.htmx.current_url_abs_path)
    region, key, _rest = scope_in(page)
    scope = scope_from_key(key)
    if scope is None or held.access(scope.key) is not None:
        return pages.go_on(request, held)
    return pages.go_on_form(request, scope, region, page)
