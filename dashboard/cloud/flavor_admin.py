"""Flavors as administrators make them: sizes, extra specs, and the projects that may use a private one.

Follows https://docs.openstack.org/api-ref/compute/#flavors
A flavor's sizes can't be changed: who wants others makes another one like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.cloud import paging, versions, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.flavors import Flavor

SERVICE = "compute"
DESCRIBED = "2.55"
"""From here on a flavor has a description, which can be changed."""
CHECKED = "2.86"
"""From here on Nova refuses extra specs that it does not know."""


def create_flavor(
    cloud: Cloud,
    *,
    name: str,
    vcpus: int,
    ram: int,
    disk: int,
    ephemeral: int = 0,
    swap: int = 0,
    id: str = "",
    description: str = "",
    is_public: bool = True,
) -> Flavor:
    """Makes a flavor; Nova gives it an id where none is given. Raises CloudError."""
    body: dict[str, Any] = {
        "name": name,
        "vcpus": vcpus,
        "ram": ram,
        "disk": disk,
        "OS-FLV-EXT-DATA:ephemeral": ephemeral,
        "swap": swap,
        "id": id or None,
        "os-flavor-access:is_public": is_public,
    }
    if description and versions.speaks(cloud, SERVICE, DESCRIBED):
        body["description"] = description
    answer = cloud.post(SERVICE, "/flavors", {"flavor": body}, microversion=NOVA_MICROVERSION)
    return Flavor.from_json(paging.inner(answer, "flavor", SERVICE))


def describe_flavor(cloud: Cloud, *, id: str, description: str) -> None:
    """Changes the description, "" for none (2.55). Raises CloudError."""
    body = {"flavor": {"description": description or None}}
    cloud.put(SERVICE, f"/flavors/{wire.path_id(id)}", body, microversion=NOVA_MICROVERSION)


def delete_flavor(cloud: Cloud, *, id: str) -> None:
    """Deletes a flavor; servers that were made of it go on. Raises CloudError."""
    cloud.delete(SERVICE, f"/flavors/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)


def set_specs(cloud: Cloud, *, id: str, specs: Mapping[str, str]) -> None:
    """Adds or changes extra specs, all or none of them: Nova names the first that it refuses. Raises CloudError."""
    path = f"/flavors/{wire.path_id(id)}/os-extra_specs"
    cloud.post(SERVICE, path, {"extra_specs": dict(specs)}, microversion=NOVA_MICROVERSION)


def unset_spec(cloud: Cloud, *, id: str, key: str) -> None:
    """Takes an extra spec away. Raises CloudError."""
    path = f"/flavors/{wire.path_id(id)}/os-extra_specs/{wire.path_id(key)}"
    cloud.delete(SERVICE, path, microversion=NOVA_MICROVERSION)


def list_access(cloud: Cloud, *, id: str) -> list[str]:
    """The ids of the projects that may use a private flavor. Raises CloudError; NotFound for a public one."""
    path = f"/flavors/{wire.path_id(id)}/os-flavor-access"
    answer = cloud.get(SERVICE, path, microversion=NOVA_MICROVERSION)
    return [wire.text(item.get("tenant_id")) for item in wire.objects(answer.get("flavor_access"))]


def add_access(cloud: Cloud, *, id: str, project_id: str) -> None:
    """Lets a project use a private flavor. Raises CloudError."""
    _access(cloud, id, {"addTenantAccess": {"tenant": project_id}})


def remove_access(cloud: Cloud, *, id: str, project_id: str) -> None:
    """Takes a private flavor from a project; its servers go on. Raises CloudError."""
    _access(cloud, id, {"removeTenantAccess": {"tenant": project_id}})


def _access(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    cloud.post(SERVICE, f"/flavors/{wire.path_id(id)}/action", body, microversion=NOVA_MICROVERSION)


def change_access(cloud: Cloud, *, id: str, wanted: Iterable[str]) -> None:
    """Lets just these projects use a private flavor. Raises CloudError."""
    before, after = set(list_access(cloud, id=id)), list(dict.fromkeys(wanted))
    for project_id in after:
        if project_id not in before:
            add_access(cloud, id=id, project_id=project_id)
    for project_id in sorted(before - set(after)):
        remove_access(cloud, id=id, project_id=project_id)


def count_servers(cloud: Cloud, *, id: str, most: int = 100) -> tuple[int, bool]:
    """How many servers of all projects are of a flavor, counted up to ``most``, and whether there are more."""
    answer = cloud.get(
        SERVICE,
        "/servers",
        microversion=NOVA_MICROVERSION,
        all_tenants="true",
        flavor=id,
        limit=most + 1,
    )
    found = len(wire.objects(answer.get("servers")))
    return min(found, most), found > most


def find_project(cloud: Cloud, name: str) -> list[str]:
    """The ids of projects with this name, in any domain. Raises CloudError."""
    answer = cloud.get("identity", "/projects", name=name)
    found = wire.objects(answer.get("projects"))
    return [wire.text(item.get("id")) for item in found if item.get("name") == name]
