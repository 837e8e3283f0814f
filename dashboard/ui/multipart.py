"""A form with files, read while it comes in: each file's bytes go on at once, none are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import FIELD, FILE, ChunkIter, LazyStream, MultiPartParserError, Parser
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.datastructures import MultiValueDict

from dashboard.auth.http import Request
from dashboard.cloud.streams import CHUNK, Broken

FIELD_BYTES = 64 * 1024
FIELDS = 50


class File:
    """A file of a form: what the browser says of it, and its bytes as they come. ``total`` is the whole form's size."""

    def __init__(self, meta: Any, part: Any, total: int) -> None:
        given = meta["content-disposition"][1].get("filename", b"")
        self.name = (given if isinstance(given, str) else given.decode("utf-8", "replace")).strip()
        self.content_type = _text(meta["content-type"][0]).strip() if "content-type" in meta else ""
        self.total = total
        self.pieces = _pieces(part)


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


class Streaming(FileUploadHandler):
    """Gives each file in the field "file" to ``take`` while the form is being read, with the fields before it.

    The form's token has to come before the files, and is looked at before a byte goes on.
    """

    def __init__(self, request: Request, take: Callable[[QueryDict, File], None]) -> None:
        super().__init__(request)
        self.take = take

    def handle_raw_input(  # type: ignore[override]
        self, input_data: Any, META: Any, content_length: int, boundary: bytes, encoding: str | None = None
    ) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        """Reads the whole form. Raises Broken, PermissionDenied, and what ``take`` does."""
        fields = QueryDict("", mutable=True)
        request: Any = self.request
        # Whatever goes wrong below, nobody tries to read the body once more.
        request._post, request._files = fields, MultiValueDict()
        body = LazyStream(ChunkIter(cast(Any, _Whole(input_data, content_length)), CHUNK))
        is_allowed = False
        for kind, meta, part in Parser(body, boundary):
            name = _name(meta)
            if kind == FIELD and name:
                fields.appendlist(name, part.read(size=FIELD_BYTES).decode("utf-8", "replace"))
                if sum(len(values) for _key, values in fields.lists()) > FIELDS:
                    raise SuspiciousOperation("Too many fields.")
            elif kind == FILE and name == "file":
                if not is_allowed:
                    self._allow()
                    is_allowed = True
                self.take(fields, File(meta, part, content_length))
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


def _text(value: Any) -> str:
    return value.decode("latin-1", "replace") if isinstance(value, bytes) else str(value)
