"""Every service of the recorded cloud at the wire: what tests that know no panel open pages against."""

from __future__ import annotations

import copy
import json
import re
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests_mock

from dashboard.cloud import transport
from dashboard.live import publish
from tests.harness import (
    services_catalog,
    services_cloud_view,
    services_compute_ops,
    services_credentials,
    services_heat,
    services_neutron,
    services_people,
    services_quotas,
    services_roles,
    services_swift,
)
from tests.harness.wire import CINDER, GLANCE, KEYSTONE, NEUTRON, NOVA, recorded

Change = Callable[[Any], Any]
Answer = Callable[[Any, Any], Any]
"""Of requests_mock: request and context to a text, or None to let the recorded answer through."""

BASES = {
    "compute": NOVA,
    "image": GLANCE,
    "network": NEUTRON,
    "block-storage": CINDER,
    "identity": KEYSTONE,
    "placement": services_compute_ops.PLACEMENT,
    "orchestration": services_heat.HEAT,
    "object-store": services_swift.ROOT,
}


@dataclass(frozen=True)
class Collection:
    """A list at the wire and its single things. ``one`` is what wraps a single one, "" if nothing does."""

    service: str
    path: str
    file: str
    key: str
    one: str
    id: str = "id"
    also: str = ""
    """Another path for the same list."""

    @property
    def place(self) -> str:
        """Where ``Services.rows`` has it: its path, with the service before it where two have the same."""
        return self.path if (self.service, self.path) != ("compute", "/os-services") else "compute/os-services"

    def rows(self) -> list[dict[str, Any]]:
        found = recorded(self.file)[self.key]
        # Nova wraps each key pair of the list as well.
        return [item[self.one] if set(item) == {self.one} else item for item in found]


COLLECTIONS = (
    Collection("compute", "/servers", "nova/server/list", "servers", "server", also="/servers/detail"),
    Collection("compute", "/flavors", "nova/flavors", "flavors", "flavor", also="/flavors/detail"),
    Collection("compute", "/os-keypairs", "nova/keypairs", "keypairs", "keypair", id="name"),
    Collection("compute", "/os-migrations", "nova/migrations", "migrations", "migration", id="uuid"),
    Collection("compute", "/os-server-groups", "nova/server_groups", "server_groups", "server_group"),
    Collection("image", "/v2/images", "glance/images_all", "images", ""),
    *(Collection(*item) for item in services_neutron.COLLECTIONS),
    Collection("block-storage", "/types", "cinder/types", "volume_types", "volume_type"),
    Collection("block-storage", "/group_types", "cinder/group_types", "group_types", "group_type"),
    Collection("block-storage", "/qos-specs", "cinder/qos_specs", "qos_specs", "qos_specs"),
    Collection("block-storage", "/os-services", "cinder/services", "services", "", id="host"),
    Collection("block-storage", "/scheduler-stats/get_pools", "cinder/pools", "pools", "", id="name"),
    Collection("block-storage", "/volumes", "cinder/volumes", "volumes", "volume", also="/volumes/detail"),
    Collection("block-storage", "/snapshots", "cinder/snapshots", "snapshots", "snapshot", also="/snapshots/detail"),
    Collection("block-storage", "/backups", "cinder/backups", "backups", "backup", also="/backups/detail"),
    Collection("block-storage", "/groups", "cinder/groups", "groups", "group", also="/groups/detail"),
    Collection(
        "block-storage",
        "/group_snapshots",
        "cinder/group_snapshots",
        "group_snapshots",
        "group_snapshot",
        also="/group_snapshots/detail",
    ),
    Collection(
        "block-storage",
        "/volume-transfers",
        "cinder/transfers",
        "transfers",
        "transfer",
        also="/volume-transfers/detail",
    ),
    *(Collection(*item) for item in services_compute_ops.COLLECTIONS),
    *(Collection(*item) for item in services_catalog.COLLECTIONS),
    *(Collection(*item) for item in services_cloud_view.COLLECTIONS),
    *(Collection(*item) for item in services_people.COLLECTIONS),
    *(Collection(*item) for item in services_roles.COLLECTIONS),
    *(Collection(*item) for item in services_credentials.COLLECTIONS),
    *(Collection(*item) for item in services_quotas.COLLECTIONS),
    *(Collection(*item) for item in services_heat.COLLECTIONS),
    *(Collection(*item) for item in services_swift.COLLECTIONS),
)
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "compute", "/", {"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1"}}),
    ("GET", "block-storage", "/", {"versions": [{"id": "v3.0", "version": "3.71", "min_version": "3.0"}]}),
    ("GET", "compute", "/limits", "nova/limits"),
    ("GET", "compute", "/servers/[^/]+/os-volume_attachments", "nova/server/volumes"),
    ("GET", "compute", "/servers/[^/]+/os-instance-actions", "nova/server/actions"),
    ("GET", "compute", "/servers/[^/]+/os-instance-actions/[^/]+", "nova/server/action"),
    ("GET", "compute", "/servers/[^/]+/os-server-password", {"password": ""}),
    ("GET", "compute", "/servers/[^/]+/diagnostics", "nova/server/diagnostics"),
    ("GET", "compute", "/servers/[^/]+/topology", "nova/server/topology"),
    ("GET", "compute", "/servers/[^/]+/migrations", "nova/server/running"),
    ("GET", "identity", "/auth/projects", {"projects": [{"id": "a" * 32, "name": "web"}]}),
    ("GET", "identity", "/users/(?!0{8}-)[^/]+", {"user": {"id": "b" * 32, "name": "alice"}}),
    ("GET", "compute", "/os-simple-tenant-usage", "nova/usages"),
    ("GET", "compute", "/os-simple-tenant-usage/[^/]+", "nova/usage"),
    ("GET", "image", "/v2/info/stores", {"stores": [{"id": "disk", "default": "true"}, {"id": "ceph"}]}),
    (
        "GET",
        "image",
        "/v2/info/import",
        {"import-methods": {"type": "array", "value": ["glance-direct", "web-download", "copy-image"]}},
    ),
    ("GET", "image", "/v2/info/usage", {"usage": {"image_size_total": {"usage": 12, "limit": 1000}}}),
    ("GET", "image", "/v2/schemas/image", {"properties": {}}),
    ("GET", "image", "/v2/images/[^/]+/tasks", {"tasks": []}),
    ("GET", "image", "/v2/images/[^/]+/members", {"members": []}),
    ("GET", "compute", "/os-availability-zone", {"availabilityZoneInfo": []}),
    ("GET", "block-storage", "/limits", "cinder/limits"),
    ("GET", "block-storage", "/os-availability-zone", "cinder/zones"),
    ("GET", "block-storage", "/os-quota-sets/[^/]+", "cinder/quotas"),
    ("GET", "block-storage", "/messages", "cinder/messages"),
    ("GET", "block-storage", "/types/[^/]+/os-volume-type-access", "cinder/type_access"),
    ("GET", "block-storage", "/types/[^/]+/encryption", "cinder/encryption"),
    ("GET", "block-storage", "/qos-specs/[^/]+/associations", "cinder/associations"),
    ("GET", "block-storage", "/qos-specs/[^/]+/(dis)?associate", {}),
    *services_cloud_view.SINGLES,
    *services_compute_ops.SINGLES,
    *services_people.SINGLES,
    *services_roles.SINGLES,
    *services_credentials.SINGLES,
    *services_quotas.SINGLES,
    *services_heat.SINGLES,
    *services_neutron.SINGLES,
)
ACCEPTED = ("PUT", "POST", "DELETE", "PATCH")
READING = re.compile(rb"os-getConsoleOutput")
"""What Nova has as a POST and changes nothing."""


def _same(body: Any) -> Any:
    return body


@dataclass
class Call:
    """One request upstream."""

    method: str
    url: str
    body: bytes

    @property
    def is_reading(self) -> bool:
        return bool(READING.search(self.body))

    @property
    def is_change(self) -> bool:
        is_sent = self.method not in {"GET", "HEAD"} or transport.CHANGING.search(self.url)
        return bool(is_sent) and not self.is_reading


@dataclass
class Services:
    """The recorded cloud. Tests change its answers: all of them by ``change``, or a service's by ``answers``."""

    calls: list[Call] = field(default_factory=list)
    change: Change = _same
    answers: dict[str, Answer] = field(default_factory=dict)
    """By service type; "" for every service."""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By collection path: other rows than those recorded."""

    def __post_init__(self) -> None:
        for item in COLLECTIONS:
            self.rows[item.place] = item.rows()

    def __call__(self, request: Any, context: Any) -> str | bytes:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        # What is passed on piece by piece is for who reads it.
        self.calls.append(Call(request.method, request.url, body if isinstance(body, bytes) else b""))
        service, base = next(
            (item for item in BASES.items() if request.url.startswith(item[1])), ("", "http://nowhere.invalid")
        )
        for name in (service, ""):
            if name in self.answers:
                found = self.answers[name](request, context)
                if found is not None:
                    return found if isinstance(found, str | bytes) else json.dumps(found)
        if service == "object-store":
            return services_swift.answer(self.rows[services_swift.PLACE], request, context, self.change)
        url = urllib.parse.urlsplit(request.url)
        path = urllib.parse.unquote(url.path.removeprefix(urllib.parse.urlsplit(base).path)).rstrip("/") or "/"
        context.headers["X-OpenStack-Request-ID"] = "req-0123"
        body = self._body(service, request, path, context)
        return json.dumps(self.change(body)) if body is not None else ""

    def _body(self, service: str, request: Any, path: str, context: Any) -> Any:
        if request.method in ACCEPTED:
            if self.calls[-1].is_reading:
                return recorded("nova/server/console")
            return self._changed(service, request, path, context)
        for item in COLLECTIONS:
            if item.service != service:
                continue
            if path in {item.path, item.also}:
                return self._list(item, request)
            if path.startswith(f"{item.path}/") and "/" not in path.removeprefix(f"{item.path}/"):
                wanted = path.removeprefix(f"{item.path}/")
                row = next((row for row in self.rows[item.place] if str(row[item.id]) == wanted), None)
                if row is not None:
                    return {item.one: row} if item.one else row
        if service == "network" and re.fullmatch("/v2.0/quotas/[^/]+/details.json", path):
            # Where a test empties every list, nothing has a quota either.
            return recorded("neutron/quotas") if any(self.rows.values()) else {"quota": {}}
        if service == "orchestration" and (found := services_heat.one(self.rows["/stacks"], path)) is not None:
            return found
        if (service, path) == ("identity", "/role_assignments"):
            return services_people.assignments(request.url)
        for method, of, pattern, answer in SINGLES:
            if (method, of) == (request.method, service) and re.fullmatch(pattern, path):
                return recorded(answer) if isinstance(answer, str) else copy.deepcopy(answer)
        if path == "/auth/tokens":
            return recorded("keystone/token")
        context.status_code = 404
        return recorded("nova/server/not_found")

    def _list(self, item: Collection, request: Any) -> Any:
        rows = self.rows[item.place]
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.url).query))
        if item.service == "identity":
            return {item.key: services_people.as_keystone_lists(rows, request.url)}
        if item.service == "orchestration":
            return {item.key: services_heat.as_heat_lists(rows, request.url)}
        if item.service == "network":
            return {item.key: services_neutron.as_neutron_lists(rows, request.url)}
        if "volume_id" in query:
            rows = [row for row in rows if row.get("volume_id") == query["volume_id"]]
        if "marker" in query:
            ids = [row[item.id] for row in rows]
            rows = rows[ids.index(query["marker"]) + 1 :] if query["marker"] in ids else []
        wrapped = item.path == "/os-keypairs"
        return {item.key: [{item.one: row} for row in rows] if wrapped else rows}

    @staticmethod
    def _changed(service: str, request: Any, path: str, context: Any) -> Any:
        if request.method == "DELETE":
            context.status_code = 204
            return None
        if path == "/os-keypairs":
            return recorded("nova/keypair_created")
        if service == "orchestration":
            return services_heat.changed(request.method, path)
        context.status_code = 202
        return recorded("nova/launched") if path == "/servers" else {}

    # What tests ask

    @property
    def changes(self) -> list[Call]:
        """What was asked to be changed."""
        return [call for call in self.calls if call.is_change]

    def to(self, service: str) -> list[Call]:
        """What one service was asked."""
        return [call for call in self.calls if call.url.startswith(BASES[service])]

    def fail(
        self, service: str, *, status: int = 0, text: Any = "", error: Exception | None = None, **headers: str
    ) -> None:
        """From now on a service ("" for all) answers so to everything, or does not answer."""

        def answer(request: Any, context: Any) -> Any:
            if error is not None:
                raise error
            context.status_code = status or 200
            context.headers.update({key.replace("_", "-"): value for key, value in headers.items()})
            return text if isinstance(text, str) and text else json.dumps(text) if text != "" else " "

        self.answers[service] = answer


def at_rest() -> None:
    """Waits until no poll that a page started is under way, so that the next page finds its result."""
    ends = time.monotonic() + 10
    while publish.is_busy() and time.monotonic() < ends:
        time.sleep(0.005)


@pytest.fixture
def services() -> Iterator[Services]:
    """The recorded cloud in place of the network."""
    found = Services()
    with requests_mock.Mocker() as mock:
        mock.register_uri(requests_mock.ANY, requests_mock.ANY, text=found)
        yield found
        at_rest()
