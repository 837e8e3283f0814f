"""Objects' data on their way in: passed on piece by piece, checked, and never put over others without a word.

Small files are one request; for large ones see ``object_segments``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import requests

from dashboard.cloud import swift, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, NotFound, ServiceFault
from dashboard.cloud.streams import Body, Broken, SizedBody

DAY = 24 * 3600


class Exists(Conflict):
    """412: there is an object of this name already, and nobody said that it may be replaced."""


class Damaged(ServiceFault):
    """What Swift keeps is not what was sent; it was taken away again."""


@dataclass(frozen=True)
class Existing:
    """An object that is there already."""

    size: int
    etag: str
    changed_at: datetime | None
    is_large: bool = False
    """Whether it is a manifest of segments (SLO)."""


@dataclass(frozen=True)
class How:
    """How an object is to be put. ``days`` is 0 if it is to stay."""

    content_type: str = ""
    may_replace: bool = False
    days: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """Without the condition."""
        found = {"Content-Type": self.content_type or "application/octet-stream"}
        if not self.content_type:
            # Swift goes by the name's ending then.
            found["X-Detect-Content-Type"] = "true"
        return {**found, **({"X-Delete-After": str(self.days * DAY)} if self.days else {})}


def existing(cloud: Cloud, container: str, name: str) -> Existing | None:
    """The object of this name, None if there is none. Raises CloudError."""
    try:
        headers = swift.headers_of(swift.send(cloud, "HEAD", swift.path_of(container, name)))
    except NotFound:
        return None
    return Existing(
        size=wire.number(headers.get("content-length")),
        etag=headers.get("etag", "").strip('"'),
        changed_at=swift.moment(headers.get("last-modified")),
        is_large=wire.flag(headers.get("x-static-large-object")),
    )


def put(
    cloud: Cloud, container: str, name: str, pieces: Iterable[bytes], *, size: int | None, how: How
) -> tuple[str, int]:
    """Sends an object's data as they come, and gives its ETag and its size.

    Raises Exists, Damaged, other CloudErrors; Broken, or what else ``pieces`` raises, as it is: the request ends
    without its end then, and Swift keeps nothing of it.
    """
    headers = {**how.headers, **({} if how.may_replace else {"If-None-Match": "*"})}
    body = sized(pieces, size)
    try:
        response = swift.send(
            cloud, "PUT", swift.path_of(container, name), headers=headers, data=body if size != 0 else b"", stream=True
        )
    except CloudError as error:
        raise_if_it_exists(error)
        raise
    with response:
        checked(cloud, swift.path_of(container, name), response, body if size != 0 else None)
        return response.headers.get("Etag", "").strip('"'), body.received


def sized(pieces: Iterable[bytes], size: int | None) -> Body:
    """The pieces as the body of a request; with their length, if it is known."""
    return Body(pieces) if size is None else SizedBody(pieces, size=size)


def checked(cloud: Cloud, path: str, response: requests.Response, body: Body | None) -> None:
    """Compares what Swift has with what was sent. Raises Damaged, after what it has is gone."""
    etag = response.headers.get("Etag", "").strip('"').lower()
    if body is None or not etag or etag == body.md5:
        return
    swift.send(cloud, "DELETE", path)
    raise Damaged("The checksum is another than that of what was sent.", service=swift.SERVICE, status=422)


def raise_if_it_exists(error: CloudError) -> None:
    """Raises Exists for the refusal of an object whose name is taken."""
    if error.status == 412:
        raise Exists("", service=swift.SERVICE, status=412, request_id=error.request_id) from error


__all__ = ["Broken", "Damaged", "Existing", "Exists", "How", "existing", "put"]
