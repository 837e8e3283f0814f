"""Doing things: the dialog that says what will happen, and the sending of it, once."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from dashboard.auth.http import Request
from dashboard.auth.redirects import safe_path
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound
from dashboard.cloud.parallel import Later, later
from dashboard.live import once, operations, watch
from dashboard.ui.errors import told
from dashboard.ui.forms import made, refused
from dashboard.ui.listing import Listing
from dashboard.ui.panel import Action, Create, Panel
from dashboard.ui.rows import views_of
from dashboard.ui.source import fresh_json, joined, several
from dashboard.ui.views import address, detail_context, new_once, why_not_allowed

Found = tuple[str, Any, CloudError | None]
"""An id, its row, or why there is none."""

MOST_AT_ONCE = 100
"""Rows that one sending may act on."""
ONCE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Result:
    """What became of one row."""

    id: str
    name: str
    error: str = ""

    @property
    def is_done(self) -> bool:
        return not self.error


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, panel: Panel[Any], slug: str) -> HttpResponse:
    """Does one of the panel's actions to the rows named by ``id``: GET asks, POST does."""
    action = panel.action(slug)
    if action is None or request.cloud is None:
        raise Http404
    params = request.POST if request.method == "POST" else request.GET
    ids = [item for item in dict.fromkeys(params.getlist("id")) if item][: MOST_AT_ONCE + 1]
    if not ids:
        return _said(request, panel, _("Nothing is ticked. Tick the rows first."), level="warning")
    if len(ids) > MOST_AT_ONCE:
        return _said(request, panel, _("At most %d at once, please.") % MOST_AT_ONCE, level="warning")
    why_not = why_not_allowed(request, action.roles)
    if why_not and request.method == "POST":
        raise PermissionDenied(why_not)
    found = several(request, panel, ids)
    rows = [row for _id, row, _error in found if row is not None]
    if request.method != "POST":
        return _ask(request, panel, action, found, rows, why_not)
    form = made(action.form, request.POST, request.FILES, cloud=request.cloud, rows=rows) if action.form else None
    if form is not None and not form.is_valid():
        return _ask(request, panel, action, found, rows, why_not, form=form, status=422)
    return _do(request, panel, action, found, form)


def _ask(
    request: Request,
    panel: Panel[Any],
    action: Action[Any],
    found: Sequence[Found],
    rows: Sequence[Any],
    why_not: Any,
    *,
    form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """The dialog: what will happen to which rows, which can't, and the form if there is one."""
    refusals = [(row, action.when(row)) for row in rows]
    able = [row for row, reason in refusals if not reason]
    if form is None and action.form is not None:
        form = made(action.form, cloud=request.cloud, rows=rows, initial=_initial(action, rows))
    context = {
        "panel": panel,
        "action": action,
        "form": form,
        "able": able,
        "unable": [(row.name or row.id, reason) for row, reason in refusals if reason]
        + [(row_id, told(error)) for row_id, row, error in found if row is None and error is not None],
        "says": action.says(able or rows) if rows else "",
        "why_not": why_not,
        "once": request.POST.get("once") or new_once(),
        "url": address(request, panel, "act", action.slug),
        "next": _next(request, panel),
    }
    return render(request, "ui/act.html#dialog" if request.htmx else "ui/act.html", context, status=status)


def _initial(action: Action[Any], rows: Sequence[Any]) -> dict[str, Any]:
    """A form for one row starts with the row's own values, where they have the same names."""
    if action.form is None or len(rows) != 1:
        return {}
    names = action.form.base_fields
    return {name: getattr(rows[0], name) for name in names if hasattr(rows[0], name)}


def _do(
    request: Request,
    panel: Panel[Any],
    action: Action[Any],
    found: Sequence[Found],
    form: forms.Form | None,
) -> HttpResponse:
    cloud, person = request.cloud, request.person
    assert cloud is not None
    assert person is not None
    key = _once_key(request)
    if key and not once.claim(key, ONCE_SECONDS):
        return _said(request, panel, _("This was sent already; it is done once only."), level="info")
    data: Mapping[str, Any] = form.cleaned_data if form is not None else {}
    results = _run(cloud, action, found, data)
    done = [result for result in results if result.is_done]
    if panel.live and done:
        ids = [result.id for result in done]
        watch.acted(cloud, panel.live, *fresh_json(cloud, panel.raw, ids), ids=ids)
        operations.begin(
            person.id,
            cloud,
            verb=action.slug,
            kind=panel.live,
            ids=ids,
            label=_label(action, done),
            url=address(request, panel, "index"),
        )
    if key and not done:
        once.release(key)
    if len(results) == len(done) or (len(results) == 1 and form is None):
        return _finished(request, panel, action, results)
    if len(results) == 1 and form is not None:
        error = next((item for item in results[0:1]), None)
        form.add_error(None, error.error if error else "")
        rows = [row for _id, row, _error in found if row is not None]
        return _ask(request, panel, action, found, rows, "", form=form, status=422)
    context = {"panel": panel, "action": action, "results": results, "done": len(done), "next": _next(request, panel)}
    name = "ui/results.html#dialog" if request.htmx else "ui/results.html"
    return render(request, name, context)


def _label(action: Action[Any], done: Sequence[Result]) -> str:
    """What the operation is called afterwards: "Stop web-1", "Stop (3)"."""
    if len(done) == 1:
        return _("%(action)s %(name)s") % {"action": action.label, "name": done[0].name}
    return _("%(action)s (%(n)d)") % {"action": action.label, "n": len(done)}


def _run(
    cloud: Cloud,
    action: Action[Any],
    found: Sequence[Found],
    data: Mapping[str, Any],
) -> list[Result]:
    """The action on each row, several at a time; one row's failure is its own."""

    results: list[Result] = []
    waiting: list[tuple[str, str, Later[Any] | None, str]] = []
    for row_id, row, error in found:
        name = getattr(row, "name", "") or row_id
        if row is None:
            waiting.append((row_id, name, None, told(error) if error else _("It does not exist any more.")))
            continue
        reason = action.when(row)
        if reason:
            waiting.append((row_id, name, None, str(reason)))
            continue
        waiting.append((row_id, name, later(functools.partial(action.run, cloud, row, data), seconds=35), ""))
    for row_id, name, outcome, reason in waiting:
        if outcome is None:
            results.append(Result(row_id, name, reason))
            continue
        try:
            outcome.wait()
        except NotFound as error:
            results.append(Result(row_id, name, "" if action.is_removal else told(error)))
        except CloudError as error:
            text = told(error)
            if error.is_unknown_outcome:
                text += " " + _("It may have been done all the same: look at its state before you send it again.")
            results.append(Result(row_id, name, text))
        else:
            results.append(Result(row_id, name))
    return results


def _finished(request: Request, panel: Panel[Any], action: Action[Any], results: Sequence[Result]) -> HttpResponse:
    """All went well, or the only one did not: a word about it, and the row as it is now."""
    failed = [result for result in results if not result.is_done]
    if failed:
        return _said(request, panel, f"{failed[0].name}: {failed[0].error}", level="danger", ids=[failed[0].id])
    text = str(action.started or action.label)
    names = results[0].name if len(results) == 1 else _("%d items") % len(results)
    ids = [result.id for result in results]
    return _said(request, panel, f"{text}: {names}", level="success", ids=ids, is_removal=action.is_removal)


def _said(
    request: Request,
    panel: Panel[Any],
    text: str,
    *,
    level: str,
    ids: Sequence[str] = (),
    is_removal: bool = False,
) -> HttpResponse:
    """A toast and the rows' new state for HTMX; a message and the list otherwise."""
    target = _next(request, panel)
    if not request.htmx:
        level_number = {"success": messages.SUCCESS, "danger": messages.ERROR, "warning": messages.WARNING}
        messages.add_message(request, level_number.get(level, messages.INFO), text)
        return HttpResponseRedirect(target)
    on_detail = bool(ids) and f"/{panel.slug}/{ids[0]}/" in (request.htmx.current_url_abs_path or "")
    if is_removal and on_detail and not panel.live:
        return HttpResponseClientRedirect(address(request, panel, "index"))
    context: dict[str, Any] = {"panel": panel, "text": text, "level": level, "rows": []}
    if ids and not on_detail:
        listing = Listing.of(request, panel, address(request, panel, "index"))
        fresh = (
            []
            if is_removal and not panel.live
            else [row for _i, row, _e in several(request, panel, list(ids)[:20]) if row]
        )
        context["listing"] = listing
        context["rows"] = views_of(joined(request, panel, fresh), listing.columns)
        context["removed"] = ids if is_removal and not panel.live else []
        context["has_detail"] = panel.row is not None
        context["bulk"] = [action for action in panel.actions if action.is_bulk]
    elif on_detail and not is_removal and panel.row is not None and request.cloud is not None:
        try:
            row = panel.row(request.cloud, ids[0])
            context |= {"on_detail": True, **detail_context(request, panel, row, "none", None)}
        except CloudError:
            context["on_detail"] = False
    response = render(request, "ui/said.html", context)
    trigger_client_event(response, "closeDialog", {})
    trigger_client_event(response, "operations", {})
    return trigger_client_event(response, "live", {})


def _once_key(request: Request) -> str:
    sent = request.POST.get("once", "")
    if not sent or len(sent) > 64 or request.held is None:
        return ""
    return f"{request.held.id_hash}:{sent}"


def _next(request: Request, panel: Panel[Any]) -> str:
    """Where to go afterwards: the list, with the filters it had if we know them."""
    given = request.POST.get("next") or request.GET.get("next", "")
    return safe_path(request, given) or address(request, panel, "index")


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request, panel: Panel[Any], index: int = 0) -> HttpResponse:
    """The panel's form for something new; what was typed stays when the service refuses."""
    choices = [item for item in (panel.create, *panel.also) if item is not None and item.form is not None]
    if index >= len(choices) or request.cloud is None:
        raise Http404
    chosen: Create = choices[index]
    assert chosen.form is not None
    assert chosen.run is not None
    why_not = why_not_allowed(request, chosen.roles)
    if request.method != "POST":
        form = made(chosen.form, cloud=request.cloud)
        return _form(request, panel, chosen, form, why_not)
    if why_not:
        raise PermissionDenied(why_not)
    form = made(chosen.form, request.POST, request.FILES, cloud=request.cloud)
    if not form.is_valid():
        return _form(request, panel, chosen, form, why_not, status=422)
    key = _once_key(request)
    if key and not once.claim(key, ONCE_SECONDS):
        return _said(request, panel, _("This was sent already; it is done once only."), level="info")
    try:
        row = chosen.run(request.cloud, form.cleaned_data)
    except CloudError as error:
        if key and not error.is_unknown_outcome:
            once.release(key)
        refused(form, error)
        return _form(request, panel, chosen, form, why_not, status=422)
    if panel.live:
        watch.acted(request.cloud, panel.live)
    target = (
        address(request, panel, "detail", row.id) if row is not None and panel.row else address(request, panel, "index")
    )
    if request.htmx:
        return HttpResponseClientRedirect(target)
    return HttpResponseRedirect(target)


def _form(
    request: Request,
    panel: Panel[Any],
    chosen: Create,
    form: forms.Form,
    why_not: str,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "panel": panel,
        "create": chosen,
        "form": form,
        "why_not": why_not,
        "once": request.POST.get("once") or new_once(),
        "url": request.path,
        "next": _next(request, panel),
    }
    return render(request, "ui/create.html#dialog" if request.htmx else "ui/create.html", context, status=status)
