"""What Heat calls things, in the words of the person who looks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.stack_parts import Resource
from dashboard.cloud.stacks import Stack
from dashboard.ui.values import Link, Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "CREATE_COMPLETE": (gettext_lazy("Created"), "ok"),
    "CREATE_IN_PROGRESS": (gettext_lazy("Being created"), "busy"),
    "CREATE_FAILED": (gettext_lazy("Creation failed"), "bad"),
    "UPDATE_COMPLETE": (gettext_lazy("Updated"), "ok"),
    "UPDATE_IN_PROGRESS": (gettext_lazy("Being updated"), "busy"),
    "UPDATE_FAILED": (gettext_lazy("Update failed"), "bad"),
    "DELETE_COMPLETE": (gettext_lazy("Deleted"), "off"),
    "DELETE_IN_PROGRESS": (gettext_lazy("Being deleted"), "busy"),
    "DELETE_FAILED": (gettext_lazy("Deletion failed"), "bad"),
    "ROLLBACK_COMPLETE": (gettext_lazy("Rolled back"), "warn"),
    "ROLLBACK_IN_PROGRESS": (gettext_lazy("Rolling back"), "busy"),
    "ROLLBACK_FAILED": (gettext_lazy("Rollback failed"), "bad"),
    "SUSPEND_COMPLETE": (gettext_lazy("Suspended"), "off"),
    "SUSPEND_IN_PROGRESS": (gettext_lazy("Being suspended"), "busy"),
    "SUSPEND_FAILED": (gettext_lazy("Suspending failed"), "bad"),
    "RESUME_COMPLETE": (gettext_lazy("Resumed"), "ok"),
    "RESUME_IN_PROGRESS": (gettext_lazy("Being resumed"), "busy"),
    "RESUME_FAILED": (gettext_lazy("Resuming failed"), "bad"),
    "CHECK_COMPLETE": (gettext_lazy("Checked"), "ok"),
    "CHECK_IN_PROGRESS": (gettext_lazy("Being checked"), "busy"),
    "CHECK_FAILED": (gettext_lazy("The check found faults"), "warn"),
    "SNAPSHOT_COMPLETE": (gettext_lazy("Snapshot taken"), "ok"),
    "SNAPSHOT_IN_PROGRESS": (gettext_lazy("Snapshot being taken"), "busy"),
    "SNAPSHOT_FAILED": (gettext_lazy("Snapshot failed"), "bad"),
    "RESTORE_COMPLETE": (gettext_lazy("Restored"), "ok"),
    "RESTORE_IN_PROGRESS": (gettext_lazy("Being restored"), "busy"),
    "RESTORE_FAILED": (gettext_lazy("Restoring failed"), "bad"),
    "ADOPT_COMPLETE": (gettext_lazy("Adopted"), "ok"),
    "ADOPT_IN_PROGRESS": (gettext_lazy("Being adopted"), "busy"),
    "ADOPT_FAILED": (gettext_lazy("Adoption failed"), "bad"),
    "INIT_COMPLETE": (gettext_lazy("Not begun"), "off"),
}
"""Of stacks and of their resources alike."""

PLACES = {
    "OS::Nova::Server": "servers",
    "OS::Nova::KeyPair": "keypairs",
    "OS::Nova::ServerGroup": "server-groups",
    "OS::Nova::Flavor": "flavors",
    "OS::Glance::Image": "images",
    "OS::Glance::WebImage": "images",
    "OS::Neutron::Net": "networks",
    "OS::Neutron::Subnet": "subnets",
    "OS::Neutron::Port": "ports",
    "OS::Neutron::Router": "routers",
    "OS::Neutron::FloatingIP": "floating-ips",
    "OS::Neutron::SecurityGroup": "security-groups",
    "OS::Neutron::Trunk": "trunks",
    "OS::Cinder::Volume": "volumes",
    "OS::Heat::Stack": "stacks",
    "OS::Heat::ResourceGroup": "stacks",
    "OS::Heat::AutoScalingGroup": "stacks",
}
"""The panels that have what resources of a type are."""

SECRET = re.compile(r"pass(word|wd|phrase)?\b|password|secret|token|private_?key|api_?key|credential", re.IGNORECASE)
"""Names of outputs whose values nobody should read over a shoulder."""


def status_of(status: str, reason: str = "") -> Status:
    """A state of a stack or resource."""
    label, tone = STATUSES.get(status, (status.replace("_", " ").capitalize() or _("Unknown"), "unknown"))
    return Status(label, tone, title=reason)


def stack_status(stack: Stack) -> Status:
    """The state of a stack."""
    return status_of(stack.status, stack.reason if stack.is_failed else "")


def titles(stacks: Sequence[Stack]) -> str:
    """The names of stacks."""
    return ", ".join(stack.name or stack.id for stack in stacks)


def place_of(resource: Resource) -> Link:
    """Leads to the thing itself, where there is a page of it."""
    slug = "stacks" if resource.nested_id else PLACES.get(resource.type, "")
    id = resource.nested_id or resource.physical_id
    return Link(id, f"{slug}:detail", id) if slug and id else Link(id)


def is_secret(name: str) -> bool:
    """Whether a value of this name is better shown only when it is asked for."""
    return bool(SECRET.search(name))


def shown(value: Any) -> str:
    """A value as people read it: texts as they are, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def links_in(value: Any) -> list[str]:
    """The addresses of the web in a value, which can be opened."""
    return re.findall(r"https?://[^\s\"'<>]+", value) if isinstance(value, str) else []


def why_busy(stack: Stack) -> str:
    """That something is being done to it already."""
    return _("Heat is busy with it: %(state)s.") % {"state": stack_status(stack).label} if stack.is_transitional else ""
