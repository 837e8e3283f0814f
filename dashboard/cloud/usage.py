"""Usage: how many hours servers ran in a time span, and how much CPU, memory and disk they had meanwhile.

Follows https://docs.openstack.org/api-ref/compute/#usage-reports-os-simple-tenant-usage
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer

SERVICE = "compute"
PAGE = 1000
MOST = 20
"""Pages that are read: 20,000 servers, those that are deleted by now among them."""
MIB = 1024


@dataclass(frozen=True)
class ServerUsage:
    """One server within the span. ``ram`` is in MiB, ``disk`` in GiB; ``ended`` is None while it exists."""

    id: str
    name: str
    flavor: str = ""
    state: str = ""
    vcpus: int = 0
    ram: int = 0
    disk: int = 0
    hours: float = 0.0
    started: datetime | None = None
    ended: datetime | None = None

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> ServerUsage:
        return cls(
            id=wire.text(item.get("instance_id")),
            name=wire.text(item.get("name")),
            flavor=wire.text(item.get("flavor")),
            state=wire.text(item.get("state")),
            vcpus=wire.number(item.get("vcpus")),
            ram=wire.number(item.get("memory_mb")),
            disk=wire.number(item.get("local_gb")),
            hours=_real(item.get("hours")),
            started=wire.moment(item.get("started_at")),
            ended=wire.moment(item.get("ended_at")),
        )

    @property
    def vcpu_hours(self) -> float:
        return self.hours * self.vcpus

    @property
    def ram_hours(self) -> float:
        """In GiB-hours."""
        return self.hours * self.ram / MIB

    @property
    def disk_hours(self) -> float:
        """In GiB-hours."""
        return self.hours * self.disk


@dataclass(frozen=True)
class Amounts:
    """Hours of servers, and vCPU-, GiB of memory- and GiB of disk-hours."""

    hours: float = 0.0
    vcpu_hours: float = 0.0
    ram_hours: float = 0.0
    disk_hours: float = 0.0

    def __add__(self, other: Any) -> Amounts:
        return Amounts(
            self.hours + other.hours,
            self.vcpu_hours + other.vcpu_hours,
            self.ram_hours + other.ram_hours,
            self.disk_hours + other.disk_hours,
        )


@dataclass(frozen=True)
class Usage:
    """What a project used. ``is_cut``: there are more servers than are read."""

    servers: tuple[ServerUsage, ...] = ()
    is_cut: bool = False

    @property
    def total(self) -> Amounts:
        return summed(self.servers)


@dataclass(frozen=True)
class ProjectUsage:
    """What one of many projects used."""

    project_id: str
    amounts: Amounts


def summed(items: Iterable[Any]) -> Amounts:
    """All of them together."""
    total = Amounts()
    for item in items:
        total += item
    return total


def get_usage(cloud: Cloud, start: datetime, end: datetime) -> Usage:
    """The project's servers between two moments, with one request for each thousand. Raises CloudError."""
    found: list[ServerUsage] = []
    path = f"/os-simple-tenant-usage/{wire.path_id(cloud.project_id)}"
    is_cut = False
    for body, has_rest in _pages(cloud, path, "tenant_usage", start, end):
        # Of a project that never had a server, Nova gives {}.
        usages = wire.mapping(body.get("tenant_usage")).get("server_usages", [])
        found += [ServerUsage.from_json(item) for item in wire.objects(usages) if item.get("instance_id")]
        is_cut = has_rest
    return Usage(tuple(found), is_cut)


def list_project_usages(cloud: Cloud, start: datetime, end: datetime) -> tuple[tuple[ProjectUsage, ...], bool]:
    """Every project's sums, and whether there is more than is read; for administrators. Raises CloudError.

    Nova pages by servers here too: a project that is on two pages has a sum on each.
    """
    found: dict[str, Amounts] = {}
    is_cut = False
    for body, has_rest in _pages(cloud, "/os-simple-tenant-usage", "tenant_usages", start, end):
        if not isinstance(body.get("tenant_usages"), list):
            raise BadAnswer("There is no list of usages in the answer.", service=SERVICE)
        for item in wire.objects(body["tenant_usages"]):
            id = wire.text(item.get("tenant_id"))
            found[id] = found.get(id, Amounts()) + Amounts(
                _real(item.get("total_hours")),
                _real(item.get("total_vcpus_usage")),
                _real(item.get("total_memory_mb_usage")) / MIB,
                _real(item.get("total_local_gb_usage")),
            )
        is_cut = has_rest
    usages = [ProjectUsage(id, amounts) for id, amounts in found.items() if id]
    return tuple(sorted(usages, key=lambda usage: usage.amounts.vcpu_hours, reverse=True)), is_cut


def detailed_pages(cloud: Cloud, start: datetime, end: datetime) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every project's usage with its servers, page by page, and whether more is left. Raises CloudError."""
    yield from _pages(cloud, "/os-simple-tenant-usage", "tenant_usages", start, end, detailed="1")


def _pages(
    cloud: Cloud, path: str, key: str, start: datetime, end: datetime, **more: str
) -> Iterator[tuple[dict[str, Any], bool]]:
    """Each page, and whether there is another after it (2.40; an older Nova gives all at once)."""
    marker: str | None = None
    given = {"start": _moment(start), "end": _moment(end), **more}
    for place in range(MOST):
        body = cloud.get(SERVICE, path, microversion=NOVA_MICROVERSION, limit=PAGE, marker=marker, **given)
        following = _marker(body.get(f"{key}_links")) or _beyond(body, key)
        has_rest = bool(following) and following != marker
        yield body, has_rest and place == MOST - 1
        if not has_rest:
            return
        marker = following


def _beyond(body: dict[str, Any], key: str) -> str:
    """The last server of a page that is nearly full and names no next one, "" for others.

    Nova 34 counts what it tells and not what it looked at: one server without a flavor, say, and it takes a full
    page for the last one. Its order is by project and id.
    """
    usages = body.get(key)
    parts = wire.objects(usages) if isinstance(usages, list) else [wire.mapping(usages)]
    ids = [
        (wire.text(server.get("tenant_id")), wire.text(server.get("instance_id")))
        for part in parts
        for server in wire.objects(part.get("server_usages"))
    ]
    return max(ids)[1] if PAGE // 2 <= len(ids) < PAGE else ""


def _marker(links: Any) -> str:
    """The next page's marker out of the link to it: sums don't name the servers that they are of."""
    href = next((wire.text(link.get("href")) for link in wire.objects(links) if link.get("rel") == "next"), "")
    return next(iter(urllib.parse.parse_qs(urllib.parse.urlsplit(href).query).get("marker", [])), "")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return max(0.0, float(value)) if abs(value) < 1e15 else 0.0
