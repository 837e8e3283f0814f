"""Properties as Glance's metadata definitions describe them: fields of the right kind, with the values there may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.metadefs import Namespace, Property, list_properties
from dashboard.live import cache
from dashboard.panels.images.facilities import SECONDS, namespaces_of

PREFIX = "p:"
MOST = 10
"""Namespaces that one form shows at a time."""


class DefinedForm(forms.Form):
    """The properties of some namespaces. A field that stays empty says nothing of its property, or takes it away."""

    def __init__(self, *args: Any, properties: Iterable[Property], values: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.properties = {item.key: item for item in properties if not item.is_read_only}
        for item in self.properties.values():
            self.fields[PREFIX + item.key] = field_of(item, values.get(item.key, ""))

    def clean(self) -> dict[str, Any]:
        """Each value is one that the definition allows."""
        data = super().clean() or {}
        for key, item in self.properties.items():
            value = data.get(PREFIX + key)
            if value and (fault := item.fault(value)):
                self.add_error(PREFIX + key, fault_words(item, fault))
        return data

    @property
    def given(self) -> dict[str, str]:
        """What was filled in, by property."""
        return {key: value for key in self.properties if (value := self.cleaned_data.get(PREFIX + key, ""))}


def field_of(item: Property, value: str) -> forms.Field:
    """A field for a property, with its present value."""
    hint = _hint(item)
    label = f"{item.title} ({item.key})" if item.title != item.key else item.key
    choices = ("true", "false") if item.type == "boolean" else item.choices
    if choices and item.type != "array":
        known = choices if not value or value in choices else (*choices, value)
        return forms.ChoiceField(
            label=label,
            required=False,
            initial=value,
            help_text=hint,
            choices=[("", _("Not set")), *((one, one) for one in known)],
        )
    widget = forms.NumberInput() if item.type in {"integer", "number"} else forms.TextInput()
    if isinstance(widget, forms.NumberInput):
        step = "1" if item.type == "integer" else "any"
        limits = {"min": item.minimum, "max": item.maximum}
        widget.attrs |= {"step": step} | {key: f"{limit:g}" for key, limit in limits.items() if limit is not None}
    return forms.CharField(
        label=label, required=False, initial=value, help_text=hint, max_length=item.longest or 65_535, widget=widget
    )


def _hint(item: Property) -> str:
    parts = [item.description[:300]]
    if item.type == "array":
        parts.append(_("Several, separated by commas."))
        if item.choices:
            parts.append(_("One of: %(values)s.") % {"values": ", ".join(item.choices[:30])})
    if item.default:
        parts.append(_("Without it: %(value)s.") % {"value": item.default})
    return " ".join(part for part in parts if part)


def fault_words(item: Property, fault: str) -> str:
    """Why a value is not one that the definition allows."""
    return {
        "number": _("This has to be a number."),
        "minimum": _("This has to be at least %(n)g.") % {"n": item.minimum or 0},
        "maximum": _("This can be at most %(n)g.") % {"n": item.maximum or 0},
        "choice": _("This is none of the values that there are."),
        "length": _("This is too short or too long."),
    }.get(fault, _("This does not have the shape that is wanted: %(pattern)s") % {"pattern": item.pattern})


def properties_of(cloud: Cloud, names: Iterable[str]) -> list[Property]:
    """The properties of these namespaces, of those that this cloud has for images. Raises CloudError."""
    known = {space.name for space in namespaces_of(cloud)}
    found: dict[str, Property] = {}
    for name in list(dict.fromkeys(names))[:MOST]:
        if name in known:
            found |= {item.key: item for item in _properties(cloud, name)}
    return list(found.values())


def _properties(cloud: Cloud, name: str) -> tuple[Property, ...]:
    def fetch() -> list[dict[str, Any]]:
        try:
            found = list_properties(cloud, namespace=name)
        except NotFound:
            return []
        return [{**vars(item), "choices": list(item.choices)} for item in found]

    stored = cache.cached(cloud, f"image-namespace:{name}", SECONDS, fetch)
    return tuple(Property(**{**item, "choices": tuple(item["choices"])}) for item in stored)


def chosen(spaces: Iterable[Namespace], names: Iterable[str]) -> list[Namespace]:
    """The namespaces that a form shows."""
    wanted = set(names)
    return [space for space in spaces if space.name in wanted]
