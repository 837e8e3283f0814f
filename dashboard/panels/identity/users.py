"""Users: who may sign in, how, and in which projects they work."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud import users as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.keystone_lists import find
from dashboard.cloud.parallel import later
from dashboard.cloud.users import LOOKUP, User
from dashboard.panels.identity import words
from dashboard.panels.identity.columns import DOMAIN, DOMAIN_FILTER, ENABLED, ENABLED_FILTER, EXTRA, SCOPES
from dashboard.panels.identity.fields import KINDS, named
from dashboard.panels.identity.forms_users import UserForm
from dashboard.panels.identity.membership import places_tab
from dashboard.panels.identity.names import domain_names, project_known
from dashboard.panels.identity.tabs import groups_tab
from dashboard.panels.identity.user_actions import ACTIONS, create, create_cli
from dashboard.ui.columns import BOOL, DESCRIPTION, ID, LINK, LIST, NAME, STATUS, column
from dashboard.ui.panel import IDENTITY_MANAGER, IDENTITY_READER, Create, Filter, Group, Lead, Panel, may
from dashboard.ui.terms import wrong_flag
from dashboard.ui.values import Link

FOUND = 8
LONGEST = 200


@require_GET
def found(request: Request) -> Any:
    """``?kinds=users,groups&field=who&who=``: what is called so, for a field that is typed into."""
    cloud = cloud_of(request)
    text = request.GET.get(request.GET.get("field", ""), "").strip()[:LONGEST]
    kinds = [kind for kind in request.GET.get("kinds", "").split(",") if kind in KINDS]
    values: list[tuple[str, str]] = []
    if text and may(cloud, IDENTITY_READER):
        wanted = text.removeprefix("group:").strip() if "groups" in kinds else text
        calls = [(kind, later(functools.partial(find, cloud, KINDS[kind], wanted, limit=FOUND))) for kind in kinds]
        for kind, outcome in calls:
            rows: Sequence[Any] = outcome.or_else(())
            if isinstance(outcome.error, Unauthorized):
                raise outcome.error
            values += [(named(cloud, kind, row), told(row)) for row in rows]
    return render(request, "people/found.html", {"found": values})


def told(row: Any) -> str:
    """What tells namesakes apart."""
    return str(getattr(row, "email", "") or getattr(row, "description", "") or row.id[:8])


def with_names(cloud: Cloud, rows: Sequence[User]) -> list[User]:
    """Users with their domains' names; one alone with the default project's, too."""
    names = domain_names(cloud)
    found = [replace(row, domain_name=names.get(row.domain_id, "")) for row in rows]
    if len(found) == 1 and found[0].default_project_id:
        try:
            known = project_known(cloud, found[0].default_project_id)
        except Unauthorized:
            raise
        except CloudError:
            known = None
        found[0] = replace(found[0], default_project_name=known.name if known else "")
    return found


def default_project(user: User) -> Link:
    """Where they start."""
    return Link(user.default_project_name or user.default_project_id, "projects:detail", user.default_project_id)


EMAIL = column("email", gettext_lazy("Email"), sort="email")
PASSWORD = column("password", gettext_lazy("Password"), words.password, STATUS, sort="expires")
MFA = column(
    "mfa",
    gettext_lazy("Several factors"),
    lambda user: bool(user.options.get("multi_factor_auth_enabled")),
    BOOL,
    is_optional=True,
)
PANEL: Panel[Any] = Panel(
    slug="users",
    title=gettext_lazy("Users"),
    noun=gettext_lazy("user"),
    nouns=gettext_lazy("users"),
    group="identity",
    icon="user",
    service="identity",
    scopes=SCOPES,
    roles=IDENTITY_READER,
    about=gettext_lazy(
        "A user signs in and works with the roles that they have in projects, by themselves or by their groups."
    ),
    rows=do.list_users,
    row=do.get_user,
    raw=do.get_user_json,
    joined=with_names,
    columns=(
        NAME,
        ENABLED,
        EMAIL,
        DOMAIN,
        column("description", gettext_lazy("Description"), is_optional=True),
        replace(PASSWORD, is_optional=True),
        MFA,
        column("id", gettext_lazy("ID"), cell="ui/cell/copy.html", is_optional=True),
    ),
    filters=(
        ENABLED_FILTER,
        DOMAIN_FILTER,
        Filter(key="email", label=gettext_lazy("Email"), hint=gettext_lazy("whole, or with * for any text")),
        Filter(key="group", label=gettext_lazy("In a group"), hint=gettext_lazy("the group's id")),
        Filter(key="project", label=gettext_lazy("Default project"), hint=gettext_lazy("its id")),
        Filter(key="mfa", label=gettext_lazy("Several factors"), hint=gettext_lazy("yes or no"), wrong=wrong_flag),
        Filter(key="locked", label=gettext_lazy("Password locked"), hint=gettext_lazy("yes or no"), wrong=wrong_flag),
    ),
    actions=ACTIONS,
    leads=(
        Lead(
            label=gettext_lazy("What they may do, and why"),
            url_name="assignments:index",
            query=lambda row: {"user": row.id},
            icon="shield-lock",
            roles=IDENTITY_READER,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create user"),
        form=UserForm,
        run=create,
        roles=IDENTITY_MANAGER,
        cli=create_cli,
    ),
    groups=(
        Group(
            label=gettext_lazy("User"),
            facts=(
                ID,
                EMAIL,
                DESCRIPTION,
                DOMAIN,
                column("default", gettext_lazy("Default project"), default_project, LINK),
            ),
        ),
        Group(
            label=gettext_lazy("Signing in"),
            facts=(
                column("expires", gettext_lazy("Password"), words.password, STATUS),
                column("options", gettext_lazy("Options"), words.options, LIST),
                column("ways", gettext_lazy("Ways to sign in"), words.ways, LIST, is_optional=True),
                column("federated", gettext_lazy("At identity providers"), words.federated, LIST, is_optional=True),
            ),
        ),
        EXTRA,
    ),
    tabs=(places_tab("users"), groups_tab()),
    lookup=LOOKUP,
    find=lambda cloud, text: [(item.id, item.name) for item in do.find_users(cloud, text, limit=7)],
    default_sort="name",
    id_pattern="[0-9A-Za-z_-]{1,64}",
    extra_urls=(path("find/", found, name="find"),),
)
