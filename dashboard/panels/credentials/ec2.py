"""EC2 credentials: access keys for what speaks Amazon's protocols. They are a person's own, each for one project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.cloud import application_credentials, credentials
from dashboard.cloud.connection import Cloud
from dashboard.cloud.credentials import Ec2Credential
from dashboard.cloud.errors import CloudError
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.live import cache
from dashboard.ui.actions import deletion
from dashboard.ui.columns import column
from dashboard.ui.panel import Column, Create, Filter, Group, Panel, Tab

NAMES_SECONDS = 300


class Ec2Form(forms.Form):
    """Nothing to fill in: the person and the project are those in scope."""


def with_projects(cloud: Cloud, rows: Sequence[Ec2Credential]) -> Sequence[Ec2Credential]:
    """The rows with the names of their projects, which are asked for only if one is another than this."""
    names: Mapping[str, str] = {cloud.project_id: cloud.access.scope.name}
    if any(row.project_id not in names for row in rows):
        try:
            names = cache.cached(
                cloud,
                "own-projects",
                NAMES_SECONDS,
                lambda: application_credentials.own_project_names(cloud),
                is_own=True,
            )
        except CloudError:
            names = {}
    return [replace(row, project_name=names.get(row.project_id, "")) for row in rows]


def secret(cloud: Cloud, row: Ec2Credential) -> Mapping[str, Any]:
    """The secret, read from Keystone for who opens this tab."""
    return {"secret": credentials.ec2_secret(cloud, row.id)}


def create(cloud: Cloud, data: Mapping[str, Any]) -> Ec2Credential:
    """Makes one for the project in scope."""
    return credentials.create_ec2(cloud)


ACCESS: Column[Ec2Credential] = column("name", gettext_lazy("Access key"), cell="ui/cell/name.html", sort="name")
PROJECT: Column[Ec2Credential] = column(
    "project", gettext_lazy("Project"), lambda row: row.project_name or row.project_id, sort="project"
)
PANEL: Panel[Ec2Credential] = Panel(
    slug="ec2-credentials",
    title=gettext_lazy("EC2 credentials"),
    noun=gettext_lazy("EC2 credential"),
    nouns=gettext_lazy("EC2 credentials"),
    group="identity",
    icon="key",
    service=SERVICE,
    about=gettext_lazy(
        "An EC2 credential is an access key with a secret, for programs that speak Amazon's protocols, S3 above all. "
        "It has all your roles in its project; where you can, use an application credential instead."
    ),
    rows=credentials.list_ec2,
    row=credentials.get_ec2,
    raw=credentials.get_ec2_json,
    joined=with_projects,
    columns=(
        ACCESS,
        PROJECT,
        column("secret", gettext_lazy("Secret"), lambda row: "••••••••"),
    ),
    filters=(Filter(key="project", label=gettext_lazy("Project")),),
    actions=(
        deletion(
            lambda cloud, row: credentials.delete_ec2(cloud, row.id),
            gettext_lazy("Programs that use the access key %(name)s are refused from now on. This can't be undone."),
            gettext_lazy("Programs that use these access keys are refused from now on. This can't be undone."),
            command=("ec2", "credentials", "delete"),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create an EC2 credential"),
        form=Ec2Form,
        run=create,
        cli=lambda data: ("openstack", "ec2", "credentials", "create"),
    ),
    groups=(
        Group(
            label=gettext_lazy("EC2 credential"),
            facts=(
                column("id", gettext_lazy("Access key"), cell="ui/cell/copy.html"),
                PROJECT,
                column("project_id", gettext_lazy("Project's ID"), cell="ui/cell/copy.html"),
            ),
        ),
    ),
    tabs=(Tab(slug="secret", label=gettext_lazy("Secret"), template="credentials/secret.html", load=secret),),
    lookup=credentials.EC2_LOOKUP,
    default_sort="name",
    id_pattern="[^/]+",
    is_minor=True,
)
