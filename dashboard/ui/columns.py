"""Short ways to say columns, facts and filters that nearly every panel has."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from dashboard.ui.panel import Column, Filter
from dashboard.ui.values import Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

TEXT = "ui/cell/text.html"
BOOL, COPY, LINK, LIST = "ui/cell/bool.html", "ui/cell/copy.html", "ui/cell/link.html", "ui/cell/list.html"
STATUS, TAGS, TIME = "ui/cell/status.html", "ui/cell/tags.html", "ui/cell/time.html"


def column(
    key: str, label: StrOrPromise, value: Callable[[Any], Any] | str = "", cell: str = TEXT, **more: Any
) -> Column[Any]:
    """A column or fact; ``value`` may be the name of the row's attribute, which is the key unless said."""
    read = value if callable(value) else attrgetter(value or key)
    return Column(key=key, label=label, value=read, cell=cell, **more)


NAME = column("name", gettext_lazy("Name"), cell="ui/cell/name.html", sort="name")
ID = column("id", gettext_lazy("ID"), cell=COPY)
DESCRIPTION = column("description", gettext_lazy("Description"))
PROJECT = column("project", gettext_lazy("Project"), "project_id", COPY)
CREATED = column("created", gettext_lazy("Created"), cell=TIME)
UPDATED = column("updated", gettext_lazy("Updated"), cell=TIME)
OPTIONAL_ID = column("id", gettext_lazy("ID"), cell=COPY, is_optional=True)
OPTIONAL_PROJECT = column("project", gettext_lazy("Project"), "project_id", COPY, is_optional=True)

ALL_PROJECTS = Filter(
    key="project",
    label=gettext_lazy("Project"),
    choices=(("all", gettext_lazy("All projects")),),
    hint=gettext_lazy("all, or a project's id; for administrators"),
)
"""For lists of ``dashboard.cloud.neutron.Kind``."""

VERSIONS = (("4", gettext_lazy("IPv4")), ("6", gettext_lazy("IPv6")))

STATES: dict[str, tuple[StrOrPromise, Tone]] = {
    "ACTIVE": (gettext_lazy("Active"), "ok"),
    "BUILD": (gettext_lazy("Building"), "busy"),
    "DOWN": (gettext_lazy("Down"), "off"),
    "ERROR": (gettext_lazy("Error"), "bad"),
    "DEGRADED": (gettext_lazy("Degraded"), "warn"),
}
"""Neutron's states in words."""


def state(status: str, *, is_admin_up: bool = True) -> Status | None:
    """A state of Neutron's, with the administrative switch."""
    label, tone = STATES.get(status, (status, "unknown"))
    if not is_admin_up:
        return Status(label or gettext_lazy("Unknown"), "off", gettext_lazy("switched off"))
    return Status(label, tone) if status else None


STATE_CHOICES = tuple((key, label) for key, (label, _tone) in STATES.items())
