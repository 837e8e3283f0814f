"""What operators see of Cinder: its services, its pools and their room, and what a back end has of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.types import Lookup, Page, Query


@dataclass(frozen=True)
class Pool:
    """A part of a back end, as the scheduler knows it. Sizes are in GiB; None is unknown or without end."""

    name: str
    """host@backend#pool."""
    backend: str = ""
    total: float | None = None
    free: float | None = None
    allocated: float | None = None
    provisioned: float | None = None
    reserved_percent: int = 0
    is_endless: bool = False
    protocol: str = ""
    vendor: str = ""
    driver: str = ""
    has_multiattach: bool = False
    has_qos: bool = False
    updated: datetime | None = None

    @property
    def id(self) -> str:
        return self.name

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Pool:
        can = wire.mapping(item.get("capabilities"))
        return cls(
            name=wire.text(item.get("name")),
            backend=wire.text(can.get("volume_backend_name")),
            total=_gib(can.get("total_capacity_gb")),
            free=_gib(can.get("free_capacity_gb")),
            allocated=_gib(can.get("allocated_capacity_gb")),
            provisioned=_gib(can.get("provisioned_capacity_gb")),
            reserved_percent=wire.number(can.get("reserved_percentage")),
            is_endless=can.get("free_capacity_gb") == "infinite",
            protocol=", ".join(wire.texts(can.get("storage_protocol"))) or wire.text(can.get("storage_protocol")),
            vendor=wire.text(can.get("vendor_name")),
            driver=wire.text(can.get("driver_version")),
            has_multiattach=wire.flag(can.get("multiattach")),
            has_qos=wire.flag(can.get("QoS_support")),
            updated=wire.moment(can.get("timestamp")),
        )

    def free_words(self) -> str:
        """The room that is left, in GiB: "120 GiB", "∞" for a pool without end, "?" if it does not say."""
        if self.is_endless:
            return "∞"
        return f"{self.free:g} GiB" if self.free is not None else "?"


def _gib(value: Any) -> float | None:
    """Back ends say numbers, "infinite" or "unknown"."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e15 else None


@dataclass(frozen=True)
class StorageService:
    """One of Cinder's processes. ``id`` is its name and host."""

    binary: str
    host: str
    zone: str = ""
    is_enabled: bool = True
    is_up: bool = False
    reason: str = ""
    updated: datetime | None = None
    backend_state: str = ""
    cluster: str = ""
    is_frozen: bool = False
    replication: str = ""

    @property
    def id(self) -> str:
        return f"{self.binary}~{self.host}" if self.host else ""

    @property
    def name(self) -> str:
        return self.binary

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> StorageService:
        return cls(
            binary=wire.text(item.get("binary")),
            host=wire.text(item.get("host")),
            zone=wire.text(item.get("zone")),
            is_enabled=wire.text(item.get("status")) != "disabled",
            is_up=wire.text(item.get("state")) == "up",
            reason=wire.text(item.get("disabled_reason")),
            updated=wire.moment(item.get("updated_at")),
            backend_state=wire.text(item.get("backend_state")),
            cluster=wire.text(item.get("cluster")),
            is_frozen=wire.flag(item.get("frozen")),
            replication=wire.text(item.get("replication_status")),
        )


POOLS: Lookup[Pool] = Lookup(
    text=lambda pool: (pool.name, pool.backend, pool.vendor),
    values={"backend": lambda pool: pool.backend, "name": lambda pool: pool.name},
    sorts={"name": lambda pool: pool.name, "free": lambda pool: pool.free, "total": lambda pool: pool.total},
)
SERVICES: Lookup[StorageService] = Lookup(
    text=lambda item: (item.binary, item.host, item.zone, item.reason),
    values={
        "state": lambda item: "up" if item.is_up else "down",
        "enabled": lambda item: item.is_enabled,
        "binary": lambda item: item.binary,
        "host": lambda item: item.host,
    },
    sorts={"name": lambda item: item.binary, "host": lambda item: item.host, "updated": lambda item: item.updated},
)


def list_pools(cloud: Cloud) -> list[Pool]:
    """The pools that the scheduler knows, with their room. Raises CloudError."""
    found = cinder.some(cloud, "/scheduler-stats/get_pools", "pools", detail="true")
    return [pool for item in found if (pool := Pool.from_json(item)).name]


def page_of_pools(cloud: Cloud, query: Query) -> Page[Pool]:
    """One page of the pools. Raises CloudError."""
    return POOLS.page(list_pools(cloud), query)


def list_services(cloud: Cloud, query: Query) -> Page[StorageService]:
    """One page of Cinder's services. Raises CloudError."""
    return SERVICES.page(list_all_services(cloud), query, count=("state", "enabled"))


def list_all_services(cloud: Cloud) -> list[StorageService]:
    """Cinder's processes. Raises CloudError."""
    found = [StorageService.from_json(item) for item in cinder.some(cloud, "/os-services", "services")]
    return [item for item in found if item.id]


def get_service(cloud: Cloud, id: str) -> StorageService:
    """One service, looked up in the list: Cinder has no other way. Raises CloudError, NotFound among them."""
    binary, _sign, host = id.partition("~")
    there = [item for item in list_all_services(cloud) if item.host == host]
    found = next((item for item in there if item.binary == binary), there[0] if len(there) == 1 else None)
    if found is None:
        raise NotFound("There is no such service.", service=cinder.SERVICE, status=404)
    return found


def enable_service(cloud: Cloud, *, binary: str, host: str) -> StorageService:
    """Lets new volumes go there again; gives the service as it is then. Raises CloudError.

    Look at what it gives: Cinder 29.0 answers that it did so, and does nothing.
    """
    cinder.put(cloud, "/os-services/enable", {"binary": binary, "host": host})
    return get_service(cloud, f"{binary}~{host}")


def disable_service(cloud: Cloud, *, binary: str, host: str, reason: str) -> None:
    """Keeps new volumes away from it; those that are there stay. Raises CloudError.

    Without a reason Cinder 29.0 answers that it did so, and does nothing.
    """
    body = {"binary": binary, "host": host, "disabled_reason": reason}
    cinder.put(cloud, "/os-services/disable-log-reason", body)


def manage_volume(
    cloud: Cloud,
    *,
    host: str,
    reference: str,
    name: str,
    description: str = "",
    volume_type: str = "",
    is_bootable: bool = False,
) -> dict[str, Any]:
    """Begins to take in a volume that the back end has already, by its name there. Raises CloudError.

    ``host`` is host@backend#pool. Since 3.8 this is at /manageable_volumes.
    """
    body: dict[str, Any] = {"host": host, "ref": {"source-name": reference}, "name": name, "bootable": is_bootable}
    body |= {"description": description} if description else {}
    body |= {"volume_type": volume_type} if volume_type else {}
    path = "/manageable_volumes" if cinder.speaks(cloud, "3.8") else "/os-volume-manage"
    return dict(wire.mapping(cinder.post(cloud, path, {"volume": body}).get("volume")))
