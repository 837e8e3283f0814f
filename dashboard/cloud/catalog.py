"""The services that a token's catalog names, and which of their endpoints may be called."""

from __future__ import annotations

import functools
import ipaddress
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from os_service_types import ServiceTypes

from dashboard.cloud import wire
from dashboard.cloud.config import config
from dashboard.cloud.errors import NotOffered

_types = ServiceTypes()


@functools.cache
def names_of(service: str) -> tuple[str, ...]:
    """A service type with its aliases, official one first. os-service-types copies its whole table for each question,
    which was a fifth of what pages took."""
    return tuple(_types.get_all_types(service) or [service])


UNVERSIONED = frozenset({"image", "network"})
"""Services whose paths here begin with the version; some catalogs have it in the address already, some have not."""


@dataclass(frozen=True)
class Endpoint:
    """One address of a service. ``interface`` is public, internal or admin."""

    service: str
    """The service type as the catalog has it, e.g. "volumev3"."""
    service_name: str
    region: str
    interface: str
    url: str


@dataclass(frozen=True)
class Catalog:
    """Every endpoint that came with a token."""

    endpoints: tuple[Endpoint, ...] = ()

    @classmethod
    def from_json(cls, items: Any) -> Catalog:
        """From the ``catalog`` of a token (Keystone v3, ``POST /v3/auth/tokens``)."""
        return cls(
            tuple(
                Endpoint(
                    service=wire.text(item.get("type")),
                    service_name=wire.text(item.get("name")),
                    region=wire.text(endpoint.get("region_id") or endpoint.get("region")),
                    interface=wire.text(endpoint.get("interface")),
                    url=wire.text(endpoint.get("url")).rstrip("/"),
                )
                for item in wire.objects(items)
                for endpoint in wire.objects(item.get("endpoints"))
            )
        )

    def to_json(self) -> list[list[str]]:
        """A compact form for the session store; ``from_stored`` reads it."""
        return [[e.service, e.service_name, e.region, e.interface, e.url] for e in self.endpoints]

    @classmethod
    def from_stored(cls, items: Iterable[Iterable[str]]) -> Catalog:
        """What ``to_json`` wrote."""
        return cls(tuple(Endpoint(*item) for item in items))

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that the catalog names, in order."""
        return tuple(sorted({e.region for e in self.endpoints if e.region}))

    def find(self, service: str, region: str) -> Endpoint | None:
        """The endpoint of a service type, or one of its aliases, on the configured interface."""
        names = names_of(service)
        interface = config().interfaces.get(service, config().interface)
        for name in names:
            for endpoint in self.endpoints:
                if endpoint.service == name and endpoint.interface == interface and endpoint.region == region:
                    return endpoint
        return None

    def url(self, service: str, region: str) -> str:
        """The allowed address of a service. Raises NotOffered."""
        endpoint = self.find(service, region)
        if endpoint is None:
            raise NotOffered(f"This cloud's catalog has no {service} service in {region}.", service=service)
        if not is_allowed(endpoint.url):
            raise NotOffered(f"The address of {service} is not one that may be called.", service=service)
        if service in UNVERSIONED:
            return re.sub(r"/v\d+(\.\d+)?$", "", endpoint.url)
        return endpoint.url

    def offers(self, service: str, region: str) -> bool:
        """Whether ``url`` would find an address."""
        endpoint = self.find(service, region)
        return endpoint is not None and is_allowed(endpoint.url)


def is_allowed(url: str) -> bool:
    """Whether an endpoint may be called: a catalog is not trusted to name any host it likes.

    The host has to be one of the Keystones' or one that the operator listed; link-local
    addresses are always refused (cloud metadata services live there), and so is plain
    http where every Keystone uses https.
    """
    settings = config()
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"http", "https"} or not host or parts.username:
        return False
    try:
        if ipaddress.ip_address(host).is_link_local:
            return False
    except ValueError:
        pass
    keystones = [urllib.parse.urlsplit(keystone.url) for keystone in settings.keystones]
    if parts.scheme == "http" and keystones and all(keystone.scheme == "https" for keystone in keystones):
        return False
    allowed = {(keystone.hostname or "").lower() for keystone in keystones} | settings.allowed_hosts
    return host in allowed
