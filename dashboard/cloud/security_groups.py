"""Security groups: what may reach a server, and what it may reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup, Page, Query

_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp", "132": "sctp", "icmpv6": "ipv6-icmp"}
_ICMP = {"icmp": "ICMP", "ipv6-icmp": "ICMPv6"}
_NAMED = {"tcp": "TCP", "udp": "UDP", "sctp": "SCTP", "dccp": "DCCP", "udplite": "UDP-Lite", "vrrp": "VRRP", **_ICMP}


@dataclass(frozen=True)
class Rule:
    """Something that a security group lets through, by Neutron's API."""

    id: str
    direction: str = ""
    """"ingress" or "egress"."""
    ethertype: str = "IPv4"
    protocol: str = ""
    """"tcp", "udp", "icmp", a number, or "" for any."""
    port_min: int | None = None
    """The first port; the type with ICMP."""
    port_max: int | None = None
    """The last port; the code with ICMP."""
    remote_prefix: str = ""
    remote_group_id: str = ""
    remote_address_group_id: str = ""
    description: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Rule:
        """From an item of a group's ``security_group_rules``."""
        protocol = wire.text(json.get("protocol")).lower()
        return cls(
            id=wire.text(json.get("id")),
            direction=wire.text(json.get("direction")),
            ethertype=wire.text(json.get("ethertype"), "IPv4"),
            protocol="" if protocol == "any" else _PROTOCOLS.get(protocol, protocol),
            port_min=wire.optional(json.get("port_range_min")),
            port_max=wire.optional(json.get("port_range_max")),
            remote_prefix=wire.text(json.get("remote_ip_prefix")),
            remote_group_id=wire.text(json.get("remote_group_id")),
            remote_address_group_id=wire.text(json.get("remote_address_group_id")),
            description=wire.text(json.get("description")),
        )

    @property
    def is_ingress(self) -> bool:
        """Whether it lets something in rather than out."""
        return self.direction == "ingress"

    @property
    def everywhere(self) -> str:
        """The range of all addresses of the rule's kind."""
        return "::/0" if self.ethertype.lower() == "ipv6" else "0.0.0.0/0"

    @property
    def peer_prefix(self) -> str:
        """The addresses at the other end, "" where a group of them is named instead."""
        if self.remote_group_id or self.remote_address_group_id:
            return ""
        return self.remote_prefix or self.everywhere

    @property
    def is_from_everywhere(self) -> bool:
        """Whether every address may be at the other end."""
        return self.peer_prefix in {"0.0.0.0/0", "::/0"}

    @property
    def ports(self) -> str:
        """ "22", "8000-8080", "8/0" (type and code of ICMP), or "" for all."""
        if self.port_min is None and self.port_max is None:
            return ""
        if self.protocol in _ICMP:
            return "/".join(str(part) for part in (self.port_min, self.port_max) if part is not None)
        first, last = self.port_min, self.port_max
        if first == last or last is None:
            return str(first)
        return "" if (first or 0) <= 1 and last == 65535 else f"{first or 0}-{last}"

    @property
    def traffic(self) -> str:
        """ "TCP 22", "ICMP", "IP 47"; "" for everything. The same in every language."""
        if not self.protocol:
            return ""
        name = _NAMED.get(self.protocol) or (
            f"IP {self.protocol}" if self.protocol.isdigit() else self.protocol.upper()
        )
        return f"{name} {self.ports}".strip()


@dataclass(frozen=True)
class SecurityGroup:
    """A security group with its rules, by Neutron's API."""

    id: str
    name: str
    description: str = ""
    is_stateful: bool = True
    is_shared: bool = False
    project_id: str = ""
    project_name: str = ""
    """Filled in by who lists every project's."""
    tags: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SecurityGroup:
        """From a group of ``GET /v2.0/security-groups``."""
        rules = [Rule.from_json(item) for item in wire.objects(json.get("security_group_rules"))]
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            description=wire.text(json.get("description")),
            is_stateful=wire.flag(json.get("stateful", True)),
            is_shared=wire.flag(json.get("shared")),
            project_id=wire.text(json.get("project_id") or json.get("tenant_id")),
            tags=wire.texts(json.get("tags")),
            rules=tuple(sorted(rules, key=_order)),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )

    @property
    def ingress(self) -> tuple[Rule, ...]:
        """What it lets in."""
        return tuple(rule for rule in self.rules if rule.is_ingress)

    @property
    def egress(self) -> tuple[Rule, ...]:
        """What it lets out."""
        return tuple(rule for rule in self.rules if not rule.is_ingress)


def _order(rule: Rule) -> tuple[bool, str, int, str, str]:
    return (not rule.is_ingress, rule.protocol, rule.port_min or 0, rule.ethertype, rule.id)


LOOKUP: Lookup[SecurityGroup] = Lookup(
    text=lambda group: (
        group.name,
        group.id,
        group.description,
        *(part for rule in group.rules for part in (rule.traffic, rule.remote_prefix)),
    ),
    values={
        "name": lambda group: group.name,
        "stateful": lambda group: group.is_stateful,
        "shared": lambda group: group.is_shared,
        "port": lambda group: tuple(rule.ports for rule in group.ingress if rule.ports),
        "tag": lambda group: group.tags,
    },
    sorts={
        "name": lambda group: group.name,
        "rules": lambda group: len(group.rules),
        "created": lambda group: group.created,
        "updated": lambda group: group.updated,
    },
)


def fetch_all(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every security group that this project can use, as Neutron gives them, page by page."""
    # An administrator's token is shown everybody's.
    project_id = cloud.project_id if "admin" in cloud.roles and cloud.project_id else None
    return paging.pages(cloud, "network", "/v2.0/security-groups", "security_groups", project_id=project_id)


def list_all_security_groups(cloud: Cloud) -> tuple[SecurityGroup, ...]:
    """Every security group that this project can use. Raises CloudError."""
    return tuple(SecurityGroup.from_json(item) for page in fetch_all(cloud) for item in page)


KIND: neutron.Kind[SecurityGroup] = neutron.Kind(
    path="/v2.0/security-groups",
    many="security_groups",
    one="security_group",
    read=SecurityGroup.from_json,
    filters={
        "name": neutron.exactly("name"),
        "stateful": neutron.flag("stateful"),
        "shared": neutron.flag("shared"),
        "tag": neutron.exactly("tags"),
    },
    choices={"stateful": ("yes", "no"), "shared": ("yes", "no")},
)


def list_security_groups(cloud: Cloud, query: Query) -> Page[SecurityGroup]:
    """One page of the security groups that this project can use. Raises CloudError.

    An administrator may ask for other projects': ``project:all`` or ``project:<id>``.
    """
    if neutron.is_admin(cloud) and query.values("project"):
        return KIND.page(cloud, query)
    page = LOOKUP.page(list_all_security_groups(cloud), query)
    return page if neutron.is_admin(cloud) else replace(page, counts={**page.counts, "project": {}})


def get_security_group_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A security group as Neutron gives it. Raises CloudError."""
    answer = cloud.get("network", f"/v2.0/security-groups/{wire.path_id(id)}")
    return paging.inner(answer, "security_group", "network")


def get_security_group(cloud: Cloud, id: str) -> SecurityGroup:
    """One security group with its rules. Raises CloudError, NotFound among them."""
    return SecurityGroup.from_json(get_security_group_json(cloud, id))
