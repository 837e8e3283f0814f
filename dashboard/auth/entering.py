"""From a right password to a session: which scope and region to start in, and what is remembered for next time."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from dashboard.auth import store
from dashboard.auth.limits import client_ip
from dashboard.auth.scopes import scope_from_key, scope_in
from dashboard.cloud import identity
from dashboard.cloud.config import config
from dashboard.cloud.connection import Access, Scope
from dashboard.cloud.errors import CloudError, Forbidden, NotFound, Unauthorized
from dashboard.store import Away

RECENT_COOKIE = "recent"
RECENT_SECONDS = 365 * 24 * 3600
RECENT_COUNT = 5
_RECENT = re.compile(r"[0-9A-Za-z_.-]{1,64}/(project|domain|system):[0-9A-Za-z_-]{1,64}")
TRIES = 3
"""Scopes that are tried at sign-in until one gives a token; a project may have been closed meanwhile."""


def enter(request: HttpRequest, access: Access, *, region: str, wanted: str) -> store.Held:
    """Starts a session for an unscoped token: with a token for the scope of the path ``wanted``, the last one, or the
    first. Upstream: the projects, one token; domains and the system only where there is no project.

    Raises CloudError and Away; tokens that nothing will use are revoked then.
    """
    got = [access]
    try:
        scopes: Sequence[Scope] = identity.list_projects(access)
        is_complete = False
        if not scopes:
            scopes, is_complete = identity.list_scopes(access), True
        scoped = _first_token(access, _in_order(request, scopes, wanted))
        if scoped:
            got.append(scoped)
        old = _old_session(request)
        held = store.start(
            access,
            scoped=scoped,
            # A list of projects alone would hide domains and the system from the switcher.
            scopes=scopes if is_complete else (),
            region=_start_region(request, scoped, region),
            ip=client_ip(request),
            agent=request.headers.get("User-Agent", ""),
        )
    except (CloudError, Away):
        identity.revoke_behind(got)
        raise
    if old is not None:
        _end_quietly(old)
    rotate_token(request)
    return held


def regions_of(access: Access) -> tuple[str, ...]:
    """The regions that a token's catalog and the operator both name; all of the catalog's where none is configured."""
    configured = next((keystone.regions for keystone in config().keystones if keystone.url == access.keystone), ())
    found = access.catalog.regions
    return tuple(region for region in configured if region in found) if configured else found


def set_cookie(response: HttpResponse, held: store.Held) -> None:
    """Gives the browser its session cookie; it goes when the browser is closed."""
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        held.cookie,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def delete_cookie(response: HttpResponse) -> None:
    """Takes the session cookie away; "__Host-" cookies are only taken away with Secure."""
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        "",
        max_age=0,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def recent(request: HttpRequest) -> list[tuple[str, str]]:
    """Regions and scope keys that were used last in this browser, newest first. No secret, and not trusted."""
    found = []
    for item in request.COOKIES.get(RECENT_COOKIE, "").split("|")[:RECENT_COUNT]:
        if _RECENT.fullmatch(item):
            region, _, key = item.partition("/")
            found.append((region, key))
    return found


def remember(request: HttpRequest, response: HttpResponse, region: str, key: str) -> None:
    """Notes a scope as the one used last."""
    items = [(region, key), *(item for item in recent(request) if item != (region, key))]
    value = "|".join(f"{where}/{what}" for where, what in items[:RECENT_COUNT])
    if all(_RECENT.fullmatch(item) for item in value.split("|")) and value != request.COOKIES.get(RECENT_COOKIE):
        response.set_cookie(
            RECENT_COOKIE,
            value,
            max_age=RECENT_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _in_order(request: HttpRequest, scopes: Sequence[Scope], wanted: str) -> list[Scope]:
    """The scopes to try: the one the person was on the way to, those used last, then as they come."""
    keys = [scope_in(wanted)[1], *(key for _region, key in recent(request))]
    known = {scope.key: scope for scope in scopes}
    first = [known.get(key) or scope_from_key(key) for key in dict.fromkeys(keys) if key]
    # A domain or the system is not among the projects; whether a token is given for it is Keystone's to say.
    likely = [scope for scope in first if scope and (scope.key in known or scope.kind != "project")]
    return [*likely, *(scope for scope in scopes if scope not in likely)]


def _first_token(access: Access, scopes: Sequence[Scope]) -> Access | None:
    for scope in scopes[:TRIES]:
        with contextlib.suppress(Unauthorized, Forbidden, NotFound):
            return identity.get_scoped(access, scope)
    return None


def _start_region(request: HttpRequest, scoped: Access | None, region: str) -> str:
    if scoped is None:
        return region
    offered = regions_of(scoped)
    last = next((where for where, key in recent(request) if key == scoped.scope.key), "")
    return next((name for name in (region, last) if name in offered), offered[0] if offered else region)


def _old_session(request: HttpRequest) -> store.Held | None:
    """Whoever was signed in in this browser before: two people's sessions never share anything."""
    return store.load(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))


def _end_quietly(held: store.Held) -> None:
    with contextlib.suppress(Away):
        accesses = held.all_accesses()
        held.end()
        identity.revoke_behind(accesses)
