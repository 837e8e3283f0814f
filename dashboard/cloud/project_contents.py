"""What a project holds, service by service, as an administrator sees it from another project, and how each goes away.

With the default policies the token of an administrator lists and deletes what is in any project (Nova, Cinder and
Neutron: by filters; Glance: by the owner); no role in that project is needed, and the project may be disabled.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import cinder, paging, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import BadAnswer, CloudError, NotFound, Unauthorized
from dashboard.cloud.parallel import later

MOST = 2000
"""Things of one kind that are read at most."""
SECONDS = 30.0


@dataclass(frozen=True)
class Thing:
    """Something that a project has."""

    kind: str
    id: str
    name: str
    detail: str = ""
    """Its state, or who else may use it."""
    why_not: str = ""
    """A code for what keeps it from being deleted: "protected"."""


@dataclass(frozen=True)
class Kind:
    """How things of one kind are listed and deleted. ``is_slow``: deleting is only asked for, and takes a while."""

    key: str
    service: str
    list: Callable[[Cloud, str], list[Thing]]
    delete: Callable[[Cloud, str], None]
    is_slow: bool = False


@dataclass(frozen=True)
class Contents:
    """Everything that was found, and which kinds could not be read."""

    things: tuple[Thing, ...]
    errors: Mapping[str, CloudError]
    blocks: tuple[tuple[str, str, int], ...] = ()
    """What is in the way of deleting: a code ("foreign-ports", "children"), a name, and how many."""

    def of(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]


def _servers(cloud: Cloud, project_id: str) -> list[Thing]:
    found: dict[str, Thing] = {}
    # Servers that were deleted and are kept for a while are in no list but their own.
    for status in (None, "SOFT_DELETED"):
        pages = paging.pages(
            cloud,
            "compute",
            "/servers/detail",
            "servers",
            most=MOST,
            microversion=NOVA_MICROVERSION,
            all_tenants=1,
            project_id=project_id,
            status=status,
        )
        for item in (item for page in pages for item in page):
            thing = _thing("server", item, wire.text(item.get("status")))
            found[thing.id] = thing
    return list(found.values())


def _delete_server(cloud: Cloud, id: str) -> None:
    path = f"/servers/{wire.path_id(id)}"
    answer = cloud.get("compute", path, microversion=NOVA_MICROVERSION)
    if wire.mapping(answer.get("server")).get("status") == "SOFT_DELETED":
        cloud.post("compute", f"{path}/action", {"forceDelete": None}, microversion=NOVA_MICROVERSION)
    else:
        cloud.delete("compute", path, microversion=NOVA_MICROVERSION)


def _server_groups(cloud: Cloud, project_id: str) -> list[Thing]:
    pages = paging.pages(
        cloud,
        "compute",
        "/os-server-groups",
        "server_groups",
        most=MOST,
        microversion=NOVA_MICROVERSION,
        all_projects="true",
    )
    return [_thing("server-group", item) for page in pages for item in page if item.get("project_id") == project_id]


def _delete_server_group(cloud: Cloud, id: str) -> None:
    cloud.delete("compute", f"/os-server-groups/{wire.path_id(id)}", microversion=NOVA_MICROVERSION)


def _images(cloud: Cloud, project_id: str) -> list[Thing]:
    found = []
    for page in paging.pages(cloud, "image", "/v2/images", "images", most=MOST, owner=project_id, visibility="all"):
        for item in page:
            if item.get("owner") != project_id:
                continue
            seen = wire.text(item.get("visibility"))
            protected = "protected" if item.get("protected") is True else ""
            thing = _thing("image", item, seen if seen in {"public", "community"} else "", protected)
            found.append(thing)
    return found


def _delete_image(cloud: Cloud, id: str) -> None:
    cloud.delete("image", f"/v2/images/{wire.path_id(id)}")


def _in_cinder(path: str, key: str, kind: str) -> Callable[[Cloud, str], list[Thing]]:
    def found(cloud: Cloud, project_id: str) -> list[Thing]:
        things: list[Thing] = []
        for page in cinder.every(cloud, f"/{path}/detail", key, all_tenants=1, project_id=project_id):
            # Each of them says whose it is; some older versions don't narrow the list.
            own = [item for item in page if _owner(item) in {"", project_id}]
            things += [_thing(kind, item, wire.text(item.get("status"))) for item in own]
            if len(things) >= MOST:
                break
        return things

    return found


def _owner(item: Mapping[str, Any]) -> str:
    for key in ("os-vol-tenant-attr:tenant_id", "os-extended-snapshot-attributes:project_id", "project_id"):
        if item.get(key):
            return wire.text(item[key])
    return ""


def _delete_in_cinder(path: str) -> Callable[[Cloud, str], None]:
    return lambda cloud, id: cinder.delete(cloud, "/".join(("", path, wire.path_id(id))))


def _delete_group(cloud: Cloud, id: str) -> None:
    # Volumes of a group can't be deleted one by one.
    cinder.post(cloud, f"/groups/{wire.path_id(id)}/action", {"delete": {"delete-volumes": True}})


def _in_neutron(path: str, key: str, kind: str) -> Callable[[Cloud, str], list[Thing]]:
    def found(cloud: Cloud, project_id: str) -> list[Thing]:
        try:
            pages = list(paging.pages(cloud, "network", f"/v2.0/{path}", key, most=MOST, project_id=project_id))
        except NotFound:
            # This cloud's Neutron has no such thing.
            return []
        items = [item for page in pages for item in page if item.get("project_id", project_id) == project_id]
        return [_networked(kind, item) for item in items if not _is_neutrons(kind, item)]

    return found


def _is_neutrons(kind: str, item: Mapping[str, Any]) -> bool:
    """What goes by itself with what it is part of."""
    return kind == "port" and wire.text(item.get("device_owner")).startswith("network:")


def _networked(kind: str, item: Mapping[str, Any]) -> Thing:
    addresses = ", ".join(wire.text(ip.get("ip_address")) for ip in wire.objects(item.get("fixed_ips")))
    if kind == "floating-ip":
        return Thing(kind, wire.text(item.get("id")), wire.text(item.get("floating_ip_address")))
    detail = addresses if kind == "port" else "shared" if item.get("shared") is True else ""
    return _thing(kind, item, detail)


def _delete_in_neutron(path: str) -> Callable[[Cloud, str], None]:
    return lambda cloud, id: cloud.delete("network", "/v2.0/" + path + "/" + wire.path_id(id))


def _delete_router(cloud: Cloud, id: str) -> None:
    path = f"/v2.0/routers/{wire.path_id(id)}"
    pages = paging.pages(cloud, "network", "/v2.0/ports", "ports", most=MOST, device_id=id)
    for port in (item for page in pages for item in page):
        if "router_interface" in wire.text(port.get("device_owner")):
            cloud.put("network", f"{path}/remove_router_interface", {"port_id": wire.text(port.get("id"))})
    cloud.delete("network", path)


def _thing(kind: str, item: Mapping[str, Any], detail: str = "", why_not: str = "") -> Thing:
    id = wire.text(item.get("id"))
    return Thing(kind, id, wire.text(item.get("name")) or id, detail, why_not)


def _neutron(key: str, path: str, many: str) -> Kind:
    return Kind(key, "network", _in_neutron(path, many, key), _delete_in_neutron(path))


def _cinder(key: str, path: str, many: str, delete: Callable[[Cloud, str], None] | None = None) -> Kind:
    return Kind(key, "block-storage", _in_cinder(path, many, key), delete or _delete_in_cinder(path), is_slow=True)


KINDS: tuple[Kind, ...] = (
    Kind("server", "compute", _servers, _delete_server, is_slow=True),
    Kind("server-group", "compute", _server_groups, _delete_server_group),
    _neutron("floating-ip", "floatingips", "floatingips"),
    Kind("router", "network", _in_neutron("routers", "routers", "router"), _delete_router),
    _neutron("trunk", "trunks", "trunks"),
    _neutron("port", "ports", "ports"),
    _neutron("network", "networks", "networks"),
    _neutron("network-sharing", "rbac-policies", "rbac_policies"),
    _neutron("subnet-pool", "subnetpools", "subnetpools"),
    _neutron("address-scope", "address-scopes", "address_scopes"),
    _neutron("qos-policy", "qos/policies", "policies"),
    _cinder("backup", "backups", "backups"),
    _cinder("group-snapshot", "group_snapshots", "group_snapshots"),
    _cinder("snapshot", "snapshots", "snapshots"),
    _cinder("volume-group", "groups", "groups", _delete_group),
    _cinder("volume", "volumes", "volumes"),
    Kind("image", "image", _images, _delete_image),
    _neutron("address-group", "address-groups", "address_groups"),
    _neutron("security-group", "security-groups", "security_groups"),
)
"""In the order in which they go: what others stand on comes after them. Security groups are last: asking Neutron for
those of a project makes its "default" anew."""
BY_KEY = {kind.key: kind for kind in KINDS}


def list_contents(cloud: Cloud, project_id: str, *, without: tuple[str, ...] = ()) -> Contents:
    """Everything that a project holds. A kind that can't be read costs its own. Raises Unauthorized."""
    waiting = [
        (kind, later(functools.partial(kind.list, cloud, project_id), seconds=SECONDS))
        for kind in KINDS
        if cloud.offers(kind.service) and kind.key not in without
    ]
    children = later(functools.partial(_children, cloud, project_id))
    things: list[Thing] = []
    errors: dict[str, CloudError] = {}
    for kind, outcome in waiting:
        things += outcome.or_else([])
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        if outcome.error is not None:
            outcome.error.service = outcome.error.service or kind.service
            errors[kind.key] = outcome.error
    blocks = [("children", name, 1) for name in children.or_else([])]
    networks = {thing.id: thing.name for thing in things if thing.kind == "network"}
    if networks:
        blocks += later(functools.partial(_foreign, cloud, project_id, networks), seconds=SECONDS).or_else([])
    return Contents(tuple(things), errors, tuple(blocks))


def _children(cloud: Cloud, project_id: str) -> list[str]:
    answer = cloud.get("identity", "/projects", parent_id=project_id)
    return [wire.text(item.get("name")) for item in wire.objects(answer.get("projects"))]


def _foreign(cloud: Cloud, project_id: str, networks: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """Ports of other projects on this one's networks, by network: they keep it."""
    ids = sorted(networks)[:50]
    fields = ["id", "network_id", "project_id", "device_owner"]
    counts: dict[str, int] = {}
    pages = paging.pages(cloud, "network", "/v2.0/ports", "ports", most=MOST, network_id=ids, fields=fields)
    for port in (item for page in pages for item in page):
        owner = wire.text(port.get("device_owner"))
        # Neutron's own go with the network; a router's belong to nobody, and are told by the router.
        is_own = port.get("project_id") in {project_id, "", None} or owner in {"network:dhcp", "network:distributed"}
        name = networks.get(wire.text(port.get("network_id")))
        if not is_own and name is not None:
            counts[name] = counts.get(name, 0) + 1
    return [("foreign-ports", name, count) for name, count in counts.items()]


def get_project(cloud: Cloud, id: str) -> dict[str, Any]:
    """A project as Keystone gives it. Raises CloudError."""
    found = paging.inner(cloud.get("identity", f"/projects/{wire.path_id(id)}"), "project", "identity")
    if not wire.text(found.get("id")):
        raise BadAnswer("The project has no id.", service="identity")
    return found
