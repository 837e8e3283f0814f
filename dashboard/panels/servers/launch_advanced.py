"""The last step of a launch: user data and files, tags and metadata, where it runs, and what few people need."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.launch import USER_DATA_LIMIT, encoded_size
from dashboard.cloud.launch_files import with_files
from dashboard.panels.servers import launch_fields as fields
from dashboard.panels.servers import launch_rows as rows
from dashboard.panels.servers.launch_steps import Step, area, values


class AdvancedForm(Step):
    availability_zone = forms.CharField(label=gettext_lazy("Availability zone"), max_length=255, required=False)
    user_data = forms.CharField(label=gettext_lazy("User data"), required=False, strip=False, widget=area(8))
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
    host = forms.RegexField(
        label=gettext_lazy("Host"),
        regex=r"^[a-zA-Z0-9._-]*$",
        max_length=255,
        required=False,
        help_text=gettext_lazy("The compute host to build on; the scheduler still checks that it fits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    hypervisor_hostname = forms.RegexField(
        label=gettext_lazy("Hypervisor hostname"),
        regex=r"^[a-zA-Z0-9._-]*$",
        max_length=255,
        required=False,
        help_text=gettext_lazy("The node, where a host has several."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    trusted_certificates = forms.CharField(
        label=gettext_lazy("Trusted image certificates"),
        max_length=50 * 256,
        required=False,
        help_text=gettext_lazy(
            "Ids of certificates in the key manager, separated by commas: the image has to be signed by one of them."
        ),
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

    def clean_trusted_certificates(self) -> tuple[str, ...]:
        return fields.certificates(self.cleaned_data["trusted_certificates"])

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
                data[name] = read(values(self.data, f"{name}_key"), values(self.data, f"{name}_value"))
            except ValidationError as error:
                self.errors.setdefault(name, self.error_class(error.messages, renderer=self.renderer))
        try:
            data["files"] = rows.files(self.data, self.files)
        except ValidationError as error:
            self.errors.setdefault("files", self.error_class(error.messages, renderer=self.renderer))
        if data.get("files") and not {"user_data", "user_data_file"} & set(self.errors):
            self._check_size(data)
        if data.get("hint_cidr") and not data.get("hint_build_near_host_ip"):
            self.add_error("hint_build_near_host_ip", _("Say which address it should be near."))
        return data

    def _check_size(self, data: dict[str, Any]) -> None:
        """The files share the room of the user data."""
        size = encoded_size(with_files(data["user_data_file"] or data["user_data"], data["files"]))
        if size > USER_DATA_LIMIT:
            message = _("The files and the user data take %(size)s bytes when encoded; %(most)s are allowed.") % {
                "size": f"{size:,}",
                "most": f"{USER_DATA_LIMIT:,}",
            }
            self.errors.setdefault("files", self.error_class([message], renderer=self.renderer))
