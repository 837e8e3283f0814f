"""Images: what servers are started from, and the snapshots that were taken of servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.urls import re_path
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.images import LOOKUP, Image, get_image, get_image_json, list_images
from dashboard.live import uploads, watch
from dashboard.panels.images import data_views, views
from dashboard.panels.images.actions import ACTIONS
from dashboard.panels.images.columns import COLUMNS, GROUPS
from dashboard.panels.images.tabs import TABS
from dashboard.panels.images.words import SCOPES, STATUSES, TYPES
from dashboard.ui.panel import Create, Filter, Panel

ID = r"(?P<row_id>[0-9a-fA-F-]{32,36})"
ARRIVING = frozenset({"queued", "saving", "uploading"})


def joined(cloud: Cloud, rows: Sequence[Image]) -> Sequence[Image]:
    """The images with the names of their servers, and with what is known of the upload of their data.

    Names come from the list of servers, where it is watched; uploads are asked for only if an image has no data yet.
    """
    if any(image.server_id for image in rows):
        servers = watch.peek(cloud, "servers")
        names = {id: row.name for id, row in servers.rows.items()} if servers is not None else {}
        rows = [replace(image, server_name=names.get(image.server_id, "")) for image in rows]
    if not any(image.status in ARRIVING for image in rows):
        return rows
    known = uploads.known(cloud)
    return [replace(image, upload=known.get(image.id)) if image.status in ARRIVING else image for image in rows]


PANEL: Panel[Image] = Panel(
    slug="images",
    title=gettext_lazy("Images"),
    noun=gettext_lazy("image"),
    nouns=gettext_lazy("images"),
    group="compute",
    icon="photo",
    service="image",
    about=gettext_lazy(
        "An image is a disk that servers are started from: an operating system, or a snapshot of a server you had."
    ),
    rows=list_images,
    row=get_image,
    raw=get_image_json,
    joined=joined,
    columns=COLUMNS,
    filters=(
        Filter(key="scope", label=gettext_lazy("Whose"), choices=tuple(SCOPES.items())),
        Filter(
            key="status",
            label=gettext_lazy("Status"),
            choices=tuple((key, label) for key, (label, _tone) in STATUSES.items()),
        ),
        Filter(key="type", label=gettext_lazy("Type"), choices=tuple(TYPES.items())),
        Filter(key="visibility", label=gettext_lazy("Visibility"), hint="visibility:private"),
        Filter(key="owner", label=gettext_lazy("Owner"), hint="owner:mine"),
        Filter(key="os", label=gettext_lazy("Operating system"), hint="os:ubuntu"),
        Filter(key="format", label=gettext_lazy("Format"), hint="format:qcow2"),
        Filter(key="tag", label=gettext_lazy("Tag"), hint="tag:golden"),
        Filter(key="protected", label=gettext_lazy("Protected"), hint="protected:yes"),
    ),
    actions=ACTIONS,
    create=Create(label=gettext_lazy("Create an image"), url_name="images:new"),
    groups=GROUPS,
    tabs=TABS,
    header="images/header.html",
    lookup=LOOKUP,
    live="images",
    default_sort="name",
    extra_urls=(
        re_path(r"^new/$", views.create, name="new"),
        re_path(rf"^{ID}/data/$", data_views.data, name="data"),
        re_path(rf"^{ID}/data/stream/$", data_views.stream, name="stream"),
        re_path(rf"^{ID}/data/state/$", data_views.state, name="state"),
        re_path(rf"^{ID}/data/discard/$", data_views.discard, name="discard"),
        re_path(rf"^{ID}/file/$", data_views.file, name="file"),
        re_path(rf"^{ID}/properties/$", views.properties, name="properties"),
    ),
)
