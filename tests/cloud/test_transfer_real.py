"""Objects' bytes on the real Swift: sent whole or in segments, gone on with, taken home, refused for the wrong."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import zipfile
from collections.abc import Iterator

import pytest

from dashboard.cloud import bulk_delete, object_download, object_segments, object_upload, swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden, NotFound, QuotaExceeded, Unauthorized
from dashboard.cloud.object_segments import File
from dashboard.cloud.object_upload import How
from dashboard.cloud.streams import CHUNK, Broken
from tests.bench.bench_objects import remove
from tests.harness.cloud import Api, unique
from tests.harness.transfer import HOSTILE

pytestmark = [pytest.mark.cloud, pytest.mark.usefixtures("reached")]

MIB = 1024 * 1024
SIZE = 2 * MIB + 77


@pytest.fixture
def container(api: Api) -> Iterator[str]:
    """A container of the project web; gone with its segments when the test ends."""
    name = unique("bytes")
    api.member.request("PUT", "object-store", f"/{name}")
    yield name
    remove(api.member, name)


def data_of(size: int) -> bytes:
    """So many bytes, no two MiB of them the same."""
    return b"".join(hashlib.sha256(number.to_bytes(8)).digest() for number in range(size // 32 + 1))[:size]


def pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), CHUNK):
        yield data[at : at + CHUNK]


def read(cloud: Cloud, container: str, name: str, **asked: str) -> bytes:
    return b"".join(object_download.download(cloud, container, name, asked).chunks)


def file_of(container: str, name: str = "big/größe") -> File:
    return File(container, name, SIZE, 1_700_000_000_123, MIB)


def test_any_name_is_kept_and_given_back(member: Cloud, container: str) -> None:
    for name in HOSTILE:
        data = name.encode()
        etag, size = object_upload.put(member, container, name, pieces(data), size=len(data), how=How("text/x"))
        assert (etag, size) == (hashlib.md5(data).hexdigest(), len(data))
        assert read(member, container, name) == data
    entries, is_all = object_download.below(member, container, "")
    assert {entry.name for entry in entries} == set(HOSTILE)
    assert is_all
    whole = b"".join(object_download.archive(member, container, entries, missing=str))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert "__/__/etc/passwd" in archive.namelist()


@pytest.mark.parametrize("size", [None, 300_000])
def test_nothing_is_replaced_unless_it_may_be(member: Cloud, container: str, size: int | None) -> None:
    object_upload.put(member, container, "a", pieces(b"old"), size=3, how=How())
    data = data_of(300_000)
    with pytest.raises(object_upload.Exists):
        object_upload.put(member, container, "a", pieces(data), size=size, how=How())
    assert read(member, container, "a") == b"old"
    object_upload.put(member, container, "a", pieces(data), size=size, how=How(may_replace=True, days=1))
    assert read(member, container, "a") == data
    assert "x-delete-at" in swift.headers_of(swift.send(member, "HEAD", swift.path_of(container, "a")))
    # Where the browser knows no type, Swift goes by the name.
    object_upload.put(member, container, "a.png", pieces(b""), size=0, how=How())
    found = swift.send(member, "HEAD", swift.path_of(container, "a.png"))
    assert found.headers["Content-Type"] == "image/png"


def test_a_file_that_broke_off_goes_on_and_is_joined(member: Cloud, container: str) -> None:
    file, data = file_of(container), data_of(SIZE)
    assert object_segments.begin(member, file) == {}

    def broken() -> Iterator[bytes]:
        yield data[:CHUNK]
        raise Broken

    object_segments.put_segment(member, file, 0, pieces(data[:MIB]))
    with pytest.raises(Broken):
        object_segments.put_segment(member, file, 1, broken())
    assert list(object_segments.begin(member, file)) == [0]
    (left,), is_all = object_segments.leftovers(member, container)
    assert (left.name, left.sent, left.size, left.count, is_all) == (file.name, MIB, SIZE, 3, True)
    with pytest.raises(object_segments.Incomplete):
        object_segments.finish(member, file, How())
    object_segments.put_segment(member, file, 1, pieces(data[MIB : 2 * MIB]))
    object_segments.put_segment(member, file, 2, pieces(data[2 * MIB :]))
    object_segments.finish(member, file, How("video/mp4"))
    assert read(member, container, file.name) == data
    part = object_download.download(member, container, file.name, {"Range": f"bytes={MIB - 2}-{MIB + 1}"})
    assert (part.status, part.headers["Content-Range"]) == (206, f"bytes {MIB - 2}-{MIB + 1}/{SIZE}")
    assert b"".join(part.chunks) == data[MIB - 2 : MIB + 2]
    found = object_upload.existing(member, container, file.name)
    assert found is not None
    assert (found.size, found.is_large) == (SIZE, True)
    with pytest.raises(object_upload.Exists):
        object_segments.finish(member, file, How())
    with pytest.raises(object_segments.InUse):
        object_segments.discard(member, file)


@pytest.mark.parametrize("in_bulk", [True, False])
def test_what_was_given_up_is_removed(
    member: Cloud, container: str, in_bulk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_bulk:
        monkeypatch.setattr(bulk_delete, "is_offered", lambda cloud: False)
    file = file_of(container, "a %/é\n'")
    object_segments.begin(member, file)
    object_segments.put_segment(member, file, 1, pieces(data_of(MIB)))
    assert object_segments.discard(member, file) == 1
    assert object_segments.leftovers(member, container) == ([], True)


def test_a_download_that_is_left_ends_swifts_sending(member: Cloud, container: str) -> None:
    object_upload.put(member, container, "a", pieces(data_of(4 * MIB)), size=4 * MIB, how=How())
    found = object_download.download(member, container, "a", {})
    next(found.chunks)
    found.chunks.close()  # type: ignore[attr-defined]
    assert len(read(member, container, "a")) == 4 * MIB
    same = object_download.download(member, container, "a", {"If-None-Match": found.headers["ETag"]})
    assert same.status == 304


def test_quotas_readers_and_others_are_refused(member: Cloud, reader: Cloud, carol: Cloud, container: str) -> None:
    object_upload.put(member, container, "a", pieces(b"mine"), size=4, how=How())
    assert read(reader, container, "a") == b"mine"
    with pytest.raises(Forbidden):
        object_upload.put(reader, container, "b", pieces(b"his"), size=3, how=How())
    with pytest.raises(Forbidden):
        object_segments.put_segment(reader, file_of(container), 0, pieces(data_of(MIB)))
    # Carol's own project has no such container, and this project's account is closed to her.
    with pytest.raises(NotFound):
        read(carol, container, "a")
    theirs = dataclasses.replace(member.access, token=carol.access.token)
    with pytest.raises(Forbidden):
        read(Cloud(theirs, member.region), container, "a")
    nobody = dataclasses.replace(member.access, token="no-such-token")
    with pytest.raises(Unauthorized):
        read(Cloud(nobody, member.region), container, "a")
    swift.send(member, "POST", swift.path_of(container), headers={"X-Container-Meta-Quota-Bytes": "10"})
    with pytest.raises(QuotaExceeded):
        object_upload.put(member, container, "c", pieces(b"x" * 1000), size=1000, how=How())
