"""Data on their way between a browser and a service: taken piece by piece, a few transfers at a time."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from dashboard.auth.http import Request, held_of
from dashboard.cloud.streams import CHUNK, Broken
from dashboard.store import Away

AT_ONCE = 4
"""Transfers that one process has under way: each holds a thread, and pages need some, too."""
SILENCE = 120.0
"""Seconds that a browser may send nothing."""
DRAIN_SECONDS = 2.0
"""How long data are still taken after a refusal: a browser that may not finish sending does not read the answer."""
ALIVE_SECONDS = 2.0

slots = threading.BoundedSemaphore(AT_ONCE)


def pieces_of(request: Request, size: int) -> Iterator[bytes]:
    """The body of a request. Raises Broken if it ends before its time."""
    connection = request.environ.get("gunicorn.socket") if hasattr(request, "environ") else None
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.settimeout(SILENCE)
    left = size
    while left > 0:
        try:
            piece = request.read(min(CHUNK, left))
        except OSError as error:
            raise Broken from error
        if not piece:
            raise Broken
        left -= len(piece)
        yield piece


def drain(pieces: Iterator[bytes]) -> None:
    """Takes what still comes, for a moment, so that the answer is read."""
    ends = time.monotonic() + DRAIN_SECONDS
    with contextlib.suppress(Broken):
        for _piece in pieces:
            if time.monotonic() > ends:
                return


def kept_alive(request: Request, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces; while they come somebody is there, so the session does not end for idleness."""
    held, looked = held_of(request), time.monotonic()
    for piece in pieces:
        yield piece
        if time.monotonic() - looked > ALIVE_SECONDS:
            looked = time.monotonic()
            if held.is_renewal_due:
                with contextlib.suppress(Away):
                    held.renew()


class Turn:
    """Data on their way out, which hold one of the process's turns until they end, or whoever asked goes away."""

    def __init__(self, chunks: Any) -> None:
        self._chunks = chunks
        self._is_held = True

    def __iter__(self) -> Turn:
        return self

    def __next__(self) -> bytes:
        piece: bytes = next(self._chunks)
        return piece

    def close(self) -> None:
        """Gives the turn back, once."""
        try:
            self._chunks.close()
        finally:
            if self._is_held:
                self._is_held = False
                slots.release()


def attachment(name: str) -> str:
    """The Content-Disposition of a file to be kept, whatever it is called."""
    plain_name = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    return f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
