"""What hangs on a server, on the real cloud: put on, looked at, changed and taken off."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cloud import (
    server_access,
    server_addresses,
    server_attach,
    server_insight,
    server_labels,
    server_parts,
    servers,
)
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden, Invalid, NotFound
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


@pytest.fixture
def id(api: Api) -> str:
    """A server that runs. Its disks get no tags: the demo cloud's hypervisor can't take such a disk off again."""
    return str(api.member.server(unique("parts"))["id"])


def volume(api: Api) -> str:
    made = api.member.create("block-storage", "/volumes", {"volume": {"name": unique("part"), "size": 1}})
    path = f"/volumes/{made['id']}"
    wait_until(
        lambda: api.member.get("block-storage", path)["volume"]["status"] == "available", what="the volume's making"
    )
    return str(made["id"])


def test_a_volume_is_attached_marked_for_deletion_kept_again_and_detached(api: Api, cloud: Cloud, id: str) -> None:
    volume_id = volume(api)
    assert volume_id in [item.id for item in server_attach.list_attachable(cloud)]
    server_attach.attach_volume(cloud, id=id, volume_id=volume_id, device="/dev/vdz", is_deleted_with_server=True)

    def state() -> str:
        found, _error = server_parts.with_volumes(cloud, server_parts.list_volume_attachments(cloud, id=id))
        return found[0].volume.status if found and found[0].volume is not None else ""

    wait_until(lambda: state() == "in-use", what="the attaching")
    (found,) = server_parts.list_volume_attachments(cloud, id=id)
    assert found.is_deleted_with_server
    assert found.device
    server_attach.set_volume_fate(cloud, id=id, volume_id=volume_id, is_deleted_with_server=False)
    (found,) = server_parts.list_volume_attachments(cloud, id=id)
    assert not found.is_deleted_with_server
    server_attach.detach_volume(cloud, id=id, volume_id=volume_id)
    wait_until(lambda: not server_parts.list_volume_attachments(cloud, id=id), what="the detaching")
    assert volume_id in [item.id for item in server_attach.list_attachable(cloud)]


def test_an_interface_is_attached_by_network_with_address_and_tag_and_detached(api: Api, cloud: Cloud, id: str) -> None:
    web = next(item for item in server_addresses.list_joinable(cloud) if item.name == "web-net")
    assert not any(item.name == "public" for item in server_addresses.list_joinable(cloud))
    # One that is free: what an earlier test left behind may have any.
    port = api.member.post("network", "/ports", {"port": {"network_id": web.id}})["port"]
    address = port["fixed_ips"][0]["ip_address"]
    api.member.delete("network", f"/ports/{port['id']}")
    server_attach.attach_interface(cloud, id=id, network_id=web.id, address=address, tag="second")
    ports = server_parts.list_server_ports(cloud, id=id)
    added = next(port for port in ports if port.network_id == web.id)
    assert added.addresses == (address,)
    server_attach.detach_interface(cloud, id=id, port_id=added.id)
    wait_until(lambda: len(server_parts.list_server_ports(cloud, id=id)) == 1, what="the detaching")


def test_a_port_that_was_there_before_is_attached_and_stays_when_it_is_detached(
    api: Api, cloud: Cloud, id: str
) -> None:
    web = next(item for item in server_addresses.list_joinable(cloud) if item.name == "web-net")
    port = api.member.create("network", "/ports", {"port": {"network_id": web.id, "name": unique("part")}})
    assert port["id"] in [item.id for item in server_addresses.list_free_ports(cloud)]
    server_attach.attach_interface(cloud, id=id, port_id=port["id"])
    assert port["id"] in [item.id for item in server_parts.list_server_ports(cloud, id=id)]
    server_attach.detach_interface(cloud, id=id, port_id=port["id"])
    wait_until(
        lambda: port["id"] in [item.id for item in server_addresses.list_free_ports(cloud)], what="the port's return"
    )


def on_web_net(api: Api) -> str:
    network = api.member.get("network", "/networks?name=web-net")["networks"][0]
    return str(api.member.server(unique("parts"), networks=[{"uuid": network["id"]}])["id"])


def test_a_floating_ip_is_taken_led_to_a_server_led_away_led_back_and_released(api: Api, cloud: Cloud) -> None:
    id = on_web_net(api)
    (port,) = server_parts.list_server_ports(cloud, id=id)
    external = next(item for item in server_addresses.list_external(cloud) if item.name == "public")
    made = server_addresses.allocate_floating(cloud, network_id=external.id, port_id=port.id, fixed=port.addresses[0])
    api.member.made.append(("network", f"/floatingips/{made.id}"))
    (found,) = server_addresses.list_floating(cloud, port_ids=[port.id])
    assert (found.address, found.fixed) == (made.address, port.addresses[0])
    server_addresses.disassociate_floating(cloud, id=made.id)
    assert server_addresses.list_floating(cloud, port_ids=[port.id]) == ()
    free = next(item for item in server_addresses.list_floating(cloud) if item.id == made.id)
    assert not free.port_id
    server_addresses.associate_floating(cloud, id=made.id, port_id=port.id, fixed=port.addresses[0])
    wait_until(
        lambda: made.address in [item.address for item in servers.get_server(cloud, id).floating_addresses],
        what="the address in Nova",
    )
    server_addresses.release_floating(cloud, id=made.id)
    assert made.id not in [item.id for item in server_addresses.list_floating(cloud)]


def test_a_ports_security_groups_are_changed(api: Api, cloud: Cloud, id: str) -> None:
    made = api.member.create("network", "/security-groups", {"security_group": {"name": unique("part")}})
    assert made["id"] in [item.id for item in server_addresses.list_groups(cloud)]
    (port,) = server_parts.list_server_ports(cloud, id=id)
    server_addresses.set_port_groups(cloud, port_id=port.id, group_ids=[*port.group_ids, made["id"]])
    assert {item.name for item in server_parts.list_groups_of(cloud, server_parts.list_server_ports(cloud, id=id))} == {
        "default",
        made["name"],
    }
    server_addresses.set_port_groups(cloud, port_id=port.id, group_ids=())
    (port,) = server_parts.list_server_ports(cloud, id=id)
    assert port.group_ids == ()
    api.member.delete("compute", f"/servers/{id}")


def test_metadata_and_tags_are_just_what_was_given(cloud: Cloud, id: str) -> None:
    server_labels.set_metadata(cloud, id=id, metadata={"role": "db", "empty": ""})
    server_labels.set_metadata(cloud, id=id, metadata={"role": "web"})
    server_labels.set_tags(cloud, id=id, tags=["one", "två"])
    found = servers.get_server(cloud, id)
    assert found.metadata == {"role": "web"}
    assert set(found.tags) == {"one", "två"}
    server_labels.set_tags(cloud, id=id, tags=[])
    assert servers.get_server(cloud, id).tags == ()


def test_glances_definitions_for_servers_are_those_for_their_metadata(cloud: Cloud) -> None:
    found = {item.key: item for item in server_labels.list_definitions(cloud)}
    port = found["sw_database_mysql_listen_port"]
    assert (port.type, port.group) == ("integer", "Database Software")
    # Processor settings are scheduler hints for servers.
    assert not any("CIM" in item.group for item in found.values())


def test_consoles_that_there_are_open_and_others_are_refused(cloud: Cloud, id: str) -> None:
    opened = server_access.open_console(cloud, id=id, kind="novnc")
    assert opened.url.startswith("http")
    assert opened.url not in repr(opened)
    assert server_access.open_console(cloud, id=id, kind="serial").origin.startswith("ws")
    for kind in ("spice-html5", "webmks"):
        with pytest.raises(Invalid):
            server_access.open_console(cloud, id=id, kind=kind)


def test_a_server_that_gave_no_password_has_none_and_forgetting_it_is_well(cloud: Cloud, id: str) -> None:
    assert server_access.get_password(cloud, id=id) == ""
    server_access.clear_password(cloud, id=id)


def test_administrators_are_told_what_the_host_measures_and_others_are_not(api: Api, cloud: Cloud, id: str) -> None:
    admin = cloud_for(api.admin)
    found = server_insight.get_diagnostics(admin, id=id)
    assert found.state == "running"
    assert found.disks
    assert found.nics
    assert servers.get_server(admin, id).host_status == "UP"
    assert server_insight.get_topology(admin, id=id).nodes == ()
    with pytest.raises(Forbidden):
        server_insight.get_diagnostics(cloud, id=id)


def test_administrators_are_told_where_a_server_came_from(api: Api, id: str) -> None:
    admin = cloud_for(api.admin)
    assert server_insight.list_migrations(admin, id=id) == ()
    before = servers.get_server(admin, id).host
    api.admin.post("compute", f"/servers/{id}/action", {"migrate": None})

    def moved() -> Any:
        return servers.get_server(admin, id).status == "VERIFY_RESIZE"

    wait_until(moved, what="the migration")
    (found,) = server_insight.list_migrations(admin, id=id)
    assert (found.kind, found.source, found.status) == ("migration", before, "finished")
    api.admin.post("compute", f"/servers/{id}/action", {"confirmResize": None})
    # A server that is deleted while the other host still cleans up may end in an error, and stay.
    wait_until(lambda: server_insight.list_migrations(admin, id=id)[0].status == "confirmed", what="the confirmation")


def test_what_is_no_server_is_not_found(cloud: Cloud) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(NotFound):
        server_attach.detach_volume(cloud, id=unknown, volume_id=unknown)
    with pytest.raises(NotFound):
        server_access.open_console(cloud, id=unknown, kind="novnc")
