"""What is written on a server: its metadata and its tags, and the keys that the cloud has a meaning for.

Follows https://docs.openstack.org/api-ref/compute/#server-metadata-servers-metadata, #server-tags-servers-tags
and https://docs.openstack.org/api-ref/image/v2/metadefs-index.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import metadefs, paging, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.nova import SERVICE, asking
from dashboard.cloud.parallel import later

RESOURCE = "OS::Nova::Server"
NAMESPACES = 20
"""Namespaces of definitions that are read."""


@dataclass(frozen=True)
class Definition:
    """A key of metadata that means something in this cloud. ``type`` is JSON's: "string", "integer", "boolean"..."""

    key: str
    title: str = ""
    description: str = ""
    type: str = "string"
    choices: tuple[str, ...] = ()
    group: str = ""

    @classmethod
    def from_json(cls, key: str, body: Mapping[str, Any], *, prefix: str = "", group: str = "") -> Definition:
        items = wire.mapping(body.get("items"))
        choices = wire.listing(body.get("enum")) or wire.listing(items.get("enum"))
        return cls(
            key=prefix + key,
            title=wire.text(body.get("title")),
            description=wire.text(body.get("description")),
            type=wire.text(body.get("type"), "string"),
            choices=tuple(wire.text(item) for item in choices if wire.text(item)),
            group=group,
        )


def set_metadata(cloud: Cloud, *, id: str, metadata: Mapping[str, str]) -> None:
    """Gives a server just this metadata; any other key goes. Raises CloudError."""
    # By hand: the client can only add to what there is.
    path = f"/servers/{wire.path_id(id)}/metadata"
    cloud.put(SERVICE, path, {"metadata": dict(metadata)}, microversion=NOVA_MICROVERSION)


def set_tags(cloud: Cloud, *, id: str, tags: Iterable[str]) -> None:
    """Gives a server just these tags (2.26). Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.set_tags(wire.path_id(id), list(tags))


def list_definitions(cloud: Cloud, resource: str = RESOURCE) -> tuple[Definition, ...]:
    """The keys that Glance's metadata definitions have for servers, or others, by group and key. Raises CloudError."""
    spaces: list[str] = []
    for items in paging.pages(
        cloud,
        "image",
        "/v2/metadefs/namespaces",
        "namespaces",
        size=100,
        most=200,
        marker_of=lambda item: wire.text(item.get("namespace")),
        resource_types=resource,
    ):
        spaces += [wire.text(item.get("namespace")) for item in items if _is_for_metadata(item, resource)]
    waiting = [later(functools.partial(metadefs.get_namespace, cloud, name)) for name in spaces[:NAMESPACES]]
    found = [definition for call in waiting for definition in _definitions(call.or_else({}), resource)]
    return tuple(sorted(found, key=lambda item: (item.group.casefold(), item.key.casefold())))


def _is_for_metadata(space: Mapping[str, Any], resource: str) -> bool:
    return any(
        item.get("name") == resource and wire.text(item.get("properties_target"), "metadata") == "metadata"
        for item in wire.objects(space.get("resource_type_associations"))
    )


def _definitions(space: Mapping[str, Any], resource: str) -> list[Definition]:
    """The properties of a namespace, and those of its objects."""
    uses = wire.objects(space.get("resource_type_associations"))
    prefix = next((wire.text(item.get("prefix")) for item in uses if item.get("name") == resource), "")
    group = wire.text(space.get("display_name")) or wire.text(space.get("namespace"))
    sources = [wire.mapping(space.get("properties"))]
    sources += [wire.mapping(item.get("properties")) for item in wire.objects(space.get("objects"))]
    return [
        Definition.from_json(str(key), wire.mapping(body), prefix=prefix, group=group)
        for source in sources
        for key, body in source.items()
    ]
