"""Subnets: the ranges of addresses on a network, and how many of them are taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dashboard.cloud import network_extensions, neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.networks import Subnet
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup

COUNTED = 1000
"""Ports that are counted at most where Neutron does not say how many addresses are taken."""

LOOKUP: Lookup[Subnet] = Lookup(
    text=lambda subnet: (subnet.name, subnet.id, subnet.cidr, subnet.gateway, subnet.description),
    values={
        "network_id": lambda subnet: subnet.network_id,
        "version": lambda subnet: str(subnet.ip_version),
        "cidr": lambda subnet: subnet.cidr,
        "dhcp": lambda subnet: subnet.is_dhcp_enabled,
        "pool": lambda subnet: subnet.pool_id,
        "tag": lambda subnet: subnet.tags,
    },
    sorts={
        "name": lambda subnet: subnet.name,
        "cidr": lambda subnet: subnet.cidr,
        "version": lambda subnet: subnet.ip_version,
    },
)
KIND: neutron.Kind[Subnet] = neutron.Kind(
    path="/v2.0/subnets",
    many="subnets",
    one="subnet",
    read=Subnet.from_json,
    sorts={"name": "name", "cidr": "cidr", "version": "ip_version"},
    filters={
        "network_id": neutron.exactly("network_id"),
        "version": neutron.exactly("ip_version"),
        "cidr": neutron.exactly("cidr"),
        "dhcp": neutron.flag("enable_dhcp"),
        "pool": neutron.exactly("subnetpool_id"),
        "tag": neutron.exactly("tags"),
    },
    choices={"version": ("4", "6"), "dhcp": ("yes", "no")},
    narrowing=("network_id", "pool"),
    lookup=LOOKUP,
)
list_subnets = KIND.page
get_subnet = KIND.get
get_subnet_json = KIND.get_json
create_subnet = KIND.create
update_subnet = KIND.update
delete_subnet = KIND.delete


def with_usage(cloud: Cloud, subnets: Sequence[Subnet]) -> tuple[Subnet, ...]:
    """The subnets with their networks' names and how many addresses are taken; what can't be had is left out.

    Neutron tells administrators how many are taken. For others the ports are counted, on the project's own networks.
    """
    networks = sorted({subnet.network_id for subnet in subnets if subnet.network_id})
    if not networks:
        return tuple(subnets)
    names = later(lambda: neutron.names_of(cloud, "/v2.0/networks", "networks", networks))
    is_told = neutron.is_admin(cloud) and network_extensions.has(cloud, "network-ip-availability")
    own = sorted({subnet.network_id for subnet in subnets if subnet.project_id == cloud.project_id})
    taken: Mapping[str, tuple[int, int]] = {}
    try:
        taken = _told(cloud, networks) if is_told else _counted(cloud, own, subnets)
    except CloudError:
        taken = {}
    known = names.or_else({})
    return tuple(
        replace(
            subnet,
            network_name=known.get(subnet.network_id, ""),
            used=taken[subnet.id][0] if subnet.id in taken else None,
            total=taken[subnet.id][1] if subnet.id in taken else subnet.size,
        )
        for subnet in subnets
    )


def _told(cloud: Cloud, networks: Iterable[str]) -> dict[str, tuple[int, int]]:
    answer = cloud.get("network", "/v2.0/network-ip-availabilities", network_id=list(networks))
    parts = [
        part
        for item in wire.objects(answer.get("network_ip_availabilities"))
        for part in wire.objects(item.get("subnet_ip_availability"))
    ]
    return {
        wire.text(part.get("subnet_id")): (wire.number(part.get("used_ips")), wire.number(part.get("total_ips")))
        for part in parts
    }


def _counted(cloud: Cloud, networks: Sequence[str], subnets: Sequence[Subnet]) -> dict[str, tuple[int, int]]:
    if not networks:
        return {}
    answer = cloud.get(
        "network", "/v2.0/ports", network_id=list(networks), fields=["fixed_ips", "device_owner"], limit=COUNTED
    )
    ports = wire.objects(answer.get("ports"))
    if len(ports) >= COUNTED:
        return {}
    # The gateway's address is in no pool.
    found = Counter(
        wire.text(address.get("subnet_id"))
        for port in ports
        if not wire.text(port.get("device_owner")).startswith("network:router_interface")
        for address in wire.objects(port.get("fixed_ips"))
    )
    return {subnet.id: (found[subnet.id], subnet.size) for subnet in subnets if subnet.network_id in networks}
