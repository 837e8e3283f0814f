"""One object: shown, given an address for a while, and what else has an answer of its own."""

from __future__ import annotations

import codecs
import functools
import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import object_actions, swift, temp_urls
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.objects import Object, get_object, list_versions, parts_of, read_start, readable
from dashboard.cloud.swift import name_of
from dashboard.live import job_store
from dashboard.live.jobs import JobItem
from dashboard.panels.containers import download
from dashboard.panels.containers.object_acts import says_link, wish_of
from dashboard.panels.containers.object_deleting import begin, said
from dashboard.panels.containers.object_forms import FolderForm, LinkForm
from dashboard.panels.containers.object_words import IMAGES, crumbs, is_text, place_url, plain_type
from dashboard.ui import bulk, registry
from dashboard.ui.acting import request_shown
from dashboard.ui.errors import told
from dashboard.ui.offers import new_once, why_not_allowed, why_not_here
from dashboard.ui.panel import MEMBER, Panel, may
from dashboard.ui.sending import key_of, sent_before

READ = 256 * 1024
"""Bytes of a text that are shown."""
DRAWN = 8 * 1024 * 1024
"""Bytes of an image that is shown."""
CAGE = "default-src 'none'; sandbox; frame-ancestors 'none'"


def panel_of_objects() -> Panel[Any]:
    """The panel of objects, as it was registered."""
    found = registry.panel("objects")
    assert isinstance(found, Panel)
    return found


def header_context(request: Request, item: Object) -> Mapping[str, Any]:
    """The way to an object, and where it is taken home from."""
    query = {"row_id": swift.key_of(item.container)}
    return {
        "crumbs": crumbs(request, item.container, item.folder),
        "download_url": urls_for(request, "containers:download", **query),
    }


# Seen without being taken home


def preview(cloud: Cloud, item: Object) -> Mapping[str, Any]:
    """What ``containers/object_preview.html`` shows: the beginning of a text, or where an image is drawn from."""
    kind = plain_type(item)
    context: dict[str, Any] = {"item": item, "most": READ}
    if item.is_folder or not item.size:
        return context | {"why_not": _("There is nothing in it.")}
    encoding = item.headers.get("content-encoding", "").lower()
    if encoding and encoding != "identity":
        return context | {"why_not": _("It is packed (%(how)s), so it is not shown here.") % {"how": encoding}}
    if kind in IMAGES:
        if item.size > DRAWN:
            return context | {"why_not": _("The image is too large to be shown here.")}
        return context | {"is_image": True}
    if not is_text(item) and kind not in {"application/octet-stream", ""}:
        return context | {"why_not": _("Nothing of this type is shown here. Download it to look at it.")}
    text = text_of(read_start(cloud, item, READ))
    if text is None:
        return context | {"why_not": _("It is no text. Download it to look at it.")}
    is_cut = item.size > READ
    return context | {"text": text if is_cut or "json" not in kind else _indented(text), "is_cut": is_cut}


def text_of(data: bytes) -> str | None:
    """The text that bytes are, the last character of which may be cut; None if they are none."""
    if b"\x00" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return codecs.getincrementaldecoder("utf-16" if is_utf16 else "utf-8-sig")().decode(data)
    except UnicodeDecodeError:
        return None


def _indented(text: str) -> str:
    try:
        found = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        # Half a character, as \ud800 is, can stand in JSON and in no page.
        found.encode()
    except (ValueError, RecursionError):
        return text
    return found


@require_GET
def inline(request: Request, row_id: str) -> HttpResponse:
    """An image's bytes, as an image and nothing else: in no frame, with no rights, whatever somebody uploaded."""
    item = get_object(cloud_of(request), row_id)
    kind = plain_type(item)
    if kind not in IMAGES or not 0 < item.size <= DRAWN:
        raise Http404
    response = HttpResponse(read_start(cloud_of(request), item, DRAWN), content_type=kind)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CAGE
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def versions(cloud: Cloud, item: Object) -> Mapping[str, Any]:
    """What ``containers/object_versions.html`` shows."""
    return {
        "item": item,
        "versions": list_versions(cloud, item.container, item.path),
        "can_change": may(cloud, MEMBER),
    }


# What is done


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, slug: str) -> HttpResponse:
    """As every panel's, but that one comes back to the place that the object was in."""
    panel = panel_of_objects()
    params = request.POST if request.method == "POST" else request.GET
    if params.get("job"):
        return _again(request, panel, slug)
    if params.get("id") and not params.get("next"):
        container, name = parts_of(params["id"])[:2]
        given = params.copy()
        given["next"] = place_url(request, container, Object(container, name).folder)
        if request.method == "POST":
            request.POST = given  # type: ignore[assignment]
        else:
            request.GET = given  # type: ignore[assignment]
    if slug == "temporary-url" and request.method == "POST" and "show" not in request.POST:
        return _link(request, panel, slug)
    answer: HttpResponse = bulk.act(request, panel, slug)
    return answer


def _again(request: Request, panel: Panel[Any], slug: str) -> HttpResponse:
    """What was left of a deletion: asked, then begun anew."""
    cloud = cloud_of(request)
    action = panel.action(slug)
    if action is None or not slug.startswith("delete"):
        raise Http404
    if why_not := why_not_allowed(request, MEMBER):
        raise PermissionDenied(why_not)
    params = request.POST if request.method == "POST" else request.GET
    job = job_store.get(cloud, cloud.access.person.id, params.get("job", ""))
    ids = job_store.not_done(job.id) if job is not None and not job.is_running else []
    if not ids:
        raise NotFound("It is over and forgotten.", service=swift.SERVICE, status=404)
    container = parts_of(ids[0])[0]
    items = [JobItem(id, Object(*_named(id)).name) for id in ids]
    if request.method == "POST":
        key = key_of(request)
        if sent_before(key) is not None:
            return said(request, container, _("This was sent already, and is being done."))
        return begin(request, container, slug, items, key)
    context = {
        "container": readable(container),
        "names": [item.name for item in items[:12]],
        "more": max(0, len(items) - 12),
        "count": len(items),
        "job": params["job"],
        "with_segments": True,
        "once": new_once(),
        "url": request.path,
        "next": place_url(request, container),
    }
    name = "containers/objects_delete.html#dialog" if request.htmx else "containers/objects_delete.html"
    return render(request, name, context)


def _named(id: str) -> tuple[str, str]:
    container, name, *last = parts_of(id)
    return container, f"{name} … {last[0]}" if last and last[0] != name else name


def _link(request: Request, panel: Panel[Any], slug: str) -> HttpResponse:
    """Makes a temporary URL for one object, and shows it."""
    action = panel.action(slug)
    assert action is not None
    if why_not := why_not_here(request, panel, action):
        raise PermissionDenied(why_not)
    cloud = cloud_of(request)
    form = LinkForm(request.POST, cloud=cloud)
    if not form.is_valid():
        answer: HttpResponse = bulk.act(request, panel, slug)
        return answer
    container, name = parts_of(request.POST.get("id", ""))[:2]
    item = Object(container, name)
    return _made(request, item, form, is_prefix=False)


def _made(request: Request, item: Object, form: LinkForm, *, is_prefix: bool) -> HttpResponse:
    cloud = cloud_of(request)
    wish = wish_of(item, form.cleaned_data, is_prefix=is_prefix)
    context: dict[str, Any] = {
        "name": readable(item.path),
        "wish": wish,
        "next": place_url(request, item.container, item.path if is_prefix else item.folder),
    }
    try:
        context["address"] = temp_urls.make_url(cloud, wish)
    except Unauthorized:
        raise
    except CloudError as error:
        context["problem"] = told(error, cloud)
    name = "containers/object_link.html#dialog" if request.htmx else "containers/object_link.html"
    response = render(request, name, context, status=422 if "problem" in context else 200)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def folder_url(request: Request) -> HttpResponse:
    """A temporary URL for everything in a folder."""
    params = request.POST if request.method == "POST" else request.GET
    panel = panel_of_objects()
    action = panel.action("temporary-url")
    assert action is not None
    container, name = parts_of(params.get("id", ""))[:2]
    item = Object(container, name)
    why_not = why_not_here(request, panel, action)
    if why_not and request.method == "POST":
        raise PermissionDenied(why_not)
    form = LinkForm(request.POST if request.method == "POST" else None, cloud=cloud_of(request))
    if request.method == "POST" and form.is_valid():
        if "show" not in request.POST:
            return _made(request, item, form, is_prefix=True)
        wish = wish_of(item, form.cleaned_data, is_prefix=True)
        shown = request_shown(request, functools.partial(temp_urls.make_url, cloud_of(request), wish), ())
        return render(request, "ui/request.html", shown)
    context = {
        "panel": panel,
        "action": action,
        "form": form,
        "able": [item],
        "says": says_link([item]),
        "why_not": why_not,
        "once": new_once(),
        "url": request.path,
        "next": place_url(request, item.container, item.path),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "ui/act.html#dialog" if request.htmx else "ui/act.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make_folder(request: Request, row_id: str) -> HttpResponse:
    """A new folder at a place: an object without content, whose name ends in a slash."""
    cloud, container = cloud_of(request), name_of(row_id)
    place = (request.POST if request.method == "POST" else request.GET).get("prefix", "")
    why_not = why_not_allowed(request, MEMBER)
    if why_not and request.method == "POST":
        raise PermissionDenied(why_not)
    form = FolderForm(request.POST if request.method == "POST" else None, place=place, cloud=cloud)
    if request.method == "POST" and form.is_valid():
        whole = form.cleaned_data["name"]
        try:
            object_actions.make_folder(cloud, container, whole)
        except object_actions.Exists:
            form.add_error("name", _("There is such a folder already."))
        except Unauthorized:
            raise
        except CloudError as error:
            form.add_error(None, told(error, cloud))
        else:
            target = place_url(request, container, whole)
            return HttpResponseClientRedirect(target) if request.htmx else HttpResponseRedirect(target)
    context = {
        "form": form,
        "prefix": place,
        "place": readable(f"{container}/{place}"),
        "why_not": why_not,
        "url": request.path,
        "next": place_url(request, container, place),
    }
    name = "containers/folder_new.html#dialog" if request.htmx else "containers/folder_new.html"
    return render(request, name, context, status=422 if request.method == "POST" else 200)


@require_POST
def archive_ticked(request: Request, row_id: str) -> Any:
    """What was ticked, as one archive: names can't stand in a form as they are, their line ends would change."""
    given = request.POST.copy()
    given.setlist("name", [name_of(key) for key in given.getlist("tick")])
    given["prefix"] = given.get("prefix", "")
    request.POST = given  # type: ignore[assignment]
    return download.archive(request, row_id)
