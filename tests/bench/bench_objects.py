"""What objects' data cost the web processes on their way through: memory, temporary files, and time.

    python -m tests.bench.bench_objects URL [MIB]

URL is a running dashboard (./run, on this machine) on the cloud of devcloud/. A file of MIB (1,024 if not said) is
sent in segments as the page's script does, taken home whole and as an archive; what was made is deleted in the end.
The figures are those of ``bench_upload``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from keystoneauth1 import session
from keystoneauth1.identity import v3

from tests.bench.bench_upload import MIB, Watch, Zeros, signed_in, token_in, workers
from tests.harness.cloud import AUTH_URL, PASSWORD, Client, unique

NAME = "folder/größe 1%.bin"
TIME = 1_700_000_000_000


@contextmanager
def way_to_a_container(url: str) -> Iterator[Way]:
    """A container of alice's, in whatever project she was last; gone with its segments afterwards."""
    web, base = signed_in(url)
    alice, name = Client("alice", "web"), unique("bytes")
    project = base.rstrip("/").rpartition("/")[2]
    auth = v3.Password(AUTH_URL, username="alice", password=PASSWORD, user_domain_name="Default", project_id=project)
    alice.session = session.Session(auth=auth, timeout=60)
    alice.request("PUT", "object-store", f"/{name}")
    try:
        yield Way(web, f"{base}containers/{name}/")
    finally:
        remove(alice, name)


def remove(alice: Client, name: str) -> None:
    """Deletes a container, its segments', and all that is in them."""
    for place in (name, f"{name}_segments"):
        found = alice.session.get(
            f"/{place}?format=json", endpoint_filter={"service_type": "object-store"}, raise_exc=False
        )
        if found.status_code == 404:
            continue
        # One by one: a deletion of many takes spaces at the end of a name for none.
        for row in found.json():
            alice.delete("object-store", f"/{place}/{requests.utils.quote(row['name'], safe='')}")
        alice.delete("object-store", f"/{place}")


class Way:
    """A browser without pictures that sends and takes home as the page's script does."""

    def __init__(self, web: requests.Session, base: str) -> None:
        self.web, self.base = web, base
        self.headers = {"X-CSRFToken": token_in(self.web.get(f"{self.base}upload/").text)}

    def up(self, size: int) -> int:
        """In segments; gives the bytes that were sent."""
        asked = {"name": NAME, "size": str(size), "time": str(TIME)}
        answer = self.web.post(f"{self.base}upload/begin/", data=asked, headers=self.headers)
        assert answer.status_code == 200, answer.text[:500]
        plan = answer.json()
        sent = 0
        for number in range(plan["count"]):
            length = min(plan["segment"], size - number * plan["segment"])
            answer = self.web.put(
                f"{self.base}upload/segment/",
                params={**asked, "number": str(number)},
                data=Zeros(length),
                headers={**self.headers, "Content-Type": "application/octet-stream"},
            )
            assert answer.status_code == 201, answer.text[:500]
            sent += length
        answer = self.web.post(f"{self.base}upload/finish/", data=asked, headers=self.headers)
        assert answer.status_code == 201, answer.text[:500]
        return sent

    def whole(self, size: int) -> int:
        """As the body of one request."""
        answer = self.web.put(
            f"{self.base}upload/object/", params={"name": "whole"}, data=Zeros(size), headers=self.headers
        )
        assert answer.status_code == 201, answer.text[:500]
        return size

    def down(self) -> int:
        """As it is."""
        with self.web.get(f"{self.base}download/", params={"name": NAME}, stream=True) as answer:
            assert answer.status_code == 200, answer.text[:500]
            return sum(len(piece) for piece in answer.iter_content(MIB))

    def archive(self) -> int:
        """As an archive."""
        with self.web.get(f"{self.base}archive/", params={"prefix": "folder/"}, stream=True) as answer:
            assert answer.status_code == 200, answer.text[:500]
            return sum(len(piece) for piece in answer.iter_content(MIB))


def measured(url: str, do: Callable[[], int]) -> tuple[int, float, Watch]:
    """Bytes, seconds, and what it cost the web processes."""
    pids = workers(url)
    assert pids, "The web server runs on another machine."
    began = time.monotonic()
    with Watch(pids) as watch:
        moved = do()
    return moved, time.monotonic() - began, watch


def main(url: str, mib: int) -> None:
    """Prints a table."""
    print(f"{'way':>18} {'MiB':>8} {'seconds':>8} {'MiB/s':>8} {'RSS + MiB':>11} {'files MiB':>10}")
    with way_to_a_container(url) as way:
        ways: list[tuple[str, Callable[[], int]]] = [
            ("up, in segments", lambda: way.up(mib * MIB)),
            ("up, whole", lambda: way.whole(mib * MIB)),
            ("down", way.down),
            ("down, as archive", way.archive),
        ]
        for title, do in ways:
            moved, seconds, watch = measured(url, do)
            print(
                f"{title:>18} {moved / MIB:>8.0f} {seconds:>8.1f} {moved / MIB / seconds:>8.0f}"
                f" {watch.growth / MIB:>11.1f} {watch.files / MIB:>10.1f}"
            )


if __name__ == "__main__":
    os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
    main(sys.argv[1].rstrip("/"), int(sys.argv[2]) if len(sys.argv) > 2 else 1024)
