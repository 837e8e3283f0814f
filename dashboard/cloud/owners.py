"""Whose something is: anything in any project by its id, its whole name, an address or a MAC address.

Each service is asked for exactly that, side by side; no list is read. For administrators.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.cloud import cinder, neutron, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import CloudError, Forbidden, Invalid, NotFound, Unauthorized
from dashboard.cloud.parallel import in_turn

EACH = 20
"""Things of one kind that are told."""
AT_ONCE = 6
SERVERS = 5
"""Servers whose names are asked for, of ports that were found."""
MAC = re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}")
NETWORK = {
    "network": ("networks", "networks"),
    "subnet": ("subnets", "subnets"),
    "port": ("ports", "ports"),
    "router": ("routers", "routers"),
    "floating-ip": ("floatingips", "floatingips"),
    "security-group": ("security-groups", "security_groups"),
}
"""Neutron's kinds: their path, and the list's key in the answer."""


@dataclass(frozen=True)
class Found:
    """Something, and whose it is. ``used_by`` is what has it: a port's server, a floating IP's port."""

    kind: str
    id: str
    name: str = ""
    project_id: str = ""
    user_id: str = ""
    detail: str = ""
    used_kind: str = ""
    used_id: str = ""
    used_name: str = ""


@dataclass(frozen=True)
class Answer:
    """What was found, and the services that could not be asked."""

    found: tuple[Found, ...] = ()
    missing: tuple[str, ...] = ()
    has_more: bool = False


Ask = Callable[[], list[Found]]


def kind_of(text: str) -> str:
    """What was typed: "id", "mac", "ip" or "name"; "" for nothing."""
    text = text.strip().casefold()
    if not text:
        return ""
    if neutron.is_id(text):
        return "id"
    if MAC.fullmatch(text):
        return "mac"
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return "name"
    return "ip"


def find(cloud: Cloud, text: str) -> Answer:
    """Everything that is called so, or has that id or address, in any project. Raises Unauthorized alone."""
    text = text.strip()
    calls = [(service, call) for service, call in _calls(cloud, text) if service == "identity" or cloud.offers(service)]
    found: dict[tuple[str, str], Found] = {}
    missing: list[str] = []
    has_more = False
    for (service, _call), outcome in zip(calls, in_turn([call for _s, call in calls], at_once=AT_ONCE), strict=True):
        rows = outcome.or_else(None)
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        if rows is None:
            # That there is none, or that no such id can be, is an answer as well.
            if not isinstance(outcome.error, NotFound | Invalid | Forbidden) and service not in missing:
                missing.append(service)
            continue
        has_more = has_more or len(rows) > EACH
        for item in rows[:EACH]:
            if item.id:
                found.setdefault((item.kind, item.id), item)
    return Answer(_with_servers(cloud, list(found.values())), tuple(missing), has_more)


def _calls(cloud: Cloud, text: str) -> list[tuple[str, Ask]]:
    kind = kind_of(text)
    if kind == "id":
        return _by_id(cloud, text)
    if kind == "mac":
        return [("network", _neutron(cloud, "port", mac_address=text.casefold().replace("-", ":")))]
    if kind == "ip":
        address = str(ipaddress.ip_address(text))
        return [
            ("network", _neutron(cloud, "port", fixed_ips=f"ip_address={address}")),
            ("network", _neutron(cloud, "floating-ip", floating_ip_address=address)),
            ("network", _neutron(cloud, "floating-ip", fixed_ip_address=address)),
        ]
    return _by_name(cloud, text) if kind else []


def _by_id(cloud: Cloud, id: str) -> list[tuple[str, Ask]]:
    path = wire.path_id(id)

    def server() -> list[Found]:
        answer = cloud.get("compute", "/servers/" + path, microversion=NOVA_MICROVERSION)
        return _servers([wire.mapping(answer.get("server"))])

    def stored(kind: str, where: str) -> list[Found]:
        return _stored(kind, [cinder.one(cloud, f"/{where}/{path}", kind)])

    def image() -> list[Found]:
        return _images([cloud.get("image", "/v2/images/" + path)])

    def named(kind: str, where: str) -> list[Found]:
        return _identity(kind, [wire.mapping(cloud.get("identity", "/" + where + "/" + path).get(kind))])

    return [
        ("compute", server),
        ("block-storage", functools.partial(stored, "volume", "volumes")),
        ("block-storage", functools.partial(stored, "snapshot", "snapshots")),
        ("image", image),
        *(("network", _neutron(cloud, kind, id=id)) for kind in NETWORK),
        ("identity", functools.partial(named, "project", "projects")),
        ("identity", functools.partial(named, "user", "users")),
    ]


def _by_name(cloud: Cloud, name: str) -> list[tuple[str, Ask]]:
    def servers() -> list[Found]:
        # Nova takes a pattern of its database's.
        pattern = f"^{re.escape(name)}$"
        asked = {"all_tenants": 1, "name": pattern, "limit": EACH + 1}
        answer = cloud.get("compute", "/servers/detail", microversion=NOVA_MICROVERSION, **asked)
        return _servers([item for item in wire.objects(answer.get("servers")) if item.get("name") == name])

    def stored(kind: str, where: str) -> list[Found]:
        asked = {"all_tenants": 1, "name": name, "limit": EACH + 1}
        return _stored(kind, cinder.some(cloud, f"/{where}/detail", where, **asked))

    def images() -> list[Found]:
        answer = cloud.get("image", "/v2/images", visibility="all", name=f'in:"{name}"', limit=EACH + 1)
        return _images(wire.objects(answer.get("images")))

    def named(kind: str, where: str) -> list[Found]:
        return _identity(kind, wire.objects(cloud.get("identity", "/" + where, name=name).get(where)))

    own = [kind for kind in NETWORK if kind != "floating-ip"]
    calls: list[tuple[str, Ask]] = [
        ("compute", servers),
        ("block-storage", functools.partial(stored, "volume", "volumes")),
        ("block-storage", functools.partial(stored, "snapshot", "snapshots")),
        *(("network", _neutron(cloud, kind, name=name)) for kind in own),
        ("identity", functools.partial(named, "project", "projects")),
        ("identity", functools.partial(named, "user", "users")),
    ]
    return calls if '"' in name else [*calls, ("image", images)]


def _neutron(cloud: Cloud, kind: str, **asked: Any) -> Ask:
    path, key = NETWORK[kind]

    def ask() -> list[Found]:
        answer = cloud.get("network", "/v2.0/" + path, limit=EACH + 1, **asked)
        return [_of_network(kind, item) for item in wire.objects(answer.get(key))]

    return ask


def _of_network(kind: str, item: Mapping[str, Any]) -> Found:
    found = Found(
        kind, wire.text(item.get("id")), wire.text(item.get("name")), project_id=wire.text(item.get("project_id"))
    )
    if kind == "port":
        addresses = ", ".join(wire.text(ip.get("ip_address")) for ip in wire.objects(item.get("fixed_ips")))
        owner, device = wire.text(item.get("device_owner")), wire.text(item.get("device_id"))
        used = "server" if owner.startswith("compute:") else "router" if owner.startswith("network:router") else ""
        parts = (addresses, wire.text(item.get("mac_address")), "" if used else owner)
        detail = " · ".join(part for part in parts if part)
        return replace(found, detail=detail, used_kind=used, used_id=device if used else "")
    if kind == "floating-ip":
        to = wire.text(item.get("fixed_ip_address"))
        port = wire.text(item.get("port_id"))
        server = wire.text(wire.mapping(item.get("port_details")).get("device_id"))
        is_server = wire.text(wire.mapping(item.get("port_details")).get("device_owner")).startswith("compute:")
        return replace(
            found,
            name=wire.text(item.get("floating_ip_address")),
            detail=f"→ {to}" if to else "",
            used_kind="server" if is_server else "port" if port else "",
            used_id=server if is_server else port,
        )
    return replace(found, detail=wire.text(item.get("cidr")))


def _servers(items: Sequence[Mapping[str, Any]]) -> list[Found]:
    return [
        Found(
            "server",
            wire.text(item.get("id")),
            wire.text(item.get("name")),
            project_id=wire.text(item.get("tenant_id")),
            user_id=wire.text(item.get("user_id")),
            detail=wire.text(item.get("OS-EXT-SRV-ATTR:host")),
        )
        for item in items
    ]


def _stored(kind: str, items: Sequence[Mapping[str, Any]]) -> list[Found]:
    key = "os-vol-tenant-attr:tenant_id" if kind == "volume" else "os-extended-snapshot-attributes:project_id"
    return [
        Found(
            kind,
            wire.text(item.get("id")),
            wire.text(item.get("name")),
            project_id=wire.text(item.get(key)),
            user_id=wire.text(item.get("user_id")),
        )
        for item in items
    ]


def _images(items: Sequence[Mapping[str, Any]]) -> list[Found]:
    return [
        Found("image", wire.text(item.get("id")), wire.text(item.get("name")), project_id=wire.text(item.get("owner")))
        for item in items
    ]


def _identity(kind: str, items: Sequence[Mapping[str, Any]]) -> list[Found]:
    return [
        Found(
            kind,
            wire.text(item.get("id")),
            wire.text(item.get("name")),
            project_id=wire.text(item.get("id")) if kind == "project" else "",
            user_id=wire.text(item.get("id")) if kind == "user" else "",
        )
        for item in items
    ]


def _with_servers(cloud: Cloud, found: list[Found]) -> tuple[Found, ...]:
    """The names of the servers that have ports which were found: of a few, as more are no answer to "whose"."""
    wanted = list(dict.fromkeys(item.used_id for item in found if item.used_kind == "server" and item.used_id))
    if not wanted or not cloud.offers("compute"):
        return tuple(found)
    calls = [functools.partial(_server_name, cloud, id) for id in wanted[:SERVERS]]
    names = {id: outcome.or_else("") for id, outcome in zip(wanted, in_turn(calls), strict=False)}
    return tuple(replace(item, used_name=names.get(item.used_id, "")) for item in found)


def _server_name(cloud: Cloud, id: str) -> str:
    try:
        answer = cloud.get("compute", f"/servers/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)
    except CloudError:
        return ""
    return wire.text(wire.mapping(answer.get("server")).get("name"))
