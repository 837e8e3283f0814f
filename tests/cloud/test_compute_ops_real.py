"""What operators do to flavors, hosts and aggregates, on the real Nova and Placement; and that others are refused it.

Others launch servers meanwhile: a host is disabled or said to be dead for moments alone, and put right in any case.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashboard.cloud import (
    aggregates,
    compute_services,
    flavor_admin,
    flavors,
    hypervisors,
    launch_fit,
    migrations,
    placement,
    server_admin,
    servers,
)
from dashboard.cloud.compute_services import COMPUTE, ComputeService
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.flavors import Flavor
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


@pytest.fixture
def after() -> Iterator[list[Callable[[], Any]]]:
    """What is done when the test ends, the last first."""
    calls: list[Callable[[], Any]] = []
    yield calls
    for call in reversed(calls):
        with contextlib.suppress(NotFound):
            call()


@pytest.fixture
def flavor(admin: Cloud, after: list[Callable[[], Any]]) -> Flavor:
    """A private flavor of the test's own."""
    made = flavor_admin.create_flavor(
        admin, name=unique("size"), vcpus=1, ram=256, disk=1, swap=64, description="d", is_public=False
    )
    after.append(lambda: flavor_admin.delete_flavor(admin, id=made.id))
    return made


def computes(cloud: Cloud) -> dict[str, ComputeService]:
    return {row.host: row for row in compute_services.list_all_services(cloud, binary=COMPUTE)}


def names(cloud: Cloud) -> set[str]:
    return {row.name for row in flavors.list_flavors(cloud, Query(limit=1000)).rows}


def test_a_private_flavor_is_for_the_projects_that_are_let_use_it(api: Api, admin: Cloud, flavor: Flavor) -> None:
    web, data = cloud_for(api.member), cloud_for(api.at("carol", "data"))
    assert flavor.name in names(admin), "administrators see private ones"
    assert flavor.name not in names(web)
    flavor_admin.change_access(admin, id=flavor.id, wanted=[web.project_id])
    assert flavor_admin.list_access(admin, id=flavor.id) == [web.project_id]
    assert flavor.name in names(web)
    assert flavor.name not in names(data)
    flavor_admin.describe_flavor(admin, id=flavor.id, description="other")
    found = flavors.get_flavor(admin, flavor.id)
    assert (found.description, found.swap, found.is_public) == ("other", 64, False)
    assert flavor_admin.find_project(admin, "web") == [web.project_id]
    flavor_admin.change_access(admin, id=flavor.id, wanted=[])
    assert flavor.name not in names(web)
    with pytest.raises(Conflict):
        flavor_admin.create_flavor(admin, name=flavor.name, vcpus=1, ram=1, disk=1)


def test_extra_specs_are_held_to_what_nova_knows_and_count_for_what_fits(admin: Cloud, flavor: Flavor) -> None:
    flavor_admin.set_specs(admin, id=flavor.id, specs={"hw:cpu_policy": "shared", "quota:disk_read_iops_sec": "10"})
    flavor_admin.unset_spec(admin, id=flavor.id, key="quota:disk_read_iops_sec")
    assert flavors.get_flavor(admin, flavor.id).extra_specs == {"hw:cpu_policy": "shared"}
    for key, value in (("hw:cpu_policy", "sometimes"), ("hw:no_such_thing", "1")):
        with pytest.raises(Invalid) as caught:
            flavor_admin.set_specs(admin, id=flavor.id, specs={key: value})
        assert key in caught.value.message or f"'{value}'" in caught.value.message, "its row can be told"
    assert launch_fit.ask(admin, flavors.get_flavor(admin, flavor.id), has_own_disk=True)["hosts"] >= 1
    flavor_admin.set_specs(admin, id=flavor.id, specs={"resources:VGPU": "1"})
    assert launch_fit.ask(admin, flavors.get_flavor(admin, flavor.id), has_own_disk=True)["hosts"] == 0


def test_a_host_is_disabled_with_a_reason_that_all_pages_know_and_takes_nothing(
    admin: Cloud, after: list[Callable[[], Any]], flavor: Flavor
) -> None:
    service = computes(admin)["compute2"]
    before = launch_fit.ask(admin, flavor, has_own_disk=True)["hosts"]
    after.append(lambda: compute_services.enable_service(admin, id=service.id))
    compute_services.disable_service(admin, id=service.id, reason="new memory")
    found = compute_services.get_service(admin, service.id)
    assert (found.is_enabled, found.reason, found.is_up) == (False, "new memory", True)
    host = next(row for row in hypervisors.list_all_hypervisors(admin) if row.host == "compute2")
    assert (host.is_enabled, host.reason, host.takes_servers) == (False, "new memory", False)
    zone = aggregates.get_zone(admin, host.zone)
    assert {row.host: row.is_enabled for row in zone.services}["compute2"] is False
    # The host itself is told to mark itself in Placement, which takes a moment.
    wait_until(
        lambda: launch_fit.ask(admin, flavor, has_own_disk=True)["hosts"] == before - 1, what="the mark in Placement"
    )
    compute_services.enable_service(admin, id=service.id)
    assert hypervisors.get_hypervisor(admin, host.id).is_enabled


def test_a_host_that_is_forced_down_is_down_until_that_is_undone(admin: Cloud, after: list[Callable[[], Any]]) -> None:
    """No server is evacuated here: Nova takes a host back then only after its service was started anew."""
    service = computes(admin)["compute2"]
    after.append(lambda: compute_services.force_down(admin, id=service.id, is_down=False))
    compute_services.force_down(admin, id=service.id, is_down=True)
    found = compute_services.get_service(admin, service.id)
    host = next(row for row in hypervisors.list_all_hypervisors(admin) if row.host == "compute2")
    compute_services.force_down(admin, id=service.id, is_down=False)
    assert (found.is_up, found.is_forced_down) == (False, True)
    assert (host.is_up, host.is_forced_down) == (False, True)
    wait_until(lambda: compute_services.get_service(admin, service.id).is_up, what="the host's return")
    with pytest.raises((Conflict, Invalid)):
        compute_services.disable_service(
            admin,
            id=next(row.id for row in compute_services.list_all_services(admin) if not row.is_compute),
            reason="x",
        )


def test_two_servers_leave_a_host_while_they_run(api: Api, admin: Cloud) -> None:
    """The page's job does to each server what is done here; the journey in the browser shows the job."""
    from dashboard.panels.compute_hosts.moving import servers_of

    zone = {"availability_zone": "nova:compute1", "networks": "none"}
    ids = set()
    for _ in range(2):
        body = api.admin.server(unique("leaves"), **zone)
        ids.add(body["id"])
    here = {server.id for server in servers_of(admin, "compute1")}
    assert ids <= here
    for id in ids:
        server_admin.live_migrate_server(admin, id=id, host="compute2")
    wait_until(
        lambda: {servers.get_server(admin, id).host for id in ids} == {"compute2"}, seconds=90, what="both moves"
    )
    found = [row for id in ids for row in migrations.list_migrations(admin, Query(terms=(Term("server", id),))).rows]
    assert {(row.source, row.target) for row in found} == {("compute1", "compute2")}


def test_placement_tells_a_host_s_room_and_gives_out_more_of_it(admin: Cloud, after: list[Callable[[], Any]]) -> None:
    host = next(row for row in hypervisors.list_all_hypervisors(admin) if row.host == "compute2")
    facts = placement.get_facts(admin, host.id)
    has = {item.resource_class: item for item in facts.inventories}
    assert {"VCPU", "MEMORY_MB", "DISK_GB"} <= set(has)
    assert "COMPUTE_NODE" in facts.traits
    before = has["VCPU"]

    def put_back() -> None:
        placement.change_inventory(
            admin,
            id=host.id,
            resource_class="VCPU",
            allocation_ratio=before.allocation_ratio,
            reserved=before.reserved,
        )

    after.append(put_back)
    placement.change_inventory(
        admin, id=host.id, resource_class="VCPU", allocation_ratio=before.allocation_ratio * 2, reserved=1
    )
    now = {item.resource_class: item for item in placement.list_inventories(admin, host.id)}["VCPU"]
    assert (now.allocation_ratio, now.reserved) == (before.allocation_ratio * 2, 1)
    assert placement.rooms(admin)[host.id]["VCPU"][0] == now.capacity
    assert any(row.id == host.id for row in placement.list_all_providers(admin))
    with pytest.raises(Invalid):
        placement.change_inventory(
            admin, id=host.id, resource_class="VCPU", allocation_ratio=1.0, reserved=before.total + 1
        )


def test_an_aggregate_is_made_given_hosts_and_metadata_and_deleted(
    admin: Cloud, after: list[Callable[[], Any]]
) -> None:
    made = aggregates.create_aggregate(admin, name=unique("rack"))
    after.append(lambda: aggregates.delete_aggregate(admin, id=made.id))
    after.append(lambda: aggregates.remove_host(admin, id=made.id, host="compute2"))
    aggregates.add_host(admin, id=made.id, host="compute2")
    aggregates.set_metadata(admin, id=made.id, metadata={"ssd": "true", "old": "1"})
    aggregates.set_metadata(admin, id=made.id, metadata={"old": None})
    aggregates.update_aggregate(admin, id=made.id, name=f"{made.name}-2")
    found = aggregates.get_aggregate(admin, made.id)
    assert (found.name, found.hosts, dict(found.metadata)) == (f"{made.name}-2", ("compute2",), {"ssd": "true"})
    with pytest.raises(Conflict):
        aggregates.add_host(admin, id=made.id, host="compute2")
    with pytest.raises(CloudError):
        aggregates.delete_aggregate(admin, id=made.id)
    aggregates.remove_host(admin, id=made.id, host="compute2")
    aggregates.delete_aggregate(admin, id=made.id)
    with pytest.raises(NotFound):
        aggregates.get_aggregate(admin, made.id)


@pytest.mark.parametrize(
    "who", [("alice", "web"), ("bob", "web"), ("carol", "data")], ids=["member", "reader", "manager"]
)
def test_nobody_else_may_do_any_of_it(api: Api, admin: Cloud, flavor: Flavor, who: tuple[str, str]) -> None:
    person = cloud_for(api.at(*who))
    service = computes(admin)["compute2"]
    host = next(row for row in hypervisors.list_all_hypervisors(admin) if row.host == "compute2")
    for attempt in (
        lambda: flavor_admin.create_flavor(person, name="x", vcpus=1, ram=1, disk=1),
        lambda: flavor_admin.describe_flavor(person, id=flavor.id, description="x"),
        lambda: flavor_admin.delete_flavor(person, id=flavor.id),
        lambda: flavor_admin.set_specs(person, id=flavor.id, specs={"hw:cpu_policy": "shared"}),
        lambda: flavor_admin.add_access(person, id=flavor.id, project_id=person.project_id),
        lambda: compute_services.list_all_services(person),
        lambda: compute_services.disable_service(person, id=service.id, reason="x"),
        lambda: compute_services.force_down(person, id=service.id, is_down=True),
        lambda: compute_services.delete_service(person, id=service.id),
        lambda: hypervisors.list_all_hypervisors(person),
        lambda: placement.list_all_providers(person),
        lambda: placement.change_inventory(person, id=host.id, resource_class="VCPU", allocation_ratio=1.0, reserved=0),
        lambda: aggregates.list_all_aggregates(person),
        lambda: aggregates.create_aggregate(person, name="x"),
        lambda: aggregates.list_all_zones(person),
    ):
        with pytest.raises((Forbidden, NotFound)):
            attempt()
    assert computes(admin)["compute2"].is_enabled
