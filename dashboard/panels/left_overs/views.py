"""The page of what nothing uses, and its clean-up: it says what will go, and then what went."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.cloud.left_overs import PATHS, Found, LeftOver, delete_left_over, list_left_overs
from dashboard.cloud.parallel import Later, in_turn
from dashboard.ui.errors import fault_of, told
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.values import Link

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

MOST_AT_ONCE = 100
KINDS: dict[str, tuple[StrOrPromise, StrOrPromise, str]] = {
    "floating-ip": (
        gettext_lazy("Floating IPs"),
        gettext_lazy("They lead to no port, and use up quota. The address may not come back."),
        "floating-ips:detail",
    ),
    "port": (gettext_lazy("Ports"), gettext_lazy("No server or service has them."), "ports:detail"),
    "router": (gettext_lazy("Routers"), gettext_lazy("They have no interface on any network."), "routers:detail"),
    "network": (
        gettext_lazy("Networks"),
        gettext_lazy("Nothing is on them; their subnets go along."),
        "networks:detail",
    ),
    "security-group": (
        gettext_lazy("Security groups"),
        gettext_lazy("No port has them, and no other group's rules name them."),
        "security-groups:detail",
    ),
}
"""Title, why they are here, and the address of their pages, by kind."""


@dataclass(frozen=True)
class Row:
    """One left-over with the link to its page."""

    item: LeftOver
    link: Link

    @property
    def value(self) -> str:
        return f"{self.item.kind}:{self.item.id}"


@dataclass(frozen=True)
class Section:
    """The left-overs of one kind."""

    kind: str
    title: StrOrPromise
    why: StrOrPromise
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Result:
    """What became of one."""

    item: LeftOver
    error: str = ""


def sections(items: tuple[LeftOver, ...]) -> list[Section]:
    """The left-overs by kind."""
    found = []
    for kind, (title, why, url) in KINDS.items():
        rows = tuple(Row(item, Link(item.name, url, item.id)) for item in items if item.kind == kind)
        if rows:
            found.append(Section(kind, title, why, rows))
    return found


@require_GET
def index(request: Request) -> HttpResponse:
    """The page."""
    cloud = cloud_of(request)
    context: dict[str, Any] = {"why_not": why_not_allowed(request, MEMBER), "here": request.path}
    try:
        found = list_left_overs(cloud)
        context |= {"sections": sections(found.items), "is_cut": found.is_cut}
    except Unauthorized:
        raise
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
    return render(request, "left_overs/index.html", context)


@require_POST
def delete(request: Request) -> HttpResponse:
    """First what will go; with ``sure``, what went and what did not."""
    if why_not := why_not_allowed(request, MEMBER):
        raise PermissionDenied(why_not)
    cloud = cloud_of(request)
    wanted = set(request.POST.getlist("item")[:MOST_AT_ONCE])
    try:
        found: Found = list_left_overs(cloud)
    except Unauthorized:
        raise
    except CloudError as error:
        return render(request, "left_overs/index.html", {"fault": fault_of(error, cloud), "here": request.path})
    # What came to be used since the page was shown is no left-over any more.
    items = [item for item in found.items if f"{item.kind}:{item.id}" in wanted]
    context: dict[str, Any] = {"items": items, "used": len(wanted) - len(items)}
    if "sure" not in request.POST or not items:
        return render(request, "left_overs/sure.html", context)
    results = []
    for kind in PATHS:
        of_kind = [item for item in items if item.kind == kind]
        calls = [functools.partial(delete_left_over, cloud, kind=kind, id=item.id) for item in of_kind]
        for item, outcome in zip(of_kind, in_turn(calls), strict=True):
            results.append(Result(item, _why_not(outcome)))
    context |= {"results": results, "done": sum(not result.error for result in results)}
    return render(request, "left_overs/done.html", context)


def _why_not(outcome: Later[None]) -> str:
    """Why it is still there; "" if it is gone."""
    try:
        outcome.wait()
    except NotFound:
        return ""
    except CloudError as error:
        return told(error)
    return ""
