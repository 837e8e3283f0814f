"""What is done to stacks from their menu."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import stack_actions as do
from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.stack_parts import Resource, list_resources
from dashboard.cloud.stacks import Stack
from dashboard.panels.stacks.resource import MARK, SIGNAL
from dashboard.panels.stacks.words import place_of, titles, why_busy
from dashboard.ui.actions import removal
from dashboard.ui.forms import answered
from dashboard.ui.panel import Action, Lead
from dashboard.ui.values import Part

Data = Mapping[str, Any]
SHOWN = 50
"""Resources that the dialog of a deletion names."""
LISTED = 5
"""Stacks whose resources it asks for."""


def _says(text: Any) -> Callable[[Sequence[Stack]], str]:
    """A sentence about the stacks that are named in it."""
    return lambda stacks: str(text) % {"name": titles(stacks)}


def _is_in(stack: Stack, *actions: str) -> bool:
    return stack.is_transitional and stack.action in actions


def why_not_cancel(stack: Stack) -> str:
    return "" if _is_in(stack, "UPDATE", "CREATE") else _("Nothing is being made or updated.")


def why_not_roll_back(stack: Stack) -> str:
    return "" if _is_in(stack, "UPDATE") else _("No update is under way.")


def why_not_suspend(stack: Stack) -> str:
    if stack.action == "SUSPEND" and not stack.is_failed:
        return why_busy(stack) or _("It is suspended.")
    return why_busy(stack)


def why_not_resume(stack: Stack) -> str:
    return why_busy(stack) or ("" if stack.action in {"SUSPEND", "RESUME"} else _("It is not suspended."))


def _acts(name: str) -> Callable[[Cloud, Stack, Data], None]:
    return lambda cloud, stack, data: do.act(cloud, stack, name)


def _command(*words: str) -> Callable[[Stack, Data], Sequence[str]]:
    return lambda stack, data: ["openstack", "stack", *words, stack.id]


class DeleteForm(forms.Form):
    """Nothing is asked; what would go is listed."""

    template_name = "stacks/goes.html"

    def __init__(self, *args: Any, rows: Sequence[Stack] = (), cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goes: list[Any] = []
        self.more = 0
        self.is_several = len(rows) > 1
        self.is_known = True
        if cloud is None or not rows:
            return
        asked = [later(functools.partial(list_resources, cloud, row.name, row.id)) for row in rows[:LISTED]]
        found = [item for answer in asked for item in answer.or_else([]) if item.physical_id]
        self.is_known = len(rows) <= LISTED and not any(answer.error for answer in asked)
        self.goes, self.more = found[:SHOWN], max(0, len(found) - SHOWN)

    def get_context(self) -> dict[str, Any]:
        return {
            **super().get_context(),
            "goes": self.goes,
            "more": self.more,
            "is_known": self.is_known,
            "is_several": self.is_several,
        }


class SnapshotForm(forms.Form):
    snapshot_name = forms.CharField(label=gettext_lazy("Name"), max_length=255)


class ChosenSnapshotForm(forms.Form):
    """One of the stack's snapshots that are at rest: whole, or failed."""

    snapshot = forms.ChoiceField(label=gettext_lazy("Snapshot"))
    wanted: ClassVar[Collection[str]] = ("COMPLETE", "FAILED")

    def __init__(self, *args: Any, rows: Sequence[Stack] = (), cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if cloud is None or not rows:
            return
        found = answered(self, "snapshot", later(lambda: do.list_snapshots(cloud, rows[0])))
        field = self.fields["snapshot"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(item.id, item.name or item.id) for item in found if item.status in self.wanted]


class RestoreForm(ChosenSnapshotForm):
    """One of the stack's whole snapshots: Heat restores no other."""

    wanted = ("COMPLETE",)


def _snapshot(cloud: Cloud, stack: Stack, data: Data) -> None:
    do.create_snapshot(cloud, stack, data["snapshot_name"])


def _abandon(cloud: Cloud, stack: Stack, data: Data) -> tuple[Part, ...]:
    kept = wire.mapping(do.abandon_stack(cloud, stack).get("resources"))
    left = [
        Resource(
            name=str(name),
            type=wire.text(wire.mapping(item).get("type")),
            status="",
            physical_id=wire.text(wire.mapping(item).get("resource_id")),
        )
        for name, item in list(kept.items())[:SHOWN]
    ]
    links = [(item.name, place_of(item, cloud)) for item in left]
    return tuple(Part(label=name, url_name=link.url_name, id=link.id if link.url_name else "") for name, link in links)


UPDATE: Lead[Stack] = Lead(
    label=gettext_lazy("Update"),
    url_name="stacks:update",
    query=lambda stack: {"id": stack.id},
    icon="edit",
    when=why_busy,
    is_primary=True,
)
EXPORT: Lead[Stack] = Lead(
    label=gettext_lazy("Export"),
    url_name="stacks:export",
    query=lambda stack: {"id": stack.id},
    icon="download",
    when=why_busy,
)
ACTIONS: tuple[Action[Stack], ...] = (
    Action(
        slug="check",
        label=gettext_lazy("Check"),
        run=_acts("check"),
        says=_says(gettext_lazy("Heat will look whether everything that %(name)s made is still there and well.")),
        when=why_busy,
        icon="circle-check",
        started=gettext_lazy("Checking"),
        cli=_command("check"),
    ),
    Action(
        slug="suspend",
        label=gettext_lazy("Suspend"),
        run=_acts("suspend"),
        says=_says(gettext_lazy("What %(name)s made will be suspended, servers above all; resuming brings it back.")),
        when=why_not_suspend,
        icon="player-pause",
        started=gettext_lazy("Suspending"),
        cli=_command("suspend"),
    ),
    Action(
        slug="resume",
        label=gettext_lazy("Resume"),
        run=_acts("resume"),
        says=_says(gettext_lazy("What was suspended with %(name)s will run again.")),
        when=why_not_resume,
        icon="player-play",
        started=gettext_lazy("Resuming"),
        cli=_command("resume"),
    ),
    Action(
        slug="cancel",
        label=gettext_lazy("Cancel, and leave it as it is"),
        run=_acts("cancel_without_rollback"),
        says=_says(gettext_lazy("What is being done to %(name)s will stop where it is; nothing is undone.")),
        when=why_not_cancel,
        icon="player-stop",
        is_dangerous=True,
        started=gettext_lazy("Cancelling"),
        cli=_command("cancel", "--no-rollback"),
    ),
    Action(
        slug="roll-back",
        label=gettext_lazy("Cancel and roll back"),
        run=_acts("cancel_update"),
        says=_says(gettext_lazy("The update of %(name)s will stop, and what it changed so far will be undone.")),
        when=why_not_roll_back,
        icon="arrow-back-up",
        is_dangerous=True,
        started=gettext_lazy("Rolling back"),
        cli=_command("cancel"),
    ),
    Action(
        slug="snapshot",
        label=gettext_lazy("Take a snapshot"),
        run=_snapshot,
        says=_says(gettext_lazy("Heat will keep what %(name)s and its servers and volumes are now.")),
        when=why_busy,
        form=SnapshotForm,
        icon="camera",
        is_bulk=False,
        started=gettext_lazy("Taking the snapshot"),
        cli=lambda stack, data: ["openstack", "stack", "snapshot", "create", "--name", data["snapshot_name"], stack.id],
    ),
    Action(
        slug="restore",
        label=gettext_lazy("Restore a snapshot"),
        run=lambda cloud, stack, data: do.restore_snapshot(cloud, stack, data["snapshot"]),
        says=_says(
            gettext_lazy("%(name)s will become what it was in the snapshot. What changed since then will be lost.")
        ),
        when=why_busy,
        form=RestoreForm,
        icon="history",
        is_bulk=False,
        is_dangerous=True,
        started=gettext_lazy("Restoring"),
        cli=lambda stack, data: ["openstack", "stack", "snapshot", "restore", stack.id, data["snapshot"]],
    ),
    Action(
        slug="delete-snapshot",
        label=gettext_lazy("Delete a snapshot"),
        run=lambda cloud, stack, data: do.delete_snapshot(cloud, stack, data["snapshot"]),
        says=_says(gettext_lazy("The snapshot of %(name)s will be deleted. This can't be undone.")),
        when=why_busy,
        form=ChosenSnapshotForm,
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        started=gettext_lazy("Deleted"),
        cli=lambda stack, data: ["openstack", "stack", "snapshot", "delete", "-y", stack.id, data["snapshot"]],
    ),
    MARK,
    SIGNAL,
    removal(
        slug="abandon",
        label=gettext_lazy("Abandon"),
        run=_abandon,
        says=_says(
            gettext_lazy(
                "Heat will forget %(name)s; all that it made stays, and is nobody's but yours to look after. Export it "
                "first if it is to be adopted again."
            )
        ),
        when=why_busy,
        icon="unlink",
        started=gettext_lazy("Abandoned"),
        cli=_command("abandon"),
    ),
    removal(
        run=lambda cloud, stack, data: do.delete_stack(cloud, stack),
        says=_says(gettext_lazy("%(name)s and everything that it made will be deleted. This can't be undone.")),
        # Even while it is being deleted: one that got stuck in Heat goes on when it is asked for again.
        form=DeleteForm,
        started=gettext_lazy("Deleting"),
        cli=_command("delete", "-y"),
    ),
)
