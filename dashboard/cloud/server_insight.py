"""What a server's host measures of it, where its CPUs and memory lie, and how it moved between hosts.

Follows https://docs.openstack.org/api-ref/compute/#servers-diagnostics-servers-diagnostics (2.48),
#show-server-topology (2.78) and #server-migrations (2.80). Memory is in MiB, times are in nanoseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.servers import SERVICE

OVER = frozenset({"completed", "confirmed", "reverted", "error", "failed", "cancelled", "done", "finished"})
"""Statuses of a migration that does not go on. "finished" waits for a person."""


@dataclass(frozen=True)
class Diagnostics:
    """What the hypervisor says of a running server; what it does not say is None or ()."""

    state: str = ""
    hypervisor: str = ""
    driver: str = ""
    uptime: int | None = None
    """Seconds."""
    cpus: tuple[Mapping[str, Any], ...] = ()
    disks: tuple[Mapping[str, Any], ...] = ()
    nics: tuple[Mapping[str, Any], ...] = ()
    memory_max: int | None = None
    memory_used: int | None = None


@dataclass(frozen=True)
class Node:
    """A part of a server's memory and CPUs that lies on one NUMA node of the host."""

    host_node: int | None
    memory: int
    vcpus: tuple[int, ...]
    pinning: tuple[tuple[int, int], ...] = ()
    """Virtual to physical CPU."""


@dataclass(frozen=True)
class Topology:
    """Where a server lies. Without nodes the host places it as it likes."""

    nodes: tuple[Node, ...] = ()
    page_kib: int | None = None


@dataclass(frozen=True)
class Migration:
    """A server's way from one host to another."""

    id: str
    kind: str = ""
    status: str = ""
    source: str = ""
    destination: str = ""
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Migration:
        return cls(
            id=wire.text(body.get("uuid")) or wire.text(body.get("id")),
            kind=wire.text(body.get("migration_type")),
            status=wire.text(body.get("status")),
            source=wire.text(body.get("source_compute")),
            destination=wire.text(body.get("dest_compute")) or wire.text(body.get("dest_host")),
            created=wire.moment(body.get("created_at")),
            updated=wire.moment(body.get("updated_at")),
        )

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def is_failed(self) -> bool:
        return self.status in {"error", "failed"}

    @property
    def seconds(self) -> float | None:
        """From its beginning to its last change."""
        if self.created is None or self.updated is None:
            return None
        return max(0.0, (self.updated - self.created).total_seconds())


def get_diagnostics(cloud: Cloud, *, id: str) -> Diagnostics:
    """What the hypervisor measures. Raises CloudError; Conflict while the server does not run."""
    body = cloud.get(SERVICE, f"/servers/{wire.path_id(id)}/diagnostics", microversion=NOVA_MICROVERSION)
    memory = wire.mapping(body.get("memory_details"))
    return Diagnostics(
        state=wire.text(body.get("state")),
        hypervisor=wire.text(body.get("hypervisor")),
        driver=wire.text(body.get("driver")),
        uptime=wire.optional(body.get("uptime")),
        cpus=tuple(wire.objects(body.get("cpu_details"))),
        disks=tuple(wire.objects(body.get("disk_details"))),
        nics=tuple(wire.objects(body.get("nic_details"))),
        memory_max=wire.optional(memory.get("maximum")),
        memory_used=wire.optional(memory.get("used")),
    )


def get_topology(cloud: Cloud, *, id: str) -> Topology:
    """The server's NUMA nodes; which of the host's they are is for administrators. Raises CloudError."""
    body = cloud.get(SERVICE, f"/servers/{wire.path_id(id)}/topology", microversion=NOVA_MICROVERSION)
    nodes = []
    for item in wire.objects(body.get("nodes")):
        pinning = wire.mapping(item.get("cpu_pinning"))
        nodes.append(
            Node(
                host_node=wire.optional(item.get("host_node")),
                memory=wire.number(item.get("memory_mb")),
                vcpus=tuple(wire.number(cpu) for cpu in wire.listing(item.get("vcpu_set"))),
                pinning=tuple(sorted((wire.number(cpu), wire.number(on)) for cpu, on in pinning.items())),
            )
        )
    return Topology(tuple(nodes), wire.optional(body.get("pagesize_kb")))


def list_migrations(cloud: Cloud, *, id: str) -> tuple[Migration, ...]:
    """Every migration and resize of a server, the newest first. Raises CloudError; Forbidden for most people."""
    body = cloud.get(SERVICE, "/os-migrations", microversion=NOVA_MICROVERSION, instance_uuid=id)
    if not isinstance(body.get("migrations"), list):
        raise BadAnswer("There is no list of migrations in the answer.", service=SERVICE)
    found = [Migration.from_json(item) for item in wire.objects(body["migrations"])]
    return tuple(sorted(found, key=lambda item: item.created.timestamp() if item.created else 0.0, reverse=True))
