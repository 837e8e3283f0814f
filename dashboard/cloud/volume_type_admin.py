"""What operators do with volume types: who may use them, what they are made of, how they are encrypted and slowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup, Page, Query
from dashboard.cloud.volume_types import VolumeType


@dataclass(frozen=True)
class Encryption:
    """How volumes of a type are encrypted; without an id they are not."""

    id: str = ""
    provider: str = ""
    control_location: str = ""
    cipher: str = ""
    key_size: int = 0

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Encryption:
        return cls(
            id=wire.text(item.get("encryption_id")),
            provider=wire.text(item.get("provider")),
            control_location=wire.text(item.get("control_location")),
            cipher=wire.text(item.get("cipher")),
            key_size=wire.number(item.get("key_size")),
        )


@dataclass(frozen=True)
class QosSpecs:
    """Limits that volumes of the types it is given to are held to."""

    id: str
    name: str
    consumer: str = ""
    """front-end, back-end or both."""
    specs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> QosSpecs:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            consumer=wire.text(item.get("consumer")),
            specs={key: wire.text(value) for key, value in wire.mapping(item.get("specs")).items()},
        )


@dataclass(frozen=True)
class GroupType:
    """A kind of volume group."""

    id: str
    name: str
    description: str = ""
    is_public: bool = True
    specs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> GroupType:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            description=wire.text(item.get("description")),
            is_public=wire.flag(item.get("is_public", True)),
            specs={key: wire.text(value) for key, value in wire.mapping(item.get("group_specs")).items()},
        )


QOS: Lookup[QosSpecs] = Lookup(
    text=lambda item: (item.name, item.id, *item.specs),
    values={"consumer": lambda item: item.consumer, "name": lambda item: item.name},
    sorts={"name": lambda item: item.name, "consumer": lambda item: item.consumer},
)
GROUP_TYPES: Lookup[GroupType] = Lookup(
    text=lambda item: (item.name, item.id, item.description),
    values={"public": lambda item: item.is_public, "name": lambda item: item.name},
    sorts={"name": lambda item: item.name},
)


# Types


def create_type(
    cloud: Cloud, *, name: str, description: str, is_public: bool, extra_specs: Mapping[str, str]
) -> VolumeType:
    """Makes a type. Raises CloudError, Conflict if the name is taken."""
    body = {"name": name, "description": description, "os-volume-type-access:is_public": is_public}
    answer = cinder.post(cloud, "/types", {"volume_type": {**body, "extra_specs": dict(extra_specs)}})
    return VolumeType.from_json(wire.mapping(answer.get("volume_type")))


def update_type(cloud: Cloud, *, id: str, name: str, description: str, is_public: bool) -> None:
    """Renames a type, and says whether every project may use it. Raises CloudError."""
    body = {"name": name, "description": description, "is_public": is_public}
    cinder.put(cloud, f"/types/{wire.path_id(id)}", {"volume_type": body})


def delete_type(cloud: Cloud, *, id: str) -> None:
    """Deletes a type. Raises CloudError; Invalid while there are volumes of it."""
    cinder.delete(cloud, f"/types/{wire.path_id(id)}")


def set_specs(cloud: Cloud, *, id: str, specs: Mapping[str, str]) -> None:
    """Sets extra specs of a type; others stay. Raises CloudError."""
    cinder.post(cloud, f"/types/{wire.path_id(id)}/extra_specs", {"extra_specs": dict(specs)})


def unset_spec(cloud: Cloud, *, id: str, key: str) -> None:
    """Takes one extra spec away. Raises CloudError."""
    cinder.delete(cloud, f"/types/{wire.path_id(id)}/extra_specs/{wire.path_id(key)}")


def list_access(cloud: Cloud, *, id: str) -> list[str]:
    """The ids of the projects that may use a private type. Raises CloudError; NotFound for a public one."""
    found = cinder.some(cloud, f"/types/{wire.path_id(id)}/os-volume-type-access", "volume_type_access")
    return [wire.text(item.get("project_id")) for item in found]


def add_access(cloud: Cloud, *, id: str, project_id: str) -> None:
    """Lets a project use a private type. Raises CloudError."""
    cinder.post(cloud, f"/types/{wire.path_id(id)}/action", {"addProjectAccess": {"project": project_id}})


def remove_access(cloud: Cloud, *, id: str, project_id: str) -> None:
    """Takes a private type from a project; its volumes stay. Raises CloudError."""
    cinder.post(cloud, f"/types/{wire.path_id(id)}/action", {"removeProjectAccess": {"project": project_id}})


def get_encryption(cloud: Cloud, *, id: str) -> Encryption:
    """How volumes of a type are encrypted. Raises CloudError."""
    return Encryption.from_json(cinder.get(cloud, f"/types/{wire.path_id(id)}/encryption"))


def set_encryption(
    cloud: Cloud,
    *,
    id: str,
    encryption_id: str,
    provider: str,
    control_location: str,
    cipher: str,
    key_size: int | None,
) -> None:
    """Has new volumes of a type encrypted, or changes how. Raises CloudError; Invalid while there are volumes of it."""
    body = {"provider": provider, "control_location": control_location, "cipher": cipher or None, "key_size": key_size}
    path = f"/types/{wire.path_id(id)}/encryption"
    if encryption_id:
        cinder.put(cloud, f"/types/{wire.path_id(id)}/encryption/{wire.path_id(encryption_id)}", {"encryption": body})
    else:
        cinder.post(cloud, path, {"encryption": body})


def delete_encryption(cloud: Cloud, *, id: str, encryption_id: str) -> None:
    """Has new volumes of a type not encrypted any more. Raises CloudError."""
    cinder.delete(cloud, f"/types/{wire.path_id(id)}/encryption/{wire.path_id(encryption_id)}")


# QoS specs


def list_all_qos(cloud: Cloud) -> list[QosSpecs]:
    """Every QoS specs. Raises CloudError."""
    return [QosSpecs.from_json(item) for item in cinder.with_id(cinder.some(cloud, "/qos-specs", "qos_specs"))]


def list_qos(cloud: Cloud, query: Query) -> Page[QosSpecs]:
    """One page of the QoS specs. Raises CloudError."""
    return QOS.page(list_all_qos(cloud), query, count=("consumer",))


def get_qos_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """QoS specs as Cinder gives them. Raises CloudError."""
    return cinder.one(cloud, f"/qos-specs/{wire.path_id(id)}", "qos_specs")


def get_qos(cloud: Cloud, id: str) -> QosSpecs:
    """One QoS specs. Raises CloudError."""
    return QosSpecs.from_json(get_qos_json(cloud, id))


def create_qos(cloud: Cloud, *, name: str, consumer: str, specs: Mapping[str, str]) -> QosSpecs:
    """Makes QoS specs. Raises CloudError, Conflict if the name is taken."""
    answer = cinder.post(cloud, "/qos-specs", {"qos_specs": {**specs, "name": name, "consumer": consumer}})
    return QosSpecs.from_json(wire.mapping(answer.get("qos_specs")))


def update_qos(cloud: Cloud, *, id: str, consumer: str, specs: Mapping[str, str]) -> None:
    """Sets limits and who keeps them; other limits stay. Raises CloudError."""
    cinder.put(cloud, f"/qos-specs/{wire.path_id(id)}", {"qos_specs": {**specs, "consumer": consumer}})


def unset_qos(cloud: Cloud, *, id: str, keys: list[str]) -> None:
    """Takes limits away. Raises CloudError."""
    cinder.put(cloud, f"/qos-specs/{wire.path_id(id)}/delete_keys", {"keys": keys})


def delete_qos(cloud: Cloud, *, id: str, is_forced: bool = False) -> None:
    """Deletes QoS specs, even those that types have if forced. Raises CloudError."""
    cinder.delete(cloud, f"/qos-specs/{wire.path_id(id)}", force="true" if is_forced else "false")


def list_associations(cloud: Cloud, *, id: str) -> list[str]:
    """The ids of the types that have these QoS specs. Raises CloudError."""
    found = cinder.some(cloud, f"/qos-specs/{wire.path_id(id)}/associations", "qos_associations")
    return [wire.text(item.get("id")) for item in found]


def associate(cloud: Cloud, *, id: str, type_id: str) -> None:
    """Gives QoS specs to a type, in place of those it had. Cinder changes this by a GET. Raises CloudError."""
    _told(cloud, f"/qos-specs/{wire.path_id(id)}/associate", type_id)


def disassociate(cloud: Cloud, *, id: str, type_id: str) -> None:
    """Takes QoS specs from a type. Cinder changes this by a GET. Raises CloudError."""
    _told(cloud, f"/qos-specs/{wire.path_id(id)}/disassociate", type_id)


def _told(cloud: Cloud, path: str, type_id: str) -> None:
    version = cinder.version(cloud)
    cloud.request(cinder.SERVICE, "GET", path, params={"vol_type_id": type_id}, microversion=version)


# Group types


def list_group_types(cloud: Cloud, query: Query) -> Page[GroupType]:
    """One page of the group types. Raises CloudError."""
    found = cinder.with_id(cinder.some(cloud, "/group_types", "group_types"))
    return GROUP_TYPES.page([GroupType.from_json(item) for item in found], query, count=("public",))


def get_group_type_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A group type as Cinder gives it. Raises CloudError."""
    return cinder.one(cloud, f"/group_types/{wire.path_id(id)}", "group_type")


def get_group_type(cloud: Cloud, id: str) -> GroupType:
    """One group type. Raises CloudError."""
    return GroupType.from_json(get_group_type_json(cloud, id))


def create_group_type(
    cloud: Cloud, *, name: str, description: str, is_public: bool, specs: Mapping[str, str]
) -> GroupType:
    """Makes a group type. Raises CloudError, Conflict if the name is taken."""
    body = {"name": name, "description": description, "is_public": is_public, "group_specs": dict(specs)}
    answer = cinder.post(cloud, "/group_types", {"group_type": body})
    return GroupType.from_json(wire.mapping(answer.get("group_type")))


def update_group_type(cloud: Cloud, *, id: str, name: str, description: str, is_public: bool) -> None:
    """Renames a group type, and says whether every project may use it. Raises CloudError."""
    body = {"name": name, "description": description, "is_public": is_public}
    cinder.put(cloud, f"/group_types/{wire.path_id(id)}", {"group_type": body})


def set_group_specs(cloud: Cloud, *, id: str, specs: Mapping[str, str]) -> None:
    """Sets specs of a group type; others stay. Raises CloudError."""
    cinder.post(cloud, f"/group_types/{wire.path_id(id)}/group_specs", {"group_specs": dict(specs)})


def unset_group_spec(cloud: Cloud, *, id: str, key: str) -> None:
    """Takes one spec away. Raises CloudError."""
    cinder.delete(cloud, f"/group_types/{wire.path_id(id)}/group_specs/{wire.path_id(key)}")


def delete_group_type(cloud: Cloud, *, id: str) -> None:
    """Deletes a group type. Raises CloudError; Invalid while there are groups of it."""
    cinder.delete(cloud, f"/group_types/{wire.path_id(id)}")
