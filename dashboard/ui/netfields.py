"""Form fields for what networks are made of: addresses, ranges, routes, one per line."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

LONGEST = 1000
"""Choices of one select; what is more is told in its hint."""


class AddressField(forms.CharField):
    """One IP address, written in its short form."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value).strip()
        return address_of(text) if text else ""


class RangeField(forms.CharField):
    """A range of addresses: 10.0.0.0/24, 2001:db8::/64."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value).strip()
        return range_of(text) if text else ""


class MacField(forms.CharField):
    """A MAC address, in lower case with colons."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value).strip().lower().replace("-", ":")
        if text and not re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", text):
            raise forms.ValidationError(_("A MAC address looks like fa:16:3e:12:34:56."))
        return text


class LinesField(forms.CharField):
    """Several values, one per line; its value is a tuple of strings."""

    widget = forms.Textarea

    def __init__(self, **given: Any) -> None:
        widget = forms.Textarea(attrs={"rows": given.pop("rows", 2), "spellcheck": "false", "autocomplete": "off"})
        super().__init__(**{"required": False, "widget": widget, **given})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return "\n".join(self.line(item) for item in value)

    def line(self, item: Any) -> str:
        """One value as it is typed."""
        return str(item) if isinstance(item, str) else " ".join(str(part) for part in item)

    def value_of(self, line: str) -> Any:
        """One line's value. Raises ValidationError."""
        return line

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in re.split(r"[\r\n]+", value or "")]
        return tuple(dict.fromkeys(self.value_of(line) for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_text(initial) != self.to_text(data)

    def to_text(self, value: Any) -> str:
        """What is compared to tell whether something was typed."""
        return " ".join(str(self.prepare_value(value) or "").split())


class AddressesField(LinesField):
    """IP addresses, one per line."""

    def value_of(self, line: str) -> str:
        return address_of(line)


class RangesField(LinesField):
    """Ranges of addresses, one per line."""

    def value_of(self, line: str) -> str:
        return range_of(line)


class PairsField(LinesField):
    """Two values on each line, as in "10.0.0.10 10.0.0.50"; its value is a tuple of pairs.

    ``first`` and ``second`` check each; without a second value ``second`` is not asked if it may be missing.
    """

    def __init__(self, *, first: Any, second: Any, may_lack_second: bool = False, **given: Any) -> None:
        self._first, self._second, self._may_lack = first, second, may_lack_second
        super().__init__(**given)

    def value_of(self, line: str) -> tuple[str, str]:
        parts = [
            part for part in re.split(r"\s*(?:,|→|\s-\s|(?<=[0-9a-fA-F])-(?=[0-9a-fA-F:.]+$)|\s)\s*", line) if part
        ]
        if len(parts) == 1 and self._may_lack:
            return self._first(parts[0]), ""
        if len(parts) != 2:
            raise forms.ValidationError(_("Two values are expected here, not: %(line)s") % {"line": line})
        return self._first(parts[0]), self._second(parts[1])


def address_of(text: str) -> str:
    """An IP address. Raises ValidationError."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise forms.ValidationError(_("This is no IP address: %(text)s") % {"text": text}) from error


def range_of(text: str) -> str:
    """A range of addresses, or one address as the range of itself. Raises ValidationError."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        try:
            found = ipaddress.ip_interface(text).network
        except ValueError:
            raise forms.ValidationError(_("This is no range of addresses: %(text)s") % {"text": text}) from error
        raise forms.ValidationError(
            _("%(text)s is an address within a range; did you mean %(range)s?") % {"text": text, "range": found}
        ) from error


def mac_of(text: str) -> str:
    """A MAC address. Raises ValidationError."""
    return MacField().clean(text)


def choices(rows: Iterable[Any], *, empty: Any = "", label: Any = None) -> list[tuple[str, Any]]:
    """Choices out of rows, by name; ``empty`` is the label of choosing none."""
    say = label or (lambda row: row.name or row.id)
    found = sorted(((row.id, say(row)) for row in rows), key=lambda item: str(item[1]).casefold())[:LONGEST]
    return [("", empty), *found] if empty else found


def hint_if_many(form: forms.Form, name: str, rows: Sequence[Any]) -> None:
    """Says so where there are more choices than are shown."""
    if name in form.fields and len(rows) >= LONGEST:
        form.fields[name].help_text = _("The first %d are shown.") % LONGEST
