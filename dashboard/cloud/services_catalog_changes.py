"""Changing the catalog: services with their endpoints, and regions; never so that nobody finds Keystone any more."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict
from dashboard.cloud.paging import inner
from dashboard.cloud.services_catalog import (
    IDENTITY,
    Endpoint,
    Region,
    Service,
    get_endpoint,
    get_service,
    is_identity,
)

LAST = "It is the only enabled public endpoint of Keystone: nobody could sign in by the catalog any more."
_one_at_a_time = threading.Lock()
"""Of two endpoints that are taken away at once, each would think that the other stays."""


def _refuse_if_last(found: Endpoint | Service) -> None:
    if found.is_last_identity:
        raise Conflict(LAST, service=IDENTITY, status=409)


# Services


def create_service(
    cloud: Cloud,
    *,
    type: str,
    name: str = "",
    description: str = "",
    is_enabled: bool = True,
    region_id: str = "",
    urls: Mapping[str, str] | None = None,
) -> Service:
    """Makes a service, and an endpoint for each interface in ``urls``; all of it or nothing. Raises CloudError."""
    # Keystone takes no name that is empty.
    given = {"name": name, "description": description}
    body = {"type": type, "enabled": is_enabled, **{key: value for key, value in given.items() if value}}
    made = Service.from_json(inner(cloud.post(IDENTITY, "/services", {"service": body}), "service", IDENTITY))
    try:
        for interface, url in (urls or {}).items():
            create_endpoint(cloud, service_id=made.id, interface=interface, url=url, region_id=region_id)
    except CloudError:
        # The service is a moment old and ours alone; with it go the endpoints that were made.
        with contextlib.suppress(CloudError):
            cloud.delete(IDENTITY, f"/services/{wire.path_id(made.id)}")
        raise
    return made


def update_service(cloud: Cloud, service: Service, changes: Mapping[str, Any]) -> None:
    """Changes a service's ``type``, ``name``, ``description`` or ``enabled``. Raises CloudError."""
    hides = changes.get("enabled") is False or ("type" in changes and not is_identity(str(changes["type"])))
    with _one_at_a_time:
        if hides and is_identity(service.type):
            _refuse_if_last(get_service(cloud, service.id))
        cloud.patch(IDENTITY, f"/services/{wire.path_id(service.id)}", {"service": dict(changes)})


def delete_service(cloud: Cloud, service: Service) -> None:
    """Deletes a service with its endpoints. Raises CloudError, Conflict among them."""
    with _one_at_a_time:
        if is_identity(service.type):
            _refuse_if_last(get_service(cloud, service.id))
        cloud.delete(IDENTITY, f"/services/{wire.path_id(service.id)}")


# Endpoints


def create_endpoint(
    cloud: Cloud, *, service_id: str, interface: str, url: str, region_id: str = "", is_enabled: bool = True
) -> Endpoint:
    """Makes an endpoint. Raises CloudError."""
    body: dict[str, Any] = {"service_id": service_id, "interface": interface, "url": url, "enabled": is_enabled}
    body |= {"region_id": region_id} if region_id else {}
    answer = cloud.post(IDENTITY, "/endpoints", {"endpoint": body})
    return Endpoint.from_json(wire.mapping(answer.get("endpoint")))


def update_endpoint(cloud: Cloud, endpoint: Endpoint, changes: Mapping[str, Any]) -> None:
    """Changes an endpoint's ``url``, ``interface``, ``region_id``, ``service_id`` or ``enabled``. Raises CloudError.

    Whether a new URL is Keystone's has to be known before: see ``dashboard.cloud.endpoint_health``.
    """
    hides = (
        changes.get("enabled") is False
        or changes.get("interface", "public") != "public"
        or changes.get("service_id", endpoint.service_id) != endpoint.service_id
    )
    with _one_at_a_time:
        if hides and is_identity(endpoint.service_type):
            _refuse_if_last(get_endpoint(cloud, endpoint.id))
        cloud.patch(IDENTITY, f"/endpoints/{wire.path_id(endpoint.id)}", {"endpoint": dict(changes)})


def delete_endpoint(cloud: Cloud, endpoint: Endpoint) -> None:
    """Deletes an endpoint. Raises CloudError, Conflict among them."""
    with _one_at_a_time:
        if is_identity(endpoint.service_type):
            _refuse_if_last(get_endpoint(cloud, endpoint.id))
        cloud.delete(IDENTITY, f"/endpoints/{wire.path_id(endpoint.id)}")


# Regions


def create_region(cloud: Cloud, *, id: str, description: str = "", parent_id: str = "") -> Region:
    """Makes a region. Raises CloudError, Conflict if there is one of that name."""
    body: dict[str, Any] = {"id": id, "description": description}
    body |= {"parent_region_id": parent_id} if parent_id else {}
    return Region.from_json(wire.mapping(cloud.post(IDENTITY, "/regions", {"region": body}).get("region")))


def update_region(cloud: Cloud, region: Region, *, description: str, parent_id: str) -> None:
    """Describes a region anew, or puts it under another one. Raises CloudError."""
    body = {"description": description, "parent_region_id": parent_id or None}
    cloud.patch(IDENTITY, f"/regions/{wire.path_id(region.id)}", {"region": body})


def delete_region(cloud: Cloud, region: Region) -> None:
    """Deletes a region; Keystone refuses while there are endpoints in it. Raises CloudError."""
    cloud.delete(IDENTITY, f"/regions/{wire.path_id(region.id)}")
