"""Turns the cookie and the URL into who is asking, in which scope, and the cloud that they may use there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from dashboard.auth import lost, pages, store
from dashboard.auth.entering import regions_of, remember
from dashboard.auth.http import Request
from dashboard.auth.scopes import scope_from_key
from dashboard.cloud.connection import Cloud
from dashboard.store import Away

GetResponse = Callable[[HttpRequest], HttpResponse]


class SealedSession:
    """One request to the store per request; none for public views. Raises nothing: Away becomes a 503."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, http_request: HttpRequest) -> HttpResponse:
        request = cast(Request, http_request)
        request.person = request.held = request.scope = request.cloud = None
        request.region = ""
        response = self.get_response(request)
        _remember(request, response)
        patch_vary_headers(response, ["Cookie"])
        return response

    def process_view(
        self, http_request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Takes what is about the scope out of the URL's arguments, so that views don't see it."""
        request = cast(Request, http_request)
        kind = kwargs.pop("scope_kind", "")
        region = kwargs.pop("region", "") if kind else ""
        scope_id = "all" if kind == "system" else kwargs.pop(f"{kind}_id", "") if kind else ""
        if getattr(view, "is_public", False):
            return None
        key = f"{kind}:{scope_id}" if kind else ""
        try:
            held = store.load(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), key)
        except Away:
            return pages.away(request)
        if held is None:
            return pages.sign_in_first(request)
        request.held, request.person = held, held.person
        if held.is_renewal_due and not _is_quiet(request, view):
            # That the idle time runs a little less long is better than no page.
            with contextlib.suppress(Away):
                held.renew()
        try:
            knows = getattr(view, "knows_of_loss", False)
            return self._enter_scope(request, held, key, region, knows_of_loss=knows) if kind else None
        except Away:
            return pages.away(request)

    def _enter_scope(
        self, request: Request, held: store.Held, key: str, region: str, *, knows_of_loss: bool
    ) -> HttpResponse | None:
        scope = scope_from_key(key)
        if scope is None:
            raise Http404
        # Loaded together with the session, so this asks the store for nothing.
        access = held.accesses.get(key)
        if access is None or access.expires_at <= store.now():
            # A page alone says the name: it is worth a second question to the store there.
            known = () if pages.is_fragment(request) else held.scopes or ()
            return pages.switch_first(request, next((s for s in known if s.key == key), scope), region)
        if not access.roles and not knows_of_loss:
            again = lost.found_again(held, access)
            if again is None:
                return lost.page(request, access.scope)
            access = again
        if region not in regions_of(access):
            return pages.unknown_region(request, region, access.scope, regions_of(access))
        request.scope, request.region = access.scope, region
        request.cloud = Cloud(access, region)
        return None


def sealed_session(get_response: GetResponse) -> SealedSession:
    """The middleware, by the name that settings have it under."""
    return SealedSession(get_response)


def _remember(request: Request, response: HttpResponse) -> None:
    """The next sign-in starts where this one was last."""
    if request.scope and request.method == "GET" and response.status_code == 200 and not pages.is_fragment(request):
        remember(request, response, request.region, request.scope.key)


def _is_quiet(request: Request, view: Callable[..., Any]) -> bool:
    """Whether the browser asks by itself: that somebody's page is open does not mean that somebody is there."""
    match = request.resolver_match
    return (
        getattr(view, "is_quiet", False)
        or (match is not None and str(match.url_name).endswith("live"))
        or request.headers.get("X-Background") == "1"
    )
