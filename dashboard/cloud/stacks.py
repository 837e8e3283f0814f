"""Stacks: what a template makes, as one thing that is made, changed and deleted together.

Follows the Orchestration Service API v1, "Stacks".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud import heat, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden, NotFound
from dashboard.cloud.types import Lookup, Page, Query, slice_of

NONE = ("No description", "No description given")
"""What Heat has for descriptions that there are none of."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Output:
    """One thing that a stack tells: ``value`` is any JSON; None until the stack has it."""

    name: str
    value: Any = None
    description: str = ""
    error: str = ""
    """Why Heat could not tell it."""


@dataclass(frozen=True)
class Stack:
    """A stack. ``status`` is an action and how far it got: CREATE_IN_PROGRESS, UPDATE_FAILED, DELETE_COMPLETE."""

    id: str
    name: str
    status: str
    reason: str = ""
    description: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    owner: str = ""
    """The name of the user who made it."""
    parent_id: str = ""
    """The stack that it is a resource of."""
    tags: tuple[str, ...] = ()
    project_id: str = ""
    """Told to administrators who list the stacks of all projects."""
    project_name: str = ""
    timeout_minutes: int | None = None
    is_rollback_on: bool = False
    """Whether a failed creation is undone."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    capabilities: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Stack:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("stack_name")),
            status=wire.text(item.get("stack_status")),
            reason=wire.text(item.get("stack_status_reason")),
            description=description if (description := wire.text(item.get("description"))) not in NONE else "",
            created=wire.moment(item.get("creation_time")),
            updated=wire.moment(item.get("updated_time")),
            owner=wire.text(item.get("stack_owner")),
            parent_id=wire.text(item.get("parent")),
            tags=wire.texts(item.get("tags")),
            project_id=wire.text(item.get("project")),
            project_name=wire.text(item.get("project_name")),
            timeout_minutes=wire.optional(item.get("timeout_mins")),
            is_rollback_on="disable_rollback" in item and not wire.flag(item.get("disable_rollback")),
            parameters=wire.mapping(item.get("parameters")),
            outputs=tuple(
                Output(
                    name=wire.text(output.get("output_key")),
                    value=output.get("output_value"),
                    description="" if output.get("description") in NONE else wire.text(output.get("description")),
                    error=wire.text(output.get("output_error")),
                )
                for output in wire.objects(item.get("outputs"))
            ),
            capabilities=wire.texts(item.get("capabilities")),
        )

    @property
    def action(self) -> str:
        """What was last done: CREATE, UPDATE, DELETE, CHECK, SUSPEND, RESUME, ROLLBACK, SNAPSHOT, RESTORE, ADOPT."""
        return self.status.partition("_")[0]

    @property
    def state(self) -> str:
        """How far that got: IN_PROGRESS, COMPLETE or FAILED."""
        return self.status.partition("_")[2]

    @property
    def is_transitional(self) -> bool:
        """Whether its state is about to change by itself."""
        return self.state == "IN_PROGRESS"

    @property
    def is_failed(self) -> bool:
        return self.state == "FAILED"

    @property
    def own_parameters(self) -> Mapping[str, Any]:
        """The parameters that people give: without what Heat adds (``OS::stack_id``)."""
        return {key: value for key, value in self.parameters.items() if not key.startswith("OS::")}


LOOKUP: Lookup[Stack] = Lookup(
    text=lambda stack: (stack.name, stack.id, stack.description, stack.owner, *stack.tags),
    values={
        "status": lambda stack: stack.status,
        "state": lambda stack: stack.state,
        "action": lambda stack: stack.action,
        "owner": lambda stack: stack.owner,
        "tag": lambda stack: stack.tags,
        "name": lambda stack: stack.name,
        "id": lambda stack: stack.id,
        "project": lambda stack: (stack.project_id, stack.project_name),
    },
    sorts={
        "name": lambda stack: stack.name,
        "status": lambda stack: stack.status,
        "owner": lambda stack: stack.owner,
        "created": lambda stack: stack.created or LONG_AGO,
        "updated": lambda stack: stack.updated or LONG_AGO,
    },
)
SORTS = {"name": "stack_name", "status": "stack_status", "created": "creation_time", "updated": "updated_time"}


def list_stacks(cloud: Cloud, query: Query) -> Page[Stack]:
    """One page of the project's stacks, sorted by Heat. Raises CloudError.

    What Heat can't look for (parts of names, several values) is looked for in all that there are.
    """
    return _listed(cloud, query)


def list_all_stacks(cloud: Cloud, query: Query) -> Page[Stack]:
    """As ``list_stacks``, of every project, for administrators; of their own for others. Raises CloudError."""
    with _of_all(cloud) as params:
        return _listed(cloud, query, **params)


@contextmanager
def _of_all(cloud: Cloud) -> Iterator[dict[str, Any]]:
    """What to ask Heat with for the stacks of all projects; of their own for who is no administrator."""
    if not cloud.has_role("admin"):
        yield {}
        return
    try:
        yield {"global_tenant": "true"}
    except Forbidden as error:
        # Heat does not say what it refuses; by its own policy it refuses this to everybody.
        message = "stacks:global_index is not allowed."
        raise Forbidden(message, service=heat.SERVICE, status=error.status, request_id=error.request_id) from error


def _listed(cloud: Cloud, query: Query, **params: Any) -> Page[Stack]:
    if query.is_filtered or query.before or query.sort not in ("", *SORTS):
        rows = [Stack.from_json(item) for items in heat.every_stack(cloud, **params) for item in items]
        matching, counts = LOOKUP.ordered(rows, query, default_sort="created")
        found = slice_of(matching, query, counts=counts)
        if found.is_marker_lost:
            raise NotFound("The marker is not in the list.", service=heat.SERVICE)
        return found
    is_descending = query.is_descending if query.sort else True
    items = heat.some(
        cloud,
        "/stacks",
        "stacks",
        limit=query.limit + 1,
        marker=query.marker or None,
        sort_keys=SORTS[query.sort or "created"],
        sort_dir="desc" if is_descending else "asc",
        **params,
    )
    rows = [Stack.from_json(item) for item in items]
    return Page(
        rows=tuple(rows[: query.limit]), has_next=len(rows) > query.limit, has_previous=bool(query.marker), total=None
    )


def get_stack(cloud: Cloud, id: str) -> Stack:
    """A stack with parameters and outputs. Raises CloudError, NotFound among them."""
    return Stack.from_json(heat.get_stack_json(cloud, id))


def get_brief(cloud: Cloud, id: str) -> Stack:
    """A stack as lists have it, without parameters and outputs: one quick request. Raises CloudError."""
    return Stack.from_json(heat.find_stack(cloud, id))


# What the list that is watched needs


def iter_stacks(cloud: Cloud) -> Iterator[list[heat.JSON]]:
    """Every stack of the project, page by page. Raises CloudError."""
    for items in heat.every_stack(cloud):
        yield [trim(item) for item in items if item.get("id")]


def iter_all_stacks(cloud: Cloud, names: Mapping[str, str]) -> Iterator[list[heat.JSON]]:
    """As ``iter_stacks``, of every project, with its name from ``names``."""
    with _of_all(cloud) as params:
        for items in heat.every_stack(cloud, **params):
            yield [named(trim(item), names) for item in items if item.get("id")]


def named(item: Mapping[str, Any], names: Mapping[str, str]) -> heat.JSON:
    """A stack's JSON with its project's name."""
    return {**item, "project_name": names.get(wire.text(item.get("project")), "")}


def trim(item: Mapping[str, Any]) -> heat.JSON:
    """What lists need of a stack: no links, parameters or outputs."""
    left_out = {"links", "parameters", "outputs", "notification_topics", "stack_user_project_id"}
    return {key: value for key, value in item.items() if key not in left_out}


def is_gone(item: Mapping[str, Any]) -> bool:
    """Whether this record is of a stack that was deleted."""
    return wire.text(item.get("stack_status")) == "DELETE_COMPLETE"


def confirm_gone(cloud: Cloud, id: str) -> bool:
    """Asks Heat whether what is missing from a list is really gone. Raises CloudError."""
    try:
        return is_gone(heat.find_stack(cloud, id))
    except NotFound:
        return True
