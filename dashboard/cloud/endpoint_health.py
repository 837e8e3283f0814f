"""Does an endpoint answer, how fast, and with which versions: one small question, with no token and no patience.

Nothing of an answer is kept but versions. A host that the operator did not name is never connected to, no redirect is
followed, and an answer may be neither long nor late.
"""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import requests
import requests.adapters

from dashboard.cloud import wire
from dashboard.cloud.config import config
from dashboard.cloud.endpoint_urls import may_be_asked, probe_of, root_of
from dashboard.cloud.errors import BadAnswer, TimedOut
from dashboard.cloud.transport import BoundedAdapter, NoCookies, calls

DEADLINE = 4.0
"""Seconds for one endpoint, with its second question if there is one."""
SLOW_MS = 1000
"""From here on an answer is called slow."""
LARGEST = 256 * 1024
"""Bytes of a version document; Glance's has 6 KiB."""
MOST_VERSIONS = 40
NAME = re.compile(r"v?\d{1,4}(\.\d{1,6}){0,3}")

State = Literal["up", "slow", "refused", "late", "tls", "name", "fault", "redirect", "large", "odd", "barred"]
"""up, slow: it answers. refused: nobody does. late: not in time. tls: its certificate is not taken. name: its host's
name is not known. fault: 500 and the like. redirect: it sends elsewhere. large: a long answer. odd: something answers
that is no service of OpenStack's. barred: the dashboard may not call this host."""
GOOD: frozenset[str] = frozenset({"up", "slow"})


@dataclass(frozen=True)
class Version:
    """A version of a service's API, with its microversions if it has such."""

    id: str
    minimum: str = ""
    maximum: str = ""
    status: str = ""


@dataclass(frozen=True)
class Health:
    """What an endpoint said. ``at`` is when, by the clock; ``ms`` how long it took."""

    state: State
    at: float = 0.0
    ms: int = 0
    status: int = 0
    versions: tuple[Version, ...] = ()
    is_keystone: bool = False
    """Whether its version document is Keystone's, with the version 3."""

    @property
    def is_good(self) -> bool:
        return self.state in GOOD

    @property
    def current(self) -> Version | None:
        """The version to speak: the newest one with microversions, else the newest."""
        return max(self.versions, key=lambda item: (_order(item.maximum), _order(item.id)), default=None)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Health:
        """Out of what ``to_json`` made."""
        found = [Version(**version) for version in item.get("versions", ())]
        return cls(**{**item, "versions": tuple(found)})


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


class _Adapter(BoundedAdapter):
    """Reads little."""

    largest = LARGEST


@functools.cache
def _session() -> requests.Session:
    """A session of its own: no token, no cookie and no proxy of the environment ever goes along."""
    web = requests.Session()
    web.trust_env = False
    web.cookies.set_policy(NoCookies())
    settings = config()
    web.verify = not settings.is_insecure and (settings.ca_file or True)
    adapter = _Adapter(pool_connections=8, pool_maxsize=8)
    web.mount("http://", adapter)
    web.mount("https://", adapter)
    return web


def probe(url: str, *, seconds: float = DEADLINE) -> Health:
    """Asks an endpoint for its versions. ``url`` may have templates. Never raises."""
    started, at = time.monotonic(), time.time()
    if not may_be_asked(url):
        return Health("barred", at)
    first = probe_of(url)
    found = _asked(first, seconds, at)
    above = root_of(first)
    left = seconds - (time.monotonic() - started)
    if above != first and left > 0.2 and not found.versions and (found.is_good or found.state == "odd"):
        # Many tell their versions only above them; behind, they want a token.
        more = _asked(above, left, at)
        if more.versions:
            return Health(more.state, at, found.ms or more.ms, found.status, more.versions, more.is_keystone)
    return found


def _asked(url: str, seconds: float, at: float) -> Health:
    """One GET. Never raises."""
    noted = calls.get()
    if noted is not None:
        noted.append(f"GET {url}")
    started = time.monotonic()

    def outcome(state: State, **more: Any) -> Health:
        return Health(state, at, round((time.monotonic() - started) * 1000), **more)

    try:
        answer = _session().get(
            url, headers={"Accept": "application/json"}, allow_redirects=False, timeout=max(0.1, seconds)
        )
    except requests.exceptions.SSLError:
        return outcome("tls")
    except (requests.exceptions.Timeout, TimedOut):
        return outcome("late")
    except BadAnswer as error:
        return outcome("large" if "larger" in error.message else "odd")
    except requests.exceptions.ConnectionError as error:
        words = str(error)
        return outcome("name" if "NameResolution" in words or "getaddrinfo" in words else "refused")
    except (requests.exceptions.RequestException, ValueError, OSError):
        return outcome("odd")
    code = answer.status_code
    if code >= 500:
        return outcome("fault", status=code)
    if 300 < code < 400:
        return outcome("redirect", status=code)
    versions, is_keystone = _versions_in(answer)
    took = outcome("up", status=code, versions=versions, is_keystone=is_keystone)
    if not versions and not _is_ours(answer):
        return outcome("odd", status=code)
    return outcome("slow", status=code, versions=versions, is_keystone=is_keystone) if took.ms >= SLOW_MS else took


def _is_ours(answer: requests.Response) -> bool:
    """Whether an answer without versions is one that a service of OpenStack's gives: it wants a token, or has an id."""
    names = {name.lower() for name in answer.headers}
    if names & {"x-openstack-request-id", "x-compute-request-id", "x-trans-id"}:
        return True
    return answer.status_code == 401 and "keystone" in answer.headers.get("WWW-Authenticate", "").lower()


def _versions_in(answer: requests.Response) -> tuple[tuple[Version, ...], bool]:
    """The versions in a version document, in any of the shapes that services give it; none in anything else."""
    if answer.status_code not in {200, 300}:
        return (), False
    body: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        body = answer.json()
    document = wire.mapping(body)
    listed = document.get("versions", document.get("version", body))
    if isinstance(listed, dict):
        # Keystone's and Designate's {"versions": {"values": [...]}}; a single {"version": {...}}.
        listed = listed.get("values", [listed])
    items = [item for item in wire.objects(listed)[:MOST_VERSIONS] if NAME.fullmatch(wire.text(item.get("id")))]
    found = tuple(
        Version(
            wire.text(item.get("id")),
            _name(item.get("min_version")),
            _name(item.get("max_version")) or _name(item.get("version")),
            wire.text(item.get("status"))[:16].upper() if wire.text(item.get("status")).isalpha() else "",
        )
        for item in items
    )
    return found, any(_is_identity_v3(item) for item in items)


def _name(value: Any) -> str:
    text = wire.text(value)
    return text if NAME.fullmatch(text) else ""


def _is_identity_v3(item: Mapping[str, Any]) -> bool:
    types = {wire.text(kind.get("type")) for kind in wire.objects(item.get("media-types"))}
    return wire.text(item.get("id")).startswith("v3") and "application/vnd.openstack.identity-v3+json" in types


def forget_session() -> None:
    """Makes the session anew, with other settings; for tests."""
    _session.cache_clear()
