"""Where an image is used: the project's servers that run from it, and the volumes that were made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud

MOST = 200
"""Servers and volumes that are read."""


@dataclass(frozen=True)
class Use:
    """A server or volume of the image."""

    id: str
    name: str
    status: str
    size: int = 0
    """Of a volume, in GiB."""


@dataclass(frozen=True)
class Uses:
    """Some of them; ``has_more`` says that there are others."""

    rows: tuple[Use, ...] = ()
    has_more: bool = False


def list_servers_of(cloud: Cloud, *, id: str) -> Uses:
    """The project's servers whose image it is. Raises CloudError."""
    answer = cloud.get(
        "compute", "/servers/detail", microversion=NOVA_MICROVERSION, image=id, limit=str(MOST), sort_key="created_at"
    )
    rows = [
        Use(wire.text(item.get("id")), wire.text(item.get("name")), wire.text(item.get("status")))
        for item in wire.objects(answer.get("servers"))
        # The filter is Nova's; a server of a volume has "" here.
        if wire.text(wire.mapping(item.get("image")).get("id")) == id
    ]
    return Uses(tuple(rows), bool(answer.get("servers_links")))


def list_volumes_of(cloud: Cloud, *, id: str) -> Uses:
    """The project's volumes that were made of it. Raises CloudError.

    Clouds may not let people filter by it (``resource_filters.json`` of Cinder), so what comes is looked through.
    """
    wanted = json.dumps({"image_id": id})
    answer = cloud.get("block-storage", "/volumes/detail", glance_metadata=wanted, limit=str(MOST))
    rows = [
        Use(
            wire.text(item.get("id")),
            wire.text(item.get("name")),
            wire.text(item.get("status")),
            wire.number(item.get("size")),
        )
        for item in wire.objects(answer.get("volumes"))
        if wire.text(wire.mapping(item.get("volume_image_metadata")).get("image_id")) == id
    ]
    return Uses(tuple(rows), bool(answer.get("volumes_links")))
