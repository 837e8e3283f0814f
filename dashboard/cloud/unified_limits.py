"""Unified limits: what Keystone keeps for services that ask it how much a project may have; defaults and exceptions.

Follows https://docs.openstack.org/api-ref/identity/v3/#unified-limits
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Forbidden, Unauthorized
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.types import Lookup, Page, Query

SERVICE = "identity"
NAMED = 50
"""Projects and domains whose names are asked for; the others show their ids."""


@dataclass(frozen=True)
class RegisteredLimit:
    """The default of one resource of a service, in one region or in all."""

    id: str
    resource: str
    service_id: str
    region: str = ""
    default: int = 0
    description: str = ""
    service: str = ""
    """The service's name, which Keystone tells elsewhere."""

    @property
    def name(self) -> str:
        return self.resource

    @classmethod
    def from_json(cls, item: Mapping[str, Any], services: Mapping[str, str]) -> RegisteredLimit:
        service_id = wire.text(item.get("service_id"))
        return cls(
            id=wire.text(item.get("id")),
            resource=wire.text(item.get("resource_name")),
            service_id=service_id,
            region=wire.text(item.get("region_id")),
            default=wire.number(item.get("default_limit")),
            description=wire.text(item.get("description")),
            service=services.get(service_id, service_id),
        )


@dataclass(frozen=True)
class Limit:
    """What one project or domain has of a resource instead of the default."""

    id: str
    resource: str
    service_id: str
    project_id: str = ""
    domain_id: str = ""
    region: str = ""
    limit: int = 0
    description: str = ""
    service: str = ""
    owner: str = ""
    """The project's or domain's name."""

    @property
    def name(self) -> str:
        return self.resource

    @classmethod
    def from_json(cls, item: Mapping[str, Any], services: Mapping[str, str], names: Mapping[str, str]) -> Limit:
        service_id = wire.text(item.get("service_id"))
        project, domain = wire.text(item.get("project_id")), wire.text(item.get("domain_id"))
        return cls(
            id=wire.text(item.get("id")),
            resource=wire.text(item.get("resource_name")),
            service_id=service_id,
            project_id=project,
            domain_id=domain,
            region=wire.text(item.get("region_id")),
            limit=wire.number(item.get("resource_limit")),
            description=wire.text(item.get("description")),
            service=services.get(service_id, service_id),
            owner=names.get(project or domain, project or domain),
        )


REGISTERED: Lookup[RegisteredLimit] = Lookup(
    text=lambda item: (item.resource, item.service, item.id, item.description),
    values={"service": lambda item: item.service, "region": lambda item: item.region},
    sorts={
        "name": lambda item: item.resource,
        "service": lambda item: item.service,
        "default": lambda item: item.default,
    },
)
LIMITS: Lookup[Limit] = Lookup(
    text=lambda item: (item.resource, item.service, item.owner, item.project_id, item.domain_id, item.id),
    values={
        "service": lambda item: item.service,
        "resource": lambda item: item.resource,
        "project": lambda item: (item.owner, item.project_id),
    },
    sorts={"name": lambda item: item.resource, "owner": lambda item: item.owner, "limit": lambda item: item.limit},
)


def _some(cloud: Cloud, path: str, key: str) -> list[dict[str, Any]]:
    """The objects under ``key``. Raises CloudError, BadAnswer if there is no list."""
    answer = cloud.get(SERVICE, path)
    if not isinstance(answer.get(key), list):
        raise BadAnswer(f"The answer has no list of {key}.", service=SERVICE)
    return wire.objects(answer[key])


def service_names(cloud: Cloud) -> dict[str, str]:
    """The services' types and names by id. Those who may not ask for them see ids. Raises CloudError."""
    found = _some(cloud, "/services", "services")
    return {wire.text(item.get("id")): wire.text(item.get("name")) or wire.text(item.get("type")) for item in found}


def get_model(cloud: Cloud) -> tuple[str, str]:
    """How Keystone weighs limits of projects against those above them: a name and a sentence. Raises CloudError."""
    model = paging.inner(cloud.get(SERVICE, "/limits/model"), "model", SERVICE)
    return wire.text(model.get("name")), wire.text(model.get("description"))


def _services(cloud: Cloud) -> dict[str, str]:
    try:
        return service_names(cloud)
    except Forbidden:
        return {}


def list_all_registered(cloud: Cloud) -> list[RegisteredLimit]:
    """All defaults. Raises CloudError."""
    services = _services(cloud)
    found = _some(cloud, "/registered_limits", "registered_limits")
    return [RegisteredLimit.from_json(item, services) for item in found]


def list_registered(cloud: Cloud, query: Query) -> Page[RegisteredLimit]:
    """One page of the defaults. Raises CloudError."""
    return REGISTERED.page(list_all_registered(cloud), query, count=("service",))


def get_registered_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A default as Keystone gives it. Raises CloudError."""
    answer = cloud.get(SERVICE, f"/registered_limits/{wire.path_id(id)}")
    return paging.inner(answer, "registered_limit", SERVICE)


def get_registered(cloud: Cloud, id: str) -> RegisteredLimit:
    """One default. Raises CloudError."""
    return RegisteredLimit.from_json(get_registered_json(cloud, id), _services(cloud))


def create_registered(cloud: Cloud, data: Mapping[str, Any]) -> RegisteredLimit:
    """Makes a default. Raises CloudError."""
    body: dict[str, Any] = {
        "service_id": data["service"],
        "resource_name": data["resource"],
        "default_limit": data["limit"],
        "description": data["description"] or None,
    }
    if data.get("region"):
        body["region_id"] = data["region"]
    made = wire.objects(
        cloud.post(SERVICE, "/registered_limits", {"registered_limits": [body]}).get("registered_limits")
    )
    return RegisteredLimit.from_json(made[0] if made else {}, {})


def edit_registered(cloud: Cloud, id: str, *, limit: int, description: str) -> None:
    """Changes a default. Raises CloudError."""
    body = {"registered_limit": {"default_limit": limit, "description": description or None}}
    cloud.patch(SERVICE, f"/registered_limits/{wire.path_id(id)}", body)


def delete_registered(cloud: Cloud, id: str) -> None:
    """Deletes a default; Keystone refuses it while projects have limits of it. Raises CloudError."""
    cloud.delete(SERVICE, f"/registered_limits/{wire.path_id(id)}")


def list_all_limits(cloud: Cloud) -> list[Limit]:
    """All exceptions that this person may see: an administrator's are everybody's. Raises CloudError."""
    services = _services(cloud)
    found = _some(cloud, "/limits", "limits")
    names = _owners(cloud, found)
    return [Limit.from_json(item, services, names) for item in found]


def list_limits(cloud: Cloud, query: Query) -> Page[Limit]:
    """One page of the exceptions. Raises CloudError."""
    return LIMITS.page(list_all_limits(cloud), query, count=("service",))


def get_limit_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An exception as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get(SERVICE, f"/limits/{wire.path_id(id)}"), "limit", SERVICE)


def get_limit(cloud: Cloud, id: str) -> Limit:
    """One exception. Raises CloudError."""
    found = get_limit_json(cloud, id)
    return Limit.from_json(found, _services(cloud), _owners(cloud, [found]))


def create_limit(cloud: Cloud, registered: RegisteredLimit, owner: str, *, is_domain: bool, limit: int) -> Limit:
    """Gives a project or domain another limit than the default. Raises CloudError."""
    body: dict[str, Any] = {
        "service_id": registered.service_id,
        "resource_name": registered.resource,
        "resource_limit": limit,
        "domain_id" if is_domain else "project_id": owner,
    }
    if registered.region:
        body["region_id"] = registered.region
    made = wire.objects(cloud.post(SERVICE, "/limits", {"limits": [body]}).get("limits"))
    return Limit.from_json(made[0] if made else {}, {}, {})


def edit_limit(cloud: Cloud, id: str, *, limit: int, description: str) -> None:
    """Changes an exception. Raises CloudError."""
    body = {"limit": {"resource_limit": limit, "description": description or None}}
    cloud.patch(SERVICE, f"/limits/{wire.path_id(id)}", body)


def delete_limit(cloud: Cloud, id: str) -> None:
    """Deletes an exception: the default holds again. Raises CloudError."""
    cloud.delete(SERVICE, f"/limits/{wire.path_id(id)}")


def _owners(cloud: Cloud, limits: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of whom the limits are for, by id; those who may not ask for them see ids."""
    wanted = dict.fromkeys(
        (kind, wire.text(item.get(f"{kind}_id"))) for item in limits for kind in ("project", "domain")
    )
    asked = [(kind, id) for kind, id in wanted if id][:NAMED]
    calls = [functools.partial(_owner, cloud, kind, id) for kind, id in asked]
    found = {}
    for (_kind, id), outcome in zip(asked, in_turn(calls), strict=True):
        name = outcome.or_else("")
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        found[id] = name or id
    return found


def _owner(cloud: Cloud, kind: str, id: str) -> str:
    answer = cloud.get(SERVICE, f"/{wire.path_id(kind)}s/{wire.path_id(id)}")
    return wire.text(wire.mapping(answer.get(kind)).get("name"))


def image_usage(cloud: Cloud) -> dict[str, tuple[int, int | None]]:
    """What Glance says is used of its limits in this project, and the limit: by resource. Raises CloudError."""
    given = wire.mapping(cloud.get("image", "/v2/info/usage").get("usage"))
    return {
        name: (wire.number(wire.mapping(item).get("usage")), wire.optional(wire.mapping(item).get("limit")))
        for name, item in given.items()
    }


def list_regions(cloud: Cloud) -> list[str]:
    """The regions' ids. Raises CloudError."""
    return [wire.text(item.get("id")) for item in _some(cloud, "/regions", "regions")]
