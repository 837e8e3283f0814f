"""Cinder's services, up or down, taking new volumes or not; and the pools with their room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dashboard.cloud import storage_admin
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.storage_admin import Pool, StorageService
from dashboard.ui.actions import disabling, enabling
from dashboard.ui.columns import BOOL, TIME, column
from dashboard.ui.panel import ADMIN, Column, Filter, Group, Panel
from dashboard.ui.values import Status

Data = Mapping[str, Any]


class DisableForm(forms.Form):
    """Why, for whoever meets it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=255,
        help_text=gettext_lazy("Other administrators see it beside the service."),
    )


def _enable(cloud: Cloud, row: StorageService, data: Data) -> None:
    found = storage_admin.enable_service(cloud, binary=row.binary, host=row.host)
    if not found.is_enabled:
        raise CloudError(
            _(
                "It answered that the service is enabled, but it is not: this version of Cinder (29.0) can't do it. "
                "Whoever runs the database can."
            ),
            service=SERVICE,
        )


def _disable(cloud: Cloud, row: StorageService, data: Data) -> None:
    storage_admin.disable_service(cloud, binary=row.binary, host=row.host, reason=data["reason"])


def named(rows: Sequence[StorageService]) -> str:
    """The services with their hosts."""
    return ", ".join(f"{row.binary} ({row.host})" for row in rows)


def state(row: StorageService) -> Status:
    """Whether it answers, and takes new volumes."""
    if not row.is_up:
        return Status(_("Down"), "bad")
    return Status(_("Up"), "ok") if row.is_enabled else Status(_("Up"), "off", _("disabled"))


def pool_column(key: str, label: Any, value: Any, **more: Any) -> Column[Pool]:
    """A column of pools."""
    return Column(key=key, label=label, value=value, **more)


def gib(size: float | None, *, is_endless: bool = False) -> str:
    """An amount of GiB; a pool may have no end, or not say."""
    if is_endless:
        return _("no end")
    return _("%(size)s GiB") % {"size": f"{size:,.0f}"} if size is not None else ""


FACTS = (
    column("host", gettext_lazy("Host"), lambda s: s.host, sort="host"),
    column("zone", gettext_lazy("Zone"), lambda s: s.zone),
    column("enabled", gettext_lazy("Takes new volumes"), lambda s: s.is_enabled, cell=BOOL),
    column("reason", gettext_lazy("Why it is disabled"), lambda s: s.reason),
    column("updated", gettext_lazy("Last heard of"), lambda s: s.updated, cell=TIME, sort="updated"),
)
MORE = (
    column("backend", gettext_lazy("Back end"), lambda s: s.backend_state, is_optional=True),
    column("cluster", gettext_lazy("Cluster"), lambda s: s.cluster, is_optional=True),
    column("replication", gettext_lazy("Replication"), lambda s: s.replication, is_optional=True),
)
PANEL: Panel[StorageService] = Panel(
    slug="storage-services",
    title=gettext_lazy("Storage services"),
    noun=gettext_lazy("service"),
    nouns=gettext_lazy("services"),
    group="admin",
    icon="server-2",
    service=SERVICE,
    about=gettext_lazy("Cinder's processes. One that is disabled gets no new volumes; those it has go on."),
    rows=storage_admin.list_services,
    row=storage_admin.get_service,
    columns=(
        column("name", gettext_lazy("Service"), lambda s: s.binary, cell="ui/cell/name.html", sort="name"),
        column("status", gettext_lazy("State"), state, cell="ui/cell/status.html", text=lambda s: s.is_up),
        *FACTS,
        *MORE,
    ),
    groups=(Group(label=gettext_lazy("Service"), facts=(*FACTS, *MORE)),),
    filters=(
        Filter(
            key="state",
            label=gettext_lazy("State"),
            choices=(("up", gettext_lazy("Up")), ("down", gettext_lazy("Down"))),
        ),
        Filter(
            key="enabled",
            label=gettext_lazy("Takes new volumes"),
            choices=(("yes", gettext_lazy("Enabled")), ("no", gettext_lazy("Disabled"))),
        ),
        Filter(key="binary", label=gettext_lazy("A service's name")),
        Filter(key="host", label=gettext_lazy("A host")),
    ),
    actions=(
        disabling(
            run=_disable,
            says=lambda rows: _("%(name)s gets no new volumes. Those that it has go on.") % {"name": named(rows)},
            when=lambda row: "" if row.is_enabled else _("It is disabled already."),
            form=DisableForm,
            roles=ADMIN,
            cli=lambda row, data: [
                *("openstack", "volume", "service", "set", "--disable"),
                *("--disable-reason", data["reason"], row.host, row.binary),
            ],
        ),
        enabling(
            run=_enable,
            says=lambda rows: _("%(name)s gets new volumes again.") % {"name": named(rows)},
            when=lambda row: _("It is enabled already.") if row.is_enabled else "",
            roles=ADMIN,
            cli=lambda row, data: ["openstack", "volume", "service", "set", "--enable", row.host, row.binary],
        ),
    ),
    lookup=storage_admin.SERVICES,
    default_sort="name",
    id_pattern="[^/]+",
    roles=ADMIN,
)
POOLS: Panel[Pool] = Panel(
    slug="storage-pools",
    title=gettext_lazy("Storage pools"),
    noun=gettext_lazy("pool"),
    nouns=gettext_lazy("pools"),
    group="admin",
    icon="box",
    service=SERVICE,
    about=gettext_lazy(
        "A pool is a part of a back end that volumes are kept in. This is what the scheduler knows of each."
    ),
    rows=storage_admin.page_of_pools,
    columns=(
        pool_column("name", gettext_lazy("Pool"), lambda p: p.name, sort="name"),
        pool_column("backend", gettext_lazy("Back end"), lambda p: p.backend),
        pool_column("free", gettext_lazy("Free"), lambda p: gib(p.free, is_endless=p.is_endless), sort="free"),
        pool_column("total", gettext_lazy("In all"), lambda p: gib(p.total, is_endless=p.is_endless), sort="total"),
        pool_column("allocated", pgettext_lazy("GiB of a storage pool", "Given out"), lambda p: gib(p.allocated)),
        pool_column("provisioned", gettext_lazy("Promised"), lambda p: gib(p.provisioned)),
        pool_column("reserved", gettext_lazy("Kept back"), lambda p: f"{p.reserved_percent} %"),
        pool_column("protocol", gettext_lazy("Protocol"), lambda p: p.protocol),
        pool_column("vendor", gettext_lazy("Vendor"), lambda p: p.vendor, is_optional=True),
        pool_column("driver", gettext_lazy("Driver"), lambda p: p.driver, is_optional=True),
        pool_column(
            "multiattach", gettext_lazy("Multi-attach"), lambda p: p.has_multiattach, cell=BOOL, is_optional=True
        ),
        pool_column("qos", gettext_lazy("QoS"), lambda p: p.has_qos, cell=BOOL, is_optional=True),
        pool_column("updated", gettext_lazy("Told"), lambda p: p.updated, cell=TIME, is_optional=True),
    ),
    filters=(Filter(key="backend", label=gettext_lazy("A back end's name")),),
    lookup=storage_admin.POOLS,
    default_sort="name",
    id_pattern="[^/]+",
    roles=ADMIN,
)
