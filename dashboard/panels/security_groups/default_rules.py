"""Default rules: what new security groups of every project begin with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.default_rules import KIND, DefaultRule
from dashboard.panels.security_groups.forms import DIRECTIONS, DefaultRuleForm, rule_bodies
from dashboard.ui.actions import deletion
from dashboard.ui.columns import BOOL, ID, column
from dashboard.ui.panel import ADMIN, Create, Filter, Group, Panel
from dashboard.ui.words import rule_words


def words(row: DefaultRule) -> str:
    """The rule in words."""
    return rule_words(row.rule, {"PARENT": _("the group itself")})


def create(cloud: Cloud, data: Mapping[str, Any]) -> DefaultRule:
    """Makes the rule of the form; one for each IP version gives two."""
    used = {"used_in_default_sg": data["is_for_default"], "used_in_non_default_sg": data["is_for_others"]}
    made = [KIND.create(cloud, {**body, **used}) for body in rule_bodies(data)]
    return made[0]


RULE = column("name", gettext_lazy("Rule"), words, "ui/cell/name.html", sort="name")
DIRECTION = column("direction", gettext_lazy("Direction"), lambda row: dict(DIRECTIONS).get(row.rule.direction, ""))
IN_DEFAULT = column("default", gettext_lazy("In default groups"), "is_for_default", BOOL)
IN_OTHERS = column("others", gettext_lazy("In other new groups"), "is_for_others", BOOL)
TEXT = column("description", gettext_lazy("Description"), lambda row: row.rule.description)
PANEL: Panel[Any] = Panel(
    slug="default-rules",
    title=gettext_lazy("Default rules"),
    noun=gettext_lazy("default rule"),
    nouns=gettext_lazy("default rules"),
    group="admin",
    icon="shield",
    service="network",
    roles=ADMIN,
    is_offered=lambda cloud: extensions.has(cloud, "security-groups-default-rules"),
    about=gettext_lazy(
        "New security groups of every project begin with these rules. Groups that are there keep theirs."
    ),
    rows=KIND.page,
    row=KIND.get,
    raw=KIND.get_json,
    columns=(RULE, DIRECTION, IN_DEFAULT, IN_OTHERS, TEXT),
    filters=(Filter(key="direction", label=gettext_lazy("Direction"), choices=DIRECTIONS),),
    actions=(
        deletion(
            lambda cloud, row: KIND.delete(cloud, row.id),
            gettext_lazy("New groups begin without the rule %(name)s; groups that are there keep it."),
            gettext_lazy("New groups begin without these rules; groups that are there keep them."),
            roles=ADMIN,
            command=("default", "security", "group", "rule", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Add default rule"), form=DefaultRuleForm, run=create, roles=ADMIN),
    groups=(Group(label=gettext_lazy("Default rule"), facts=(ID, RULE, DIRECTION, IN_DEFAULT, IN_OTHERS, TEXT)),),
    default_sort="name",
)
