"""Two-factor sign-in: a person's own authenticators, enrolled with a QR code and proven before Keystone is told."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.auth import pages, store
from dashboard.auth.account import in_last_scope
from dashboard.auth.forms import PasscodeForm
from dashboard.auth.http import Request
from dashboard.auth.limits import TooMany, client_ip, count_try
from dashboard.auth.redirects import safe_redirect
from dashboard.auth.seal import Seal
from dashboard.cloud import passcodes
from dashboard.cloud.connection import Access
from dashboard.cloud.errors import CloudError, Forbidden, NotFound, Unauthorized

log = logging.getLogger(__name__)

ENROL_SECONDS = 15 * 60
"""How long somebody may take from the QR code to the first passcode."""
MOST = 5
"""Authenticators of one person; more are no help."""


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """The person's authenticators. POST ``start`` begins one, ``passcode`` proves it, ``remove`` ends one."""
    held = in_last_scope(request)
    access = held.unscoped
    if access is None:
        return pages.sign_in_first(request)
    try:
        if "start" in request.POST:
            return _enrol(request, held, passcodes.new_secret(), PasscodeForm())
        if "ticket" in request.POST:
            return _prove(request, held, access)
        if "remove" in request.POST:
            return _remove(request, access)
        return _list(request, access)
    except Unauthorized:
        return pages.sign_in_first(request)


def _list(request: Request, access: Access, *, error: str = "", status: int = 200) -> HttpResponse:
    own: tuple[passcodes.Generator, ...] = ()
    factors: passcodes.Factors | None = None
    try:
        own = passcodes.list_own(access)
    except Unauthorized:
        raise
    except CloudError as problem:
        error = error or _refused(problem)
    with contextlib.suppress(CloudError):
        factors = passcodes.factors(access)
    context = {"own": own, "factors": factors, "error": error, "is_full": len(own) >= MOST}
    return render(request, "auth/passcodes.html", context, status=status)


def _enrol(request: Request, held: store.Held, secret: str, form: forms.Form, *, status: int = 200) -> HttpResponse:
    """The QR code, the same in letters, and the field for the first passcode. Nothing is stored yet."""
    person = held.person
    uri = passcodes.address(secret, issuer=settings.SITE_NAME, account=f"{person.name}@{person.domain_name}")
    context = {
        "form": form,
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "uri": uri,
        "ticket": _seal(held).close([held.person.id, secret]).decode(),
        **qr_code(uri),
    }
    return render(request, "auth/passcodes_enrol.html", context, status=status)


def qr_code(text: str) -> dict[str, Any]:
    """A QR code as the outline of its dark squares, for one SVG path; ``qr_size`` is with the quiet zone."""
    border = 4
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    dark = [(x + border, y + border) for y, row in enumerate(rows) for x, square in enumerate(row) if square]
    return {"qr_path": "".join(f"M{x} {y}h1v1h-1z" for x, y in dark), "qr_size": len(rows) + 2 * border}


def _prove(request: Request, held: store.Held, access: Access) -> HttpResponse:
    """The first passcode shows that the authenticator has the secret; only then is Keystone told."""
    ticket = _seal(held).open(request.POST["ticket"], max_age=ENROL_SECONDS)
    if ticket is None or ticket[0] != held.person.id:
        messages.warning(request, _("That took too long. Start again with a new QR code."))
        return safe_redirect(request, reverse("auth:passcodes"))
    secret, form = ticket[1], PasscodeForm(request.POST)
    if not form.is_valid():
        return _enrol(request, held, secret, form, status=422)
    try:
        counted = count_try(f"enrol {held.keystone} {held.person.id}", client_ip(request))
    except TooMany:
        form.add_error(None, _("Too many tries. Try again later."))
        return _enrol(request, held, secret, form, status=429)
    if not passcodes.is_right(secret, form.cleaned_data["passcode"]):
        form.add_error(
            "passcode",
            _("This is not the passcode that belongs to this QR code now. Is the clock of your authenticator right?"),
        )
        return _enrol(request, held, secret, form, status=422)
    counted.forgive()
    try:
        if len(passcodes.list_own(access)) >= MOST:
            return _list(request, access, error=_("You have enough authenticators. Remove one first."), status=422)
        passcodes.add(access, secret)
    except Unauthorized:
        raise
    except CloudError as error:
        return _list(request, access, error=_refused(error), status=422)
    log.info("Authenticator added", extra={"ip": client_ip(request)})
    messages.success(request, _("The authenticator has been added."))
    return safe_redirect(request, reverse("auth:passcodes"))


def _remove(request: Request, access: Access) -> HttpResponse:
    """Ends one of the person's own. The last one stays where Keystone lets nobody in without a passcode."""
    try:
        own = passcodes.list_own(access)
        wanted = next((one for one in own if one.id == request.POST["remove"]), None)
        if wanted is not None:
            if len(own) == 1 and passcodes.factors(access).needs_passcode:
                text = _(
                    "Keystone asks you for a passcode at sign-in, so you could not sign in again without your last "
                    "authenticator. Add another one first, or ask an administrator."
                )
                return _list(request, access, error=text, status=422)
            with contextlib.suppress(NotFound):
                passcodes.remove(access, wanted.id)
            log.info("Authenticator removed", extra={"ip": client_ip(request)})
            messages.success(request, _("The authenticator has been removed."))
    except Unauthorized:
        raise
    except CloudError as error:
        return _list(request, access, error=_refused(error), status=422)
    return safe_redirect(request, reverse("auth:passcodes"))


def _refused(error: CloudError) -> str:
    if isinstance(error, Forbidden):
        return _(
            "Keystone does not let you keep authenticators of your own. An administrator of the cloud can add one "
            "for you, or allow it."
        )
    return _("The identity service (Keystone) can't be reached or failed. Try again.")


def _seal(held: store.Held) -> Seal:
    """Bound to this session: a form of somebody else's opens nothing."""
    return Seal("totp", held.cookie)
