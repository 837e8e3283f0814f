"""What a cloud refused to somebody's roles lately, though by OpenStack's default policies these may do it.

An operator's policies are nowhere to be read; their refusals tell. Known by scope and roles, so that what one
person learned helps the next; forgotten after a while, since policies change, and as soon as it is done after all.
Some refusals are about one row only (what another project shares, say): for others it counts from the second on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping

from dashboard.cloud.connection import Cloud
from dashboard.live.store import Away, guarded

TTL = 3600
"""Seconds."""
ENOUGH = 2
"""Rows from which it is taken for a rule."""

Refusals = Mapping[str, tuple[str, ...]]
"""The rows that an action was refused for, the last few, by the action's name."""


def note(cloud: Cloud, action: str, *, refused: Iterable[str] = (), done: bool = False) -> None:
    """Keeps for which rows an action was refused; what was done after all is forgotten. Never raises: it only helps."""
    with contextlib.suppress(Away), guarded() as store:
        name = _name(cloud)
        if done:
            store.hdel(name, action)
            return
        ids = list(dict.fromkeys([*_ids(store.hget(name, action)), *refused]))[-ENOUGH:]
        if ids:
            store.hset(name, action, json.dumps(ids))
            store.expire(name, TTL)


def known(cloud: Cloud) -> Refusals:
    """What is known for this scope and these roles; nothing where the store is away."""
    with contextlib.suppress(Away), guarded() as store:
        return {name.decode(): _ids(ids) for name, ids in store.hgetall(_name(cloud)).items()}
    return {}


def is_refused(found: Refusals, action: str, row_id: str) -> bool:
    """Whether an action was refused for this row, or for so many that it seems to be the rule."""
    ids = found.get(action, ())
    return row_id in ids or len(ids) >= ENOUGH


def _ids(value: bytes | None) -> tuple[str, ...]:
    return tuple(json.loads(value)) if value else ()


def _name(cloud: Cloud) -> str:
    scope = cloud.access.scope
    parts = [cloud.access.keystone, cloud.region, scope.kind, scope.id, *sorted(cloud.roles)]
    return "live:refusals:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
