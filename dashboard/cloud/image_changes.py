"""Making images, changing what is written down of them, and sharing them.

Three are asked for directly: the client's ``update`` reads the image before and after, and replaces its tags each
time; its ``create`` takes a property named "backend" for a header; its ``image_import`` can't say that all stores must
succeed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, translated
from dashboard.cloud.image_types import CHANGE_KEY, OWN_KEY, Image
from dashboard.cloud.images import get_image_json

PATCH = "application/openstack-images-v2.1-json-patch"
BASE = frozenset(
    {"name", "visibility", "protected", "os_hidden", "min_disk", "min_ram", "tags", "disk_format", "container_format"}
)
"""Attributes that every image has: they are replaced, never removed."""
PROPERTY_NAME = re.compile(r"[^\s/~]{1,255}")


@dataclass(frozen=True)
class Member:
    """A project that an image is shared with."""

    project_id: str
    status: str
    """pending, accepted or rejected."""
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Member:
        return cls(
            project_id=wire.text(json.get("member_id")),
            status=wire.text(json.get("status")),
            created=wire.moment(json.get("created_at")),
            updated=wire.moment(json.get("updated_at")),
        )


def create_image(cloud: Cloud, attributes: Mapping[str, Any]) -> Image:
    """Writes down a new image, which waits for its data then. Raises QuotaExceeded, Invalid."""
    answer = cloud.post("image", "/v2/images", dict(attributes))
    return Image.from_json({**answer, OWN_KEY: True, CHANGE_KEY: True})


def patch_of(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The JSON patch that makes ``was`` into ``now``; only what differs is in it.

    ``None`` in ``now`` takes a property away; what ``now`` does not name stays.
    """
    patch: list[dict[str, Any]] = []
    for key, value in now.items():
        path = "/" + key.replace("~", "~0").replace("/", "~1")
        has = key in was and was[key] is not None
        if value is None:
            if key in was and key not in BASE:
                patch.append({"op": "remove", "path": path})
        elif not has:
            patch.append({"op": "replace" if key in BASE else "add", "path": path, "value": value})
        elif _differs(key, was[key], value):
            patch.append({"op": "replace", "path": path, "value": value})
    return patch


def _differs(key: str, was: Any, now: Any) -> bool:
    if key == "tags":
        return set(wire.texts(was)) != set(now)
    return bool(was != now)


def update_image(cloud: Cloud, *, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes what differs from what the image is now, and gives it as it is then. Raises CloudError."""
    was = get_image_json(cloud, id)
    patch = patch_of(was, changes)
    return send_patch(cloud, id=id, patch=patch) if patch else was


def send_patch(cloud: Cloud, *, id: str, patch: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sends a JSON patch. Raises Conflict, Forbidden (protected properties), Invalid, QuotaExceeded."""
    response = cloud.request(
        "image", "PATCH", f"/v2/images/{wire.path_id(id)}", json=list(patch), headers={"Content-Type": PATCH}
    )
    body = response.json() if response.content else {}
    return dict(wire.mapping(body))


def deactivate_image(cloud: Cloud, *, id: str) -> None:
    """Nobody may start from it or read it until it is reactivated. For administrators. Raises CloudError."""
    with translated("image"):
        cloud.glance.images.deactivate(wire.path_id(id))


def reactivate_image(cloud: Cloud, *, id: str) -> None:
    """Lets a deactivated image be used again. Raises CloudError."""
    with translated("image"):
        cloud.glance.images.reactivate(wire.path_id(id))


def list_members(cloud: Cloud, *, id: str) -> tuple[Member, ...]:
    """The projects that an image is shared with; a member sees itself only. Raises CloudError."""
    with translated("image"):
        found = list(cloud.glance.image_members.list(wire.path_id(id)))
    return tuple(Member.from_json(item) for item in found)


def add_member(cloud: Cloud, *, id: str, project_id: str) -> None:
    """Offers an image to a project. Raises Conflict if it was already, Forbidden if the image is not shared."""
    with translated("image"):
        cloud.glance.image_members.create(wire.path_id(id), project_id)


def remove_member(cloud: Cloud, *, id: str, project_id: str) -> None:
    """Takes an image away from a project. Raises CloudError."""
    with translated("image"):
        cloud.glance.image_members.delete(wire.path_id(id), wire.path_id(project_id))


def answer_offer(cloud: Cloud, *, id: str, status: Literal["accepted", "rejected", "pending"]) -> None:
    """Takes an image that another project shares with this one, or turns it down. Raises CloudError."""
    with translated("image"):
        cloud.glance.image_members.update(wire.path_id(id), wire.path_id(cloud.project_id), status)


def project_named(cloud: Cloud, text: str, known: Iterable[tuple[str, str]]) -> str:
    """The id of a project from its id or, if ``known`` (pairs of id and name) has it or the person may ask, its name.

    "" if there is none of this name that can be seen, or more than one. Raises CloudError.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        return text
    own = [id for id, name in known if name == text]
    if own:
        return own[0] if len(own) == 1 else ""
    if "admin" not in cloud.roles:
        return ""
    try:
        answer = cloud.get("identity", "/projects", name=text)
    except CloudError:
        return ""
    found = [wire.text(item.get("id")) for item in wire.objects(answer.get("projects"))]
    return found[0] if len(found) == 1 else ""


def import_image(
    cloud: Cloud,
    *,
    id: str,
    method: Mapping[str, Any],
    stores: Sequence[str] = (),
    is_all_stores: bool = False,
    must_all_succeed: bool = True,
) -> None:
    """Has Glance bring the data by itself: ``method`` is {"name": "web-download", "uri": ...}. Raises CloudError."""
    body: dict[str, Any] = {"method": dict(method)}
    if is_all_stores:
        body |= {"all_stores": True, "all_stores_must_succeed": must_all_succeed}
    elif stores:
        body |= {"stores": list(stores), "all_stores_must_succeed": must_all_succeed}
    cloud.post("image", f"/v2/images/{wire.path_id(id)}/import", body)


def delete_from_store(cloud: Cloud, *, id: str, store: str) -> None:
    """Deletes the data in one of several stores. Raises Conflict, Forbidden if it is the last one."""
    with translated("image"):
        cloud.glance.images.delete_from_store(wire.path_id(store), wire.path_id(id))
