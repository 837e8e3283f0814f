"""What the recorded cloud answers about networks."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

COLLECTIONS: tuple[tuple[str, ...], ...] = (
    ("network", "/v2.0/networks", "neutron/networks", "networks", "network"),
    ("network", "/v2.0/subnets", "neutron/subnets", "subnets", "subnet"),
    ("network", "/v2.0/security-groups", "neutron/security_groups", "security_groups", "security_group"),
    (
        "network",
        "/v2.0/security-group-rules",
        "neutron/security_group_rules",
        "security_group_rules",
        "security_group_rule",
    ),
    ("network", "/v2.0/ports", "neutron/all_ports", "ports", "port"),
    ("network", "/v2.0/routers", "neutron/routers", "routers", "router"),
    ("network", "/v2.0/floatingips", "neutron/floatingips", "floatingips", "floatingip"),
    ("network", "/v2.0/address-groups", "neutron/address_groups", "address_groups", "address_group"),
    ("network", "/v2.0/qos/policies", "neutron/qos_policies", "policies", "policy"),
    ("network", "/v2.0/address-scopes", "neutron/address_scopes", "address_scopes", "address_scope"),
    ("network", "/v2.0/subnetpools", "neutron/subnetpools", "subnetpools", "subnetpool"),
    ("network", "/v2.0/rbac-policies", "neutron/rbac_policies", "rbac_policies", "rbac_policy"),
    ("network", "/v2.0/trunks", "neutron/trunks", "trunks", "trunk"),
    ("network", "/v2.0/agents", "neutron/agents", "agents", "agent"),
    ("network", "/v2.0/ndp_proxies", "neutron/ndp_proxies", "ndp_proxies", "ndp_proxy"),
    ("network", "/v2.0/local_ips", "neutron/local_ips", "local_ips", "local_ip"),
    ("network", "/v2.0/metering/metering-labels", "neutron/metering_labels", "metering_labels", "metering_label"),
    (
        "network",
        "/v2.0/metering/metering-label-rules",
        "neutron/metering_label_rules",
        "metering_label_rules",
        "metering_label_rule",
    ),
    (
        "network",
        "/v2.0/network-ip-availabilities",
        "neutron/ip_availabilities",
        "network_ip_availabilities",
        "network_ip_availability",
        "network_id",
    ),
    (
        "network",
        "/v2.0/default-security-group-rules",
        "neutron/default_rules",
        "default_security_group_rules",
        "default_security_group_rule",
    ),
)
"""As ``services.Collection`` takes them."""
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "network", "/v2.0/floatingips/[^/]+/port_forwardings", "neutron/port_forwardings"),
    ("GET", "network", "/v2.0/local_ips/[^/]+/port_associations", {"port_associations": []}),
    ("GET", "network", "/v2.0/qos/rule-types", "neutron/qos_rule_types"),
    ("GET", "network", "/v2.0/availability_zones", {"availability_zones": []}),
    ("GET", "network", "/v2.0/(networks|routers)/[^/]+/(dhcp|l3)-agents", {"agents": []}),
    ("GET", "network", "/v2.0/agents/[^/]+/dhcp-networks", {"networks": []}),
    ("GET", "network", "/v2.0/agents/[^/]+/l3-routers", {"routers": []}),
)


def as_neutron_lists(rows: list[dict[str, Any]], url: str) -> list[dict[str, Any]]:
    """The rows as Neutron narrows, sorts and cuts them."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)

    def said(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    def matches(row: dict[str, Any], key: str, wanted: list[str]) -> bool:
        if key == "tags":
            return set(wanted) <= set(row.get("tags") or ())
        return said(row.get(key)) in {value.lower() if value in {"True", "False"} else value for value in wanted}

    own = {key for row in rows for key in row}
    for key, wanted in query.items():
        if key in own or key == "tags":
            rows = [row for row in rows if matches(row, key, wanted)]
    if "fixed_ips" in query:
        parts = [value.partition("=")[2] for value in query["fixed_ips"]]
        rows = [row for row in rows if all(part in json.dumps(row.get("fixed_ips")) for part in parts)]
    for key, direction in reversed(list(zip(query.get("sort_key", []), query.get("sort_dir", []), strict=False))):
        rows = sorted(rows, key=lambda row: said(row.get(key)), reverse=direction == "desc")
    ids = [row.get("id") for row in rows]
    limit = int(query.get("limit", ["0"])[0])
    marker = query.get("marker", [""])[0]
    if marker:
        place = ids.index(marker) if marker in ids else len(ids)
        if "page_reverse" in query:
            return rows[:place][-limit:]
        rows = rows[place + 1 :]
    return rows[:limit] if limit else rows
