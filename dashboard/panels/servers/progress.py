"""How far a launch is: the steps of one server, or one bar for many, and what failed in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy

from dashboard.cloud.servers import Server
from dashboard.live.operations import Operation
from dashboard.panels.servers.launch_address import Word
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
    address: Word | None = None
    """What is to be told of the floating IP that was asked for with it."""

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


def progress_of(operation: Operation, rows: Mapping[str, Server], address: Word | None = None) -> Progress:
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
        address=address,
    )


FAILED: tuple[tuple[str, int], ...] = (
    (r"no valid host|not enough hosts|host .*(not found|is not mapped|disabled)|no such zone", 0),
    (r"\bport\b|network|fixed ip|no more ip|address|binding failed|security group|vif", 1),
    (r"volume|block device|cinder|snapshot|did not finish being created", 2),
    (r"exhausted all hosts|build(ing)? failures?|re-?scheduled|image|disk|hypervisor|libvirt|guest|spawn", 3),
)
"""What Nova's fault speaks of, and the step that it happened in; the first that fits."""


def failed_step(server: Server) -> int:
    """The step that a server failed in: by the words of its fault, else by how far it got.

    Nova takes a server off its host again when building failed on all of them, so having no host
    does not say that none was found.
    """
    message = server.fault.message.lower() if server.fault is not None else ""
    for pattern, place in FAILED:
        if re.search(pattern, message):
            return place
    # A server that found no host has no zone; any other failed on a host.
    return 3 if server.availability_zone or server.host or message else 0


def _steps(server: Server | None, *, is_over: bool) -> tuple[Step, ...]:
    task = server.task_state if server is not None else ""
    is_failed = server is not None and server.status == "ERROR"
    if server is not None and server.status not in {"BUILD", "ERROR"}:
        now = len(STEPS)
    elif is_failed:
        now = failed_step(server) if server is not None else 0
    else:
        now = next((place for place, (_label, tasks) in enumerate(STEPS) if task in tasks), 0)
    if is_over and not is_failed and server is None:
        now = len(STEPS)

    def state(place: int) -> State:
        if place == now:
            return "failed" if is_failed else "now"
        return "done" if place < now else "todo"

    return tuple(Step(label, state(place)) for place, (label, _tasks) in enumerate(STEPS))
