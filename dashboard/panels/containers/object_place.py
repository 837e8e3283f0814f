"""A place in a container: its folders and objects, a page at a time, and the way through them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import temp_urls
from dashboard.cloud.containers import Container
from dashboard.cloud.errors import NotFound
from dashboard.cloud.objects import Folder, Object, id_of, read_place, readable
from dashboard.cloud.swift import KEY, key_of, name_of
from dashboard.live import jobs
from dashboard.panels.containers.object_words import crumbs, icon_of, place_url
from dashboard.panels.containers.upload_page import upload_context
from dashboard.ui import registry
from dashboard.ui.labels import worded
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER

LONGEST = 1024


@dataclass(frozen=True)
class FolderRow:
    """A folder as a row."""

    folder: Folder
    key: str
    url: str


@dataclass(frozen=True)
class ObjectRow:
    """An object as a row. ``label`` is its name from the place on."""

    item: Object
    key: str
    label: str
    icon: str


def place_context(request: Request, container: Container) -> Mapping[str, Any]:
    """What ``containers/objects.html`` shows: one page of a place, by one request to Swift. Raises CloudError."""
    cloud, asked = cloud_of(request), request.GET
    prefix, begins = asked.get("prefix", "")[:LONGEST], asked.get("q", "")[:LONGEST]
    is_deep = asked.get("deep") == "1"
    place = read_place(
        cloud,
        container.name,
        prefix,
        begins=begins,
        marker=_named(asked.get("marker", "")),
        before=_named(asked.get("before", "")),
        is_deep=is_deep,
    )

    def here(**query: str) -> str:
        return place_url(request, container.name, prefix, **({"q": begins, "deep": "1" if is_deep else ""} | query))

    steps = crumbs(request, container.name, prefix)
    why_not = why_not_allowed(request, MEMBER)
    return {
        **upload_context(request, container.name, prefix),
        "container": container,
        "place": place,
        "prefix": prefix,
        "begins": begins,
        "is_deep": is_deep,
        "is_narrowed": bool(begins or is_deep),
        "crumbs": steps,
        "up_url": steps[-2].url if len(steps) > 1 else "",
        "folders": [
            FolderRow(folder, key_of(folder.prefix), place_url(request, container.name, folder.prefix))
            for folder in place.folders
        ],
        "objects": [ObjectRow(item, key_of(item.path), _label(item, prefix), icon_of(item)) for item in place.objects],
        "objects_panel": registry.panel("objects"),
        "path": urls_for(request, "containers:detail", container.id),
        "here": here(),
        "plain_url": place_url(request, container.name, prefix),
        "first_url": here(),
        "next_url": here(marker=key_of(place.marker)) if place.marker else "",
        "previous_url": here(before=key_of(place.before)) if place.before else "",
        "delete_url": urls_for(request, "containers:delete-objects", row_id=container.id),
        "folder_url": urls_for(request, "containers:make-folder", row_id=container.id),
        "link_url": _link_url(request, container, prefix),
        "archive_url": urls_for(request, "containers:archive", row_id=container.id),
        "archive_ticked_url": urls_for(request, "containers:archive-ticked", row_id=container.id),
        "why_not_change": why_not,
        "operations": _jobs(request, container.name),
    }


def _named(key: str) -> str:
    """The name that a page begins after; "" for what no link of ours says."""
    try:
        return name_of(key) if re.fullmatch(KEY, key) else ""
    except NotFound:
        return ""


def _label(item: Object, prefix: str) -> str:
    return readable(item.path[len(prefix) :])


def _link_url(request: Request, container: Container, prefix: str) -> str:
    """Where a temporary URL for everything at this place is made; "" where there are none."""
    if not prefix or not temp_urls.is_offered(cloud_of(request)) or why_not_allowed(request, MEMBER):
        return ""
    return f"{urls_for(request, 'objects:folder-url')}?id={id_of(container.name, prefix)}"


def _jobs(request: Request, container: str) -> list[Any]:
    """What this person set going here and may still want to know of."""
    cloud, begin = cloud_of(request), place_url(request, container)
    found = jobs.recent(cloud, cloud.access.person.id)
    mine = [job for job in found if job.panel == "objects" and job.is_shown and job.url.startswith(begin)]
    return [worded(job) for job in mine]
