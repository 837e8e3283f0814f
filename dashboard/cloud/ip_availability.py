"""How many addresses of each network are taken, of all projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class Usage:
    """Addresses of a subnet."""

    id: str
    name: str = ""
    cidr: str = ""
    ip_version: int = 4
    used: int = 0
    total: int = 0

    @property
    def free(self) -> int:
        """Addresses that are left."""
        return max(0, self.total - self.used)


@dataclass(frozen=True)
class Availability:
    """Addresses of a network, by Neutron's API. Its id is the network's."""

    id: str
    name: str = ""
    project_id: str = ""
    used: int = 0
    total: int = 0
    subnets: tuple[Usage, ...] = ()

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Availability:
        """From an item of ``GET /v2.0/network-ip-availabilities``."""
        return cls(
            id=wire.text(json.get("network_id")),
            name=wire.text(json.get("network_name")),
            project_id=wire.text(json.get("project_id")),
            used=wire.number(json.get("used_ips")),
            total=wire.number(json.get("total_ips")),
            subnets=tuple(
                Usage(
                    id=wire.text(item.get("subnet_id")),
                    name=wire.text(item.get("subnet_name")),
                    cidr=wire.text(item.get("cidr")),
                    ip_version=wire.number(item.get("ip_version"), 4),
                    used=wire.number(item.get("used_ips")),
                    total=wire.number(item.get("total_ips")),
                )
                for item in wire.objects(json.get("subnet_ip_availability"))
            ),
        )

    @property
    def free(self) -> int:
        """Addresses that are left."""
        return max(0, self.total - self.used)

    @property
    def percent(self) -> int:
        """The share that is taken, 0 to 100."""
        return min(100, round(100 * self.used / self.total)) if self.total > 0 else 0


KIND: neutron.Kind[Availability] = neutron.Kind(
    path="/v2.0/network-ip-availabilities",
    many="network_ip_availabilities",
    one="network_ip_availability",
    read=Availability.from_json,
    sorts={},
    lookup=Lookup(
        text=lambda row: (row.name, row.id, *(part for item in row.subnets for part in (item.name, item.cidr))),
        values={
            "owner": lambda row: row.project_id,
            "version": lambda row: tuple(str(item.ip_version) for item in row.subnets),
            "full": lambda row: row.percent >= 90,
        },
        sorts={
            "name": lambda row: row.name,
            "used": lambda row: row.used,
            "free": lambda row: row.free,
            "percent": lambda row: row.percent,
        },
    ),
    # Neutron counts them anew for each request and sorts by nothing but the id.
    small=4_999,
    is_owned=False,
)
