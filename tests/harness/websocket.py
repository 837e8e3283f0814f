"""A host of serial consoles for one connection: says something, and repeats what is typed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import threading
from collections.abc import Iterator

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, 1.3."""


def _frame(payload: bytes) -> bytes:
    """A binary message of a server, of less than 126 bytes."""
    return bytes([0x82, len(payload)]) + payload


def _serve(listening: socket.socket, greeting: bytes, seen: list[str]) -> None:
    with contextlib.suppress(OSError), listening.accept()[0] as peer:
        head = b""
        while b"\r\n\r\n" not in head:
            head += peer.recv(4096)
        seen.append(head.decode().splitlines()[0])
        key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
        proof = base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + MAGIC).digest())
        peer.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Accept: " + proof + b"\r\n\r\n" + _frame(greeting)
        )
        while data := peer.recv(4096):
            length, mask = data[1] & 0x7F, data[2:6]
            if data[0] & 0x0F == 8:
                return
            typed = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data[6 : 6 + length]))
            peer.sendall(_frame(b"<" + typed + b">"))


@contextlib.contextmanager
def console_host(port: int, greeting: bytes) -> Iterator[list[str]]:
    """Listens on 127.0.0.1; the list has the first line of the request that came."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", port)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, greeting, seen), daemon=True)
        thread.start()
        yield seen
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)
