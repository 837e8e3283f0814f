"""The catalog's forms: an address is tried before it is kept."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.endpoint_health import DEADLINE, Health, probe
from dashboard.cloud.endpoint_urls import LONGEST, is_plain_where_safe, without_slash, wrong_in
from dashboard.cloud.errors import CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.services_catalog import (
    INTERFACES,
    Endpoint,
    Region,
    Service,
    below,
    is_identity,
    list_region_names,
    read_inventory,
    tree_of,
)
from dashboard.panels.catalog import words
from dashboard.ui.health import why_not

TEMPLATES = gettext_lazy(
    "Keystone puts a project's id in place of $(project_id)s or %(tenant_id)s; tokens that are for no project lack "
    "such an address. A slash at the end is taken off."
)


def region_choices(regions: Iterable[Region], *, empty: Any) -> list[tuple[str, Any]]:
    """Regions as a tree, after the words for none."""
    found = tree_of(regions)
    return [("", empty), *((region.id, "\u2003" * region.depth + region.id) for region in found)]


class UrlField(forms.CharField):
    """An endpoint's URL, with or without templates."""

    def __init__(self, **given: Any) -> None:
        # Not a URLField: a browser would not take what Keystone fills in.
        widget = forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off", "inputmode": "url"})
        super().__init__(max_length=LONGEST, widget=widget, **given)

    def clean(self, value: Any) -> str:
        url: str = super().clean(value)
        wrong = wrong_in(url) if url else None
        if wrong is not None:
            raise forms.ValidationError(words.url_words(wrong))
        return url


class TryingForm(forms.Form):
    """A form whose addresses are asked first whether they answer, and kept untried only if that is ticked."""

    def untried(self) -> forms.BooleanField:
        """The field to tick."""
        return forms.BooleanField(
            label=gettext_lazy("Keep it even if it does not answer as it should"),
            required=False,
            help_text=gettext_lazy("Before it is kept, the address is asked for its versions."),
        )

    def try_url(self, field: str, url: str, *, service_type: str, is_last: bool = False) -> None:
        """Asks an address, and says on the field what is wrong with it."""
        is_forced = bool(self.data.get(self.add_prefix("is_untried"))) and not is_last
        reason = "" if is_forced else _why_not_kept(url, is_keystone=is_identity(service_type))
        if not reason:
            return
        more = words.LAST if is_last else _("Tick the box below to keep it all the same.")
        self.add_error(field, f"{reason} {more}")


def _why_not_kept(url: str, *, is_keystone: bool) -> str:
    """Why an address is not taken as it is; "" if it is."""
    found = _answer(url)
    if not found.is_good:
        reason = _("It was asked, and is not well: %(reason)s") % {"reason": why_not(found)}
        other = _other_scheme(url)
        # The address was mistyped there more often than anywhere else.
        if found.state != "barred" and _answer(other, seconds=2.0).is_good:
            reason += " " + _("With %(scheme)s:// it answers.") % {"scheme": other.split(":")[0]}
        return reason
    if is_keystone and not found.is_keystone:
        return _("What answers there is no Keystone of version 3.")
    if is_plain_where_safe(url):
        return _("It is http, but Keystone is reached by https: tokens would go in clear.")
    return ""


def _answer(url: str, *, seconds: float = DEADLINE) -> Health:
    try:
        return later(functools.partial(probe, url, seconds=seconds), seconds=seconds + 0.5).value
    except CloudError:
        return Health("late")


def _other_scheme(url: str) -> str:
    scheme, _sign, rest = url.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"


class EndpointForm(TryingForm):
    """An endpoint of a service that is known."""

    url = UrlField(label=gettext_lazy("URL"), help_text=TEMPLATES)
    interface = forms.ChoiceField(label=gettext_lazy("Interface"), choices=words.INTERFACES)
    region_id = forms.ChoiceField(label=gettext_lazy("Region"), required=False)
    is_enabled = forms.BooleanField(label=gettext_lazy("Enabled: tokens name it"), required=False, initial=True)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        self.row = rows[0] if rows else None
        regions = list_region_names(cloud)
        empty = gettext_lazy("None: it is for every region")
        self.fields["region_id"].choices = region_choices(regions, empty=empty)  # type: ignore[attr-defined]
        self.fields["is_untried"] = self.untried()

    @property
    def before(self) -> Endpoint | None:
        """The endpoint that is changed, if it is one."""
        return self.row if isinstance(self.row, Endpoint) else None

    def service(self, data: dict[str, Any]) -> tuple[str, str]:
        """Id and type of the service that it is for."""
        if isinstance(self.row, Service):
            return self.row.id, self.row.type
        return (self.row.service_id, self.row.service_type) if isinstance(self.row, Endpoint) else ("", "")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        before = self.before
        service_id, service_type = self.service(data)
        is_last = before is not None and before.is_last_identity
        if is_last and (data.get("interface") != "public" or not data.get("is_enabled")):
            self.add_error("interface" if data.get("interface") != "public" else "is_enabled", str(words.LAST))
        url = str(data.get("url") or "")
        if url and (before is None or url != before.url):
            data["url"] = url = without_slash(url)
            self.try_url("url", url, service_type=service_type, is_last=is_last)
        is_moved = before is None or (before.interface, before.region_id) != (
            data.get("interface"),
            data.get("region_id"),
        )
        if is_moved and data.get("is_enabled") and not data.get("is_untried"):
            self._refuse_second(service_id, data, before)
        return data

    def _refuse_second(self, service_id: str, data: dict[str, Any], before: Endpoint | None) -> None:
        """Clients take either of two endpoints in one place."""
        found = next(
            (
                item
                for item in read_inventory(self.cloud).endpoints
                if (item.service_id, item.interface, item.region_id)
                == (service_id, data.get("interface"), data.get("region_id"))
                and item.is_enabled
                and (before is None or item.id != before.id)
            ),
            None,
        )
        if found is not None:
            text = _(
                "The service has one there already, %(url)s: clients would take either. Tick the box if that is so."
            )
            self.add_error("interface", text % {"url": found.url})


class NewEndpointForm(EndpointForm):
    """An endpoint of a service that is chosen."""

    service_id = forms.ChoiceField(label=gettext_lazy("Service"))
    field_order = ("service_id", "url", "interface", "region_id", "is_enabled", "is_untried")

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, cloud=cloud, **kwargs)
        self.services = {item.id: item for item in read_inventory(cloud).services}
        self.fields["service_id"].choices = [  # type: ignore[attr-defined]
            (item.id, f"{item.type} · {item.title}" if item.title else item.type)
            for item in sorted(self.services.values(), key=lambda item: item.type)
        ]

    def service(self, data: dict[str, Any]) -> tuple[str, str]:
        found = self.services.get(str(data.get("service_id") or ""))
        return (found.id, found.type) if found is not None else ("", "")


class ServiceForm(forms.Form):
    """What is said of a service."""

    type = forms.CharField(
        label=gettext_lazy("Type"),
        max_length=255,
        help_text=gettext_lazy(
            "Clients look for it by this: compute, image, network, dns, load-balancer, key-manager…"
        ),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off"}),
    )
    title = forms.CharField(
        label=gettext_lazy("Name"), max_length=255, required=False, help_text=gettext_lazy("As in nova, or octavia.")
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_enabled = forms.BooleanField(
        label=gettext_lazy("Enabled: tokens name its endpoints"), required=False, initial=True
    )

    def __init__(self, *args: Any, rows: Sequence[Service] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = rows[0] if rows else None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.row is not None and self.row.title and not data.get("title"):
            self.add_error("title", _("Keystone takes no empty name for one that has a name."))
        if self.row is not None and self.row.is_last_identity:
            if not is_identity(str(data.get("type") or "")):
                self.add_error("type", str(words.LAST_SERVICE))
            if not data.get("is_enabled"):
                self.add_error("is_enabled", str(words.LAST_SERVICE))
        return data


class NewServiceForm(ServiceForm, TryingForm):
    """A service together with its endpoints in one region."""

    region_id = forms.ChoiceField(label=gettext_lazy("Region"), required=False)
    public = UrlField(
        label=gettext_lazy("Public URL"),
        required=False,
        help_text=gettext_lazy(
            "Without it the service has no endpoint yet. Keystone puts a project's id in place of $(project_id)s or "
            "%(tenant_id)s. A slash at the end is taken off."
        ),
    )
    is_same = forms.BooleanField(
        label=gettext_lazy("The same URL for the internal and the admin interface"), required=False, initial=True
    )
    internal = UrlField(label=gettext_lazy("Internal URL"), required=False)
    admin = UrlField(label=gettext_lazy("Admin URL"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = list_region_names(cloud)
        field: Any = self.fields["region_id"]
        field.choices = region_choices(regions, empty=gettext_lazy("None: it is for every region"))
        field.initial = cloud.region if any(region.id == cloud.region for region in regions) else ""
        self.fields["is_untried"] = self.untried()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        urls = {interface: without_slash(data.get(interface) or "") for interface in INTERFACES}
        if data.get("is_same") and urls["public"]:
            urls = {interface: url or urls["public"] for interface, url in urls.items()}
        data["urls"] = {interface: url for interface, url in urls.items() if url}
        tried: dict[str, str] = {}
        for interface, url in data["urls"].items():
            if url not in tried and not self.errors.get(interface):
                tried[url] = interface
                self.try_url(interface, url, service_type=str(data.get("type") or ""))
        return data


class RegionForm(forms.Form):
    """What can be changed of a region."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    parent_id = forms.ChoiceField(label=gettext_lazy("Part of"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Region] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = tree_of(list_region_names(cloud))
        row = rows[0] if rows else None
        # Under itself, or under a part of itself, it would be nowhere.
        own = below(row, found) if row is not None else set()
        left = [region for region in found if region.id not in own]
        field: Any = self.fields["parent_id"]
        field.choices = region_choices(left, empty=gettext_lazy("Nothing: it is a region of its own"))


class NewRegionForm(RegionForm):
    """A region, by its name, which stays."""

    id = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        help_text=gettext_lazy("It can't be changed later. New tokens name the region as soon as it has an endpoint."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off"}),
    )
    field_order = ("id", "description", "parent_id")

    def clean_id(self) -> str:
        wanted = str(self.cleaned_data["id"])
        if "/" in wanted or wanted.strip(".") == "":
            raise forms.ValidationError(_("A region's name can't have a slash in it, nor be dots alone."))
        return wanted
