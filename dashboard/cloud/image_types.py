"""What an image is, by Glance's API, and how lists of images are searched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.types import Lookup, Query

_MOVING = frozenset({"saving", "uploading", "importing"})
GONE = frozenset({"deleted", "pending_delete"})
LEFT_OUT = frozenset({"self", "file", "schema", "locations", "direct_url", "checksum", "os_hash_algo", "os_hash_value"})
_FIELDS = frozenset(
    {"id", "name", "status", "visibility", "protected", "disk_format", "container_format", "size", "virtual_size"}
    | {"min_disk", "min_ram", "owner", "created_at", "updated_at", "tags", "stores", "os_hidden"}
)
OWN_KEY, CHANGE_KEY, OFFER_KEY = "is_own", "can_change", "offer_status"
"""What ``trim`` adds: whose it is, who may change it, and whether this project has taken what is shared with it."""
KNOWN = LEFT_OUT | _FIELDS | {OWN_KEY, CHANGE_KEY, OFFER_KEY}
SCOPES = ("mine", "shared", "pending", "public", "community", "hidden", "rejected", "all")
"""Which images a list shows; without one, all but hidden ones and those that were offered and not taken."""
SERVICE_PREFIX = "os_glance_"
"""Properties that Glance alone may set."""


@dataclass(frozen=True)
class Image:
    """An image, by Glance's API v2. ``size`` is in bytes, ``min_disk`` in GiB, ``min_ram`` in MiB."""

    id: str
    name: str
    status: str = ""
    visibility: str = ""
    """private, shared, community or public."""
    is_protected: bool = False
    disk_format: str = ""
    container_format: str = ""
    size: int = 0
    virtual_size: int = 0
    min_disk: int = 0
    min_ram: int = 0
    owner_id: str = ""
    project_name: str = ""
    """Filled in by who lists every project's."""
    is_own: bool = False
    """Whether it belongs to the project that asked."""
    is_hidden: bool = False
    created: datetime | None = None
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    os_distro: str = ""
    os_version: str = ""
    architecture: str = ""
    image_type: str = ""
    """"snapshot" for what was taken of a server; mostly "" otherwise."""
    os_admin_user: str = ""
    checksum: str = ""
    hash_algorithm: str = ""
    hash_value: str = ""
    stores: tuple[str, ...] = ()
    """Where its data lie; empty where the cloud has one store."""
    can_change: bool = False
    """Whether who asked may change it: it is the project's own, or they are an administrator."""
    offer: str = ""
    """"pending" or "rejected" for what another project shares and this one has not accepted; else ""."""
    upload: Any = None
    server_name: str = ""
    """Of the server that a snapshot was taken of, where somebody looked it up."""
    """What is known of the sending of its data through this dashboard, if anything is."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """Everything else that was set on the image."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Image:
        """From an image of Glance's list or detail, after ``trim``, which knows whose it is."""
        properties = {key: wire.text(value) for key, value in json.items() if key not in KNOWN}
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            status=wire.text(json.get("status")),
            visibility=wire.text(json.get("visibility")),
            is_protected=wire.flag(json.get("protected")),
            disk_format=wire.text(json.get("disk_format")),
            container_format=wire.text(json.get("container_format")),
            size=max(0, wire.number(json.get("size"))),
            virtual_size=max(0, wire.number(json.get("virtual_size"))),
            min_disk=max(0, wire.number(json.get("min_disk"))),
            min_ram=max(0, wire.number(json.get("min_ram"))),
            owner_id=wire.text(json.get("owner")),
            is_own=json.get(OWN_KEY) is True,
            can_change=json.get(CHANGE_KEY) is True,
            offer=wire.text(json.get(OFFER_KEY)),
            is_hidden=wire.flag(json.get("os_hidden")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
            tags=wire.texts(json.get("tags")),
            os_distro=properties.get("os_distro", ""),
            os_version=properties.get("os_version", ""),
            architecture=properties.get("architecture", ""),
            image_type=properties.get("image_type", ""),
            os_admin_user=properties.get("os_admin_user", ""),
            checksum=wire.text(json.get("checksum")),
            hash_algorithm=wire.text(json.get("os_hash_algo")),
            hash_value=wire.text(json.get("os_hash_value")),
            stores=_words(json.get("stores")),
            properties=properties,
        )

    @property
    def is_transitional(self) -> bool:
        """Whether its status is about to change. A queued image may wait for its data for ever, a snapshot does not."""
        is_awaited = self.status == "queued" and (self.is_snapshot or bool(self.properties.get(IMPORT_TASK)))
        return self.status in _MOVING or is_awaited or bool(self.importing_to)

    @property
    def is_snapshot(self) -> bool:
        """Whether Nova took it of a server."""
        return self.image_type == "snapshot"

    @property
    def is_volume_backed(self) -> bool:
        """Whether it only points to a snapshot of a volume, so that a server of it gets a new volume."""
        return bool(self.properties.get("block_device_mapping"))

    @property
    def is_launchable(self) -> bool:
        """Whether Nova would start a server of it: it has its data, and is no kernel or ramdisk."""
        return self.status == "active" and not {self.disk_format, self.container_format} & {"aki", "ari"}

    @property
    def is_waiting(self) -> bool:
        """Whether it has no data yet, and nothing is said to be bringing them."""
        return self.status == "queued" and not self.is_transitional

    @property
    def has_data(self) -> bool:
        """Whether its data can be read."""
        return self.status == "active"

    @property
    def is_offered(self) -> bool:
        """Whether another project shares it with this one, taken or not."""
        return self.visibility == "shared" and not self.is_own

    @property
    def scopes(self) -> tuple[str, ...]:
        """The ``SCOPES`` that it is in, "all" left out."""
        shared = self.is_offered and not self.offer
        found = {"mine": self.is_own, "shared": shared, "hidden": self.is_hidden}
        return (
            *(name for name, is_in in found.items() if is_in),
            *([self.visibility] if self.visibility in {"public", "community"} else []),
            *([self.offer] if self.offer else []),
        )

    @property
    def is_listed(self) -> bool:
        """Whether a list shows it that was not asked for anything special."""
        return not self.is_hidden and not self.offer

    @property
    def server_id(self) -> str:
        """The server that it is a snapshot of."""
        return self.properties.get("instance_uuid", "") if self.is_snapshot else ""

    @property
    def importing_to(self) -> tuple[str, ...]:
        """Stores that its data are being brought to."""
        return _words(self.properties.get("os_glance_importing_to_stores"))

    @property
    def failed_stores(self) -> tuple[str, ...]:
        """Stores that its data could not be brought to."""
        return _words(self.properties.get("os_glance_failed_import"))

    @property
    def free_properties(self) -> dict[str, str]:
        """The properties that people may change: those of Glance itself are left out."""
        return {key: value for key, value in self.properties.items() if not key.startswith(SERVICE_PREFIX)}

    @property
    def os(self) -> str:
        """What its maker says is on it: "ubuntu 24.04", or ""."""
        return " ".join(part for part in (self.os_distro, self.os_version) if part)

    @property
    def kind(self) -> str:
        """ "snapshot" or "image"."""
        return "snapshot" if self.is_snapshot else "image"


IMPORT_TASK = "os_glance_import_task"


def _words(value: Any) -> tuple[str, ...]:
    """The words of a text with commas, or of a list."""
    parts = value.split(",") if isinstance(value, str) else wire.texts(value)
    return tuple(part.strip() for part in parts if part.strip())


class ImageLookup(Lookup[Image]):
    """How images are searched: as Glance does, hidden ones and offers are not there until they are asked for."""

    def ordered(
        self, rows: Iterable[Image], query: Query, *, count: Sequence[str] = (), default_sort: str = "name"
    ) -> tuple[list[Image], dict[str, dict[str, int]]]:
        """Every row that matches, in order, and the counts."""
        everything = list(rows)
        asked = set(query.values("scope"))
        shown = [image for image in everything if image.is_listed or "all" in asked or asked & set(image.scopes)]
        found, counts = super().ordered(shown, query, count=count, default_sort=default_sort)
        if "scope" in count and len(shown) < len(everything):
            counts |= super().ordered(everything, query, count=("scope",), default_sort=default_sort)[1]
        return found, counts


LOOKUP: Lookup[Image] = ImageLookup(
    text=lambda image: (image.name, image.id, image.os, *image.tags),
    values={
        "scope": lambda image: (*image.scopes, "all"),
        "status": lambda image: image.status,
        "visibility": lambda image: image.visibility,
        "type": lambda image: image.kind,
        "format": lambda image: image.disk_format,
        "os": lambda image: image.os_distro,
        "owner": lambda image: ("mine" if image.is_own else "others", image.owner_id),
        "tag": lambda image: image.tags,
        "name": lambda image: image.name,
        "protected": lambda image: image.is_protected,
    },
    sorts={
        "name": lambda image: image.name,
        "status": lambda image: image.status,
        "visibility": lambda image: image.visibility,
        "size": lambda image: image.size,
        "format": lambda image: image.disk_format,
        "os": lambda image: image.os,
        "created": lambda image: image.created,
        "updated": lambda image: image.updated,
    },
)
COUNTED = ("scope", "status", "type")
"""The filters that lists show counts of."""
