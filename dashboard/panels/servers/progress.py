"""How far a launch is: the steps of one server, or one bar for many, and what failed in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy

from dashboard.cloud.servers import Server
from dashboard.live.operations import Operation
from dashboard.panels.servers.words import Told, fault_words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

State = Literal["done", "now", "failed", "todo"]
STEPS: tuple[tuple[StrOrPromise, frozenset[str]], ...] = (
    (gettext_lazy("Scheduling"), frozenset({"", "scheduling"})),
    (gettext_lazy("Networking"), frozenset({"networking"})),
    (gettext_lazy("Disks"), frozenset({"block_device_mapping"})),
    (gettext_lazy("Spawning"), frozenset({"spawning"})),
    (gettext_lazy("Active"), frozenset()),
)
"""The steps of a launch, and Nova's tasks in each."""
FAULTS_SHOWN = 3
WIDTH = 100


@dataclass(frozen=True)
class Step:
    label: StrOrPromise
    state: State


@dataclass(frozen=True)
class Failure:
    """A server that could not be built, and why."""

    id: str
    name: str
    told: Told


@dataclass(frozen=True)
class Progress:
    """``steps`` are those of a single server, () for several; ``seconds`` have passed since the request."""

    total: int
    active: int
    building: int
    failed: int
    steps: tuple[Step, ...] = ()
    failures: tuple[Failure, ...] = ()
    seconds: int = 0

    @property
    def active_width(self) -> int:
        """The bar's part for active servers, of WIDTH."""
        return WIDTH * self.active // max(1, self.total)

    @property
    def failed_width(self) -> int:
        return WIDTH * self.failed // max(1, self.total)

    @property
    def clock(self) -> str:
        """ "0:42": minutes and seconds."""
        return f"{self.seconds // 60}:{self.seconds % 60:02d}"


def progress_of(operation: Operation, rows: Mapping[str, Server]) -> Progress:
    """What the rows say of a launch; what they don't have yet is being scheduled, or is gone once it ended."""
    found = [(row_id, rows.get(row_id)) for row_id in operation.ids]
    outcome = operation.outcomes
    failures = tuple(
        Failure(row.id, row.name or row.id, fault_words(row))
        for _row_id, row in found
        if row is not None and row.status == "ERROR"
    )
    failed = sum(
        1 for row_id, row in found if outcome.get(row_id) == "failed" or (row is not None and row.status == "ERROR")
    )
    building = sum(
        1 for row_id, row in found if row_id not in outcome and (row is None or row.status == "BUILD" or row.task_state)
    )
    total = len(operation.ids)
    end = operation.ended_at or datetime.now(UTC)
    return Progress(
        total=total,
        active=max(0, total - building - failed),
        building=building,
        failed=failed,
        steps=_steps(found[0][1], is_over=not operation.is_running) if total == 1 else (),
        failures=failures[:FAULTS_SHOWN],
        seconds=max(0, int((end - operation.began_at).total_seconds())),
    )


def _steps(server: Server | None, *, is_over: bool) -> tuple[Step, ...]:
    task = server.task_state if server is not None else ""
    is_failed = server is not None and server.status == "ERROR"
    if server is not None and server.status not in {"BUILD", "ERROR"}:
        now = len(STEPS)
    elif is_failed:
        # A server that found no host has no zone; any other failed on a host.
        now = 3 if server is not None and (server.availability_zone or server.host) else 0
    else:
        now = next((place for place, (_label, tasks) in enumerate(STEPS) if task in tasks), 0)
    if is_over and not is_failed and server is None:
        now = len(STEPS)

    def state(place: int) -> State:
        if place == now:
            return "failed" if is_failed else "now"
        return "done" if place < now else "todo"

    return tuple(Step(label, state(place)) for place, (label, _tasks) in enumerate(STEPS))
