"""What every project used over time, for administrators: as a chart, as sums in any order, and as files."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import later
from dashboard.cloud.usage import Amounts, summed
from dashboard.cloud.usage_over_time import Course, fetch_course
from dashboard.live import cache
from dashboard.live.names import project_names
from dashboard.panels.usage.chart import BARS
from dashboard.panels.usage.span import Span, asked
from dashboard.panels.usage.views import MEASURES, as_csv, base, numbers, sliced
from dashboard.ui.bars import Bars, stacked
from dashboard.ui.errors import fault_of
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import ADMIN

SECONDS = 300
"""How old the numbers may be: of thousands of servers they take Nova a while."""
WAIT_SECONDS = 8.0
PARTS = 5
"""Projects that have a colour of their own in the chart; the others are one part."""
HEADS = ("hours", "vcpu_hours", "ram_gib_hours", "disk_gib_hours")


@dataclass(frozen=True)
class Row:
    """A project with its sums. ``part`` is its colour in the chart, 0 for the others' one."""

    id: str
    name: str
    amounts: Amounts
    percent: float = 0.0
    part: int = 0

    @property
    def label(self) -> str:
        return self.name or self.id


@require_GET
def projects(request: Request) -> HttpResponse:
    """The page; with ``?format=csv`` the sums as a file, ``by=day`` day by day; ``?project=`` narrows it to one."""
    cloud, span = cloud_of(request), asked(request.GET)
    reason = why_not_allowed(request, ADMIN)
    if reason:
        raise PermissionDenied(reason)
    measure = request.GET.get("measure", "")
    measure = measure if measure in MEASURES else "vcpu"
    wanted = request.GET.get("project", "")[:64]
    sort = request.GET.get("sort", "")
    sort = sort if sort.lstrip("-") in {"name", *MEASURES} else f"-{measure}"
    given = {"project": wanted} if wanted else {}
    here = urls_for(request, "usage:projects")
    context = base(request, span, measure) | {
        "here": here,
        "sort": sort,
        "kept": given,
        "query": f"{span.query}&{urlencode({**given, 'measure': measure})}",
    }
    days = _days(span, is_file=request.GET.get("by") == "day")
    rows: list[Row] = []
    course = Course({}, 0)
    names = project_names(cloud)
    try:
        # A page does not wait for Nova to count thousands of servers: it says so, and finds the answer the next time.
        limit = None if request.GET.get("format") else WAIT_SECONDS
        asked_for = functools.partial(_course, cloud, span, days)
        course, context["as_of"] = later(asked_for, seconds=limit).value if limit else asked_for()
    except Unauthorized:
        raise
    except CloudError as error:
        context["fault"] = fault_of(error, cloud)
    else:
        rows = _rows(course, names, measure, wanted)
        context |= {"total": summed(row.amounts for row in rows), "is_cut": course.is_cut}
        if request.GET.get("format") == "csv":
            return _file(course, rows, span, days, is_by_day=request.GET.get("by") == "day")
    page = sliced(_sorted(rows, sort), request.GET.get("page", ""))
    context |= {
        "page": page,
        "headings": _headings(context["query"], here, sort),
        "narrowed": next(iter(rows), Row(wanted, names.get(wanted, ""), Amounts())) if wanted else None,
        "chart": _chart(course, rows, span, days, measure) if rows else None,
        "days": days,
        "shown": [row for row in rows if row.part],
        "others": sum(1 for row in rows if not row.part),
    }
    return render(request, "usage/projects.html", context)


def _days(span: Span, *, is_file: bool) -> int:
    """Days of one stretch: one, or more where there are too many to draw."""
    total = (span.last - span.first).days + 1
    return 1 if is_file else -(-total // BARS)


def _course(cloud: Cloud, span: Span, days: int) -> tuple[Course, datetime | None]:
    """What is known of the span, and since when; all administrators share it. Raises CloudError."""

    def fetch() -> dict[str, Any]:
        return {"at": datetime.now(UTC).isoformat(), **fetch_course(cloud, span.start, span.end, days)}

    found: dict[str, Any] = cache.cached(cloud, f"usage-course:{span.first}:{span.last}:{days}", SECONDS, fetch)
    return Course.from_json(found), wire.moment(found["at"])


def _rows(course: Course, names: Mapping[str, str], measure: str, wanted: str) -> list[Row]:
    """The projects with their sums, those with most of what is shown first."""
    field = MEASURES[measure][0]
    ids = [wanted] if wanted in course.projects else [] if wanted else list(course.projects)
    sums = {id: course.total(id) for id in ids}
    whole = sum(getattr(amounts, field) for amounts in sums.values()) or 1.0
    ordered = sorted(sums.items(), key=lambda item: (-getattr(item[1], field), names.get(item[0], ""), item[0]))
    return [
        Row(id, names.get(id, ""), amounts, 100 * getattr(amounts, field) / whole, place if place <= PARTS else 0)
        for place, (id, amounts) in enumerate(ordered, 1)
        if amounts.hours > 0
    ]


def _sorted(rows: Sequence[Row], sort: str) -> list[Row]:
    key, is_descending = sort.lstrip("-"), sort.startswith("-")
    if key == "name":
        return sorted(rows, key=lambda row: (row.label.casefold(), row.id), reverse=is_descending)
    field = MEASURES[key][0]
    return sorted(rows, key=lambda row: (getattr(row.amounts, field), row.id), reverse=is_descending)


def _headings(query: str, here: str, sort: str) -> list[dict[str, Any]]:
    """The columns, each with where its order is to be had."""
    found = []
    for key, label in (("name", _("Project")), *((key, label) for key, (_field, label) in MEASURES.items())):
        first = key if key == "name" else f"-{key}"
        other = f"-{key}" if key == "name" else key
        order = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
        found.append(
            {
                "label": label,
                "url": f"{here}?{query}&sort={other if sort == first else first}",
                "order": order,
                "is_numeric": key != "name",
            }
        )
    return found


def _chart(course: Course, rows: Sequence[Row], span: Span, days: int, measure: str) -> Bars:
    """A bar for each stretch: the projects with colours, and all others together on top."""
    field = MEASURES[measure][0]
    named = [row for row in rows if row.part]
    rest = [row for row in rows if not row.part]
    stretches = []
    for place in range(course.stretches):
        values = [float(getattr(course.projects[row.id][place], field)) for row in named]
        other = sum(float(getattr(course.projects[row.id][place], field)) for row in rest)
        stretches.append((f"{span.start + timedelta(days=place * days):%Y-%m-%d}", [*values, other]))
    return stacked(stretches)


def _file(course: Course, rows: Sequence[Row], span: Span, days: int, *, is_by_day: bool) -> HttpResponse:
    """The sums of each project, or of each project and day, as CSV."""
    name = f"usage-projects-{'by-day-' if is_by_day else ''}{span.first}-{span.last}.csv"
    if not is_by_day:
        sums = [(row.id, row.name, *numbers(row.amounts)) for row in rows]
        return as_csv(("project_id", "project", *HEADS), sums, name)
    found = [
        (f"{span.start + timedelta(days=place * days):%Y-%m-%d}", row.id, row.name, *numbers(amounts))
        for place in range(course.stretches)
        for row in rows
        if (amounts := course.projects[row.id][place]).hours > 0
    ]
    return as_csv(("day", "project_id", "project", *HEADS), found, name)
