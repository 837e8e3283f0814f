"""Containers: what Swift is sent, and what people are shown of its answers."""

from __future__ import annotations

import urllib.parse
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud import swift
from dashboard.cloud.containers import list_containers
from dashboard.cloud.swift import key_of, name_of, path_of
from dashboard.cloud.types import Query, Term
from dashboard.panels.containers.panel import PANEL
from dashboard.ui.urls import urls_of
from tests.harness import services_swift
from tests.harness.containers import HTMX, ODD, browser, do, send, sent, shown
from tests.harness.services import Services
from tests.harness.services_swift import ROOT
from tests.harness.wire import access_of, at, cloud_of, recorded, signed_in
from tests.test_taint import VECTORS, assert_inert

__all__ = ["browser", "sent"]


def many(services: Services, count: int) -> None:
    """An account with so many containers."""
    one = services.rows[services_swift.PLACE][0]
    services.rows[services_swift.PLACE] = [{**one, "name": f"box-{n:05}", "count": n % 2} for n in range(count)]


# Names


@pytest.mark.parametrize(
    "name", ["photos", "a.b", ODD, "..x", "~x", "create", "act", "emptying", "a b", "%2e", "x" * 256, "é" * 128]
)
def test_every_name_has_a_key_that_stands_in_an_address_and_leads_back(name: str) -> None:
    key = key_of(name)
    assert urllib.parse.quote(key, safe="~") == key
    assert name_of(key) == name
    assert key not in {"create", "act", "live", "values"}


def test_no_container_has_the_key_of_an_address_of_ours() -> None:
    """Otherwise what is below it, such as the page to upload from, would be taken for something else."""
    ours = {str(item.pattern).partition("/")[0] for item in urls_of(PANEL).url_patterns}
    assert {"act", "create", "emptying"} <= ours
    assert not [word for word in ours if key_of(word) == word]


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


def test_what_was_typed_stays_where_swift_does_not_answer(services: Services, browser: Client) -> None:
    services.fail("object-store", status=503)
    page = send(browser, "containers/create/", 422, name="new", access="private", quota_count="7")
    assert "is busy" in page.text
    assert page.by_id("id_quota_count").attrs["value"] == "7"


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
    for key, value in (("a_b", "x"), ("ok", ""), ("ok", " "), ("ok", "x" * 257), ("ok", "a\r\nX-Container-Read: .r:*")):
        do(browser, "metadata", "site", 422, **{"metadata-key": [key], "metadata-value": [value]})
    assert len(sent) == 1
    do(browser, "metadata", "site", **{"metadata-key": ["Mood"], "metadata-value": [" fine "]})
    assert sent[-1][2]["X-Container-Meta-Mood"] == "fine", "no header begins with a space"


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
