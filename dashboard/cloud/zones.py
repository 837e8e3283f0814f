"""Availability zones: the parts of a region that a server can be asked to live in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud


@dataclass(frozen=True)
class Zone:
    """A compute availability zone. ``is_available`` is False while none of its hosts is enabled."""

    name: str
    is_available: bool

    @property
    def id(self) -> str:
        return self.name

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Zone:
        state = wire.mapping(item.get("zoneState"))
        return cls(name=wire.text(item.get("zoneName")), is_available=wire.flag(state.get("available")))


def fetch_zones(cloud: Cloud) -> list[dict[str, Any]]:
    """Nova's zones, as JSON. Raises CloudError."""
    body = cloud.get("compute", "/os-availability-zone", microversion=NOVA_MICROVERSION)
    return wire.objects(body.get("availabilityZoneInfo"))
