"""Whose token a poll may use: of those who look right now, one after the other.

A page that is open renews its session's lease; three quarters of a minute after the last page
closed there is none left, so nothing is polled and no worker can reach a token. The token lies
in the store sealed with the workers' own key, which is derived from the server's.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from dashboard.cloud.catalog import Catalog
from dashboard.cloud.connection import Access, Cloud, Person, Scope
from dashboard.live import keys
from dashboard.live.store import Away, guarded

RENEW_SECONDS = 15
"""A lease is renewed at most this often."""
_CLOCK = time.time


def seconds() -> float:
    """How long a lease lasts after a look."""
    return float(settings.LEASE_SECONDS)


def _box() -> MultiFernet:
    """The workers' key: whoever has it can't open sessions, which are sealed with the cookie as well."""
    boxes = []
    for key in settings.SEAL_KEYS:
        derived = HKDF(SHA256(), 32, salt=None, info=b"belvedere worker lease").derive(base64.urlsafe_b64decode(key))
        boxes.append(Fernet(base64.urlsafe_b64encode(derived)))
    return MultiFernet(boxes)


_boxes: dict[tuple[bytes, ...], MultiFernet] = {}


def box() -> MultiFernet:
    """The workers' key, made once per set of keys."""
    name = tuple(settings.SEAL_KEYS)
    if name not in _boxes:
        _boxes.clear()
        _boxes[name] = _box()
    return _boxes[name]


def seal(cloud: Cloud) -> bytes:
    """A cloud as a worker needs it: the token, the scope, the region's endpoints."""
    access = cloud.access
    body = {
        "token": access.token,
        "expires": access.expires_at.timestamp(),
        "person": [access.person.id, access.person.name, access.person.domain_id, access.person.domain_name],
        "scope": [access.scope.kind, access.scope.id, access.scope.name, access.scope.domain_id],
        "roles": list(access.roles),
        "catalog": Catalog(tuple(e for e in access.catalog.endpoints if e.region == cloud.region)).to_json(),
        "keystone": access.keystone,
        "region": cloud.region,
    }
    return box().encrypt(json.dumps(body).encode())


def unseal(sealed: bytes) -> Cloud:
    """What ``seal`` made. Raises ValueError for anything else."""
    try:
        body = json.loads(box().decrypt(sealed))
        scope = body["scope"]
        access = Access(
            token=body["token"],
            expires_at=datetime.fromtimestamp(body["expires"], UTC),
            person=Person(*body["person"]),
            scope=Scope(kind=scope[0], id=scope[1], name=scope[2], domain_id=scope[3]),
            roles=tuple(body["roles"]),
            catalog=Catalog.from_stored(body["catalog"]),
            keystone=body["keystone"],
        )
        return Cloud(access, body["region"])
    except (InvalidToken, KeyError, TypeError, IndexError) as error:
        raise ValueError("The lease can't be opened.") from error


@dataclass(frozen=True)
class Member:
    """A session that looks. ``proven_at`` is when the cloud last took its token."""

    session: str
    sealed: bytes
    mark: str
    until: float
    proven_at: float

    def cloud(self) -> Cloud:
        """Raises ValueError if the server's key is another by now."""
        return unseal(self.sealed)


@dataclass(frozen=True)
class Lease:
    """The sessions that look at one kind of one class."""

    class_id: str
    kind: str

    @property
    def key(self) -> str:
        return keys.of(self.class_id, self.kind, "lease")

    @property
    def proven_key(self) -> str:
        return keys.of(self.class_id, self.kind, "proven")

    def renew(self, pipe: Any, session: str, cloud: Cloud) -> None:
        """Adds to a pipeline what renews a session's lease."""
        until = min(_CLOCK() + seconds(), cloud.access.expires_at.timestamp())
        head = json.dumps({"until": round(until, 3), "mark": keys.token_mark(cloud.access.token)}).encode()
        ttl = max(1, int(seconds()) + 1)
        pipe.hset(self.key, session, head + b"\n" + seal(cloud))
        pipe.expire(self.key, ttl)
        # It signed in, or was proven by a page, a moment ago; from here on polls prove it.
        pipe.hsetnx(self.proven_key, session, f"{_CLOCK():.3f}")
        pipe.expire(self.proven_key, ttl)
        listed = keys.leases_of(session)
        pipe.sadd(listed, f"{self.class_id}:{self.kind}")
        pipe.expire(listed, ttl)

    def members(self) -> list[Member]:
        """Those whose lease runs, the one proven longest ago first. Raises Away."""
        with guarded() as store:
            pipe = store.pipeline(transaction=False)
            pipe.hgetall(self.key)
            pipe.hgetall(self.proven_key)
            stored, proven = pipe.execute()
        now, found, over = _CLOCK(), [], []
        for name, value in stored.items():
            head, _, sealed = value.partition(b"\n")
            try:
                facts = json.loads(head)
                at = float(proven.get(name, b"0"))
                member = Member(name.decode(), sealed, str(facts["mark"]), float(facts["until"]), at)
            except (ValueError, KeyError, TypeError):
                over.append(name)
                continue
            if member.until > now:
                found.append(member)
            else:
                over.append(name)
        if over:
            self._drop(over)
        return sorted(found, key=lambda member: member.proven_at)

    def proven(self, members: Iterable[Member]) -> None:
        """The cloud took these members' tokens just now. Raises Away."""
        times = {member.session: f"{_CLOCK():.3f}" for member in members}
        if times:
            with guarded() as store:
                pipe = store.pipeline(transaction=False)
                pipe.hset(self.proven_key, mapping=times)
                pipe.expire(self.proven_key, max(1, int(seconds()) + 1))
                pipe.execute()

    def refused(self, member: Member) -> None:
        """The cloud refused this member's token: nothing is shown on it any more. Raises Away."""
        with guarded() as store:
            store.set(keys.refused(member.mark), b"1", ex=3600)
        self._drop([member.session.encode()])

    def drop(self, session: str) -> None:
        """Raises Away."""
        self._drop([session.encode()])

    def _drop(self, sessions: list[bytes]) -> None:
        with guarded() as store:
            pipe = store.pipeline(transaction=False)
            pipe.hdel(self.key, *sessions)
            pipe.hdel(self.proven_key, *sessions)
            pipe.execute()


def forget(session: str) -> None:
    """Ends all leases of a session; called when it signs out or is ended from elsewhere."""
    try:
        with guarded() as store:
            held = store.smembers(keys.leases_of(session))
        for name in held:
            class_id, _, kind = name.decode().partition(":")
            Lease(class_id, kind).drop(session)
        with guarded() as store:
            store.delete(keys.leases_of(session))
    except Away:
        # They run out by themselves within LEASE_SECONDS.
        return
