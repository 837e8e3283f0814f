"""Everything that can be done to networks, on the real cloud: through the forms and actions that people use."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cloud import floating_ips, network_extensions, networks, neutron, ports, rbac, routers, transport, trunks
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import Api, unique
from tests.harness.networks import BY_SLUG, act, create, network
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


def outside(cloud: Cloud) -> str:
    from dashboard.cloud.networks import list_external

    return next(net.id for net in list_external(cloud) if net.name == "public")


def test_a_network_comes_with_its_subnet_is_changed_and_deleted(cloud: Cloud, bin: list[Any]) -> None:
    net = network(
        bin,
        cloud,
        description="Where the web is",
        mtu="1400",
        dns_domain="web.example.",
        subnet_name="web-v4",
        pools="10.91.0.10 10.91.0.20",
        dns_nameservers="1.1.1.1\n9.9.9.9",
        routes="10.99.0.0/16 10.91.0.254",
    )
    assert (net.mtu, net.description, net.dns_domain) == (1400, "Where the web is", "web.example.")
    (subnet,) = net.subnets
    assert (subnet.name, subnet.cidr, subnet.gateway) == ("web-v4", "10.91.0.0/24", "10.91.0.1")
    assert subnet.pools == (("10.91.0.10", "10.91.0.20"),)
    assert subnet.routes == (("10.99.0.0/16", "10.91.0.254"),)
    net = act(cloud, "networks", "edit", net, name="renamed", is_admin_up=False, is_port_security_enabled=False)
    assert (net.name, net.is_admin_up, net.is_port_security_enabled, net.mtu) == ("renamed", False, False, 1400)
    assert act(cloud, "networks", "delete", net) is None
    with pytest.raises(NotFound):
        BY_SLUG["networks"].row(cloud, net.id)  # type: ignore[misc]


def test_a_network_whose_subnet_is_refused_is_not_left_over(cloud: Cloud, bin: list[Any]) -> None:
    name = unique("half")
    with pytest.raises((Invalid, Conflict)):
        network(bin, cloud, name, pools="10.92.0.10 10.92.0.20")
    assert not neutron.Kind.all(networks.KIND, cloud, name=name)


def test_subnets_have_modes_pools_and_the_free_addresses_are_counted(cloud: Cloud, bin: list[Any]) -> None:
    from dashboard.cloud import subnets

    net = network(bin, cloud)
    v6 = create(
        bin,
        subnets.KIND,
        cloud,
        "subnets",
        network_id=net.id,
        name="v6",
        cidr="2001:db8:91::/64",
        address_mode="slaac",
        ra_mode="slaac",
        has_no_gateway=False,
    )
    assert (v6.ip_version, v6.address_mode, v6.ra_mode) == (6, "slaac", "slaac")
    narrow = "10.93.0.1 10.93.0.10"
    bare = create(
        bin, subnets.KIND, cloud, "subnets", network_id=net.id, cidr="10.93.0.0/28", pools=narrow, has_no_gateway="on"
    )
    assert bare.gateway == ""
    port = create(bin, ports.KIND, cloud, "ports", network_id=net.id, addresses="10.93.0.5")
    assert "10.93.0.5" in port.addresses
    (counted,) = subnets.with_usage(cloud, (bare,))
    assert (counted.used, counted.total, counted.free, counted.network_name) == (1, 10, 9, net.name)
    bare = act(cloud, "subnets", "edit", bare, name="narrow", dns_nameservers="1.1.1.1", gateway="10.93.0.14")
    assert (bare.name, bare.gateway, bare.dns_nameservers) == ("narrow", "10.93.0.14", ("1.1.1.1",))
    page = BY_SLUG["subnets"].rows(cloud, Query(terms=(Term("network_id", net.id),)))
    assert len(page.rows) == 3
    with pytest.raises(Conflict):
        act(cloud, "subnets", "delete", bare)


def test_a_port_has_addresses_pairs_and_groups_and_is_found_by_any_of_them(cloud: Cloud, bin: list[Any]) -> None:
    net = network(bin, cloud)
    port = create(
        bin,
        ports.KIND,
        cloud,
        "ports",
        network_id=net.id,
        name="vip",
        addresses="10.91.0.77",
        mac_address="fa:16:3e:aa:bb:01",
        pairs="10.91.0.200\n10.91.0.201 fa:16:3e:aa:bb:02",
        dns_name="vip",
    )
    assert port.addresses == ("10.91.0.77",)
    assert port.pairs == (("10.91.0.200", "fa:16:3e:aa:bb:01"), ("10.91.0.201", "fa:16:3e:aa:bb:02"))
    assert port.group_ids
    for text in ("10.91.0.77", "91.0.77", "fa:16:3e:aa:bb:01", "vip", port.id, net.id):
        assert port.id in {row.id for row in ports.list_ports(cloud, Query(text=text)).rows}, text
    port = act(
        cloud, "ports", "edit", port, addresses="10.91.0.78\n10.91.0.0/24", is_port_security_enabled=False, pairs=""
    )
    assert "10.91.0.78" in port.addresses
    assert len(port.addresses) == 2
    assert (port.is_port_security_enabled, port.group_ids, port.pairs) == (False, (), ())
    with pytest.raises(Conflict):
        create(bin, ports.KIND, cloud, "ports", network_id=net.id, addresses="10.91.0.78")
    assert act(cloud, "ports", "delete", port) is None


def test_ports_are_paged_both_ways_sorted_and_left_out_by_neutron(cloud: Cloud, bin: list[Any]) -> None:
    net = network(bin, cloud)
    for number in range(5):
        create(bin, ports.KIND, cloud, "ports", network_id=net.id, name=f"p{number}")
    here = (Term("network_id", net.id),)

    def page(**more: Any) -> Any:
        return ports.list_ports(cloud, Query(limit=2, sort="name", terms=here, **more))

    first = page()
    assert [row.name for row in first.rows] == ["p0", "p1"]
    assert (first.has_next, first.has_previous) == (True, False)
    second = page(marker=first.rows[-1].id)
    assert [row.name for row in second.rows] == ["p2", "p3"]
    assert (second.has_next, second.has_previous) == (True, True)
    last = page(marker=second.rows[-1].id)
    assert ([row.name for row in last.rows], last.has_next) == (["p4"], False)
    back = page(before=second.rows[0].id)
    assert ([row.name for row in back.rows], back.has_previous, back.has_next) == (["p0", "p1"], False, True)
    turned = ports.list_ports(cloud, Query(sort="name", is_descending=True, terms=here))
    assert [row.name for row in turned.rows] == ["p4", "p3", "p2", "p1", "p0"]
    assert not ports.list_ports(cloud, Query(terms=(*here, Term("status", "DOWN", is_negated=True)))).rows
    with pytest.raises(Invalid):
        ports.list_ports(cloud, Query(terms=(*here, Term("mac", "x", is_negated=True))))


def test_a_router_leads_networks_outside_and_says_what_stops_its_end(cloud: Cloud, bin: list[Any]) -> None:
    net = network(bin, cloud)
    router = create(bin, routers.KIND, cloud, "routers", name=unique("edge"))
    assert not router.has_gateway
    router = act(cloud, "routers", "set-gateway", router, gateway=outside(cloud))
    assert router.has_gateway
    assert router.gateway_name == "public"
    router = act(cloud, "routers", "add-interface", router, subnet=net.subnets[0].id)
    (interface,) = router.interfaces
    assert (interface.addresses, interface.network_name) == (("10.91.0.1",), net.name)
    router = act(cloud, "routers", "routes", router, routes="10.98.0.0/16 10.91.0.9")
    assert router.routes == (("10.98.0.0/16", "10.91.0.9"),)
    refusal = BY_SLUG["routers"].action("delete").when(router)  # type: ignore[union-attr]
    assert net.name in refusal
    port = BY_SLUG["ports"].row(cloud, interface.id)  # type: ignore[misc]
    assert router.name in BY_SLUG["ports"].action("delete").when(port)  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        routers.delete_router(cloud, router.id)
    router = act(cloud, "routers", "routes", router, routes="")
    router = act(cloud, "routers", "remove-interface", router, port=interface.id)
    assert router.interfaces == ()
    router = act(cloud, "routers", "add-interface", router, subnet=net.subnets[0].id, address="10.91.0.50")
    assert router.interfaces[0].addresses == ("10.91.0.50",)
    router = act(cloud, "routers", "remove-interface", router, port=router.interfaces[0].id)
    router = act(cloud, "routers", "clear-gateway", router)
    assert not router.has_gateway
    router = act(cloud, "routers", "edit", router, name="off", is_admin_up=False)
    assert (router.name, router.is_admin_up) == ("off", False)
    assert act(cloud, "routers", "delete", router) is None


def test_an_interface_that_can_t_be_added_leaves_no_port_behind(cloud: Cloud, bin: list[Any]) -> None:
    net = network(bin, cloud)
    router = create(bin, routers.KIND, cloud, "routers", name=unique("edge"))
    act(cloud, "routers", "add-interface", router, subnet=net.subnets[0].id)
    with pytest.raises((Conflict, Invalid)):
        routers.add_interface(cloud, router.id, subnet_id=net.subnets[0].id, network_id=net.id, address="10.91.0.60")
    assert not [port for port in ports.KIND.all(cloud, network_id=net.id) if "10.91.0.60" in port.addresses]


def test_a_floating_ip_is_led_somewhere_and_forwards_ports(cloud: Cloud, bin: list[Any]) -> None:
    net = network(bin, cloud)
    router = create(bin, routers.KIND, cloud, "routers", name=unique("edge"), gateway=outside(cloud))
    act(cloud, "routers", "add-interface", router, subnet=net.subnets[0].id)
    port = create(bin, ports.KIND, cloud, "ports", network_id=net.id, name="app")
    target = f"{port.id}/{port.addresses[0]}"
    ip = create(bin, floating_ips.KIND, cloud, "floating-ips", network=outside(cloud), target=target, description="app")
    assert (ip.port_id, ip.fixed_address, ip.router_id, ip.description) == (
        port.id,
        port.addresses[0],
        router.id,
        "app",
    )
    with pytest.raises(Conflict):
        act(cloud, "routers", "clear-gateway", BY_SLUG["routers"].row(cloud, router.id))  # type: ignore[misc]
    ip = act(cloud, "floating-ips", "disassociate", ip)
    assert not ip.is_associated
    ip = act(cloud, "floating-ips", "associate", ip, target=target)
    assert ip.port_id == port.id
    ip = act(cloud, "floating-ips", "disassociate", ip)
    ip = act(cloud, "floating-ips", "forward", ip, protocol="tcp", external="2222", internal="22", target=target)
    (forwarding,) = floating_ips.list_forwardings(cloud, ip.id)
    assert (forwarding.external_port, forwarding.internal_port, forwarding.port_id) == ("2222", "22", port.id)
    ip = act(
        cloud,
        "floating-ips",
        "forward",
        ip,
        forwarding=forwarding.id,
        protocol="tcp",
        external="2223",
        internal="22",
        target=target,
    )
    ip = act(cloud, "floating-ips", "forward", ip, protocol="udp", external="8000-8002", target=target)
    found = {(item.protocol, item.external_port) for item in floating_ips.list_forwardings(cloud, ip.id)}
    assert found == {("tcp", "2223"), ("udp", "8000:8002")}
    assert BY_SLUG["floating-ips"].action("associate").when(ip)  # type: ignore[union-attr]
    for item in floating_ips.list_forwardings(cloud, ip.id):
        ip = act(cloud, "floating-ips", "stop-forwarding", ip, forwarding=item.id)
    assert ip.use == "free"
    ip = act(cloud, "floating-ips", "edit", ip, description="spare")
    assert ip.description == "spare"
    assert act(cloud, "floating-ips", "release", ip) is None


def test_a_trunk_carries_subports(cloud: Cloud, bin: list[Any]) -> None:
    net, other = network(bin, cloud), network(bin, cloud, cidr="10.94.0.0/24")
    parent = create(bin, ports.KIND, cloud, "ports", network_id=net.id, name="parent")
    first = create(bin, ports.KIND, cloud, "ports", network_id=other.id, name="first")
    second = create(bin, ports.KIND, cloud, "ports", network_id=other.id, name="second")
    trunk = create(
        bin, trunks.KIND, cloud, "trunks", name=unique("trunk"), parent=parent.id, subport=first.id, number="101"
    )
    trunk = act(cloud, "trunks", "add-subport", trunk, port=second.id, type="vlan", number="102")
    assert {(item.port_id, item.number) for item in trunk.subports} == {(first.id, 101), (second.id, 102)}
    with pytest.raises(Conflict):
        ports.delete_port(cloud, first.id)
    assert BY_SLUG["ports"].action("delete").when(BY_SLUG["ports"].row(cloud, parent.id))  # type: ignore[union-attr,misc]
    trunk = act(cloud, "trunks", "remove-subport", trunk, port=first.id)
    assert [item.port_id for item in trunk.subports] == [second.id]
    trunk = act(cloud, "trunks", "edit", trunk, name="renamed")
    assert trunk.name == "renamed"
    assert act(cloud, "trunks", "delete", trunk) is None


def test_a_network_that_is_shared_is_seen_in_the_other_project_alone(api: Api, cloud: Cloud, bin: list[Any]) -> None:
    other = cloud_for(api.at("carol", "data"))
    net = network(bin, cloud)
    panel = BY_SLUG["networks"]
    assert panel.row is not None
    with pytest.raises(NotFound):
        panel.row(other, net.id)
    shared = create(
        bin,
        rbac.KIND,
        cloud,
        "network-sharing",
        object=f"network/{net.id}",
        target_id=other.project_id,
    )
    assert shared.object_name == net.name
    seen = panel.row(other, net.id)
    assert not seen.is_changeable
    assert panel.action("delete").when(seen)  # type: ignore[union-attr]
    assert net.id in {row.id for row in panel.rows(other, Query(text=net.name)).rows}
    assert act(cloud, "network-sharing", "delete", shared) is None
    with pytest.raises(NotFound):
        panel.row(other, net.id)


def test_a_reader_sees_all_of_it_and_is_refused_every_change(api: Api, cloud: Cloud, bin: list[Any]) -> None:
    reader = cloud_for(api.reader)
    net = network(bin, cloud)
    port = create(bin, ports.KIND, cloud, "ports", network_id=net.id)
    for slug in (
        "networks",
        "subnets",
        "ports",
        "routers",
        "floating-ips",
        "security-groups",
        "trunks",
    ):
        BY_SLUG[slug].rows(reader, Query())
    for call in (
        lambda: neutron.Kind.create(networks.KIND, reader, {"name": "no"}),
        lambda: ports.update_port(reader, port.id, {"name": "no"}),
        lambda: ports.delete_port(reader, port.id),
        lambda: routers.create_router(reader, {"name": "no"}),
        lambda: floating_ips.create_floating_ip(reader, {"floating_network_id": outside(reader)}),
    ):
        with pytest.raises(Forbidden):
            call()


def test_the_extensions_of_the_cloud_are_read_once(cloud: Cloud) -> None:
    network_extensions.forget_all()
    asked: list[str] = []
    mark = transport.calls.set(asked)
    try:
        assert network_extensions.offered(cloud, "qos", "trunk")
        assert network_extensions.has(cloud, "router")
        assert not network_extensions.has(cloud, "local_ip")
    finally:
        transport.calls.reset(mark)
    assert len(asked) == 1
