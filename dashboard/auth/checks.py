"""Refuses to start with settings that are not safe for others to use; ALLOW_INSECURE is for trying things only."""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

KNOWN_KEYS = ("only-for-trying-things", "django-insecure", "changeme", "change-me", "secret", "xxxx")
SECRET_FILES = ("SECRET_KEY_FILE", "SECRET_KEY_FALLBACKS_FILE", "REDIS_URL_FILE", "BROKER_URL_FILE")
LONGEST_MODE = 0o640


@register(Tags.security)
def check_safe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Everything that must not be so where people sign in with real passwords."""
    found: list[CheckMessage] = []
    if settings.DEBUG and not all(is_local(host) for host in settings.ALLOWED_HOSTS):
        found.append(
            _error("E001", "DEBUG is on and ALLOWED_HOSTS names hosts other than this machine.", "Unset DEBUG.")
        )
    if settings.ALLOW_INSECURE or settings.DEBUG:
        return found
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if len(key) < 64:
            found.append(_error("E002", f"A secret key has {len(key)} characters.", "Give SECRET_KEY at least 64."))
        elif len(set(key)) < 10 or any(key.lower().startswith(known) for known in KNOWN_KEYS):
            found.append(_error("E003", "A secret key is one that anybody could guess.", "Draw SECRET_KEY at random."))
    if any(host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        found.append(_error("E004", "ALLOWED_HOSTS has a wildcard.", "Name the hosts that people use."))
    for keystone in settings.CLOUD.keystones:
        if keystone.url.startswith("http://"):
            text = f"Passwords would go to {keystone.url} without TLS."
            found.append(_error("E005", text, "Use an https address, or set ALLOW_INSECURE for a trial."))
    for choice in settings.CLOUD.websso:
        if choice.url.startswith("http://"):
            text = f"Tokens of the sign-in {choice.label!r} would come from {choice.url} without TLS."
            found.append(_error("E008", text, "Use an https address in WEBSSO_KEYSTONE_URL."))
    if settings.OS_INSECURE:
        found.append(_error("E006", "OS_INSECURE leaves certificates unchecked.", "Give the authority in OS_CACERT."))
    for name in SECRET_FILES:
        path = os.environ.get(name)
        if path and os.path.exists(path):
            mode = stat.S_IMODE(os.stat(path).st_mode)
            if mode & ~LONGEST_MODE:
                text = f"{name} names a file that others may read or change (mode {mode:04o})."
                found.append(_error("E007", text, f"chmod 0640 {path}"))
    return found


def is_local(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost") or name == "testserver":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _error(number: str, text: str, hint: str) -> Error:
    return Error(text, hint=hint, id=f"belvedere.{number}")
