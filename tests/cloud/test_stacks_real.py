"""Stacks on the real Heat: made, read, changed, kept, and gone; a reader is refused all of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from dashboard.cloud import stack_actions as do
from dashboard.cloud import stack_parts, stack_templates, stacks
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.stack_actions import Order
from dashboard.cloud.stack_choices import ask_choices
from dashboard.cloud.stacks import Stack
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud

SMALL = """heat_template_version: 2021-04-16
description: Something that costs nothing
parameters:
  length: {type: number, default: 8, constraints: [{range: {min: 4, max: 64}}]}
  hush: {type: string, hidden: true, default: quiet}
resources:
  word: {type: OS::Heat::RandomString, properties: {length: {get_param: length}}}
outputs:
  word: {description: A word, value: {get_attr: [word, value]}}
"""
SERVER = """heat_template_version: 2021-04-16
parameters:
  NetID: {type: string, constraints: [{custom_constraint: neutron.network}]}
  name: {type: string}
resources:
  server:
    type: OS::Nova::Server
    properties:
      name: {get_param: name}
      image: cirros-0.6
      flavor: m1.tiny
      networks: [{network: {get_param: NetID}}]
outputs:
  name: {value: {get_attr: [server, name]}}
"""


@pytest.fixture
def member(api: Api) -> Cloud:
    return cloud_for(api.member)


@pytest.fixture
def make(member: Cloud) -> Iterator[Callable[..., Stack]]:
    """``make(template, **order)`` gives a stack that came to rest; it is deleted when the test ends."""
    made: list[Stack] = []

    def make_one(template: str = SMALL, **order: Any) -> Stack:
        name = order.pop("name", unique("stack"))
        made.append(do.create_stack(member, Order(template=template, name=name, **order)))
        return at_rest(member, made[-1])

    yield make_one
    for stack in made:
        with contextlib.suppress(NotFound):
            do.delete_stack(member, stack)
    wait_until(lambda: all(stacks.confirm_gone(member, stack.id) for stack in made), what="the stacks' deletion")


def at_rest(cloud: Cloud, stack: Stack) -> Stack:
    def settled() -> Stack | None:
        found = stacks.get_stack(cloud, stack.id)
        return None if found.is_transitional else found

    return wait_until(settled, seconds=120, what=f"the rest of {stack.name}")  # type: ignore[no-any-return]


def test_a_stack_is_made_read_changed_and_found(member: Cloud, make: Callable[..., Stack]) -> None:
    stack = make(parameters={"length": "6"}, tags=("a", "b"), timeout_minutes=10)
    assert (stack.status, stack.tags, stack.timeout_minutes, stack.is_rollback_on) == (
        "CREATE_COMPLETE",
        ("a", "b"),
        10,
        True,
    )
    (output,) = stack.outputs
    assert (output.description, len(str(output.value))) == ("A word", 6)
    assert stack.own_parameters == {"length": "6", "hush": "******"}
    (resource,) = stack_parts.list_resources(member, stack.name, stack.id)
    assert (resource.name, resource.type, resource.is_done) == ("word", "OS::Heat::RandomString", True)
    events = stack_parts.list_events(member, stack.name, stack.id, limit=2)
    assert [event.status for event in events] == ["CREATE_COMPLETE", "CREATE_COMPLETE"]
    source = stack_parts.get_source(member, stack.name, stack.id)
    assert "word" in source.template["resources"]
    order = Order(template=SMALL, parameters={"length": "9"}, is_patch=True)
    changes = do.preview_update(member, stack, order)
    assert [item["resource_name"] for item in changes["replaced"]] == ["word"]
    do.update_stack(member, stack, order)
    found = at_rest(member, stack)
    assert (found.status, len(str(found.outputs[0].value))) == ("UPDATE_COMPLETE", 9)
    for query in (
        Query(text=stack.name[:-2], limit=50),
        Query(terms=(Term("name", stack.name),)),
        Query(terms=(Term("state", "complete"), Term("name", stack.name))),
    ):
        assert stack.id in {item.id for item in stacks.list_stacks(member, query).rows}
    assert stack.id in {item.id for item in stacks.list_stacks(member, Query(limit=100, sort="name")).rows}


def test_a_stack_is_checked_suspended_resumed_kept_and_brought_back(member: Cloud, make: Callable[..., Stack]) -> None:
    stack = make()
    for action, status in (("check", "CHECK"), ("suspend", "SUSPEND"), ("resume", "RESUME")):
        do.act(member, stack, action)
        assert at_rest(member, stack).action == status
    do.create_snapshot(member, stack, "before")
    at_rest(member, stack)
    (kept,) = do.list_snapshots(member, stack)
    assert (kept.name, kept.is_ready) == ("before", True)
    do.restore_snapshot(member, stack, kept.id)
    assert at_rest(member, stack).action == "RESTORE"
    do.delete_snapshot(member, stack, kept.id)
    wait_until(lambda: not do.list_snapshots(member, stack), what="the snapshot's deletion")
    assert do.export_stack(member, stack)["name"] == stack.name


def test_an_abandoned_stack_is_forgotten(member: Cloud, make: Callable[..., Stack]) -> None:
    stack = make()
    do.abandon_stack(member, stack)
    with pytest.raises(NotFound):
        stacks.get_stack(member, stack.id)


def test_a_server_that_fails_is_pinned_with_its_reason(member: Cloud, make: Callable[..., Stack]) -> None:
    stack = make(SERVER, parameters={"NetID": "shared", "name": unique("doomed")}, is_rollback_on=False)
    assert stack.is_failed
    (failed,) = stack_parts.failed_resources(member, stack.name, stack.id)
    assert failed.name == "server"
    assert "ERROR" in failed.reason


def test_a_failed_creation_rolls_back(member: Cloud, make: Callable[..., Stack]) -> None:
    stack = make(SERVER, parameters={"NetID": "shared", "name": unique("doomed")}, is_rollback_on=True)
    assert stack.status == "ROLLBACK_COMPLETE"


def test_heat_says_what_is_wrong_with_a_template(member: Cloud) -> None:
    with pytest.raises(Invalid) as refusal:
        stack_templates.validate(member, Order(template="heat_template_version: 2021-04-16\nresources:\n  a: [\n"))
    assert stack_templates.line_of(refusal.value.message) == 4
    with pytest.raises(Invalid, match="Srver"):
        stack_templates.validate(member, Order(template=SERVER.replace("Nova::Server", "Nova::Srver")))
    template = stack_templates.validate(member, Order(template=SMALL))
    assert (template.parameters["length"].least, template.parameters["length"].most) == (4, 64)
    assert template.parameters["hush"].is_hidden


def test_a_name_is_taken_once(member: Cloud, make: Callable[..., Stack]) -> None:
    stack = make()
    with pytest.raises(Conflict, match="already exists"):
        do.create_stack(member, Order(template=SMALL, name=stack.name))


def test_what_there_is_to_choose_from_is_the_projects(member: Cloud) -> None:
    asked = ask_choices(member, ("neutron.network", "nova.flavor", "glance.image", "unknown.thing"))
    assert set(asked) == {"neutron.network", "nova.flavor", "glance.image"}
    assert "shared" in {item.label for item in asked["neutron.network"].value}
    assert "m1.tiny" in {item.value for item in asked["nova.flavor"].value}


def test_what_templates_are_written_with_is_told(member: Cloud) -> None:
    assert "OS::Nova::Server" in stack_templates.list_resource_types(member)
    assert "properties" in stack_templates.get_resource_type_json(member, "OS::Nova::Server")
    newest = next(item for item in stack_templates.list_versions(member) if item.kind == "hot")
    assert "get_attr" in {item.name for item in stack_templates.list_functions(member, newest.id)}


def test_a_reader_looks_and_is_refused_every_change(api: Api, member: Cloud, make: Callable[..., Stack]) -> None:
    stack, reader = make(), cloud_for(api.reader)
    assert stacks.get_stack(reader, stack.id).name == stack.name
    order = Order(template=SMALL, name=unique("stack"))
    for change in (
        lambda: do.create_stack(reader, order),
        lambda: do.update_stack(reader, stack, replace(order, is_patch=True)),
        lambda: do.act(reader, stack, "check"),
        lambda: do.create_snapshot(reader, stack, "no"),
        lambda: do.abandon_stack(reader, stack),
        lambda: do.delete_stack(reader, stack),
    ):
        with pytest.raises(Forbidden):
            change()
    assert stacks.get_stack(member, stack.id).status == stack.status


def test_an_administrator_sees_the_stacks_of_all_projects(api: Api, make: Callable[..., Stack]) -> None:
    stack = make()
    found = stacks.list_all_stacks(cloud_for(api.admin), Query(terms=(Term("name", stack.name),))).rows
    assert [(item.id, item.project_id) for item in found] == [(stack.id, api.member.project_id)]
    assert not stacks.list_all_stacks(cloud_for(api.at("carol", "data")), Query(terms=(Term("name", stack.name),))).rows
