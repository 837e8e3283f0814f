"""Doing things: the dialog that says what will happen, and the sending of it, once."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, retarget, trigger_client_event

from dashboard.auth.http import Request
from dashboard.auth.redirects import safe_path
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.live import operations, refusals, watch
from dashboard.ui import requests
from dashboard.ui.detail import detail_context
from dashboard.ui.errors import told
from dashboard.ui.forms import made
from dashboard.ui.listing import Listing
from dashboard.ui.offers import address, new_once, why_not_allowed, why_not_here
from dashboard.ui.panel import Action, Panel
from dashboard.ui.rows import views_of
from dashboard.ui.sending import Found, Result, finish, key_of, release, run, sent_before
from dashboard.ui.source import fresh_json, joined, several
from dashboard.ui.views import operations_of

MOST_AT_ONCE = 100
"""Rows that one sending may act on."""


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, panel: Panel[Any], slug: str) -> HttpResponse:
    """Does one of the panel's actions to the rows named by ``id``: GET asks, POST does."""
    action = panel.action(slug)
    if action is None or request.cloud is None:
        raise Http404
    params = request.POST if request.method == "POST" else request.GET
    ids = [item for item in dict.fromkeys(params.getlist("id")) if item][: MOST_AT_ONCE + 1]
    if not ids:
        return said(request, panel, _("Nothing is ticked. Tick the rows first."), level="warning")
    if len(ids) > MOST_AT_ONCE:
        return said(request, panel, _("At most %d at once, please.") % MOST_AT_ONCE, level="warning")
    why_not_role = why_not_allowed(request, action.roles)
    if why_not_role and request.method == "POST":
        raise PermissionDenied(why_not_role)
    why_not = why_not_here(request, panel, action)
    found = several(request, panel, ids)
    rows = [row for _id, row, _error in found if row is not None]
    if request.method != "POST" or why_not:
        return _ask(request, panel, action, found, rows, why_not, status=422 if request.method == "POST" else 200)
    try:
        form = made(action.form, request.POST, request.FILES, cloud=request.cloud, rows=rows) if action.form else None
    except Unauthorized:
        raise
    except CloudError as error:
        return _ask(request, panel, action, found, rows, told(error), status=422)
    if form is not None and not form.is_valid():
        return _ask(request, panel, action, found, rows, why_not, form=form, status=422)
    if "show" in request.POST:
        return _show(request, panel, action, found, rows, form)
    return _do(request, panel, action, found, form)


def _show(
    request: Request,
    panel: Panel[Any],
    action: Action[Any],
    found: Sequence[Found],
    rows: Sequence[Any],
    form: forms.Form | None,
) -> HttpResponse:
    """The same request for a terminal or a script; nothing is sent."""
    able = [row for row in rows if not action.when(row)]
    assert request.cloud is not None
    if not able:
        return _ask(request, panel, action, found, rows, "", form=form, status=422)
    data = form.cleaned_data if form is not None else {}
    command = action.cli(able[0], data) if action.cli else ()
    context = request_shown(request, functools.partial(action.run, request.cloud, able[0], data), command)
    context["others"] = len(able) - 1
    if request.htmx:
        return render(request, "ui/request.html", context)
    return _ask(request, panel, action, found, rows, "", form=form, more=context)


def request_shown(request: Request, do: Callable[[], Any], command: Sequence[str]) -> dict[str, Any]:
    """The context of ``ui/request.html``. Raises Unauthorized."""
    assert request.cloud is not None
    try:
        return {"shown": requests.shown(request.cloud, do, command)}
    except Unauthorized:
        raise
    except CloudError as error:
        return {"shown": None, "why_not_shown": told(error)}


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
    again: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The dialog: what will happen to which rows, which can't, and the form if there is one."""
    refusals = [(row, action.when(row)) for row in rows]
    able = [row for row, reason in refusals if not reason]
    if form is None and action.form is not None:
        initial = {**_initial(action, rows), **given_in(request)}
        try:
            form = made(action.form, cloud=request.cloud, rows=rows, initial=initial)
        except Unauthorized:
            raise
        except CloudError as error:
            # What it asks can't be offered now: the dialog says why, and sends nothing.
            why_not = why_not or told(error)
    context = {
        "panel": panel,
        "action": action,
        "form": form,
        "able": able,
        "unable": [(row.name or row.id, reason) for row, reason in refusals if reason]
        + [(row_id, told(error)) for row_id, row, error in found if row is None and error is not None],
        "says": action.says(able or rows) if rows else "",
        "why_not": why_not,
        "once": again or request.POST.get("once") or new_once(),
        "url": address(request, panel, "act", action.slug),
        "next": next_of(request, panel),
        **(more or {}),
    }
    response = render(request, "ui/act.html#dialog" if request.htmx else "ui/act.html", context, status=status)
    # What "Show request" was asked for goes beside the form; what is wrong with it goes into the form.
    return retarget(response, "#dialog-body") if "show" in request.POST and request.htmx else response


def given_in(request: Request) -> dict[str, Any]:
    """What a link to a form wants it to start with: the fields that its query names."""
    if request.method == "POST":
        return {}
    own = {"id", "once", "next", "all", "match"}
    values = {key: request.GET.getlist(key) for key in request.GET if key not in own}
    return {key: found[0] if len(found) == 1 else found for key, found in values.items()}


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
    key = key_of(request)
    before = sent_before(key)
    if before is not None:
        return _repeated(request, panel, action, found, form, before)
    try:
        results = run(cloud, action, found, form.cleaned_data if form is not None else {})
    except Unauthorized:
        # Nothing was done. After signing in, the same form may be sent.
        release(key)
        raise
    done = [result for result in results if result.is_done]
    refusals.note(
        cloud,
        f"{panel.slug}.{action.slug}",
        refused=[result.id for result in results if result.is_refused],
        done=bool(done),
    )
    ids = [result.id for result in done if not result.is_gone]
    if panel.live and any(result.is_done or result.is_other or result.is_unknown for result in results):
        touched = [
            item.id for item in results if not item.is_gone and (item.is_done or item.is_other or item.is_unknown)
        ]
        watch.acted(cloud, panel.live, *fresh_json(cloud, panel.raw, touched), ids=touched)
    if panel.live and ids:
        operations.begin(
            person.id,
            cloud,
            verb=action.slug,
            kind=panel.live,
            ids=ids,
            label=_label(action, done),
            url=address(request, panel, "index"),
            name=done[0].name if len(done) == 1 else "",
        )
    if done or any(result.is_unknown for result in results):
        finish(key, json.dumps([result.to_json() for result in results]))
    else:
        release(key)
    return _outcome(request, panel, action, found, form, results)


def _outcome(
    request: Request,
    panel: Panel[Any],
    action: Action[Any],
    found: Sequence[Found],
    form: forms.Form | None,
    results: Sequence[Result],
) -> HttpResponse:
    """What is answered: a word about it, the form again, or what became of each row."""
    has_news = any(result.has_news for result in results)
    is_well = all(result.is_done for result in results) and not has_news
    if is_well or (len(results) == 1 and not has_news and (form is None or results[0].is_gone)):
        return _finished(request, panel, action, results)
    if len(results) == 1 and form is not None and not results[0].is_done:
        form.add_error(None, results[0].error)
        rows = [row for _id, row, _error in found if row is not None]
        # Who reads that it may have been done, and sends it all the same, means it.
        again = new_once() if results[0].is_unknown else ""
        return _ask(request, panel, action, found, rows, "", form=form, status=422, again=again)
    done = sum(result.is_done for result in results)
    context = {
        "panel": panel,
        "action": action,
        "results": results,
        "done": done,
        "has_secrets": any(part.secret for result in results for part in result.parts),
        "next": next_of(request, panel),
        "retry": _retry(request, panel, action, results),
    }
    name = "ui/results.html#dialog" if request.htmx else "ui/results.html"
    response = trigger_client_event(render(request, name, context), "operations", {})
    return trigger_client_event(response, "live", {})


def _retry(
    request: Request, panel: Panel[Any], action: Action[Any], results: Sequence[Result]
) -> dict[str, Any] | None:
    """What does it once more to those that it surely was not done to, with the same form; None if there are none.

    Passwords and files are not sent back to the browser: the form asks for them again.
    """
    again = [item.id for item in results if not item.is_done and not item.is_unknown and not item.is_gone]
    if not again:
        return None
    fields = action.form.base_fields if action.form is not None else {}
    hidden = {name for name, field in fields.items() if getattr(field.widget, "input_type", "") in {"password", "file"}}
    own = {"csrfmiddlewaretoken", "once", "id", "show", *hidden}
    kept = [(name, value) for name in request.POST if name not in own for value in request.POST.getlist(name)]
    pairs = [("once", new_once()), *(("id", row_id) for row_id in again), *kept]
    return {"url": address(request, panel, "act", action.slug), "fields": pairs, "count": len(again)}


def _repeated(
    request: Request,
    panel: Panel[Any],
    action: Action[Any],
    found: Sequence[Found],
    form: forms.Form | None,
    before: str,
) -> HttpResponse:
    """The first sending's result, for a form that was sent again."""
    if not before:
        return said(request, panel, _("This was sent already, and is being done."), level="info")
    return _outcome(request, panel, action, found, form, [Result.from_json(item) for item in json.loads(before)])


def _label(action: Action[Any], done: Sequence[Result]) -> str:
    """What the operation is called afterwards: "Stop web-1", "Stop (3)"."""
    if len(done) == 1:
        return _("%(action)s %(name)s") % {"action": action.label, "name": done[0].name}
    return _("%(action)s (%(n)d)") % {"action": action.label, "n": len(done)}


def _finished(request: Request, panel: Panel[Any], action: Action[Any], results: Sequence[Result]) -> HttpResponse:
    """All went well, or the only one did not: a word about it, and the row as it is now."""
    failed = [result for result in results if not result.is_done]
    if failed:
        text = f"{failed[0].name}: {failed[0].error}"
        return said(request, panel, text, level="danger", ids=[failed[0].id], is_gone=failed[0].is_gone)
    text = str(action.started or action.label)
    names = results[0].name if len(results) == 1 else _("%d items") % len(results)
    ids = [result.id for result in results]
    return said(request, panel, f"{text}: {names}", level="success", ids=ids, is_removal=action.is_removal)


def said(
    request: Request,
    panel: Panel[Any],
    text: str,
    *,
    level: str,
    ids: Sequence[str] = (),
    is_removal: bool = False,
    is_gone: bool = False,
) -> HttpResponse:
    """A toast and the rows' new state for HTMX; a message and the list otherwise."""
    target = next_of(request, panel)
    level_number = {"success": messages.SUCCESS, "danger": messages.ERROR, "warning": messages.WARNING}
    if not request.htmx:
        messages.add_message(request, level_number.get(level, messages.INFO), text)
        return HttpResponseRedirect(target)
    on_detail = bool(ids) and _is_page_of(request, panel, ids[0])
    leaves = is_gone or (is_removal and not panel.live)
    if leaves and on_detail:
        messages.add_message(request, level_number.get(level, messages.INFO), text)
        return HttpResponseClientRedirect(target)
    context: dict[str, Any] = {"panel": panel, "text": text, "level": level, "rows": []}
    if _is_list_of(request, panel):
        context["operations"] = operations_of(request, panel, None)
    if ids and not on_detail and _is_list_of(request, panel):
        listing = Listing.of(request, panel, address(request, panel, "index"))
        fresh = [] if leaves else [row for _i, row, _e in several(request, panel, list(ids)[:20]) if row]
        context["listing"] = listing
        context["rows"] = views_of(joined(request, panel, fresh), listing.columns)
        context["removed"] = ids if leaves else []
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
    # A page without a snapshot of its own: what its tab shows may have changed.
    trigger_client_event(response, "refresh", {})
    return trigger_client_event(response, "live", {})


def _is_list_of(request: Request, panel: Panel[Any]) -> bool:
    """Whether the browser is on the panel's own list, or does not say where it is."""
    path = request.htmx.current_url_abs_path
    return not path or path.partition("?")[0].endswith(f"/{panel.slug}/")


def _is_page_of(request: Request, panel: Panel[Any], row_id: str) -> bool:
    """Whether the browser is on the row's own page."""
    # Browsers and Django differ in what of an id they escape, such as colons.
    return f"/{panel.slug}/{row_id}/" in unquote(request.htmx.current_url_abs_path or "")


def next_of(request: Request, panel: Panel[Any]) -> str:
    """Where to go afterwards: the list, with the filters it had if we know them."""
    given = request.POST.get("next") or request.GET.get("next", "")
    return safe_path(request, given) or address(request, panel, "index")
