"""The page of who can do what where, and what its fields may be completed to."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import role_assignments as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import later
from dashboard.cloud.role_assignments import SYSTEM, Asked, Assignment
from dashboard.panels.assignments import asking, names, showing
from dashboard.ui.errors import fault_of
from dashboard.ui.panel import IDENTITY_READER, may

SHOWN = 500
"""Rows on one page."""


@require_GET
def index(request: Request) -> HttpResponse:
    """``?user=&group=&project=&domain=&system=all&role=&subtree=1&view=granted``: each narrows what is shown."""
    cloud = cloud_of(request)
    is_system, is_granted = request.GET.get("system") == "all", request.GET.get("view") == "granted"
    has_subtree = request.GET.get("subtree") == "1"
    context: dict[str, Any] = {
        "here": request.path,
        "is_system": is_system,
        "is_granted": is_granted,
        "has_subtree": has_subtree,
        "can_ask_system": cloud.access.scope.kind != "domain",
        "matrices": matrices(request),
    }
    if not may(cloud, IDENTITY_READER):
        return render(request, "assignments/index.html", context | {"fields": [], "is_not_for_me": True})
    try:
        wanted = asking.wanted(cloud, {kind: request.GET.get(kind, "") for kind in asking.LABELS})
        context |= _filters(request, wanted)
        context["wrong"] = asking.contradiction(wanted, is_system=is_system)
        if wanted.is_clear and not context["wrong"]:
            context |= _rows(request, cloud, wanted, is_system, is_granted, has_subtree)
    except Unauthorized:
        raise
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
        context.setdefault("fields", _fields(request, {kind: request.GET.get(kind, "") for kind in asking.LABELS}))
    name = (
        "assignments/index.html#found" if request.htmx and request.htmx.target == "found" else "assignments/index.html"
    )
    return render(request, name, context)


def _filters(request: Request, wanted: asking.Wanted) -> dict[str, Any]:
    unclear = []
    for kind, meant in wanted.unclear.items():
        choices = []
        for ref in meant:
            query = request.GET.copy()
            query[kind] = ref.id
            choices.append((asking.said(cloud_of(request), ref), f"{request.path}?{query.urlencode()}"))
        unclear.append((asking.LABELS[kind], wanted.typed[kind], choices))
    return {"fields": _fields(request, wanted.typed), "unclear": unclear}


def _fields(request: Request, typed: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "label": asking.LABELS[kind],
            "value": typed.get(kind, ""),
            "suggest": urls_for(request, "assignments:suggest", kind),
        }
        for kind in asking.LABELS
    ]


def _rows(
    request: Request, cloud: Cloud, wanted: asking.Wanted, is_system: bool, is_granted: bool, has_subtree: bool
) -> dict[str, Any]:
    asked = wanted.asked(is_system=is_system, has_subtree=has_subtree)
    if not asked.is_narrow and not is_granted and cloud.access.scope.kind != "domain":
        # What everybody may do everywhere would be the whole cloud's assignments, several times over.
        return {"is_start": True, "everything_url": f"{request.path}?view=granted"}
    is_granted = is_granted or bool(asked.group)
    found = granted(cloud, asked) if is_granted else effective(cloud, asked)
    made = showing.rows(found, names.explained(cloud, found))
    target = asking.target_of(wanted, is_system=is_system)
    other = request.GET.copy()
    other["view"] = "" if is_granted else "granted"
    return {
        "rows": made[:SHOWN],
        "count": len(made),
        "is_cut": len(made) > SHOWN,
        "actors": showing.actors(found),
        "is_granted": is_granted,
        "is_group": bool(asked.group),
        "is_everything": not asked.is_narrow,
        "other_url": "" if asked.group or not asked.is_narrow else f"{request.path}?{other.urlencode()}",
        "matrix_url": matrix_url(request, target) if target is not None else "",
        "target": target,
    }


def matrices(request: Request) -> list[tuple[do.Ref, str]]:
    """Where roles are given and taken that are at hand: in the scope that one is in, and on the system."""
    cloud = cloud_of(request)
    scope = cloud.access.scope
    here = SYSTEM if scope.kind == "system" else do.Ref(scope.kind, scope.id, scope.name)
    found = [here] if scope.kind == "domain" or here == SYSTEM else [here, SYSTEM]
    return [(ref, matrix_url(request, ref)) for ref in found]


def matrix_url(request: Request, target: do.Ref) -> str:
    """Where this place's roles are given and taken."""
    return f"{urls_for(request, 'assignments:matrix')}?{urlencode({target.kind: target.id})}"


def granted(cloud: Cloud, asked: Asked) -> list[Assignment]:
    """What was granted, as it was. Raises CloudError."""
    return do.list_assignments(cloud, asked, is_effective=False)


def effective(cloud: Cloud, asked: Asked) -> list[Assignment]:
    """What the grants come to. A person's are those of the system as well. Raises CloudError."""
    if asked.is_system:
        return _of_system(cloud, asked)
    if asked.user and not (asked.project or asked.domain) and cloud.access.scope.kind != "domain":
        system = later(functools.partial(_of_system, cloud, asked))
        found = do.list_assignments(cloud, asked, is_effective=True)
        return [*found, *system.or_else([])]
    return do.list_assignments(cloud, asked, is_effective=True)


def _of_system(cloud: Cloud, asked: Asked) -> list[Assignment]:
    """Who may do what to the system; grants there are few, so they are looked through here. Raises CloudError."""
    found = do.list_assignments(cloud, Asked(is_system=True), is_effective=False)
    if not found:
        return []
    in_effect = do.in_effect(cloud, found, *names.inferences(cloud))
    return [
        item
        for item in in_effect
        if item.target.kind == SYSTEM.kind
        and (not asked.user or item.actor.id == asked.user)
        and (not asked.role or item.role.id == asked.role)
    ]


@require_GET
def suggest(request: Request, kind: str) -> HttpResponse:
    """``?q=``: options for the field; nothing where they can't be had."""
    cloud = cloud_of(request)
    text = next((request.GET[name] for name in ("q", kind, "who") if request.GET.get(name)), "").strip()[:255]
    found: list[str] = []
    if text and may(cloud, IDENTITY_READER):
        kinds = ("user", "group") if kind == "who" else (kind,) if kind in asking.LABELS else ()
        try:
            for each in kinds:
                prefix = _("Group: ") if kind == "who" and each == "group" else ""
                found += [prefix + item for item in asking.suggestions(cloud, each, text)]
        except Unauthorized:
            raise
        except CloudError:
            # Typing goes on without help.
            found = []
    return render(request, "assignments/options.html", {"options": found})
