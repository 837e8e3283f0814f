"""What is left to do after somebody asked for it: done by the workers, whether the browser is still open or not.

An errand is done in steps that may each be repeated (a lookup, a PUT, a DELETE), until it is over or its time is.
Its facts lie in the store; the token that it needs lies beside them, sealed with the workers' own key, and goes as
soon as it is over. A step that was lost with its worker is found by the next sign of life of any worker.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.identity import is_valid
from dashboard.live import heartbeat, leases, locks
from dashboard.live.store import Away, guarded

log = logging.getLogger(__name__)

State = Literal["waiting", "done", "failed"]

EVERY = 1.5
"""Seconds between two steps."""
LATE = 6.0
"""A step that is overdue by this much was lost."""
SECONDS = 15 * 60
"""An errand that is not over by then is given up."""
KEPT = 24 * 3600
DUE = "live:errands"


@dataclass(frozen=True)
class Errand:
    """``id`` is 32 hex digits; ``code`` and ``words`` say what became of it, ``words`` in the service's language."""

    id: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    state: State = "waiting"
    code: str = ""
    words: str = ""
    began: float = 0.0

    @property
    def is_over(self) -> bool:
        return self.state != "waiting"

    @property
    def age(self) -> float:
        return time.time() - self.began

    @property
    def seconds(self) -> int:
        """After so many it is given up; its kind may say so in its facts."""
        return int(self.facts.get("seconds", SECONDS))


Step = Callable[[Cloud, Errand], Errand]
"""Gives the errand as it is then; what it raises is tried again."""


def begin(cloud: Cloud, id: str, kind: str, facts: Mapping[str, Any]) -> Errand:
    """Writes an errand down and sets it going. Raises Away: then nobody does it."""
    errand = Errand(id, kind, dict(facts), began=time.time())
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.set(_key(id, "token"), leases.seal(cloud), ex=errand.seconds + 60)
        pipe.set(_key(id), _written(errand), ex=KEPT)
        pipe.zadd(DUE, {id: time.time() + EVERY})
        pipe.execute()
    soon(id)
    return errand


def get(id: str) -> Errand | None:
    """An errand as it is now; None if there is none, or the store is away."""
    try:
        with guarded() as store:
            stored = store.get(_key(id))
    except Away:
        return None
    try:
        return Errand(**json.loads(stored)) if stored else None
    except (ValueError, TypeError):
        return None


def note(id: str, **facts: Any) -> None:
    """Adds to what an errand knows."""
    with contextlib.suppress(Away), locks.held(_key(id, "run"), _key(id, "fence")) as fence:
        errand = get(id) if fence else None
        if errand is not None and not errand.is_over:
            _write(replace(errand, facts={**errand.facts, **facts}))


def cancel(id: str) -> None:
    """There is nothing to do any more."""
    with contextlib.suppress(Away):
        with guarded() as store:
            store.delete(_key(id))
        _forget(id)


def point(name: str, id: str) -> None:
    """Lets an errand be found by another name, e.g. its server's id."""
    with contextlib.suppress(Away), guarded() as store:
        store.set(f"live:errand-of:{name}", id, ex=KEPT)


def of(name: str) -> Errand | None:
    """The errand that ``point`` gave this name."""
    try:
        with guarded() as store:
            found = store.get(f"live:errand-of:{name}")
    except Away:
        return None
    return get(found.decode()) if found else None


def run(id: str) -> bool:
    """Does one step. True if more are to follow."""
    try:
        with locks.held(_key(id, "run"), _key(id, "fence")) as fence:
            if not fence:
                return False
            errand = get(id)
            if errand is None or errand.is_over:
                _forget(id)
                return False
            errand = _step(errand)
            _write(errand)
            if errand.is_over:
                _forget(id)
            else:
                with guarded() as store:
                    store.zadd(DUE, {id: time.time() + EVERY})
            return not errand.is_over
    except Away:
        return False


def wake() -> None:
    """Goes on with errands whose last step was lost. Raises Away."""
    now = time.time()
    with guarded() as store:
        late = store.zrangebyscore(DUE, 0, now - LATE, start=0, num=20)
        for name in late:
            # Nobody else takes it within the next moments.
            store.zadd(DUE, {name: now + EVERY})
    for name in late:
        soon(name.decode())


def _step(errand: Errand) -> Errand:
    from dashboard.live import addresses, emptying, projects

    step: Step | None = {**addresses.STEPS, **projects.STEPS, **emptying.STEPS}.get(errand.kind)
    cloud = _cloud(errand.id)
    if step is None or cloud is None:
        return replace(errand, state="failed", code="no-token")
    try:
        errand = step(cloud, errand)
    except Unauthorized:
        # A service may be wrong about a token: Keystone has the last word.
        if not _is_valid(cloud):
            return replace(errand, state="failed", code="no-token")
    except CloudError as error:
        # Each step may be repeated; the service may be back with the next one.
        log.warning("an errand waits: %s %s", type(error).__name__, error.request_id)
        errand = replace(errand, words=error.message)
    if not errand.is_over and errand.age > errand.seconds:
        return replace(errand, state="failed", code=errand.code or "late")
    return errand


def _cloud(id: str) -> Cloud | None:
    with guarded() as store:
        sealed = store.get(_key(id, "token"))
    try:
        return leases.unseal(sealed) if sealed else None
    except ValueError:
        return None


def _is_valid(cloud: Cloud) -> bool:
    try:
        return is_valid(cloud.access)
    except CloudError:
        return True


def _write(errand: Errand) -> None:
    with guarded() as store:
        store.set(_key(errand.id), _written(errand), ex=KEPT)


def _written(errand: Errand) -> str:
    return json.dumps(asdict(errand))


def _forget(id: str) -> None:
    with guarded() as store:
        store.delete(_key(id, "token"))
        store.zrem(DUE, id)


def _key(id: str, part: str = "") -> str:
    return f"live:errand:{{{id}}}" + (f":{part}" if part else "")


def is_id(value: object) -> bool:
    """Whether this can be an errand's id: what arrives in a message is not trusted."""
    return isinstance(value, str) and len(value) == 32 and all(c in "0123456789abcdef" for c in value)


def soon(id: str) -> None:
    """Has the workers do the next step, or a thread of this process all of them where there are none."""
    if heartbeat.is_alive():
        from dashboard.live import tasks

        task: Any = tasks.errand
        try:
            task.apply_async((id,), countdown=EVERY, expires=EVERY + 60, ignore_result=True)
            return
        except Exception as error:  # kombu lets through whatever the transport raises.
            log.warning("The broker is away: %s", type(error).__name__)
    threading.Thread(target=_all, args=(id,), name="errand", daemon=True).start()


def _all(id: str) -> None:
    errand = get(id)
    ends = time.monotonic() + (errand.seconds if errand is not None else SECONDS)
    while time.monotonic() < ends:
        time.sleep(EVERY)
        if not run(id):
            return
