"""A request as views get it: with the person, the scope of its URL, and the cloud in that scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from dashboard.auth.store import Held
from dashboard.cloud.connection import Cloud, Person, Scope

V = TypeVar("V", bound=Callable[..., Any])


class Request(HttpRequest):
    """What ``sealed_session`` adds to Django's request. ``scope`` and ``cloud`` are those of the URL."""

    htmx: HtmxDetails
    person: Person | None
    held: Held | None
    scope: Scope | None
    region: str
    cloud: Cloud | None


def held_of(request: Request) -> Held:
    """The session, in views that are not public."""
    if request.held is None:
        raise RuntimeError("A public view has no session to rely on.")
    return request.held


def cloud_of(request: Request) -> Cloud:
    """The cloud, in views below a scope's URL."""
    if request.cloud is None:
        raise RuntimeError("Only views below a scope's URL have a cloud.")
    return request.cloud


def public(view: V) -> V:
    """Marks a view that needs nobody to be signed in; the store is not asked for it."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def knows_of_loss(view: V) -> V:
    """Marks a view that is asked for even in a scope where the person has no role any more."""
    view.knows_of_loss = True  # type: ignore[attr-defined]
    return view


def quiet(view: V) -> V:
    """Marks a view that browsers ask by themselves, so that asking is no sign of life."""
    view.is_quiet = True  # type: ignore[attr-defined]
    return view
