"""Fields that the storage forms share: metadata by the line, and choices of what there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.parallel import Later, later

T = TypeVar("T")
MOST = 1000
"""Choices that a form offers; one more would be found by nobody."""
LONGEST = 255
UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


class Lines(forms.CharField):
    """Keys and values, one pair a line: ``key = value``. Cleaned, it is a dict."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", gettext_lazy("One pair a line: key = value"))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """What the text field shows of a dict."""
        if isinstance(value, Mapping):
            return "\n".join(f"{key} = {text}" for key, text in sorted(value.items()))
        return value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found: dict[str, str] = {}
        for line in text.splitlines():
            if not line.strip():
                continue
            key, sign, rest = line.partition("=")
            key, rest = key.strip(), rest.strip()
            if not sign or not key:
                raise ValidationError(_("“%(line)s” is no pair. Write it as key = value.") % {"line": line[:60]})
            if key in found:
                raise ValidationError(_("“%(key)s” is there twice.") % {"key": key[:60]})
            if len(key) > LONGEST or len(rest) > LONGEST:
                raise ValidationError(_("“%(key)s”: keys and values have at most 255 characters.") % {"key": key[:60]})
            found[key] = rest
        return found


def name_field(**more: Any) -> forms.CharField:
    """A name, as Cinder takes it."""
    given = {"label": gettext_lazy("Name"), "max_length": 255, "widget": forms.TextInput(attrs={"autocomplete": "off"})}
    return forms.CharField(**{**given, **more})


def description_field() -> forms.CharField:
    """A description, as Cinder takes it."""
    return forms.CharField(
        label=gettext_lazy("Description"), max_length=255, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


def asked(call: Callable[[], T]) -> Later[T]:
    """A question that a form's choices depend on, put while others are under way."""
    return later(call)


def differences(before: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The pairs that are new or other than before, and the keys that are gone."""
    changed = {key: text for key, text in wanted.items() if before.get(key) != text}
    return changed, [key for key in before if key not in wanted]


def offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]], *, none: Any = "") -> None:
    """Gives a field its choices; where there are none, or too many, it says so."""
    field: Any = form.fields[name]
    found: list[tuple[Any, Any]] = list(choices)
    field.choices = found[: MOST + 1]
    # What was chosen was there when the form was opened: somebody deleted it meanwhile.
    field.error_messages["invalid_choice"] = _("This is not among the choices any more.")
    if len(found) > MOST + 1:
        field.help_text = _("These are the first %(n)d; there are more.") % {"n": MOST}
    elif none and not [key for key, _label in found if key]:
        field.help_text = none


def sized(name: str, id: str, size: int | None = None, *more: str) -> str:
    """A thing as one choice among others: "data-1 · 20 GiB · 3f1c…"."""
    parts = [name or id[:8]]
    if size:
        parts.append(_("%(size)d GiB") % {"size": size})
    parts += [part for part in more if part]
    return " · ".join(parts)


def pair_words(pairs: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Metadata for a facts list."""
    return sorted(pairs.items())
