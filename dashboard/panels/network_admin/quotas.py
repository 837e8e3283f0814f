"""Network quotas: how many networks, ports, floating IPs, … a project may have, and has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import network_quotas
from dashboard.cloud.connection import Cloud
from dashboard.cloud.network_quotas import NetworkQuota, get_quota, list_quotas
from dashboard.ui.columns import COPY, column
from dashboard.ui.panel import ADMIN, Action, Filter, Group, Panel
from dashboard.ui.values import Status
from dashboard.ui.words import quota_label


class LimitForm(forms.Form):
    """How many a project may have."""

    limit = forms.IntegerField(
        label=gettext_lazy("Limit"), required=False, min_value=0, help_text=gettext_lazy("No limit if empty")
    )


def set_limit(cloud: Cloud, quota: NetworkQuota, data: Mapping[str, Any]) -> None:
    """Sets the limit of the form."""
    network_quotas.set_quota(cloud, quota, data["limit"])


def reset(cloud: Cloud, quota: NetworkQuota, data: Mapping[str, Any]) -> None:
    """Gives the project the cloud's defaults."""
    network_quotas.reset_quotas(cloud, quota.project_id)


def says_limit(rows: Any) -> str:
    """What it means."""
    return _("The project may have so many: %(what)s. What it has already stays.") % {
        "what": ", ".join(quota_label(row.resource) for row in rows)
    }


def says_reset(rows: Any) -> str:
    """What it means."""
    return _("All network quotas of the project %(id)s go back to the cloud's defaults.") % {"id": rows[0].project_id}


def fill(quota: NetworkQuota) -> Status:
    """How near the limit is."""
    if quota.percent is None:
        return Status(_("no limit"), "ok")
    tone: Any = "bad" if quota.percent >= 100 and quota.limit else "warn" if quota.percent >= 80 else "ok"
    return Status(_("%(percent)d %% used") % {"percent": quota.percent}, tone)


NAME = column(
    "name",
    gettext_lazy("What"),
    lambda quota: quota_label(quota.resource),
    "ui/cell/name.html",
    sort="name",
    text=lambda quota: quota.resource,
)
USED = column("used", gettext_lazy("Used"), sort="used", is_numeric=True)
LIMIT = column("limit", gettext_lazy("Limit"), sort="limit", is_numeric=True)
FILL = column("status", gettext_lazy("Used, in percent"), fill, "ui/cell/status.html", text=lambda quota: quota.percent)
RESERVED = column("reserved", gettext_lazy("Being made"), is_numeric=True, is_optional=True)
OWNER = column("project", gettext_lazy("Project"), "project_id", COPY, is_optional=True)
PANEL: Panel[Any] = Panel(
    slug="network-quotas",
    title=gettext_lazy("Network quotas"),
    noun=gettext_lazy("network quota"),
    nouns=gettext_lazy("network quotas"),
    group="network",
    is_minor=True,
    icon="adjustments-horizontal",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "quota_details"),
    about=gettext_lazy("How many networks, ports, floating IPs and more this project may have, and has."),
    rows=list_quotas,
    row=get_quota,
    columns=(NAME, FILL, USED, LIMIT, RESERVED, OWNER),
    filters=(Filter(key="project", label=gettext_lazy("A project's id"), hint=gettext_lazy("for administrators")),),
    actions=(
        Action(
            slug="limit",
            label=gettext_lazy("Set limit"),
            run=set_limit,
            says=says_limit,
            form=LimitForm,
            icon="edit",
            is_bulk=False,
            is_primary=True,
            roles=ADMIN,
            started=gettext_lazy("Limit set"),
            button=gettext_lazy("Save"),
            cli=lambda quota, data: (
                *("openstack", "quota", "set", f"--{quota.resource.replace('_', '-')}s"),
                str(-1 if data["limit"] is None else data["limit"]),
                quota.project_id,
            ),
        ),
        Action(
            slug="reset",
            label=gettext_lazy("Reset all to defaults"),
            run=reset,
            says=says_reset,
            icon="arrow-back-up",
            is_bulk=False,
            is_dangerous=True,
            roles=ADMIN,
            started=gettext_lazy("Quotas reset"),
            cli=lambda quota, data: ("openstack", "quota", "delete", "--network", quota.project_id),
        ),
    ),
    groups=(Group(label=gettext_lazy("Network quota"), facts=(NAME, USED, LIMIT, RESERVED, OWNER)),),
    default_sort="name",
    id_pattern="[0-9a-zA-Z_.-]{1,100}",
)
