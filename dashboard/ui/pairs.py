"""Rows of keys and values, with what is known of the keys, and what is wrong with one beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dashboard.cloud.server_labels import Definition

SPARE = 3
"""Empty rows below those that have something."""
LONGEST = 255


class PairsWidget(forms.Widget):
    """Rows of a key and a value each. Without scripts there are some empty ones; with them, more can be added."""

    template_name = "ui/widgets/pairs.html"
    definitions: Sequence[Definition] = ()
    problems: Mapping[str, str] = {}
    """What is wrong with the row that has this key."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        pairs = sorted(value.items()) if isinstance(value, Mapping) else list(value or ())
        known = {item.key: item for item in self.definitions}
        context["rows"] = [
            {
                "key": key,
                "value": text,
                "problem": self.problems.get(key, ""),
                "choices": known[key].choices if key in known else (),
            }
            for key, text in [*pairs, *([("", "")] * SPARE)]
        ]
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

    def blame(self, message: str) -> str:
        """Puts a service's refusal on the row whose key, or else value, it names. Gives the key, "" for no row's."""
        widget: Any = self.widget
        said: list[tuple[str, str]] = sorted(getattr(widget, "said", ()), key=lambda pair: -len(pair[0]))
        named = next((key for key, _text in said if re.search(rf"(?<![\w:]){re.escape(key)}(?![\w:])", message)), "")
        named = named or next((key for key, text in said if text and f"'{text}'" in message), "")
        if named:
            widget.problems = {**widget.problems, named: message}
        return named

    def clean(self, value: Any) -> dict[str, str]:
        widget: Any = self.widget
        widget.said = [(key, text) for key, text in value or () if key]
        known = {item.key: item for item in widget.definitions}
        found: dict[str, str] = {}
        wrong: dict[str, str] = {}
        for key, text in value or ():
            if not key:
                raise ValidationError(_("“%(value)s” has no key.") % {"value": text[:60]})
            if key in found:
                raise ValidationError(_("“%(key)s” is there twice.") % {"key": key[:60]})
            if len(key) > LONGEST or len(text) > LONGEST:
                raise ValidationError(_("“%(key)s”: keys and values have at most 255 characters.") % {"key": key[:60]})
            if key in known and (problem := _problem(known[key], text)):
                wrong[key] = problem
            found[key] = text
        if wrong:
            widget.problems = wrong
            raise ValidationError([f"“{key}”: {problem}" for key, problem in wrong.items()])
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
