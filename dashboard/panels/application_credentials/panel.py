"""Application credentials: what programs sign in with. They are a person's own, each for one project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import application_credentials as do
from dashboard.cloud.application_credentials import AppCredential
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.live import cache
from dashboard.panels.application_credentials import views
from dashboard.panels.application_credentials.forms import rule_words
from dashboard.ui.actions import deletion
from dashboard.ui.columns import BOOL, DESCRIPTION, ID, LIST, NAME, STATUS, TIME, column
from dashboard.ui.panel import READER, Create, Filter, Group, Panel
from dashboard.ui.values import Status

NAMES_SECONDS = 300


def with_projects(cloud: Cloud, rows: Sequence[AppCredential]) -> Sequence[AppCredential]:
    """The rows with the names of the projects that they are for; asked for only if one is another than this."""
    if all(row.project_name for row in rows):
        return rows
    try:
        names = cache.cached(cloud, "own-projects", NAMES_SECONDS, lambda: do.own_project_names(cloud), is_own=True)
    except CloudError:
        return rows
    return do.named(rows, names)


def state(row: AppCredential) -> Status:
    """Whether it can still be used."""
    if row.is_expired:
        return Status(gettext_lazy("Expired"), "off", title=gettext_lazy("It can't be used any more."))
    return Status(gettext_lazy("Valid"), "ok")


def rules(row: AppCredential) -> list[str]:
    """The requests that it may send, in words."""
    return [_("Everything its roles allow")] if row.rules is None else [rule_words(rule) for rule in row.rules]


STATE = column("status", gettext_lazy("Status"), state, STATUS)
PROJECT = column("project", gettext_lazy("Project"), lambda row: row.project_name or row.project_id, sort="project")
ROLES = column("roles", gettext_lazy("Roles"), lambda row: list(row.roles), LIST)
EXPIRES = column("expires", gettext_lazy("Expires"), cell=TIME, sort="expires")
UNRESTRICTED = column("unrestricted", gettext_lazy("Unrestricted"), "is_unrestricted", BOOL)
PANEL: Panel[AppCredential] = Panel(
    slug="application-credentials",
    title=gettext_lazy("Application credentials"),
    noun=gettext_lazy("application credential"),
    nouns=gettext_lazy("application credentials"),
    group="identity",
    icon="certificate",
    service=SERVICE,
    about=gettext_lazy(
        "An application credential lets a program sign in to one project without your password, with as few of your "
        "roles as it needs. People who sign in elsewhere and have no password here use it for the command line, too."
    ),
    rows=do.list_credentials,
    row=do.get_credential,
    raw=do.get_json,
    joined=with_projects,
    columns=(
        NAME,
        STATE,
        PROJECT,
        ROLES,
        EXPIRES,
        replace(UNRESTRICTED, is_optional=True),
        column("rules", gettext_lazy("Access rules"), rules, LIST, is_optional=True),
        replace(DESCRIPTION, is_optional=True),
        replace(ID, is_optional=True),
    ),
    filters=(
        Filter(
            key="state",
            label=gettext_lazy("Status"),
            choices=(("valid", gettext_lazy("Valid")), ("expired", gettext_lazy("Expired"))),
        ),
        Filter(
            key="unrestricted",
            label=gettext_lazy("Unrestricted"),
            choices=(("yes", gettext_lazy("Unrestricted")), ("no", gettext_lazy("Restricted"))),
        ),
        Filter(key="role", label=gettext_lazy("Role"), hint="role:reader"),
        Filter(key="project", label=gettext_lazy("Project")),
        Filter(key="name", label=gettext_lazy("The whole name")),
    ),
    actions=(
        deletion(
            lambda cloud, row: do.delete_credential(cloud, row.id),
            gettext_lazy("Programs that sign in by “%(name)s” are refused from now on. This can't be undone."),
            gettext_lazy("Programs that sign in by these are refused from now on. This can't be undone."),
            roles=READER,
            command=("application", "credential", "delete"),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create an application credential"), url_name="application-credentials:new", roles=READER
    ),
    groups=(
        Group(
            label=gettext_lazy("Application credential"),
            facts=(
                column("id", gettext_lazy("ID"), cell="ui/cell/copy.html"),
                DESCRIPTION,
                PROJECT,
                column("project_id", gettext_lazy("Project's ID"), cell="ui/cell/copy.html"),
            ),
        ),
        Group(
            label=gettext_lazy("What it may do"),
            facts=(
                ROLES,
                EXPIRES,
                UNRESTRICTED,
                column("rules", gettext_lazy("Access rules"), rules, LIST),
            ),
        ),
    ),
    lookup=do.LOOKUP,
    default_sort="name",
    extra_urls=(path("new/", views.create, name="new"),),
)
