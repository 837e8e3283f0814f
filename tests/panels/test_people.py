"""Users, groups, projects and domains: who sees what, what is sent, and how thousands of them are looked through."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from dashboard.cloud import keystone_lists, members, users
from dashboard.cloud.connection import Access, Scope
from dashboard.cloud.errors import Invalid
from dashboard.cloud.types import Query, Term
from dashboard.panels.identity import words
from dashboard.panels.identity.users import PANEL as USERS
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, cloud_of, recorded, signed_in

HTMX = {"HX-Request": "true"}
ALICE, BOB, CAROL = "b" * 32, f"{0xB2:032x}", f"{0xB3:032x}"
WEB, DATA, PARTNER = "a" * 32, "c" * 32, f"{0x3D26:032x}"
DEVELOPERS, MEMBER = f"{0xD1:032x}", f"{0xE2:032x}"
MANY = 3000


@pytest.fixture(autouse=True)
def unknown() -> Iterator[None]:
    """No list is known to be long."""
    keystone_lists.forget()
    yield
    keystone_lists.forget()


def in_domain(*roles: str) -> Access:
    """Somebody in the domain "partner"."""
    found = access_of(*roles, user_name="dora")
    person = dataclasses.replace(found.person, domain_id=PARTNER, domain_name="partner")
    return dataclasses.replace(found, scope=Scope("domain", PARTNER, "partner"), person=person)


def below(path: str) -> str:
    return f"/r/RegionOne/d/{PARTNER}/{path}"


def many(services: Services) -> list[dict[str, Any]]:
    """Thousands of users at the wire."""
    sample = services.rows["/users"][0]
    found = [
        {**sample, "id": f"{number:032x}", "name": f"user-{MANY - number:04d}", "email": f"mail-{number}@example.org"}
        for number in range(MANY)
    ]
    services.rows["/users"] = found
    return found


def asked(services: Services, path: str = "/users") -> list[dict[str, str]]:
    """The queries that a list was asked with."""
    urls = [urlsplit(call.url) for call in services.to("identity") if call.method == "GET"]
    return [dict(parse_qsl(url.query)) for url in urls if url.path.endswith(f"/v3{path}")]


def bodies(services: Services) -> list[tuple[str, str, Any]]:
    """What was changed: method, path and body."""
    return [
        (call.method, urlsplit(call.url).path.removeprefix("/v3"), json.loads(call.body) if call.body else None)
        for call in services.changes
    ]


def shown(browser: Client, path: str) -> Any:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.content.decode()[:1500]
    return parsed(answer.content.decode())


# Thousands


def test_of_thousands_a_page_reads_two_hundred_once_and_then_a_page_at_a_time(services: Services) -> None:
    everybody = many(services)
    cloud = cloud_of("admin")
    first = users.list_users(cloud, Query(sort="name"))
    assert [int(query["limit"]) for query in asked(services)] == [200, 21]
    assert first.is_unsorted
    assert first.total is None
    assert first.has_next
    seen = [row.id for row in first.rows]
    services.calls.clear()
    second = users.list_users(cloud, Query(sort="name", marker=seen[-1]))
    assert asked(services) == [{"limit": "21", "marker": seen[-1]}]
    seen += [row.id for row in second.rows]
    assert seen == [item["id"] for item in everybody[:40]]


def test_of_thousands_somebody_is_found_by_keystone_and_the_few_are_sorted(services: Services) -> None:
    many(services)
    cloud = cloud_of("admin")
    users.list_users(cloud, Query())
    services.calls.clear()
    found = users.list_users(cloud, Query(text="USER-000", sort="name"))
    assert asked(services) == [{"limit": "200", "name__icontains": "USER-000"}]
    assert [row.name for row in found.rows] == [f"user-000{number}" for number in range(1, 10)]
    assert found.total == 9
    assert not found.is_unsorted


def test_of_thousands_one_is_found_by_id_and_by_what_keystone_does_not_search(services: Services) -> None:
    everybody = many(services)
    cloud = cloud_of("admin")
    (row,) = users.list_users(cloud, Query(text=everybody[2000]["id"])).rows
    assert row.id == everybody[2000]["id"]
    services.calls.clear()
    (row,) = users.list_users(cloud, Query(terms=(Term("email", "mail-1500@example.org"),))).rows
    assert row.email == "mail-1500@example.org"
    assert {query["limit"] for query in asked(services)} == {"1000"}


def test_the_last_page_of_thousands_says_that_it_is_the_last(services: Services) -> None:
    everybody = many(services)
    page = users.list_users(cloud_of("admin"), Query(marker=everybody[-6]["id"]))
    assert len(page.rows) == 5
    assert not page.has_next


def test_a_long_list_says_that_it_is_not_sorted_and_leads_back_to_its_start(services: Services) -> None:
    everybody = many(services)
    page = shown(signed_in(access_of("admin")), at(f"users/?marker={everybody[50]['id']}"))
    assert "too many to be sorted" in page.text
    labels = [link["text"] for link in page.links]
    assert "First" in labels
    assert "Next" in labels
    assert "Previous" not in labels


def test_an_older_keystone_that_sends_everything_is_paged_here(services: Services) -> None:
    everybody = many(services)
    services.answers["identity"] = lambda request, context: {"users": everybody} if "/users" in request.url else None
    found = users.list_users(cloud_of("admin"), Query(text="mail-77@", sort="name"))
    assert [row.email for row in found.rows] == ["mail-77@example.org"]
    assert users.list_users(cloud_of("admin"), Query()).total == MANY


# Who sees what


def test_a_domain_s_manager_is_shown_that_domain_alone(services: Services) -> None:
    browser = signed_in(in_domain("manager"))
    page = shown(browser, below("users/"))
    assert page.by_id(f"row-{0xB6:032x}")
    assert not page.by_id(f"row-{ALICE}")
    assert all(query["domain_id"] == PARTNER for query in asked(services))
    labels = {link["text"] for link in shown(browser, below("projects/")).links}
    assert "Create project" in labels
    assert "Create domain" not in shown(browser, below("domains/")).text
    form = shown(browser, below("users/create/"))
    assert not form.by_id("id_domain"), "there is but one"


def test_a_domain_s_manager_is_offered_the_roles_that_they_may_give(services: Services) -> None:
    page = shown(signed_in(in_domain("manager")), below(f"projects/act/add-member/?id={f'{0xA5:032x}'}"))
    assert "manager" in page.text
    assert "admin" not in [item.text for item in page.elements if item.tag == "label"]
    assert "Others only an administrator can give." in page.text


def test_a_domain_s_reader_looks_and_changes_nothing(services: Services) -> None:
    browser = signed_in(in_domain("reader"))
    page = shown(browser, below("users/"))
    assert "Create user" in page.text_of_class("disabled")
    answer = browser.post(below("users/act/disable/"), {"id": f"{0xB6:032x}"})
    assert answer.status_code == 403
    assert "manager" in answer.content.decode()
    assert not services.changes


# The tree


def test_projects_stand_below_their_parents(services: Services) -> None:
    page = shown(signed_in(access_of("admin")), at("projects/"))
    names = [item.text for item in page.all_of_class("tree-name")]
    place = names.index("web")
    assert names[place : place + 3] == ["web", "web-testweb", "web-test-loadweb / web-test"]
    assert page.all_of_class("tree-2")


def test_a_project_names_what_is_above_it(services: Services) -> None:
    page = shown(signed_in(access_of("admin")), at(f"projects/{0xA2:032x}/"))
    assert "web / web-test" in [link["text"] for link in page.links]


def test_subprojects_are_a_list_of_their_own(services: Services) -> None:
    page = shown(signed_in(access_of("admin")), at(f"projects/{WEB}/?tab=subprojects"))
    assert page.by_id(f"row-{0xA1:032x}")
    assert not page.by_id(f"row-{DATA}")


# Members


def test_members_are_told_with_how_they_come_by_each_role(services: Services) -> None:
    found = {member.name: member for member in members.list_members(cloud_of("admin"), "projects", WEB)}
    assert [(role.role, role.how) for role in found["alice"].roles] == [("member", "given"), ("reader", "implied")]
    assert [(role.role, role.how) for role in found["carol"].roles] == [("member", "group"), ("manager", "inherited")]
    assert found["carol"].roles[0].source == "developers"
    page = shown(signed_in(access_of("admin")), at(f"projects/{WEB}/?tab=members"))
    assert "by the group developers" in page.text
    assert "inherited from above" in page.text
    carol = page.by_id(f"member-{CAROL}")
    assert carol is not None
    assert "Change roles" not in carol.text, "nothing was given here that could be taken"


def test_a_member_is_added_by_name_and_a_group_with_its_prefix(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    url = at("projects/act/add-member/")
    for who, path in (
        ("bob", f"users/{BOB}"),
        ("bob (Default)", f"users/{BOB}"),
        ("group:developers", f"groups/{DEVELOPERS}"),
        (ALICE, f"users/{ALICE}"),
    ):
        services.calls.clear()
        data = {"id": DATA, "who": who, "roles": [MEMBER], "once": f"{hash(who) & 0xFFFF:032x}"}
        assert browser.post(url, data, headers=HTMX).status_code == 200
        assert bodies(services) == [("PUT", f"/projects/{DATA}/{path}/roles/{MEMBER}", None)]
    answer = browser.post(url, {"id": DATA, "who": "nobody-such", "roles": [MEMBER]}, headers=HTMX)
    assert "Nothing is called “nobody-such” here." in parsed(answer.content.decode()).text


def test_roles_are_given_before_others_are_taken(services: Services) -> None:
    data = {"id": WEB, "other": f"users:{ALICE}", "roles": [f"{0xE1:032x}", f"{0xE3:032x}"]}
    signed_in(access_of("admin")).post(at("projects/act/change-roles/"), data, headers=HTMX)
    base = f"/projects/{WEB}/users/{ALICE}/roles"
    assert [(method, path) for method, path, _body in bodies(services)] == [
        ("PUT", f"{base}/{0xE1:032x}"),
        ("PUT", f"{base}/{0xE3:032x}"),
        ("DELETE", f"{base}/{MEMBER}"),
    ]


def test_somebody_is_sought_as_one_types(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    page = shown(browser, at("users/find/?kinds=users,groups&field=who&who=dev"))
    assert [item.attrs["value"] for item in page.elements if item.tag == "option"] == ["group:developers (Default)"]
    form = shown(browser, at(f"projects/act/add-member/?id={WEB}"))
    field = form.by_id("id_who")
    assert field is not None
    assert field.attrs["hx-get"].endswith("users/find/?kinds=users,groups&field=who")
    assert not parsed(signed_in().get(at("users/find/?kinds=users&field=q&q=ali")).content.decode()).has("option")


# What is sent


def test_a_user_with_a_first_project_is_two_requests_and_can_be_shown(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    dialog = browser.get(at("users/create/"), headers=HTMX).content.decode()
    assert "Show request" in dialog
    data = {
        "name": "erin",
        "domain": "default",
        "password": "not to be shown",
        "email": "erin@example.org",
        "project": "web",
        "role": MEMBER,
        "enabled": "on",
        "lock_password": "on",
        "multi_factor_auth_enabled": "on",
        "ways": ["password+totp"],
    }
    answer = browser.post(at("users/create/"), {**data, "show": "1"}, headers=HTMX).content.decode()
    assert "openstack user create" in answer
    assert "not to be shown" not in answer
    assert not services.changes
    browser.post(at("users/create/"), data, headers=HTMX)
    (_method, _path, body), grant = bodies(services)
    assert body["user"]["options"] == {
        "lock_password": True,
        "multi_factor_auth_enabled": True,
        "multi_factor_auth_rules": [["password", "totp"]],
    }
    assert body["user"]["default_project_id"] == WEB
    assert grant[1].startswith(f"/projects/{WEB}/users/")


def test_only_what_was_changed_is_sent_so_that_others_fields_stay(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    data = {"id": CAROL, "name": "carol", "email": "carol@example.net", "description": "", "project": ""}
    browser.post(at("users/act/edit/"), data, headers=HTMX)
    assert bodies(services) == [("PATCH", f"/users/{CAROL}", {"user": {"email": "carol@example.net"}})]
    services.calls.clear()
    options = {
        "id": CAROL,
        "multi_factor_auth_enabled": "on",
        "ways": ["password+totp"],
        "ignore_password_expiry": "on",
    }
    browser.post(at("users/act/options/"), options, headers=HTMX)
    wanted = {"lock_password": None, "ignore_password_expiry": True}
    assert bodies(services) == [("PATCH", f"/users/{CAROL}", {"user": {"options": wanted}})]


def test_rules_without_a_way_in_are_refused(services: Services) -> None:
    data = {"id": BOB, "multi_factor_auth_enabled": "on"}
    answer = signed_in(access_of("admin")).post(at("users/act/options/"), data, headers=HTMX)
    assert answer.status_code == 422
    assert "Tick at least one way." in parsed(answer.content.decode()).text


@pytest.mark.parametrize("slug", ["disable", "delete"])
def test_one_s_own_account_is_asked_for_twice(slug: str, services: Services) -> None:
    browser = signed_in(access_of("admin"))
    dialog = shown(browser, at(f"users/act/{slug}/?id={ALICE}&id={BOB}"))
    assert "Your own account is among them" in dialog.text
    refused = browser.post(at(f"users/act/{slug}/"), {"id": [ALICE, BOB]}, headers=HTMX)
    assert refused.status_code == 422
    assert not services.changes
    assert "Your own account" not in shown(browser, at(f"users/act/{slug}/?id={BOB}")).text
    # Done to all that match by a worker, nothing was ticked: one's own is left out.
    action = USERS.action(slug)
    assert action is not None
    cloud = cloud_of("admin")
    with pytest.raises(Invalid):
        action.run(cloud, users.get_user(cloud, ALICE), {})
    action.run(cloud, users.get_user(cloud, BOB), {})
    assert len(services.changes) == 1


def test_several_come_into_a_group_at_once_or_nobody_does(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    url = at("groups/act/add-users/")
    answer = browser.post(url, {"id": DEVELOPERS, "user": "alice", "several": "bob\nnobody-such"}, headers=HTMX)
    assert "nobody-such" in parsed(answer.content.decode()).text
    assert not services.changes
    browser.post(url, {"id": DEVELOPERS, "user": "alice", "several": "bob"}, headers=HTMX)
    assert [path for _m, path, _b in bodies(services)] == [
        f"/groups/{DEVELOPERS}/users/{ALICE}",
        f"/groups/{DEVELOPERS}/users/{BOB}",
    ]


def test_deleting_a_project_tells_what_it_holds_and_where_to_clear_it(services: Services) -> None:
    page = shown(signed_in(access_of("admin")), at(f"projects/act/delete/?id={WEB}"))
    assert "web has subprojects" in page.text
    assert "web still holds" in page.text
    assert [link for link in page.links if "teardown" in link["href"] and WEB in link["href"]]


def test_a_protected_project_and_an_enabled_domain_say_what_comes_first(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    assert "Take the protection away first" in shown(browser, at(f"projects/act/delete/?id={0xA4:032x}")).text
    assert "Disable it first" in shown(browser, at(f"domains/act/delete/?id={PARTNER}")).text


def test_a_domain_is_deleted_only_by_its_name(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    former = f"{0x3D27:032x}"
    answer = browser.post(at("domains/act/delete/"), {"id": former, "typed": "partner"}, headers=HTMX)
    assert "That is not the domain's name." in parsed(answer.content.decode()).text
    browser.post(at("domains/act/delete/"), {"id": former, "typed": "former-partner"}, headers=HTMX)
    assert bodies(services) == [("DELETE", f"/domains/{former}", None)]


def test_refusals_of_keystone_are_said_in_words(services: Services) -> None:
    def refuse(request: Any, context: Any) -> Any:
        if request.method != "POST":
            return None
        context.status_code = 409
        text = "Conflict occurred attempting to store user - Duplicate entry found with name bob at domain ID default."
        return {"error": {"code": 409, "message": text, "title": "Conflict"}}

    services.answers["identity"] = refuse
    data = {"name": "bob", "domain": "default", "password": "x", "enabled": "on", "role": MEMBER}
    answer = signed_in(access_of("admin")).post(at("users/create/"), data, headers=HTMX)
    assert answer.status_code == 422
    assert "The name is taken in this domain." in parsed(answer.content.decode()).text


# Words


def test_ways_to_sign_in_and_passwords_are_told_in_words() -> None:
    found = {item["name"]: users.User.from_json(item) for item in recorded("keystone/people/users")["users"]}
    assert words.ways(found["carol"]) == ["Password and one-time passcode"]
    assert words.way_words(["password", "totp", "mapped"]) == "Password, one-time passcode and single sign-on"
    assert str(words.password(found["mallory"]).label) == "Expired"
    assert "2099" in str(words.password(found["bob"]).detail)
    assert found["carol"].extra == {"employee": "0815"}
    assert words.federated(found["federica"]) == ["federica%40example.org · example-idp · openid"]
