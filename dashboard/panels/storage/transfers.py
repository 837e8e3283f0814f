"""Transfers: volumes that wait for another project, and taking one in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dashboard.cloud import volume_transfers
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.volume_transfers import LOOKUP, Transfer
from dashboard.panels.storage.fields import UUID
from dashboard.panels.storage.names import with_volumes
from dashboard.panels.storage.words import title, titles
from dashboard.ui.columns import column
from dashboard.ui.panel import Action, Create, Filter, Group, Panel
from dashboard.ui.values import Link


class AcceptForm(forms.Form):
    """The two words that were handed over."""

    transfer_id = forms.RegexField(
        UUID.pattern + "$",
        label=gettext_lazy("ID of the transfer"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    auth_key = forms.CharField(
        label=pgettext_lazy("of a transfer", "Key"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Whoever hands the volume over has both, and tells you."),
    )


def accept(cloud: Cloud, data: Mapping[str, Any]) -> None:
    """Takes the volume in."""
    volume_transfers.accept_transfer(cloud, id=data["transfer_id"], key=data["auth_key"])


def cancel(cloud: Cloud, transfer: Transfer, data: Mapping[str, Any]) -> None:
    """Takes the offer back."""
    volume_transfers.cancel_transfer(cloud, id=transfer.id)


def says_cancel(transfers: Sequence[Transfer]) -> str:
    """What cancelling does."""
    return _("The key of %(name)s is worth nothing from then on. The volume stays in this project.") % {
        "name": titles(transfers)
    }


def volume_of(transfer: Transfer) -> Link:
    """The volume that is handed over."""
    return Link(transfer.volume_name or transfer.volume_id[:8], "volumes:detail", transfer.volume_id)


NAME = column("name", gettext_lazy("Name"), title, cell="ui/cell/name.html", sort="name")
VOLUME = column("volume", gettext_lazy("Volume"), volume_of, cell="ui/cell/link.html")
SNAPSHOTS = column("snapshots", gettext_lazy("With its snapshots"), lambda t: t.has_snapshots, cell="ui/cell/bool.html")
CREATED = column("created", gettext_lazy("Offered"), lambda t: t.created, cell="ui/cell/time.html", sort="created")
ID = column("id", gettext_lazy("ID"), lambda t: t.id, cell="ui/cell/copy.html")

PANEL: Panel[Transfer] = Panel(
    slug="volume-transfers",
    title=gettext_lazy("Transfers"),
    noun=gettext_lazy("transfer"),
    nouns=gettext_lazy("transfers"),
    group="storage",
    icon="transfer",
    service=SERVICE,
    about=gettext_lazy(
        "A transfer hands a volume over to another project. It begins in the menu of a volume; here are those that "
        "nobody has taken yet."
    ),
    rows=volume_transfers.list_transfers,
    row=volume_transfers.get_transfer,
    raw=volume_transfers.get_transfer_json,
    joined=with_volumes,
    joins="volume",
    columns=(NAME, VOLUME, SNAPSHOTS, CREATED, ID),
    filters=(Filter(key="volume", label=gettext_lazy("A volume's id")),),
    actions=(
        Action(
            slug="cancel",
            label=gettext_lazy("Cancel"),
            run=cancel,
            says=says_cancel,
            icon="x",
            is_dangerous=True,
            is_removal=True,
            started=gettext_lazy("Cancelled"),
            button=gettext_lazy("Cancel the transfer"),
            cli=lambda transfer, data: ["openstack", "volume", "transfer", "request", "delete", transfer.id],
        ),
    ),
    create=Create(
        label=gettext_lazy("Take a volume"),
        form=AcceptForm,
        run=accept,
        cli=lambda data: [
            *("openstack", "volume", "transfer", "request", "accept"),
            *("--auth-key", "$AUTH_KEY", data["transfer_id"]),
        ],
    ),
    groups=(Group(label=gettext_lazy("Transfer"), facts=(ID, VOLUME, SNAPSHOTS, CREATED)),),
    lookup=LOOKUP,
    default_sort="created",
    is_default_descending=True,
)
