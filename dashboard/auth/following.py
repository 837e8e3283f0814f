"""Roles that were given or taken while somebody is signed in: noticed, and followed by a new token for the scope.

Keystone ends a scope's token with the last role there, and some others with any role that goes; the unscoped token,
from which a new one is made, lives on. Services keep what they knew of a token for minutes, so a new one is fetched
for new roles, too.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import Literal

from django.conf import settings

from dashboard.auth.store import Held, hash_of
from dashboard.cloud import identity
from dashboard.cloud.connection import Access
from dashboard.cloud.errors import CloudError, Forbidden, NotFound, Unauthorized
from dashboard.store import guarded

State = Literal["same", "changed", "none", "ended", "unknown"]
WAIT_SECONDS = 2.5
"""How long one waits for what another request fetches already."""


@dataclass(frozen=True)
class Followed:
    """What became of a scope's token.

    same: it holds. changed: there is a new one. none: the person has no role there any more. ended: the session's own
    token is not taken either. unknown: Keystone can't be asked.
    """

    state: State
    access: Access


def look(held: Held, access: Access) -> Followed:
    """Asks Keystone whether a scope's roles are still those of its token; once in a while for all of the session's
    pages together. Raises Away."""
    kept = _kept(held, access)
    if kept.token != access.token:
        return Followed("changed", kept)
    access = kept
    if not _is_first(held, access, "look", max(1, int(min(10.0, settings.PROOF_SECONDS / 2)))):
        return Followed("same" if access.roles else "none", access)
    try:
        roles = identity.roles_now(access)
    except CloudError:
        return Followed("unknown", access)
    return Followed("same", access) if roles == access.roles else renew(held, access)


def renew(held: Held, access: Access) -> Followed:
    """A new token in place of one whose roles have changed, or that Keystone refused. Raises Away."""
    if not _is_first(held, access, "renew", 3):
        return _awaited(held, access)
    kept = _kept(held, access)
    if kept.token != access.token:
        return Followed("changed", kept)
    unscoped = held.unscoped
    if unscoped is None:
        return Followed("ended", access)
    try:
        fresh = identity.get_scoped(unscoped, access.scope)
    except (Unauthorized, Forbidden, NotFound):
        if not identity.is_valid(unscoped):
            return Followed("ended", access)
        _learn_scopes(held)
        # No token is without roles: this is how the session's other pages know.
        held.add(replace(access, roles=()))
        return Followed("none", held.accesses[access.scope.key])
    except CloudError:
        return Followed("unknown", access)
    held.add(fresh)
    _learn_scopes(held)
    return Followed("changed", fresh)


def _learn_scopes(held: Held) -> None:
    """What the switcher offers is another from now on."""
    if held.unscoped is not None:
        with contextlib.suppress(CloudError):
            held.keep_scopes(identity.list_scopes(held.unscoped))


def _kept(held: Held, access: Access) -> Access:
    """The token that the session holds by now: another page may have fetched a new one."""
    held.accesses.pop(access.scope.key, None)
    return held.access(access.scope.key) or access


def _awaited(held: Held, access: Access) -> Followed:
    ends = time.monotonic() + WAIT_SECONDS
    while (kept := _kept(held, access)).roles and time.monotonic() < ends:
        if kept.token != access.token:
            return Followed("changed", kept)
        time.sleep(0.1)
    return Followed("unknown" if kept.roles else "none", kept)


def _is_first(held: Held, access: Access, what: str, seconds: int) -> bool:
    # The token is in the name, so that a new one is looked at by itself.
    name = hash_of(f"{held.id_hash} {access.token}")[:32]
    with guarded() as redis:
        return bool(redis.set(f"{what}:{name}", b"1", nx=True, ex=seconds))
