"""Containers on the real Swift: made, opened and closed, set up, emptied and gone; others are refused until let in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from dashboard.cloud import container_access as access
from dashboard.cloud import container_changes as do
from dashboard.cloud import container_emptying, containers, swift, temp_urls
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_emptying import Emptying
from dashboard.cloud.containers import list_containers, public_url, read_container
from dashboard.cloud.errors import Conflict, Forbidden, NotFound, QuotaExceeded
from dashboard.cloud.swift import key_of, path_of
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import Api, unique
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud

Make = Callable[..., str]


@pytest.fixture(scope="module")
def alice(all_clients: Api) -> Cloud:
    return cloud_for(all_clients.at("alice", "web"))


@pytest.fixture(scope="module")
def bob(all_clients: Api) -> Cloud:
    return cloud_for(all_clients.at("bob", "web"))


@pytest.fixture(scope="module")
def carol(all_clients: Api) -> Cloud:
    return cloud_for(all_clients.at("carol", "data"))


@pytest.fixture
def make(alice: Cloud) -> Iterator[Make]:
    """Makes containers that are emptied and deleted in the end."""
    names: list[str] = []

    def made(name: str = "", **data: Any) -> str:
        names.append(name or unique("box"))
        do.create_container(alice, {"name": names[-1], **data})
        return names[-1]

    yield made
    for name in names:
        with contextlib.suppress(NotFound):
            work = Emptying(name, with_versions=True, then_delete=True)
            do.set_versions(alice, name, is_on=False)
            container_emptying.step(alice, work, seconds=30)


def put(cloud: Cloud, container: str, name: str, text: str = "hello") -> None:
    swift.send(cloud, "PUT", path_of(container, name), data=text.encode())


def read(cloud: Cloud, container: str, name: str) -> str:
    return str(swift.send(cloud, "GET", path_of(container, name)).text)


def anonymous(cloud: Cloud, container: str, name: str = "") -> int:
    """The status that somebody gets who does not sign in."""
    return requests.get(public_url(cloud, container, name), timeout=10).status_code


@pytest.mark.parametrize("odd", ["%2e.. \"<b>'&", "🦉 Übung?#", ".well-known", "~act", "create", " x "])
def test_a_container_of_any_legal_name_is_made_found_and_deleted(odd: str, alice: Cloud, make: Make) -> None:
    name = make(f"{odd}{unique('n')}{odd}" if odd != "create" else "create")
    assert containers.get_container(alice, key_of(name)).name == name
    page = list_containers(alice, Query(limit=100, text=name))
    assert [row.name for row in page.rows] == [name]
    assert page.rows[0].id == key_of(name)
    do.delete_container(alice, name)
    with pytest.raises(NotFound):
        read_container(alice, name)


def test_the_list_is_paged_by_swift_forward_and_back(alice: Cloud, make: Make) -> None:
    mark = unique("page")
    names = [make(f"{mark}-{n}") for n in range(5)]
    put(alice, names[0], "a", "12345")
    # Where a page begins is a name; whether it is there does not matter.
    first = list_containers(alice, Query(limit=2, marker=key_of(f"{mark}-")))
    assert [row.name for row in first.rows] == names[:2]
    second = list_containers(alice, Query(limit=2, marker=first.rows[-1].id))
    assert [row.name for row in second.rows] == names[2:4]
    back = list_containers(alice, Query(limit=2, before=second.rows[0].id))
    assert [row.name for row in back.rows] == names[:2]
    turned = list_containers(alice, Query(limit=2, marker=key_of(f"{mark}-9"), sort="name", is_descending=True))
    assert [row.name for row in turned.rows] == names[:2:-1]
    found = list_containers(alice, Query(limit=20, text=mark, terms=(Term("empty", "yes"),)))
    assert {row.name for row in found.rows} >= set(names[1:])
    assert found.about is not None
    assert found.about.containers >= 5


def test_public_access_is_what_it_says_to_those_who_do_not_sign_in(alice: Cloud, make: Make) -> None:
    name = make()
    put(alice, name, "a/b.txt")
    assert anonymous(alice, name, "a/b.txt") == 401
    do.set_public(alice, name, "read")
    assert anonymous(alice, name, "a/b.txt") == 200
    assert anonymous(alice, name) == 401
    do.set_public(alice, name, "listing")
    assert anonymous(alice, name) == 200
    assert access.public_of(read_container(alice, name).read) == "listing"
    do.set_public(alice, name, "private")
    assert anonymous(alice, name, "a/b.txt") == 401
    assert not read_container(alice, name).read


def test_another_project_is_let_in_by_a_rule_and_out_again(alice: Cloud, carol: Cloud, make: Make) -> None:
    name = make()
    put(alice, name, "a.txt", "for carol")
    # Carol asks alice's account: the address of her own catalog with the other project's id.
    url = f"{public_url(alice, name)}/a.txt"
    token = {"X-Auth-Token": carol.access.token}

    def get() -> int:
        return requests.get(url, headers=token, timeout=10).status_code

    def upload() -> int:
        return requests.put(f"{public_url(alice, name)}/b.txt", data=b"x", headers=token, timeout=10).status_code

    assert get() == 403
    everybody = access.rule_text("project", project=carol.project_id)
    do.add_rule(alice, name, everybody, is_read=True, is_write=False)
    assert (get(), upload()) == (200, 403)
    own = access.rule_text("member", project=carol.project_id, user=carol.access.person.id)
    do.add_rule(alice, name, own, is_read=False, is_write=True)
    assert upload() == 201
    do.remove_rule(alice, name, everybody, is_write=False)
    do.remove_rule(alice, name, own, is_write=True)
    assert (get(), upload()) == (403, 403)
    # By the user alone, in whatever project; beside a rule that means nothing here and is kept.
    do.set_headers(alice, name, {"X-Container-Read": ".r:-evil.example.com,some-role"})
    user = access.rule_text("user", user=carol.access.person.id)
    do.add_rule(alice, name, user, is_read=True, is_write=False)
    assert get() == 200
    do.remove_rule(alice, name, user, is_write=False)
    assert get() == 403
    assert read_container(alice, name).read == ".r:-evil.example.com,some-role"


def test_a_reader_sees_containers_and_is_refused_every_change(alice: Cloud, bob: Cloud, make: Make) -> None:
    name = make(access="read")
    put(alice, name, "a.txt")
    seen = read_container(bob, name)
    assert seen.objects in {0, 1}
    assert not seen.is_told
    assert not seen.read, "Swift does not tell a reader who may read"
    for change in (
        lambda: do.create_container(bob, {"name": unique("no")}),
        lambda: do.set_public(bob, name, "listing"),
        lambda: do.set_meta(bob, name, {"quota-count": "1"}),
        lambda: do.set_versions(bob, name, is_on=True),
        lambda: do.rotate_key(bob, name),
        lambda: do.delete_container(bob, name),
        lambda: put(bob, name, "b.txt"),
    ):
        with pytest.raises(Forbidden):
            change()
    work = Emptying(name, total=1)
    container_emptying.step(bob, work)
    assert work.failed == 1
    assert read(alice, name, "a.txt") == "hello"


def test_what_swift_is_to_do_with_a_container_is_set_and_taken_away(alice: Cloud, make: Make) -> None:
    name = make(quota_bytes=10, quota_count=1)
    now = read_container(alice, name)
    assert (now.quota_bytes, now.quota_count, now.policy) == (10, 1, swift.info(alice).policies[0].name)
    with pytest.raises(QuotaExceeded):
        put(alice, name, "large", "x" * 100)
    values = {
        "quota-bytes": None,
        "quota-count": None,
        "access-control-allow-origin": "https://app.example.org",
        "access-control-max-age": "60",
        "web-index": "index.html",
        "color": "grün & blue",
    }
    do.set_meta(alice, name, values)
    now = read_container(alice, name)
    assert now.quota_bytes is None
    assert (now.cors_origins, now.cors_max_age, now.web_index) == ("https://app.example.org", 60, "index.html")
    assert now.metadata == {"color": "grün & blue"}
    put(alice, name, "index.html", "<p>home</p>")
    # Swift shows the page of a folder only where it may be listed, too.
    do.set_public(alice, name, "listing")
    page = requests.get(public_url(alice, name) + "/", timeout=10)
    assert (page.status_code, page.text) == (200, "<p>home</p>")
    origin = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "GET"}
    preflight = requests.options(public_url(alice, name, "index.html"), headers=origin, timeout=10)
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
    do.set_meta(alice, name, dict.fromkeys(("access-control-allow-origin", "web-index", "color")))
    now = read_container(alice, name)
    assert (now.cors_origins, now.web_index, now.metadata) == ("", "", {})


def test_old_versions_are_kept_and_go_when_that_is_said(alice: Cloud, make: Make) -> None:
    name = make(is_versioned=True)
    assert read_container(alice, name).is_versioned
    for text in ("one", "two"):
        put(alice, name, "a.txt", text)
    work = Emptying(name, total=1, then_delete=True)
    container_emptying.step(alice, work, seconds=20)
    assert not work.is_done
    assert work.why, "its versions keep it"
    do.set_versions(alice, name, is_on=False)
    now = read_container(alice, name)
    assert now.has_versions
    assert not now.is_versioned
    work = Emptying(name, with_versions=True, then_delete=True)
    container_emptying.step(alice, work, seconds=20)
    assert work.is_gone, work
    with pytest.raises(NotFound):
        read_container(alice, name)


def test_keys_of_temporary_urls_are_made_once_rotated_and_removed(alice: Cloud, make: Make) -> None:
    name = make()
    key = temp_urls.make_key(alice, name)
    assert len(key) > 30
    assert temp_urls.key_for(alice, name) == key
    fresh = do.rotate_key(alice, name)
    now = read_container(alice, name)
    assert (now.meta("temp-url-key"), now.meta("temp-url-key-2")) == (fresh, key)
    assert key not in str(containers.get_headers(alice, key_of(name)))
    do.set_keys(alice, name, first=None, second=None)
    assert not read_container(alice, name).has_key


def test_a_full_container_is_not_deleted_until_it_is_emptied(alice: Cloud, make: Make) -> None:
    name, odd = make(), ["a b/c%2F.txt", '"<b>🦉', "..", "x//y", "/lead", "."]
    for index in range(25):
        put(alice, name, f"n/{index:03}")
    for item in odd:
        if item not in swift.DOTS:
            put(alice, name, item)
    segments = make(name + container_emptying.SEGMENTS)
    put(alice, segments, "s/1")
    with pytest.raises(Conflict):
        do.delete_container(alice, name)
    work = Emptying(name, total=29, with_segments=True, then_delete=True, batch=7)
    steps = 0
    while not work.is_over and steps < 20:
        # It may be written down and gone on with at any time.
        work = Emptying.from_facts(work.to_facts())
        container_emptying.step(alice, work, seconds=1)
        steps += 1
    assert work.is_done, work
    assert work.is_gone
    assert work.deleted == 30
    for gone in (name, segments):
        with pytest.raises(NotFound):
            read_container(alice, gone)
