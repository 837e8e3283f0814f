"""Roles in this scope that change while a page is open: the page notices, says it, and its menu follows."""

from __future__ import annotations

import contextlib
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, resolve
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from dashboard.auth import following, lost, pages
from dashboard.auth.following import Followed
from dashboard.auth.http import Request, cloud_of, held_of, knows_of_loss, quiet
from dashboard.cloud.connection import Cloud
from dashboard.ui import errors
from dashboard.ui.errors import Fault


@knows_of_loss
@quiet
@never_cache
@require_POST
def follow(request: Request) -> HttpResponse:
    """``roles``: those that the page was made with, or told of last. 204 while they are the same."""
    held, cloud = held_of(request), cloud_of(request)
    told = set(request.POST.get("roles", "").split("\n")) - {""}
    found = following.look(held, cloud.access)
    if found.state == "ended":
        held.end()
        return pages.sign_in_first(request)
    if found.state == "none":
        if not told:
            return HttpResponse(status=204)
        return render(request, "ui/roles_here.html", {"is_none": True, **_ways(request)})
    if set(found.access.roles) == told:
        return HttpResponse(status=204)
    request.cloud = Cloud(found.access, request.region)
    _as_on_page(request)
    response = render(request, "ui/roles_here.html", {"is_changed": True})
    return trigger_client_event(response, lost.EVENT, {"role": _strongest(found.access.roles)}, after="settle")


def _as_on_page(request: Request) -> None:
    """The menu marks the page that is open, not this address."""
    with contextlib.suppress(Http404):
        request.resolver_match = resolve((request.htmx.current_url_abs_path or "").partition("?")[0] or "/")


def _strongest(roles: tuple[str, ...]) -> str:
    return next((role for role in ("admin", "manager", "member", "reader") if role in roles), next(iter(roles), ""))


def _ways(request: Request) -> dict[str, Any]:
    return {"ways": lost.others(request, request.scope), "ways_region": request.region}


def refused(request: Request) -> HttpResponse | None:
    """What to answer when Keystone takes the scope's token no longer: the same again with a new one, or that no role is
    left. None where the session is over. Raises Away."""
    held, cloud = held_of(request), cloud_of(request)
    found = following.renew(held, cloud.access)
    if found.state == "ended":
        return None
    if found.state == "none":
        return lost.page(request, cloud.access.scope)
    if found.state == "changed" and request.method in {"GET", "HEAD"} and not pages.is_fragment(request):
        return HttpResponseRedirect(request.get_full_path())
    return _word(request, found)


def _word(request: Request, found: Followed) -> HttpResponse:
    """What a script, or a form that was sent, is told. What was asked for was surely not done."""
    if found.state == "changed":
        status, words = 409, _("Your roles here have changed meanwhile, so this was not done. Try again.")
    else:
        status, words = 503, _("The identity service (Keystone) can't be asked about your roles just now. Try again.")
    if not pages.is_fragment(request):
        return errors.plain(request, status, _("Your roles here have changed"), words)
    response = render(request, "ui/fault.html", {"fault": Fault(words, "")}, status=status)
    response["HX-Reswap"] = "none"
    return trigger_client_event(response, lost.EVENT, {"ask": True})


app_name = "roles-here"
urlpatterns = [path("roles-here/", follow, name="follow")]
