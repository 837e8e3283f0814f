"""What a signed-in person does with their session: switch scope, stay, see and end sessions, change the password."""

from __future__ import annotations

import logging
import re

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.auth import entering, pages, store
from dashboard.auth.forms import PasswordForm
from dashboard.auth.http import Request, held_of, quiet
from dashboard.auth.limits import client_ip
from dashboard.auth.redirects import safe_path, safe_redirect
from dashboard.auth.scopes import home_of, same_place, scope_from_key, scope_in
from dashboard.auth.steps import set_password, sign_in_anew
from dashboard.cloud import identity
from dashboard.cloud.config import config
from dashboard.cloud.connection import Cloud, Scope
from dashboard.cloud.errors import CloudError, Forbidden, NotFound, Unauthorized

log = logging.getLogger(__name__)


@require_POST
def switch(request: Request) -> HttpResponse:
    """Goes to another scope or region; a token for it is fetched unless one is held."""
    held = held_of(request)
    scope = scope_from_key(request.POST.get("scope", ""))
    if scope is None:
        return safe_redirect(request, "/")
    region = request.POST.get("region", "")
    next_path = safe_path(request, request.POST.get("next"))
    access = held.access(scope.key)
    if access is None:
        unscoped = held.unscoped
        if unscoped is None:
            return pages.sign_in_first(request)
        try:
            access = identity.get_scoped(unscoped, scope)
        except CloudError as error:
            return _not_switched(request, held, scope, region, error)
        held.add(access)
    regions = entering.regions_of(access)
    region = next((name for name in (region, held.region) if name in regions), regions[0] if regions else region)
    if pages.is_fragment(request):
        response = pages.go_on(request, held)
    else:
        response = safe_redirect(request, _target(next_path, access.scope, region))
    entering.remember(request, response, region, access.scope.key)
    return response


def _target(next_path: str, scope: Scope, region: str) -> str:
    """The page asked for, if it is in this scope; else the same list there; else the scope's first page."""
    if scope_in(next_path)[:2] == (region, scope.key):
        return next_path
    return same_place(next_path, scope, region) or home_of(scope, region)


def _not_switched(request: Request, held: store.Held, scope: Scope, region: str, error: CloudError) -> HttpResponse:
    if isinstance(error, Unauthorized | Forbidden | NotFound):
        unscoped = held.unscoped
        if unscoped is not None and not identity.is_valid(unscoped):
            held.end()
            return pages.sign_in_first(request)
        text = _("You have no role there, or it does not exist or is disabled.")
        return pages.switch_first(request, scope, region, error=text, status=403)
    log.warning("Switch failed: %s", type(error).__name__)
    text = _("The identity service (Keystone) can't be reached or failed. What you have open goes on working.")
    return pages.switch_first(request, scope, region, error=text, status=503)


def no_project(request: Request) -> HttpResponse:
    """For somebody who has a role nowhere: what that means and whom to ask. Asks Keystone again on ``?again``."""
    held = held_of(request)
    error = ""
    if request.method == "POST" and held.unscoped:
        try:
            found = identity.list_scopes(held.unscoped)
            held.keep_scopes(found)
            if found:
                held.add(identity.get_scoped(held.unscoped, found[0]))
        except CloudError:
            error = _("The identity service (Keystone) can't be reached or refused. Try again.")
    if held.held_scopes():
        return safe_redirect(request, "/")
    return render(request, "auth/no_project.html", {"person": held.person, "error": error})


@require_GET
@quiet
def remaining(request: Request) -> HttpResponse:
    """How long the session lasts; asking does not make it longer."""
    held = held_of(request)
    return JsonResponse({"secondsLeft": held.seconds_left, "isLast": held.is_last_stretch})


@require_POST
def extend(request: Request) -> HttpResponse:
    """ "Stay signed in": starts the idle time anew."""
    held = held_of(request)
    held.renew()
    return JsonResponse({"secondsLeft": held.seconds_left, "isLast": held.is_last_stretch})


def in_last_scope(request: Request) -> store.Held:
    """Puts the menu of the scope used last around a page that is about no scope."""
    held = held_of(request)
    for region, key in entering.recent(request)[:1]:
        access = held.access(key)
        if access is not None and region in entering.regions_of(access):
            request.scope, request.region, request.cloud = access.scope, region, Cloud(access, region)
    return held


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: Request) -> HttpResponse:
    """The person's own sessions; POST ends one (``id``) or all but this one (``others``)."""
    held = in_last_scope(request)
    if request.method == "POST":
        if "others" in request.POST:
            count = store.end_others(held)
            messages.success(
                request,
                ngettext("%(count)s other session has been ended.", "%(count)s other sessions have been ended.", count)
                % {"count": count},
            )
        elif re.fullmatch(r"[0-9a-f]{64}", request.POST.get("id", "")):
            store.end_sessions(held.keystone, held.person.id, [request.POST["id"]])
            messages.success(request, _("The session has been ended."))
        return safe_redirect(request, reverse("auth:sessions"))
    notes = store.sessions_of(held.keystone, held.person.id)
    return render(request, "auth/sessions.html", {"notes": notes, "current": held.id_hash, "held": held})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Request) -> HttpResponse:
    """Changes the person's own password and ends their other sessions."""
    held = in_last_scope(request)
    form = PasswordForm(request.POST or None)
    if request.method != "POST":
        return render(request, "auth/password.html", {"form": form})
    if not form.is_valid():
        return render(request, "auth/password.html", {"form": form}, status=422)
    person, ip = held.person, client_ip(request)
    account = f"{held.keystone} {person.domain_name}/{person.name}"
    status = set_password(form, held.keystone, user_id=person.id, account=account, ip=ip)
    if status:
        return render(request, "auth/password.html", {"form": form}, status=status)
    log.info("Password changed", extra={"ip": ip})
    store.end_others(held)
    return _with_new_tokens(request, held, form.cleaned_data["new"])


def _with_new_tokens(request: Request, held: store.Held, new: str) -> HttpResponse:
    """Keystone has just ended every token of this person, so this session is made anew with the new password."""
    held.end()
    person = held.person
    keystone = next((k for k in config().keystones if k.url == held.keystone), None)
    try:
        if keystone is None:
            raise Unauthorized("This Keystone is no longer configured.")
        access = sign_in_anew(
            keystone, name=person.name, password=new, domain=person.domain_name, ip=client_ip(request)
        )
        fresh = entering.enter(request, access, region=held.region, wanted="")
    except CloudError:
        messages.success(request, _("The password has been changed. Sign in with the new one."))
        response = safe_redirect(request, reverse("auth:sign-in"))
        entering.delete_cookie(response)
        return response
    messages.success(request, _("The password has been changed, and your other sessions have been ended."))
    response = safe_redirect(request, reverse("auth:sessions"))
    entering.set_cookie(response, fresh)
    return response
