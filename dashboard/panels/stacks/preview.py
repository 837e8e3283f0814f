"""What a template would make or change, and what of the quota that takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import limits, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.flavors import list_flavors
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Query, Quota
from dashboard.ui.words import quota_label

CHANGES = (
    ("added", gettext_lazy("Added"), "plus", "ok"),
    ("updated", gettext_lazy("Updated in place"), "edit", "busy"),
    ("replaced", gettext_lazy("Replaced: deleted and made anew"), "refresh-alert", "warn"),
    ("deleted", gettext_lazy("Deleted"), "trash", "bad"),
    ("unchanged", gettext_lazy("Left alone"), "minus", "off"),
)


@dataclass(frozen=True)
class Planned:
    """A resource that would be made."""

    name: str
    type: str
    depth: int = 0


@dataclass(frozen=True)
class Preview:
    """What would be made, and what of the quotas it takes: each with how much more."""

    resources: tuple[Planned, ...]
    quotas: tuple[tuple[Quota, str, int], ...]


def _flat(items: Any, depth: int = 0) -> Iterator[tuple[Planned, Mapping[str, Any]]]:
    """The resources of a preview, nested ones below theirs: Heat gives a list for each nested stack."""
    for item in wire.listing(items):
        if isinstance(item, list):
            yield from _flat(item, depth + 1)
        elif isinstance(item, dict):
            yield Planned(wire.text(item.get("resource_name")), wire.text(item.get("resource_type")), depth), item


def made_by(cloud: Cloud, body: Mapping[str, Any]) -> Preview:
    """What a preview of Heat's means. Quotas that can't be had are left out."""
    found = list(_flat(body.get("resources")))
    needs = _needs(cloud, [item for _planned, item in found])
    return Preview(tuple(planned for planned, _item in found), _quotas(cloud, needs))


def _needs(cloud: Cloud, items: list[Mapping[str, Any]]) -> Counter[str]:
    """How much of each quota the resources take, by Nova's and Cinder's names for them."""
    needs: Counter[str] = Counter()
    flavors = {}
    if any(wire.text(item.get("resource_type")) == "OS::Nova::Server" for item in items):
        asked = later(lambda: list_flavors(cloud, Query(limit=1000)).rows)
        flavors = {key: flavor for flavor in asked.or_else(()) for key in (flavor.id, flavor.name)}
    for item in items:
        kind, properties = wire.text(item.get("resource_type")), wire.mapping(item.get("properties"))
        if kind == "OS::Nova::Server":
            flavor = flavors.get(wire.text(properties.get("flavor")))
            needs["instances"] += 1
            needs["cores"] += flavor.vcpus if flavor else 0
            needs["ram"] += flavor.ram if flavor else 0
            # Nova makes a port for each network that it is not given one of.
            needs["port"] += sum(
                bool(item.get("network") or item.get("subnet")) for item in wire.objects(properties.get("networks"))
            )
        elif kind == "OS::Cinder::Volume":
            needs["volumes"] += 1
            needs["gigabytes"] += wire.number(properties.get("size"))
        elif kind in NETWORK:
            needs[NETWORK[kind]] += 1
            needs["security_group_rule"] += len(wire.objects(properties.get("rules")))
    return needs


NETWORK = {
    "OS::Neutron::Net": "network",
    "OS::Neutron::Subnet": "subnet",
    "OS::Neutron::Port": "port",
    "OS::Neutron::Router": "router",
    "OS::Neutron::FloatingIP": "floatingip",
    "OS::Neutron::SecurityGroup": "security_group",
    "OS::Neutron::SecurityGroupRule": "security_group_rule",
}
"""What Neutron counts, by the type of resource."""


def _quotas(cloud: Cloud, needs: Counter[str]) -> tuple[tuple[Quota, str, int], ...]:
    asked = []
    if needs["instances"]:
        asked.append(later(lambda: list(limits.list_compute_quotas(cloud))))
    if needs["volumes"] and cloud.offers("block-storage"):
        asked.append(later(lambda: list(limits.list_volume_quotas(cloud))))
    if any(needs[name] for name in limits.NETWORK) and cloud.offers("network"):
        asked.append(later(lambda: list(limits.list_network_quotas(cloud))))
    return tuple(
        (quota, quota_label(quota.name), needs[quota.name])
        for answer in asked
        for quota in answer.or_else([])
        if needs[quota.name]
    )


@dataclass(frozen=True)
class Change:
    """What an update would do to some resources."""

    label: Any
    icon: str
    tone: str
    resources: tuple[Planned, ...]


def changes_of(body: Mapping[str, Any]) -> tuple[Change, ...]:
    """What a preview of an update means, what is left alone last; kinds that there are none of are left out."""
    found = []
    for key, label, icon, tone in CHANGES:
        rows = tuple(planned for planned, _item in _flat(body.get(key)))
        if rows:
            found.append(Change(label, icon, tone, rows))
    return tuple(found)
