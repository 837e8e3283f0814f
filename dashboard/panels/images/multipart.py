"""A form with a file, read while it comes in: the file's bytes go on at once, none are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import FIELD, FILE, ChunkIter, LazyStream, MultiPartParserError, Parser
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.datastructures import MultiValueDict

from dashboard.auth.http import Request
from dashboard.cloud.image_data import CHUNK, Broken
from dashboard.cloud.images import Image
from dashboard.panels.images.uploading import Way, take

FIELD_BYTES = 64 * 1024
FIELDS = 50


class _Token(CsrfViewMiddleware):
    """Django's own check of a form's token, that says what is wrong and shows no page."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


class _Whole:
    """A body that must not end before its length is reached."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int) -> bytes:
        try:
            found: bytes = self._stream.read(size)
        except OSError as error:
            raise Broken from error
        if not found and self._left > 0:
            raise Broken
        self._left -= len(found)
        return found


class ImageHandler(FileUploadHandler):
    """Sends the file of a form to Glance while the form is being read.

    The form's token has to come before the file, and is looked at before a byte goes on.
    """

    def __init__(self, request: Request, image_id: str) -> None:
        super().__init__(request)
        self.image_id = image_id
        self.image: Image | None = None
        """The image whose data were sent."""

    def handle_raw_input(  # type: ignore[override]
        self, input_data: Any, META: Any, content_length: int, boundary: bytes, encoding: str | None = None
    ) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        """Reads the whole form. Raises Refusal, CloudError, Broken, PermissionDenied."""
        fields = QueryDict("", mutable=True)
        request: Any = self.request
        # Whatever goes wrong below, nobody tries to read the body once more.
        request._post, request._files = fields, MultiValueDict()
        body = LazyStream(ChunkIter(cast(Any, _Whole(input_data, content_length)), CHUNK))
        for kind, meta, part in Parser(body, boundary):
            name = _name(meta)
            if kind == FIELD and name:
                fields.appendlist(name, part.read(size=FIELD_BYTES).decode("utf-8", "replace"))
                if len(fields) > FIELDS:
                    raise SuspiciousOperation("Too many fields.")
            elif kind == FILE and name == "file" and self.image is None:
                self._allow()
                self.image = take(
                    self.request,  # type: ignore[arg-type]
                    self.image_id,
                    _pieces(part),
                    total=content_length,
                    size=None,
                    way=Way(fields.get("staged") == "1", tuple(fields.getlist("store")), fields.get("sure") == "1"),
                )
        return fields, MultiValueDict()

    def _allow(self) -> None:
        request: Any = self.request
        check = _Token(lambda _request: HttpResponse())
        check.process_request(request)
        if check.process_view(request, cast(Any, None), (), {}) is not None:
            raise PermissionDenied("The form's token is missing or old.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Never asked: ``handle_raw_input`` reads everything."""
        return b""

    def file_complete(self, file_size: int) -> None:
        """Never asked."""


def _pieces(part: Any) -> Iterator[bytes]:
    try:
        yield from part
    except MultiPartParserError as error:
        raise Broken from error


def _name(meta: Any) -> str:
    """The name of a part's field."""
    if "content-disposition" not in meta:
        return ""
    name: bytes = meta["content-disposition"][1].get("name", b"")
    return name.decode("utf-8", "replace").strip()
