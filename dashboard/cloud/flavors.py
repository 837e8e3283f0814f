"""Flavors: the sizes that servers come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.types import Lookup, Page, Query


@dataclass(frozen=True)
class Flavor:
    """A flavor, by Nova's API. ``ram`` and ``swap`` are in MiB, ``disk`` and ``ephemeral`` in GiB."""

    id: str
    name: str
    vcpus: int = 0
    ram: int = 0
    disk: int = 0
    """The root disk; 0 means as large as the image."""
    ephemeral: int = 0
    swap: int = 0
    is_public: bool = True
    is_disabled: bool = False
    description: str = ""
    extra_specs: Mapping[str, str] = field(default_factory=dict)
    """What else a server of this size gets, e.g. ``hw:cpu_policy: dedicated``."""
    room: Mapping[str, Any] | None = None
    """For administrators: what ``launch_fit.ask`` gave, filled in by who lists them."""
    exceeded: tuple[str, ...] | None = None
    """For others: the quotas that have not enough left for one such server, filled in likewise."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Flavor:
        """From a flavor of Nova's list with details (``GET /flavors/detail``, 2.61 and later)."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            vcpus=wire.number(json.get("vcpus")),
            ram=wire.number(json.get("ram")),
            disk=wire.number(json.get("disk")),
            ephemeral=wire.number(json.get("OS-FLV-EXT-DATA:ephemeral")),
            # "" instead of 0 before 2.75
            swap=wire.number(json.get("swap")),
            is_public=wire.flag(json.get("os-flavor-access:is_public", True)),
            # Gone from 2.102 on.
            is_disabled=wire.flag(json.get("OS-FLV-DISABLED:disabled")),
            description=wire.text(json.get("description")),
            extra_specs={key: wire.text(value) for key, value in wire.mapping(json.get("extra_specs")).items()},
        )


LOOKUP: Lookup[Flavor] = Lookup(
    text=lambda flavor: (flavor.name, flavor.id, flavor.description),
    values={
        "name": lambda flavor: flavor.name,
        "vcpus": lambda flavor: flavor.vcpus,
        "ram": lambda flavor: flavor.ram,
        "disk": lambda flavor: flavor.disk,
        "public": lambda flavor: flavor.is_public,
        "spec": lambda flavor: flavor.extra_specs,
    },
    sorts={
        "name": lambda flavor: flavor.name,
        "vcpus": lambda flavor: flavor.vcpus,
        "ram": lambda flavor: flavor.ram,
        "disk": lambda flavor: flavor.disk,
        "ephemeral": lambda flavor: flavor.ephemeral,
        "swap": lambda flavor: flavor.swap,
    },
)


def fetch_all(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every flavor that this project may use, as Nova gives them, page by page."""
    for items in paging.pages(cloud, "compute", "/flavors/detail", "flavors", microversion=NOVA_MICROVERSION):
        yield [trim(item) for item in items]


def trim(json: Mapping[str, Any]) -> dict[str, Any]:
    """What is needed of a flavor."""
    return {key: value for key, value in json.items() if key not in {"links", "rxtx_factor"}}


def list_all_flavors(cloud: Cloud) -> tuple[Flavor, ...]:
    """Every flavor that this project may use. Raises CloudError."""
    return tuple(Flavor.from_json(item) for page in fetch_all(cloud) for item in page)


def list_flavors(cloud: Cloud, query: Query) -> Page[Flavor]:
    """One page of the flavors that this project may use; for an administrator of all that there are."""
    # "None" is neither public nor private alone; Nova heeds it from administrators.
    is_public = "None" if cloud.has_role("admin") else None
    path, key = "/flavors/detail", "flavors"
    found = paging.pages(cloud, "compute", path, key, microversion=NOVA_MICROVERSION, is_public=is_public)
    rows = [Flavor.from_json(trim(item)) for items in found for item in items]
    return LOOKUP.page(rows, query, default_sort="ram")


def get_flavor_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A flavor as Nova gives it. Raises CloudError."""
    answer = cloud.get("compute", f"/flavors/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)
    return paging.inner(answer, "flavor", "compute")


def get_flavor(cloud: Cloud, id: str) -> Flavor:
    """One flavor. Raises CloudError, NotFound among them."""
    return Flavor.from_json(get_flavor_json(cloud, id))
