"""Network quotas: how many networks, ports, floating IPs, … a project may have, and has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, NotFound
from dashboard.cloud.types import Lookup, Page, Query


@dataclass(frozen=True)
class NetworkQuota:
    """How much of one kind a project may have. Its id is the project's and the kind's, "3f….floatingip"."""

    resource: str
    project_id: str
    used: int = 0
    reserved: int = 0
    limit: int | None = None
    """None for no limit."""

    @property
    def id(self) -> str:
        return f"{self.project_id}.{self.resource}"

    @property
    def name(self) -> str:
        """What Neutron calls the kind."""
        return self.resource

    @property
    def percent(self) -> int | None:
        """The share that is used, None without a limit."""
        if self.limit is None:
            return None
        return min(100, round(100 * self.used / self.limit)) if self.limit else 100


LOOKUP: Lookup[NetworkQuota] = Lookup(
    text=lambda quota: (quota.resource,),
    values={"project": lambda quota: quota.project_id},
    sorts={
        "name": lambda quota: quota.resource,
        "used": lambda quota: quota.used,
        "limit": lambda quota: quota.limit,
        "percent": lambda quota: quota.percent,
    },
)


def list_all_quotas(cloud: Cloud, project_id: str) -> tuple[NetworkQuota, ...]:
    """A project's quotas with their use. Raises CloudError."""
    body = cloud.get("network", f"/v2.0/quotas/{wire.path_id(project_id)}/details.json").get("quota")
    if not isinstance(body, dict):
        raise BadAnswer("The answer has no quota.", service="network")
    return tuple(
        NetworkQuota(
            resource=name,
            project_id=project_id,
            used=wire.number(item.get("used")),
            reserved=wire.number(item.get("reserved")),
            limit=wire.optional(item.get("limit")),
        )
        for name, item in body.items()
        if isinstance(item, Mapping)
    )


def list_quotas(cloud: Cloud, query: Query) -> Page[NetworkQuota]:
    """The quotas of this project, or for an administrator of that of ``project:``. Raises CloudError."""
    wanted = query.values("project")
    project_id = wanted[0] if wanted and neutron.is_admin(cloud) else cloud.project_id
    return LOOKUP.page(list_all_quotas(cloud, project_id), query)


def get_quota(cloud: Cloud, id: str) -> NetworkQuota:
    """One quota. Raises CloudError, NotFound among them."""
    project_id, _dot, resource = id.partition(".")
    if project_id != cloud.project_id and not neutron.is_admin(cloud):
        raise NotFound(service="network")
    for quota in list_all_quotas(cloud, project_id):
        if quota.resource == resource:
            return quota
    raise NotFound(service="network")


def set_quota(cloud: Cloud, quota: NetworkQuota, limit: int | None) -> None:
    """Lets a project have so many of it; None for no limit. Raises CloudError."""
    body: dict[str, Any] = {"quota": {quota.resource: -1 if limit is None else limit}}
    cloud.put("network", f"/v2.0/quotas/{wire.path_id(quota.project_id)}", body)


def reset_quotas(cloud: Cloud, project_id: str) -> None:
    """Gives a project the cloud's default for all of its network quotas. Raises CloudError."""
    cloud.delete("network", f"/v2.0/quotas/{wire.path_id(project_id)}")
