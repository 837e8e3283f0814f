"""Volume types: the kinds of disk that the operator offers, and what is left of each for a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup, Page, Query, Quota


@dataclass(frozen=True)
class VolumeType:
    """A kind of disk that the operator offers."""

    id: str
    name: str
    description: str = ""
    is_public: bool = True
    extra_specs: Mapping[str, str] = field(default_factory=dict)
    """What the back end has to be able to do; members see a part of them."""
    qos_specs_id: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> VolumeType:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            description=wire.text(item.get("description")),
            is_public=wire.flag(item.get("is_public", True)),
            extra_specs={key: wire.text(value) for key, value in wire.mapping(item.get("extra_specs")).items()},
            qos_specs_id=wire.text(item.get("qos_specs_id")),
        )

    @property
    def is_multiattach(self) -> bool:
        """Whether its volumes may hang on several servers at once."""
        return "true" in self.extra_specs.get("multiattach", "").lower()


@dataclass(frozen=True)
class TypeQuota:
    """What is left of a type: volumes, and GiB. None is as much as one likes."""

    volumes: int | None = None
    gigabytes: int | None = None


LOOKUP: Lookup[VolumeType] = Lookup(
    text=lambda item: (item.name, item.id, item.description),
    values={
        "public": lambda item: item.is_public,
        "name": lambda item: item.name,
    },
    sorts={"name": lambda item: item.name},
)


def list_all_types(cloud: Cloud, **params: Any) -> list[VolumeType]:
    """The types that this project may use. Raises CloudError."""
    found = cinder.some(cloud, "/types", "volume_types", **params)
    return [VolumeType.from_json(item) for item in cinder.with_id(found)]


def list_types(cloud: Cloud, query: Query) -> Page[VolumeType]:
    """One page of all types there are, private ones too, for administrators. Raises CloudError."""
    # Without it Cinder leaves the private ones out even for administrators.
    found = list_all_types(cloud, is_public="None" if cloud.has_role("admin") else None)
    return LOOKUP.page(found, query, count=("public",))


def get_type_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A type as Cinder gives it. Raises CloudError."""
    return cinder.one(cloud, f"/types/{wire.path_id(id)}", "volume_type")


def get_type(cloud: Cloud, id: str) -> VolumeType:
    """One type. Raises CloudError."""
    return VolumeType.from_json(get_type_json(cloud, id))


def get_default_type(cloud: Cloud) -> VolumeType:
    """The type of volumes for which none was chosen. Raises CloudError; NotFound if there is no default."""
    return VolumeType.from_json(cinder.one(cloud, "/types/default", "volume_type"))


def list_quotas(cloud: Cloud) -> dict[str, Quota]:
    """Every quota of the project by Cinder's name, those of types among them. Raises CloudError."""
    path = f"/os-quota-sets/{wire.path_id(cloud.project_id)}"
    answer = cinder.get(cloud, path, usage="true")
    found = {}
    for name, item in wire.mapping(answer.get("quota_set")).items():
        if isinstance(item, dict):
            used = wire.number(item.get("in_use")) + wire.number(item.get("reserved"))
            found[name] = Quota(name, used, wire.optional(item.get("limit")), "GiB" if "gigabytes" in name else "")
    return found


def quota_of(type_name: str, quotas: Mapping[str, Quota]) -> TypeQuota:
    """What is left for volumes of a type: by its own quota, and by the project's."""
    return TypeQuota(_least("volumes", type_name, quotas), _least("gigabytes", type_name, quotas))


def _least(kind: str, type_name: str, quotas: Mapping[str, Quota]) -> int | None:
    both = [quotas.get(kind), quotas.get(f"{kind}_{type_name}")]
    left = [quota.left for quota in both if quota is not None and quota.left is not None]
    return min(left) if left else None
