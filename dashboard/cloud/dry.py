"""What would be sent, without sending it: for people who want to do the same by a script.

Requests that only read are sent all the same, since others may depend on what they bring.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from os_service_types import ServiceTypes

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.swift import readable
from dashboard.cloud.transport import dry

_types = ServiceTypes()

MICROVERSION = ("OpenStack-API-Version", "X-OpenStack-Nova-API-Version")
HIDDEN = frozenset({"adminPass", "admin_pass", "password", "original_password", "secret", "auth_key", "private_key"})
"""Keys of a body whose values are not shown."""
SECRET = re.compile(r"-(temp-url-key(-2)?|sync-key)$", re.IGNORECASE)
"""Headers whose values are not."""


@dataclass(frozen=True)
class Sent:
    """A request as it would be sent. ``path`` is relative to the endpoint of the service; ``url`` is whole."""

    method: str
    service: str
    path: str
    url: str
    body: Any = None
    microversion: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those beyond the token, the microversion and JSON's own."""


def requests_of(cloud: Cloud, do: Callable[[], Any]) -> list[Sent]:
    """The changes that ``do`` would ask for, in order. Raises CloudError where what it reads first can't be had.

    Each is answered as a service would, by an object with an id that stands for the real one. Where that is not
    enough for what follows, the list ends there.
    """
    noted: list[tuple[str, str, dict[str, Any]]] = []
    mark = dry.set((noted, _answer))
    try:
        do()
    except CloudError:
        if not noted:
            raise
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        if not noted:
            raise
    finally:
        dry.reset(mark)
    return [_sent(cloud, *item) for item in noted]


def _answer(method: str, url: str, given: Mapping[str, Any]) -> requests.Response:
    body: Any = {}
    asked = given.get("json")
    if method == "POST" and isinstance(asked, dict) and len(asked) == 1:
        ((name, inner),) = asked.items()
        if isinstance(inner, dict):
            body = {name: {**inner, "id": f"${name.upper().replace('-', '_')}_ID"}}
    answer = requests.Response()
    answer.status_code = 202
    answer.url = url
    answer.headers["Content-Type"] = "application/json"
    answer._content = json.dumps(body).encode()
    return answer


def _sent(cloud: Cloud, method: str, url: str, given: Mapping[str, Any]) -> Sent:
    service, path = _place(cloud, url)
    headers = {
        str(key): readable(str(value)) for key, value in (given.get("headers") or {}).items() if value is not None
    }
    version = str(given.get("microversion") or "")
    for name in MICROVERSION:
        found = headers.pop(name, "")
        version = version or found.rpartition(" ")[2]
    known = {"x-auth-token", "accept", "x-openstack-request-id", "user-agent", "content-length"}
    rest = {
        key: f"${key.upper().replace('-', '_')}" if SECRET.search(key) and not key.startswith("X-Remove-") else value
        for key, value in headers.items()
        if key.lower() not in known
    }
    if rest.get("Content-Type") == "application/json":
        rest.pop("Content-Type")
    body = given.get("json")
    if body is None and given.get("data"):
        body = _parsed(given["data"])
    return Sent(method, service, path, url, without_secrets(body), version, rest)


def _place(cloud: Cloud, url: str) -> tuple[str, str]:
    """Which service it goes to, and where there."""
    best = ("", "")
    for endpoint in cloud.access.catalog.endpoints:
        root = endpoint.url.rstrip("/")
        if url.startswith(root + "/") and len(root) > len(best[1]):
            best = (endpoint.service, root)
    if not best[0] and url.startswith(cloud.access.keystone.rstrip("/") + "/"):
        best = ("identity", cloud.access.keystone.rstrip("/"))
    path = url[len(best[1]) :] if best[0] else url
    return _types.get_service_type(best[0]) or best[0], re.sub(r"^/v\d+(\.\d+)?(?=/)", "", path).replace("%24", "$")


def _parsed(data: Any) -> Any:
    try:
        return json.loads(data)
    except (TypeError, ValueError):
        return "…"


def without_secrets(value: Any) -> Any:
    """A body with variables in place of what nobody is to see."""
    if isinstance(value, dict):
        return {
            key: f"${key.upper()}" if key in HIDDEN and isinstance(inner, str) and inner else without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value
