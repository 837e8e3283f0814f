"""Doing one thing to all rows that match, however many: the dialog that says how many, and the work behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound
from dashboard.live import job_store, jobs, watch
from dashboard.live.jobs import JobItem, NoWorker, Order, Outcome, TooMany
from dashboard.live.store import Away
from dashboard.ui import acting, registry
from dashboard.ui.errors import told
from dashboard.ui.forms import made
from dashboard.ui.labels import job_label
from dashboard.ui.listing import Listing
from dashboard.ui.offers import address, new_once, why_not_allowed, why_not_here
from dashboard.ui.panel import Action, Panel
from dashboard.ui.sending import finish, key_of, release, sent_before
from dashboard.ui.source import all_rows
from dashboard.ui.values import Part

TYPED_FROM = 20
"""From more than so many on, the number has to be typed before what can't be undone is done."""
SAMPLE = 12
"""Names that the dialog shows."""
TOLD = 5
"""Parts of one thing that failed, of which it is said why."""
OWN_FIELDS = frozenset({"csrfmiddlewaretoken", "once", "id", "next", "all", "match", "job", "number", "count", "show"})


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, panel: Panel[Any], slug: str) -> HttpResponse:
    """One of the panel's actions on the rows that are named, or on all that match ``match``, or on what failed."""
    params = request.POST if request.method == "POST" else request.GET
    if not (params.get("all") or params.get("job")):
        answer: HttpResponse = acting.act(request, panel, slug)
        return answer
    action = panel.action(slug)
    if action is None or request.cloud is None or not can_all(panel, action):
        raise Http404
    why_not = why_not_allowed(request, action.roles)
    if why_not and request.method == "POST":
        raise PermissionDenied(why_not)
    why_not = why_not_here(request, panel, action)
    rows, trouble = _chosen(request, panel, params)
    if trouble:
        return acting.said(request, panel, trouble, level="warning")
    able = [row for row in rows if not action.when(row)]
    if request.method != "POST" or why_not or not able:
        return _ask(request, panel, action, rows, why_not, status=422 if request.method == "POST" else 200)
    form = None
    if action.form is not None:
        form = made(action.form, request.POST, request.FILES, cloud=request.cloud, rows=able, is_job=True)
    number = str(len(able))
    is_other = action.is_dangerous and params.get("count") != number
    is_unsure = must_type(action, able) and params.get("number", "").strip() != number
    if (form is not None and not form.is_valid()) or is_other or is_unsure:
        problem = ""
        if is_other:
            problem = _("By now it is another number: %s. Look again, please.") % number
        elif is_unsure:
            problem = _("Type %s to confirm.") % number
        return _ask(request, panel, action, rows, "", form=form, status=422, problem=problem)
    return start(request, panel, action, able)


def can_all(panel: Panel[Any], action: Action[Any]) -> bool:
    """Whether it can be done to rows that are not on the page: files are not kept, and links name their rows."""
    is_multipart = action.form is not None and any(
        field.widget.needs_multipart_form for field in action.form.base_fields.values()
    )
    return panel.row is not None and action.is_bulk and action.is_in_menu and not is_multipart


def must_type(action: Action[Any], rows: Sequence[Any]) -> bool:
    """Whether the number has to be typed."""
    return action.is_dangerous and len(rows) > TYPED_FROM


def _chosen(request: Request, panel: Panel[Any], params: QueryDict) -> tuple[Sequence[Any], str]:
    """The rows that are meant as of now, or why that can't be said."""
    cloud = cloud_of(request)
    match = "" if params.get("job") else params.get("match", "")
    listing = Listing(panel, QueryDict(match), address(request, panel, "index"))
    if listing.complaints:
        return (), listing.complaints[0]
    rows, is_whole = all_rows(request, panel, listing.query, most=jobs.MOST)
    if not is_whole:
        return (), _("The whole list is still being read. Try again in a moment.")
    if params.get("job"):
        job = job_store.get(cloud, cloud.access.person.id, params.get("job", ""))
        if job is None or job.is_running:
            return (), _("This is over, and forgotten by now.")
        wanted = set(job_store.not_done(job.id))
        rows = [row for row in rows if row.id in wanted]
    if not rows:
        return (), _("Nothing matches any more.")
    if len(rows) > jobs.MOST:
        return (), _("At most %d at once, please.") % jobs.MOST
    return rows, ""


def _ask(
    request: Request,
    panel: Panel[Any],
    action: Action[Any],
    rows: Sequence[Any],
    why_not: Any,
    *,
    form: forms.Form | None = None,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    refusals = [(row, str(action.when(row))) for row in rows]
    able = [row for row, reason in refusals if not reason]
    if form is None and action.form is not None:
        form = made(action.form, cloud=request.cloud, rows=able, is_job=True)
    params = request.POST if request.method == "POST" else request.GET
    context = {
        "panel": panel,
        "action": action,
        "form": form,
        "able": able,
        "sample": able[:SAMPLE],
        "more": max(0, len(able) - SAMPLE),
        "unable": Counter(reason for _row, reason in refusals if reason).most_common(SAMPLE),
        "says": action.says(able) if able else "",
        "why_not": why_not,
        "problem": problem,
        "must_type": must_type(action, able),
        "typed": params.get("number", ""),
        "match": params.get("match", ""),
        "job": params.get("job", ""),
        "once": request.POST.get("once") or new_once(),
        "url": address(request, panel, "act", action.slug),
        "next": acting.next_of(request, panel),
    }
    return render(request, "ui/act_all.html#dialog" if request.htmx else "ui/act_all.html", context, status=status)


def start(request: Request, panel: Panel[Any], action: Action[Any], able: Sequence[Any]) -> HttpResponse:
    """Sets the work going on these rows, with the form that was sent, which was found valid."""
    cloud, held = cloud_of(request), request.held
    assert held is not None
    key = key_of(request)
    if sent_before(key) is not None:
        return acting.said(request, panel, _("This was sent already, and is being done."), level="info")
    fields = request.POST.copy()
    for name in OWN_FIELDS:
        fields.pop(name, None)
    order = Order(
        panel=panel.slug,
        verb=action.slug,
        kind=panel.live,
        form=fields.urlencode(),
        language=translation.get_language() or "",
        url=address(request, panel, "index"),
    )
    items = [JobItem(row.id, row.name or row.id) for row in able]
    try:
        job = jobs.start(cloud, cloud.access.person.id, held.id_hash, order, items)
    except NoWorker:
        release(key)
        text = _("No worker is running, and without one at most %d can be done at once.") % jobs.INLINE_MOST
        return acting.said(request, panel, text, level="danger")
    except TooMany:
        release(key)
        text = _("%d of your jobs are running here. Wait until one ends.") % jobs.RUNNING_MOST
        return acting.said(request, panel, text, level="warning")
    except Away:
        release(key)
        text = _("Nothing was done: what is needed to follow it does not answer at the moment.")
        return acting.said(request, panel, text, level="danger")
    finish(key, job.id)
    text = _("Begun: %(label)s. Operations shows how far it is.") % {"label": job_label(job)}
    return acting.said(request, panel, text, level="success")


class Actions:
    """The work of jobs: panels' actions, by the names that orders have them under."""

    def begin(self, cloud: Cloud, order: Order) -> Callable[[JobItem], Outcome]:
        """See ``jobs.Worker``."""
        panel, action = _named(order)
        data: dict[str, Any] = {}
        if action.form is not None:
            with translation.override(order.language or None):
                form = made(action.form, QueryDict(order.form), cloud=cloud, rows=(), is_job=True)
                if not form.is_valid():
                    raise ValueError("The form is not what it was.")
                data = form.cleaned_data

        def do(item: JobItem) -> Outcome:
            with translation.override(order.language or None):
                row = watch.fresh_row(cloud, panel.live, item.id) if panel.live else None
                if row is None:
                    assert panel.row is not None
                    row = panel.row(cloud, item.id)
                if reason := action.when(row):
                    return Outcome("failed", str(reason))
                parts = action.run(cloud, row, data)
                return _outcome(parts if isinstance(parts, tuple) else ())

        return do

    def outcome(self, order: Order, error: CloudError) -> Outcome:
        """See ``jobs.Worker``."""
        _panel, action = _named(order)
        if isinstance(error, NotFound) and action.is_removal:
            return Outcome("done")
        with translation.override(order.language or None):
            return Outcome("unknown" if error.is_unknown_outcome else "failed", told(error))


def _outcome(parts: Sequence[Any]) -> Outcome:
    """Whoever did a part of it only has not done it: the first of what failed are told."""
    wrong = [f"{part.label}: {part.error}" for part in parts if isinstance(part, Part) and part.error]
    if not wrong:
        return Outcome("done")
    return Outcome("failed", "; ".join(wrong[:TOLD]) + (f"; … (+{len(wrong) - TOLD})" if len(wrong) > TOLD else ""))


def _named(order: Order) -> tuple[Panel[Any], Action[Any]]:
    panel = registry.panel(order.panel)
    action = panel.action(order.verb) if isinstance(panel, Panel) else None
    if panel is None or action is None:
        raise ValueError("There is no such action any more.")
    return panel, action


jobs.takes(Actions())
