"""Large files as segments: sent one by one, gone on with after a break, joined by a manifest (SLO) in the end.

They lie in ``<container>_segments``, named as the ``swift`` command names them, so that either goes on with what the
other began: ``<object>/slo/<time of the file>/<size>/<size of a segment>/<number>``. What a file was cut into is told
by these names alone; nothing is remembered anywhere else.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashboard.cloud import swift, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, CloudError, Conflict, Invalid, NotFound
from dashboard.cloud.object_actions import delete_objects
from dashboard.cloud.object_upload import How, checked, raise_if_it_exists, sized

MIB = 1024 * 1024
LARGE = 64 * MIB
"""Bytes from which a file is sent in segments, so that a break costs one of them and not all."""
SEGMENT = 16 * MIB
SEGMENTS = 1000
LISTED = 10_000
SPARE_DAYS = 7
"""An upload may go on so long after it began, and what it is made of still outlives it."""
NAME = re.compile(r"(?s)(?P<name>.+)/slo/(?P<time>\d{1,12}\.\d{6})/(?P<size>\d+)/(?P<segment>\d+)/(?P<number>\d{8})")


class TooLarge(Invalid):
    """More than this Swift takes, however it is cut."""


class Incomplete(Conflict):
    """Segments are missing, so that there is nothing to join yet."""


class InUse(Conflict):
    """All segments are there, so an object may be made of them."""


@dataclass(frozen=True)
class File:
    """A file as one knows it again: where it goes, how large it is, and when it was changed (ms since 1970)."""

    container: str
    name: str
    size: int
    time: int
    segment: int
    """Bytes of each segment but the last."""
    longest: int = 1024
    """Bytes that a name may have."""

    @property
    def count(self) -> int:
        """How many segments it has."""
        return -(-self.size // self.segment)

    @property
    def place(self) -> str:
        """The container of its segments."""
        return segments_of(self.container)

    @property
    def stem(self) -> str:
        """What the names of its segments begin with."""
        rest = f"/slo/{self.time // 1000}.{self.time % 1000:03d}000/{self.size}/{self.segment}/"
        name = self.name
        if len(f"{name}{rest}".encode()) + 8 > self.longest:
            name = hashlib.sha256(name.encode()).hexdigest()
        return name + rest

    def name_of(self, number: int) -> str:
        """A segment's name; they are counted from 0."""
        return f"{self.stem}{number:08d}"

    def length_of(self, number: int) -> int:
        """A segment's size."""
        return min(self.segment, self.size - number * self.segment)


@dataclass(frozen=True)
class Segment:
    """A segment that is there."""

    name: str
    size: int
    etag: str


@dataclass(frozen=True)
class Leftover:
    """An upload that was begun and did not come to its end."""

    name: str
    time: int
    size: int
    segment: int
    sent: int
    count: int
    changed_at: datetime | None

    @property
    def key(self) -> str:
        """Its name as it stands in our own pages."""
        return swift.key_of(self.name)


def segments_of(container: str) -> str:
    """The container that segments of a container's objects lie in."""
    return f"{container}_segments"


def segment_size(info: swift.Info, size: int) -> int:
    """How large a file's segments are to be; 0 if it is sent as a whole. Raises TooLarge."""
    whole = info.max_file_size
    if not info.has("slo"):
        if size > whole:
            raise TooLarge("There are no segments here.", service=swift.SERVICE)
        return 0
    if size <= min(LARGE, whole):
        return 0
    least = max(SEGMENT, info.limit("slo", "min_segment_size", 1))
    most = max(1, min(SEGMENTS, info.limit("slo", "max_manifest_segments", SEGMENTS)))
    # By whole MiB, so that a file that is gone on with is cut as it was.
    needed = max(least, math.ceil(size / most / MIB) * MIB)
    found = min(needed, whole)
    if found * most < size:
        raise TooLarge("There are not enough segments for it.", service=swift.SERVICE)
    return found


def begin(cloud: Cloud, file: File) -> dict[int, Segment]:
    """The segments of a file that are there already; makes their container if need be. Raises CloudError."""
    try:
        return there(cloud, file)
    except NotFound:
        # As durable, and for the same readers, as the objects that are made of them.
        own = swift.headers_of(swift.send(cloud, "HEAD", swift.path_of(file.container)))
        kept = {key: own[key] for key in ("x-storage-policy", "x-container-read") if own.get(key)}
        swift.send(cloud, "PUT", swift.path_of(file.place), headers=kept)
        return {}


def there(cloud: Cloud, file: File) -> dict[int, Segment]:
    """The whole segments of a file that Swift has, by number. Raises CloudError, NotFound without their container."""
    rows, _headers = swift.listing(cloud, swift.path_of(file.place), limit=LISTED, prefix=file.stem)
    found = {}
    for row in rows:
        name, size = wire.text(row.get("name")), wire.number(row.get("bytes"))
        number = wire.number(name.removeprefix(file.stem), -1)
        if 0 <= number < file.count and name == file.name_of(number) and size == file.length_of(number):
            found[number] = Segment(name, size, wire.text(row.get("hash")))
    return found


def put_segment(cloud: Cloud, file: File, number: int, pieces: Iterable[bytes], *, days: int = 0) -> str:
    """Sends one segment as its data come, and gives its ETag. Raises CloudError, and what ``pieces`` raises."""
    if not 0 <= number < file.count:
        raise Invalid("It has no such segment.", service=swift.SERVICE)
    path = swift.path_of(file.place, file.name_of(number))
    body = sized(pieces, file.length_of(number))
    # It is sent before the object is there, days before if the upload is gone on with, and has to outlive it.
    headers = How(days=days and days + SPARE_DAYS).headers
    with swift.send(cloud, "PUT", path, headers=headers, data=body, stream=True) as response:
        checked(cloud, path, response, body)
        return body.md5


def finish(cloud: Cloud, file: File, how: How) -> str:
    """Joins the segments to the object and gives its ETag. Raises Exists, Incomplete, other CloudErrors."""
    found = there(cloud, file)
    if len(found) != file.count:
        raise Incomplete(f"{file.count - len(found)} of {file.count} are missing.", service=swift.SERVICE)
    parts = [found[number] for number in range(file.count)]
    manifest = [{"path": f"/{file.place}/{part.name}", "etag": part.etag, "size_bytes": part.size} for part in parts]
    headers = {**how.headers, **({} if how.may_replace else {"If-None-Match": "*"})}
    try:
        response = swift.send(
            cloud,
            "PUT",
            swift.path_of(file.container, file.name),
            headers=headers,
            params={"multipart-manifest": "put"},
            json=manifest,
            # It looks at each of them before it says anything.
            timeout=swift.SILENCE,
        )
    except CloudError as error:
        raise_if_it_exists(error)
        raise
    etag = response.headers.get("Etag", "").strip('"').lower()
    whole = hashlib.md5("".join(part.etag for part in parts).encode(), usedforsecurity=False).hexdigest()
    if etag and etag != whole:
        raise BadAnswer("The object is another than that of the segments.", service=swift.SERVICE, status=201)
    return etag


def discard(cloud: Cloud, file: File) -> int:
    """Deletes what there is of a file's segments, and says how many were there.

    Raises InUse if it is all of them, CloudError where one stays. A file that is all there may be an object's by now:
    one that was renamed, or copied, is made of the same segments.
    """
    try:
        found = there(cloud, file)
    except NotFound:
        return 0
    if len(found) == file.count:
        raise InUse("All of its segments are there.", service=swift.SERVICE)
    for item in delete_objects(cloud, file.place, [segment.name for segment in found.values()]):
        if item.error is not None:
            raise item.error
    return len(found)


def leftovers(cloud: Cloud, container: str) -> tuple[list[Leftover], bool]:
    """Uploads to a container that were begun and not ended, the latest first; and whether these are all that there are.

    Those of which everything is there are not among them: an object may be made of it. Raises CloudError.
    """
    try:
        rows, _headers = swift.listing(cloud, swift.path_of(segments_of(container)), limit=LISTED)
    except NotFound:
        return [], True
    found: dict[tuple[str, int, int, int], list[dict[str, object]]] = {}
    for row in rows:
        match = NAME.fullmatch(wire.text(row.get("name")))
        if match:
            time = int(match["time"].replace(".", "")) // 1000
            key = (match["name"], time, int(match["size"]), max(1, int(match["segment"])))
            found.setdefault(key, []).append(row)
    uploads = [_leftover(key, items) for key, items in found.items()]
    whole = len(rows) < LISTED
    unfinished = [item for item in uploads if item.sent < item.size]
    return sorted(unfinished, key=lambda item: str(item.changed_at), reverse=True), whole


def _leftover(key: tuple[str, int, int, int], rows: list[dict[str, object]]) -> Leftover:
    name, time, size, segment = key
    changed = [moment for row in rows if (moment := swift.moment(row.get("last_modified"))) is not None]
    sent = sum(wire.number(row.get("bytes")) for row in rows)
    return Leftover(name, time, size, segment, sent, -(-size // segment), max(changed, default=None))
