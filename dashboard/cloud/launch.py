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
from dashboard.cloud.launch_disks import Disk, image_disk, in_boot_order

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
    """One network card: on a network, with a given address if not "", or an existing port.

    The guest finds the tag beside the card in its metadata (2.42).
    """

    network_id: str = ""
    fixed_ip: str = ""
    port_id: str = ""
    tag: str = ""

    def to_json(self) -> dict[str, str]:
        given = {"port": self.port_id} if self.port_id else {"uuid": self.network_id, "fixed_ip": self.fixed_ip}
        return {key: value for key, value in {**given, "tag": self.tag}.items() if value}


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
    boot_bus: str = ""
    boot_tag: str = ""
    disks: tuple[Disk, ...] = ()
    """Those besides the one that it boots from."""
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
    hostname: str = ""
    """What the guest calls itself (2.90), with its domain from 2.94 on; "": made of the name."""
    host: str = ""
    """The compute host, for administrators (2.74)."""
    hypervisor: str = ""
    """The node on that host, for administrators (2.74)."""
    trusted_certificates: tuple[str, ...] = ()
    """Ids of the certificates that may have signed the image (2.63)."""

    @property
    def tag(self) -> str:
        """The tag that only servers of this request have."""
        return tag_of(self.once)

    def body(self) -> dict[str, Any]:
        """The JSON of the request."""
        server: dict[str, Any] = {"name": self.name, "flavorRef": self.flavor_id}
        disks = [disk.to_json() for disk in in_boot_order(self.disks)]
        if self.source in {"image", "snapshot"}:
            server["imageRef"] = self.source_id
            disks = [image_disk(self.source_id), *disks] if disks else []
        else:
            disks = [self._boot_disk(), *disks]
        if disks:
            server["block_device_mapping_v2"] = disks
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
            "hostname": self.hostname,
            "host": self.host,
            "hypervisor_hostname": self.hypervisor,
            "trusted_image_certificates": list(self.trusted_certificates),
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
        return disk | {key: value for key, value in (("disk_bus", self.boot_bus), ("tag", self.boot_tag)) if value}


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


def encoded_size(user_data: str) -> int:
    """Bytes of user data as Nova counts them: in base64."""
    return len(base64.b64encode(user_data.encode()))


def tag_of(once: str) -> str:
    """The tag of the request with this idempotency key."""
    return TAG_PREFIX + once


def launch_servers(cloud: Cloud, request: LaunchRequest) -> Launched:
    """Asks Nova for the servers, never twice.

    Raises CloudError; where ``outcome_is_unknown`` of it is true, they may exist all the
    same, and ``find_launched`` tells.
    """
    with translated("compute"):
        # By hand: the client's body says counts and an empty image where nothing is meant.
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
