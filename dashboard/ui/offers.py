"""What can be done, from where one is, and the reasons why the rest can't be done now."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from dashboard.auth.http import Request
from dashboard.auth.scopes import urls_for
from dashboard.cloud import versions
from dashboard.live import refusals
from dashboard.ui.errors import lacks
from dashboard.ui.panel import ADMIN, Action, Create, Lead, Panel, Roles, may, roles_in

PROMINENT = 4
"""Things to do to several rows that have a button of their own."""


@dataclass(frozen=True)
class Offer:
    """An action on one row or on all: offered, or greyed with the reason. A lead's page is no dialog."""

    action: Action[Any] | Lead[Any]
    why_not: Any
    url: str
    is_page: bool = False
    was_refused: bool = False
    """The cloud refused it lately to these roles, though its defaults allow it: one may try again all the same."""


def address(request: Request, panel: Panel[Any], view: str, *args: Any) -> str:
    """The address of one of the panel's views in the request's scope."""
    return urls_for(request, f"{panel.slug}:{view}", *args)


def why_not_allowed(request: Request, roles: Roles) -> str:
    """The reason why these roles' holders may and this person may not; "" if they may."""
    cloud = request.cloud
    if cloud is None or may(cloud, roles):
        return ""
    kind = cloud.access.scope.kind
    return lacks(kind, next(iter(roles_in(roles, kind)), "admin"), cloud.roles)


def why_not_here(request: Request, panel: Panel[Any], item: Action[Any] | Create) -> Any:
    """The reason why this person, or anybody in this cloud, can't do it; "" if they can."""
    reason = why_not_allowed(request, item.roles)
    cloud = request.cloud
    if reason or cloud is None:
        return reason
    needs = getattr(item, "needs", "")
    if needs and not versions.speaks(cloud, panel.service, needs):
        return _("This cloud is too old for it: it takes version %(version)s of the service.") % {"version": needs}
    return item.why_not(cloud)


def is_noise(request: Request, item: Action[Any] | Create | Lead[Any]) -> bool:
    """Whether it is for administrators alone, and this is none: then not even a greyed offer is made."""
    cloud = request.cloud
    return (
        cloud is not None
        and roles_in(item.roles, cloud.access.scope.kind) in ((), ADMIN)
        and not may(cloud, item.roles)
    )


def offers(request: Request, panel: Panel[Any], row: Any) -> list[Offer]:
    """What can be done to a row, and why the rest can't be done now; what stands under one heading is together."""
    refused = refusals.known(request.cloud) if request.cloud is not None and panel.actions else {}
    found = [
        Offer(
            action,
            why_not_here(request, panel, action) or action.when(row),
            f"{address(request, panel, 'act', action.slug)}?{urlencode({'id': row.id})}",
            was_refused=refusals.is_refused(refused, f"{panel.slug}.{action.slug}", row.id),
        )
        for action in panel.actions
        if action.is_in_menu and not is_noise(request, action)
    ]
    found += [
        Offer(
            lead,
            why_not_allowed(request, lead.roles) or lead.when(row),
            f"{urls_for(request, lead.url_name)}?{urlencode(lead.query(row))}",
            is_page=True,
        )
        for lead in panel.leads
        if not is_noise(request, lead)
    ]
    places: dict[str, int] = {}
    for offer in found:
        places.setdefault(str(offer.action.section), len(places))
    return sorted(found, key=lambda offer: places[str(offer.action.section)])


def bulk_offers(request: Request, panel: Panel[Any]) -> list[Offer]:
    """What can be done to several rows at once."""
    return [
        Offer(action, why_not_here(request, panel, action), address(request, panel, "act", action.slug))
        for action in panel.actions
        if action.is_bulk and action.is_in_menu and not is_noise(request, action)
    ]


def prominent(offers: Sequence[Offer]) -> tuple[list[Offer], list[Offer]]:
    """What stands in the bar above ticked rows, and what its menu has: the first few, and what removes them."""
    first = [offer for place, offer in enumerate(offers) if place < PROMINENT or _removes(offer)]
    if len(offers) <= PROMINENT + 2:
        return list(offers), []
    return first, [offer for offer in offers if offer not in first]


def _removes(offer: Offer) -> bool:
    return isinstance(offer.action, Action) and offer.action.is_removal


def creates(request: Request, panel: Panel[Any], query: str = "") -> list[dict[str, Any]]:
    """The buttons that make something new, the primary one first; ``query`` is what the form starts with."""
    found = []
    forms = 0
    for create in (panel.create, *panel.also):
        if create is None:
            continue
        view = "create" if forms == 0 else f"create-{forms}"
        forms += create.form is not None
        if is_noise(request, create):
            continue
        url = urls_for(request, create.url_name) if create.url_name else address(request, panel, view)
        found.append(
            {
                "label": create.label,
                "url": f"{url}?{query}" if query else url,
                "why_not": why_not_here(request, panel, create),
                "is_primary": create is panel.create,
                "is_dialog": not create.url_name,
            }
        )
    return found


def new_once() -> str:
    """A new name for one sending of one form."""
    return secrets.token_hex(16)
