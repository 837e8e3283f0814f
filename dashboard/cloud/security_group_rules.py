"""Changing security groups: the groups themselves, and what each lets through, rule by rule."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict
from dashboard.cloud.security_groups import KIND, Rule, SecurityGroup

PATH = "/v2.0/security-group-rules"


def create_group(cloud: Cloud, body: Mapping[str, Any], rules: Sequence[Mapping[str, Any]] = ()) -> SecurityGroup:
    """Makes a group with its first rules; if these can't be made, neither is it. Raises CloudError."""
    group = KIND.create(cloud, body)
    if not rules:
        return group
    try:
        create_rules(cloud, group.id, rules)
    except CloudError:
        # A group that lets nothing in is not what was asked for.
        with contextlib.suppress(CloudError):
            KIND.delete(cloud, group.id)
        raise
    return group


def update_group(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Changes a group's name, description or statefulness. Raises CloudError."""
    KIND.update(cloud, id, body)


def delete_group(cloud: Cloud, id: str) -> None:
    """Deletes a group; Conflict while ports have it. Raises CloudError."""
    KIND.delete(cloud, id)


def create_rules(cloud: Cloud, group_id: str, rules: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Adds rules, all or none, and gives their ids. Raises CloudError, Conflict where one is there already."""
    if len(rules) == 1:
        answer = cloud.post("network", PATH, {"security_group_rule": {**rules[0], "security_group_id": group_id}})
        return (wire.text(wire.mapping(answer.get("security_group_rule")).get("id")),)
    bodies = [{**rule, "security_group_id": group_id} for rule in rules]
    answer = cloud.post("network", PATH, {"security_group_rules": bodies})
    return tuple(wire.text(item.get("id")) for item in wire.objects(answer.get("security_group_rules")))


def delete_rule(cloud: Cloud, rule_id: str) -> None:
    """Takes a rule away. Raises CloudError."""
    cloud.delete("network", f"/v2.0/security-group-rules/{wire.path_id(rule_id)}")


def replace_rule(cloud: Cloud, group_id: str, old: Rule, rules: Sequence[Mapping[str, Any]]) -> None:
    """Puts rules in an old one's place: Neutron changes none. The old one goes last, so nothing is shut meanwhile.

    If the old one can't be deleted, the new ones are taken back. Raises CloudError.
    """
    try:
        made = create_rules(cloud, group_id, rules)
    except Conflict as error:
        if old.id not in error.message:
            raise
        # Only the description differs, which for Neutron makes it the same rule: the old one has to go first.
        delete_rule(cloud, old.id)
        try:
            create_rules(cloud, group_id, rules)
        except CloudError:
            create_rules(cloud, group_id, (body_of(old),))
            raise
        return
    try:
        delete_rule(cloud, old.id)
    except CloudError:
        for id in made:
            with contextlib.suppress(CloudError):
                delete_rule(cloud, id)
        raise


def body_of(rule: Rule) -> dict[str, Any]:
    """A rule as Neutron wants it, to make it anew."""
    found = {
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        "protocol": rule.protocol or None,
        "port_range_min": rule.port_min,
        "port_range_max": rule.port_max,
        "remote_ip_prefix": rule.remote_prefix or None,
        "remote_group_id": rule.remote_group_id or None,
        "remote_address_group_id": rule.remote_address_group_id or None,
        "description": rule.description or None,
    }
    return {key: value for key, value in found.items() if value is not None}
