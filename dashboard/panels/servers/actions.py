"""What can be done to servers from the list and from their pages, and the reasons why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import server_actions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_rules import name_of, unless, why_locked
from dashboard.panels.servers.admin_actions import ADMIN_ACTIONS
from dashboard.panels.servers.part_actions import PART_ACTIONS
from dashboard.ui.panel import Action

Data = Mapping[str, Any]


class EditServer(forms.Form):
    """Name and description; Nova allows 255 characters for each."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=255,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LockServer(forms.Form):
    """The reason is shown to everybody who meets the lock."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("Everybody who meets the lock sees it."),
    )


def _start(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.start_server(cloud, id=server.id)


def _stop(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.stop_server(cloud, id=server.id)


def _reboot(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.reboot_server(cloud, id=server.id)


def _reboot_hard(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.reboot_server(cloud, id=server.id, is_hard=True)


def _edit(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.rename_server(cloud, id=server.id, name=data["name"], description=data["description"])


def _lock(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.lock_server(cloud, id=server.id, reason=data["reason"])


def _unlock(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.unlock_server(cloud, id=server.id)


def _delete(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.delete_server(cloud, id=server.id)


def _say_start(servers: Sequence[Server]) -> str:
    if len(servers) == 1:
        return _("“%(name)s” will be powered on.") % {"name": name_of(servers)}
    return _("These %(n)d servers will be powered on.") % {"n": len(servers)}


def _say_stop(servers: Sequence[Server]) -> str:
    if len(servers) == 1:
        return _("“%(name)s” will be shut down. It keeps its disks and addresses, and goes on using quota.") % {
            "name": name_of(servers)
        }
    return _("These %(n)d servers will be shut down. They keep their disks and addresses.") % {"n": len(servers)}


def _say_reboot(servers: Sequence[Server]) -> str:
    if len(servers) == 1:
        return _("The operating system of “%(name)s” will be asked to restart.") % {"name": name_of(servers)}
    return _("The operating systems of these %(n)d servers will be asked to restart.") % {"n": len(servers)}


def _say_reboot_hard(servers: Sequence[Server]) -> str:
    if len(servers) == 1:
        return _("“%(name)s” will be switched off and on again. What it has not written to disk is lost.") % {
            "name": name_of(servers)
        }
    return _("These %(n)d servers will be switched off and on again. What is not on disk is lost.") % {
        "n": len(servers)
    }


def _say_edit(servers: Sequence[Server]) -> str:
    return _("The name in the cloud changes; the hostname inside the server stays.")


def _say_lock(servers: Sequence[Server]) -> str:
    return ngettext(
        "Nobody but an administrator can change a locked server until it is unlocked.",
        "Nobody but an administrator can change locked servers until they are unlocked.",
        len(servers),
    )


def _say_unlock(servers: Sequence[Server]) -> str:
    return ngettext("The server can be changed again.", "The servers can be changed again.", len(servers))


def _say_delete(servers: Sequence[Server]) -> str:
    gone = sum(len(server.deleted_with) for server in servers)
    kept = sum(len(server.volume_ids) for server in servers) - gone
    floating = sum(len(server.floating_addresses) for server in servers)
    parts = [
        _("“%(name)s” and what is on its own disk will be deleted. This can't be undone.") % {"name": name_of(servers)}
        if len(servers) == 1
        else _("These %(n)d servers and what is on their own disks will be deleted. This can't be undone.")
        % {"n": len(servers)}
    ]
    if gone:
        parts.append(ngettext("%d volume is deleted with it.", "%d volumes are deleted along with that.", gone) % gone)
    if kept:
        parts.append(ngettext("%d attached volume is kept.", "%d attached volumes are kept.", kept) % kept)
    if floating:
        parts.append(
            ngettext("%d floating IP stays in the project.", "%d floating IPs stay in the project.", floating)
            % floating
        )
    return " ".join(parts)


def _when_delete(server: Server) -> str:
    if server.can_delete:
        return why_locked(server)
    return _("It is being deleted already.")


LIFECYCLE: tuple[Action[Server], ...] = (
    Action(
        slug="start",
        label=gettext_lazy("Start"),
        icon="player-play",
        run=_start,
        when=unless(lambda server: server.can_start, gettext_lazy("Only a server that is shut off can be started.")),
        says=_say_start,
        started=gettext_lazy("Starting"),
        is_primary=True,
    ),
    Action(
        slug="stop",
        label=gettext_lazy("Stop"),
        icon="player-stop",
        run=_stop,
        when=unless(lambda server: server.can_stop, gettext_lazy("Only an active server can be stopped.")),
        says=_say_stop,
        started=gettext_lazy("Stopping"),
        is_primary=True,
    ),
    Action(
        slug="reboot",
        label=gettext_lazy("Reboot"),
        icon="refresh",
        run=_reboot,
        when=unless(lambda server: server.can_reboot, gettext_lazy("Only an active server can be rebooted this way.")),
        says=_say_reboot,
        started=gettext_lazy("Rebooting"),
    ),
    Action(
        slug="hard-reboot",
        label=gettext_lazy("Hard reboot"),
        icon="refresh-alert",
        run=_reboot_hard,
        when=unless(lambda server: server.can_reboot_hard, gettext_lazy("It can't be rebooted in this state.")),
        says=_say_reboot_hard,
        started=gettext_lazy("Rebooting"),
        is_dangerous=True,
    ),
    Action(
        slug="edit",
        label=gettext_lazy("Edit"),
        icon="pencil",
        run=_edit,
        form=EditServer,
        # Nova 34 renames a locked server too.
        when=unless(
            lambda server: not server.is_partial,
            gettext_lazy("Nova can't reach it at the moment."),
            minds_lock=False,
        ),
        says=_say_edit,
        started=gettext_lazy("Saved"),
        button=gettext_lazy("Save"),
        is_bulk=False,
    ),
    Action(
        slug="lock",
        label=gettext_lazy("Lock"),
        icon="lock",
        run=_lock,
        form=LockServer,
        when=lambda server: _("It is locked already.") if server.is_locked else "",
        says=_say_lock,
        started=gettext_lazy("Locked"),
    ),
    Action(
        slug="unlock",
        label=gettext_lazy("Unlock"),
        icon="lock-open",
        run=_unlock,
        when=lambda server: "" if server.is_locked else _("It is not locked."),
        says=_say_unlock,
        started=gettext_lazy("Unlocked"),
    ),
    Action(
        slug="delete",
        label=gettext_lazy("Delete"),
        icon="trash",
        run=_delete,
        when=_when_delete,
        says=_say_delete,
        started=gettext_lazy("Deleting"),
        is_dangerous=True,
        is_removal=True,
    ),
)

ACTIONS: tuple[Action[Server], ...] = (*LIFECYCLE, *PART_ACTIONS, *ADMIN_ACTIONS)
