"""What was last seen of a list, kept in the store: rows, when they were asked for, and what changed since when.

A row is kept as ``<asked> <updated> <digest>\\n<JSON>``: when we asked (seconds), when the
service says it last changed (seconds), and the name of what is seen of it. A row that was
asked for earlier never replaces one that was asked for later, unless the service says that it
is newer; and a poll whose lock passed to another has a smaller fence and changes nothing.

A version is the time in milliseconds, or one more than the last: a store that was lost does
not bring old version numbers back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import wire
from dashboard.live import keys
from dashboard.live.kinds import Kind
from dashboard.live.store import guarded

LOG_SIZE = 5000
"""Changes that are remembered; a process that is further behind reads everything anew."""

_MERGE = """
local rows, meta, log, moving, faults = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local channel, fence, ttl, size = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local now, is_first = tonumber(ARGV[5]), ARGV[6] == '1'
local count, gone = tonumber(ARGV[7]), tonumber(ARGV[8])
if fence > 0 and fence < tonumber(redis.call('HGET', meta, 'fence:' .. channel) or '0') then return {-1, 0, 0} end
local old = tonumber(redis.call('HGET', meta, 'version') or '0')
if old == 0 and channel == 'acted' then return {-1, 0, 0} end
local version = math.max(old + 1, now)
local changed, membership = 0, 0
local at = 8
local function note(member)
  if not is_first then redis.call('ZADD', log, version, member) end
end
for i = 1, count do
  local id, asked, updated, digest, json, mark = ARGV[at+1], ARGV[at+2], ARGV[at+3], ARGV[at+4], ARGV[at+5], ARGV[at+6]
  at = at + 6
  local have = redis.call('HGET', rows, id)
  local take, same = true, false
  if have then
    local a, u, d = string.match(have, '^(%S+) (%S+) (%S+)\\n')
    if tonumber(asked) < tonumber(a) then
      if tonumber(updated) <= tonumber(u) then take = false else asked = a end
    end
    same = (d == digest)
  else
    local left = redis.call('ZSCORE', log, 'm' .. id)
    if left and tonumber(left) > tonumber(asked) * 1000 then take = false end
  end
  if take then
    redis.call('HSET', rows, id, asked .. ' ' .. updated .. ' ' .. digest .. '\\n' .. json)
    if mark == '-' then redis.call('HDEL', moving, id) else redis.call('HSET', moving, id, mark) end
    if not have then membership = membership + 1; note('m' .. id); note('c' .. id)
    elseif not same then changed = changed + 1; note('c' .. id) end
  end
end
for i = 1, gone do
  local id = ARGV[at+i]
  redis.call('HDEL', moving, id)
  redis.call('HDEL', faults, id)
  if redis.call('HDEL', rows, id) == 1 then membership = membership + 1; note('m' .. id); note('c' .. id) end
end
at = at + gone
if changed + membership > 0 or old == 0 then
  redis.call('HSET', meta, 'version', string.format('%.0f', version))
  if is_first or old == 0 then redis.call('HSET', meta, 'log_from', string.format('%.0f', version)) end
else version = old end
local over = redis.call('ZCARD', log) - size
if over > 0 then
  local last = redis.call('ZRANGE', log, over - 1, over - 1, 'WITHSCORES')
  redis.call('HSET', meta, 'log_from', string.format('%.0f', tonumber(last[2])))
  redis.call('ZREMRANGEBYSCORE', log, '-inf', last[2])
end
if fence > 0 then redis.call('HSET', meta, 'fence:' .. channel, string.format('%.0f', fence)) end
for i = at + 1, #ARGV, 2 do redis.call('HSET', meta, ARGV[i], ARGV[i+1]) end
for i = 1, #KEYS do redis.call('EXPIRE', KEYS[i], ttl) end
return {version, changed, membership}
"""

PARTS = ("rows", "meta", "log", "moving", "faults")
"""What a snapshot consists of in the store, in the order of the script's keys."""
BATCH = 500
"""Rows per script call: the store serves others in between."""


@dataclass(frozen=True)
class Meta:
    """What is known of a snapshot besides its rows. Times are in seconds since the epoch."""

    version: int = 0
    as_of: float = 0.0
    """When the last poll that succeeded asked."""
    is_complete: bool = False
    log_from: int = 0
    since: float = 0.0
    """The service's time at the last poll that succeeded."""
    full_at: float = 0.0
    full_took: float = 0.0
    took: float = 0.0
    tick: float = 0.0
    """Seconds to the next poll, as the last one decided."""
    is_moving: bool = False
    quick_until: float = 0.0
    error: str = ""
    errors: int = 0
    retry_at: float = 0.0
    tried_at: float = 0.0
    """When the last poll began, however it ended."""
    tries: int = 0
    """Polls that began since one ended: more than one or two, and it may be what kills workers."""

    @classmethod
    def from_stored(cls, stored: Mapping[bytes, bytes]) -> Meta:
        """From the hash in the store; what is missing or odd is as if never set."""
        texts = {key.decode(): value.decode() for key, value in stored.items()}

        def seconds(name: str) -> float:
            try:
                return float(texts.get(name) or 0)
            except ValueError:
                return 0.0

        return cls(
            version=int(seconds("version")),
            as_of=seconds("as_of"),
            is_complete=texts.get("complete") == "1",
            log_from=int(seconds("log_from")),
            since=seconds("since"),
            full_at=seconds("full_at"),
            full_took=seconds("full_took"),
            took=seconds("took"),
            tick=seconds("tick"),
            is_moving=texts.get("moving") == "1",
            quick_until=seconds("quick_until"),
            error=texts.get("error", ""),
            errors=int(seconds("errors")),
            retry_at=seconds("retry_at"),
            tried_at=seconds("tried_at"),
            tries=int(seconds("tries")),
        )


@dataclass(frozen=True)
class Written:
    """What a write did. ``is_refused``: another's poll came in between, and nothing was written."""

    version: int
    changed: int
    membership: int

    @property
    def is_refused(self) -> bool:
        return self.version < 0


@dataclass(frozen=True)
class Snapshot:
    """The snapshot of one kind for one class."""

    class_id: str
    kind: Kind[Any]

    def key(self, part: str) -> str:
        return keys.of(self.class_id, self.kind.name, part)

    def meta(self) -> Meta:
        """Raises Away."""
        with guarded() as store:
            return Meta.from_stored(store.hgetall(self.key("meta")))

    def note(self, **values: Any) -> None:
        """Sets some of the meta's fields, by their stored names. Raises Away."""
        with guarded() as store:
            pipe = store.pipeline(transaction=False)
            pipe.hset(self.key("meta"), mapping={name: _text(value) for name, value in values.items()})
            # All of them: were the rows gone before what is known of them, a list would look empty.
            for part in PARTS:
                pipe.expire(self.key(part), keys.SNAPSHOT_SECONDS)
            pipe.execute()

    def ids(self) -> set[str]:
        """Raises Away."""
        with guarded() as store:
            return {key.decode() for key in store.hkeys(self.key("rows"))}

    def rows(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The rows with these ids that are there, as JSON. Raises Away."""
        wanted = list(ids)
        if not wanted:
            return {}
        with guarded() as store:
            values = store.hmget(self.key("rows"), wanted)
        return {row_id: json_of(value) for row_id, value in zip(wanted, values, strict=True) if value}

    def faults(self) -> dict[str, Any]:
        """What went wrong with the last action on a row, by id. Raises Away."""
        with guarded() as store:
            stored = store.hgetall(self.key("faults"))
        return {key.decode(): json.loads(value) for key, value in stored.items()}

    def set_faults(self, faults: Mapping[str, Any], gone: Iterable[str] = ()) -> None:
        """Remembers faults, and forgets those of ``gone``. Raises Away."""
        gone = list(gone)
        if not faults and not gone:
            return
        with guarded() as store:
            if faults:
                store.hset(self.key("faults"), mapping={key: json.dumps(value) for key, value in faults.items()})
                store.expire(self.key("faults"), keys.SNAPSHOT_SECONDS)
            if gone:
                store.hdel(self.key("faults"), *gone)

    def merge(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        asked: float,
        channel: str,
        fence: int = 0,
        gone: Iterable[str] = (),
        is_first: bool = False,
        meta: Mapping[str, Any] | None = None,
    ) -> Written:
        """Merges rows by id and time, and removes ``gone``; all in few atomic steps. Raises Away.

        ``channel`` is "delta", "full" or "acted", each with fences of its own. ``is_first``:
        there was nothing before, so the log of changes starts after this.
        """
        rows, gone = list(rows), list(gone)
        done = Written(-1, 0, 0)
        changed = membership = 0
        starts = range(0, max(1, len(rows)), BATCH)
        for start in starts:
            is_last = start == starts[-1]
            batch = rows[start : start + BATCH]
            args: list[Any] = [channel, fence, keys.SNAPSHOT_SECONDS, LOG_SIZE, int(time.time() * 1000)]
            args += ["1" if is_first else "0", len(batch), len(gone) if is_last else 0]
            for row in batch:
                args += self._stored(row, asked)
            if is_last:
                args += gone
                for name, value in (meta or {}).items():
                    args += [name, _text(value)]
            with guarded() as store:
                answer = store.eval(_MERGE, len(PARTS), *(self.key(part) for part in PARTS), *args)
            done = Written(*(int(value) for value in answer))
            if done.is_refused:
                return done
            changed += done.changed
            membership += done.membership
        return Written(done.version, changed, membership)

    def _stored(self, row: Mapping[str, Any], asked: float) -> list[str]:
        moment = wire.moment(row.get(self.kind.updated))
        updated = moment.timestamp() if moment else 0.0
        try:
            is_moving = self.kind.is_moving(self.kind.load(row))
        except Exception:  # A row that cannot be read is shown as it is; it does not cost the others.
            is_moving = False
        text = json.dumps(row, separators=(",", ":"))
        mark = f"{updated:.0f}" if is_moving else "-"
        return [str(row["id"]), f"{asked:.3f}", f"{updated:.3f}", self.kind.digest(row), text, mark]

    def forget(self) -> None:
        """Drops everything; for tests and after a row that broke a worker. Raises Away."""
        with guarded() as store:
            store.delete(*(self.key(part) for part in PARTS))


def json_of(stored: bytes) -> dict[str, Any]:
    """The JSON of a stored row; an empty object if it is damaged."""
    try:
        found = json.loads(stored.partition(b"\n")[2])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
