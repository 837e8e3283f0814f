"""Trunks: ports that carry several networks, each told apart by a VLAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.ports import KIND as PORTS
from dashboard.cloud.ports import LISTED, Port, with_names
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class Subport:
    """A port that a trunk carries."""

    port_id: str
    type: str = "vlan"
    number: int = 0
    """The VLAN."""


@dataclass(frozen=True)
class Trunk:
    """A trunk, by Neutron's API."""

    id: str
    name: str
    port_id: str = ""
    status: str = ""
    is_admin_up: bool = True
    subports: tuple[Subport, ...] = ()
    project_id: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Trunk:
        """From a trunk of ``GET /v2.0/trunks``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            port_id=wire.text(json.get("port_id")),
            status=wire.text(json.get("status")),
            is_admin_up=wire.flag(json.get("admin_state_up", True)),
            subports=tuple(
                Subport(
                    wire.text(item.get("port_id")),
                    wire.text(item.get("segmentation_type")),
                    wire.number(item.get("segmentation_id")),
                )
                for item in wire.objects(json.get("sub_ports"))
            ),
            project_id=wire.text(json.get("project_id")),
            description=wire.text(json.get("description")),
            tags=wire.texts(json.get("tags")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )


KIND: neutron.Kind[Trunk] = neutron.Kind(
    path="/v2.0/trunks",
    many="trunks",
    one="trunk",
    read=Trunk.from_json,
    sorts={"name": "name", "status": "status"},
    filters={"status": neutron.exactly("status"), "port": neutron.exactly("port_id")},
    choices={"status": ("ACTIVE", "BUILD", "DOWN", "DEGRADED", "ERROR")},
    lookup=Lookup(
        text=lambda trunk: (
            trunk.name,
            trunk.id,
            trunk.description,
            trunk.port_id,
            *(item.port_id for item in trunk.subports),
        ),
        values={"status": lambda trunk: trunk.status, "port": lambda trunk: trunk.port_id},
        sorts={"name": lambda trunk: trunk.name, "status": lambda trunk: trunk.status},
    ),
    counted=("status",),
)


def add_subport(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Has the trunk carry one more port. Raises CloudError."""
    cloud.put("network", f"{KIND.url(id)}/add_subports", {"sub_ports": [dict(body)]})


def remove_subport(cloud: Cloud, id: str, port_id: str) -> None:
    """Has the trunk carry a port no more. Raises CloudError."""
    cloud.put("network", f"{KIND.url(id)}/remove_subports", {"sub_ports": [{"port_id": port_id}]})


def list_ports_of(cloud: Cloud, trunk: Trunk) -> dict[str, Port]:
    """The trunk's own port and those that it carries, by id, with their networks' names. Raises CloudError."""
    ids = [trunk.port_id, *(item.port_id for item in trunk.subports)][:200]
    found = PORTS.all(cloud, id=ids, fields=list(LISTED)) if any(ids) else ()
    return {port.id: port for port in with_names(cloud, found)}


def list_candidates(cloud: Cloud) -> Sequence[Port]:
    """The project's ports that a trunk may have, up to 1,000. Raises CloudError."""
    found = PORTS.all(cloud, **neutron.own(cloud))
    return with_names(cloud, [port for port in found if port.owner in {"", "server"}])
