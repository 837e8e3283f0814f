"""Usage: what the project's servers used in a time span, in numbers, as a chart, for each server, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.usage import Amounts, ServerUsage, get_usage
from dashboard.panels.usage.chart import chart
from dashboard.panels.usage.span import Span, asked, presets, today
from dashboard.ui.bars import HEIGHT, WIDTH
from dashboard.ui.errors import fault_of
from dashboard.ui.export import safe_cell
from dashboard.ui.panel import ADMIN

R = TypeVar("R")
PAGE = 50
MEASURES: dict[str, tuple[Any, Any]] = {
    "vcpu": ("vcpu_hours", gettext_lazy("vCPU-hours")),
    "ram": ("ram_hours", gettext_lazy("Memory, GiB-hours")),
    "disk": ("disk_hours", gettext_lazy("Disk, GiB-hours")),
    "servers": ("hours", gettext_lazy("Server-hours")),
}


@dataclass(frozen=True)
class Slice(Generic[R]):
    """One page of rows that are all at hand."""

    rows: Sequence[R]
    number: int
    last: int
    total: int

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def following(self) -> int:
        return self.number + 1 if self.number < self.last else 0


def sliced(rows: Sequence[R], asked_for: str) -> Slice[R]:
    """The page that was asked for, or the nearest that there is."""
    last = max(1, -(-len(rows) // PAGE))
    number = min(last, max(1, int(asked_for))) if asked_for.isdecimal() and len(asked_for) < 6 else 1
    return Slice(rows[(number - 1) * PAGE : number * PAGE], number, last, len(rows))


def base(request: Request, span: Span, measure: str) -> dict[str, Any]:
    return {
        "span": span,
        "today": today(),
        "presets": presets(span),
        "measure": measure,
        "measures": [(key, label) for key, (_field, label) in MEASURES.items()],
        "measure_label": MEASURES[measure][1],
        "index_url": urls_for(request, "usage:index"),
        "projects_url": urls_for(request, "usage:projects") if cloud_of(request).has_role(*ADMIN) else "",
        "total": Amounts(),
        "fault": None,
        "is_cut": False,
    }


@require_GET
def index(request: Request) -> HttpResponse:
    """The page, or with ``?format=csv`` the servers as a file."""
    cloud, span = cloud_of(request), asked(request.GET)
    measure = request.GET.get("measure", "")
    measure = measure if measure in MEASURES else "vcpu"
    field = MEASURES[measure][0]
    context = base(request, span, measure) | {"here": urls_for(request, "usage:index")}
    servers: list[ServerUsage] = []
    try:
        usage = get_usage(cloud, span.start, span.end)
        # What counts most comes first.
        servers = sorted(usage.servers, key=lambda item: (-getattr(item, field), item.name, item.id))
        context |= {"total": usage.total, "is_cut": usage.is_cut}
    except Unauthorized:
        raise
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
    if request.GET.get("format") == "csv" and context["fault"] is None:
        return _file(servers, span)
    context |= {
        "page": sliced(servers, request.GET.get("page", "")),
        "chart": chart(servers, span, field),
        "width": WIDTH,
        "height": HEIGHT,
    }
    return render(request, "usage/index.html", context)


def numbers(item: Any) -> tuple[float, ...]:
    return tuple(round(getattr(item, field), 4) for field in ("hours", "vcpu_hours", "ram_hours", "disk_hours"))


def _file(servers: Iterable[ServerUsage], span: Span) -> HttpResponse:
    heads = ("id", "name", "flavor", "state", "vcpus", "ram_mib", "disk_gib", "started", "ended")
    sums = ("hours", "vcpu_hours", "ram_gib_hours", "disk_gib_hours")
    rows = [
        (
            item.id,
            item.name,
            item.flavor,
            item.state,
            item.vcpus,
            item.ram,
            item.disk,
            item.started.isoformat() if item.started else "",
            item.ended.isoformat() if item.ended else "",
            *numbers(item),
        )
        for item in servers
    ]
    return as_csv((*heads, *sums), rows, f"usage-{span.first}-{span.last}.csv")


def as_csv(heads: Iterable[str], rows: Iterable[Iterable[Any]], name: str) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
