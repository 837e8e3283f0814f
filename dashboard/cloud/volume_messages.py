"""Cinder's messages to people: why a volume, snapshot or backup went wrong, in its own words (3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import cinder, wire
from dashboard.cloud.connection import Cloud

MOST = 50


@dataclass(frozen=True)
class Message:
    """What went wrong with one thing, and the request that it went wrong in."""

    id: str
    message: str
    level: str = ""
    created: datetime | None = None
    request_id: str = ""
    event: str = ""

    @property
    def started_at(self) -> datetime | None:
        """As a server's fault calls it."""
        return self.created

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Message:
        return cls(
            id=wire.text(item.get("id")),
            message=wire.text(item.get("user_message")),
            level=wire.text(item.get("message_level")),
            created=wire.moment(item.get("created_at")),
            request_id=wire.text(item.get("request_id")),
            event=wire.text(item.get("event_id")),
        )


def list_messages(cloud: Cloud, *, resource_id: str, most: int = MOST) -> list[Message]:
    """What Cinder has to say of a resource, the newest first; nothing where it is too old. Raises CloudError."""
    if not cinder.speaks(cloud, "3.5"):
        return []
    found = cinder.some(cloud, "/messages", "messages", resource_uuid=resource_id, limit=most, sort="created_at:desc")
    # Clouds that filter messages by no field give all of them.
    own = [item for item in found if item.get("resource_uuid") == resource_id]
    return [Message.from_json(item) for item in own]


def latest_fault(cloud: Cloud, resource_id: str) -> dict[str, Any] | None:
    """Cinder's latest message about a resource as JSON, None if it has none. Raises CloudError."""
    if not cinder.speaks(cloud, "3.5"):
        return None
    found = cinder.some(cloud, "/messages", "messages", resource_uuid=resource_id, limit=1, sort="created_at:desc")
    return next((item for item in found if item.get("resource_uuid") == resource_id), None)


RESTING = frozenset({"available", "in-use"})
UNSURE = frozenset({"extending", "retyping", "uploading", "downloading", "reverting", "backing-up", "restoring-backup"})
"""Work after whose failure a volume may be as it was before."""


def may_have_failed(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether what was being done has ended in a way that only the messages can tell from success."""
    was, status = wire.text(before.get("status")), wire.text(now.get("status"))
    return was != status and ("error" in status or (was in UNSURE and status in RESTING))
