"""Subnet pools: ranges that subnets are cut from, so that none overlap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.subnet_pools import POOLS, SubnetPool
from dashboard.cloud.types import Term
from dashboard.panels.subnet_pools.forms import PoolForm, pool_body
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import (
    ALL_PROJECTS,
    BOOL,
    CREATED,
    DESCRIPTION,
    ID,
    LINK,
    LIST,
    NAME,
    OPTIONAL_PROJECT,
    PROJECT,
    UPDATED,
    VERSIONS,
    column,
)
from dashboard.ui.panel import Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link

NEW = SubnetPool("", "")


def create(cloud: Cloud, data: Mapping[str, Any]) -> SubnetPool:
    """Makes the pool of the form."""
    return POOLS.create(cloud, pool_body(NEW, {key: value for key, value in data.items() if value not in (None, "")}))


def edit(cloud: Cloud, pool: SubnetPool, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    POOLS.update(cloud, pool.id, pool_body(pool, data))


def says_edit(rows: Any) -> str:
    """What changing it means."""
    return _("%(name)s: ranges can be added but not taken away, and subnets that were cut from it stay.") % {
        "name": rows[0].name
    }


def create_cli(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The command that does the same."""
    words = ["openstack", "subnet", "pool", "create"]
    for prefix in data["prefixes"]:
        words += ["--pool-prefix", prefix]
    for key in ("default", "min", "max"):
        if data.get(f"{key}_prefix_length") is not None:
            words += [f"--{key}-prefix-length", str(data[f"{key}_prefix_length"])]
    return (*words, data["name"])


PREFIXES = column("prefixes", gettext_lazy("Ranges"), lambda pool: list(pool.prefixes), LIST)
SCOPE = column(
    "scope",
    gettext_lazy("Address scope"),
    lambda pool: Link(pool.address_scope_id[:8], "address-scopes:detail", pool.address_scope_id),
    LINK,
    text=lambda pool: pool.address_scope_id,
)
LENGTH = column("length", gettext_lazy("Usual prefix length"), "default_prefix_length", is_numeric=True)
SHARED = column("shared", gettext_lazy("Shared"), "is_shared", BOOL)
DEFAULT = column("default", gettext_lazy("Default"), "is_default", BOOL, is_optional=True)
PANEL: Panel[Any] = Panel(
    slug="subnet-pools",
    title=gettext_lazy("Subnet pools"),
    noun=gettext_lazy("subnet pool"),
    nouns=gettext_lazy("subnet pools"),
    group="network",
    is_minor=True,
    icon="stack-2",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "subnet_allocation"),
    about=gettext_lazy("A subnet pool is a range of addresses; new subnets take theirs from it, so that none overlap."),
    rows=POOLS.page,
    row=POOLS.get,
    raw=POOLS.get_json,
    columns=(NAME, PREFIXES, LENGTH, SCOPE, SHARED, DEFAULT, DESCRIPTION, OPTIONAL_PROJECT),
    filters=(
        Filter(key="version", label=gettext_lazy("IP version"), choices=VERSIONS),
        Filter(key="shared", label=gettext_lazy("Shared"), hint=gettext_lazy("yes or no")),
        Filter(key="scope", label=gettext_lazy("An address scope's id")),
        ALL_PROJECTS,
    ),
    actions=(
        editing(
            run=edit,
            says=says_edit,
            form=PoolForm,
            icon="edit",
            is_primary=True,
        ),
        deletion(
            lambda cloud, pool: POOLS.delete(cloud, pool.id),
            gettext_lazy("The subnet pool %(name)s will be deleted, if no subnet was cut from it."),
            gettext_lazy("These subnet pools will be deleted, where no subnet was cut from them."),
            command=("subnet", "pool", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Create subnet pool"), form=PoolForm, run=create, cli=create_cli),
    groups=(
        Group(
            label=gettext_lazy("Subnet pool"),
            facts=(ID, DESCRIPTION, PREFIXES, SCOPE, SHARED, DEFAULT, PROJECT, CREATED, UPDATED),
        ),
        Group(
            label=gettext_lazy("What subnets get"),
            facts=(
                LENGTH,
                column("min", gettext_lazy("Shortest prefix length"), "min_prefix_length"),
                column("max", gettext_lazy("Longest prefix length"), "max_prefix_length"),
                column("quota", gettext_lazy("Quota for each project"), "default_quota"),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="subnets",
            label=gettext_lazy("Subnets"),
            lists="subnets",
            terms=lambda pool: (Term("pool", pool.id),),
        ),
    ),
    default_sort="name",
)
