"""The whole dashboard for journeys: ``stack`` is its address, with web server, worker and Valkey on the demo cloud."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.harness.cloud import AUTH_URL, ROOT, wait_until

ARTIFACTS = Path(os.environ.get("TEST_ARTIFACTS", ROOT / "tests" / "artifacts"))


class Shared:
    """A running dashboard that the processes of one test session share: the first starts it, the last stops it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "stack.json"
        self.log = folder / "stack.log"

    def _locked(self) -> IO[str]:
        lock = (self.folder / "stack.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    def join(self) -> str:
        with self._locked():
            state = json.loads(self.state.read_text()) if self.state.exists() else {"users": 0}
            if not state["users"]:
                state |= self._start()
            state["users"] += 1
            self.state.write_text(json.dumps(state))
            return str(state["url"])

    def leave(self) -> None:
        with self._locked():
            state = json.loads(self.state.read_text())
            state["users"] -= 1
            self.state.write_text(json.dumps(state))
            if not state["users"]:
                os.kill(state["pid"], signal.SIGTERM)
                wait_until(lambda: has_ended(state["pid"]), what="the end of the dashboard")

    def _start(self) -> dict[str, Any]:
        sys.path.insert(0, str(ROOT / "scripts"))
        from supervise import free_port, healthy

        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("OS_")},
            "ALLOW_INSECURE": "1",
            "BELVEDERE_BIND": "127.0.0.1",
            "BELVEDERE_DATA": str(self.folder / "valkey"),
            "BELVEDERE_PORT": str(free_port()),
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "OS_AUTH_URL": AUTH_URL,
            "OS_REGION_NAME": "RegionOne",
            "SECRET_KEY": "for-journeys-alone-" * 5,
            "STATIC_ROOT": str(self.folder / "static"),
            # An identity provider that a journey plays; nobody else answers there.
            "WEBSSO": "Example Inc=example/openid",
            "WEBSSO_KEYSTONE_URL": f"http://127.0.0.1:{(provider := free_port())}/v3",
        }
        environment.pop("REDIS_URL", None)
        # htmx's extensions are of no use here, and some import modules that their package does not have.
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0", "--ignore", "hx-*"]
        subprocess.run(collect, cwd=ROOT, env=environment, check=True)
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "scripts" / "supervise.py")],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        url = f"http://127.0.0.1:{environment['BELVEDERE_PORT']}/"

        def is_up() -> bool:
            if process.poll() is not None:
                keep(self.log)
                pytest.fail(f"The dashboard did not start:\n{self.log.read_text()[-4000:]}", pytrace=False)
            return healthy(url)

        wait_until(is_up, seconds=90, what="the start of the dashboard")
        # Not waited for by name later: another process of the session may be the last, and it only knows the number.
        process.returncode = 0
        return {"pid": process.pid, "url": url.rstrip("/"), "provider": provider}


def has_ended(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # when it is our own child, take its exit code so that it can go
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def keep(path: Path) -> None:
    """Put a copy where people and CI look for it."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, ARTIFACTS / path.name)


@pytest.fixture(scope="session")
def shared_stack(cloud_ready: None, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Shared:
    base = tmp_path_factory.getbasetemp()
    return Shared(base if worker_id == "master" else base.parent)


@pytest.fixture(scope="session")
def stack(shared_stack: Shared, request: pytest.FixtureRequest) -> Iterator[str]:
    """The dashboard's address, as http://127.0.0.1:PORT; its log goes to tests/artifacts when a test failed."""
    url = shared_stack.join()
    yield url
    shared_stack.leave()
    if request.session.testsfailed:
        keep(shared_stack.log)


@pytest.fixture(scope="session")
def provider_port(shared_stack: Shared, stack: str) -> int:
    """Where the dashboard sends those who sign in by an identity provider."""
    return int(json.loads(shared_stack.state.read_text())["provider"])


@pytest.fixture(scope="session")
def stack_log(shared_stack: Shared, stack: str) -> Path:
    """What web server, worker and Valkey said; for tests that no secret is in it."""
    return shared_stack.log
