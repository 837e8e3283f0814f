"""What only some clouds have: traffic metering, NDP proxies for IPv6, and local IPs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class MeteringLabel:
    """A name under which traffic is counted, by Neutron's API."""

    id: str
    name: str
    description: str = ""
    is_shared: bool = False
    project_id: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MeteringLabel:
        """From a label of ``GET /v2.0/metering/metering-labels``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            description=wire.text(json.get("description")),
            is_shared=wire.flag(json.get("shared")),
            project_id=wire.text(json.get("project_id")),
        )


@dataclass(frozen=True)
class MeteringRule:
    """Which traffic counts under a label."""

    id: str
    direction: str = ""
    source: str = ""
    destination: str = ""
    remote: str = ""
    """The older way to say either of the two."""
    is_excluded: bool = False

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MeteringRule:
        """From a rule of ``GET /v2.0/metering/metering-label-rules``."""
        return cls(
            id=wire.text(json.get("id")),
            direction=wire.text(json.get("direction")),
            source=wire.text(json.get("source_ip_prefix")),
            destination=wire.text(json.get("destination_ip_prefix")),
            remote=wire.text(json.get("remote_ip_prefix")),
            is_excluded=wire.flag(json.get("excluded")),
        )


@dataclass(frozen=True)
class NdpProxy:
    """An IPv6 address within that a router answers for outside, by Neutron's API."""

    id: str
    name: str
    router_id: str = ""
    port_id: str = ""
    address: str = ""
    description: str = ""
    project_id: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> NdpProxy:
        """From a proxy of ``GET /v2.0/ndp_proxies``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            router_id=wire.text(json.get("router_id")),
            port_id=wire.text(json.get("port_id")),
            address=wire.text(json.get("ip_address")),
            description=wire.text(json.get("description")),
            project_id=wire.text(json.get("project_id")),
        )


@dataclass(frozen=True)
class LocalIp:
    """An address that is a port's on each host by itself, by Neutron's API."""

    id: str
    name: str
    address: str = ""
    network_id: str = ""
    port_id: str = ""
    mode: str = ""
    description: str = ""
    project_id: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> LocalIp:
        """From a local IP of ``GET /v2.0/local_ips``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            address=wire.text(json.get("local_ip_address")),
            network_id=wire.text(json.get("network_id")),
            port_id=wire.text(json.get("local_port_id")),
            mode=wire.text(json.get("ip_mode")),
            description=wire.text(json.get("description")),
            project_id=wire.text(json.get("project_id")),
        )


LABELS: neutron.Kind[MeteringLabel] = neutron.Kind(
    path="/v2.0/metering/metering-labels",
    many="metering_labels",
    one="metering_label",
    read=MeteringLabel.from_json,
    filters={"shared": neutron.flag("shared")},
    choices={"shared": ("yes", "no")},
    lookup=Lookup(
        text=lambda label: (label.name, label.id, label.description),
        values={"shared": lambda label: label.is_shared},
        sorts={"name": lambda label: label.name},
    ),
)
LABEL_RULES: neutron.Kind[MeteringRule] = neutron.Kind(
    path="/v2.0/metering/metering-label-rules",
    many="metering_label_rules",
    one="metering_label_rule",
    read=MeteringRule.from_json,
)
PROXIES: neutron.Kind[NdpProxy] = neutron.Kind(
    path="/v2.0/ndp_proxies",
    many="ndp_proxies",
    one="ndp_proxy",
    read=NdpProxy.from_json,
    filters={"router": neutron.exactly("router_id"), "port": neutron.exactly("port_id")},
    lookup=Lookup(
        text=lambda proxy: (proxy.name, proxy.id, proxy.address, proxy.description),
        values={"router": lambda proxy: proxy.router_id, "port": lambda proxy: proxy.port_id},
        sorts={"name": lambda proxy: proxy.name},
    ),
    narrowing=("router",),
)
LOCAL_IPS: neutron.Kind[LocalIp] = neutron.Kind(
    path="/v2.0/local_ips",
    many="local_ips",
    one="local_ip",
    read=LocalIp.from_json,
    filters={"network": neutron.exactly("network_id"), "mode": neutron.exactly("ip_mode")},
    choices={"mode": ("translate", "passthrough")},
    lookup=Lookup(
        text=lambda ip: (ip.name, ip.id, ip.address, ip.description),
        values={"network": lambda ip: ip.network_id, "mode": lambda ip: ip.mode},
        sorts={"name": lambda ip: ip.name},
    ),
)


def list_label_rules(cloud: Cloud, label_id: str) -> tuple[MeteringRule, ...]:
    """Which traffic counts under a label. Raises CloudError."""
    return LABEL_RULES.all(cloud, metering_label_id=label_id)


def create_label_rule(cloud: Cloud, label_id: str, body: Mapping[str, Any]) -> None:
    """Counts traffic under a label. Raises CloudError."""
    cloud.post("network", LABEL_RULES.path, {LABEL_RULES.one: {**body, "metering_label_id": label_id}})


def list_associations(cloud: Cloud, id: str) -> tuple[tuple[str, str], ...]:
    """The ports that have a local IP, each with its own address. Raises CloudError."""
    answer = cloud.get("network", f"{LOCAL_IPS.url(id)}/port_associations")
    return tuple(
        (wire.text(item.get("fixed_port_id")), wire.text(item.get("fixed_ip")))
        for item in wire.objects(answer.get("port_associations"))
    )


def associate(cloud: Cloud, id: str, *, port_id: str, fixed_address: str = "") -> None:
    """Gives a port a local IP. Raises CloudError."""
    body = {"fixed_port_id": port_id, **({"fixed_ip": fixed_address} if fixed_address else {})}
    cloud.post("network", f"{LOCAL_IPS.url(id)}/port_associations", {"port_association": body})


def disassociate(cloud: Cloud, id: str, *, port_id: str) -> None:
    """Takes a local IP from a port. Raises CloudError."""
    cloud.delete("network", f"{LOCAL_IPS.url(id)}/port_associations/{wire.path_id(port_id)}")
