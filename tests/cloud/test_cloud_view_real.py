"""The cloud as its operator sees it, on the real cloud; and what others are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.cloud import cloud_overview, metadef_admin, owners, stuck, usage_over_time
from dashboard.cloud.cloud_overview import Capacity, Things
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, NotFound
from dashboard.cloud.types import Query, Term
from dashboard.panels.cloud_overview.boxes import BOXES
from dashboard.panels.images.everywhere import PANEL as ALL_IMAGES
from dashboard.panels.ports.everywhere import PANEL as ALL_PORTS
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


def others(api: Api) -> list[Cloud]:
    """A member, a reader, and the manager of a project."""
    return [cloud_for(client) for client in (api.at("alice", "web"), api.at("bob", "web"), api.at("carol", "data"))]


def test_every_part_of_the_overview_is_answered(admin: Cloud) -> None:
    for box in BOXES:
        for part in box.parts:
            # As it is kept, and read again.
            part.load(json.loads(json.dumps(part.fetch(admin))))
    capacity = Capacity.from_json(cloud_overview.fetch_capacity(admin))
    vcpu = next(room for room in capacity.rooms if room.name == "VCPU")
    assert vcpu.capacity == vcpu.total * 16
    assert capacity.known >= 2
    assert not capacity.failed


def test_a_server_in_error_is_told_with_whose_it_is(api: Api, admin: Cloud) -> None:
    name = unique("doomed")
    made = api.member.server(name, networks="none")

    def found() -> Any:
        things = Things.from_json(cloud_overview.fetch_failed_servers(admin)).things
        return next((thing for thing in things if thing.id == made["id"]), None)

    thing = wait_until(found, what="the server in the overview")
    assert thing.name == name
    assert thing.project_id == api.member.project_id
    assert made["id"] not in {each.id for each in Things.from_json(stuck.fetch_servers(admin)).things}


def test_what_an_address_a_name_and_an_id_belong_to_is_found_in_any_project(api: Api, admin: Cloud) -> None:
    name = unique("whose")
    network = api.member.get("network", "/networks?name=shared")["networks"][0]
    port = api.member.create("network", "/ports", {"port": {"name": name, "network_id": network["id"]}})
    for text in (port["id"], port["mac_address"], port["fixed_ips"][0]["ip_address"], name):
        answer = owners.find(admin, text)
        found = next(item for item in answer.found if item.id == port["id"])
        assert found.project_id == api.member.project_id, text
        assert not answer.missing
    assert not owners.find(admin, unique("nothing-is-called-so")).found
    volume = api.member.create("volume", "/volumes", {"volume": {"name": unique("disk"), "size": 1}})
    for text in (volume["name"], volume["id"]):
        (row,) = owners.find(admin, text).found
        assert (row.kind, row.project_id) == ("volume", api.member.project_id)


def test_an_administrator_sees_everybodys_things_and_narrows_them(api: Api, admin: Cloud) -> None:
    name = unique("private")
    image = api.member.post("image", "/images", {"name": name, "disk_format": "raw", "container_format": "bare"})
    api.member.made.append(("image", f"/images/{image['id']}"))
    own = Term("project", api.member.project_id)
    (row,) = ALL_IMAGES.rows(admin, Query(text=name)).rows
    assert row.owner_id == api.member.project_id
    assert image["id"] in {item.id for item in ALL_IMAGES.rows(admin, Query(limit=100, terms=(own,))).rows}
    other = Term("project", admin.project_id)
    assert image["id"] not in {item.id for item in ALL_IMAGES.rows(admin, Query(limit=100, terms=(other,))).rows}
    assert {port.project_id for port in ALL_PORTS.rows(admin, Query(limit=5, terms=(own,))).rows} <= {own.value}


def test_usage_over_time_adds_up_by_project(api: Api, admin: Cloud) -> None:
    api.member.server(networks="none")
    now = datetime.now(UTC)
    start = datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=1)

    def told() -> usage_over_time.Course | None:
        found = usage_over_time.Course.from_json(usage_over_time.fetch_course(admin, start, datetime.now(UTC)))
        return found if found.total(api.member.project_id).hours > 0 else None

    # Nova counts whole seconds: a server only from the second after its launch on.
    course = wait_until(told, what="the server among what is counted")
    assert course.stretches == 2
    assert not course.is_cut


@pytest.mark.parametrize(
    "ask",
    [
        cloud_overview.fetch_capacity,
        cloud_overview.fetch_hosts,
        cloud_overview.fetch_nova_services,
        cloud_overview.fetch_cinder_services,
        cloud_overview.fetch_failed_servers,
        stuck.fetch_servers,
        lambda cloud: usage_over_time.fetch_course(cloud, datetime.now(UTC) - timedelta(days=1), datetime.now(UTC)),
    ],
)
def test_members_readers_and_managers_of_projects_are_refused(ask: Any, api: Api) -> None:
    for cloud in others(api):
        with pytest.raises(Forbidden):
            ask(cloud)


def test_members_find_nothing_of_others(api: Api, admin: Cloud) -> None:
    network = api.member.get("network", "/networks?name=shared")["networks"][0]
    port = api.member.create("network", "/ports", {"port": {"name": unique("own"), "network_id": network["id"]}})
    assert not owners.find(cloud_for(api.at("carol", "data")), port["id"]).found
    assert not owners.find(cloud_for(api.at("carol", "data")), port["name"]).found


def namespace(name: str) -> dict[str, Any]:
    """As a file of Glance's has it."""
    return {
        "namespace": name,
        "display_name": "Made for a test",
        "visibility": "public",
        "protected": False,
        "resource_type_associations": [{"name": "OS::Glance::Image", "prefix": "test_"}],
        "properties": {"speed": {"type": "integer", "title": "Speed", "minimum": 1}},
        "objects": [{"name": "Box", "properties": {"colour": {"type": "string", "title": "Colour"}}}],
        "tags": [{"name": "first"}],
    }


def test_a_namespace_is_imported_changed_exported_and_deleted(api: Api, admin: Cloud) -> None:
    name = f"Test::{unique('Made')}"
    body, wrong = metadef_admin.read(json.dumps(namespace(name)))
    assert not wrong
    made = metadef_admin.import_namespace(admin, body)
    try:
        found = metadef_admin.get_namespace(admin, made.id)
        assert [item.name for item in found.properties] == ["speed"]
        assert [item.name for item in found.objects] == ["Box"]
        assert found.tags == ("first",)
        assert [(item.name, item.prefix) for item in found.associations] == [("OS::Glance::Image", "test_")]
        with pytest.raises(Conflict):
            metadef_admin.import_namespace(admin, body)

        metadef_admin.set_property(
            admin, found, before="speed", name="pace", body={"type": "string", "title": "Pace", "enum": ["slow"]}
        )
        metadef_admin.set_property(admin, found, before="", name="size", body={"type": "number", "title": "Size"})
        metadef_admin.delete_property(admin, made.id, name="size")
        metadef_admin.set_object(admin, made.id, before="Box", body={"name": "Crate", "properties": {}})
        metadef_admin.set_object(admin, made.id, before="", body={"name": "Bag", "properties": {}})
        metadef_admin.delete_object(admin, made.id, name="Bag")
        metadef_admin.set_tags(admin, made.id, ["second", "third"])
        metadef_admin.associate(admin, made.id, name="OS::Nova::Flavor", prefix="test:")
        metadef_admin.dissociate(admin, made.id, name="OS::Glance::Image")
        metadef_admin.update_namespace(admin, found, display_name="Another name", protected=True)
        changed = metadef_admin.get_namespace(admin, made.id)
        assert [(item.name, item.choices) for item in changed.properties] == [("pace", ("slow",))]
        assert [item.name for item in changed.objects] == ["Crate"]
        assert set(changed.tags) == {"second", "third"}
        assert [item.name for item in changed.associations] == ["OS::Nova::Flavor"]
        assert (changed.name, changed.is_protected) == ("Another name", True)
        with pytest.raises(CloudError):
            metadef_admin.delete_namespace(admin, made.id)

        # Others look, and change nothing.
        for cloud in others(api):
            assert made.id in {row.id for row in metadef_admin.list_namespaces(cloud, Query(limit=500)).rows}
            with pytest.raises(Forbidden):
                metadef_admin.set_tags(cloud, made.id, ["theirs"])
            with pytest.raises(Forbidden):
                metadef_admin.import_namespace(cloud, namespace(f"{name}-theirs"))

        metadef_admin.update_namespace(admin, changed, protected=False)
        again = metadef_admin.exported(metadef_admin.get_json(admin, made.id))
    finally:
        metadef_admin.update_namespace(admin, made, protected=False)
        metadef_admin.delete_namespace(admin, made.id)
    with pytest.raises(NotFound):
        metadef_admin.get_namespace(admin, made.id)
    # What was exported can be imported.
    metadef_admin.import_namespace(admin, again)
    metadef_admin.delete_namespace(admin, made.id)
