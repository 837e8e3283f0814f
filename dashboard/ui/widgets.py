"""Choosing one of many things that are told apart by more than a name: a table with a button in each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

SEARCHED_FROM = 8
"""Rows from which on a search field is of use."""


@dataclass(frozen=True)
class Head:
    """A column of the table."""

    label: StrOrPromise
    is_numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """A value, and how much more or less that is than now: "4 GiB", "+2 GiB"."""

    text: StrOrPromise
    change: StrOrPromise = ""
    is_less: bool = False


@dataclass(frozen=True)
class Choice:
    """A row: its value, a cell for each column (the first one names it), and why it can't be chosen.

    ``note`` stands below the name: "as it is now".
    """

    value: str
    cells: tuple[Cell | StrOrPromise, ...]
    why_not: StrOrPromise = ""
    note: StrOrPromise = ""


class TableChoice(forms.Widget):
    """Radio buttons in the rows of a table: it works without JavaScript, which only adds a search field."""

    template_name = "ui/widgets/table_choice.html"
    use_fieldset = True

    def __init__(self, heads: Sequence[Head] = (), attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(dict(attrs or {}))
        self.heads = tuple(heads)
        self.rows: tuple[Choice, ...] = ()
        self.empty: StrOrPromise = _("There is nothing to choose from.")

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        # The table has a legend; its rows have labels of their own.
        return ""

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, dict(attrs or {}))
        chosen = "" if value is None else str(value)
        context["widget"]["rows"] = [
            {
                "choice": row,
                "id": f"{context['widget']['attrs'].get('id', name)}_{place}",
                "is_chosen": row.value == chosen and not row.why_not,
                "first": _cell(row.cells[0]),
                "cells": [(head, _cell(cell)) for head, cell in zip(self.heads[1:], row.cells[1:], strict=False)],
            }
            for place, row in enumerate(self.rows)
        ]
        context["widget"]["heads"] = self.heads
        context["widget"]["empty"] = self.empty
        context["widget"]["is_searched"] = len(self.rows) >= SEARCHED_FROM
        return context


def _cell(cell: Cell | StrOrPromise) -> Cell:
    return cell if isinstance(cell, Cell) else Cell(cell)


class TableChoiceField(forms.Field):
    """A field whose choices are rows of a table; set ``rows`` once they are known. What is greyed is refused."""

    widget = TableChoice

    def __init__(self, *, heads: Sequence[Head], rows: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(widget=TableChoice(heads), **kwargs)
        self.rows = tuple(rows)

    @property
    def rows(self) -> tuple[Choice, ...]:
        return self._rows

    @rows.setter
    def rows(self, rows: Iterable[Choice]) -> None:
        self._rows = tuple(rows)
        self.widget.rows = self._rows

    def __deepcopy__(self, memo: dict[int, Any]) -> TableChoiceField:
        found: TableChoiceField = super().__deepcopy__(memo)
        found.rows = self._rows
        return found

    def to_python(self, value: Any) -> str:
        return "" if value is None else str(value)

    def validate(self, value: str) -> None:
        super().validate(value)
        if not value:
            return
        row = next((row for row in self._rows if row.value == value), None)
        if row is None:
            raise forms.ValidationError(_("This is not among the choices any more."), code="invalid_choice")
        if row.why_not:
            raise forms.ValidationError(str(row.why_not), code="invalid_choice")
