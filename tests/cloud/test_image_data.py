"""An image's data on their way in and out, and what Glance says when it does not take them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests_mock import Mocker

from dashboard.cloud import image_data, image_formats
from dashboard.cloud.errors import Busy, CloudError, Conflict, Forbidden, NotFound, QuotaExceeded, TimedOut, Unreachable
from dashboard.cloud.image_changes import patch_of
from dashboard.cloud.image_formats import Detected, detected, differs
from tests.harness.wire import GLANCE, cloud_of

ID = "0000002e-0000-4000-8000-00000000002e"
FILE = f"{GLANCE}/v2/images/{ID}/file"
HTML = {"Content-Type": "text/html; charset=UTF-8"}
PIECE = b"x" * 1000


def page(status: int, text: str) -> str:
    """An error as Glance writes it."""
    return f"<html><head><title>{status}</title></head><body><h1>{status} Error</h1>{text}<br /></body></html>"


def read(request: Any) -> bytes:
    """The body, as a server reads it."""
    return b"".join(request.body)


def test_the_data_go_to_glance_piece_by_piece_with_their_length_beside_them(requests_mock: Mocker) -> None:
    seen: list[bytes] = []

    def answer(request: Any, context: Any) -> str:
        # The body is no text that somebody put together: it is asked for piece by piece.
        assert not isinstance(request.body, bytes | str)
        seen.extend(request.body)
        context.status_code = 204
        return ""

    requests_mock.put(FILE, text=answer)
    image_data.upload(cloud_of(), id=ID, chunks=iter([PIECE] * 3), size=3000, store="ceph")
    assert seen == [PIECE] * 3
    sent = requests_mock.last_request
    assert sent.headers["X-OpenStack-Image-Size"] == "3000"
    assert sent.headers["X-Image-Meta-Store"] == "ceph"
    assert sent.headers["Content-Type"] == "application/octet-stream"
    assert "Content-Length" not in sent.headers


def test_staged_data_go_where_glance_imports_them_from(requests_mock: Mocker) -> None:
    requests_mock.put(f"{GLANCE}/v2/images/{ID}/stage", status_code=204)
    image_data.upload(cloud_of(), id=ID, chunks=iter([PIECE]), is_staged=True, store="ceph")
    assert "X-Image-Meta-Store" not in requests_mock.last_request.headers


@pytest.mark.parametrize(
    ("status", "text", "kind", "words"),
    [
        (
            413,
            "Image storage media is full: There is not enough disk space on the image storage media.",
            image_data.StoreFull,
            "is full",
        ),
        (413, "Request returned failure: Resource image_size_total is over limit of 1", QuotaExceeded, "size_total"),
        (409, "Image status transition from active to saving is not allowed", Conflict, "not allowed"),
        (410, "Image x could not be found after upload.", image_data.Gone, "could not be found"),
        (
            415,
            "The request media type application/octet-stream is not supported by this server.<br />"
            "Image disk_format qcow2 does not match stream data raw",
            image_data.WrongFormat,
            "Image disk_format qcow2 does not match stream data raw",
        ),
        (403, "Not allowed to upload image data", Forbidden, "Not allowed"),
        (503, "Insufficient permissions on image storage media", Busy, ""),
        (404, "No image found", NotFound, "No image"),
    ],
)
def test_each_refusal_is_told_apart(
    requests_mock: Mocker, status: int, text: str, kind: type[CloudError], words: str
) -> None:
    requests_mock.put(FILE, status_code=status, text=page(status, text), headers=HTML)
    with pytest.raises(CloudError) as caught:
        image_data.upload(cloud_of(), id=ID, chunks=iter([PIECE]))
    assert type(caught.value) is kind
    assert words in caught.value.message
    assert "application/octet-stream" not in caught.value.message


def test_a_store_that_goes_down_in_the_middle_is_no_success(requests_mock: Mocker) -> None:
    def answer(request: Any, context: Any) -> str:
        next(request.body)
        raise requests.exceptions.ConnectionError("('Connection aborted.', ConnectionResetError(104))")

    requests_mock.put(FILE, text=answer)
    with pytest.raises(TimedOut):
        image_data.upload(cloud_of(), id=ID, chunks=iter([PIECE] * 5))
    requests_mock.put(FILE, exc=requests.exceptions.ConnectionError("NewConnectionError: refused"))
    with pytest.raises(Unreachable):
        image_data.upload(cloud_of(), id=ID, chunks=iter([PIECE]))


def test_data_that_break_off_end_the_request_without_its_end(requests_mock: Mocker) -> None:
    taken: list[bytes] = []

    def broken() -> Iterator[bytes]:
        yield PIECE
        raise image_data.Broken

    def answer(request: Any, context: Any) -> str:
        for piece in request.body:
            taken.append(piece)
        raise AssertionError("the body came to a proper end")

    requests_mock.put(FILE, text=answer)
    with pytest.raises(image_data.Broken):
        image_data.upload(cloud_of(), id=ID, chunks=broken(), size=5000)
    assert taken == [PIECE]


def test_an_upload_holds_none_of_the_turns_that_pages_need(requests_mock: Mocker) -> None:
    from dashboard.cloud.config import config
    from dashboard.cloud.guard import guard_of

    guard = guard_of(GLANCE, config().per_service)

    def answer(request: Any, context: Any) -> str:
        held = [guard.turn(0.1) for _ in range(config().per_service)]
        for turn in held:
            turn.__enter__()
        for turn in held:
            turn.__exit__(None, None, None)
        context.status_code = 204
        return ""

    requests_mock.put(FILE, text=answer)
    image_data.upload(cloud_of(), id=ID, chunks=iter([PIECE]))


def test_a_download_comes_in_pieces_and_knows_its_length(requests_mock: Mocker) -> None:
    body = b"y" * (image_data.CHUNK * 2 + 7)
    requests_mock.get(FILE, content=body, headers={"Content-Length": str(len(body)), "Content-MD5": "abc"})
    found = image_data.download(cloud_of(), id=ID)
    assert (found.size, found.checksum) == (len(body), "abc")
    pieces = list(found.chunks)
    assert b"".join(pieces) == body
    assert len(pieces) == 3


def test_there_is_nothing_to_download_of_an_image_without_data(requests_mock: Mocker) -> None:
    requests_mock.get(FILE, status_code=204)
    with pytest.raises(NotFound):
        image_data.download(cloud_of(), id=ID)
    requests_mock.get(FILE, status_code=403, text=page(403, "The requested image has been deactivated."), headers=HTML)
    with pytest.raises(Forbidden):
        image_data.download(cloud_of(), id=ID)


HEADS = {
    "qcow2": b"QFI\xfb\x00\x00\x00\x03",
    "vhd": b"conectix",
    "vhdx": b"vhdxfile",
    "vmdk": b"KDMV\x01",
    "vdi": b"<<< Oracle VM VirtualBox Disk Image >>>".ljust(64, b"\n") + b"\x7f\x10\xda\xbe",
    "iso": b"\0" * 32769 + b"CD001",
    "ploop": b"WithouFreSpacExt",
    "raw": b"\0" * 510 + b"\x55\xaa",
    "aki": b"\0" * 514 + b"HdrS",
    "ari": b"070701",
}


@pytest.mark.parametrize("name", HEADS)
def test_a_file_is_told_by_its_first_bytes(name: str) -> None:
    assert detected(HEADS[name].ljust(600, b"\1")).disk_format == name
    assert not differs(detected(HEADS[name]), name, "bare")


def test_what_can_not_be_is_noticed_and_what_may_be_is_not() -> None:
    qcow2, none, gzip = detected(HEADS["qcow2"]), detected(b"\1" * 600), detected(b"\x1f\x8b\x08")
    ova = detected(b"\0" * 257 + b"ustar")
    assert differs(qcow2, "raw", "bare")
    assert differs(none, "qcow2", "bare")
    assert differs(gzip, "raw", "bare")
    assert differs(ova, "vmdk", "bare")
    assert differs(qcow2, "vmdk", "ova")
    assert not differs(none, "raw", "bare")
    assert not differs(none, "ami", "ami")
    assert not differs(gzip, "raw", "compressed")
    assert not differs(gzip, "ari", "ari")
    assert not differs(ova, "vmdk", "ova")
    assert (gzip.name, ova.name, none.name) == ("compressed", "ova", "")
    assert detected(b"") == Detected()


def test_the_browser_and_the_server_tell_formats_by_the_same_table() -> None:
    from pathlib import Path

    script = (Path(__file__).resolve().parents[2] / "static" / "js" / "images" / "formats.js").read_text()
    for mark in image_formats.MARKS:
        magic = "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in mark.magic)
        assert f'[{mark.offset}, "{magic}", "{mark.disk_format}", "{mark.container}"]' in script
    assert script.count("  [") == len(image_formats.MARKS)


def test_a_patch_holds_what_was_changed_and_nothing_else() -> None:
    was = {"name": "a", "min_disk": 1, "tags": ["x", "y"], "os_distro": "debian", "kernel": "k", "os_hidden": False}
    now = {"name": "b", "min_disk": 1, "tags": ["y", "x"], "os_distro": None, "hw~a/b": "1", "gone": None}
    assert patch_of(was, now) == [
        {"op": "replace", "path": "/name", "value": "b"},
        {"op": "remove", "path": "/os_distro"},
        {"op": "add", "path": "/hw~0a~1b", "value": "1"},
    ]
    assert patch_of({"disk_format": None}, {"disk_format": "raw"}) == [
        {"op": "replace", "path": "/disk_format", "value": "raw"}
    ]
    assert patch_of(was, was) == []
