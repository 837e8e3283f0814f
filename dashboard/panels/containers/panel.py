"""Containers: where objects are kept, by name, reached from anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import containers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.containers import Container
from dashboard.cloud.swift import SERVICE
from dashboard.live import emptying
from dashboard.panels.containers.actions import ACTIONS, CREATE
from dashboard.panels.containers.emptying import emptying_urls
from dashboard.panels.containers.objects import OBJECTS_TAB, object_urls
from dashboard.panels.containers.tabs import TABS
from dashboard.panels.containers.transfer_urls import transfer_urls
from dashboard.panels.containers.words import access_of
from dashboard.ui.panel import Column, Filter, Panel
from dashboard.ui.values import Size

TIME = "ui/cell/time.html"
SIZE = {"cell": "ui/cell/size.html", "text": lambda container: container.bytes, "is_numeric": True}


def column(key: str, label: Any, value: Any, **more: Any) -> Column[Container]:
    """A column of containers."""
    return Column(key=key, label=label, value=value, **more)


def one(cloud: Cloud, id: str) -> Container:
    """A container, and whether it is being emptied. Raises CloudError."""
    found = containers.get_container(cloud, id)
    return replace(found, emptying=emptying.of(cloud, found.name))


COLUMNS: tuple[Column[Container], ...] = (
    column("name", gettext_lazy("Name"), lambda c: c.name, cell="ui/cell/name.html", sort="name"),
    column("objects", gettext_lazy("Objects"), lambda c: c.objects, sort="objects", is_numeric=True),
    column("bytes", gettext_lazy("Size"), lambda c: Size(c.bytes), sort="bytes", **SIZE),
    column(
        # By this key the page of one has it in its head, too.
        "status",
        gettext_lazy("Access"),
        access_of,
        cell="ui/cell/status.html",
        text=lambda c: str(access_of(c)),
    ),
    column("policy", gettext_lazy("Storage policy"), lambda c: c.policy, is_optional=True),
    column("changed", gettext_lazy("Changed"), lambda c: c.changed, cell=TIME, sort="changed"),
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
    id_pattern=r"(?:[A-Za-z0-9][A-Za-z0-9_-]{0,1023}|~[A-Za-z0-9_-]{1,1500})",
    extra_urls=(*emptying_urls, *object_urls, *transfer_urls),
)
