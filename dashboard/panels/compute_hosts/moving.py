"""Moving all servers of a host: first the list of what would be moved and what not, then a job with each one's result.

What is done to each server, and with which form, are the actions of the panel of all servers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import compute_services, everywhere
from dashboard.cloud.compute_services import COMPUTE, ComputeService
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Query, Term
from dashboard.live import jobs
from dashboard.live.names import project_names
from dashboard.panels.compute_hosts.actions import DisableForm
from dashboard.ui import bulk, registry
from dashboard.ui.acting import said
from dashboard.ui.errors import told
from dashboard.ui.forms import made
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import ADMIN, Action, Panel

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

SHOWN = 500
"""Servers that the page names, and that can be left out; the job does the others, too."""
PAGE = 1000


@dataclass(frozen=True)
class Kind:
    """One way to empty a host: by which action on each server."""

    verb: str
    title: StrOrPromise
    says: StrOrPromise
    button: StrOrPromise
    is_drain: bool = False
    needs_dead: bool = False


LIVE = Kind(
    verb="live-migrate",
    title=gettext_lazy("Live-migrate all servers of %(host)s"),
    says=gettext_lazy("They are moved to other hosts while they run. The host stays open: it may get new ones."),
    button=gettext_lazy("Live-migrate"),
)
KINDS = {
    "live": LIVE,
    "drain": Kind(
        verb="live-migrate",
        title=gettext_lazy("Drain %(host)s"),
        says=gettext_lazy(
            "The host is disabled first, so that it gets no new servers; then those that run are moved to other hosts "
            "while they run."
        ),
        button=gettext_lazy("Drain"),
        is_drain=True,
    ),
    "cold": Kind(
        verb="migrate",
        title=gettext_lazy("Migrate all servers of %(host)s"),
        says=gettext_lazy(
            "They are shut down, moved to other hosts and started there if they ran. Then each move waits to be "
            "confirmed or reverted."
        ),
        button=gettext_lazy("Migrate"),
    ),
    "evacuate": Kind(
        verb="evacuate",
        title=gettext_lazy("Evacuate all servers of %(host)s"),
        says=gettext_lazy(
            "They are built anew on other hosts. Disks on volumes and shared storage are kept; what was on the dead "
            "host's own disk is lost. Make sure that the host is off."
        ),
        button=gettext_lazy("Evacuate"),
        needs_dead=True,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: Request) -> HttpResponse:
    """``?source=&do=``: GET lists what would be moved, POST begins it."""
    cloud = cloud_of(request)
    if why_not := why_not_allowed(request, ADMIN):
        raise PermissionDenied(why_not)
    params = request.POST if request.method == "POST" else request.GET
    kind, host = KINDS.get(params.get("do", "")), params.get("source", "")
    others = registry.panel("all-servers")
    action = others.action(kind.verb) if others is not None and kind is not None else None
    service = _service(cloud, host) if host else None
    if kind is None or others is None or action is None or service is None:
        raise Http404
    rows = servers_of(cloud, host)
    able = [row for row in rows if not action.when(row)]
    page = _Page(request, kind, service, others, action, rows, able)
    if request.method != "POST":
        return page.shown()
    form = page.form(request.POST)
    reason = DisableForm(request.POST) if page.asks_reason else None
    if page.why_not or not _all_valid(form, reason):
        return page.shown(form, reason, status=422)
    picked = page.picked()
    if problem := page.problem(picked, is_drain=reason is not None):
        return page.shown(form, reason, problem=problem, status=422)
    if reason is not None:
        try:
            compute_services.disable_service(cloud, id=service.id, reason=reason.cleaned_data["reason"])
        except Unauthorized:
            raise
        except CloudError as error:
            return page.shown(form, reason, problem=told(error), status=422)
    if not picked:
        return page.ended()
    started: HttpResponse = bulk.start(request, others, action, picked)
    return started


def _all_valid(*given: forms.Form | None) -> bool:
    # Both are asked, so that each says what is wrong with it.
    found = [form is None or form.is_valid() for form in given]
    return all(found)


def _service(cloud: Cloud, host: str) -> ComputeService | None:
    found = compute_services.list_all_services(cloud, binary=COMPUTE)
    return next((row for row in found if row.host == host), None)


def servers_of(cloud: Cloud, host: str) -> list[Server]:
    """The servers of every project on a host, as they are now. Raises CloudError."""
    query = Query(limit=PAGE, terms=(Term("host", host),), sort="name")
    names = project_names(cloud)
    found: list[Server] = []
    while len(found) < jobs.MOST:
        page = everywhere.list_all_servers(cloud, query, names)
        found += page.rows
        if not page.has_next or not page.rows:
            break
        query = replace(query, marker=page.rows[-1].id)
    return found[: jobs.MOST]


@dataclass
class _Page:
    """One opening of the page."""

    request: Request
    kind: Kind
    service: ComputeService
    others: Panel[Any]
    action: Action[Any]
    rows: list[Server]
    able: list[Server]

    @property
    def why_not(self) -> str:
        """The reason why nothing can be begun."""
        if self.kind.needs_dead and self.service.is_up:
            return _("It is up. If it is dead all the same, force it down first.")
        if not self.kind.needs_dead and not self.service.is_up:
            return _("It is down: its servers can only be evacuated.")
        return ""

    @property
    def asks_reason(self) -> bool:
        """Whether the host is to be disabled, which it is not yet."""
        return self.kind.is_drain and self.service.is_enabled

    @property
    def must_type(self) -> bool:
        return bulk.must_type(self.action, self.able)

    @property
    def listed(self) -> list[Server]:
        """The servers that the page names, those that can't be moved first."""
        moved = {row.id for row in self.able}
        return sorted(self.rows, key=lambda row: row.id in moved)[:SHOWN]

    def picked(self) -> list[Server]:
        """The servers that are ticked, and those that the page had no room for."""
        listed = {row.id for row in self.listed}
        ticked = set(self.request.POST.getlist("id"))
        return [row for row in self.able if row.id in ticked or row.id not in listed]

    def problem(self, picked: list[Server], *, is_drain: bool) -> str:
        """What keeps it from being begun though the forms are right: the host changed, or a number is missing."""
        number = str(len(self.able))
        if self.request.POST.get("count") != number:
            return _("By now it is another number: %s. Look again, please.") % number
        if self.must_type and self.request.POST.get("number", "").strip() != number:
            return _("Type %s to confirm.") % number
        if not picked and not is_drain:
            return _("Nothing is ticked. Tick the rows first.")
        return ""

    def form(self, data: Any = None) -> forms.Form | None:
        """What is asked about the moves."""
        if self.action.form is None or (data is None and not self.able):
            return None
        given = () if data is None else (data,)
        return made(self.action.form, *given, cloud=self.request.cloud, rows=self.able, is_job=True)

    def after(self) -> str:
        """Where each server's way can be followed."""
        return f"{urls_for(self.request, 'migrations:index')}?{urlencode({'host': self.service.host})}"

    def ended(self) -> HttpResponse:
        """The host was empty: it is disabled, and that was all."""
        panel = registry.panel("hypervisors")
        assert panel is not None
        return said(self.request, panel, _("%(host)s is disabled.") % {"host": self.service.host}, level="success")

    def shown(
        self,
        form: forms.Form | None = None,
        reason: forms.Form | None = None,
        *,
        problem: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """The page with the list."""
        if form is None and not self.why_not:
            form = self.form()
        if reason is None and self.asks_reason:
            reason = DisableForm()
        moved = {row.id for row in self.able}
        ticked = set(self.request.POST.getlist("id")) if self.request.method == "POST" else moved
        context = {
            "title": str(self.kind.title) % {"host": self.service.host},
            "says": self.kind.says,
            "button": self.kind.button,
            "service": self.service,
            "do": self.request.GET.get("do") or self.request.POST.get("do", ""),
            "form": form,
            "reason": reason,
            "why_not": self.why_not,
            "problem": problem,
            "able": self.able,
            "is_dangerous": self.action.is_dangerous,
            "must_type": self.must_type,
            "typed": self.request.POST.get("number", ""),
            "rows": [
                {
                    "server": row,
                    "is_able": row.id in moved,
                    "is_ticked": row.id in ticked,
                    "why_not": self.action.when(row),
                }
                for row in self.listed
            ],
            "more": max(0, len(self.rows) - SHOWN),
            "can_begin": bool(self.able or self.asks_reason) and not self.why_not,
            "once": new_once(),
            "next": self.after(),
            "back": urls_for(self.request, "hypervisors:index"),
            "others_title": self.others.title,
        }
        return render(self.request, "compute_hosts/move.html", context, status=status)
