"""The catalog on the real Keystone: kept by administrators, looked at by readers of the system, closed to the others.

The services made here stay disabled, so that nobody's token names them meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashboard.cloud import dry, identity
from dashboard.cloud import services_catalog as catalog
from dashboard.cloud import services_catalog_changes as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.endpoint_health import probe
from dashboard.cloud.errors import Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import PASSWORD, Api, unique
from tests.harness.domain import KEYSTONE, OwnDomain

pytestmark = pytest.mark.cloud
GLANCE = "http://127.0.0.1:9292"
PATIENCE = 30
"""Seconds for one endpoint: how quick a busy machine is, is no part of these tests."""


@pytest.fixture(scope="module")
def own(all_clients: Api) -> Iterator[OwnDomain]:
    """Somebody with each role, and one who may read the system."""
    found = OwnDomain(all_clients.admin)
    try:
        found.make()
        found.add("manager of the domain", on_domain="manager")
        found.add("reader of the domain", on_domain="reader")
        for role in ("manager", "member", "reader"):
            found.add(f"{role} of a project", on_project=role)
        reader = found.add("reader of the system")
        role_id = found.admin.get("identity", "/roles?name=reader")["roles"][0]["id"]
        found.admin.request("PUT", "identity", f"/system/users/{reader}/roles/{role_id}")
        yield found
    finally:
        found.remove()


@pytest.fixture
def system_admin() -> Cloud:
    access = identity.sign_in(KEYSTONE, name="admin", password=PASSWORD, domain="Default")
    return Cloud(identity.get_scoped(access, identity.SYSTEM), "RegionOne")


@pytest.fixture
def system_reader(own: OwnDomain) -> Cloud:
    return Cloud(identity.get_scoped(own.unscoped("reader of the system"), identity.SYSTEM), "RegionOne")


@pytest.fixture
def made(api: Api, admin: Cloud) -> Iterator[catalog.Service]:
    """A disabled service with three endpoints in a region of its own."""
    region = do.create_region(admin, id=unique("area"), description="d")
    api.admin.made.append(("identity", f"/regions/{region.id}"))
    service = do.create_service(
        admin,
        type=unique("x-test"),
        name="vault",
        description="d",
        is_enabled=False,
        region_id=region.id,
        urls={"public": GLANCE, "internal": GLANCE, "admin": f"{GLANCE}/$(project_id)s"},
    )
    api.admin.made.append(("identity", f"/services/{service.id}"))
    return catalog.get_service(admin, service.id)


def refused(*attempts: Callable[[], Any]) -> None:
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()


def test_a_service_comes_with_its_endpoints_and_goes_with_them(
    admin: Cloud, system_admin: Cloud, made: catalog.Service
) -> None:
    assert {(item.interface, item.url, item.is_in_catalog) for item in made.endpoints} == {
        ("public", GLANCE, False),
        ("internal", GLANCE, False),
        ("admin", f"{GLANCE}/$(project_id)s", False),
    }
    # A token for the system may do as much.
    do.update_service(system_admin, made, {"name": "safe", "description": ""})
    first = next(item for item in made.endpoints if item.interface == "public")
    do.update_endpoint(system_admin, first, {"url": f"{GLANCE}/v2", "enabled": False})
    found = catalog.get_endpoint(system_admin, first.id)
    assert (found.url, found.is_enabled, found.service_name, found.region_id) == (
        f"{GLANCE}/v2",
        False,
        "safe",
        made.regions[0],
    )
    rows = catalog.list_endpoints(admin, Query(limit=50, terms=(Term("service", made.type),))).rows
    assert {item.id for item in rows} == {item.id for item in made.endpoints}
    # Keystone takes this, and leaves the endpoint out of every catalog: the form has to know better.
    do.update_endpoint(admin, first, {"url": "http://127.0.0.1/$(no_such_thing)s"})
    with pytest.raises(Forbidden):
        do.delete_region(admin, catalog.get_region(admin, made.regions[0]))
    do.delete_endpoint(admin, first)
    with pytest.raises(NotFound):
        catalog.get_endpoint(admin, first.id)
    do.delete_service(admin, made)
    assert not catalog.list_endpoints(admin, Query(limit=50, terms=(Term("region", made.regions[0]),))).rows
    do.delete_region(admin, catalog.get_region(admin, made.regions[0]))


def test_a_service_whose_endpoint_keystone_refuses_is_not_left_behind(admin: Cloud) -> None:
    kind = unique("x-test")
    with pytest.raises(Invalid):
        do.create_service(admin, type=kind, name="n", is_enabled=False, urls={"public": "http://x/$(none)s"})
    assert not catalog.list_services(admin, Query(limit=50, terms=(Term("type", kind),))).rows


def test_regions_lie_within_each_other(api: Api, admin: Cloud) -> None:
    outer = do.create_region(admin, id=unique("outer"))
    api.admin.made.append(("identity", f"/regions/{outer.id}"))
    inner = do.create_region(admin, id=unique("inner of a hall"), parent_id=outer.id)
    api.admin.made.append(("identity", f"/regions/{inner.id.replace(' ', '%20')}"))
    do.update_region(admin, inner, description="second hall", parent_id=outer.id)
    found = catalog.get_region(admin, inner.id)
    assert (found.path, found.description) == ((outer.id, inner.id), "second hall")
    assert catalog.get_region(admin, outer.id).children == (inner.id,)
    with pytest.raises(Conflict):
        do.create_region(admin, id=outer.id)
    do.update_region(admin, inner, description="", parent_id="")
    assert catalog.get_region(admin, inner.id).path == (inner.id,)


def test_the_only_way_to_keystone_stays(admin: Cloud) -> None:
    """Nothing is sent here even if the check were gone."""
    service = next(
        item for item in catalog.list_services(admin, Query(limit=100)).rows if catalog.is_identity(item.type)
    )
    endpoint = next(item for item in service.endpoints if item.interface == "public")
    assert endpoint.is_last_identity
    assert probe(endpoint.url, seconds=PATIENCE).is_keystone
    for attempt in (
        lambda: do.delete_endpoint(admin, endpoint),
        lambda: do.update_endpoint(admin, endpoint, {"enabled": False}),
        lambda: do.update_endpoint(admin, endpoint, {"interface": "admin"}),
        lambda: do.delete_service(admin, service),
        lambda: do.update_service(admin, service, {"enabled": False}),
        lambda: do.update_service(admin, service, {"type": "x"}),
    ):
        with pytest.raises(Conflict):
            dry.requests_of(admin, attempt)


def test_every_service_of_the_cloud_answers_and_tells_its_versions(admin: Cloud) -> None:
    endpoints = [item for item in catalog.read_inventory(admin).endpoints if item.is_enabled]
    found = {item.service_type: probe(item.url, seconds=PATIENCE) for item in endpoints}
    wanted = {"compute": "2.1", "block-storage": "3.0", "placement": "1.0"}
    for kind, oldest in wanted.items():
        assert found[kind].is_good
        assert found[kind].current is not None
        assert found[kind].current.minimum == oldest
    assert {"identity", "image", "network"} <= {kind for kind, health in found.items() if health.versions}


def test_readers_of_the_system_look_and_change_nothing(system_reader: Cloud, made: catalog.Service) -> None:
    assert catalog.get_service(system_reader, made.id).title == "vault"
    assert catalog.list_endpoints(system_reader, Query(limit=100)).rows
    region = catalog.get_region(system_reader, made.regions[0])
    assert region.endpoints == 3
    refused(
        lambda: do.create_service(system_reader, type="x", name="x"),
        lambda: do.update_service(system_reader, made, {"name": "x"}),
        lambda: do.delete_service(system_reader, made),
        lambda: do.create_endpoint(system_reader, service_id=made.id, interface="public", url=GLANCE),
        lambda: do.delete_endpoint(system_reader, made.endpoints[0]),
        lambda: do.create_region(system_reader, id="x"),
        lambda: do.delete_region(system_reader, region),
    )


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("manager of the domain", "domain"),
        ("reader of the domain", "domain"),
        ("manager of a project", "project"),
        ("member of a project", "project"),
        ("reader of a project", "project"),
    ],
)
def test_nobody_else_looks_or_changes(who: str, kind: str, own: OwnDomain, made: catalog.Service) -> None:
    person = own.entered(who, kind)
    region = catalog.Region(made.regions[0])
    refused(
        lambda: catalog.list_services(person, Query()),
        lambda: catalog.list_endpoints(person, Query()),
        lambda: catalog.get_service_json(person, made.id),
        lambda: do.create_service(person, type="x", name="x"),
        lambda: do.update_service(person, made, {"name": "x"}),
        lambda: do.delete_service(person, made),
        lambda: do.create_endpoint(person, service_id=made.id, interface="public", url=GLANCE),
        lambda: do.update_endpoint(person, made.endpoints[0], {"enabled": False}),
        lambda: do.delete_endpoint(person, made.endpoints[0]),
        lambda: do.create_region(person, id="x"),
        lambda: do.update_region(person, region, description="x", parent_id=""),
        lambda: do.delete_region(person, region),
    )
    assert catalog.list_region_names(person), "the names of regions are no secret"
