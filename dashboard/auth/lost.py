"""A scope in which somebody has no role any more: its pages say so, and offer where there still is one."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard.auth import following, pages, switcher
from dashboard.auth.http import Request, held_of
from dashboard.auth.store import Held
from dashboard.cloud.connection import Access, Scope
from dashboard.cloud.errors import CloudError

EVENT = "rolesChanged"
"""Has the page's script ask at once."""
SHOWN = 8
"""Other scopes that are offered."""


def found_again(held: Held, access: Access) -> Access | None:
    """A token with roles, for a scope that had none left: somebody may have given one. Raises Away."""
    found = following.look(held, access).access
    return found if found.roles else None


def page(request: Request, scope: Scope) -> HttpResponse:
    """403: the page, or the word for a script."""
    if not pages.is_fragment(request):
        context = {"gone": scope, "ways": others(request, scope), "ways_region": held_of(request).region}
        return render(request, "ui/no_role.html", context, status=403)
    response = HttpResponse(_("You have no role here any more."), status=403, content_type="text/plain")
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = json.dumps({EVENT: {"ask": True}})
    return response


def others(request: Request, here: Scope | None) -> list[Scope]:
    """Scopes that the person may go to instead."""
    try:
        known = switcher.known_scopes(held_of(request))
    except CloudError:
        return []
    return [scope for scope in known if here is None or scope.key != here.key][:SHOWN]
