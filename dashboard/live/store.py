"""Where snapshots are kept: the one store, under the name that the live parts use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from dashboard import store
from dashboard.store import Away


def client() -> Any:
    """This process's client. It gives bytes, which redis-py's types can't tell."""
    return store.client()


@contextlib.contextmanager
def guarded() -> Iterator[Any]:
    """The client; whatever it raises comes out as Away."""
    with store.guarded() as found:
        yield found


__all__ = ["Away", "client", "guarded"]
