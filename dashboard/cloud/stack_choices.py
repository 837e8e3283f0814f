"""What a parameter of a template may be one of, by Heat's custom constraints: the images, networks, keys there are."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import Later, later

MOST = 1000
"""Choices at most; whoever has more types the name or id."""


@dataclass(frozen=True)
class Choice:
    """Something to choose: what Heat is sent, and its name."""

    value: str
    label: str


@dataclass(frozen=True)
class _Source:
    service: str
    path: str
    key: str
    params: Mapping[str, Any]
    value: str = "id"
    inside: str = ""
    """The key that each object is wrapped in: Nova wraps key pairs."""


SOURCES: dict[str, _Source] = {
    "nova.flavor": _Source("compute", "/flavors", "flavors", {"limit": MOST}, value="name"),
    "nova.keypair": _Source("compute", "/os-keypairs", "keypairs", {"limit": MOST}, value="name", inside="keypair"),
    "nova.server": _Source("compute", "/servers", "servers", {"limit": MOST}),
    "glance.image": _Source("image", "/v2/images", "images", {"limit": MOST, "status": "active"}),
    "neutron.network": _Source("network", "/v2.0/networks", "networks", {"limit": MOST}),
    "neutron.subnet": _Source("network", "/v2.0/subnets", "subnets", {"limit": MOST}),
    "neutron.subnetpool": _Source("network", "/v2.0/subnetpools", "subnetpools", {"limit": MOST}),
    "neutron.address_scope": _Source("network", "/v2.0/address-scopes", "address_scopes", {"limit": MOST}),
    "neutron.port": _Source("network", "/v2.0/ports", "ports", {"limit": MOST}),
    "neutron.router": _Source("network", "/v2.0/routers", "routers", {"limit": MOST}),
    "neutron.security_group": _Source("network", "/v2.0/security-groups", "security_groups", {"limit": MOST}),
    "neutron.qos_policy": _Source("network", "/v2.0/qos/policies", "policies", {"limit": MOST}),
    "cinder.volume": _Source("block-storage", "/volumes", "volumes", {"limit": MOST}),
    "cinder.snapshot": _Source("block-storage", "/snapshots", "snapshots", {"limit": MOST}),
    "cinder.backup": _Source("block-storage", "/backups", "backups", {"limit": MOST}),
    "cinder.vtype": _Source("block-storage", "/types", "volume_types", {}, value="name"),
}


SHARED = {"networks", "subnetpools", "address_scopes", "policies"}
"""What a project uses of others', too."""


def _is_for(item: Mapping[str, Any], project_id: str) -> bool:
    """Whether a project may use it: its own, or what is there for all."""
    is_for_all = any(wire.flag(item.get(key)) for key in ("shared", "router:external"))
    return is_for_all or wire.text(item.get("project_id")) == project_id


def can_choose(cloud: Cloud, constraint: str) -> bool:
    """Whether it is known what a parameter with this constraint may be, and the cloud has that service."""
    source = SOURCES.get(constraint)
    return source is not None and cloud.offers(source.service)


def list_choices(cloud: Cloud, constraint: str) -> list[Choice]:
    """What there is to choose from, by name. Raises CloudError."""
    source = SOURCES[constraint]
    params = dict(source.params)
    is_shown_all = source.service == "network" and bool(cloud.project_id) and cloud.has_role("admin")
    if is_shown_all and source.key not in SHARED:
        # An administrator's token is shown everybody's.
        params["project_id"] = cloud.project_id
    items = wire.objects(cloud.get(source.service, source.path, **params).get(source.key))
    if is_shown_all and source.key in SHARED:
        items = [item for item in items if _is_for(item, cloud.project_id)]
    if source.inside:
        items = [dict(wire.mapping(item.get(source.inside))) for item in items]
    found = [Choice(wire.text(item.get(source.value)), wire.text(item.get("name"))) for item in items]
    return sorted((item for item in found if item.value), key=lambda item: (item.label.casefold(), item.value))


def ask_choices(cloud: Cloud, constraints: Iterable[str]) -> dict[str, Later[list[Choice]]]:
    """The choices of several constraints, side by side; those of which nothing is known are left out."""
    wanted = [name for name in dict.fromkeys(constraints) if can_choose(cloud, name)]
    return {name: later(functools.partial(list_choices, cloud, name)) for name in wanted}
