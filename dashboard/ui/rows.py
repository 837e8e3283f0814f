"""Rows as templates want them: each with its cells, and each in a guard of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.ui.panel import Column

log = logging.getLogger(__name__)

ODD = (AttributeError, KeyError, TypeError, ValueError, IndexError)


@dataclass(frozen=True)
class Cell:
    """One value on show. ``is_plain`` cells need no template of their own."""

    column: Column[Any]
    value: Any
    is_plain: bool


@dataclass(frozen=True)
class RowView:
    """A row and its cells, in the order of the columns."""

    row: Any
    cells: tuple[Cell, ...]

    @property
    def id(self) -> str:
        return str(self.row.id)


def cells_of(row: Any, columns: Sequence[Column[Any]]) -> tuple[Cell, ...]:
    """A row's cells; a value that can't be had is shown as "–" and costs nothing else."""
    found = []
    for column in columns:
        try:
            value = column.value(row)
        except ODD:
            log.warning("a value can't be shown", extra={"column": column.key}, exc_info=True)
            value = None
        found.append(Cell(column, value, column.cell == "ui/cell/text.html"))
    return tuple(found)


def facts_of(row: Any, facts: Sequence[Column[Any]]) -> tuple[Cell, ...]:
    """A row's facts; an optional one that has nothing to say is left out."""
    return tuple(cell for cell in cells_of(row, facts) if not (cell.column.is_optional and _is_empty(cell.value)))


def _is_empty(value: Any) -> bool:
    return value is None or (not isinstance(value, bool | int | float) and (not value or str(value) == ""))


def views_of(rows: Iterable[Any], columns: Sequence[Column[Any]]) -> list[RowView]:
    """What the list's template loops over."""
    return [RowView(row, cells_of(row, columns)) for row in rows]


def plain(column: Column[Any], row: Any) -> Any:
    """A value for CSV and JSON: a string, number, boolean, None, or a list of these."""
    try:
        value = (column.text or column.value)(row)
    except ODD:
        return None
    for name in ("label", "text"):
        if hasattr(value, name):
            value = getattr(value, name)
            break
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [str(getattr(item, "label", item)) for item in value]
    if isinstance(value, dict):
        return {str(key): str(item) for key, item in value.items()}
    return str(value)
