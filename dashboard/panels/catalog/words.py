"""What the catalog's panels say alike: who may, what is used here, whether an address answers, why it can't be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.endpoint_urls import Wrong
from dashboard.cloud.services_catalog import Endpoint, Service, is_identity
from dashboard.ui import health
from dashboard.ui.panel import ADMIN, READER, RolesIn
from dashboard.ui.values import Status

CATALOG_READER = RolesIn(project=ADMIN, domain=ADMIN, system=READER)
"""Who may look at the catalog as it is kept, by Keystone's defaults."""
SCOPES = ("project", "domain", "system")
INTERFACES = (
    ("public", gettext_lazy("Public")),
    ("internal", gettext_lazy("Internal")),
    ("admin", gettext_lazy("Admin")),
)
LAST = gettext_lazy(
    "It is the only enabled public endpoint of Keystone. Without it nobody finds Keystone in the catalog any more: "
    "make another one first."
)
LAST_SERVICE = gettext_lazy(
    "It has the only enabled public endpoint of Keystone. Without it nobody finds Keystone in the catalog any more."
)


def join_endpoints(cloud: Cloud, rows: Sequence[Endpoint]) -> list[Endpoint]:
    """A list's endpoints, with their health."""
    return health.with_health(cloud, rows)


def join_services(cloud: Cloud, rows: Sequence[Service]) -> list[Service]:
    """A list's services, with their endpoints' health."""
    told = {item.id: item for item in health.with_health(cloud, [each for row in rows for each in row.endpoints])}
    return [replace(row, endpoints=tuple(told[item.id] for item in row.endpoints)) for row in rows]


def seen_of_all(service: Service) -> list[health.Seen]:
    """The health of a service: once for each place that its endpoints are asked at, which often is one for all."""
    by_mark: dict[str, list[Endpoint]] = {}
    for endpoint in service.endpoints:
        if endpoint.mark:
            by_mark.setdefault(endpoint.mark, []).append(endpoint)
    several = len(by_mark) > 1
    return [
        health.Seen(mark, endpoints[0].health, _labels(service, endpoints) if several else "")
        for mark, endpoints in by_mark.items()
    ]


def _labels(service: Service, endpoints: Sequence[Endpoint]) -> str:
    names = dict.fromkeys(
        f"{item.region_id} {item.interface}".strip() if len(service.regions) > 1 else item.interface
        for item in endpoints
    )
    return ", ".join(names)


def switch(item: Endpoint | Service) -> Status:
    """Enabled or not."""
    if not item.is_enabled:
        return Status(_("Disabled"), "off")
    if isinstance(item, Endpoint) and not item.is_service_enabled:
        return Status(_("Enabled"), "off", _("service disabled"))
    return Status(_("Enabled"), "ok")


def url_words(wrong: Wrong) -> str:
    """Why a text can't be an endpoint's URL."""
    match wrong.what:
        case "long":
            return _("Keystone takes at most %(n)s characters.") % {"n": wrong.about}
        case "characters":
            return _("There is a space, or another character that no address has.")
        case "template":
            return _(
                "Keystone fills in no “%(name)s”: it knows project_id, tenant_id, user_id, compute_host and "
                "public_endpoint."
            ) % {"name": wrong.about}
        case "sign":
            return _("A template is not whole: they look like $(project_id)s.")
        case "scheme":
            return _("An address begins with http:// or https://.")
        case "password":
            return _("An address in the catalog is read by everybody: no user name and password in it.")
        case "query":
            return _("Clients put a path behind it: it can't have ? or # in it.")
        case "link-local":
            return _("This address is good on one machine alone.")
    return _("This is no address.")


def warning(rows: Iterable[Endpoint]) -> str:
    """What it means that some of these are used by this dashboard, or are Keystone's."""
    rows = list(rows)
    if any(row.is_used for row in rows):
        return " " + _("Belvedere itself calls it: its pages of this service are gone then.")
    if any(is_identity(row.service_type) for row in rows):
        return " " + _("It is Keystone's: services that find it by this endpoint can prove no token any more.")
    return ""


def names(rows: Sequence[Any]) -> str:
    """What a sentence calls the rows."""
    return ", ".join(row.name for row in rows)
