"""The pages of networks by screen reader, phone and in the dark: held to what tests/harness/tour.py says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.cloud import Api, unique
from tests.harness.tour import Scene, Tour, check, open_all, row_menu

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Iterator[dict[str, str]]:
    """One of each that a member can make without a server."""
    member = all_clients.at("alice", "web")
    mark = unique("tour-net")
    external = member.get("network", "/networks?router:external=True")["networks"][0]

    def made(kind: str, **fields: Any) -> str:
        one = kind.replace("-", "_")
        return str(member.create("network", f"/{kind}s", {one: {"name": mark, **fields}})["id"])

    group = made("security-group")
    offices = made("address-group", addresses=["198.51.100.0/24"])
    scope = made("address-scope", ip_version=4)
    pool = made("subnetpool", prefixes=["10.124.0.0/16"], address_scope_id=scope, default_prefixlen=24)
    network = made("network", description="Where <b>nobody</b> is")
    # It goes with its network, and so does the port that Neutron's DHCP makes on it.
    range_of_it = {"name": mark, "network_id": network, "ip_version": 4, "cidr": "10.96.0.0/24"}
    subnet = str(member.post("network", "/subnets", {"subnet": range_of_it})["subnet"]["id"])
    gateway = {"network_id": external["id"]}
    router = made("router", external_gateway_info=gateway)
    parent, carried, port = (made("port", network_id=network, security_groups=[group]) for _ in range(3))
    carries = {"port_id": carried, "segmentation_type": "vlan", "segmentation_id": 101}
    trunk = made("trunk", port_id=parent, sub_ports=[carries])
    body = {"floating_network_id": external["id"], "description": mark}
    floating = str(member.create("network", "/floatingips", {"floatingip": body})["id"])
    member.put("network", f"/routers/{router}/add_router_interface", {"subnet_id": subnet})
    addresses = [member.get("network", f"/ports/{id}")["port"]["fixed_ips"][0]["ip_address"] for id in (port, carried)]
    yield {
        "mark": mark,
        "networks": network,
        "subnets": subnet,
        "ports": port,
        "routers": router,
        "floating_ips": floating,
        "security_groups": group,
        "address_groups": offices,
        "trunks": trunk,
        "subnet_pools": pool,
        "address_scopes": scope,
        "source": addresses[0],
        "target": addresses[1],
    }
    member.put("network", f"/routers/{router}/remove_router_interface", {"subnet_id": subnet})
    member.clean()


OWN = (
    *("networks", "subnets", "ports", "routers", "floating-ips", "security-groups"),
    *("address-groups", "trunks", "subnet-pools", "address-scopes"),
)
MORE = ("qos-policies", "network-sharing", "ndp-proxies")
ADMIN = ("network-agents", "ip-availability", "default-rules", "metering-labels")
TABS = (
    ("networks", "ports"),
    ("routers", "interfaces"),
    ("floating-ips", "forwardings"),
    ("security-groups", "rules"),
    ("trunks", "subports"),
)
SCENES = [
    *(Scene(f"{slug} list", f"{slug}/") for slug in (*OWN, *MORE)),
    *(Scene(f"{slug} detail", f"{slug}/{{{slug.replace('-', '_')}}}/") for slug in OWN),
    *(Scene(f"{slug} {tab}", f"{slug}/{{{slug.replace('-', '_')}}}/?tab={tab}") for slug, tab in TABS),
    *(Scene(f"{slug} create", f"{slug}/create/", open_all) for slug in OWN),
    Scene("ports row menu", "ports/", row_menu, place="#row-menu"),
    Scene("a rule", "security-groups/act/add-rule/?id={security_groups}", open_all),
    Scene("topology", "topology/", open_all),
    Scene("reach", "reach/"),
    Scene("reach, no", "reach/?source={source}&target={target}&protocol=tcp&port=443"),
    Scene("reach, from outside", "reach/?source=internet&target={target}&protocol=tcp&port=443"),
    Scene("connected network", "connected-network/"),
    Scene("left-overs", "left-overs/"),
    Scene("reader's topology", "topology/", who="bob"),
    Scene("reader's left-overs", "left-overs/", who="bob"),
    *(Scene(f"administrator's {slug}", f"{slug}/", who="admin") for slug in ADMIN),
    Scene("administrator's new network", "networks/create/", open_all, who="admin"),
]


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_a_page_of_networks_is_for_everybody(tour: Tour, scene: Scene) -> None:
    check(tour, scene)
