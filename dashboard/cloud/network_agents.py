"""Network agents: the programs on the hosts that do the networks' work, and what each of them looks after."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict
from dashboard.cloud.types import Lookup, Page, Query

DHCP, L3 = "DHCP agent", "L3 agent"
KINDS = {
    "dhcp": DHCP,
    "l3": L3,
    "ovs": "Open vSwitch agent",
    "metadata": "Metadata agent",
    "ovn": "OVN Controller agent",
    "ovn-gateway": "OVN Controller Gateway agent",
    "ovn-metadata": "OVN Metadata agent",
    "linuxbridge": "Linux bridge agent",
    "sriov": "NIC Switch agent",
    "metering": "Metering agent",
}
"""Kinds of agents by a word for filters, and what Neutron calls them."""


@dataclass(frozen=True)
class Agent:
    """A program of Neutron's on a host, by Neutron's API."""

    id: str
    type: str = ""
    host: str = ""
    binary: str = ""
    is_alive: bool = True
    is_admin_up: bool = True
    zone: str = ""
    description: str = ""
    heartbeat: datetime | None = None
    started: datetime | None = None
    configuration: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Agent:
        """From an agent of ``GET /v2.0/agents``."""
        return cls(
            id=wire.text(json.get("id")),
            type=wire.text(json.get("agent_type")),
            host=wire.text(json.get("host")),
            binary=wire.text(json.get("binary")),
            is_alive=wire.flag(json.get("alive", True)),
            is_admin_up=wire.flag(json.get("admin_state_up", True)),
            zone=wire.text(json.get("availability_zone")),
            description=wire.text(json.get("description")),
            heartbeat=wire.moment(json.get("heartbeat_timestamp")),
            started=wire.moment(json.get("started_at")),
            configuration={
                key: str(value) for key, value in wire.mapping(json.get("configurations")).items() if value is not None
            },
        )

    @property
    def name(self) -> str:
        """What and where it is."""
        return f"{self.type} · {self.host}"

    @property
    def kind(self) -> str:
        """Its kind as a filter says it."""
        return next((key for key, type in KINDS.items() if type == self.type), self.type)

    @property
    def hosts(self) -> str:
        """What it looks after: "networks", "routers" or ""."""
        return {DHCP: "networks", L3: "routers"}.get(self.type, "")


LOOKUP: Lookup[Agent] = Lookup(
    text=lambda agent: (agent.type, agent.host, agent.id, agent.binary, agent.description),
    values={
        "type": lambda agent: agent.kind,
        "host": lambda agent: agent.host,
        "alive": lambda agent: agent.is_alive,
        "up": lambda agent: agent.is_admin_up,
        "zone": lambda agent: agent.zone,
    },
    sorts={
        "name": lambda agent: (agent.type, agent.host),
        "host": lambda agent: (agent.host, agent.type),
        "heartbeat": lambda agent: agent.heartbeat,
    },
)
KIND: neutron.Kind[Agent] = neutron.Kind(
    path="/v2.0/agents",
    many="agents",
    one="agent",
    read=Agent.from_json,
    sorts={"name": "agent_type", "host": "host"},
    filters={
        "type": lambda value: {"agent_type": KINDS.get(value, value)},
        "host": neutron.exactly("host"),
        "alive": neutron.flag("alive"),
        "up": neutron.flag("admin_state_up"),
        "zone": neutron.exactly("availability_zone"),
    },
    choices={"alive": ("yes", "no"), "up": ("yes", "no"), "type": tuple(KINDS)},
    text=lambda text: ({"id": text},) if neutron.is_id(text) else ({"host": text},),
    lookup=LOOKUP,
    counted=("alive", "up", "type"),
    is_owned=False,
)


def list_agents(cloud: Cloud, query: Query) -> Page[Agent]:
    """One page of the agents; with ``network_id:`` or ``router_id:`` those that look after it. Raises CloudError."""
    for key, path, kind in (
        ("network_id", "/v2.0/networks", "dhcp-agents"),
        ("router_id", "/v2.0/routers", "l3-agents"),
    ):
        for id in query.values(key):
            answer = cloud.get("network", f"{path}/{wire.path_id(id)}/{kind}")
            rows = [Agent.from_json(item) for item in wire.objects(answer.get("agents"))]
            return LOOKUP.page([row for row in rows if row.id], query)
    return KIND.page(cloud, query)


@dataclass(frozen=True)
class Hosted:
    """A network or router that an agent looks after."""

    id: str
    name: str = ""
    project_id: str = ""
    status: str = ""
    is_admin_up: bool = True


def list_hosted(cloud: Cloud, agent: Agent) -> tuple[Hosted, ...]:
    """What a DHCP or L3 agent looks after. Raises CloudError."""
    if not agent.hosts:
        return ()
    answer = cloud.get("network", f"{KIND.url(agent.id)}/{_path(agent)}")
    return tuple(
        Hosted(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            project_id=wire.text(item.get("project_id")),
            status=wire.text(item.get("status")),
            is_admin_up=wire.flag(item.get("admin_state_up", True)),
        )
        for item in wire.objects(answer.get(agent.hosts))
    )


def list_others(cloud: Cloud, agent: Agent) -> tuple[Agent, ...]:
    """The agents of the same kind that could take over. Raises CloudError."""
    found = KIND.all(cloud, agent_type=agent.type)
    return tuple(other for other in found if other.id != agent.id and other.is_alive and other.is_admin_up)


def _path(agent: Agent) -> str:
    return "dhcp-networks" if agent.hosts == "networks" else "l3-routers"


def host(cloud: Cloud, agent: Agent, id: str) -> None:
    """Has an agent look after a network or router. Raises CloudError."""
    key = "network_id" if agent.hosts == "networks" else "router_id"
    cloud.post("network", f"{KIND.url(agent.id)}/{_path(agent)}", {key: id})


def unhost(cloud: Cloud, agent: Agent, id: str) -> None:
    """Has an agent look after it no more. Raises CloudError."""
    cloud.delete("network", f"{KIND.url(agent.id)}/{_path(agent)}/{wire.path_id(id)}")


def move(cloud: Cloud, agent: Agent, target: Agent, id: str) -> None:
    """Hands a network or router over to another agent.

    A network may have two for a moment; a router may not, and goes back if the other can't take it. Raises CloudError.
    """
    if agent.hosts == "networks":
        # The other one may have it as well already.
        with contextlib.suppress(Conflict):
            host(cloud, target, id)
        unhost(cloud, agent, id)
        return
    unhost(cloud, agent, id)
    try:
        host(cloud, target, id)
    except CloudError:
        with contextlib.suppress(CloudError):
            host(cloud, agent, id)
        raise
