"""What a person set going, and how far it is: "Stopping 40 servers: 12 done"."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from dashboard.cloud.connection import Cloud
from dashboard.live import watch
from dashboard.live.mirror import Mirror
from dashboard.live.store import Away, guarded

State = Literal["running", "done", "failed", "unknown"]

DAY = 24 * 3600
KEPT = 50
"""Operations remembered per person and scope."""
SETTLE_SECONDS = 2.0
"""A row at rest counts as done once it was seen this long after the request: before, it may not have begun."""
SHOWN_SECONDS = 8
"""An operation that succeeded leaves the list so long after its end."""
LOST_SECONDS = 15 * 60
"""What nobody could watch for this long is unknown."""


@dataclass(frozen=True)
class Operation:
    """Something that was asked of one or more resources.

    ``outcomes`` maps ids to "done" or "failed", for those that came to an end.
    """

    id: str
    verb: str
    kind: str
    ids: tuple[str, ...]
    label: str
    url: str
    began_at: datetime
    outcomes: Mapping[str, str] = field(default_factory=dict)
    state: State = "running"
    ended_at: datetime | None = None
    message: str = ""
    """What went wrong, in the service's words; text, never markup."""
    name: str = ""
    """What it is done to, where that is one thing: ``verb`` and this are worded when they are shown."""

    @property
    def total(self) -> int:
        return len(self.ids)

    @property
    def done(self) -> int:
        """How many came to an end, well or not."""
        return len(self.outcomes)

    @property
    def failed(self) -> int:
        return sum(outcome == "failed" for outcome in self.outcomes.values())

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.ids else 100

    @property
    def is_shown(self) -> bool:
        """Whether a list still has something to say of it: while it runs, when it failed, and for a moment after."""
        if self.state == "done":
            return (datetime.now(UTC) - (self.ended_at or self.began_at)).total_seconds() < SHOWN_SECONDS
        return self.state in {"running", "failed"}

    @property
    def templates(self) -> tuple[str, str]:
        """What shows it: the kind's own template where there is one, else the general one."""
        return (f"{self.kind}/operation.html", "ui/operation.html")

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "verb": self.verb,
            "kind": self.kind,
            "ids": list(self.ids),
            "label": self.label,
            "url": self.url,
            "began": self.began_at.timestamp(),
            "outcomes": dict(self.outcomes),
            "state": self.state,
            "message": self.message,
            "name": self.name,
            "ended": self.ended_at.timestamp() if self.ended_at else None,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Operation:
        return cls(
            id=body["id"],
            verb=body["verb"],
            kind=body["kind"],
            ids=tuple(body["ids"]),
            label=body["label"],
            url=body["url"],
            began_at=datetime.fromtimestamp(body["began"], UTC),
            outcomes=body["outcomes"],
            state=body["state"],
            message=body.get("message", ""),
            name=body.get("name", ""),
            ended_at=datetime.fromtimestamp(body["ended"], UTC) if body.get("ended") else None,
        )


def begin(
    person_id: str,
    cloud: Cloud,
    *,
    verb: str,
    kind: str,
    ids: Iterable[str],
    label: str,
    url: str = "",
    name: str = "",
) -> Operation:
    """Writes down that something was set going. ``kind`` is that of ``live.kinds``; others can't be followed.

    ``label`` is in the language of who does it, and for what can't be worded anew from ``verb`` and ``name``.
    """
    operation = Operation(
        id=secrets.token_urlsafe(9),
        verb=verb,
        kind=kind,
        ids=tuple(dict.fromkeys(ids)),
        label=label[:300],
        url=url,
        name=name[:255],
        began_at=datetime.now(UTC),
    )
    key = _key(person_id, cloud)
    try:
        with guarded() as store:
            store.hset(key, operation.id, json.dumps(operation.to_json()))
            store.expire(key, DAY)
            stored = store.hgetall(key) if store.hlen(key) > KEPT else {}
        if stored:
            oldest = sorted(_read(stored), key=lambda op: (op.is_running, op.began_at))[: len(stored) - KEPT]
            with guarded() as store:
                store.hdel(key, *(op.id for op in oldest))
    except Away:
        # The action was done; only its progress can't be followed.
        pass
    return operation


def fail(cloud: Cloud, person_id: str, operation: Operation, failures: Mapping[str, str]) -> Operation:
    """Writes down that the service refused some of it. ``failures`` maps ids to what it said."""
    outcomes = {**operation.outcomes, **dict.fromkeys(failures, "failed")}
    message = next(iter(failures.values()), operation.message)[:300]
    changed = _settled(replace(operation, outcomes=outcomes, message=message))
    _write(person_id, cloud, [changed])
    return changed


def recent(cloud: Cloud, person_id: str) -> list[Operation]:
    """What this person set going in this scope within a day, newest first, with how far each is now."""
    try:
        with guarded() as store:
            stored = store.hgetall(_key(person_id, cloud))
    except Away:
        return []
    found, changed = [], []
    mirrors: dict[str, Mirror[Any] | None] = {}
    for operation in _read(stored):
        now = operation
        if operation.is_running:
            if operation.kind not in mirrors:
                mirrors[operation.kind] = watch.peek(cloud, operation.kind)
            now = followed(operation, mirrors[operation.kind])
        if now != operation:
            changed.append(now)
        found.append(now)
    _write(person_id, cloud, changed)
    return sorted(found, key=lambda op: op.began_at, reverse=True)


def dismiss(cloud: Cloud, person_id: str, *operation_ids: str) -> None:
    """Takes operations off the list, or all that ended if none is named."""
    key = _key(person_id, cloud)
    try:
        ids = operation_ids or tuple(op.id for op in recent(cloud, person_id) if not op.is_running)
        if ids:
            with guarded() as store:
                store.hdel(key, *ids)
    except Away:
        return


def followed(operation: Operation, mirror: Mirror[Any] | None) -> Operation:
    """The operation as the rows show it now."""
    age = time.time() - operation.began_at.timestamp()
    if mirror is None:
        return replace(operation, state="unknown") if age > LOST_SECONDS else operation
    seen_after = mirror.as_of.timestamp() - operation.began_at.timestamp()
    outcomes, message = dict(operation.outcomes), operation.message
    for row_id in operation.ids:
        if row_id in outcomes:
            continue
        row = mirror.rows.get(row_id)
        if row is None:
            # A row that is not there yet (just launched) is not one that is gone.
            if operation.verb.startswith("delete") or (seen_after > 60 and mirror.is_complete):
                outcomes[row_id] = "done" if operation.verb.startswith("delete") else "failed"
            continue
        if row_id in mirror.moving or seen_after < SETTLE_SECONDS:
            continue
        fault = _fault(row, operation)
        if fault is not None:
            outcomes[row_id], message = "failed", fault or message
        elif operation.verb.startswith("delete"):
            # Still there and at rest: the deletion was asked for, and may take its time to begin.
            if seen_after > 60:
                outcomes[row_id] = "failed"
        else:
            outcomes[row_id] = "done"
    return _settled(replace(operation, outcomes=outcomes, message=message))


def _fault(row: Any, operation: Operation) -> str | None:
    """What went wrong with a row since the operation began; None if nothing did."""
    fault = getattr(row, "action_fault", None)
    if fault:
        started = getattr(fault, "started_at", None) or getattr(fault, "started", None)
        if not isinstance(started, datetime) or (started - operation.began_at).total_seconds() > -10:
            return str(getattr(fault, "message", ""))
    # Cinder has error_extending and the like.
    if str(getattr(row, "status", "")).upper().startswith("ERROR"):
        return str(getattr(getattr(row, "fault", None), "message", "") or "")
    return None


def _settled(operation: Operation) -> Operation:
    if len(operation.outcomes) < len(operation.ids):
        return operation
    return replace(operation, state="failed" if operation.failed else "done", ended_at=datetime.now(UTC))


def _key(person_id: str, cloud: Cloud) -> str:
    name = json.dumps([cloud.access.keystone, cloud.region, cloud.access.scope.key, person_id])
    return "live:operations:" + hashlib.sha256(name.encode()).hexdigest()[:40]


def _read(stored: Mapping[bytes, bytes]) -> list[Operation]:
    found = []
    for value in stored.values():
        try:
            found.append(Operation.from_json(json.loads(value)))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _write(person_id: str, cloud: Cloud, operations: list[Operation]) -> None:
    if not operations:
        return
    key = _key(person_id, cloud)
    try:
        with guarded() as store:
            pipe = store.pipeline(transaction=False)
            for operation in operations:
                pipe.hset(key, operation.id, json.dumps(operation.to_json()))
            pipe.expire(key, DAY)
            pipe.execute()
    except Away:
        return
