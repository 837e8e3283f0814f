"""Mappings: rules that make a user of this cloud of what an identity provider says of somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import federation
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict
from dashboard.cloud.federation import Rulebook
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.panels.federation import trying
from dashboard.panels.federation.fields import RulesForm, as_text
from dashboard.panels.federation.words import LOOK, rules_told
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import NAME, column
from dashboard.ui.panel import IDENTITY_ADMIN, Column, Create, Filter, Group, Lead, Panel, Tab

Data = Mapping[str, Any]


class NewForm(RulesForm):
    """A name and the rules."""

    name = forms.RegexField(
        r"^[A-Za-z0-9._~-]+$",
        label=gettext_lazy("Name"),
        max_length=64,
        help_text=gettext_lazy("Letters, digits and . _ - ~"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "schema_version", "rules")


class EditForm(RulesForm):
    """Other rules for a mapping that there is."""

    def __init__(self, *args: Any, rows: Sequence[Rulebook] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rows:
            self.initial["rules"] = as_text(list(rows[0].rules))
            self.initial["schema_version"] = rows[0].schema_version or "1.0"


def create(cloud: Cloud, data: Data) -> Rulebook:
    """Makes the mapping of the form."""
    return federation.create_mapping(cloud, data["name"], rules=data["found"], schema_version=data["schema_version"])


def edit(cloud: Cloud, row: Rulebook, data: Data) -> None:
    """Puts other rules in place."""
    federation.update_mapping(cloud, row.id, rules=data["found"], schema_version=data["schema_version"])


def delete(cloud: Cloud, row: Rulebook) -> None:
    """Deletes it, if nothing uses it: Keystone itself would not look. Raises Conflict."""
    users = federation.users_of_mapping(cloud, row.id)
    if users:
        raise Conflict(
            _("It is used by %(users)s; nobody could sign in by that any more.")
            % {"users": ", ".join(f"{provider}/{protocol}" for provider, protocol in users)},
            service=SERVICE,
        )
    federation.delete_mapping(cloud, row.id)


def told(cloud: Cloud, row: Rulebook) -> Data:
    """The rules in words."""
    return {"rules": rules_told(row.rules)}


def use(cloud: Cloud, row: Rulebook) -> Data:
    """The identity providers and protocols that use it."""
    return {"users": federation.users_of_mapping(cloud, row.id)}


VERSION: Column[Rulebook] = column("version", gettext_lazy("Version of the schema"), "schema_version")
COUNT: Column[Rulebook] = column(
    "rules", gettext_lazy("Rules"), lambda row: len(row.rules), is_numeric=True, sort="rules"
)
PANEL: Panel[Rulebook] = Panel(
    slug="mappings",
    title=gettext_lazy("Mappings"),
    noun=gettext_lazy("mapping"),
    nouns=gettext_lazy("mappings"),
    group="identity",
    icon="transfer",
    service=SERVICE,
    about=gettext_lazy(
        "A mapping has rules that make a user of this cloud, with groups and projects, of what an identity provider "
        "says of somebody. You can try the rules here before anybody signs in by them."
    ),
    rows=federation.list_mappings,
    row=federation.get_mapping,
    raw=federation.get_mapping_json,
    columns=(NAME, COUNT, VERSION),
    filters=(Filter(key="version", label=gettext_lazy("Version of the schema"), hint="version:2.0"),),
    actions=(
        editing(
            label=gettext_lazy("Edit rules"),
            run=edit,
            says=lambda rows: (
                _("The rules of %(name)s hold for everybody who signs in from now on. Who is signed in stays.")
                % {"name": rows[0].name}
            ),
            form=EditForm,
            roles=IDENTITY_ADMIN,
            is_primary=True,
            cli=lambda row, data: ("openstack", "mapping", "set", "--rules", "$RULES_FILE", row.id),
        ),
        replace(
            deletion(
                lambda cloud, row: delete(cloud, row),
                gettext_lazy("The rules of %(name)s are lost. This can't be undone."),
                gettext_lazy("The rules of these mappings are lost. This can't be undone."),
                command=("mapping", "delete"),
            ),
            roles=IDENTITY_ADMIN,
        ),
    ),
    leads=(
        Lead(
            label=gettext_lazy("Try the rules"),
            url_name="mappings:try",
            query=lambda row: {"id": row.id},
            icon="player-play",
            roles=LOOK,
            is_primary=True,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create a mapping"),
        form=NewForm,
        run=create,
        roles=IDENTITY_ADMIN,
        cli=lambda data: ("openstack", "mapping", "create", "--rules", "$RULES_FILE", data["name"]),
    ),
    groups=(
        Group(
            label=gettext_lazy("Mapping"),
            facts=(column("id", gettext_lazy("Name"), cell="ui/cell/copy.html"), COUNT, VERSION),
        ),
    ),
    tabs=(
        Tab(slug="rules", label=gettext_lazy("Rules in words"), template="federation/rules.html", load=told),
        Tab(slug="use", label=gettext_lazy("Used by"), template="federation/use.html", load=use),
    ),
    lookup=federation.MAPPING_LOOKUP,
    default_sort="name",
    id_pattern="[^/]+",
    roles=LOOK,
    scopes=("project", "domain", "system"),
    is_minor=True,
    extra_urls=(path("try/", trying.view, name="try"),),
)
