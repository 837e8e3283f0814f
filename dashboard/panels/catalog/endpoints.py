"""Endpoints: where services answer, whether they do, and which of them this dashboard calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import services_catalog as catalog
from dashboard.cloud import services_catalog_changes as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.services_catalog import Endpoint
from dashboard.panels.catalog import words
from dashboard.panels.catalog.forms import EndpointForm, NewEndpointForm
from dashboard.ui import health
from dashboard.ui.actions import disabling, editing, enabling, removal
from dashboard.ui.columns import COPY, ID, LINK, OPTIONAL_ID, STATUS, column
from dashboard.ui.panel import IDENTITY_ADMIN, Create, Filter, Group, Panel, Tab
from dashboard.ui.values import Link

Data = Mapping[str, Any]


def create(cloud: Cloud, data: Data) -> Endpoint:
    """Makes the endpoint of the form."""
    return do.create_endpoint(
        cloud,
        service_id=data["service_id"],
        interface=data["interface"],
        url=data["url"],
        region_id=data["region_id"],
        is_enabled=data["is_enabled"],
    )


def edit(cloud: Cloud, row: Endpoint, data: Data) -> None:
    """Changes what was changed in the form."""
    wanted = {
        "url": data["url"],
        "interface": data["interface"],
        "region_id": data["region_id"] or None,
        "enabled": data["is_enabled"],
    }
    now = {
        "url": row.url,
        "interface": row.interface,
        "region_id": row.region_id or None,
        "enabled": row.is_enabled,
    }
    changed = {key: value for key, value in wanted.items() if value != now[key]}
    if changed:
        do.update_endpoint(cloud, row, changed)


def switch(is_on: bool) -> Any:
    """Has tokens name endpoints, or no more."""
    return lambda cloud, row, data: do.update_endpoint(cloud, row, {"enabled": is_on})


def why_not_disable(row: Endpoint) -> Any:
    """One that is off is off; the last way to Keystone stays."""
    if not row.is_enabled:
        return _("It is disabled already.")
    return words.LAST if row.is_last_identity else ""


def why_not_delete(row: Endpoint) -> Any:
    """The last way to Keystone stays."""
    return words.LAST if row.is_last_identity else ""


def cli(*given: str) -> Any:
    """A command about one endpoint."""
    return lambda row, data: ("openstack", "endpoint", *given, row.id)


def edit_cli(row: Endpoint, data: Data) -> tuple[str, ...]:
    """The command for the form."""
    return (
        *("openstack", "endpoint", "set", "--url", data["url"], "--interface", data["interface"]),
        *(("--region", data["region_id"]) if data["region_id"] else ()),
        "--enable" if data["is_enabled"] else "--disable",
        row.id,
    )


def health_tab(cloud: Cloud, row: Endpoint) -> Mapping[str, Any]:
    """What it said the last time."""
    (found,) = health.with_health(cloud, [row])
    return {
        "seen": health.seen(found)[0],
        "endpoint": found,
        "endpoints": [found],
        "why": health.why_not(found.health) if found.health is not None else "",
        "asked_at": health.asked_at(found),
    }


SERVICE = column(
    "service",
    gettext_lazy("Service"),
    lambda row: Link(row.service_name or row.service_type, "services:detail", row.service_id),
    LINK,
)
INTERFACE = column("interface", gettext_lazy("Interface"), cell="catalog/interface.html", sort="interface")
REGION = column(
    "region",
    gettext_lazy("Region"),
    lambda row: Link(row.region_id, "regions:detail", row.region_id),
    LINK,
    sort="region",
)
URL = column("url", gettext_lazy("URL"), cell=COPY, sort="url")
VERSIONS = column(
    "versions", gettext_lazy("Version"), lambda row: health.versions_of(row.health), "catalog/version.html"
)
PANEL: Panel[Endpoint] = Panel(
    slug="endpoints",
    title=gettext_lazy("Endpoints"),
    noun=gettext_lazy("endpoint"),
    nouns=gettext_lazy("endpoints"),
    group="identity",
    icon="plug-connected",
    service=catalog.IDENTITY,
    about=gettext_lazy(
        "An endpoint is an address of a service, for everybody (public), for the cloud's own services (internal), or "
        "for administrators (admin). Tokens name those that are enabled."
    ),
    rows=catalog.list_endpoints,
    row=catalog.get_endpoint,
    raw=catalog.get_endpoint_json,
    joined=words.join_endpoints,
    foot="catalog/foot.html",
    columns=(
        column("name", gettext_lazy("Endpoint"), lambda row: row.service_type, "ui/cell/name.html", sort="name"),
        INTERFACE,
        REGION,
        URL,
        column("health", gettext_lazy("Health"), health.seen, health.CELL),
        VERSIONS,
        column(
            "status", gettext_lazy("State"), words.switch, STATUS, is_optional=True, text=lambda row: row.is_enabled
        ),
        column("service", SERVICE.label, SERVICE.value, LINK, is_optional=True),
        OPTIONAL_ID,
    ),
    filters=(
        Filter(key="interface", label=gettext_lazy("Interface"), choices=words.INTERFACES),
        Filter(
            key="enabled",
            label=gettext_lazy("State"),
            choices=(("yes", gettext_lazy("Enabled")), ("no", gettext_lazy("Disabled"))),
        ),
        Filter(key="service", label=gettext_lazy("A service's type, name or id")),
        Filter(key="region", label=gettext_lazy("A region")),
    ),
    actions=(
        editing(
            run=edit,
            says=lambda rows: (
                _("%(name)s: tokens name it as it is here from now on. Tokens that are out already name it as it was.")
                % {"name": words.names(rows)}
            ),
            form=EndpointForm,
            roles=IDENTITY_ADMIN,
            is_primary=True,
            cli=edit_cli,
        ),
        enabling(
            run=switch(True),
            says=lambda rows: _("New tokens name %(name)s again.") % {"name": words.names(rows)},
            when=lambda row: _("It is enabled already.") if row.is_enabled else "",
            roles=IDENTITY_ADMIN,
            cli=cli("set", "--enable"),
        ),
        disabling(
            run=switch(False),
            says=lambda rows: (
                _("New tokens name %(name)s no more, so clients don't find it.") % {"name": words.names(rows)}
                + words.warning(rows)
            ),
            when=why_not_disable,
            roles=IDENTITY_ADMIN,
            cli=cli("set", "--disable"),
        ),
        removal(
            run=lambda cloud, row, data: do.delete_endpoint(cloud, row),
            says=lambda rows: (
                _("%(name)s goes out of the catalog. What answers there is not touched. It can't be undone.")
                % {"name": words.names(rows)}
                + words.warning(rows)
            ),
            when=why_not_delete,
            roles=IDENTITY_ADMIN,
            cli=cli("delete"),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create endpoint"),
        form=NewEndpointForm,
        run=create,
        roles=IDENTITY_ADMIN,
        cli=lambda data: (
            *("openstack", "endpoint", "create"),
            *(("--region", data["region_id"]) if data["region_id"] else ()),
            "--enable" if data["is_enabled"] else "--disable",
            *(data["service_id"], data["interface"], data["url"]),
        ),
    ),
    groups=(
        Group(
            label=gettext_lazy("Endpoint"),
            facts=(
                ID,
                SERVICE,
                column("type", gettext_lazy("Type"), "service_type"),
                INTERFACE,
                REGION,
                URL,
                column("title", gettext_lazy("Name"), is_optional=True),
            ),
        ),
        Group(
            label=gettext_lazy("Health"),
            facts=(
                column("health", gettext_lazy("Health"), health.seen, health.CELL),
                VERSIONS,
                column("asked", gettext_lazy("Belvedere asks at"), health.asked_at, is_optional=True),
            ),
        ),
    ),
    tabs=(Tab(slug="health", label=gettext_lazy("Health"), template="catalog/health.html", load=health_tab),),
    lookup=catalog.ENDPOINTS,
    default_sort="name",
    roles=words.CATALOG_READER,
    scopes=words.SCOPES,
    id_pattern="[0-9A-Za-z_-]{1,64}",
    extra_urls=(path("health/", health.live, name="health"),),
)
