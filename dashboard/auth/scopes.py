"""Scopes in URLs: ``/r/<region>/p/<project id>/``, ``/r/<region>/d/<domain id>/``, ``/r/<region>/system/``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, include, path, reverse

from dashboard.auth.http import Request
from dashboard.cloud.connection import Scope, ScopeKind

ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_LETTERS: dict[str, ScopeKind] = {"p": "project", "d": "domain"}


def scope_urls(patterns: Sequence[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The panels' URLs below every kind of scope.

    A name is unique within a kind: "servers:index" is "project:servers:index" in a
    project's URLs. ``scoped_reverse`` knows.
    """
    below = list(patterns)
    return [
        path("r/<str:region>/p/<str:project_id>/", include((below, "project")), {"scope_kind": "project"}),
        path("r/<str:region>/d/<str:domain_id>/", include((below, "domain")), {"scope_kind": "domain"}),
        path("r/<str:region>/system/", include((below, "system")), {"scope_kind": "system"}),
    ]


def scoped_reverse(scope: Scope, region: str, name: str, *args: Any, **kwargs: Any) -> str:
    """The URL of a panel's view within a scope. Raises NoReverseMatch."""
    own: dict[str, Any] = {"region": region}
    if scope.kind != "system":
        own[f"{scope.kind}_id"] = scope.id
    if args:
        return reverse(f"{scope.kind}:{name}", args=[*own.values(), *args, *kwargs.values()])
    return reverse(f"{scope.kind}:{name}", kwargs={**own, **kwargs})


def urls_for(request: Request, name: str, *args: Any, **kwargs: Any) -> str:
    """As ``scoped_reverse``, within the scope of a request's URL."""
    # A request that was refused early, a wrong host say, never came as far as its scope.
    scope: Scope | None = getattr(request, "scope", None)
    if scope is None:
        raise NoReverseMatch(f"No scope for {name!r}: this URL has none.")
    return scoped_reverse(scope, request.region, name, *args, **kwargs)


def prefix_of(scope: Scope, region: str) -> str:
    """The path that all of a scope's pages are below."""
    middle = {"project": f"p/{scope.id}", "domain": f"d/{scope.id}", "system": "system"}[scope.kind]
    return f"/r/{region}/{middle}/"


HOMES = {"project": "overview:index"}
"""The page to start on; domains and the system have one that says what can be done there."""
_kinds_of: dict[str, tuple[str, ...]] = {}


def know_pages(kinds_by_slug: Mapping[str, Sequence[str]]) -> None:
    """Which kinds of scope each page, by the first part of its address, is for."""
    _kinds_of.clear()
    _kinds_of.update({slug: tuple(kinds) for slug, kinds in kinds_by_slug.items()})


def home_of(scope: Scope, region: str) -> str:
    """The page to start on in a scope."""
    try:
        return scoped_reverse(scope, region, HOMES.get(scope.kind, "start:index"))
    except NoReverseMatch:
        return prefix_of(scope, region)


def scope_in(url_path: str) -> tuple[str, str, str]:
    """Region, scope key and the rest of a path: ("RegionOne", "project:3f", "servers/"); "" for what is not there."""
    parts = url_path.split("?")[0].strip("/").split("/")
    if len(parts) >= 3 and parts[0] == "r":
        if parts[2] == "system":
            return parts[1], "system:all", "/".join(parts[3:])
        if parts[2] in _LETTERS and len(parts) >= 4 and ID.fullmatch(parts[3]):
            return parts[1], f"{_LETTERS[parts[2]]}:{parts[3]}", "/".join(parts[4:])
    return "", "", ""


def scope_from_key(key: str) -> Scope | None:
    """A nameless scope from its key, "project:3f..."; None for what is no key."""
    kind, _, scope_id = key.partition(":")
    if kind == "system" and scope_id == "all":
        return Scope(kind="system", id="all", name="")
    if kind in {"project", "domain"} and ID.fullmatch(scope_id):
        return Scope(kind="project" if kind == "project" else "domain", id=scope_id, name="")
    return None


def same_place(url_path: str, scope: Scope, region: str) -> str:
    """The list that ``url_path`` belongs to, in another scope: servers stay servers. "" if there is none."""
    _region, key, rest = scope_in(url_path)
    slug = rest.split("/")[0]
    if not key or not slug or (key.partition(":")[0] != scope.kind and scope.kind not in _kinds_of.get(slug, ())):
        return ""
    return f"{prefix_of(scope, region)}{slug}/"
