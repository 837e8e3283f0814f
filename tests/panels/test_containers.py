"""Containers: what Swift is sent, and what people are shown of its answers."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud import container_emptying, swift
from dashboard.cloud.container_emptying import Emptying
from dashboard.cloud.containers import list_containers
from dashboard.cloud.swift import key_of, name_of, path_of
from dashboard.cloud.types import Query, Term
from dashboard.live import emptying, errands
from tests.harness import services_swift
from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.services_swift import ROOT
from tests.harness.wire import access_of, at, cloud_of, recorded, signed_in
from tests.test_taint import VECTORS, assert_inert

ODD = "Übung 🦉?<b>"
OTHER = "c" * 32
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def sent(services: Services) -> list[tuple[str, str, dict[str, str]]]:
    """Each change: its method, its path below the account, and the headers that are Swift's."""
    found: list[tuple[str, str, dict[str, str]]] = []

    def note(request: Any, context: Any) -> None:
        if request.method not in {"GET", "HEAD"}:
            path = request.url.removeprefix(services_swift.SWIFT)
            own = {key: value for key, value in request.headers.items() if key.startswith(("X-C", "X-R", "X-V", "X-S"))}
            found.append((request.method, path, own))

    services.answers["object-store"] = note
    return found


def shown(browser: Client, path: str, status: int = 200) -> Page:
    answer = browser.get(at(path))
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def send(browser: Client, path: str, status: int = 200, **data: Any) -> Page:
    answer = browser.post(at(path), data, headers=HTMX)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def do(browser: Client, action: str, name: str, status: int = 200, **data: Any) -> Page:
    return send(browser, f"containers/act/{action}/", status, id=key_of(name), **data)


def many(services: Services, count: int) -> None:
    """An account with so many containers."""
    one = services.rows[services_swift.PLACE][0]
    services.rows[services_swift.PLACE] = [{**one, "name": f"box-{n:05}", "count": n % 2} for n in range(count)]


# Names


@pytest.mark.parametrize(
    "name", ["photos", "a.b", ODD, "..x", "~x", "create", "act", "a b", "%2e", "x" * 256, "é" * 128]
)
def test_every_name_has_a_key_that_stands_in_an_address_and_leads_back(name: str) -> None:
    key = key_of(name)
    assert urllib.parse.quote(key, safe="~") == key
    assert name_of(key) == name
    assert key not in {"create", "act", "live", "values"}


def test_names_are_encoded_whole_so_that_nothing_on_the_way_takes_them_apart(services: Services) -> None:
    assert path_of("a b", "x//../y?#%2F") == "/a%20b/x%2F%2F..%2Fy%3F%23%252F"
    for name in (".", ".."):
        with pytest.raises(swift.Invalid):
            path_of("photos", name)


# The list


def test_the_list_has_totals_and_who_may_get_at_what(services: Services, browser: Client) -> None:
    page = shown(browser, "containers/")
    assert "7 objects" in page.text_of_class("totals")
    assert "Quota: 10 GiB" in page.text_of_class("totals")
    words = {name: page.by_id(f"row-{key_of(name)}") for name in ("photos", "site", "backups", ODD)}
    assert all(words.values())
    assert "Private" in words["photos"].text
    assert "Public with list" in " ".join(words["site"].text.split())
    assert "Shared" in words["backups"].text
    assert len([call for call in services.to("object-store") if call.method == "HEAD"]) == 4


def test_a_reader_is_not_told_who_may_and_nothing_is_asked_for_it(services: Services) -> None:
    page = shown(signed_in(access_of("reader")), "containers/")
    assert "Private" not in page.text
    assert "Not told" in page.text
    assert [call.method for call in services.to("object-store")] == ["GET"]
    tab = shown(signed_in(access_of("reader")), "containers/site/?tab=access")
    assert "told only to those who may change it" in tab.text


@pytest.mark.parametrize("count", [20, 10_000])
def test_a_page_takes_one_small_answer_however_many_there_are(count: int, services: Services) -> None:
    many(services, count)
    page = list_containers(cloud_of(), Query(limit=20, sort="name"))
    (call,) = services.to("object-store")
    assert "limit=21" in call.url
    assert [row.name for row in page.rows][:2] == ["box-00000", "box-00001"]
    assert page.has_next == (count > 20)
    if count > 20:
        following = list_containers(cloud_of(), Query(limit=20, sort="name", marker=page.rows[-1].id))
        assert following.rows[0].name == "box-00020"
        before = list_containers(cloud_of(), Query(limit=20, sort="name", before=following.rows[0].id))
        assert [row.name for row in before.rows] == [row.name for row in page.rows]


def test_of_few_any_part_of_the_name_is_found_of_many_its_beginning_by_swift(services: Services) -> None:
    found = list_containers(cloud_of(), Query(text="hot"))
    assert [row.name for row in found.rows] == ["photos"]
    many(services, 10_000)
    found = list_containers(cloud_of(), Query(limit=20, text="box-0999", sort="name"))
    assert [row.name for row in found.rows] == [f"box-0999{n}" for n in range(10)]
    assert "prefix=box-0999" in services.to("object-store")[-1].url
    empty = list_containers(cloud_of(), Query(text="box-0999", terms=(Term("empty", "yes"),)))
    assert len(empty.rows) == 5
    by_size = list_containers(cloud_of(), Query(sort="bytes"))
    assert by_size.is_unsorted, "and says that it could not be sorted"


# Making one


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a/b", "no “/”"),
        ("", "required"),
        ("..", "Nothing can be called so"),
        ("ü" * 129, "258 bytes"),
        ("photos", "already"),
    ],
)
def test_a_name_that_swift_would_not_take_is_refused_in_words(
    name: str, why: str, services: Services, browser: Client
) -> None:
    page = send(browser, "containers/create/", 422, name=name, access="private")
    assert why in page.text
    assert not services.changes


def test_a_container_is_made_as_it_was_asked_for(sent: list[Any], services: Services, browser: Client) -> None:
    data = {"name": " ..ö", "access": "listing", "is_versioned": "on", "quota_bytes": "1.5 GiB", "quota_count": "10"}
    answer = browser.post(at("containers/create/"), data, headers=HTMX)
    assert answer["HX-Redirect"].endswith(f"/containers/{key_of(' ..ö')}/")
    ((method, path, headers),) = sent
    assert (method, path) == ("PUT", "/%20..%C3%B6")
    assert headers == {
        "X-Container-Read": ".r:*,.rlistings",
        "X-Versions-Enabled": "true",
        "X-Container-Meta-Quota-Bytes": str(3 * 512 * 1024**2),
        "X-Container-Meta-Quota-Count": "10",
    }


def test_storage_policies_are_offered_where_there_are_several_and_parts_where_swift_has_them(
    services: Services, browser: Client
) -> None:
    assert not shown(browser, "containers/create/").by_id("id_policy")
    info = recorded("swift/info")
    info["swift"]["policies"] = [
        {"name": "gold"},
        {"name": "silver", "default": True},
        {"name": "x", "deprecated": True},
    ]
    del info["object_versioning"]
    swift.know(ROOT, info)
    page = shown(browser, "containers/create/")
    assert "silver (usual) gold" in " ".join(page.by_id("id_policy").text.split())
    assert not page.by_id("id_is_versioned")
    assert "This cloud does not offer it" in shown(browser, "containers/act/versions/?id=photos").text


# Who may get at it


def test_rules_are_said_in_words_and_none_is_lost(sent: list[Any], services: Services, browser: Client) -> None:
    row = next(row for row in services.rows[services_swift.PLACE] if row["name"] == "photos")
    rules = f".r:*,.r:-bad.example.com,{OTHER}:*,*:{'b' * 32},*:*,auditor,.odd:thing,x:y"
    row["headers"]["X-Container-Read"] = rules
    page = shown(browser, "containers/photos/?tab=access")
    for words in (
        "Everybody, without signing in",
        "Not visitors who say that they come from a page of bad.example.com",
        "The user alice, in any project",
        "Everybody who is signed in to this cloud",
        "Whoever has the role auditor in this project",
        "A rule of a kind not known here, kept as it is",
        "The user y in the project x",
    ):
        assert words in page.text, words
    do(browser, "access", "photos", access="private")
    assert sent[-1] == ("POST", "/photos", {"X-Container-Read": rules.removeprefix(".r:*,")})
    do(browser, "access", "photos", access="listing")
    assert sent[-1][2] == {"X-Container-Read": f"{rules.removeprefix('.r:*,')},.r:*,.rlistings"}
    do(browser, "add-rule", "photos", who="member", project="web", user="d" * 32, may="both")
    assert sent[-1][2] == {
        "X-Container-Read": f"{rules},{'a' * 32}:{'d' * 32}",
        "X-Container-Write": f"{'a' * 32}:{'d' * 32}",
    }
    do(browser, "remove-rule", "photos", rule=".odd:thing", of="read")
    assert sent[-1][2] == {"X-Container-Read": rules.replace(",.odd:thing", "")}


def test_the_last_rule_takes_the_header_away(sent: list[Any], services: Services, browser: Client) -> None:
    do(browser, "access", "site", access="private")
    assert sent == [("POST", "/site", {"X-Remove-Container-Read": "x"})]
    do(browser, "remove-rule", "site", rule=".r:*", of="read")
    assert sent[-1][2] == {"X-Remove-Container-Read": "x"}, "a list for nobody means nothing"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"who": "project", "may": "read"}, "needed"),
        ({"who": "project", "project": "a,b", "may": "read"}, "no spaces, commas or colons"),
        ({"who": "site", "value": "example.com", "may": "write"}, "only be let read"),
        ({"who": "site", "value": "ex,ample", "may": "read"}, "no spaces, commas or colons"),
    ],
)
def test_a_rule_that_would_say_something_else_is_refused(
    data: dict[str, str], why: str, services: Services, browser: Client
) -> None:
    assert why in do(browser, "add-rule", "photos", 422, **data).text
    assert not services.changes


def test_what_becomes_public_is_said_and_where_it_is(services: Services, browser: Client) -> None:
    dialog = shown(browser, "containers/act/access/?id=photos")
    assert "5 objects, and every one that comes later" in dialog.text
    tab = shown(browser, "containers/site/?tab=access")
    assert f"{services_swift.SWIFT}/site" in tab.text


# What Swift does with what is in it


def test_settings_are_shown_and_set_by_their_headers(sent: list[Any], services: Services, browser: Client) -> None:
    page = shown(browser, f"containers/{key_of(ODD)}/?tab=settings")
    for words in ("old-versions", "https://app.example.org", "set; not shown here", "Swift has none for a whole"):
        assert words in page.text
    assert "not-a-secret-key" not in page.text
    do(browser, "quota", "site", quota_bytes="", quota_count="5")
    assert sent[-1][2] == {"X-Remove-Container-Meta-Quota-Bytes": "x", "X-Container-Meta-Quota-Count": "5"}
    do(browser, "cors", "site", cors_origins="https://a.example  https://b.example", cors_max_age="5", cors_headers="")
    assert sent[-1][2]["X-Container-Meta-Access-Control-Allow-Origin"] == "https://a.example https://b.example"
    do(browser, "website", "site", web_index="home.html", is_web_listed="on")
    assert sent[-1][2] == {
        "X-Container-Meta-Web-Index": "home.html",
        "X-Remove-Container-Meta-Web-Error": "x",
        "X-Container-Meta-Web-Listings": "true",
    }
    do(browser, "versions", "photos", is_versioned="on")
    assert sent[-1][2] == {"X-Versions-Enabled": "true"}
    assert "older way" in do(browser, "versions", ODD, 422, is_versioned="on").text


def test_metadata_are_changed_by_what_differs(sent: list[Any], services: Services, browser: Client) -> None:
    do(browser, "metadata", "site", **{"metadata-key": ["Mood"], "metadata-value": ["grün"]})
    assert sent[-1][2] == {
        "X-Container-Meta-Mood": "grün".encode().decode("latin-1"),
        "X-Remove-Container-Meta-Color": "x",
    }
    for key, value in (("a_b", "x"), ("ok", ""), ("ok", "x" * 257)):
        do(browser, "metadata", "site", 422, **{"metadata-key": [key], "metadata-value": [value]})
    assert len(sent) == 1


def test_keys_are_shown_only_when_asked_for(sent: list[Any], services: Services, browser: Client) -> None:
    assert "not-a-secret-key" in do(browser, "keys", ODD, what="show", whose="container").text
    assert not sent
    answer = do(browser, "keys", ODD, what="rotate", whose="container")
    ((_method, _path, headers),) = sent
    assert headers["X-Container-Meta-Temp-Url-Key-2"] == "not-a-secret-key"
    assert headers["X-Container-Meta-Temp-Url-Key"] in answer.text
    dialog = do(browser, "keys", ODD, what="rotate", whose="container", show="1")
    assert "not-a-secret-key" not in dialog.text
    assert "$X_CONTAINER_META_TEMP_URL_KEY_2" in dialog.text
    raw = shown(browser, f"containers/{key_of(ODD)}/?tab=json")
    assert "not-a-secret-key" not in raw.text


# Emptying and deleting


def test_an_empty_one_goes_at_once_and_of_a_full_one_it_is_said_how_much_is_in_it(
    sent: list[Any], services: Services, browser: Client
) -> None:
    assert "is in it" not in shown(browser, f"containers/act/delete/?id={key_of(ODD)}").text
    do(browser, "delete", ODD)
    assert [(method, path) for method, path, _headers in sent] == [("DELETE", path_of(ODD))]
    assert "5 objects are in it" in shown(browser, "containers/act/delete/?id=photos").text


def test_a_full_one_is_deleted_with_what_is_in_it_when_that_is_said(
    sent: list[Any], services: Services, browser: Client
) -> None:
    do(browser, "delete", "photos", with_objects="on")
    paths = [path for _method, path, _headers in sent]
    assert paths[0] == "/photos/index.html"
    assert paths[-1] == "/photos"
    assert len(paths) == 6


def test_what_takes_long_is_gone_on_with_by_the_workers_and_can_be_stopped(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "soon", lambda id: None)
    monkeypatch.setattr("dashboard.panels.containers.delete_actions.AT_ONCE", 0.0)
    page = do(browser, "empty", "photos")
    url = next(link["href"] for link in page.links if "/emptying/" in link["href"])
    path = url.partition(f"/p/{'a' * 32}/")[2]
    id = path.split("/")[2]
    assert not services.changes
    assert "Under way" in shown(browser, path).text
    assert "It is being emptied" in shown(browser, "containers/photos/").text
    assert "It is being emptied" in shown(browser, "containers/act/empty/?id=photos").text
    assert errands.run(id) is False, "one step is enough"
    text = shown(browser, path).text
    assert "Done: the container is empty" in text
    assert "5 objects are deleted" in text
    assert shown(signed_in(access_of("reader")), path), "whoever sees the container sees it"
    # Another, that is stopped before the first step.
    found = emptying.begin(cloud_of(), Emptying("site", total=1))
    assert signed_in(access_of("reader")).post(at(f"containers/emptying/{found}/stop/")).status_code == 403
    assert browser.post(at(f"containers/emptying/{found}/stop/")).status_code == 302
    count = len(services.changes)
    assert errands.run(found) is False
    assert len(services.changes) == count
    assert "It was stopped" in shown(browser, f"containers/emptying/{found}/").text
    assert browser.get(at("containers/emptying/" + "0" * 32 + "/")).status_code == 404


def test_many_go_by_lists_and_those_that_stay_are_named(services: Services) -> None:
    names = [f"n/{index}" for index in range(25)]
    left = list(names)
    lists: list[list[str]] = []

    def answer(request: Any, context: Any) -> Any:
        if "bulk-delete" in request.url:
            paths = [urllib.parse.unquote(line) for line in request.body.decode().split("\n")]
            lists.append(paths)
            for path in paths:
                if not path.endswith("/7"):
                    left.remove(path.removeprefix("big/"))
            errors = [["big/n/7", "403 Forbidden"]] if "big/n/7" in paths else []
            return {"Number Deleted": len(paths) - len(errors), "Number Not Found": 0, "Errors": errors}
        if request.method == "GET":
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.url).query))
            context.headers["X-Container-Object-Count"] = str(len(left))
            rows = [{"name": name} for name in sorted(left) if name > query.get("marker", "")]
            return json.dumps(rows[: int(query["limit"])])
        if request.method == "DELETE":
            context.status_code = 409 if left else 204
            return " "
        return None

    services.answers["object-store"] = answer
    work = Emptying("big", total=25, then_delete=True, batch=11)
    container_emptying.step(cloud_of(), work)
    assert work.is_over
    assert not work.is_done
    assert not work.is_gone
    assert (work.deleted, work.failed, work.failures) == (24, 1, [["n/7", "403 Forbidden"]])
    assert len(lists[0]) == 11
    assert left == ["n/7"]


def test_versions_go_only_when_that_is_said(services: Services) -> None:
    asked: list[str] = []

    def answer(request: Any, context: Any) -> Any:
        asked.append(f"{request.method} {urllib.parse.unquote(request.url.partition('/box')[2])}")
        if request.method == "GET":
            context.headers["X-Container-Object-Count"] = "1"
            return [{"name": "a", "version_id": "2"}, {"name": "a", "version_id": "1"}]
        context.status_code = 204
        return " "

    services.answers["object-store"] = answer
    work = Emptying("box", with_versions=True, then_delete=True)
    container_emptying.step(cloud_of(), work)
    assert work.is_gone
    assert "versions=true" in asked[0]
    assert asked[1:] == ["DELETE /a?version-id=2", "DELETE /a?version-id=1", "DELETE "]


@pytest.mark.parametrize("payload", VECTORS)
def test_what_headers_say_stays_text(payload: str, services: Services, browser: Client) -> None:
    row = next(row for row in services.rows[services_swift.PLACE] if row["name"] == "photos")
    keys = ("Meta-Web-Index", "Meta-Web-Error", "Meta-Color", "Meta-Access-Control-Allow-Origin", "Sync-To")
    row["headers"] = {f"X-Container-{key}": payload for key in keys}
    row["headers"] |= {"X-Container-Read": f"{payload}:*,.r:{payload},{payload}", "X-Versions-Location": payload}
    row["headers"] |= {"X-Container-Meta-Web-Listings": payload, "X-Container-Meta-Quota-Bytes": payload}
    for path in ("?tab=access", "?tab=settings", "?tab=json", ""):
        assert_inert(shown(browser, f"containers/photos/{path}"), path)
    for action in ("access", "website", "cors", "metadata", "quota", "delete"):
        assert_inert(shown(browser, f"containers/act/{action}/?id=photos"), action)
