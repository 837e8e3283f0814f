"""Names of projects, people and servers: asked for once by all who see the same, and kept for a while."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping

from dashboard.cloud import everywhere, server_groups
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound
from dashboard.cloud.parallel import in_turn, later
from dashboard.live import cache

PROJECTS_SECONDS = 300
ONE_SECONDS = 1800
OWN_SECONDS = 30
WAIT_SECONDS = 2.0
MOST = 100
"""Names that are asked for one by one for one page; what is beyond keeps its id."""


def project_names(cloud: Cloud) -> Mapping[str, str]:
    """Every project's name by its id; nothing for those whom Keystone does not tell."""
    try:
        found: Mapping[str, str] = cache.cached(
            cloud, "project-names", PROJECTS_SECONDS, functools.partial(everywhere.list_project_names, cloud)
        )
    except CloudError:
        return {}
    return found


def user_names(cloud: Cloud, ids: Iterable[str]) -> Mapping[str, str]:
    """People's names by id, of those that can be had."""
    return _names(cloud, "user-name", ids, everywhere.get_user_name)


def server_names(cloud: Cloud, ids: Iterable[str]) -> Mapping[str, str]:
    """Servers' names by id, of those that can be had."""
    return _names(cloud, "server-name", ids, everywhere.get_server_name)


def own_server_names(cloud: Cloud, ids: Iterable[str]) -> Mapping[str, str]:
    """Names of the project's servers by id: from the list that is watched, the others from one kept half a minute.

    Of many servers Nova's own list takes seconds. It is waited for a moment, and is there the next time.
    """
    # What is watched needs these names itself.
    from dashboard.live import watch

    wanted = {id for id in ids if id}
    if not wanted or not cloud.offers("compute"):
        return {}
    mirror = watch.peek(cloud, "servers")
    names = {id: mirror.rows[id].name for id in wanted if id in mirror.rows} if mirror is not None else {}
    if len(names) < len(wanted):
        # A list that nobody watches any more does not learn of new servers.
        fetch = functools.partial(server_groups.list_server_names, cloud)
        kept = later(functools.partial(cache.cached, cloud, "server-names", OWN_SECONDS, fetch), seconds=WAIT_SECONDS)
        known: Mapping[str, str] = kept.or_else({})
        names |= {id: known[id] for id in wanted if id in known}
    return names


def _names(cloud: Cloud, kind: str, ids: Iterable[str], fetch: Callable[[Cloud, str], str]) -> Mapping[str, str]:
    wanted = [id for id in dict.fromkeys(ids) if id][:MOST]
    calls = [functools.partial(_name, cloud, kind, id, fetch) for id in wanted]
    found = {id: outcome.or_else("") for id, outcome in zip(wanted, in_turn(calls, seconds=4), strict=True)}
    return {id: name for id, name in found.items() if name}


def _name(cloud: Cloud, kind: str, id: str, fetch: Callable[[Cloud, str], str]) -> str:
    def fetched() -> str:
        try:
            return fetch(cloud, id)
        except NotFound:
            # Deleted: that is worth remembering, too.
            return ""

    return cache.cached(cloud, f"{kind}:{id}", ONE_SECONDS, fetched)
