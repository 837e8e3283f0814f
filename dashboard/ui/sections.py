"""Long forms in parts: what everybody needs first, what few need folded away below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str


@dataclass(frozen=True)
class Section:
    """A part of a form. One with a label can be folded, and is open when something in it is wrong or filled in."""

    label: StrOrPromise
    fields: tuple[BoundField, ...]
    is_open: bool


class Sectioned(forms.Form):
    """A form whose ``sections`` name its fields, part by part; what is in none comes first."""

    template_name = "ui/form_sections.html"
    sections: tuple[tuple[StrOrPromise, tuple[str, ...]], ...] = ()

    def drop(self, *names: str) -> None:
        """Takes fields out that this cloud or this person has no use for."""
        for name in names:
            self.fields.pop(name, None)

    def keep(self, is_kept: bool, *names: str) -> None:
        """Takes the fields out unless ``is_kept``."""
        if not is_kept:
            self.drop(*names)

    def choose(self, name: str, choices: Any) -> None:
        """Gives a field its choices, if the form still has it."""
        if name in self.fields:
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def parts(self) -> Iterator[Section]:
        """The form's parts, without those that have nothing left in them."""
        placed = {name for _label, names in self.sections for name in names}
        first = tuple(field for field in self.visible_fields() if field.name not in placed)
        if first:
            yield Section("", first, True)
        for label, names in self.sections:
            found = tuple(self[name] for name in names if name in self.fields and not self[name].is_hidden)
            if found:
                yield Section(label, found, any(self._is_told(field) for field in found))

    def _is_told(self, field: BoundField) -> bool:
        if field.errors:
            return True
        if self.is_bound:
            return field.field.has_changed(field.field.initial, field.data)
        given = self.initial.get(field.name)
        return given not in (None, "", [], (), False) and given != field.field.initial
