"""Long lists of the launch form, searched as one types: images, flavors, and what a further disk may be made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from dashboard.cloud.launch_disks import BUSES
from dashboard.panels.servers.launch_draft import Draft
from dashboard.panels.servers.launch_rows import DiskRow, FileRow, disk_rows, file_rows

MOST_ROWS = 100
"""Rows of a table that the page holds; whoever looks for another one types a part of its name."""
SEARCH_FROM = 12
"""A shorter list is read faster than searched."""
SPARE_DISKS = 1
SPARE_FILES = 1


@dataclass(frozen=True)
class Choice:
    """One row that can be chosen."""

    item: Any
    is_chosen: bool = False
    why_not: str = ""
    words: tuple[str, ...] = ()
    fixed_ip: str = ""
    order: str = ""
    tag: str = ""
    error: str = ""


@dataclass(frozen=True)
class Choices:
    """The rows of a table on the page. ``left`` more match what is searched for."""

    rows: tuple[Choice, ...] = ()
    left: int = 0
    search: str = ""
    is_searched: bool = False
    """Whether there is anything to search in."""

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True)
class Grouped:
    """Options of a list below one heading."""

    label: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DiskChoice:
    """One row of the further disks, with what it may be made of."""

    row: DiskRow
    number: int
    groups: tuple[Grouped, ...] = field(default_factory=tuple)


def _matches(item: Any, words: Sequence[str]) -> bool:
    text = " ".join(
        str(part) for part in (item.name, item.id, getattr(item, "os", ""), getattr(item, "visibility", "")) if part
    ).casefold()
    return all(word in text for word in words)


def chosen(draft: Draft, rows: Iterable[Any], name: str, search: str = "", *, why: bool = False) -> Choices:
    """The rows that match what is searched for, at most MOST_ROWS; the chosen one is never left out."""
    value = draft.value(name)
    everything = list(rows)
    text = draft.value(search) if search else ""
    words = text.casefold().split()
    # A chosen one comes first when the search would hide it.
    found = [row for row in everything if not words or _matches(row, words)]
    shown = found[:MOST_ROWS]
    if value and all(row.id != value for row in shown):
        shown = [row for row in everything if row.id == value] + shown
    return Choices(
        tuple(Choice(row, row.id == value, why_not=draft.why_flavor_does_not_fit(row) if why else "") for row in shown),
        left=max(0, len(found) - MOST_ROWS),
        search=text,
        is_searched=bool(search) and (bool(text) or len(everything) > SEARCH_FROM),
    )


def flavors_of(draft: Draft) -> Choices:
    """The flavor table: those that don't fit are greyed and say why."""
    return chosen(draft, draft.options.flavors, "flavor", "flavor_q", why=True)


def disks_of(draft: Draft) -> list[DiskChoice]:
    """The rows of the further disks: those that were filled in, and one to add."""
    rows = [*disk_rows(draft.data), *[DiskRow()] * SPARE_DISKS]
    groups = _sources(draft)
    return [DiskChoice(row, number, _with_chosen(groups, row.source)) for number, row in enumerate(rows, start=1)]


def _sources(draft: Draft) -> tuple[Grouped, ...]:
    options = draft.options

    def some(kind: str, rows: Iterable[Any], label: str) -> Grouped:
        found = [(f"{kind}:{row.id}", f"{row.name or row.id}{_size(row)}") for row in rows]
        more = len(found) - MOST_ROWS
        if more > 0:
            label = _("%(label)s (the first %(n)d)") % {"label": label, "n": MOST_ROWS}
        return Grouped(label, tuple(found[:MOST_ROWS]))

    found = (
        some("volume", options.volumes, _("A volume that exists")),
        some("snapshot", options.volume_snapshots, _("A copy of a volume snapshot")),
        some("image", options.images, _("A new volume from an image")),
    )
    return tuple(group for group in found if group.options)


def _size(row: Any) -> str:
    has_size = not hasattr(row, "min_disk")
    return f" ({row.size} GiB)" if has_size and row.size else ""


def _with_chosen(groups: tuple[Grouped, ...], source: str) -> tuple[Grouped, ...]:
    """What was chosen before stays, even if it is not known now."""
    known = {value for group in groups for value, _label in group.options}
    if source in {"", "blank"} or source in known:
        return groups
    return (Grouped(_("Chosen"), ((source, source.partition(":")[2]),)), *groups)


def files_of(draft: Draft) -> list[FileRow]:
    """The rows of files: those that were filled in, and one to add."""
    rows = list(file_rows(draft.data))
    first = max((row.place for row in rows), default=-1) + 1
    return [*rows, *(FileRow(first + place) for place in range(SPARE_FILES))]


BUS_CHOICES = tuple((bus, bus) for bus in BUSES)
