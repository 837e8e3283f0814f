"""The rest of signing in: the way on, a second factor, a password that has expired."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from dashboard.auth import entering, pages, store
from dashboard.auth.forms import PasscodeForm, PasswordForm, SignInForm
from dashboard.auth.http import Request, public
from dashboard.auth.kept import kept as read_kept
from dashboard.auth.limits import TooMany, client_ip, count_try, note_failure
from dashboard.auth.redirects import safe_path, safe_redirect
from dashboard.auth.scopes import home_of, scope_in
from dashboard.auth.seal import Seal
from dashboard.cloud import identity
from dashboard.cloud.config import Keystone, config
from dashboard.cloud.connection import Access
from dashboard.cloud.errors import CloudError, Forbidden, Invalid, Unauthorized
from dashboard.store import Away

log = logging.getLogger(__name__)

STEP_COOKIE = "step"
STEP_SECONDS = 5 * 60
"""How long somebody has for the second step of signing in."""


def start(request: Request, access: Access, *, region: str, next_path: str) -> HttpResponse:
    """Starts the session and answers with the way on. Raises CloudError and Away."""
    is_dialog = bool(request.htmx)
    page = safe_path(request, request.POST.get("page")) if is_dialog else ""
    held = entering.enter(request, access, region=region, wanted=page or next_path)
    log.info("Signed in", extra={"ip": held.ip})
    scoped = next((a for key, a in held.accesses.items() if key != "unscoped:"), None)
    response: HttpResponse
    as_was = None if is_dialog else read_kept(request, request.POST.get("kept", ""))
    if is_dialog:
        response = _close_dialog(request, held, page)
    elif as_was:
        response = render(request, "auth/again.html", {"kept": as_was, "next": next_path})
    elif scoped is None:
        response = safe_redirect(request, reverse("auth:no-project"))
    else:
        response = safe_redirect(request, next_path, home_of(scoped.scope, held.region))
    entering.set_cookie(response, held)
    if scoped is not None:
        entering.remember(request, response, held.region, scoped.scope.key)
    return response


def _close_dialog(request: Request, held: store.Held, page: str) -> HttpResponse:
    """The page below goes on as it was, if it is the same person's and its scope could be had again."""
    key = scope_in(page)[1]
    is_same = request.POST.get("person", "") == person_mark(held)
    if not is_same or (key and key not in held.accesses):
        return HttpResponse(headers={"HX-Refresh": "true"} if is_same else {"HX-Redirect": "/"})
    return pages.go_on(request, held)


def person_mark(held: store.Held) -> str:
    """A short name for the person that a page was made for; says nothing of them."""
    return store.hash_of(f"{held.keystone} {held.person.id}")[:16]


def second_step(request: Request, form: SignInForm, error: identity.MoreNeeded, next_path: str) -> HttpResponse:
    """The form for a passcode, or the word that another factor is needed that this dashboard can't ask for."""
    if pages.is_fragment(request):
        return HttpResponse(headers={"HX-Redirect": reverse("auth:sign-in")})
    is_possible = any("totp" in way for way in error.ways)
    context = {"form": PasscodeForm(), "is_possible": is_possible, "ways": error.ways}
    response = render(request, "auth/passcode.html", context, status=200)
    if is_possible:
        step = [form.chosen_keystone.url, error.user_id, error.receipt, form.chosen_region, next_path]
        _set_step(response, Seal("step").close(step).decode())
    return response


def _set_step(response: HttpResponse, value: str) -> None:
    response.set_cookie(
        STEP_COOKIE,
        value,
        max_age=STEP_SECONDS if value else 0,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
        path="/sign-in/",
    )


@public
@sensitive_post_parameters("passcode")
@require_POST
def passcode(request: Request) -> HttpResponse:
    """The second step: what the first found is in a sealed cookie, nothing is in the store."""
    step = Seal("step").open(request.COOKIES.get(STEP_COOKIE, ""), max_age=STEP_SECONDS)
    form = PasscodeForm(request.POST)
    keystone = next((k for k in config().keystones if step and k.url == step[0]), None)
    if step is None or keystone is None:
        return safe_redirect(request, reverse("auth:sign-in") + "?why=ended")
    _url, user_id, receipt, region, next_path = step
    if not form.is_valid():
        return render(request, "auth/passcode.html", {"form": form, "is_possible": True}, status=422)
    try:
        counted = count_try(f"{keystone.url} {user_id}", client_ip(request))
    except TooMany as error:
        form.add_error(None, _("Too many tries. Try again later."))
        response = render(request, "auth/passcode.html", {"form": form, "is_possible": True}, status=429)
        response["Retry-After"] = str(error.retry_after)
        return response
    try:
        access = identity.sign_in_with_passcode(
            keystone,
            user_id=user_id,
            passcode=form.cleaned_data["passcode"],
            receipt=receipt,
            original_ip=client_ip(request),
        )
        response = start(request, access, region=region, next_path=next_path)
    except CloudError as error:
        if isinstance(error, Unauthorized | Forbidden | Invalid):
            form.add_error(None, _("The passcode is wrong or has been used already."))
            return render(request, "auth/passcode.html", {"form": form, "is_possible": True}, status=422)
        counted.forgive()
        form.add_error(None, _("The identity service (Keystone) can't be reached or failed."))
        return render(request, "auth/passcode.html", {"form": form, "is_possible": True}, status=503)
    except Away:
        counted.forgive()
        return pages.away(request)
    counted.forgive()
    _set_step(response, "")
    return response


def expired_page(request: HttpRequest, sign_in_form: SignInForm, user_id: str, next_path: str) -> HttpResponse:
    """The form for a new password; who it is for is sealed in the form, not in its URL."""
    if pages.is_fragment(request):
        return HttpResponse(headers={"HX-Redirect": reverse("auth:sign-in")})
    name = sign_in_form.cleaned_data["name"]
    ticket = [sign_in_form.chosen_keystone.url, user_id, sign_in_form.chosen_domain, name, next_path]
    context = {"form": PasswordForm(), "ticket": Seal("expired").close(ticket).decode(), "name": name}
    return render(request, "auth/expired.html", context)


@public
@sensitive_post_parameters()
@require_POST
def expired(request: Request) -> HttpResponse:
    """A new password for an expired one, then straight on into the session."""
    ticket = Seal("expired").open(request.POST.get("ticket", ""), max_age=STEP_SECONDS * 2)
    keystone = next((k for k in config().keystones if ticket and k.url == ticket[0]), None)
    if ticket is None or keystone is None:
        return safe_redirect(request, reverse("auth:sign-in") + "?why=ended")
    _url, user_id, domain, name, next_path = ticket
    form = PasswordForm(request.POST)
    context = {"form": form, "ticket": request.POST["ticket"], "name": name}
    if not form.is_valid():
        return render(request, "auth/expired.html", context, status=422)
    ip = client_ip(request)
    error_status = set_password(form, keystone.url, user_id=user_id, account=f"{keystone.url} {domain}/{name}", ip=ip)
    if error_status:
        return render(request, "auth/expired.html", context, status=error_status)
    try:
        access = sign_in_anew(keystone, name=name, password=form.cleaned_data["new"], domain=domain, ip=ip)
        return start(request, access, region=(keystone.regions or ("",))[0], next_path=next_path)
    except CloudError:
        messages.success(request, _("The password has been changed. Sign in with the new one."))
        return safe_redirect(request, reverse("auth:sign-in"))
    except Away:
        return pages.away(request)


def sign_in_anew(keystone: Keystone, *, name: str, password: str, domain: str, ip: str) -> Access:
    """A token right after a change of password. Raises CloudError.

    Tokens have no fractions of a second, so Keystone 30 takes one of the same second for
    one from before the change, and refuses it.
    """
    time.sleep(1.0 - time.time() % 1.0)
    return identity.sign_in(keystone, name=name, password=password, domain=domain, original_ip=ip)


def set_password(form: PasswordForm, keystone_url: str, *, user_id: str, account: str, ip: str) -> int:
    """Changes a password by a valid form. On failure the form gets the reason and the HTTP status is given, else 0."""
    try:
        counted = count_try(account, ip)
    except TooMany:
        form.add_error(None, _("Too many tries. Try again later."))
        return 429
    data = form.cleaned_data
    try:
        identity.change_password(
            keystone_url, user_id=user_id, current=data["current"], new=data["new"], original_ip=ip
        )
    except Unauthorized:
        note_failure(account)
        form.add_error("current", _("This is not the current password."))
        return 422
    except (Invalid, Forbidden) as error:
        counted.forgive()
        # Keystone says which rule of the operator's the password breaks; that is the help people need.
        text = error.message or _("The identity service did not accept the new password.")
        form.add_error("new", text)
        return 422
    except CloudError:
        counted.forgive()
        form.add_error(None, _("The identity service (Keystone) can't be reached or failed. Try again."))
        return 503
    counted.forgive()
    return 0
