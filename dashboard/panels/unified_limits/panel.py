"""Unified limits: the defaults that Keystone keeps for services, and what single projects and domains have instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import unified_limits as limits
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.types import Quota, Term
from dashboard.cloud.unified_limits import Limit, RegisteredLimit
from dashboard.panels.unified_limits.forms import MODELS, EditForm, LimitForm, RegisteredForm
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import DESCRIPTION, ID, column
from dashboard.ui.panel import IDENTITY_ADMIN, IDENTITY_READER, Create, Filter, Group, Panel, Tab

Data = Mapping[str, Any]
SCOPES = ("project", "domain", "system")


def shown(number: int) -> str:
    """A limit in words: Keystone writes -1 for none."""
    return _("no limit") if number < 0 else str(number)


def create_registered(cloud: Cloud, data: Data) -> RegisteredLimit:
    """Makes the default of the form."""
    return limits.create_registered(cloud, data)


def edit_registered(cloud: Cloud, row: RegisteredLimit, data: Data) -> None:
    """Changes the default."""
    limits.edit_registered(cloud, row.id, limit=data["limit"], description=data["description"])


def delete_registered(cloud: Cloud, row: RegisteredLimit, data: Data) -> None:
    """Deletes the default."""
    limits.delete_registered(cloud, row.id)


def create_limit(cloud: Cloud, data: Data) -> Limit:
    """Gives a project or domain the limit of the form."""
    registered = limits.get_registered(cloud, data["registered"])
    return limits.create_limit(
        cloud, registered, data["owner_id"], is_domain=data["kind"] == "domains", limit=data["limit"]
    )


def edit_limit(cloud: Cloud, row: Limit, data: Data) -> None:
    """Changes the limit."""
    limits.edit_limit(cloud, row.id, limit=data["limit"], description=data["description"])


def delete_limit(cloud: Cloud, row: Limit, data: Data) -> None:
    """Deletes the limit."""
    limits.delete_limit(cloud, row.id)


def _names(rows: Sequence[Any]) -> str:
    return ", ".join(row.name for row in rows)


def says_edit_registered(rows: Sequence[RegisteredLimit]) -> str:
    """What it means."""
    return _("Every project without a limit of its own may have so much of %(names)s.") % {"names": _names(rows)}


def says_delete_registered(rows: Sequence[RegisteredLimit]) -> str:
    """What it means."""
    return _(
        "The default of %(names)s is deleted; a service that asks for it may then refuse everything. "
        "Keystone keeps it while projects or domains have limits of it."
    ) % {"names": _names(rows)}


def says_edit_limit(rows: Sequence[Limit]) -> str:
    """What it means."""
    return _("%(owner)s may have so much of %(names)s. What it has already stays.") % {
        "owner": rows[0].owner,
        "names": _names(rows),
    }


def says_delete_limit(rows: Sequence[Limit]) -> str:
    """What it means."""
    return _("The default holds again for: %(names)s.") % {
        "names": ", ".join(f"{row.owner} ({row.name})" for row in rows)
    }


def load_use(cloud: Cloud, row: RegisteredLimit) -> dict[str, Any]:
    """The model, and what Glance says is used in this project, if it is Glance's and it says. Raises CloudError."""
    name, words = limits.get_model(cloud)
    found: dict[str, Any] = {"model": MODELS.get(name, name), "words": words if name not in MODELS else ""}
    if row.service == "glance" and cloud.project_id and cloud.offers("image"):
        try:
            used = limits.image_usage(cloud).get(row.resource)
        except Unauthorized:
            raise
        except CloudError:
            used = None
        if used is not None:
            unit = "MiB" if row.resource.endswith(("size_total", "stage_total")) else ""
            found["quota"] = Quota(row.resource, used[0], used[1], unit)
    return found


RESOURCE = column("name", gettext_lazy("Resource"), cell="ui/cell/name.html", sort="name")
SERVICE = column("service", gettext_lazy("Service"), sort="service")
REGION = column("region", gettext_lazy("Region"))
DEFAULT = column("default", gettext_lazy("Default"), lambda row: shown(row.default), sort="default", is_numeric=True)
NUMBER = column("limit", gettext_lazy("Limit"), lambda row: shown(row.limit), sort="limit", is_numeric=True)
OWNER = column("owner", gettext_lazy("For"), sort="owner")
OWNER_ID = column("owner_id", gettext_lazy("Its id"), lambda row: row.project_id or row.domain_id, "ui/cell/copy.html")

REGISTERED: Panel[RegisteredLimit] = Panel(
    slug="registered-limits",
    title=gettext_lazy("Unified limits"),
    noun=gettext_lazy("default limit"),
    nouns=gettext_lazy("default limits"),
    group="identity",
    is_minor=True,
    icon="scale",
    service="identity",
    scopes=SCOPES,
    roles=IDENTITY_READER,
    about=gettext_lazy(
        "Services that are set up for it, Glance and Nova among them, ask Keystone how much a project may have. "
        "These are the defaults; a project or domain may have a limit of its own."
    ),
    rows=limits.list_registered,
    row=limits.get_registered,
    raw=limits.get_registered_json,
    columns=(RESOURCE, SERVICE, DEFAULT, REGION, DESCRIPTION),
    filters=(Filter(key="service", label=gettext_lazy("Service")), Filter(key="region", label=gettext_lazy("Region"))),
    actions=(
        editing(
            run=edit_registered,
            says=says_edit_registered,
            form=EditForm,
            icon="edit",
            is_primary=True,
            roles=IDENTITY_ADMIN,
            started=gettext_lazy("Limit saved"),
            cli=lambda row, data: (
                *("openstack", "registered", "limit", "set", "--default-limit", str(data["limit"])),
                row.id,
            ),
        ),
        removal(
            run=delete_registered,
            says=says_delete_registered,
            roles=IDENTITY_ADMIN,
            cli=lambda row, data: ("openstack", "registered", "limit", "delete", row.id),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create a default limit"),
        form=RegisteredForm,
        run=create_registered,
        roles=IDENTITY_ADMIN,
        cli=lambda data: (
            *("openstack", "registered", "limit", "create", "--service", data["service"]),
            *("--default-limit", str(data["limit"])),
            *(("--region", data["region"]) if data["region"] else ()),
            data["resource"],
        ),
    ),
    groups=(
        Group(
            label=gettext_lazy("Default limit"),
            facts=(ID, RESOURCE, SERVICE, DEFAULT, REGION, DESCRIPTION),
        ),
    ),
    tabs=(
        Tab(
            slug="limits",
            label=gettext_lazy("Limits of projects and domains"),
            lists="unified-limits",
            terms=lambda row: (Term("resource", row.resource), Term("service", row.service)),
        ),
        Tab(slug="use", label=gettext_lazy("Use"), template="unified_limits/use.html", load=load_use),
    ),
    lookup=limits.REGISTERED,
    default_sort="name",
)

LIMITS: Panel[Limit] = Panel(
    slug="unified-limits",
    title=gettext_lazy("Limits of projects"),
    noun=gettext_lazy("limit"),
    nouns=gettext_lazy("limits"),
    group="identity",
    is_in_menu=False,
    parent="registered-limits",
    icon="scale",
    service="identity",
    scopes=SCOPES,
    roles=IDENTITY_READER,
    about=gettext_lazy("What single projects and domains may have in place of the default."),
    rows=limits.list_limits,
    row=limits.get_limit,
    raw=limits.get_limit_json,
    columns=(RESOURCE, OWNER, NUMBER, SERVICE, REGION),
    filters=(
        Filter(key="service", label=gettext_lazy("Service")),
        Filter(key="resource", label=gettext_lazy("Resource")),
        Filter(key="project", label=gettext_lazy("Project")),
    ),
    actions=(
        editing(
            run=edit_limit,
            says=says_edit_limit,
            form=EditForm,
            icon="edit",
            is_primary=True,
            roles=IDENTITY_ADMIN,
            started=gettext_lazy("Limit saved"),
            cli=lambda row, data: ("openstack", "limit", "set", "--resource-limit", str(data["limit"]), row.id),
        ),
        removal(
            run=delete_limit,
            says=says_delete_limit,
            roles=IDENTITY_ADMIN,
            cli=lambda row, data: ("openstack", "limit", "delete", row.id),
        ),
    ),
    create=Create(
        label=gettext_lazy("Give another limit"),
        form=LimitForm,
        run=create_limit,
        roles=IDENTITY_ADMIN,
    ),
    groups=(
        Group(
            label=gettext_lazy("Limit"),
            facts=(ID, RESOURCE, OWNER, OWNER_ID, NUMBER, SERVICE, REGION, DESCRIPTION),
        ),
    ),
    lookup=limits.LIMITS,
    default_sort="name",
)
