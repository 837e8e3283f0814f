"""The demo cloud's API for tests: ``api`` makes resources and removes them, ``requests_log`` counts what was asked."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import logging
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from keystoneauth1 import exceptions, session
from keystoneauth1.identity import v3

ROOT = Path(__file__).resolve().parents[2]
AUTH_URL = "http://127.0.0.1:5000/v3"
PASSWORD = "secret"
COMPUTE_VERSION = "2.96"
log = logging.getLogger(__name__)


def wait_until(is_done: Any, *, seconds: float = 60, what: str = "it") -> Any:
    """Ask until the answer is true, and give that answer; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not (answer := is_done()):
        if time.monotonic() > end:
            pytest.fail(f"{what} did not happen within {seconds} seconds")
        time.sleep(0.2)
    return answer


class Client:
    """REST as one person in one project: ``client.get("compute", "/servers")`` gives the JSON."""

    def __init__(self, user: str, project: str, domain: str = "Default") -> None:
        auth = v3.Password(
            AUTH_URL,
            username=user,
            password=PASSWORD,
            user_domain_name=domain,
            project_name=project,
            project_domain_name=domain,
        )
        self.session = session.Session(auth=auth, timeout=60)
        self.made: list[tuple[str, str]] = []

    @property
    def project_id(self) -> str:
        return str(self.session.get_project_id())

    def request(self, method: str, service: str, path: str, **options: Any) -> Any:
        # The catalog of this cloud gives Neutron's and Glance's addresses without a version.
        prefix = {"network": "/v2.0", "image": "/v2"}.get(service, "")
        reply = self.session.request(
            prefix + path,
            method,
            endpoint_filter={"service_type": service, "interface": "public"},
            microversion=COMPUTE_VERSION if service == "compute" else None,
            **options,
        )
        return reply.json() if reply.content else None

    def get(self, service: str, path: str) -> Any:
        return self.request("GET", service, path)

    def post(self, service: str, path: str, body: Any) -> Any:
        return self.request("POST", service, path, json=body)

    def put(self, service: str, path: str, body: Any) -> Any:
        return self.request("PUT", service, path, json=body)

    def delete(self, service: str, path: str) -> None:
        """Gone already is as good."""
        with contextlib.suppress(exceptions.NotFound):
            self.request("DELETE", service, path)

    def create(self, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST it; it is deleted when the test ends. Body and answer are in one wrapper, as ``{"volume": {...}}``."""
        answer = self.post(service, path, body)
        made: dict[str, Any] = answer.get(next(iter(body)), answer)
        self.made.append((service, f"{path}/{made.get('id', made.get('name'))}"))
        return made

    def server(self, name: str = "", *, wait: bool = True, **fields: Any) -> dict[str, Any]:
        """A small server on the network "shared", ACTIVE unless told not to wait (or ERROR when it is doomed)."""
        flavor = next(f for f in self.get("compute", "/flavors")["flavors"] if f["name"] == "m1.tiny")
        image = self.get("image", "/images?name=cirros-0.6")["images"][0]
        network = self.get("network", "/networks?name=shared")["networks"][0]
        body = {
            "name": name or unique("server"),
            "flavorRef": flavor["id"],
            "imageRef": image["id"],
            "networks": [{"uuid": network["id"]}],
            **fields,
        }
        made = self.create("compute", "/servers", {"server": body})
        path = f"/servers/{made['id']}"
        if not wait:
            return dict(self.get("compute", path)["server"])

        def settled() -> dict[str, Any] | None:
            server = self.get("compute", path)["server"]
            return server if server["status"] in {"ACTIVE", "ERROR"} else None

        return dict(wait_until(settled, seconds=120, what=f"the boot of {body['name']}"))

    def clean(self) -> None:
        """Delete what was made, last first; each is gone before the next goes (a port's server, a network's port)."""
        while self.made:
            service, path = self.made.pop()
            is_asked = False

            def is_gone(service: str = service, path: str = path) -> bool:
                nonlocal is_asked
                try:
                    if not is_asked:
                        self.delete(service, path)
                        is_asked = True
                    self.get(service, path)
                except exceptions.NotFound:
                    return True
                except exceptions.HttpError as error:
                    # What is busy refuses it, and Nova and Neutron may fail over it: they are asked once more.
                    log.warning("%s is still there: %s", path, error)
                return False

            wait_until(is_gone, what=f"the deletion of {path}")


class Api:
    """``api.member`` (alice in web), ``api.reader`` (bob in web), ``api.admin``; or ``api.at("carol", "data")``."""

    def __init__(self) -> None:
        self.clients: dict[tuple[str, str, str], Client] = {}

    def at(self, user: str, project: str, domain: str = "Default") -> Client:
        key = (user, project, domain)
        if key not in self.clients:
            self.clients[key] = Client(*key)
        return self.clients[key]

    @property
    def member(self) -> Client:
        return self.at("alice", "web")

    @property
    def reader(self) -> Client:
        return self.at("bob", "web")

    @property
    def admin(self) -> Client:
        return self.at("admin", "admin")


def unique(name: str) -> str:
    """A name that no other test uses, so that tests may share the cloud."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def cloud_ready() -> None:
    """The demo cloud, brought up when it is not."""
    subprocess.run([ROOT / "devcloud" / "cloud", "up", "heat", "swift"], check=True)


@pytest.fixture(scope="session")
def all_clients(cloud_ready: None) -> Api:
    return Api()


@pytest.fixture
def api(all_clients: Api) -> Iterator[Api]:
    """The cloud's API; what a test makes through it is deleted when the test ends."""
    yield all_clients
    for client in all_clients.clients.values():
        client.clean()


@dataclasses.dataclass
class Asked:
    """What the services answered between two moments. Whole once the ``with`` block is left."""

    lines: list[str] = dataclasses.field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def by_service(self) -> collections.Counter[str]:
        return collections.Counter(line.split(" ", 1)[0] for line in self.lines)


@pytest.fixture
def requests_log(cloud_ready: None) -> Any:
    """``with requests_log() as asked: ...``; then ``len(asked)``, ``asked.by_service["nova"]``, ``asked.lines``.

    A line is "service method path status milliseconds". It counts everybody who uses the cloud, so a test that
    compares exact numbers should have the cloud to itself.
    """
    path = Path(os.environ.get("CLOUD_DIR", "/var/tmp/openstack-cloud")) / "log" / "requests.log"

    @contextlib.contextmanager
    def between() -> Iterator[Asked]:
        asked = Asked()
        start = path.stat().st_size
        yield asked
        # A line is written after its answer; the log is whole once a marked request of our own is in it.
        mark = uuid.uuid4().hex
        session.Session().get(f"{AUTH_URL}?{mark}", raise_exc=False)

        def read() -> list[str]:
            with path.open(errors="replace") as log:
                log.seek(start)
                return log.read().splitlines()

        wait_until(lambda: any(mark in line for line in read()), what="our own line in requests.log")
        asked.lines = [line for line in read() if mark not in line]

    return between
