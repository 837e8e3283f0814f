"""Would it fit? Placement's word on how many hosts have room for a flavor, for those whom it tells.

Follows ``GET /allocation_candidates`` of the Placement API at 1.22; its policy lets administrators ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.flavors import Flavor

SERVICE = "placement"
MICROVERSION = "1.22"
"""From here on traits can be forbidden too."""
DISABLED = "!COMPUTE_STATUS_DISABLED"
"""The scheduler leaves out hosts whose service is disabled: Nova marks them with a trait."""
MOST = 1000
"""Hosts that Placement is asked for at most."""


@dataclass(frozen=True)
class Fit:
    """``hosts`` have room for one server now, all of them together for ``servers``; ``is_more``: and maybe others."""

    hosts: int
    servers: int
    is_more: bool = False


def may_ask(cloud: Cloud) -> bool:
    """Whether Placement would tell this token anything."""
    return cloud.has_role("admin") and cloud.offers(SERVICE)


def resources_of(flavor: Flavor, *, has_own_disk: bool) -> tuple[dict[str, int], tuple[str, ...]]:
    """What a server of this flavor takes by Placement's names, and the traits it wants ("!NAME": must not have).

    ``has_own_disk`` is False when it boots from a volume.
    """
    cpu = "PCPU" if flavor.extra_specs.get("hw:cpu_policy") == "dedicated" else "VCPU"
    disk = (flavor.disk if has_own_disk else 0) + flavor.ephemeral + -(-flavor.swap // 1024)
    wanted = {cpu: flavor.vcpus, "MEMORY_MB": flavor.ram, "DISK_GB": disk}
    traits = []
    for key, value in sorted(flavor.extra_specs.items()):
        kind, _, name = key.partition(":")
        if kind == "resources" and value.isdecimal():
            wanted[name] = int(value)
        elif kind == "trait" and value in {"required", "forbidden"}:
            traits.append(name if value == "required" else f"!{name}")
    return {name: amount for name, amount in wanted.items() if amount}, tuple(traits)


def ask(cloud: Cloud, flavor: Flavor, *, has_own_disk: bool) -> dict[str, Any] | None:
    """Placement's answer in short, as JSON; None if it tells nothing. Never raises."""
    wanted, traits = resources_of(flavor, has_own_disk=has_own_disk)
    if not may_ask(cloud) or not wanted:
        return None
    try:
        answer = cloud.get(
            SERVICE,
            "/allocation_candidates",
            microversion=MICROVERSION,
            resources=",".join(f"{name}:{amount}" for name, amount in wanted.items()),
            required=",".join((*traits, DISABLED)),
            limit=MOST,
        )
    except CloudError:
        # A help beside the form, not a part of it.
        return None
    return room_in(answer, wanted)


def room_in(answer: Mapping[str, Any], wanted: Mapping[str, int]) -> dict[str, Any]:
    """Counts the room in an answer of Placement's."""
    summaries = wire.mapping(answer.get("provider_summaries"))
    requests = wire.objects(answer.get("allocation_requests"))
    places = {tuple(sorted(wire.mapping(item.get("allocations")))) for item in requests}
    servers = sum(_times(place, summaries, wanted) for place in places)
    return {"hosts": len(places), "servers": servers, "is_more": len(requests) >= MOST}


def fit_of(item: Any) -> Fit | None:
    """What ``ask`` gave, perhaps a moment ago."""
    if not isinstance(item, dict):
        return None
    return Fit(wire.number(item.get("hosts")), wire.number(item.get("servers")), wire.flag(item.get("is_more")))


def _times(place: tuple[str, ...], summaries: Mapping[str, Any], wanted: Mapping[str, int]) -> int:
    """How many such servers the providers of one candidate could take."""
    found = []
    for provider in place:
        resources = wire.mapping(wire.mapping(summaries.get(provider)).get("resources"))
        for name, amount in wanted.items():
            if name in resources:
                has = wire.mapping(resources[name])
                found.append((wire.number(has.get("capacity")) - wire.number(has.get("used"))) // amount)
    return max(1, min(found, default=1))
