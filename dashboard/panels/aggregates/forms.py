"""What administrators are asked about host aggregates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import compute_services, images
from dashboard.cloud.aggregates import Aggregate
from dashboard.cloud.compute_services import COMPUTE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.server_labels import Definition
from dashboard.ui.forms import answered
from dashboard.ui.pairs import Pairs

MOST = 1000
"""Hosts or images that a form offers."""


class AggregateForm(forms.Form):
    """Name and zone. A zone can be changed, and not taken away again."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, widget=forms.TextInput({"autocomplete": "off"}))
    zone = forms.CharField(
        label=gettext_lazy("Availability zone"),
        max_length=255,
        required=False,
        help_text=gettext_lazy(
            "With one, its hosts are what people choose by this name at a launch. A host is in one zone at most."
        ),
    )

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if ":" in zone:
            raise forms.ValidationError(_("A zone's name has no colon."))
        return zone


class EditForm(AggregateForm):
    """The same for one that there is."""

    def __init__(self, *args: Any, rows: Sequence[Aggregate] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.had_zone = bool(rows and rows[0].zone)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.had_zone and not data.get("zone") and "zone" not in self.errors:
            self.add_error("zone", _("Nova can't take the zone away from an aggregate. Make another aggregate."))
        return data


class HostsForm(forms.Form):
    """The hosts of an aggregate, all at once."""

    hosts = forms.MultipleChoiceField(label=gettext_lazy("Hosts"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Aggregate] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = later(lambda: compute_services.list_all_services(cloud, binary=COMPUTE))
        found = {row.host: row for row in answered(self, "hosts", waiting)}
        self.before = rows[0].hosts if rows else ()
        names = sorted({*found, *self.before})
        field: Any = self.fields["hosts"]
        field.choices = [(name, _worded(found.get(name), name)) for name in names[:MOST]]
        self.initial["hosts"] = list(self.before)
        if len(names) > MOST:
            field.help_text = _("These are the first %(n)d; there are more.") % {"n": MOST}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("hosts", [])
        data["added"] = [host for host in chosen if host not in self.before]
        data["removed"] = [host for host in self.before if host not in chosen]
        return data


def _worded(service: Any, name: str) -> str:
    if service is None:
        return name
    parts = [name]
    if service.zone:
        parts.append(_("zone %(zone)s") % {"zone": service.zone})
    if not service.is_up:
        parts.append(_("down"))
    if not service.is_enabled:
        parts.append(_("disabled"))
    return " · ".join(parts)


def definitions() -> tuple[Definition, ...]:
    """Keys of an aggregate's metadata that Nova's scheduler heeds."""
    rows = (
        ("filter_tenant_id", _("The ID of the project whose servers alone run here; more: filter_tenant_id2…")),
        ("cpu_allocation_ratio", _("How often each CPU is given out, where the core filter is in use")),
        ("ram_allocation_ratio", _("How often memory is given out, where the RAM filter is in use")),
        ("pinned", _("By custom: hosts whose CPUs are given out one by one (hw:cpu_policy)")),
        ("ssd", _("By custom: what flavors ask for with aggregate_instance_extra_specs:ssd")),
    )
    return tuple(Definition(key=key, title=words, group=_("Scheduler")) for key, words in rows)


class MetadataForm(forms.Form):
    """What the hosts have in common, in rows."""

    metadata = Pairs(label=gettext_lazy("Metadata"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["metadata"]
        field.know(definitions())


class CacheForm(forms.Form):
    """Images that the hosts fetch before anybody needs them."""

    images = forms.MultipleChoiceField(label=gettext_lazy("Images"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = answered(self, "images", later(lambda: images.list_all_images(cloud)))
        field: Any = self.fields["images"]
        field.choices = [(item.id, item.name or item.id) for item in found][:MOST]
