"""Volumes on a server: attach one, take one off, and say whether it goes when the server does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import server_attach
from dashboard.cloud.connection import Cloud
from dashboard.cloud.server_parts import VolumeAttachment, list_volume_attachments, with_volumes
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_rules import name_of, unless
from dashboard.panels.servers.part_forms import PartForm, joined, named
from dashboard.ui.actions import editing
from dashboard.ui.panel import Action

Data = Mapping[str, Any]
SECTION = gettext_lazy("Volumes and networks")


def why_no_volumes(cloud: Cloud) -> str:
    """That this cloud has no service for volumes; "" if it has."""
    return "" if cloud.offers("block-storage") else _("This cloud has no block storage.")


when_volumes = unless(
    lambda server: server.can_change_volumes,
    gettext_lazy("Volumes come and go while a server is active, paused, shut off or shelved."),
)


def attached(cloud: Cloud, server: Server) -> list[tuple[str, str]]:
    """The server's volumes by id, each with what tells it from others."""
    found: Sequence[VolumeAttachment] = list_volume_attachments(cloud, id=server.id)
    if cloud.offers("block-storage"):
        found, _error = with_volumes(cloud, found)
    return [(item.volume_id, attachment_words(item)) for item in found]


def attachment_words(item: VolumeAttachment) -> str:
    """ "data-1 · 10 GiB · /dev/vdb"."""
    volume = item.volume
    size = f"{volume.size} GiB" if volume is not None else ""
    return joined((named(volume.name if volume else "", item.volume_id), size, item.device, item.tag))


class AttachVolume(PartForm):
    """One of the volumes that are free."""

    volume_id = forms.ChoiceField(label=gettext_lazy("Volume"))
    device = forms.RegexField(
        r"^/dev/[a-z0-9/]+$",
        label=gettext_lazy("Device"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("A wish, as in /dev/vdb. Most hypervisors choose by themselves."),
    )
    tag = forms.RegexField(
        r"^[^,/]+$",
        label=gettext_lazy("Tag"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("The server finds the disk by it in its metadata."),
    )
    delete_on_termination = forms.BooleanField(label=gettext_lazy("Delete the volume with the server"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = server_attach.list_attachable(cloud)
        choices = [
            (item.id, joined((named(item.name, item.id), f"{item.size} GiB", item.volume_type))) for item in found
        ]
        self.offer("volume_id", choices, empty=_("No volume of the project is free."))


class OneVolume(PartForm):
    """One of the server's volumes: a link names it, or it is chosen."""

    volume_id = forms.ChoiceField(label=gettext_lazy("Volume"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sentence = self.about("volume_id", attached(cloud, rows[0]) if rows else [])


class VolumeFate(OneVolume):
    """What becomes of a volume when its server is deleted."""

    delete_on_termination = forms.TypedChoiceField(
        label=gettext_lazy("When the server is deleted"),
        choices=(("no", gettext_lazy("The volume is kept")), ("yes", gettext_lazy("The volume is deleted with it"))),
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )


def _attach(cloud: Cloud, server: Server, data: Data) -> None:
    server_attach.attach_volume(
        cloud,
        id=server.id,
        volume_id=data["volume_id"],
        device=data["device"],
        tag=data["tag"],
        is_deleted_with_server=data["delete_on_termination"],
    )


def _detach(cloud: Cloud, server: Server, data: Data) -> None:
    server_attach.detach_volume(cloud, id=server.id, volume_id=data["volume_id"])


def _set_fate(cloud: Cloud, server: Server, data: Data) -> None:
    server_attach.set_volume_fate(
        cloud, id=server.id, volume_id=data["volume_id"], is_deleted_with_server=data["delete_on_termination"]
    )


def _say_attach(servers: Sequence[Server]) -> str:
    return _("“%(name)s” gets a further disk. What is on the volume stays as it is.") % {"name": name_of(servers)}


def _say_detach(servers: Sequence[Server]) -> str:
    return _(
        "“%(name)s” loses this disk; the volume and what is on it stay in the project. Unmount it inside the server "
        "first: what is not written yet is lost."
    ) % {"name": name_of(servers)}


def _say_fate(servers: Sequence[Server]) -> str:
    return _("Nothing changes while “%(name)s” exists. A volume that is deleted can't be brought back.") % {
        "name": name_of(servers)
    }


def _cli_attach(server: Server, data: Data) -> tuple[str, ...]:
    more = [*(("--device", data["device"]) if data["device"] else ()), *(("--tag", data["tag"]) if data["tag"] else ())]
    fate = ("--enable-delete-on-termination",) if data["delete_on_termination"] else ()
    return ("openstack", "server", "add", "volume", *more, *fate, server.id, data["volume_id"])


VOLUME_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="attach-volume",
        label=gettext_lazy("Attach a volume"),
        icon="database",
        section=SECTION,
        run=_attach,
        form=AttachVolume,
        when=when_volumes,
        why_not=why_no_volumes,
        needs="2.79",
        says=_say_attach,
        started=gettext_lazy("Attaching a volume"),
        button=gettext_lazy("Attach"),
        is_bulk=False,
        cli=_cli_attach,
    ),
    Action(
        slug="detach-volume",
        label=gettext_lazy("Detach a volume"),
        icon="unlink",
        run=_detach,
        form=OneVolume,
        when=when_volumes,
        says=_say_detach,
        started=gettext_lazy("Detaching a volume"),
        button=gettext_lazy("Detach"),
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        cli=lambda server, data: ("openstack", "server", "remove", "volume", server.id, data["volume_id"]),
    ),
    editing(
        slug="volume-fate",
        label=gettext_lazy("Keep or delete the volume"),
        run=_set_fate,
        says=_say_fate,
        when=when_volumes,
        form=VolumeFate,
        icon="database",
        needs="2.85",
        started=gettext_lazy("Saved"),
        is_in_menu=False,
        cli=lambda server, data: (
            "openstack",
            "server",
            "volume",
            "update",
            "--delete-on-termination" if data["delete_on_termination"] else "--preserve-on-termination",
            server.id,
            data["volume_id"],
        ),
    ),
)
