"""Asking Swift for containers and objects, whatever they are called.

Follows the Object Storage API v1: https://docs.openstack.org/api-ref/object-store/ and
https://docs.openstack.org/swift/latest/api/object_api_v1_overview.html
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import threading
import time
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3.exceptions

from dashboard.cloud import transport, wire
from dashboard.cloud.config import config
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, CloudError, Invalid, NotFound, from_response, translated
from dashboard.cloud.parallel import later

SERVICE = "object-store"
SILENCE = 300.0
"""Seconds that either side may say nothing while data are under way."""
ERROR_BYTES = 64 * 1024

KEY = r"(?:[A-Za-z0-9][A-Za-z0-9_-]{0,1023}|~[A-Za-z0-9_-]{1,1500})"
"""What ``key_of`` gives, as addresses have it."""
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
OURS = frozenset({"act", "create", "emptying", "live", "values"})
"""What addresses of ours have a meaning for already."""
DOTS = frozenset({".", ".."})
"""Names that can't be asked for: everything between takes such a segment of an address for "here" or "one up"."""


# Names


def path_of(container: str, name: str = "") -> str:
    """Where a container, or an object in it, is below the account. Raises Invalid for names that can't be asked for.

    Everything is percent-encoded, "/" as well, so that nothing on the way takes ".." or "//" in a name for its own.
    """
    for part in (container, name):
        if part in DOTS:
            raise Invalid(f'Nothing that is called "{part}" can be asked for.', service=SERVICE)
    if not container:
        raise NotFound("A container has a name.", service=SERVICE, status=404)
    path = "/" + urllib.parse.quote(container, safe="")
    return f"{path}/{urllib.parse.quote(name, safe='')}" if name else path


def key_of(name: str) -> str:
    """The id of a container or object in our own addresses and pages, where its name can't stand as it is."""
    if PLAIN.fullmatch(name) and name not in OURS:
        return name
    return "~" + base64.urlsafe_b64encode(name.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def name_of(key: str) -> str:
    """The name that ``key_of`` made this of. Raises NotFound for what it never made."""
    if not key.startswith("~"):
        return key
    text = key[1:]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise NotFound("There is no such name.", service=SERVICE, status=404) from error


# Requests


def send(
    cloud: Cloud,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    data: Any = None,
    json: Any = None,
    stream: bool = False,
    timeout: float | None = None,
) -> requests.Response:
    """One request, on the shared session. Raises CloudError.

    ``path`` is relative to the account: "" or what ``path_of`` gives. With ``stream`` the body of the answer is yet to
    be read, ``data`` may be an iterator, and the request holds none of the service's turns: close the answer.
    """
    sent = {key: _sendable(value) for key, value in (headers or {}).items()}
    given = {key: value for key, value in (params or {}).items() if value is not None}
    if stream:
        return _streamed(cloud, method, path, headers=sent, params=given, data=data, timeout=timeout)
    if data is not None and "Content-Type" not in sent:
        sent["Content-Type"] = "application/octet-stream"
    return cloud.request(SERVICE, method, path, params=given, json=json, data=data, headers=sent, timeout=timeout)


def _streamed(
    cloud: Cloud,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, Any],
    data: Any,
    timeout: float | None,
) -> requests.Response:
    query = urllib.parse.urlencode(params, doseq=True)
    with translated(SERVICE):
        response = transport.session().stream(
            cloud.url(SERVICE).rstrip("/") + path + (f"?{query}" if query else ""),
            method,
            auth=transport.HeldToken(cloud.access.token),
            data=data,
            # Compressed on the way, its length would be another.
            headers={"Accept-Encoding": "identity", **headers},
            seconds=timeout or SILENCE,
        )
    try:
        raise_for(response)
    except CloudError:
        response.close()
        raise
    return response


def raise_for(response: requests.Response) -> None:
    """The error that the status of a streamed answer means, if it means one."""
    status = response.status_code
    if 300 <= status < 400 and status != 304:
        raise BadAnswer(f"The service redirects ({status}).", service=SERVICE, status=status)
    if status < 400:
        return
    try:
        response._content = response.raw.read(ERROR_BYTES, decode_content=True)
        response._content_consumed = True  # type: ignore[attr-defined]
    except urllib3.exceptions.HTTPError:
        response._content = b""
    raise from_response(response, service=SERVICE)


def _sendable(value: str) -> str:
    """Text as a header takes it: its UTF-8, each byte as one character, since headers go out as Latin-1."""
    return value if value.isascii() else value.encode().decode("latin-1")


def readable(value: str) -> str:
    """A header of an answer as text: Swift sends UTF-8, which is read as Latin-1."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return value


def headers_of(response: requests.Response) -> dict[str, str]:
    """The headers of an answer as text, by their names in small letters."""
    return {key.lower(): readable(value) for key, value in response.headers.items()}


def listing(cloud: Cloud, path: str, *, limit: int, **params: Any) -> tuple[list[dict[str, Any]], Mapping[str, str]]:
    """The entries of an account's or a container's listing, and the headers that come with them. Raises CloudError."""
    response = send(cloud, "GET", path, params={"format": "json", "limit": limit, **params})
    headers = headers_of(response)
    if not any(key.startswith(("x-account-", "x-container-")) for key in headers):
        raise BadAnswer("The answer is no listing of Swift's.", service=SERVICE, status=response.status_code)
    if response.status_code == 204:
        return [], headers
    try:
        body = response.json()
    except ValueError as error:
        raise BadAnswer("The answer is no JSON.", service=SERVICE, status=response.status_code) from error
    if not isinstance(body, list):
        raise BadAnswer("The answer is not a JSON array.", service=SERVICE, status=response.status_code)
    return wire.objects(body), headers


def moment(value: Any) -> datetime | None:
    """A time as Swift has it: ISO 8601 in listings, an HTTP date or seconds since 1970 in headers; in UTC."""
    text = wire.text(value)
    if re.fullmatch(r"\d{1,11}(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    found = wire.moment(text)
    if found is None and text:
        try:
            found = parsedate_to_datetime(text).astimezone(UTC)
        except (ValueError, TypeError):
            return None
    return found


# What this Swift can do


@dataclass(frozen=True)
class Policy:
    """A storage policy: where and how often data are kept."""

    name: str
    aliases: tuple[str, ...] = ()
    is_default: bool = False
    is_deprecated: bool = False


@dataclass(frozen=True)
class Info:
    """What ``/info`` says: the parts that this Swift has, and their limits."""

    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_known: bool = True
    """Whether it could be had: some clouds hide it."""

    def has(self, name: str) -> bool:
        """Whether it has a part, e.g. "slo", "tempurl", "bulk_delete", "container_sync"."""
        return name in self.sections

    def limit(self, section: str, key: str, default: int) -> int:
        """A number of a part, e.g. ``limit("slo", "max_manifest_segments", 1000)``."""
        return wire.number(self.sections.get(section, {}).get(key), default)

    def texts(self, section: str, key: str) -> tuple[str, ...]:
        """A list of a part, e.g. ``texts("tempurl", "allowed_digests")``."""
        return wire.texts(self.sections.get(section, {}).get(key))

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Its storage policies, the default first."""
        found = [
            Policy(
                wire.text(item.get("name")),
                tuple(part.strip() for part in wire.text(item.get("aliases")).split(",") if part.strip()),
                wire.flag(item.get("default")),
                wire.flag(item.get("deprecated")),
            )
            for item in wire.objects(self.sections.get("swift", {}).get("policies"))
        ]
        return tuple(sorted(found, key=lambda policy: not policy.is_default))

    @property
    def max_file_size(self) -> int:
        return self.limit("swift", "max_file_size", 5 * 1024**3)

    @property
    def max_object_name(self) -> int:
        return self.limit("swift", "max_object_name_length", 1024)

    @property
    def max_container_name(self) -> int:
        return self.limit("swift", "max_container_name_length", 256)

    @property
    def max_meta_name(self) -> int:
        return self.limit("swift", "max_meta_name_length", 128)

    @property
    def max_meta_value(self) -> int:
        return self.limit("swift", "max_meta_value_length", 256)

    @property
    def max_meta_count(self) -> int:
        return self.limit("swift", "max_meta_count", 90)

    @property
    def listing_limit(self) -> int:
        """Names of one answer at most."""
        return self.limit("swift", "container_listing_limit", 10_000)


BELIEVED = 600.0
"""Seconds that an answer holds."""
RETRY = 30.0
"""Seconds until a Swift that could not be asked is asked again."""
PATIENCE = 3.0
"""Seconds that a page waits for it."""


@dataclass
class _Known:
    lock: threading.Lock = field(default_factory=threading.Lock)
    info: Info | None = None
    until: float = 0.0

    @property
    def found(self) -> Info | None:
        """What it said as of now: another thread may have brought it."""
        return self.info

    @property
    def is_due(self) -> bool:
        """Whether nothing is known, and it is time to ask."""
        return self.info is None and time.monotonic() >= self.until


_known: dict[str, _Known] = {}
_known_lock = threading.Lock()


def info(cloud: Cloud) -> Info:
    """What this Swift can do, kept for a while by the process. Never raises: one that does not say has no extras."""
    try:
        root = root_of(cloud)
    except CloudError:
        return Info(is_known=False)
    with _known_lock:
        known = _known.setdefault(root, _Known())
    if known.info is not None:
        if time.monotonic() >= known.until and known.lock.acquire(blocking=False):
            later(functools.partial(_renew, root, known))
        return known.info
    with known.lock:
        if known.is_due:
            _ask(root, known)
        return known.found or Info(is_known=False)


def root_of(cloud: Cloud) -> str:
    """Where the proxy begins: the address before the version. Raises CloudError."""
    return re.sub(r"/v1(\.0)?(/.*)?$", "", cloud.url(SERVICE).rstrip("/"))


def know(root: str, sections: Mapping[str, Any]) -> None:
    """Takes what a Swift would say as known, e.g. of a recorded cloud."""
    with _known_lock:
        _known[root] = _Known(info=_info_of(sections), until=time.monotonic() + BELIEVED)


def forget_all() -> None:
    """Forgets what was said; for tests."""
    with _known_lock:
        _known.clear()


def _renew(root: str, known: _Known) -> None:
    try:
        _ask(root, known)
    finally:
        known.lock.release()


def _ask(root: str, known: _Known) -> None:
    try:
        with translated(SERVICE):
            answer = transport.session().request(
                f"{root}/info",
                "GET",
                headers={"Accept": "application/json"},
                timeout=min(PATIENCE, config().read_timeout),
                authenticated=False,
            )
            found = _info_of(answer.json())
    except CloudError:
        known.until = time.monotonic() + RETRY
        return
    known.info, known.until = found, time.monotonic() + BELIEVED


def _info_of(body: Any) -> Info:
    items: Iterable[tuple[str, Any]] = wire.mapping(body).items()
    return Info({key: wire.mapping(value) for key, value in items})
