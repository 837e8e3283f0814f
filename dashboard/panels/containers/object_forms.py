"""Forms of objects: where a copy goes, what is said of one, how long an address is good for, a new folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import swift, temp_urls, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.objects import Object
from dashboard.ui.expiry import NEVER, ExpiryForm
from dashboard.ui.pairs import Pairs

CONTAINERS = 1000
"""Containers that are offered to copy to."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$&'*+.^`|~-]+")
"""What Swift takes as the name of metadata; it takes "_" for "-", so that is left out."""
OWN = "own"


def why_not_named(name: str, info: swift.Info) -> str:
    """What is the matter with an object's name; "" if nothing is."""
    if not name:
        return _("An object has a name.")
    if name in swift.DOTS:
        return _("An object can't be called “.” or “..”: no address leads to it.")
    if "\x00" in name:
        return _("There is a character in it that no name may have.")
    size = len(name.encode())
    if size > info.max_object_name:
        return _("It has %(n)d bytes, and names have at most %(most)d.") % {"n": size, "most": info.max_object_name}
    return ""


class TargetForm(forms.Form):
    """Where a copy goes. A name that can't be typed is written percent-encoded."""

    container = forms.ChoiceField(label=gettext_lazy("Container"))
    path = forms.CharField(
        label=gettext_lazy("Name"),
        strip=False,
        max_length=3 * 1024,
        help_text=gettext_lazy("With its folders, as in photos/2025/cat.jpg."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    is_encoded = forms.BooleanField(
        label=gettext_lazy("The name is written percent-encoded, as in a%0Ab"), required=False
    )
    may_replace = forms.BooleanField(
        label=gettext_lazy("Replace the object that has this name already, if there is one"), required=False
    )

    def __init__(
        self, *args: Any, cloud: Cloud | None = None, rows: Sequence[Object] = (), is_job: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        item = rows[0] if rows else None
        names = _containers(cloud) if cloud is not None else []
        own = [item.container] if item is not None and item.container not in names else []
        field: Any = self.fields["container"]
        field.choices = [(name, name) for name in sorted({*names, *own})]
        if item is None:
            return
        self.initial["container"] = item.container
        is_odd = bool(CONTROL.search(item.path))
        self.initial["path"] = quote(item.path) if is_odd else item.path
        self.initial["is_encoded"] = is_odd
        if not is_odd:
            self.fields["is_encoded"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        name = data.get("path", "")
        if data.get("is_encoded"):
            name = unquote(name)
        if self.cloud is not None and "path" in data and (problem := why_not_named(name, swift.info(self.cloud))):
            self.add_error("path", problem)
        data["path"] = name
        return data


def _containers(cloud: Cloud) -> list[str]:
    entries, _headers = swift.listing(cloud, "", limit=CONTAINERS)
    return [name for item in entries if (name := wire.text(item.get("name")))]


class DescribeForm(forms.Form):
    """What is said of an object, and how browsers are given it."""

    type = forms.CharField(label=gettext_lazy("Content type"), max_length=255, required=False)
    content_disposition = forms.CharField(
        label=gettext_lazy("Content-Disposition"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy('What browsers do with it: inline shows it, attachment; filename="…" saves it.'),
    )
    content_encoding = forms.CharField(
        label=gettext_lazy("Content-Encoding"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("As in gzip, if it is packed."),
    )
    cache_control = forms.CharField(label=gettext_lazy("Cache-Control"), max_length=255, required=False)
    metadata = Pairs(
        label=gettext_lazy("Metadata"),
        required=False,
        help_text=gettext_lazy("Swift makes no difference between large and small letters in keys."),
    )

    def __init__(self, *args: Any, cloud: Cloud | None = None, rows: Sequence[Object] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.info = swift.info(cloud) if cloud is not None else swift.Info()
        if rows:
            item = rows[0]
            self.initial["metadata"] = item.metadata
            for key in ("content-disposition", "content-encoding", "cache-control"):
                self.initial.setdefault(key.replace("-", "_"), item.headers.get(key, ""))

    def clean_metadata(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in self.cleaned_data["metadata"].items():
            name = key.lower()
            if not HEADER_NAME.fullmatch(name):
                raise ValidationError(
                    _("“%(key)s”: keys have letters, digits and dashes; Swift takes no others.") % {"key": key[:60]}
                )
            if CONTROL.search(value.strip()):
                raise ValidationError(_("There is a character in it that no header may have."))
            if len(name.encode()) > self.info.max_meta_name or len(value.encode()) > self.info.max_meta_value:
                raise ValidationError(
                    _("“%(key)s”: keys have at most %(name)d bytes here, and values %(value)d.")
                    % {"key": key[:60], "name": self.info.max_meta_name, "value": self.info.max_meta_value}
                )
            found[name] = value.strip()
        if len(found) > self.info.max_meta_count:
            raise ValidationError(_("At most %d, please.") % self.info.max_meta_count)
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for key in ("type", "content_disposition", "content_encoding", "cache_control"):
            if CONTROL.search(data.get(key, "")):
                self.add_error(key, _("There is a character in it that no header may have."))
        return data


class EndForm(ExpiryForm):
    """When an object is deleted by itself."""

    def __init__(self, *args: Any, rows: Sequence[Object] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rows and rows[0].expires is not None:
            self.initial["lasts"] = "at"
            self.initial["until"] = f"{rows[0].expires:%Y-%m-%dT%H:%M}"
        else:
            self.initial.setdefault("lasts", NEVER)


class LinkForm(forms.Form):
    """A temporary URL: for what, and for how long."""

    lasts = forms.ChoiceField(
        label=gettext_lazy("For how long"),
        choices=(
            ("1", gettext_lazy("An hour")),
            ("24", gettext_lazy("One day")),
            ("168", gettext_lazy("A week")),
            (OWN, gettext_lazy("Until a moment of your choice")),
        ),
        initial="24",
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Until (UTC)"),
        required=False,
        help_text=gettext_lazy("Only for a moment of your choice. Date and time are in UTC, not in your time zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("What it allows"),
        choices=(("GET", gettext_lazy("To download it")), ("PUT", gettext_lazy("To upload it anew"))),
        widget=forms.RadioSelect,
        initial="GET",
    )

    def __init__(self, *args: Any, cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if cloud is not None:
            allowed = temp_urls.methods_of(cloud)
            field: Any = self.fields["method"]
            field.choices = [(value, label) for value, label in field.choices if value in allowed]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        now = datetime.now(UTC)
        lasts, until = data.get("lasts"), data.get("until")
        if lasts == OWN:
            if until is None:
                if "until" not in self.errors:
                    self.add_error("until", _("Choose a date and a time."))
            elif until <= now:
                self.add_error("until", _("This is over already: it is %s UTC now.") % f"{now:%Y-%m-%d %H:%M}")
            data["ends"] = until
        elif lasts:
            data["ends"] = (now + timedelta(hours=int(lasts))).replace(microsecond=0)
        return data


class FolderForm(forms.Form):
    """A new folder at a place."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=1024, strip=False)

    def __init__(self, *args: Any, place: str = "", cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place, self.cloud = place, cloud

    def clean_name(self) -> str:
        """The whole name of the object that stands for it."""
        whole = f"{self.place}{self.cleaned_data['name'].rstrip('/')}/"
        if whole == f"{self.place}/":
            raise ValidationError(_("A folder has a name."))
        info = swift.info(self.cloud) if self.cloud is not None else swift.Info()
        if problem := why_not_named(whole, info):
            raise ValidationError(problem)
        return whole
