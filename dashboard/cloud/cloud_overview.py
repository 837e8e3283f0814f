"""The cloud in a few numbers, for those who run it: room and use, services that are down, servers in error.

No question grows with the number of servers: what would is asked of Placement and of Nova's own sums.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import paging, storage_admin, wire
from dashboard.cloud.compute_hosts import WITH_RESOURCES
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.parallel import in_turn

PLACEMENT = "placement"
PLACEMENT_MICROVERSION = "1.30"
PROVIDERS = 500
"""Resource providers that are asked for what they have; of more, the first ones are."""
AT_ONCE = 8
CLASSES = ("VCPU", "PCPU", "MEMORY_MB", "DISK_GB")
SHOWN = 8
"""Things of a kind that are named; the rest is a number and a link."""
COUNTED = 100
"""Things of a kind that are counted: of more it is said that there are more."""
JSON = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """One class of resource over all hosts. ``total`` is what there is, ``capacity`` what may be given away."""

    name: str
    total: int = 0
    reserved: int = 0
    capacity: int = 0
    used: int = 0

    @property
    def ratio(self) -> float:
        """How many times what there is may be given away."""
        left = self.total - self.reserved
        return round(self.capacity / left, 2) if left > 0 else 0.0


@dataclass(frozen=True)
class Capacity:
    """What all hosts have together. ``providers`` of ``known`` were asked, ``failed`` of them did not answer."""

    rooms: tuple[Room, ...] = ()
    known: int = 0
    failed: int = 0

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Capacity:
        rooms = tuple(Room(**each) for each in item["rooms"])
        return cls(rooms, item["known"], item["failed"])

    @property
    def is_cut(self) -> bool:
        return self.known > PROVIDERS


def fetch_capacity(cloud: Cloud) -> JSON:
    """What Placement has of all hosts: two requests for each provider, side by side. Raises CloudError."""
    answer = cloud.get(PLACEMENT, "/resource_providers", microversion=PLACEMENT_MICROVERSION)
    ids = [wire.text(item.get("uuid")) for item in wire.objects(answer.get("resource_providers"))]
    calls = [functools.partial(_room_of, cloud, id) for id in ids[:PROVIDERS] if id]
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    failed, error = 0, None
    for outcome in in_turn(calls, at_once=AT_ONCE):
        found = outcome.or_else(None)
        if found is None:
            failed, error = failed + 1, outcome.error
            continue
        for name, part in found.items():
            for key, amount in part.items():
                sums[name][key] += amount
    if error is not None and failed == len(calls):
        raise error
    rooms = [Room(name, **{key: int(amount) for key, amount in sums[name].items()}) for name in CLASSES if name in sums]
    return asdict(Capacity(tuple(rooms), len(ids), failed))


def _room_of(cloud: Cloud, id: str) -> dict[str, dict[str, float]]:
    """What one provider has and what of it is used, by class."""
    path = f"/resource_providers/{wire.path_id(id)}"
    use = wire.mapping(cloud.get(PLACEMENT, f"{path}/usages", microversion=PLACEMENT_MICROVERSION).get("usages"))
    answer = cloud.get(PLACEMENT, f"{path}/inventories", microversion=PLACEMENT_MICROVERSION)
    found = {}
    for name, body in wire.mapping(answer.get("inventories")).items():
        has = wire.mapping(body)
        total, reserved = wire.number(has.get("total")), wire.number(has.get("reserved"))
        ratio = has.get("allocation_ratio")
        ratio = float(ratio) if isinstance(ratio, int | float) and not isinstance(ratio, bool) else 1.0
        found[str(name)] = {
            "total": total,
            "reserved": reserved,
            "capacity": max(0, total - reserved) * min(ratio, 1e6),
            "used": wire.number(use.get(name)),
        }
    return found


@dataclass(frozen=True)
class Hosts:
    """Nova's own sums: how many hosts there are, and servers on them."""

    hosts: int = 0
    servers: int = 0

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Hosts:
        return cls(**item)


def fetch_hosts(cloud: Cloud) -> JSON:
    """How many hosts and servers there are, with one request however many. Raises CloudError."""
    answer = cloud.get("compute", "/os-hypervisors/statistics", microversion=WITH_RESOURCES)
    found = paging.inner(answer, "hypervisor_statistics", "compute")
    return asdict(Hosts(wire.number(found.get("count")), wire.number(found.get("running_vms"))))


@dataclass(frozen=True)
class Down:
    """A service or agent that does not report in, or is kept from work."""

    id: str
    name: str
    host: str
    since: str = ""
    reason: str = ""
    is_disabled: bool = False

    @property
    def moment(self) -> datetime | None:
        """When it was last heard of."""
        return wire.moment(self.since)


@dataclass(frozen=True)
class Services:
    """One service's processes. ``up`` of ``total`` report in; ``off`` are disabled; some of ``down`` are named."""

    service: str
    total: int = 0
    up: int = 0
    off: int = 0
    down: tuple[Down, ...] = ()
    missing: int = 0
    """How many don't report in; more than are named, perhaps."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Services:
        return cls(**{**item, "down": tuple(Down(**each) for each in item["down"])})


def fetch_nova_services(cloud: Cloud) -> JSON:
    """Nova's processes. Raises CloudError."""
    answer = cloud.get("compute", "/os-services", microversion=NOVA_MICROVERSION)
    found = []
    for item in wire.objects(answer.get("services")):
        is_up = wire.text(item.get("state"), "up") == "up" and not wire.flag(item.get("forced_down"))
        found.append((is_up, wire.text(item.get("status")) == "disabled", _down(item)))
    return _services("compute", found)


def fetch_cinder_services(cloud: Cloud) -> JSON:
    """Cinder's processes. Raises CloudError."""
    found = []
    for item in storage_admin.list_all_services(cloud):
        since = item.updated.isoformat() if item.updated else ""
        found.append((item.is_up, not item.is_enabled, Down(item.id, item.binary, item.host, since, item.reason)))
    return _services("block-storage", found)


def fetch_neutron_agents(cloud: Cloud) -> JSON:
    """Neutron's agents. Raises CloudError."""
    fields = ("id", "agent_type", "host", "alive", "admin_state_up", "heartbeat_timestamp")
    found = []
    for items in paging.pages(cloud, "network", "/v2.0/agents", "agents", most=10_000, fields=list(fields)):
        for item in items:
            seen = wire.moment(item.get("heartbeat_timestamp"))
            down = Down(
                wire.text(item.get("id")),
                wire.text(item.get("agent_type")),
                wire.text(item.get("host")),
                seen.isoformat() if seen else "",
            )
            found.append((wire.flag(item.get("alive", True)), not wire.flag(item.get("admin_state_up", True)), down))
    return _services("network", found)


def _down(item: Mapping[str, Any]) -> Down:
    seen = wire.moment(item.get("updated_at"))
    return Down(
        id=wire.text(item.get("id")),
        name=wire.text(item.get("binary")),
        host=wire.text(item.get("host")),
        since=seen.isoformat() if seen else "",
        reason=wire.text(item.get("disabled_reason"))[:200],
    )


def _services(service: str, found: list[tuple[bool, bool, Down]]) -> JSON:
    """What is down comes first, what was switched off after it."""
    down = [each for is_up, _off, each in found if not is_up]
    off = [Down(**{**asdict(each), "is_disabled": True}) for is_up, is_off, each in found if is_up and is_off]
    named = tuple([*down, *off][:SHOWN])
    up = sum(is_up for is_up, _off, _each in found)
    return asdict(Services(service, len(found), up, sum(is_off for _up, is_off, _each in found), named, len(down)))


@dataclass(frozen=True)
class Pool:
    """A part of a storage back end; sizes in GiB, None where it does not say or there is no end."""

    name: str
    total: float | None = None
    free: float | None = None
    is_endless: bool = False

    @property
    def used(self) -> float:
        return max(0.0, self.total - self.free) if self.total is not None and self.free is not None else 0.0


@dataclass(frozen=True)
class Pools:
    """The fullest pools first, and how many there are."""

    pools: tuple[Pool, ...] = ()
    total: int = 0

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Pools:
        return cls(tuple(Pool(**each) for each in item["pools"]), item["total"])


def fetch_pools(cloud: Cloud) -> JSON:
    """The storage pools as Cinder's scheduler knows them: one request. Raises CloudError."""
    found = [Pool(item.name, item.total, item.free, item.is_endless) for item in storage_admin.list_pools(cloud)]
    found.sort(key=lambda pool: (-(pool.used / pool.total if pool.total else 0.0), pool.name))
    return asdict(Pools(tuple(found[:SHOWN]), len(found)))


@dataclass(frozen=True)
class Addresses:
    """How many addresses of an external network are taken."""

    id: str
    name: str
    used: int = 0
    total: int = 0


@dataclass(frozen=True)
class External:
    """The fullest external networks first, and how many there are."""

    networks: tuple[Addresses, ...] = ()
    total: int = 0

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> External:
        return cls(tuple(Addresses(**each) for each in item["networks"]), item["total"])


def fetch_external(cloud: Cloud) -> JSON:
    """The external networks with the addresses that are left: two requests. Raises CloudError."""
    asked: dict[str, Any] = {"router:external": True, "fields": ["id"]}
    pages = paging.pages(cloud, "network", "/v2.0/networks", "networks", **asked)
    ids = [wire.text(item.get("id")) for items in pages for item in items]
    found = []
    # One question names only so many networks: an address has an end.
    for place in range(0, len(ids), COUNTED):
        answer = cloud.get("network", "/v2.0/network-ip-availabilities", network_id=ids[place : place + COUNTED])
        for item in wire.objects(answer.get("network_ip_availabilities")):
            found.append(
                Addresses(
                    wire.text(item.get("network_id")),
                    wire.text(item.get("network_name")),
                    wire.number(item.get("used_ips")),
                    wire.number(item.get("total_ips")),
                )
            )
    found.sort(key=lambda each: (-(each.used / each.total if each.total else 0.0), each.name))
    return asdict(External(tuple(found[:SHOWN]), len(found)))


@dataclass(frozen=True)
class Thing:
    """Something that needs looking at: what, whose, in which state, and since when."""

    id: str
    name: str
    status: str = ""
    project_id: str = ""
    since: str = ""
    host: str = ""
    why: str = ""

    @property
    def moment(self) -> datetime | None:
        """Since when it is so."""
        return wire.moment(self.since)


@dataclass(frozen=True)
class Things:
    """Those that are named, and how many there are at least; ``has_more``: there are more than were counted."""

    things: tuple[Thing, ...] = ()
    count: int = 0
    has_more: bool = False

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Things:
        return cls(tuple(Thing(**each) for each in item["things"]), item["count"], item["has_more"])


def server_thing(item: Mapping[str, Any]) -> Thing:
    """A server of Nova's list."""
    return Thing(
        id=wire.text(item.get("id")),
        name=wire.text(item.get("name")),
        status=wire.text(item.get("OS-EXT-STS:task_state")) or wire.text(item.get("status")).lower(),
        project_id=wire.text(item.get("tenant_id")),
        since=wire.text(item.get("updated")),
        host=wire.text(item.get("OS-EXT-SRV-ATTR:host")),
        why=wire.text(wire.mapping(item.get("fault")).get("message"))[:200],
    )


def fetch_failed_servers(cloud: Cloud) -> JSON:
    """The servers in error, those that failed last first: one request for up to a hundred. Raises CloudError."""
    order = {"sort_key": "updated_at", "sort_dir": "desc", "limit": COUNTED}
    answer = cloud.get(
        "compute", "/servers/detail", microversion=NOVA_MICROVERSION, all_tenants=1, status="ERROR", **order
    )
    found = [server_thing(item) for item in wire.objects(answer.get("servers"))]
    return asdict(Things(tuple(found[:SHOWN]), len(found), len(found) >= COUNTED))
