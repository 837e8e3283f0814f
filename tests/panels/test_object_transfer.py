"""Files sent into a container and taken home: what arrives, what is refused and why, what a broken one leaves."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.cloud import object_segments, swift
from dashboard.cloud.streams import CHUNK
from dashboard.ui import streaming
from tests.harness.html import parsed
from tests.harness.kept_swift import Kept
from tests.harness.services import Services
from tests.harness.transfer import DATA, HOSTILE, TIME, ask, put, sent, url
from tests.harness.wire import access_of, signed_in


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def kept(services: Services) -> Kept:
    found = Kept()
    services.answers["object-store"] = found
    return found


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large is what has more than 1,000 bytes here, and segments have 400."""
    for name, value in {"LARGE": 999, "SEGMENT": 400, "MIB": 1}.items():
        monkeypatch.setattr(object_segments, name, value)


# One file


def test_a_file_reaches_swift_as_it_is_in_one_request(services: Services, browser: Client, kept: Kept) -> None:
    answer = put(browser, "2026/a.jpg")
    assert answer.status_code == 201, answer.content
    assert kept.containers["photos"] == {"2026/a.jpg": DATA}
    headers = kept.headers["photos", "2026/a.jpg"]
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == str(len(DATA))
    assert headers["If-None-Match"] == "*"
    assert sent(services) == ["PUT /photos/2026%2Fa.jpg"]


def test_swift_has_the_first_bytes_before_the_browser_has_sent_the_last(browser: Client, kept: Kept) -> None:
    arrived = 0
    behind: list[int] = []

    def count(piece: bytes) -> None:
        nonlocal arrived
        arrived += len(piece)

    class Slowly(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            behind.append(self.tell() - arrived)
            return super().read(size)

    kept.on_piece = count
    data = bytes(CHUNK * 8)
    extra = {"wsgi.input": Slowly(data), "CONTENT_LENGTH": str(len(data))}
    assert put(browser, "large", data, extra=extra).status_code == 201
    # Never more than one piece is here.
    assert max(behind) == 0
    assert arrived == len(data)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_arrives_as_it_is_and_comes_back(browser: Client, kept: Kept, name: str) -> None:
    assert put(browser, name).status_code == 201
    assert kept.containers["photos"] == {name: DATA}
    found = browser.get(url("download"), {"name": name})
    assert b"".join(found.streaming_content) == DATA  # type: ignore[attr-defined]
    disposition = found["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "\n" not in disposition
    assert "/" not in disposition


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "has to have a name"), ("..", "“..” alone"), ("é" * 513, "1026 bytes"), ("nul\0", "letters that are none")],
)
def test_a_name_that_can_not_be_is_refused_before_swift_is_asked(
    services: Services, browser: Client, kept: Kept, name: str, words: str
) -> None:
    for answer in (put(browser, name), ask(browser, "begin", name)):
        assert answer.status_code == 422
        assert words in answer.json()["error"]
    assert sent(services) == []


def test_nothing_is_replaced_without_a_word(services: Services, browser: Client, kept: Kept) -> None:
    kept.containers["photos"]["a"] = b"old"
    answer = put(browser, "a")
    assert answer.status_code == 409
    assert (answer.json()["kind"], answer.json()["existing"]["size"]) == ("exists", 3)
    large = bytes(200_000)
    sent(services)
    # Swift would take all of it before it refuses.
    assert put(browser, "a", large).json()["kind"] == "exists"
    assert sent(services) == ["HEAD /photos/a"]
    assert ask(browser, "begin", "a").json()["existing"]["size"] == 3
    assert kept.containers["photos"]["a"] == b"old"
    assert put(browser, "a", replace="1", days="7").status_code == 201
    assert kept.containers["photos"]["a"] == DATA
    assert kept.headers["photos", "a"]["X-Delete-After"] == str(7 * 86400)


def test_a_browser_that_goes_away_leaves_nothing(browser: Client, kept: Kept) -> None:
    extra = {"wsgi.input": io.BytesIO(DATA), "CONTENT_LENGTH": str(len(DATA) * 4)}
    answer = put(browser, "half", extra=extra)
    assert (answer.status_code, answer.json()["kind"]) == (400, "broken")
    assert kept.containers["photos"] == {}


def test_what_was_damaged_on_the_way_is_not_kept(browser: Client, kept: Kept) -> None:
    def damaged(request: Any, context: Any) -> str | None:
        if request.method != "PUT":
            return None
        b"".join(request.body)
        kept.containers["photos"]["a"] = b"something else"
        context.status_code, context.headers["Etag"] = 201, "0" * 32
        return ""

    kept.refuse = damaged
    answer = put(browser, "a")
    assert "damaged on the way" in answer.json()["error"]
    assert kept.containers["photos"] == {}


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (413, "", "quota of the container or the project"),
        (404, "", "container does not exist"),
        (503, "busy", "Object store (Swift) is busy"),
        (403, "", "Your role in this project"),
    ],
)
def test_what_swift_refuses_is_said_in_words(browser: Client, kept: Kept, status: int, kind: str, words: str) -> None:
    def refuse(request: Any, context: Any) -> str | None:
        if request.method != "PUT":
            return None
        context.status_code = status
        return "<html>no</html>"

    kept.refuse = refuse
    answer = put(browser, "a")
    assert answer.status_code == status
    assert answer.json()["kind"] == kind
    assert words in answer.json()["error"]


def test_a_session_that_ended_asks_to_sign_in_again(services: Services, browser: Client, kept: Kept) -> None:
    def revoked(request: Any, context: Any) -> str:
        context.status_code = 401
        return ""

    kept.refuse = revoked
    services.answers["identity"] = revoked
    answer = put(browser, "a", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert kept.containers["photos"] == {}


def test_readers_and_other_sites_send_nothing(services: Services, kept: Kept) -> None:
    reader = signed_in(access_of("reader"))
    for answer in (
        put(reader, "a"),
        ask(reader, "begin", "a"),
        ask(reader, "finish", "a"),
        ask(reader, "discard", "a"),
    ):
        assert answer.status_code == 403
        assert "needs the role member" in answer.json()["error"]
    page = reader.get(url("upload")).content.decode()
    assert "data-uploader" not in page
    assert "needs the role member" in page
    assert reader.post(url("upload"), {"file": SimpleUploadedFile("a", b"a")}).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in().cookies
    assert put(strict, "a").status_code == 403
    assert ask(strict, "begin", "a").status_code == 403
    assert put(signed_in(), "a", headers={"Origin": "https://evil.example"}).status_code == 403
    assert kept.containers["photos"] == {}
    assert not services.changes


def test_a_process_keeps_threads_for_pages(browser: Client, kept: Kept) -> None:
    kept.containers["photos"]["a"] = DATA
    for _ in range(streaming.AT_ONCE):
        assert streaming.slots.acquire(blocking=False)
    try:
        assert put(browser, "b").json()["kind"] == "busy"
        assert browser.get(url("download"), {"name": "a"}).status_code == 503
        assert browser.get(url("archive")).status_code == 503
        assert browser.head(url("download"), {"name": "a"}).status_code == 200
    finally:
        for _ in range(streaming.AT_ONCE):
            streaming.slots.release()
    assert put(browser, "b").status_code == 201


# Large ones


def test_a_large_file_goes_in_segments_and_is_joined_in_the_end(
    services: Services, browser: Client, kept: Kept, small: None
) -> None:
    plan = ask(browser, "begin", "big/x").json()
    assert plan == {"existing": None, "segment": 400, "count": 3, "done": []}
    assert kept.headers["photos_segments", ""]["X-Storage-Policy"] == "gold"
    assert kept.headers["photos_segments", ""]["X-Container-Read"] == ".r:*"
    query = {"size": len(DATA), "time": TIME, "what": "upload/segment", "days": "1"}
    for number in range(3):
        assert put(browser, "big/x", DATA[400 * number :][:400], number=number, **query).status_code == 201
    assert "big/x" not in kept.containers["photos"]
    sent(services)
    answer = ask(browser, "finish", "big/x", type="video/mp4", days="1")
    assert answer.status_code == 201, answer.content
    assert kept.containers["photos"]["big/x"] == DATA
    headers = kept.headers["photos", "big/x"]
    assert (headers["Content-Type"], headers["If-None-Match"]) == ("video/mp4", "*")
    assert len(sent(services)) == 2
    names = sorted(kept.containers["photos_segments"])
    assert names[0] == "big/x/slo/1700000000.123000/1000/400/00000000"
    assert kept.headers["photos_segments", names[0]]["X-Delete-After"] == str((1 + 7) * 86400), (
        "none goes before the object"
    )


def test_a_file_that_is_chosen_again_goes_on_where_it_stopped(browser: Client, kept: Kept, small: None) -> None:
    ask(browser, "begin", "x")
    query = {"size": len(DATA), "time": TIME, "what": "upload/segment"}
    assert put(browser, "x", DATA[:400], number=0, **query).status_code == 201
    half = {"wsgi.input": io.BytesIO(DATA[400:600]), "CONTENT_LENGTH": "400"}
    assert put(browser, "x", b"", number=1, extra=half, **query).status_code == 400
    assert put(browser, "x", DATA[800:], number=2, **query).status_code == 201
    assert ask(browser, "begin", "x").json()["done"] == [0, 2]
    assert ask(browser, "finish", "x").status_code == 409
    # Another file of that name has begun nothing.
    assert ask(browser, "begin", "x", time=TIME + 1).json()["done"] == []
    assert ask(browser, "begin", "x", DATA + b"more").json()["done"] == []
    assert put(browser, "x", DATA[400:800], number=1, **query).status_code == 201
    assert ask(browser, "finish", "x").status_code == 201
    assert kept.containers["photos"]["x"] == DATA


def test_a_segment_is_of_its_file_or_refused(browser: Client, kept: Kept, small: None) -> None:
    ask(browser, "begin", "x")
    query = {"size": len(DATA), "time": TIME, "what": "upload/segment"}
    for data, number in ((DATA[:399], 0), (DATA[:400], 3), (DATA[:400], -1), (DATA[:400], "x")):
        assert put(browser, "x", data, number=number, **query).status_code == 400
    assert kept.containers["photos_segments"] == {}


@pytest.mark.parametrize("name", ["a/é x", "~a", "two\nlines", '"><b>'])
def test_what_is_given_up_is_removed_and_what_is_whole_stays(
    services: Services, browser: Client, kept: Kept, small: None, name: str
) -> None:
    ask(browser, "begin", name)
    query = {"size": len(DATA), "time": TIME, "what": "upload/segment"}
    for number in range(2):
        put(browser, name, DATA[400 * number :][:400], number=number, **query)
    page = parsed(browser.get(url("upload")).content.decode())
    assert "Unfinished uploads" in page.text
    assert "800 B of 1000 B" in page.text
    fields = [item.attrs for item in page.elements if item.tag == "input" and item.attrs.get("type") == "hidden"]
    # As browsers send it: with the line ends of the web.
    form = {item["name"]: re.sub(r"\r?\n", "\r\n", item["value"]) for item in fields}
    assert browser.post(url("upload/discard"), form)["Location"] == url("upload")
    assert kept.containers["photos_segments"] == {}
    assert "Unfinished uploads" not in browser.get(url("upload")).content.decode()
    for number in range(3):
        put(browser, name, DATA[400 * number :][:400], number=number, **query)
    answer = ask(browser, "discard", name)
    assert answer.status_code == 409
    assert len(kept.containers["photos_segments"]) == 3


def test_segments_are_as_large_as_it_takes_to_have_few_enough_of_them() -> None:
    info = swift.Info({"swift": {"max_file_size": 5 * 1024**3}, "slo": {"max_manifest_segments": 1000}})
    size = object_segments.segment_size
    assert size(info, 64 * 1024**2) == 0
    assert size(info, 64 * 1024**2 + 1) == 16 * 1024**2
    assert size(info, 100 * 1024**3) == 103 * 1024**2
    with pytest.raises(object_segments.TooLarge):
        size(info, 5001 * 1024**3)
    none = swift.Info({"swift": {"max_file_size": 5 * 1024**3}})
    assert size(none, 5 * 1024**3) == 0
    with pytest.raises(object_segments.TooLarge):
        size(none, 5 * 1024**3 + 1)


def test_a_name_that_leaves_no_room_has_segments_of_another_name() -> None:
    file = object_segments.File("c", "é" * 500, 1000, TIME, 400)
    assert len(file.name_of(2).encode()) <= 1024
    assert file.stem != object_segments.File("c", "é" * 501, 1000, TIME, 400).stem


# Without JavaScript


def test_a_plain_form_sends_many_files_and_says_what_became_of_each(
    services: Services, browser: Client, kept: Kept
) -> None:
    kept.containers["photos"]["p/taken.txt"] = b"old"
    files = [SimpleUploadedFile(name, DATA, "text/plain") for name in ("one.txt", "taken.txt", "three.txt")]
    answer = browser.post(url("upload"), {"prefix": "p/", "file": files})
    assert answer.status_code == 422
    rows = [item for item in parsed(answer.content.decode()).elements if item.attrs.get("data-state")]
    assert [row.attrs["data-state"] for row in rows] == ["done", "failed", "done"]
    assert "There is an object of this name already." in rows[1].text
    assert kept.containers["photos"] == {"p/one.txt": DATA, "p/taken.txt": b"old", "p/three.txt": DATA}
    assert kept.headers["photos", "p/one.txt"]["Content-Type"] == "text/plain"
    again = {"prefix": "p/", "replace": "1", "file": SimpleUploadedFile("taken.txt", DATA)}
    assert browser.post(url("upload"), again).status_code == 200
    assert kept.containers["photos"]["p/taken.txt"] == DATA


def test_a_plain_form_is_read_piece_by_piece(browser: Client, kept: Kept) -> None:
    longest: list[int] = []
    kept.on_piece = lambda piece: longest.append(len(piece))
    body = io.BytesIO(bytes(5_000_000))
    body.name = "disk.img"
    assert browser.post(url("upload"), {"file": body}).status_code == 200
    assert max(longest) < 1_000_000
    assert sum(longest) == 5_000_000


def test_a_folder_in_a_plain_form_keeps_its_paths(browser: Client, kept: Kept) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="album/a%22b\xc3\xa9.txt"\r\n\r\nA\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n'
    )
    assert browser.generic("POST", url("upload"), body, "multipart/form-data; boundary=x").status_code == 200
    assert kept.containers["photos"] == {'album/a"bé.txt': b"A"}


def test_a_plain_form_without_its_token_or_a_file_sends_nothing(kept: Kept) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in().cookies
    assert strict.post(url("upload"), {"file": SimpleUploadedFile("a", b"a")}).status_code == 403
    assert kept.containers["photos"] == {}
    answer = signed_in().post(url("upload"), {"prefix": ""}, "multipart/form-data; boundary=BoUnDaRyStRiNg")
    assert answer.status_code == 422


# The page


def test_the_page_takes_two_requests_and_tells_the_script_where_to_send(
    services: Services, browser: Client, kept: Kept
) -> None:
    browser.get(url("upload"))
    sent(services)
    page = parsed(browser.get(url("upload"), {"prefix": "a/<b>/"}).content.decode())
    assert len(sent(services)) == 2
    place = next(item for item in page.elements if "data-uploader" in item.attrs)
    assert place.attrs["data-prefix"] == "a/<b>/"
    assert place.attrs["data-object-url"] == url("upload/object")
    assert place.attrs["data-longest"] == "1024"
    assert browser.get(url("upload", "nowhere")).status_code == 404
