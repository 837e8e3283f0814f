"""What the cloud's overview calls things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

MIB, GIB = 2**20, 2**30
KINDS: dict[str, tuple[Any, str]] = {
    "nova": (gettext_lazy("Compute services"), "compute-services"),
    "neutron": (gettext_lazy("Network agents"), "network-agents"),
    "cinder": (gettext_lazy("Storage services"), "storage-services"),
}
"""Processes by the part of the page that asks for them: what they are called, the panel that has them."""

ROOMS: dict[str, tuple[Any, int]] = {
    "VCPU": (gettext_lazy("vCPUs"), 0),
    "PCPU": (gettext_lazy("Dedicated CPUs"), 0),
    "MEMORY_MB": (gettext_lazy("Memory"), MIB),
    "DISK_GB": (gettext_lazy("Local disk"), GIB),
}
"""Placement's classes: what they are called, and how many bytes one of Placement's is, 0 for what is counted."""

STUCK: dict[str, tuple[Any, str, str]] = {
    "servers": (gettext_lazy("Servers on their way"), "all-servers:detail", ""),
    "unconfirmed": (
        gettext_lazy("Resizes that nobody confirmed"),
        "all-servers:detail",
        "status=VERIFY_RESIZE",
    ),
    "migrations": (gettext_lazy("Migrations"), "all-servers:detail", ""),
    "volumes": (gettext_lazy("Volumes"), "all-volumes:detail", ""),
    "images": (gettext_lazy("Images without their data"), "all-images:detail", ""),
    "ports": (gettext_lazy("Ports that are not plugged in"), "all-ports:detail", "status=DOWN"),
}
"""Kinds of what may be stuck: their heading, the page of each, and what narrows the list to them."""

STATUSES: dict[str, StrOrPromise] = {
    "error": gettext_lazy("error"),
    "build": gettext_lazy("building"),
    "scheduling": gettext_lazy("waiting for a host"),
    "spawning": gettext_lazy("starting"),
    "deleting": gettext_lazy("being deleted"),
    "creating": gettext_lazy("being created"),
    "verify_resize": gettext_lazy("resized, not confirmed"),
    "queued": gettext_lazy("waiting for data"),
    "saving": gettext_lazy("being saved"),
    "uploading": gettext_lazy("being uploaded"),
    "importing": gettext_lazy("being imported"),
    "error_deleting": gettext_lazy("could not be deleted"),
    "error_extending": gettext_lazy("could not be extended"),
    "error_restoring": gettext_lazy("could not be restored"),
}
"""States in words; others as the service calls them."""


def status_word(status: str) -> StrOrPromise:
    """A state in words."""
    return STATUSES.get(status, status.replace("_", " "))
