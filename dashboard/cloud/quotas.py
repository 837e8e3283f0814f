"""Quotas: what a project may have of the services' things and has, what it gets by default, and changing both."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import cinder, paging, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.parallel import later

COMPUTE, NETWORK, STORAGE = "compute", "network", "block-storage"
SERVICES = (COMPUTE, NETWORK, STORAGE)
UNITS = {"ram": "MiB", "gigabytes": "GiB", "backup_gigabytes": "GiB", "per_volume_gigabytes": "GiB"}
CAPS = frozenset({"metadata_items", "server_group_members", "per_volume_gigabytes", "key_pairs", "router_route"})
"""What limits one thing rather than a sum over the project: nothing is in use of it. Key pairs are a person's."""
DEFAULT_CLASS = "default"
DEFAULTS_PATH = f"/os-quota-class-sets/{DEFAULT_CLASS}"


@dataclass(frozen=True)
class QuotaLine:
    """One quota. ``limit`` is None without a limit. ``used`` counts what is being made as well."""

    service: str
    name: str
    """What the service calls it: "cores", "gigabytes_ssd"."""
    limit: int | None
    used: int = 0
    reserved: int = 0

    @property
    def key(self) -> str:
        """Unique among all services' quotas."""
        return f"{self.service}.{self.name}"

    @property
    def unit(self) -> str:
        if self.name in UNITS:
            return UNITS[self.name]
        return "GiB" if self.service == STORAGE and self.name.startswith("gigabytes_") else ""

    @property
    def is_cap(self) -> bool:
        return self.name in CAPS

    @property
    def is_over(self) -> bool:
        """Whether more is used than allowed: the limit was lowered afterwards, say."""
        return self.limit is not None and self.used > self.limit

    @property
    def is_full(self) -> bool:
        return self.limit is not None and not self.is_cap and self.used >= self.limit > 0


@dataclass(frozen=True)
class ServiceQuotas:
    """What one service says, or why it says nothing."""

    service: str
    lines: tuple[QuotaLine, ...] = ()
    error: CloudError | None = None


def offered(cloud: Cloud) -> tuple[str, ...]:
    """The services with quotas that this catalog has."""
    return tuple(service for service in SERVICES if cloud.offers(service))


def list_quotas(cloud: Cloud, project_id: str) -> tuple[ServiceQuotas, ...]:
    """A project's quotas with their use, of every service. A service that fails costs its own. Raises Unauthorized."""
    return _each(cloud, lambda service: _used(cloud, service, project_id))


def list_defaults(cloud: Cloud) -> tuple[ServiceQuotas, ...]:
    """What a project has for which nothing else was set. Raises Unauthorized."""
    return _each(cloud, lambda service: _defaults(cloud, service))


def set_quotas(cloud: Cloud, service: str, project_id: str, limits: Mapping[str, int | None], *, force: bool) -> None:
    """Sets some of a project's quotas in one service; None for no limit. Raises CloudError.

    Nova refuses less than is in use unless forced to; the others don't ask.
    """
    values: dict[str, Any] = {name: -1 if limit is None else limit for name, limit in limits.items()}
    path = _path(service, project_id)
    if service == NETWORK:
        cloud.put(NETWORK, path, {"quota": values})
    elif service == COMPUTE:
        body = {"quota_set": {**values, "force": True} if force else values}
        cloud.put(COMPUTE, path, body, microversion=NOVA_MICROVERSION)
    else:
        cinder.put(cloud, path, {"quota_set": values})


def reset_quotas(cloud: Cloud, service: str, project_id: str) -> None:
    """Gives a project the default for all of a service's quotas. Raises CloudError."""
    path = _path(service, project_id)
    try:
        if service == STORAGE:
            cinder.delete(cloud, path)
        else:
            cloud.delete(service, path, microversion=NOVA_MICROVERSION if service == COMPUTE else None)
    except NotFound:
        # Neutron: it had the default anyway.
        return


def set_defaults(cloud: Cloud, service: str, limits: Mapping[str, int | None]) -> None:
    """Changes what all projects have that nothing else was set for. Not Neutron's: they are in its files.

    Raises CloudError.
    """
    values = {name: -1 if limit is None else limit for name, limit in limits.items()}
    path = DEFAULTS_PATH
    if service == COMPUTE:
        cloud.put(COMPUTE, path, {"quota_class_set": values}, microversion=NOVA_MICROVERSION)
    else:
        cinder.put(cloud, path, {"quota_class_set": values})


def _path(service: str, project_id: str) -> str:
    return ("/v2.0/quotas/" if service == NETWORK else "/os-quota-sets/") + wire.path_id(project_id)


def _each(cloud: Cloud, ask: Callable[[str], tuple[QuotaLine, ...]]) -> tuple[ServiceQuotas, ...]:
    waiting = [(service, later(functools.partial(ask, service))) for service in offered(cloud)]
    found = []
    for service, outcome in waiting:
        lines = outcome.or_else(())
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        if outcome.error is not None:
            outcome.error.service = outcome.error.service or service
        found.append(ServiceQuotas(service, lines, outcome.error))
    return tuple(found)


def _used(cloud: Cloud, service: str, project_id: str) -> tuple[QuotaLine, ...]:
    path = _path(service, project_id)
    if service == NETWORK:
        given = paging.inner(cloud.get(NETWORK, f"{path}/details.json"), "quota", NETWORK)
    elif service == COMPUTE:
        answer = cloud.get(COMPUTE, f"{path}/detail", microversion=NOVA_MICROVERSION)
        given = paging.inner(answer, "quota_set", COMPUTE)
    else:
        given = paging.inner(cinder.get(cloud, path, usage="true"), "quota_set", STORAGE)
    found = []
    for name, item in given.items():
        if isinstance(item, Mapping):
            reserved = max(0, wire.number(item.get("reserved")))
            used = max(0, wire.number(item.get("used" if service == NETWORK else "in_use"))) + reserved
            found.append(QuotaLine(service, name, wire.optional(item.get("limit")), used, reserved))
    return _ordered(service, found)


def _defaults(cloud: Cloud, service: str) -> tuple[QuotaLine, ...]:
    if service == NETWORK:
        answer = cloud.get(NETWORK, f"/v2.0/quotas/{wire.path_id(cloud.project_id)}/default.json")
        given = paging.inner(answer, "quota", NETWORK)
    elif service == COMPUTE:
        answer = cloud.get(COMPUTE, DEFAULTS_PATH, microversion=NOVA_MICROVERSION)
        given = paging.inner(answer, "quota_class_set", COMPUTE)
    else:
        given = paging.inner(cinder.get(cloud, DEFAULTS_PATH), "quota_class_set", STORAGE)
    numbers = {name: value for name, value in given.items() if isinstance(value, int) and not isinstance(value, bool)}
    return _ordered(service, [QuotaLine(service, name, wire.optional(value)) for name, value in numbers.items()])


FIRST = {
    COMPUTE: ("instances", "cores", "ram", "server_groups", "server_group_members", "key_pairs", "metadata_items"),
    NETWORK: ("network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule"),
    STORAGE: ("volumes", "gigabytes", "per_volume_gigabytes", "snapshots", "backups", "backup_gigabytes", "groups"),
}
"""The order in which they are shown; others follow as the service has them, each type's together."""


def _ordered(service: str, lines: list[QuotaLine]) -> tuple[QuotaLine, ...]:
    first = FIRST[service]

    def place(line: QuotaLine) -> tuple[int, str]:
        if line.name in first:
            return first.index(line.name), ""
        return len(first), type_of(line.name) if service == STORAGE else ""

    return tuple(sorted(lines, key=place))


def type_of(name: str) -> str:
    """The volume type that one of Cinder's quotas is for; "" for the sums over all types."""
    for kind in ("volumes", "gigabytes", "snapshots"):
        if name.startswith(f"{kind}_"):
            return name.removeprefix(f"{kind}_")
    return ""
