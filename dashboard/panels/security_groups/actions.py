"""What can be done to security groups and their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import security_group_rules as changes
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict
from dashboard.cloud.security_groups import SecurityGroup
from dashboard.panels.security_groups.forms import (
    EditRuleForm,
    GroupForm,
    RuleForm,
    RuleIdForm,
    rule_bodies,
    service_rule,
)
from dashboard.ui.actions import deletion, editing
from dashboard.ui.panel import Action
from dashboard.ui.words import rule_words


def create(cloud: Cloud, data: Mapping[str, Any]) -> SecurityGroup:
    """Makes the group of the form with its rules."""
    body = {"name": data["name"], "description": data["description"]}
    if data.get("is_stateful") is False:
        body["stateful"] = False
    return changes.create_group(cloud, body, [service_rule(name) for name in data.get("services") or ()])


def create_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command for the group; each rule takes one of its own."""
    words = ["openstack", "security", "group", "create"]
    words += ["--description", data["description"]] if data.get("description") else []
    words += ["--stateless"] if data.get("is_stateful") is False else []
    return (*words, data["name"])


def edit(cloud: Cloud, group: SecurityGroup, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    names = {"name": "name", "description": "description", "is_stateful": "stateful"}
    body = {names[key]: value for key, value in data.items() if key in names and value != getattr(group, key)}
    changes.update_group(cloud, group.id, body)


def add_rule(cloud: Cloud, group: SecurityGroup, data: Mapping[str, Any]) -> None:
    """Adds the rule of the form."""
    changes.create_rules(cloud, group.id, rule_bodies(data))


def rule_cli(group: SecurityGroup, data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    body = rule_bodies(data)[0]
    words = ["openstack", "security", "group", "rule", "create", f"--{body['direction']}"]
    words += ["--ethertype", body["ethertype"]]
    if body.get("protocol"):
        words += ["--protocol", body["protocol"]]
    first, last = body.get("port_range_min"), body.get("port_range_max")
    if body.get("protocol") in {"icmp", "ipv6-icmp"}:
        words += ["--icmp-type", str(first)] if first is not None else []
        words += ["--icmp-code", str(last)] if last is not None else []
    elif first is not None:
        words += ["--dst-port", str(first) if first == last else f"{first}:{last}"]
    for key, option in (
        ("remote_ip_prefix", "--remote-ip"),
        ("remote_group_id", "--remote-group"),
        ("remote_address_group_id", "--remote-address-group"),
        ("description", "--description"),
    ):
        if body.get(key):
            words += [option, body[key]]
    return (*words, group.id)


def edit_rule(cloud: Cloud, group: SecurityGroup, data: Mapping[str, Any]) -> None:
    """Puts the rule of the form in the old one's place. Raises Conflict if that is gone."""
    old = next((rule for rule in group.rules if rule.id == data["rule"]), None)
    if old is None:
        raise Conflict(_("This rule is gone."), service="network")
    changes.replace_rule(cloud, group.id, old, rule_bodies(data))


def delete_rule(cloud: Cloud, group: SecurityGroup, data: Mapping[str, Any]) -> None:
    """Takes a rule away. Raises Conflict if it is another group's."""
    if data["rule"] not in {rule.id for rule in group.rules}:
        raise Conflict(_("This rule is gone."), service="network")
    changes.delete_rule(cloud, data["rule"])


def named(sentence: Any) -> Any:
    """A sentence about one group."""
    return lambda groups: str(sentence) % {"name": groups[0].name or groups[0].id}


def why_not_delete(group: SecurityGroup) -> str:
    """Neutron keeps the default group of each project."""
    return _("Each project keeps its default group.") if group.name == "default" else ""


def says_rules(groups: Sequence[SecurityGroup]) -> str:
    """Who is concerned."""
    return _("At once, for every port that has the group %(name)s.") % {"name": groups[0].name}


def rules_in_words(group: SecurityGroup) -> list[str]:
    """What it lets in, in words."""
    return [rule_words(rule, {group.id: group.name}) for rule in group.ingress]


ACTIONS: tuple[Action[Any], ...] = (
    Action(
        slug="add-rule",
        label=gettext_lazy("Add rule"),
        run=add_rule,
        says=says_rules,
        form=RuleForm,
        icon="plus",
        is_bulk=False,
        is_primary=True,
        started=gettext_lazy("Rule added"),
        cli=rule_cli,
    ),
    editing(
        slug="edit-rule",
        label=gettext_lazy("Edit rule"),
        run=edit_rule,
        says=named(
            gettext_lazy(
                "Neutron changes no rules, so a new one is made and then the old one deleted, for every port that has "
                "the group %(name)s. If that fails, all is as before."
            )
        ),
        form=EditRuleForm,
        is_in_menu=False,
        started=gettext_lazy("Rule replaced"),
        icon="",
    ),
    Action(
        slug="delete-rule",
        label=gettext_lazy("Delete rule"),
        run=delete_rule,
        says=named(
            gettext_lazy(
                "What this rule of %(name)s lets through will be dropped, unless another rule lets it through. "
                "This can't be undone."
            )
        ),
        form=RuleIdForm,
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        started=gettext_lazy("Rule deleted"),
        cli=lambda group, data: ("openstack", "security", "group", "rule", "delete", data["rule"]),
    ),
    editing(
        run=edit,
        says=named(gettext_lazy("%(name)s keeps its rules. Whether it is stateful can change while no port has it.")),
        form=GroupForm,
        icon="edit",
        cli=lambda group, data: (
            *("openstack", "security", "group", "set", "--name", data["name"]),
            *("--description", data["description"], group.id),
        ),
    ),
    deletion(
        lambda cloud, group: changes.delete_group(cloud, group.id),
        gettext_lazy(
            "The security group %(name)s will be deleted with its rules. That takes that no port has it. This can't be "
            "undone."
        ),
        gettext_lazy(
            "These security groups will be deleted with their rules, where no port has them. This can't be undone."
        ),
        when=why_not_delete,
        command=("security", "group", "delete"),
    ),
)
