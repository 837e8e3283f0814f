"""Objects as folders: what Swift is asked, what people see, and that no name breaks out of anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import urllib3
from django.test import Client
from django.urls import resolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboard.cloud import swift
from dashboard.cloud.objects import id_of, parts_of, readable
from dashboard.cloud.swift import key_of
from dashboard.panels.containers.object_views import READ, text_of
from tests.harness.html import parsed
from tests.harness.objects import HOSTILE, asked, browser, holds, place, shown
from tests.harness.services import Services
from tests.harness.services_swift import SWIFT
from tests.harness.wire import access_of, at, signed_in

__all__ = ["browser"]

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60).filter(
    lambda name: name not in swift.DOTS
)


@dataclass(frozen=True, repr=False)
class World:
    """Both, for what is tried with many names: it is not to be written out for each."""

    services: Services
    browser: Client


@pytest.fixture
def world(services: Services, browser: Client) -> World:
    return World(services, browser)


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


def test_half_a_character_in_json_costs_no_page(services: Services, browser: Client) -> None:
    holds(services, "a.json", types={"a.json": "application/json"}, data=b'{"a": "\\ud800"}')
    answer = browser.get(at(f"objects/{id_of('photos', 'a.json')}/?tab=preview"))
    assert "\\ud800" in answer.content.decode()


def test_what_breaks_off_in_the_middle_costs_the_preview_and_not_the_page(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = urllib3.response.HTTPResponse.read

    def broken(self: Any, amt: int | None = None, *args: Any, **kwargs: Any) -> bytes:
        if amt == READ:
            raise urllib3.exceptions.ProtocolError("Connection broken")
        return whole(self, amt, *args, **kwargs)

    holds(services, "a.txt")
    monkeypatch.setattr(urllib3.response.HTTPResponse, "read", broken)
    answer = browser.get(at(f"objects/{id_of('photos', 'a.txt')}/?tab=preview"))
    assert answer.status_code == 200
    assert "did not answer in time" in answer.content.decode()


def test_bytes_are_text_only_if_they_are() -> None:
    assert text_of("a é".encode()) == "a é"
    assert text_of("é".encode()[:1]) == "", "the last character may be cut"
    assert text_of("é".encode("utf-16")) == "é"
    assert text_of(b"\xff\xfe\xff") is not None
    assert text_of(b"a\xffb") is None
    assert text_of(b"PK\x00\x01") is None
