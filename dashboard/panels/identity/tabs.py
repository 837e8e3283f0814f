"""The tabs of who is in which group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import groups
from dashboard.cloud.connection import Cloud
from dashboard.panels.identity.words import enabled
from dashboard.ui.panel import IDENTITY_MANAGER, Tab, may

SHOWN = 200
"""Members that a group's page shows; the list of users, narrowed to the group, has them all."""


def load_groups(cloud: Cloud, row: Any) -> Mapping[str, Any]:
    """Context of the groups that a user is in."""
    return {"in_groups": groups.list_groups_of(cloud, row.id), "can_change": may(cloud, IDENTITY_MANAGER)}


def load_people(cloud: Cloud, row: Any) -> Mapping[str, Any]:
    """Context of a group's members."""
    found = groups.list_members(cloud, row.id)
    return {
        "people": [(user, enabled(user)) for user in found[:SHOWN]],
        "count": len(found),
        "left_out": max(0, len(found) - SHOWN),
        "can_change": may(cloud, IDENTITY_MANAGER),
    }


def groups_tab() -> Tab[Any]:
    """The groups that a user is in."""
    return Tab(slug="groups", label=gettext_lazy("Groups"), template="people/groups.html", load=load_groups)


def people_tab() -> Tab[Any]:
    """The users who are in a group."""
    return Tab(slug="members", label=gettext_lazy("Members"), template="people/people.html", load=load_people)
