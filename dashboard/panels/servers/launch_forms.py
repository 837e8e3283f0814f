"""The steps of a launch as forms, one after the other on one page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.errors import Invalid
from dashboard.cloud.keypairs import NAME_PATTERN, checked_public_key
from dashboard.cloud.launch_disks import BUSES
from dashboard.panels.servers import launch_fields as fields
from dashboard.panels.servers import launch_rows as rows
from dashboard.panels.servers.launch_advanced import AdvancedForm
from dashboard.panels.servers.launch_steps import Step, area

STEPS = (
    ("source", gettext_lazy("Source")),
    ("flavor", gettext_lazy("Flavor")),
    ("networks", gettext_lazy("Networks")),
    ("access", gettext_lazy("Access")),
    ("advanced", gettext_lazy("Advanced")),
)
SOURCES = (
    ("image", gettext_lazy("Image"), gettext_lazy("A fresh system, on a disk that lives and dies with the server.")),
    ("snapshot", gettext_lazy("Server snapshot"), gettext_lazy("A copy of a server as it was once.")),
    (
        "new_volume",
        gettext_lazy("New volume from an image"),
        gettext_lazy("A fresh system on a volume, which can outlive the server."),
    ),
    ("volume", gettext_lazy("Volume"), gettext_lazy("A volume that has a system on it already.")),
    (
        "volume_snapshot",
        gettext_lazy("Volume snapshot"),
        gettext_lazy("A new volume, made from a snapshot of another."),
    ),
)
VOLUME_SOURCES = frozenset({"new_volume", "volume", "volume_snapshot"})
PICKS = {"image": "image", "snapshot": "snapshot", "new_volume": "image"} | {
    "volume": "volume",
    "volume_snapshot": "volume_snapshot",
}
"""Which field names the source, by its kind."""
MISSING = {
    "image": gettext_lazy("Choose an image."),
    "snapshot": gettext_lazy("Choose a server snapshot."),
    "new_volume": gettext_lazy("Choose the image that the volume is made from."),
    "volume": gettext_lazy("Choose a volume."),
    "volume_snapshot": gettext_lazy("Choose a volume snapshot."),
}
KEY_PROBLEMS = {
    "private": gettext_lazy(
        "This is a private key. Keep it to yourself, and paste the public one, from the file that ends in .pub."
    ),
    "lines": gettext_lazy("A public key is one line."),
    "shape": gettext_lazy("This is not a public key as in ~/.ssh/id_ed25519.pub."),
    "kind": gettext_lazy("Nova does not take this kind of key. RSA, ECDSA and Ed25519 will do."),
}
MOST_SERVERS = 100


class SourceForm(Step):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        error_messages={
            "required": gettext_lazy("Give the server a name."),
            "max_length": gettext_lazy("A name has at most 255 characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "aria-required": "true"}),
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    count = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST_SERVERS, required=False)
    min_count = forms.IntegerField(
        label=gettext_lazy("At least"),
        min_value=1,
        max_value=MOST_SERVERS,
        required=False,
        help_text=gettext_lazy("If the quota does not do for all, this many will do. Empty: all or none."),
    )
    hostname = forms.CharField(
        label=gettext_lazy("Hostname"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("What the server calls itself, with or without a domain. Empty: made of the name."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    source = forms.ChoiceField(
        choices=[(key, label) for key, label, _about in SOURCES],
        error_messages={
            "required": gettext_lazy("Choose what to boot from."),
            "invalid_choice": gettext_lazy("Choose what to boot from."),
        },
    )
    image = fields.IdField(label=gettext_lazy("Image"), required=False)
    snapshot = fields.IdField(label=gettext_lazy("Server snapshot"), required=False)
    volume = fields.IdField(label=gettext_lazy("Volume"), required=False)
    volume_snapshot = fields.IdField(label=gettext_lazy("Volume snapshot"), required=False)
    volume_size = forms.IntegerField(
        label=gettext_lazy("Size in GiB"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("Empty: as large as the flavor's disk, and never smaller than the image needs."),
    )
    volume_type = forms.CharField(label=gettext_lazy("Volume type"), max_length=255, required=False)
    boot_bus = forms.ChoiceField(
        label=gettext_lazy("Bus"),
        choices=[("", gettext_lazy("As the image says")), *((b, b) for b in BUSES)],
        required=False,
    )
    boot_tag = forms.CharField(
        label=gettext_lazy("Tag"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("The guest finds it beside the disk in its metadata."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    delete_on_termination = forms.BooleanField(label=gettext_lazy("Delete the volume with the server"), required=False)

    def clean_hostname(self) -> str:
        return fields.hostname(self.cleaned_data["hostname"])

    def clean_boot_tag(self) -> str:
        return fields.device_tag(self.cleaned_data["boot_tag"])

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        source = data.get("source", "")
        pick = PICKS.get(source)
        if pick and not data.get(pick) and pick not in self.errors:
            self.add_error(pick, ValidationError(MISSING[source], code="required"))
        if data.get("min_count") and data["min_count"] > (data.get("count") or 1):
            self.add_error("min_count", _("This can't be more than how many you want."))
        if source == "volume" and (data.get("count") or 1) > 1:
            self.add_error("count", _("A volume can only be booted by one server."))
        if data.get("hostname") and (data.get("count") or 1) > 1:
            self.add_error("hostname", _("A hostname is for one server; several are called after their names."))
        try:
            data["disks"] = rows.disks(self.data, data.get("count") or 1)
        except ValidationError as error:
            self.errors.setdefault("disks", self.error_class(error.messages, renderer=self.renderer))
        return data


class FlavorForm(Step):
    flavor = fields.IdField(label=gettext_lazy("Flavor"), missing=gettext_lazy("Choose a flavor."))


class NetworksForm(Step):
    networking = forms.ChoiceField(choices=[("chosen", ""), ("auto", ""), ("none", "")], required=False)
    network = fields.IdsField(label=gettext_lazy("Networks"), required=False)
    port = fields.IdsField(label=gettext_lazy("Ports"), required=False)
    security_group = fields.IdsField(label=gettext_lazy("Security groups"), required=False)
    floating_ip = forms.CharField(label=gettext_lazy("Floating IP"), max_length=300, required=False)

    def clean_networking(self) -> str:
        return self.cleaned_data.get("networking") or "chosen"

    def clean_floating_ip(self) -> str:
        return fields.floating_ip(self.cleaned_data["floating_ip"])


class AccessForm(Step):
    key_name = forms.CharField(label=gettext_lazy("Key pair"), max_length=255, required=False)
    new_key_name = forms.CharField(
        label=gettext_lazy("Name of the new key pair"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    public_key = forms.CharField(label=gettext_lazy("Public key"), max_length=16 * 1024, required=False, widget=area(3))
    show_password = forms.BooleanField(
        label=gettext_lazy("Show the administrator's password once"),
        required=False,
        help_text=gettext_lazy(
            "If Nova makes one, the next page shows it, and nothing keeps it. Most images don't take it."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        key, name = data.get("public_key", ""), data.get("new_key_name", "")
        if key and not name and "new_key_name" not in self.errors:
            self.add_error("new_key_name", _("Give the key pair a name."))
        if name and not key and "public_key" not in self.errors:
            self.add_error("public_key", _("Paste the public key."))
        if name and not NAME_PATTERN.fullmatch(name):
            self.add_error("new_key_name", _("A name may have letters, digits, spaces and @ . _ - only."))
        if key:
            try:
                data["public_key"] = checked_public_key(key)
            except Invalid as error:
                self.add_error("public_key", KEY_PROBLEMS.get(error.message, KEY_PROBLEMS["shape"]))
        return data


FORMS: dict[str, type[Step]] = {
    "source": SourceForm,
    "flavor": FlavorForm,
    "networks": NetworksForm,
    "access": AccessForm,
    "advanced": AdvancedForm,
}
