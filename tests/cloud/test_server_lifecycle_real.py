"""Every lifecycle action on the real cloud, through the panel's own ``run``; and each of them refused to a reader.

Not here, since the demo cloud has no such state: offloading (Nova offloads at once there) and restoring (it keeps no
deleted servers), nor writing an image to a volume's data. Those are at the wire, in
tests/panels/test_server_actions.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from keystoneauth1 import exceptions

from dashboard.cloud import servers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, Forbidden
from dashboard.cloud.server_actions_delete import list_companions
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions import LIFECYCLE
from dashboard.ui.values import Part
from tests.harness.cloud import Api, Client, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud
BY_SLUG = {action.slug: action for action in LIFECYCLE}


@pytest.fixture
def images(api: Api) -> Iterator[list[str]]:
    """Ids of images that the test made; gone when it ends."""
    found: list[str] = []
    yield found
    for image_id in found:
        api.member.delete("image", f"/images/{image_id}")


def do(cloud: Cloud, slug: str, id: str, **data: Any) -> Any:
    """What the panel would do: only what it offers."""
    row = servers.get_server(cloud, id)
    assert not BY_SLUG[slug].when(row), f"{slug}: {BY_SLUG[slug].when(row)}"
    return BY_SLUG[slug].run(cloud, row, data)


def until(cloud: Cloud, id: str, status: str, also: Callable[[Server], bool] = lambda server: True) -> Server:
    def look() -> Server | None:
        server = servers.get_server(cloud, id)
        if not server.is_free or server.status != status or not also(server):
            return None
        if status == "SHELVED_OFFLOADED" and servers.get_server_json(cloud, id)["hostId"]:
            # Nova forgets its host a moment later, and would forget the next one if it were unshelved before.
            return None
        return server

    found: Server = wait_until(look, what=f"{status}")
    return found


def is_gone(client: Client, service: str, path: str) -> bool:
    try:
        client.get(service, path)
    except exceptions.NotFound:
        return True
    return False


def test_a_server_is_paused_suspended_shelved_and_comes_back_each_time(api: Api, cloud: Cloud) -> None:
    id = api.member.server(unique("states"))["id"]
    for away, there, back in (("pause", "PAUSED", "unpause"), ("suspend", "SUSPENDED", "resume")):
        do(cloud, away, id)
        assert until(cloud, id, there).power_state
        do(cloud, back, id)
        until(cloud, id, "ACTIVE")
    do(cloud, "stop", id)
    until(cloud, id, "SHUTOFF")
    do(cloud, "start", id)
    until(cloud, id, "ACTIVE")
    do(cloud, "reboot", id)
    until(cloud, id, "ACTIVE")
    do(cloud, "hard-reboot", id)
    until(cloud, id, "ACTIVE")
    do(cloud, "crash-dump", id)
    do(cloud, "change-password", id, password="not-secret-1")
    until(cloud, id, "ACTIVE")
    do(cloud, "shelve", id)
    shelved = until(cloud, id, "SHELVED_OFFLOADED")
    assert shelved.can_choose_zone
    assert not shelved.can_offload
    do(cloud, "unshelve", id, zone="nova", host="")
    until(cloud, id, "ACTIVE")


def test_an_administrator_unshelves_to_a_host_and_resets_a_state(api: Api, cloud: Cloud) -> None:
    id = api.member.server(unique("hosted"))["id"]
    do(cloud, "shelve", id)
    until(cloud, id, "SHELVED_OFFLOADED")
    admin = cloud_for(api.admin)
    do(admin, "unshelve", id, zone="", host="compute2")
    assert until(admin, id, "ACTIVE").host == "compute2"
    do(admin, "reset-state", id, state="error")
    assert until(cloud, id, "ERROR").status == "ERROR"
    do(admin, "reset-state", id, state="active")
    until(cloud, id, "ACTIVE")
    with pytest.raises(Forbidden):
        BY_SLUG["reset-state"].run(cloud, servers.get_server(cloud, id), {"state": "error"})


def test_a_resize_is_confirmed_or_reverted(api: Api, cloud: Cloud) -> None:
    id = api.member.server(unique("sized"))["id"]
    flavors = {flavor["name"]: flavor["id"] for flavor in api.member.get("compute", "/flavors")["flavors"]}
    do(cloud, "resize", id, flavor=flavors["m1.small"])
    waiting = until(cloud, id, "VERIFY_RESIZE")
    assert waiting.flavor.name == "m1.small"
    assert not waiting.is_transitional
    do(cloud, "revert-resize", id)
    assert until(cloud, id, "ACTIVE").flavor.name == "m1.tiny"
    do(cloud, "resize", id, flavor=flavors["m1.small"])
    until(cloud, id, "VERIFY_RESIZE")
    do(cloud, "confirm-resize", id)
    assert until(cloud, id, "ACTIVE").flavor.name == "m1.small"


def test_a_server_is_rescued_and_rebuilt(api: Api, cloud: Cloud) -> None:
    flavors = {flavor["name"]: flavor["id"] for flavor in api.member.get("compute", "/flavors")["flavors"]}
    id = api.member.server(unique("broken"), flavorRef=flavors["m1.small"])["id"]
    (debian,) = api.member.get("image", "/images?name=debian-12")["images"]
    assert do(cloud, "rescue", id, image=debian["id"], password="not-secret-1", show_password=True) == ()
    until(cloud, id, "RESCUE")
    do(cloud, "unrescue", id)
    until(cloud, id, "ACTIVE")
    (told,) = do(cloud, "rescue", id, image="", password="", show_password=True)
    assert len(told.secret) >= 8
    until(cloud, id, "RESCUE")
    do(cloud, "unrescue", id)
    until(cloud, id, "ACTIVE")
    name = unique("rebuilt")
    data = {"image": debian["id"], "name": name, "description": "anew", "key": "none", "user_data_fate": "none"}
    (told,) = do(cloud, "rebuild", id, **data, user_data="", preserve_ephemeral=False, password="", show_password=True)
    assert len(told.secret) >= 8
    rebuilt = until(cloud, id, "ACTIVE", lambda row: row.image_id == debian["id"])
    assert (rebuilt.name, rebuilt.description) == (name, "anew")


def test_snapshots_and_backups_are_images_and_only_as_many_backups_are_kept(
    api: Api, cloud: Cloud, images: list[str]
) -> None:
    id = api.member.server(unique("copied"))["id"]
    name = unique("snapshot")
    (part,) = do(cloud, "snapshot", id, name=name, metadata={"purpose": "a test"}, is_many=False)
    images.append(part.id)
    until(cloud, id, "ACTIVE")
    image = api.member.get("image", f"/images/{part.id}")
    assert (image["name"], image["purpose"], image["image_type"]) == (name, "a test", "snapshot")
    for _turn in range(2):
        (part,) = do(cloud, "backup", id, name=unique("backup"), kind="daily", rotation=1, is_many=False)
        images.append(part.id)
        until(cloud, id, "ACTIVE")
    kept = api.member.get("image", f"/images/{images[-1]}")
    assert kept["backup_type"] == "daily"
    wait_until(lambda: is_gone(api.member, "image", f"/images/{images[1]}"), what="the rotation")


def test_a_deletion_takes_what_was_ticked_and_nothing_else(api: Api, cloud: Cloud) -> None:
    member = api.member
    network = member.get("network", "/networks?name=web-net")["networks"][0]["id"]
    public = member.get("network", "/networks?name=public")["networks"][0]["id"]
    ports = [
        member.create("network", "/ports", {"port": {"network_id": network, "name": unique(f"port-{n}")}})
        for n in range(2)
    ]
    server = member.server(unique("goes"), networks=[{"port": port["id"]} for port in ports])
    id = server["id"]
    addresses = [
        member.create("network", "/floatingips", {"floatingip": {"floating_network_id": public, "port_id": port["id"]}})
        for port in ports
    ]
    volumes = []
    for n in range(3):
        volume = member.create("block-storage", "/volumes", {"volume": {"size": 1, "name": unique(f"disk-{n}")}})
        wait_until(
            lambda id=volume["id"]: member.get("block-storage", f"/volumes/{id}")["volume"]["status"] == "available"
        )
        # The third goes with the server as things are, and is not to.
        body = {"volumeAttachment": {"volumeId": volume["id"], "delete_on_termination": n == 2}}
        member.post("compute", f"/servers/{id}/os-volume_attachments", body)
        wait_until(
            lambda id=volume["id"]: member.get("block-storage", f"/volumes/{id}")["volume"]["status"] == "in-use"
        )
        volumes.append(volume)
    row = servers.get_server(cloud, id)
    companions = list_companions(cloud, row).found
    assert {item.id for item in companions} == {item["id"] for item in (*ports, *addresses, *volumes)}
    named = {item.id: item for item in companions}
    assert named[volumes[0]["id"]].name.startswith(volumes[0]["name"])
    assert [named[item["id"]].goes for item in volumes] == [False, False, True]
    chosen = {volumes[0]["id"], addresses[0]["id"], ports[0]["id"]}
    parts = do(cloud, "delete", id, companions={id: companions}, chosen={id: chosen})
    assert [part.error for part in parts] == ["", "", ""]
    assert is_gone(member, "compute", f"/servers/{id}")
    assert is_gone(member, "network", f"/ports/{ports[0]['id']}")
    assert is_gone(member, "network", f"/floatingips/{addresses[0]['id']}")
    wait_until(lambda: is_gone(member, "block-storage", f"/volumes/{volumes[0]['id']}"), what="the volume's deletion")
    assert member.get("network", f"/ports/{ports[1]['id']}")["port"]
    assert member.get("network", f"/floatingips/{addresses[1]['id']}")["floatingip"]
    for volume in volumes[1:]:
        wait_until(
            lambda id=volume["id"]: member.get("block-storage", f"/volumes/{id}")["volume"]["status"] == "available"
        )


def test_of_ports_without_a_name_just_those_that_nova_did_not_make_are_listed(api: Api, cloud: Cloud) -> None:
    member = api.member
    network = member.get("network", "/networks?name=web-net")["networks"][0]["id"]
    id = member.server(unique("ports"))["id"]
    # What is made within seconds of a boot or of an attaching is not told from what these make.
    booted = {"created_at": datetime.now(UTC).isoformat()}
    wait_until(lambda: age_of(booted) > 7, what="some time after the boot")
    own = member.create("network", "/ports", {"port": {"network_id": network}})
    made = {port["id"] for port in member.get("network", f"/ports?device_id={id}")["ports"]}
    assert len(made) == 1
    wait_until(lambda: age_of(own) > 3, what="some age of the port")
    member.post("compute", f"/servers/{id}/os-interface", {"interfaceAttachment": {"port_id": own["id"]}})
    member.post("compute", f"/servers/{id}/os-interface", {"interfaceAttachment": {"net_id": network}})
    wait_until(lambda: len(member.get("network", f"/ports?device_id={id}")["ports"]) == 3, what="the attaching")
    companions = list_companions(cloud, servers.get_server(cloud, id)).found
    assert [item.id for item in companions if item.kind == "port"] == [own["id"]]
    do(cloud, "delete", id, companions={id: companions}, chosen={id: {own["id"]}})
    assert is_gone(member, "network", f"/ports/{own['id']}")
    assert member.get("network", f"/ports?device_id={id}")["ports"] == []


def age_of(port: dict[str, Any]) -> float:
    """Seconds since it was made."""
    made = datetime.fromisoformat(port["created_at"])
    return (datetime.now(UTC) - made).total_seconds()


def test_a_server_is_deleted_for_good_even_while_it_is_built(api: Api, cloud: Cloud) -> None:
    id = api.member.server(unique("forced"), wait=False)["id"]
    BY_SLUG["force-delete"].run(cloud, servers.get_server(cloud, id), {})
    wait_until(lambda: is_gone(api.member, "compute", f"/servers/{id}"), what="the deletion")


def test_what_the_demo_cloud_has_no_state_for_is_refused_by_it(api: Api, cloud: Cloud) -> None:
    row = servers.get_server(cloud, api.member.server(unique("plain"))["id"])
    for slug in ("restore", "unpause", "resume", "unshelve", "unrescue", "confirm-resize", "revert-resize"):
        assert BY_SLUG[slug].when(row)
        with pytest.raises(Conflict):
            BY_SLUG[slug].run(cloud, row, {"zone": "", "host": ""})
    with pytest.raises(Conflict):
        BY_SLUG["shelve-offload"].run(cloud_for(api.admin), row, {})


FORMS: dict[str, dict[str, Any]] = {
    "resize": {"flavor": "1"},
    "unshelve": {"zone": "", "host": ""},
    "snapshot": {"name": "x", "metadata": {}},
    "backup": {"name": "x", "kind": "daily", "rotation": 1},
    "rescue": {"image": "", "password": ""},
    "rebuild": {"image": "70a599e0-31e7-49b7-b260-868f441e862b", "description": "new"},
    "edit": {"name": "x", "description": ""},
    "lock": {"reason": ""},
    "change-password": {"password": "x"},
    "reset-state": {"state": "error"},
    "delete": {"companions": {}, "chosen": {}},
}


def test_every_action_is_refused_to_a_reader(api: Api) -> None:
    id = api.member.server(unique("read-only"))["id"]
    reader = cloud_for(api.reader)
    row = servers.get_server(reader, id)
    for action in LIFECYCLE:
        with pytest.raises(Forbidden):
            action.run(reader, row, FORMS.get(action.slug, {}))
    assert servers.get_server(reader, id).status == "ACTIVE"


def test_a_server_on_a_volume_gets_a_snapshot_at_once_and_an_image_over_its_volume(
    api: Api, cloud: Cloud, images: list[str]
) -> None:
    (cirros,) = api.member.get("image", "/images?name=cirros-0.6")["images"]
    disk = {
        "boot_index": 0,
        "uuid": cirros["id"],
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": 1,
        "delete_on_termination": True,
    }
    id = api.member.server(unique("on-volume"), imageRef="", block_device_mapping_v2=[disk])["id"]
    row = servers.get_server(cloud, id)
    assert row.is_volume_booted
    assert "backup of the volume" in BY_SLUG["backup"].when(row)
    parts: tuple[Part, ...] = do(cloud, "snapshot", id, name=unique("volume-copy"), metadata={}, is_many=False)
    images.append(parts[0].id)
    until(cloud, id, "ACTIVE")
    image = api.member.get("image", f"/images/{images[0]}")
    assert image["status"] == "active"
    data = {"image": cirros["id"], "name": "", "user_data": "", "password": "", "description": "reimaged"}
    try:
        # Nova takes it (2.93); the demo's volumes are rows, which Cinder can't write to, so it ends in an error.
        do(cloud, "rebuild", id, **data)
        wait_until(lambda: servers.get_server(cloud, id).status == "ERROR", what="the end of the rebuild", seconds=90)
        assert servers.get_server(cloud, id).description == "reimaged"
    finally:
        # The snapshot's volume snapshot keeps the volume from being deleted.
        for snapshot in api.member.get("block-storage", "/snapshots")["snapshots"]:
            if snapshot["name"].endswith(image["name"]):
                api.member.delete("block-storage", f"/snapshots/{snapshot['id']}")
