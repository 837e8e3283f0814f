"""Columns, facts and filters that users, groups, projects and domains share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.panels.identity import words
from dashboard.panels.identity.fields import spare_own, texts_of
from dashboard.panels.identity.names import domain_names
from dashboard.ui.actions import disabling, enabling
from dashboard.ui.columns import LINK, STATUS, column
from dashboard.ui.panel import IDENTITY_MANAGER, Action, Column, Filter, Group, Roles
from dashboard.ui.terms import wrong_flag
from dashboard.ui.values import Link

PAIRS = "people/pairs.html"
SCOPES = ("project", "domain", "system")
ENABLED: Column[Any] = column(
    "status",
    gettext_lazy("Status"),
    words.enabled,
    STATUS,
    sort="enabled",
    text=lambda row: "enabled" if row.is_enabled else "disabled",
)
DOMAIN: Column[Any] = column(
    "domain",
    gettext_lazy("Domain"),
    lambda row: Link(row.domain_name or row.domain_id, "domains:detail", row.domain_id),
    LINK,
    text=lambda row: row.domain_name or row.domain_id,
)
EXTRA: Group[Any] = Group(
    label=gettext_lazy("Further fields"),
    facts=(
        column(
            "extra", gettext_lazy("As operators' tools set them"), lambda row: dict(row.extra), PAIRS, is_optional=True
        ),
    ),
)
ENABLED_FILTER = Filter(
    key="enabled",
    label=gettext_lazy("Status"),
    choices=(("yes", gettext_lazy("Enabled")), ("no", gettext_lazy("Disabled"))),
    wrong=wrong_flag,
)
DOMAIN_FILTER = Filter(
    key="domain", label=gettext_lazy("Domain"), hint=gettext_lazy("its name or id"), names=domain_names
)

Run = Callable[[Cloud, Any, Mapping[str, Any]], Any]


def switches(
    set_enabled: Callable[[Cloud, Any, bool], None],
    *,
    command: str,
    form: Any,
    disabled: tuple[Any, Any],
    when: Callable[[Any], Any] = lambda row: "",
    roles: Roles = IDENTITY_MANAGER,
) -> tuple[Action[Any], Action[Any]]:
    """Enabling and disabling; ``disabled`` are the sentences for one and for several."""

    def enable(cloud: Cloud, row: Any, data: Mapping[str, Any]) -> None:
        set_enabled(cloud, row, True)

    def disable(cloud: Cloud, row: Any, data: Mapping[str, Any]) -> None:
        spare_own(cloud, row, data)
        set_enabled(cloud, row, False)

    return (
        enabling(
            run=enable,
            says=texts_of(
                gettext_lazy("%(name)s can be used again, with the roles as they were."),
                gettext_lazy("They can be used again, with the roles as they were."),
            ),
            when=lambda row: gettext_lazy("It is enabled already.") if row.is_enabled else when(row),
            icon="circle-check",
            roles=roles,
            cli=lambda row, data: ("openstack", command, "set", "--enable", row.id),
        ),
        disabling(
            run=disable,
            says=texts_of(*disabled),
            when=lambda row: when(row) if row.is_enabled else gettext_lazy("It is disabled already."),
            form=form,
            icon="circle-x",
            roles=roles,
            is_dangerous=True,
            cli=lambda row, data: ("openstack", command, "set", "--disable", row.id),
        ),
    )
