"""The picture of a project's networks, and the same as a table; it follows what changes."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of, quiet
from dashboard.auth.scopes import urls_for
from dashboard.cloud import servers, topology
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.servers import Server
from dashboard.cloud.topology import Attached, Net, Topology
from dashboard.cloud.types import Query
from dashboard.live import cache, watch
from dashboard.live.mirror import Mirror
from dashboard.ui import registry
from dashboard.ui.errors import fault_of
from dashboard.ui.values import Status

SECONDS = 8.0
"""How old Neutron's part may be; the servers' states come from their own snapshot."""
NEXT = 10.0
FOLDED = 24
"""Things on one network that are shown before the rest is folded."""
CROWDED = 80
"""With more things than this in the picture, networks say how many there are of each, and unfold when asked."""
FEW = 4
"""So few networks are shown with what is on them all the same."""
DRAWN = 200
"""Things on one network that are drawn at all: the rest is a matter for the list."""


@dataclass(frozen=True)
class Node:
    """Something on a network, with the state of its server."""

    item: Attached
    status: Status | None


@dataclass(frozen=True)
class Tally:
    """How many things are in one state, or are no servers."""

    count: int
    label: Any
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """A network, as it is drawn."""

    net: Net
    first: tuple[Node, ...]
    more: tuple[Node, ...]
    left: int = 0
    """How many are not drawn."""
    tallies: tuple[Tally, ...] = ()
    """What is on it in numbers, where the picture is too full to show each."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All that are drawn."""
        return (*self.first, *self.more)


@require_GET
def index(request: Request) -> HttpResponse:
    """The page."""
    context = context_of(request)
    response = render(request, "topology/index.html", context)
    response["X-Live-Next"] = f"{NEXT:.1f}"
    return response


@quiet
@require_GET
def live(request: Request) -> HttpResponse:
    """The picture anew if it changed since the one that is on show."""
    context = context_of(request)
    if context["mark"] == request.GET.get("mark") or context["fault"]:
        response = HttpResponse(status=204)
    else:
        response = render(request, "topology/live.html", context)
    response["X-Live-As-Of"] = context["as_of"].isoformat()
    response["X-Live-Next"] = f"{NEXT:.1f}"
    return response


def context_of(request: Request) -> dict[str, Any]:
    """What the templates are given. A Neutron that fails costs the picture, not the page."""
    cloud = cloud_of(request)
    context: dict[str, Any] = {"as_of": datetime.now(UTC), "fault": None, "here": request.path, "mark": ""}
    known = servers_of(request, cloud)
    try:
        body = cache.cached(cloud, "topology", SECONDS, lambda: topology.fetch_topology(cloud))
    except Unauthorized:
        raise
    except CloudError as error:
        return context | {"fault": fault_of(error, cloud)}
    found = topology.topology_of(body, {id: server.name for id, server in known.items()}, cloud.project_id)
    states = {id: _status(server) for id, server in known.items()}
    panel = registry.panel("routers")
    return context | {
        "topology": found,
        "cards": cards(found, states),
        "is_crowded": is_crowded(found),
        "servers": registry.panel("servers"),
        "routers_panel": panel,
        "ports": registry.panel("ports"),
        "networks": registry.panel("networks"),
        "mark": _mark(found, states),
        "live_url": urls_for(request, "topology:live"),
    }


def servers_of(request: Request, cloud: Cloud) -> dict[str, Server]:
    """The project's servers by id, from the snapshot that their list has too; {} while Nova does not answer."""
    mirror: Mirror[Server] | None = None
    if request.held is not None:
        mirror = watch.look(cloud, request.held.id_hash, "servers")
    if mirror is not None and mirror.rows:
        return dict(mirror.rows)
    try:
        return {server.id: server for server in servers.list_servers(cloud, Query(limit=1000)).rows}
    except Unauthorized:
        raise
    except CloudError:
        return {}


def _status(server: Server) -> Status | None:
    panel = registry.panel("servers")
    column = next((item for item in panel.columns if item.key == "status"), None) if panel else None
    value = column.value(server) if column else None
    return value if isinstance(value, Status) else None


def is_crowded(found: Topology) -> bool:
    """Whether there is more than one can take in at a glance."""
    return len(found.networks) > FEW and sum(len(net.attached) for net in found.networks) > CROWDED


def cards(found: Topology, states: dict[str, Status | None]) -> list[Card]:
    """The networks as they are drawn: with all that is on them, or in numbers where that is too much."""
    shown = 0 if is_crowded(found) else FOLDED
    return [_card(net, states, shown=shown) for net in found.networks]


def _card(net: Net, states: dict[str, Status | None], *, shown: int) -> Card:
    nodes = tuple(Node(item, states.get(item.device_id)) for item in net.attached[:DRAWN])
    tallies = () if shown else _tallies(net, states)
    return Card(net, nodes[:shown], nodes[shown:], len(net.attached) - len(nodes), tallies)


def _tallies(net: Net, states: dict[str, Status | None]) -> tuple[Tally, ...]:
    known = [states.get(item.device_id) for item in net.attached]
    of_state = Counter((str(state.label), state.tone) for state in known if state is not None)
    found = [Tally(count, label, tone) for (label, tone), count in of_state.most_common()]
    others = Counter(item.kind == "server" for item, state in zip(net.attached, known, strict=True) if state is None)
    for is_server, count in others.items():
        panel = registry.panel("servers" if is_server else "ports")
        if panel is not None:
            found.append(Tally(count, panel.noun if count == 1 else panel.nouns, "unknown" if is_server else ""))
    return tuple(found)


def _mark(found: Topology, states: dict[str, Status | None]) -> str:
    """A short name for what is drawn."""
    drawn = repr((found, sorted((id, str(state)) for id, state in states.items())))
    return hashlib.blake2b(drawn.encode(), digest_size=8).hexdigest()
