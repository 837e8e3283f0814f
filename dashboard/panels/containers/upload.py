"""Sending files into a container by a script: each by itself, large ones in segments, handed on piece by piece."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import object_segments, object_upload, swift
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.object_segments import File
from dashboard.cloud.object_upload import Existing, How
from dashboard.cloud.streams import Broken
from dashboard.panels.containers.transfer_words import kind_of, refusal_words, status_of, why_not_named
from dashboard.ui.errors import plain
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.streaming import drain, kept_alive, pieces_of, slots

TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}(; ?charset=[\w.+-]{1,40})?", re.ASCII)
MOST_DAYS = 3650
PROMISE = 64 * 1024
"""Bytes up to which a file is sent without looking first whether its name is taken: Swift says so itself."""


class Refusal(Exception):
    """The data are not taken; the text says why."""

    def __init__(self, text: str, status: int, *, kind: str = "", existing: Existing | None = None) -> None:
        super().__init__(text)
        self.text, self.status, self.kind, self.existing = text, status, kind, existing

    @classmethod
    def of(cls, error: CloudError, existing: Existing | None = None) -> Refusal:
        return cls(refusal_words(error), status_of(error), kind=kind_of(error), existing=existing)

    @property
    def answer(self) -> JsonResponse:
        """As a script is told."""
        body: dict[str, Any] = {"error": self.text, "kind": self.kind}
        if self.existing is not None:
            body["existing"] = existing_json(self.existing)
        return JsonResponse(body, status=self.status)


def existing_json(found: Existing | None) -> dict[str, Any] | None:
    """An object that is there already, for a script."""
    if found is None:
        return None
    changed = found.changed_at.isoformat() if found.changed_at else ""
    return {"size": found.size, "changed": changed, "etag": found.etag}


def how_of(given: QueryDict, content_type: str) -> How:
    """How an object is to be put, by a request's parameters."""
    days = given.get("days", "")
    return How(
        content_type=content_type if TYPE.fullmatch(content_type) else "",
        may_replace=given.get("replace") == "1",
        days=min(MOST_DAYS, int(days[:9])) if days.isascii() and days.isdecimal() else 0,
    )


def file_of(request: Request, container: str, given: QueryDict) -> File | None:
    """The file that a request is about, if it goes in segments; None if it is sent whole. Raises Refusal."""
    info = swift.info(cloud_of(request))
    name, numbers = given.get("name", ""), [given.get(key, "") for key in ("size", "time")]
    if not all(text.isascii() and text.isdecimal() and len(text) < 16 for text in numbers):
        raise Refusal(_("This is no file that can be sent."), 400)
    reason = why_not_named(name, info)
    if reason:
        raise Refusal(reason, 422, kind="name")
    size, time = (int(text) for text in numbers)
    try:
        segment = object_segments.segment_size(info, size)
    except CloudError as error:
        raise Refusal.of(error) from error
    if segment and len(object_segments.segments_of(container).encode()) > info.max_container_name:
        raise Refusal(_("The container's name is too long to have another for the segments of large files."), 422)
    return File(container, name, size, time, segment, info.max_object_name) if segment else None


def allowed(request: Request) -> None:
    """Raises Refusal for those who may not put anything here."""
    reason = why_not_allowed(request, MEMBER)
    if reason:
        raise Refusal(str(reason), 403)


@require_POST
def begin(request: Request, row_id: str) -> JsonResponse:
    """Whether there is an object of this name, how the file is to be cut, and what of it is there already."""
    cloud, container = cloud_of(request), swift.name_of(row_id)
    try:
        allowed(request)
        file = file_of(request, container, request.POST)
        found = object_upload.existing(cloud, container, request.POST["name"])
        done = object_segments.begin(cloud, file) if file else {}
    except Refusal as refusal:
        return refusal.answer
    except Unauthorized:
        raise
    except CloudError as error:
        return Refusal.of(error).answer
    return JsonResponse(
        {
            "existing": existing_json(found),
            "segment": file.segment if file else 0,
            "count": file.count if file else 0,
            "done": sorted(done),
        }
    )


@require_http_methods(["PUT"])
def whole(request: Request, row_id: str) -> JsonResponse:
    """Takes a file as the body of the request, and answers when Swift has all of it."""
    cloud, container, name = cloud_of(request), swift.name_of(row_id), request.GET.get("name", "")
    size = int(request.headers.get("Content-Length") or 0)
    how = how_of(request.GET, request.headers.get("Content-Type", ""))

    def send() -> dict[str, Any]:
        info = swift.info(cloud)
        reason = why_not_named(name, info)
        if reason:
            raise Refusal(reason, 422, kind="name")
        if size > info.max_file_size:
            raise Refusal.of(object_segments.TooLarge(service=swift.SERVICE))
        # A service that refuses large data takes them all before it says so.
        if size > PROMISE and not how.may_replace:
            found = object_upload.existing(cloud, container, name)
            if found is not None:
                raise Refusal.of(object_upload.Exists(service=swift.SERVICE), found)
        try:
            etag, _size = object_upload.put(cloud, container, name, pieces, size=size, how=how)
        except object_upload.Exists as error:
            raise Refusal.of(error, object_upload.existing(cloud, container, name)) from error
        return {"etag": etag}

    pieces = kept_alive(request, pieces_of(request, size))
    return _taken(request, pieces, send)


@require_http_methods(["PUT"])
def segment(request: Request, row_id: str) -> JsonResponse:
    """Takes one segment of a file as the body of the request."""
    cloud, container = cloud_of(request), swift.name_of(row_id)
    size = int(request.headers.get("Content-Length") or 0)
    number = request.GET.get("number", "")

    def send() -> dict[str, Any]:
        file = file_of(request, container, request.GET)
        at = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else -1
        if file is None or not 0 <= at < file.count or size != file.length_of(at):
            raise Refusal(_("This is no segment of the file."), 400)
        days = how_of(request.GET, "").days
        return {"etag": object_segments.put_segment(cloud, file, at, pieces, days=days)}

    pieces = kept_alive(request, pieces_of(request, size))
    return _taken(request, pieces, send)


def _taken(request: Request, pieces: Any, send: Any) -> JsonResponse:
    """Runs ``send`` in one of the process's turns, and says how it ended."""
    try:
        allowed(request)
        if not slots.acquire(blocking=False):
            text = _("Too many transfers are under way here just now. Try again in a minute.")
            raise Refusal(text, 503, kind="busy")
        try:
            return JsonResponse(send(), status=201)
        finally:
            slots.release()
    except Broken:
        # Mostly nobody reads this.
        return JsonResponse({"error": _("The data broke off."), "kind": "broken"}, status=400)
    except Refusal as refusal:
        drain(pieces)
        return refusal.answer
    except Unauthorized:
        drain(pieces)
        raise
    except CloudError as error:
        drain(pieces)
        return Refusal.of(error).answer


@require_POST
def finish(request: Request, row_id: str) -> JsonResponse:
    """Joins a file's segments to the object."""
    cloud, container = cloud_of(request), swift.name_of(row_id)
    try:
        allowed(request)
        file = file_of(request, container, request.POST)
        if file is None:
            raise Refusal(_("This is no file that can be sent."), 400)
        etag = object_segments.finish(cloud, file, how_of(request.POST, request.POST.get("type", "")))
    except Refusal as refusal:
        return refusal.answer
    except Unauthorized:
        raise
    except CloudError as error:
        return Refusal.of(error).answer
    return JsonResponse({"etag": etag}, status=201)


@require_POST
def discard(request: Request, row_id: str) -> HttpResponse:
    """Deletes the segments of a file that was given up. What an object may be made of stays."""
    cloud, container = cloud_of(request), swift.name_of(row_id)
    is_script = "application/json" in request.headers.get("Accept", "")
    try:
        allowed(request)
        file = _leftover(container, request.POST) or file_of(request, container, request.POST)
        count = 0
        if file is not None:
            count = object_segments.discard(cloud, file)
    except Unauthorized:
        raise
    except (Refusal, CloudError) as error:
        refusal = Refusal.of(error) if isinstance(error, CloudError) else error
        return refusal.answer if is_script else plain(request, refusal.status, _("Not done"), refusal.text)
    if is_script:
        return JsonResponse({"removed": count})
    return HttpResponseRedirect(urls_for(request, "containers:upload", row_id=row_id))


def _leftover(container: str, given: QueryDict) -> File | None:
    """An upload that was given up, as its segments' names tell it: whoever sent it may have cut it otherwise.

    Its name comes as a key: a browser sends the line ends of a form's text as others than they were.
    """
    numbers = [given.get(key, "") for key in ("size", "time", "segment")]
    if not all(text.isascii() and text.isdecimal() and len(text) < 16 for text in numbers) or "segment" not in given:
        return None
    size, time, length = (int(text) for text in numbers)
    return File(container, swift.name_of(given.get("key", "")), size, time, max(1, length), 1 << 16)
