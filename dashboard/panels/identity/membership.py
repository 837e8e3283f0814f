"""Roles in projects and domains: the tabs that show who has which, and the actions that give and take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import groups, members
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Unauthorized
from dashboard.cloud.members import Held, Member
from dashboard.cloud.parallel import later
from dashboard.panels.identity.fields import texts_of
from dashboard.panels.identity.forms_members import AddMemberForm, GiveRoleForm, place_and_actor, roles_form
from dashboard.ui.actions import editing
from dashboard.ui.panel import IDENTITY_MANAGER, Action, Tab, may
from dashboard.ui.values import Tag

SHOWN = 300
"""Members that a page shows; a project of thousands has them by groups."""
Data = Mapping[str, Any]


def how(role: Held) -> str:
    """How somebody comes by a role that they were not given here."""
    match role.how:
        case "group":
            return _("by the group %(name)s") % {"name": role.source or role.source_id[:8]}
        case "inherited":
            return _("inherited from above")
        case "below":
            return _("for the projects below")
        case "implied":
            return _("implied")
    return ""


def tags_of(member: Member) -> list[tuple[Tag, str]]:
    """The roles, each with the words for how."""
    return [(Tag(role.role, "ok" if role.how == "given" else ""), how(role)) for role in member.roles]


def load_members(place: str) -> Callable[[Cloud, Any], Mapping[str, Any]]:
    """Context of a project's or domain's members."""

    def load(cloud: Cloud, row: Any) -> Mapping[str, Any]:
        found = members.list_members(cloud, "domains" if place == "domains" else "projects", row.id)
        return {
            "members": [(member, tags_of(member)) for member in found[:SHOWN]],
            "left_out": max(0, len(found) - SHOWN),
            "place": place,
            "can_change": may(cloud, IDENTITY_MANAGER),
        }

    return load


def load_places(actor: str) -> Callable[[Cloud, Any], Mapping[str, Any]]:
    """Context of the projects and domains where a user or group has roles."""

    def load(cloud: Cloud, row: Any) -> Mapping[str, Any]:
        own = later(lambda: groups.list_groups_of(cloud, row.id) if actor == "users" else [])
        found = members.list_places(cloud, "groups" if actor == "groups" else "users", row.id)
        names = {group.id: group.name for group in own.or_else([])}
        if isinstance(own.error, Unauthorized):
            raise own.error
        places = [
            (place, [(Tag(role.role, "ok" if role.how == "given" else ""), _how(role, names)) for role in place.roles])
            for place in found[:SHOWN]
        ]
        return {
            "places": places,
            "left_out": max(0, len(found) - SHOWN),
            "actor": actor,
            "can_change": may(cloud, IDENTITY_MANAGER),
        }

    return load


def _how(role: Held, names: Mapping[str, str]) -> str:
    if role.how == "group":
        return _("by the group %(name)s") % {"name": names.get(role.source_id, role.source_id[:8])}
    return how(role)


def members_tab(place: str) -> Tab[Any]:
    """Who has roles in a project or domain."""
    return Tab(
        slug="members",
        label=gettext_lazy("Members and groups"),
        template="people/members.html",
        load=load_members(place),
    )


def places_tab(actor: str) -> Tab[Any]:
    """Where a user or group has roles."""
    return Tab(
        slug="roles",
        label=gettext_lazy("Projects and roles"),
        template="people/places.html",
        load=load_places(actor),
    )


def _give(kind: str, field: str) -> Callable[[Cloud, Any, Data], None]:
    def run(cloud: Cloud, row: Any, data: Data) -> None:
        place, place_id, actor, actor_id = place_and_actor(kind, row.id, data[field])
        for role in data["roles"]:
            members.grant(cloud, _place(place), place_id, actor, actor_id, role)

    return run


def _place(place: str) -> members.PLACE:
    return "domains" if place == "domains" else "projects"


def _change(kind: str) -> Callable[[Cloud, Any, Data], None]:
    def run(cloud: Cloud, row: Any, data: Data) -> None:
        place, place_id, actor, actor_id = place_and_actor(kind, row.id, data["other"])
        # First what is new: nobody is without any role in between.
        for role in data["give"]:
            members.grant(cloud, _place(place), place_id, actor, actor_id, role)
        for role in data["take"]:
            members.revoke(cloud, _place(place), place_id, actor, actor_id, role)

    return run


def _cli(kind: str, field: str, verb: str = "add", key: str = "roles") -> Callable[[Any, Data], Sequence[str]]:
    def words(row: Any, data: Data) -> Sequence[str]:
        place, place_id, actor, actor_id = place_and_actor(kind, row.id, data[field])
        roles = data[key] or ["$ROLE"]
        where = (f"--{place[:-1]}", place_id, f"--{actor[:-1]}", actor_id)
        found: list[str] = []
        for role in roles:
            found += ["\n"] if found else []
            found += ["openstack", "role", verb, *where, role]
        return found

    return words


def _change_cli(kind: str) -> Callable[[Any, Data], Sequence[str]]:
    def words(row: Any, data: Data) -> Sequence[str]:
        given = _cli(kind, "other", "add", "give")(row, data) if data["give"] else []
        taken = _cli(kind, "other", "remove", "take")(row, data) if data["take"] else []
        return [*given, *(["\n"] if given and taken else []), *taken]

    return words


def member_actions(kind: str) -> tuple[Action[Any], ...]:
    """Giving roles in a project or domain, changing and taking them; the last two where the members are listed."""
    return (
        Action(
            slug="add-member",
            label=gettext_lazy("Add member"),
            form=AddMemberForm,
            run=_give(kind, "who"),
            says=texts_of(
                gettext_lazy("Who is named gets these roles in %(name)s, at once."),
                gettext_lazy("Who is named gets these roles in each of them, at once."),
            ),
            icon="plus",
            roles=IDENTITY_MANAGER,
            is_bulk=kind == "projects",
            is_primary=True,
            started=gettext_lazy("Added to"),
            button=gettext_lazy("Add"),
            cli=_cli(kind, "who"),
        ),
        *_both(kind),
    )


def place_actions(kind: str) -> tuple[Action[Any], ...]:
    """Giving a user or group roles in a project, changing and taking them."""
    return (
        Action(
            slug="give-role",
            label=gettext_lazy("Give a role"),
            form=GiveRoleForm,
            run=_give(kind, "project"),
            says=texts_of(
                gettext_lazy("%(name)s gets these roles in the project, at once."),
                gettext_lazy("Each of them gets these roles in the project, at once."),
            ),
            icon="shield",
            roles=IDENTITY_MANAGER,
            is_bulk=True,
            started=gettext_lazy("Roles given to"),
            button=gettext_lazy("Give"),
            cli=_cli(kind, "project"),
        ),
        *_both(kind),
    )


def _both(kind: str) -> tuple[Action[Any], ...]:
    changed: Any = roles_form(kind)
    taken: Any = roles_form(kind, is_removal=True)
    return (
        editing(
            slug="change-roles",
            label=gettext_lazy("Change roles"),
            run=_change(kind),
            says=lambda rows: _("What is ticked holds at once; tokens that lack a role now end."),
            form=changed,
            roles=IDENTITY_MANAGER,
            is_in_menu=False,
            started=gettext_lazy("Roles changed"),
            cli=_change_cli(kind),
        ),
        Action(
            slug="take-roles",
            label=gettext_lazy("Remove member"),
            form=taken,
            run=_change(kind),
            says=lambda rows: _("All roles that were given there are taken, at once. What they made stays."),
            icon="trash",
            roles=IDENTITY_MANAGER,
            is_bulk=False,
            is_in_menu=False,
            is_dangerous=True,
            started=gettext_lazy("Roles taken"),
            button=gettext_lazy("Remove"),
            cli=_change_cli(kind),
        ),
    )
