"""A network with internet in one step, undone where a step fails; and what nobody uses, on the real Neutron."""

from __future__ import annotations

import pytest

from dashboard.cloud.connected_network import Plan, free_range, list_choices, make
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.left_overs import delete_left_over, list_left_overs
from tests.harness.cloud import Api, unique


def ids(cloud: Cloud) -> set[tuple[str, str]]:
    return {(item.kind, item.id) for item in list_left_overs(cloud).items}


@pytest.mark.cloud
def test_a_network_with_internet_is_made_in_one_step_and_taken_back_when_a_part_fails(api: Api, cloud: Cloud) -> None:
    member = api.member
    choices = list_choices(cloud)
    name = unique("way-out")
    cidr = free_range(choices.taken)
    outcome = make(cloud, Plan(name, cidr, external_id=choices.external[0].id, dns=("192.0.2.53",)))
    try:
        assert outcome.error is None
        assert [item.what for item in outcome.made] == ["network", "subnet", "router", "interface"]
        (subnet,) = member.get("network", f"/subnets?network_id={outcome.network_id}")["subnets"]
        assert subnet["cidr"] == cidr
        assert subnet["dns_nameservers"] == ["192.0.2.53"]
        (router,) = member.get("network", f"/routers?name={name}")["routers"]
        assert router["external_gateway_info"]["network_id"] == choices.external[0].id

        # The next one overlaps on the same router: Neutron refuses the interface, and nothing is left of it.
        second = unique("overlap")
        failed = make(cloud, Plan(second, cidr, router_id=router["id"]))
        assert failed.failed == "interface"
        assert failed.error is not None
        assert [item.what for item in failed.undone] == ["subnet", "network"]
        assert not failed.left
        assert not member.get("network", f"/networks?name={second}")["networks"]
    finally:
        (subnet,) = member.get("network", f"/subnets?network_id={outcome.network_id}")["subnets"]
        for made in reversed(outcome.made):
            if made.what == "interface":
                body = {"subnet_id": subnet["id"]}
                member.put("network", f"/routers/{made.id}/remove_router_interface", body)
            else:
                member.delete("network", f"/{made.what}s/{made.id}")
    assert free_range([*choices.taken, cidr]) != cidr


@pytest.mark.cloud
def test_what_nobody_uses_is_found_and_what_is_used_is_not(api: Api, cloud: Cloud) -> None:
    member = api.member
    group = member.create("network", "/security-groups", {"security_group": {"name": unique("idle")}})
    network = member.create("network", "/networks", {"network": {"name": unique("idle")}})
    router = member.create("network", "/routers", {"router": {"name": unique("idle")}})
    external = member.get("network", "/networks?router:external=True")["networks"][0]
    floating = member.create("network", "/floatingips", {"floatingip": {"floating_network_id": external["id"]}})
    idle = {
        ("security-group", group["id"]),
        ("network", network["id"]),
        ("router", router["id"]),
        ("floating-ip", floating["id"]),
    }
    assert idle <= ids(cloud)
    port = member.create("network", "/ports", {"port": {"network_id": network["id"], "security_groups": [group["id"]]}})
    found = ids(cloud)
    assert ("port", port["id"]) in found
    assert not {("network", network["id"]), ("security-group", group["id"])} & found
    delete_left_over(cloud, kind="port", id=port["id"])
    delete_left_over(cloud, kind="floating-ip", id=floating["id"])
    assert not {("port", port["id"]), ("floating-ip", floating["id"])} & ids(cloud)


@pytest.mark.cloud
def test_a_reader_takes_nothing_away(api: Api, reader: Cloud) -> None:
    group = api.member.create("network", "/security-groups", {"security_group": {"name": unique("kept")}})
    with pytest.raises(CloudError) as refused:
        delete_left_over(reader, kind="security-group", id=group["id"])
    assert refused.value.status in {403, 404}
