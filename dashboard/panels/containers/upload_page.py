"""The page that files are sent into a container from; its plain form sends all that were chosen at once.

The form is read while it comes in, and each file is handed on piece by piece, so that nothing of it stays here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import object_segments, object_upload, swift
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.streams import Broken
from dashboard.panels.containers.transfer_words import refusal_words, why_not_named
from dashboard.panels.containers.upload import PROMISE, how_of
from dashboard.ui.errors import plain
from dashboard.ui.multipart import File, Streaming
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.streaming import kept_alive, slots


@dataclass(frozen=True)
class Sent:
    """A file of a plain form, and what became of it: ``why_not`` is "" if it is there."""

    name: str
    why_not: str = ""


@dataclass
class _Form:
    """A plain form that is being read: each file goes on at once."""

    request: Request
    container: str
    sent: list[Sent] = field(default_factory=list)

    def take(self, fields: QueryDict, file: File) -> None:
        """Sends one file. What is refused is remembered; its rest is read, for the next may be behind it."""
        if not file.name:
            return
        cloud, name = cloud_of(self.request), fields.get("prefix", "") + name_in_form(file.name)
        reason = why_not_named(name, swift.info(cloud))
        if not reason:
            how = how_of(fields, file.content_type)
            pieces = kept_alive(self.request, file.pieces)
            try:
                object_upload.put(cloud, self.container, name, pieces, size=None, how=how)
            except Unauthorized:
                raise
            except CloudError as error:
                reason = refusal_words(error)
        self.sent.append(Sent(name, reason))
        for _piece in file.pieces:
            pass


def name_in_form(text: str) -> str:
    """A file's name as it is: browsers write quotes and ends of lines otherwise in forms."""
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n").lstrip("/")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, row_id: str) -> HttpResponse:
    """The page to send files from. The token of its form is looked at while the form is read."""
    container, why_not = swift.name_of(row_id), why_not_allowed(request, MEMBER)
    if request.method != "POST":
        return _page(request, container, request.GET.get("prefix", ""), why_not)
    if why_not:
        raise PermissionDenied(why_not)
    if not slots.acquire(blocking=False):
        return plain(
            request, 503, _("Busy"), _("Too many transfers are under way here just now. Try again in a minute.")
        )
    form = _Form(request, container)
    request.upload_handlers = [Streaming(request, form.take)]
    try:
        fields = request.POST
    except (Broken, MultiPartParserError):
        return plain(request, 400, _("The data broke off"), _("Files that were sent whole before are there."))
    finally:
        slots.release()
    status = 200 if form.sent and not any(item.why_not for item in form.sent) else 422
    return _page(request, container, fields.get("prefix", ""), "", sent=form.sent, status=status)


def _page(
    request: Request, container: str, prefix: str, why_not: str, *, sent: list[Sent] | None = None, status: int = 200
) -> HttpResponse:
    cloud = cloud_of(request)
    # That there is such a container is said here, and not after a gibibyte.
    swift.send(cloud, "HEAD", swift.path_of(container))
    left, is_all = ([], True) if why_not else leftovers_of(request, container)
    context = {
        **upload_context(request, container, prefix),
        "why_not": why_not,
        "sent": sent,
        "leftovers": left,
        "are_all": is_all,
    }
    return render(request, "containers/upload.html", context, status=status)


def leftovers_of(request: Request, container: str) -> tuple[list[Any], bool]:
    """Uploads that were begun and not ended; none where they can't be asked for: they are in nobody's way."""
    try:
        return object_segments.leftovers(cloud_of(request), container)
    except Unauthorized:
        raise
    except CloudError:
        return [], True


def upload_context(request: Request, container: str, prefix: str) -> dict[str, Any]:
    """What ``containers/upload_panel.html`` needs, on whatever page it stands."""
    key, info = swift.key_of(container), swift.info(cloud_of(request))
    addresses = {
        f"{name}_url": urls_for(request, f"containers:upload-{name}", row_id=key)
        for name in ("begin", "object", "segment", "finish", "discard")
    }
    return {
        **addresses,
        "container_name": container,
        "prefix": prefix,
        "upload_url": urls_for(request, "containers:upload", row_id=key),
        "container_url": urls_for(request, "containers:detail", key),
        "index_url": urls_for(request, "containers:index"),
        "longest": info.max_object_name,
        "most": info.max_file_size * (_segments(info) if info.has("slo") else 1),
        "promise": PROMISE,
    }


def _segments(info: swift.Info) -> int:
    return min(object_segments.SEGMENTS, info.limit("slo", "max_manifest_segments", object_segments.SEGMENTS))
