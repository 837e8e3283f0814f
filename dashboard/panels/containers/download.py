"""Objects taken home: one as it is, whole or in part, or several as one archive that is made on the way."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud import object_download, swift
from dashboard.cloud.errors import CloudError, NotFound
from dashboard.cloud.object_download import MOST, Entry
from dashboard.panels.containers.transfer_words import why_not_named
from dashboard.ui.errors import plain
from dashboard.ui.streaming import Turn, attachment, slots

NAMES = 1000
"""Ticked objects of one archive."""
SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


def _busy(request: Request) -> HttpResponse:
    return plain(request, 503, _("Busy"), _("Too many transfers are under way here just now. Try again in a minute."))


@require_safe
def file(request: Request, row_id: str) -> HttpResponseBase:
    """An object's data, passed on as they come from Swift; parts of them, too, for who goes on with a download."""
    cloud, container, name = cloud_of(request), swift.name_of(row_id), request.GET.get("name", "")
    if why_not_named(name, swift.info(cloud)):
        raise NotFound("There is no such object.", service=swift.SERVICE, status=404)
    is_head = request.method == "HEAD"
    if not is_head and not slots.acquire(blocking=False):
        return _busy(request)
    response: HttpResponseBase
    try:
        found = object_download.download(cloud, container, name, request.headers, method=request.method or "GET")
    except CloudError as error:
        if not is_head:
            slots.release()
        if error.status in {412, 416}:
            return HttpResponse(status=error.status)
        raise
    if is_head or found.status == 304:
        response = HttpResponse(status=found.status)
        if not is_head:
            slots.release()
    else:
        response = StreamingHttpResponse(Turn(found.chunks), status=found.status)
    for key, value in found.headers.items():
        response[key] = value
    # Whatever somebody wrote into an object, it is never a page of this site.
    response["Content-Type"] = "application/octet-stream"
    response["Content-Disposition"] = attachment(file_name(name))
    for key, value in SAFE.items():
        response[key] = value
    return response


def file_name(name: str) -> str:
    """A file's name of an object's."""
    last = object_download.safe_path(name).rpartition("/")[2]
    return last.lstrip(".") or "_"


@require_http_methods(["GET", "POST"])
def archive(request: Request, row_id: str) -> HttpResponseBase:
    """The objects of a folder (``prefix``), or those named (``name``), as one ZIP."""
    cloud, container = cloud_of(request), swift.name_of(row_id)
    given = request.POST if request.method == "POST" else request.GET
    names, prefix = given.getlist("name"), given.get("prefix", "")
    if len(names) > NAMES:
        text = _("At most %(n)d objects can be chosen for one archive.") % {"n": NAMES}
        return plain(request, 422, _("Too many objects"), text)
    entries, is_all = entries_of(request, container, names, prefix)
    if not is_all:
        text = _(
            "There are more than %(n)d objects. Take single folders of it, or use a client of the object store for all."
        ) % {"n": MOST}
        return plain(request, 422, _("Too many objects"), text)
    if not entries:
        return plain(request, 404, _("There is nothing to download"), _("No object's name begins so."))
    if not slots.acquire(blocking=False):
        return _busy(request)
    chunks = object_download.archive(cloud, container, entries, prefix=parent_of(prefix), missing=missing)
    response = StreamingHttpResponse(Turn(chunks), content_type="application/zip")
    folder = file_name(prefix.rstrip("/")) if prefix.strip("/") else file_name(container)
    response["Content-Disposition"] = attachment(f"{folder}.zip")
    for key, value in SAFE.items():
        response[key] = value
    return response


def entries_of(request: Request, container: str, names: list[str], prefix: str) -> tuple[list[Entry], bool]:
    """What goes into an archive, and whether that is all: folders that were ticked bring what is in them."""
    cloud, found = cloud_of(request), dict[str, Entry]()
    if not names:
        return object_download.below(cloud, container, prefix)
    for name in names:
        if name.endswith("/"):
            below, is_all = object_download.below(cloud, container, name, most=MOST - len(found))
            found.update({entry.name: entry for entry in below})
            if not is_all:
                return list(found.values()), False
        elif not why_not_named(name, swift.info(cloud)):
            found[name] = Entry(name)
    return list(found.values()), len(found) <= MOST


def parent_of(prefix: str) -> str:
    """The folder that a folder is in: its own name stays in the archive."""
    head, slash, _last = prefix.rstrip("/").rpartition("/")
    return head + slash


def missing(names: list[str]) -> str:
    """What the archive says of objects that were deleted while it was made."""
    text = ngettext(
        "This object was deleted while the archive was made:",
        "These objects were deleted while the archive was made:",
        len(names),
    )
    return "\n".join([text, *names]) + "\n"
