"""Sharing by RBAC policies: which project may use whose network, security group, QoS policy, …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup

TYPES: dict[str, tuple[str, str, str]] = {
    "network": ("/v2.0/networks", "networks", "rbac-policies"),
    "security_group": ("/v2.0/security-groups", "security_groups", "rbac-security-groups"),
    "qos_policy": ("/v2.0/qos/policies", "policies", "qos"),
    "address_scope": ("/v2.0/address-scopes", "address_scopes", "rbac-address-scope"),
    "subnetpool": ("/v2.0/subnetpools", "subnetpools", "rbac-subnetpool"),
    "address_group": ("/v2.0/address-groups", "address_groups", "rbac-address-group"),
}
"""What can be shared: the path of its list, what that is called, and the extension that it takes."""
EVERYBODY = "*"


@dataclass(frozen=True)
class Sharing:
    """Something that a project, or every project, may use, by Neutron's API."""

    id: str
    object_type: str = ""
    object_id: str = ""
    action: str = ""
    """ "access_as_shared" or "access_as_external"."""
    target: str = ""
    """A project's id, or "*" for all."""
    project_id: str = ""
    object_name: str = ""
    target_name: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Sharing:
        """From a policy of ``GET /v2.0/rbac-policies``."""
        return cls(
            id=wire.text(json.get("id")),
            object_type=wire.text(json.get("object_type")),
            object_id=wire.text(json.get("object_id")),
            action=wire.text(json.get("action")),
            target=wire.text(json.get("target_tenant")),
            project_id=wire.text(json.get("project_id")),
        )

    @property
    def name(self) -> str:
        """What is shared."""
        return self.object_name or self.object_id

    @property
    def is_for_all(self) -> bool:
        """Whether every project may use it."""
        return self.target == EVERYBODY


KIND: neutron.Kind[Sharing] = neutron.Kind(
    path="/v2.0/rbac-policies",
    many="rbac_policies",
    one="rbac_policy",
    read=Sharing.from_json,
    sorts={},
    filters={
        "type": neutron.exactly("object_type"),
        "object": neutron.exactly("object_id"),
        "action": neutron.exactly("action"),
        "target": neutron.exactly("target_tenant"),
    },
    choices={"type": tuple(TYPES)},
    text=lambda text: ({"id": text}, {"object_id": text}) if neutron.is_id(text) else ({"target_tenant": text},),
    narrowing=("object",),
    lookup=Lookup(
        text=lambda row: (row.id, row.object_id, row.target, row.object_type),
        values={
            "type": lambda row: row.object_type,
            "object": lambda row: row.object_id,
            "action": lambda row: row.action,
            "target": lambda row: row.target,
        },
        sorts={"type": lambda row: row.object_type},
    ),
    counted=("type",),
)


def with_names(cloud: Cloud, rows: Sequence[Sharing], projects: Mapping[str, str]) -> tuple[Sharing, ...]:
    """The rows with the names of what is shared, where these can be had; ``projects`` are names by id."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        if row.object_type in TYPES:
            wanted.setdefault(row.object_type, set()).add(row.object_id)
    waiting = [later(lambda kind=kind, ids=ids: _names(cloud, kind, ids)) for kind, ids in wanted.items()]  # type: ignore[misc]
    names: dict[str, str] = {}
    for found in waiting:
        names |= found.or_else({})
    return tuple(
        replace(row, object_name=names.get(row.object_id, ""), target_name=projects.get(row.target, "")) for row in rows
    )


def _names(cloud: Cloud, kind: str, ids: set[str]) -> dict[str, str]:
    path, many, _extension = TYPES[kind]
    return neutron.names_of(cloud, path, many, ids)


def list_own(cloud: Cloud, kind: str) -> tuple[tuple[str, str], ...]:
    """What of a kind this project owns and can therefore share: ids and names. Raises CloudError."""
    path, many, _extension = TYPES[kind]
    answer = cloud.get("network", path, project_id=cloud.project_id or None, fields=["id", "name"], limit=500)
    return tuple((wire.text(item.get("id")), wire.text(item.get("name"))) for item in wire.objects(answer.get(many)))


def list_projects(cloud: Cloud) -> tuple[tuple[str, str], ...]:
    """Projects that this person knows of, all for an administrator: ids and names. Raises CloudError."""
    path = "/projects" if neutron.is_admin(cloud) else "/auth/projects"
    found = wire.objects(cloud.get("identity", path).get("projects"))
    return tuple((wire.text(item.get("id")), wire.text(item.get("name"))) for item in found)
