"""What nobody uses any more: floating IPs and ports without a use, empty groups, networks with nothing on them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later

SERVICE = "network"
MOST = 20_000
"""Ports that are read at most; with more nothing can be said for sure, and nothing is."""
PATHS = {
    "floating-ip": "floatingips",
    "port": "ports",
    "router": "routers",
    "network": "networks",
    "security-group": "security-groups",
}
"""Kinds in the order in which they are deleted: what stands on others first."""
OWN_PORTS = ("network:dhcp", "network:distributed")
"""Ports that Neutron makes by itself, and takes away with the network."""


@dataclass(frozen=True)
class LeftOver:
    """Something that nothing uses. ``id`` is unique among all kinds together with ``kind``."""

    kind: str
    id: str
    name: str
    detail: str = ""
    """Its address, or its ranges of addresses."""
    created: datetime | None = None


@dataclass(frozen=True)
class Found:
    """All of them; ``is_cut`` where there was too much to look through."""

    items: tuple[LeftOver, ...]
    is_cut: bool = False


def list_left_overs(cloud: Cloud) -> Found:
    """What of the project's nothing uses. Raises CloudError."""
    own = cloud.project_id or None
    port = ("id", "name", "network_id", "device_id", "device_owner", "fixed_ips", "security_groups", "created_at")
    fields: dict[str, tuple[str, ...]] = {
        "floatingips": ("id", "floating_ip_address", "port_id", "description", "created_at"),
        "ports": port,
        "routers": ("id", "name", "created_at"),
        "networks": ("id", "name", "created_at", "shared", "router:external"),
        "security-groups": ("id", "name", "created_at"),
        "subnets": ("id", "network_id", "cidr"),
    }
    waiting = {name: later(functools.partial(_all, cloud, name, own, columns)) for name, columns in fields.items()}
    rows = {name: soon.value for name, soon in waiting.items()}
    if len(rows["ports"]) > MOST:
        return Found(tuple(_floating(rows)), is_cut=True)
    named = _used_groups(cloud, rows["security-groups"])
    found = [*_floating(rows), *_ports(rows), *_routers(rows), *_networks(rows), *_groups(rows, named)]
    return Found(tuple(found))


def delete_left_over(cloud: Cloud, *, kind: str, id: str) -> None:
    """Deletes one; Neutron refuses it where it is used after all. Raises CloudError."""
    cloud.delete(SERVICE, f"/v2.0/{wire.path_id(PATHS[kind])}/{wire.path_id(id)}")


def _all(cloud: Cloud, name: str, project_id: str | None, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    key = name.replace("-", "_")
    given: dict[str, Any] = {"project_id": project_id, "fields": list(fields)}
    pages = paging.pages(cloud, SERVICE, f"/v2.0/{name}", key, size=1000, most=MOST + 1, **given)
    return [item for page in pages for item in page]


def _floating(rows: dict[str, list[dict[str, Any]]]) -> Iterator[LeftOver]:
    for item in rows["floatingips"]:
        if not item.get("port_id"):
            address = wire.text(item.get("floating_ip_address"))
            yield _left("floating-ip", item, address, wire.text(item.get("description")))


def _ports(rows: dict[str, list[dict[str, Any]]]) -> Iterator[LeftOver]:
    for item in rows["ports"]:
        if not item.get("device_id") and not item.get("device_owner"):
            addresses = ", ".join(wire.text(ip.get("ip_address")) for ip in wire.objects(item.get("fixed_ips")))
            yield _left("port", item, wire.text(item.get("name")) or addresses, addresses)


def _routers(rows: dict[str, list[dict[str, Any]]]) -> Iterator[LeftOver]:
    used = {wire.text(item.get("device_id")) for item in rows["ports"] if _is_interface(item)}
    for item in rows["routers"]:
        if wire.text(item.get("id")) not in used:
            yield _left("router", item, wire.text(item.get("name")))


def _is_interface(item: dict[str, Any]) -> bool:
    return "router" in wire.text(item.get("device_owner")) and "gateway" not in wire.text(item.get("device_owner"))


def _networks(rows: dict[str, list[dict[str, Any]]]) -> Iterator[LeftOver]:
    used = {
        wire.text(item.get("network_id"))
        for item in rows["ports"]
        if wire.text(item.get("device_owner")) not in OWN_PORTS
    }
    ranges: dict[str, list[str]] = {}
    for item in rows["subnets"]:
        ranges.setdefault(wire.text(item.get("network_id")), []).append(wire.text(item.get("cidr")))
    for item in rows["networks"]:
        # On what is shared or leads outside, others have ports that this project does not see.
        is_alone = not wire.flag(item.get("shared")) and not wire.flag(item.get("router:external"))
        if is_alone and wire.text(item.get("id")) not in used:
            detail = ", ".join(sorted(ranges.get(wire.text(item.get("id")), [])))
            yield _left("network", item, wire.text(item.get("name")), detail)


def _groups(rows: dict[str, list[dict[str, Any]]], named: set[str]) -> Iterator[LeftOver]:
    used = {group for item in rows["ports"] for group in wire.texts(item.get("security_groups"))} | named
    for item in rows["security-groups"]:
        # Neutron makes "default" anew when it is gone.
        if wire.text(item.get("id")) not in used and item.get("name") != "default":
            yield _left("security-group", item, wire.text(item.get("name")))


def _used_groups(cloud: Cloud, groups: list[dict[str, Any]]) -> set[str]:
    """Groups that rules of other groups name as their other end."""
    if not groups:
        return set()
    fields = ("id", "security_group_id", "remote_group_id")
    rules = _all(cloud, "security-group-rules", cloud.project_id or None, fields)
    return {
        wire.text(item.get("remote_group_id"))
        for item in rules
        if item.get("remote_group_id") and item.get("remote_group_id") != item.get("security_group_id")
    }


def _left(kind: str, item: dict[str, Any], name: str, detail: str = "") -> LeftOver:
    id = wire.text(item.get("id"))
    return LeftOver(kind, id, name or id[:8], detail if detail != name else "", wire.moment(item.get("created_at")))
