"""Deleting servers, with just what was ticked of what belongs to them; and taking a deletion back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import server_actions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.server_actions_delete import Companion, Companions, Step, delete_with, list_companions
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_rules import command, commands_of, name_of, says, simply, unless, why_locked
from dashboard.ui.actions import removal
from dashboard.ui.errors import told
from dashboard.ui.panel import Action
from dashboard.ui.values import Part

DELETION = gettext_lazy("Deletion")
Data = Mapping[str, Any]
LISTED = 20
"""Servers whose belongings a dialog lists; beyond that, all goes as it would without a word about it."""


class DeleteForm(forms.Form):
    """What goes along: nothing that is not ticked, and what is listed by name alone."""

    template_name = "servers/part_form.html"
    sentence = ""
    volume = forms.MultipleChoiceField(
        label=gettext_lazy("Delete these volumes too"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("With all that is on them. Those that are not ticked are kept."),
    )
    floating = forms.MultipleChoiceField(
        label=gettext_lazy("Release these floating IPs too"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They go back to the cloud; somebody else may get them."),
    )
    port = forms.MultipleChoiceField(
        label=gettext_lazy("Delete these ports too"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They were there before the server. This waits until the server is gone."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], is_job: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: dict[str, Companions] = {}
        if is_job:
            # A worker deletes them one after the other, with what goes along as things are.
            self.sentence = what_goes(rows) if len(rows) <= LISTED else ""
        elif len(rows) <= LISTED:
            calls = [lambda server=server: list_companions(cloud, server) for server in rows]  # type: ignore[misc]
            for server, outcome in zip(rows, in_turn(calls), strict=True):
                self.found[server.id] = outcome.value
        for kind in ("volume", "floating", "port"):
            self._offer(kind, rows)
        for error in {error.service: error for found in self.found.values() for error in found.errors}.values():
            self.sentence = _("Not all that belongs to it can be listed; what is not listed is kept. %(why)s") % {
                "why": told(error)
            }

    def _offer(self, kind: str, rows: Sequence[Server]) -> None:
        field: Any = self.fields[kind]
        choices, ticked, fixed = [], [], False
        for server in rows:
            for item in self.of(server.id):
                if item.kind != kind:
                    continue
                label = f"{server.name or server.id[:8]}: {item.name}" if len(rows) > 1 else item.name
                choices.append((f"{server.id}/{item.id}", label))
                ticked += [f"{server.id}/{item.id}"] if item.goes else []
                fixed = fixed or item.is_fixed
        if not choices:
            del self.fields[kind]
            return
        field.choices = choices
        self.initial[kind] = ticked
        if fixed:
            field.disabled = True
            field.help_text = _("This cloud's Nova can't change that any more (it takes 2.85).")

    def of(self, server_id: str) -> tuple[Companion, ...]:
        """What is known of a server's belongings."""
        found = self.found.get(server_id)
        return found.found if found is not None else ()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        chosen: dict[str, set[str]] = {}
        for kind in ("volume", "floating", "port"):
            for value in data.get(kind) or ():
                server_id, _slash, id = value.partition("/")
                chosen.setdefault(server_id, set()).add(id)
        data["chosen"] = chosen
        data["companions"] = {server_id: found.found for server_id, found in self.found.items()}
        return data


def _delete(cloud: Cloud, server: Server, data: Data) -> tuple[Part, ...]:
    steps = delete_with(
        cloud,
        id=server.id,
        companions=data["companions"].get(server.id, ()),
        chosen=data["chosen"].get(server.id, ()),
    )
    return tuple(parts_of(steps))


def _delete_cli(server: Server, data: Data) -> tuple[str, ...]:
    companions = data["companions"].get(server.id, ())
    chosen = data["chosen"].get(server.id, ())
    fates = [
        ("openstack", "server", "volume", "update", f"--{word}-on-termination", server.id, item.id)
        for word, goes in (("preserve", False), ("delete", True))
        for item in companions
        if item.kind == "volume" and not item.is_fixed and item.goes is not goes and (item.id in chosen) is goes
    ]
    gone = {
        kind: [item.id for item in companions if item.kind == kind and item.id in chosen]
        for kind in ("floating", "port")
    }
    return commands_of(
        *fates,
        # A port can go once its server is gone.
        ("openstack", "server", "delete", *(["--wait"] if gone["port"] else []), server.id),
        ("openstack", "floating", "ip", "delete", *gone["floating"]) if gone["floating"] else (),
        ("openstack", "port", "delete", *gone["port"]) if gone["port"] else (),
    )


def parts_of(steps: Iterable[Step]) -> Iterable[Part]:
    """Each thing that went along, in words."""
    words = {
        "volume": gettext_lazy("Volume %(name)s"),
        "floating": gettext_lazy("Floating IP %(name)s"),
        "port": gettext_lazy("Port %(name)s"),
    }
    for step in steps:
        label = str(words[step.companion.kind]) % {"name": step.companion.name}
        yield Part(label, _("It is kept. %(why)s") % {"why": told(step.error)} if step.error is not None else "")


def _delete_says(servers: Sequence[Server]) -> str:
    says = (
        _("“%(name)s” and what is on its own disk will be deleted. This can't be undone.") % {"name": name_of(servers)}
        if len(servers) == 1
        else _("These %(n)d servers and what is on their own disks will be deleted. This can't be undone.")
        % {"n": len(servers)}
    )
    # Of too many, each one's can't be listed.
    return says if len(servers) <= LISTED else f"{says} {what_goes(servers)}".strip()


def what_goes(servers: Sequence[Server]) -> str:
    """What becomes of volumes and floating IPs if nothing is said about them."""
    gone = sum(len(server.deleted_with) for server in servers)
    kept = sum(len(server.volume_ids) for server in servers) - gone
    floating = sum(len(server.floating_addresses) for server in servers)
    parts = []
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
    if server.status == "SOFT_DELETED":
        return _("It is deleted already, and kept for a while.")
    if server.can_delete:
        return why_locked(server)
    return _("It is being deleted already.")


def _when_delete_for_good(server: Server) -> str:
    if server.is_partial:
        return _("Nova can't reach it at the moment.")
    return why_locked(server) if server.can_delete_for_good else _("It is deleted already.")


DELETE_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="restore",
        label=gettext_lazy("Restore"),
        icon="arrow-back-up",
        section=DELETION,
        run=simply(server_actions.restore_server),
        cli=command("server", "restore"),
        when=unless(
            lambda server: server.can_restore,
            gettext_lazy("Only a server that was deleted and is kept for a while can be restored."),
        ),
        says=says(
            gettext_lazy("“%(name)s” will be brought back as it was."),
            gettext_lazy("These %(n)d servers will be brought back as they were."),
        ),
        started=gettext_lazy("Restoring"),
    ),
    Action(
        slug="force-delete",
        label=gettext_lazy("Delete for good"),
        icon="flame",
        section=DELETION,
        run=simply(server_actions.force_delete_server),
        cli=command("server", "delete", "--force"),
        when=_when_delete_for_good,
        says=says(
            gettext_lazy(
                "“%(name)s” and what is on its own disk will be deleted at once, whatever it does now. "
                "It can't be restored, even where this cloud keeps deleted servers for a while."
            ),
            gettext_lazy(
                "These %(n)d servers and what is on their own disks will be deleted at once. They can't be restored."
            ),
        ),
        started=gettext_lazy("Deleting"),
        is_dangerous=True,
        is_removal=True,
    ),
    removal(
        run=_delete,
        says=_delete_says,
        when=_when_delete,
        form=DeleteForm,
        section=DELETION,
        cli=_delete_cli,
        started=gettext_lazy("Deleting"),
    ),
)
