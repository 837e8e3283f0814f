"""Projects that are made, and taken down, step by step, whether the browser is open or not: what the workers do."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from dashboard.cloud import project_create, project_teardown
from dashboard.cloud.connection import Cloud
from dashboard.cloud.project_create import Making
from dashboard.cloud.project_teardown import Teardown
from dashboard.live import errands
from dashboard.live.errands import Errand

TEARDOWN, MAKING = "teardown", "new-project"


def begin_teardown(cloud: Cloud, work: Teardown) -> str:
    """Sets a teardown going, and gives its id. Raises Away: then nothing is done."""
    return _begin(cloud, TEARDOWN, work.project_id, work.to_facts())


def begin_making(cloud: Cloud, work: Making) -> str:
    """Has the rest of a new project made, and gives the errand's id. Raises Away."""
    return _begin(cloud, MAKING, work.project_id, work.to_facts())


def teardown(cloud: Cloud, id: str) -> tuple[Errand, Teardown] | None:
    """A teardown as it is now, for administrators of the same cloud; None if it is forgotten."""
    found = _get(cloud, TEARDOWN, id)
    return (found, Teardown.from_facts(found.facts["work"])) if found is not None else None


def making(cloud: Cloud, id: str) -> tuple[Errand, Making] | None:
    """A project that is being made, for who began it; None if it is forgotten or another's."""
    found = _get(cloud, MAKING, id)
    if found is None or found.facts.get("person") != cloud.access.person.id:
        return None
    return found, Making.from_facts(found.facts["work"])


def last_teardown(cloud: Cloud, project_id: str) -> Errand | None:
    """The last teardown of a project, within a day."""
    found = errands.of(_name(cloud, TEARDOWN, project_id))
    return _get(cloud, TEARDOWN, found.id) if found is not None else None


def _begin(cloud: Cloud, kind: str, project_id: str, work: dict[str, Any]) -> str:
    id = secrets.token_hex(16)
    person = cloud.access.person
    facts = {"work": work, "keystone": cloud.access.keystone, "person": person.id, "by": person.name}
    errands.begin(cloud, id, kind, facts)
    errands.point(_name(cloud, kind, project_id), id)
    return id


def _name(cloud: Cloud, kind: str, project_id: str) -> str:
    return f"{kind}:{cloud.access.keystone}:{project_id}"


def _get(cloud: Cloud, kind: str, id: str) -> Errand | None:
    found = errands.get(id) if errands.is_id(id) else None
    if found is None or found.kind != kind or found.facts.get("keystone") != cloud.access.keystone:
        return None
    return found


def _teardown_step(cloud: Cloud, errand: Errand) -> Errand:
    work = Teardown.from_facts(errand.facts["work"])
    project_teardown.step(cloud, work)
    after = replace(errand, facts={**errand.facts, "work": work.to_facts()}, words="")
    if not work.is_over:
        return after
    return replace(after, state="done" if work.is_done else "failed", code="" if work.is_done else "left")


def _making_step(cloud: Cloud, errand: Errand) -> Errand:
    work = Making.from_facts(errand.facts["work"])
    project_create.step(cloud, work)
    after = replace(errand, facts={**errand.facts, "work": work.to_facts()}, words="")
    if not work.is_over:
        return after
    return replace(after, state="done" if work.is_done else "failed", code="" if work.is_done else "left")


STEPS: dict[str, errands.Step] = {TEARDOWN: _teardown_step, MAKING: _making_step}
"""The steps of these errands."""
