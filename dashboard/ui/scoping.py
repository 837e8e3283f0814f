"""A page that is for another kind of scope says which, and offers to go there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard.auth import entering, pages, switcher
from dashboard.auth.http import Request
from dashboard.auth.scopes import prefix_of
from dashboard.cloud.connection import Scope
from dashboard.cloud.errors import CloudError
from dashboard.store import Away
from dashboard.ui import errors, registry

GetResponse = Callable[[HttpRequest], HttpResponse]

SHOWN = 12
"""Scopes that are offered for one page; the switcher has all of them."""


@dataclass(frozen=True)
class Way:
    """A scope in which the page can be seen, and its address there."""

    scope: Scope
    url: str


class RightScope:
    """Stands in for views of panels that are not for the kind of scope of the address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mark = errors.here.set(None)
        try:
            return self.get_response(request)
        finally:
            errors.here.reset(mark)

    def process_view(
        self, http_request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """The page that offers the switch, or None where the scope is right."""
        request = cast(Request, http_request)
        errors.here.set(request.cloud)
        match = request.resolver_match
        if request.scope is None or match is None or len(match.namespaces) < 2:
            return None
        panel = registry.panel(match.namespaces[1])
        if panel is None or request.scope.kind in (kinds := registry.kinds_of(panel)):
            return None
        return elsewhere(request, panel, kinds)


def right_scope(get_response: GetResponse) -> RightScope:
    """The middleware, by the name that settings have it under."""
    return RightScope(get_response)


def elsewhere(request: Request, panel: Any, kinds: tuple[str, ...]) -> HttpResponse:
    """Which kind of scope the page belongs to, and those of the person's that are of it. Switching is a POST."""
    is_looking = request.method in {"GET", "HEAD"}
    if pages.is_fragment(request):
        return HttpResponse(belongs_to(kinds), status=404, content_type="text/plain", headers={"HX-Reswap": "none"})
    found, error = known(request, kinds)
    ways = [Way(scope, f"{prefix_of(scope, request.region)}{panel.slug}/") for scope in found]
    context = {
        "panel": panel,
        "kinds": kinds,
        "belongs": belongs_to(kinds),
        "ways": ways[:SHOWN],
        "more": max(0, len(ways) - SHOWN),
        "error": error,
        "is_one": len(ways) == 1,
    }
    return render(request, "auth/elsewhere.html", context, status=200 if is_looking else 403)


def known(request: Request, kinds: tuple[str, ...]) -> tuple[list[Scope], str]:
    """The person's scopes of these kinds, used last first, and a word if they could not be asked for."""
    if request.held is None:
        return [], ""
    error = ""
    scopes: tuple[Scope, ...] = ()
    try:
        scopes = switcher.known_scopes(request.held)
    except CloudError:
        error = _("The identity service (Keystone) can't be reached. Only what was open already is listed.")
        with contextlib.suppress(Away):
            scopes = request.held.held_scopes()
    order = {key: place for place, (_region, key) in enumerate(entering.recent(request))}
    found = [scope for scope in scopes if scope.kind in kinds]
    found.sort(key=lambda scope: (order.get(scope.key, len(order)), kinds.index(scope.kind)))
    return found, error


def belongs_to(kinds: tuple[str, ...]) -> str:
    """The sentence that says where a page belongs."""
    sentences = {
        ("project",): _("This page belongs to a project."),
        ("domain",): _("This page belongs to a domain."),
        ("system",): _("This page belongs to the system, the cloud as a whole."),
        ("domain", "system"): _("This page belongs to a domain or to the system."),
        ("project", "domain"): _("This page belongs to a project or a domain."),
        ("project", "system"): _("This page belongs to a project or to the system."),
    }
    ordered = tuple(kind for kind in ("project", "domain", "system") if kind in kinds)
    return sentences.get(ordered) or _("This page belongs to another scope.")
