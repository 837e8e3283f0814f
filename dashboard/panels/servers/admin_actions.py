"""What administrators can do to servers: moving them between hosts, and off a host that is dead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import server_admin, versions
from dashboard.cloud.compute_hosts import ComputeHost, list_compute_hosts
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_rules import name_of, unless
from dashboard.panels.servers.words import why_busy
from dashboard.ui.errors import told
from dashboard.ui.panel import ADMIN, Action

Data = Mapping[str, Any]
SECTION = gettext_lazy("Administration")
MOST = 1000
"""Hosts that a form offers."""


def memory(mib: int) -> str:
    """ "12.5 GiB"."""
    return f"{mib / 1024:.1f}".removesuffix(".0") + " GiB"


def host_words(host: ComputeHost) -> str:
    """A host with what is free of it; nothing of that where Nova does not tell."""
    if not host.vcpus and not host.ram:
        return host.name
    return _("%(host)s: %(vcpus)d of %(all_vcpus)d vCPU and %(ram)s of %(all_ram)s memory free, %(n)d servers") % {
        "host": host.name,
        "vcpus": max(0, host.vcpus - host.vcpus_used),
        "all_vcpus": host.vcpus,
        "ram": memory(max(0, host.ram - host.ram_used)),
        "all_ram": memory(host.ram),
        "n": host.servers,
    }


class HostForm(forms.Form):
    """Another host; those where the servers are, and those that take none, are left out."""

    host = forms.ChoiceField(label=gettext_lazy("Host"), required=False)
    since = "2.1"
    """The microversion from which on a host may be given."""

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["host"]
        # A form for one server starts with the server's own values, and this one is not to be chosen.
        self.initial.pop("host", None)
        field.choices = [("", _("The scheduler chooses"))]
        if not versions.speaks(cloud, "compute", self.since):
            field.help_text = _("This cloud is too old for a choice: Nova %(version)s is needed.") % {
                "version": self.since
            }
            return
        try:
            found = list_compute_hosts(cloud)
        except CloudError as error:
            field.help_text = _("The hosts can't be listed. %(why)s") % {"why": told(error)}
            return
        here = {row.host for row in rows}
        others = [host for host in found if host.takes_servers and host.name not in here]
        field.choices += [(host.name, host_words(host)) for host in others[:MOST]]
        closed = [host.name for host in found if not host.takes_servers and host.name not in here]
        if not others:
            field.help_text = _("No other host takes servers at the moment.")
        elif len(others) > MOST:
            field.help_text = _("These are the first %(n)d; there are more.") % {"n": MOST}
        elif closed:
            field.help_text = ngettext(
                "%(names)s is down or disabled.", "%(names)s are down or disabled.", len(closed)
            ) % {"names": ", ".join(closed[:5]) + (" …" if len(closed) > 5 else "")}


class MigrateForm(HostForm):
    """A host for a cold migration can be given since 2.56."""

    since = "2.56"


class LiveMigrateForm(HostForm):
    """Where to, and what becomes of the disks."""

    block = forms.ChoiceField(
        label=gettext_lazy("Disks"),
        choices=(
            ("auto", gettext_lazy("Nova finds out whether they have to be copied")),
            ("yes", gettext_lazy("Copy them (block migration)")),
            ("no", gettext_lazy("They are on shared storage: copy nothing")),
        ),
        initial="auto",
    )


class EvacuateForm(HostForm):
    """Where the servers are built anew."""


def _migrate(cloud: Cloud, server: Server, data: Data) -> None:
    server_admin.migrate_server(cloud, id=server.id, host=data["host"])


def _live_migrate(cloud: Cloud, server: Server, data: Data) -> None:
    server_admin.live_migrate_server(cloud, id=server.id, host=data["host"], block=data["block"])


def _evacuate(cloud: Cloud, server: Server, data: Data) -> None:
    server_admin.evacuate_server(cloud, id=server.id, host=data["host"])


def _abort(cloud: Cloud, server: Server, data: Data) -> None:
    server_admin.abort_migration(cloud, id=server.id)


def _complete(cloud: Cloud, server: Server, data: Data) -> None:
    server_admin.complete_migration(cloud, id=server.id)


def _host_words(data: Data, option: str = "--host") -> tuple[str, ...]:
    return (option, data["host"]) if data.get("host") else ()


def _cli_migrate(server: Server, data: Data) -> tuple[str, ...]:
    return ("openstack", "server", "migrate", *_host_words(data), server.id)


def _cli_live(server: Server, data: Data) -> tuple[str, ...]:
    block = {"yes": ("--block-migration",), "no": ("--shared-migration",)}.get(data.get("block", ""), ())
    return ("openstack", "server", "migrate", "--live-migration", *block, *_host_words(data), server.id)


def _cli_evacuate(server: Server, data: Data) -> tuple[str, ...]:
    return ("openstack", "server", "evacuate", *_host_words(data), server.id)


def _cli_abort(server: Server, data: Data) -> tuple[str, ...]:
    return ("openstack", "server", "migration", "abort", server.id, "$MIGRATION_ID")


def _cli_complete(server: Server, data: Data) -> tuple[str, ...]:
    return ("openstack", "server", "migration", "force", "complete", server.id, "$MIGRATION_ID")


def _say_migrate(servers: Sequence[Server]) -> str:
    if len(servers) == 1:
        return _(
            "“%(name)s” will be shut down, moved to another host and started there if it ran. Then the move waits to "
            "be confirmed or reverted."
        ) % {"name": name_of(servers)}
    return _(
        "These %(n)d servers will be shut down, moved to other hosts and started there if they ran. Then each move "
        "waits to be confirmed or reverted."
    ) % {"n": len(servers)}


def _say_live(servers: Sequence[Server]) -> str:
    if len(servers) == 1:
        return _("“%(name)s” will be moved to another host while it runs.") % {"name": name_of(servers)}
    return _("These %(n)d servers will be moved to other hosts while they run.") % {"n": len(servers)}


def _say_evacuate(servers: Sequence[Server]) -> str:
    about = (
        _("“%(name)s” will be built anew on another host.") % {"name": name_of(servers)}
        if len(servers) == 1
        else _("These %(n)d servers will be built anew on other hosts.") % {"n": len(servers)}
    )
    return f"{about} " + _(
        "Disks on volumes and shared storage are kept; what was on the dead host's own disk is lost. Make sure that "
        "the host is off: a server that still runs there would write to the same disks."
    )


def _say_abort(servers: Sequence[Server]) -> str:
    return _("The live migration ends, and the server stays on the host where it is.")


def _say_complete(servers: Sequence[Server]) -> str:
    return _("The server may be paused until the rest of its memory is copied, so that the migration comes to its end.")


def _when_evacuate(server: Server) -> str:
    if not server.can_evacuate:
        return why_busy(server) or _("Only a server that is active, shut off or in an error can be evacuated.")
    if not server.host:
        return _("It is on no host.")
    if server.host_status == "UP":
        return _("Its host %(host)s is up: migrate it instead.") % {"host": server.host}
    return ""


def _when_moving(server: Server) -> str:
    return "" if server.task_state == "migrating" else _("No live migration of it is under way.")


ADMIN_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="migrate",
        label=gettext_lazy("Migrate"),
        icon="transfer",
        run=_migrate,
        form=MigrateForm,
        # An administrator's lock keeps members out, not the administrator.
        when=unless(
            lambda server: server.can_migrate,
            gettext_lazy("Only a server that is active or shut off can be migrated."),
            minds_lock=False,
        ),
        says=_say_migrate,
        started=gettext_lazy("Migrating"),
        section=SECTION,
        roles=ADMIN,
        cli=_cli_migrate,
    ),
    Action(
        slug="live-migrate",
        label=gettext_lazy("Live migrate"),
        icon="transfer",
        run=_live_migrate,
        form=LiveMigrateForm,
        when=unless(
            lambda server: server.can_live_migrate,
            gettext_lazy("Only a server that is active or paused can be migrated live."),
            minds_lock=False,
        ),
        says=_say_live,
        started=gettext_lazy("Migrating live"),
        section=SECTION,
        roles=ADMIN,
        cli=_cli_live,
    ),
    Action(
        slug="abort-migration",
        label=gettext_lazy("Abort the live migration"),
        icon="player-stop",
        run=_abort,
        when=_when_moving,
        says=_say_abort,
        started=gettext_lazy("Aborting the migration"),
        button=gettext_lazy("Abort"),
        section=SECTION,
        roles=ADMIN,
        needs="2.24",
        cli=_cli_abort,
    ),
    Action(
        slug="complete-migration",
        label=gettext_lazy("Force the live migration to its end"),
        icon="arrow-right",
        run=_complete,
        when=_when_moving,
        says=_say_complete,
        started=gettext_lazy("Forcing the migration"),
        button=gettext_lazy("Force"),
        section=SECTION,
        roles=ADMIN,
        needs="2.22",
        cli=_cli_complete,
    ),
    Action(
        slug="evacuate",
        label=gettext_lazy("Evacuate"),
        icon="server-off",
        run=_evacuate,
        form=EvacuateForm,
        when=_when_evacuate,
        says=_say_evacuate,
        started=gettext_lazy("Evacuating"),
        section=SECTION,
        roles=ADMIN,
        is_dangerous=True,
        cli=_cli_evacuate,
    ),
)
