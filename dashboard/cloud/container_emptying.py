"""Emptying a container, and deleting it then if that is wanted, in steps that may each be repeated.

Nothing needs to be remembered but what is in ``Emptying``: what is gone already is not listed any more, or found gone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import bulk_delete, swift, transport, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, NotFound, Unauthorized, Unavailable
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.swift import path_of

SEGMENTS = "_segments"
"""How the container is called that the segments of another's large objects are in, by a custom of all clients."""
BUDGET = 6.0
"""Seconds of one step."""
FEW = 10
"""Objects that are deleted one by one rather than by a list."""
LEAST, MOST = 100, 1000
"""Names of one list: as many as are gone within a second or so."""
ROUNDS = 3
"""How often it is looked again for what came meanwhile, or was listed late."""
KEPT = 100
"""Failures that are kept by name."""
PHASES = ("objects", "segments", "delete")


@dataclass
class Emptying:
    """How far it is. ``from_facts`` and ``to_facts`` are what is stored of it."""

    container: str
    total: int = 0
    """Objects in it when it began, as far as Swift knew."""
    with_versions: bool = False
    with_segments: bool = False
    then_delete: bool = False
    phase: str = PHASES[0]
    deleted: int = 0
    failed: int = 0
    failures: list[list[str]] = field(default_factory=list)
    """Names, and what Swift said."""
    marker: str = ""
    version: str = ""
    rounds: int = 0
    batch: int = LEAST
    why: str = ""
    """Why the container itself could not be deleted."""
    is_gone: bool = False
    is_stopped: bool = False

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Emptying:
        return cls(**facts)

    def to_facts(self) -> dict[str, Any]:
        return dict(self.__dict__)

    @property
    def is_over(self) -> bool:
        return self.phase == "over"

    @property
    def is_done(self) -> bool:
        """Whether all of it went well."""
        return self.is_over and not self.failed and not self.why and not self.is_stopped

    @property
    def percent(self) -> int:
        """Of what there was when it began; more may have come."""
        return min(100, round(100 * (self.deleted + self.failed) / self.total)) if self.total else 0

    def next_phase(self) -> None:
        after = PHASES.index(self.phase) + 1
        self.phase = PHASES[after] if after < len(PHASES) else "over"
        self.marker = self.version = ""

    def fail(self, name: str, why: str) -> None:
        """Writes down that an object is still there."""
        self.failed += 1
        if len(self.failures) < KEPT:
            self.failures.append([name, why[:200]])

    def stop(self) -> None:
        """Goes on no more."""
        self.phase, self.is_stopped = "over", True

    def give_up(self, why: str) -> None:
        """Goes on no more: asked again, Swift would refuse again."""
        self.phase, self.why = "over", why


def is_rehearsal() -> bool:
    """Whether it is only to be shown what would be sent."""
    return transport.dry.get() is not None


def step(cloud: Cloud, work: Emptying, *, seconds: float = BUDGET) -> None:
    """Goes on for some seconds. Raises CloudError where a service does not do its part; what it refuses is kept."""
    ends = time.monotonic() + seconds
    while not work.is_over and time.monotonic() < ends:
        if work.phase == "objects":
            _objects(cloud, work)
        elif work.phase == "segments":
            _segments(cloud, work)
        else:
            _delete(cloud, work)


def _objects(cloud: Cloud, work: Emptying) -> None:
    try:
        _some(cloud, work, work.container, with_versions=work.with_versions)
    except NotFound:
        # Somebody else deleted it meanwhile.
        work.is_gone = True
        work.next_phase()


def _segments(cloud: Cloud, work: Emptying) -> None:
    if not work.with_segments:
        work.next_phase()
        return
    name = work.container + SEGMENTS
    try:
        _some(cloud, work, name, with_versions=False)
        if work.phase != "segments":
            swift.send(cloud, "DELETE", path_of(name))
    except NotFound:
        if work.phase == "segments":
            work.next_phase()
    except Conflict as error:
        work.why = error.message


def _delete(cloud: Cloud, work: Emptying) -> None:
    """The container itself. Where something is in it still, it is looked again a few times."""
    if not work.then_delete:
        work.next_phase()
        return
    try:
        swift.send(cloud, "DELETE", path_of(work.container))
    except NotFound:
        work.is_gone = True
    except Conflict as error:
        work.rounds += 1
        if work.rounds < ROUNDS and not work.failed:
            work.phase = PHASES[0]
            return
        work.why = error.message or "409"
    except (Unauthorized, Unavailable):
        raise
    except CloudError as error:
        work.why = error.message or str(error.status)
    else:
        work.is_gone = True
    work.next_phase()


def _some(cloud: Cloud, work: Emptying, container: str, *, with_versions: bool) -> None:
    """Deletes the next objects of a container; after the last, the next phase has come."""
    params: dict[str, Any] = {"marker": work.marker or None}
    if with_versions:
        params |= {"versions": "true", "version_marker": work.version or None}
    found, _headers = swift.listing(cloud, path_of(container), limit=work.batch, **params)
    names = [wire.text(item.get("name")) for item in found]
    began = time.monotonic()
    if with_versions:
        versions = [wire.text(item.get("version_id")) for item in found]
        _one_by_one(cloud, work, container, list(zip(names, versions, strict=True)))
    elif (len(names) <= FEW and not swift.DOTS.intersection(names)) or not bulk_delete.is_offered(cloud):
        _one_by_one(cloud, work, container, [(name, "") for name in names])
    else:
        _listed(cloud, work, container, [name for name in names if bulk_delete.can_list(cloud, name)])
        _one_by_one(cloud, work, container, [(name, "") for name in names if not bulk_delete.can_list(cloud, name)])
    took = time.monotonic() - began
    is_last = len(found) < work.batch
    if took < 1:
        work.batch = min(work.batch * 2, MOST)
    elif took > 3:
        work.batch = max(work.batch // 2, LEAST)
    if is_last:
        work.next_phase()
        return
    work.marker = names[-1]
    work.version = wire.text(found[-1].get("version_id")) if with_versions else ""


def _listed(cloud: Cloud, work: Emptying, container: str, names: Sequence[str]) -> None:
    for name, error in bulk_delete.delete_listed(cloud, container, names).items():
        if error is None:
            work.deleted += 1
        else:
            work.fail(name, error.message or str(error.status))


def _one_by_one(cloud: Cloud, work: Emptying, container: str, items: Sequence[tuple[str, str]]) -> None:
    """For few, or for versions, which no list can name."""

    def delete(name: str, version: str) -> None:
        try:
            swift.send(cloud, "DELETE", path_of(container, name), params={"version-id": version or None})
        except NotFound:
            return

    def one(item: tuple[str, str]) -> Any:
        return lambda: delete(*item)

    # In order where they are few: then what would be sent can be shown.
    for item, outcome in zip(items, in_turn(map(one, items), at_once=4 if len(items) > FEW else 1), strict=True):
        outcome.or_else(None)
        error = outcome.error
        if error is None:
            work.deleted += 1
        elif isinstance(error, Unauthorized | Unavailable) and error.status != 500:
            raise error
        else:
            # A 500 is about this object, and would be all day: the others still go.
            work.fail(item[0], error.message or str(error.status))


def segments_in(cloud: Cloud, container: str) -> int:
    """How many segments of large objects there are for a container; 0 where there is none or it can't be known."""
    try:
        response = swift.send(cloud, "HEAD", path_of(container + SEGMENTS))
    except CloudError:
        return 0
    return wire.number(swift.headers_of(response).get("x-container-object-count"))
