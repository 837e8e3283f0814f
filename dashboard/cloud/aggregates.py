"""Host aggregates and the availability zones that they make: which hosts belong together.

Follows https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates and
https://docs.openstack.org/api-ref/compute/#availability-zones-os-availability-zone
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import compute_services, paging, wire
from dashboard.cloud.compute_services import ComputeService
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer, NotFound
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

SERVICE = "compute"
CACHED = "2.81"
"""From here on images can be brought to the hosts of an aggregate before anybody needs them."""
ZONE_KEY = "availability_zone"


@dataclass(frozen=True)
class Aggregate:
    """Hosts that have something in common, told by metadata; with a zone it is what people choose at a launch."""

    id: str
    name: str
    zone: str = ""
    hosts: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Without the zone, which Nova keeps there as well."""
    uuid: str = ""
    created: datetime | None = None

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Aggregate:
        metadata = wire.mapping(item.get("metadata"))
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            zone=wire.text(item.get("availability_zone")),
            hosts=tuple(sorted(wire.texts(item.get("hosts")))),
            metadata={key: wire.text(value) for key, value in metadata.items() if key != ZONE_KEY},
            uuid=wire.text(item.get("uuid")),
            created=wire.moment(item.get("created_at")),
        )


LOOKUP: Lookup[Aggregate] = Lookup(
    text=lambda row: (row.name, row.zone, *row.hosts, *row.metadata),
    values={
        "zone": lambda row: row.zone,
        "host": lambda row: row.hosts,
        "key": lambda row: row.metadata,
    },
    sorts={"name": lambda row: row.name, "zone": lambda row: row.zone, "count": lambda row: len(row.hosts)},
)


def list_all_aggregates(cloud: Cloud) -> tuple[Aggregate, ...]:
    """Every aggregate; for administrators. Raises CloudError."""
    answer = cloud.get(SERVICE, "/os-aggregates", microversion=NOVA_MICROVERSION)
    if not isinstance(answer.get("aggregates"), list):
        raise BadAnswer("The answer has no list of aggregates.", service=SERVICE)
    return tuple(Aggregate.from_json(item) for item in wire.objects(answer["aggregates"]))


def list_aggregates(cloud: Cloud, query: Query) -> Page[Aggregate]:
    """One page of the aggregates. Raises CloudError."""
    return LOOKUP.page(list_all_aggregates(cloud), query)


def get_aggregate_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An aggregate as Nova gives it. Raises CloudError."""
    return paging.inner(
        cloud.get(SERVICE, f"/os-aggregates/{wire.path_id(id)}", microversion=NOVA_MICROVERSION), "aggregate", SERVICE
    )


def get_aggregate(cloud: Cloud, id: str) -> Aggregate:
    """One aggregate. Raises CloudError, NotFound among them."""
    return Aggregate.from_json(get_aggregate_json(cloud, id))


def create_aggregate(cloud: Cloud, *, name: str, zone: str = "") -> Aggregate:
    """Makes an aggregate without hosts. Raises CloudError."""
    body = {"aggregate": {"name": name, "availability_zone": zone or None}}
    answer = cloud.post(SERVICE, "/os-aggregates", body, microversion=NOVA_MICROVERSION)
    return Aggregate.from_json(paging.inner(answer, "aggregate", SERVICE))


def update_aggregate(cloud: Cloud, *, id: str, name: str = "", zone: str = "") -> None:
    """Changes name and zone, those that are given. Raises CloudError."""
    given = {"name": name, "availability_zone": zone}
    body = {"aggregate": {key: value for key, value in given.items() if value}}
    cloud.put(SERVICE, f"/os-aggregates/{wire.path_id(id)}", body, microversion=NOVA_MICROVERSION)


def delete_aggregate(cloud: Cloud, *, id: str) -> None:
    """Deletes an aggregate; Nova refuses while it has hosts. Raises CloudError."""
    cloud.delete(SERVICE, f"/os-aggregates/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)


def _act(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    cloud.post(SERVICE, f"/os-aggregates/{wire.path_id(id)}/action", dict(body), microversion=NOVA_MICROVERSION)


def add_host(cloud: Cloud, *, id: str, host: str) -> None:
    """Puts a host into an aggregate. Raises CloudError; Conflict if its servers would change their zone."""
    _act(cloud, id, {"add_host": {"host": host}})


def remove_host(cloud: Cloud, *, id: str, host: str) -> None:
    """Takes a host out of an aggregate. Raises CloudError."""
    _act(cloud, id, {"remove_host": {"host": host}})


def set_metadata(cloud: Cloud, *, id: str, metadata: Mapping[str, str | None]) -> None:
    """Adds and changes metadata; what is None goes. Raises CloudError."""
    _act(cloud, id, {"set_metadata": {"metadata": dict(metadata)}})


def cache_images(cloud: Cloud, *, id: str, images: Sequence[str]) -> None:
    """Has the hosts of an aggregate fetch images ahead of their first use (2.81). Raises CloudError."""
    body = {"cache": [{"id": image} for image in images]}
    path = f"/os-aggregates/{wire.path_id(id)}/images"
    cloud.post(SERVICE, path, body, microversion=NOVA_MICROVERSION)


@dataclass(frozen=True)
class ZoneHost:
    """A host of a zone, by the service there."""

    host: str
    binary: str
    is_enabled: bool = True
    is_up: bool = True
    updated: datetime | None = None
    reason: str = ""
    """Why it is disabled, if somebody said so."""


@dataclass(frozen=True)
class ZoneWithHosts:
    """A part of the region that a launch can choose. It is available while any of its hosts is enabled."""

    name: str
    is_available: bool = True
    services: tuple[ZoneHost, ...] = ()

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> ZoneWithHosts:
        found = [
            ZoneHost(
                host=str(host),
                binary=str(binary),
                is_enabled=wire.flag(wire.mapping(state).get("available")),
                is_up=wire.flag(wire.mapping(state).get("active")),
                updated=wire.moment(wire.mapping(state).get("updated_at")),
            )
            for host, services in wire.mapping(item.get("hosts")).items()
            for binary, state in wire.mapping(services).items()
        ]
        return cls(
            name=wire.text(item.get("zoneName")),
            is_available=wire.flag(wire.mapping(item.get("zoneState")).get("available")),
            services=tuple(sorted(found, key=lambda row: (row.host, row.binary))),
        )

    @property
    def id(self) -> str:
        return self.name

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.host for row in self.services))


ZONES: Lookup[ZoneWithHosts] = Lookup(
    text=lambda row: (row.name, *row.hosts),
    values={"available": lambda row: row.is_available, "host": lambda row: row.hosts},
    sorts={"name": lambda row: row.name, "count": lambda row: len(row.hosts)},
)


def list_all_zones(cloud: Cloud) -> tuple[ZoneWithHosts, ...]:
    """Every zone with its hosts and how they are; for administrators. Raises CloudError."""
    waiting = later(lambda: compute_services.list_all_services(cloud))
    answer = cloud.get(SERVICE, "/os-availability-zone/detail", microversion=NOVA_MICROVERSION)
    if not isinstance(answer.get("availabilityZoneInfo"), list):
        raise BadAnswer("The answer has no list of zones.", service=SERVICE)
    zones = [ZoneWithHosts.from_json(item) for item in wire.objects(answer["availabilityZoneInfo"])]
    services = waiting.or_else(())
    return tuple(_with_services(zone, services) for zone in zones if zone.name)


def _with_services(zone: ZoneWithHosts, services: Sequence[ComputeService]) -> ZoneWithHosts:
    """Nova leaves disabled hosts out of a zone in which others are enabled: its services have them, and why."""
    known = {(row.host, row.binary): row for row in services if row.zone == zone.name}
    rows = [
        replace(row, reason=known[row.host, row.binary].reason) if (row.host, row.binary) in known else row
        for row in zone.services
    ]
    listed = {(row.host, row.binary) for row in rows}
    rows += [
        ZoneHost(row.host, row.binary, row.is_enabled, row.is_up, row.updated, row.reason)
        for key, row in known.items()
        if key not in listed
    ]
    return replace(zone, services=tuple(sorted(rows, key=lambda row: (row.host, row.binary))))


def list_zones(cloud: Cloud, query: Query) -> Page[ZoneWithHosts]:
    """One page of the zones. Raises CloudError."""
    return ZONES.page(list_all_zones(cloud), query, count=("available",))


def get_zone(cloud: Cloud, id: str) -> ZoneWithHosts:
    """One zone, out of the list. Raises CloudError."""
    found = next((zone for zone in list_all_zones(cloud) if zone.id == id), None)
    if found is None:
        raise NotFound("There is no such zone.", service=SERVICE, status=404)
    return found
