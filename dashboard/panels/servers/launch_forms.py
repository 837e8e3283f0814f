"""The steps of a launch as forms, one after the other on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.errors import Invalid
from dashboard.cloud.keypairs import NAME_PATTERN, checked_public_key
from dashboard.cloud.launch import USER_DATA_LIMIT
from dashboard.panels.servers import launch_fields as fields

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


def _area(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "autocomplete": "off", **attrs})


class Step(forms.Form):
    """One step's form. It is always bound: what is typed so far tells what is still missing."""

    use_required_attribute = False

    def __init__(self, data: Any, files: Any = None) -> None:
        super().__init__(data, files, auto_id="%s", label_suffix="")
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
                css = "form-check-input"
            else:
                css = "form-select" if isinstance(widget, forms.Select) else "form-control"
            widget.attrs.setdefault("class", css)


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
    delete_on_termination = forms.BooleanField(label=gettext_lazy("Delete the volume with the server"), required=False)

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
        return data


class FlavorForm(Step):
    flavor = fields.IdField(label=gettext_lazy("Flavor"), missing=gettext_lazy("Choose a flavor."))


class NetworksForm(Step):
    networking = forms.ChoiceField(choices=[("chosen", ""), ("auto", ""), ("none", "")], required=False)
    network = fields.IdsField(label=gettext_lazy("Networks"), required=False)
    port = fields.IdsField(label=gettext_lazy("Ports"), required=False)
    security_group = fields.IdsField(label=gettext_lazy("Security groups"), required=False)

    def clean_networking(self) -> str:
        return self.cleaned_data.get("networking") or "chosen"


class AccessForm(Step):
    key_name = forms.CharField(label=gettext_lazy("Key pair"), max_length=255, required=False)
    new_key_name = forms.CharField(
        label=gettext_lazy("Name of the new key pair"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    public_key = forms.CharField(
        label=gettext_lazy("Public key"), max_length=16 * 1024, required=False, widget=_area(3)
    )
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


class AdvancedForm(Step):
    availability_zone = forms.CharField(label=gettext_lazy("Availability zone"), max_length=255, required=False)
    user_data = forms.CharField(label=gettext_lazy("User data"), required=False, strip=False, widget=_area(8))
    user_data_file = forms.FileField(
        label=gettext_lazy("Or read it from a file"), required=False, allow_empty_file=True
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=5000,
        required=False,
        help_text=gettext_lazy("Separated by commas; 60 characters each, no slashes."),
    )
    config_drive = forms.BooleanField(
        label=gettext_lazy("Config drive"),
        required=False,
        help_text=gettext_lazy(
            "Gives metadata and user data on a small disk, for networks without a metadata service."
        ),
    )
    disk_config = forms.ChoiceField(
        label=gettext_lazy("Disk"),
        choices=[
            ("", gettext_lazy("As the image says")),
            ("AUTO", gettext_lazy("Automatic: one partition that grows to fill the disk")),
            ("MANUAL", gettext_lazy("Manual: partitions stay as they are in the image")),
        ],
        required=False,
    )
    server_group = fields.IdField(label=gettext_lazy("Server group"), required=False)
    hint_same_host = forms.CharField(
        label=gettext_lazy("On the same host as"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy("Ids of servers (same_host)."),
    )
    hint_different_host = forms.CharField(
        label=gettext_lazy("Not on a host with"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy("Ids of servers (different_host)."),
    )
    hint_query = forms.CharField(
        label=gettext_lazy("Query"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy('For the JsonFilter: [">=", "$free_ram_mb", 1024] (query).'),
    )
    hint_build_near_host_ip = fields.AddressField(
        label=gettext_lazy("Near the host"),
        required=False,
        help_text=gettext_lazy("An IP address (build_near_host_ip)."),
    )
    hint_cidr = forms.RegexField(
        label=gettext_lazy("Within"),
        regex=r"^/[0-9]{1,3}$",
        required=False,
        help_text=gettext_lazy("With it, how near: a prefix such as /24 (cidr)."),
    )
    access_ipv4 = fields.AddressField(4, label=gettext_lazy("Access IPv4"), required=False)
    access_ipv6 = fields.AddressField(6, label=gettext_lazy("Access IPv6"), required=False)

    def clean_user_data(self) -> str:
        # A browser sends CRLF, which shells and cloud-init stumble over.
        text = str(self.cleaned_data["user_data"]).replace("\r\n", "\n")
        if not self.files.get("user_data_file"):
            fields.check_user_data(text)
        return text

    def clean_user_data_file(self) -> str:
        given = self.cleaned_data["user_data_file"]
        if not given:
            return ""
        if given.size > USER_DATA_LIMIT:
            raise ValidationError(_("The file is larger than user data can be."))
        try:
            text = str(given.read().decode())
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not text in UTF-8.")) from None
        fields.check_user_data(text)
        return text

    def clean_tags(self) -> tuple[str, ...]:
        return fields.tags(self.cleaned_data["tags"])

    def clean_hint_same_host(self) -> list[str]:
        return fields.ids(self.cleaned_data["hint_same_host"])

    def clean_hint_different_host(self) -> list[str]:
        return fields.ids(self.cleaned_data["hint_different_host"])

    def clean_hint_query(self) -> str:
        text = self.cleaned_data["hint_query"]
        return fields.hint_query(text) if text else ""

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        for name, read in (("metadata", fields.pairs), ("hint", fields.other_hints)):
            try:
                data[name] = read(_list(self.data, f"{name}_key"), _list(self.data, f"{name}_value"))
            except ValidationError as error:
                self.errors.setdefault(name, self.error_class(error.messages, renderer=self.renderer))
        if data.get("hint_cidr") and not data.get("hint_build_near_host_ip"):
            self.add_error("hint_build_near_host_ip", _("Say which address it should be near."))
        return data


def _list(data: Mapping[str, Any], name: str) -> list[str]:
    return list(data.getlist(name)) if hasattr(data, "getlist") else []


FORMS: dict[str, type[Step]] = {
    "source": SourceForm,
    "flavor": FlavorForm,
    "networks": NetworksForm,
    "access": AccessForm,
    "advanced": AdvancedForm,
}


@dataclass(frozen=True)
class Problem:
    """Something that keeps a launch from going on; ``field`` is "" for what no field can change."""

    message: str
    step: str = ""
    field: str = ""
    label: str = ""
    is_missing: bool = False
    """Nothing is wrong yet: it only has not been filled in."""

    @property
    def anchor(self) -> str:
        """The element that a link to the problem leads to."""
        return self.field or (f"step-{self.step}" if self.step else "review")


def problems_of(step: str, form: Step) -> Iterator[Problem]:
    """What a step's form says is wrong or missing."""
    for name, errors in form.errors.as_data().items():
        field = form.fields.get(name)
        for error in errors:
            for message in error.messages:
                yield Problem(
                    str(message),
                    step,
                    "" if name == "__all__" else name,
                    str(field.label or "") if field else "",
                    error.code == "required",
                )
