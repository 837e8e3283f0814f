"""Stacks on the real Heat: made, read, changed, kept, and gone; a reader is refused all of it."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import threading
from collections.abc import Callable, Iterator
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
from dashboard.panels.stacks.preview import made_by
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.heat_templates import ENVIRONMENT, NESTING, SERVER, SLOW, SMALL, WAITING
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


@pytest.fixture
def begin(member: Cloud) -> Iterator[Callable[..., Stack]]:
    """``begin(template, **order)`` gives a stack that Heat begins to make; it is deleted when the test ends."""
    made: list[Stack] = []

    def begin_one(template: str = SMALL, **order: Any) -> Stack:
        name = order.pop("name", unique("stack"))
        made.append(do.create_stack(member, Order(template=template, name=name, **order)))
        return made[-1]

    yield begin_one

    def is_gone(stack: Stack) -> bool:
        # Asked again where Heat took it and forgot it: it was just failing or rolling back.
        with contextlib.suppress(NotFound):
            if stacks.get_stack(member, stack.id).status not in {"DELETE_IN_PROGRESS", "DELETE_COMPLETE"}:
                do.delete_stack(member, stack)
        return stacks.confirm_gone(member, stack.id)

    for stack in made:
        wait_until(functools.partial(is_gone, stack), what="the stack's deletion")


@pytest.fixture
def make(member: Cloud, begin: Callable[..., Stack]) -> Callable[..., Stack]:
    """``make(template, **order)`` gives a stack that came to rest; it is deleted when the test ends."""
    return lambda *given, **order: at_rest(member, begin(*given, **order))


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    """The address of a template that an HTTP server of the test's own has, and who asked for it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['User-Agent']}")
            self.send_response(200)
            self.send_header("Content-Length", str(len(NESTING)))
            self.end_headers()
            self.wfile.write(NESTING.encode())

        def log_message(self, *args: Any) -> None:
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/nesting.yaml", asked
    server.shutdown()
    server.server_close()


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
    assert (resource.name, resource.type, resource.status) == ("word", "OS::Heat::RandomString", "CREATE_COMPLETE")
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


def test_secrets_that_nobody_can_send_back_stay_and_others_go_back_to_their_default(
    member: Cloud, make: Callable[..., Stack]
) -> None:
    template = SMALL + "  told: {value: {get_param: hush}}\n"
    stack = make(template, parameters={"length": "6", "hush": "louder"})
    do.update_stack(member, stack, Order(template=template, tags=("c",), is_patch=True, cleared=("length",)))
    found = at_rest(member, stack)
    assert (found.status, found.tags) == ("UPDATE_COMPLETE", ("c",))
    assert found.own_parameters == {"length": "8", "hush": "******"}
    assert {output.name: output.value for output in found.outputs}["told"] == "louder"


def test_nested_files_an_environment_and_a_template_that_heat_fetches(
    member: Cloud, make: Callable[..., Stack], served: tuple[str, list[str]]
) -> None:
    url, asked = served
    order = Order(template_url=url, environment=ENVIRONMENT, files={"nested.yaml": SMALL})
    assert set(stack_templates.validate(member, order).parameters) == {"length"}
    stack = make("", template_url=url, environment=ENVIRONMENT, files={"nested.yaml": SMALL})
    assert stack.status == "CREATE_COMPLETE", stack.reason
    assert len(str(stack.outputs[0].value)) == 5
    assert [line.split()[0] for line in asked] == ["/nesting.yaml"] * 2, "by Heat, once for each that it was told of"
    found = stack_parts.list_resources(member, stack.name, stack.id)
    assert {(item.parent, item.name) for item in found} == {
        ("", "inner"),
        ("", "alias"),
        ("inner", "word"),
        ("alias", "word"),
    }
    (inner,) = (item for item in found if item.name == "inner")
    assert stacks.get_stack(member, inner.nested_id).parent_id == stack.id
    source = stack_parts.get_source(member, stack.name, stack.id)
    assert source.files["nested.yaml"] == SMALL
    assert source.environment["parameters"] == {"length": 5}
    assert source.environment["resource_registry"]["My::Word"] == "nested.yaml"


def test_a_stack_is_checked_suspended_resumed_kept_and_brought_back_with_its_server(
    api: Api, member: Cloud, make: Callable[..., Stack]
) -> None:
    name, server = unique("stack"), unique("by-heat")
    given = {"NetID": "shared", "name": server}
    preview = made_by(member, do.preview_stack(member, Order(template=SERVER, name=name, parameters=given)))
    assert [item.type for item in preview.resources] == ["OS::Nova::Server"]
    taken = {quota.name: more for quota, _label, more in preview.quotas}
    assert taken.items() >= {"instances": 1, "cores": 1, "ram": 512}.items()
    assert not api.member.get("compute", f"/servers?name={server}")["servers"], "a preview makes nothing"

    stack = make(SERVER, name=name, parameters=given)
    assert [output.value for output in stack.outputs] == [server]

    def status() -> str:
        (found,) = api.member.get("compute", f"/servers/detail?name={server}")["servers"]
        return str(found["status"])

    for action, now, then in (
        ("check", "CHECK", "ACTIVE"),
        ("suspend", "SUSPEND", "SUSPENDED"),
        ("resume", "RESUME", "ACTIVE"),
    ):
        do.act(member, stack, action)
        assert at_rest(member, stack).status == f"{now}_COMPLETE"
        assert status() == then
    do.create_snapshot(member, stack, "before")
    assert at_rest(member, stack).status == "SNAPSHOT_COMPLETE"
    kept = kept_of(member, stack)
    assert kept.name == "before"
    do.restore_snapshot(member, stack, kept.id)
    assert at_rest(member, stack).status == "RESTORE_COMPLETE"
    assert status() == "ACTIVE"
    do.delete_snapshot(member, stack, kept.id)
    wait_until(lambda: not do.list_snapshots(member, stack), what="the snapshot's deletion")
    do.delete_stack(member, stack)
    wait_until(lambda: stacks.confirm_gone(member, stack.id), what="the stack's deletion")
    assert not api.member.get("compute", f"/servers?name={server}")["servers"], "what it made is gone with it"


def test_an_update_is_rolled_back_or_left_where_it_is(member: Cloud, make: Callable[..., Stack]) -> None:
    undone, left = make(SLOW), make(SLOW)
    # What a rollback undoes has first to come to its end.
    for stack, seconds, action in ((undone, "10", "cancel_update"), (left, "300", "cancel_without_rollback")):
        do.update_stack(member, stack, Order(template=SLOW, parameters={"seconds": seconds}))
        wait_until(lambda stack=stack: _of(member, stack, "slow").status == "UPDATE_IN_PROGRESS", what="the update")
        do.act(member, stack, action)
    assert at_rest(member, left).status == "UPDATE_FAILED"
    found = at_rest(member, undone)
    assert (found.status, found.own_parameters["seconds"]) == ("ROLLBACK_COMPLETE", "0")


def kept_of(cloud: Cloud, stack: Stack) -> do.StackSnapshot:
    """The stack's only snapshot, once it is whole: Heat ends the stack's action a moment before."""

    def whole() -> do.StackSnapshot | None:
        (kept,) = do.list_snapshots(cloud, stack)
        return kept if kept.is_ready else None

    found: do.StackSnapshot = wait_until(whole, what="the snapshot")
    return found


def _of(cloud: Cloud, stack: Stack, name: str) -> stack_parts.Resource:
    """The resource of this name."""
    return next(item for item in stack_parts.list_resources(cloud, stack.name, stack.id) if item.name == name)


def test_an_abandoned_stack_is_forgotten_and_what_it_made_adopted_by_another(
    member: Cloud, make: Callable[..., Stack]
) -> None:
    stack = make(parameters={"length": "7"})
    word = _of(member, stack, "word").physical_id
    exported = do.export_stack(member, stack)
    assert (exported["name"], exported["resources"]["word"]["resource_id"]) == (stack.name, word)
    kept = do.abandon_stack(member, stack)
    wait_until(lambda: stacks.confirm_gone(member, stack.id), what="the forgetting")
    name = unique("adopted")
    heir = do.adopt_stack(member, name, json.dumps(kept), timeout_minutes=5, is_rollback_on=False)
    try:
        found = at_rest(member, heir)
        assert (found.status, found.own_parameters["length"]) == ("ADOPT_COMPLETE", "7")
        assert _of(member, heir, "word").physical_id == word
    finally:
        do.delete_stack(member, heir)


def test_what_is_called_unhealthy_is_replaced_by_the_next_update(member: Cloud, make: Callable[..., Stack]) -> None:
    stack = make()
    word = stack.outputs[0].value
    do.mark_unhealthy(member, stack, "word", "It is a bad word")
    found = _of(member, stack, "word")
    assert (found.status, found.reason) == ("CHECK_FAILED", "It is a bad word")
    do.update_stack(member, stack, Order(template=SMALL))
    found_stack = at_rest(member, stack)
    assert found_stack.status == "UPDATE_COMPLETE"
    assert found_stack.outputs[0].value != word


def test_who_waits_for_a_signal_is_told(member: Cloud, begin: Callable[..., Stack]) -> None:
    stack = begin(WAITING)

    def handle() -> bool:
        found = stack_parts.list_resources(member, stack.name, stack.id)
        return any(item.name == "condition" and item.status == "CREATE_IN_PROGRESS" for item in found)

    wait_until(handle, what="the waiting")
    do.signal(member, stack, "handle", {"status": "SUCCESS", "id": "1", "data": "all is well", "reason": "a test"})
    found = at_rest(member, stack)
    assert found.status == "CREATE_COMPLETE", found.reason
    assert "all is well" in str(found.outputs[0].value)


def test_a_server_that_fails_is_pinned_with_its_reason_or_undone(member: Cloud, begin: Callable[..., Stack]) -> None:
    left = begin(SERVER, parameters={"NetID": "shared", "name": unique("doomed")}, is_rollback_on=False)
    undone = begin(SERVER, parameters={"NetID": "shared", "name": unique("doomed")}, is_rollback_on=True)
    assert at_rest(member, left).status == "CREATE_FAILED"
    (failed,) = stack_parts.failed_of(stack_parts.list_resources(member, left.name, left.id))
    assert failed.name == "server"
    assert "Went to status ERROR" in failed.reason
    # For a moment it has failed before it is rolled back.
    wait_until(lambda: stacks.get_stack(member, undone.id).status == "ROLLBACK_COMPLETE", what="the rollback")


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
    assert "get_attr" in {item.name for item in stack_templates.get_version(member, newest.id).functions}


@pytest.mark.parametrize("who", ["reader", "stranger"])
def test_others_are_refused_every_change(api: Api, member: Cloud, make: Callable[..., Stack], who: str) -> None:
    stack = make()
    do.create_snapshot(member, stack, "mine")
    before = at_rest(member, stack)
    kept = kept_of(member, stack)
    other = cloud_for(api.reader if who == "reader" else api.at("carol", "data"))
    refusal: type[Exception] = Forbidden
    if who == "stranger":
        # There is no such stack in the projects of others.
        refusal = NotFound
        with pytest.raises(NotFound):
            stacks.get_stack(other, stack.id)
    else:
        assert stacks.get_stack(other, stack.id).name == stack.name
        order = Order(template=SMALL, name=unique("stack"))
        with pytest.raises(Forbidden):
            do.create_stack(other, order)
        with pytest.raises(Forbidden):
            do.adopt_stack(other, order.name, "{}", timeout_minutes=None, is_rollback_on=True)
    # Heat's own policy lets readers check a stack and signal its resources.
    changes: dict[str, Callable[[], object]] = {
        "update": lambda: do.update_stack(other, stack, Order(template=SMALL)),
        "update in part": lambda: do.update_stack(other, stack, Order(template=SMALL, is_patch=True)),
        "preview": lambda: do.preview_update(other, stack, Order(template=SMALL)),
        "suspend": lambda: do.act(other, stack, "suspend"),
        "resume": lambda: do.act(other, stack, "resume"),
        "roll back": lambda: do.act(other, stack, "cancel_update"),
        "cancel": lambda: do.act(other, stack, "cancel_without_rollback"),
        "snapshot": lambda: do.create_snapshot(other, stack, "no"),
        "restore": lambda: do.restore_snapshot(other, stack, kept.id),
        "delete a snapshot": lambda: do.delete_snapshot(other, stack, kept.id),
        "mark unhealthy": lambda: do.mark_unhealthy(other, stack, "word", "no"),
        "export": lambda: do.export_stack(other, stack),
        "abandon": lambda: do.abandon_stack(other, stack),
        "delete": lambda: do.delete_stack(other, stack),
    }
    done = []
    for name, change in changes.items():
        try:
            change()
        except refusal:
            continue
        done.append(name)
    assert not done
    assert stacks.get_stack(member, stack.id) == before
    assert do.list_snapshots(member, stack) == [kept]


def test_an_administrator_sees_the_stacks_of_all_projects(api: Api, make: Callable[..., Stack]) -> None:
    stack = make()
    admin, carol = cloud_for(api.admin), cloud_for(api.at("carol", "data"))
    for query in (
        Query(terms=(Term("name", stack.name),)),
        Query(limit=100),
        Query(limit=20, sort="name", text=stack.name),
    ):
        found = [item for item in stacks.list_all_stacks(admin, query).rows if item.id == stack.id]
        assert [item.project_id for item in found] == [api.member.project_id]
        assert stack.id not in {item.id for item in stacks.list_all_stacks(carol, query).rows}
