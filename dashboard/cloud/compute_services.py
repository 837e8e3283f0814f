"""Nova's own processes: which answer, which take new servers, and which are said to be dead.

Follows https://docs.openstack.org/api-ref/compute/#compute-services-os-services
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer, NotFound
from dashboard.cloud.types import Lookup, Page, Query

SERVICE = "compute"
COMPUTE = "nova-compute"
CHANGED = "2.53"
"""From here on services are known by ids that are unique in all cells, and changed by them."""


@dataclass(frozen=True)
class ComputeService:
    """One process of Nova's. What can be changed of the others than nova-compute is nothing but their removal."""

    id: str
    binary: str = ""
    host: str = ""
    zone: str = ""
    is_up: bool = False
    is_enabled: bool = True
    is_forced_down: bool = False
    reason: str = ""
    updated: datetime | None = None

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> ComputeService:
        # A cell that is down tells no more of its services than binary and host (2.69).
        return cls(
            id=wire.text(item.get("id")),
            binary=wire.text(item.get("binary")),
            host=wire.text(item.get("host")),
            zone=wire.text(item.get("zone")),
            is_up=wire.text(item.get("state")) == "up",
            is_enabled=wire.text(item.get("status"), "enabled") == "enabled",
            is_forced_down=wire.flag(item.get("forced_down")),
            reason=wire.text(item.get("disabled_reason")),
            updated=wire.moment(item.get("updated_at")),
        )

    @property
    def name(self) -> str:
        return self.binary

    @property
    def is_compute(self) -> bool:
        return self.binary == COMPUTE


LOOKUP: Lookup[ComputeService] = Lookup(
    text=lambda row: (row.binary, row.host, row.zone, row.reason),
    values={
        "binary": lambda row: row.binary,
        "host": lambda row: row.host,
        "zone": lambda row: row.zone,
        "state": lambda row: "up" if row.is_up else "down",
        "enabled": lambda row: row.is_enabled,
    },
    sorts={
        "name": lambda row: (row.binary, row.host),
        "host": lambda row: row.host,
        "updated": lambda row: row.updated,
    },
)


def _rows(cloud: Cloud, **params: Any) -> list[dict[str, Any]]:
    answer = cloud.get(SERVICE, "/os-services", microversion=NOVA_MICROVERSION, **params)
    if not isinstance(answer.get("services"), list):
        raise BadAnswer("The answer has no list of services.", service=SERVICE)
    return wire.objects(answer["services"])


def list_all_services(cloud: Cloud, *, binary: str = "") -> tuple[ComputeService, ...]:
    """Every service, or those of one kind; for administrators. Raises CloudError."""
    return tuple(ComputeService.from_json(item) for item in _rows(cloud, binary=binary or None))


def list_services(cloud: Cloud, query: Query) -> Page[ComputeService]:
    """One page of the services. Raises CloudError."""
    rows = [item for item in list_all_services(cloud) if item.id]
    return LOOKUP.page(rows, query, count=("state", "enabled"))


def get_service_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A service as Nova has it in its list: there is no question for one. Raises CloudError."""
    found = next((item for item in _rows(cloud) if wire.text(item.get("id")) == id), None)
    if found is None:
        raise NotFound("There is no such service.", service=SERVICE, status=404)
    return found


def get_service(cloud: Cloud, id: str) -> ComputeService:
    """One service. Raises CloudError, NotFound among them."""
    return ComputeService.from_json(get_service_json(cloud, id))


def _put(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    cloud.put(SERVICE, f"/os-services/{wire.path_id(id)}", dict(body), microversion=NOVA_MICROVERSION)


def disable_service(cloud: Cloud, *, id: str, reason: str) -> None:
    """Has the scheduler put nothing more there; what runs there goes on. Raises CloudError."""
    _put(cloud, id, {"status": "disabled", "disabled_reason": reason} if reason else {"status": "disabled"})


def enable_service(cloud: Cloud, *, id: str) -> None:
    """Has the scheduler put servers there again. Raises CloudError."""
    _put(cloud, id, {"status": "enabled"})


def force_down(cloud: Cloud, *, id: str, is_down: bool) -> None:
    """Says that a host is dead, so that its servers can be evacuated, or that it is not after all (2.11)."""
    _put(cloud, id, {"forced_down": is_down})


def delete_service(cloud: Cloud, *, id: str) -> None:
    """Forgets a service, with its host where it is a compute service. Raises CloudError; Conflict while servers run
    there."""
    cloud.delete(SERVICE, f"/os-services/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)
