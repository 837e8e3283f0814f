"""What can go wrong when a cloud is asked for something, in one tree.

Everything in ``dashboard.cloud`` raises these and nothing else:

* CloudError
    * Unauthorized      401: the token is expired or revoked
    * Forbidden         403: the roles do not allow it
    * QuotaExceeded     403 or 413 naming a quota
    * NotFound          404
    * Conflict          409: the resource is in another state, or the name is taken
    * Invalid           400 and the like: the service refused the values
    * Unavailable       the service did not do its part
        * NotOffered    the catalog has no such service here, or its endpoint is not allowed
        * Unreachable   nobody answers; surely nothing was sent
        * TimedOut      sent, but no answer in time: the outcome is unknown
        * Busy          429 or 503: try again later (``retry_after`` seconds)
        * ServiceFault  500 and the like
        * BadAnswer     an answer that is no JSON, or not of the documented shape

Messages here are for logs and for the details below a sentence; the sentence a
person reads is made in ``dashboard.ui.errors``, in that person's language.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import glanceclient.exc
import keystoneauth1.exceptions as ksa
import novaclient.exceptions as nova_exc
import requests

MESSAGE_LIMIT = 300
"""Characters of an upstream message that are kept; the rest is noise or a stack trace."""


class CloudError(Exception):
    """A request to a service failed.

    ``service`` is the service type as in the catalog ("compute"), ``status`` the
    HTTP status or None, ``request_id`` the upstream request id ("req-...") or "",
    ``retry_after`` seconds or None, ``fields`` what the service said was wrong
    with which attribute, if it said so.
    """

    def __init__(
        self,
        message: str = "",
        *,
        service: str = "",
        status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message[:MESSAGE_LIMIT]
        self.service = service
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after

    @property
    def is_unknown_outcome(self) -> bool:
        """Whether a change that was asked for may have happened all the same."""
        return False


class Unauthorized(CloudError):
    """401: the token is expired or revoked."""


class Forbidden(CloudError):
    """403: the roles of this scope do not allow it."""


class QuotaExceeded(CloudError):
    """403 or 413: a quota is used up; the message names it."""


class NotFound(CloudError):
    """404: there is no such resource, or this scope may not see it."""


class Conflict(CloudError):
    """409: the resource is in a state that does not allow it, or a name is taken."""


class Invalid(CloudError):
    """400, 422 and the like: the service refused the values."""


class Unavailable(CloudError):
    """The service did not do its part."""


class NotOffered(Unavailable):
    """The catalog has no such service in this region, or its endpoint is not allowed."""


class Unreachable(Unavailable):
    """Nobody answers at the endpoint; surely nothing was sent."""


class TimedOut(Unavailable):
    """The request was sent and no answer came in time."""

    @property
    def is_unknown_outcome(self) -> bool:
        return True


class Busy(Unavailable):
    """429 or 503, or too many of our own requests wait for this service already."""


class ServiceFault(Unavailable):
    """500, 502, 504: the service failed."""

    @property
    def is_unknown_outcome(self) -> bool:
        return self.status in {502, 504}


class BadAnswer(Unavailable):
    """The answer is no JSON, or not of the documented shape."""

    @property
    def is_unknown_outcome(self) -> bool:
        return True


_BY_STATUS: dict[int, type[CloudError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: QuotaExceeded,
    429: Busy,
    503: Busy,
}


_NOT_ALLOWED = re.compile(r"disallowed by policy|policy doesn't allow", re.IGNORECASE)
"""Changing quotas is itself not for everybody: "rule:update_quota is disallowed by policy"."""


def from_status(
    status: int,
    message: str,
    *,
    service: str,
    request_id: str = "",
    retry_after: float | None = None,
) -> CloudError:
    """The error for an HTTP status of 400 and above.

    Nova answers 403 for a used-up quota ("Quota exceeded for cores: ..."), Neutron 409
    with the type OverQuota, Cinder 413.
    """
    if status in {403, 409} and re.search(r"quota", message, re.IGNORECASE) and not _NOT_ALLOWED.search(message):
        kind: type[CloudError] = QuotaExceeded
    elif status in _BY_STATUS:
        kind = _BY_STATUS[status]
    elif status >= 500:
        kind = ServiceFault
    else:
        kind = Invalid
    # A 500's text may be a stack trace or an internal address (CVE-2019-14433): not for people.
    shown = "" if status >= 500 else message
    return kind(shown, service=service, status=status, request_id=request_id, retry_after=retry_after)


def message_in(body: Any) -> str:
    """The sentence in an OpenStack error body, which every service wraps another way.

    Nova and Cinder: ``{"badRequest": {"message": ...}}``; Neutron ``{"NeutronError":
    {"message": ...}}``; Keystone ``{"error": {"message": ...}}``; Placement ``{"errors":
    [{"detail": ...}]}``; Heat ``{"title": "Bad Request", "error": {"message": ...}}``; Glance sends HTML.
    """
    if isinstance(body, str):
        # Glance: "<html>...<h1>409 Conflict</h1>Image ... is in use<br />..."
        text = re.sub(r"(?is)<(head|title|h1)\b.*?</\1>", " ", body)
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())
    if isinstance(body, list):
        return message_in(body[0]) if body else ""
    if not isinstance(body, dict):
        return ""
    inner = (value for value in body.values() if isinstance(value, dict | list))
    said = [body[key] for key in ("message", "detail") if isinstance(body.get(key), str)]
    # A title is the last resort: Heat's says only what the status says.
    titles = [body[key] for key in ("faultstring", "title") if isinstance(body.get(key), str)]
    # Glance puts its HTML's line breaks into JSON, too.
    return next((found for value in (*said, *inner, *titles) if (found := message_in(value))), "")


def from_response(response: requests.Response, *, service: str) -> CloudError:
    """The error for a response with a status of 400 and above."""
    try:
        body: Any = response.json()
    except ValueError:
        body = response.text
    return from_status(
        response.status_code,
        message_in(body),
        service=service,
        request_id=_request_id(response.headers),
        retry_after=_seconds(response.headers.get("Retry-After")),
    )


_TOO_NEW = (
    nova_exc.VersionNotFoundForAPIMethod,
    nova_exc.UnsupportedVersion,
    nova_exc.UnsupportedAttribute,
    nova_exc.UnsupportedConsoleType,
)
"""What novaclient raises, before it sends anything, for what came after the microversion it is to speak."""

TOO_NEW = "This came with a newer version of the service than the one here."


@contextlib.contextmanager
def translated(service: str) -> Iterator[None]:
    """Turns whatever a client library raises into a CloudError: the one place that does.

    The clients answer a malformed body with TypeError, KeyError, AttributeError or
    ValueError (novaclient 18.13 does so for a body of ``[]`` and for a 429 with a string
    body), so these count as a bad answer. Keep only client calls inside.
    """
    try:
        yield
    except CloudError as error:
        error.service = error.service or service
        raise
    except ksa.HttpError as error:
        raise _from_keystoneauth(error, service) from error
    except ksa.ConnectTimeout as error:
        # keystoneauth maps a read timeout to ConnectTimeout as well; only the cause tells.
        cause = error.__context__ or error.__cause__
        if isinstance(cause, requests.exceptions.ConnectTimeout):
            raise Unreachable(str(error), service=service) from error
        raise TimedOut(str(error), service=service) from error
    except ksa.ConnectionError as error:
        raise _from_connection(error, service) from error
    except ksa.EndpointNotFound as error:
        raise NotOffered(str(error), service=service) from error
    except ksa.ClientException as error:
        raise BadAnswer(str(error), service=service) from error
    except nova_exc.ClientException as error:
        raise from_status(
            _status(error.code),
            str(error.message or ""),
            service=service,
            request_id=error.request_id or "",
            retry_after=_seconds(getattr(error, "retry_after", None)),
        ) from error
    except _TOO_NEW as error:
        raise Invalid(TOO_NEW, service=service) from error
    except glanceclient.exc.HTTPException as error:
        # glanceclient joins the lines of Glance's HTML: "409 Conflict: Image ... is in use".
        text = re.sub(r"^\d{3} [\w ]+: ", "", message_in(str(error.details or "")))
        raise from_status(_status(error.code), text, service=service) from error
    except glanceclient.exc.ClientException as error:
        raise BadAnswer(str(error), service=service) from error
    except requests.exceptions.Timeout as error:
        raise TimedOut(str(error), service=service) from error
    except requests.exceptions.RequestException as error:
        raise _from_connection(error, service) from error
    except (TypeError, KeyError, AttributeError, ValueError, IndexError) as error:
        if isinstance(error, TypeError) and "unexpected keyword argument" in str(error):
            # Too new as well: novaclient's method for that microversion has no such parameter.
            raise Invalid(TOO_NEW, service=service) from error
        raise BadAnswer(f"{type(error).__name__}: {error}", service=service) from error


def _from_keystoneauth(error: ksa.HttpError, service: str) -> CloudError:
    response = getattr(error, "response", None)
    if isinstance(response, requests.Response):
        return from_response(response, service=service)
    return from_status(
        _status(error.http_status),
        str(error.message or ""),
        service=service,
        request_id=error.request_id or "",
        retry_after=_seconds(getattr(error, "retry_after", None)),
    )


def _from_connection(error: Exception, service: str) -> CloudError:
    """A refused or unresolved connection was surely not sent; one that broke later may have been."""
    text = f"{error} {error.__context__!r} {error.__cause__!r}"
    if re.search(r"NewConnectionError|NameResolution|ConnectTimeout|refused|SSL|certificate", text, re.IGNORECASE):
        return Unreachable(str(error), service=service)
    return TimedOut(str(error), service=service)


def _request_id(headers: Any) -> str:
    for name in ("x-openstack-request-id", "x-compute-request-id"):
        if headers.get(name):
            return str(headers[name])
    return ""


def _status(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 500


def _seconds(value: Any) -> float | None:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return None
