"""Several scopes at once: which there are, and tokens for those that a page needs, a few at a time."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from dashboard.auth.store import Held, now
from dashboard.cloud import identity
from dashboard.cloud.connection import Access, Scope
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import in_turn


def projects_of(held: Held) -> tuple[Scope, ...]:
    """The person's projects by name, as of the last minutes; else Keystone is asked. Raises CloudError and Away."""
    known = held.scopes
    if known is None:
        unscoped = held.unscoped
        if unscoped is None:
            raise Unauthorized("The token has ended.", service="identity", status=401)
        known = identity.list_scopes(unscoped)
        held.keep_scopes(known)
    return tuple(scope for scope in known if scope.kind == "project")


def held_tokens(held: Held) -> dict[str, Access]:
    """The tokens of this session that still hold, by scope, with one question to the store. Raises Away."""
    moment = now()
    return {access.scope.key: access for access in held.all_accesses() if access.expires_at > moment}


def reach(held: Held, scopes: Iterable[Scope]) -> Mapping[str, CloudError]:
    """Gets and keeps a token for each of these scopes; why not, by scope, for those that gave none. Raises Away."""
    wanted = tuple(scopes)
    unscoped = held.unscoped
    if unscoped is None:
        raise Unauthorized("The token has ended.", service="identity", status=401)
    failed: dict[str, CloudError] = {}
    calls = [functools.partial(identity.get_scoped, unscoped, scope) for scope in wanted]
    for scope, outcome in zip(wanted, in_turn(calls), strict=True):
        access = outcome.or_else(None)
        if access is not None:
            held.add(access)
        elif outcome.error is not None:
            failed[scope.key] = outcome.error
    return failed
