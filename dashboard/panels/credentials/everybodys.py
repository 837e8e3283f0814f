"""The credentials that Keystone keeps of everybody, for administrators: whose, and of which kind; never the secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import credentials, oauth
from dashboard.cloud.connection import Cloud
from dashboard.cloud.credentials import Credential
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.cloud.oauth import Consumer
from dashboard.live.names import project_names, user_names
from dashboard.ui.actions import deletion
from dashboard.ui.columns import COPY, DESCRIPTION, ID, column
from dashboard.ui.panel import ADMIN, IDENTITY_ADMIN, READER, Column, Filter, Group, Panel, RolesIn

LOOK = RolesIn(project=ADMIN, domain=ADMIN, system=READER)
"""Who may look at what all domains share."""
KINDS: Mapping[str, Any] = {
    "ec2": gettext_lazy("EC2 access key"),
    "totp": gettext_lazy("One-time passcodes"),
    "cert": gettext_lazy("Certificate"),
}
EFFECTS: Mapping[str, Any] = {
    "ec2": gettext_lazy("Programs that use it are refused."),
    "totp": gettext_lazy("Its owner's device makes no passcodes for this cloud any more."),
}


@dataclass(frozen=True)
class Owned(Credential):
    """A credential with the names of its owner and project."""

    user_name: str = ""
    project_name: str = ""

    @property
    def name(self) -> str:
        kind = str(KINDS.get(self.type, self.type))
        return _("%(kind)s of %(who)s") % {"kind": kind, "who": self.user_name or self.user_id[:8]}


def with_names(cloud: Cloud, rows: Sequence[Credential]) -> Sequence[Owned]:
    """The rows with names, where they can be had."""
    people = user_names(cloud, (row.user_id for row in rows))
    projects = project_names(cloud) if any(row.project_id for row in rows) else {}
    return [
        Owned(
            row.id,
            row.type,
            row.user_id,
            row.project_id,
            people.get(row.user_id, ""),
            projects.get(row.project_id, ""),
        )
        for row in rows
    ]


def says_delete(rows: Sequence[Credential]) -> str:
    """What follows, by kind."""
    effects = dict.fromkeys(str(EFFECTS[row.type]) for row in rows if row.type in EFFECTS)
    return " ".join([_("These secrets are forgotten: %(n)d.") % {"n": len(rows)}, *effects, _("This can't be undone.")])


KIND: Column[Any] = column("type", gettext_lazy("Kind"), lambda row: KINDS.get(row.type, row.type), sort="type")
OWNER: Column[Any] = column("user", gettext_lazy("Owner"), lambda row: getattr(row, "user_name", "") or row.user_id)
PROJECT: Column[Any] = column(
    "project", gettext_lazy("Project"), lambda row: getattr(row, "project_name", "") or row.project_id
)
DELETE = replace(
    deletion(
        lambda cloud, row: credentials.delete_credential(cloud, row.id),
        "",
        "",
        command=("credential", "delete"),
    ),
    says=says_delete,
    roles=IDENTITY_ADMIN,
)
PANEL: Panel[Credential] = Panel(
    slug="credentials",
    title=gettext_lazy("Credentials of all"),
    noun=gettext_lazy("credential"),
    nouns=gettext_lazy("credentials"),
    group="identity",
    icon="lock",
    service=SERVICE,
    about=gettext_lazy(
        "Secrets that Keystone keeps for people: access keys of EC2, what their one-time passcodes are made of, "
        "certificates. Here is whose they are; what they are is shown to nobody."
    ),
    rows=credentials.list_credentials,
    row=credentials.get_credential,
    raw=credentials.get_credential_json,
    joined=with_names,
    columns=(
        column("name", gettext_lazy("Credential"), lambda row: row.name, "ui/cell/name.html", sort="name"),
        KIND,
        OWNER,
        PROJECT,
        replace(ID, is_optional=True),
    ),
    filters=(
        Filter(key="type", label=gettext_lazy("Kind"), choices=tuple(KINDS.items())),
        Filter(key="user", label=gettext_lazy("Owner's ID")),
        Filter(key="project", label=gettext_lazy("Project's ID")),
    ),
    actions=(DELETE,),
    groups=(
        Group(
            label=gettext_lazy("Credential"),
            facts=(
                ID,
                KIND,
                OWNER,
                column("user_id", gettext_lazy("Owner's ID"), cell=COPY),
                PROJECT,
                column("project_id", gettext_lazy("Project's ID"), cell=COPY),
            ),
        ),
    ),
    lookup=credentials.LOOKUP,
    default_sort="type",
    id_pattern="[0-9a-fA-F-]{32,64}",
    roles=LOOK,
    scopes=("project", "domain", "system"),
    is_minor=True,
)
CONSUMERS: Panel[Consumer] = Panel(
    slug="oauth-consumers",
    title=gettext_lazy("OAuth consumers"),
    noun=gettext_lazy("OAuth consumer"),
    nouns=gettext_lazy("OAuth consumers"),
    group="identity",
    icon="plug-connected",
    service=SERVICE,
    about=gettext_lazy(
        "An OAuth consumer is a program that may ask people to lend it some of their roles, by OAuth 1.0a. They are "
        "registered with the openstack command; few clouds have any."
    ),
    rows=oauth.list_consumers,
    row=oauth.get_consumer,
    raw=oauth.get_consumer_json,
    columns=(
        column("name", gettext_lazy("Description"), cell="ui/cell/name.html", sort="name"),
        ID,
    ),
    groups=(Group(label=gettext_lazy("OAuth consumer"), facts=(ID, DESCRIPTION)),),
    lookup=oauth.LOOKUP,
    default_sort="name",
    roles=LOOK,
    scopes=("project", "domain", "system"),
    is_minor=True,
)
