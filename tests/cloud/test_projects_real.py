"""Projects made in one go and taken down again, quotas and unified limits, on the real cloud, as each role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.cloud import identity, project_create, project_teardown, quotas, unified_limits
from dashboard.cloud.config import Keystone
from dashboard.cloud.connection import Cloud, Scope
from dashboard.cloud.errors import Forbidden, NotFound
from dashboard.cloud.project_create import Making, Member, Net
from dashboard.cloud.project_search import exactly, search
from dashboard.cloud.project_teardown import Teardown
from dashboard.cloud.types import Query
from dashboard.panels.unified_limits.panel import LIMITS, REGISTERED
from tests.harness.cloud import AUTH_URL, PASSWORD, Api, Client, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


def in_domain(user: str, domain: str) -> Cloud:
    """The cloud of somebody with a role on a domain."""
    access = identity.sign_in(Keystone(AUTH_URL), name=user, password=PASSWORD, domain=domain)
    scope = Scope("domain", access.person.domain_id, domain)
    return Cloud(identity.get_scoped(access, scope), "RegionOne")


def roles(cloud: Cloud) -> dict[str, str]:
    return {name: id for id, name in project_create.list_roles(cloud).items()}


@pytest.fixture
def made(api: Api, admin: Cloud) -> Iterator[list[str]]:
    """Paths in Keystone that go when the test ends, last first."""
    paths: list[str] = []
    yield paths
    for path in reversed(paths):
        api.admin.delete("identity", path)


def new_project(made: list[str], cloud: Cloud, name: str, domain_id: str = "default", **more: Any) -> str:
    id = project_create.create_project(cloud, name=name, domain_id=domain_id, **more)
    made.append(f"/projects/{id}")
    return id


def to_the_end(step: Any, cloud: Cloud, work: Any, *, seconds: float = 120) -> None:
    def is_over() -> bool:
        step(cloud, work)
        return bool(work.is_over)

    wait_until(is_over, seconds=seconds, what="the end of it")


def test_a_project_is_made_in_one_go_used_and_taken_down_and_nothing_is_left(
    api: Api, admin: Cloud, made: list[str]
) -> None:
    name, ids = unique("onego"), roles(admin)
    project = new_project(made, admin, name, description="All of it", tags=("trial", "short"))
    user = project_create.create_user(
        admin, name=name, domain_id="default", password=PASSWORD, email="", project_id=project
    )
    made.append(f"/users/{user}")
    reader = exactly(admin, "users", "bob", domain_id="default")
    assert reader is not None
    external = next(id for id, label in project_create.list_external(admin).items() if label == "public")
    members = [
        Member("user", user, name, ids["member"], "member"),
        Member("user", reader.id, "bob", ids["reader"], "reader"),
    ]
    limits: dict[str, dict[str, int | None]] = {
        "compute": {"cores": 7},
        "network": {"floatingip": None},
        "block-storage": {"gigabytes_standard": 9},
    }
    net = Net(name, "10.77.0.0/24", external, "public")
    work = Making(project, name, members, limits, net).plan()
    to_the_end(project_create.step, admin, work)
    assert work.is_done, [(step.key, step.why) for step in work.steps]
    # As after a worker was lost: everything is done once more, and nothing is there twice.
    again = Making.from_facts(work.to_facts())
    for step in again.steps[1:]:
        step.state = "waiting"
    to_the_end(project_create.step, admin, again)
    assert again.is_done
    for kind in ("networks", "subnets", "routers"):
        assert len(api.admin.get("network", f"/{kind}?project_id={project}")[kind]) == 1
    found = {line.key: line.limit for item in quotas.list_quotas(admin, project) for line in item.lines}
    assert (found["compute.cores"], found["network.floatingip"]) == (7, None)
    assert found["block-storage.gigabytes_standard"] == 9

    theirs = Client(name, name)
    network = theirs.get("network", f"/networks?name={name}")["networks"][0]["id"]
    theirs.server(networks=[{"uuid": network}])
    volume = theirs.post("block-storage", "/volumes", {"volume": {"size": 1, "name": name}})["volume"]["id"]
    theirs.post("image", "/images", {"name": name, "disk_format": "raw", "container_format": "bare"})
    theirs.post("network", "/floatingips", {"floatingip": {"floating_network_id": external}})
    theirs.post("network", "/security-groups", {"security_group": {"name": name}})
    theirs.post("network", "/ports", {"port": {"network_id": network}})
    theirs.post("compute", "/os-server-groups", {"server_group": {"name": name, "policy": "affinity"}})
    path = f"/volumes/{volume}"
    wait_until(lambda: theirs.get("block-storage", path)["volume"]["status"] == "available", what="the volume")
    body = {"snapshot": {"volume_id": volume, "name": name}}
    snapshot = theirs.post("block-storage", "/snapshots", body)["snapshot"]["id"]
    path = f"/snapshots/{snapshot}"
    wait_until(lambda: theirs.get("block-storage", path)["snapshot"]["status"] == "available", what="the snapshot")

    contents = project_teardown.list_contents(admin, project)
    assert not contents.errors
    kinds = {thing.kind for thing in contents.things}
    assert kinds >= {"server", "volume", "snapshot", "image", "floating-ip", "port", "router", "network"}
    assert {"security-group", "server-group"} <= kinds
    down = Teardown.of(project, name, contents.things, is_deleted_last=True)
    to_the_end(project_teardown.step, admin, down, seconds=180)
    assert down.is_done, [(item.kind, item.why) for item in down.failed] + list(down.steps.items())
    with pytest.raises(NotFound):
        admin.get("identity", f"/projects/{project}")
    # Asked for by the project, Neutron would make its group "default" anew.
    groups = api.admin.get("network", "/security-groups")["security_groups"]
    assert not [group for group in groups if group["project_id"] == project]
    assert not project_teardown.list_contents(admin, project, without=("security-group",)).things


def test_what_is_protected_stays_and_keeps_the_project_until_it_is_not(api: Api, admin: Cloud, made: list[str]) -> None:
    name = unique("kept")
    project = new_project(made, admin, name)
    image = {"name": name, "disk_format": "raw", "container_format": "bare", "owner": project, "protected": True}
    id = api.admin.post("image", "/images", image)["id"]
    try:
        work = Teardown.of(project, name, project_teardown.list_contents(admin, project).things, is_deleted_last=True)
        to_the_end(project_teardown.step, admin, work)
        assert not work.is_done
        assert [(item.kind, item.why) for item in work.failed] == [("image", "protected")]
        assert api.admin.get("identity", f"/projects/{project}")["project"]["enabled"] is False
    finally:
        patch = [{"op": "replace", "path": "/protected", "value": False}]
        headers = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
        api.admin.request("PATCH", "image", f"/images/{id}", json=patch, headers=headers)
    work = Teardown.of(project, name, project_teardown.list_contents(admin, project).things, is_deleted_last=True)
    to_the_end(project_teardown.step, admin, work)
    assert work.is_done


def test_a_domains_manager_makes_projects_with_members_there_and_nowhere_else(
    api: Api, admin: Cloud, made: list[str]
) -> None:
    partner = api.admin.get("identity", "/domains?name=partner")["domains"][0]["id"]
    body = {"name": unique("chief"), "domain_id": partner, "password": PASSWORD}
    chief = api.admin.post("identity", "/users", {"user": body})["user"]
    made.append(f"/users/{chief['id']}")
    api.admin.request("PUT", "identity", f"/domains/{partner}/users/{chief['id']}/roles/{roles(admin)['manager']}")
    dora = in_domain(chief["name"], "partner")
    domain, name = dora.access.scope.id, unique("theirs")
    project = new_project(made, dora, name, domain_id=domain)
    paula = exactly(dora, "users", "paula", domain_id=domain)
    assert paula is not None
    assert [item.name for item in search(dora, "users", "PAUL")] == ["paula"]
    member = Member("user", paula.id, "paula", roles(dora)["member"], "member")
    work = Making(project, name, [member]).plan()
    to_the_end(project_create.step, dora, work)
    assert work.is_done
    forbidden = Member("user", paula.id, "paula", roles(dora)["admin"], "admin")
    work = Making(project, name, [forbidden]).plan()
    to_the_end(project_create.step, dora, work)
    assert not work.is_done, "a domain's manager makes no administrators"
    with pytest.raises(Forbidden):
        project_create.create_project(dora, name=name, domain_id="default")
    assert exactly(dora, "users", "alice", domain_id=domain) is None


@pytest.mark.parametrize(("user", "project"), [("carol", "data"), ("alice", "web"), ("bob", "web")])
def test_others_see_their_own_quotas_and_are_refused_all_else(api: Api, admin: Cloud, user: str, project: str) -> None:
    theirs = cloud_for(api.at(user, project))
    own = {line.name: line for item in quotas.list_quotas(theirs, theirs.project_id) for line in item.lines}
    assert {"cores", "network", "volumes", "gigabytes_standard"} <= set(own)
    assert all(item.error is not None for item in quotas.list_quotas(theirs, admin.project_id))
    for service, quota in (("compute", "cores"), ("network", "network"), ("block-storage", "volumes")):
        with pytest.raises(Forbidden):
            quotas.set_quotas(theirs, service, theirs.project_id, {quota: 99}, force=False)
    with pytest.raises(Forbidden):
        project_create.create_project(theirs, name=unique("no"), domain_id="default")
    work = Teardown.of(admin.project_id, "admin", (), is_deleted_last=True)
    project_teardown.step(theirs, work)
    assert work.is_over
    assert work.steps["disable"]
    assert not work.is_disabled
    with pytest.raises(Forbidden):
        unified_limits.create_registered(
            theirs, {"service": "0" * 32, "resource": "x", "limit": 1, "description": "", "region": ""}
        )


def test_quotas_are_set_service_by_service_and_go_back_to_the_defaults(admin: Cloud, made: list[str]) -> None:
    project = new_project(made, admin, unique("limits"))

    def limits() -> dict[str, int | None]:
        return {line.key: line.limit for item in quotas.list_quotas(admin, project) for line in item.lines}

    before = limits()
    wanted: dict[str, dict[str, int | None]] = {
        "compute": {"instances": 3, "ram": None},
        "network": {"router": 0},
        "block-storage": {"volumes": 2, "snapshots_standard": 4},
    }
    for service, changes in wanted.items():
        quotas.set_quotas(admin, service, project, changes, force=service == "compute")
    after = limits()
    changed = {key: after[key] for key in after if after[key] != before.get(key)}
    assert changed == {f"{service}.{name}": value for service, of in wanted.items() for name, value in of.items()}
    for service in quotas.offered(admin):
        quotas.reset_quotas(admin, service, project)
        quotas.reset_quotas(admin, service, project)
    assert limits() == before
    defaults = {line.key: line.limit for item in quotas.list_defaults(admin) for line in item.lines}
    assert {key: before[key] for key in defaults} == defaults


def test_unified_limits_are_made_changed_and_deleted(admin: Cloud, made: list[str]) -> None:
    project = new_project(made, admin, unique("unified"))
    service = next(id for id, name in unified_limits.service_names(admin).items() if name == "glance")
    resource = unique("thing")
    data = {"service": service, "resource": resource, "limit": 10, "description": "", "region": ""}
    registered = unified_limits.create_registered(admin, data)
    made.append(f"/registered_limits/{registered.id}")
    (row,) = REGISTERED.rows(admin, Query(text=resource)).rows
    assert (row.default, row.service, row.region) == (10, "glance", "")
    unified_limits.edit_registered(admin, row.id, limit=-1, description="none")
    assert unified_limits.get_registered(admin, row.id).default == -1
    limit = unified_limits.create_limit(admin, row, project, is_domain=False, limit=5)
    made.append(f"/limits/{limit.id}")
    unified_limits.edit_limit(admin, limit.id, limit=6, description="")
    (found,) = LIMITS.rows(admin, Query(text=resource)).rows
    assert (found.limit, found.project_id, found.owner.startswith("unified")) == (6, project, True)
    assert unified_limits.get_model(admin)[0] == "flat"
    unified_limits.delete_limit(admin, limit.id)
    unified_limits.delete_registered(admin, row.id)
    with pytest.raises(NotFound):
        unified_limits.get_registered(admin, row.id)
