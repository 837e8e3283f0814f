"""Services: what the catalog names, each with its endpoints by region and interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import services_catalog as catalog
from dashboard.cloud import services_catalog_changes as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.services_catalog import INTERFACES, Endpoint, Service
from dashboard.panels.catalog import words
from dashboard.panels.catalog.forms import EndpointForm, NewServiceForm, ServiceForm
from dashboard.ui import health
from dashboard.ui.actions import disabling, editing, enabling, removal
from dashboard.ui.columns import DESCRIPTION, ID, LIST, NAME, OPTIONAL_ID, STATUS, column
from dashboard.ui.panel import IDENTITY_ADMIN, THEN, Action, Create, Filter, Group, Panel, Tab, may

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """An endpoint with its health."""

    endpoint: Endpoint
    seen: list[health.Seen]


@dataclass(frozen=True)
class Cell:
    """The endpoints of one region and interface: one, as a rule."""

    interface: str
    endpoints: tuple[Shown, ...]


@dataclass(frozen=True)
class RegionRow:
    """A line of the table region by interface."""

    region: str
    cells: tuple[Cell, ...]


def table(endpoints: list[Endpoint], region: str) -> list[RegionRow]:
    """The endpoints by region and interface; a service that has none has an empty line for this region."""
    regions = sorted({item.region_id for item in endpoints}) or [region]
    return [
        RegionRow(
            name,
            tuple(
                Cell(
                    kind,
                    tuple(
                        Shown(item, health.seen(item))
                        for item in endpoints
                        if (item.region_id, item.interface) == (name, kind)
                    ),
                )
                for kind in INTERFACES
            ),
        )
        for name in regions
    ]


def endpoints_tab(cloud: Cloud, row: Service) -> Mapping[str, Any]:
    """The table of the service's endpoints."""
    found = health.with_health(cloud, row.endpoints)
    return {
        "table": table(found, cloud.region),
        "interfaces": words.INTERFACES,
        "endpoints": found,
        "may_change": may(cloud, IDENTITY_ADMIN),
    }


def create(cloud: Cloud, data: Data) -> Service:
    """Makes the service of the form with its endpoints."""
    return do.create_service(
        cloud,
        type=data["type"],
        name=data["title"],
        description=data["description"],
        is_enabled=data["is_enabled"],
        region_id=data["region_id"],
        urls=data["urls"],
    )


def create_cli(data: Data) -> tuple[str, ...]:
    """The commands for the form."""
    name = data["title"] or data["type"]
    found: list[str] = ["openstack", "service", "create", "--name", name, data["type"]]
    for interface, url in data["urls"].items():
        region = ("--region", data["region_id"]) if data["region_id"] else ()
        found += [THEN, "openstack", "endpoint", "create", *region, name, interface, url]
    return tuple(found)


def edit(cloud: Cloud, row: Service, data: Data) -> None:
    """Changes what was changed in the form."""
    wanted = {
        "type": data["type"],
        "name": data["title"],
        "description": data["description"],
        "enabled": data["is_enabled"],
    }
    now = {"type": row.type, "name": row.title, "description": row.description, "enabled": row.is_enabled}
    changed = {key: value for key, value in wanted.items() if value != now[key]}
    if changed:
        do.update_service(cloud, row, changed)


def add_endpoint(cloud: Cloud, row: Service, data: Data) -> None:
    """Makes the endpoint of the form for this service."""
    do.create_endpoint(
        cloud,
        service_id=row.id,
        interface=data["interface"],
        url=data["url"],
        region_id=data["region_id"],
        is_enabled=data["is_enabled"],
    )


def switch(is_on: bool) -> Any:
    """Has tokens name services, or no more."""
    return lambda cloud, row, data: do.update_service(cloud, row, {"enabled": is_on})


def why_not_disable(row: Service) -> Any:
    """One that is off is off; the last way to Keystone stays."""
    if not row.is_enabled:
        return _("It is disabled already.")
    return words.LAST_SERVICE if row.is_last_identity else ""


def warning(rows: Any) -> str:
    """What it means for this dashboard; which the rows of a dialog do not know, so it goes by the kind."""
    return words.warning(item for row in rows for item in row.endpoints)


def cli(*given: str) -> Any:
    """A command about one service."""
    return lambda row, data: ("openstack", "service", *given, row.id)


TYPE = column("type", gettext_lazy("Type"), sort="type")
REGIONS = column("regions", gettext_lazy("Regions"), lambda row: list(row.regions), LIST)
HEALTH = column("health", gettext_lazy("Health"), words.seen_of_all, health.CELL)
PANEL: Panel[Service] = Panel(
    slug="services",
    title=gettext_lazy("Services"),
    noun=gettext_lazy("service"),
    nouns=gettext_lazy("services"),
    group="identity",
    icon="api",
    service=catalog.IDENTITY,
    about=gettext_lazy(
        "The catalog names the cloud's services, so that clients find them. What is here is only said of them: a "
        "service is not started or stopped by it."
    ),
    rows=catalog.list_services,
    row=catalog.get_service,
    raw=catalog.get_service_json,
    joined=words.join_services,
    foot="catalog/foot.html",
    columns=(
        NAME,
        TYPE,
        column("endpoints", gettext_lazy("Endpoints"), lambda row: len(row.endpoints), is_numeric=True),
        REGIONS,
        HEALTH,
        column("status", gettext_lazy("State"), words.switch, STATUS, text=lambda row: row.is_enabled),
        column("description", gettext_lazy("Description"), is_optional=True),
        OPTIONAL_ID,
    ),
    filters=(
        Filter(
            key="enabled",
            label=gettext_lazy("State"),
            choices=(("yes", gettext_lazy("Enabled")), ("no", gettext_lazy("Disabled"))),
        ),
        Filter(key="type", label=gettext_lazy("A type")),
        Filter(key="region", label=gettext_lazy("A region")),
    ),
    actions=(
        editing(
            run=edit,
            says=lambda rows: _("%(name)s is called so in new tokens.") % {"name": words.names(rows)},
            form=ServiceForm,
            roles=IDENTITY_ADMIN,
            is_primary=True,
            cli=lambda row, data: (
                *("openstack", "service", "set", "--type", data["type"], "--name", data["title"]),
                *("--description", data["description"], "--enable" if data["is_enabled"] else "--disable", row.id),
            ),
        ),
        Action(
            slug="add-endpoint",
            label=gettext_lazy("Add endpoint"),
            run=add_endpoint,
            says=lambda rows: _("%(name)s gets an address that new tokens name.") % {"name": words.names(rows)},
            form=EndpointForm,
            icon="plus",
            roles=IDENTITY_ADMIN,
            is_bulk=False,
            started=gettext_lazy("Added"),
            cli=lambda row, data: (
                *("openstack", "endpoint", "create"),
                *(("--region", data["region_id"]) if data["region_id"] else ()),
                *(row.id, data["interface"], data["url"]),
            ),
        ),
        enabling(
            run=switch(True),
            says=lambda rows: _("New tokens name the endpoints of %(name)s again.") % {"name": words.names(rows)},
            when=lambda row: _("It is enabled already.") if row.is_enabled else "",
            roles=IDENTITY_ADMIN,
            cli=cli("set", "--enable"),
        ),
        disabling(
            run=switch(False),
            says=lambda rows: (
                _("New tokens name no endpoint of %(name)s, so clients don't find it. It goes on running.")
                % {"name": words.names(rows)}
                + warning(rows)
            ),
            when=why_not_disable,
            roles=IDENTITY_ADMIN,
            cli=cli("set", "--disable"),
        ),
        removal(
            run=lambda cloud, row, data: do.delete_service(cloud, row),
            says=lambda rows: (
                _("%(name)s goes out of the catalog with all its endpoints. It goes on running. It can't be undone.")
                % {"name": words.names(rows)}
                + warning(rows)
            ),
            when=lambda row: words.LAST_SERVICE if row.is_last_identity else "",
            roles=IDENTITY_ADMIN,
            cli=cli("delete"),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create service"), form=NewServiceForm, run=create, roles=IDENTITY_ADMIN, cli=create_cli
    ),
    groups=(
        Group(
            label=gettext_lazy("Service"),
            facts=(ID, TYPE, column("title", gettext_lazy("Name")), DESCRIPTION, REGIONS, HEALTH),
        ),
    ),
    tabs=(
        Tab(
            slug="endpoints",
            label=gettext_lazy("Endpoints"),
            template="catalog/service_endpoints.html",
            load=endpoints_tab,
        ),
    ),
    lookup=catalog.SERVICES,
    default_sort="type",
    roles=words.CATALOG_READER,
    scopes=words.SCOPES,
    id_pattern="[0-9A-Za-z_-]{1,64}",
    extra_urls=(path("health/", health.live, name="health"),),
)
