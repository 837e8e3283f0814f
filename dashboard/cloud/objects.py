"""What is in a container: folders by the slashes in names, one object with everything that is said of it, its versions.

Swift knows no folders. It cuts names at "/" where it is asked to, and gives one page at a time, in the order of names.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from dashboard.cloud import swift, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.streams import pieces_of
from dashboard.cloud.swift import SERVICE, headers_of, key_of, name_of, path_of, send
from dashboard.cloud.types import Page, Query

PAGE = 100
"""Entries of one page of a folder."""
META = "x-object-meta-"
FOLDER_TYPES = frozenset({"application/directory", "text/directory"})
KEPT = (
    "content-disposition",
    "content-encoding",
    "cache-control",
    "content-language",
    "expires",
    "x-robots-tag",
    "x-delete-at",
    "x-object-manifest",
)
"""What Swift forgets of an object when its metadata are set, unless it is told again."""
VERSIONS = 200
"""Versions of one object that are shown."""
EVERYWHERE = 20
"""Containers that are looked through where none is named."""


def readable(name: str) -> str:
    """A name as it may be shown: what moves the text around it, or can't be seen, as a sign of its own."""
    return "".join(map(_sign, name))


def _sign(char: str) -> str:
    number = ord(char)
    if number < 0x20:
        return chr(0x2400 + number)
    if number == 0x7F:
        return "\u2421"
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char != "\u200d":
        return f"\u27e8U+{number:04X}\u27e9"
    return char


def id_of(container: str, name: str, last: str = "") -> str:
    """What stands for an object in our own addresses; with ``last`` for all from the one to the other."""
    return ".".join(key_of(part) for part in (container, name, last) if part)


def parts_of(id: str) -> tuple[str, ...]:
    """The names that ``id_of`` made this of: a container's and an object's, and the last one's of several."""
    parts = tuple(name_of(key) for key in id.split("."))
    if not 2 <= len(parts) <= 3 or not all(parts):
        raise NotFound("There is no such object.", service=SERVICE, status=404)
    return parts


@dataclass(frozen=True)
class Object:
    """An object, or several whose names follow each other (``last``), as work that is done piece by piece has them.

    ``headers`` are there only where it was asked for by itself (``is_whole``).
    """

    container: str
    path: str
    """Its whole name, as Swift has it."""
    size: int = 0
    type: str = ""
    etag: str = ""
    changed: datetime | None = None
    is_large: bool = False
    """Made of segments, by a manifest that lists them (a static large object)."""
    target: str = ""
    """What it leads to, if it is a link: "container/object"."""
    last: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False

    @property
    def id(self) -> str:
        return id_of(self.container, self.path, self.last)

    @property
    def name(self) -> str:
        """Its whole name, as it may be shown."""
        return f"{readable(self.path)} … {readable(self.last)}" if self.last else readable(self.path)

    @classmethod
    def from_json(cls, container: str, json: Mapping[str, Any]) -> Object:
        """From an entry of a container's listing."""
        return cls(
            container=container,
            path=wire.text(json.get("name")) if isinstance(json.get("name"), str) else "",
            size=wire.number(json.get("bytes")),
            type=wire.text(json.get("content_type")),
            etag=(wire.text(json.get("slo_etag")) or wire.text(json.get("hash"))).strip('"'),
            changed=swift.moment(json.get("last_modified")),
            is_large="slo_etag" in json,
            target=_not_own(_inside(unquote(wire.text(json.get("symlink_path"))))),
        )

    @classmethod
    def from_headers(cls, container: str, path: str, headers: Mapping[str, str]) -> Object:
        """From what Swift says of one object."""
        return cls(
            container=container,
            path=path,
            size=wire.number(headers.get("content-length")),
            type=headers.get("content-type", ""),
            etag=headers.get("etag", "").strip('"'),
            changed=swift.moment(headers.get("last-modified")),
            is_large=wire.flag(headers.get("x-static-large-object", "")),
            target=unquote(headers.get("x-symlink-target", "")),
            headers=headers,
            is_whole=True,
        )

    @property
    def folder(self) -> str:
        """The place that it is in: "" or what ends in "/"."""
        head, slash, _rest = self.path.rstrip("/").rpartition("/")
        return head + slash

    @property
    def short(self) -> str:
        """Its name without the place, as it may be shown."""
        return readable(self.path[len(self.folder) :])

    @property
    def is_folder(self) -> bool:
        """Whether it stands for a folder: nothing but a name."""
        return self.size == 0 and self.type.partition(";")[0] in FOLDER_TYPES

    @property
    def has_segments(self) -> bool:
        """Whether segments are its own, to go with it: a link tells of those of the object that it leads to."""
        return self.is_large and not self.target

    @property
    def manifest(self) -> str:
        """Where the segments of a dynamic large object begin: "container/prefix"; "" for others."""
        return unquote(self.headers.get("x-object-manifest", ""))

    @property
    def expires(self) -> datetime | None:
        return swift.moment(self.headers.get("x-delete-at"))

    @property
    def version_id(self) -> str:
        """The version that this is, where the container keeps them."""
        found = self.headers.get("x-object-version-id", "")
        return "" if found == "null" else found

    @property
    def metadata(self) -> dict[str, str]:
        """A person's own metadata."""
        found = {key.removeprefix(META): value for key, value in self.headers.items() if key.startswith(META)}
        return dict(sorted(found.items()))

    @property
    def kept(self) -> dict[str, str]:
        """The headers that are to be said again when something is set, so that nothing of it is lost."""
        own = {key: value for key, value in self.headers.items() if key.startswith(META)}
        return {key: self.headers[key] for key in KEPT if self.headers.get(key)} | own


def _not_own(target: str) -> str:
    """A link's target, but for the links that Swift itself keeps versions by."""
    return "" if "?version-id=" in target else target


def _inside(path: str) -> str:
    """A link's target without version and account: "container/object"."""
    parts = path.split("/", 3)
    return parts[3] if len(parts) == 4 else ""


@dataclass(frozen=True)
class Folder:
    """What names have in common up to a slash; ``prefix`` is all of it."""

    prefix: str
    place: str = ""

    @property
    def name(self) -> str:
        """What it adds to the place that it is in, as it may be shown."""
        return readable(self.prefix[len(self.place) :])


@dataclass(frozen=True)
class Place:
    """One page of what is at a place in a container: folders first, each kind in the order of names."""

    container: str
    prefix: str
    folders: tuple[Folder, ...]
    objects: tuple[Object, ...]
    marker: str = ""
    """What the page after this one comes after; "" if there is none. Relative to the prefix, as ``before`` is."""
    before: str = ""
    """What the page before this one ends at; "" if this is the first."""
    has_own: bool = False
    """Whether there is an object that stands for this folder itself."""

    @property
    def is_empty(self) -> bool:
        return not (self.folders or self.objects)

    @property
    def is_whole(self) -> bool:
        """Whether this page has everything that there is."""
        return not (self.marker or self.before)

    @property
    def bytes(self) -> int:
        return sum(item.size for item in self.objects)


def read_place(
    cloud: Cloud,
    container: str,
    prefix: str = "",
    *,
    begins: str = "",
    marker: str = "",
    before: str = "",
    is_deep: bool = False,
    limit: int = PAGE,
) -> Place:
    """One page of what is at ``prefix``, with names that go on with ``begins``; one request. Raises CloudError.

    ``is_deep``: everything below, without folders. ``marker`` and ``before`` are relative to the prefix.
    """
    is_back = bool(before) and not marker
    anchor = marker or before
    entries, _headers = swift.listing(
        cloud,
        path_of(container),
        # One more tells whether there is more; and the object that stands for the folder itself is not shown.
        limit=limit + 2,
        prefix=prefix + begins or None,
        delimiter=None if is_deep else "/",
        marker=prefix + anchor if anchor else None,
        reverse="true" if is_back else None,
    )
    names = [wire.text(item.get("subdir") or item.get("name")) for item in entries]
    found = [(name, item) for name, item in zip(names, entries, strict=True) if name and (name != prefix or not prefix)]
    has_own = len(found) < len(entries)
    has_more = len(found) > limit
    found = found[:limit]
    if is_back:
        found.reverse()
    first, last = (found[0][0], found[-1][0]) if found else ("", "")
    has_next, has_previous = (True, has_more) if is_back else (has_more, bool(anchor))
    return Place(
        container,
        prefix,
        tuple(Folder(name, prefix) for name, item in found if "subdir" in item),
        tuple(Object.from_json(container, item) for _name, item in found if "subdir" not in item),
        marker=last[len(prefix) :] if has_next and found else "",
        before=first[len(prefix) :] if has_previous and found else "",
        has_own=has_own,
    )


def list_objects(cloud: Cloud, query: Query) -> Page[Object]:
    """Objects by the beginning of their names: of the container that is named, else of the first ones there are.

    Raises CloudError.
    """
    wanted = query.values("container")
    if wanted:
        return _of_container(cloud, wanted[0], query)
    entries, _headers = swift.listing(cloud, "", limit=EVERYWHERE + 1)
    names = [wire.text(item.get("name")) for item in entries if wire.number(item.get("count"))]
    found: list[Object] = []
    is_partial = len(entries) > EVERYWHERE
    for name in names[:EVERYWHERE]:
        page = _of_container(cloud, name, query)
        found += page.rows
        is_partial = is_partial or page.has_next
        if len(found) >= query.limit:
            is_partial = is_partial or len(found) > query.limit or name != names[-1]
            break
    return Page(tuple(found[: query.limit]), is_partial=is_partial)


def _of_container(cloud: Cloud, container: str, query: Query) -> Page[Object]:
    def anchor(id: str) -> str:
        """The marker's name, if it is one of this container's."""
        if not id:
            return ""
        parts = parts_of(id)
        return parts[1] if parts[0] == container else ""

    marker, before = anchor(query.marker), anchor(query.before)
    try:
        place = read_place(
            cloud, container, begins=query.text, marker=marker, before=before, is_deep=True, limit=query.limit
        )
    except NotFound:
        return Page(())
    return Page(place.objects, has_next=bool(place.marker), has_previous=bool(place.before))


def get_object(cloud: Cloud, id: str) -> Object:
    """One object, or the several that an id stands for. Raises CloudError."""
    container, name, *last = parts_of(id)
    return Object(container, name, last=last[0]) if last else read_object(cloud, container, name)


def read_object(cloud: Cloud, container: str, name: str) -> Object:
    """One object with what its headers say; of a link what it leads to, and where. Raises CloudError."""
    path = path_of(container, name)
    try:
        found = Object.from_headers(container, name, headers_of(send(cloud, "HEAD", path)))
    except NotFound:
        # It may be a link that leads nowhere: that is there, too.
        answer = send(cloud, "HEAD", path, params={"symlink": "get"})
        return Object.from_headers(container, name, headers_of(answer))
    location = _inside(unquote(found.headers.get("content-location", ""))).partition("?")[0]
    return replace(found, target=location) if location and location != f"{container}/{name}" else found


def get_headers(cloud: Cloud, id: str) -> dict[str, Any]:
    """An object's headers as Swift sends them. Raises CloudError."""
    return dict(get_object(cloud, id).headers)


def read_start(cloud: Cloud, item: Object, most: int) -> bytes:
    """The first bytes of an object, as they are kept. Raises CloudError."""
    headers = {"Range": f"bytes=0-{most - 1}"}
    if not item.size:
        return b""
    answer = send(cloud, "GET", path_of(item.container, item.path), headers=headers, stream=True)
    with contextlib.closing(pieces_of(answer, SERVICE, most)) as pieces:
        return next(pieces, b"")


@dataclass(frozen=True)
class Version:
    """One of the contents that an object has or had under its name."""

    id: str
    size: int
    type: str
    changed: datetime | None
    is_latest: bool
    is_deletion: bool
    """Not a content: the object was deleted then."""


def list_versions(cloud: Cloud, container: str, name: str) -> Sequence[Version]:
    """The versions of one object, the newest first. Raises CloudError."""
    entries, _headers = swift.listing(cloud, path_of(container), limit=VERSIONS, prefix=name, versions="true")
    return [
        Version(
            id=wire.text(item.get("version_id")),
            size=wire.number(item.get("bytes")),
            type=wire.text(item.get("content_type")),
            changed=swift.moment(item.get("last_modified")),
            is_latest=wire.flag(item.get("is_latest")),
            is_deletion="swift_versions_deleted=1" in wire.text(item.get("content_type")),
        )
        for item in entries
        if item.get("name") == name
    ]
