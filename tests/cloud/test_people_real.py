"""Users, groups, projects and domains on the real Keystone: by administrators and a domain's manager, and refused to
everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashboard.cloud import domains, groups, identity, keystone_lists, members, projects, users
from dashboard.cloud.config import Keystone
from dashboard.cloud.connection import Access, Cloud, Scope
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, Invalid, NotFound, Unauthorized
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import AUTH_URL, PASSWORD, Api, unique

pytestmark = pytest.mark.cloud


@pytest.fixture
def domain(admin: Cloud) -> Iterator[domains.Domain]:
    """A domain of the test's own; it takes everything in it along."""
    made = domains.create_domain(admin, {"name": unique("realm"), "description": "d"})
    yield made
    domains.update_domain(admin, made.id, {"enabled": False})
    domains.delete_domain(admin, made.id)


@pytest.fixture
def role_ids(admin: Cloud) -> dict[str, str]:
    return {role.name: role.id for role in members.list_roles(admin)}


Entry = Callable[..., Cloud]


@pytest.fixture
def entering(admin: Cloud, domain: domains.Domain, role_ids: dict[str, str]) -> Entry:
    """Makes somebody with a role in the domain or in one of its projects, and signs them in there."""

    def enter(role: str, *, project: projects.Project | None = None) -> Cloud:
        name = unique(role)
        made = users.create_user(admin, {"name": name, "domain_id": domain.id, "password": PASSWORD})
        place: Any = "projects" if project else "domains"
        where = project.id if project else domain.id
        members.grant(admin, place, where, "users", made.id, role_ids[role])
        scope = Scope("project" if project else "domain", where, "")
        return signed(name, domain.name, scope)

    return enter


def signed(name: str, domain: str, scope: Scope, password: str = PASSWORD) -> Cloud:
    access: Access = identity.sign_in(Keystone(AUTH_URL), name=name, password=password, domain=domain)
    return Cloud(identity.get_scoped(access, scope), "RegionOne")


def names(rows: Any) -> list[str]:
    return [row.name for row in rows]


def test_a_domain_s_manager_makes_a_project_and_somebody_who_works_in_it(
    entering: Entry, domain: domains.Domain, role_ids: dict[str, str]
) -> None:
    dora = entering("manager")
    project = projects.create_project(
        dora, {"name": unique("team"), "domain_id": domain.id, "tags": ["one"], "description": "d"}
    )
    below = projects.create_project(dora, {"name": unique("sub"), "domain_id": domain.id, "parent_id": project.id})
    name = unique("erin")
    body = {"name": name, "domain_id": domain.id, "password": PASSWORD, "email": "erin@example.org", "shoe_size": "39"}
    erin = users.create_user(dora, {**body, "default_project_id": project.id})
    group = groups.create_group(dora, {"name": unique("crew"), "domain_id": domain.id})
    groups.add_member(dora, group.id, erin.id)
    members.grant(dora, "projects", project.id, "users", erin.id, role_ids["member"])
    members.grant(dora, "projects", project.id, "users", erin.id, role_ids["member"])
    members.grant(dora, "projects", below.id, "groups", group.id, role_ids["reader"])

    listed = projects.list_projects(dora, Query(sort="tree", terms=(Term("domain", domain.id),)), {})
    assert [(row.name, row.path) for row in listed.rows] == [(project.name, ()), (below.name, (project.name,))]
    assert names(users.list_users(dora, Query(terms=(Term("group", group.id),))).rows) == [name]
    assert names(groups.list_groups_of(dora, erin.id)) == [group.name]
    (found,) = [item for item in members.list_members(dora, "projects", project.id) if item.id == erin.id]
    assert [(role.role, role.how) for role in found.roles] == [("member", "given"), ("reader", "implied")]
    of_below = {(item.kind, item.name): item for item in members.list_members(dora, "projects", below.id)}
    assert [role.role for role in of_below["groups", group.name].given] == ["reader"]
    assert of_below["users", name].roles[0].how == "group"
    assert {place.name for place in members.list_places(dora, "users", erin.id)} == {project.name, below.name}
    assert names(keystone_lists.find(dora, users.USERS, name[:6].upper())) == [name]

    inside = signed(name, domain.name, Scope("project", project.id, ""))
    assert set(inside.roles) == {"member", "reader"}
    assert isinstance(inside.get("compute", "/servers")["servers"], list)

    users.update_user(dora, erin.id, {"email": "erin@example.net", "options": {"lock_password": True}})
    now = users.get_user(dora, erin.id)
    assert (now.email, now.extra["shoe_size"]) == ("erin@example.net", "39")
    options = users.options_of({"lock_password": False}, [["password", "totp"]], now)
    users.update_user(dora, erin.id, {"options": options})
    now = users.get_user(dora, erin.id)
    assert (dict(now.options), now.rules) == ({}, (("password", "totp"),))
    members.revoke(dora, "projects", project.id, "users", erin.id, role_ids["member"])
    assert members.list_given(dora, "projects", project.id, "users", erin.id) is None
    with pytest.raises(Forbidden, match="leaf"):
        projects.delete_project(dora, project.id)
    projects.set_tags(dora, below.id, ["a tag", "b"])
    assert set(projects.get_project(dora, below.id).tags) == {"a tag", "b"}
    projects.update_project(dora, below.id, {"options": {"immutable": True}})
    with pytest.raises(Forbidden, match="immutable"):
        projects.delete_project(dora, below.id)
    projects.update_project(dora, below.id, {"options": {"immutable": None}})
    users.update_user(dora, erin.id, {"enabled": False})
    with pytest.raises(Unauthorized):
        signed(name, domain.name, Scope("project", project.id, ""))
    for id in (below.id, project.id):
        projects.delete_project(dora, id)
    groups.delete_group(dora, group.id)
    users.delete_user(dora, erin.id)
    assert not users.list_users(dora, Query(text=erin.id)).rows


def test_a_domain_s_manager_can_t_reach_beyond_it(
    entering: Entry, domain: domains.Domain, role_ids: dict[str, str], api: Api
) -> None:
    dora = entering("manager")
    assert names(domains.list_domains(dora, Query()).rows) == [domain.name]
    assert {row.domain_id for row in users.list_users(dora, Query()).rows} == {domain.id}
    bob = api.admin.get("identity", "/users?name=bob")["users"][0]
    web = api.admin.get("identity", "/projects?name=web")["projects"][0]
    assert not members.list_members(dora, "projects", web["id"])
    assert not users.list_users(dora, Query(text=bob["id"])).rows
    refused = (
        lambda: users.get_user(dora, bob["id"]),
        lambda: users.update_user(dora, bob["id"], {"description": "x"}),
        lambda: users.create_user(dora, {"name": unique("x"), "domain_id": "default"}),
        lambda: projects.create_project(dora, {"name": unique("x"), "domain_id": "default"}),
        lambda: groups.create_group(dora, {"name": unique("x"), "domain_id": "default"}),
        lambda: members.grant(dora, "projects", web["id"], "users", dora.access.person.id, role_ids["member"]),
        # Nor may more be given than a manager has.
        lambda: members.grant(dora, "domains", domain.id, "users", dora.access.person.id, role_ids["admin"]),
        lambda: domains.create_domain(dora, {"name": unique("x")}),
        lambda: domains.update_domain(dora, domain.id, {"description": "x"}),
        lambda: domains.delete_domain(dora, domain.id),
    )
    for place, call in enumerate(refused):
        try:
            call()
        except (Forbidden, NotFound):
            continue
        pytest.fail(f"the call at {place} was not refused")


def test_the_others_are_refused(entering: Entry, domain: domains.Domain, admin: Cloud, api: Api) -> None:
    project = projects.create_project(admin, {"name": unique("team"), "domain_id": domain.id})
    looker = entering("reader")
    assert users.list_users(looker, Query()).rows
    assert names(projects.list_projects(looker, Query(), {}).rows) == [project.name]
    people = {
        "domain reader": looker,
        **{f"project {role}": entering(role, project=project) for role in ("manager", "member", "reader")},
    }
    for who, cloud in people.items():
        changes = (
            lambda cloud=cloud: users.create_user(cloud, {"name": unique("x"), "domain_id": domain.id}),
            lambda cloud=cloud: groups.create_group(cloud, {"name": unique("x"), "domain_id": domain.id}),
            lambda cloud=cloud: projects.create_project(cloud, {"name": unique("x"), "domain_id": domain.id}),
            lambda cloud=cloud: projects.update_project(cloud, project.id, {"enabled": False}),
            lambda cloud=cloud: projects.delete_project(cloud, project.id),
            lambda cloud=cloud: domains.create_domain(cloud, {"name": unique("x")}),
        )
        for change in changes:
            with pytest.raises(CloudError) as caught:
                change()
            assert isinstance(caught.value, Forbidden), who
        if who != "domain reader":
            with pytest.raises(Forbidden):
                users.list_users(cloud, Query())


def test_the_system_s_reader_looks_at_everything_and_changes_nothing(
    admin: Cloud, domain: domains.Domain, role_ids: dict[str, str]
) -> None:
    name = unique("auditor")
    made = users.create_user(admin, {"name": name, "domain_id": domain.id, "password": PASSWORD})
    admin.put("identity", f"/system/users/{made.id}/roles/{role_ids['reader']}", None)
    auditor = signed(name, domain.name, identity.SYSTEM)
    assert {"Default", domain.name} <= set(names(domains.list_domains(auditor, Query()).rows))
    assert len({row.domain_id for row in users.list_users(auditor, Query()).rows}) > 1
    assert names(projects.find_projects(auditor, "web"))
    with pytest.raises(Forbidden):
        users.update_user(auditor, made.id, {"description": "x"})


def test_an_administrator_pages_searches_and_meets_what_keystone_refuses(
    admin: Cloud, domain: domains.Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        users.create_user(admin, {"name": f"page-{number}", "domain_id": domain.id, "enabled": number != 3})
    keystone_lists.forget()
    monkeypatch.setattr(keystone_lists, "AT_HAND", 4)
    own = Term("domain", domain.id)
    seen: list[str] = []
    marker = ""
    while True:
        page = users.list_users(admin, Query(limit=3, marker=marker, terms=(own,)))
        assert page.is_unsorted
        seen += names(page.rows)
        if not page.has_next:
            break
        marker = page.rows[-1].id
    assert sorted(seen) == [f"page-{number}" for number in range(7)]
    assert names(users.list_users(admin, Query(text="PAGE-5", terms=(own,))).rows) == ["page-5"]
    assert names(users.list_users(admin, Query(terms=(own, Term("enabled", "no")))).rows) == ["page-3"]
    with pytest.raises(NotFound):
        users.list_users(admin, Query(marker="f" * 32, terms=(own,)))
    keystone_lists.forget()
    with pytest.raises(Conflict, match="Duplicate"):
        users.create_user(admin, {"name": "page-1", "domain_id": domain.id})
    with pytest.raises(Forbidden, match="disable"):
        domains.delete_domain(admin, domain.id)
    with pytest.raises(Invalid):
        users.create_user(admin, {"name": "", "domain_id": domain.id})
