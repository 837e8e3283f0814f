"""Rows of a launch that people add to: more disks, and files for the guest."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dashboard.cloud.launch import USER_DATA_LIMIT
from dashboard.cloud.launch_disks import BUSES, MOST_DISKS, Disk
from dashboard.cloud.launch_files import NewFile
from dashboard.panels.servers import launch_fields as fields
from dashboard.panels.servers.launch_steps import values

DISK_FIELDS = ("source", "size", "type", "bus", "order", "end", "tag")
SOURCES = frozenset({"image", "snapshot", "volume"})
MOST_FILES = 20
LARGEST_DISK = 1_000_000
"""GiB."""
MODE = re.compile(r"[0-7]{3,4}")
OWNER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?")


@dataclass(frozen=True)
class DiskRow:
    """One row as typed. ``source`` is "", "blank", or the kind and the id: "image:3f…"."""

    source: str = ""
    size: str = ""
    type: str = ""
    bus: str = ""
    order: str = ""
    end: str = ""
    tag: str = ""


@dataclass(frozen=True)
class FileRow:
    """One file as typed. ``kept`` is the content of an upload that is no text, in base64."""

    place: int
    path: str = ""
    text: str = ""
    owner: str = ""
    mode: str = ""
    kept: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.path or self.text or self.kept)


def disk_rows(data: Any) -> list[DiskRow]:
    """The rows of disks that name a source."""
    columns = [values(data, f"disk_{name}") for name in DISK_FIELDS]
    count = min(len(columns[0]), MOST_DISKS * 2)
    rows = (
        DiskRow(*(column[place].strip() if place < len(column) else "" for column in columns)) for place in range(count)
    )
    return [row for row in rows if row.source]


def disks(data: Any, count: int) -> tuple[Disk, ...]:
    """The disks. Raises ValidationError, with a message for each row that is not right."""
    rows = disk_rows(data)
    found, errors = [], []
    for number, row in enumerate(rows, start=1):
        try:
            found.append(_disk(row, count))
        except ValidationError as error:
            errors.append(_("Disk %(number)d: %(error)s") % {"number": number, "error": error.messages[0]})
    used = [row.source for row in rows if row.source.startswith("volume:")]
    if len(set(used)) < len(used):
        errors.append(_("The same volume is there twice."))
    if len(rows) > MOST_DISKS:
        errors.append(_("At most %(most)d disks, please.") % {"most": MOST_DISKS})
    if errors:
        raise ValidationError(errors)
    return tuple(found)


def _disk(row: DiskRow, count: int) -> Disk:
    kind, _colon, source_id = row.source.partition(":")
    if kind != "blank" and (kind not in SOURCES or not fields.ID.fullmatch(source_id)):
        raise ValidationError(_("This is no source of a disk."))
    if kind == "volume" and count > 1:
        raise ValidationError(_("a volume that exists is for one server."))
    size = int(row.size) if row.size.isdecimal() and len(row.size) < 8 else 0
    if row.size and not 0 < size <= LARGEST_DISK:
        raise ValidationError(_("its size is a number of GiB."))
    if kind in {"blank", "image"} and not size:
        raise ValidationError(_("say how large it is to be, in GiB."))
    if row.bus and row.bus not in BUSES:
        raise ValidationError(_("Nova does not know this bus."))
    if row.order and not (row.order.isdecimal() and 0 < int(row.order[:4]) < 100):
        raise ValidationError(_("its place in the boot order is a number from 1 on."))
    return Disk(
        kind=kind,  # type: ignore[arg-type]
        source_id=source_id,
        size=0 if kind == "volume" else size,
        volume_type=row.type[:255],
        bus=row.bus,
        is_deleted=row.end == "delete",
        tag=fields.device_tag(row.tag),
        boot_order=int(row.order or 0),
    )


def file_rows(data: Any) -> Iterator[FileRow]:
    """The rows of files as typed, those that hold nothing left out."""
    for place in range(MOST_FILES):
        row = FileRow(
            place, *(str(data.get(f"file_{name}-{place}", "")) for name in ("path", "text", "owner", "mode", "kept"))
        )
        if not row.is_empty:
            yield row


def uploads(files: Mapping[str, Any]) -> dict[int, bytes]:
    """What was uploaded, by the row. Raises ValidationError for what is too large for user data anyway."""
    found = {}
    for place in range(MOST_FILES):
        given = files.get(f"file_upload-{place}")
        if given is None:
            continue
        if given.size > USER_DATA_LIMIT:
            raise ValidationError(_("%(name)s is larger than user data can be.") % {"name": given.name[:60]})
        given.seek(0)
        found[place] = given.read()
    return found


def files(data: Any, given: Mapping[str, Any]) -> tuple[NewFile, ...]:
    """The files to be written. Raises ValidationError, with a message for each row that is not right."""
    uploaded = uploads(given)
    rows = {row.place: row for row in file_rows(data)}
    found, errors = [], []
    for place in sorted({*rows, *uploaded}):
        row = rows.get(place) or FileRow(place)
        try:
            found.append(_file(row, uploaded.get(place)))
        except ValidationError as error:
            name = row.path.strip()[:60] or _("File %(number)d") % {"number": place + 1}
            errors.append(_("%(name)s: %(error)s") % {"name": name, "error": error.messages[0]})
    paths = [file.path for file in found]
    if len(set(paths)) < len(paths):
        errors.append(_("Two files have the same path."))
    if errors:
        raise ValidationError(errors)
    return tuple(found)


def _file(row: FileRow, uploaded: bytes | None) -> NewFile:
    path, owner, mode = row.path.strip(), row.owner.strip(), row.mode.strip()
    if not path.startswith("/") or path.endswith("/") or len(path) > 4096 or any(ord(char) < 32 for char in path):
        raise ValidationError(_("say where it goes: a path from the root on, such as /etc/motd."))
    if owner and not OWNER.fullmatch(owner):
        raise ValidationError(_("an owner is a user, or user:group."))
    if mode and not MODE.fullmatch(mode):
        raise ValidationError(_("permissions are three or four octal digits, such as 0644."))
    content = uploaded
    if content is None and row.kept and not row.text:
        try:
            content = base64.b64decode(row.kept, validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError(_("its content got lost; choose the file again.")) from None
    if content is None:
        # A browser sends CRLF for what was typed.
        content = row.text.replace("\r\n", "\n").encode()
    return NewFile(path, content, owner, mode.zfill(4) if mode else "")


def keep_uploads(data: Any, given: Mapping[str, Any]) -> None:
    """Puts what was uploaded into the fields: a page can't fill in a browser's file fields again."""
    try:
        uploaded = uploads(given)
    except ValidationError:
        return
    for place, content in uploaded.items():
        try:
            data[f"file_text-{place}"], data[f"file_kept-{place}"] = content.decode(), ""
        except UnicodeDecodeError:
            data[f"file_text-{place}"], data[f"file_kept-{place}"] = "", base64.b64encode(content).decode()
