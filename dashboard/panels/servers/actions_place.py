"""How large a server is, and whether it takes room on a host: resizing, shelving and coming back."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import server_actions, server_actions_disk, versions
from dashboard.cloud.compute_hosts import list_compute_hosts
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.launch_options import load_options
from dashboard.cloud.servers import Server
from dashboard.live import cache
from dashboard.panels.servers.actions_resize import ResizeForm
from dashboard.panels.servers.actions_rules import command, says, simply, unless
from dashboard.ui.errors import told
from dashboard.ui.panel import ADMIN, Action

PLACE = gettext_lazy("Size and place")
ZONE_SINCE, HOST_SINCE = "2.77", "2.91"
MOST = 1000


class UnshelveForm(forms.Form):
    """Where it comes back: by itself, in a zone (2.77), or for administrators on a host (2.91)."""

    zone = forms.ChoiceField(label=gettext_lazy("Availability zone"), required=False)
    host = forms.ChoiceField(label=gettext_lazy("Host"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the server has is where it was, not where it is to go.
        self.initial.pop("host", None)
        may_choose = all(server.can_choose_zone for server in rows)
        if not may_choose or not versions.speaks(cloud, "compute", ZONE_SINCE):
            del self.fields["zone"]
        else:
            self._offer_zones(cloud)
        if not may_choose or not cloud.has_role(*ADMIN) or not versions.speaks(cloud, "compute", HOST_SINCE):
            del self.fields["host"]
        else:
            self._offer_hosts(cloud)

    def _offer_zones(self, cloud: Cloud) -> None:
        field: Any = self.fields["zone"]
        zones = load_options(cloud, ("zones",), keep=functools.partial(cache.cached, cloud)).zones
        names = sorted(zone.name for zone in zones if zone.is_available)
        field.choices = [("", _("As before, or any")), *((name, name) for name in names[:MOST])]
        if zones.error is not None:
            field.help_text = _("The zones can't be listed. %(why)s") % {"why": told(zones.error)}

    def _offer_hosts(self, cloud: Cloud) -> None:
        field: Any = self.fields["host"]
        field.choices = [("", _("The scheduler chooses"))]
        try:
            hosts = [host.name for host in list_compute_hosts(cloud) if host.takes_servers]
        except CloudError as error:
            field.help_text = _("The hosts can't be listed. %(why)s") % {"why": told(error)}
            return
        field.choices += [(name, name) for name in sorted(hosts)[:MOST]]


def _unshelve(cloud: Cloud, server: Server, data: Mapping[str, Any]) -> None:
    server_actions.unshelve_server(cloud, id=server.id, zone=data.get("zone", ""), host=data.get("host", ""))


def _unshelve_cli(server: Server, data: Mapping[str, Any]) -> tuple[str, ...]:
    zone = ("--availability-zone", data["zone"]) if data.get("zone") else ()
    host = ("--host", data["host"]) if data.get("host") else ()
    return ("openstack", "server", "unshelve", *zone, *host, server.id)


def _resize(cloud: Cloud, server: Server, data: Mapping[str, Any]) -> None:
    server_actions_disk.resize_server(cloud, id=server.id, flavor_id=data["flavor"])


def _resize_cli(server: Server, data: Mapping[str, Any]) -> tuple[str, ...]:
    return ("openstack", "server", "resize", "--flavor", data["flavor"], server.id)


RESIZED = gettext_lazy("There is no resize to decide on.")

PLACE_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="resize",
        label=gettext_lazy("Resize"),
        icon="arrows-maximize",
        section=PLACE,
        run=_resize,
        form=ResizeForm,
        cli=_resize_cli,
        when=unless(
            lambda server: server.can_resize,
            gettext_lazy("Only a server that is active or shut off can be resized."),
        ),
        says=says(
            gettext_lazy(
                "“%(name)s” will be shut down, get another flavor, maybe on another host, and start again. Then you "
                "confirm that it works, or go back."
            ),
            gettext_lazy("These %(n)d servers will be shut down, get another flavor, and start again."),
        ),
        started=gettext_lazy("Resizing"),
    ),
    Action(
        slug="confirm-resize",
        label=gettext_lazy("Confirm the resize"),
        icon="check",
        section=PLACE,
        run=simply(server_actions_disk.confirm_resize),
        cli=command("server", "resize", "confirm"),
        when=unless(lambda server: server.is_resized, RESIZED),
        says=says(
            gettext_lazy("“%(name)s” will keep its new flavor. After that, there is no way back to the old one."),
            gettext_lazy("These %(n)d servers will keep their new flavors. After that, there is no way back."),
        ),
        started=gettext_lazy("Confirming the resize"),
    ),
    Action(
        slug="revert-resize",
        label=gettext_lazy("Revert the resize"),
        icon="arrow-back-up",
        section=PLACE,
        run=simply(server_actions_disk.revert_resize),
        cli=command("server", "resize", "revert"),
        when=unless(lambda server: server.is_resized, RESIZED),
        says=says(
            gettext_lazy(
                "“%(name)s” will go back to its old flavor and restart. What was written to its own disk since the "
                "resize is lost."
            ),
            gettext_lazy("These %(n)d servers will go back to their old flavors. What was written since is lost."),
        ),
        started=gettext_lazy("Reverting the resize"),
        is_dangerous=True,
    ),
    Action(
        slug="shelve",
        label=gettext_lazy("Shelve"),
        icon="archive",
        section=PLACE,
        run=simply(server_actions.shelve_server),
        cli=command("server", "shelve"),
        when=unless(
            lambda server: server.can_shelve,
            gettext_lazy("Only a server that is active, shut off, paused or suspended can be shelved."),
        ),
        says=says(
            gettext_lazy(
                "“%(name)s” will be shut down and kept as an image, and its host's room given back. It keeps its "
                "volumes, addresses and quota. What is in memory is lost."
            ),
            gettext_lazy("These %(n)d servers will be shut down, kept as images, and their hosts' room given back."),
        ),
        started=gettext_lazy("Shelving"),
    ),
    Action(
        slug="unshelve",
        label=gettext_lazy("Unshelve"),
        icon="upload",
        section=PLACE,
        run=_unshelve,
        form=UnshelveForm,
        cli=_unshelve_cli,
        when=unless(lambda server: server.can_unshelve, gettext_lazy("It is not shelved.")),
        says=says(
            gettext_lazy("“%(name)s” will be brought back to a host and started."),
            gettext_lazy("These %(n)d servers will be brought back to hosts and started."),
        ),
        started=gettext_lazy("Unshelving"),
    ),
    Action(
        slug="shelve-offload",
        label=gettext_lazy("Offload"),
        icon="cloud-off",
        section=PLACE,
        run=simply(server_actions.offload_server),
        # The client waits until it is shelved, and offloads it then.
        cli=command("server", "shelve", "--offload"),
        roles=ADMIN,
        when=unless(
            lambda server: server.can_offload,
            gettext_lazy("Only a shelved server that is still on its host can be offloaded."),
        ),
        says=says(
            gettext_lazy("“%(name)s” will leave its host now. Its image, volumes and addresses stay."),
            gettext_lazy("These %(n)d servers will leave their hosts now. Images, volumes and addresses stay."),
        ),
        started=gettext_lazy("Offloading"),
    ),
)
