"""Containers: where objects are kept, by name, reached from anywhere."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy

from dashboard.cloud import containers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.containers import Container
from dashboard.cloud.swift import KEY, SERVICE
from dashboard.live import emptying
from dashboard.panels.containers.actions import ACTIONS, CREATE
from dashboard.panels.containers.emptying import emptying_urls
from dashboard.panels.containers.objects import OBJECTS_TAB, object_urls
from dashboard.panels.containers.tabs import TABS
from dashboard.panels.containers.transfer_urls import transfer_urls
from dashboard.panels.containers.words import access_of
from dashboard.ui.columns import NAME, STATUS, TIME, column
from dashboard.ui.panel import Column, Filter, Panel
from dashboard.ui.values import Size


def one(cloud: Cloud, id: str) -> Container:
    """A container, and whether it is being emptied. Raises CloudError."""
    found = containers.get_container(cloud, id)
    return replace(found, emptying=emptying.of(cloud, found.name))


COLUMNS: tuple[Column[Container], ...] = (
    NAME,
    column("objects", gettext_lazy("Objects"), sort="objects", is_numeric=True),
    column(
        "bytes",
        gettext_lazy("Size"),
        lambda container: Size(container.bytes),
        "ui/cell/size.html",
        sort="bytes",
        is_numeric=True,
        text=lambda container: container.bytes,
    ),
    column(
        # By this key the page of one has it in its head, too.
        "status",
        gettext_lazy("Access"),
        access_of,
        cell=STATUS,
        text=lambda container: str(access_of(container)),
    ),
    column("policy", gettext_lazy("Storage policy"), is_optional=True),
    column("changed", gettext_lazy("Changed"), cell=TIME, sort="changed"),
)

PANEL: Panel[Container] = Panel(
    slug="containers",
    title=gettext_lazy("Containers"),
    noun=gettext_lazy("container"),
    nouns=gettext_lazy("containers"),
    group="object-store",
    icon="archive",
    service=SERVICE,
    about=gettext_lazy(
        "A container holds objects: files of any size and kind, reached over HTTP from anywhere, by those whom you let."
    ),
    rows=containers.list_containers,
    row=one,
    raw=containers.get_headers,
    columns=COLUMNS,
    filters=(
        Filter(
            key="empty",
            label=gettext_lazy("Content"),
            choices=(("yes", gettext_lazy("Without objects")), ("no", gettext_lazy("With objects"))),
        ),
        Filter(key="policy", label=gettext_lazy("Storage policy")),
        Filter(key="name", label=gettext_lazy("The whole name")),
    ),
    joined=containers.with_access,
    joins="status",
    actions=ACTIONS,
    create=CREATE,
    tabs=(OBJECTS_TAB, *TABS),
    header="containers/header.html",
    above="containers/totals.html",
    lookup=containers.LOOKUP,
    default_sort="name",
    id_pattern=KEY,
    extra_urls=(*emptying_urls, *object_urls, *transfer_urls),
)
