"""What is kept of a job: its items, what became of each, and the token that it is done with, sealed."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from cryptography.fernet import InvalidToken

from dashboard.cloud.connection import Cloud
from dashboard.live import leases
from dashboard.live.store import Away, guarded

JobState = Literal["running", "done", "failed", "cancelled", "stopped"]
OutcomeState = Literal["done", "failed", "unknown"]

DAY = 24 * 3600
KEPT = 20
"""Jobs remembered per person and scope."""
SHOWN_SECONDS = 8
"""A job that went well leaves the list so long after its end."""
PARTS = ("meta", "todo", "doing", "results", "order")

_TAKE = """
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return false end
local item = redis.call('LPOP', KEYS[2])
if not item then return false end
redis.call('HSET', KEYS[3], item, ARGV[1])
redis.call('HSET', KEYS[1], 'heard', ARGV[1])
redis.call('EXPIRE', KEYS[3], ARGV[2])
return item
"""
_NOTE = """
local old = redis.call('HGET', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[4])
if old and ARGV[6] == '1' then return 0 end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if old then redis.call('HINCRBY', KEYS[1], string.match(old, '^%a+'), -1) end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('HINCRBY', KEYS[1], ARGV[2], 1)
redis.call('HSET', KEYS[1], 'heard', ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[7])
return 1
"""
_END = """
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'why', ARGV[2], 'ended', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
"""


@dataclass(frozen=True)
class JobItem:
    """One of the things that it is done to."""

    id: str
    name: str

    @property
    def text(self) -> str:
        return json.dumps([self.id, self.name])

    @classmethod
    def from_text(cls, text: bytes | str) -> JobItem:
        row_id, name = json.loads(text)
        return cls(row_id, name)


@dataclass(frozen=True)
class Outcome:
    """What became of one item; ``text`` says why it failed. ``unknown``: it may have been done."""

    state: OutcomeState
    text: str = ""


@dataclass(frozen=True)
class Order:
    """What is to be done: which panel's action, with which form, in whose language. ``kind`` is a live list's."""

    panel: str
    verb: str
    kind: str = ""
    form: str = ""
    """The form as it was sent (a query string); kept sealed, it may hold a password."""
    language: str = ""
    url: str = ""
    sealed: bytes = b""
    """The cloud, sealed; only in what a worker reads."""

    def cloud(self) -> Cloud:
        """Raises ValueError if the server's key is another by now."""
        return leases.unseal(self.sealed)


@dataclass(frozen=True)
class Job:
    """How far a job is. The names that templates use are those of an operation."""

    id: str
    panel: str
    verb: str
    kind: str
    url: str
    total: int
    began_at: datetime
    state: JobState = "running"
    succeeded: int = 0
    failed: int = 0
    unknown: int = 0
    why: str = ""
    """Why it was stopped: "signed-out", or "odd" if it can't be read any more."""
    ended_at: datetime | None = None
    heard_at: float = 0.0
    is_held: bool = False
    """Whether somebody works on it at this moment."""
    label: str = ""
    """Its name in the reader's language, filled in where it is shown."""

    is_job = True
    ids: tuple[str, ...] = ()
    message = ""
    templates = ("ui/job.html",)

    @property
    def done(self) -> int:
        """How many came to an end, well or not."""
        return self.succeeded + self.failed + self.unknown

    @property
    def left(self) -> int:
        """How many were not begun, or are under way."""
        return max(0, self.total - self.done)

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 100

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def is_waiting(self) -> bool:
        """Whether nobody works on it, and not for a moment only."""
        return self.is_running and not self.is_held and time.time() - self.heard_at > 15

    @property
    def can_retry(self) -> int:
        """How many surely were not done, and may be tried again."""
        return 0 if self.is_running else self.failed + self.left

    @property
    def is_shown(self) -> bool:
        """Whether a list still has something to say of it."""
        if self.state != "done":
            return True
        return (datetime.now(UTC) - (self.ended_at or self.began_at)).total_seconds() < SHOWN_SECONDS


def key(job_id: str, part: str) -> str:
    """The key of a part of a job; all parts of one lie in one slot of a cluster."""
    return f"live:job:{{{job_id}}}:{part}"


def _owner(cloud: Cloud, person_id: str) -> str:
    name = json.dumps([cloud.access.keystone, cloud.region, cloud.access.scope.key, person_id])
    return hashlib.sha256(b"jobs " + name.encode()).hexdigest()[:40]


def write(
    cloud: Cloud, person_id: str, session_hash: str, order: Order, items: Sequence[JobItem], sealed: bytes
) -> Job:
    """Writes a new job down. Raises Away."""
    job_id, now, owner = secrets.token_hex(12), time.time(), _owner(cloud, person_id)
    meta = {
        "owner": owner, "panel": order.panel, "verb": order.verb, "kind": order.kind, "url": order.url,
        "total": len(items), "began": f"{now:.3f}", "state": "running", "heard": f"{now:.3f}",
    }  # fmt: skip
    body = json.dumps([order.panel, order.verb, order.kind, order.form, order.language, order.url])
    stored = leases.box().encrypt(body.encode()) + b"\n" + sealed
    listed, of_session = f"live:jobs:{owner}", f"live:jobs-of:{session_hash}"
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.hset(key(job_id, "meta"), mapping=meta)
        for start in range(0, len(items), 1000):
            pipe.rpush(key(job_id, "todo"), *(item.text for item in items[start : start + 1000]))
        pipe.set(key(job_id, "order"), stored, ex=DAY)
        for part in ("meta", "todo"):
            pipe.expire(key(job_id, part), DAY)
        pipe.zadd(listed, {job_id: now})
        pipe.expire(listed, DAY)
        pipe.sadd(of_session, job_id)
        pipe.expire(of_session, DAY)
        pipe.zrange(listed, 0, -KEPT - 1)
        oldest = pipe.execute()[-1]
    for name in oldest:
        _drop(owner, name.decode())
    found = get(cloud, person_id, job_id)
    assert found is not None
    return found


def _job(job_id: str, meta: Mapping[bytes, bytes], is_held: bool) -> Job:
    texts = {name.decode(): value.decode() for name, value in meta.items()}
    ended = float(texts.get("ended") or 0)
    state: Any = texts["state"]
    return Job(
        id=job_id,
        panel=texts["panel"],
        verb=texts["verb"],
        kind=texts["kind"],
        url=texts["url"],
        total=int(texts["total"]),
        began_at=datetime.fromtimestamp(float(texts["began"]), UTC),
        state=state,
        succeeded=int(texts.get("done", 0)),
        failed=int(texts.get("failed", 0)),
        unknown=int(texts.get("unknown", 0)),
        why=texts.get("why", ""),
        ended_at=datetime.fromtimestamp(ended, UTC) if ended else None,
        heard_at=float(texts.get("heard", 0)),
        is_held=is_held,
    )


def recent(cloud: Cloud, person_id: str) -> list[Job]:
    """A person's jobs in this scope, newest first; none where the store is away."""
    owner = _owner(cloud, person_id)
    try:
        with guarded() as store:
            names = [name.decode() for name in store.zrevrange(f"live:jobs:{owner}", 0, KEPT - 1)]
            if not names:
                return []
            pipe = store.pipeline(transaction=False)
            for name in names:
                pipe.hgetall(key(name, "meta"))
                pipe.exists(key(name, "lock"))
            answers = pipe.execute()
    except Away:
        return []
    pairs = zip(names, answers[::2], answers[1::2], strict=True)
    return [_job(name, meta, bool(lock)) for name, meta, lock in pairs if meta.get(b"owner", b"").decode() == owner]


def get(cloud: Cloud, person_id: str, job_id: str) -> Job | None:
    """One of a person's own jobs; None for what is not theirs. Raises Away."""
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.hgetall(key(job_id, "meta"))
        pipe.exists(key(job_id, "lock"))
        meta, lock = pipe.execute()
    if not meta or meta.get(b"owner", b"").decode() != _owner(cloud, person_id):
        return None
    return _job(job_id, meta, bool(lock))


def order_of(job_id: str) -> Order | None:
    """What a worker is to do; None if it is over, or not to be read with this server's key. Raises Away."""
    with guarded() as store:
        stored = store.get(key(job_id, "order"))
    if stored is None:
        return None
    body, _, sealed = stored.partition(b"\n")
    try:
        panel, verb, kind, form, language, url = json.loads(leases.box().decrypt(body))
    except (InvalidToken, ValueError, TypeError):
        end(job_id, "stopped", why="odd")
        return None
    return Order(panel, verb, kind, form, language, url, sealed)


def take(job_id: str) -> JobItem | None:
    """The next item, which nobody else gets; None if there is none, or the job is over. Raises Away."""
    with guarded() as store:
        found = store.eval(
            _TAKE, 3, key(job_id, "meta"), key(job_id, "todo"), key(job_id, "doing"), f"{time.time():.3f}", DAY
        )
    return JobItem.from_text(found) if found else None


def note(job_id: str, item: JobItem, outcome: Outcome, *, is_guess: bool = False) -> None:
    """Writes down what became of an item; a guess gives way to what is known. Raises Away."""
    text = json.dumps([item.name, outcome.text[:500]])
    with guarded() as store:
        store.eval(
            _NOTE, 3, key(job_id, "meta"), key(job_id, "doing"), key(job_id, "results"),
            item.id, outcome.state, text, item.text, f"{time.time():.3f}", "1" if is_guess else "0", DAY,
        )  # fmt: skip


def lose(job_id: str) -> None:
    """What was begun by somebody who is gone is unknown from now on. Raises Away."""
    with guarded() as store:
        begun = store.hkeys(key(job_id, "doing"))
    for text in begun:
        note(job_id, JobItem.from_text(text), Outcome("unknown"), is_guess=True)


def settle(job_id: str) -> int:
    """Ends a job that has nothing left to do; how many items are left otherwise. Raises Away."""
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.llen(key(job_id, "todo"))
        pipe.hmget(key(job_id, "meta"), "state", "failed", "unknown")
        left, (state, failed, unknown) = pipe.execute()
    if state != b"running":
        return 0
    if left:
        return int(left)
    end(job_id, "failed" if int(failed or 0) + int(unknown or 0) else "done")
    return 0


def end(job_id: str, state: JobState, *, why: str = "") -> None:
    """Ends a job, once: the token and the form are forgotten. Raises Away."""
    with guarded() as store:
        store.eval(_END, 2, key(job_id, "meta"), key(job_id, "order"), state, why, f"{time.time():.3f}")


def cancel(job_id: str) -> None:
    """Raises Away."""
    end(job_id, "cancelled")


def failures(job_id: str, most: int = 200) -> list[tuple[JobItem, Outcome]]:
    """Items that failed or are unknown, with the reasons, in the order of their names. Raises Away."""
    with guarded() as store:
        stored = store.hgetall(key(job_id, "results"))
    found = []
    for row_id, value in stored.items():
        state, _, body = value.partition(b" ")
        if state != b"done":
            name, text = json.loads(body)
            kind: Any = state.decode()
            found.append((JobItem(row_id.decode(), name), Outcome(kind, text)))
    return sorted(found, key=lambda pair: (pair[1].state, pair[0].name))[:most]


def not_done(job_id: str) -> list[str]:
    """Ids of the items that surely were not done: those that failed, and those that were never begun. Raises Away."""
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.hgetall(key(job_id, "results"))
        pipe.lrange(key(job_id, "todo"), 0, -1)
        stored, todo = pipe.execute()
    failed = [row_id.decode() for row_id, value in stored.items() if value.startswith(b"failed ")]
    return [*failed, *(JobItem.from_text(text).id for text in todo)]


def of_session(session_hash: str) -> list[str]:
    """The jobs that a session began. Raises Away."""
    with guarded() as store:
        return [name.decode() for name in store.smembers(f"live:jobs-of:{session_hash}")]


def dismiss(cloud: Cloud, person_id: str, *job_ids: str) -> None:
    """Takes jobs that ended off the list, all of them if none is named."""
    owner = _owner(cloud, person_id)
    for job in recent(cloud, person_id):
        if not job.is_running and (not job_ids or job.id in job_ids):
            try:
                _drop(owner, job.id)
            except Away:
                return


def _drop(owner: str, job_id: str) -> None:
    with guarded() as store:
        store.zrem(f"live:jobs:{owner}", job_id)
        store.delete(*(key(job_id, part) for part in PARTS))
