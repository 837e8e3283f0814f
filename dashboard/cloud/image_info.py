"""What a cloud's Glance has: stores, ways to import, formats, what of its quotas is used, and tasks under way.

Tasks are asked for directly: the client asks for Glance's versions first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import glance, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Forbidden, Invalid, NotFound, translated
from dashboard.cloud.image_formats import CONTAINER_FORMATS, DISK_FORMATS, offered
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Quota


@dataclass(frozen=True)
class Store:
    """A place that images' data may lie in."""

    id: str
    description: str = ""
    is_default: bool = False
    is_read_only: bool = False


@dataclass(frozen=True)
class Facilities:
    """What a cloud's Glance offers. ``stores`` is empty where it has one only and does not name it."""

    stores: tuple[Store, ...] = ()
    methods: tuple[str, ...] = ()
    """Of import: glance-direct, web-download, copy-image, glance-download."""
    disk_formats: tuple[str, ...] = DISK_FORMATS
    container_formats: tuple[str, ...] = CONTAINER_FORMATS

    @property
    def writable(self) -> tuple[Store, ...]:
        """The stores that take new data."""
        return tuple(store for store in self.stores if not store.is_read_only)

    @property
    def has_choice(self) -> bool:
        """Whether there is a store to choose."""
        return len(self.writable) > 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Facilities:
        """From what ``to_json`` gave."""
        return cls(
            stores=tuple(Store(**item) for item in json["stores"]),
            methods=tuple(json["methods"]),
            disk_formats=tuple(json["disk_formats"]),
            container_formats=tuple(json["container_formats"]),
        )


@dataclass(frozen=True)
class Task:
    """Something that Glance does to an image by itself, e.g. an import."""

    id: str
    type: str
    status: str
    """pending, processing, success or failure."""
    message: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    method: str = ""
    uri: str = ""
    stores: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Task:
        asked = wire.mapping(wire.mapping(json.get("input")).get("import_req"))
        method = wire.mapping(asked.get("method"))
        return cls(
            id=wire.text(json.get("id")),
            type=wire.text(json.get("type")),
            status=wire.text(json.get("status")),
            message=wire.text(json.get("message")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
            method=wire.text(method.get("name")),
            uri=wire.text(method.get("uri")),
            stores=wire.texts(asked.get("stores")),
        )


def get_facilities(cloud: Cloud) -> Facilities:
    """What this cloud's Glance offers, three calls side by side. Raises CloudError."""
    stores = later(lambda: _stores(cloud))
    methods = later(lambda: _methods(cloud))
    schema = later(lambda: _formats(cloud))
    disks, containers = schema.or_else(((), ()))
    return Facilities(
        stores=stores.value,
        methods=methods.value,
        disk_formats=offered(disks, DISK_FORMATS),
        container_formats=offered(containers, CONTAINER_FORMATS),
    )


def _stores(cloud: Cloud) -> tuple[Store, ...]:
    try:
        with translated("image"):
            answer = glance.object_in(cloud.glance.images.get_stores_info())
    except NotFound:
        # "Multi backend is not supported at this site."
        return ()
    return tuple(
        Store(
            id=wire.text(item.get("id")),
            description=wire.text(item.get("description")),
            is_default=wire.flag(item.get("default")),
            is_read_only=wire.flag(item.get("read-only")),
        )
        for item in wire.objects(answer.get("stores"))
        if item.get("id")
    )


def _methods(cloud: Cloud) -> tuple[str, ...]:
    try:
        with translated("image"):
            answer = glance.object_in(cloud.glance.images.get_import_info())
    except (NotFound, Forbidden, Invalid):
        return ()
    return wire.texts(wire.mapping(answer.get("import-methods")).get("value"))


def _formats(cloud: Cloud) -> tuple[tuple[str, ...], tuple[str, ...]]:
    with translated("image"):
        schema = cloud.glance.schemas.get("image").raw()
    found = wire.mapping(schema.get("properties"))
    disks = wire.texts(wire.mapping(found.get("disk_format")).get("enum"))
    return disks, wire.texts(wire.mapping(found.get("container_format")).get("enum"))


QUOTAS = {
    "image_size_total": "MiB",
    "image_stage_total": "MiB",
    "image_count_total": "",
    "image_count_uploading": "",
}


def list_usage(cloud: Cloud) -> tuple[Quota, ...]:
    """What of Glance's quotas the project has used; empty where the cloud has none. Raises CloudError."""
    with translated("image"):
        usage = wire.mapping(cloud.glance.info.get_usage())
    found = []
    for name, unit in QUOTAS.items():
        one = wire.mapping(usage.get(name))
        if one:
            found.append(Quota(name, wire.number(one.get("usage")), wire.optional(one.get("limit")), unit))
    return tuple(found)


def list_tasks(cloud: Cloud, *, id: str) -> tuple[Task, ...]:
    """The tasks of an image, the newest first; empty where this cloud does not tell people. Raises CloudError."""
    try:
        answer = cloud.get("image", f"/v2/images/{wire.path_id(id)}/tasks")
    except (Forbidden, NotFound):
        return ()
    tasks = [Task.from_json(item) for item in wire.objects(answer.get("tasks"))]
    return tuple(sorted(tasks, key=lambda task: (task.created is None, task.created), reverse=True))


def last_failure(cloud: Cloud, *, id: str) -> str:
    """What Glance said of the last import that failed, "" if none did or it can't be asked."""
    try:
        tasks = list_tasks(cloud, id=id)
    except CloudError:
        return ""
    return next((task.message for task in tasks[:1] if task.status == "failure"), "")
