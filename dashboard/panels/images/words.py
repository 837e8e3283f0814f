"""Images in words: their states, whose they are, and why something can't be done with one now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.images import Image
from dashboard.ui.values import Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "queued": (gettext_lazy("Waiting for its data"), "busy"),
    "saving": (gettext_lazy("Saving"), "busy"),
    "uploading": (gettext_lazy("Uploading"), "busy"),
    "importing": (gettext_lazy("Importing"), "busy"),
    "active": (gettext_lazy("Active"), "ok"),
    "deactivated": (gettext_lazy("Deactivated"), "off"),
    "killed": (gettext_lazy("Failed"), "bad"),
    "deleted": (gettext_lazy("Deleted"), "off"),
    "pending_delete": (gettext_lazy("Being deleted"), "busy"),
}
VISIBILITIES: dict[str, StrOrPromise] = {
    "private": gettext_lazy("Private"),
    "shared": gettext_lazy("Shared"),
    "community": gettext_lazy("Community"),
    "public": gettext_lazy("Public"),
}
MEANINGS: dict[str, StrOrPromise] = {
    "private": gettext_lazy("Private: this project alone"),
    "shared": gettext_lazy("Shared: this project, and those that you share it with"),
    "community": gettext_lazy("Community: everybody, but only who looks for it"),
    "public": gettext_lazy("Public: everybody, in every list"),
}
SCOPES: dict[str, StrOrPromise] = {
    "mine": gettext_lazy("This project's"),
    "shared": gettext_lazy("Shared with us"),
    "pending": gettext_lazy("Offered to us"),
    "public": gettext_lazy("Public"),
    "community": gettext_lazy("Community"),
    "hidden": gettext_lazy("Hidden"),
    "rejected": gettext_lazy("Turned down"),
    "all": gettext_lazy("All"),
}
TYPES: dict[str, StrOrPromise] = {"image": gettext_lazy("Image"), "snapshot": gettext_lazy("Snapshot")}
MEMBERS: dict[str, tuple[StrOrPromise, Tone]] = {
    "pending": (gettext_lazy("Not answered yet"), "busy"),
    "accepted": (gettext_lazy("Accepted"), "ok"),
    "rejected": (gettext_lazy("Turned down"), "off"),
}
TASKS: dict[str, tuple[StrOrPromise, Tone]] = {
    "pending": (gettext_lazy("Waiting"), "busy"),
    "processing": (gettext_lazy("Running"), "busy"),
    "success": (gettext_lazy("Done"), "ok"),
    "failure": (gettext_lazy("Failed"), "bad"),
}
METHODS: dict[str, StrOrPromise] = {
    "glance-direct": gettext_lazy("Data that were uploaded"),
    "web-download": gettext_lazy("From a URL"),
    "copy-image": gettext_lazy("Copy to other stores"),
    "glance-download": gettext_lazy("From another region"),
}
FORMATS: dict[str, StrOrPromise] = {
    "raw": gettext_lazy("raw: a plain disk"),
    "qcow2": gettext_lazy("qcow2: QEMU"),
    "vhd": gettext_lazy("vhd: Virtual PC, Xen, Azure"),
    "vhdx": gettext_lazy("vhdx: Hyper-V"),
    "vmdk": gettext_lazy("vmdk: VMware"),
    "vdi": gettext_lazy("vdi: VirtualBox"),
    "iso": gettext_lazy("iso: a CD or DVD"),
    "ploop": gettext_lazy("ploop: Virtuozzo"),
    "aki": gettext_lazy("aki: Amazon kernel"),
    "ari": gettext_lazy("ari: Amazon ramdisk"),
    "ami": gettext_lazy("ami: Amazon machine"),
}
CONTAINERS: dict[str, StrOrPromise] = {
    "bare": gettext_lazy("bare: the disk alone"),
    "ovf": gettext_lazy("ovf: a folder of OVF"),
    "ova": gettext_lazy("ova: an archive of OVF"),
    "docker": gettext_lazy("docker: an archive of Docker"),
    "aki": gettext_lazy("aki: Amazon kernel"),
    "ari": gettext_lazy("ari: Amazon ramdisk"),
    "ami": gettext_lazy("ami: Amazon machine"),
    "compressed": gettext_lazy("compressed: Cinder unpacks it"),
}


def status(image: Image) -> Status:
    """An image's state in words, with what is happening to its data; an unknown one is told as it is."""
    label, tone = STATUSES.get(image.status, (image.status, "unknown"))
    upload = image.upload
    if image.offer:
        label, tone = SCOPES[image.offer], "warn" if image.offer == "pending" else "off"
        return Status(label, tone)
    if upload is not None and upload.is_running and image.status in {"queued", "saving", "uploading"}:
        return Status(
            _("Uploading"), "busy", _("%(n)d %%") % {"n": upload.percent} if upload.percent is not None else ""
        )
    if image.is_waiting:
        if image.failed_stores:
            return Status(_("No data"), "bad", _("import failed"), _("Glance could not import its data."))
        if upload is not None and (upload.is_lost or upload.state == "refused"):
            return Status(_("No data"), "bad", _("upload failed"), str(broken_words(image)))
        return Status(_("No data"), "warn", "", _("It was written down; nobody has sent its data yet."))
    if image.importing_to:
        return Status(label, tone, _("copying to %(stores)s") % {"stores": ", ".join(image.importing_to)})
    return Status(label, tone)


def broken_words(image: Image) -> StrOrPromise:
    """What became of an upload that did not end well; "" if there was none."""
    upload = image.upload
    if upload is None or not image.is_waiting:
        return ""
    if upload.state == "refused":
        return upload.message or _("Glance did not take the data.")
    if not upload.is_lost:
        return ""
    if upload.percent is None:
        return _(
            "The upload broke off before its end. Glance dropped what it had: send the data again, or delete the image."
        )
    return _(
        "The upload broke off at %(percent)d %%: the browser was closed, or the connection broke. Glance dropped what "
        "it had: send the data again, or delete the image."
    ) % {"percent": upload.percent}


def needs(image: Image) -> str:
    """What a server of it needs, in one line."""
    parts = []
    if image.min_disk:
        parts.append(_("%(number)d GiB of disk") % {"number": image.min_disk})
    if image.min_ram:
        parts.append(_("%(number)d MiB of RAM") % {"number": image.min_ram})
    return ", ".join(parts)


# Why not


def why_not_change(image: Image) -> str:
    """Another project's image is that project's to change."""
    return "" if image.can_change else _("It belongs to another project.")


def why_not_delete(image: Image) -> str:
    """The reason why an image can't be deleted by who asks."""
    if not image.can_change:
        return _("It belongs to another project.")
    if image.is_protected:
        return _("It is protected against deletion: edit it, and take the protection away first.")
    return ""


def why_not_fill(image: Image) -> str:
    """The reason why no data can be brought to it now."""
    if not image.can_change:
        return _("It belongs to another project.")
    if image.status != "queued":
        return _("It has its data already, and an image's data can't be changed: create another one.")
    return _("Data are on their way to it already.") if image.is_transitional else ""


def why_not_copy(image: Image) -> str:
    """The reason why its data can't be copied to another store now."""
    if not image.can_change:
        return _("It belongs to another project.")
    if image.status != "active":
        return _("It has no data that could be copied.")
    return _("It is being copied already.") if image.importing_to else ""


def why_not_share(image: Image) -> str:
    """The reason why it can't be shared with single projects."""
    if not image.can_change:
        return _("It belongs to another project.")
    if image.visibility in {"public", "community"}:
        return _("Everybody can use it already: make it shared or private first.")
    return ""


def why_not_accept(image: Image) -> str:
    """The reason why there is nothing to accept."""
    if not image.is_offered:
        return _("No other project shares it with this one.")
    return "" if image.offer else _("It was accepted already.")


def why_not_reject(image: Image) -> str:
    """The reason why there is nothing to turn down."""
    if not image.is_offered:
        return _("No other project shares it with this one.")
    return _("It was turned down already.") if image.offer == "rejected" else ""


def why_not_deactivate(image: Image) -> str:
    """Only what can be used can be taken out of use."""
    if not image.can_change:
        return _("It belongs to another project.")
    return (
        "" if image.status == "active" else _("It is not in use: its status is %(status)s.") % {"status": image.status}
    )


def why_not_reactivate(image: Image) -> str:
    """Only what was deactivated can be used again."""
    if not image.can_change:
        return _("It belongs to another project.")
    return "" if image.status == "deactivated" else _("It is not deactivated.")


def named(images: Sequence[Image], one: StrOrPromise, several: StrOrPromise) -> str:
    """A sentence about one image by its name, or about several."""
    if len(images) == 1:
        return str(one) % {"name": images[0].name or images[0].id}
    return str(several)


def delete_words(images: Sequence[Image]) -> str:
    """What deleting does, above the button."""
    if len(images) > 1:
        return _(
            "These images will be deleted. Servers that were started from them keep running. This can't be undone."
        )
    return _(
        "The image %(name)s will be deleted. Servers that were started from it keep running. This can't be undone."
    ) % {"name": images[0].name or images[0].id}
