"""Objects as folders: what Swift is asked, what people see, and that no name breaks out of anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from django.test import Client
from django.urls import resolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboard.cloud import swift
from dashboard.cloud.objects import id_of, parts_of, readable
from dashboard.cloud.swift import key_of
from dashboard.cloud.temp_urls import Wish, signed
from dashboard.live import job_store
from dashboard.panels.containers.object_views import text_of
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.services_swift import SWIFT, as_swift_lists
from tests.harness.wire import access_of, at, cloud_of, signed_in

HTMX = {"HX-Request": "true"}
HOSTILE = "../<img src=x onerror=alert(1)>%2F\"'🦆 .json"
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60).filter(
    lambda name: name not in swift.DOTS
)


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@dataclass(frozen=True, repr=False)
class World:
    """Both, for what is tried with many names: it is not to be written out for each."""

    services: Services
    browser: Client


@pytest.fixture
def world(services: Services, browser: Client) -> World:
    return World(services, browser)


def holds(services: Services, *names: str, types: dict[str, str] | None = None, data: bytes = b"hello") -> list[Any]:
    """The container "photos" has these objects alone. Gives the headers of what is changed."""
    sent: list[Any] = []
    rows = [
        {
            "name": name,
            "bytes": len(data),
            "hash": "5d41402abc4b2a76b9719d911017c592",
            "content_type": (types or {}).get(name, "text/plain"),
            "last_modified": "2026-11-22T01:20:11.824470",
        }
        for name in names
    ]

    def answer(request: Any, context: Any) -> Any:
        url = urlsplit(request.url)
        path = url.path.removeprefix(urlsplit(SWIFT).path)
        if request.method not in {"GET", "HEAD"}:
            sent.append(request.headers)
            return None
        if not path.startswith("/photos"):
            return None
        query = dict(parse_qsl(url.query))
        if path == "/photos" and request.method == "GET":
            context.headers["X-Container-Object-Count"] = str(len(rows))
            return json.dumps(as_swift_lists(rows, query))
        name = unquote(path.removeprefix("/photos/"))
        found = next((row for row in rows if row["name"] == name), None)
        if path == "/photos" or found is None:
            return None
        context.headers |= {
            "Content-Type": str(found["content_type"]),
            "Content-Length": str(len(data)),
            "Etag": str(found["hash"]),
            "Content-Disposition": "inline",
            "Content-Encoding": "identity",
            "X-Delete-At": "4102444800",
            "X-Object-Meta-Colour": "red",
        }
        return "" if request.method == "HEAD" else data.decode()

    services.answers["object-store"] = answer
    return sent


def place(browser: Client, query: str = "", container: str = "photos") -> Page:
    answer = browser.get(at(f"containers/{container}/?tab=objects{query}"))
    at_rest()
    assert answer.status_code == 200, answer.content.decode()[:800]
    return parsed(answer.content.decode())


def shown(page: Page) -> list[str]:
    return [item.text.strip() for item in page.all_of_class("row-name")]


def asked(services: Services, path: str) -> list[dict[str, str]]:
    return [
        dict(parse_qsl(urlsplit(call.url).query))
        for call in services.calls
        if urlsplit(call.url).path == urlsplit(SWIFT).path + path and call.method == "GET"
    ]


# A place


def test_a_place_costs_one_listing_and_the_containers_own_headers(services: Services, browser: Client) -> None:
    page = place(browser)
    assert shown(page)[0] == "photos/", "folders come first"
    assert {"index.html", "notes.txt"} <= set(shown(page))
    calls = [(call.method, urlsplit(call.url).path.removeprefix(urlsplit(SWIFT).path)) for call in services.calls]
    assert sorted(call for call in calls if not call[1].endswith("/info")) == [("GET", "/photos"), ("HEAD", "/photos")]
    (query,) = asked(services, "/photos")
    assert query["delimiter"] == "/"
    assert int(query["limit"]) <= 110, "no more than a page is read, however many there are"


def test_folders_are_gone_into_and_the_way_back_is_there(services: Services, browser: Client) -> None:
    page = place(browser, "&prefix=photos/")
    assert shown(page) == ["2024/", "2025/"]
    page = place(browser, "&prefix=photos/2024/")
    assert shown(page) == ["a.jpg", "b.jpg"]
    way = next(item for item in page.elements if "place" in item.attrs.get("class", "").split())
    assert way.text == "photosphotos2024"


def test_pages_are_turned_by_swift_both_ways(services: Services, browser: Client) -> None:
    holds(services, *(f"{number:04}" for number in range(250)))
    seen, page = [], place(browser)
    while True:
        seen.append(shown(page))
        found = [link["href"] for link in page.links if link.get("rel") == "next"]
        if not found:
            break
        page = parsed(browser.get(found[0]).content.decode())
    assert [len(names) for names in seen] == [100, 100, 50]
    assert [name for names in seen for name in names] == [f"{number:04}" for number in range(250)]
    (back,) = [link["href"] for link in page.links if link.get("rel") == "prev"]
    services.calls.clear()
    assert shown(parsed(browser.get(back).content.decode())) == seen[1]
    (query,) = asked(services, "/photos")
    assert query["reverse"] == "true"


def test_search_is_swifts_prefix_within_the_place_and_may_go_below(services: Services, browser: Client) -> None:
    assert shown(place(browser, "&prefix=photos/&q=2024")) == ["2024/"]
    assert asked(services, "/photos")[-1]["prefix"] == "photos/2024"
    assert shown(place(browser, "&prefix=photos/&q=2024&deep=1")) == ["2024/a.jpg", "2024/b.jpg"]
    assert "delimiter" not in asked(services, "/photos")[-1]
    assert "No name here begins so." in place(browser, "&q=nothing").text_of_class("empty")


def test_objects_of_all_containers_are_found_by_the_beginning_of_a_name(services: Services, browser: Client) -> None:
    page = parsed(browser.get(at("objects/?q=index")).content.decode())
    assert shown(page) == ["index.html", "index.html"]
    page = parsed(browser.get(at("objects/?q=index&container=site")).content.decode())
    assert shown(page) == ["index.html"]


def test_a_reader_sees_everything_and_can_change_nothing(services: Services) -> None:
    reader = signed_in(access_of("reader"))
    page = place(reader)
    labels = {item.text.strip() for item in page.elements if item.tag in {"a", "button"}}
    assert "Delete" not in labels
    assert not {"Make a folder", "Upload", "Temporary URL"} & labels
    for path, data in (
        ("containers/photos/delete-objects/", {"tick": "notes", "sure": "1"}),
        ("containers/photos/make-folder/", {"name": "new"}),
        ("objects/folder-url/", {"id": id_of("photos", "photos/"), "lasts": "1", "method": "GET"}),
        ("objects/act/temporary-url/", {"id": id_of("photos", "notes.txt"), "lasts": "1", "method": "GET"}),
    ):
        assert reader.post(at(path), data).status_code == 403, path
    assert not services.changes


# Names


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES)
@example(name=HOSTILE)
@example(name="//")
@example(name="/a")
@example(name="a/../b")
@example(name="a\nb\r\nc\x01")
@example(name="%2e%2e%2f")
@example(name="~tilde.dot")
@example(name="x" * 1024)
def test_any_name_survives_the_way_from_link_to_view_to_swift(name: str, world: World) -> None:
    services, browser = world.services, world.browser
    holds(services, name)
    parent = name if name.endswith("/") else (name.rpartition("/")[0] + "/" if "/" in name else "")
    # The flat list has every object, also one that stands for a folder.
    page = parsed(browser.get(at("containers/photos/?tab=objects&deep=1")).content.decode())
    assert not [item for item in page.elements if item.tag == "img"], "a name is never markup"
    (link,) = [item for item in page.links if "row-name" in item.get("class", "").split()]
    # What is read here has each run of spaces as one, of whatever kind.
    assert link["text"].split() == readable(name).split()
    url = urlsplit(link["href"])
    assert parts_of(resolve(url.path).kwargs["row_id"]) == ("photos", name)
    services.calls.clear()
    assert browser.get(link["href"]).status_code == 200
    (call,) = [call for call in services.calls if call.method == "HEAD"]
    path = urlsplit(call.url).path.removeprefix(urlsplit(SWIFT).path)
    assert path.count("/") == 2, "it is one segment, which nothing on the way takes apart"
    assert unquote(path) == f"/photos/{name}"
    # Each folder on the way is a link to itself.
    prefix = ""
    for step in name.split("/")[:-1]:
        page = place(browser, f"&prefix={''.join(f'%{byte:02X}' for byte in prefix.encode())}")
        prefix += f"{step}/"
        links = {parse_qs(urlsplit(item["href"]).query).get("prefix", [""])[0] for item in page.links}
        assert prefix in links
    assert prefix in {parent, ""}
    # And it is deleted by its key, under its own name.
    services.calls.clear()
    if not name.endswith("/"):
        answer = browser.post(
            at("containers/photos/delete-objects/"), {"tick": key_of(name), "sure": "1", "with_segments": ""}
        )
        assert answer.status_code == 302
        (change,) = services.changes
        if change.method == "POST":
            assert unquote(change.body.decode()) == f"photos/{name}"
        else:
            assert unquote(urlsplit(change.url).path).endswith(f"/photos/{name}")


def test_what_can_not_be_seen_in_a_name_is_shown_by_a_sign() -> None:
    assert readable("a\nb\x7f") == "a␊b␡"
    assert readable("r\u202etxt.exe") == "r⟨U+202E⟩txt.exe"
    assert readable("Übung 🦉") == "Übung 🦉"


@pytest.mark.parametrize("id", ["photos", "photos.~%%", "photos.~", "~_-_.a", "a.b.c.d"])
def test_an_id_that_we_never_made_is_nothing(id: str, services: Services, browser: Client) -> None:
    assert browser.get(at(f"objects/{id}/")).status_code == 404


# What somebody uploaded


def test_nothing_that_was_uploaded_can_run_here(services: Services, browser: Client) -> None:
    page_of = b"<script>alert(1)</script>"
    types = {"a.svg": "image/svg+xml", "a.html": "text/html", "a.png": "image/png", "a.txt": "text/plain"}
    holds(services, *types, types=types, data=page_of)
    for name in ("a.svg", "a.html", "a.txt"):
        assert browser.get(at(f"objects/{id_of('photos', name)}/inline/")).status_code == 404, name
        text = browser.get(at(f"objects/{id_of('photos', name)}/?tab=preview")).content.decode()
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text, "it is shown as text"
    answer = browser.get(at(f"objects/{id_of('photos', 'a.png')}/inline/"))
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_preview_reads_the_beginning_alone_and_json_is_set_in_order(services: Services, browser: Client) -> None:
    holds(services, "a.json", types={"a.json": "application/json"}, data=b'{"b":[1,2],"a":"\xc3\xa9"}')
    page = parsed(browser.get(at(f"objects/{id_of('photos', 'a.json')}/?tab=preview")).content.decode())
    text = next(item.text for item in page.elements if item.tag == "code" and '"b"' in item.text)
    assert "é" in text
    holds(services, "b", types={"b": "application/octet-stream"}, data=b"\x00\x01\x02")
    page = parsed(browser.get(at(f"objects/{id_of('photos', 'b')}/?tab=preview")).content.decode())
    assert "It is no text." in page.text


def test_bytes_are_text_only_if_they_are() -> None:
    assert text_of("a é".encode()) == "a é"
    assert text_of("é".encode()[:1]) == "", "the last character may be cut"
    assert text_of("é".encode("utf-16")) == "é"
    assert text_of(b"\xff\xfe\xff") is not None
    assert text_of(b"a\xffb") is None
    assert text_of(b"PK\x00\x01") is None


# What is done


def test_what_was_there_is_said_again_when_something_is_set(services: Services, browser: Client) -> None:
    sent = holds(services, "a.txt")
    answer = browser.post(
        at("objects/act/describe/"),
        {
            "id": id_of("photos", "a.txt"),
            "type": "text/plain",
            "content_disposition": "inline",
            "content_encoding": "identity",
            "cache_control": "",
            "metadata-key": ["Shape"],
            "metadata-value": ["rund"],
        },
    )
    assert answer.status_code == 302
    (headers,) = sent
    assert headers["X-Object-Meta-Shape"] == "rund"
    assert "X-Object-Meta-Colour" not in headers, "what was taken out of the form goes"
    assert headers["X-Delete-At"] == "4102444800"
    assert headers["Content-Disposition"] == "inline"
    assert "Content-Type" not in headers or headers["Content-Type"] == "text/plain"


def test_keys_that_swift_would_not_take_are_refused_beside_the_field(services: Services, browser: Client) -> None:
    holds(services, "a.txt")
    for key, value in (("a b", "x"), ("a:b", "x"), ("a", "x" * 300)):
        answer = browser.post(
            at("objects/act/describe/"),
            {"id": id_of("photos", "a.txt"), "type": "", "metadata-key": [key], "metadata-value": [value]},
        )
        assert answer.status_code == 422, key
    assert not services.changes


def test_a_taken_name_is_refused_in_words_and_nothing_is_sent(services: Services, browser: Client) -> None:
    holds(services, "a.txt", "b.txt")
    data = {"id": id_of("photos", "a.txt"), "container": "photos", "path": "b.txt"}
    for slug in ("copy", "move"):
        answer = browser.post(at(f"objects/act/{slug}/"), data)
        assert answer.status_code == 422
        assert "There is an object of this name already." in answer.content.decode()
    assert not services.changes
    assert browser.post(at("objects/act/copy/"), data | {"may_replace": "on"}).status_code == 302
    (change,) = services.changes
    assert urlsplit(change.url).path.endswith("/photos/b.txt")


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 1025, "é" * 600])
def test_a_name_that_can_not_be_is_refused_beside_its_field(name: str, services: Services, browser: Client) -> None:
    holds(services, "a.txt")
    data = {"id": id_of("photos", "a.txt"), "container": "photos", "path": name}
    assert browser.post(at("objects/act/copy/"), data).status_code == 422
    assert not services.changes


def test_a_name_that_can_not_be_typed_is_offered_percent_encoded(services: Services, browser: Client) -> None:
    holds(services, "a\nb")
    page = parsed(browser.get(at(f"objects/act/copy/?id={id_of('photos', chr(97) + chr(10) + 'b')}")).content.decode())
    (field,) = [item for item in page.elements if item.attrs.get("name") == "path"]
    assert field.attrs["value"] == "a%0Ab"
    data = {"id": id_of("photos", "a\nb"), "container": "photos", "path": "c%0Ad", "is_encoded": "on"}
    assert browser.post(at("objects/act/copy/"), data).status_code == 302
    assert urlsplit(services.changes[-1].url).path.endswith("/photos/c%0Ad")


def test_a_temporary_url_is_signed_as_swift_reads_it_and_shown_once(services: Services, browser: Client) -> None:
    holds(services, HOSTILE)
    data = {"id": id_of("photos", HOSTILE), "lasts": "168", "method": "GET"}
    answer = browser.post(at("objects/act/temporary-url/"), data, headers=HTMX)
    assert answer["Cache-Control"] == "no-store"
    page = parsed(answer.content.decode())
    address = page.by_id("temporary-url").text
    query = parse_qs(urlsplit(address).query)
    assert len(query["temp_url_sig"][0]) == 64, "SHA-256, which is the best that this Swift takes"
    assert unquote(urlsplit(address).path).endswith(f"/photos/{HOSTILE}")
    (change,) = services.changes
    assert change.method == "POST", "there was no key: the container got one"
    assert urlsplit(change.url).path.endswith("/photos")


def test_a_signature_is_what_swift_works_out() -> None:
    ends = datetime.fromtimestamp(1_700_000_000, UTC)
    wish = Wish("c", "o/p é", "GET", ends)
    address = signed("http://swift.example/v1/AUTH_x", wish, "secret", "sha1")
    # As the tempurl middleware's documentation has it: HMAC of "METHOD\nexpires\npath".
    assert address.startswith("http://swift.example/v1/AUTH_x/c/o/p%20%C3%A9?temp_url_sig=")
    assert parse_qs(urlsplit(address).query)["temp_url_expires"] == ["1700000000"]


# Deleting what was ticked


def test_ticked_objects_are_asked_about_and_deleted_by_one_request(services: Services, browser: Client) -> None:
    ticks = [key_of("index.html"), key_of("notes.txt")]
    asked_page = browser.post(at("containers/photos/delete-objects/"), {"tick": ticks}, headers=HTMX)
    assert "index.html" in asked_page.content.decode()
    assert not services.changes, "it only asks"
    answer = browser.post(at("containers/photos/delete-objects/"), {"tick": ticks, "sure": "1", "once": "1" * 32})
    assert answer.status_code == 302
    (change,) = services.changes
    assert change.body.decode().splitlines() == ["photos/index.html", "photos/notes.txt"]
    again = browser.post(at("containers/photos/delete-objects/"), {"tick": ticks, "sure": "1", "once": "1" * 32})
    assert again.status_code == 302
    assert len(services.changes) == 1, "sent twice, done once"


def test_what_could_not_be_deleted_is_told_with_its_reason_and_tried_again(services: Services, browser: Client) -> None:
    def answer(request: Any, context: Any) -> Any:
        if "bulk-delete" not in request.url:
            return None
        errors = [["photos/notes.txt", "403 Forbidden"]]
        return json.dumps({"Response Status": "400 Bad Request", "Response Body": "", "Errors": errors})

    services.answers["object-store"] = answer
    ticks = [key_of("index.html"), key_of("notes.txt")]
    page = parsed(
        browser.post(
            at("containers/photos/delete-objects/"), {"tick": ticks, "sure": "1"}, headers=HTMX
        ).content.decode()
    )
    assert len(page.all_of_class("is-done")) == 1
    (failed,) = page.all_of_class("is-failed")
    assert "notes.txt" in failed.text
    again = [item.attrs["value"] for item in page.elements if item.attrs.get("name") == "tick"]
    assert again == [key_of("notes.txt")]


def test_a_folder_is_deleted_as_work_that_is_followed(services: Services, browser: Client) -> None:
    answer = browser.post(at("containers/photos/delete-objects/"), {"tick": key_of("photos/"), "sure": "1"})
    assert answer.status_code == 302
    cloud = cloud_of()
    (job,) = job_store.recent(cloud, cloud.access.person.id)
    assert (job.panel, job.verb, job.total) == ("objects", "delete", 3)
    assert "prefix" in asked(services, "/photos")[-1]


def test_a_new_folder_is_an_object_that_is_never_put_over_another(services: Services, browser: Client) -> None:
    answer = browser.post(at("containers/photos/make-folder/"), {"prefix": "photos/", "name": "2026 & <b>"})
    assert answer.status_code == 302
    (change,) = services.changes
    assert unquote(urlsplit(change.url).path).endswith("/photos/photos/2026 & <b>/")
    services.fail("object-store", status=412)
    assert browser.post(at("containers/photos/make-folder/"), {"prefix": "", "name": "x"}).status_code in {
        412,
        422,
        503,
    }


def test_a_refusal_is_said_and_costs_the_tab_not_the_page(services: Services, browser: Client) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method != "GET":
            return None
        context.status_code = 403
        return "<html><h1>Forbidden</h1><p>Access was denied to this resource.</p></html>"

    services.answers["object-store"] = answer
    page = place(browser)
    assert page.all_of_class("fault")
    assert "photos" in page.text
