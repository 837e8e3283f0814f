"""What somebody had filled in when the session was over: kept while they sign in again, and sent by their click."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest

from dashboard.auth.redirects import safe_path
from dashboard.auth.seal import Seal

SECONDS = 30 * 60
LONGEST = 64 * 1024
_SECRET = re.compile(r"pass|secret|token|private|credential", re.IGNORECASE)


@dataclass(frozen=True)
class Kept:
    """A form as it was sent: to which path, with which fields. Passwords and files are never kept."""

    path: str
    fields: tuple[tuple[str, str], ...]
    is_whole: bool = True
    """Whether nothing had to be left out."""


def keep(request: HttpRequest) -> str:
    """The request's form, sealed, for a hidden field; "" if there is nothing worth keeping."""
    fields = [
        (name, value)
        for name in request.POST
        if name != "csrfmiddlewaretoken" and not _SECRET.search(name)
        for value in request.POST.getlist(name)
    ]
    left_out = bool(request.FILES) or any(
        _SECRET.search(name) for name in request.POST if name != "csrfmiddlewaretoken"
    )
    if not fields or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return ""
    return Seal("kept").close([request.get_full_path(), fields, not left_out]).decode()


def kept(request: HttpRequest, sealed: str) -> Kept | None:
    """What ``keep`` sealed; None if it is too old, was changed, or leads elsewhere."""
    value = Seal("kept").open(sealed, max_age=SECONDS)
    if value is None:
        return None
    path, fields, is_whole = value
    path = safe_path(request, path)
    return Kept(path, tuple((name, text) for name, text in fields), is_whole) if path else None
