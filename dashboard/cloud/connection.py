"""A cloud as one person sees it in one scope: the token, the region, and ways to ask."""

from __future__ import annotations

import functools
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import requests

from dashboard.cloud import glance, nova, transport, versions, wire
from dashboard.cloud.catalog import Catalog
from dashboard.cloud.errors import BadAnswer, CloudError, translated
from dashboard.cloud.versions import NOVA_MICROVERSION

ScopeKind = Literal["project", "domain", "system", "unscoped"]


@dataclass(frozen=True)
class Person:
    """Who signed in."""

    id: str
    name: str
    domain_id: str
    domain_name: str
    password_expires_at: datetime | None = None


@dataclass(frozen=True)
class Scope:
    """What a token is good for. ``id`` is the project's or domain's, or "all" for the system."""

    kind: ScopeKind
    id: str
    name: str
    domain_id: str = ""
    domain_name: str = ""

    @property
    def key(self) -> str:
        """A name for the scope that is unique within a cloud: "project:3f..."."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Access:
    """A token, and what Keystone said of it when it gave it out."""

    token: str = field(repr=False)
    expires_at: datetime
    person: Person
    scope: Scope
    roles: tuple[str, ...] = ()
    catalog: Catalog = field(default_factory=Catalog)
    keystone: str = ""
    """The URL of the Keystone that gave it."""


@dataclass(frozen=True)
class Cloud:
    """One region of a cloud, by one token. Immutable, cheap to make, made anew for each request."""

    access: Access
    region: str

    @property
    def project_id(self) -> str:
        """The id of the project in scope; "" in other scopes."""
        return self.access.scope.id if self.access.scope.kind == "project" else ""

    @property
    def roles(self) -> frozenset[str]:
        """The names of the roles in this scope."""
        return frozenset(self.access.roles)

    def has_role(self, *names: str) -> bool:
        """Whether any of these roles is held. "admin" holds every other by Keystone's implied roles."""
        return "admin" in self.roles or bool(self.roles.intersection(names))

    def offers(self, service: str) -> bool:
        """Whether the catalog has an address for this service type that may be called."""
        return self.access.catalog.offers(service, self.region)

    def url(self, service: str) -> str:
        """The address of a service. Raises NotOffered."""
        if service == "identity":
            return self.access.keystone
        return self.access.catalog.url(service, self.region)

    def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        microversion: str | None = None,
        timeout: float | None = None,
    ) -> requests.Response:
        """Asks a service for something and gives the response. Raises CloudError.

        ``path`` is relative to the service's endpoint ("/servers/detail"); ids in it have
        to go through ``wire.path_id``. Only a GET is ever sent again, once, and not when
        the service was too slow the first time. Nova is asked with ``microversion`` or with the
        newest that it speaks, if that is older.
        """
        if microversion and service in versions.PINNED:
            microversion = versions.fitting(self, service, microversion)
        query = urllib.parse.urlencode(params or {}, doseq=True)
        with translated(service):
            return transport.session().request(
                self.url(service).rstrip("/") + path + (f"?{query}" if query else ""),
                method,
                auth=transport.HeldToken(self.access.token),
                json=json,
                data=data,
                headers={"Accept": "application/json", **(headers or {})},
                microversion=microversion,
                endpoint_filter={"service_type": service} if microversion else None,
                timeout=timeout,
                authenticated=True,
            )

    def get(self, service: str, path: str, *, microversion: str | None = None, **params: Any) -> dict[str, Any]:
        """The JSON object at ``path``. Parameters that are None are left out. Raises CloudError."""
        given = {key: value for key, value in params.items() if value is not None}
        response = self.request(service, "GET", path, params=given, microversion=microversion)
        return json_of(response, service)

    def post(self, service: str, path: str, json: Any, *, microversion: str | None = None) -> dict[str, Any]:
        """Sends a POST, never twice, and gives the JSON object of the answer, {} if there is none."""
        response = self.request(service, "POST", path, json=json, microversion=microversion)
        return json_of(response, service) if response.content else {}

    def put(self, service: str, path: str, json: Any, *, microversion: str | None = None) -> dict[str, Any]:
        """As ``post``, with PUT."""
        response = self.request(service, "PUT", path, json=json, microversion=microversion)
        return json_of(response, service) if response.content else {}

    def patch(self, service: str, path: str, json: Any, *, microversion: str | None = None) -> dict[str, Any]:
        """As ``post``, with PATCH."""
        response = self.request(service, "PATCH", path, json=json, microversion=microversion)
        return json_of(response, service) if response.content else {}

    def delete(self, service: str, path: str, *, microversion: str | None = None) -> None:
        """Deletes what is at ``path``. Raises CloudError."""
        self.request(service, "DELETE", path, microversion=microversion)

    @functools.cached_property
    def nova(self) -> Any:
        """A python-novaclient client on the shared session; use it by ``dashboard.cloud.nova.asking``."""
        version = versions.fitting(self, "compute", NOVA_MICROVERSION)
        return nova.client_at(self.url("compute"), token=self.access.token, version=version)

    @functools.cached_property
    def glance(self) -> Any:
        """A python-glanceclient client on the shared session; use it inside ``translated("image")``."""
        return glance.client(self.url("image"), self.access.token)


def json_of(response: requests.Response, service: str) -> dict[str, Any]:
    """The JSON object in a response. Raises BadAnswer for anything else."""
    try:
        body = response.json()
    except ValueError as error:
        raise BadAnswer("The answer is no JSON.", service=service, status=response.status_code) from error
    if not isinstance(body, dict):
        raise BadAnswer("The answer is not a JSON object.", service=service, status=response.status_code)
    return body


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Gives each upstream request in this context ``seconds`` instead of the configured limit."""
    mark = transport.time_limit.set(seconds)
    try:
        yield
    finally:
        transport.time_limit.reset(mark)


__all__ = [
    "NOVA_MICROVERSION",
    "Access",
    "Cloud",
    "CloudError",
    "Person",
    "Scope",
    "ScopeKind",
    "json_of",
    "wire",
    "within",
]
