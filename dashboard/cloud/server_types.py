"""A server and its parts, as Nova tells of them.

Follows https://docs.openstack.org/api-ref/compute/#servers-servers with microversion 2.96.
Memory is in MiB, disks are in GiB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.server_rules import TRANSITIONAL, ServerRules

__all__ = [
    "POWER_STATES",
    "TRANSITIONAL",
    "ActionFault",
    "Server",
    "ServerAddress",
    "ServerFault",
    "ServerFlavor",
]

POWER_STATES = {0: "", 1: "running", 3: "paused", 4: "shutdown", 6: "crashed", 7: "suspended"}
"""Nova's numbers (``nova/compute/power_state.py``); 0 is "no state"."""


@dataclass(frozen=True)
class ServerAddress:
    """One address of a server. ``kind`` is fixed or floating, ``version`` 4 or 6."""

    network: str
    address: str
    version: int
    kind: str
    mac: str = ""

    @property
    def is_floating(self) -> bool:
        return self.kind == "floating"


@dataclass(frozen=True)
class ServerFlavor:
    """The flavor as it was when the server was made or resized (embedded since 2.47: it has no id)."""

    name: str
    vcpus: int = 0
    ram: int = 0
    disk: int = 0
    ephemeral: int = 0
    swap: int = 0
    extra_specs: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class ServerFault:
    """Why a server is in ERROR. ``details`` is a stack trace that Nova shows to administrators."""

    message: str
    code: int = 0
    details: str = ""
    created: datetime | None = None


@dataclass(frozen=True)
class ActionFault:
    """What went wrong with the last action of a server that is not in ERROR, e.g. a resize."""

    action: str
    message: str
    request_id: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True)
class Server(ServerRules):
    """A server. ``host`` and its like are "" for those whom Nova does not tell."""

    id: str
    name: str
    status: str = "UNKNOWN"
    task_state: str = ""
    power_state: str = ""
    description: str = ""
    addresses: tuple[ServerAddress, ...] = ()
    image_id: str = ""
    image_name: str = ""
    """Filled in by ``with_image_names``; Nova gives the id alone."""
    flavor: ServerFlavor = ServerFlavor("")
    key_name: str = ""
    availability_zone: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    launched_at: datetime | None = None
    is_locked: bool = False
    locked_reason: str = ""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)
    fault: ServerFault | None = None
    action_fault: ActionFault | None = None
    volume_ids: tuple[str, ...] = ()
    deleted_with: tuple[str, ...] = ()
    """Ids of the volumes that are deleted together with the server."""
    security_groups: tuple[str, ...] = ()
    user_id: str = ""
    user_name: str = ""
    """Filled in by who lists several people's servers, as is the project's name; Nova gives ids alone."""
    project_id: str = ""
    project_name: str = ""
    progress: int | None = None
    """Percent, while something runs that reports it."""
    has_config_drive: bool = False
    hostname: str = ""
    host: str = ""
    hypervisor: str = ""
    host_status: str = ""
    """ "UP", "DOWN", "MAINTENANCE" or "UNKNOWN" (2.16); for administrators, "UNKNOWN" for others since 2.90."""
    server_group_ids: tuple[str, ...] = ()
    """The server group that it is in (2.71); () in lists, where Nova does not tell."""
    is_partial: bool = False
    """Whether Nova can't reach the cell of this server and knows little of it (2.69)."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Server:
        """From an item of ``servers`` or from ``server``; what is missing or odd is left empty."""
        image = wire.mapping(body.get("image"))
        volumes = wire.objects(body.get("os-extended-volumes:volumes_attached"))
        progress = body.get("progress")
        return cls(
            id=wire.text(body.get("id")),
            name=wire.text(body.get("name")),
            status=wire.text(body.get("status"), "UNKNOWN").upper() or "UNKNOWN",
            task_state=wire.text(body.get("OS-EXT-STS:task_state")),
            power_state=POWER_STATES.get(wire.number(body.get("OS-EXT-STS:power_state")), ""),
            description=wire.text(body.get("description")),
            addresses=_addresses(body.get("addresses")),
            image_id=wire.text(image.get("id")),
            flavor=_flavor(wire.mapping(body.get("flavor"))),
            key_name=wire.text(body.get("key_name")),
            availability_zone=wire.text(body.get("OS-EXT-AZ:availability_zone")),
            created=wire.moment(body.get("created")),
            updated=wire.moment(body.get("updated")),
            launched_at=wire.moment(body.get("OS-SRV-USG:launched_at")),
            is_locked=wire.flag(body.get("locked")),
            locked_reason=wire.text(body.get("locked_reason")),
            tags=wire.texts(body.get("tags")),
            metadata={str(key): wire.text(value) for key, value in wire.mapping(body.get("metadata")).items()},
            fault=_fault(body.get("fault")),
            action_fault=_action_fault(body.get("action_fault")),
            volume_ids=tuple(wire.text(item.get("id")) for item in volumes if item.get("id")),
            deleted_with=tuple(wire.text(item.get("id")) for item in volumes if item.get("delete_on_termination")),
            security_groups=tuple(
                dict.fromkeys(wire.text(item.get("name")) for item in wire.objects(body.get("security_groups")))
            ),
            user_id=wire.text(body.get("user_id")),
            project_id=wire.text(body.get("tenant_id")),
            project_name=wire.text(body.get("project_name")),
            progress=wire.number(progress) if progress is not None else None,
            has_config_drive=wire.flag(body.get("config_drive")),
            hostname=wire.text(body.get("OS-EXT-SRV-ATTR:hostname")),
            host=wire.text(body.get("OS-EXT-SRV-ATTR:host")),
            hypervisor=wire.text(body.get("OS-EXT-SRV-ATTR:hypervisor_hostname")),
            server_group_ids=wire.texts(body.get("server_groups")),
            host_status=wire.text(body.get("host_status")),
            is_partial="addresses" not in body and "metadata" not in body,
        )

    @property
    def can_change_volumes(self) -> bool:
        """Whether Nova lets volumes come and go (``attach_volume`` in nova/compute/api.py)."""
        states = {"ACTIVE", "PAUSED", "SHUTOFF", "VERIFY_RESIZE", "SOFT_DELETED", "SHELVED", "SHELVED_OFFLOADED"}
        return self.is_free and self.status in states

    @property
    def can_change_interfaces(self) -> bool:
        """Whether Nova lets ports come and go."""
        return self.is_free and self.status in {"ACTIVE", "PAUSED", "SHUTOFF"}

    @property
    def can_change_metadata(self) -> bool:
        """Whether Nova takes other metadata and tags; a task that runs does not matter."""
        return not self.is_partial and self.status in {"ACTIVE", "PAUSED", "SUSPENDED", "SHUTOFF"}

    @property
    def fixed_addresses(self) -> tuple[ServerAddress, ...]:
        return tuple(address for address in self.addresses if not address.is_floating)

    @property
    def floating_addresses(self) -> tuple[ServerAddress, ...]:
        return tuple(address for address in self.addresses if address.is_floating)


def _addresses(body: Any) -> tuple[ServerAddress, ...]:
    return tuple(
        ServerAddress(
            network=str(network),
            address=wire.text(item.get("addr")),
            version=wire.number(item.get("version"), 4),
            kind=wire.text(item.get("OS-EXT-IPS:type"), "fixed"),
            mac=wire.text(item.get("OS-EXT-IPS-MAC:mac_addr")),
        )
        for network, items in wire.mapping(body).items()
        for item in wire.objects(items)
    )


def _flavor(body: Mapping[str, Any]) -> ServerFlavor:
    return ServerFlavor(
        name=wire.text(body.get("original_name")) or wire.text(body.get("id")),
        vcpus=wire.number(body.get("vcpus")),
        ram=wire.number(body.get("ram")),
        disk=wire.number(body.get("disk")),
        ephemeral=wire.number(body.get("ephemeral")),
        swap=wire.number(body.get("swap")),
        extra_specs={str(key): wire.text(value) for key, value in wire.mapping(body.get("extra_specs")).items()},
    )


def _fault(body: Any) -> ServerFault | None:
    if not isinstance(body, dict):
        return None
    return ServerFault(
        message=wire.text(body.get("message")),
        code=wire.number(body.get("code")),
        details=wire.text(body.get("details")),
        created=wire.moment(body.get("created")),
    )


def _action_fault(body: Any) -> ActionFault | None:
    if not isinstance(body, dict):
        return None
    return ActionFault(
        action=wire.text(body.get("action")),
        message=wire.text(body.get("message")),
        request_id=wire.text(body.get("request_id")),
        started_at=wire.moment(body.get("started_at")),
    )
