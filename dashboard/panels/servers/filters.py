"""What the list of servers can be narrowed by, and the names that ids are also known by."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import flavors, images, volumes
from dashboard.cloud.ages import ages
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.server_query import by_address
from dashboard.cloud.types import Query
from dashboard.cloud.user_names import list_user_names
from dashboard.live import cache
from dashboard.panels.servers.words import STATUSES
from dashboard.ui.panel import Filter
from dashboard.ui.terms import wrong_flag

NAMES_SECONDS = 300
VOLUMES_SECONDS = 60


def image_names(cloud: Cloud) -> dict[str, str]:
    """Names of the images that the scope sees, by id; read once in a while for everybody who sees the same."""

    def fetch() -> dict[str, str]:
        return {image.id: image.name for image in images.list_images(cloud, Query(limit=5000)).rows}

    found: dict[str, str] = cache.cached(cloud, "image-names", NAMES_SECONDS, fetch)
    return found


def flavor_ids(cloud: Cloud) -> Mapping[str, str]:
    """Flavors' ids by their names: servers tell the name alone."""

    def fetch() -> dict[str, str]:
        return {flavor.name: flavor.id for flavor in flavors.list_all_flavors(cloud)}

    return cache.cached(cloud, "flavor-ids", NAMES_SECONDS, fetch)


def volume_names(cloud: Cloud) -> Mapping[str, str]:
    """Names of the project's volumes, by id."""
    if not cloud.offers("block-storage"):
        return {}

    def fetch() -> dict[str, str]:
        return {volume.id: volume.name for volume in volumes.list_volumes(cloud, Query(limit=5000)).rows}

    return cache.cached(cloud, "volume-names", VOLUMES_SECONDS, fetch)


def creators(cloud: Cloud) -> Mapping[str, str]:
    """Users' names by id: one's own, which is all that people without special roles may know, or everybody's."""
    person = cloud.access.person
    own = {person.id: person.name}
    if not cloud.has_role("admin"):
        return own
    try:
        found = cache.cached(cloud, "user-names", NAMES_SECONDS, lambda: list_user_names(cloud), is_own=True)
    except CloudError:
        return own
    return {**found, **own}


def wrong_age(value: str) -> str:
    if ages(value) is not None:
        return ""
    return _("“%(value)s” is no time. Write 1h, <7d, >30d or 2026-11-20 (m, h, d, w).") % {"value": value}


def wrong_address(value: str) -> str:
    if by_address(value) is not None:
        return ""
    return _("“%(value)s” is no range of addresses.") % {"value": value}


YES_NO = gettext_lazy("yes or no")
AGES = gettext_lazy("1h: within the last hour, >30d: longer ago, 2026-11-20: that day")
FILTERS = (
    Filter(
        key="status",
        label=gettext_lazy("Status"),
        choices=tuple((key, label) for key, (label, _tone) in STATUSES.items()),
    ),
    Filter(key="name", label=gettext_lazy("The whole name"), hint=gettext_lazy("web-* for a beginning")),
    Filter(
        key="ip",
        label=gettext_lazy("An address"),
        hint=gettext_lazy("10.0.0.5, 10.0. for a beginning, 10.0.0.0/24 for a range"),
        wrong=wrong_address,
    ),
    Filter(key="network", label=gettext_lazy("A network's name")),
    Filter(key="image", label=gettext_lazy("An image's name or id"), names=image_names),
    Filter(key="flavor", label=gettext_lazy("A flavor's name or id"), names=flavor_ids),
    Filter(key="key", label=gettext_lazy("A key pair's name")),
    Filter(key="zone", label=gettext_lazy("An availability zone")),
    Filter(key="tag", label=gettext_lazy("A tag")),
    Filter(key="group", label=gettext_lazy("A security group's name")),
    Filter(key="volume", label=gettext_lazy("A volume's name or id"), names=volume_names),
    Filter(key="created", label=gettext_lazy("Created"), hint=AGES, wrong=wrong_age),
    Filter(key="changed", label=gettext_lazy("Changed"), hint=AGES, wrong=wrong_age),
    Filter(
        key="creator",
        label=gettext_lazy("Who made it"),
        hint=gettext_lazy("a user's id, or your own name"),
        names=creators,
    ),
    Filter(key="fault", label=gettext_lazy("Something went wrong with it"), hint=YES_NO, wrong=wrong_flag),
    Filter(key="locked", label=gettext_lazy("Locked"), hint=YES_NO, wrong=wrong_flag),
    Filter(key="task", label=gettext_lazy("The task that runs")),
    Filter(key="host", label=gettext_lazy("A host"), hint=gettext_lazy("for administrators")),
    Filter(key="id", label=gettext_lazy("The whole id")),
)
