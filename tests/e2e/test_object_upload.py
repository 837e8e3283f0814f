"""Objects in the browser: files and folders sent, gone on with after a break, given up, and taken home."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.bench.bench_objects import measured, remove, way_to_a_container
from tests.e2e.people import PASSWORD, is_marked, mark, sign_in
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.tour import Scene, Tour, check

pytestmark = pytest.mark.e2e

SOON = 30_000
MIB = 1024 * 1024
LARGE = 80 * MIB
"""Five segments."""
SLOW = 8 * MIB
"""Bytes a second, of which ``LARGE`` takes ten: time to do something in the middle on a busy machine, too."""
HOSTILE = {
    '"quotes" & <img src=x onerror=alert(1)>.txt': b"html",
    "100%25 %2F?x=1#y 'a'": b"percent",
    ".hidden": b"dot",
    "😀 한글 é.txt": "größe".encode(),
    "inner/...dots": b"three",
    "inner/deep/back\\slash": b"",
}


@pytest.fixture
def name(api: Api) -> Iterator[str]:
    """A container of alice's in the project web; gone with its segments when the journey ends."""
    found = unique("journey")
    api.member.request("PUT", "object-store", f"/{found}")
    yield found
    remove(api.member, found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files with names that few expect."""
    for path, data in HOSTILE.items():
        place = tmp_path / "the folder" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return tmp_path / "the folder"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that goes in segments, of which no two are the same."""
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        for number in range(LARGE // MIB):
            file.write(os.urandom(1024) + bytes([number]) * (MIB - 1024))
    return path


def listed(api: Api, container: str) -> dict[str, int]:
    """What is in a container, with sizes."""
    found = api.member.session.get(
        f"/{container}?format=json", endpoint_filter={"service_type": "object-store"}, raise_exc=False
    )
    return {row["name"]: row["bytes"] for row in found.json()} if found.status_code == 200 else {}


def content(api: Api, container: str, name: str) -> bytes:
    path = f"/{container}/{quote(name, safe='')}"
    return bytes(api.member.session.get(path, endpoint_filter={"service_type": "object-store"}).content)


def slowly(page: Any, bytes_per_second: int) -> None:
    """A line as slow as people's, so that there is time to look; -1 for the real one."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    session.send("Network.emulateNetworkConditions", speed)


def drop(page: Any, *paths: Path) -> None:
    """Drops files and folders of this machine as a person does."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 300, "data": data})


def opened(page: Any, container: str, prefix: str = "") -> str:
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}containers/{container}/upload/?prefix={quote(prefix)}")
    ready(page)
    return base


def ready(page: Any) -> None:
    """What takes files that are dropped or chosen comes after the page."""
    page.locator("[data-uploader].is-live").wait_for(state="attached")


def test_a_file_that_is_chosen_before_the_script_is_there_is_sent(
    page: Any, api: Api, name: str, tmp_path: Path
) -> None:
    early = tmp_path / "early.txt"
    early.write_bytes(b"early")
    base = sign_in(page, "alice", project="web")
    late: list[Any] = []
    page.route("**/objects/upload*.js", lambda route: late.append(route))
    page.goto(f"{base}containers/{name}/upload/", wait_until="commit")
    page.locator("#id_files").set_input_files(early)
    wait_until(lambda: page.evaluate("1") and late, what="the script being asked for")
    late[0].continue_()
    expect(page.locator("[data-sum-words]")).to_have_text("1 of 1 files are there.", timeout=SOON)
    assert content(api, name, "early.txt") == b"early"


def segments_sent(lines: list[str], container: str) -> int:
    """How often Swift took a segment."""
    begin = f"/{container}_segments/"
    return len([line for line in lines if " PUT " in line and begin in line and " 201 " in line])


def test_files_and_folders_are_sent_by_drop_and_choice_and_nothing_is_replaced_without_a_word(
    page: Any, api: Api, name: str, folder: Path, tmp_path: Path
) -> None:
    loose = tmp_path / "loose.txt"
    loose.write_bytes(b"first")
    base = opened(page, name, "up/")
    drop(page, folder, loose)
    expect(page.locator("[data-sum-words]")).to_have_text("7 of 7 files are there.", timeout=SOON)
    assert set(listed(api, name)) == {"up/loose.txt", *(f"up/the folder/{path}" for path in HOSTILE)}
    for path, data in HOSTILE.items():
        assert content(api, name, f"up/the folder/{path}") == data
        got = page.request.get(f"{base}containers/{name}/download/", params={"name": f"up/the folder/{path}"})
        assert got.body() == data
        assert got.headers["content-disposition"].startswith("attachment;")
    # The same once more, chosen: each name is taken now.
    loose.write_bytes(b"second")
    page.locator("#id_files").set_input_files(loose)
    asked = page.locator("[data-ask]")
    expect(asked).to_contain_text("up/loose.txt", timeout=SOON)
    expect(asked).to_contain_text("There now: 5 B")
    assert content(api, name, "up/loose.txt") == b"first"
    asked.get_by_role("button", name="Keep both").click()
    expect(page.locator("[data-sum-words]")).to_have_text("1 of 1 files are there.", timeout=SOON)
    assert content(api, name, "up/loose (2).txt") == b"second"
    # Chosen, and not dropped, browsers write this name otherwise.
    (folder / "inner" / "deep" / "back\\slash").unlink()
    page.locator("#id_folder").set_input_files(folder)
    expect(asked).to_contain_text("up/the folder/", timeout=SOON)
    asked.get_by_label("Do the same for all").check()
    asked.get_by_role("button", name="Skip").click()
    expect(page.locator("[data-sum-words]")).to_have_text("0 of 5 files are there.", timeout=SOON)
    page.locator("#id_files").set_input_files(loose)
    asked.get_by_role("button", name="Replace").click()
    expect(page.locator("[data-sum-words]")).to_have_text("1 of 1 files are there.", timeout=SOON)
    assert content(api, name, "up/loose.txt") == b"second"
    # All of it as an archive that is safe to unpack.
    got = page.request.get(f"{base}containers/{name}/archive/", params={"prefix": "up/the folder/"})
    archive = zipfile.ZipFile(io.BytesIO(got.body()))
    assert archive.testzip() is None
    assert archive.read("the folder/😀 한글 é.txt") == "größe".encode()
    assert not [path for path in archive.namelist() if path.startswith("/") or ".." in path.split("/") or "\\" in path]


def test_a_killed_upload_goes_on_where_it_stopped(
    page: Any, api: Api, name: str, large: Path, requests_log: Any, allowed_errors: list[str]
) -> None:
    allowed_errors.append(r"Failed to load resource: net::ERR_FAILED")
    base = opened(page, name)
    other = page.context.new_page()
    other.on("dialog", lambda dialog: dialog.accept())
    other.goto(f"{base}containers/{name}/upload/")
    ready(other)
    with requests_log() as asked:
        slowly(other, SLOW)
        other.locator("#id_files").set_input_files(large)
        row = other.locator("[data-row-of]")
        expect(row.get_by_role("progressbar")).to_be_visible()
        expect(other.locator("[data-sum-words]")).to_contain_text("MiB of 80 MiB", timeout=SOON)
        expect(other.locator("[data-sum-words]")).to_contain_text("/s", timeout=SOON)
        wait_until(lambda: len(listed(api, f"{name}_segments")) >= 2, what="the first segments")
        # The tab is closed in the middle.
        other.close()
        before = listed(api, f"{name}_segments")
        assert 2 <= len(before) < 5
        assert listed(api, name) == {}
        page.reload()
        ready(page)
        expect(page.locator(".upload-left")).to_contain_text("large.bin")
        expect(page.locator(".upload-left")).to_contain_text(" of 80 MiB")
        # Then the same file is chosen again, and the line breaks once on the way.
        broken: list[str] = []

        def once(route: Any) -> None:
            if broken:
                route.continue_()
            else:
                broken.append(route.request.url)
                route.abort("failed")

        page.route("**/upload/segment/**", once)
        mark(page)
        page.locator("#id_files").set_input_files(large)
        expect(page.locator("[data-row-of]")).to_contain_text("of it were there already", timeout=SOON)
        expect(page.locator("[data-sum-words]")).to_have_text("1 of 1 files are there.", timeout=SOON)
    assert broken
    assert is_marked(page)
    # Each segment came once; what was half there when the tab was closed was kept by nobody.
    assert segments_sent(asked.lines, name) == 5
    assert listed(api, name) == {"large.bin": LARGE}
    assert page.request.get(f"{base}containers/{name}/upload/").text().count("Unfinished uploads") == 0
    # Home again, from the middle on, as a browser goes on with a download.
    address = f"{base}containers/{name}/download/?name=large.bin"
    whole = page.request.get(address)
    assert hashlib.sha256(whole.body()).digest() == hashlib.sha256(large.read_bytes()).digest()
    headers = {"Range": f"bytes={LARGE - 1000}-", "If-Range": whole.headers["etag"]}
    rest = page.request.get(address, headers=headers)
    assert (rest.status, rest.headers["content-range"]) == (206, f"bytes {LARGE - 1000}-{LARGE - 1}/{LARGE}")
    assert rest.body() == large.read_bytes()[-1000:]


def test_an_upload_that_is_given_up_leaves_nothing(page: Any, api: Api, name: str, large: Path) -> None:
    opened(page, name)
    slowly(page, SLOW)
    page.locator("#id_files").set_input_files(large)
    wait_until(lambda: listed(api, f"{name}_segments"), what="the first segment")
    page.locator("[data-row-of]").get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-row-of]")).to_contain_text("Cancelled")
    wait_until(lambda: not listed(api, f"{name}_segments"), what="the removal of the segments")
    assert listed(api, name) == {}


def test_a_session_that_ends_on_the_way_is_told_and_the_upload_goes_on_after_signing_in(
    page: Any, api: Api, name: str, large: Path, allowed_errors: list[str]
) -> None:
    allowed_errors.extend([r"status of 401", r"net::ERR_"])
    opened(page, name)
    slowly(page, SLOW)
    page.locator("#id_files").set_input_files(large)
    wait_until(lambda: listed(api, f"{name}_segments"), what="the first segment")
    page.context.clear_cookies(name="sid")
    expect(page.locator("[data-signed-out]")).to_contain_text("Your session ended.", timeout=SOON)
    again = page.locator("#again[open]")
    again.get_by_label("Password", exact=True).fill(PASSWORD)
    again.get_by_role("button", name="Sign in").click()
    slowly(page, -1)
    expect(page.locator("[data-sum-words]")).to_have_text("1 of 1 files are there.", timeout=SOON)
    assert listed(api, name) == {"large.bin": LARGE}


def test_a_reader_is_offered_no_upload(page: Any, api: Api, name: str) -> None:
    base = sign_in(page, "bob", project="web")
    page.goto(f"{base}containers/{name}/upload/")
    expect(page.locator("main")).to_contain_text("needs the role member")
    expect(page.locator("[data-uploader]")).to_have_count(0)


def test_a_gibibyte_goes_up_and_down_and_hardly_any_of_it_is_ever_here(stack: str) -> None:
    size = 1024 * MIB
    with way_to_a_container(stack) as way:
        way.whole(MIB)
        for do in (lambda: way.up(size), way.down):
            moved, _seconds, watch = measured(stack, do)
            assert moved >= size
            assert watch.growth < 64 * MIB, f"{watch.growth / MIB:.0f} MiB"
            assert watch.files == 0


# How it looks


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Iterator[dict[str, str]]:
    """A container with an upload that was begun."""
    container = unique("looked-at")
    all_clients.member.request("PUT", "object-store", f"/{container}")
    all_clients.member.request("PUT", "object-store", f"/{container}_segments")
    part = quote("film <b>.mov/slo/1700000000.000000/90000000/16777216/00000000", safe="")
    all_clients.member.request("PUT", "object-store", f"/{container}_segments/{part}", data=b"0" * 1000)
    all_clients.member.request("PUT", "object-store", f"/{container}/taken.txt", data=b"old")
    yield {"container": container}
    remove(all_clients.member, container)


def test_the_page_of_uploads_is_for_everybody(tour: Tour, tmp_path: Path) -> None:
    taken, new = tmp_path / "taken.txt", tmp_path / "new.txt"
    for path in (taken, new):
        path.write_bytes(b"new")

    def choose(page: Any) -> None:
        ready(page)
        page.locator("#id_files").set_input_files([taken, new])
        page.locator("[data-ask]:not([hidden])").wait_for()

    check(tour, Scene("upload", "containers/{container}/upload/"))
    check(tour, Scene("upload asks", "containers/{container}/upload/", choose), "409")
    check(tour, Scene("upload as reader", "containers/{container}/upload/", who="bob"))
