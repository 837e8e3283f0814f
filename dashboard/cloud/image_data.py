"""An image's data, on the way in and out: passed on piece by piece, never kept here as a whole.

Asked for directly: the client's ``upload`` and ``data`` would hold one of the service's turns for as long as they take,
within the time that any other request has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3.exceptions

from dashboard.cloud import transport, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import (
    BadAnswer,
    CloudError,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unreachable,
    from_response,
    translated,
)
from dashboard.cloud.streams import CHUNK, Broken, pieces_of

ERROR_BYTES = 64 * 1024
SILENCE = 300.0
"""Seconds that Glance may take to say something, or to take a piece: a store may be slow to finish."""


class StoreFull(QuotaExceeded):
    """413: the store itself has no room; no quota of the project is used up."""


class WrongFormat(Invalid):
    """415: Glance looked into the data, and they are not of the image's format."""


class Gone(NotFound):
    """410: the image was deleted while its data were under way."""


@dataclass(frozen=True)
class Download:
    """Data on their way out. ``size`` is None if it is not known."""

    chunks: Iterator[bytes]
    size: int | None
    checksum: str = ""


def upload(
    cloud: Cloud,
    *,
    id: str,
    chunks: Iterator[bytes],
    size: int | None = None,
    store: str = "",
    is_staged: bool = False,
) -> None:
    """Sends an image's data as they come. Raises CloudError; Broken, or what else ``chunks`` raises, as it is.

    With ``size`` Glance checks that all came. Where ``chunks`` raises, the body ends without
    its end, so that Glance drops it and the image waits for its data as before. ``is_staged``
    puts the data where "glance-direct" imports them from.
    """
    headers = {"Content-Type": "application/octet-stream"}
    if size is not None:
        headers["X-OpenStack-Image-Size"] = str(size)
    if store and not is_staged:
        headers["X-Image-Meta-Store"] = store
    path = f"/v2/images/{wire.path_id(id)}/{'stage' if is_staged else 'file'}"
    with translated("image"):
        response = transport.session().stream(
            cloud.url("image").rstrip("/") + path,
            "PUT",
            auth=transport.HeldToken(cloud.access.token),
            data=chunks,
            headers=headers,
            seconds=SILENCE,
        )
    try:
        _raise_for(response)
    finally:
        response.close()


def download(cloud: Cloud, *, id: str) -> Download:
    """Begins to read an image's data. Raises CloudError, NotFound if it has none."""
    path = f"/v2/images/{wire.path_id(id)}/file"
    with translated("image"):
        response = transport.session().stream(
            cloud.url("image").rstrip("/") + path,
            "GET",
            auth=transport.HeldToken(cloud.access.token),
            # Compressed on the way, its length would be another.
            headers={"Accept": "application/octet-stream", "Accept-Encoding": "identity"},
            seconds=SILENCE,
        )
    try:
        _raise_for(response)
        if response.status_code == 204:
            raise NotFound("The image has no data.", service="image", status=204)
    except CloudError:
        response.close()
        raise
    length = response.headers.get("Content-Length", "")
    return Download(
        chunks=pieces_of(response, "image"),
        size=int(length) if length.isdecimal() else None,
        checksum=response.headers.get("Content-MD5", ""),
    )


def _raise_for(response: requests.Response) -> None:
    """The error that an answer means, with what Glance says of data in particular."""
    status = response.status_code
    if 300 <= status < 400:
        raise BadAnswer(f"The service redirects ({status}).", service="image", status=status)
    if status < 400:
        return
    try:
        response._content = response.raw.read(ERROR_BYTES, decode_content=True)
        response._content_consumed = True  # type: ignore[attr-defined]
    except urllib3.exceptions.HTTPError:
        response._content = b""
    error = from_response(response, service="image")
    special: dict[int, type[CloudError]] = {410: Gone, 415: WrongFormat}
    if status == 413 and "full" in error.message.lower():
        special[413] = StoreFull
    kind = special.get(status)
    if kind is not None:
        text = error.message.removeprefix(
            "The request media type application/octet-stream is not supported by this server."
        ).strip()
        raise kind(text, service="image", status=status, request_id=error.request_id)
    raise error


__all__ = ["CHUNK", "Broken", "Download", "Gone", "StoreFull", "Unreachable", "WrongFormat", "download", "upload"]
