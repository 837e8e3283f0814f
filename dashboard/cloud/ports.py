"""Ports that no server uses yet, and that a new server can therefore be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud

FIELDS = ("id", "name", "network_id", "fixed_ips", "mac_address", "device_id", "device_owner", "status")


@dataclass(frozen=True)
class Port:
    """A place on a network, with its addresses."""

    id: str
    name: str
    network_id: str
    addresses: tuple[str, ...]
    mac_address: str
    is_free: bool

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Port:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            network_id=wire.text(item.get("network_id")),
            addresses=tuple(wire.text(ip.get("ip_address")) for ip in wire.objects(item.get("fixed_ips"))),
            mac_address=wire.text(item.get("mac_address")),
            is_free=not item.get("device_id") and not item.get("device_owner"),
        )


def fetch_free_ports(cloud: Cloud) -> list[dict[str, Any]]:
    """The project's ports without a device, as JSON. Raises CloudError."""
    # Without project_id an administrator is given every project's ports.
    body = cloud.get(
        "network", "/v2.0/ports", project_id=cloud.project_id or None, device_id="", fields=FIELDS, limit=1000
    )
    return [item for item in wire.objects(body.get("ports")) if Port.from_json(item).is_free]
