"""Compute hosts: where servers run, and how much of each is free.

Follows https://docs.openstack.org/api-ref/compute/#hypervisors-os-hypervisors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud

WITH_RESOURCES = "2.87"
"""The last microversion that tells CPU, memory and disk of a hypervisor; later ones leave them to Placement."""


@dataclass(frozen=True)
class ComputeHost:
    """A host of servers. ``ram`` is in MiB, ``disk`` in GiB; what is used may be more than there is."""

    name: str
    vcpus: int = 0
    vcpus_used: int = 0
    ram: int = 0
    ram_used: int = 0
    disk: int = 0
    disk_used: int = 0
    servers: int = 0
    is_up: bool = True
    is_enabled: bool = True
    disabled_reason: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> ComputeHost:
        service = wire.mapping(item.get("service"))
        return cls(
            name=wire.text(service.get("host")) or wire.text(item.get("hypervisor_hostname")),
            vcpus=wire.number(item.get("vcpus")),
            vcpus_used=wire.number(item.get("vcpus_used")),
            ram=wire.number(item.get("memory_mb")),
            ram_used=wire.number(item.get("memory_mb_used")),
            disk=wire.number(item.get("local_gb")),
            disk_used=wire.number(item.get("local_gb_used")),
            servers=wire.number(item.get("running_vms")),
            is_up=wire.text(item.get("state"), "up") == "up",
            is_enabled=wire.text(item.get("status"), "enabled") == "enabled",
            disabled_reason=wire.text(service.get("disabled_reason")),
        )

    @property
    def takes_servers(self) -> bool:
        """Whether the scheduler would put anything there now."""
        return self.is_up and self.is_enabled


def list_compute_hosts(cloud: Cloud) -> tuple[ComputeHost, ...]:
    """Every compute host by its name, with one request for each thousand; for administrators. Raises CloudError."""
    found = paging.pages(cloud, "compute", "/os-hypervisors/detail", "hypervisors", microversion=WITH_RESOURCES)
    # Several machines of one bare-metal service are one host to Nova.
    hosts = {host.name: host for items in found for host in map(ComputeHost.from_json, items) if host.name}
    return tuple(hosts[name] for name in sorted(hosts))
