"""Access rules: requests that application credentials may send. They stay when a credential goes, to be used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import application_credentials as do
from dashboard.cloud.application_credentials import AccessRule
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.ui.actions import deletion
from dashboard.ui.columns import ID, LIST, NAME, column
from dashboard.ui.panel import READER, Column, Filter, Group, Panel
from dashboard.ui.values import Link


def why_not_delete(rule: AccessRule) -> str:
    """Keystone keeps a rule that something uses."""
    if not rule.users:
        return ""
    return _("%(names)s has it. Delete that first.") % {"names": ", ".join(name for _id, name in rule.users)}


def users(rule: AccessRule) -> Sequence[Link]:
    """The application credentials that have the rule."""
    return [Link(name, "application-credentials:detail", id) for id, name in rule.users]


SERVICE_TYPE: Column[AccessRule] = column("service", gettext_lazy("Service"), sort="service")
USERS: Column[AccessRule] = column("users", gettext_lazy("Used by"), users, LIST)
PANEL: Panel[AccessRule] = Panel(
    slug="access-rules",
    title=gettext_lazy("Access rules"),
    noun=gettext_lazy("access rule"),
    nouns=gettext_lazy("access rules"),
    group="identity",
    icon="list-details",
    service=SERVICE,
    about=gettext_lazy(
        "An access rule is a request that an application credential may send. You make them with an application "
        "credential; they stay when that is deleted, and can be chosen for another."
    ),
    rows=do.list_rules,
    row=do.get_rule,
    raw=do.get_rule_json,
    columns=(
        replace(NAME, label=gettext_lazy("Request"), sort="path"),
        SERVICE_TYPE,
        USERS,
        replace(ID, is_optional=True),
    ),
    filters=(
        Filter(key="method", label=gettext_lazy("Method"), choices=tuple((method, method) for method in do.METHODS)),
        Filter(key="service", label=gettext_lazy("Service"), hint="service:compute"),
        Filter(
            key="used",
            label=gettext_lazy("Used"),
            choices=(("yes", gettext_lazy("Used")), ("no", gettext_lazy("Not used"))),
        ),
    ),
    actions=(
        deletion(
            lambda cloud, row: do.delete_rule(cloud, row.id),
            gettext_lazy("The access rule %(name)s can't be chosen any more. This can't be undone."),
            gettext_lazy("These access rules can't be chosen any more. This can't be undone."),
            when=why_not_delete,
            roles=READER,
            command=("access", "rule", "delete"),
        ),
    ),
    groups=(
        Group(
            label=gettext_lazy("Access rule"),
            facts=(
                ID,
                SERVICE_TYPE,
                column("method", gettext_lazy("Method")),
                column("path", gettext_lazy("Path"), cell="ui/cell/code.html"),
                USERS,
            ),
        ),
    ),
    lookup=do.RULE_LOOKUP,
    default_sort="path",
    is_minor=True,
)
