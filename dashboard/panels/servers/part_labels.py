"""Metadata as rows of keys and values, with what the cloud knows of its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dashboard.cloud import server_labels
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.server_labels import Definition
from dashboard.cloud.servers import Server
from dashboard.live import cache

SPARE = 3
"""Empty rows below those that have something."""
KNOWN_SECONDS = 600
LONGEST = 255


def definitions(cloud: Cloud) -> tuple[Definition, ...]:
    """The keys that mean something in this cloud; none where Glance has none to tell, or fails."""
    if not cloud.offers("image"):
        return ()
    try:
        found = cache.cached(
            cloud,
            "server-definitions",
            KNOWN_SECONDS,
            lambda: [asdict(item) for item in server_labels.list_definitions(cloud)],
        )
    except CloudError:
        return ()
    return tuple(Definition(**{**item, "choices": tuple(item["choices"])}) for item in found)


def own_tags(server: Server) -> tuple[str, ...]:
    """The tags that people gave it, without those that the dashboard finds a launch by."""
    return tuple(tag for tag in server.tags if not tag.startswith("belvedere-"))


class PairsWidget(forms.Widget):
    """Rows of a key and a value each. Without scripts there are some empty ones; with them, more can be added."""

    template_name = "servers/pairs_widget.html"
    definitions: Sequence[Definition] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        pairs = sorted(value.items()) if isinstance(value, Mapping) else list(value or ())
        context["pairs"] = [*pairs, *([("", "")] * SPARE)]
        context["definitions"] = self.definitions
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        keys, values = data.getlist(f"{name}-key"), data.getlist(f"{name}-value")
        return [(key.strip(), value) for key, value in zip(keys, values, strict=False) if key.strip() or value.strip()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-key" not in data

    def id_for_label(self, id_: str) -> str:
        return ""


class Pairs(forms.Field):
    """Keys and values, as a dict; what the cloud knows of a key decides what may stand behind it."""

    widget = PairsWidget

    def know(self, found: Sequence[Definition]) -> None:
        """Has the rows suggest these keys, and holds their values to them."""
        widget: Any = self.widget
        widget.definitions = found

    def clean(self, value: Any) -> dict[str, str]:
        known = {item.key: item for item in self.widget.definitions}
        found: dict[str, str] = {}
        for key, text in value or ():
            if not key:
                raise ValidationError(_("“%(value)s” has no key.") % {"value": text[:60]})
            if key in found:
                raise ValidationError(_("“%(key)s” is there twice.") % {"key": key[:60]})
            if len(key) > LONGEST or len(text) > LONGEST:
                raise ValidationError(_("“%(key)s”: keys and values have at most 255 characters.") % {"key": key[:60]})
            if key in known and (problem := _problem(known[key], text)):
                raise ValidationError(f"“{key}”: {problem}")
            found[key] = text
        return found


def _problem(definition: Definition, text: str) -> str:
    """What is wrong with a value, by the kind that the key has; "" if nothing is."""
    if definition.choices and text not in definition.choices:
        return _("It is one of: %(choices)s.") % {"choices": ", ".join(definition.choices[:20])}
    if definition.type in {"integer", "number"}:
        try:
            float(text) if definition.type == "number" else int(text)
        except ValueError:
            return _("It is a number.")
    if definition.type == "boolean" and text.lower() not in {"true", "false"}:
        return _("It is true or false.")
    return ""
