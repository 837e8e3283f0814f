"""What is done with a server's disk: an image of it, another image onto it, or another one to start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import server_actions_disk
from dashboard.cloud.connection import Cloud
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_forms import BackupForm, RebuildForm, RescueForm, SnapshotForm, changes_of
from dashboard.panels.servers.actions_rules import command, says, simply, unless
from dashboard.ui.panel import Action
from dashboard.ui.values import Part

DISK = gettext_lazy("Disk and image")
Data = Mapping[str, Any]


def image_name(server: Server, data: Data) -> str:
    """The new image's name: of several servers, each has its own."""
    return f"{server.name or server.id}-{data['name']}"[:255] if data.get("is_many") else str(data["name"])


def _snapshot(cloud: Cloud, server: Server, data: Data) -> tuple[Part, ...]:
    name = image_name(server, data)
    image_id = server_actions_disk.snapshot_server(cloud, id=server.id, name=name, metadata=data["metadata"])
    return made(name, image_id)


def _back_up(cloud: Cloud, server: Server, data: Data) -> tuple[Part, ...]:
    name = image_name(server, data)
    image_id = server_actions_disk.back_up_server(
        cloud, id=server.id, name=name, kind=data["kind"], rotation=data["rotation"]
    )
    return made(name, image_id)


def made(name: str, image_id: str) -> tuple[Part, ...]:
    """What leads to a new image."""
    return (Part(_("Image “%(name)s”") % {"name": name}, url_name="images:detail", id=image_id),) if image_id else ()


def _snapshot_cli(server: Server, data: Data) -> tuple[str, ...]:
    properties = [word for key, value in data["metadata"].items() for word in ("--property", f"{key}={value}")]
    return ("openstack", "server", "image", "create", "--name", image_name(server, data), *properties, server.id)


def _back_up_cli(server: Server, data: Data) -> tuple[str, ...]:
    name, kind, rotation = image_name(server, data), data["kind"], str(data["rotation"])
    return (
        *("openstack", "server", "backup", "create", "--name", name),
        *("--type", kind, "--rotate", rotation, server.id),
    )


def _rescue(cloud: Cloud, server: Server, data: Data) -> tuple[Part, ...]:
    password = server_actions_disk.rescue_server(cloud, id=server.id, image_id=data["image"], password=data["password"])
    return told_once(password, data)


def told_once(password: str, data: Data) -> tuple[Part, ...]:
    """The password that Nova made, for who wants to see it and gave none."""
    if not password or data.get("password") or not data.get("show_password"):
        return ()
    return (Part(_("Administrator's password"), secret=password),)


def _rescue_cli(server: Server, data: Data) -> tuple[str, ...]:
    image = ("--image", data["image"]) if data["image"] else ()
    password = ("--password", "$PASSWORD") if data["password"] else ()
    return ("openstack", "server", "rescue", *image, *password, server.id)


def _rebuild(cloud: Cloud, server: Server, data: Data) -> tuple[Part, ...]:
    changes = changes_of(data)
    # What stays is not sent: an old Nova would not know it.
    if changes["name"] == server.name:
        changes["name"] = ""
    if (changes["description"] or "") == server.description:
        changes["description"] = None
    return told_once(server_actions_disk.rebuild_server(cloud, id=server.id, **changes), data)


def _rebuild_cli(server: Server, data: Data) -> tuple[str, ...]:
    changes = changes_of(data)
    words = ["openstack", "server", "rebuild", "--image", changes["image_id"]]
    if changes["name"] and changes["name"] != server.name:
        words += ["--name", changes["name"]]
    if changes["description"] and changes["description"] != server.description:
        words += ["--description", changes["description"]]
    key = data.get("key", "")
    if key:
        words += ["--key-name", changes["key_name"]] if changes["key_name"] else ["--no-key-name"]
    if changes["user_data"] is not None:
        words += ["--user-data", "user-data.txt"] if changes["user_data"] else ["--no-user-data"]
    if changes["preserve_ephemeral"]:
        words.append("--preserve-ephemeral")
    if changes["password"]:
        words += ["--password", "$PASSWORD"]
    if server.is_volume_booted:
        words.append("--reimage-boot-volume")
    return (*words, server.id)


def _when_back_up(server: Server) -> str:
    if server.can_snapshot and server.is_volume_booted:
        return _("It started from a volume: take a snapshot, or a backup of the volume.")
    return can_copy(server)


can_copy = unless(
    lambda server: server.can_snapshot,
    gettext_lazy("Only a server that is active, shut off, paused or suspended can be copied."),
    # Nova 34 makes images of locked servers too.
    minds_lock=False,
)

DISK_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="snapshot",
        label=gettext_lazy("Take a snapshot"),
        icon="camera",
        section=DISK,
        run=_snapshot,
        form=SnapshotForm,
        cli=_snapshot_cli,
        when=can_copy,
        says=says(
            gettext_lazy(
                "An image will be made of the disk of “%(name)s”; of its volumes, snapshots. For a clean state of "
                "files, shut it down first, or have the guest's agent quiesce them "
                "(image property os_require_quiesce)."
            ),
            gettext_lazy("An image will be made of each of these %(n)d servers' disks; of their volumes, snapshots."),
        ),
        started=gettext_lazy("Taking a snapshot"),
    ),
    Action(
        slug="backup",
        label=gettext_lazy("Back up"),
        icon="history",
        section=DISK,
        run=_back_up,
        form=BackupForm,
        cli=_back_up_cli,
        when=_when_back_up,
        says=says(
            gettext_lazy(
                "An image will be made of the disk of “%(name)s”. When there are more backups of this kind than are "
                "kept, the oldest are deleted."
            ),
            gettext_lazy("An image will be made of each of these %(n)d servers' disks, and old backups deleted."),
        ),
        started=gettext_lazy("Backing up"),
    ),
    Action(
        slug="rescue",
        label=gettext_lazy("Rescue"),
        icon="tool",
        section=DISK,
        run=_rescue,
        form=RescueForm,
        cli=_rescue_cli,
        when=unless(
            lambda server: server.can_rescue,
            gettext_lazy("Only a server that is active, shut off or in an error can be rescued."),
        ),
        says=says(
            gettext_lazy(
                "“%(name)s” will restart from another image, with its own disk beside it, so that you can repair that."
            ),
            gettext_lazy("These %(n)d servers will restart from another image, with their own disks beside it."),
        ),
        started=gettext_lazy("Entering rescue"),
    ),
    Action(
        slug="unrescue",
        label=gettext_lazy("Leave rescue"),
        icon="logout",
        section=DISK,
        run=simply(server_actions_disk.unrescue_server),
        cli=command("server", "unrescue"),
        when=unless(lambda server: server.can_unrescue, gettext_lazy("It is not in rescue.")),
        says=says(
            gettext_lazy("“%(name)s” will restart from its own disk. The rescue system's disk is thrown away."),
            gettext_lazy("These %(n)d servers will restart from their own disks."),
        ),
        started=gettext_lazy("Leaving rescue"),
    ),
    Action(
        slug="rebuild",
        label=gettext_lazy("Rebuild"),
        icon="reload",
        section=DISK,
        run=_rebuild,
        form=RebuildForm,
        cli=_rebuild_cli,
        when=unless(
            lambda server: server.can_rebuild,
            gettext_lazy("Only a server that is active, shut off or in an error can be rebuilt."),
        ),
        says=says(
            gettext_lazy(
                "Everything on the disk of “%(name)s” will be overwritten by the image. This can't be undone. It "
                "keeps its addresses, and other volumes."
            ),
            gettext_lazy(
                "Everything on the disks of these %(n)d servers will be overwritten by the image. This can't be undone."
            ),
        ),
        started=gettext_lazy("Rebuilding"),
        is_dangerous=True,
    ),
)
