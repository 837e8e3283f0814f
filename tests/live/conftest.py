"""A Nova at the wire, and clouds of people who look at it."""

from __future__ import annotations

import copy
import json
import re
import time
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests_mock

from dashboard.cloud import guard, transport, versions
from dashboard.cloud.catalog import Catalog, Endpoint
from dashboard.cloud.config import Config, Keystone, config, configure
from dashboard.cloud.connection import Access, Cloud, Person, Scope
from dashboard.live import heartbeat, publish, watch

WIRE = Path(__file__).parent.parent / "wire" / "compute" / "live-server.json"
NOVA = "http://nova.test:8774/v2.1"
KEYSTONE = "http://nova.test:5000/v3"


class Nova:
    """Nova's list, detail and actions, at the wire, for as many servers as a test wants."""

    def __init__(self) -> None:
        self.model = {**json.loads(WIRE.read_text())["servers"][0], "tenant_id": "p" * 32}
        self.servers: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        """Ids that lists leave out, as those in a cell that is down."""
        self.actions: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.revoked: set[str] = set()
        self.answer: Callable[[Any, Any], Any] | None = None
        self.max_limit = 1000

    def add(self, name: str, **fields: Any) -> str:
        row_id = f"{len(self.servers) + len(self.deleted):08d}-0000-4000-8000-000000000000"
        self.servers[row_id] = {**copy.deepcopy(self.model), "id": row_id, "name": name}
        self.change(row_id, **fields)
        return row_id

    def change(self, row_id: str, **fields: Any) -> None:
        names = {"task": "OS-EXT-STS:task_state", "vm_state": "OS-EXT-STS:vm_state"}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.servers[row_id].update({"updated": now, **{names.get(key, key): value for key, value in fields.items()}})

    def delete(self, row_id: str) -> None:
        row = self.servers.pop(row_id)
        self.deleted[row_id] = {**row, "status": "DELETED", "updated": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

    def count(self, text: str = "") -> int:
        return sum(text in f"{method} {url}" for method, url, _ in self.calls)

    def __call__(self, request: Any, context: Any) -> Any:
        self.calls.append((request.method, request.url, request.headers.get("X-Auth-Token", "")))
        if self.answer is not None:
            found = self.answer(request, context)
            if found is not None:
                return found
        if request.headers.get("X-Auth-Token") in self.revoked:
            context.status_code = 401
            return json.dumps({"error": {"code": 401, "message": "Unauthorized"}})
        url = urllib.parse.urlsplit(request.url)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path.endswith("/auth/tokens"):
            return ""
        if "/os-instance-actions" in url.path:
            return self._actions(url.path)
        if url.path.rstrip("/").endswith(("/servers/detail", "/servers")):
            context.headers["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
            return self._list(query)
        row = self.servers.get(url.path.rsplit("/", 1)[1])
        if row is None:
            context.status_code = 404
            return json.dumps({"itemNotFound": {"code": 404, "message": "Instance could not be found."}})
        return json.dumps({"server": row})

    def _list(self, query: dict[str, str]) -> str:
        rows = [row for row in self.servers.values() if row["id"] not in self.hidden]
        if since := query.get("changes-since"):
            rows = [row for row in [*rows, *self.deleted.values()] if row["updated"] >= since]
        ids = [row["id"] for row in rows]
        start = ids.index(query["marker"]) + 1 if "marker" in query else 0
        limit = min(int(query.get("limit", 1000)), self.max_limit)
        body: dict[str, Any] = {"servers": rows[start : start + limit]}
        if start + limit < len(rows):
            body["servers_links"] = [{"rel": "next", "href": NOVA}]
        return json.dumps(body)

    def _actions(self, path: str) -> str:
        row_id = path.split("/servers/")[1].split("/")[0]
        action = self.actions.get(row_id)
        if path.endswith("/os-instance-actions"):
            return json.dumps({"instanceActions": [action] if action else []})
        return json.dumps({"instanceAction": {**(action or {}), "events": (action or {}).get("events", [])}})


@pytest.fixture
def nova() -> Iterator[Nova]:
    found = Nova()
    before = config()
    configure(Config(keystones=(Keystone(KEYSTONE),), read_timeout=2))
    transport.session.cache_clear()
    versions.know(NOVA, versions.Range("2.1", "2.96"))
    with requests_mock.Mocker() as mock:
        mock.register_uri(requests_mock.ANY, re.compile(r"^http://nova\.test"), text=found)
        yield found
    configure(before)
    transport.session.cache_clear()


@pytest.fixture(autouse=True)
def _forgetful(settings: Any) -> Iterator[None]:
    watch.forget_all()
    guard.forget_all()
    yield
    deadline = time.monotonic() + 5
    while publish.is_busy() and time.monotonic() < deadline:
        time.sleep(0.01)
    watch.forget_all()
    guard.forget_all()
    heartbeat._stop.set()


@pytest.fixture
def cloud_of() -> Callable[..., Cloud]:
    """Makes clouds: ``cloud_of("alice")``, ``cloud_of("bob", roles=("reader",))``."""

    def make(name: str = "alice", *, roles: tuple[str, ...] = ("member",), project: str = "p" * 32) -> Cloud:
        access = Access(
            token=f"gAAAAA-secret-token-of-{name}-{project[:4]}",
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            person=Person(f"id-of-{name}", name, "default", "Default"),
            scope=Scope("project", project, "web", "default", "Default"),
            roles=roles,
            catalog=Catalog((Endpoint("compute", "nova", "RegionOne", "public", NOVA),)),
            keystone=KEYSTONE,
        )
        return Cloud(access, "RegionOne")

    return make


@pytest.fixture
def wait() -> Callable[[Callable[[], Any]], Any]:
    """Waits up to five seconds for something to be true, and gives it."""

    def until(ask: Callable[[], Any], seconds: float = 5.0) -> Any:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            found = ask()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError("It did not happen in time.")

    return until
