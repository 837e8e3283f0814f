"""Deleting a server together with what belongs to it: just the volumes, floating IPs and ports that were named."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dashboard.cloud import transport, versions, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound, TimedOut, Unauthorized
from dashboard.cloud.parallel import later
from dashboard.cloud.server_actions import delete_server
from dashboard.cloud.server_activity import list_actions
from dashboard.cloud.server_addresses import list_floating, release_floating
from dashboard.cloud.server_attach import set_volume_fate
from dashboard.cloud.server_parts import VolumeAttachment, list_volume_attachments, with_volumes
from dashboard.cloud.server_types import Server
from dashboard.cloud.servers import get_server_json

Kind = Literal["volume", "floating", "port"]

CHANGES_FATE = "2.85"
"""From here on Nova lets a volume's fate be changed while it is attached."""
PATIENCE = 20.0
"""Seconds that a deletion of ports waits for the server to be gone."""
SLACK = timedelta(seconds=1)
"""How far the clocks of Nova and Neutron may be apart, and what their seconds leave out."""
BUILDING = timedelta(minutes=5)
"""What was made so soon, and before the server was launched, was made for it."""
ATTACHING = timedelta(seconds=5)
"""So long an attaching takes at least, where an old Nova does not tell its end."""
REMEMBERED = 1000
"""Actions of a server that are looked through."""
PAUSES = (0.3, 0.5, 1.0, 1.0, 2.0)


@dataclass(frozen=True)
class Companion:
    """Something that belongs to a server. ``goes`` says whether it is deleted with it as things are."""

    kind: Kind
    id: str
    name: str
    goes: bool = False
    is_fixed: bool = False
    """Whether that can't be changed here: Nova is too old for it."""


@dataclass(frozen=True)
class Companions:
    """What a server has. ``errors`` are those of the services that could not be asked."""

    found: tuple[Companion, ...] = ()
    errors: tuple[CloudError, ...] = ()


@dataclass(frozen=True)
class Step:
    """What became of one thing that was to be deleted, or to be kept."""

    companion: Companion
    error: CloudError | None = None


def list_companions(cloud: Cloud, server: Server) -> Companions:
    """A server's volumes, floating IPs, and those of its ports that outlive it. Raises Unauthorized alone.

    Nova deletes the ports that it made itself, and does not tell which those are. They have no name, and it made
    them while it built the server or attached an interface; any other is taken for somebody's own.
    """
    volumes = later(functools.partial(_volumes, cloud, server)) if server.volume_ids else None
    network = later(functools.partial(_of_network, cloud, server)) if cloud.offers("network") else None
    found: list[Companion] = []
    errors: list[CloudError] = []
    for call in (volumes, network):
        if call is not None:
            found += call.or_else(())
            errors += [call.error] if call.error else []
    for error in errors:
        if isinstance(error, Unauthorized):
            raise error
    return Companions(tuple(found), tuple(errors))


def _volumes(cloud: Cloud, server: Server) -> tuple[Companion, ...]:
    attachments, _error = with_volumes(cloud, list_volume_attachments(cloud, id=server.id))
    is_fixed = not versions.speaks(cloud, "compute", CHANGES_FATE)
    return tuple(
        Companion("volume", item.volume_id, _volume_name(item), item.is_deleted_with_server, is_fixed)
        for item in attachments
        if item.volume_id
    )


def _volume_name(item: VolumeAttachment) -> str:
    name = item.volume.name if item.volume is not None else ""
    size = f"{item.volume.size} GiB" if item.volume is not None else ""
    return " · ".join(part for part in (name or item.volume_id, item.device, size) if part)


def _of_network(cloud: Cloud, server: Server) -> tuple[Companion, ...]:
    body = cloud.get("network", "/v2.0/ports", device_id=server.id, limit=500)
    # What is offered for deletion is looked at twice: a filter that is not understood is ignored.
    ports = [item for item in wire.objects(body.get("ports")) if item.get("id") and item.get("device_id") == server.id]
    ids = [wire.text(item.get("id")) for item in ports]
    floating = [item for item in list_floating(cloud, port_ids=ids) if item.port_id in ids] if ids else []
    found = [
        Companion("floating", item.id, f"{item.address} → {item.fixed}" if item.fixed else item.address)
        for item in floating
    ]
    makings = functools.cache(lambda: _makings(cloud, server))
    for port in ports:
        if wire.text(port.get("name")) or _is_own(server, wire.moment(port.get("created_at")), makings):
            addresses = [wire.text(item.get("ip_address")) for item in wire.objects(port.get("fixed_ips"))]
            name = " · ".join([wire.text(port.get("name")) or wire.text(port.get("id")), *addresses])
            found.append(Companion("port", wire.text(port.get("id")), name))
    return tuple(found)


Span = tuple[datetime, datetime]
"""From when to when Nova made ports for a server."""


def _is_own(server: Server, made: datetime | None, makings: Callable[[], tuple[Span, ...] | None]) -> bool:
    """Whether a port without a name is somebody's own. What nobody knows is taken for Nova's, and left alone."""
    if made is None or server.created is None:
        return False
    if made < server.created - SLACK:
        return True
    # Most are made while the server is built: then nothing has to be asked. It is launched again by a rebuild.
    if server.launched_at is None or made <= min(server.launched_at, server.created + BUILDING):
        return False
    spans = makings()
    return spans is not None and not any(begin - SLACK <= made <= end + SLACK for begin, end in spans)


def _makings(cloud: Cloud, server: Server) -> tuple[Span, ...] | None:
    """When a server was built and interfaces attached to it; None if that is not known from its beginning on."""
    try:
        actions = list_actions(cloud, id=server.id, limit=REMEMBERED)
    except Unauthorized:
        raise
    except CloudError:
        return None
    if len(actions) >= REMEMBERED:
        return None
    return tuple(
        (action.started, max(action.updated or action.started, action.started + ATTACHING))
        for action in actions
        if action.action in {"create", "attach_interface"} and action.started is not None
    )


def delete_with(
    cloud: Cloud,
    *,
    id: str,
    companions: Collection[Companion],
    chosen: Collection[str],
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Step, ...]:
    """Deletes a server and those of its companions whose ids are ``chosen``; what came of each.

    Volumes go with the server: Nova is told which before. If it can't be told to keep one, nothing is deleted.
    Floating IPs are released next, ports once the server is gone. Raises CloudError if the server was not deleted.
    """
    steps: list[Step] = []
    volumes = [item for item in companions if item.kind == "volume"]
    for item in volumes:
        if item.goes and item.id not in chosen and not item.is_fixed:
            set_volume_fate(cloud, id=id, volume_id=item.id, is_deleted_with_server=False)
    for item in volumes:
        if item.id in chosen:
            if not item.goes and not item.is_fixed:
                change = functools.partial(set_volume_fate, cloud, id=id, volume_id=item.id)
                steps.append(_tried(item, functools.partial(change, is_deleted_with_server=True)))
            else:
                steps.append(Step(item))
    delete_server(cloud, id=id)
    for item in companions:
        if item.kind == "floating" and item.id in chosen:
            steps.append(_tried(item, functools.partial(release_floating, cloud, id=item.id)))
    ports = [item for item in companions if item.kind == "port" and item.id in chosen]
    if not ports:
        return tuple(steps)
    is_rehearsed = transport.dry.get() is not None
    is_gone = is_rehearsed or _wait_until_gone(cloud, id, sleep)
    for item in ports:
        if is_gone:
            steps.append(_tried(item, functools.partial(_delete_port, cloud, item.id)))
        else:
            steps.append(Step(item, TimedOut("The server is not gone yet.", service="compute")))
    return tuple(steps)


def _tried(item: Companion, do: Callable[[], None]) -> Step:
    """Gone already is as good. The server is gone or going: a failure here is told, and stops nothing."""
    try:
        do()
    except NotFound:
        return Step(item)
    except CloudError as error:
        return Step(item, error)
    return Step(item)


def _delete_port(cloud: Cloud, id: str) -> None:
    cloud.delete("network", f"/v2.0/ports/{wire.path_id(id)}")


def _wait_until_gone(cloud: Cloud, id: str, sleep: Callable[[float], None]) -> bool:
    waited, turn = 0.0, 0
    while waited < PATIENCE:
        try:
            body = get_server_json(cloud, id)
        except NotFound:
            return True
        except CloudError:
            return False
        if wire.text(body.get("status")) in {"DELETED", "SOFT_DELETED"}:
            return wire.text(body.get("status")) == "DELETED"
        pause = PAUSES[min(turn, len(PAUSES) - 1)]
        sleep(pause)
        waited, turn = waited + pause, turn + 1
    return False
