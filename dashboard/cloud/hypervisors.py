"""Hypervisors: the machines that servers run on, with what Placement knows of their room.

Follows https://docs.openstack.org/api-ref/compute/#hypervisors-os-hypervisors
From 2.88 on Nova leaves CPU, memory and disk to Placement, where a hypervisor's provider has its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.cloud import compute_services, paging, wire
from dashboard.cloud.compute_services import COMPUTE, ComputeService
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.placement import Room
from dashboard.cloud.types import Lookup, Page, Query

SERVICE = "compute"


@dataclass(frozen=True)
class Hypervisor:
    """A machine. ``host`` is what Nova calls the service there; with bare metal many machines share one."""

    id: str
    name: str
    host: str = ""
    kind: str = ""
    version: str = ""
    address: str = ""
    uptime: str = ""
    is_up: bool = True
    is_enabled: bool = True
    is_forced_down: bool = False
    reason: str = ""
    service_id: str = ""
    zone: str = ""
    rooms: Mapping[str, Room] = field(default_factory=dict)
    """By class of resource, as Placement has it; filled in by who lists them."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Hypervisor:
        service = wire.mapping(item.get("service"))
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("hypervisor_hostname")),
            host=wire.text(service.get("host")),
            kind=wire.text(item.get("hypervisor_type")),
            version=_version(wire.number(item.get("hypervisor_version"))),
            address=wire.text(item.get("host_ip")),
            uptime=wire.text(item.get("uptime")).strip(),
            is_up=wire.text(item.get("state"), "up") == "up",
            is_enabled=wire.text(item.get("status"), "enabled") == "enabled",
            reason=wire.text(service.get("disabled_reason")),
            service_id=wire.text(service.get("id")),
        )

    def with_service(self, service: ComputeService | None) -> Hypervisor:
        """With what only the service's own list tells."""
        if service is None:
            return self
        return replace(self, is_forced_down=service.is_forced_down, zone=service.zone)

    @property
    def takes_servers(self) -> bool:
        """Whether the scheduler would put anything there now."""
        return self.is_up and self.is_enabled


def _version(number: int) -> str:
    """QEMU's and libvirt's numbers as people write them: 8002000 is 8.2.0."""
    if number < 1_000_000:
        return str(number) if number else ""
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


LOOKUP: Lookup[Hypervisor] = Lookup(
    text=lambda row: (row.name, row.host, row.address, row.reason, row.id),
    values={
        "host": lambda row: row.host,
        "state": lambda row: "up" if row.is_up else "down",
        "enabled": lambda row: row.is_enabled,
        "zone": lambda row: row.zone,
        "kind": lambda row: row.kind,
    },
    sorts={"name": lambda row: row.name, "host": lambda row: row.host, "zone": lambda row: row.zone},
)


def list_all_hypervisors(cloud: Cloud) -> tuple[Hypervisor, ...]:
    """Every hypervisor, with its service's zone and whether it was said to be dead. Raises CloudError."""
    waiting = later(lambda: compute_services.list_all_services(cloud, binary=COMPUTE))
    found = [
        Hypervisor.from_json(item)
        for items in paging.pages(
            cloud, SERVICE, "/os-hypervisors/detail", "hypervisors", microversion=NOVA_MICROVERSION
        )
        for item in items
    ]
    services = {item.id: item for item in waiting.or_else(())}
    return tuple(item.with_service(services.get(item.service_id)) for item in found if item.id)


def list_hypervisors(cloud: Cloud, query: Query) -> Page[Hypervisor]:
    """One page of the hypervisors. Raises CloudError."""
    return LOOKUP.page(list_all_hypervisors(cloud), query, count=("state", "enabled"))


def get_hypervisor_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A hypervisor as Nova gives it, with the uptime. Raises CloudError."""
    answer = cloud.get(SERVICE, f"/os-hypervisors/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)
    return paging.inner(answer, "hypervisor", SERVICE)


def get_hypervisor(cloud: Cloud, id: str) -> Hypervisor:
    """One hypervisor. Raises CloudError, NotFound among them."""
    waiting = later(lambda: compute_services.list_all_services(cloud, binary=COMPUTE))
    found = Hypervisor.from_json(get_hypervisor_json(cloud, id))
    return found.with_service(next((item for item in waiting.or_else(()) if item.id == found.service_id), None))
