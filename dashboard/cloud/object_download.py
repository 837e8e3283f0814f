"""Objects' data on their way out: as they come from Swift, whole, in part, or several as one archive (ZIP)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.cloud import swift, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.streams import pieces_of

ASKED = ("Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")
"""What a browser may ask that Swift is to answer."""
SAID = ("Content-Length", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified")
MOST = 10_000
"""Objects of one archive: their names are kept until its end."""
PAGE = 10_000


@dataclass(frozen=True)
class Download:
    """Data on their way out: the status (200, 206, 304) and the headers that go with them."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))


@dataclass(frozen=True)
class Entry:
    """An object that goes into an archive."""

    name: str
    size: int = 0
    changed_at: datetime | None = None


def download(cloud: Cloud, container: str, name: str, asked: Mapping[str, str], *, method: str = "GET") -> Download:
    """Begins to read an object. Raises CloudError (with 412 and 416 as ``status`` for what can't be given)."""
    headers = {key: asked[key] for key in ASKED if asked.get(key)}
    response = swift.send(cloud, method, swift.path_of(container, name), headers=headers, stream=True)
    said = {key: response.headers[key] for key in SAID if key in response.headers}
    if method == "HEAD" or response.status_code == 304:
        response.close()
        return Download(response.status_code, said)
    return Download(response.status_code, said, pieces_of(response, swift.SERVICE))


# Archives


def below(cloud: Cloud, container: str, prefix: str, *, most: int = MOST) -> tuple[list[Entry], bool]:
    """The objects whose names begin so, and whether these are all. Raises CloudError."""
    found: list[Entry] = []
    marker = None
    while len(found) <= most:
        limit = min(PAGE, most + 1 - len(found))
        rows, _headers = swift.listing(
            cloud, swift.path_of(container), limit=limit, prefix=prefix or None, marker=marker
        )
        found += [
            Entry(wire.text(row.get("name")), wire.number(row.get("bytes")), swift.moment(row.get("last_modified")))
            for row in rows
            if row.get("name")
        ]
        if len(rows) < limit:
            break
        marker = found[-1].name
    return found[:most], len(found) <= most


def safe_path(name: str) -> str:
    """An object's name as one that may be unpacked anywhere: nothing absolute, nothing that leads out of the folder."""
    text = re.sub(r"[\x00-\x1f\x7f\\]", "_", name)
    parts = [part for part in text.split("/") if part not in {"", "."}]
    parts = ["_" * len(part) if set(part) == {"."} else part for part in parts]
    if parts and re.match(r"[A-Za-z]:", parts[0]):
        parts[0] = parts[0].replace(":", "_", 1)
    return "/".join(parts) or "_"


class _Out:
    """Where an archive is written to: taken away as it comes. It can't be gone back in, so nothing ever is."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        data, self.parts = b"".join(self.parts), []
        return data


def archive(
    cloud: Cloud, container: str, entries: Sequence[Entry], *, prefix: str = "", missing: Callable[[list[str]], str]
) -> Iterator[bytes]:
    """A ZIP of these objects, made while it is read: object by object, as they are, nothing compressed.

    Names are without ``prefix``. What was deleted meanwhile is named in a text at its end, which ``missing`` writes.
    Raises CloudError in the middle, which leaves an archive without its end: nobody takes it for a whole one.
    """
    out, lost = _Out(), list[str]()
    # An object may be called as the folder of others is.
    paths = [safe_path(entry.name.removeprefix(prefix)) for entry in entries]
    taken = {part.casefold() for path in paths for part in _folders_of(path)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as file:  # type: ignore[call-overload]
        for entry, wanted in zip(entries, paths, strict=True):
            path = wanted if entry.name.endswith("/") else _free(wanted, taken)
            if entry.name.endswith("/"):
                file.writestr(_info(f"{path}/", entry), b"")
                yield out.taken()
                continue
            try:
                found = download(cloud, container, entry.name, {})
            except NotFound:
                lost.append(entry.name)
                continue
            try:
                with file.open(_info(path, entry), "w", force_zip64=entry.size * 1.05 > zipfile.ZIP64_LIMIT) as target:
                    for piece in found.chunks:
                        target.write(piece)
                        yield out.taken()
            finally:
                found.chunks.close()  # type: ignore[attr-defined]
            yield out.taken()
        if lost:
            file.writestr(_free("_missing.txt", taken), missing(lost).encode())
    yield out.taken()


def _info(path: str, entry: Entry) -> zipfile.ZipInfo:
    at = entry.changed_at
    info = zipfile.ZipInfo(path, at.timetuple()[:6] if at is not None and at.year >= 1980 else (1980, 1, 1, 0, 0, 0))
    info.external_attr = (0o755 << 16 | 0x10) if path.endswith("/") else 0o644 << 16
    return info


def _folders_of(path: str) -> Iterator[str]:
    """Of "a/b/c": "a", "a/b"."""
    at = path.find("/")
    while at != -1:
        yield path[:at]
        at = path.find("/", at + 1)


def _free(path: str, taken: set[str]) -> str:
    """The path, or with a number where another name came to the same."""
    stem, dot, ending = path.rpartition(".")
    if not dot or "/" in ending or not stem:
        stem, dot, ending = path, "", ""
    found, number = path, 1
    # Folders on many machines know no capital letters.
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){dot}{ending}"
    taken.add(found.casefold())
    return found
