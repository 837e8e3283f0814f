"""What is done to a host's compute service: no new servers there, and why; that it is dead; that it is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import compute_services as do
from dashboard.cloud.compute_services import COMPUTE
from dashboard.cloud.connection import Cloud
from dashboard.ui.actions import disabling, enabling
from dashboard.ui.panel import ADMIN, Action, Lead

Data = Mapping[str, Any]
SERVICE = gettext_lazy("Service")
ALL = gettext_lazy("All servers of the host")


class DisableForm(forms.Form):
    """Why, for whoever meets it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=255,
        help_text=gettext_lazy("Other administrators see it beside the host."),
    )


def hosts(rows: Sequence[Any]) -> str:
    """The hosts that it is about."""
    return ", ".join(row.host for row in rows)


def why_no_host(row: Any) -> str:
    """The reason why nothing of this can be done to a row: only hosts of servers are changed."""
    return "" if getattr(row, "is_compute", True) else _("Only compute services can be disabled or forced down.")


def _when(test: Callable[[Any], bool], reason: Any) -> Callable[[Any], str]:
    return lambda row: why_no_host(row) or ("" if test(row) else str(reason))


def service_actions(id_of: Callable[[Any], str]) -> tuple[Action[Any], ...]:
    """The actions for rows that have a host; ``id_of`` gives the service's id."""

    def disable(cloud: Cloud, row: Any, data: Data) -> None:
        do.disable_service(cloud, id=id_of(row), reason=data["reason"])

    def enable(cloud: Cloud, row: Any, data: Data) -> None:
        do.enable_service(cloud, id=id_of(row))

    def force(cloud: Cloud, row: Any, data: Data) -> None:
        do.force_down(cloud, id=id_of(row), is_down=True)

    def unforce(cloud: Cloud, row: Any, data: Data) -> None:
        do.force_down(cloud, id=id_of(row), is_down=False)

    given: dict[str, Any] = {"roles": ADMIN, "needs": do.CHANGED, "section": SERVICE}
    words = ("openstack", "compute", "service", "set")
    return (
        disabling(
            run=disable,
            says=lambda rows: _("%(hosts)s gets no new servers. Those that run there go on.") % {"hosts": hosts(rows)},
            when=_when(lambda row: row.is_enabled, gettext_lazy("It is disabled already.")),
            form=DisableForm,
            is_primary=True,
            cli=lambda row, data: (*words, "--disable", "--disable-reason", data["reason"], row.host, COMPUTE),
            **given,
        ),
        enabling(
            run=enable,
            says=lambda rows: _("%(hosts)s gets new servers again.") % {"hosts": hosts(rows)},
            when=_when(lambda row: not row.is_enabled, gettext_lazy("It is enabled already.")),
            cli=lambda row, data: (*words, "--enable", row.host, COMPUTE),
            **given,
        ),
        Action(
            slug="force-down",
            label=gettext_lazy("Force down"),
            run=force,
            says=lambda rows: (
                _(
                    "From now on Nova takes %(hosts)s for dead, and its servers may be evacuated: built anew on other "
                    "hosts. Make sure first that the host is off or cut off from its storage: servers that still run "
                    "there would write to the same disks, and destroy them."
                )
                % {"hosts": hosts(rows)}
            ),
            when=_when(lambda row: not row.is_forced_down, gettext_lazy("It is forced down already.")),
            icon="server-off",
            is_dangerous=True,
            started=gettext_lazy("Forced down"),
            cli=lambda row, data: (*words, "--down", row.host, COMPUTE),
            **given,
        ),
        Action(
            slug="unforce-down",
            label=gettext_lazy("Undo forced down"),
            run=unforce,
            says=lambda rows: (
                _(
                    "Nova believes again what %(hosts)s says of itself. If servers were evacuated from it, start its "
                    "compute service anew first: that removes them there, and Nova refuses until it is done."
                )
                % {"hosts": hosts(rows)}
            ),
            when=_when(lambda row: row.is_forced_down, gettext_lazy("It is not forced down.")),
            icon="power",
            started=gettext_lazy("No longer forced down"),
            cli=lambda row, data: (*words, "--up", row.host, COMPUTE),
            **given,
        ),
    )


def _why_not_moved(row: Any) -> str:
    if reason := why_no_host(row):
        return reason
    return "" if row.is_up else _("It is down: its servers can only be evacuated.")


def _why_not_evacuated(row: Any) -> str:
    if reason := why_no_host(row):
        return reason
    return _("It is up. If it is dead all the same, force it down first.") if row.is_up else ""


def _lead(kind: str, label: Any, icon: str, when: Callable[[Any], str], **more: Any) -> Lead[Any]:
    return Lead(
        label=label,
        url_name="hypervisors:move",
        query=lambda row: {"source": row.host, "do": kind},
        icon=icon,
        roles=ADMIN,
        when=when,
        section=ALL,
        **more,
    )


LEADS: tuple[Lead[Any], ...] = (
    _lead("drain", gettext_lazy("Drain"), "transfer", _why_not_moved, is_primary=True),
    _lead("live", gettext_lazy("Live-migrate all"), "transfer", _why_not_moved),
    _lead("cold", gettext_lazy("Migrate all"), "transfer", _why_not_moved),
    _lead("evacuate", gettext_lazy("Evacuate all"), "server-off", _why_not_evacuated),
)
"""Pages that list the servers first, see ``moving``."""
