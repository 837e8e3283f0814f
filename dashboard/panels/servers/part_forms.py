"""The forms of what hangs on a server: they offer what there is by its name, and say which thing they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

MOST = 1000
"""Choices that a form offers; one more would be found by nobody."""


class PartForm(forms.Form):
    """A form with a sentence above its fields: which of the server's parts it is about."""

    template_name = "servers/part_form.html"
    sentence: StrOrPromise = ""

    def offer(self, name: str, choices: Sequence[tuple[Any, Any]], *, empty: StrOrPromise = "") -> None:
        """Gives a field its choices; where there is none to choose from, ``empty`` says why."""
        field: Any = self.fields[name]
        field.choices = choices[:MOST]
        if len(choices) > MOST:
            field.help_text = _("These are the first %(n)d; there are more.") % {"n": MOST}
        elif not choices and empty:
            field.help_text = empty

    def about(self, name: str, choices: Sequence[tuple[str, str]]) -> str:
        """Offers a choice, or if a link has made it already, hides the field; the name of what was chosen, or ""."""
        given = str(self.data.get(self.add_prefix(name)) or self.initial.get(name) or "")
        label = dict(choices).get(given, "")
        self.offer(name, choices)
        if label:
            self.fields[name].widget = forms.HiddenInput()
        return label


def named(name: str, id: str) -> str:
    """A thing's name; the beginning of its id for one without."""
    return name or id[:8]


def joined(parts: Iterable[str]) -> str:
    """What is known of a thing in one line."""
    return " · ".join(part for part in parts if part)
