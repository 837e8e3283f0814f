"""One keystoneauth session for the whole process, with a deadline and a size limit on every answer."""

from __future__ import annotations

import contextvars
import functools
import http.cookiejar
import logging
import re
import time
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

import keystoneauth1.exceptions as ksa
import requests
import requests.adapters
import urllib3.exceptions
from keystoneauth1 import plugin
from keystoneauth1 import session as ksa_session

from dashboard.cloud.config import config
from dashboard.cloud.errors import BadAnswer, TimedOut, Unreachable
from dashboard.cloud.guard import guard_of

log = logging.getLogger(__name__)

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
"""The id ("req-<uuid>") of the request being served; sent upstream as X-OpenStack-Request-ID."""

time_limit: contextvars.ContextVar[float | None] = contextvars.ContextVar("time_limit", default=None)
"""Seconds that a single upstream request may take, instead of the configured ones."""

calls: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("calls", default=None)
"""Where set, each upstream request is noted as "GET http://...": how budgets are counted."""

Answering = Callable[[str, str, Mapping[str, Any]], requests.Response]
dry: contextvars.ContextVar[tuple[list[tuple[str, str, dict[str, Any]]], Answering] | None] = contextvars.ContextVar(
    "dry", default=None
)
"""Where set, nothing is changed: each request that would is noted, and gets a made-up answer."""

CHANGING = re.compile(r"/qos-specs/[^/]+/(dis)?associate(_all)?(\?|$)")
"""What Cinder changes by a GET."""
CHUNK = 65536
CLOSED = re.compile(r"RemoteDisconnected|ConnectionReset|BrokenPipe")


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """Reads answers against a total deadline and a size limit.

    requests' own timeout starts anew with every byte, so a dripping answer would hold a
    thread for ever; and it reads whatever comes. Its errors while reading a body are
    urllib3's own, which keystoneauth does not know.
    """

    largest: int | None = None
    """Bytes of an answer at most; the configured number if None."""

    def send(self, request: requests.PreparedRequest, stream: bool = False, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        timeout = kwargs.get("timeout")
        seconds = timeout[1] if isinstance(timeout, tuple) else timeout or config().read_timeout
        ends = time.monotonic() + seconds
        kwargs["timeout"] = (min(seconds, config().connect_timeout), seconds)
        response = super().send(request, stream=True, **kwargs)
        if not stream:
            try:
                self._read(response, ends)
            except urllib3.exceptions.DecodeError as error:
                raise BadAnswer("The answer can't be decoded.", status=response.status_code) from error
            except urllib3.exceptions.HTTPError as error:
                raise TimedOut(f"The answer broke off: {type(error).__name__}.") from error
        return response

    def _read(self, response: requests.Response, ends: float) -> None:
        limit, parts, size = self.largest or config().max_answer, [], 0
        raw = response.raw
        while True:
            # read1 gives what one read of the socket brought, so the clock is looked at often.
            part = raw.read1(CHUNK, decode_content=True)
            if not part:
                break
            parts.append(part)
            size += len(part)
            if size > limit:
                response.close()
                raise BadAnswer(f"The answer is larger than {limit} bytes.")
            if time.monotonic() > ends:
                response.close()
                raise TimedOut("The answer did not end in time.")
        response._content = b"".join(parts)
        response._content_consumed = True  # type: ignore[attr-defined]
        raw.release_conn()


class NoCookies(http.cookiejar.DefaultCookiePolicy):
    """A cookie that one user's answer sets must not go along with another user's request."""

    def set_ok(self, cookie: Any, request: Any) -> bool:
        return False


class CloudSession(ksa_session.Session):
    """A keystoneauth session that follows no redirect, and gives each service its turns."""

    def request(self, url: str, method: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        override = kwargs.get("endpoint_override") or ""
        full = url if urllib.parse.urlsplit(url).netloc else override
        host = urllib.parse.urlsplit(full).netloc
        settings = config()
        # A redirect would carry the token to whatever host the answer names.
        kwargs["redirect"] = False
        # Never let keystoneauth send again by itself: it takes a late answer for a failed connection.
        kwargs["connect_retries"] = 0
        kwargs["status_code_retries"] = 0
        kwargs.setdefault("log", False)
        given = kwargs.get("timeout")
        kwargs["timeout"] = given if given and given < 600 else seconds_for(method)
        headers = kwargs.setdefault("headers", {})
        if request_id.get():
            headers.setdefault("X-OpenStack-Request-ID", request_id.get())
        whole = full if full == url else full.rstrip("/") + url
        rehearsal = dry.get()
        if rehearsal is not None and (method.upper() not in {"GET", "HEAD", "OPTIONS"} or CHANGING.search(whole)):
            rehearsal[0].append((method.upper(), whole, dict(kwargs)))
            return rehearsal[1](method.upper(), whole, kwargs)
        noted = calls.get()
        if noted is not None:
            noted.append(f"{method} {whole}")
        guard = guard_of(full, settings.per_service)
        started = time.monotonic()
        with guard.turn(settings.queue_seconds):
            try:
                response = self._sent(url, method, kwargs)
            except Exception as error:
                # Any HTTP status means that the service answers, and so does too long or too odd an answer.
                is_answered = isinstance(error, BadAnswer | ksa.HttpError)
                if is_answered or getattr(error, "response", None) is not None:
                    guard.succeeded()
                else:
                    guard.failed()
                raise
            guard.succeeded()
        log.debug("upstream", extra={"method": method, "host": host, "ms": (time.monotonic() - started) * 1000})
        if 300 <= response.status_code < 400 and response.status_code not in {300, 304}:
            raise BadAnswer(f"The service redirects ({response.status_code}).", status=response.status_code)
        return response

    def stream(self, url: str, method: str, *, seconds: float, **kwargs: Any) -> requests.Response:
        """A request whose body or answer is long: the answer's headers, with its body yet to be read.

        It holds none of the service's turns while it goes on, which may be hours; ``seconds``
        is how long either side may say nothing. No status raises.
        """
        settings = config()
        guard = guard_of(url, settings.per_service)
        # Refused while the service is known to be down.
        with guard.turn(settings.queue_seconds):
            pass
        if request_id.get():
            kwargs.setdefault("headers", {}).setdefault("X-OpenStack-Request-ID", request_id.get())
        noted = calls.get()
        if noted is not None:
            noted.append(f"{method} {url}")
        try:
            response = super().request(
                url,
                method,
                redirect=False,
                connect_retries=0,
                status_code_retries=0,
                log=False,
                raise_exc=False,
                stream=True,
                timeout=seconds,
                authenticated=True,
                **kwargs,
            )
        except ksa.ConnectFailure:
            guard.failed()
            raise
        guard.succeeded()
        return response

    def _sent(self, url: str, method: str, kwargs: dict[str, Any]) -> requests.Response:
        try:
            return super().request(url, method, **kwargs)
        except ksa.ConnectFailure as error:
            # The service closed a connection that was kept for the next request, just as that was sent.
            if method.upper() not in {"GET", "HEAD"} or not CLOSED.search(str(error)):
                raise
        return super().request(url, method, **kwargs)


def seconds_for(method: str) -> float:
    """How long one request may take: what ``within`` set, else by whether it changes anything."""
    limit = time_limit.get()
    if limit is not None:
        return limit
    return config().read_timeout if method.upper() in {"GET", "HEAD"} else config().change_timeout


@functools.cache
def session() -> CloudSession:
    """The session of this process; every user's requests go through it, each with its own auth plugin."""
    settings = config()
    web = requests.Session()
    web.trust_env = False
    web.cookies.set_policy(NoCookies())
    adapter = BoundedAdapter(pool_connections=16, pool_maxsize=32)
    web.mount("http://", adapter)
    web.mount("https://", adapter)
    verify: bool | str = not settings.is_insecure and (settings.ca_file or True)
    return CloudSession(session=web, verify=verify, app_name="belvedere", redirect=False)


class HeldToken(plugin.BaseAuthPlugin):
    """A token that we hold already. It is never renewed, and no catalog is fetched for it."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def get_token(self, session: Any, **kwargs: Any) -> str:
        return self._token

    def get_headers(self, session: Any, **kwargs: Any) -> dict[str, str]:
        return {"X-Auth-Token": self._token}

    def get_endpoint(self, session: Any, **kwargs: Any) -> str | None:
        # Every client is given its endpoint; one that asks would start discovery.
        raise Unreachable("A client asked for an endpoint that it should have been given.")

    def invalidate(self) -> bool:
        return False
