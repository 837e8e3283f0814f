"""The cloud's own processes, of whatever service: where each runs, whether it reports, and whether it takes work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.cloud import compute_services, network_agents, storage_admin, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.types import Query

MOST = 5000


@dataclass(frozen=True)
class Process:
    """One process on one host. ``id`` is the service's own; "" where there is none."""

    binary: str
    host: str
    id: str = ""
    zone: str = ""
    is_up: bool = False
    is_enabled: bool = True
    reason: str = ""
    """Why it is disabled, as somebody noted."""
    reported: datetime | None = None


def of_compute(cloud: Cloud) -> list[Process]:
    """Nova's. Raises CloudError."""
    return [
        Process(row.binary, row.host, row.id, row.zone, row.is_up, row.is_enabled, row.reason, row.updated)
        for row in compute_services.list_all_services(cloud)
    ]


def of_storage(cloud: Cloud) -> list[Process]:
    """Cinder's. Raises CloudError."""
    return [
        Process(row.binary, row.host, row.id, row.zone, row.is_up, row.is_enabled, row.reason, row.updated)
        for row in storage_admin.list_services(cloud, Query(limit=MOST)).rows
    ]


def of_network(cloud: Cloud) -> list[Process]:
    """Neutron's agents. Raises CloudError."""
    return [
        Process(row.binary or row.type, row.host, row.id, row.zone, row.is_alive, row.is_admin_up, "", row.heartbeat)
        for row in network_agents.KIND.all(cloud)
    ]


def of_orchestration(cloud: Cloud) -> list[Process]:
    """Heat's engines. Raises CloudError."""
    answer = cloud.get("orchestration", "/services")
    if not isinstance(answer.get("services"), list):
        raise BadAnswer("The answer has no list of services.", service="orchestration")
    return [
        Process(
            binary=wire.text(item.get("binary")),
            host=wire.text(item.get("host")),
            id=wire.text(item.get("id")),
            is_up=wire.text(item.get("status")) == "up",
            reported=wire.moment(item.get("updated_at")),
        )
        for item in wire.objects(answer["services"])
    ]
