"""Taking a project down: it is disabled first, what it holds goes in order, and it is deleted last if that is wanted.

The work is done in small steps that may each be repeated: what is gone already is done, and what an interrupted step
had asked for is found by looking. So nothing has to be remembered but what is written in ``Teardown``.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboard.cloud import quotas, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Invalid, NotFound, Unauthorized, Unavailable
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.project_contents import BY_KEY, KINDS, Thing, list_contents

State = Literal["waiting", "asked", "gone", "failed"]

BUDGET = 6.0
"""Seconds of one step."""
TRIES = 8
"""How often something is tried that is busy, or whose service is."""
PATIENCE = 240.0
"""Seconds that things of one kind may take to go after they were asked to."""
ROUNDS = 3
"""How often it is looked again for what came while the rest went."""
PHASES = ("disable", *(kind.key for kind in KINDS), "look", "quotas", "project")


@dataclass
class Item:
    """One of the things, and how far it is; ``why`` is what the service said where it failed."""

    kind: str
    id: str
    name: str
    state: State = "waiting"
    why: str = ""
    tries: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in {"gone", "failed"}


@dataclass
class Teardown:
    """How far a teardown is. ``from_facts`` and ``to_facts`` are what is stored of it."""

    project_id: str
    project_name: str
    is_deleted_last: bool
    items: list[Item] = field(default_factory=list)
    phase: str = PHASES[0]
    since: float = 0.0
    """When the phase began."""
    rounds: int = 0
    is_disabled: bool = False
    steps: dict[str, str] = field(default_factory=dict)
    """What became of the project itself: "disable", "quotas", "project" to "" (done) or what was said."""

    @classmethod
    def of(cls, project_id: str, name: str, things: Sequence[Thing], *, is_deleted_last: bool) -> Teardown:
        """Before it began. What can't be deleted as it is has failed already."""
        items = [
            Item(thing.kind, thing.id, thing.name, "failed" if thing.why_not else "waiting", thing.why_not)
            for thing in things
        ]
        return cls(project_id, name, is_deleted_last, items)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Teardown:
        items = [Item(*values) for values in wire.listing(facts.get("items"))]
        return cls(**{**facts, "items": items})

    def to_facts(self) -> dict[str, Any]:
        items = [[item.kind, item.id, item.name, item.state, item.why, item.tries] for item in self.items]
        return {**self.__dict__, "items": items}

    @property
    def is_over(self) -> bool:
        return self.phase == "over"

    @property
    def failed(self) -> list[Item]:
        return [item for item in self.items if item.state == "failed"]

    @property
    def gone(self) -> int:
        return sum(item.state == "gone" for item in self.items)

    @property
    def is_done(self) -> bool:
        """Whether all of it went well."""
        return self.is_over and not self.failed and not any(self.steps.values())

    def next_phase(self) -> None:
        after = PHASES.index(self.phase) + 1
        self.phase = PHASES[after] if after < len(PHASES) else "over"
        self.since = time.time()


def step(cloud: Cloud, work: Teardown) -> None:
    """Goes on for some seconds. Raises Unauthorized; what else fails is written down."""
    ends = time.monotonic() + BUDGET
    work.since = work.since or time.time()
    while not work.is_over and time.monotonic() < ends:
        if not _phase(cloud, work, ends):
            # Nothing to do but to wait.
            return


def _phase(cloud: Cloud, work: Teardown, ends: float) -> bool:
    """One phase, or a part of it. False if it has to wait for the cloud."""
    if work.phase == "disable":
        return _disable(cloud, work)
    if work.phase == "look":
        return _look(cloud, work)
    if work.phase == "quotas":
        return _quotas(cloud, work)
    if work.phase == "project":
        return _project(cloud, work)
    mine = [item for item in work.items if item.kind == work.phase and not item.is_over]
    if not mine:
        work.next_phase()
        return True
    return _things(cloud, work, mine, ends)


def _disable(cloud: Cloud, work: Teardown) -> bool:
    path = f"/projects/{wire.path_id(work.project_id)}"
    try:
        cloud.patch("identity", path, {"project": {"enabled": False}})
        work.is_disabled = True
        work.steps["disable"] = ""
    except Unauthorized:
        raise
    except CloudError as error:
        # Nothing is deleted while new things may be made.
        work.steps["disable"] = error.message or type(error).__name__
        work.phase = "over"
        return False
    work.next_phase()
    return True


def _things(cloud: Cloud, work: Teardown, mine: list[Item], ends: float) -> bool:
    """Asks for the deletion of those that wait, and looks which of the others are gone."""
    kind = BY_KEY[work.phase]
    waiting = [item for item in mine if item.state == "waiting"]
    calls = [functools.partial(_delete, cloud, item, ends) for item in waiting]
    for item, outcome in zip(waiting, in_turn(calls, seconds=35), strict=True):
        sent = outcome.or_else(False)
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        if outcome.error is None and sent:
            item.state = "asked" if kind.is_slow else "gone"
        elif isinstance(outcome.error, NotFound):
            item.state = "gone"
        elif outcome.error is not None:
            _refused(item, outcome.error)
    asked = [item for item in mine if item.state == "asked"]
    if asked:
        _look_after(cloud, work, asked)
    return not any(not item.is_over for item in mine)


def _delete(cloud: Cloud, item: Item, ends: float) -> bool:
    if time.monotonic() > ends:
        return False
    BY_KEY[item.kind].delete(cloud, item.id)
    return True


def _refused(item: Item, error: CloudError) -> None:
    """What is busy, or hangs on something that is about to go, is tried again; what is forbidden is not."""
    item.tries += 1
    item.why = error.message or type(error).__name__
    if not isinstance(error, Conflict | Invalid | Unavailable) or item.tries >= TRIES:
        item.state = "failed"


def _look_after(cloud: Cloud, work: Teardown, asked: list[Item]) -> None:
    try:
        there = {thing.id: thing.detail for thing in BY_KEY[work.phase].list(cloud, work.project_id)}
    except Unauthorized:
        raise
    except CloudError:
        # It is looked again with the next step.
        there = None
    is_late = time.time() - work.since > PATIENCE
    for item in asked:
        state = "" if there is None else there.get(item.id)
        if state is None:
            item.state, item.why = "gone", ""
        elif is_late:
            item.state, item.why = "failed", state
        elif state.lower() == "soft_deleted":
            # Nova keeps it for a while: now it is deleted for good.
            item.state = "waiting"
        elif state.lower().startswith("error") and item.kind != "server":
            # Cinder says so of what it could not delete; a server may have been in error before, too.
            item.tries += 1
            item.state, item.why = ("failed" if item.tries >= TRIES else "asked"), state


def _look(cloud: Cloud, work: Teardown) -> bool:
    """Whether something came while the rest went: a server that was being built, say."""
    work.rounds += 1
    known = {(item.kind, item.id) for item in work.items}
    # Neutron makes the group "default" anew whenever a project's groups are asked for.
    found = list_contents(cloud, work.project_id, without=("security-group",))
    more = [thing for thing in found.things if (thing.kind, thing.id) not in known]
    if found.errors and work.rounds < ROUNDS:
        return False
    if more and work.rounds < ROUNDS:
        work.items += Teardown.of("", "", more, is_deleted_last=False).items
        work.phase, work.since = KINDS[0].key, time.time()
        return True
    if more or found.errors:
        work.items += [Item(thing.kind, thing.id, thing.name, "failed") for thing in more]
        work.steps["look"] = "; ".join(error.message for error in found.errors.values()) or "new"
    work.next_phase()
    return True


def _quotas(cloud: Cloud, work: Teardown) -> bool:
    """What was allowed to the project is forgotten, if it is to go."""
    if work.is_deleted_last and not work.failed and not work.steps.get("look"):
        for service in quotas.offered(cloud):
            try:
                quotas.reset_quotas(cloud, service, work.project_id)
            except Unauthorized:
                raise
            except CloudError:
                # A left-over number harms nobody: the project's id is never used again.
                continue
        work.steps["quotas"] = ""
    work.next_phase()
    return True


def _project(cloud: Cloud, work: Teardown) -> bool:
    if work.is_deleted_last and not work.failed and not work.steps.get("look"):
        try:
            cloud.delete("identity", f"/projects/{wire.path_id(work.project_id)}")
            work.steps["project"] = ""
        except NotFound:
            work.steps["project"] = ""
        except Unauthorized:
            raise
        except CloudError as error:
            work.steps["project"] = error.message or type(error).__name__
    work.next_phase()
    return True
