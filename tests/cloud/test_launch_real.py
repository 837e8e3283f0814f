"""A launch on the real cloud: what Nova stores of all that can be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.real import cloud_for


@pytest.mark.cloud
def test_nova_stores_what_was_asked_for(api: Any, store: Any) -> None:
    """On the real cloud, with most of the options, without a browser session: the request itself."""
    import uuid

    from dashboard.cloud.launch import Interface, LaunchRequest, find_launched, launch_servers
    from tests.harness.cloud import unique, wait_until

    member = api.member
    flavor = next(f for f in member.get("compute", "/flavors")["flavors"] if f["name"] == "m1.tiny")
    image = member.get("image", "/images?name=cirros-0.6")["images"][0]
    network = member.get("network", "/networks?name=web-net")["networks"][0]
    groups = member.get("network", f"/security-groups?project_id={member.project_id}")["security_groups"]
    group = member.create(
        "compute", "/os-server-groups", {"server_group": {"name": unique("g"), "policy": "soft-affinity"}}
    )
    wanted = LaunchRequest(
        once=uuid.uuid4().hex,
        name=unique("launched"),
        flavor_id=flavor["id"],
        source="image",
        source_id=image["id"],
        description="most of it",
        count=2,
        interfaces=(Interface(network["id"]),),
        security_groups=(groups[0]["id"],),
        availability_zone="nova",
        user_data="#!/bin/sh\n",
        metadata={"role": "test"},
        tags=("trial",),
        has_config_drive=True,
        disk_config="MANUAL",
        hints={"group": group["id"]},
        access_ipv4="192.0.2.7",
        access_ipv6="2001:db8::7",
    )
    cloud = cloud_for(member)
    launched = launch_servers(cloud, wanted)
    made = find_launched(cloud, wanted.once)
    member.made += [("compute", f"/servers/{server.id}") for server in made]
    assert launched.id in {server.id for server in made}
    assert len(made) == 2

    def settled() -> Any:
        server = member.get("compute", f"/servers/{launched.id}")["server"]
        return server if server["status"] in {"ACTIVE", "ERROR"} else None

    server = wait_until(settled, seconds=90, what="the boot")
    assert server["status"] == "ACTIVE", server.get("fault")
    assert server["description"] == "most of it"
    assert server["metadata"] == {"role": "test"}
    assert set(server["tags"]) == {"trial", wanted.tag}
    assert server["config_drive"]
    assert (server["accessIPv4"], server["accessIPv6"]) == ("192.0.2.7", "2001:db8::7")
    assert server["server_groups"] == [group["id"]]
    assert server["OS-EXT-AZ:availability_zone"] == "nova"
    assert server["OS-DCF:diskConfig"] == "MANUAL"
    assert list(server["addresses"]) == ["web-net"]


@pytest.mark.cloud
def test_disks_tags_files_hostname_and_host_arrive(api: Any, store: Any) -> None:
    """As an administrator, who alone may name a host, and whom alone Nova tells the user data."""
    import base64
    import uuid

    import yaml

    from dashboard.cloud.launch import Interface, LaunchRequest, launch_servers
    from dashboard.cloud.launch_disks import Disk
    from dashboard.cloud.launch_files import NewFile, with_files
    from tests.harness.cloud import unique, wait_until

    admin = api.admin
    flavor = next(f for f in admin.get("compute", "/flavors")["flavors"] if f["name"] == "m1.tiny")
    image = admin.get("image", "/images?name=cirros-0.6")["images"][0]
    network = admin.get("network", "/networks?name=shared")["networks"][0]
    hosts = admin.get("compute", "/os-hypervisors/detail")["hypervisors"]
    volume = admin.create("block-storage", "/volumes", {"volume": {"name": unique("kept"), "size": 1}})
    wait_until(
        lambda: admin.get("block-storage", f"/volumes/{volume['id']}")["volume"]["status"] == "available",
        what="the volume",
    )
    files = (NewFile("/etc/motd", b"hello\n", "root:root", "0644"),)
    wanted = LaunchRequest(
        once=uuid.uuid4().hex,
        name=unique("everything"),
        flavor_id=flavor["id"],
        source="new_volume",
        source_id=image["id"],
        volume_size=1,
        is_volume_deleted=True,
        boot_tag="root",
        disks=(
            Disk("blank", size=2, is_deleted=True, tag="scratch", boot_order=4),
            Disk("volume", volume["id"], tag="kept"),
        ),
        interfaces=(Interface(network["id"], tag="front"),),
        user_data=with_files("#!/bin/sh\ntrue\n", files),
        hostname="everything.example.org",
        host=hosts[0]["service"]["host"],
        hypervisor=hosts[0]["hypervisor_hostname"],
    )
    launched = launch_servers(cloud_for(admin), wanted)
    admin.made.append(("compute", f"/servers/{launched.id}"))

    def settled() -> Any:
        server = admin.get("compute", f"/servers/{launched.id}")["server"]
        return server if server["status"] in {"ACTIVE", "ERROR"} else None

    server = wait_until(settled, seconds=120, what="the boot")
    assert server["status"] == "ACTIVE", server.get("fault")
    assert server["OS-EXT-SRV-ATTR:hostname"] == "everything.example.org"
    assert server["OS-EXT-SRV-ATTR:host"] == wanted.host
    message = base64.b64decode(server["OS-EXT-SRV-ATTR:user_data"]).decode()
    assert "text/x-shellscript" in message
    part = message.split("#cloud-config", 1)[1].split("\n--==", 1)[0]
    assert yaml.safe_load(part)["write_files"][0]["path"] == "/etc/motd"
    attached = admin.get("compute", f"/servers/{launched.id}/os-volume_attachments")["volumeAttachments"]
    assert {item["tag"]: item["delete_on_termination"] for item in attached} == {
        "root": True,
        "scratch": True,
        "kept": False,
    }
    assert volume["id"] in {item["volumeId"] for item in attached}
    cards = admin.get("compute", f"/servers/{launched.id}/os-interface")["interfaceAttachments"]
    assert [card["tag"] for card in cards] == ["front"]


@pytest.mark.cloud
def test_a_floating_ip_follows_the_server_and_another_like_it_is_read(api: Any, store: Any) -> None:
    import time
    import uuid

    from dashboard.cloud import launch_address
    from dashboard.cloud.launch import Interface, LaunchRequest, launch_servers, tag_of
    from dashboard.cloud.launch_like import get_model
    from dashboard.live import addresses, errands
    from tests.harness.cloud import unique, wait_until

    member = api.member
    cloud = cloud_for(member)
    once = uuid.uuid4().hex
    public = member.get("network", "/networks?name=public")["networks"][0]
    network = member.get("network", "/networks?name=web-net")["networks"][0]
    flavor = next(f for f in member.get("compute", "/flavors")["flavors"] if f["name"] == "m1.tiny")
    image = member.get("image", "/images?name=cirros-0.6")["images"][0]
    address = launch_address.allocate(cloud, public["id"], tag_of(once))
    member.made.append(("network", f"/floatingips/{address.id}"))
    assert launch_address.find(cloud, tag_of(once)) == address
    wanted = LaunchRequest(
        once=once,
        name=unique("reached"),
        flavor_id=flavor["id"],
        source="image",
        source_id=image["id"],
        interfaces=(Interface(network["id"]),),
        metadata={"role": "test"},
        tags=("trial",),
    )
    launched = launch_servers(cloud, wanted)
    member.made.append(("compute", f"/servers/{launched.id}"))
    facts = {"id": address.id, "address": address.address, "is_new": True, "server_id": launched.id}
    errand = errands.Errand(once, addresses.KIND, facts, began=time.time())

    def is_over() -> bool:
        nonlocal errand
        errand = addresses.step(cloud, errand)
        return errand.is_over

    wait_until(is_over, seconds=90, what="the association")
    assert errand.state == "done", errand
    floating = member.get("network", f"/floatingips/{address.id}")["floatingip"]
    port = member.get("network", f"/ports/{floating['port_id']}")["port"]
    assert port["device_id"] == launched.id
    assert floating["description"] == ""
    model = get_model(cloud, launched.id)
    assert model.server.metadata == {"role": "test"}
    assert model.cards is not None
    assert [card.network_id for card in model.cards] == [network["id"]]
    assert model.zone == "", "no zone was asked for"


@pytest.mark.cloud
def test_placement_tells_the_administrator_and_not_the_member(api: Any, store: Any) -> None:
    from dashboard.cloud import launch_fit
    from dashboard.cloud.flavors import Flavor

    tiny = Flavor("x", "tiny", vcpus=1, ram=512, disk=1)
    found = launch_fit.fit_of(launch_fit.ask(cloud_for(api.admin), tiny, has_own_disk=True))
    assert found is not None
    assert found.hosts >= 1
    assert found.servers >= found.hosts
    huge = Flavor("x", "huge", vcpus=1_000_000, ram=512, disk=1)
    none = launch_fit.fit_of(launch_fit.ask(cloud_for(api.admin), huge, has_own_disk=True))
    assert none == launch_fit.Fit(0, 0)
    assert launch_fit.ask(cloud_for(api.member), tiny, has_own_disk=True) is None
