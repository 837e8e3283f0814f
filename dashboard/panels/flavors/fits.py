"""Which flavors still fit: on the hosts, for those whom Placement tells; into the project's quotas, for others."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.cloud import launch_fit, limits
from dashboard.cloud.connection import Cloud
from dashboard.cloud.flavors import Flavor
from dashboard.cloud.parallel import in_turn, later
from dashboard.live import cache
from dashboard.ui.values import Status

SECONDS = 45
WAIT_SECONDS = 3.0


def joined(cloud: Cloud, rows: Sequence[Flavor]) -> Sequence[Flavor]:
    """The flavors with what there is room for; flavors that take the same are asked about once."""
    if not rows:
        return rows
    if launch_fit.may_ask(cloud):
        by_need = {_need(row): row for row in rows}
        calls = [functools.partial(_room, cloud, need, row) for need, row in by_need.items()]
        rooms: dict[str, Any] = {
            need: outcome.or_else(None)
            for need, outcome in zip(by_need, in_turn(calls, seconds=WAIT_SECONDS), strict=True)
        }
        return [replace(row, room=rooms[_need(row)]) for row in rows]
    quotas = later(lambda: cache.cached(cloud, "compute-left", SECONDS, lambda: _left(cloud)), seconds=WAIT_SECONDS)
    left = quotas.or_else({})
    if quotas.error is not None:
        return rows
    return [replace(row, exceeded=_exceeded(row, left)) for row in rows]


def _need(row: Flavor) -> str:
    found = json.dumps(launch_fit.resources_of(row, has_own_disk=True), sort_keys=True)
    return hashlib.sha256(found.encode()).hexdigest()[:24]


def _room(cloud: Cloud, need: str, row: Flavor) -> Any:
    return cache.cached(cloud, f"flavor-room:{need}", SECONDS, lambda: launch_fit.ask(cloud, row, has_own_disk=True))


def _left(cloud: Cloud) -> dict[str, int]:
    return {quota.name: quota.left for quota in limits.list_compute_quotas(cloud) if quota.left is not None}


def _exceeded(row: Flavor, left: dict[str, int]) -> tuple[str, ...]:
    needs = {"instances": 1, "cores": row.vcpus, "ram": row.ram}
    return tuple(name for name, needed in needs.items() if name in left and needed > left[name])


def fit(row: Flavor) -> Status | None:
    """Whether one more server of it could be launched now; None where nobody knows."""
    if row.is_disabled:
        return Status(_("Disabled"), "off")
    if row.exceeded is not None:
        if not row.exceeded:
            return Status(_("Within the quota"), "ok")
        words = {"instances": _("servers"), "cores": _("vCPUs"), "ram": _("RAM")}
        return Status(
            _("Over the quota"),
            "off",
            ", ".join(words[name] for name in row.exceeded),
            _("The project's quota has not enough left for one more server of this size."),
        )
    found = launch_fit.fit_of(row.room)
    if found is None:
        return None
    if not found.hosts:
        return Status(_("No host"), "bad", "", _("No host that is enabled has room for one more server of this size."))
    hosts = ngettext("%(n)d host", "%(n)d hosts", found.hosts) % {"n": found.hosts}
    servers = ngettext("%(n)d more server", "%(n)d more servers", found.servers) % {"n": found.servers}
    return Status(hosts, "ok", _("at least %(servers)s") % {"servers": servers} if found.is_more else servers)
