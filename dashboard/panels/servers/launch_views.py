"""Launching servers: the form on one page, its summary, and what became of a launch whose answer was lost."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.errors import CloudError, Unauthorized, Unavailable
from dashboard.cloud.launch import (
    Launched,
    LaunchRequest,
    launch_servers,
    look_up,
    outcome_is_unknown,
)
from dashboard.cloud.launch_command import command
from dashboard.cloud.launch_like import get_model
from dashboard.cloud.launch_options import ADDRESSES, FIRST, MORE, VOLUMES, LaunchOptions, load_options
from dashboard.cloud.servers import get_server_json
from dashboard.live import addresses, cache, errands, once, operations, watch
from dashboard.panels.servers.launch_address import address_words
from dashboard.panels.servers.launch_draft import Draft
from dashboard.panels.servers.launch_errors import problems_with
from dashboard.panels.servers.launch_forms import VOLUME_SOURCES
from dashboard.panels.servers.launch_like import filled
from dashboard.panels.servers.launch_links import loaded_by, parts_for, started
from dashboard.panels.servers.launch_outcome import ONCE, outcome
from dashboard.panels.servers.launch_page import context_of
from dashboard.panels.servers.launch_rows import keep_uploads
from dashboard.panels.servers.launch_sending import (
    Reserved,
    forget_lists,
    give_back,
    import_key,
    promise,
    rehearse,
    reserve,
)
from dashboard.panels.servers.launch_steps import Problem
from dashboard.store import Away
from dashboard.ui.errors import fault_of
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.requests import shown
from dashboard.ui.source import fresh_json

LIKE = re.compile(r"[0-9a-fA-F-]{32,36}")
LOOK_SECONDS = 5.0
"""How long a launch whose answer was lost is looked for before the page comes back."""
QUICK_SECONDS = 15
"""How old the quotas beside the form may be while somebody types."""
PARTS = {"volumes": VOLUMES, "ports": ("ports",), "addresses": ADDRESSES, "more": MORE}
"""What the page reads only when somebody wants it, by the value of ``do`` and of ``loaded``."""
FRAGMENTS = {
    "launch-volumes": ("servers/launch/volumes.html", VOLUMES),
    "launch-ports": ("servers/launch/ports.html", ("ports", "networks", "subnets")),
    "launch-more": ("servers/launch/more.html", MORE),
    "launch-floating": ("servers/launch/floating.html", ADDRESSES),
    "launch-keys": ("servers/launch/keys.html", ("keypairs",)),
    "launch-disks": ("servers/launch/more_disks.html", (*VOLUMES, "images")),
    "launch:images": ("servers/launch/image_list.html", ("images",)),
    "launch-snapshots": ("servers/launch/snapshot_list.html", ("images",)),
    "launch-flavors": ("servers/launch/flavor_list.html", ("flavors", "images", "quotas")),
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
        return _opened(request)
    sent = request.POST.get("once", "")
    if not ONCE.fullmatch(sent):
        sent = new_once()
    do = request.POST.get("do", "launch")
    if do != "launch" and do != "again":
        return _more(request, do, sent)
    # Asked for by a person who was told that the first sending made nothing.
    return _launch(request, new_once() if do == "again" else sent)


def _opened(request: Request) -> HttpResponse:
    """The form with its defaults, as a link says, or as another server is (``like``)."""
    given = request.GET
    if not LIKE.fullmatch(given.get("like", "")):
        names = parts_for(given)
        options = _options(request, (*FIRST, *names))
        if given.get("image") and options.images.is_loaded and options.images.find(given["image"]) is None:
            # A snapshot that was just taken is newer than what is kept.
            cache.drop(cloud_of(request), "launch:images")
            options = _options(request, (*FIRST, *names))
        data = started(options, given)
        data.setlist("loaded", loaded_by(names))
        return _page(request, Draft(data, options), new_once())
    try:
        model = get_model(cloud_of(request), given["like"])
    except Unauthorized:
        raise
    except CloudError as error:
        options = _options(request, FIRST)
        notes = [_("That server can't be read: %(why)s") % {"why": fault_of(error, cloud_of(request)).sentence}]
        return _page(request, Draft(started(options, QueryDict()), options), new_once(), like={"notes": notes})
    places = MORE if model.zone or model.group_id else ()
    options = _options(request, (*FIRST, *places, *(VOLUMES if model.server.is_volume_booted else ())))
    data, notes = filled(model, options)
    data.setlist("loaded", loaded_by((*places, *(VOLUMES if model.server.is_volume_booted else ()))))
    return _page(request, Draft(data, options), new_once(), like={"server": model.server, "notes": notes})


@never_cache
@sensitive_post_parameters()
@require_POST
def summary(request: Request) -> HttpResponse:
    """What stands beside the steps, and the flavors that fit, for what is typed now."""
    if why_not := why_not_allowed(request, MEMBER):
        raise PermissionDenied(why_not)
    options = _options(request, _needed(request.POST), quick=QUICK_SECONDS)
    draft = Draft(request.POST, options, request.FILES)
    return render(
        request, "servers/launch/summary.html", context_of(request, draft, "", has_fit=True) | {"is_fragment": True}
    )


def _options(request: Request, names: Iterable[str], *, quick: float = 0) -> LaunchOptions:
    cloud = cloud_of(request)
    return load_options(cloud, names, keep=functools.partial(cache.cached, cloud), quick=quick)


def _needed(data: QueryDict) -> tuple[str, ...]:
    """The parts that the form as sent has on it."""
    loaded = set(data.getlist("loaded"))
    if data.get("source") in VOLUME_SOURCES or any(data.getlist("disk_source")):
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
    **more: Any,
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
    if do == "request":
        return _request(request, data, sent)
    if do == "anew":
        # What was typed is to be another launch.
        sent = new_once()
    target = request.htmx.target if request.htmx else ""
    if target in FRAGMENTS:
        template, names = FRAGMENTS[target]
        draft = Draft(data, _options(request, names, quick=QUICK_SECONDS), request.FILES)
        return render(request, template, context_of(request, draft, sent))
    keep_uploads(data, request.FILES)
    draft = Draft(data, _options(request, _needed(data)))
    return _page(request, draft, sent, was_sent=do == "back" and _was_sent(request, sent))


def _was_sent(request: Request, sent: str) -> bool:
    """Whether this very form was launched before: somebody went back to it."""
    try:
        return once.lookup(_key(request, sent)) is not None
    except Away:
        return False


def _key(request: Request, sent: str) -> str:
    cloud, person = cloud_of(request), request.person
    assert person is not None
    return f"launch:{cloud.access.keystone}:{cloud.region}:{cloud.project_id}:{person.id}:{sent}"


def _request(request: Request, data: QueryDict, sent: str) -> HttpResponse:
    """The same launch for a terminal or a script; nothing is sent."""
    is_part = bool(request.htmx) and request.htmx.target == "launch-request"
    names = _to_check(data) if is_part else _needed(data)
    draft = Draft(data, _options(request, names, quick=QUICK_SECONDS), request.FILES)
    context: dict[str, Any] = {"is_asked": True}
    if draft.problems:
        context["why_not_shown"] = _("Put these right first: %(what)s") % {
            "what": " ".join(problem.message for problem in draft.problems)
        }
    else:
        cloud = cloud_of(request)
        try:
            context["shown"] = shown(cloud, lambda: rehearse(cloud, draft, sent), command(draft.request(sent)))
        except Unauthorized:
            raise
        except CloudError as error:
            context["why_not_shown"] = fault_of(error, cloud).sentence
    if is_part:
        return render(request, "servers/launch/request.html", context)
    keep_uploads(data, request.FILES)
    return _page(request, draft, sent, **context)


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
    keep_uploads(data, request.FILES)
    return data


def _launch(request: Request, sent: str) -> HttpResponse:
    cloud = cloud_of(request)
    draft = Draft(request.POST, _options(request, _to_check(request.POST)), request.FILES)
    data = _kept(request, draft)
    if draft.problems:
        return _again(request, data, sent, draft.problems, 422)
    key = _key(request, sent)
    here = urls_for(request, "servers:launch-outcome", sent)
    try:
        if not once.claim(key):
            return _to(request, once.lookup(key) or here)
    except Away:
        message = _("The dashboard can't make sure now that this is sent only once. Nothing was sent: try again soon.")
        return _again(request, data, sent, [Problem(message)], 503)
    reserved: Reserved | None = None
    try:
        problem = import_key(cloud, draft)
        if problem is None and draft.value("public_key"):
            # The key exists from now on: what is sent again must choose it, not make it.
            data["key_name"], data["new_key_name"], data["public_key"] = draft.value("new_key_name"), "", ""
        if problem is None:
            found = reserve(cloud, draft, sent)
            if isinstance(found, Problem):
                problem = found
            elif found is not None:
                reserved = found
                problem = promise(cloud, sent, found)
        if problem is not None:
            forget_lists(cloud, (problem,))
            _release(key)
            return _again(request, data, sent, [problem], 422)
        return _send(request, draft, draft.request(sent), data, key, here, reserved)
    except Unauthorized:
        # Nothing was made. After signing in, the same form may be sent.
        give_back(cloud, sent, reserved)
        _release(key)
        raise
    except Exception:
        # Whether it was sent is not known: the tag tells.
        _finish(key, here)
        raise


def _send(
    request: Request,
    draft: Draft,
    wanted: LaunchRequest,
    data: QueryDict,
    key: str,
    here: str,
    reserved: Reserved | None,
) -> HttpResponse:
    cloud = cloud_of(request)
    try:
        launched = launch_servers(cloud, wanted)
    except Unauthorized:
        raise
    except CloudError as error:
        if not outcome_is_unknown(error):
            _release(key)
            problems = problems_with(error, draft)
            left = give_back(cloud, wanted.once, reserved)
            forget_lists(cloud, problems)
            status = 503 if isinstance(error, Unavailable) else 422
            return _again(request, data, wanted.once, (*problems, left) if left else problems, status)
        found = look_up(cloud, wanted.once, seconds=LOOK_SECONDS)
        if not found:
            at = int(time.time())
            _finish(key, f"{here}?at={at}")
            state = "none" if found is not None else "unknown"
            told = {"state": state, "sent": wanted.once, "at": str(at), "fault": fault_of(error, cloud)}
            return _again(request, data, wanted.once, (), 202, **told, address=address_words(errands.get(wanted.once)))
        launched = Launched(found[0].id)
    return _done(request, wanted, launched, key, reserved)


def _done(
    request: Request, wanted: LaunchRequest, launched: Launched, key: str, reserved: Reserved | None
) -> HttpResponse:
    cloud, person = cloud_of(request), request.person
    assert person is not None
    index = urls_for(request, "servers:index")
    ids = [launched.id]
    if reserved is not None:
        addresses.launched(wanted.once, launched.id)
    if wanted.count > 1:
        # Nova names only the first; the tag finds the rest.
        others = look_up(cloud, wanted.once, seconds=2.0, pause=0.5) or ()
        ids += [server.id for server in others if server.id != launched.id]
    _finish(key, index)
    watch.acted(cloud, "servers", *fresh_json(cloud, get_server_json, ids), ids=ids)
    label = _("Launch %(name)s") % {"name": wanted.name}
    # Of several, the tag tells the list which.
    url = f"{index}?tag={wanted.tag}" if len(ids) > 1 else index
    operations.begin(person.id, cloud, verb="launch", kind="servers", ids=ids, label=label, url=url, name=wanted.name)
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
