"""Objects taken home: as they are, in part, or as one archive; and what a broken one leaves."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud import object_download
from dashboard.cloud.errors import ServiceFault
from dashboard.cloud.streams import CHUNK
from dashboard.ui import streaming
from tests.harness.kept_swift import Kept
from tests.harness.services import Services
from tests.harness.transfer import DATA, sent, url
from tests.harness.wire import signed_in


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def kept(services: Services) -> Kept:
    found = Kept()
    services.answers["object-store"] = found
    return found


def test_a_download_is_the_object_and_no_page(browser: Client, kept: Kept) -> None:
    kept.containers["photos"]["x/<b>.html"] = DATA
    found = browser.get(url("download"), {"name": "x/<b>.html"}, headers={"Accept-Encoding": "gzip"})
    assert b"".join(found.streaming_content) == DATA  # type: ignore[attr-defined]
    found.close()
    assert found["Content-Length"] == str(len(DATA))
    assert found["Accept-Ranges"] == "bytes"
    assert found["ETag"]
    assert found["Content-Type"] == "application/octet-stream"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in found["Content-Security-Policy"]
    assert found["Content-Disposition"] == "attachment; filename=\"_b_.html\"; filename*=UTF-8''%3Cb%3E.html"
    assert "Content-Encoding" not in found
    assert "X-Object-Meta-Secret" not in found
    head = browser.head(url("download"), {"name": "x/<b>.html"})
    assert (head.content, head["Content-Length"]) == (b"", str(len(DATA)))
    assert streaming.slots.acquire(blocking=False)
    streaming.slots.release()


def test_a_download_that_broke_off_is_gone_on_with(browser: Client, kept: Kept) -> None:
    kept.containers["photos"]["a"] = DATA
    whole = browser.head(url("download"), {"name": "a"})
    headers = {"Range": "bytes=600-", "If-Range": whole["ETag"]}
    rest = browser.get(url("download"), {"name": "a"}, headers=headers)
    assert rest.status_code == 206
    assert rest["Content-Range"] == "bytes 600-999/1000"
    assert b"".join(rest.streaming_content) == DATA[600:]  # type: ignore[attr-defined]
    assert browser.get(url("download"), {"name": "a"}, headers={"Range": "bytes=5000-"}).status_code == 416
    same = browser.get(url("download"), {"name": "a"}, headers={"If-None-Match": whole["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert browser.get(url("download"), {"name": "gone"}).status_code == 404
    rest.close()


def test_whoever_goes_away_ends_swifts_sending_too(browser: Client, kept: Kept, monkeypatch: Any) -> None:
    kept.containers["photos"]["a"] = bytes(CHUNK * 4)
    ended: list[bool] = []
    whole = object_download.pieces_of

    def watched(response: Any, service: str) -> Any:
        response.close = lambda: ended.append(True)
        return whole(response, service)

    monkeypatch.setattr(object_download, "pieces_of", watched)
    found = browser.get(url("download"), {"name": "a"})
    next(iter(found.streaming_content))  # type: ignore[attr-defined]
    found.close()
    assert ended


def test_a_folder_comes_as_one_archive_that_can_be_unpacked_anywhere(
    services: Services, browser: Client, kept: Kept
) -> None:
    names = [
        "f/a.txt",
        "f/../../etc/passwd",
        "f//abs",
        "f/C:\\x",
        "f/é😀",
        "f/sub/",
        "f/a",
        "f/a/b",
        "f/A.TXT",
        "other",
    ]
    kept.containers["photos"] = {name: b"" if name.endswith("/") else name.encode() for name in names}
    found = browser.get(url("archive"), {"prefix": "f/"})
    data = b"".join(found.streaming_content)  # type: ignore[attr-defined]
    found.close()
    assert found["Content-Disposition"].startswith('attachment; filename="f.zip"')
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    paths = archive.namelist()
    # Listed as Swift sorts them; where two would be one on some machines, the later has a number.
    taken = ["f/A.TXT", "f/__/__/etc/passwd", "f/abs", "f/C:_x", "f/a (2)", "f/a (2).txt", "f/a/b", "f/sub/", "f/é😀"]
    assert sorted(paths) == sorted(taken)
    assert archive.read("f/é😀") == "f/é😀".encode()
    # One listing, and one request for each object.
    assert len(sent(services)) == len(names) - 1


def test_ticked_objects_and_folders_come_as_one_archive(browser: Client, kept: Kept) -> None:
    kept.containers["photos"] = {name: name.encode() for name in ("a", "b/1", "b/2", "c")}
    found = browser.post(url("archive"), {"name": ["a", "b/", "gone"]})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(found.streaming_content)))  # type: ignore[attr-defined]
    assert archive.namelist() == ["a", "b/1", "b/2", "_missing.txt"]
    assert "deleted while the archive was made:\ngone" in archive.read("_missing.txt").decode()


def test_an_archive_that_breaks_off_is_no_whole_one(browser: Client, kept: Kept) -> None:
    kept.containers["photos"] = {"a": b"a", "b": b"b"}

    def fails(request: Any, context: Any) -> str | None:
        if not request.url.endswith("/b"):
            return None
        context.status_code = 504
        return ""

    kept.refuse = fails
    found = browser.get(url("archive"))
    with pytest.raises(ServiceFault):
        b"".join(found.streaming_content)  # type: ignore[attr-defined]
    found.close()
    assert streaming.slots.acquire(blocking=False)
    streaming.slots.release()


def test_an_archive_has_its_limits_and_says_them(browser: Client, kept: Kept, monkeypatch: Any) -> None:
    kept.containers["photos"] = {str(number): b"" for number in range(5)}
    monkeypatch.setattr("dashboard.panels.containers.download.MOST", 4)
    whole = object_download.below
    monkeypatch.setattr(object_download, "below", lambda *args: whole(*args, most=4))
    answer = browser.get(url("archive"))
    assert answer.status_code == 422
    assert "more than 4 objects" in answer.content.decode()
    assert browser.get(url("archive"), {"prefix": "nothing/"}).status_code == 404
