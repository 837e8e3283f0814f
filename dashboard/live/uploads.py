"""What is known of data that people send to images through this dashboard: how far it is, and how it ended.

Kept in the store, so that any page can tell it, also after the browser that sent them was closed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from dashboard.cloud.connection import Cloud
from dashboard.live.store import Away, guarded

State = Literal["running", "done", "broken", "refused", "cancelled"]

DAY = 24 * 3600
ALIVE_SECONDS = 20.0
"""One that said nothing for so long has lost its process."""
AT_ONCE = 2
"""Uploads that one person may have under way in a project."""


@dataclass(frozen=True)
class Upload:
    """The sending of one image's data. ``total`` is 0 if it is not known; sizes are in bytes."""

    image_id: str
    person_id: str
    person: str
    total: int
    received: int = 0
    began: float = 0.0
    at: float = 0.0
    state: State = "running"
    message: str = ""
    """Why it was refused, in words."""

    @property
    def is_running(self) -> bool:
        """Whether data come in just now."""
        return self.state == "running" and time.time() - self.at < ALIVE_SECONDS

    @property
    def is_lost(self) -> bool:
        """Whether it broke off: the browser was closed, the connection broke, or the process ended."""
        return self.state == "broken" or (self.state == "running" and not self.is_running)

    @property
    def percent(self) -> int | None:
        """How far it is, or was; None if that can't be told."""
        return min(100, 100 * self.received // self.total) if self.total else None


def begin(cloud: Cloud, *, image_id: str, total: int) -> Upload | None:
    """Writes down that data come in; None if this person has AT_ONCE under way already."""
    now = time.time()
    person = cloud.access.person
    upload = Upload(image_id, person.id, person.name, total, began=now, at=now)
    running = [other for other in known(cloud).values() if other.is_running and other.person_id == person.id]
    if len([other for other in running if other.image_id != image_id]) >= AT_ONCE:
        return None
    _write(cloud, upload)
    return upload


def note(cloud: Cloud, upload: Upload, received: int) -> Upload:
    """Writes down how far it is."""
    now = replace(upload, received=received, at=time.time())
    _write(cloud, now)
    return now


def end(cloud: Cloud, upload: Upload, state: State, *, received: int = 0, message: str = "") -> Upload:
    """Writes down how it ended."""
    received = received or upload.received
    now = replace(upload, state=state, received=received, message=message[:500], at=time.time())
    _write(cloud, now)
    return now


def forget(cloud: Cloud, image_id: str) -> None:
    """The image is gone, or its data are there."""
    with contextlib.suppress(Away), guarded() as store:
        store.hdel(_key(cloud), image_id)


def known(cloud: Cloud) -> dict[str, Upload]:
    """Uploads of this project within a day, by image; empty while the store is away."""
    try:
        with guarded() as store:
            stored = store.hgetall(_key(cloud))
    except Away:
        return {}
    found = {}
    for value in stored.values():
        upload = _read(value)
        if upload is not None:
            found[upload.image_id] = upload
    return found


def of(cloud: Cloud, image_id: str) -> Upload | None:
    """What is known of one image's upload."""
    try:
        with guarded() as store:
            return _read(store.hget(_key(cloud), image_id))
    except Away:
        return None


def _read(value: bytes | None) -> Upload | None:
    try:
        body: dict[str, Any] = json.loads(value) if value else {}
        return Upload(**body) if body else None
    except (ValueError, TypeError):
        return None


def _write(cloud: Cloud, upload: Upload) -> None:
    key = _key(cloud)
    with contextlib.suppress(Away), guarded() as store:
        pipe = store.pipeline(transaction=False)
        pipe.hset(key, upload.image_id, json.dumps(asdict(upload)))
        pipe.expire(key, DAY)
        pipe.execute()


def _key(cloud: Cloud) -> str:
    name = json.dumps([cloud.access.keystone, cloud.region, cloud.access.scope.key])
    return "live:uploads:" + hashlib.sha256(name.encode()).hexdigest()[:40]
