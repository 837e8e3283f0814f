"""Roles and their assignments on the real Keystone, as administrator, domain manager, project manager, and others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dashboard.cloud import identity, role_assignments, roles
from dashboard.cloud.config import Keystone
from dashboard.cloud.connection import Cloud, Scope
from dashboard.cloud.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized
from dashboard.cloud.role_assignments import SYSTEM, Asked, Grant, Ref, grant, list_assignments, revoke
from tests.harness.cloud import AUTH_URL, PASSWORD, Api, unique
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


@dataclass
class Place:
    """A domain of the test's own: a project with one below it, people, and a group with ann in it."""

    name: str
    domain: Ref
    project: Ref
    below: Ref
    manager: Ref
    ann: Ref
    group: Ref
    role: dict[str, str]
    """Ids by name."""

    def cloud(self, who: Ref, scope: Ref) -> Cloud:
        """The cloud as one of these people has it."""
        access = identity.sign_in(Keystone(AUTH_URL), name=who.name, password=PASSWORD, domain=self.name)
        kind: Any = scope.kind
        return Cloud(identity.get_scoped(access, Scope(kind, scope.id, scope.name)), "RegionOne")


@pytest.fixture
def place(api: Api) -> Iterator[Place]:
    name = unique("roles")
    ask = api.admin

    def made(kind: str, what: str, **fields: Any) -> Ref:
        body = {"name": what, **fields}
        return Ref(kind, ask.post("identity", f"/{kind}s", {kind: body})[kind]["id"], what)

    domain = made("domain", name)
    try:
        own = {"domain_id": domain.id}
        project = made("project", f"{name}-shop", **own)
        found = Place(
            name=name,
            domain=domain,
            project=project,
            below=made("project", f"{name}-dev", parent_id=project.id, **own),
            manager=made("user", "manager", password=PASSWORD, **own),
            ann=made("user", "ann", password=PASSWORD, **own),
            group=made("group", "ops", **own),
            role={item["name"]: item["id"] for item in ask.get("identity", "/roles")["roles"]},
        )
        ask.request("PUT", "identity", f"/groups/{found.group.id}/users/{found.ann.id}")
        ask.request("PUT", "identity", f"/domains/{domain.id}/users/{found.manager.id}/roles/{found.role['manager']}")
        yield found
    finally:
        ask.request("PATCH", "identity", f"/domains/{domain.id}", json={"domain": {"enabled": False}})
        ask.delete("identity", f"/domains/{domain.id}")


def told(cloud: Cloud, asked: Asked) -> set[tuple[str, str, str]]:
    """Place, role, and why: "group", "domain", "project", "role" or nothing."""
    return {
        (
            item.target.label,
            item.role.name,
            " ".join(ref.kind for ref in (item.why.group, item.why.above, item.why.role) if ref is not None),
        )
        for item in list_assignments(cloud, asked, is_effective=True)
    }


def test_an_administrator_grants_roles_of_every_kind_and_each_says_where_it_comes_from(
    place: Place, admin: Cloud
) -> None:
    role = place.role
    grants = (
        Grant(place.ann, place.project, role["manager"]),
        Grant(place.group, place.project, role["reader"]),
        Grant(place.group, place.domain, role["reader"], is_inherited=True),
        Grant(place.ann, place.project, role["member"], is_inherited=True),
        Grant(place.ann, place.domain, role["reader"]),
        Grant(place.ann, SYSTEM, role["member"]),
    )
    for each in grants:
        grant(admin, each)
        # Given twice is no error.
        grant(admin, each)
    shop, dev = place.project.name, place.below.name
    assert told(admin, Asked(user=place.ann.id)) == {
        (place.name, "reader", ""),
        (shop, "manager", ""),
        (shop, "member", "role"),
        (shop, "reader", "role"),
        (shop, "reader", "group"),
        (shop, "reader", "group domain"),
        (dev, "reader", "group domain"),
        (dev, "member", "project"),
        (dev, "reader", "project role"),
    }
    assert told(admin, Asked(project=place.below.id)) == {
        (dev, "reader", "group domain"),
        (dev, "member", "project"),
        (dev, "reader", "project role"),
    }
    given = list_assignments(admin, Asked(project=place.project.id), is_effective=False)
    assert {item.grant for item in given} == {
        Grant(item.actor, item.target, item.role.id, item.is_inherited) for item in given
    }
    assert {item.grant.path for item in given} == {each.path for each in grants if each.target == place.project}
    system = list_assignments(admin, Asked(is_system=True), is_effective=False)
    in_effect = role_assignments.in_effect(admin, system, *roles.list_inferences(admin))
    mine = {
        (item.role.name, item.why.role.name if item.why.role else "")
        for item in in_effect
        if item.actor.id == place.ann.id
    }
    assert mine == {("member", ""), ("reader", "member")}
    for each in grants:
        assert revoke(admin, each)
        assert not revoke(admin, each)
    assert told(admin, Asked(user=place.ann.id)) == set()


def test_a_domains_manager_grants_what_keystone_lets_her_and_nothing_else(place: Place, admin: Cloud) -> None:
    mine = place.cloud(place.manager, place.domain)
    role = place.role
    for name in roles.DOMAIN_MANAGED:
        for each in (Grant(place.ann, place.project, role[name]), Grant(place.group, place.domain, role[name], True)):
            grant(mine, each)
            assert revoke(mine, each)
    alice = role_assignments.named(admin, "user", "alice", domain_id="default")[0]
    web = role_assignments.named(admin, "project", "web", domain_id="default")[0]
    for each in (
        Grant(place.ann, place.project, role["admin"]),
        Grant(place.ann, place.project, role["service"]),
        Grant(alice, place.project, role["member"]),
        Grant(place.ann, web, role["reader"]),
        Grant(place.ann, SYSTEM, role["reader"]),
    ):
        with pytest.raises(Forbidden):
            grant(mine, each)
    assert {item.target.id for item in list_assignments(mine, Asked(), is_effective=False)} == {place.domain.id}
    assert {item.name for item in roles.list_global(mine)} >= {"reader", "member", "manager", "admin"}
    # She may list the role "admin" and not ask for it by itself.
    assert roles.get_role(mine, role["admin"]).name == "admin"
    with pytest.raises(Forbidden):
        roles.list_inferences(mine)
    with pytest.raises(Forbidden):
        roles.create_role(mine, name=unique("role"))
    assert [ref.name for ref in role_assignments.find(mine, "user", "AN")] == ["ann", "manager"]
    assert [ref.name for ref in role_assignments.find(mine, "user", "an", most=1)] == ["ann"]


def test_managers_members_and_readers_of_a_project_see_none_of_it_and_grant_nothing(api: Api, place: Place) -> None:
    for client in (api.at("carol", "data"), api.member, api.reader):
        cloud = cloud_for(client)
        with pytest.raises(Forbidden):
            list_assignments(cloud, Asked(project=cloud.project_id), is_effective=True)
        with pytest.raises(Forbidden):
            roles.list_global(cloud)
        with pytest.raises(Forbidden):
            grant(cloud, Grant(place.ann, place.project, place.role["reader"]))


def test_a_role_is_made_implies_another_is_protected_and_goes(place: Place, admin: Cloud) -> None:
    name = unique("role")
    made = roles.create_role(admin, name=name, description="For a test", is_immutable=True)
    own = roles.create_role(admin, name=name, domain_id=place.domain.id)
    try:
        assert (made.name, made.description, made.is_immutable, made.kind) == (name, "For a test", True, "global")
        assert [role.id for role in roles.list_of_domain(admin, place.domain.id)] == [own.id]
        with pytest.raises(Conflict):
            roles.create_role(admin, name=name)
        with pytest.raises((Forbidden, Conflict, Invalid)):
            roles.delete_role(admin, made.id)
        roles.update_role(admin, made, name=f"{name}-2", description="Changed", is_immutable=False)
        changed = roles.get_role(admin, made.id)
        assert (changed.name, changed.description, changed.is_immutable) == (f"{name}-2", "Changed", False)
        roles.add_implied(admin, prior=own.id, implied=made.id)
        roles.add_implied(admin, prior=made.id, implied=place.role["member"])
        inferences, names = roles.list_inferences(admin)
        assert names[made.id] == f"{name}-2"
        assert roles.all_implied(inferences, own.id) == {made.id, place.role["member"], place.role["reader"]}
        assert roles.is_circle(inferences, place.role["reader"], own.id)
        assert not roles.is_circle(inferences, own.id, place.role["reader"])
        # A domain's own role does nothing but stand for what it implies.
        grant(admin, Grant(place.ann, place.project, own.id))
        assert {role for _where, role, _why in told(admin, Asked(user=place.ann.id))} >= {
            f"{name}-2",
            "member",
            "reader",
        }
        roles.remove_implied(admin, prior=made.id, implied=place.role["member"])
        roles.remove_implied(admin, prior=made.id, implied=place.role["member"])
        assert roles.all_implied(roles.list_inferences(admin)[0], own.id) == {made.id}
    finally:
        for role in (own, made):
            with contextlib.suppress(NotFound):
                roles.delete_role(admin, role.id)


def test_a_token_tells_the_roles_of_today_and_ends_with_the_last_one(place: Place, admin: Cloud) -> None:
    reader, member = (Grant(place.ann, place.project, place.role[name]) for name in ("reader", "member"))
    grant(admin, reader)
    unscoped = identity.sign_in(Keystone(AUTH_URL), name="ann", password=PASSWORD, domain=place.name)
    scope = Scope("project", place.project.id, place.project.name)
    access = identity.get_scoped(unscoped, scope)
    assert identity.roles_now(access) == access.roles == ("reader",)
    grant(admin, member)
    assert identity.roles_now(access) == ("member", "reader")
    revoke(admin, member)
    revoke(admin, reader)
    assert identity.roles_now(access) is None
    assert identity.is_valid(unscoped)
    with pytest.raises(Unauthorized):
        identity.get_scoped(unscoped, scope)
