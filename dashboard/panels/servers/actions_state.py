"""A server's name, its lock, its administrator's password, and what helps when it hangs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import server_actions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_forms import PasswordForm
from dashboard.panels.servers.actions_rules import command, says, simply, unless
from dashboard.ui.panel import ADMIN, Action

STATE = gettext_lazy("Settings")
HELP = gettext_lazy("When it hangs")
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


class ResetForm(forms.Form):
    """What Nova is to say of it."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=(("active", gettext_lazy("Active")), ("error", gettext_lazy("Error"))),
        widget=forms.RadioSelect,
        initial="active",
    )


def _edit(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.rename_server(cloud, id=server.id, name=data["name"], description=data["description"])


def _edit_cli(server: Server, data: Data) -> tuple[str, ...]:
    words = ("openstack", "server", "set", "--name", data["name"], "--description", data["description"])
    return (*words, server.id)


def _lock(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.lock_server(cloud, id=server.id, reason=data["reason"])


def _lock_cli(server: Server, data: Data) -> tuple[str, ...]:
    return ("openstack", "server", "lock", *(("--reason", data["reason"]) if data["reason"] else ()), server.id)


def _password(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.change_password(cloud, id=server.id, password=data["password"])


def _password_cli(server: Server, data: Data) -> tuple[str, ...]:
    return ("openstack", "server", "set", "--password", "$PASSWORD", server.id)


def _reset(cloud: Cloud, server: Server, data: Data) -> None:
    server_actions.reset_state(cloud, id=server.id, state=data["state"])


def _reset_cli(server: Server, data: Data) -> tuple[str, ...]:
    return ("openstack", "server", "set", "--state", data["state"], server.id)


STATE_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="edit",
        label=gettext_lazy("Edit"),
        icon="pencil",
        section=STATE,
        run=_edit,
        form=EditServer,
        cli=_edit_cli,
        # Nova 34 renames a locked server too.
        when=unless(
            lambda server: not server.is_partial,
            gettext_lazy("Nova can't reach it at the moment."),
            minds_lock=False,
        ),
        says=lambda servers: _("The name in the cloud changes; the hostname inside the server stays."),
        started=gettext_lazy("Saved"),
        button=gettext_lazy("Save"),
        is_bulk=False,
    ),
    Action(
        slug="change-password",
        label=gettext_lazy("Change the password"),
        icon="password",
        section=STATE,
        run=_password,
        form=PasswordForm,
        cli=_password_cli,
        when=unless(
            lambda server: server.can_change_password,
            gettext_lazy("Only an active server can be given another password."),
        ),
        says=says(
            gettext_lazy("The administrator of “%(name)s” will get another password, if its guest has an agent."),
            gettext_lazy("The administrators of these %(n)d servers will get this password."),
        ),
        started=gettext_lazy("Changing the password"),
        is_bulk=False,
    ),
    Action(
        slug="lock",
        label=gettext_lazy("Lock"),
        icon="lock",
        section=STATE,
        run=_lock,
        form=LockServer,
        cli=_lock_cli,
        when=lambda server: _("It is locked already.") if server.is_locked else "",
        says=says(
            gettext_lazy("Nobody but an administrator can change a locked server until it is unlocked."),
            gettext_lazy("Nobody but an administrator can change locked servers until they are unlocked."),
        ),
        started=gettext_lazy("Locked"),
    ),
    Action(
        slug="unlock",
        label=gettext_lazy("Unlock"),
        icon="lock-open",
        section=STATE,
        run=simply(server_actions.unlock_server),
        cli=command("server", "unlock"),
        when=lambda server: "" if server.is_locked else _("It is not locked."),
        says=says(gettext_lazy("The server can be changed again."), gettext_lazy("The servers can be changed again.")),
        started=gettext_lazy("Unlocked"),
    ),
)

HELP_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="crash-dump",
        label=gettext_lazy("Trigger a crash dump"),
        icon="flame",
        section=HELP,
        run=simply(server_actions.trigger_crash_dump),
        cli=command("server", "dump", "create"),
        needs="2.17",
        when=unless(
            lambda server: server.can_crash_dump,
            gettext_lazy("Only a server that runs can be made to write a crash dump."),
        ),
        says=says(
            gettext_lazy(
                "“%(name)s” will be sent an interrupt that makes its system crash, and write down its memory if it is "
                "set up to. What it has not written to disk is lost."
            ),
            gettext_lazy(
                "These %(n)d servers will be sent an interrupt that makes their systems crash. What is not on disk "
                "is lost."
            ),
        ),
        started=gettext_lazy("Crash dump triggered"),
        is_dangerous=True,
        is_bulk=False,
    ),
    Action(
        slug="reset-state",
        label=gettext_lazy("Reset the state"),
        icon="adjustments-horizontal",
        section=HELP,
        run=_reset,
        form=ResetForm,
        cli=_reset_cli,
        roles=ADMIN,
        when=lambda server: "" if server.can_reset else _("There is no state to reset."),
        says=says(
            gettext_lazy(
                "Nova will forget what it is doing with “%(name)s”, and say that it is in this state. Nothing is "
                "changed on its host: do this only when you know that nothing goes on there."
            ),
            gettext_lazy(
                "Nova will forget what it is doing with these %(n)d servers, and say that they are in this state. "
                "Nothing is changed on their hosts."
            ),
        ),
        started=gettext_lazy("State reset"),
        is_dangerous=True,
    ),
)
