"""What a new server can be made of: everything that the launch form offers, read side by side.

Each part fails alone: without Neutron there are no networks to choose, and all the rest.
"""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from dashboard.cloud import (
    flavors,
    images,
    keypairs,
    launch_address,
    limits,
    ports,
    security_groups,
    server_groups,
    versions,
    volumes,
    wire,
    zones,
)
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, translated
from dashboard.cloud.flavors import Flavor
from dashboard.cloud.images import Image
from dashboard.cloud.keypairs import KeyPair
from dashboard.cloud.launch_address import FreeAddress
from dashboard.cloud.networks import Network, Subnet
from dashboard.cloud.parallel import later
from dashboard.cloud.ports import Port
from dashboard.cloud.security_groups import SecurityGroup
from dashboard.cloud.server_groups import ServerGroup
from dashboard.cloud.types import Quota
from dashboard.cloud.volumes import Volume, VolumeSnapshot, VolumeType
from dashboard.cloud.zones import Zone

T = TypeVar("T")


class Keep(Protocol):
    """Gives the JSON that ``fetch`` gives, or gave ``seconds`` ago; ``is_own`` is for what is one person's alone."""

    def __call__(self, name: str, seconds: float, fetch: Callable[[], Any], *, is_own: bool = False) -> Any: ...


@dataclass(frozen=True)
class Part(Generic[T]):
    """One kind of thing to choose from. ``error`` says why there is nothing; not asked for is not loaded.

    ``as_of`` is when the service said it, for what changes by the minute (quotas).
    """

    rows: tuple[T, ...] = ()
    error: CloudError | None = None
    is_loaded: bool = False
    as_of: datetime | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, id: str) -> T | None:
        """The row with this id."""
        return next((row for row in self.rows if getattr(row, "id", None) == id), None)


@dataclass(frozen=True)
class External:
    """A network that floating IPs come from."""

    id: str
    name: str


@dataclass(frozen=True)
class LaunchOptions:
    """All that can be chosen.

    ``has_volumes`` says whether the cloud offers volumes at all, ``newest`` the newest microversion that Nova
    speaks, ``is_admin`` whether hosts may be named.
    """

    has_volumes: bool = False
    is_admin: bool = False
    newest: versions.Range = versions.EVERYTHING
    images: Part[Image] = field(default_factory=Part)
    """Images and server snapshots that can be started."""
    flavors: Part[Flavor] = field(default_factory=Part)
    networks: Part[Network] = field(default_factory=Part)
    """With subnets, the project's own first; external ones are left out."""
    groups: Part[SecurityGroup] = field(default_factory=Part)
    keypairs: Part[KeyPair] = field(default_factory=Part)
    quotas: Part[Quota] = field(default_factory=Part)
    volumes: Part[Volume] = field(default_factory=Part)
    """Those that no server has; not all can be booted from."""
    volume_snapshots: Part[VolumeSnapshot] = field(default_factory=Part)
    volume_types: Part[VolumeType] = field(default_factory=Part)
    volume_quotas: Part[Quota] = field(default_factory=Part)
    zones: Part[Zone] = field(default_factory=Part)
    server_groups: Part[ServerGroup] = field(default_factory=Part)
    ports: Part[Port] = field(default_factory=Part)
    addresses: Part[FreeAddress] = field(default_factory=Part)
    """Floating IPs that nothing uses."""
    external: Part[External] = field(default_factory=Part)
    """Networks that floating IPs come from."""

    def speaks(self, version: str) -> bool:
        """Whether Nova has what came with this microversion."""
        return self.newest.has(version)

    def quota(self, name: str) -> Quota | None:
        """A compute or storage quota by its name."""
        return next((quota for quota in (*self.quotas, *self.volume_quotas) if quota.name == name), None)


@dataclass(frozen=True)
class _Read:
    """How one part is read: kept for ``seconds`` (0: asked anew each time) as JSON objects."""

    service: str
    seconds: float
    fetch: Callable[[Cloud], list[dict[str, Any]]]
    parse: Callable[[dict[str, Any]], Any]
    is_own: bool = False
    is_dated: bool = False
    """Whether people are told how old it is."""


def _paged(fetch_all: Callable[[Cloud], Iterator[list[dict[str, Any]]]]) -> Callable[[Cloud], list[dict[str, Any]]]:
    return lambda cloud: [item for page in fetch_all(cloud) for item in page]


def _quota(item: dict[str, Any]) -> Quota:
    return Quota(
        name=wire.text(item.get("name")),
        used=wire.number(item.get("used")),
        limit=wire.optional(item.get("limit")),
        unit=wire.text(item.get("unit")),
    )


def _fetch_networks(cloud: Cloud) -> list[dict[str, Any]]:
    def some(**filters: Any) -> list[dict[str, Any]]:
        body = cloud.get("network", "/v2.0/networks", limit=1000, **filters)
        return wire.objects(body.get("networks"))

    if cloud.project_id and "admin" in cloud.roles:
        # An administrator's token is shown everybody's networks.
        return [*some(project_id=cloud.project_id), *some(shared=True)]
    return some()


def _fetch_volumes(cloud: Cloud) -> list[dict[str, Any]]:
    body = cloud.get("block-storage", "/volumes/detail", status="available", limit=1000)
    return wire.objects(body.get("volumes"))


def _external(item: dict[str, Any]) -> External:
    return External(wire.text(item.get("id")), wire.text(item.get("name")))


def _fetch_subnets(cloud: Cloud) -> list[dict[str, Any]]:
    return wire.objects(cloud.get("network", "/v2.0/subnets", limit=1000).get("subnets"))


_READS: dict[str, _Read] = {
    # What people make is kept a moment only: somebody who just made one wants to choose it, and nobody what is gone.
    "images": _Read("image", 2, _paged(images.fetch_all), Image.from_json),
    "flavors": _Read("compute", 30, _paged(flavors.fetch_all), Flavor.from_json),
    "networks": _Read("network", 2, _fetch_networks, dict),
    "subnets": _Read("network", 2, _fetch_subnets, Subnet.from_json),
    "groups": _Read("network", 2, _paged(security_groups.fetch_all), SecurityGroup.from_json),
    # Key pairs belong to the person: what others in the project are shown is no concern of theirs.
    "keypairs": _Read("compute", 2, _paged(keypairs.fetch_all), KeyPair.from_json, is_own=True),
    "quotas": _Read(
        "compute", 0, lambda cloud: [asdict(q) for q in limits.list_compute_quotas(cloud)], _quota, is_dated=True
    ),
    "volumes": _Read("block-storage", 0, _fetch_volumes, Volume.from_json),
    "volume_snapshots": _Read("block-storage", 0, volumes.fetch_snapshots, VolumeSnapshot.from_json),
    "volume_types": _Read("block-storage", 300, volumes.fetch_types, VolumeType.from_json),
    "volume_quotas": _Read(
        "block-storage", 0, lambda cloud: [asdict(q) for q in limits.list_volume_quotas(cloud)], _quota
    ),
    "zones": _Read("compute", 300, zones.fetch_zones, Zone.from_json),
    "server_groups": _Read("compute", 0, server_groups.fetch_server_groups, ServerGroup.from_json),
    "ports": _Read("network", 0, ports.fetch_free_ports, Port.from_json),
    "addresses": _Read("network", 0, launch_address.fetch_free, FreeAddress.from_json),
    "external": _Read("network", 300, launch_address.fetch_external, _external),
}

FIRST = ("images", "flavors", "networks", "subnets", "groups", "keypairs", "quotas")
"""What the page needs at once: seven calls when nothing is kept, one when all is."""
VOLUMES = ("volumes", "volume_snapshots", "volume_types", "volume_quotas")
"""Read when somebody wants to boot from a volume."""
MORE = ("zones", "server_groups")
"""Read when somebody wants to say where it runs."""
ADDRESSES = ("addresses", "external")
"""Read when somebody wants a floating IP for it."""
OLDEST = 20.0
"""Seconds: what is older than that is not shown as what is left of a quota."""


def anew(name: str, seconds: float, fetch: Callable[[], Any], *, is_own: bool = False) -> Any:
    """A ``Keep`` that keeps nothing."""
    return fetch()


def load_options(cloud: Cloud, names: Iterable[str] = FIRST, *, keep: Keep = anew, quick: float = 0) -> LaunchOptions:
    """Reads the parts with these names, side by side; never raises CloudError.

    ``quick`` lets all of them be as old as that many seconds: for what is only shown
    while somebody types.
    """
    wanted = tuple(dict.fromkeys(names))
    pending = {name: later(functools.partial(_read, cloud, name, keep, quick)) for name in wanted}
    parts: dict[str, Part[Any]] = {}
    for name, call in pending.items():
        rows, at = call.or_else(((), 0.0))
        as_of = datetime.fromtimestamp(at, UTC) if at else None
        parts[name] = Part(tuple(rows), call.error, is_loaded=call.error is None, as_of=as_of)
    if "networks" in parts:
        parts["networks"] = _joined(cloud, parts["networks"], parts.pop("subnets", Part()))
    if "images" in parts:
        images = sorted(
            (image for image in parts["images"] if image.is_launchable and not image.is_hidden), key=_by_name
        )
        parts["images"] = Part(tuple(images), parts["images"].error, parts["images"].is_loaded)
    if "flavors" in parts:
        sizes = sorted(parts["flavors"], key=lambda flavor: (flavor.ram, flavor.vcpus, flavor.disk, flavor.name))
        parts["flavors"] = Part(
            tuple(flavor for flavor in sizes if not flavor.is_disabled),
            parts["flavors"].error,
            parts["flavors"].is_loaded,
        )
    return LaunchOptions(
        has_volumes=cloud.offers("block-storage"),
        is_admin=cloud.has_role("admin"),
        newest=versions.compute_range(cloud),
        **parts,
    )


def _read(cloud: Cloud, name: str, keep: Keep, quick: float) -> tuple[tuple[Any, ...], float]:
    """The rows, and when they were so, 0 for what is not dated."""
    read = _READS[name]
    with translated(read.service):
        if read.service == "block-storage" and not cloud.offers("block-storage"):
            return (), 0.0
        seconds = max(read.seconds, quick)
        # A name of our own: other pages may keep the same lists in another shape.
        label = f"launch:{name}"
        if read.is_dated:
            dated = wire.mapping(keep(label, seconds, lambda: _dated(read, cloud)) if seconds else _dated(read, cloud))
            if time.time() - float(dated.get("at") or 0) > OLDEST:
                dated = _dated(read, cloud)
            return tuple(read.parse(item) for item in wire.objects(dated["rows"])), float(dated["at"])
        items = keep(label, seconds, lambda: read.fetch(cloud), is_own=read.is_own) if seconds else read.fetch(cloud)
        return tuple(read.parse(item) for item in wire.objects(items)), 0.0


def _dated(read: _Read, cloud: Cloud) -> dict[str, Any]:
    at = time.time()
    return {"at": at, "rows": read.fetch(cloud)}


def _joined(cloud: Cloud, networks: Part[Any], subnets: Part[Subnet]) -> Part[Network]:
    by_network: dict[str, list[Subnet]] = defaultdict(list)
    for subnet in subnets:
        by_network[subnet.network_id].append(subnet)
    unique = {wire.text(item.get("id")): item for item in networks}
    found = [
        Network.from_json(item, subnets=by_network[id], project_id=cloud.project_id) for id, item in unique.items()
    ]
    offered = [network for network in found if not network.is_external and network.is_admin_up]
    # A network without a subnet can't give a server an address: it comes last.
    offered.sort(key=lambda network: (not network.is_own, not network.subnet_ids, network.name.casefold()))
    return Part(tuple(offered), networks.error, networks.is_loaded)


def _by_name(image: Image) -> tuple[bool, str]:
    return (image.is_snapshot, image.name.casefold())
