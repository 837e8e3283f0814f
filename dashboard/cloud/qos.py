"""QoS policies: how much traffic a port or network may have, and how it is marked, rule by rule."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import ServiceFault
from dashboard.cloud.types import Lookup

TYPES = {
    "bandwidth_limit": "bandwidth_limit_rules",
    "dscp_marking": "dscp_marking_rules",
    "minimum_bandwidth": "minimum_bandwidth_rules",
    "packet_rate_limit": "packet_rate_limit_rules",
    "minimum_packet_rate": "minimum_packet_rate_rules",
}
"""Kinds of rules, and what Neutron calls a list of them."""
VALUES = {
    "bandwidth_limit": ("max_kbps", "max_burst_kbps", "direction"),
    "dscp_marking": ("dscp_mark",),
    "minimum_bandwidth": ("min_kbps", "direction"),
    "packet_rate_limit": ("max_kpps", "max_burst_kpps", "direction"),
    "minimum_packet_rate": ("min_kpps", "direction"),
}


@dataclass(frozen=True)
class QosRule:
    """One rule of a policy. ``rate`` and ``burst`` are in kbit/s or thousands of packets per second."""

    id: str
    type: str = ""
    direction: str = ""
    rate: int = 0
    burst: int = 0
    dscp_mark: int | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> QosRule:
        """From an item of a policy's ``rules``."""
        rates = [json.get(key) for key in ("max_kbps", "min_kbps", "max_kpps", "min_kpps")]
        bursts = [json.get(key) for key in ("max_burst_kbps", "max_burst_kpps")]
        return cls(
            id=wire.text(json.get("id")),
            type=wire.text(json.get("type")),
            direction=wire.text(json.get("direction")),
            rate=next((wire.number(value) for value in rates if value is not None), 0),
            burst=next((wire.number(value) for value in bursts if value is not None), 0),
            dscp_mark=wire.optional(json.get("dscp_mark")),
        )


@dataclass(frozen=True)
class QosPolicy:
    """A policy with its rules, by Neutron's API."""

    id: str
    name: str
    description: str = ""
    is_shared: bool = False
    is_default: bool = False
    project_id: str = ""
    tags: tuple[str, ...] = ()
    rules: tuple[QosRule, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> QosPolicy:
        """From a policy of ``GET /v2.0/qos/policies``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            description=wire.text(json.get("description")),
            is_shared=wire.flag(json.get("shared")),
            is_default=wire.flag(json.get("is_default")),
            project_id=wire.text(json.get("project_id")),
            tags=wire.texts(json.get("tags")),
            rules=tuple(QosRule.from_json(item) for item in wire.objects(json.get("rules"))),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )


KIND: neutron.Kind[QosPolicy] = neutron.Kind(
    path="/v2.0/qos/policies",
    many="policies",
    one="policy",
    read=QosPolicy.from_json,
    sorts={"name": "name"},
    filters={"shared": neutron.flag("shared")},
    choices={"shared": ("yes", "no")},
    lookup=Lookup(
        text=lambda policy: (policy.name, policy.id, policy.description),
        values={"shared": lambda policy: policy.is_shared},
        sorts={"name": lambda policy: policy.name},
    ),
    counted=("shared",),
)


def list_all_policies(cloud: Cloud) -> tuple[QosPolicy, ...]:
    """Every policy that the token sees, up to 1,000. Raises CloudError."""
    return KIND.all(cloud)


def list_rule_types(cloud: Cloud) -> tuple[str, ...]:
    """The kinds of rules that this cloud's networks can do. Raises CloudError."""
    found = wire.objects(cloud.get("network", "/v2.0/qos/rule-types").get("rule_types"))
    names = {wire.text(item.get("type")) for item in found}
    return tuple(name for name in TYPES if name in names)


def _rules(policy_id: str, type: str, rule_id: str = "") -> str:
    path = f"/v2.0/qos/policies/{wire.path_id(policy_id)}/{wire.path_id(TYPES.get(type, type))}"
    return path + (f"/{wire.path_id(rule_id)}" if rule_id else "")


@contextlib.contextmanager
def _of_packets(cloud: Cloud, type: str) -> Iterator[None]:
    """Neutron 29 answers 500 to managers who change rules about packets: it can't tell whose policy that is."""
    try:
        yield
    except ServiceFault as error:
        if "packet" in type and error.status == 500 and not neutron.is_admin(cloud):
            error.message = ONLY_ADMINS
        raise


ONLY_ADMINS = "Neutron could not check who may change a packet rate rule."


def create_rule(cloud: Cloud, policy_id: str, type: str, values: Mapping[str, Any]) -> None:
    """Adds a rule. Raises CloudError."""
    with _of_packets(cloud, type):
        cloud.post("network", _rules(policy_id, type), {f"{type}_rule": dict(values)})


def update_rule(cloud: Cloud, policy_id: str, type: str, rule_id: str, values: Mapping[str, Any]) -> None:
    """Changes a rule. Raises CloudError."""
    with _of_packets(cloud, type):
        cloud.put("network", _rules(policy_id, type, rule_id), {f"{type}_rule": dict(values)})


def delete_rule(cloud: Cloud, policy_id: str, type: str, rule_id: str) -> None:
    """Takes a rule away. Raises CloudError."""
    with _of_packets(cloud, type):
        cloud.delete("network", _rules(policy_id, type, rule_id))
