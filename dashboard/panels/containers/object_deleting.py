"""Deleting what was ticked: objects at once, with what became of each; folders as work that is followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.redirects import safe_path
from dashboard.auth.scopes import urls_for
from dashboard.cloud import containers, object_actions, swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.object_actions import BUNCH, Deleted
from dashboard.cloud.objects import Object, id_of, readable
from dashboard.cloud.swift import name_of
from dashboard.live import jobs
from dashboard.live.jobs import JobItem, NoWorker, Order, TooMany
from dashboard.live.store import Away
from dashboard.panels.containers.object_acts import NEEDED
from dashboard.panels.containers.object_words import place_url
from dashboard.ui.errors import told
from dashboard.ui.labels import job_label
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.sending import finish, key_of, release, sent_before

TICKED = 1000
"""Entries that may be ticked at a time."""
AT_ONCE = 200
"""Objects that are deleted while one waits; more are work of their own."""
SINGLES = 1000
"""Up to so many, a long deletion tells what became of each; of more, of each hundred."""
MOST = 250_000
SAMPLE = 12


@dataclass(frozen=True)
class Ticked:
    """What was ticked: names of objects, and beginnings that folders stand for."""

    names: tuple[str, ...]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, data: QueryDict) -> Ticked:
        """Raises NotFound for what no page of ours names."""
        found = [name_of(key) for key in dict.fromkeys(data.getlist("tick")) if key]
        return cls(
            tuple(name for name in found if not name.endswith("/")),
            tuple(name for name in found if name.endswith("/")),
        )

    @property
    def count(self) -> int:
        return len(self.names) + len(self.prefixes)


@require_POST
def delete(request: Request, row_id: str) -> HttpResponse:
    """Asks, and with ``sure`` does it. A folder is all whose names begin as it does."""
    cloud, container = cloud_of(request), name_of(row_id)
    if why_not := why_not_allowed(request, MEMBER):
        raise PermissionDenied(why_not)
    ticked = Ticked.of(request.POST)
    if not ticked.count or ticked.count > TICKED:
        text = _("Nothing is ticked. Tick the rows first.")
        return _ask(
            request, container, ticked, problem=text if not ticked.count else _("At most %d at once, please.") % TICKED
        )
    if not request.POST.get("sure"):
        return _ask(request, container, ticked)
    key = key_of(request)
    if sent_before(key) is not None:
        return said(request, container, _("This was sent already, and is being done."))
    try:
        if not ticked.prefixes and len(ticked.names) <= AT_ONCE:
            return _at_once(request, container, ticked.names, key)
        return _as_work(request, container, ticked, key)
    except Unauthorized:
        release(key)
        raise
    except CloudError as error:
        release(key)
        return _ask(request, container, ticked, problem=told(error, cloud))


def _ask(request: Request, container: str, ticked: Ticked, *, problem: str = "") -> HttpResponse:
    keys = list(dict.fromkeys(request.POST.getlist("tick")))[: TICKED + 1]
    is_kept = containers.keeps_versions(cloud_of(request), container)
    context = {
        "container": readable(container),
        "folders": [readable(name) for name in ticked.prefixes[:SAMPLE]],
        "names": [readable(name) for name in ticked.names[:SAMPLE]],
        "more": max(0, len(ticked.prefixes) - SAMPLE) + max(0, len(ticked.names) - SAMPLE),
        "has_folders": bool(ticked.prefixes),
        "count": ticked.count,
        "keys": keys,
        "problem": problem,
        # What was said once is not forgotten where it is asked again.
        "with_segments": bool(request.POST.get("with_segments")) or ("sure" not in request.POST and not is_kept),
        "needed": NEEDED if is_kept else "",
        "once": new_once(),
        "url": request.path,
        "next": _next(request, container),
    }
    name = "containers/objects_delete.html#dialog" if request.htmx else "containers/objects_delete.html"
    return render(request, name, context, status=422 if problem else 200)


def _next(request: Request, container: str) -> str:
    return safe_path(request, request.POST.get("next", "")) or place_url(request, container)


def _at_once(request: Request, container: str, names: Sequence[str], key: str) -> HttpResponse:
    cloud = cloud_of(request)
    large = _large_of(cloud, container, names) if request.POST.get("with_segments") else ()
    found = object_actions.delete_objects(cloud, container, names, large=large)
    finish(key, "done")
    failed = [item for item in found if item.error is not None]
    if not failed:
        names_told = readable(found[0].name) if len(found) == 1 else _("%d items") % len(found)
        return said(request, container, f"{_('Deleted')}: {names_told}")
    return _results(request, container, found)


def _large_of(cloud: Cloud, container: str, names: Sequence[str]) -> set[str]:
    """Those of the names that are large objects: a listing from the first to the last tells, where it is short."""
    folders = {Object(container, name).folder for name in names}
    found = object_actions.between(
        cloud, container, min(names), max(names), folder=folders.pop() if len(folders) == 1 else None
    )
    return {item.path for item in found if item.has_segments} & set(names)


def _results(request: Request, container: str, found: Sequence[Deleted]) -> HttpResponse:
    cloud = cloud_of(request)
    context = {
        "container": readable(container),
        "results": [
            {"name": readable(item.name), "error": told(item.error, cloud) if item.error is not None else ""}
            for item in found
        ],
        "done": sum(item.error is None for item in found),
        "total": len(found),
        "again": [swift.key_of(item.name) for item in found if item.error is not None],
        "once": new_once(),
        "url": request.path,
        "with_segments": request.POST.get("with_segments", ""),
        "next": _next(request, container),
    }
    name = "containers/objects_deleted.html#dialog" if request.htmx else "containers/objects_deleted.html"
    return trigger_client_event(render(request, name, context), "refresh", {})


def _as_work(request: Request, container: str, ticked: Ticked, key: str) -> HttpResponse:
    """Looks up what is in the folders, and has the workers delete it. Raises CloudError."""
    cloud = cloud_of(request)
    groups = [[Object(container, name)] for name in ticked.names]
    total = len(groups)
    for prefix in ticked.prefixes:
        groups.append([])
        for page in object_actions.below(cloud, container, prefix, most=MOST - total):
            groups[-1] += page
            total += len(page)
            if total > MOST:
                release(key)
                problem = _("There are more than %d objects in it. Take single folders.") % MOST
                return _ask(request, container, ticked, problem=problem)
    if not total:
        release(key)
        return said(request, container, _("There is nothing in it any more."))
    if total <= SINGLES:
        verb, items = "delete", [JobItem(item.id, item.name) for group in groups for item in group]
    else:
        verb, items = "delete-many", [piece for group in groups for piece in bunches(container, group)]
    return begin(request, container, verb, items, key)


def bunches(container: str, group: Sequence[Object]) -> list[JobItem]:
    """Pieces of a hundred, by their first and last names. All between these is meant: a group is one whole folder."""
    items = []
    for start in range(0, len(group), BUNCH):
        some = group[start : start + BUNCH]
        first, last = some[0].path, some[-1].path
        name = readable(first) if first == last else f"{readable(first)} … {readable(last)}"
        items.append(JobItem(id_of(container, first, last), name))
    return items


def begin(request: Request, container: str, verb: str, items: Sequence[JobItem], key: str) -> HttpResponse:
    """Sets the work going."""
    cloud, held = cloud_of(request), request.held
    assert held is not None
    order = Order(
        panel="objects",
        verb=verb,
        form="with_segments=on" if request.POST.get("with_segments") else "",
        language=translation.get_language() or "",
        url=_next(request, container),
    )
    try:
        job = jobs.start(cloud, cloud.access.person.id, held.id_hash, order, items)
    except NoWorker:
        problem = _("No worker is running, and without one at most %d can be done at once.") % jobs.INLINE_MOST
    except TooMany:
        problem = _("%d of your jobs are running here. Wait until one ends.") % jobs.RUNNING_MOST
    except Away:
        problem = _("Nothing was done: what is needed to follow it does not answer at the moment.")
    else:
        finish(key, job.id)
        return said(
            request, container, _("Begun: %(label)s. Operations shows how far it is.") % {"label": job_label(job)}
        )
    release(key)
    return _ask(request, container, Ticked.of(request.POST), problem=problem)


def said(request: Request, container: str, text: str) -> HttpResponse:
    """A toast, and the place as it is now."""
    target = _next(request, container)
    if not request.htmx:
        messages.add_message(request, messages.INFO, text)
        return HttpResponseRedirect(target)
    path = (request.htmx.current_url_abs_path or "").partition("?")[0]
    if not path.startswith(urls_for(request, "containers:detail", swift.key_of(container))):
        messages.add_message(request, messages.INFO, text)
        return HttpResponseClientRedirect(target)
    response = render(request, "ui/said.html", {"text": text, "level": "success", "rows": []})
    for event in ("closeDialog", "operations", "refresh"):
        trigger_client_event(response, event, {})
    return response
