"""Launching servers: the form on one page, its summary, and what became of a launch whose answer was lost."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.errors import CloudError, Unauthorized, Unavailable
from dashboard.cloud.keypairs import import_keypair
from dashboard.cloud.launch import (
    Launched,
    LaunchRequest,
    find_launched,
    launch_servers,
    look_up,
    outcome_is_unknown,
)
from dashboard.cloud.launch_options import FIRST, MORE, VOLUMES, LaunchOptions, load_options
from dashboard.cloud.servers import get_server_json
from dashboard.live import cache, once, operations, watch
from dashboard.panels.servers.launch_draft import Draft, started
from dashboard.panels.servers.launch_errors import problems_with
from dashboard.panels.servers.launch_page import context_of
from dashboard.panels.servers.launch_steps import Problem
from dashboard.store import Away
from dashboard.ui.errors import fault_of
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.source import fresh_json

ONCE = re.compile(r"[0-9a-f]{32}")
LOOK_SECONDS = 5.0
"""How long a launch whose answer was lost is looked for before the page comes back."""
GIVE_UP_SECONDS = 60
"""When nothing has carried the tag for so long, nothing was made."""
QUICK_SECONDS = 15
"""How old the quotas beside the form may be while somebody types."""
PARTS = {"volumes": VOLUMES, "ports": ("ports",), "more": MORE}
"""What the page reads only when somebody wants it, by the value of ``do`` and of ``loaded``."""
FRAGMENTS = {
    "launch-volumes": ("servers/launch/volumes.html", VOLUMES),
    "launch-ports": ("servers/launch/ports.html", ("ports", "networks", "subnets")),
    "launch-more": ("servers/launch/more.html", MORE),
    "launch-keys": ("servers/launch/keys.html", ("keypairs",)),
}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: Request) -> HttpResponse:
    """The form; POST sends it, or shows more of it (``do``)."""
    why_not = why_not_allowed(request, MEMBER)
    if why_not:
        raise PermissionDenied(why_not)
    if request.method != "POST":
        given = request.GET
        extra = VOLUMES if given.get("source", "image") not in {"image", "snapshot"} or given.get("volume") else ()
        options = _options(request, (*FIRST, *extra))
        data = started(options, given)
        if extra:
            data.setlist("loaded", ["volumes"])
        return _page(request, Draft(data, options), new_once())
    sent = request.POST.get("once", "")
    if not ONCE.fullmatch(sent):
        sent = new_once()
    do = request.POST.get("do", "launch")
    if do != "launch" and do != "again":
        return _more(request, do, sent)
    # Asked for by a person who was told that the first sending made nothing.
    return _launch(request, new_once() if do == "again" else sent)


@never_cache
@sensitive_post_parameters()
@require_POST
def summary(request: Request) -> HttpResponse:
    """What stands beside the steps, and the flavors that fit, for what is typed now."""
    if why_not := why_not_allowed(request, MEMBER):
        raise PermissionDenied(why_not)
    options = _options(request, _needed(request.POST), quick=QUICK_SECONDS)
    draft = Draft(request.POST, options, request.FILES)
    return render(request, "servers/launch/summary.html", context_of(request, draft, "") | {"is_fragment": True})


@never_cache
@require_GET
def outcome(request: Request, sent: str) -> HttpResponse:
    """What became of a launch: found, not found, or still unknown."""
    if not ONCE.fullmatch(sent):
        raise Http404
    context = _outcome(request, sent)
    return render(request, f"servers/launch/outcome{'_part' if request.htmx else ''}.html", context)


def _outcome(request: Request, sent: str) -> dict[str, object]:
    began = request.GET.get("at", "")
    age = time.time() - int(began) if began.isdecimal() and len(began) < 12 else 0.0
    context: dict[str, object] = {"sent": sent, "at": began or str(int(time.time())), "is_over": age > GIVE_UP_SECONDS}
    context["in_form"] = bool(request.GET.get("in_form"))
    try:
        context["found"] = find_launched(cloud_of(request), sent)
        context["state"] = "found" if context["found"] else "none"
    except CloudError as error:
        context["state"] = "unknown"
        context["fault"] = fault_of(error, cloud_of(request))
    return context


def _options(request: Request, names: Iterable[str], *, quick: float = 0) -> LaunchOptions:
    cloud = cloud_of(request)
    return load_options(cloud, names, keep=functools.partial(cache.cached, cloud), quick=quick)


def _needed(data: QueryDict) -> tuple[str, ...]:
    """The parts that the form as sent has on it."""
    loaded = set(data.getlist("loaded"))
    if data.get("source") in {"new_volume", "volume", "volume_snapshot"}:
        loaded.add("volumes")
    return (*FIRST, *(name for part in PARTS if part in loaded for name in PARTS[part]))


def _page(
    request: Request,
    draft: Draft,
    sent: str,
    /,
    *,
    problems: Iterable[Problem] = (),
    status: int = 200,
    **more: object,
) -> HttpResponse:
    context = context_of(request, draft, sent, problems=problems, is_sent=status != 200)
    return render(request, "servers/launch/page.html", {**context, **more}, status=status)


def _more(request: Request, do: str, sent: str) -> HttpResponse:
    """The form with more to choose from, everything typed kept; for HTMX that part alone."""
    data = request.POST.copy()
    if do in PARTS and do not in data.getlist("loaded"):
        data.appendlist("loaded", do)
    if do == "keys":
        cache.drop(cloud_of(request), "launch:keypairs", is_own=True)
    target = request.htmx.target if request.htmx else ""
    if target in FRAGMENTS:
        template, names = FRAGMENTS[target]
        draft = Draft(data, _options(request, names))
        return render(request, template, context_of(request, draft, sent))
    return _page(request, Draft(data, _options(request, _needed(data))), sent)


def _again(
    request: Request, data: QueryDict, sent: str, problems: Iterable[Problem], status: int, /, **more: object
) -> HttpResponse:
    """The form with everything typed, and what is wrong with it. A file can't be kept: browsers don't allow it."""
    draft = Draft(data, _options(request, _needed(data)))
    return _page(request, draft, sent, problems=problems, status=status, **more)


def _kept(request: Request, draft: Draft) -> QueryDict:
    """What was typed; the text of a file that was sent goes into the field, since browsers forget files."""
    data = request.POST.copy()
    text = draft.clean("advanced", "user_data_file")
    if text:
        data["user_data"] = text
    return data


def _launch(request: Request, sent: str) -> HttpResponse:
    cloud, person = cloud_of(request), request.person
    assert person is not None
    draft = Draft(request.POST, _options(request, _to_check(request.POST)), request.FILES)
    data = _kept(request, draft)
    if draft.problems:
        return _again(request, data, sent, draft.problems, 422)
    key = f"launch:{cloud.access.keystone}:{cloud.region}:{cloud.project_id}:{person.id}:{sent}"
    here = urls_for(request, "servers:launch-outcome", sent)
    try:
        if not once.claim(key):
            return _to(request, once.lookup(key) or here)
    except Away:
        message = _("The dashboard can't make sure now that this is sent only once. Nothing was sent: try again soon.")
        return _again(request, data, sent, [Problem(message)], 503)
    try:
        problem = _import_key(request, draft)
        if problem is not None:
            _release(key)
            return _again(request, data, sent, [problem], 422)
        if draft.value("public_key"):
            # The key exists from now on: what is sent again must choose it, not make it.
            data["key_name"], data["new_key_name"], data["public_key"] = draft.value("new_key_name"), "", ""
        return _send(request, draft, draft.request(sent), data, key, here)
    except Unauthorized:
        # Nothing was made. After signing in, the same form may be sent.
        _release(key)
        raise
    except Exception:
        # Whether it was sent is not known: the tag tells.
        _finish(key, here)
        raise


def _send(request: Request, draft: Draft, wanted: LaunchRequest, data: QueryDict, key: str, here: str) -> HttpResponse:
    cloud = cloud_of(request)
    try:
        launched = launch_servers(cloud, wanted)
    except Unauthorized:
        raise
    except CloudError as error:
        if not outcome_is_unknown(error):
            _release(key)
            status = 503 if isinstance(error, Unavailable) else 422
            return _again(request, data, wanted.once, problems_with(error, draft), status)
        found = look_up(cloud, wanted.once, seconds=LOOK_SECONDS)
        if not found:
            at = int(time.time())
            _finish(key, f"{here}?at={at}")
            state = "none" if found is not None else "unknown"
            told = {"state": state, "sent": wanted.once, "at": str(at), "fault": fault_of(error, cloud)}
            return _again(request, data, wanted.once, (), 202, **told)
        launched = Launched(found[0].id)
    return _done(request, wanted, launched, key)


def _done(request: Request, wanted: LaunchRequest, launched: Launched, key: str) -> HttpResponse:
    cloud, person = cloud_of(request), request.person
    assert person is not None
    index = urls_for(request, "servers:index")
    ids = [launched.id]
    if wanted.count > 1:
        # Nova names only the first; the tag finds the rest.
        others = look_up(cloud, wanted.once, seconds=2.0, pause=0.5) or ()
        ids += [server.id for server in others if server.id != launched.id]
    _finish(key, index)
    watch.acted(cloud, "servers", *fresh_json(cloud, get_server_json, ids), ids=ids)
    label = _("Launch %(name)s") % {"name": wanted.name}
    operations.begin(person.id, cloud, verb="launch", kind="servers", ids=ids, label=label, url=index)
    if request.POST.get("show_password") and launched.admin_password:
        # In this answer alone: not in a message, the store, a log or an address.
        context = {"name": wanted.name, "password": launched.admin_password, "index_url": index}
        return render(request, "servers/launch/password.html", context)
    return _to(request, index)


def _to_check(data: QueryDict) -> tuple[str, ...]:
    """The parts that are needed to check the form before it is sent; mostly kept already, often none."""
    names: list[str] = []
    if not data.getlist("network") or any(data.get(name) for name in data if name.startswith("fixed_ip-")):
        names += ["networks", "subnets"]
    if data.get("source") == "new_volume" and not data.get("volume_size"):
        names += ["images", "flavors"]
    if data.get("source") == "volume_snapshot" and not data.get("volume_size"):
        names += ["volume_snapshots"]
    return tuple(names)


def _import_key(request: Request, draft: Draft) -> Problem | None:
    """Gives Nova the public key that was pasted, if one was."""
    name, key = draft.clean("access", "new_key_name"), draft.clean("access", "public_key")
    if not key:
        return None
    cloud = cloud_of(request)
    try:
        import_keypair(cloud, name=name, public_key=key)
    except Unauthorized:
        raise
    except CloudError as error:
        fault = fault_of(error, cloud)
        words = f"{fault.sentence} {fault.detail}".strip()
        return Problem(words, "access", "new_key_name" if error.status == 409 else "public_key")
    cache.drop(cloud, "launch:keypairs", is_own=True)
    return None


def _to(request: Request, url: str) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(url)
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _finish(key: str, url: str) -> None:
    try:
        once.finish(key, url)
    except Away:
        # The claim stays without an outcome: who asks is sent to look it up by the tag.
        return


def _release(key: str) -> None:
    try:
        once.release(key)
    except Away:
        return


LAUNCH_URLS = (
    path("launch/", launch, name="launch"),
    path("launch/summary/", summary, name="launch-summary"),
    path("launch/<str:sent>/", outcome, name="launch-outcome"),
)
"""For the panel's ``extra_urls``. An outcome is named by the 32 hex digits of its sending."""
