"""Volume types: what there is to choose from, who may use it, what its back ends can, and how it is encrypted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import volume_type_admin as do
from dashboard.cloud import volume_types
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.volume_types import VolumeType
from dashboard.live.names import project_names
from dashboard.panels.storage.commands import repeated
from dashboard.panels.storage.common import WHOLE_NAME, about
from dashboard.panels.storage.fields import Lines, asked, description_field, differences, name_field, offer, pair_words
from dashboard.panels.storage.volumes import PAIRS
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import BOOL, COPY, DESCRIPTION, ID, NAME, OPTIONAL_ID, column
from dashboard.ui.forms import answered
from dashboard.ui.panel import ADMIN, Create, Filter, Group, Panel, Tab

Data = Mapping[str, Any]


class TypeForm(forms.Form):
    """Name, description, and who may use it."""

    name = name_field()
    description = description_field()
    is_public = forms.BooleanField(label=gettext_lazy("Every project may use it"), required=False, initial=True)


class NewTypeForm(TypeForm):
    """The same, with what its back ends have to be able to do."""

    extra_specs = Lines(label=gettext_lazy("Extra specs"))


class SpecsForm(forms.Form):
    """All extra specs, to be changed as a text."""

    extra_specs = Lines(
        label=gettext_lazy("Extra specs"), help_text=gettext_lazy("One pair a line: volume_backend_name = ssd")
    )


class AccessForm(forms.Form):
    """The projects that may use a private type."""

    projects = forms.MultipleChoiceField(
        label=gettext_lazy("Projects"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[VolumeType] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = rows[0] if rows and not rows[0].is_public else None
        waiting = asked(lambda: do.list_access(cloud, id=row.id) if row is not None else [])
        names = project_names(cloud)
        self.before = answered(self, "projects", waiting)
        self.initial["projects"] = self.before
        known = {**{id: id for id in self.before}, **names}
        offer(self, "projects", sorted(known.items(), key=lambda item: item[1].casefold()))


class EncryptionForm(forms.Form):
    """How new volumes of the type are encrypted."""

    is_encrypted = forms.BooleanField(label=gettext_lazy("New volumes of it are encrypted"), required=False)
    provider = forms.ChoiceField(
        label=gettext_lazy("Provider"), choices=(("luks", "LUKS"), ("luks2", "LUKS 2")), required=False
    )
    control_location = forms.ChoiceField(
        label=gettext_lazy("Where it is encrypted"),
        required=False,
        choices=(
            ("front-end", gettext_lazy("On the server's host (front-end)")),
            ("back-end", gettext_lazy("On the back end")),
        ),
    )
    cipher = forms.CharField(label=gettext_lazy("Cipher"), max_length=255, required=False, initial="aes-xts-plain64")
    key_size = forms.IntegerField(label=gettext_lazy("Key size in bits"), required=False, min_value=1, initial=256)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[VolumeType] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.encryption = do.Encryption()
        if rows:
            (self.encryption,) = answered(
                self, "is_encrypted", asked(lambda: [do.get_encryption(cloud, id=rows[0].id)])
            ) or [do.Encryption()]
        if self.encryption.id:
            names = ("provider", "control_location", "cipher", "key_size")
            self.initial.update({name: getattr(self.encryption, name) for name in names}, is_encrypted=True)

    def clean(self) -> dict[str, Any]:
        """Carries along what there is, so that it is changed or taken away."""
        data = super().clean() or {}
        data["encryption_id"] = self.encryption.id
        return data


def create(cloud: Cloud, data: Data) -> VolumeType:
    """Makes the type of the form."""
    return do.create_type(
        cloud,
        name=data["name"],
        description=data["description"],
        is_public=data["is_public"],
        extra_specs=data["extra_specs"],
    )


def _edit(cloud: Cloud, row: VolumeType, data: Data) -> None:
    do.update_type(cloud, id=row.id, name=data["name"], description=data["description"], is_public=data["is_public"])


def _specs(cloud: Cloud, row: VolumeType, data: Data) -> None:
    changed, gone = differences(row.extra_specs, data["extra_specs"])
    if changed:
        do.set_specs(cloud, id=row.id, specs=changed)
    for key in gone:
        do.unset_spec(cloud, id=row.id, key=key)


def _access(cloud: Cloud, row: VolumeType, data: Data) -> None:
    before = set(do.list_access(cloud, id=row.id))
    for project_id in data["projects"]:
        if project_id not in before:
            do.add_access(cloud, id=row.id, project_id=project_id)
    for project_id in before - set(data["projects"]):
        do.remove_access(cloud, id=row.id, project_id=project_id)


def _encryption(cloud: Cloud, row: VolumeType, data: Data) -> None:
    if data["is_encrypted"]:
        do.set_encryption(
            cloud,
            id=row.id,
            encryption_id=data["encryption_id"],
            provider=data["provider"],
            control_location=data["control_location"],
            cipher=data["cipher"],
            key_size=data["key_size"],
        )
    elif data["encryption_id"]:
        do.delete_encryption(cloud, id=row.id, encryption_id=data["encryption_id"])


def _delete(cloud: Cloud, row: VolumeType, data: Data) -> None:
    do.delete_type(cloud, id=row.id)


def access(cloud: Cloud, row: VolumeType) -> Mapping[str, Any]:
    """The projects that may use a private type, and how it is encrypted."""
    encryption = asked(lambda: [do.get_encryption(cloud, id=row.id)])
    found = do.list_access(cloud, id=row.id) if not row.is_public else []
    names = project_names(cloud) if found else {}
    return {
        "projects": [(id, names.get(id, "")) for id in found],
        "encryption": next(iter(encryption.or_else([])), None),
    }


SPECS = column("specs", gettext_lazy("Extra specs"), lambda t: pair_words(t.extra_specs), cell=PAIRS)
PUBLIC = column("public", gettext_lazy("For every project"), lambda t: t.is_public, cell=BOOL)
PANEL: Panel[VolumeType] = Panel(
    slug="volume-types",
    title=gettext_lazy("Volume types"),
    noun=gettext_lazy("volume type"),
    nouns=gettext_lazy("volume types"),
    group="admin",
    icon="versions",
    service=SERVICE,
    about=gettext_lazy("A volume type is a kind of disk to choose: which back end it is kept on, and what it can do."),
    rows=volume_types.list_types,
    row=volume_types.get_type,
    raw=volume_types.get_type_json,
    columns=(
        NAME,
        DESCRIPTION,
        PUBLIC,
        SPECS,
        OPTIONAL_ID,
    ),
    filters=(
        Filter(
            key="public",
            label=gettext_lazy("For every project"),
            choices=(("yes", gettext_lazy("Public")), ("no", gettext_lazy("Private"))),
        ),
        WHOLE_NAME,
    ),
    actions=(
        editing(
            run=_edit,
            says=about(gettext_lazy("“%(name)s” changes for everybody who uses it.")),
            form=TypeForm,
            is_primary=True,
            cli=lambda row, data: [
                *("openstack", "volume", "type", "set", "--name", data["name"]),
                *("--description", data["description"], row.id),
            ],
            roles=ADMIN,
        ),
        editing(
            slug="specs",
            label=gettext_lazy("Extra specs"),
            run=_specs,
            says=about(
                gettext_lazy(
                    "These are all the extra specs of “%(name)s”; they hold for volumes that are made from now on."
                )
            ),
            form=SpecsForm,
            icon="adjustments-horizontal",
            cli=lambda row, data: [
                *("openstack", "volume", "type", "set"),
                *repeated("--property", data["extra_specs"]),
                row.id,
            ],
            roles=ADMIN,
        ),
        editing(
            slug="access",
            label=gettext_lazy("Who may use it"),
            run=_access,
            says=about(gettext_lazy("The projects that are ticked may make volumes of “%(name)s”.")),
            when=lambda row: _("Every project may use it. Make it private first.") if row.is_public else "",
            form=AccessForm,
            icon="users",
            cli=lambda row, data: ["openstack", "volume", "type", "set", "--project", "$PROJECT", row.id],
            roles=ADMIN,
        ),
        editing(
            slug="encryption",
            label=gettext_lazy("Encryption"),
            run=_encryption,
            says=about(
                gettext_lazy(
                    "This holds for new volumes of “%(name)s”, and can only be changed while there are none of it."
                )
            ),
            form=EncryptionForm,
            icon="lock",
            cli=lambda row, data: [
                *("openstack", "volume", "type", "set", "--encryption-provider", data["provider"]),
                *("--encryption-control-location", data["control_location"], row.id),
            ],
            roles=ADMIN,
        ),
        removal(
            run=_delete,
            says=about(
                gettext_lazy("%(name)s can't be chosen any more. Cinder refuses while there are volumes of it.")
            ),
            cli=lambda row, data: ["openstack", "volume", "type", "delete", row.id],
            roles=ADMIN,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create volume type"),
        form=NewTypeForm,
        run=create,
        roles=ADMIN,
        cli=lambda data: [
            *("openstack", "volume", "type", "create", "--public" if data["is_public"] else "--private"),
            *repeated("--property", data["extra_specs"]),
            data["name"],
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Volume type"),
            facts=(
                ID,
                DESCRIPTION,
                PUBLIC,
                column("shared", gettext_lazy("For several servers at once"), lambda t: t.is_multiattach, cell=BOOL),
                column("qos", gettext_lazy("QoS specs"), lambda t: t.qos_specs_id, cell=COPY),
                SPECS,
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="access", label=gettext_lazy("Access and encryption"), template="volumes/type_access.html", load=access
        ),
    ),
    lookup=volume_types.LOOKUP,
    default_sort="name",
    roles=ADMIN,
)
