"""What every project used, stretch by stretch of a time span: out of the servers that Nova tells of, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.cloud import usage, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.usage import MIB, Amounts, ServerUsage, summed

JSON = dict[str, Any]


@dataclass(frozen=True)
class Course:
    """The amounts of each project in each stretch. ``is_cut``: there are more servers than are read."""

    projects: Mapping[str, tuple[Amounts, ...]]
    stretches: int
    is_cut: bool = False

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Course:
        projects = {id: tuple(Amounts(*part) for part in parts) for id, parts in item["projects"].items()}
        return cls(projects, item["stretches"], item["is_cut"])

    def total(self, project_id: str) -> Amounts:
        """What one project used altogether."""
        return summed(self.projects.get(project_id, ()))

    def at(self, place: int) -> Amounts:
        """What all of them used in one stretch."""
        return summed(parts[place] for parts in self.projects.values())


def fetch_course(cloud: Cloud, start: datetime, end: datetime, days: int = 1) -> JSON:
    """Every project's use, in stretches of so many days: one request for each thousand servers. Raises CloudError."""
    step = timedelta(days=days)
    count = max(1, -(-int((end - start).total_seconds()) // int(step.total_seconds())))
    bounds = [start + step * place for place in range(count)] + [end]
    sums: dict[str, list[list[float]]] = {}
    is_cut = False
    for body, has_rest in usage.detailed_pages(cloud, start, end):
        if not isinstance(body.get("tenant_usages"), list):
            raise BadAnswer("There is no list of usages in the answer.", service=usage.SERVICE)
        for item in wire.objects(body["tenant_usages"]):
            id = wire.text(item.get("tenant_id"))
            if not id:
                continue
            rows = sums.setdefault(id, [[0.0] * 4 for _place in range(count)])
            for server in wire.objects(item.get("server_usages")):
                _add(rows, ServerUsage.from_json(server), bounds, step)
        is_cut = has_rest
    rounded = {id: [[round(part, 4) for part in row] for row in rows] for id, rows in sums.items()}
    return {"projects": rounded, "stretches": count, "is_cut": is_cut}


def _add(rows: list[list[float]], server: ServerUsage, bounds: Sequence[datetime], step: timedelta) -> None:
    """Adds a server's hours to the stretches that it ran in, and to no others."""
    if server.started is None:
        return
    begin, end = max(bounds[0], server.started), min(bounds[-1], server.ended or bounds[-1])
    if end <= begin:
        return
    place = int((begin - bounds[0]) / step)
    while place < len(rows) and bounds[place] < end:
        hours = (min(end, bounds[place + 1]) - max(begin, bounds[place])).total_seconds() / 3600
        row = rows[place]
        for index, size in enumerate((1, server.vcpus, server.ram / MIB, server.disk)):
            row[index] += max(0.0, hours) * size
        place += 1
