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
    text: str
    level: str = ""
    created: datetime | None = None
    request_id: str = ""
    event: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Message:
        return cls(
            id=wire.text(item.get("id")),
            text=wire.text(item.get("user_message")),
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
