"""Objects on the real Swift: whatever they are called, in folders, copied, kept, shared for a while, and gone."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from dashboard.cloud import object_actions as do
from dashboard.cloud import objects, swift, temp_urls
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden, Invalid, NotFound
from dashboard.cloud.objects import Object, id_of, parts_of, read_object, read_place
from dashboard.cloud.swift import path_of, send
from dashboard.cloud.temp_urls import Wish
from tests.harness.cloud import Api, unique
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud

HOSTILE = (
    "../<img src=x onerror=alert(1)>%2F\"'🦆 .json",
    "..",
    "a/../../etc/passwd",
    "/leading",
    "//",
    "a//b",
    "ends/",
    ".hidden",
    "a/.",
    "a/..",
    "new\nline\r\tand\x01control",
    "%2e%2e%2f%00",
    "per%cent%%",
    "q?uery&x=1#f;a=b",
    "+ and space ",
    " leading space",
    "\\back\\slash",
    "é́ü\u202etxt.exe",
    "{{7*7}}${x}",
    "x" * 1024,
    "🦉" * 256,
)
NAMED = tuple(name for name in HOSTILE if name not in swift.DOTS)


@pytest.fixture(scope="module")
def alice(all_clients: Api) -> Cloud:
    return cloud_for(all_clients.at("alice", "web"))


@pytest.fixture(scope="module")
def container(alice: Cloud) -> Iterator[str]:
    yield from made(alice)


@pytest.fixture
def another(alice: Cloud) -> Iterator[str]:
    yield from made(alice)


def made(cloud: Cloud) -> Iterator[str]:
    name = unique("objects é")
    send(cloud, "PUT", path_of(name))
    yield name
    for params in ({"versions": "true"}, {}):
        with contextlib.suppress(NotFound, Invalid):
            for entry in swift.listing(cloud, path_of(name), limit=1000, **params)[0]:
                version = entry.get("version_id") if params else None
                with contextlib.suppress(NotFound):
                    send(cloud, "DELETE", path_of(name, entry["name"]), params={"version-id": version})
    send(cloud, "DELETE", path_of(name))


def put(cloud: Cloud, container: str, name: str, data: bytes = b"hello", **headers: str) -> Object:
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    send(cloud, "PUT", path_of(container, name), data=data, headers={"Content-Type": "text/plain", **given})
    return read_object(cloud, container, name)


def names_in(cloud: Cloud, container: str, **query: Any) -> list[str]:
    return [item.path for item in read_place(cloud, container, is_deep=True, limit=1000, **query).objects]


@pytest.mark.parametrize("name", NAMED, ids=[str(index) for index in range(len(NAMED))])
def test_a_name_with_any_character_is_seen_read_copied_moved_and_deleted(
    name: str, alice: Cloud, container: str
) -> None:
    item = put(alice, container, name, name.encode())
    assert item.path == name
    assert parts_of(item.id) == (container, name)
    assert objects.get_object(alice, item.id).etag == item.etag
    assert name in names_in(alice, container)
    # Folder by folder, as somebody clicks.
    place, steps = "", name.split("/")
    for step in steps[:-1]:
        assert f"{place}{step}/" in {folder.prefix for folder in read_place(alice, container, place).folders}
        place += f"{step}/"
    at = read_place(alice, container, place)
    assert at.has_own if name.endswith("/") else name in {found.path for found in at.objects}
    assert objects.read_start(alice, item, 4096) == name.encode()
    do.describe(alice, item, {"said": "ünï"}, headers={}, content_type="")
    other = f"copy of {name}"[:200]
    do.copy(alice, item, container, other)
    twin = read_object(alice, container, other)
    assert (twin.etag, twin.metadata) == (item.etag, {"said": "ünï"})
    do.move(alice, twin, container, f"{other} moved")
    wish = Wish(container, name, "GET", datetime.now(UTC) + timedelta(hours=1))
    if name.strip("/"):
        address = temp_urls.make_url(alice, wish)
        assert requests.get(address, timeout=10).content == name.encode(), address
    else:
        # Swift gives none for these.
        with pytest.raises(Invalid):
            temp_urls.make_url(alice, wish)
    found = do.delete_objects(alice, container, [name, f"{other} moved", "was never there"])
    assert [(deleted.name, deleted.error) for deleted in found] == [
        (name, None),
        (f"{other} moved", None),
        ("was never there", None),
    ]
    assert name not in names_in(alice, container)


def test_what_is_called_by_dots_alone_can_not_be_asked_for_but_be_deleted(alice: Cloud, container: str) -> None:
    with pytest.raises(Invalid):
        read_object(alice, container, "..")
    # Other clients make such, by sending the address as it is.
    account = urlsplit(alice.url(swift.SERVICE))
    connection = http.client.HTTPConnection(account.netloc, timeout=30)
    with contextlib.closing(connection):
        connection.putrequest("PUT", f"{account.path.rstrip('/')}{path_of(container)}/..")
        connection.putheader("X-Auth-Token", alice.access.token)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        assert connection.getresponse().status == 201
    assert ".." in [item.path for item in read_place(alice, container, "").objects]
    (found,) = do.delete_objects(alice, container, [".."])
    assert found.error is None
    assert ".." not in [item.path for item in read_place(alice, container, "").objects]


def test_a_place_is_gone_through_forwards_and_back_without_losing_anything(alice: Cloud, another: str) -> None:
    for number in range(7):
        put(alice, another, f"docs/{number}.txt")
        put(alice, another, f"docs/folder {number}/inside.txt")
    do.make_folder(alice, another, "docs/")
    with pytest.raises(do.Exists):
        do.make_folder(alice, another, "docs/")
    pages, marker = [], ""
    while True:
        pages.append(read_place(alice, another, "docs/", marker=marker, limit=4))
        marker = pages[-1].marker
        if not marker:
            break
    assert [len(page.folders) + len(page.objects) for page in pages] == [4, 4, 4, 2]
    assert not pages[0].before
    assert pages[0].has_own
    back = read_place(alice, another, "docs/", before=pages[-1].before, limit=4)
    assert (back.folders, back.objects) == (pages[-2].folders, pages[-2].objects)
    first = read_place(alice, another, "docs/", before=pages[1].before, limit=4)
    assert (first.folders, first.objects, first.before) == (pages[0].folders, pages[0].objects, "")
    found = read_place(alice, another, "docs/", begins="folder 3")
    assert [folder.prefix for folder in found.folders] == ["docs/folder 3/"]
    assert names_in(alice, another, prefix="docs/", begins="folder 3") == ["docs/folder 3/inside.txt"]
    rest = [item for page in do.below(alice, another, "docs/", most=100) for item in page]
    assert len(rest) == 15
    bunch = Object(another, rest[1].path, last=rest[-2].path)
    assert all(item.error is None for item in do.delete_bunch(alice, bunch))
    assert set(names_in(alice, another)) == {rest[0].path, rest[-1].path}


def test_what_was_said_of_an_object_stays_when_something_is_changed(alice: Cloud, another: str) -> None:
    given = {
        "Content_Disposition": "inline",
        "Content_Encoding": "identity",
        "Cache_Control": "no-store",
        "X_Object_Meta_Colour": "röt",
    }
    item = put(alice, another, "a.txt", **given)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    do.set_expiry(alice, item, at)
    item = read_object(alice, another, "a.txt")
    assert item.expires == at
    assert item.metadata == {"colour": "röt"}
    assert (item.type, item.headers["cache-control"]) == ("text/plain", "no-store")
    do.describe(alice, item, {"shape": "round"}, headers={"content-encoding": ""}, content_type="text/csv")
    item = read_object(alice, another, "a.txt")
    assert item.expires == at, "it still goes when it was to go"
    assert (item.type, item.metadata) == ("text/csv", {"shape": "round"})
    assert item.headers["content-disposition"] == "inline"
    assert "content-encoding" not in item.headers
    do.set_expiry(alice, item, None)
    item = read_object(alice, another, "a.txt")
    assert (item.expires, item.metadata) == (None, {"shape": "round"})


def test_nothing_is_replaced_unless_that_is_asked(alice: Cloud, another: str) -> None:
    one, two = put(alice, another, "one", b"1"), put(alice, another, "two", b"2")
    for run in (do.copy, do.move):
        with pytest.raises(do.Exists):
            run(alice, one, another, "two")
    assert read_object(alice, another, "two").etag == two.etag
    with pytest.raises(Invalid):
        do.move(alice, one, another, "one", may_replace=True)
    assert read_object(alice, another, "one").etag == one.etag, "moving it onto itself must not delete it"
    do.move(alice, one, another, "two", may_replace=True)
    assert names_in(alice, another) == ["two"]
    assert read_object(alice, another, "two").etag == one.etag


def test_large_objects_and_links_are_told_moved_as_they_are_and_deleted_whole(alice: Cloud, another: str) -> None:
    for number in range(3):
        put(alice, another, f"parts/{number}", b"x" * 10)
    manifest = [{"path": f"/{another}/parts/{number}"} for number in range(3)]
    send(
        alice,
        "PUT",
        path_of(another, "large"),
        params={"multipart-manifest": "put"},
        data=json.dumps(manifest).encode(),
        headers={"Content-Type": "video/mp4"},
    )
    large = read_object(alice, another, "large")
    assert (large.is_large, large.size, large.type) == (True, 30, "video/mp4")
    assert next(item for item in read_place(alice, another).objects if item.path == "large").is_large
    do.copy(alice, large, another, "whole")
    assert not read_object(alice, another, "whole").is_large, "a copy does not hang on the first one's segments"
    do.move(alice, large, another, "moved")
    moved = read_object(alice, another, "moved")
    assert (moved.is_large, moved.size, moved.type) == (True, 30, "video/mp4")
    put(alice, another, "dynamic", b"", X_Object_Manifest=f"{path_of(another)[1:]}/parts/")
    dynamic = read_object(alice, another, "dynamic")
    assert (dynamic.manifest, dynamic.size) == (f"{another}/parts/", 30)
    send(alice, "PUT", path_of(another, "link"), headers={"X-Symlink-Target": f"{path_of(another)[1:]}/whole"})
    link = read_object(alice, another, "link")
    assert (link.target, link.size) == (f"{another}/whole", 30)
    do.move(alice, link, another, "link 2")
    assert read_object(alice, another, "link 2").target == f"{another}/whole"
    do.delete_objects(alice, another, ["whole"])
    assert read_object(alice, another, "link 2").target, "a link that leads nowhere is there all the same"
    do.delete_objects(alice, another, ["moved"], large={"moved"})
    assert not [name for name in names_in(alice, another) if name.startswith("parts/")]


def test_versions_are_listed_restored_and_deleted(alice: Cloud, another: str) -> None:
    send(alice, "POST", path_of(another), headers={"X-Versions-Enabled": "true"})
    for data in (b"first", b"second one"):
        item = put(alice, another, "notes.txt", data)
    put(alice, another, "notes.txt.bak", b"another's")
    found = objects.list_versions(alice, another, "notes.txt")
    assert [(version.size, version.is_latest) for version in found] == [(10, True), (5, False)]
    assert item.size == 10
    assert not item.target, "how Swift keeps versions is no link of anybody's"
    do.restore_version(alice, item, found[1].id)
    assert objects.read_start(alice, read_object(alice, another, "notes.txt"), 100) == b"first"
    do.delete_objects(alice, another, ["notes.txt"])
    found = objects.list_versions(alice, another, "notes.txt")
    assert found[0].is_deletion
    do.delete_version(alice, item, found[-1].id)
    assert len(objects.list_versions(alice, another, "notes.txt")) == len(found) - 1


def test_an_address_for_a_while_lets_in_whom_it_is_for_and_no_longer(alice: Cloud, another: str) -> None:
    put(alice, another, "in/a b.txt", b"inside")
    put(alice, another, "out.txt", b"outside")
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert not temp_urls.key_for(alice, another)
    address = temp_urls.make_url(alice, Wish(another, "in/", "GET", soon, is_prefix=True))
    key = temp_urls.key_for(alice, another)
    assert key, "the container has a key now"
    assert "temp_url_prefix=in" in address
    before, _, query = address.partition("?")
    assert requests.get(f"{before}a%20b.txt?{query}", timeout=10).content == b"inside"
    outside = before.removesuffix("in/") + "out.txt"
    assert requests.get(f"{outside}?{query}", timeout=10).status_code == 401
    assert requests.put(f"{before}a%20b.txt?{query}", data=b"x", timeout=10).status_code == 401, "only to be read"
    upload = temp_urls.make_url(alice, Wish(another, "new.txt", "PUT", soon))
    assert requests.put(upload, data=b"by a stranger", timeout=10).status_code == 201
    assert temp_urls.key_for(alice, another) == key, "one that there is stays, and so do the addresses made with it"
    past = temp_urls.make_url(alice, Wish(another, "out.txt", "GET", datetime.now(UTC) - timedelta(seconds=5)))
    assert requests.get(past, timeout=10).status_code == 401


def test_who_may_only_read_is_refused_every_change_and_a_stranger_everything(
    all_clients: Api, alice: Cloud, another: str
) -> None:
    item = put(alice, another, "a.txt")
    bob, carol = cloud_for(all_clients.at("bob", "web")), cloud_for(all_clients.at("carol", "data"))
    assert read_object(bob, another, "a.txt").etag == item.etag
    assert names_in(bob, another) == ["a.txt"]
    for change in (
        lambda: do.copy(bob, item, another, "b.txt"),
        lambda: do.move(bob, item, another, "b.txt"),
        lambda: do.describe(bob, item, {}, headers={}),
        lambda: do.set_expiry(bob, item, None),
        lambda: do.make_folder(bob, another, "folder/"),
        lambda: do.delete_object(bob, item),
        lambda: temp_urls.make_url(bob, Wish(another, "a.txt", "GET", datetime.now(UTC))),
    ):
        with pytest.raises(Forbidden):
            change()
    (refused,) = do.delete_objects(bob, another, ["a.txt"])
    assert isinstance(refused.error, Forbidden)
    # Another project's account has another address, and no such container.
    with pytest.raises((NotFound, Forbidden)):
        read_place(carol, another)
    with pytest.raises((NotFound, Forbidden)):
        objects.get_object(carol, id_of(another, "a.txt"))
    assert names_in(alice, another) == ["a.txt"]
