"""Whether one thing reaches another, on networks, routers and groups of the real Neutron."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cloud import reach
from dashboard.cloud.connection import Cloud
from dashboard.cloud.reach import Wanted, Way
from dashboard.cloud.reach_facts import PortAt, facts_between, port_at, port_behind
from tests.harness.cloud import Api, Client, unique

SSH = Wanted("tcp", 22)


class Net:
    """A network with one subnet, and a port on it."""

    def __init__(self, member: Client, cidr: str, **port: Any) -> None:
        self.network = member.create("network", "/networks", {"network": {"name": unique("reach")}})
        body = {"network_id": self.network["id"], "cidr": cidr, "ip_version": 4}
        self.subnet = member.create("network", "/subnets", {"subnet": body})
        self.port = member.create("network", "/ports", {"port": {"network_id": self.network["id"], **port}})

    @property
    def address(self) -> str:
        return str(self.port["fixed_ips"][0]["ip_address"])


def at(cloud: Cloud, port: dict[str, Any]) -> PortAt:
    found = port_at(cloud, id=port["id"])
    assert found is not None
    return found


def ask(cloud: Cloud, a: dict[str, Any] | None, b: dict[str, Any] | None, wanted: Wanted = SSH) -> Way:
    sources, targets = ([at(cloud, port)] if port else [] for port in (a, b))
    return reach.best_way(facts_between(cloud, sources, targets), wanted)


def codes(way: Way, ok: bool | None = False) -> list[str]:
    return [step.code for step in way.steps if step.is_ok is ok]


@pytest.mark.cloud
def test_a_port_reaches_another_as_far_as_routers_and_groups_let_it(api: Api, cloud: Cloud) -> None:
    member = api.member
    group = member.create("network", "/security-groups", {"security_group": {"name": unique("reach")}})
    open_group = {"security_groups": [group["id"]]}
    one, other = Net(member, "10.91.0.0/24", **open_group), Net(member, "10.92.0.0/24", **open_group)

    # A new group lets everything out and nothing in; without a router there is no way at all.
    way = ask(cloud, one.port, other.port)
    assert not way.is_open
    assert codes(way) == ["no-router", "ingress"]

    router = member.create("network", "/routers", {"router": {"name": unique("reach")}})
    interfaces = []
    try:
        for net in (one, other):
            body = {"subnet_id": net.subnet["id"]}
            member.put("network", f"/routers/{router['id']}/add_router_interface", body)
            interfaces.append(body)
        way = ask(cloud, one.port, other.port)
        assert codes(way, True) == ["routed", "egress"]
        (lacking,) = [step for step in way.steps if step.is_ok is False]
        assert lacking.missing is not None
        assert lacking.missing.remote_prefix == f"{one.address}/32"
        assert (lacking.missing.protocol, lacking.missing.port) == ("tcp", 22)

        # The rule that was said to be missing is the one that lets it through.
        rule = {
            "security_group_id": lacking.missing.group.id,
            "direction": lacking.missing.direction,
            "ethertype": lacking.missing.ethertype,
            "protocol": lacking.missing.protocol,
            "port_range_min": 22,
            "port_range_max": 22,
            "remote_ip_prefix": lacking.missing.remote_prefix,
        }
        member.create("network", "/security-group-rules", {"security_group_rule": rule})
        assert ask(cloud, one.port, other.port).is_open
        assert not ask(cloud, one.port, other.port, Wanted("tcp", 80)).is_open
        assert not ask(cloud, one.port, other.port, Wanted("udp", 22)).is_open
        assert not ask(cloud, other.port, one.port).is_open, "it is open one way only"

        # Members of a group that lets its own members in.
        of_members = {
            "security_group_id": group["id"],
            "direction": "ingress",
            "ethertype": "IPv4",
            "remote_group_id": group["id"],
        }
        member.create("network", "/security-group-rules", {"security_group_rule": of_members})
        assert ask(cloud, other.port, one.port, Wanted("icmp")).is_open

        # Without a gateway outside there is no way to the internet; a router that is switched off is none.
        assert codes(ask(cloud, one.port, None)) == ["no-external"]
        member.put("network", f"/routers/{router['id']}", {"router": {"admin_state_up": False}})
        assert codes(ask(cloud, one.port, other.port, Wanted("icmp"))) == ["router-down"]
        member.put("network", f"/routers/{router['id']}", {"router": {"admin_state_up": True}})

        # A gateway and a floating IP lead out and in.
        external = member.get("network", "/networks?router:external=True")["networks"][0]
        gateway = {"router": {"external_gateway_info": {"network_id": external["id"]}}}
        member.put("network", f"/routers/{router['id']}", gateway)
        out = ask(cloud, one.port, None)
        assert out.is_open
        assert "snat" in codes(out, True)
        assert codes(ask(cloud, None, one.port)) == ["no-floating", "ingress"]
        body = {"floating_network_id": external["id"], "port_id": one.port["id"]}
        floating = member.create("network", "/floatingips", {"floatingip": body})
        inward = ask(cloud, None, one.port)
        assert codes(inward) == ["ingress"]
        assert inward.target == floating["floating_ip_address"]
        (lacking,) = [step for step in inward.steps if step.is_ok is False]
        assert lacking.missing is not None
        assert lacking.missing.remote_prefix == "0.0.0.0/0"
        behind = port_behind(cloud, floating["floating_ip_address"])
        assert behind is not None
        assert behind.id == one.port["id"]
        member.delete("network", f"/floatingips/{floating['id']}")
    finally:
        for body in interfaces:
            member.put("network", f"/routers/{router['id']}/remove_router_interface", body)


@pytest.mark.cloud
def test_ports_of_one_network_need_no_router_and_an_unsecured_one_no_rule(api: Api, cloud: Cloud) -> None:
    member = api.member
    net = Net(member, "10.93.0.0/24", port_security_enabled=False, security_groups=[])
    peer = member.create("network", "/ports", {"port": {"network_id": net.network["id"]}})
    way = ask(cloud, peer, net.port)
    assert way.is_open
    assert codes(way, True) == ["same-network", "egress", "no-firewall"]
