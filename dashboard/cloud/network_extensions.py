"""What a cloud's Neutron can do beyond the core: what it does not offer is not shown.

The aliases are read from ``GET /v2.0/extensions``, once per process and endpoint, and believed for ten minutes;
after that one thread asks again while pages go on with what is known. What is not known yet counts as offered.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud, within
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import later

log = logging.getLogger(__name__)

BELIEVED = 600.0
"""Seconds that an answer holds."""
RETRY = 30.0
"""Seconds until a Neutron that could not be asked is asked again."""
PATIENCE = 3.0
"""Seconds that a form waits for the list."""


@dataclass
class _Known:
    """What one endpoint said."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    aliases: frozenset[str] | None = None
    until: float = 0.0

    @property
    def is_due(self) -> bool:
        """Whether nothing is known, and it is time to ask."""
        return self.aliases is None and time.monotonic() >= self.until


_known: dict[str, _Known] = {}
_known_lock = threading.Lock()


def has(cloud: Cloud, *aliases: str) -> bool:
    """Whether Neutron has all of these extensions. Never waits and never raises: for menus, which every page has."""
    known = _entry(cloud)
    if known is None:
        return True
    if time.monotonic() >= known.until and known.lock.acquire(blocking=False):
        later(functools.partial(_renew, cloud, known))
    return known.aliases is None or known.aliases.issuperset(aliases)


def offered(cloud: Cloud, *aliases: str) -> bool:
    """As ``has``, but for forms: the first to ask waits for the answer."""
    known = _entry(cloud)
    if known is not None and known.aliases is None:
        # One asks, the others wait for what it brings.
        with known.lock:
            if known.is_due:
                _ask(cloud, known)
    return has(cloud, *aliases)


def know(url: str, aliases: Iterable[str]) -> None:
    """Takes an endpoint's extensions as known, e.g. of a recorded cloud."""
    with _known_lock:
        known = _known.setdefault(url.rstrip("/"), _Known())
    known.aliases, known.until = frozenset(aliases), time.monotonic() + BELIEVED


def forget_all() -> None:
    """Forgets what endpoints said; for tests."""
    with _known_lock:
        _known.clear()


def _entry(cloud: Cloud) -> _Known | None:
    try:
        url = cloud.url("network").rstrip("/")
    except CloudError:
        return None
    with _known_lock:
        return _known.setdefault(url, _Known())


def _renew(cloud: Cloud, known: _Known) -> None:
    try:
        _ask(cloud, known)
    finally:
        known.lock.release()


def _ask(cloud: Cloud, known: _Known) -> None:
    """Asks with one GET, and keeps what was known if there is no answer."""
    try:
        with within(PATIENCE):
            answer = cloud.get("network", "/v2.0/extensions", fields="alias")
    except Unauthorized:
        # That is this token's matter, and says nothing of Neutron to others.
        return
    except CloudError as error:
        log.warning("the extensions of Neutron can't be had: %s %s", type(error).__name__, error.message)
        known.until = time.monotonic() + RETRY
        return
    aliases = frozenset(wire.text(item.get("alias")) for item in wire.objects(answer.get("extensions")))
    if aliases:
        known.aliases = aliases
    known.until = time.monotonic() + (BELIEVED if aliases else RETRY)
