"""The sealed session: who is signed in, and the tokens held for them.

The browser has an opaque 256-bit cookie. The store has a hash ``session:<sha256 of the
cookie>`` whose fields are sealed with a key made of this installation's key and the
cookie, so that a copy of the store gives neither cookies nor tokens. Each scope's token
is a field of its own: two tabs that switch at once do not overwrite each other. Nothing
is written before somebody has signed in.
"""

from __future__ import annotations

import functools
import hashlib
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from dashboard.auth.seal import Seal
from dashboard.cloud.catalog import Catalog
from dashboard.cloud.connection import Access, Person, Scope
from dashboard.store import guarded, session_ended

COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
RENEW_SECONDS = 60
"""The store is told at most this often that somebody is still there."""
WARNING_SECONDS = 120
"""How long before its end a session warns."""


@dataclass
class Held:
    """One session, as far as this request needs it."""

    cookie: str = field(repr=False)
    person: Person
    keystone: str
    """The URL of the Keystone that the person signed in to."""
    region: str
    """The region that was chosen at sign-in."""
    created_at: datetime
    ends_at: datetime
    """When the session ends whatever happens."""
    seen_at: float
    """``time.time()`` of the last sign of life that the store knows."""
    ip: str = ""
    agent: str = ""
    accesses: dict[str, Access] = field(default_factory=dict, repr=False)
    """Tokens by scope key, as far as they were asked for."""

    @functools.cached_property
    def id_hash(self) -> str:
        """The session's name in the store; gives no access to it."""
        return hash_of(self.cookie)

    @functools.cached_property
    def _seal(self) -> Seal:
        return Seal("session", self.cookie)

    @property
    def _key(self) -> str:
        return f"session:{self.id_hash}"

    @property
    def idle_ends_at(self) -> datetime:
        """When the session ends if nobody does anything."""
        return datetime.fromtimestamp(self.seen_at + settings.SESSION_IDLE_SECONDS, UTC)

    @property
    def expires_at(self) -> datetime:
        """When the session ends, the way things are: the nearer of both ends."""
        return min(self.ends_at, self.idle_ends_at)

    @property
    def seconds_left(self) -> int:
        """Until ``expires_at``, never below 0."""
        return max(0, int((self.expires_at - datetime.now(UTC)).total_seconds()))

    @property
    def is_last_stretch(self) -> bool:
        """Whether the end that is near is the one that cannot be put off."""
        return self.ends_at <= self.idle_ends_at

    def access(self, scope_key: str) -> Access | None:
        """The token for a scope ("project:3f..."), or "unscoped:"; None if none is held or it has ended."""
        if scope_key not in self.accesses:
            with guarded() as redis:
                self._take(scope_key, redis.hget(self._key, f"scope:{scope_key}"))
        found = self.accesses.get(scope_key)
        return found if found and found.expires_at > datetime.now(UTC) else None

    def _take(self, scope_key: str, sealed: bytes | str | None) -> None:
        value = self._seal.open(sealed)
        if value is not None:
            self.accesses[scope_key] = _access_from(value)

    @property
    def unscoped(self) -> Access | None:
        """The token that others are made from."""
        return self.access("unscoped:")

    def held_scopes(self) -> tuple[Scope, ...]:
        """The scopes that a token is held for."""
        return tuple(access.scope for access in self.all_accesses() if access.scope.kind != "unscoped")

    def all_accesses(self) -> tuple[Access, ...]:
        """Every token of this session."""
        with guarded() as redis:
            fields = redis.hgetall(self._key)
        values = (self._seal.open(value) for name, value in fields.items() if as_text(name).startswith("scope:"))
        return tuple(_access_from(value) for value in values if value is not None)

    def add(self, access: Access) -> None:
        """Keeps a token."""
        name = f"scope:{access.scope.key}"
        with guarded() as redis, redis.pipeline() as pipe:
            pipe.hset(self._key, name, self._seal.close(_access_json(access)))
            # A session that ended meanwhile must not come back as a key without an end.
            pipe.expire(self._key, self._seconds(), nx=True)
            pipe.execute()
        self.accesses[access.scope.key] = access

    def drop(self, scope_key: str) -> None:
        """Forgets a token that is no longer accepted."""
        with guarded() as redis:
            redis.hdel(self._key, f"scope:{scope_key}")
        self.accesses.pop(scope_key, None)

    @property
    def scopes(self) -> tuple[Scope, ...] | None:
        """The scopes that the person is known to have, as of the last minutes; None if they have to be asked for."""
        with guarded() as redis:
            value = self._seal.open(redis.hget(self._key, "scopes"), max_age=300)
        return None if value is None else tuple(Scope(*item) for item in value)

    def keep_scopes(self, scopes: Iterable[Scope]) -> None:
        """Remembers ``scopes`` for some minutes."""
        value = [[s.kind, s.id, s.name, s.domain_id, s.domain_name] for s in scopes]
        with guarded() as redis, redis.pipeline() as pipe:
            pipe.hset(self._key, "scopes", self._seal.close(value))
            pipe.expire(self._key, self._seconds(), nx=True)
            pipe.execute()

    def _seconds(self) -> int:
        absolute = (self.ends_at - datetime.now(UTC)).total_seconds()
        return max(1, int(min(settings.SESSION_IDLE_SECONDS, absolute)))

    @property
    def is_renewal_due(self) -> bool:
        """Whether the store should be told again that somebody is there."""
        return time.time() - self.seen_at > min(RENEW_SECONDS, settings.SESSION_IDLE_SECONDS / 10)

    def renew(self) -> None:
        """Starts the idle time anew. The absolute end stays."""
        now = time.time()
        with guarded() as redis, redis.pipeline() as pipe:
            # "seen" is a key of its own: writing a field could bring back a session that just ended.
            pipe.expire(self._key, self._seconds())
            pipe.set(f"seen:{self.id_hash}", str(int(now)), ex=self._seconds())
            pipe.execute()
        self.seen_at = now

    def end(self) -> None:
        """Ends the session; its cookie is worth nothing from now on. Tokens are not revoked here."""
        # Whether or not the list of the person's sessions still knows it.
        _end(_index(self.keystone, self.person.id), [self.id_hash])


def as_text(value: bytes | str) -> str:
    """A name from the store as text."""
    return value.decode() if isinstance(value, bytes) else value


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def hash_of(cookie: str) -> str:
    """What the store knows a cookie by."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def start(
    unscoped: Access,
    *,
    scoped: Access | None,
    scopes: Sequence[Scope],
    region: str,
    ip: str,
    agent: str,
) -> Held:
    """A new session, under a new cookie, written in one go. Raises Away."""
    now = datetime.now(UTC)
    absolute = datetime.fromtimestamp(now.timestamp() + settings.SESSION_SECONDS, UTC)
    accesses = {access.scope.key: access for access in (unscoped, scoped) if access is not None}
    held = Held(
        cookie=secrets.token_urlsafe(32),
        person=unscoped.person,
        keystone=unscoped.keystone,
        region=region,
        created_at=now,
        ends_at=min([absolute, *(access.expires_at for access in accesses.values())]),
        seen_at=now.timestamp(),
        ip=ip,
        agent=agent[:200],
        accesses=accesses,
    )
    fields: dict[Any, Any] = {"meta": held._seal.close(_meta_json(held))}
    for key, access in accesses.items():
        fields[f"scope:{key}"] = held._seal.close(_access_json(access))
    if scopes:
        value = [[s.kind, s.id, s.name, s.domain_id, s.domain_name] for s in scopes]
        fields["scopes"] = held._seal.close(value)
    index = _index(held.keystone, held.person.id)
    note = Seal("sessions").close([now.timestamp(), held.ends_at.timestamp(), ip, held.agent])
    with guarded() as redis, redis.pipeline() as pipe:
        pipe.hset(held._key, mapping=fields)
        pipe.expire(held._key, held._seconds())
        pipe.set(f"seen:{held.id_hash}", str(int(now.timestamp())), ex=held._seconds())
        pipe.hset(index, held.id_hash, note)
        pipe.expire(index, settings.SESSION_SECONDS)
        pipe.execute()
    return held


def load(cookie: str, scope_key: str = "") -> Held | None:
    """The session of a cookie with its token for a scope, in one request to the store. Raises Away."""
    if not COOKIE.fullmatch(cookie):
        return None
    id_hash = hash_of(cookie)
    names = ["meta", *([f"scope:{scope_key}"] if scope_key else [])]
    with guarded() as redis, redis.pipeline(transaction=False) as pipe:
        pipe.hmget(f"session:{id_hash}", names)
        pipe.get(f"seen:{id_hash}")
        fields, seen = pipe.execute()
    meta = Seal("session", cookie).open(fields[0])
    if meta is None or seen is None:
        return None
    held = _held_from(cookie, meta, float(seen))
    if held.expires_at <= datetime.now(UTC):
        return None
    if scope_key:
        held._take(scope_key, fields[1])
    return held


@dataclass(frozen=True)
class Note:
    """One of a person's sessions, as the page of sessions shows it."""

    id_hash: str
    created_at: datetime
    ends_at: datetime
    ip: str
    agent: str
    seen_at: datetime | None


def sessions_of(keystone: str, person_id: str) -> list[Note]:
    """A person's sessions that have not ended, newest first. Raises Away."""
    index, seal = _index(keystone, person_id), Seal("sessions")
    with guarded() as redis:
        entries = redis.hgetall(index)
        notes = {as_text(name): note for name, note in entries.items()}
        names = list(notes)
        seen = redis.mget([f"seen:{name}" for name in names]) if names else []
        gone = [name for name, mark in zip(names, seen, strict=True) if mark is None]
        if gone:
            redis.hdel(index, *gone)
    found = []
    for name, mark in zip(names, seen, strict=True):
        value = seal.open(notes[name])
        if mark is None or value is None:
            continue
        created, ends, ip, agent = value
        found.append(Note(name, _time(created), _time(ends), ip, agent, _time(float(mark))))
    return sorted(found, key=lambda note: note.created_at, reverse=True)


def end_sessions(keystone: str, person_id: str, id_hashes: Sequence[str]) -> None:
    """Ends sessions of a person; hashes that are not this person's are left alone. Raises Away."""
    if not id_hashes:
        return
    index = _index(keystone, person_id)
    with guarded() as redis:
        known = [name for name, note in zip(id_hashes, redis.hmget(index, list(id_hashes)), strict=True) if note]
    if known:
        _end(index, known)


def _end(index: str, names: Sequence[str]) -> None:
    with guarded() as redis, redis.pipeline() as pipe:
        pipe.delete(*(f"{kind}:{name}" for name in names for kind in ("session", "seen")))
        pipe.hdel(index, *names)
        pipe.execute()
    for name in names:
        session_ended.send(sender=Held, id_hash=name)


def end_others(held: Held) -> int:
    """Ends the person's other sessions and says how many. Raises Away."""
    others = [note.id_hash for note in sessions_of(held.keystone, held.person.id) if note.id_hash != held.id_hash]
    end_sessions(held.keystone, held.person.id, others)
    return len(others)


def _index(keystone: str, person_id: str) -> str:
    return "sessions:" + hashlib.sha256(f"{keystone} {person_id}".encode()).hexdigest()


def _time(value: float) -> datetime:
    return datetime.fromtimestamp(value, UTC)


def _meta_json(held: Held) -> list[Any]:
    return [
        _person_json(held.person),
        held.keystone,
        held.region,
        held.created_at.timestamp(),
        held.ends_at.timestamp(),
        held.ip,
        held.agent,
    ]


def _held_from(cookie: str, meta: list[Any], seen: float) -> Held:
    person, keystone, region, created, ends, ip, agent = meta
    return Held(
        cookie=cookie,
        person=_person_from(person),
        keystone=keystone,
        region=region,
        created_at=_time(created),
        ends_at=_time(ends),
        seen_at=seen,
        ip=ip,
        agent=agent,
    )


def _person_json(person: Person) -> list[Any]:
    expires = person.password_expires_at
    return [person.id, person.name, person.domain_id, person.domain_name, expires.timestamp() if expires else None]


def _person_from(value: list[Any]) -> Person:
    own_id, name, domain_id, domain_name, expires = value
    return Person(own_id, name, domain_id, domain_name, None if expires is None else _time(expires))


def _access_json(access: Access) -> list[Any]:
    s = access.scope
    return [
        access.token,
        access.expires_at.timestamp(),
        _person_json(access.person),
        [s.kind, s.id, s.name, s.domain_id, s.domain_name],
        list(access.roles),
        access.catalog.to_json(),
        access.keystone,
    ]


def _access_from(value: list[Any]) -> Access:
    token, expires, person, scope, roles, catalog, keystone = value
    return Access(
        token=token,
        expires_at=_time(expires),
        person=_person_from(person),
        scope=Scope(*scope),
        roles=tuple(roles),
        catalog=Catalog.from_stored(catalog),
        keystone=keystone,
    )
