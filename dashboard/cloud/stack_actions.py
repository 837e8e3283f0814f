"""What is done to stacks: made, changed, checked, suspended, kept and deleted.

Follows the Orchestration Service API v1, "Stacks", "Stack actions", "Stack snapshots".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import heat, paging, wire
from dashboard.cloud.connection import Cloud, json_of
from dashboard.cloud.errors import Invalid, NotFound, ServiceFault
from dashboard.cloud.stacks import Stack, confirm_gone


@dataclass(frozen=True)
class Order:
    """What Heat is sent to make or change a stack; ``template`` is its text, or ``template_url`` where Heat gets it."""

    template: str = ""
    template_url: str = ""
    environment: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    timeout_minutes: int | None = None
    is_rollback_on: bool = True
    tags: tuple[str, ...] = ()
    is_patch: bool = False
    """Whether parameters that are left out stay as they are: secrets above all, which nobody can send back."""
    cleared: tuple[str, ...] = ()
    """Parameters that go back to the template's default all the same."""

    def source(self) -> heat.JSON:
        """The part that says what is made."""
        body: heat.JSON = {"template_url": self.template_url} if self.template_url else {"template": self.template}
        if self.environment.strip():
            body["environment"] = self.environment
        if self.files:
            body["files"] = dict(self.files)
        return body

    def body(self) -> heat.JSON:
        """All of it."""
        body = {**self.source(), "parameters": dict(self.parameters), "disable_rollback": not self.is_rollback_on}
        if self.timeout_minutes:
            body["timeout_mins"] = self.timeout_minutes
        if self.tags:
            body["tags"] = ",".join(self.tags)
        if self.is_patch and self.cleared:
            body["clear_parameters"] = list(self.cleared)
        return body


def create_stack(cloud: Cloud, order: Order) -> Stack:
    """Begins to make a stack, and gives it as known so far: id and name. Raises CloudError."""
    answer = cloud.post(heat.SERVICE, "/stacks", {"stack_name": order.name, **order.body()})
    made = paging.inner(answer, "stack", heat.SERVICE)
    return Stack(id=wire.text(made.get("id")), name=order.name, status="CREATE_IN_PROGRESS")


def update_stack(cloud: Cloud, stack: Stack, order: Order) -> None:
    """Begins to change a stack to what the order says. Raises CloudError."""
    cloud.request(heat.SERVICE, _verb(order), heat.stack_path(stack.name, stack.id), json=order.body())


def _verb(order: Order) -> str:
    return "PATCH" if order.is_patch else "PUT"


def preview_stack(cloud: Cloud, order: Order) -> heat.JSON:
    """What would be made; nothing is. Raises CloudError."""
    answer = cloud.post(heat.SERVICE, "/stacks/preview", {"stack_name": order.name, **order.body()})
    return paging.inner(answer, "stack", heat.SERVICE)


def preview_update(cloud: Cloud, stack: Stack, order: Order) -> heat.JSON:
    """Which resources would be added, replaced, updated, deleted, left alone; nothing is done. Raises CloudError."""
    path = f"{heat.stack_path(stack.name, stack.id)}/preview"
    answer = json_of(cloud.request(heat.SERVICE, _verb(order), path, json=order.body()), heat.SERVICE)
    return paging.inner(answer, "resource_changes", heat.SERVICE)


def delete_stack(cloud: Cloud, stack: Stack) -> None:
    """Begins to delete a stack and all that it made. Raises CloudError, NotFound if it is gone already."""
    try:
        cloud.delete(heat.SERVICE, heat.stack_path(stack.name, stack.id))
    except (Invalid, ServiceFault) as error:
        # A deleted stack loses its credentials before its row. Asked to delete it in between, Heat's engine fails: a
        # 400 without a word (AttributeError in Stack._check_refresh_cred), or a 500 where it writes them once more.
        if not confirm_gone(cloud, stack.id):
            raise
        raise NotFound("There is no such stack.", service=heat.SERVICE, status=404) from error


def act(cloud: Cloud, stack: Stack, action: str) -> None:
    """Does ``check``, ``suspend``, ``resume``, ``cancel_update`` or ``cancel_without_rollback``. Raises CloudError."""
    cloud.request(heat.SERVICE, "POST", f"{heat.stack_path(stack.name, stack.id)}/actions", json={action: None})


def abandon_stack(cloud: Cloud, stack: Stack) -> heat.JSON:
    """Makes Heat forget a stack and leave its resources; gives what it would be adopted with. Raises CloudError."""
    response = cloud.request(heat.SERVICE, "DELETE", f"{heat.stack_path(stack.name, stack.id)}/abandon")
    return json_of(response, heat.SERVICE) if response.content else {}


def export_stack(cloud: Cloud, stack: Stack) -> heat.JSON:
    """All that Heat knows of a stack, as ``adopt`` takes it. Raises CloudError."""
    return cloud.get(heat.SERVICE, f"{heat.stack_path(stack.name, stack.id)}/export")


def mark_unhealthy(cloud: Cloud, stack: Stack, resource: str, reason: str, *, is_unhealthy: bool = True) -> None:
    """Has the next update replace a resource, or leave it again. Raises CloudError."""
    path = f"{heat.stack_path(stack.name, stack.id)}/resources/{wire.path_id(resource)}"
    body = {"mark_unhealthy": is_unhealthy, "resource_status_reason": reason}
    cloud.request(heat.SERVICE, "PATCH", path, json=body)


def signal(cloud: Cloud, stack: Stack, resource: str, data: Mapping[str, Any]) -> None:
    """Tells a resource that waits for it that something happened. Raises CloudError."""
    path = f"{heat.stack_path(stack.name, stack.id)}/resources/{wire.path_id(resource)}/signal"
    cloud.request(heat.SERVICE, "POST", path, json=dict(data))


def adopt_stack(cloud: Cloud, name: str, kept: str, *, timeout_minutes: int | None, is_rollback_on: bool) -> Stack:
    """Begins to make a stack of what an abandoned one left; ``kept`` is the JSON of its export. Raises CloudError."""
    body: heat.JSON = {
        "stack_name": name,
        "adopt_stack_data": kept,
        # Its own are in what was kept.
        "parameters": {},
        "disable_rollback": not is_rollback_on,
    }
    if timeout_minutes:
        body["timeout_mins"] = timeout_minutes
    made = paging.inner(cloud.post(heat.SERVICE, "/stacks", body), "stack", heat.SERVICE)
    return Stack(id=wire.text(made.get("id")), name=name, status="ADOPT_IN_PROGRESS")


@dataclass(frozen=True)
class StackSnapshot:
    """What a stack and its resources were at a moment."""

    id: str
    name: str
    status: str
    reason: str = ""
    created: datetime | None = None

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> StackSnapshot:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            status=wire.text(item.get("status")),
            reason=wire.text(item.get("status_reason")),
            created=wire.moment(item.get("creation_time")),
        )

    @property
    def is_ready(self) -> bool:
        return self.status == "COMPLETE"


def list_snapshots(cloud: Cloud, stack: Stack) -> Sequence[StackSnapshot]:
    """The snapshots of a stack. Raises CloudError."""
    found = heat.some(cloud, f"{heat.stack_path(stack.name, stack.id)}/snapshots", "snapshots")
    return [StackSnapshot.from_json(item) for item in found]


def create_snapshot(cloud: Cloud, stack: Stack, name: str) -> str:
    """Begins to take a snapshot of everything that can be; gives its id. Raises CloudError."""
    answer = cloud.post(heat.SERVICE, f"{heat.stack_path(stack.name, stack.id)}/snapshots", {"name": name})
    return wire.text(answer.get("id"))


def restore_snapshot(cloud: Cloud, stack: Stack, snapshot_id: str) -> None:
    """Begins to bring a stack back to a snapshot. Raises CloudError."""
    path = f"{heat.stack_path(stack.name, stack.id)}/snapshots/{wire.path_id(snapshot_id)}/restore"
    cloud.request(heat.SERVICE, "POST", path)


def delete_snapshot(cloud: Cloud, stack: Stack, snapshot_id: str) -> None:
    """Deletes a snapshot of a stack. Raises CloudError."""
    cloud.delete(heat.SERVICE, f"{heat.stack_path(stack.name, stack.id)}/snapshots/{wire.path_id(snapshot_id)}")
