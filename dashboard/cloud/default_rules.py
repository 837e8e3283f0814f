"""Default rules: what new security groups of every project begin with. For administrators to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.security_groups import Rule
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class DefaultRule:
    """A rule that new groups get, by Neutron's API."""

    id: str
    rule: Rule = field(default_factory=lambda: Rule(""))
    is_for_default: bool = False
    """Whether the group "default" of new projects gets it."""
    is_for_others: bool = True
    """Whether groups that people make get it."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> DefaultRule:
        """From a rule of ``GET /v2.0/default-security-group-rules``."""
        return cls(
            id=wire.text(json.get("id")),
            rule=Rule.from_json(json),
            is_for_default=wire.flag(json.get("used_in_default_sg")),
            is_for_others=wire.flag(json.get("used_in_non_default_sg", True)),
        )

    @property
    def name(self) -> str:
        """What it lets through, in short."""
        return self.rule.traffic or self.rule.ethertype


KIND: neutron.Kind[DefaultRule] = neutron.Kind(
    path="/v2.0/default-security-group-rules",
    many="default_security_group_rules",
    one="default_security_group_rule",
    read=DefaultRule.from_json,
    sorts={},
    filters={"direction": neutron.exactly("direction")},
    choices={"direction": ("ingress", "egress")},
    is_owned=False,
    lookup=Lookup(
        text=lambda row: (row.name, row.id, row.rule.description, row.rule.remote_prefix),
        values={"direction": lambda row: row.rule.direction},
        sorts={"name": lambda row: (not row.rule.is_ingress, row.name)},
    ),
    counted=("direction",),
)
