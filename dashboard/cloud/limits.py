"""Quotas: how much of the project's allowance is used up, asked of each service by its own means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.types import Quota

CINDER_MICROVERSION = "3.67"
"""From here on Cinder takes paths without a project's id; older ones have it in the catalog's address."""

_COMPUTE = (
    ("instances", "totalInstancesUsed", "maxTotalInstances", ""),
    ("cores", "totalCoresUsed", "maxTotalCores", ""),
    ("ram", "totalRAMUsed", "maxTotalRAMSize", "MiB"),
    ("server_groups", "totalServerGroupsUsed", "maxServerGroups", ""),
)
_VOLUME = (
    ("volumes", "totalVolumesUsed", "maxTotalVolumes", ""),
    ("gigabytes", "totalGigabytesUsed", "maxTotalVolumeGigabytes", "GiB"),
    ("snapshots", "totalSnapshotsUsed", "maxTotalSnapshots", ""),
    ("backups", "totalBackupsUsed", "maxTotalBackups", ""),
    ("backup_gigabytes", "totalBackupGigabytesUsed", "maxTotalBackupGigabytes", "GiB"),
)
NETWORK = ("network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule")
"""Neutron's quotas that are shown, in order."""


def list_compute_quotas(cloud: Cloud) -> tuple[Quota, ...]:
    """instances, cores, ram (MiB), server_groups: Nova's ``GET /limits``. Raises CloudError."""
    # ``reserved`` is no parameter of this any more: Nova 34 answers 400 to it.
    answer = cloud.get("compute", "/limits", microversion=NOVA_MICROVERSION)
    return _absolute("compute", answer, _COMPUTE)


def list_volume_quotas(cloud: Cloud) -> tuple[Quota, ...]:
    """volumes, gigabytes, snapshots, backups, backup_gigabytes: Cinder's ``GET /limits``. Raises CloudError."""
    path_has_project = bool(cloud.project_id) and cloud.url("block-storage").endswith(cloud.project_id)
    answer = cloud.get("block-storage", "/limits", microversion=None if path_has_project else CINDER_MICROVERSION)
    return _absolute("block-storage", answer, _VOLUME)


def list_network_quotas(cloud: Cloud) -> tuple[Quota, ...]:
    """NETWORK's quotas: Neutron's ``GET /quotas/{project}/details.json``. Raises CloudError."""
    answer = cloud.get("network", f"/v2.0/quotas/{wire.path_id(cloud.project_id)}/details.json")
    return network_quotas_in(answer)


def network_quotas_in(answer: Mapping[str, Any]) -> tuple[Quota, ...]:
    """What Neutron's answer says; a quota that it leaves out is left out. Reserved counts as used."""
    given = paging.inner(answer, "quota", "network")
    found = []
    for name in NETWORK:
        item = wire.mapping(given.get(name))
        if item:
            used = max(0, wire.number(item.get("used"))) + max(0, wire.number(item.get("reserved")))
            found.append(Quota(name=name, used=used, limit=wire.optional(item.get("limit"))))
    return tuple(found)


def _absolute(
    service: str, answer: Mapping[str, Any], table: tuple[tuple[str, str, str, str], ...]
) -> tuple[Quota, ...]:
    """From ``{"limits": {"absolute": {...}}}``; -1 means no limit."""
    absolute = wire.mapping(paging.inner(answer, "limits", service).get("absolute"))
    return tuple(
        Quota(
            name=name, used=max(0, wire.number(absolute.get(used))), limit=wire.optional(absolute.get(most)), unit=unit
        )
        for name, used, most, unit in table
        if used in absolute
    )
