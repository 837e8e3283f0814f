"""The forms of images: what is written down of one, where its data come from, who it is shared with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.image_changes import PROPERTY_NAME
from dashboard.cloud.image_info import Facilities
from dashboard.cloud.images import Image
from dashboard.panels.images.facilities import facilities_of
from dashboard.panels.images.words import CONTAINERS, FORMATS, MEANINGS, METHODS

AMAZON = frozenset({"aki", "ari", "ami"})
ARCHITECTURES = ("x86_64", "aarch64", "i686", "ppc64le", "s390x", "riscv64")
RESERVED = frozenset(
    {"id", "status", "owner", "name", "visibility", "protected", "os_hidden", "checksum", "size", "virtual_size"}
    | {"created_at", "updated_at", "tags", "self", "file", "schema", "stores", "locations", "direct_url", "min_disk"}
    | {"min_ram", "disk_format", "container_format", "os_hash_algo", "os_hash_value"}
)
"""What is no property of its own."""
FIELD_OF: Mapping[str, str] = {"is_protected": "protected", "is_hidden": "os_hidden"}
"""Glance's names of what the form has under another."""
OPTIONAL = ("os_distro", "os_version", "os_admin_user", "architecture")
"""Properties that go when their field is emptied."""


def split_tags(text: str) -> list[str]:
    """The tags in a text with commas, each once."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[,\n]", text) if part.strip()))


def parsed_properties(text: str) -> dict[str, str]:
    """The properties in lines of key=value. Raises ValidationError."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        key, sign, value = line.partition("=")
        key = key.strip()
        if not sign:
            raise forms.ValidationError(_("“%(line)s” has no =.") % {"line": line.strip()[:80]})
        if not PROPERTY_NAME.fullmatch(key):
            raise forms.ValidationError(_("“%(key)s” can't be a property's name.") % {"key": key[:80]})
        if key in RESERVED or key.startswith("os_glance_"):
            raise forms.ValidationError(_("%(key)s is Glance's own and no property.") % {"key": key})
        if key in found:
            raise forms.ValidationError(_("%(key)s is there twice.") % {"key": key})
        found[key] = value.strip()
    return found


class WrittenForm(forms.Form):
    """What people write down of an image, new or not."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    os_distro = forms.CharField(
        label=gettext_lazy("Operating system"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("As in ubuntu, debian, fedora, windows"),
    )
    os_version = forms.CharField(
        label=gettext_lazy("Version"), max_length=255, required=False, help_text=gettext_lazy("As in 24.04")
    )
    os_admin_user = forms.CharField(
        label=gettext_lazy("User to sign in as"), max_length=255, required=False, help_text=gettext_lazy("As in ubuntu")
    )
    architecture = forms.CharField(
        label=gettext_lazy("Architecture"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("As in x86_64 or aarch64; empty where any will do"),
    )
    min_disk = forms.IntegerField(
        label=gettext_lazy("Smallest disk (GiB)"), min_value=0, max_value=2**31 - 1, required=False, initial=0
    )
    min_ram = forms.IntegerField(
        label=gettext_lazy("Least RAM (MiB)"), min_value=0, max_value=2**31 - 1, required=False, initial=0
    )
    visibility = forms.ChoiceField(label=gettext_lazy("Who may use it"), choices=())
    tags = forms.CharField(
        label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("Separated by commas"), max_length=4000
    )
    is_protected = forms.BooleanField(label=gettext_lazy("Protect it against deletion"), required=False)
    is_hidden = forms.BooleanField(label=gettext_lazy("Leave it out of lists"), required=False)

    def offer_visibilities(self, cloud: Cloud | None, now: str = "") -> None:
        """Only administrators may make an image public, by Glance's defaults."""
        may_publish = cloud is not None and "admin" in cloud.roles
        choices = [(key, text) for key, text in MEANINGS.items() if key != "public" or may_publish or now == "public"]
        field: Any = self.fields["visibility"]
        field.choices = choices

    def clean_tags(self) -> list[str]:
        """Glance takes tags of up to 255 characters."""
        tags = split_tags(self.cleaned_data["tags"])
        if any(len(tag) > 255 for tag in tags):
            raise forms.ValidationError(_("A tag has at most 255 characters."))
        return tags

    def attributes(self) -> dict[str, Any]:
        """What was given, by Glance's names; None for what was left empty."""
        data = self.cleaned_data
        found: dict[str, Any] = {
            "name": data["name"],
            "visibility": data["visibility"],
            "protected": data["is_protected"],
            "os_hidden": data["is_hidden"],
            "min_disk": data["min_disk"] or 0,
            "min_ram": data["min_ram"] or 0,
            "tags": data["tags"],
        }
        return found | {name: data[name] or None for name in OPTIONAL}


def written(image: Image) -> dict[str, Any]:
    """An image's own values, by Glance's names, as ``attributes`` gives them."""
    found: dict[str, Any] = {
        "name": image.name,
        "visibility": image.visibility,
        "protected": image.is_protected,
        "os_hidden": image.is_hidden,
        "min_disk": image.min_disk,
        "min_ram": image.min_ram,
        "tags": list(image.tags),
    }
    return found | {name: getattr(image, name) or None for name in OPTIONAL}


class EditForm(WrittenForm):
    """What is written down of an image. It carries what it showed, so that only what was changed is sent."""

    template_name = "images/edit_form.html"
    was = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, cloud: Cloud | None = None, rows: Sequence[Image] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        image = rows[0] if rows else None
        self.offer_visibilities(cloud, image.visibility if image else "")
        # Nova and others make images without a name.
        self.fields["name"].required = bool(image and image.name)
        if image is not None:
            self.initial["tags"] = ", ".join(image.tags)
            self.initial["was"] = json.dumps(written(image))

    def clean(self) -> dict[str, Any]:
        """What was changed, and what it was changed from."""
        data = super().clean() or {}
        try:
            was = json.loads(data.get("was") or "{}")
        except ValueError:
            was = {}
        if not self.errors:
            now = self.attributes()
            data["was"] = was if isinstance(was, dict) else {}
            data["changes"] = {key: value for key, value in now.items() if data["was"].get(key) != value}
        return data


class SourceFields(forms.Form):
    """Where an image's data come from, for what this cloud's Glance offers."""

    uri = forms.CharField(
        label=gettext_lazy("URL"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Glance fetches it, from where it is: http or https."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )
    remote_region = forms.CharField(label=gettext_lazy("Region"), max_length=255, required=False)
    remote_id = forms.CharField(label=gettext_lazy("ID of the image there"), max_length=64, required=False)
    stores = forms.MultipleChoiceField(
        label=gettext_lazy("Stores"),
        choices=(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Where the data will lie; the default one if none is ticked."),
    )

    def offer_stores(self, facilities: Facilities) -> None:
        """Leaves the question out where there is nothing to choose."""
        if not facilities.has_choice:
            del self.fields["stores"]
            return
        field: Any = self.fields["stores"]
        field.choices = [(store.id, store.description or store.id) for store in facilities.writable]

    def clean_uri(self) -> str:
        """http and https, with a host and without a password; what else Glance refuses it says itself."""
        uri: str = self.cleaned_data["uri"].strip()
        if not uri:
            return ""
        try:
            parts = urlsplit(uri)
            is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_web = False
        if not is_web:
            raise forms.ValidationError(_("Give an address that begins with http:// or https://."))
        if parts.username or parts.password:
            raise forms.ValidationError(_("No names or passwords, please: Glance shows the address to others."))
        return uri

    def method(self, name: str) -> dict[str, str]:
        """The import method as Glance wants it."""
        data = self.cleaned_data
        if name == "web-download":
            return {"name": name, "uri": data["uri"]}
        if name == "glance-download":
            return {"name": name, "glance_region": data["remote_region"], "glance_image_id": data["remote_id"]}
        return {"name": name}

    def require(self, name: str) -> None:
        """What a method can't do without."""
        needed = {"web-download": ["uri"], "glance-download": ["remote_region", "remote_id"]}.get(name, [])
        for field in needed:
            if not self.cleaned_data.get(field) and field not in self.errors:
                self.add_error(field, _("This is needed."))


class ImportForm(SourceFields):
    """Brings data to an image that waits for them, or copies those that it has."""

    method_name = forms.ChoiceField(label=gettext_lazy("From"), choices=())
    field_order = ("method_name",)

    def __init__(self, *args: Any, cloud: Cloud | None = None, rows: Sequence[Image] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facilities = facilities_of(cloud)
        self.offer_stores(facilities)
        methods = [name for name in facilities.methods if name not in {"copy-image", "glance-direct"}]
        field: Any = self.fields["method_name"]
        field.choices = [(name, METHODS.get(name, name)) for name in methods]
        if not methods:
            field.help_text = _("This cloud's Glance imports nothing by itself: upload the data.")
        if "glance-download" not in methods:
            del self.fields["remote_region"], self.fields["remote_id"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            self.require(data["method_name"])
        if not self.errors:
            data["method"] = self.method(data["method_name"])
        return data


class CopyForm(forms.Form):
    """Stores that an image's data are copied to."""

    stores = forms.MultipleChoiceField(
        label=gettext_lazy("Stores"), choices=(), widget=forms.CheckboxSelectMultiple, required=True
    )

    def __init__(self, *args: Any, cloud: Cloud | None = None, rows: Sequence[Image] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has = set(rows[0].stores) if rows else set()
        facilities = facilities_of(cloud)
        can_copy = "copy-image" in facilities.methods
        left = [store for store in facilities.writable if store.id not in has and can_copy]
        if not left:
            self.fields["stores"].help_text = _("This cloud has no other store that the data could be copied to.")
        field: Any = self.fields["stores"]
        field.choices = [(store.id, store.description or store.id) for store in left]


class CreateForm(WrittenForm, SourceFields):
    """A new image, and where its data come from."""

    source = forms.ChoiceField(label=gettext_lazy("Data"), choices=(), initial="file", widget=forms.RadioSelect)
    disk_format = forms.ChoiceField(label=gettext_lazy("Disk format"), choices=(), required=False)
    container_format = forms.ChoiceField(label=gettext_lazy("Container format"), choices=(), required=False)
    is_staged = forms.BooleanField(
        label=gettext_lazy("Let Glance work on the data first (glance-direct import)"),
        required=False,
        help_text=gettext_lazy("For what the cloud does to imported images, such as converting them."),
    )
    kernel_id = forms.CharField(label=gettext_lazy("Kernel's image ID"), max_length=64, required=False)
    ramdisk_id = forms.CharField(label=gettext_lazy("Ramdisk's image ID"), max_length=64, required=False)
    properties = forms.CharField(
        label=gettext_lazy("Other properties"),
        required=False,
        max_length=60_000,
        help_text=gettext_lazy("One a line: key=value"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, cloud: Cloud, facilities: Facilities, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facilities = facilities
        self.offer_visibilities(cloud)
        self.offer_stores(facilities)
        self.initial.setdefault("visibility", "private")
        methods = facilities.methods
        sources: list[tuple[str, Any]] = [("file", _("A file from this computer"))]
        if "web-download" in methods:
            sources.append(("web-download", _("A file from a URL")))
        if "glance-download" in methods:
            sources.append(("glance-download", _("An image of another region")))
        else:
            del self.fields["remote_region"], self.fields["remote_id"]
        sources.append(("empty", _("Later")))
        self._choose("source", sources)
        if "web-download" not in methods:
            del self.fields["uri"]
        if "glance-direct" not in methods:
            del self.fields["is_staged"]
        self._choose("disk_format", [("", _("As the file says")), *_labelled(facilities.disk_formats, FORMATS)])
        self._choose("container_format", [("", _("As fits")), *_labelled(facilities.container_formats, CONTAINERS)])

    def _choose(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = list(choices)

    def clean_uri(self) -> str:
        """Of no matter where the data come from somewhere else."""
        return super().clean_uri() if self.data.get("source") == "web-download" else ""

    def clean_properties(self) -> dict[str, str]:
        """The free properties."""
        return parsed_properties(self.cleaned_data["properties"])

    def clean(self) -> dict[str, Any]:
        """Formats that go together, and what the source needs."""
        data = super().clean() or {}
        disk, container = data.get("disk_format", ""), data.get("container_format", "")
        source = data.get("source", "")
        if source and source != "file":
            self.require(source)
        if source == "web-download" and not disk:
            self.add_error("disk_format", _("Say which it is: only Glance sees the file."))
        if disk in AMAZON and not container:
            container = disk
        if container in AMAZON and not disk:
            disk = container
        if {disk, container} & AMAZON and disk != container:
            self.add_error("container_format", _("With aki, ari and ami, disk and container are the same."))
        data["disk_format"], data["container_format"] = disk, container or ("bare" if disk else "")
        return data

    def attributes(self) -> dict[str, Any]:
        """The whole body of the new image."""
        data = self.cleaned_data
        extra = {"disk_format": data["disk_format"], "container_format": data["container_format"]}
        extra |= {"kernel_id": data["kernel_id"].strip(), "ramdisk_id": data["ramdisk_id"].strip()}
        found = {key: value for key, value in {**super().attributes(), **extra}.items() if value not in (None, "", [])}
        # What was given in a field of its own goes before what stands among the free ones.
        return {**data["properties"], **found}


def _labelled(known: Iterable[str], words: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, words.get(name, name)) for name in known]


class ShareForm(forms.Form):
    """Projects that an image is shared with."""

    projects = forms.CharField(
        label=gettext_lazy("Projects"),
        max_length=4000,
        help_text=gettext_lazy("IDs or names of projects, one a line. Of projects that you are not in, only the ID."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_projects(self) -> list[str]:
        """Each once."""
        return split_tags(self.cleaned_data["projects"])


class ProjectForm(forms.Form):
    """One project, that a link has named."""

    project_id = forms.CharField(widget=forms.HiddenInput, max_length=64)


class StoreForm(forms.Form):
    """One store, that a link has named."""

    store = forms.CharField(widget=forms.HiddenInput, max_length=255)
