"""Placement: what there is of each resource, how much of it is taken, and what marks those who provide it.

Follows https://docs.openstack.org/api-ref/placement/
For administrators: its policy lets nobody else ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Conflict
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

SERVICE = "placement"
MICROVERSION = "1.29"
"""Trees of providers with their parents (1.14), and candidates that show whole trees."""
MOST = 1000
"""Providers that one question is about at most."""
TRIES = 3
"""How often a change is tried that somebody else's came before."""


@dataclass(frozen=True)
class Provider:
    """Who provides resources: a host, a part of one, a shared disk. ``generation`` counts its changes."""

    id: str
    name: str
    generation: int = 0
    parent_id: str = ""
    root_id: str = ""
    parent_name: str = ""
    """Filled in by who lists them."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Provider:
        id = wire.text(item.get("uuid"))
        return cls(
            id=id,
            name=wire.text(item.get("name")) or id,
            generation=wire.number(item.get("generation")),
            parent_id=wire.text(item.get("parent_provider_uuid")),
            root_id=wire.text(item.get("root_provider_uuid")) or id,
        )

    @property
    def is_root(self) -> bool:
        return not self.parent_id


@dataclass(frozen=True)
class Inventory:
    """How much of one class of resource a provider has, and how it is given out."""

    resource_class: str
    total: int = 0
    reserved: int = 0
    min_unit: int = 1
    max_unit: int = 0
    step_size: int = 1
    allocation_ratio: float = 1.0
    used: int = 0

    @classmethod
    def from_json(cls, name: str, item: Mapping[str, Any], used: int = 0) -> Inventory:
        ratio = item.get("allocation_ratio")
        return cls(
            resource_class=name,
            total=wire.number(item.get("total")),
            reserved=wire.number(item.get("reserved")),
            min_unit=wire.number(item.get("min_unit"), 1),
            max_unit=wire.number(item.get("max_unit")),
            step_size=wire.number(item.get("step_size"), 1),
            allocation_ratio=float(ratio) if isinstance(ratio, int | float) else 1.0,
            used=used,
        )

    @property
    def capacity(self) -> int:
        """What may be given out in all."""
        return max(0, int((self.total - self.reserved) * self.allocation_ratio))


@dataclass(frozen=True)
class Room:
    """What may be given out of one class of resource, and what is."""

    capacity: int = 0
    used: int = 0


@dataclass(frozen=True)
class Facts:
    """All that Placement knows of a provider. What could not be had is empty."""

    inventories: tuple[Inventory, ...] = ()
    traits: tuple[str, ...] = ()
    aggregates: tuple[str, ...] = ()
    allocations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By consumer, a server's id mostly: how much of what."""
    tree: tuple[Provider, ...] = ()
    """The others of the same tree."""


LOOKUP: Lookup[Provider] = Lookup(
    text=lambda row: (row.name, row.id, row.parent_name),
    values={
        "name": lambda row: row.name,
        "root": lambda row: row.root_id,
        "nested": lambda row: not row.is_root,
    },
    sorts={"name": lambda row: row.name, "parent": lambda row: row.parent_name},
)


def offered(cloud: Cloud) -> bool:
    """Whether Placement would tell this token anything."""
    return cloud.offers(SERVICE) and cloud.has_role("admin")


def _get(cloud: Cloud, path: str, **params: Any) -> dict[str, Any]:
    return cloud.get(SERVICE, path, microversion=MICROVERSION, **params)


def list_all_providers(cloud: Cloud, **params: Any) -> tuple[Provider, ...]:
    """Every provider, with its parent's name; Placement has no pages. Raises CloudError."""
    answer = _get(cloud, "/resource_providers", **params)
    if not isinstance(answer.get("resource_providers"), list):
        raise BadAnswer("The answer has no list of providers.", service=SERVICE)
    found = [row for item in wire.objects(answer["resource_providers"]) if (row := Provider.from_json(item)).id]
    names = {item.id: item.name for item in found}
    return tuple(replace(item, parent_name=names.get(item.parent_id, item.parent_id)) for item in found)


def list_providers(cloud: Cloud, query: Query) -> Page[Provider]:
    """One page of the providers. Raises CloudError."""
    return LOOKUP.page(list_all_providers(cloud), query)


def get_provider_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A provider as Placement gives it. Raises CloudError."""
    return _get(cloud, f"/resource_providers/{wire.path_id(id)}")


def get_provider(cloud: Cloud, id: str) -> Provider:
    """One provider. Raises CloudError, NotFound among them."""
    return Provider.from_json(get_provider_json(cloud, id))


def list_inventories(cloud: Cloud, id: str) -> tuple[Inventory, ...]:
    """What a provider has of each class, and how much of it is taken. Raises CloudError."""
    path = f"/resource_providers/{wire.path_id(id)}"
    waiting = later(lambda: _get(cloud, f"{path}/usages"))
    has = wire.mapping(_get(cloud, f"{path}/inventories").get("inventories"))
    used = wire.mapping(waiting.or_else({}).get("usages"))
    return tuple(
        Inventory.from_json(name, wire.mapping(item), wire.number(used.get(name))) for name, item in sorted(has.items())
    )


def get_facts(cloud: Cloud, id: str) -> Facts:
    """All that Placement knows of a provider, asked side by side. Raises CloudError if there are no inventories."""
    path = f"/resource_providers/{wire.path_id(id)}"
    traits = later(lambda: _get(cloud, f"{path}/traits"))
    aggregates = later(lambda: _get(cloud, f"{path}/aggregates"))
    allocations = later(lambda: _get(cloud, f"{path}/allocations"))
    tree = later(lambda: list_all_providers(cloud, in_tree=id))
    inventories = list_inventories(cloud, id)
    taken = wire.mapping(allocations.or_else({}).get("allocations"))
    return Facts(
        inventories=inventories,
        traits=tuple(sorted(wire.texts(traits.or_else({}).get("traits")))),
        aggregates=wire.texts(aggregates.or_else({}).get("aggregates")),
        allocations={
            consumer: {
                name: wire.number(amount) for name, amount in wire.mapping(wire.mapping(item).get("resources")).items()
            }
            for consumer, item in taken.items()
        },
        tree=tuple(item for item in tree.or_else(()) if item.id != id),
    )


def change_inventory(
    cloud: Cloud, *, id: str, resource_class: str, allocation_ratio: float, reserved: int
) -> Inventory:
    """Gives out more or less of what a provider has of one class. Raises CloudError.

    It is read anew and tried again when somebody else's change, Nova's say, came before: only these two values
    are put into what there is then.
    """
    path = f"/resource_providers/{wire.path_id(id)}/inventories/{wire.path_id(resource_class)}"
    for left in reversed(range(TRIES)):
        now = _get(cloud, path)
        body: dict[str, Any] = {
            name: now[name]
            for name in ("resource_provider_generation", "total", "min_unit", "max_unit", "step_size")
            if name in now
        }
        body |= {"allocation_ratio": allocation_ratio, "reserved": reserved}
        try:
            answer = cloud.put(SERVICE, path, body, microversion=MICROVERSION)
        except Conflict:
            if not left:
                raise
            continue
        return Inventory.from_json(resource_class, answer)
    raise AssertionError("unreachable")


# How much room there is, for lists


def rooms(cloud: Cloud) -> dict[str, dict[str, list[int]]]:
    """By provider and class, capacity and what is used of it, as JSON: of all that have any memory left.

    One question for up to a thousand hosts; ``room_of`` asks for a host that is full. Raises CloudError.
    """
    answer = _get(cloud, "/allocation_candidates", resources="MEMORY_MB:1", limit=MOST)
    return {
        provider: {
            name: [wire.number(amounts.get("capacity")), wire.number(amounts.get("used"))]
            for name, amounts in wire.mapping(wire.mapping(item).get("resources")).items()
            if isinstance(amounts, dict)
        }
        for provider, item in wire.mapping(answer.get("provider_summaries")).items()
    }


def room_of(cloud: Cloud, id: str) -> dict[str, list[int]]:
    """The same of one provider. Raises CloudError."""
    return {item.resource_class: [item.capacity, item.used] for item in list_inventories(cloud, id)}
