"""Server groups: servers that should share a host, or keep apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud


@dataclass(frozen=True)
class ServerGroup:
    """A rule for where its members run.

    ``policy`` is affinity, anti-affinity, soft-affinity or soft-anti-affinity (microversion 2.64).
    """

    id: str
    name: str
    policy: str
    members: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> ServerGroup:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            policy=wire.text(item.get("policy")) or " ".join(wire.texts(item.get("policies"))),
            members=wire.texts(item.get("members")),
        )


def fetch_server_groups(cloud: Cloud) -> list[dict[str, Any]]:
    """The project's server groups, as JSON. Raises CloudError."""
    body = cloud.get("compute", "/os-server-groups", microversion=NOVA_MICROVERSION)
    return wire.objects(body.get("server_groups"))
