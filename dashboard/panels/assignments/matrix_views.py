"""The matrix as a page: tick, look at what that changes, send it; with one form and without JavaScript."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import role_assignments as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.role_assignments import SYSTEM, Ref
from dashboard.panels.assignments import asking, matrix
from dashboard.panels.assignments.matrix import Change, Place
from dashboard.ui.acting import request_shown
from dashboard.ui.errors import fault_of, told
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import IDENTITY_MANAGER, IDENTITY_READER
from dashboard.ui.sending import finish, key_of, release, sent_before

MOST_ADDED = 20
"""Lines that one page may have added."""


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request) -> HttpResponse:
    """``?project=`` or ``?domain=`` or ``?system=all``, ``&below=1``. POST with ``do``: add, edit, review, send."""
    cloud = cloud_of(request)
    if why_not := why_not_allowed(request, IDENTITY_READER):
        raise PermissionDenied(why_not)
    is_below = request.GET.get("below") == "1"
    try:
        target = _target(cloud, request)
        if request.method != "POST":
            place = matrix.load(cloud, target, is_below=is_below and target.kind != "system")
            return _editor(request, cloud, place, {})
        place = matrix.load(cloud, target, is_below=is_below, more=_added(cloud, request))
    except Unauthorized:
        raise
    except CloudError as error:
        context = {"fault": fault_of(error, cloud), "here": request.get_full_path()}
        return render(request, "assignments/matrix.html", context)
    if why_not := why_not_allowed(request, IDENTITY_MANAGER) or str(place.why_not):
        raise PermissionDenied(why_not)
    wanted = _wanted(request)
    what = request.POST.get("do", "review")
    if what == "add":
        return _add(request, cloud, place, wanted)
    if what == "edit":
        return _editor(request, cloud, place, wanted)
    changes = matrix.changes_of(cloud, place, wanted)
    if what == "send":
        return _send(request, cloud, place, changes)
    return _review(request, cloud, place, wanted, changes)


def _target(cloud: Cloud, request: Request) -> Ref:
    """The place that the address names. Raises CloudError."""
    if request.GET.get("system"):
        return SYSTEM
    for kind in ("project", "domain"):
        id = request.GET.get(kind, "")
        if id:
            return do.by_id(cloud, kind, id)
    raise Http404


def _added(cloud: Cloud, request: Request) -> list[Ref]:
    """Those who were given a line before, and are not known otherwise; who is gone is left out. Raises Unauthorized."""
    found: list[tuple[str, str]] = []
    for key in request.POST.getlist("row")[: 2 * matrix.SHOWN]:
        kind, _colon, id = key.partition(":")
        if kind in {"user", "group"} and request.POST.get(f"new-{key}"):
            found.append((kind, id))
    calls = [functools.partial(do.by_id, cloud, kind, id) for kind, id in found[:MOST_ADDED]]
    outcomes = list(in_turn(calls))
    for outcome in outcomes:
        outcome.or_else(None)
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
    return [ref for outcome in outcomes if (ref := outcome.or_else(None)) is not None]


def _wanted(request: Request) -> dict[str, bool]:
    """What was changed on the page, by the grants' keys: from the ticks, or as listed for review."""
    listed = request.POST.getlist("change")
    if listed:
        return {item[1:]: item.startswith("+") for item in listed if item[:1] in {"+", "-"}}
    ticked, seen = set(request.POST.getlist("t")), set(request.POST.getlist("was"))
    return {key: key in ticked for key in ticked ^ seen}


def _editor(
    request: Request,
    cloud: Cloud,
    place: Place,
    wanted: Mapping[str, bool],
    *,
    error: str = "",
    choices: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:255]
    lines = matrix.lines(cloud, place, wanted, text=text)
    shown = lines[: matrix.SHOWN]
    reasons = [head.why_not for head in place.heads if head.why_not]
    context = {
        **_about(request, place),
        "lines": shown,
        "heads": place.heads,
        "more": [head for head in place.heads if head.is_more],
        "count": len(lines),
        "is_cut": len(lines) > len(shown),
        "q": text,
        "why_not": place.why_not,
        "limits": [] if place.why_not else list(dict.fromkeys(reasons)),
        "limited": ", ".join(head.role.label for head in place.heads if head.why_not),
        "error": error,
        "choices": choices,
        "who": request.POST.get("who", "") if error else "",
        "suggest": urls_for(request, "assignments:suggest", "who"),
    }
    return render(request, "assignments/matrix.html", context, status=status)


def _about(request: Request, place: Place) -> dict[str, Any]:
    target = place.target
    here = {target.kind: target.id}
    base = request.path
    return {
        "place": place,
        "target": target,
        "is_below": place.is_below,
        "here": f"{base}?{urlencode({**here, **({'below': '1'} if place.is_below else {})})}",
        "at_url": f"{base}?{urlencode(here)}",
        "below_url": f"{base}?{urlencode({**here, 'below': '1'})}" if target.kind != "system" else "",
        "who_url": f"{urls_for(request, 'assignments:index')}?{urlencode(here)}",
    }


def _add(request: Request, cloud: Cloud, place: Place, wanted: Mapping[str, bool]) -> HttpResponse:
    """Gives somebody a line. What was ticked stays ticked."""
    text = request.POST.get("who", "").strip()[:255]
    prefix = _("Group: ")
    is_group = text.startswith(prefix)
    name = text.removeprefix(prefix) if is_group else text
    if not name:
        return _editor(request, cloud, place, wanted, error=_("Type a name first."), status=422)
    try:
        kinds = ("group",) if is_group else ("user", "group")
        meant = [ref for kind in kinds for ref in asking.meant_by(cloud, kind, name)]
    except Unauthorized:
        raise
    except CloudError as error:
        return _editor(request, cloud, place, wanted, error=told(error, cloud), status=422)
    exact = [ref for ref in meant if name in {ref.name, ref.id}]
    if len(exact) == 1:
        meant = exact
    if len(meant) != 1:
        said = [(prefix if ref.kind == "group" else "") + asking.said(cloud, ref) for ref in meant]
        words = _("More than one is called so, or nearly: say which.") if said else _("Nobody is called so.")
        return _editor(request, cloud, place, wanted, error=words, choices=said, status=422)
    place.actors.setdefault(meant[0].key, meant[0])
    return _editor(request, cloud, place, wanted)


def _review(
    request: Request, cloud: Cloud, place: Place, wanted: Mapping[str, bool], changes: Sequence[Change]
) -> HttpResponse:
    if not changes:
        words = _("Nothing was changed.") if not wanted else _("All of that is so already.")
        return _editor(request, cloud, place, {}, error=words, status=422)
    context = {**_about(request, place), **_review_of(request, cloud, place, changes)}
    if "change" not in request.POST:
        context["meanwhile"] = matrix.meanwhile(place, set(request.POST.getlist("was")), wanted)
    return render(request, "assignments/review.html", context)


def _review_of(request: Request, cloud: Cloud, place: Place, changes: Sequence[Change]) -> dict[str, Any]:
    def all_of_them() -> None:
        for change in changes:
            matrix.send(cloud, change)

    new = {change.actor.key for change in changes} | set(_new_keys(request))
    return {
        "changes": changes,
        "locks_out": matrix.locks_out(cloud, place, changes),
        "is_here": matrix.is_where_one_is(cloud, place.target),
        "rows": sorted(new),
        "once": request.POST.get("once") or new_once(),
        **request_shown(request, all_of_them, matrix.command(changes)),
    }


def _new_keys(request: Request) -> Iterable[str]:
    return (key for key in request.POST.getlist("row") if request.POST.get(f"new-{key}"))


def _send(request: Request, cloud: Cloud, place: Place, changes: Sequence[Change]) -> HttpResponse:
    """Each by itself; one that is refused costs the others nothing."""
    key = key_of(request)
    before = sent_before(key)
    if before:
        return _done(request, place, [tuple(item) for item in json.loads(before)])
    if before == "":
        return _done(request, place, [])
    if not changes:
        release(key)
        return _editor(request, cloud, place, {}, error=_("All of that is so already."), status=422)
    if matrix.locks_out(cloud, place, changes) and "sure" not in request.POST:
        release(key)
        context = {**_about(request, place), **_review_of(request, cloud, place, changes), "is_unsure": True}
        return render(request, "assignments/review.html", context, status=422)
    results: list[tuple[str, str]] = []
    for change in changes:
        try:
            matrix.send(cloud, change)
        except Unauthorized:
            if not results:
                release(key)
                raise
            # One's own role may have been what went first: the token is worth nothing any more.
            results.append((change.words, _("Your own roles have changed: this was not sent.")))
        except CloudError as error:
            results.append((change.words, _refused(error, cloud)))
        else:
            results.append((change.words, ""))
    finish(key, json.dumps(results))
    return _done(request, place, results)


def _refused(error: CloudError, cloud: Cloud) -> str:
    if isinstance(error, NotFound):
        return _("The person, the group, the role or the place does not exist any more.")
    words = told(error, cloud)
    if error.is_unknown_outcome:
        return words + " " + _("It may have been done all the same: look before you send it again.")
    return words


def _done(request: Request, place: Place, results: Sequence[tuple[Any, ...]]) -> HttpResponse:
    cloud = cloud_of(request)
    context = {
        **_about(request, place),
        "results": results,
        "done": sum(not error for _words, error in results),
        # Perhaps one's own roles: the page asks at once.
        "is_mine": matrix.is_where_one_is(cloud, place.target),
    }
    return render(request, "assignments/done.html", context)
