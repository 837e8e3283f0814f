"""QoS policies: how much traffic ports and networks may have, with each rule in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, qos
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict
from dashboard.cloud.qos import KIND, QosPolicy
from dashboard.cloud.types import Term
from dashboard.panels.qos.forms import PolicyForm, RuleForm, RuleIdForm, rule_body, says_rule
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import (
    ALL_PROJECTS,
    BOOL,
    CREATED,
    DESCRIPTION,
    ID,
    LIST,
    NAME,
    OPTIONAL_PROJECT,
    PROJECT,
    UPDATED,
    column,
)
from dashboard.ui.panel import Action, Create, Filter, Group, Panel, Tab

MANAGER = ("manager", "admin")
"""Whom Neutron's own policy lets make QoS policies."""
ATTRIBUTES = {"name": "name", "description": "description", "is_shared": "shared", "is_default": "is_default"}


def create(cloud: Cloud, data: Mapping[str, Any]) -> QosPolicy:
    """Makes the policy of the form; its rules come after."""
    given = {key: value for key, value in data.items() if value}
    return KIND.create(cloud, neutron.changed(QosPolicy("", ""), given, ATTRIBUTES))


def edit(cloud: Cloud, policy: QosPolicy, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    KIND.update(cloud, policy.id, neutron.changed(policy, data, ATTRIBUTES))


def set_rule(cloud: Cloud, policy: QosPolicy, data: Mapping[str, Any]) -> None:
    """Adds the rule of the form, or changes the one that it names."""
    if data.get("rule"):
        qos.update_rule(cloud, policy.id, data["type"], data["rule"], rule_body(data))
    else:
        qos.create_rule(cloud, policy.id, data["type"], rule_body(data))


def delete_rule(cloud: Cloud, policy: QosPolicy, data: Mapping[str, Any]) -> None:
    """Takes a rule away. Raises Conflict if it is gone."""
    rule = next((rule for rule in policy.rules if rule.id == data["rule"]), None)
    if rule is None:
        raise Conflict(_("This rule is gone."), service="network")
    qos.delete_rule(cloud, policy.id, rule.type, rule.id)


def rule_cli(policy: QosPolicy, data: Mapping[str, Any]) -> tuple[str, ...]:
    """The command that does the same."""
    words = ["openstack", "network", "qos", "rule", "set" if data.get("rule") else "create"]
    if not data.get("rule"):
        words += ["--type", data["type"].replace("_", "-")]
    for key, value in rule_body(data).items():
        if key == "direction":
            words.append(f"--{value}")
        else:
            words += [f"--{key.replace('_', '-').replace('max-burst', 'max-burst')}", str(value)]
    return (*words, policy.id, *((data["rule"],) if data.get("rule") else ()))


def rules(policy: QosPolicy) -> list[str]:
    """The rules in words."""
    return [says_rule(rule) for rule in policy.rules]


def rules_tab(cloud: Cloud, policy: QosPolicy) -> Mapping[str, Any]:
    """The rules, each in words."""
    is_own = neutron.is_admin(cloud) or policy.project_id == cloud.project_id
    return {
        "rules": [(rule, says_rule(rule)) for rule in policy.rules],
        "can_change": is_own and cloud.has_role("manager"),
    }


def named(sentence: Any) -> Any:
    """A sentence about one policy."""
    return lambda rows: str(sentence) % {"name": rows[0].name or rows[0].id}


RULES = column("rules", gettext_lazy("Rules"), rules, LIST)
SHARED = column("shared", gettext_lazy("Shared"), "is_shared", BOOL)
DEFAULT = column("default", gettext_lazy("Default"), "is_default", BOOL, is_optional=True)
PANEL: Panel[Any] = Panel(
    slug="qos-policies",
    title=gettext_lazy("QoS policies"),
    noun=gettext_lazy("QoS policy"),
    nouns=gettext_lazy("QoS policies"),
    group="network",
    is_minor=True,
    icon="scale",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "qos"),
    about=gettext_lazy(
        "A QoS policy says how much traffic a port, a network or a floating IP may have, and how it is marked."
    ),
    rows=KIND.page,
    row=KIND.get,
    raw=KIND.get_json,
    columns=(NAME, RULES, DESCRIPTION, SHARED, DEFAULT, OPTIONAL_PROJECT),
    filters=(Filter(key="shared", label=gettext_lazy("Shared"), hint=gettext_lazy("yes or no")), ALL_PROJECTS),
    actions=(
        editing(
            slug="rule",
            label=gettext_lazy("Add rule"),
            run=set_rule,
            says=named(gettext_lazy("Every port and network with the policy %(name)s follows it at once.")),
            form=RuleForm,
            roles=MANAGER,
            icon="plus",
            is_primary=True,
            started=gettext_lazy("Rule saved"),
            cli=rule_cli,
        ),
        Action(
            slug="delete-rule",
            label=gettext_lazy("Delete rule"),
            run=delete_rule,
            says=named(gettext_lazy("This rule of %(name)s holds no more, at once. This can't be undone.")),
            roles=MANAGER,
            form=RuleIdForm,
            is_bulk=False,
            is_dangerous=True,
            is_in_menu=False,
            started=gettext_lazy("Rule deleted"),
            cli=lambda policy, data: (("openstack", "network", "qos", "rule", "delete", policy.id, data["rule"])),
        ),
        editing(
            run=edit,
            says=named(gettext_lazy("%(name)s keeps its rules.")),
            form=PolicyForm,
            roles=MANAGER,
            icon="edit",
        ),
        deletion(
            lambda cloud, policy: KIND.delete(cloud, policy.id),
            gettext_lazy("The QoS policy %(name)s will be deleted, if nothing has it. This can't be undone."),
            gettext_lazy("These QoS policies will be deleted, where nothing has them. This can't be undone."),
            roles=MANAGER,
            command=("network", "qos", "policy", "delete"),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create QoS policy"),
        form=PolicyForm,
        run=create,
        cli=lambda data: ("openstack", "network", "qos", "policy", "create", data["name"]),
        roles=MANAGER,
    ),
    groups=(
        Group(
            label=gettext_lazy("QoS policy"),
            facts=(ID, DESCRIPTION, RULES, SHARED, DEFAULT, PROJECT, CREATED, UPDATED),
        ),
    ),
    tabs=(
        Tab(slug="rules", label=gettext_lazy("Rules"), template="qos/rules.html", load=rules_tab),
        Tab(
            slug="sharing",
            label=gettext_lazy("Sharing"),
            lists="network-sharing",
            terms=lambda policy: (Term("object", policy.id), Term("type", "qos_policy")),
            is_offered=lambda cloud, policy: neutron.is_admin(cloud) or policy.project_id == cloud.project_id,
        ),
    ),
    default_sort="name",
)
