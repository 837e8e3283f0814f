"""How the cloud is: what is there and taken, what is down, failed or stuck, and who uses most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud.cloud_overview import Room, Services
from dashboard.cloud.connection import Cloud
from dashboard.live.names import project_names
from dashboard.panels.cloud_overview import boxes
from dashboard.panels.cloud_overview.boxes import Box, Filled, Read
from dashboard.panels.cloud_overview.words import GIB, KINDS, ROOMS, STUCK, status_word
from dashboard.ui import registry
from dashboard.ui.bars import Bars, stacked
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import ADMIN
from dashboard.ui.templatetags.ui import size_words

EVERY_SECONDS = 30.0
"""How often an open page asks what is new; how old each answer may be is its part's matter."""
BIGGEST = 6
LISTS = ("compute-services", "network-agents", "storage-services", "hypervisors")


@require_GET
def index(request: Request) -> HttpResponse:
    """The page. Quick parts are there at once, others when they were asked before, else right after."""
    cloud = cloud_of(request)
    refusal = why_not_allowed(request, ADMIN)
    if refusal:
        raise PermissionDenied(refusal)
    return _page(request, cloud, request.GET.get("box", ""))


def _page(request: Request, cloud: Cloud, wanted: str) -> HttpResponse:
    """The page, with the box that is ``wanted`` even if it is one that comes later."""
    waiting = []
    for box in boxes.BOXES:
        if not box.offered(cloud):
            continue
        reads = None if box.is_lazy and box.slug != wanted else boxes.ask(cloud, box.offered(cloud))
        reads = reads if reads is not None else boxes.known(cloud, box.offered(cloud))
        waiting.append(filled(request, cloud, box, reads))
    as_of = datetime.now(UTC)
    context = {"boxes": waiting, **_live(request, as_of, waiting)}
    return _stamped(render(request, "cloud_overview/index.html", context), as_of)


@require_GET
def box(request: Request, slug: str) -> HttpResponse:
    """One box; without HTMX the whole page with it."""
    cloud = allowed(request)
    found = boxes.BY_SLUG.get(slug)
    if found is None or not found.offered(cloud):
        raise Http404
    if not request.htmx:
        return _page(request, cloud, slug)
    reads = boxes.ask(cloud, found.offered(cloud))
    return render(request, "cloud_overview/box.html", {"filled": filled(request, cloud, found, reads)})


@quiet
@require_GET
def live(request: Request) -> HttpResponse:
    """The boxes with anything newer than ``?since=``, or that failed; nothing (204) if there are none."""
    cloud = allowed(request)
    given = request.GET.get("since", "")
    since = int(given) if given.isdecimal() and len(given) < 16 else 0
    shown = []
    for each in boxes.BOXES:
        parts = each.offered(cloud)
        if not parts:
            continue
        # What no page asked for yet comes by itself.
        if each.is_lazy and not boxes.is_asked(cloud, parts):
            continue
        done = filled(request, cloud, each, boxes.ask(cloud, parts))
        if done.faults or (done.newest is not None and _version(done.newest) > since):
            shown.append(done)
    now = datetime.now(UTC)
    if not shown:
        return _stamped(HttpResponse(status=204), now)
    context = {"boxes": shown, **_live(request, now, shown, since)}
    return _stamped(render(request, "cloud_overview/live.html", context), now)


def allowed(request: Request) -> Cloud:
    """The cloud, for those whom its overview is for. Raises PermissionDenied."""
    reason = why_not_allowed(request, ADMIN)
    if reason:
        raise PermissionDenied(reason)
    return cloud_of(request)


def filled(request: Request, cloud: Cloud, box: Box, reads: Mapping[str, Read] | None) -> Filled:
    """A box with what its template is given."""
    url = urls_for(request, "cloud-overview:box", box.slug)
    if reads is None:
        return Filled(box, {}, url, is_waiting=True)
    if any(read.is_late for read in reads.values()):
        return Filled(box, {}, url, is_waiting=True, is_late=True)
    make = {
        "services": _services,
        "failed": _failed,
        "capacity": _capacity,
        "stuck": _stuck,
        "storage": _storage,
        "use": _use,
    }[box.slug]
    context = {**make(cloud, reads), "urls": lists(request)}
    for kind in context.get("kinds", ()):
        kind["url"] = context["urls"].get(kind["panel"], "")
    return Filled(box, reads, url, context=context)


def lists(request: Request) -> dict[str, str]:
    """Where the lists are that boxes lead to, by their panels' slugs; "" for what this installation has not."""
    return {
        slug.replace("-", "_"): urls_for(request, f"{slug}:index") if registry.panel(slug) is not None else ""
        for slug in LISTS
    }


def _value(reads: Mapping[str, Read], slug: str) -> Any:
    return reads[slug].value if slug in reads else None


def _services(cloud: Cloud, reads: Mapping[str, Read]) -> dict[str, Any]:
    found = []
    for slug, (label, panel) in KINDS.items():
        value: Services | None = _value(reads, slug)
        if value is not None:
            found.append({"label": label, "panel": panel.replace("-", "_"), "services": value})
    return {"kinds": found, "is_well": bool(found) and not any(kind["services"].down for kind in found)}


def _named(cloud: Cloud, things: Any) -> list[dict[str, Any]]:
    """Things with the names of their projects and their states in words."""
    names = project_names(cloud)
    return [
        {"thing": thing, "project": names.get(thing.project_id, ""), "word": status_word(thing.status)}
        for thing in things.things
    ]


def _failed(cloud: Cloud, reads: Mapping[str, Read]) -> dict[str, Any]:
    things = _value(reads, "failed")
    return {"things": things, "rows": _named(cloud, things) if things is not None else []}


def _stuck(cloud: Cloud, reads: Mapping[str, Read]) -> dict[str, Any]:
    groups = []
    for slug, (label, url_name, list_query) in STUCK.items():
        things = _value(reads, slug)
        if things is not None and things.count:
            groups.append(
                {
                    "slug": slug,
                    "label": label,
                    "url_name": url_name,
                    "list_name": f"{url_name.partition(':')[0]}:index",
                    "query": list_query,
                    "things": things,
                    # So many are no single troubles: their number and the list tell more.
                    "rows": [] if things.has_more else _named(cloud, things),
                }
            )
    return {"groups": groups, "is_well": not groups and any(read.fault is None for read in reads.values())}


def _capacity(cloud: Cloud, reads: Mapping[str, Read]) -> dict[str, Any]:
    value = _value(reads, "rooms")
    rooms = [_room(room) for room in value.rooms] if value is not None else []
    return {"hosts": _value(reads, "hosts"), "capacity": value, "rooms": rooms}


@dataclass(frozen=True)
class Meter:
    """How much of something is taken, as a bar and in words."""

    label: Any
    used: str
    limit: str
    share: str
    percent: int

    @property
    def tone(self) -> str:
        return "bad" if self.percent >= 95 else "warn" if self.percent >= 80 else "ok"


def _meter(label: Any, used: float, limit: float, unit: int = 0) -> Meter:
    """A meter; ``unit`` is how many bytes one is, 0 for what is counted."""
    share = min(100.0, 100 * used / limit) if limit > 0 else 100.0 if used else 0.0
    return Meter(label, _amount(used, unit), _amount(limit, unit), f"{share:.1f}", round(share))


def _amount(number: float, unit: int) -> str:
    if unit:
        return size_words(number * unit)
    return formats.number_format(round(number), 0, force_grouping=True)


def _room(room: Room) -> dict[str, Any]:
    label, unit = ROOMS.get(room.name, (room.name, 0))
    return {
        "meter": _meter(label, room.used, room.capacity, unit),
        "ratio": formats.number_format(room.ratio, 0 if room.ratio == int(room.ratio) else 2),
        "is_multiplied": room.ratio not in {0.0, 1.0},
        "total": _amount(room.total, unit),
        "reserved": _amount(room.reserved, unit) if room.reserved else "",
    }


def _storage(cloud: Cloud, reads: Mapping[str, Read]) -> dict[str, Any]:
    pools, external = _value(reads, "pools"), _value(reads, "external")
    return {
        "pools": [
            (pool, _meter(pool.name, pool.used, pool.total, GIB) if pool.total else None)
            for pool in (pools.pools if pools is not None else ())
        ],
        "pool_count": pools.total if pools is not None else 0,
        "networks": [
            (item, _meter(item.name, item.used, item.total))
            for item in (external.networks if external is not None else ())
        ],
        "network_count": external.total if external is not None else 0,
    }


def _use(cloud: Cloud, reads: Mapping[str, Read]) -> dict[str, Any]:
    value = _value(reads, "course")
    if value is None:
        return {}
    first, course = value
    names = project_names(cloud)
    now = reads["course"].at or datetime.now(UTC)
    stretches = []
    for place in range(course.stretches):
        begins = first + timedelta(days=place)
        hours = max(0.01, (min(begins + timedelta(days=1), now) - begins).total_seconds() / 3600)
        stretches.append((f"{begins:%Y-%m-%d}", [course.at(place).vcpu_hours / hours]))
    drawing: Bars = stacked(stretches)
    last = course.stretches - 1
    today = {id: parts[last] for id, parts in course.projects.items()} if last >= 0 else {}
    begins = first + timedelta(days=max(0, last))
    hours = max(0.01, (now - begins).total_seconds() / 3600)
    biggest = sorted(today.items(), key=lambda item: (-item[1].vcpu_hours, item[0]))
    most = max((amounts.vcpu_hours for _id, amounts in biggest), default=0.0) or 1.0
    rows = [
        {
            "id": id,
            "name": names.get(id, ""),
            "servers": round(amounts.hours / hours, 1),
            "vcpus": round(amounts.vcpu_hours / hours, 1),
            "ram": round(amounts.ram_hours / hours, 1),
            "share": f"{100 * amounts.vcpu_hours / most:.1f}",
        }
        for id, amounts in biggest[:BIGGEST]
        if amounts.hours > 0
    ]
    return {
        "chart": drawing,
        "rows": rows,
        "is_cut": course.is_cut,
        "first": first,
        "last": begins,
        "peak": max((bar.value for bar in drawing.bars), default=0.0),
        "about": _("vCPUs in use on average, day by day"),
    }


def _version(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _live(request: Request, now: datetime, shown: list[Filled], since: int = 0) -> dict[str, Any]:
    newest = [_version(each.newest) for each in shown if each.newest is not None]
    return {
        "is_live": True,
        "live_url": urls_for(request, "cloud-overview:live"),
        "version": max([since, *newest]),
        "as_of": now,
    }


def _stamped(response: HttpResponse, as_of: datetime) -> HttpResponse:
    response["X-Live-As-Of"] = as_of.isoformat()
    response["X-Live-Next"] = f"{EVERY_SECONDS:.1f}"
    return response
