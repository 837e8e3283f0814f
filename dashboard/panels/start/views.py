"""What may be done in a domain or on the system, by the roles that are held there; asks no service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud.connection import Cloud
from dashboard.ui import registry
from dashboard.ui.shell import Item, Shell


@dataclass(frozen=True)
class Card:
    """A page of the menu, with what it is for."""

    item: Item
    about: Any


@require_GET
def index(request: Request) -> HttpResponse:
    """The menu of this scope, in sentences."""
    cloud = cloud_of(request)
    groups = []
    for group in Shell(request).menu:
        items = [item for item in (*group.items, *group.minor) if not item.is_active]
        if items:
            groups.append((group.label, [Card(item, _about(item.slug)) for item in items]))
    context = {"groups": groups, "can": what_can_be_done(cloud), "roles": sorted(cloud.roles)}
    return render(request, "start/index.html", context)


def _about(slug: str) -> Any:
    panel = registry.panel(slug)
    return panel.about if panel is not None else ""


def what_can_be_done(cloud: Cloud) -> str:
    """What the strongest role held here lets a person do, by Keystone's defaults."""
    held, kind = cloud.roles, cloud.access.scope.kind
    if "admin" in held:
        return _("You are an administrator of the whole cloud: you may see and change what belongs to every domain.")
    if kind == "domain" and "manager" in held:
        return _(
            "You may manage this domain's users, groups and projects, and give them the roles reader, member and "
            "manager."
        )
    if kind == "domain" and "reader" in held:
        return _("You may look at this domain's users, groups, projects and roles, and change nothing.")
    if kind == "system" and "reader" in held:
        return _("You may look at the users, projects, roles and services of the whole cloud, and change nothing.")
    return _("By Keystone's defaults, your roles here allow nothing that this dashboard offers.")
