"""What is done to objects: described, copied, lent by an address, put into folders and deleted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.test import Client

from dashboard.cloud.objects import id_of
from dashboard.cloud.swift import key_of
from dashboard.cloud.temp_urls import Wish, signed
from dashboard.live import job_store, jobs
from dashboard.live.job_store import Job
from dashboard.panels.containers import object_deleting
from tests.harness.cloud import wait_until
from tests.harness.html import parsed
from tests.harness.objects import HOSTILE, HTMX, asked, browser, holds
from tests.harness.services import Services
from tests.harness.wire import at, cloud_of

__all__ = ["browser"]


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
    for key, value in (("a b", "x"), ("a:b", "x"), ("a", "x" * 300), ("a", "x\r\nX-Delete-At: 1")):
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


def with_their_segments(services: Services) -> list[str]:
    """The objects that were deleted with what their manifests list."""
    return sorted(
        unquote(urlsplit(change.url).path).rpartition("/")[2]
        for change in services.changes
        if "multipart-manifest=delete" in change.url
    )


def job_of(browser: Client, data: dict[str, Any]) -> Job:
    """The work that was begun, when it is over."""
    assert browser.post(at("containers/photos/delete-objects/"), data | {"sure": "1"}).status_code == 302
    wait_until(lambda: not jobs.is_busy(), what="the job's end")
    cloud = cloud_of()
    (job,) = job_store.recent(cloud, cloud.access.person.id)
    assert not job.is_running
    assert not job.failed
    return job


def test_a_folder_is_deleted_as_work_that_is_followed(services: Services, browser: Client) -> None:
    job = job_of(browser, {"tick": key_of("photos/")})
    assert (job.panel, job.verb, job.total) == ("objects", "delete", 3)
    assert "prefix" in asked(services, "/photos")[-1]


@pytest.mark.parametrize("is_ticked", [True, False])
@pytest.mark.parametrize("is_many", [True, False])
def test_segments_go_along_in_long_work_only_where_that_is_ticked(
    is_ticked: bool, is_many: bool, services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_deleting, "SINGLES", 1 if is_many else 1000)
    holds(services, "f/a", "f/b", "f/c", large={"f/b"})
    job = job_of(browser, {"tick": key_of("f/"), **({"with_segments": "1"} if is_ticked else {})})
    assert job.verb == ("delete-many" if is_many else "delete")
    assert with_their_segments(services) == (["b"] if is_ticked else [])


@pytest.mark.parametrize("is_many", [True, False])
def test_a_link_goes_without_the_segments_of_what_it_leads_to(
    is_many: bool, services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_deleting, "SINGLES", 1 if is_many else 1000)
    holds(services, "f/link", "f/other", "large", large={"f/link", "large"}, links={"f/link": "large"})
    browser.post(at("objects/act/delete/"), {"id": id_of("photos", "f/link")})
    ticked = {"tick": key_of("f/link"), "sure": "1", "with_segments": "1"}
    assert browser.post(at("containers/photos/delete-objects/"), ticked).status_code == 302
    assert len(services.changes) == 2
    job_of(browser, {"tick": key_of("f/"), "with_segments": "1"})
    assert not with_their_segments(services)


def test_which_objects_are_large_is_asked_where_they_are_however_many_come_first(
    services: Services, browser: Client
) -> None:
    holds(services, *(f"{number:05}" for number in range(10_100)), "z", large={"10050"})
    ticked = {"tick": [key_of("10050"), key_of("z")], "sure": "1", "with_segments": "1"}
    assert browser.post(at("containers/photos/delete-objects/"), ticked).status_code == 302
    assert with_their_segments(services) == ["10050"]


def is_ticked_for_segments(answer: Any) -> bool:
    (box,) = [item for item in parsed(answer.content.decode()).elements if item.attrs.get("name") == "with_segments"]
    return "checked" in box.attrs


def test_what_was_unticked_stays_so_where_it_is_asked_again(services: Services, browser: Client) -> None:
    holds(services, "f/a")
    assert is_ticked_for_segments(browser.post(at("containers/photos/delete-objects/"), {"tick": key_of("f/")}))
    services.fail("object-store", status=503)
    for more, is_checked in (({"sure": "1"}, False), ({"sure": "1", "with_segments": "1"}, True)):
        answer = browser.post(at("containers/photos/delete-objects/"), {"tick": key_of("f/"), **more})
        assert is_ticked_for_segments(answer) == is_checked, more


@pytest.mark.parametrize("is_versioned", [False, True])
def test_segments_stay_unless_that_is_ticked_where_a_version_needs_them(
    is_versioned: bool, services: Services, browser: Client
) -> None:
    holds(services, "f/large", large={"f/large"}, is_versioned=is_versioned)
    for answer in (
        browser.post(at("containers/photos/delete-objects/"), {"tick": key_of("f/")}),
        browser.get(at("objects/act/delete/"), {"id": id_of("photos", "f/large")}),
    ):
        assert is_ticked_for_segments(answer) is not is_versioned
        assert ("stays as one, and needs its segments" in answer.content.decode()) is is_versioned
    browser.post(at("objects/act/delete/"), {"id": id_of("photos", "f/large")})
    assert not with_their_segments(services), "what is not ticked is not done"


def test_a_new_folder_is_an_object_that_is_never_put_over_another(services: Services, browser: Client) -> None:
    answer = browser.post(at("containers/photos/make-folder/"), {"prefix": "photos/", "name": "2026 & <b>"})
    assert answer.status_code == 302
    (change,) = services.changes
    assert unquote(urlsplit(change.url).path).endswith("/photos/photos/2026 & <b>/")

    def taken(request: Any, context: Any) -> Any:
        if request.method != "PUT" or request.headers.get("If-None-Match") != "*":
            return None
        context.status_code = 412
        return "<html><h1>Precondition Failed</h1></html>"

    services.answers["object-store"] = taken
    answer = browser.post(at("containers/photos/make-folder/"), {"prefix": "", "name": "x"})
    assert answer.status_code == 422
    assert "There is such a folder already." in parsed(answer.content.decode()).text_of_class("has-errors")
