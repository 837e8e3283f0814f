"""An image's data in the browser: sending them, seeing how far they are, giving up, and taking them home."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud import image_data
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.images import Image, delete_image, get_image
from dashboard.live import uploads, watch
from dashboard.panels.images.facilities import facilities_of
from dashboard.panels.images.multipart import ImageHandler
from dashboard.panels.images.uploading import Refusal, Way, take
from dashboard.panels.images.words import broken_words, status, why_not_fill
from dashboard.ui.errors import plain, told
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.streaming import Turn, attachment, pieces_of, slots


def stream_url(request: Request, image_id: str, *, is_staged: bool = False, stores: tuple[str, ...] = ()) -> str:
    """Where a script sends an image's data to."""
    query = urlencode([*([("staged", "1")] if is_staged else []), *(("store", store) for store in stores)])
    return urls_for(request, "images:stream", row_id=image_id) + (f"?{query}" if query else "")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: Request, row_id: str) -> HttpResponse:
    """The page that an image without data gets them on. The token is looked at while the form is read."""
    why_not = why_not_allowed(request, MEMBER)
    if request.method != "POST":
        return _page(request, get_image(cloud_of(request), row_id), why_not)
    if why_not:
        raise PermissionDenied(why_not)
    handler = ImageHandler(request, row_id)
    request.upload_handlers = [handler]
    try:
        _read = request.POST
    except Refusal as refusal:
        image = get_image(cloud_of(request), row_id) if refusal.status not in {401, 410} else None
        if image is None:
            return plain(request, 422, _("The data were not taken"), refusal.text)
        return _page(request, image, "", refusal=refusal, status=422)
    except (image_data.Broken, MultiPartParserError):
        return plain(request, 400, _("The data broke off"), _("The image waits for its data as before."))
    if handler.image is None:
        # A form without a file has been read by now, so its token can be, too.
        return _page(request, get_image(cloud_of(request), row_id), "", empty=True, status=422)
    return HttpResponseRedirect(urls_for(request, "images:detail", handler.image.id))


def _page(
    request: Request,
    image: Image,
    why_not: str,
    *,
    refusal: Refusal | None = None,
    empty: bool = False,
    status: int = 200,
) -> HttpResponse:
    cloud = cloud_of(request)
    facilities = facilities_of(cloud)
    image = with_upload(request, image)
    context: dict[str, Any] = {
        "image": image,
        "why_not": why_not or why_not_fill(image),
        "facilities": facilities,
        "broken": broken_words(image) if refusal is None else "",
        "refusal": refusal,
        "is_empty": empty,
        "stream_url": stream_url(request, image.id),
        "state_url": urls_for(request, "images:state", row_id=image.id),
        "discard_url": urls_for(request, "images:discard", row_id=image.id),
        "detail_url": urls_for(request, "images:detail", image.id),
        "index_url": urls_for(request, "images:index"),
    }
    return render(request, "images/data.html", context, status=status)


def with_upload(request: Request, image: Image) -> Image:
    """The image with what is known of its upload."""
    return replace(image, upload=uploads.of(cloud_of(request), image.id))


@require_http_methods(["PUT"])
def stream(request: Request, row_id: str) -> JsonResponse:
    """Takes an image's data as the body of the request, and answers when Glance has them all."""
    why_not = why_not_allowed(request, MEMBER)
    if why_not:
        return JsonResponse({"error": why_not}, status=403)
    size = int(request.headers.get("Content-Length") or 0)
    try:
        image = take(request, row_id, pieces_of(request, size), total=size, size=size, way=Way.of(request))
    except Refusal as refusal:
        body = {"error": refusal.text, "kind": refusal.kind, "detected": refusal.detected}
        return JsonResponse(body, status=refusal.status)
    except image_data.Broken:
        # Mostly nobody reads this.
        return JsonResponse({"error": _("The data broke off.")}, status=400)
    except Unauthorized:
        raise
    except CloudError as error:
        return JsonResponse({"error": told(error)}, status=404 if isinstance(error, NotFound) else 503)
    return JsonResponse({"url": urls_for(request, "images:detail", image.id)})


@quiet
@require_GET
def state(request: Request, row_id: str) -> JsonResponse:
    """What became of an upload, for a page whose connection broke."""
    cloud = cloud_of(request)
    detail = urls_for(request, "images:detail", row_id)
    try:
        image = with_upload(request, get_image(cloud, row_id))
    except NotFound:
        return JsonResponse({"state": "gone", "message": _("The image is gone.")})
    except Unauthorized:
        raise
    except CloudError as error:
        return JsonResponse({"state": "unknown", "message": told(error)})
    upload = image.upload
    if image.is_waiting:
        is_running = upload is not None and upload.is_running
        found = "running" if is_running else "waiting"
        return JsonResponse(
            {"state": found, "message": str(broken_words(image)), "percent": getattr(upload, "percent", None)}
        )
    return JsonResponse({"state": image.status, "message": str(status(image)), "url": detail})


@require_POST
def discard(request: Request, row_id: str) -> HttpResponse:
    """Deletes an image that has no data, or only half of them. One that is whole stays."""
    cloud = cloud_of(request)
    why_not = why_not_allowed(request, MEMBER)
    if why_not:
        raise PermissionDenied(why_not)
    is_script = "application/json" in request.headers.get("Accept", "")
    index = urls_for(request, "images:index")
    try:
        image = get_image(cloud, row_id)
        if image.status not in {"queued", "saving", "uploading"} or not image.can_change:
            text = _("It has its data by now, so it was not deleted.")
            detail = urls_for(request, "images:detail", row_id)
            if is_script:
                return JsonResponse({"error": text, "url": detail}, status=409)
            return plain(request, 409, _("The image stays"), text)
        delete_image(cloud, id=row_id)
    except NotFound:
        # Gone already is as good.
        pass
    uploads.forget(cloud, row_id)
    watch.acted(cloud, "images", ids=[row_id])
    return JsonResponse({"url": index}) if is_script else HttpResponseRedirect(index)


@require_GET
def file(request: Request, row_id: str) -> HttpResponseBase:
    """An image's data, passed on as they come from Glance."""
    cloud = cloud_of(request)
    image = get_image(cloud, row_id)
    if image.status != "active":
        text = _("It is deactivated.") if image.status == "deactivated" else _("It has no data.")
        return plain(request, 409, _("There is nothing to download"), text)
    if not slots.acquire(blocking=False):
        return plain(
            request, 503, _("Busy"), _("Too many transfers are under way here just now. Try again in a minute.")
        )
    try:
        found = image_data.download(cloud, id=row_id)
    except CloudError:
        slots.release()
        raise
    response = StreamingHttpResponse(Turn(found.chunks), content_type="application/octet-stream")
    name = file_name(image)
    response["Content-Disposition"] = attachment(name)
    if found.size is not None:
        response["Content-Length"] = str(found.size)
    if image.hash_value:
        # What it can be compared with, once it is at home.
        response["X-Image-Hash"] = f"{image.hash_algorithm}={image.hash_value}"
    return response


def file_name(image: Image) -> str:
    """A file's name of the image's, with the ending that tells its format."""
    ending = image.container_format if image.container_format in {"ova", "docker"} else image.disk_format
    name = re.sub(r"[\x00-\x1f/\\]+", "_", image.name or image.id)
    return name if not ending or name.lower().endswith(f".{ending}") else f"{name}.{ending}"
