"""Who can do what where and why, and the matrix: what is ticked, looked at, sent, refused, and changed by others."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import PROJECT_ID, access_of, at, recorded, signed_in

WEB = PROJECT_ID
ALICE, BOB, CAROL = "b" * 32, f"{0xB2:032x}", f"{0xB3:032x}"
GROUP, OTHER_GROUP = f"{0xD1:032x}", f"{0xD2:032x}"
READER, MEMBER, MANAGER, ADMIN = (f"{id:032x}" for id in (0xE1, 0xE2, 0xE3, 0xE4))
MATRIX = at(f"assignments/matrix/?project={WEB}")
SEEN = [f"user:{ALICE}:{MEMBER}", f"user:{BOB}:{READER}", f"group:{GROUP}:{MEMBER}"]
"""What the recorded Keystone has granted in the project."""


@pytest.fixture
def admin(services: Services) -> Client:
    return signed_in(access_of("admin"))


@pytest.fixture
def manager(services: Services) -> Client:
    """A manager of the domain that the recorded people and projects are in."""
    access = access_of("manager", "member", "reader", kind="domain")
    scope = type(access.scope)("domain", "default", "Default")
    return signed_in(type(access)(**{**vars(access), "scope": scope}))


def shown(answer: Any, status: int = 200) -> Page:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def rows(page: Page) -> list[str]:
    """Each row's cells, without the word that says whether it is a person's or a group's."""
    found: list[list[str]] = []
    for item in page.elements:
        if item.tag == "tr":
            found.append([])
        elif item.tag == "td":
            found[-1].append(re.sub(r"^(Person|Group) ", "", item.text))
    return [" | ".join(row) for row in found if row]


def cells(page: Page) -> dict[str, dict[str, str]]:
    """The attributes of each tick, by its label."""
    return {
        item.attrs["aria-label"]: item.attrs
        for item in page.elements
        if item.tag == "input" and "aria-label" in item.attrs and item.attrs.get("type") == "checkbox"
    }


def changes(services: Services) -> list[str]:
    return [f"{call.method} {urllib.parse.urlsplit(call.url).path.removeprefix('/v3')}" for call in services.changes]


def asked(services: Services) -> list[dict[str, str]]:
    """The filters of each question for assignments."""
    urls = [urllib.parse.urlsplit(call.url) for call in services.calls if "/role_assignments" in call.url]
    return [{k: v for k, v in urllib.parse.parse_qsl(url.query) if k != "include_names"} for url in urls]


def answering(services: Services, answer: Callable[[Any], tuple[int, Any] | None]) -> None:
    """Some of Keystone's answers are others."""

    def changed(request: Any, context: Any) -> Any:
        found = answer(request)
        if found is None:
            return None
        context.status_code = found[0]
        return found[1]

    services.answers["identity"] = changed


# Who can do what where


def test_a_project_shows_everybody_who_may_do_something_there_and_why(services: Services, admin: Client) -> None:
    page = shown(admin.get(at("assignments/?project=web")))
    assert rows(page) == [
        "alice Default | web Default | member | given directly",
        "alice Default | web Default | reader | implied by the role member",
        "bob Default | web Default | reader | given directly",
        "carol Default | web Default | manager | inherited from the domain Default",
        "carol Default | web Default | member | through the group developers",
    ]
    assert asked(services) == [{"effective": "true", "scope.project.id": WEB}]
    assert any(link["href"] == MATRIX for link in page.links)


def test_a_person_shows_every_place_and_the_system_and_filters_narrow_on_keystones_side(
    services: Services, admin: Client
) -> None:
    page = shown(admin.get(at("assignments/?user=alice · Default&role=member")))
    assert len(rows(page)) == 2
    found = asked(services)
    assert {"effective": "true", "user.id": ALICE, "role.id": MEMBER} in found
    assert {"scope.system": "all"} in found
    services.calls.clear()
    shown(admin.get(at(f"assignments/?user={ALICE}&project={WEB}&subtree=1")))
    assert asked(services) == [
        {"effective": "true", "include_subtree": "true", "user.id": ALICE, "scope.project.id": WEB}
    ]


def test_nothing_is_asked_of_the_whole_cloud_unless_one_wants_that(services: Services, admin: Client) -> None:
    start = shown(admin.get(at("assignments/")))
    assert asked(services) == []
    assert "Name somebody, or a place" in start.text
    everything = next(link["href"] for link in start.links if "granted" in link["href"])
    assert len(rows(shown(admin.get(everything)))) == 3
    assert asked(services) == [{}]


def test_a_group_is_asked_for_as_it_was_granted_as_keystone_has_no_other_answer(
    services: Services, admin: Client
) -> None:
    page = shown(admin.get(at("assignments/?group=developers")))
    assert "each of its members has it" in page.text
    assert asked(services) == [{"group.id": GROUP}]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("user=o", "Person: more than one is called “o”, or nearly so."),
        ("user=zaphod", "Person: nothing that you may see is called “zaphod”."),
        ("user=alice&group=developers", "a person's or a group's"),
        ("project=web&system=all", "name one of them"),
    ],
)
def test_what_is_unclear_or_makes_no_sense_is_said_and_nothing_is_asked(
    query: str, words: str, services: Services, admin: Client
) -> None:
    assert words in shown(admin.get(at(f"assignments/?{query}"))).text
    assert asked(services) == []


def test_fields_are_completed_by_keystones_search(services: Services, admin: Client) -> None:
    page = shown(admin.get(at("assignments/suggest/who/?who=ol")))
    assert [item.attrs["value"] for item in page.elements if item.tag == "option"] == ["carol · Default"]
    page = shown(admin.get(at("assignments/suggest/who/?who=develop")))
    assert [item.attrs["value"] for item in page.elements if item.tag == "option"] == ["Group: developers · Default"]
    assert all("name__i" in call.url for call in services.calls if "/users?" in call.url)


@pytest.mark.parametrize("role", ["reader", "member", "manager"])
def test_in_a_project_only_administrators_see_it(role: str, services: Services) -> None:
    browser = signed_in(access_of(role))
    assert "Keystone shows this to administrators" in shown(browser.get(at("assignments/?project=web"))).text
    assert "assignments" not in [link.get("data-page") for link in shown(browser.get(at("keypairs/"))).links]
    shown(browser.get(MATRIX), 403)
    shown(browser.post(MATRIX, {"do": "send", "change": f"+user:{ALICE}:{ADMIN}"}), 403)
    assert asked(services) == []
    assert changes(services) == []


# The matrix


def test_the_matrix_ticks_what_is_granted_and_says_what_else_gives_a_role(services: Services, admin: Client) -> None:
    page = shown(admin.get(MATRIX))
    found = cells(page)
    ticked = {label for label, attrs in found.items() if "checked" in attrs}
    assert ticked == {"member for alice", "reader for bob", "member for developers"}
    why = page.by_id(found["manager for carol"]["aria-describedby"])
    assert why is not None
    assert why.text == "inherited from the domain Default"
    assert "disabled" not in found["admin for bob"]
    heads = [(item.text, "is-more" in item.classes) for item in page.elements if item.tag == "th"][1:7]
    assert heads == [(n, n == "auditor") for n in ("reader", "member", "manager", "admin", "service", "auditor")]


def test_changes_are_listed_before_they_are_sent_and_sent_one_by_one(services: Services, admin: Client) -> None:
    ticks = {"was": SEEN, "t": [SEEN[0], f"user:{BOB}:{MEMBER}", SEEN[2]]}
    review = shown(admin.post(MATRIX, {**ticks, "do": "review"}))
    listed = [item.attrs["value"] for item in review.elements if item.attrs.get("name") == "change"]
    assert listed == [f"+user:{BOB}:{MEMBER}", f"-user:{BOB}:{READER}"]
    assert "bob: + member" in review.text
    assert "bob: − reader" in review.text
    assert f"openstack role add --user {BOB}" in review.text.replace("\\ ", "")
    assert changes(services) == []
    once = next(item.attrs["value"] for item in review.elements if item.attrs.get("name") == "once")
    sending = {"do": "send", "change": listed, "once": once}
    done = shown(admin.post(MATRIX, sending))
    assert "Done for 2 of 2." in done.text
    expected = [
        f"PUT /projects/{WEB}/users/{BOB}/roles/{MEMBER}",
        f"DELETE /projects/{WEB}/users/{BOB}/roles/{READER}",
    ]
    assert changes(services) == expected
    assert "Done for 2 of 2." in shown(admin.post(MATRIX, sending)).text
    assert changes(services) == expected, "the same form is sent once"


def test_one_that_is_refused_costs_the_others_nothing(services: Services, admin: Client) -> None:
    refusal = {
        "error": {"code": 403, "message": "You are not authorized: identity:create_grant.", "title": "Forbidden"}
    }
    answering(services, lambda r: (403, refusal) if r.method == "PUT" and MANAGER in r.url else None)
    sending = {"do": "send", "change": [f"+user:{BOB}:{MANAGER}", f"+user:{ALICE}:{READER}"]}
    page = shown(admin.post(MATRIX, sending))
    assert "Done for 1 of 2." in page.text
    results = {item.text: item.classes for item in page.elements if item.tag == "li" and "+" in item.text}
    assert results["alice: + reader"] == ["is-done"]
    refused = next(text for text in results if text.startswith("bob: + manager"))
    assert results[refused] == ["is-failed"]
    assert "not allow" in refused


def test_what_others_changed_meanwhile_is_told_and_not_undone(services: Services, admin: Client) -> None:
    # The page was made when bob had member and the group had nothing.
    seen = [SEEN[0], SEEN[1], f"user:{BOB}:{MEMBER}"]
    page = shown(admin.post(MATRIX, {"was": seen, "t": [SEEN[0]], "do": "review"}))
    listed = [item.attrs["value"] for item in page.elements if item.attrs.get("name") == "change"]
    assert listed == [f"-user:{BOB}:{READER}"], "what is gone already need not be taken"
    assert "Meanwhile somebody else has changed this" in page.text
    assert "developers: + member" in page.text


def test_taking_ones_own_strong_role_needs_a_tick_by_hand(services: Services, admin: Client) -> None:
    given = recorded("keystone/people/given")
    mine = {**given["role_assignments"][0], "role": {"id": ADMIN, "name": "admin"}}
    both = {"role_assignments": [*given["role_assignments"], mine]}
    is_list = lambda r: "/role_assignments" in r.url and "effective" not in r.url  # noqa: E731
    answering(services, lambda r: (200, both) if is_list(r) else None)
    sending = {"do": "send", "change": f"-user:{ALICE}:{ADMIN}"}
    page = shown(admin.post(MATRIX, sending), 422)
    assert "This takes a role away from yourself." in page.text
    assert "You are working in this place now." in page.text
    assert changes(services) == []
    assert "Done for 1 of 1." in shown(admin.post(MATRIX, {**sending, "sure": "1"})).text


def test_a_line_is_added_by_name_and_what_was_ticked_stays(services: Services, admin: Client) -> None:
    ticks = {"was": SEEN, "t": [*SEEN, f"user:{BOB}:{ADMIN}"]}
    page = shown(admin.post(MATRIX, {**ticks, "do": "add", "who": "Group: operators"}))
    found = cells(page)
    assert "checked" in found["admin for bob"]
    assert "checked" not in found["member for operators"]
    new = {item.attrs["name"]: "1" for item in page.elements if item.attrs.get("name", "").startswith("new-")}
    assert list(new) == [f"new-group:{OTHER_GROUP}"]
    ticks["t"].append(f"group:{OTHER_GROUP}:{READER}")
    review = shown(admin.post(MATRIX, {**ticks, **new, "row": f"group:{OTHER_GROUP}", "do": "review"}))
    assert "operators: + reader" in review.text
    page = shown(admin.post(MATRIX, {**ticks, "do": "add", "who": "zaphod"}), 422)
    assert "Nobody is called so." in page.text
    assert "checked" in cells(page)["admin for bob"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (f"project={WEB}&below=1", f"/OS-INHERIT/projects/{WEB}/users/{{}}/roles/{READER}/inherited_to_projects"),
        ("domain=default", f"/domains/default/users/{{}}/roles/{READER}"),
        ("domain=default&below=1", f"/OS-INHERIT/domains/default/users/{{}}/roles/{READER}/inherited_to_projects"),
        ("system=all", f"/system/users/{{}}/roles/{READER}"),
    ],
)
def test_roles_are_given_on_every_kind_of_place(query: str, path: str, services: Services, admin: Client) -> None:
    url = at(f"assignments/matrix/?{query}")
    row = {"row": f"user:{CAROL}", f"new-user:{CAROL}": "1"}
    page = shown(admin.post(url, {"do": "send", "change": f"+user:{CAROL}:{READER}", **row}))
    assert "Done for 1 of 1." in page.text
    assert changes(services) == [f"PUT {path.format(CAROL)}"]


def test_a_domains_manager_is_told_what_keystone_does_not_let_her_grant(services: Services, manager: Client) -> None:
    url = f"/r/RegionOne/d/default/assignments/matrix/?project={WEB}"
    page = shown(manager.get(url))
    reason = "A domain's manager may grant reader, member and manager only."
    for label, attrs in cells(page).items():
        is_hers = label.split(" for ")[0] in {"reader", "member", "manager"}
        assert ("disabled" in attrs) != is_hers, label
        assert is_hers or attrs["title"] == reason
    assert reason in page.text
    answer = manager.post(url, {"do": "send", "change": [f"+user:{BOB}:{ADMIN}", f"+user:{BOB}:{MANAGER}"]})
    assert "Done for 1 of 1." in shown(answer).text
    assert changes(services) == [f"PUT /projects/{WEB}/users/{BOB}/roles/{MANAGER}"]
    elsewhere = f"/r/RegionOne/d/default/assignments/matrix/?project={0xA5:032x}"
    assert "another domain than the one that you manage" in shown(manager.get(elsewhere)).text
    shown(manager.post(elsewhere, {"do": "send", "change": f"+user:{BOB}:{READER}"}), 403)
    shown(manager.post("/r/RegionOne/d/default/assignments/matrix/?system=all", {"do": "send"}), 403)


def test_a_reader_of_the_domain_looks_and_changes_nothing(services: Services) -> None:
    access = access_of("reader", kind="domain")
    browser = signed_in(access)
    url = f"/r/RegionOne/d/{PROJECT_ID}/assignments/matrix/?project={WEB}"
    page = shown(browser.get(url))
    assert all("disabled" in attrs for attrs in cells(page).values())
    assert "You may look at this, and not change it." in page.text
    shown(browser.post(url, {"do": "send", "change": f"+user:{BOB}:{READER}"}), 403)
    assert changes(services) == []
