"""The forms of what is done to a server's disk: from which image, with which password, under which name."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import versions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.images import Image
from dashboard.cloud.launch_options import LaunchOptions, load_options
from dashboard.cloud.server_actions_disk import (
    KEY_ON_REBUILD,
    REIMAGES,
    UNCHANGED,
    USER_DATA_BYTES,
    USER_DATA_ON_REBUILD,
)
from dashboard.cloud.servers import Server
from dashboard.live import cache
from dashboard.panels.servers.actions_resize import memory
from dashboard.ui.errors import told
from dashboard.ui.templatetags.ui import size_words
from dashboard.ui.widgets import Choice, Head, TableChoiceField

MOST = 1000
KEEP, NONE = "keep", "none"
GIB = 1024**3


def password_field(**more: Any) -> forms.CharField:
    """A password that is typed in: never shown again, never kept. Nova takes 255 characters."""
    attrs = {
        "autocomplete": "new-password",
        "data-password": gettext_lazy("Show"),
        "data-password-hide": gettext_lazy("Hide"),
    }
    return forms.CharField(max_length=255, strip=False, widget=forms.PasswordInput(attrs=attrs), **more)


def show_password_field(**more: Any) -> forms.BooleanField:
    """Whether to be shown the password that Nova makes, as in the launch form."""
    return forms.BooleanField(
        label=gettext_lazy("Show the administrator's password once"),
        required=False,
        help_text=gettext_lazy(
            "If Nova makes one, the next page shows it, and nothing keeps it. Most images don't take it."
        ),
        **more,
    )


def loaded(cloud: Cloud, *names: str) -> LaunchOptions:
    """What there is to choose from, as the launch form has it."""
    return load_options(cloud, names, keep=functools.partial(cache.cached, cloud))


class RescueForm(forms.Form):
    """Another image to start from, and a password to get in with."""

    image = forms.ChoiceField(
        label=gettext_lazy("Rescue image"),
        required=False,
        help_text=gettext_lazy("The server starts from it, with its own disk beside it."),
    )
    password = password_field(
        label=gettext_lazy("Password"),
        required=False,
        help_text=gettext_lazy(
            "For the administrator of the rescue system, if its image takes one. Without it, you need its key pair."
        ),
    )
    show_password = show_password_field(initial=True)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], is_job: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_job:
            # Nobody is there to be shown it.
            del self.fields["show_password"]
        field: Any = self.fields["image"]
        images = loaded(cloud, "images").images
        usable = [image for image in images if not image.is_volume_backed]
        if any(server.is_volume_booted for server in rows):
            # Nova 34: 2.87 asks these properties of the image.
            usable = [image for image in usable if _rescues_volumes(image)]
            field.help_text = _(
                "It started from a volume: only images with the properties hw_rescue_device and hw_rescue_bus will do."
            )
            field.required = True
            field.choices = [("", _("Choose an image"))]
        else:
            field.choices = [("", _("The image that it started from"))]
        field.choices += [(image.id, image.name or image.id) for image in usable[:MOST]]
        if images.error is not None:
            field.help_text = _("The images can't be listed. %(why)s") % {"why": told(images.error)}


def _rescues_volumes(image: Image) -> bool:
    return "hw_rescue_device" in image.properties and "hw_rescue_bus" in image.properties


class RebuildForm(forms.Form):
    """What a server starts anew from, and what of it changes on the way."""

    image = TableChoiceField(
        label=gettext_lazy("Image"),
        heads=(
            Head(gettext_lazy("Name")),
            Head(gettext_lazy("System")),
            Head(gettext_lazy("Size"), is_numeric=True),
        ),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    key = forms.ChoiceField(label=gettext_lazy("Key pair"), required=False)
    password = password_field(
        label=gettext_lazy("Administrator's password"),
        required=False,
        help_text=gettext_lazy("Images that don't take passwords ignore it."),
    )
    show_password = show_password_field()
    user_data_fate = forms.ChoiceField(
        label=gettext_lazy("User data"),
        choices=(
            (KEEP, gettext_lazy("As they are")),
            ("new", gettext_lazy("Those below")),
            (NONE, gettext_lazy("None")),
        ),
        required=False,
    )
    user_data = forms.CharField(
        label=gettext_lazy("New user data"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "form-control code"}),
    )
    preserve_ephemeral = forms.BooleanField(
        label=gettext_lazy("Keep the ephemeral disk"),
        required=False,
        help_text=gettext_lazy("Only bare metal servers can."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], is_job: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        options = loaded(cloud, "images", "keypairs")
        if is_job:
            del self.fields["show_password"]
        if is_job or len(rows) != 1:
            del self.fields["name"]
            del self.fields["description"]
        elif not self.initial.get("image"):
            self.initial["image"] = rows[0].image_id
        self._offer_images(options, cloud)
        self._offer_keys(options, cloud)
        if not versions.speaks(cloud, "compute", USER_DATA_ON_REBUILD):
            del self.fields["user_data_fate"]
            del self.fields["user_data"]
        if not is_job and not any(server.flavor.ephemeral for server in rows):
            del self.fields["preserve_ephemeral"]

    def _offer_images(self, options: LaunchOptions, cloud: Cloud) -> None:
        field: Any = self.fields["image"]
        now = {server.image_id for server in self.rows}
        found = sorted(options.images, key=lambda image: (image.id not in now, image.name.casefold()))
        is_new = versions.speaks(cloud, "compute", REIMAGES)
        field.rows = tuple(_image_row(image, self.rows, is_new=is_new) for image in found[:MOST])
        if any(server.is_volume_booted for server in self.rows) and is_new:
            field.help_text = _("It started from a volume: the image is written over all that is on it.")
        if options.images.error is not None:
            field.widget.empty = _("The images can't be listed. %(why)s") % {"why": told(options.images.error)}

    def _offer_keys(self, options: LaunchOptions, cloud: Cloud) -> None:
        if not versions.speaks(cloud, "compute", KEY_ON_REBUILD):
            del self.fields["key"]
            return
        field: Any = self.fields["key"]
        field.choices = [
            ("", _("As it is")),
            *((f"key:{key.name}", key.name) for key in list(options.keypairs)[:MOST]),
            (NONE, _("None")),
        ]
        self.initial["key"] = self.initial.get("key", "") if str(self.initial.get("key", "")).startswith("key:") else ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        fate, text = data.get("user_data_fate"), data.get("user_data", "")
        if fate == "new" and not text:
            self.add_error("user_data", _("Give the new user data, or choose none."))
        elif text and fate != "new":
            self.add_error("user_data_fate", _("Choose “Those below”, or empty the field below."))
        elif -(-len(text.encode()) // 3) * 4 > USER_DATA_BYTES:
            self.add_error("user_data", _("User data may have 48 KiB at most."))
        return data


def changes_of(data: Any) -> dict[str, Any]:
    """The form's data as ``rebuild_server`` takes them."""
    key = data.get("key", "")
    fate = data.get("user_data_fate") or KEEP
    return {
        "image_id": data["image"],
        "name": data.get("name", ""),
        "description": data.get("description"),
        "key_name": UNCHANGED if not key else "" if key == NONE else key.removeprefix("key:"),
        "user_data": None if fate == KEEP else "" if fate == NONE else data.get("user_data", ""),
        "preserve_ephemeral": bool(data.get("preserve_ephemeral")),
        "password": data.get("password", ""),
    }


def _image_row(image: Image, servers: Sequence[Server], *, is_new: bool) -> Choice:
    return Choice(
        value=image.id,
        cells=(image.name or image.id, image.os or "–", size_words(image.size) if image.size else "–"),
        why_not=next((reason for server in servers if (reason := why_not(image, server, is_new=is_new))), ""),
        note=_("The present image") if {server.image_id for server in servers} == {image.id} else "",
    )


def why_not(image: Image, server: Server, *, is_new: bool) -> str:
    """Why this server can't be rebuilt from this image; "" if it can."""
    if server.is_volume_booted and not is_new:
        return _("It started from a volume, which this cloud's Nova can't write an image to (that takes 2.93).")
    if image.is_volume_backed:
        return _("It only points to a snapshot of a volume.")
    if server.flavor.ram and image.min_ram > server.flavor.ram:
        return _("It needs %(ram)s of RAM.") % {"ram": memory(image.min_ram)}
    needed = max(image.min_disk, -(-image.size // GIB))
    if not server.is_volume_booted and server.flavor.disk and needed > server.flavor.disk:
        return _("It needs a disk of %(disk)d GiB.") % {"disk": needed}
    return ""


class SnapshotForm(forms.Form):
    """The new image's name, and what else is written on it."""

    name = forms.CharField(label=gettext_lazy("Name of the image"), max_length=255)
    metadata = forms.CharField(
        label=gettext_lazy("Metadata"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "placeholder": "purpose=upgrade"}),
        help_text=gettext_lazy("Properties of the image, as key=value: one on each line."),
    )

    def __init__(self, *args: Any, rows: Sequence[Server], is_job: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_many = is_job or len(rows) > 1
        # What the server has is not what the image gets.
        self.initial.pop("metadata", None)
        self.initial["name"] = f"{named(rows)}-{datetime.now(UTC):%Y%m%d-%H%M}"
        if self.is_many:
            self.fields["name"].help_text = _("Each image gets its server's name before it.")
            self.initial["name"] = f"{datetime.now(UTC):%Y%m%d-%H%M}"

    def clean_metadata(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self.cleaned_data["metadata"].splitlines():
            if not line.strip():
                continue
            key, sign, value = (part.strip() for part in line.partition("="))
            if not sign or not key or len(key) > 255 or len(value) > 255:
                raise forms.ValidationError(_("“%(line)s” is not key=value.") % {"line": line[:60]})
            found[key] = value
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["is_many"] = self.is_many
        return data


class BackupForm(forms.Form):
    """A backup's kind, and how many of that kind are kept."""

    name = forms.CharField(label=gettext_lazy("Name of the image"), max_length=255)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=(("daily", gettext_lazy("Daily")), ("weekly", gettext_lazy("Weekly")))
    )
    rotation = forms.IntegerField(
        label=gettext_lazy("Keep at most"),
        min_value=1,
        max_value=100,
        initial=7,
        help_text=gettext_lazy("Backups of this server and kind; when there are more, the oldest are deleted."),
    )

    def __init__(self, *args: Any, rows: Sequence[Server], is_job: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_many = is_job or len(rows) > 1
        self.initial["name"] = f"{named(rows)}-backup-{datetime.now(UTC):%Y%m%d-%H%M}"
        if self.is_many:
            self.fields["name"].help_text = _("Each image gets its server's name before it.")
            self.initial["name"] = f"backup-{datetime.now(UTC):%Y%m%d-%H%M}"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["is_many"] = self.is_many
        return data


def named(rows: Sequence[Server]) -> str:
    """The first one's name, short enough for more behind it."""
    return (rows[0].name or rows[0].id)[:200] if rows else ""


class PasswordForm(forms.Form):
    """A new password for the guest's administrator."""

    password = password_field(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy(
            "It is sent to the guest's agent and kept nowhere. A guest without an agent can't take it."
        ),
    )
    again = password_field(label=gettext_lazy("Once more"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two are not the same."))
        return data
