"""QoS specs: how much volumes of a type may read and write, and which types they are given to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.cloud import volume_type_admin as do
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.volume_type_admin import QosSpecs
from dashboard.cloud.volume_types import list_all_types
from dashboard.panels.storage.commands import repeated
from dashboard.panels.storage.common import about
from dashboard.panels.storage.fields import Lines, asked, differences, name_field, offer, pair_words
from dashboard.panels.storage.volumes import PAIRS
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import ID, NAME, OPTIONAL_ID, column
from dashboard.ui.forms import answered
from dashboard.ui.panel import ADMIN, Create, Filter, Group, Panel

Data = Mapping[str, Any]
CONSUMERS = (
    ("front-end", gettext_lazy("The server's host (front-end)")),
    ("back-end", gettext_lazy("The back end")),
    ("both", gettext_lazy("Both")),
)


class LimitsForm(forms.Form):
    """Limits, and who keeps volumes to them."""

    consumer = forms.ChoiceField(label=gettext_lazy("Who keeps to it"), choices=CONSUMERS, initial="front-end")
    specs = Lines(label=gettext_lazy("Limits"), help_text=gettext_lazy("One pair a line: total_iops_sec = 500"))


class NewForm(LimitsForm):
    """The same with a name, which can't be changed later."""

    name = name_field()
    field_order = ("name",)


class TypesForm(forms.Form):
    """The types whose volumes are held to it."""

    types = forms.MultipleChoiceField(
        label=gettext_lazy("Volume types"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[QosSpecs] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = asked(lambda: do.list_associations(cloud, id=rows[0].id) if rows else [])
        found = answered(self, "types", asked(lambda: list_all_types(cloud, is_public="None")))
        self.before = answered(self, "types", waiting)
        self.initial["types"] = self.before
        offer(self, "types", sorted(((item.id, item.name) for item in found), key=lambda item: item[1].casefold()))

    def clean(self) -> dict[str, Any]:
        """What is to be given and what is to be taken."""
        data = super().clean() or {}
        wanted = data.get("types", [])
        data["added"] = [id for id in wanted if id not in self.before]
        data["removed"] = [id for id in self.before if id not in wanted]
        return data


class DeleteForm(forms.Form):
    """Whether it goes although types have it."""

    is_forced = forms.BooleanField(label=gettext_lazy("Even if volume types have it"), required=False)


def create(cloud: Cloud, data: Data) -> QosSpecs:
    """Makes the QoS specs of the form."""
    return do.create_qos(cloud, name=data["name"], consumer=data["consumer"], specs=data["specs"])


def _edit(cloud: Cloud, row: QosSpecs, data: Data) -> None:
    do.update_qos(cloud, id=row.id, consumer=data["consumer"], specs=data["specs"])
    _changed, gone = differences(row.specs, data["specs"])
    if gone:
        do.unset_qos(cloud, id=row.id, keys=gone)


def _types(cloud: Cloud, row: QosSpecs, data: Data) -> None:
    for type_id in data["added"]:
        do.associate(cloud, id=row.id, type_id=type_id)
    for type_id in data["removed"]:
        do.disassociate(cloud, id=row.id, type_id=type_id)


def _delete(cloud: Cloud, row: QosSpecs, data: Data) -> None:
    do.delete_qos(cloud, id=row.id, is_forced=data["is_forced"])


def consumer(row: QosSpecs) -> Any:
    """Who keeps volumes to the limits."""
    return dict(CONSUMERS).get(row.consumer, row.consumer)


def _pairs(data: Data) -> list[str]:
    return repeated("--property", data["specs"])


SPECS = column("specs", gettext_lazy("Limits"), lambda q: pair_words(q.specs), cell=PAIRS)
CONSUMER = column("consumer", gettext_lazy("Who keeps to it"), consumer, sort="consumer")
PANEL: Panel[QosSpecs] = Panel(
    slug="volume-qos",
    title=gettext_lazy("Volume QoS"),
    noun=gettext_lazy("QoS specs"),
    nouns=gettext_lazy("QoS specs"),
    group="admin",
    icon="scale",
    service=SERVICE,
    about=gettext_lazy("QoS specs limit how much volumes may read and write. Give them to volume types."),
    rows=do.list_qos,
    row=do.get_qos,
    raw=do.get_qos_json,
    columns=(
        NAME,
        CONSUMER,
        SPECS,
        OPTIONAL_ID,
    ),
    filters=(Filter(key="consumer", label=gettext_lazy("Who keeps to it"), choices=CONSUMERS),),
    actions=(
        editing(
            label=gettext_lazy("Edit the limits"),
            run=_edit,
            says=about(
                gettext_lazy(
                    "Volumes that are attached from now on are held to it; those in use when they are attached again."
                )
            ),
            form=LimitsForm,
            is_primary=True,
            cli=lambda row, data: ["openstack", "volume", "qos", "set", *_pairs(data), row.id],
            roles=ADMIN,
        ),
        editing(
            slug="types",
            label=gettext_lazy("Volume types"),
            run=_types,
            says=about(gettext_lazy("Volumes of the types that are ticked are held to “%(name)s”.")),
            form=TypesForm,
            icon="versions",
            cli=lambda row, data: [
                "openstack",
                "volume",
                "qos",
                "associate",
                row.id,
                *(data["added"][:1] or ["$TYPE"]),
            ],
            roles=ADMIN,
        ),
        removal(
            run=_delete,
            says=about(gettext_lazy("%(name)s will be deleted. This can't be undone.")),
            form=DeleteForm,
            cli=lambda row, data: [
                *("openstack", "volume", "qos", "delete"),
                *(["--force"] if data["is_forced"] else []),
                row.id,
            ],
            roles=ADMIN,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create QoS specs"),
        form=NewForm,
        run=create,
        roles=ADMIN,
        cli=lambda data: [
            *("openstack", "volume", "qos", "create", "--consumer", data["consumer"]),
            *_pairs(data),
            data["name"],
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("QoS specs"),
            facts=(ID, CONSUMER, SPECS),
        ),
    ),
    lookup=do.QOS,
    default_sort="name",
    roles=ADMIN,
)
