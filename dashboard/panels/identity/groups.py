"""Groups: users who get their roles together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import groups as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.groups import LOOKUP, Group
from dashboard.panels.identity.columns import DOMAIN, DOMAIN_FILTER, EXTRA, SCOPES
from dashboard.panels.identity.fields import texts_of
from dashboard.panels.identity.forms_users import AddUsersForm, EditGroupForm, GroupForm, LeaveForm
from dashboard.panels.identity.membership import place_actions, places_tab
from dashboard.panels.identity.names import domain_names
from dashboard.panels.identity.tabs import people_tab
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import DESCRIPTION, ID, NAME, column
from dashboard.ui.errors import told
from dashboard.ui.panel import IDENTITY_MANAGER, IDENTITY_READER, Action, Create, Filter, Lead, Panel
from dashboard.ui.panel import Group as Facts
from dashboard.ui.values import Part

Data = Mapping[str, Any]


def with_names(cloud: Cloud, rows: Sequence[Group]) -> list[Group]:
    """Groups with their domains' names."""
    names = domain_names(cloud)
    return [replace(row, domain_name=names.get(row.domain_id, "")) for row in rows]


def create(cloud: Cloud, data: Data) -> Group:
    """Makes the group of the form."""
    body = {"name": data["name"], "domain_id": data["domain_id"], "description": data["description"]}
    return do.create_group(cloud, body)


def create_cli(data: Data) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "group", "create", "--domain", data["domain_id"]]
    words += ["--description", data["description"]] if data["description"] else []
    return [*words, data["name"]]


def edit(cloud: Cloud, row: Group, data: Data) -> None:
    """Changes what was changed in the form."""
    given = {key: data[key] for key in ("name", "description") if data[key] != getattr(row, key)}
    do.update_group(cloud, row.id, given)


def add(cloud: Cloud, row: Group, data: Data) -> tuple[Part, ...] | None:
    """Puts the users of the form into it; of several, says what became of each."""
    people = data["people"]
    if len(people) == 1:
        do.add_member(cloud, row.id, people[0].id)
        return None
    parts = []
    for user in people:
        error = ""
        try:
            do.add_member(cloud, row.id, user.id)
        except Unauthorized:
            raise
        except CloudError as problem:
            error = told(problem, cloud)
        parts.append(Part(user.name, error, "users:detail", user.id))
    return tuple(parts)


def leave(cloud: Cloud, row: Group, data: Data) -> None:
    """Takes a user out of it."""
    do.remove_member(cloud, row.id, data["user"])


def delete(cloud: Cloud, row: Group, data: Data) -> None:
    """Deletes it."""
    do.delete_group(cloud, row.id)


ACTIONS: tuple[Action[Any], ...] = (
    Action(
        slug="add-users",
        label=gettext_lazy("Add users"),
        form=AddUsersForm,
        run=add,
        says=texts_of(gettext_lazy("They get the roles that %(name)s has, at once."), ""),
        icon="plus",
        roles=IDENTITY_MANAGER,
        is_bulk=False,
        is_primary=True,
        started=gettext_lazy("Added to"),
        button=gettext_lazy("Add"),
        cli=lambda row, data: ["openstack", "group", "add", "user", row.id, *(user.id for user in data["people"])],
    ),
    Action(
        slug="remove-user",
        label=gettext_lazy("Remove from group"),
        form=LeaveForm,
        run=leave,
        says=texts_of(gettext_lazy("They lose the roles that they have by %(name)s alone, at once."), ""),
        icon="minus",
        roles=IDENTITY_MANAGER,
        is_bulk=False,
        is_in_menu=False,
        is_dangerous=True,
        started=gettext_lazy("Removed from"),
        button=gettext_lazy("Remove"),
        cli=lambda row, data: ("openstack", "group", "remove", "user", row.id, data["user"]),
    ),
    *place_actions("groups"),
    editing(
        run=edit,
        says=texts_of(gettext_lazy("What %(name)s is called. Its id stays."), ""),
        form=EditGroupForm,
        roles=IDENTITY_MANAGER,
        cli=lambda row, data: (
            *("openstack", "group", "set", "--name", data["name"]),
            *("--description", data["description"], row.id),
        ),
    ),
    removal(
        run=delete,
        says=texts_of(
            gettext_lazy(
                "%(name)s goes. Its members stay, and lose the roles that they had by it. That can't be undone."
            ),
            gettext_lazy(
                "They go. Their members stay, and lose the roles that they had by them. That can't be undone."
            ),
        ),
        roles=IDENTITY_MANAGER,
        cli=lambda row, data: ("openstack", "group", "delete", row.id),
    ),
)

PANEL: Panel[Any] = Panel(
    slug="groups",
    title=gettext_lazy("Groups"),
    noun=gettext_lazy("group"),
    nouns=gettext_lazy("groups"),
    group="identity",
    icon="users",
    service="identity",
    scopes=SCOPES,
    roles=IDENTITY_READER,
    about=gettext_lazy("A group has users and roles: who comes into it gets its roles, who leaves it loses them."),
    rows=do.list_groups,
    row=do.get_group,
    raw=do.get_group_json,
    joined=with_names,
    columns=(
        NAME,
        DOMAIN,
        column("description", gettext_lazy("Description"), sort="description"),
        column("id", gettext_lazy("ID"), cell="ui/cell/copy.html", is_optional=True),
    ),
    filters=(
        DOMAIN_FILTER,
        Filter(key="user", label=gettext_lazy("A user is in it"), hint=gettext_lazy("the user's id")),
    ),
    actions=ACTIONS,
    leads=(
        Lead(
            label=gettext_lazy("What its members may do by it"),
            url_name="assignments:index",
            query=lambda row: {"group": row.id},
            icon="shield-lock",
            roles=IDENTITY_READER,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create group"),
        form=GroupForm,
        run=create,
        roles=IDENTITY_MANAGER,
        cli=create_cli,
    ),
    groups=(Facts(label=gettext_lazy("Group"), facts=(ID, DESCRIPTION, DOMAIN)), EXTRA),
    tabs=(people_tab(), places_tab("groups")),
    lookup=LOOKUP,
    find=lambda cloud, text: [(item.id, item.name) for item in do.find_groups(cloud, text, limit=7)],
    default_sort="name",
    id_pattern="[0-9A-Za-z_-]{1,64}",
)
