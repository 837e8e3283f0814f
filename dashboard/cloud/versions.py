"""How new a cloud is: the microversions that its services speak, so that what is too new for it is not asked of it.

A service's versions are read from its own version document, once per process and endpoint, and believed for an
hour; after that a page goes on with what is known while one thread asks again. So a warm page never waits for it.
Follows https://docs.openstack.org/api-guide/compute/microversions.html#version-discovery
"""

from __future__ import annotations

import functools
import logging
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboard.cloud import transport, wire
from dashboard.cloud.config import config
from dashboard.cloud.errors import CloudError, Unauthorized, translated
from dashboard.cloud.parallel import later

if TYPE_CHECKING:
    from dashboard.cloud.connection import Cloud

log = logging.getLogger(__name__)

NOVA_MICROVERSION = "2.96"
"""The newest that python-novaclient 18.13 speaks; older clouds are asked at what they speak themselves."""

PINNED = {"compute": NOVA_MICROVERSION}
"""What a service is believed to speak while it can't be asked; of any other, that it speaks everything."""

BELIEVED = 3600.0
"""Seconds that an answer holds."""
RETRY = 60.0
"""Seconds until a service that could not be asked is asked again."""
PATIENCE = 3.0
"""Seconds that a page waits for a version document."""


@dataclass(frozen=True)
class Range:
    """The oldest and the newest microversion of a service, e.g. "2.1" and "2.96"."""

    minimum: str
    maximum: str

    def has(self, version: str) -> bool:
        """Whether it speaks this one. Only the upper end counts: no cloud here has dropped an old one yet."""
        return _order(version) <= _order(self.maximum)


EVERYTHING = Range("1.0", "999.999")


@dataclass
class _Known:
    """What one endpoint said."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    range: Range | None = None
    until: float = 0.0

    @property
    def found(self) -> Range | None:
        """The range as it is by now: another thread may have brought it."""
        return self.range

    @property
    def is_due(self) -> bool:
        """Whether nothing is known, and it is time to ask."""
        return self.range is None and time.monotonic() >= self.until


_known: dict[str, _Known] = {}
_known_lock = threading.Lock()


def compute_range(cloud: Cloud) -> Range:
    """Nova's microversions. Never raises: a Nova that can't be asked is taken for one that speaks ours."""
    return range_of(cloud, "compute")


def range_of(cloud: Cloud, service: str) -> Range:
    """The microversions of a service type. Never raises; see ``PINNED`` for one that can't be asked."""
    pinned = PINNED.get(service)
    assumed = Range("2.1", pinned) if pinned else EVERYTHING
    try:
        root = _root(cloud.url(service))
    except CloudError:
        return assumed
    known = _entry(root)
    if known.range is not None:
        if time.monotonic() >= known.until and known.lock.acquire(blocking=False):
            later(functools.partial(_renew, cloud, service, root, known))
        return known.range
    # One asks, the others wait for what it brings.
    with known.lock:
        if known.is_due:
            _ask(cloud, service, root, known)
        return known.found or assumed


def speaks(cloud: Cloud, service: str, version: str) -> bool:
    """Whether a service of this cloud has what came with this microversion; True for "". Never raises."""
    return not version or range_of(cloud, service).has(version)


def fitting(cloud: Cloud, service: str, version: str) -> str:
    """The microversion to ask with: this one, or the newest that the cloud has if that is older."""
    found = range_of(cloud, service)
    return version if found.has(version) else found.maximum


def know(url: str, range: Range) -> None:
    """Takes an endpoint's range as known, e.g. of a recorded cloud."""
    known = _entry(_root(url))
    known.range, known.until = range, time.monotonic() + BELIEVED


def forget_all() -> None:
    """Forgets what services said; for tests."""
    with _known_lock:
        _known.clear()


def _entry(root: str) -> _Known:
    with _known_lock:
        return _known.setdefault(root, _Known())


def _root(url: str) -> str:
    """Where an endpoint's version document is: some catalogs have a project's id behind the version."""
    found = re.match(r"(.*?/v\d+(?:\.\d+)?)(?:/|$)", url)
    return (found[1] if found else url.rstrip("/")) + "/"


def _renew(cloud: Cloud, service: str, root: str, known: _Known) -> None:
    try:
        _ask(cloud, service, root, known)
    finally:
        known.lock.release()


def _ask(cloud: Cloud, service: str, root: str, known: _Known) -> None:
    """Asks with one GET, and keeps what was known if there is no answer."""
    try:
        with translated(service):
            answer = transport.session().request(
                root,
                "GET",
                auth=transport.HeldToken(cloud.access.token),
                headers={"Accept": "application/json"},
                timeout=min(PATIENCE, config().read_timeout),
                authenticated=True,
            )
            found = _range_in(answer.json())
    except Unauthorized:
        # That is this token's matter, and says nothing of the service to others.
        return
    except CloudError as error:
        log.warning("the versions of %s can't be had: %s %s", service, type(error).__name__, error.message)
        known.until = time.monotonic() + RETRY
        return
    known.range, known.until = found, time.monotonic() + BELIEVED


def _range_in(body: Any) -> Range:
    """The range in a version document. Raises ValueError where there is none.

    Nova gives ``{"version": {...}}`` at /v2.1/ and ``{"versions": [...]}`` at /; Cinder and Placement a list with
    one entry, where Placement says ``max_version``. A version without microversions (Nova's v2.0) says "".
    """
    document = wire.mapping(body)
    entries = [wire.mapping(document["version"])] if "version" in document else wire.objects(document.get("versions"))
    if not entries:
        raise ValueError("no version document")
    ranges = [
        Range(
            wire.text(item.get("min_version")) or "2.1",
            wire.text(item.get("max_version")) or wire.text(item.get("version")) or "2.1",
        )
        for item in entries
    ]
    return max(ranges, key=lambda found: _order(found.maximum))


def _order(version: str) -> tuple[int, ...]:
    """A version to compare: "2.9" is older than "2.10". Raises ValueError for what is no version."""
    return tuple(int(part) for part in version.split("."))
