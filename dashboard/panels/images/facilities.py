"""What this cloud's Glance offers, asked once in a while for everybody."""

from __future__ import annotations

from typing import Any

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.image_info import Facilities, get_facilities
from dashboard.cloud.metadefs import Namespace, list_namespaces
from dashboard.live import cache

SECONDS = 600


def facilities_of(cloud: Cloud | None) -> Facilities:
    """Stores, import methods and formats; the standard ones where Glance does not say. Raises Unauthorized."""
    if cloud is None:
        return Facilities()

    def fetch() -> dict[str, Any]:
        return get_facilities(cloud).to_json()

    try:
        return Facilities.from_json(cache.cached(cloud, "image-facilities", SECONDS, fetch))
    except Unauthorized:
        raise
    except CloudError:
        return Facilities()


def known_facilities(cloud: Cloud) -> Facilities | None:
    """As ``facilities_of``, if somebody asked lately: what only greys a menu's entry is worth no request."""

    def none() -> dict[str, Any]:
        raise NotFound(service="image")

    try:
        return Facilities.from_json(cache.cached(cloud, "image-facilities", SECONDS, none))
    except NotFound:
        return None


def namespaces_of(cloud: Cloud) -> tuple[Namespace, ...]:
    """The namespaces of metadata definitions for images. Raises CloudError."""

    def fetch() -> list[dict[str, Any]]:
        return [space.to_json() for space in list_namespaces(cloud)]

    return tuple(Namespace(**item) for item in cache.cached(cloud, "image-namespaces", SECONDS, fetch))
