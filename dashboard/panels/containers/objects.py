"""What is in a container, as folders; and objects, each with a page of its own."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy

from dashboard.cloud import swift
from dashboard.cloud.containers import Container
from dashboard.cloud.objects import Object, get_headers, get_object, list_objects, readable
from dashboard.cloud.swift import KEY
from dashboard.panels.containers import object_deleting, object_views
from dashboard.panels.containers.object_acts import ACTIONS
from dashboard.panels.containers.object_place import place_context
from dashboard.panels.containers.object_words import made_of
from dashboard.ui.columns import COPY, LINK, TIME, column
from dashboard.ui.panel import Column, Filter, Group, Panel, Tab
from dashboard.ui.values import Link, Size

CONTAINER = f"(?P<row_id>{KEY})"
ID = rf"{KEY}(?:\.{KEY}){{0,2}}"
SIZE = "ui/cell/size.html"

OBJECTS_TAB: Tab[Container] = Tab(
    slug="objects",
    label=gettext_lazy("Objects"),
    template="containers/objects.html",
    load_for=place_context,
)

object_urls: tuple[URLPattern, ...] = (
    re_path(rf"^{CONTAINER}/delete-objects/$", object_deleting.delete, name="delete-objects"),
    re_path(rf"^{CONTAINER}/make-folder/$", object_views.make_folder, name="make-folder"),
    re_path(rf"^{CONTAINER}/archive-ticked/$", object_views.archive_ticked, name="archive-ticked"),
)


def header(name: str, label: Any) -> Column[Object]:
    """A header that browsers are given, where it is set."""
    return column(name, label, lambda item: item.headers.get(name, ""), is_optional=True)


COLUMNS: tuple[Column[Object], ...] = (
    column("name", gettext_lazy("Name"), cell="ui/cell/name.html"),
    column(
        "container",
        gettext_lazy("Container"),
        lambda item: Link(readable(item.container), "containers:detail", swift.key_of(item.container)),
        LINK,
    ),
    column(
        "size",
        gettext_lazy("Size"),
        lambda item: Size(item.size),
        SIZE,
        is_numeric=True,
        text=lambda item: item.size,
    ),
    column("type", gettext_lazy("Type")),
    column("changed", gettext_lazy("Changed"), cell=TIME),
)

GROUPS: tuple[Group[Object], ...] = (
    Group(
        label=gettext_lazy("Object"),
        facts=(
            column("name", gettext_lazy("Name"), cell=COPY),
            COLUMNS[1],
            column("size", gettext_lazy("Size"), lambda item: Size(item.size), SIZE),
            column("made", gettext_lazy("Made of"), made_of, is_optional=True),
            column("type", gettext_lazy("Content type")),
            column("etag", gettext_lazy("ETag"), cell=COPY),
            COLUMNS[4],
            column("expires", gettext_lazy("Deleted by itself"), cell="containers/end.html"),
            column("version", gettext_lazy("Version"), "version_id", COPY, is_optional=True),
        ),
    ),
    Group(
        label=gettext_lazy("Metadata"),
        facts=(
            header("content-disposition", gettext_lazy("Content-Disposition")),
            header("content-encoding", gettext_lazy("Content-Encoding")),
            header("cache-control", gettext_lazy("Cache-Control")),
            header("content-language", gettext_lazy("Content-Language")),
            column("metadata", gettext_lazy("Own"), cell="containers/object_pairs.html"),
        ),
    ),
)

OBJECTS: Panel[Object] = Panel(
    slug="objects",
    title=gettext_lazy("Objects"),
    noun=gettext_lazy("object"),
    nouns=gettext_lazy("objects"),
    group="object-store",
    icon="file",
    service=swift.SERVICE,
    about=gettext_lazy(
        "An object is a file with what is said of it. Here they are listed by the beginnings of their names, through"
        " all containers."
    ),
    rows=list_objects,
    row=get_object,
    raw=get_headers,
    columns=COLUMNS,
    filters=(Filter(key="container", label=gettext_lazy("Container"), hint="container:photos"),),
    actions=ACTIONS,
    groups=GROUPS,
    tabs=(
        Tab(
            slug="preview",
            label=gettext_lazy("Preview"),
            template="containers/object_preview.html",
            load=object_views.preview,
        ),
        Tab(
            slug="versions",
            label=gettext_lazy("Versions"),
            template="containers/object_versions.html",
            load=object_views.versions,
            is_offered=lambda cloud, item: swift.info(cloud).has("object_versioning"),
        ),
    ),
    header="containers/object_header.html",
    is_in_menu=False,
    parent="containers",
    id_pattern=ID,
    extra_urls=(
        path("act/<slug:slug>/", object_views.act, name="act"),
        path("folder-url/", object_views.folder_url, name="folder-url"),
        re_path(rf"^(?P<row_id>{ID})/inline/$", object_views.inline, name="inline"),
    ),
)
