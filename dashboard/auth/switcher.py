"""What a person may switch to: projects, domains and the system, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth import entering, pages, store
from dashboard.auth.http import Request, held_of
from dashboard.auth.redirects import safe_path
from dashboard.auth.scopes import scope_in
from dashboard.cloud import identity
from dashboard.cloud.connection import Scope
from dashboard.cloud.errors import CloudError, Unauthorized

SHOWN = {"project": 50, "domain": 20, "system": 1}
"""Scopes of a kind that the switcher shows at once; typing narrows them."""
MANY = 8
"""From so many on, those used last stand in a group of their own."""


@dataclass(frozen=True)
class Choice:
    """A scope as the switcher shows it."""

    scope: Scope
    domain: str = ""
    """The project's domain, where that is not the person's own or another project has the same name."""
    is_recent: bool = False


@dataclass(frozen=True)
class Group:
    """Scopes under one heading. ``more`` are left out."""

    kind: str
    label: str
    choices: tuple[Choice, ...]
    more: int = 0


@require_GET
def scopes(request: Request) -> HttpResponse:
    """What the person may switch to, used last first; narrowed by ``q``. A page, or its list alone for HTMX."""
    held = held_of(request)
    text = request.GET.get("q", "").strip()[:100]
    next_path = safe_path(request, request.GET.get("next"))
    error = ""
    try:
        known = known_scopes(held)
    except Unauthorized:
        return pages.sign_in_first(request)
    except CloudError:
        known = _named(held.held_scopes())
        error = _("The identity service (Keystone) can't be reached. Only what was open already is listed.")
    held_region, current, _rest = scope_in(next_path)
    access = held.access(current) if current else None
    regions = entering.regions_of(access) if access is not None else ()
    context = {
        "groups": groups_of(known, text, [key for _region, key in entering.recent(request)], held.person.domain_id),
        "current": current,
        "switch_region": held_region or held.region,
        "regions": regions if len(regions) > 1 else (),
        "next": next_path,
        "q": text,
        "error": error,
    }
    template = "auth/scopes_list.html" if pages.is_fragment(request) else "auth/scopes.html"
    return render(request, template, context)


def known_scopes(held: store.Held) -> tuple[Scope, ...]:
    """Everything the person has a role in, as of the last minutes; else Keystone is asked. Raises CloudError, Away."""
    known = held.scopes
    if known is None:
        unscoped = held.unscoped
        if unscoped is None:
            raise Unauthorized("The token has ended.", service="identity", status=401)
        known = _with_domains(held, identity.list_scopes(unscoped))
        held.keep_scopes(known)
    return _named(known)


def groups_of(known: Sequence[Scope], text: str, recent: Sequence[str], own_domain: str) -> list[Group]:
    """The scopes that have ``text`` in their name, id, domain or kind, under a heading for each kind."""
    order = {key: place for place, key in enumerate(recent)}
    wanted = text.casefold().split()
    names = [scope.name.casefold() for scope in known if scope.kind == "project"]
    twice = {name for name in names if names.count(name) > 1} if len(names) != len(set(names)) else set()

    def choice(scope: Scope) -> Choice:
        is_told = scope.kind == "project" and (scope.domain_id != own_domain or scope.name.casefold() in twice)
        return Choice(scope, (scope.domain_name or scope.domain_id) if is_told else "", scope.key in order)

    matching = [scope for scope in known if all(word in _words(scope) for word in wanted)]
    matching.sort(key=lambda scope: order.get(scope.key, len(order)))
    found = []
    if len(matching) > MANY and not wanted:
        last = [scope for scope in matching if scope.key in order]
        matching = [scope for scope in matching if scope.key not in order]
        if last:
            found.append(Group("recent", _("Used last"), tuple(choice(scope) for scope in last)))
    for kind, label in (("project", _("Projects")), ("domain", _("Domains")), ("system", _("The whole cloud"))):
        of_kind = [scope for scope in matching if scope.kind == kind]
        if of_kind:
            shown = tuple(choice(scope) for scope in of_kind[: SHOWN[kind]])
            found.append(Group(kind, label, shown, max(0, len(of_kind) - SHOWN[kind])))
    return found


def _words(scope: Scope) -> str:
    return f"{scope.name} {scope.id} {scope.domain_name} {scope.kind}".casefold()


def _named(scopes: Sequence[Scope]) -> tuple[Scope, ...]:
    return tuple(replace(scope, name=_("System")) if scope.kind == "system" else scope for scope in scopes)


def _with_domains(held: store.Held, scopes: Sequence[Scope]) -> tuple[Scope, ...]:
    """The projects with their domains' names, as far as a token that is held may know them."""
    names = {scope.id: scope.name for scope in scopes if scope.kind == "domain"}
    missing = {scope.domain_id for scope in scopes if scope.kind == "project" and not scope.domain_name} - set(names)
    if missing:
        tokens = [access for access in held.all_accesses() if access.scope.kind != "unscoped"]
        names |= {access.scope.domain_id: access.scope.domain_name for access in tokens if access.scope.domain_id}
        names |= identity.domain_names(tokens, missing - set(names))
    return tuple(
        replace(scope, domain_name=names.get(scope.domain_id, "")) if not scope.domain_name else scope
        for scope in scopes
    )
