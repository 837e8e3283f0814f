"""Security groups: what may reach a server, and what it may reach, each rule in words."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.address_groups import list_all_address_groups
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.security_groups import (
    LOOKUP,
    Rule,
    SecurityGroup,
    get_security_group,
    get_security_group_json,
    list_all_security_groups,
    list_security_groups,
)
from dashboard.cloud.types import Term
from dashboard.panels.security_groups.actions import ACTIONS, create, create_cli
from dashboard.panels.security_groups.forms import CreateGroupForm
from dashboard.ui.columns import ALL_PROJECTS, OPTIONAL_PROJECT
from dashboard.ui.panel import Column, Create, Filter, Group, Panel, Tab
from dashboard.ui.words import rule_words


def ingress_words(group: SecurityGroup) -> list[str]:
    """What the group lets in, each kind once."""
    names = {group.id: group.name}
    return list(dict.fromkeys(rule_words(rule, names) for rule in group.ingress)) or [_("Nothing")]


def rules(cloud: Cloud, group: SecurityGroup) -> Mapping[str, Any]:
    """The rules with their words; names of other groups where they can be had."""
    names = {group.id: group.name}
    if any(rule.remote_group_id not in {"", group.id} for rule in group.rules):
        # Without the names, ids stand in for them.
        with contextlib.suppress(CloudError):
            names |= {other.id: other.name for other in list_all_security_groups(cloud)}
    if any(rule.remote_address_group_id for rule in group.rules):
        names |= {other.id: other.name for other in later(lambda: list_all_address_groups(cloud)).or_else(())}

    def said(found: tuple[Rule, ...]) -> list[tuple[Rule, str]]:
        return [(rule, rule_words(rule, names)) for rule in found]

    return {
        "can_change": cloud.has_role("member", "manager") and group.project_id in {"", cloud.project_id},
        "directions": (
            (_("Lets in"), _("Nothing gets in."), said(group.ingress)),
            (_("Lets out"), _("Nothing gets out."), said(group.egress)),
        ),
    }


PANEL: Panel[SecurityGroup] = Panel(
    slug="security-groups",
    title=gettext_lazy("Security groups"),
    noun=gettext_lazy("security group"),
    nouns=gettext_lazy("security groups"),
    group="network",
    icon="shield-lock",
    service="network",
    about=gettext_lazy(
        "A security group is a list of what may reach a server, and what it may reach. Everything else is dropped."
    ),
    rows=list_security_groups,
    row=get_security_group,
    raw=get_security_group_json,
    columns=(
        Column(
            key="name",
            label=gettext_lazy("Name"),
            value=lambda group: group.name,
            cell="ui/cell/name.html",
            sort="name",
        ),
        Column(key="description", label=gettext_lazy("Description"), value=lambda group: group.description),
        Column(key="ingress", label=gettext_lazy("Lets in"), value=ingress_words, cell="ui/cell/list.html"),
        Column(
            key="rules",
            label=gettext_lazy("Rules"),
            value=lambda group: len(group.rules),
            sort="rules",
            is_numeric=True,
        ),
        Column(
            key="created",
            label=gettext_lazy("Created"),
            value=lambda group: group.created,
            cell="ui/cell/time.html",
            sort="created",
            is_optional=True,
        ),
        Column(
            key="updated",
            label=gettext_lazy("Updated"),
            value=lambda group: group.updated,
            cell="ui/cell/time.html",
            sort="updated",
        ),
        Column(
            key="stateful",
            label=gettext_lazy("Answers are let through"),
            value=lambda group: group.is_stateful,
            cell="ui/cell/bool.html",
            is_optional=True,
        ),
        Column(
            key="tags",
            label=gettext_lazy("Tags"),
            value=lambda group: list(group.tags),
            cell="ui/cell/tags.html",
            is_optional=True,
        ),
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(key="port", label=gettext_lazy("Port that is let in"), hint="port:22"),
        Filter(key="stateful", label=gettext_lazy("Stateful"), hint="stateful:no"),
        Filter(key="shared", label=gettext_lazy("Shared"), hint="shared:yes"),
        Filter(key="tag", label=gettext_lazy("Tag"), hint="tag:production"),
        ALL_PROJECTS,
    ),
    groups=(
        Group(
            label=gettext_lazy("Security group"),
            facts=(
                Column(key="id", label=gettext_lazy("ID"), value=lambda group: group.id, cell="ui/cell/copy.html"),
                Column(key="description", label=gettext_lazy("Description"), value=lambda group: group.description),
                Column(key="ingress", label=gettext_lazy("Lets in"), value=ingress_words, cell="ui/cell/list.html"),
                Column(
                    key="stateful",
                    label=gettext_lazy("Answers are let through"),
                    value=lambda group: group.is_stateful,
                    cell="ui/cell/bool.html",
                ),
                Column(
                    key="shared",
                    label=gettext_lazy("Shared with other projects"),
                    value=lambda group: group.is_shared,
                    cell="ui/cell/bool.html",
                ),
                Column(
                    key="owner",
                    label=gettext_lazy("Project"),
                    value=lambda group: group.project_id,
                    cell="ui/cell/copy.html",
                ),
                Column(
                    key="created", label=gettext_lazy("Created"), value=lambda g: g.created, cell="ui/cell/time.html"
                ),
                Column(
                    key="updated", label=gettext_lazy("Updated"), value=lambda g: g.updated, cell="ui/cell/time.html"
                ),
                Column(
                    key="tags",
                    label=gettext_lazy("Tags"),
                    value=lambda group: list(group.tags),
                    cell="ui/cell/tags.html",
                ),
            ),
        ),
    ),
    tabs=(
        Tab(slug="rules", label=gettext_lazy("Rules"), template="security_groups/rules.html", load=rules),
        Tab(
            slug="ports",
            label=gettext_lazy("Used by"),
            lists="ports",
            terms=lambda group: (Term("group", group.id),),
            is_offered=lambda cloud, group: extensions.has(cloud, "port-security-groups-filtering"),
        ),
        Tab(
            slug="sharing",
            label=gettext_lazy("Sharing"),
            lists="network-sharing",
            terms=lambda group: (Term("object", group.id), Term("type", "security_group")),
            is_offered=lambda cloud, group: (
                extensions.has(cloud, "rbac-security-groups") and group.project_id == cloud.project_id
            ),
        ),
    ),
    actions=ACTIONS,
    create=Create(label=gettext_lazy("Create security group"), form=CreateGroupForm, run=create, cli=create_cli),
    lookup=LOOKUP,
    default_sort="name",
)
