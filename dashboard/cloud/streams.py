"""Data that are passed on piece by piece, so that none of them are ever here as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

import requests
import urllib3.exceptions

from dashboard.cloud.errors import TimedOut

CHUNK = 256 * 1024


class Broken(Exception):
    """The data ended before all of them were here: whoever sent them went away."""


@dataclass
class Body:
    """The body of a request upstream, counted, and summed as the service sums it."""

    pieces: Iterable[bytes]
    received: int = 0
    md5: str = ""
    """Once all went through."""
    _sum: hashlib._Hash = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self._sum.update(piece)
            self.received += len(piece)
            yield piece
        self.md5 = self._sum.hexdigest()


@dataclass
class SizedBody(Body):
    """One whose length is known, and is said beforehand: a service then knows when it did not get all."""

    size: int = 0

    def __len__(self) -> int:
        return self.size

    def __bool__(self) -> bool:
        return True


def pieces_of(response: requests.Response, service: str, size: int = CHUNK) -> Generator[bytes]:
    """The body of an answer as it comes. Closed in the middle, it ends the service's sending, too. Raises TimedOut."""
    try:
        while piece := response.raw.read(size):
            yield piece
    except urllib3.exceptions.HTTPError as error:
        raise TimedOut(f"The data broke off: {type(error).__name__}.", service=service) from error
    finally:
        response.close()
