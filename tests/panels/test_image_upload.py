"""Sending an image's data through the dashboard: what arrives, what is refused and why, what is left of a half one."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.live import uploads
from dashboard.panels.images import uploading
from tests.harness.html import parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import GLANCE, access_of, at, cloud_of, signed_in

ID = "0000002e-0000-4000-8000-00000000002e"
"""An own image without data, of no format yet as far as the recorded cloud is changed below."""
DATA = b"\0" * 200_000
QCOW2 = b"QFI\xfb" + DATA
HTML = {"Content-Type": "text/html; charset=UTF-8"}


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def taken(services: Services) -> list[bytes]:
    """What Glance got of the data."""
    found: list[bytes] = []

    def answer(request: Any, context: Any) -> Any:
        if request.method == "PUT" and request.url.endswith(("/file", "/stage")):
            found.append(b"".join(request.body))
            context.status_code = 204
            return " "
        return None

    services.answers["image"] = answer
    return found


def put(browser: Client, data: bytes, query: str = "", **headers: str) -> Any:
    answer = browser.generic("PUT", at(f"images/{ID}/data/stream/{query}"), data, "application/octet-stream", **headers)
    at_rest()
    return answer


def queued(services: Services, **fields: Any) -> None:
    rows = services.rows["/v2/images"]
    next(row for row in rows if row["id"] == ID).update(fields)


def refusing(services: Services, status: int, text: str) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "PUT" and request.url.endswith("/file"):
            for _piece in request.body:
                pass
            context.status_code = status
            context.headers.update(HTML)
            return f"<html><body><h1>{status} Error</h1>{text}</body></html>"
        return None

    services.answers["image"] = answer


def test_the_data_reach_glance_as_they_are_and_the_page_of_the_image_follows(
    services: Services, browser: Client, taken: list[bytes]
) -> None:
    answer = put(browser, DATA)
    assert answer.status_code == 200, answer.content
    assert answer.json()["url"] == at(f"images/{ID}/")
    assert taken == [DATA]
    assert uploads.of(cloud_of(), ID) is None


def test_staged_data_are_imported_to_the_stores_that_were_chosen(
    services: Services, browser: Client, taken: list[bytes]
) -> None:
    assert put(browser, DATA, "?staged=1&store=ceph&store=disk").status_code == 200
    (call,) = [call for call in services.changes if call.url.endswith("/import")]
    body = json.loads(call.body)
    assert body["method"] == {"name": "glance-direct"}
    assert body["stores"] == ["ceph", "disk"]


def test_a_file_of_another_format_is_asked_about_and_sent_when_one_insists(
    services: Services, browser: Client, taken: list[bytes]
) -> None:
    answer = put(browser, QCOW2)
    assert answer.status_code == 409
    body = answer.json()
    assert (body["kind"], body["detected"]) == ("format", "qcow2")
    assert "looks like qcow2" in body["error"]
    assert not taken
    assert put(browser, QCOW2, "?sure=1").status_code == 200
    assert taken == [QCOW2]


def test_an_image_of_no_format_gets_that_of_its_file(services: Services, browser: Client, taken: list[bytes]) -> None:
    queued(services, disk_format=None, container_format=None)
    assert put(browser, QCOW2).status_code == 200
    (patch,) = [json.loads(call.body) for call in services.changes if call.method == "PATCH"]
    assert {item["path"]: item["value"] for item in patch} == {"/disk_format": "qcow2", "/container_format": "bare"}


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [
        (413, "Image storage media is full: no space", "store of images is full"),
        (413, "Resource image_size_total is over limit of 10", "quota of images. Resource image_size_total"),
        (409, "Image status transition from active to saving is not allowed", "has its data already"),
        (410, "Image could not be found after upload", "deleted meanwhile"),
        (415, "Image disk_format raw does not match stream data qcow2", "did not take them. Image disk_format raw"),
        (503, "busy", "waits for its data as before"),
    ],
)
def test_what_glance_refuses_is_said_in_words_at_once_and_later(
    services: Services, browser: Client, status: int, text: str, words: str
) -> None:
    refusing(services, status, text)
    answer = put(browser, DATA)
    assert answer.status_code in {409, 410, 413, 415, 503}
    assert words in answer.json()["error"]
    now = browser.get(at(f"images/{ID}/data/state/")).json()
    assert now["state"] == "waiting"
    assert words in now["message"]
    page = browser.get(at(f"images/{ID}/")).content.decode()
    assert words.split(".")[0] in parsed(page).text
    assert "Upload data" in page


def test_a_store_that_goes_down_in_the_middle_leaves_an_image_that_waits(services: Services, browser: Client) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "PUT":
            next(request.body)
            raise requests.exceptions.ConnectionError("('Connection aborted.', ConnectionResetError(104))")
        return None

    services.answers["image"] = answer
    found = put(browser, DATA)
    assert found.status_code == 503
    assert "waits for its data as before" in found.json()["error"]


def test_a_browser_that_goes_away_ends_the_upload_and_the_list_says_so(services: Services, browser: Client) -> None:
    ended: list[str] = []

    def answer(request: Any, context: Any) -> Any:
        if request.method == "PUT":
            for _piece in request.body:
                pass
            ended.append("properly")
        return None

    services.answers["image"] = answer
    # It promised more than it sends.
    half: dict[str, Any] = {"wsgi.input": io.BytesIO(DATA), "CONTENT_LENGTH": str(len(DATA) * 4)}
    found = browser.generic("PUT", at(f"images/{ID}/data/stream/"), DATA, "application/octet-stream", **half)
    at_rest()
    assert found.status_code == 400
    assert not ended
    page = parsed(browser.get(at("images/")).content.decode())
    row = page.by_id(f"row-{ID}")
    assert row is not None
    assert "No data upload failed" in row.text
    detail = browser.get(at(f"images/{ID}/")).content.decode()
    assert "The upload broke off at 25 %" in detail
    assert "The upload broke off at 25 %" in browser.get(at(f"images/{ID}/data/")).content.decode()


def test_a_process_that_is_killed_leaves_an_upload_that_counts_as_broken(services: Services, browser: Client) -> None:
    upload = uploads.begin(cloud_of(), image_id=ID, total=1000)
    assert upload is not None
    uploads.note(cloud_of(), upload, 340)
    assert "34 %" in browser.get(at("images/")).content.decode()
    found = uploads.of(cloud_of(), ID)
    assert found is not None
    assert found.is_running
    old = type(found)(**{**vars(found), "at": time.time() - uploads.ALIVE_SECONDS - 1})
    assert old.is_lost


def test_nobody_sends_more_than_two_at_once(services: Services, browser: Client, taken: list[bytes]) -> None:
    for number in range(uploads.AT_ONCE):
        uploads.begin(cloud_of(), image_id=f"{number:032x}", total=1000)
    answer = put(browser, DATA)
    assert answer.status_code == 429
    assert "2 images already" in answer.json()["error"]
    assert not taken


def test_a_process_keeps_threads_for_pages(services: Services, browser: Client, taken: list[bytes]) -> None:
    for _ in range(uploading.AT_ONCE):
        assert uploading.slots.acquire(blocking=False)
    try:
        assert put(browser, DATA).status_code == 503
        assert browser.get(at("images/0000002d-0000-4000-8000-00000000002d/file/")).status_code == 503
    finally:
        for _ in range(uploading.AT_ONCE):
            uploading.slots.release()
    assert put(browser, DATA).status_code == 200


def test_an_image_that_has_its_data_takes_no_others(services: Services, browser: Client, taken: list[bytes]) -> None:
    queued(services, status="active")
    answer = put(browser, DATA)
    assert answer.status_code == 409
    assert "can't be changed" in answer.json()["error"]
    assert not taken


def test_an_empty_file_is_refused(services: Services, browser: Client, taken: list[bytes]) -> None:
    answer = put(browser, b"")
    assert answer.status_code == 422
    assert answer.json()["error"] == "The file is empty."
    assert not taken


def test_a_reader_and_another_site_send_nothing(services: Services, taken: list[bytes]) -> None:
    assert put(signed_in(access_of("reader")), DATA).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in().cookies
    assert put(strict, DATA).status_code == 403
    assert put(signed_in(), DATA, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert not taken
    assert not services.changes


# Without JavaScript


def form(data: bytes = DATA, **fields: Any) -> dict[str, Any]:
    return {**fields, "file": SimpleUploadedFile("disk.img", data)}


def test_a_plain_form_sends_the_same_data(services: Services, browser: Client, taken: list[bytes]) -> None:
    answer = browser.post(at(f"images/{ID}/data/"), form())
    at_rest()
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert answer["Location"] == at(f"images/{ID}/")
    assert taken == [DATA]


def test_a_plain_form_is_read_piece_by_piece(
    services: Services, browser: Client, taken: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    longest: list[int] = []
    monkeypatch.setattr(uploading.image_formats, "HEAD", 1000)
    whole = uploading.Feed.through

    def watched(self: Any, pieces: Any) -> Any:
        for piece in whole(self, pieces):
            longest.append(len(piece))
            yield piece

    monkeypatch.setattr(uploading.Feed, "through", watched)
    body = io.BytesIO(b"\0" * 5_000_000)
    body.name = "disk.img"
    assert browser.post(at(f"images/{ID}/data/"), {"file": body}).status_code == 302
    assert max(longest) < 1_000_000
    assert sum(longest) == 5_000_000


def test_a_plain_form_of_another_format_is_asked_about(services: Services, browser: Client, taken: list[bytes]) -> None:
    answer = browser.post(at(f"images/{ID}/data/"), form(QCOW2))
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    assert "looks like qcow2" in page.text
    assert [item for item in page.elements if item.attrs.get("name") == "sure"]
    assert browser.post(at(f"images/{ID}/data/"), form(QCOW2, sure="1")).status_code == 302
    assert taken == [QCOW2]


def test_a_plain_form_without_its_token_sends_nothing_on(services: Services, taken: list[bytes]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in().cookies
    assert strict.post(at(f"images/{ID}/data/"), form()).status_code == 403
    assert strict.post(at(f"images/{ID}/data/"), form(csrfmiddlewaretoken="x" * 64)).status_code == 403
    page = strict.get(at(f"images/{ID}/data/")).content.decode()
    token = next(i.attrs["value"] for i in parsed(page).elements if i.attrs.get("name") == "csrfmiddlewaretoken")
    assert not taken
    assert strict.post(at(f"images/{ID}/data/"), form(csrfmiddlewaretoken=token)).status_code == 302
    assert taken == [DATA]


def test_a_plain_form_without_a_file_asks_for_one(services: Services, browser: Client, taken: list[bytes]) -> None:
    # A file that was not chosen is a field without a value.
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n'
    answer = browser.generic("POST", at(f"images/{ID}/data/"), body, "multipart/form-data; boundary=x")
    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()
    assert not services.changes


def test_a_half_image_is_removed_and_a_whole_one_stays(services: Services, browser: Client) -> None:
    answer = browser.post(at(f"images/{ID}/data/discard/"), headers={"Accept": "application/json"})
    assert answer.json() == {"url": at("images/")}
    (call,) = services.changes
    assert (call.method, call.url) == ("DELETE", f"{GLANCE}/v2/images/{ID}")
    services.calls.clear()
    queued(services, status="active")
    assert browser.post(at(f"images/{ID}/data/discard/")).status_code == 409
    assert not services.changes


def test_a_download_is_passed_on_with_its_name_and_length(services: Services, browser: Client) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.url.endswith("/file"):
            context.headers["Content-Length"] = str(len(DATA))
            return DATA.decode()
        return None

    services.answers["image"] = answer
    found = browser.get(at("images/0000002d-0000-4000-8000-00000000002d/file/"), headers={"Accept-Encoding": "gzip"})
    assert b"".join(found.streaming_content) == DATA  # type: ignore[attr-defined]
    found.close()
    assert found["Content-Length"] == str(len(DATA))
    assert 'filename="golden-web.raw"' in found["Content-Disposition"]
    assert "Content-Encoding" not in found
    assert uploading.slots.acquire(blocking=False)
    uploading.slots.release()
    assert browser.get(at(f"images/{ID}/file/")).status_code == 409
