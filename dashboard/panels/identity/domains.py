"""Domains: realms of users, groups and projects, each with managers of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import domains as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.domains import LOOKUP, Domain
from dashboard.cloud.types import Term
from dashboard.live import cache
from dashboard.panels.identity.columns import ENABLED, ENABLED_FILTER, EXTRA, SCOPES, switches
from dashboard.panels.identity.fields import spare_own, texts_of
from dashboard.panels.identity.forms_projects import DeleteDomainForm, DomainForm, EditForm, OwnForm
from dashboard.panels.identity.membership import member_actions, members_tab
from dashboard.panels.identity.names import DOMAINS
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import BOOL, DESCRIPTION, ID, NAME, TAGS, column
from dashboard.ui.panel import IDENTITY_ADMIN, IDENTITY_READER, Action, Create, Group, Lead, Panel, Tab

Data = Mapping[str, Any]


def create(cloud: Cloud, data: Data) -> Domain:
    """Makes the domain of the form."""
    found = do.create_domain(
        cloud, {"name": data["name"], "description": data["description"], "enabled": data["enabled"]}
    )
    cache.drop(cloud, DOMAINS)
    return found


def create_cli(data: Data) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "domain", "create"]
    words += ["--description", data["description"]] if data["description"] else []
    words += [] if data["enabled"] else ["--disable"]
    return [*words, data["name"]]


def edit(cloud: Cloud, row: Domain, data: Data) -> None:
    """Changes what was changed in the form."""
    given = {key: data[key] for key in ("name", "description") if data[key] != getattr(row, key)}
    do.update_domain(cloud, row.id, given)
    cache.drop(cloud, DOMAINS)


def set_enabled(cloud: Cloud, row: Domain, is_on: bool) -> None:
    """Switches it on or off."""
    do.update_domain(cloud, row.id, {"enabled": is_on})


def delete(cloud: Cloud, row: Domain, data: Data) -> None:
    """Deletes it with all that is in it."""
    spare_own(cloud, row, data)
    do.delete_domain(cloud, row.id)
    cache.drop(cloud, DOMAINS)


def why_not_delete(row: Domain) -> Any:
    """Keystone deletes disabled domains alone."""
    if row.id == "default":
        return _("It is the default domain, which Keystone itself needs.")
    return _("It is enabled. Disable it first; then nobody works in it any more.") if row.is_enabled else ""


ACTIONS: tuple[Action[Any], ...] = (
    *member_actions("domains"),
    editing(
        run=edit,
        says=texts_of(gettext_lazy("What %(name)s is called: people type that when they sign in. Its id stays."), ""),
        form=EditForm,
        roles=IDENTITY_ADMIN,
        cli=lambda row, data: (
            *("openstack", "domain", "set", "--name", data["name"]),
            *("--description", data["description"], row.id),
        ),
    ),
    *switches(
        set_enabled,
        command="domain",
        form=OwnForm,
        disabled=(
            gettext_lazy(
                "Nobody of %(name)s can sign in any more, and their tokens end at once. Servers run on; nothing is "
                "deleted."
            ),
            gettext_lazy(
                "Nobody of them can sign in any more, and their tokens end at once. Servers run on; nothing is deleted."
            ),
        ),
        when=lambda row: _("It is the default domain, which Keystone itself needs.") if row.id == "default" else "",
        roles=IDENTITY_ADMIN,
    ),
    removal(
        run=delete,
        says=texts_of(
            gettext_lazy(
                "%(name)s goes with all its users, groups, projects and roles. Servers and volumes of its projects "
                "stay, and belong to nobody. That can't be undone."
            ),
            gettext_lazy(
                "They go with all their users, groups, projects and roles. Servers and volumes of their projects "
                "stay, and belong to nobody. That can't be undone."
            ),
        ),
        when=why_not_delete,
        form=DeleteDomainForm,
        roles=IDENTITY_ADMIN,
        cli=lambda row, data: ("openstack", "domain", "delete", row.id),
    ),
)


def _list_of(slug: str, label: Any) -> Tab[Any]:
    return Tab(slug=slug, label=label, lists=slug, terms=lambda row: (Term("domain", row.id),))


PANEL: Panel[Any] = Panel(
    slug="domains",
    title=gettext_lazy("Domains"),
    noun=gettext_lazy("domain"),
    nouns=gettext_lazy("domains"),
    group="identity",
    icon="world",
    service="identity",
    scopes=SCOPES,
    roles=IDENTITY_READER,
    about=gettext_lazy(
        "A domain is a realm of users, groups and projects, say of a company. Names are unique within it, and its "
        "managers look after it by themselves."
    ),
    rows=do.list_domains,
    row=do.get_domain,
    raw=do.get_domain_json,
    columns=(
        NAME,
        ENABLED,
        column("description", gettext_lazy("Description")),
        column("id", gettext_lazy("ID"), cell="ui/cell/copy.html", is_optional=True),
    ),
    filters=(ENABLED_FILTER,),
    actions=ACTIONS,
    leads=(
        Lead(
            label=gettext_lazy("Roles of people and groups"),
            url_name="assignments:matrix",
            query=lambda row: {"domain": row.id},
            icon="shield-lock",
            roles=IDENTITY_READER,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create domain"),
        form=DomainForm,
        run=create,
        roles=IDENTITY_ADMIN,
        cli=create_cli,
    ),
    groups=(
        Group(
            label=gettext_lazy("Domain"),
            facts=(
                ID,
                DESCRIPTION,
                column("tags", gettext_lazy("Tags"), lambda row: list(row.tags), TAGS),
                column("protected", gettext_lazy("Protected"), "is_immutable", BOOL),
            ),
        ),
        EXTRA,
    ),
    tabs=(
        _list_of("projects", gettext_lazy("Projects")),
        _list_of("users", gettext_lazy("Users")),
        _list_of("groups", gettext_lazy("Groups")),
        members_tab("domains"),
    ),
    lookup=LOOKUP,
    default_sort="name",
    id_pattern="[0-9A-Za-z_-]{1,64}",
)
