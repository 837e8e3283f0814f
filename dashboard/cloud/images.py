"""Images: what servers are started from, with the snapshots that were taken of servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound, translated
from dashboard.cloud.types import Lookup, Page, Query

PAGE_SIZE = 500
"""Images per request; Glance gives at most ``api_limit_max`` (1,000 by default) and fewer if so set."""
LIST_LIMIT = 5000
"""Images that a list reads at most."""
LONGEST_VALUE = 255
"""Characters of a property's value that lists keep; detail pages have it whole."""

_MOVING = frozenset({"saving", "uploading", "importing"})
_GONE = frozenset({"deleted", "pending_delete"})
_LEFT_OUT = frozenset(
    {"self", "file", "schema", "locations", "direct_url", "checksum", "os_hash_algo", "os_hash_value"}
)
_FIELDS = frozenset(
    {"id", "name", "status", "visibility", "protected", "disk_format", "container_format", "size", "virtual_size"}
    | {"min_disk", "min_ram", "owner", "created_at", "updated_at", "tags", "stores", "os_hidden"}
)
OWN_KEY = "is_own"
_KNOWN = _LEFT_OUT | _FIELDS | {OWN_KEY}


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
    checksum: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    """Everything else that was set on the image."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Image:
        """From an image of Glance's list or detail, after ``trim``, which knows whose it is."""
        properties = {key: wire.text(value) for key, value in json.items() if key not in _KNOWN}
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
            is_hidden=wire.flag(json.get("os_hidden")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
            tags=wire.texts(json.get("tags")),
            os_distro=properties.get("os_distro", ""),
            os_version=properties.get("os_version", ""),
            architecture=properties.get("architecture", ""),
            image_type=properties.get("image_type", ""),
            checksum=wire.text(json.get("checksum")),
            properties=properties,
        )

    @property
    def is_transitional(self) -> bool:
        """Whether its status is about to change. A queued image may wait for its data for ever, a snapshot does not."""
        return self.status in _MOVING or (self.status == "queued" and self.is_snapshot)

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
    def os(self) -> str:
        """What its maker says is on it: "ubuntu 24.04", or ""."""
        return " ".join(part for part in (self.os_distro, self.os_version) if part)

    @property
    def kind(self) -> str:
        """ "snapshot" or "image"."""
        return "snapshot" if self.is_snapshot else "image"


LOOKUP: Lookup[Image] = Lookup(
    text=lambda image: (image.name, image.id, image.os, *image.tags),
    values={
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
COUNTED = ("status", "visibility", "type", "owner")
"""The filters that lists show counts of."""


def fetch_all(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every image that this project sees, trimmed, page by page: its own, public, shared and community ones."""
    for items in paging.pages(
        cloud, "image", "/v2/images", "images", size=PAGE_SIZE, most=LIST_LIMIT, visibility="all"
    ):
        yield [trim(cloud, item) for item in items]


def trim(cloud: Cloud, json: Mapping[str, Any]) -> dict[str, Any]:
    """What lists need of an image, and whether it is this project's own."""
    kept: dict[str, Any] = {}
    for key, value in json.items():
        if key in _LEFT_OUT or (isinstance(value, str) and len(value) > LONGEST_VALUE and key not in _KNOWN):
            continue
        kept[key] = value
    kept[OWN_KEY] = bool(cloud.project_id) and json.get("owner") == cloud.project_id
    return kept


def is_gone(json: Mapping[str, Any]) -> bool:
    """Whether this record is of an image that was deleted."""
    return wire.text(json.get("status")) in _GONE


def confirm_gone(cloud: Cloud, id: str) -> bool:
    """Asks Glance whether an image that is missing from the list is really gone. Raises CloudError."""
    try:
        return is_gone(get_image_json(cloud, id))
    except NotFound:
        return True


def list_all_images(cloud: Cloud) -> tuple[Image, ...]:
    """Every image that this project sees, up to LIST_LIMIT. Raises CloudError."""
    return tuple(Image.from_json(item) for page in fetch_all(cloud) for item in page if not is_gone(item))


def list_images(cloud: Cloud, query: Query) -> Page[Image]:
    """One page of the images that this project sees. Raises CloudError."""
    everything = list_all_images(cloud)
    page = LOOKUP.page(everything, query, count=COUNTED)
    # Beyond the limit there may be more that match, so the count would be a guess.
    return replace(page, total=None) if len(everything) >= LIST_LIMIT else page


def get_image_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An image as Glance gives it (``GET /v2/images/{id}``). Raises CloudError."""
    return cloud.get("image", f"/v2/images/{wire.path_id(id)}")


def get_image(cloud: Cloud, id: str) -> Image:
    """One image, with all its properties. Raises CloudError, NotFound among them."""
    json = get_image_json(cloud, id)
    return Image.from_json({**json, OWN_KEY: trim(cloud, json)[OWN_KEY]})


def delete_image(cloud: Cloud, *, id: str) -> None:
    """Deletes an image. Raises Forbidden if it is protected or another's, Conflict while it is in use."""
    with translated("image"):
        cloud.glance.images.delete(wire.path_id(id))
