"""The parts of an image's page: who it is shared with, where it is used, and what Glance does with its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import image_usage
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Unauthorized
from dashboard.cloud.image_changes import Member, list_members
from dashboard.cloud.image_info import Task, list_tasks
from dashboard.cloud.images import Image
from dashboard.cloud.parallel import later
from dashboard.panels.images.words import MEMBERS, METHODS, TASKS
from dashboard.ui.errors import fault_of
from dashboard.ui.panel import Tab
from dashboard.ui.values import Status


@dataclass(frozen=True)
class Shared:
    """A project that the image is shared with, as the page shows it."""

    member: Member
    status: Status
    is_me: bool


def sharing(cloud: Cloud, image: Image) -> Mapping[str, Any]:
    """Who it is shared with. Glance tells the owner of all, and each of the others of itself."""
    why_none = ""
    members: tuple[Member, ...] = ()
    if image.visibility == "shared":
        members = list_members(cloud, id=image.id)
    elif image.visibility in {"public", "community"}:
        why_none = _("Everybody can use it.")
    else:
        why_none = _("It is private: this project alone can use it.")
    found = [
        Shared(
            member,
            Status(*MEMBERS.get(member.status, (member.status, "unknown"))),
            member.project_id == cloud.project_id,
        )
        for member in members
    ]
    return {"members": found, "why_none": why_none}


def usage(cloud: Cloud, image: Image) -> Mapping[str, Any]:
    """The project's servers and volumes that were made from it. One service that fails costs its own list."""
    servers = later(lambda: image_usage.list_servers_of(cloud, id=image.id))
    volumes = later(lambda: image_usage.list_volumes_of(cloud, id=image.id))
    context: dict[str, Any] = {"has_volumes": cloud.offers("block-storage")}
    for name, outcome in (("servers", servers), ("volumes", volumes)):
        context[name] = outcome.or_else(image_usage.Uses())
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        is_told = outcome.error is not None and (name == "servers" or context["has_volumes"])
        context[f"{name}_fault"] = fault_of(outcome.error, cloud) if is_told and outcome.error else None
    return context


@dataclass(frozen=True)
class Done:
    """A task as the page shows it."""

    task: Task
    label: Any
    status: Status


def tasks(cloud: Cloud, image: Image) -> Mapping[str, Any]:
    """What Glance did with the data, the newest first."""
    found = [
        Done(
            task,
            METHODS.get(task.method, task.method or task.type),
            Status(*TASKS.get(task.status, (task.status, "unknown"))),
        )
        for task in list_tasks(cloud, id=image.id)
    ]
    return {"tasks": found, "stores": image.stores, "importing": image.importing_to, "failed": image.failed_stores}


TABS: tuple[Tab[Image], ...] = (
    Tab(slug="sharing", label=gettext_lazy("Sharing"), template="images/sharing.html", load=sharing),
    Tab(slug="usage", label=gettext_lazy("Used by"), template="images/usage.html", load=usage),
    Tab(slug="tasks", label=gettext_lazy("Imports"), template="images/tasks.html", load=tasks, is_live=True),
)
