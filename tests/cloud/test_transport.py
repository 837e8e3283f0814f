"""Answers that hang, break off or make no sense at the socket: each is an error of ours, and none holds a thread."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from dashboard.cloud import guard, transport
from dashboard.cloud.config import config, configure
from dashboard.cloud.errors import BadAnswer, CloudError, TimedOut, Unreachable, translated

pytestmark = pytest.mark.enable_socket
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WHOLE = OK + b"Content-Length: 2\r\n\r\n{}"
Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    before = config()
    configure(dataclasses.replace(before, read_timeout=0.5, change_timeout=0.5, connect_timeout=0.2))
    guard.forget_all()
    yield
    configure(before)
    guard.forget_all()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a service whose every connection is given to a function; gives its address."""
    listening: list[socket.socket] = []

    def start(handle: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listening.append(listener)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v2.1"

    yield start
    for listener in listening:
        listener.close()


def ask(url: str, method: str = "GET") -> str:
    with translated("compute"):
        return transport.session().request(url, method).text


def saying(*parts: bytes, then: float = 0.0) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            for part in parts:
                connection.sendall(part)
            time.sleep(then)

    return handle


@pytest.mark.parametrize(
    ("parts", "then", "kind"),
    [
        pytest.param([OK, b"Content-Length: 9\r\n\r\n{"], 2.0, TimedOut, id="stalls in the body"),
        pytest.param([OK, b"Content-Length: 9\r\n\r\n{"], 0.0, TimedOut, id="breaks off in the body"),
        pytest.param([OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], 0.0, TimedOut, id="has odd chunks"),
        pytest.param([OK, b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"], 0.0, BadAnswer, id="is no gzip"),
    ],
)
def test_a_body_that_does_not_come_whole_is_an_error_of_ours(
    parts: list[bytes], then: float, kind: type[CloudError], serve: Serve
) -> None:
    with pytest.raises(kind) as caught:
        ask(serve(saying(*parts, then=then)))
    assert caught.value.is_unknown_outcome


def test_a_body_that_drips_ends_at_the_deadline(serve: Serve) -> None:
    def drip(connection: socket.socket) -> None:
        # Who asked hangs up before the end.
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(OK + b"Content-Length: 900\r\n\r\n")
            for _ in range(40):
                connection.sendall(b" ")
                time.sleep(0.1)

    began = time.monotonic()
    with pytest.raises(TimedOut):
        ask(serve(drip))
    assert time.monotonic() - began < 1.5


def closing_kept_connections(asked: list[bytes]) -> Callable[[socket.socket], None]:
    """A service that answers a connection's first request, and closes it when the second comes."""

    def handle(connection: socket.socket) -> None:
        with connection:
            asked.append(connection.recv(65536)[:4])
            connection.sendall(WHOLE)
            if again := connection.recv(65536):
                asked.append(again[:4])

    return handle


def test_a_kept_connection_that_the_service_closes_costs_no_read(serve: Serve) -> None:
    asked: list[bytes] = []
    url = serve(closing_kept_connections(asked))
    assert [ask(url), ask(url)] == ["{}", "{}"]
    assert asked == [b"GET "] * 3


def test_a_change_is_never_sent_again(serve: Serve) -> None:
    asked: list[bytes] = []
    url = serve(closing_kept_connections(asked))
    ask(url)
    with pytest.raises(TimedOut):
        ask(url, "POST")
    assert asked == [b"GET ", b"POST"]


def test_a_host_that_takes_no_connection_is_given_up_on_early() -> None:
    configure(dataclasses.replace(config(), change_timeout=5.0))
    # With its queue full, a listener takes no further connection, as a host behind a firewall does.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v2.1"
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        began = time.monotonic()
        with pytest.raises(Unreachable):
            ask(url, "POST")
        assert time.monotonic() - began < 2.5
        for one in waiting:
            one.close()


def test_the_breaker_stays_open_until_an_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    service = guard.Guard(8)
    for _ in range(guard.FAILURES):
        service.failed()
    for _ in range(20):
        # Each try begins when it may, and fails after the eight seconds that a hanging service takes.
        now[0] += guard.PROBE
        with service.turn(0):
            now[0] += 8
            service.failed()
        with pytest.raises(Unreachable), service.turn(0):
            pass
    now[0] += guard.PROBE
    with service.turn(0):
        service.succeeded()
    with service.turn(0):
        pass


def test_an_answer_that_is_too_large_does_not_shut_the_service_for_others(serve: Serve) -> None:
    configure(dataclasses.replace(config(), max_answer=10))
    url = serve(saying(OK, b"Content-Length: 20\r\n\r\n" + b" " * 20))
    for _ in range(guard.FAILURES + 1):
        with pytest.raises(BadAnswer):
            ask(url)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("http://cloud.test:8774/v2.1/servers", "http://cloud.test:8774/v2.1", True),
        ("http://cloud.test:9292", "http://cloud.test:9292/v2/images", True),
        ("http://cloud.test:8774/v2.1", "http://cloud.test:9292/v2", False),
        ("https://cloud.test/compute/v2.1/servers", "https://cloud.test/compute/v2.1", True),
        ("https://cloud.test/compute/v2.1", "https://cloud.test/identity/v3", False),
    ],
)
def test_services_on_one_host_fail_apart(one: str, other: str, is_same: bool) -> None:
    assert (guard.guard_of(one, 8) is guard.guard_of(other, 8)) is is_same
