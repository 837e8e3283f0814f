"""Launches servers: the whole request, sent once, and looked up by its tag when the answer is lost.

Follows ``POST /servers`` of the Compute API at microversion 2.96.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboard.cloud import wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud, within
from dashboard.cloud.errors import BadAnswer, CloudError, translated

SourceKind = Literal["image", "snapshot", "new_volume", "volume", "volume_snapshot"]
Networking = Literal["chosen", "auto", "none"]

USER_DATA_LIMIT = 65535
"""Bytes of user data after base64 that Nova takes."""
TAG_LIMIT = 49
"""Tags that a person may give: Nova takes 50 a server, and one is ours."""
TAG_LENGTH = 60
METADATA_LENGTH = 255
TAG_PREFIX = "belvedere-"


@dataclass(frozen=True)
class Interface:
    """One network card: on a network, with a given address if not "", or an existing port."""

    network_id: str = ""
    fixed_ip: str = ""
    port_id: str = ""

    def to_json(self) -> dict[str, str]:
        if self.port_id:
            return {"port": self.port_id}
        return {"uuid": self.network_id} | ({"fixed_ip": self.fixed_ip} if self.fixed_ip else {})


@dataclass(frozen=True)
class LaunchRequest:
    """Everything that a new server is asked to be.

    ``once`` is the idempotency key; it goes along as a tag, so that the server can be
    found when the answer is lost. ``volume_size`` is in GiB, 0 where the source decides.
    ``user_data`` is plain text. Empty values are left to Nova.
    """

    once: str
    name: str
    flavor_id: str
    source: SourceKind
    source_id: str
    description: str = ""
    count: int = 1
    min_count: int = 0
    """The fewest servers that are worth having; 0: all or none."""
    volume_size: int = 0
    volume_type: str = ""
    is_volume_deleted: bool = False
    """Whether the boot volume goes away with the server."""
    networking: Networking = "chosen"
    interfaces: tuple[Interface, ...] = ()
    security_groups: tuple[str, ...] = ()
    key_name: str = ""
    availability_zone: str = ""
    user_data: str = field(default="", repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    has_config_drive: bool = False
    disk_config: Literal["", "AUTO", "MANUAL"] = ""
    hints: Mapping[str, Any] = field(default_factory=dict)
    access_ipv4: str = ""
    access_ipv6: str = ""

    @property
    def tag(self) -> str:
        """The tag that only servers of this request have."""
        return tag_of(self.once)

    def body(self) -> dict[str, Any]:
        """The JSON of the request."""
        server: dict[str, Any] = {"name": self.name, "flavorRef": self.flavor_id}
        if self.source in {"image", "snapshot"}:
            server["imageRef"] = self.source_id
        else:
            server["block_device_mapping_v2"] = [self._boot_disk()]
        server["networks"] = (
            [interface.to_json() for interface in self.interfaces] if self.networking == "chosen" else self.networking
        )
        if self.networking == "chosen" and not self.interfaces:
            # Nova's own choice: the project's only network; required to be said from 2.37 on.
            server["networks"] = "auto"
        server["tags"] = [*self.tags, self.tag]
        if self.count > 1:
            server["min_count"] = self.min_count or self.count
            server["max_count"] = self.count
        given: dict[str, Any] = {
            "description": self.description,
            "security_groups": [{"name": group} for group in self.security_groups],
            "key_name": self.key_name,
            "availability_zone": self.availability_zone,
            "user_data": base64.b64encode(self.user_data.encode()).decode(),
            "metadata": dict(self.metadata),
            "config_drive": self.has_config_drive,
            "OS-DCF:diskConfig": self.disk_config,
            "accessIPv4": self.access_ipv4,
            "accessIPv6": self.access_ipv6,
        }
        server |= {key: value for key, value in given.items() if value}
        return {"server": server} | ({"os:scheduler_hints": dict(self.hints)} if self.hints else {})

    def _boot_disk(self) -> dict[str, Any]:
        kinds = {"new_volume": "image", "volume": "volume", "volume_snapshot": "snapshot"}
        disk: dict[str, Any] = {
            "boot_index": 0,
            "uuid": self.source_id,
            "source_type": kinds[self.source],
            "destination_type": "volume",
            "delete_on_termination": self.is_volume_deleted,
        }
        if self.source != "volume":
            if self.volume_size:
                disk["volume_size"] = self.volume_size
            if self.volume_type:
                disk["volume_type"] = self.volume_type
        return disk


@dataclass(frozen=True)
class Launched:
    """What Nova said to a launch: the first server's id, and a password that it says only once."""

    id: str
    admin_password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Found:
    """A server that a launch has made."""

    id: str
    name: str
    status: str


def tag_of(once: str) -> str:
    """The tag of the request with this idempotency key."""
    return TAG_PREFIX + once


def launch_servers(cloud: Cloud, request: LaunchRequest) -> Launched:
    """Asks Nova for the servers, never twice.

    Raises CloudError; where ``outcome_is_unknown`` of it is true, they may exist all the
    same, and ``find_launched`` tells.
    """
    with translated("compute"):
        answer = cloud.post("compute", "/servers", request.body(), microversion=NOVA_MICROVERSION)
        server = wire.mapping(answer.get("server"))
        if not wire.text(server.get("id")):
            raise BadAnswer("The answer names no server.", service="compute")
        return Launched(wire.text(server.get("id")), wire.text(server.get("adminPass")))


def outcome_is_unknown(error: CloudError) -> bool:
    """Whether the servers may have been made although the request failed.

    Nova answers 500 also when it fails after it has written the server down, so any 5xx but
    503 (which the front end sends before Nova has seen it) has to be looked up.
    """
    return error.is_unknown_outcome or (error.status or 0) in {500, 502, 504}


def find_launched(cloud: Cloud, once: str) -> tuple[Found, ...]:
    """The servers that carry the tag of this idempotency key, newest first. Raises CloudError."""
    with translated("compute"):
        body = cloud.get("compute", "/servers/detail", microversion=NOVA_MICROVERSION, tags=tag_of(once))
        return tuple(
            Found(wire.text(item.get("id")), wire.text(item.get("name")), wire.text(item.get("status")))
            for item in wire.objects(body.get("servers"))
            if item.get("id")
        )


def look_up(cloud: Cloud, once: str, *, seconds: float, pause: float = 1.0) -> tuple[Found, ...] | None:
    """Asks for the servers of a lost answer for at most ``seconds``: some, none (``()``), or nobody knows (None)."""
    ends = time.monotonic() + seconds
    known: tuple[Found, ...] | None = None
    while True:
        try:
            with within(max(0.5, ends - time.monotonic())):
                known = find_launched(cloud, once)
        except CloudError:
            pass
        if known or time.monotonic() + pause >= ends:
            return known
        time.sleep(pause)
