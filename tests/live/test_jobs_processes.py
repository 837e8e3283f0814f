"""A job with real workers, one of which is killed in the middle: nothing is sent twice, and all else is done."""

from __future__ import annotations

import collections
import http.server
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.test_processes import MODEL, World

pytestmark = pytest.mark.enable_socket

COUNT = 60
START = """
import json, os, sys, time
import django
django.setup()
from datetime import UTC, datetime, timedelta
from dashboard.cloud.catalog import Catalog, Endpoint
from dashboard.cloud.connection import Access, Cloud, Person, Scope
from dashboard.live import job_store, jobs
url, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
access = Access(token="t", expires_at=datetime.now(UTC) + timedelta(hours=1), person=Person("a", "a", "d", "D"),
    scope=Scope("project", "p", "p"), roles=("member",),
    catalog=Catalog((Endpoint("compute", "nova", "R", "public", url),)), keystone=os.environ["OS_AUTH_URL"])
cloud = Cloud(access, "R")
items = [jobs.JobItem(f"{n:08d}-0000-4000-8000-000000000000", f"web-{n}") for n in range(count)]
job = jobs.start(cloud, "a", "s1", jobs.Order(panel="servers", verb="stop", url="/"), items)
ends = time.time() + seconds
while time.time() < ends:
    (job,) = jobs.recent(cloud, "a")
    print(json.dumps([job.state, job.succeeded, job.failed, job.unknown]), flush=True)
    if not job.is_running:
        break
    time.sleep(0.3)
"""


class Cloud(World):
    """A Nova that takes its time to stop a server, and counts how often it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: collections.Counter[str] = collections.Counter()
        world = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status: int, body: bytes) -> None:
                head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body)

            def do_GET(self) -> None:
                row_id = self.path.rstrip("/").rpartition("/")[2]
                if len(row_id) < 36:
                    version = {"id": "v2.1", "version": "2.96", "min_version": "2.1"}
                    return self.answer(200, json.dumps({"version": version}).encode())
                row = {**MODEL, "id": row_id, "status": "ACTIVE", "OS-EXT-STS:task_state": None, "locked": False}
                return self.answer(200, json.dumps({"server": row}).encode())

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                world.posts[self.path] += 1
                time.sleep(0.3)
                self.answer(202, b"")

            def log_message(self, *args: Any) -> None:
                return

        self.nova.shutdown()
        self.nova.server_close()
        self.nova = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.nova.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.nova.server_port}/v2.1"


@pytest.fixture
def world() -> Iterator[Cloud]:
    found = Cloud()
    yield found
    found.end()


def test_a_job_survives_its_worker_s_death_and_does_nothing_twice(world: Cloud) -> None:
    first = world.worker()
    page = world.start("-c", START, world.url, str(COUNT), "60")
    ends = time.monotonic() + 30
    while sum(world.posts.values()) < 8 and time.monotonic() < ends:
        time.sleep(0.05)
    assert 8 <= sum(world.posts.values()) < COUNT, page.communicate()[0]
    os.killpg(first.pid, signal.SIGKILL)
    world.worker()
    lines = [json.loads(line) for line in page.communicate()[0].splitlines() if line.startswith("[")]
    state, done, failed, unknown = lines[-1]
    assert state == "failed", lines[-3:]
    assert failed == 0
    # What was under way when the worker was killed, four at most, is said to be unknown.
    assert 1 <= unknown <= 4
    assert done == COUNT - unknown
    assert max(world.posts.values()) == 1
    assert len(world.posts) >= done
