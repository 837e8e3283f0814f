"""Containers that are emptied, whether the browser is open or not: what the workers do."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import replace

from dashboard.cloud import container_emptying
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_emptying import Emptying
from dashboard.cloud.errors import CloudError, Unauthorized, Unavailable
from dashboard.live import errands
from dashboard.live.errands import Errand
from dashboard.live.store import Away, guarded

KIND = "empty-container"
SECONDS = 6 * 3600
"""Swift deletes some hundred objects a second at best, and there may be millions. The token may end sooner."""


def begin(cloud: Cloud, work: Emptying) -> str:
    """Has the rest done, and gives the errand's id. Raises Away: then nobody goes on."""
    id = secrets.token_hex(16)
    facts = {
        "work": work.to_facts(),
        "keystone": cloud.access.keystone,
        "region": cloud.region,
        "project": cloud.project_id,
        "by": cloud.access.person.name,
        "seconds": SECONDS,
    }
    errands.begin(cloud, id, KIND, facts)
    errands.point(_name(cloud, work.container), id)
    return id


def get(cloud: Cloud, id: str) -> tuple[Errand, Emptying] | None:
    """One as it is now, for everybody of the same project; None if it is forgotten."""
    return _of_project(cloud, errands.get(id) if errands.is_id(id) else None)


def of(cloud: Cloud, container: str) -> tuple[Errand, Emptying] | None:
    """The last one of a container, within a day."""
    return _of_project(cloud, errands.of(_name(cloud, container)))


def _of_project(cloud: Cloud, found: Errand | None) -> tuple[Errand, Emptying] | None:
    if found is None or found.kind != KIND:
        return None
    place = (found.facts.get("keystone"), found.facts.get("region"), found.facts.get("project"))
    if place != (cloud.access.keystone, cloud.region, cloud.project_id):
        return None
    return found, Emptying.from_facts(found.facts["work"])


def stop(id: str) -> None:
    """Has it begin nothing more. What a worker is at, it ends."""
    with contextlib.suppress(Away), guarded() as store:
        store.set(_stop(id), b"1", ex=SECONDS)


def _is_stopped(id: str) -> bool:
    with guarded() as store:
        return bool(store.exists(_stop(id)))


def _stop(id: str) -> str:
    return f"live:errand:{{{id}}}:stop"


def _name(cloud: Cloud, container: str) -> str:
    return f"{KIND}:{cloud.access.keystone}:{cloud.region}:{cloud.project_id}:{container}"


def _step(cloud: Cloud, errand: Errand) -> Errand:
    work = Emptying.from_facts(errand.facts["work"])
    if _is_stopped(errand.id):
        work.stop()
    else:
        try:
            container_emptying.step(cloud, work)
        except (Unauthorized, Unavailable):
            raise
        except CloudError as error:
            work.give_up(error.message or str(error.status))
    after = replace(errand, facts={**errand.facts, "work": work.to_facts()}, words="")
    if not work.is_over:
        return after
    return replace(after, state="done" if work.is_done else "failed", code="" if work.is_done else "left")


STEPS: dict[str, errands.Step] = {KIND: _step}
"""The steps of these errands."""
