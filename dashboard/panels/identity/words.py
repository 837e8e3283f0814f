"""Accounts in words: whether they are enabled, how one signs in, until when a password holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.users import FLAGS, User
from dashboard.ui.values import Status

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

OPTIONS: dict[str, StrOrPromise] = {
    "lock_password": gettext_lazy("Only an administrator may change the password"),
    "ignore_change_password_upon_first_use": gettext_lazy("Need not change the password at the first sign-in"),
    "ignore_password_expiry": gettext_lazy("The password never expires"),
    "ignore_lockout_failure_attempts": gettext_lazy("Is not locked out after wrong passwords"),
    "ignore_user_inactivity": gettext_lazy("Is not disabled when it is not used for long"),
    "multi_factor_auth_enabled": gettext_lazy("Signs in by the ways below only"),
}
METHODS: dict[str, StrOrPromise] = {
    "password": gettext_lazy("password"),
    "totp": gettext_lazy("one-time passcode"),
    "application_credential": gettext_lazy("application credential"),
    "token": gettext_lazy("token"),
    "mapped": gettext_lazy("single sign-on"),
    "external": gettext_lazy("the web server"),
    "oauth1": gettext_lazy("OAuth"),
}
"""Keystone's ways to prove who one is."""
WAYS: tuple[tuple[str, StrOrPromise], ...] = (
    ("password+totp", gettext_lazy("Password and one-time passcode")),
    ("password", gettext_lazy("Password alone")),
    ("application_credential", gettext_lazy("Application credential")),
    ("mapped", gettext_lazy("Single sign-on")),
)
SOON = timedelta(days=14)


def way_words(rule: Sequence[str]) -> str:
    """One way to sign in: "Password and one-time passcode"."""
    known = dict(WAYS).get("+".join(rule))
    if known:
        return str(known)
    words = [str(METHODS.get(method, method)) for method in rule]
    if len(words) < 2:
        return "".join(words)[:1].upper() + "".join(words)[1:]
    text = _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
    return text[:1].upper() + text[1:]


def ways(user: User) -> list[str]:
    """The ways in, as far as they are restricted."""
    return [way_words(rule) for rule in user.rules]


def options(user: User) -> list[str]:
    """The options that are set."""
    return [str(OPTIONS[name]) for name in FLAGS if user.options.get(name)]


def enabled(row: Any) -> Status:
    """Whether it may be used."""
    return Status(_("Enabled"), "ok") if row.is_enabled else Status(_("Disabled"), "off")


def password(user: User) -> Status:
    """Until when the password holds, if it expires at all."""
    ends = user.password_expires_at
    if ends is None:
        return Status(_("Does not expire"), "off")
    now = datetime.now(UTC)
    date = f"{ends:%Y-%m-%d}"
    if ends <= now:
        return Status(_("Expired"), "bad", title=date)
    if ends - now < SOON:
        return Status(_("Expires soon"), "warn", date)
    return Status(_("Valid"), "ok", _("until %(date)s") % {"date": date})


def federated(user: User) -> list[str]:
    """Who they are at identity providers."""
    return [f"{item.unique_id} · {item.provider} · {item.protocol}" for item in user.federated]
