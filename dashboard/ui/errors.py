"""What went wrong, in words: one sentence for every error, and the pages that say it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import errors as cloud_errors
from dashboard.cloud import guard, transport
from dashboard.cloud.config import config
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.policies import needed_role
from dashboard.ui import heat_words, keystone_words, neutron_words
from dashboard.ui.quota_words import quota_words

SERVICES = {
    "compute": gettext_lazy("Compute (Nova)"),
    "image": gettext_lazy("Image (Glance)"),
    "network": gettext_lazy("Network (Neutron)"),
    "block-storage": gettext_lazy("Block storage (Cinder)"),
    "volumev3": gettext_lazy("Block storage (Cinder)"),
    "identity": gettext_lazy("Identity (Keystone)"),
    "placement": gettext_lazy("Placement"),
    "object-store": gettext_lazy("Object store (Swift)"),
    "orchestration": gettext_lazy("Orchestration (Heat)"),
}


here: ContextVar[Cloud | None] = ContextVar("here", default=None)
"""The cloud in the scope of the page that is being made, for sentences that say where one is."""


class Lack(str):
    """A sentence that says which role is missing; ``role`` is that role."""

    __slots__ = ("role",)
    role: str

    @classmethod
    def of(cls, text: str, role: str) -> Lack:
        found = cls(text)
        found.role = role
        return found


@dataclass(frozen=True)
class Fault:
    """A failure as a person is told of it."""

    sentence: str
    service: str
    detail: str = ""
    """What the service itself said, if that helps."""
    request_id: str = ""
    since: datetime | None = None
    """When the service stopped answering, if it did."""
    retry_after: int | None = None
    """Seconds."""
    can_retry: bool = False
    role: str = ""
    """The role that is missing, where that is what is the matter and it is known."""


def service_name(service: str) -> str:
    """A service type as people know it: "Compute (Nova)"."""
    return str(SERVICES.get(service, service or _("The cloud")))


def sentence(error: CloudError, cloud: Cloud | None = None) -> str:
    """What happened, in one sentence. The service's own words are not in it, but for a quota's."""
    name = service_name(error.service)
    known = neutron_words.sentence(error) or keystone_words.sentence(error) or heat_words.sentence(error)
    if known:
        return known
    match error:
        case cloud_errors.Unauthorized():
            return _("Your session with the cloud has ended. Sign in again.")
        case cloud_errors.QuotaExceeded():
            return quota_words(error.message) or _("This would exceed the project's quota.")
        case cloud_errors.Forbidden():
            return refusal(error, cloud)
        case cloud_errors.NotFound():
            return missing(cloud)
        case cloud_errors.Conflict():
            return _("It is busy or in another state now, so this can't be done.")
        case cloud_errors.Invalid():
            return _("%(service)s did not accept the values.") % {"service": name}
        case cloud_errors.NotOffered():
            return _("%(service)s is not offered in this region.") % {"service": name}
        case cloud_errors.Busy():
            return _("%(service)s is busy.") % {"service": name}
        case cloud_errors.TimedOut():
            return _("%(service)s did not answer in time.") % {"service": name}
        case cloud_errors.Unreachable():
            return _("%(service)s can't be reached.") % {"service": name}
        case cloud_errors.BadAnswer():
            return _("%(service)s gave an answer that makes no sense.") % {"service": name}
    return _("%(service)s failed.") % {"service": name}


def missing(cloud: Cloud | None) -> str:
    """That something is not there, as far as this scope can see."""
    cloud = cloud or here.get()
    kind = cloud.access.scope.kind if cloud is not None else "project"
    if kind == "domain":
        return _("It does not exist any more, or it is not in this domain.")
    if kind == "system":
        return _("It does not exist any more.")
    return _("It does not exist any more, or it is not in this project.")


def refusal(error: CloudError, cloud: Cloud | None) -> str:
    """That the roles held are not enough, and which one is missing where that is known."""
    cloud = cloud or here.get()
    if cloud is None:
        return _("Your role in this project does not allow this.")
    kind = cloud.access.scope.kind
    role, have = needed_role(error.message, kind), ", ".join(sorted(cloud.roles)) or _("none")
    if role and role not in cloud.roles:
        return lacks(kind, role, cloud.roles)
    if kind == "domain":
        text = _("Your role in this domain does not allow this.")
    elif kind == "system":
        text = _("Your role on the system does not allow this.")
    else:
        text = _("Your role in this project does not allow this.")
    return text + " " + _("You have %(have)s.") % {"have": have}


def lacks(kind: str, role: str, held: Iterable[str]) -> Lack:
    """The sentence that a role is missing in this kind of scope, and which are held."""
    words = {"role": role, "have": ", ".join(sorted(held)) or _("none")}
    if kind == "domain":
        text = _("This needs the role %(role)s in this domain; you have %(have)s.")
    elif kind == "system":
        text = _("This needs the role %(role)s on the system; you have %(have)s.")
    else:
        text = _("This needs the role %(role)s in this project; you have %(have)s.")
    return Lack.of(text % words, role)


def fault_of(error: CloudError, cloud: Cloud | None = None) -> Fault:
    """The whole story of an error: sentence, the service's words, since when, request id."""
    since = None
    if cloud is not None and isinstance(error, cloud_errors.Unavailable) and error.service:
        since = _down_since(cloud, error.service)
    # Only what is about the request helps a person; a connection's error text is for logs.
    detail = "" if isinstance(error, cloud_errors.Unavailable) else error.message
    if isinstance(error, cloud_errors.QuotaExceeded) and quota_words(error.message):
        # The sentence has all of it.
        detail = ""
    text = sentence(error, cloud)
    return Fault(
        sentence=text,
        role=text.role if isinstance(text, Lack) else "",
        service=service_name(error.service),
        detail=detail,
        request_id=error.request_id or (transport.request_id.get() if error.status is None else ""),
        since=since,
        retry_after=min(60, round(error.retry_after)) if error.retry_after else None,
        can_retry=isinstance(error, cloud_errors.Unavailable) and not isinstance(error, cloud_errors.NotOffered),
    )


def told(error: CloudError, cloud: Cloud | None = None) -> str:
    """Sentence and the service's own words, for a toast or a form."""
    fault = fault_of(error, cloud)
    return f"{fault.sentence} {fault.detail}".strip()


def _down_since(cloud: Cloud, service: str) -> datetime | None:
    try:
        url = cloud.url(service)
    except CloudError:
        return None
    at = guard.guard_of(url, config().per_service).down_since
    return datetime.fromtimestamp(at, UTC) if at else datetime.fromtimestamp(time.time(), UTC)


def page(request: HttpRequest, error: CloudError, *, heading: str = "") -> HttpResponse:
    """The whole page, or for HTMX the fragment, for an error that leaves nothing else to show."""
    status = {
        cloud_errors.NotFound: 404,
        cloud_errors.Forbidden: 403,
        cloud_errors.NotOffered: 404,
        cloud_errors.Invalid: 400,
        cloud_errors.Conflict: 409,
        cloud_errors.QuotaExceeded: 403,
    }.get(type(error), 503)
    context = {
        "fault": fault_of(error, getattr(request, "cloud", None)),
        "heading": heading or _("This page can't be shown"),
    }
    template = "ui/fault.html" if getattr(request, "htmx", False) else "ui/error.html"
    response = render(request, template, context, status=status)
    if status == 503:
        response["Retry-After"] = "10"
    return response


def plain(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    """A page that says one thing."""
    return render(request, "ui/error.html", {"heading": heading, "text": text}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address that is nothing here."""
    return plain(
        request, 404, _("There is no such page"), _("The address may be mistyped, or the page may have moved.")
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return plain(request, 400, _("This request makes no sense"), _("Go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason where there is one."""
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return plain(request, 403, _("This is not allowed"), reason or _("Your role does not allow this."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. The id finds it in the logs."""
    return render(
        request,
        "ui/error.html",
        {
            "heading": _("Belvedere made a mistake"),
            "text": _("The fault is in this dashboard, not in what you did. The log has more under the id below."),
            "fault_id": transport.request_id.get(),
        },
        status=500,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old."""
    return plain(
        request,
        403,
        _("The form was not accepted"),
        _("It was open too long, or was sent from another site. Go back, reload the page and send it again."),
    )
