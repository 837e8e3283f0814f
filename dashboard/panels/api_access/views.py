"""How programs reach this cloud: the addresses of its services, and files that set up the command line."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import client_files as files
from dashboard.cloud.catalog import Endpoint
from dashboard.cloud.config import config
from dashboard.cloud.connection import Cloud
from dashboard.ui import health
from dashboard.ui.health import Seen


@dataclass(frozen=True)
class Address:
    """A row of the table. ``is_used`` marks the address that this dashboard itself calls."""

    endpoint: Endpoint
    is_used: bool
    seen: tuple[Seen, ...] = ()
    """Whether it answers."""
    versions: str = ""


def addresses(cloud: Cloud) -> tuple[Address, ...]:
    """The endpoints of this token's catalog: this region's and the used interface's first."""
    told = health.in_catalog(cloud)
    found = [
        Address(
            endpoint,
            cloud.access.catalog.find(endpoint.service, cloud.region) == endpoint,
            tuple(health.seen(item)),
            health.versions_of(item.health),
        )
        for endpoint, item in zip(cloud.access.catalog.endpoints, told, strict=True)
    ]
    return tuple(
        sorted(
            found,
            key=lambda item: (
                item.endpoint.region != cloud.region,
                item.endpoint.region,
                item.endpoint.service,
                not item.is_used,
                item.endpoint.interface,
            ),
        )
    )


@require_GET
def index(request: Request) -> HttpResponse:
    """The page."""
    cloud = cloud_of(request)
    found = addresses(cloud)
    seen = [item for address in found for item in address.seen]
    context = {
        "cloud": cloud,
        "access": cloud.access,
        "addresses": found,
        "again": health.again(
            urls_for(request, "api-access:health"), (item.mark for item in seen), (item.health for item in seen)
        ),
        "openrc_url": urls_for(request, "api-access:openrc"),
        "clouds_yaml_url": urls_for(request, "api-access:clouds-yaml"),
        "cloud_name": files.cloud_name(cloud.access),
    }
    return render(request, "api_access/index.html", context)


@require_GET
def openrc(request: Request) -> HttpResponse:
    """The openrc file."""
    cloud = cloud_of(request)
    text = files.openrc(cloud.access, region=cloud.region, interface=config().interface)
    return _file(text, "application/x-sh; charset=utf-8", f"{files.file_stem(cloud.access)}-openrc.sh")


@require_GET
def clouds_yaml(request: Request) -> HttpResponse:
    """The clouds.yaml file."""
    cloud = cloud_of(request)
    text = files.clouds_yaml(cloud.access, region=cloud.region, interface=config().interface)
    return _file(text, "application/yaml; charset=utf-8", "clouds.yaml")


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response
