"""One poll: ask the cloud what changed, with the token of somebody who looks, and write it down for all who do.

A poll that succeeds puts the next one in the queue, as long as anybody looks. If that one is
lost with its worker, the next page that asks finds the snapshot overdue and starts it again.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import time
from collections.abc import Iterable, Iterator

from django.conf import settings

from dashboard.cloud.connection import Cloud, within
from dashboard.cloud.errors import CloudError, ServiceFault, Unauthorized
from dashboard.cloud.identity import is_valid
from dashboard.cloud.parallel import later
from dashboard.live import fetching, keys, locks, pace, publish
from dashboard.live.kinds import KINDS
from dashboard.live.leases import Lease, Member
from dashboard.live.snapshots import Meta, Snapshot
from dashboard.live.store import Away, guarded

log = logging.getLogger(__name__)

MEMBERS_TRIED = 5
"""Tokens tried by one poll, if one after the other is refused."""
PROOFS = 20
"""Tokens that one poll has checked besides its own, longest unproven first."""
DEADLY = 3
"""A class whose polls never end, so many times in a row, is polled slowly."""


def run(class_id: str, kind_name: str, *, chain: bool) -> bool:
    """Polls once if a poll is due, nobody else polls this class, and somebody looks. True if the cloud was asked."""
    snapshot = Snapshot(class_id, KINDS[kind_name])
    lease = Lease(class_id, kind_name)
    try:
        with locks.held(snapshot.key("run"), snapshot.key("fence")) as fence:
            if not fence:
                return False
            started = time.time()
            meta = snapshot.meta()
            if not is_due(meta, started):
                return False
            members = lease.members()
            if not members:
                return False
            _begin(snapshot, started)
            outcome = _poll(snapshot, lease, members, meta, fence, deadly=meta.tries >= DEADLY)
        if outcome is None:
            return True
        wait, region, used = outcome
        if chain:
            _chain(snapshot, region, started + wait - time.time(), wait)
        if used:
            prove(lease, [member for member in members if member.session != used], wait)
        return True
    except Away:
        # Without the store there is nowhere to write; the next page that asks starts again.
        return False


def is_due(meta: Meta, now: float) -> bool:
    """Whether it is time: never twice in a tick, and not before a service that is busy asked for."""
    if now < meta.retry_at - 0.05:
        return False
    return now - meta.tried_at >= 0.8 * (meta.tick or 0.5)


def _begin(snapshot: Snapshot, now: float) -> None:
    with guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.hset(snapshot.key("meta"), "tried_at", f"{now:.3f}")
        pipe.hincrby(snapshot.key("meta"), "tries", 1)
        pipe.delete(snapshot.key("queued"))
        pipe.expire(snapshot.key("meta"), keys.SNAPSHOT_SECONDS)
        pipe.execute()


def _poll(
    snapshot: Snapshot, lease: Lease, members: list[Member], meta: Meta, fence: int, *, deadly: bool
) -> tuple[float, str, str] | None:
    """The seconds from its start to the next poll, the region, and whose token it was; None if nobody is left."""
    kind = snapshot.kind
    region = ""
    try:
        for member, cloud in _clouds(snapshot, lease, members):
            region = keys.region_of(cloud)
            try:
                with _believed(cloud):
                    tick = fetching.poll(snapshot, cloud, meta, fence)
            except Unauthorized:
                lease.refused(member)
                continue
            lease.proven([member])
            if deadly:
                tick = max(tick, pace.STUCK_TICK)
            snapshot.note(tick=tick, tries=0, error="", errors=0, retry_at=0)
            return tick, region, member.session
    except CloudError as error:
        wait = pace.after_error(kind, meta.errors + 1, error.retry_after)
        log.warning("%s could not be polled: %s %s", kind.name, type(error).__name__, error.request_id)
        _failed(snapshot, type(error).__name__, meta, wait)
        return wait, region, ""
    except Away:
        raise
    except Exception as error:
        wait = pace.STUCK_TICK if meta.errors >= 2 else pace.after_error(kind, meta.errors + 1, None)
        log.exception("A poll of %s failed", kind.name)
        _failed(snapshot, type(error).__name__, meta, wait)
        return wait, region, ""
    snapshot.note(tries=0)
    return None


@contextlib.contextmanager
def _believed(cloud: Cloud) -> Iterator[None]:
    """A service may be wrong about a token: it is refused only if Keystone says so too, else the service failed."""
    try:
        yield
    except Unauthorized as error:
        if not is_valid(cloud.access):
            raise
        raise ServiceFault(error.message, service=error.service, request_id=error.request_id) from error


def _failed(snapshot: Snapshot, name: str, meta: Meta, wait: float) -> None:
    snapshot.note(error=name, errors=meta.errors + 1, retry_at=time.time() + wait, tries=0)


def _clouds(snapshot: Snapshot, lease: Lease, members: Iterable[Member]) -> Iterable[tuple[Member, Cloud]]:
    """The members' clouds, the one proven longest ago first; those that don't belong here are dropped."""
    for member in list(members)[:MEMBERS_TRIED]:
        try:
            cloud = member.cloud()
        except ValueError:
            lease.drop(member.session)
            continue
        # A lease that was put elsewhere in the store must not make one class read another's rows.
        if keys.class_of(cloud) != snapshot.class_id:
            lease.drop(member.session)
            continue
        yield member, cloud


def _chain(snapshot: Snapshot, region: str, delay: float, tick: float) -> None:
    """Puts the next poll in the queue, no sooner than the region's limit allows."""
    delay = max(0.0, delay, pace.reserve(region) if region else 0.0)
    mark_queued(snapshot, delay, tick)
    publish.poll(snapshot.class_id, snapshot.kind.name, delay=delay, tick=tick, has_worker=True)


def mark_queued(snapshot: Snapshot, delay: float, tick: float) -> None:
    """Until then, and half a tick longer, no page needs to start a poll. Raises Away."""
    with guarded() as store:
        store.set(snapshot.key("queued"), b"1", px=int(1000 * (delay + max(0.7, 0.5 * min(tick, 10.0)))))


def prove(lease: Lease, members: list[Member], tick: float) -> None:
    """Has Keystone look at tokens that would not be proven in time by a poll. Raises Away."""
    limit = float(settings.PROOF_SECONDS)
    now = time.time()
    due = [member for member in members if now - member.proven_at > limit - tick - min(5.0, limit / 4)][:PROOFS]
    for start in range(0, len(due), 4):
        checks = []
        for member in due[start : start + 4]:
            try:
                cloud = member.cloud()
            except ValueError:
                lease.drop(member.session)
                continue
            checks.append((member, later(functools.partial(is_valid, cloud.access), seconds=6)))
        good = []
        for member, check in checks:
            is_good = check.or_else(None)
            if is_good:
                good.append(member)
            elif is_good is False:
                lease.refused(member)
        lease.proven(good)


def run_whole(class_id: str, kind_name: str) -> bool:
    """Reads a long list from its first page to its last. True if it came to its end."""
    snapshot = Snapshot(class_id, KINDS[kind_name])
    lease = Lease(class_id, kind_name)
    try:
        with locks.held(snapshot.key("whole"), snapshot.key("fence-whole")) as fence:
            if not fence:
                return False
            for member, cloud in _clouds(snapshot, lease, lease.members()):
                try:
                    with within(60.0), _believed(cloud):
                        fetching.whole(snapshot, cloud, fence)
                except Unauthorized:
                    lease.refused(member)
                    continue
                except CloudError as error:
                    log.warning("%s could not be read as a whole: %s", kind_name, type(error).__name__)
                    # Not again at once: half of what there is between two whole lists.
                    snapshot.note(full_at=time.time() - pace.full_every(snapshot.meta()) / 2)
                    return False
                lease.proven([member])
                return True
    except Away:
        return False
    return False
