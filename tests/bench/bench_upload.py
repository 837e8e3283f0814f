"""What an image's data cost the web processes on their way through: memory, temporary files, and time.

    python -m tests.bench.bench_upload URL [MIB]

URL is a running dashboard (./run, on this machine) on the cloud of devcloud/. An image of MIB
(1,024 if not said) is sent as a script sends it, taken home, and sent once more as a plain form
does; the images are deleted in the end. RSS is the highest that any web process had meanwhile,
less what that process had before; the temporary files are all that appear in the system's folder.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.harness.cloud import PASSWORD, Client, unique

MIB = 1024 * 1024


def workers(url: str) -> list[int]:
    """The web server's processes, by the port that they listen on."""
    port = f":{urlsplit(url).port}"
    found = []
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        words = [word.decode(errors="replace") for word in command]
        if any("gunicorn" in word for word in words) and any(word.endswith(port) for word in words):
            found.append(int(folder.name))
    return found


def rss(pid: int) -> int:
    """Bytes of memory that a process holds."""
    try:
        match = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(match[1]) * 1024 if match else 0


def temporary() -> int:
    """Bytes in the system's folder for temporary files that somebody may have put aside."""
    return sum(path.stat().st_size for path in Path(tempfile.gettempdir()).glob("*.upload*") if path.is_file())


class Watch:
    """The highest growth of any process while something goes on."""

    def __init__(self, pids: list[int]) -> None:
        self.before = {pid: rss(pid) for pid in pids}
        self.growth = 0
        self.files = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        base = temporary()
        while not self._end.wait(0.05):
            self.growth = max([self.growth, *(rss(pid) - was for pid, was in self.before.items())])
            self.files = max(self.files, temporary() - base)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._end.set()
        self._thread.join()


class Zeros:
    """A file of so many bytes that lies nowhere."""

    def __init__(self, size: int, head: bytes = b"", tail: bytes = b"") -> None:
        self._parts = [head, size, tail]
        self._length = len(head) + size + len(tail)

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = MIB) -> bytes:
        while self._parts:
            first = self._parts[0]
            if isinstance(first, bytes):
                self._parts.pop(0)
                if first:
                    return first
            elif first <= 0:
                self._parts.pop(0)
            else:
                piece = min(first, max(size, 1))
                self._parts[0] = first - piece
                return bytes(piece)
        return b""


def signed_in(url: str) -> tuple[requests.Session, str]:
    """A browser without pictures, and the project that it is in."""
    web = requests.Session()
    page = web.get(f"{url}/sign-in/")
    typed = {"csrfmiddlewaretoken": token_in(page.text), "name": "alice", "password": PASSWORD, "domain": "Default"}
    answer = web.post(f"{url}/sign-in/", data=typed)
    found = re.search(r"/r/[^/]+/p/[0-9a-f]+/", answer.url)
    assert found, answer.url
    return web, url + found[0]


def token_in(text: str) -> str:
    """The form's token."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert found
    return found[1]


def created(web: requests.Session, base: str) -> dict[str, Any]:
    """A new image that waits for its data."""
    token = token_in(web.get(f"{base}images/new/").text)
    typed = {
        "csrfmiddlewaretoken": token,
        "name": unique("bench"),
        "source": "file",
        "visibility": "private",
        "disk_format": "raw",
    }
    answer = web.post(f"{base}images/new/", data=typed, headers={"Accept": "application/json"})
    assert answer.status_code == 201, answer.text[:500]
    return {**answer.json(), "token": token}


def line(name: str, size: int, pids: list[int], do: Callable[[], int]) -> None:
    """Does it, and prints what it cost."""
    began = time.monotonic()
    with Watch(pids) as watch:
        moved = do()
    seconds = time.monotonic() - began
    assert moved == size, f"{moved} of {size} bytes"
    print(
        f"{name:>18} {size / MIB:>8.0f} {seconds:>8.1f} {size / MIB / seconds:>8.0f}"
        f" {watch.growth / MIB:>11.1f} {watch.files / MIB:>10.1f}"
    )


def main(url: str, mib: int) -> None:
    """Prints a table."""
    size = mib * MIB
    web, base = signed_in(url)
    made: list[str] = []
    pids = workers(url)
    assert pids, "The web server runs on another machine."
    # Whatever project she was in last, an administrator sees its images.
    glance = Client("admin", "admin")

    def arrived(image: dict[str, Any]) -> int:
        found = glance.get("image", f"/images/{image['id']}")
        return int(found["size"] or 0)

    def send(image: dict[str, Any]) -> int:
        answer = web.put(
            url + image["stream"],
            data=Zeros(size),
            headers={"X-CSRFToken": image["token"], "Content-Type": "application/octet-stream"},
        )
        assert answer.status_code == 200, answer.text[:500]
        return arrived(image)

    def take(image: dict[str, Any]) -> int:
        with web.get(f"{base}images/{image['id']}/file/", stream=True) as answer:
            assert answer.status_code == 200, answer.text[:500]
            return sum(len(piece) for piece in answer.iter_content(MIB))

    def send_form(image: dict[str, Any]) -> int:
        head = (
            f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{image["token"]}\r\n'
            '--x\r\nContent-Disposition: form-data; name="file"; filename="disk.raw"\r\n\r\n'
        )
        answer = web.post(
            f"{base}images/{image['id']}/data/",
            data=Zeros(size, head.encode(), b"\r\n--x--\r\n"),
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        assert answer.status_code == 200, answer.text[:500]
        return arrived(image)

    print(f"{'way':>18} {'MiB':>8} {'seconds':>8} {'MiB/s':>8} {'RSS + MiB':>11} {'files MiB':>10}")
    try:
        first = created(web, base)
        made.append(first["id"])
        line("up, by script", size, pids, lambda: send(first))
        line("down", size, pids, lambda: take(first))
        second = created(web, base)
        made.append(second["id"])
        line("up, by plain form", size, pids, lambda: send_form(second))
    finally:
        for image_id in made:
            glance.delete("image", f"/images/{image_id}")


if __name__ == "__main__":
    os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
    main(sys.argv[1].rstrip("/"), int(sys.argv[2]) if len(sys.argv) > 2 else 1024)
