"""Volumes on the real cloud: all that members and administrators do with them, and what readers are refused."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cloud import backups, snapshots, storage_admin, volume_actions, volume_groups, volume_transfers, volumes
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExceeded
from dashboard.cloud.types import Query, Term
from dashboard.cloud.volume_messages import list_messages
from dashboard.cloud.volume_types import list_all_types, list_quotas, quota_of
from dashboard.cloud.volumes import Volume
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


def kept(api: Api, path: str) -> None:
    """What was made through our own functions goes when the test ends."""
    api.member.made.append(("block-storage", path))


def at_rest(cloud: Cloud, id: str) -> Volume:
    def settled() -> Volume | None:
        volume = volumes.get_volume(cloud, id)
        return None if volume.is_transitional else volume

    found: Volume = wait_until(settled, what="the volume's rest")
    return found


def made(api: Api, cloud: Cloud, **given: Any) -> Volume:
    volume = volume_actions.create_volume(cloud, **{"name": unique("volume"), "size": 1, **given})
    kept(api, f"/volumes/{volume.id}")
    return at_rest(cloud, volume.id)


def snapshot_of(api: Api, cloud: Cloud, volume: Volume) -> snapshots.VolumeSnapshot:
    taken = snapshots.create_snapshot(cloud, volume_id=volume.id, name=unique("snapshot"))
    kept(api, f"/snapshots/{taken.id}")
    wait_until(lambda: snapshots.get_snapshot(cloud, taken.id).is_ready, what="the snapshot")
    return snapshots.get_snapshot(cloud, taken.id)


def test_a_volume_is_made_changed_and_grows(api: Api, member: Cloud) -> None:
    volume = made(api, member, description="d", metadata={"a": "1"}, hints={})
    assert (volume.status, volume.size, volume.volume_type) == ("available", 1, "standard")
    volume_actions.update_volume(member, id=volume.id, name="renamed", description="other")
    volume_actions.set_metadata(member, id=volume.id, metadata={"b": "2"})
    volume_actions.extend_volume(member, id=volume.id, size=2)
    grown = at_rest(member, volume.id)
    assert (grown.name, grown.description, grown.size) == ("renamed", "other", 2)
    assert dict(grown.own_metadata) == {"b": "2"}
    volume_actions.set_readonly(member, id=volume.id, is_readonly=True)
    assert volumes.get_volume(member, volume.id).is_readonly
    volume_actions.set_bootable(member, id=volume.id, is_bootable=True)
    volume_actions.set_image_metadata(member, id=volume.id, metadata={"hw_disk_bus": "virtio", "os_distro": "x"})
    volume_actions.unset_image_metadata(member, id=volume.id, key="os_distro")
    found = volumes.get_volume(member, volume.id)
    assert found.is_bootable
    assert dict(found.image_metadata) == {"hw_disk_bus": "virtio"}


def test_a_volume_gets_another_type(api: Api, member: Cloud) -> None:
    volume = made(api, member)
    volume_actions.retype_volume(member, id=volume.id, volume_type="__DEFAULT__", may_migrate=True)
    assert at_rest(member, volume.id).volume_type == "__DEFAULT__"


def test_volumes_are_made_of_images_snapshots_and_volumes(api: Api, member: Cloud) -> None:
    image = api.member.get("image", "/images?name=cirros-0.6")["images"][0]
    booted = made(api, member, source=("image", image["id"]))
    assert booted.is_bootable
    assert booted.image_id == image["id"]
    taken = snapshot_of(api, member, booted)
    assert made(api, member, source=("snapshot", taken.id), size=None).snapshot_id == taken.id
    assert made(api, member, source=("volume", booted.id), size=2).source_id == booted.id


def test_snapshots_are_edited_and_a_volume_goes_back_to_its_latest(api: Api, member: Cloud) -> None:
    volume = made(api, member)
    taken = snapshot_of(api, member, volume)
    snapshots.update_snapshot(member, id=taken.id, name="renamed", description="d")
    snapshots.set_snapshot_metadata(member, id=taken.id, metadata={"k": "v"})
    found = snapshots.get_snapshot(member, taken.id)
    assert (found.name, found.description, dict(found.metadata)) == ("renamed", "d", {"k": "v"})
    with pytest.raises(Invalid):
        volume_actions.delete_volume(member, id=volume.id)
    volume_actions.revert_volume(member, id=volume.id, snapshot_id=taken.id)
    assert at_rest(member, volume.id).status == "available"
    wait_until(lambda: snapshots.get_snapshot(member, taken.id).is_ready)
    # Cinder's own snapshot of the volume as it was goes after both are there again.
    kept = f"/snapshots?volume_id={volume.id}"
    wait_until(lambda: [item["id"] for item in api.member.get("block-storage", kept)["snapshots"]] == [taken.id])
    volume_actions.delete_volume(member, id=volume.id, with_snapshots=True)
    wait_until(lambda: volumes.confirm_gone(member, volume.id), what="the deletion")
    assert snapshots.confirm_gone(member, taken.id)


def test_a_volume_becomes_an_image(api: Api, member: Cloud) -> None:
    volume = made(api, member)
    name = unique("image")
    image_id = volume_actions.upload_volume(
        member, id=volume.id, name=name, disk_format="raw", visibility="shared", is_protected=False
    )
    api.member.made.append(("image", f"/images/{image_id}"))
    assert image_id
    assert at_rest(member, volume.id).status == "available"
    assert not list_messages(member, resource_id=volume.id)
    wait_until(lambda: api.member.get("image", f"/images/{image_id}")["status"] == "active", what="the image")
    assert api.member.get("image", f"/images/{image_id}")["visibility"] == "shared"


def test_a_volume_is_attached_grown_in_use_and_detached(api: Api, member: Cloud) -> None:
    volume = made(api, member)
    server = api.member.server()
    assert server["id"] in {id for id, _name, _status in volume_actions.list_servers_to_attach(member)}
    volume_actions.attach_volume(member, id=volume.id, server_id=server["id"])
    wait_until(lambda: volumes.get_volume(member, volume.id).status == "in-use", what="the attachment")
    found = volumes.get_volume(member, volume.id)
    assert found.attachments[0].server_id == server["id"]
    assert found.attachments[0].device
    assert not found.can_delete
    snapshot_of(api, member, found)
    volume_actions.extend_volume(member, id=volume.id, size=2)
    wait_until(lambda: volumes.get_volume(member, volume.id).size == 2, what="the growth in use")
    wait_until(lambda: volumes.get_volume(member, volume.id).status == "in-use")
    volume_actions.detach_volume(member, id=volume.id, server_id=server["id"])
    wait_until(lambda: volumes.get_volume(member, volume.id).status == "available", what="the detachment")


def test_a_volume_is_handed_over_to_another_project_by_its_key_alone(api: Api, member: Cloud) -> None:
    other = cloud_for(api.at("carol", "data"))
    volume = made(api, member)
    offered = volume_transfers.create_transfer(member, volume_id=volume.id, name="gift")
    assert offered.key
    assert offered.key not in repr(offered)
    assert volume_transfers.get_transfer(member, offered.transfer.id).volume_id == volume.id
    with pytest.raises(Invalid):
        volume_transfers.accept_transfer(other, id=offered.transfer.id, key="wrong")
    volume_transfers.accept_transfer(other, id=offered.transfer.id, key=offered.key)
    with pytest.raises(NotFound):
        volumes.get_volume(member, volume.id)
    assert volumes.get_volume(other, volume.id).name == volume.name
    api.member.made.pop()
    api.at("carol", "data").made.append(("block-storage", f"/volumes/{volume.id}"))


def test_a_transfer_that_is_cancelled_leaves_the_volume_here(api: Api, member: Cloud) -> None:
    volume = made(api, member)
    offered = volume_transfers.create_transfer(member, volume_id=volume.id)
    assert volumes.get_volume(member, volume.id).status == "awaiting-transfer"
    listed = volume_transfers.list_transfers(member, Query(terms=(Term("volume", volume.id),))).rows
    assert [item.id for item in listed] == [offered.transfer.id]
    volume_transfers.cancel_transfer(member, id=offered.transfer.id)
    assert at_rest(member, volume.id).status == "available"


def test_groups_hold_volumes_and_are_snapshotted_at_once(api: Api, member: Cloud, admin: Cloud) -> None:
    kind = api.admin.request(
        "POST",
        "block-storage",
        "/group_types",
        json={"group_type": {"name": unique("plain"), "is_public": True}},
        headers={"OpenStack-API-Version": "volume 3.70"},
    )["group_type"]
    volume = made(api, member)
    types = [item.id for item in list_all_types(member) if item.name == volume.volume_type]
    group = volume_groups.create_group(
        member, name=unique("group"), description="", group_type=kind["id"], volume_types=types
    )
    try:
        wait_until(lambda: not volume_groups.get_group(member, group.id).is_transitional, what="the group")
        volume_groups.update_group(member, id=group.id, name="renamed", description="d", added=[volume.id])
        wait_until(
            lambda: volume_groups.get_group(member, group.id).volume_ids == (volume.id,), what="the volume's entry"
        )
        wait_until(lambda: not volume_groups.get_group(member, group.id).is_transitional)
        taken = volume_groups.create_group_snapshot(member, group_id=group.id, name=unique("moment"))
        wait_until(
            lambda: volume_groups.get_group_snapshot(member, taken.id).status == "available", what="the snapshot"
        )
        copy = volume_groups.create_group_from(member, name=unique("copy"), snapshot_id=taken.id)
        wait_until(lambda: not volume_groups.get_group(member, copy.id).is_transitional, what="the copy")
        assert len(volume_groups.get_group(member, copy.id).volume_ids) == 1
        volume_groups.delete_group(member, id=copy.id, with_volumes=True)
        wait_until(lambda: copy.id not in {g.id for g in volume_groups.list_groups(member, Query(limit=100)).rows})
        volume_groups.delete_group_snapshot(member, id=taken.id)
        wait_until(lambda: not volume_groups.list_group_snapshots(member, Query(terms=(Term("group", group.id),))).rows)
        volume_groups.update_group(member, id=group.id, name="renamed", description="", removed=[volume.id])
        wait_until(lambda: not volume_groups.get_group(member, group.id).volume_ids, what="the volume's leaving")
    finally:
        wait_until(lambda: not volume_groups.get_group(member, group.id).is_transitional)
        volume_groups.delete_group(member, id=group.id, with_volumes=True)
        wait_until(lambda: group.id not in {g.id for g in volume_groups.list_groups(member, Query(limit=100)).rows})
        api.admin.request(
            "DELETE",
            "block-storage",
            f"/group_types/{kind['id']}",
            headers={"OpenStack-API-Version": "volume 3.70"},
        )


def test_a_volume_is_backed_up_whole_and_in_part_and_restored(api: Api, member: Cloud, admin: Cloud) -> None:
    # Without such a service Cinder can't even delete the record of a backup that failed.
    running = storage_admin.list_services(admin, Query(limit=100)).rows
    if not any(item.binary == "cinder-backup" and item.is_up for item in running):
        pytest.skip("this cloud runs no cinder-backup; see tests/panels/test_storage.py")
    volume = made(api, member)
    whole = backups.create_backup(member, volume_id=volume.id, name=unique("backup"))
    kept(api, f"/backups/{whole.id}")
    wait_until(lambda: backups.get_backup(member, whole.id).is_ready, what="the backup")
    at_rest(member, volume.id)
    part = backups.create_backup(member, volume_id=volume.id, name=unique("backup"), is_incremental=True)
    kept(api, f"/backups/{part.id}")
    wait_until(lambda: backups.get_backup(member, part.id).is_ready, what="the incremental backup")
    assert backups.get_backup(member, part.id).is_incremental
    assert backups.get_backup(member, whole.id).has_dependents
    restored = backups.restore_backup(member, id=part.id, name=unique("restored"))
    kept(api, f"/volumes/{restored}")
    assert at_rest(member, restored).status == "available"


def test_a_quota_refusal_names_it_and_nothing_is_made(api: Api, member: Cloud) -> None:
    with pytest.raises(QuotaExceeded, match="gigabytes"):
        volume_actions.create_volume(member, name="too large", size=100_000)
    left = quota_of("standard", list_quotas(member))
    assert left.volumes is not None
    assert left.gigabytes is not None


def test_cinder_itself_sorts_narrows_searches_counts_and_pages(api: Api, member: Cloud) -> None:
    name = unique("paged")
    ids = [made(api, member, name=f"{name}-{n}").id for n in range(3)]
    first = volumes.list_volumes(member, Query(limit=2, sort="name", text=name))
    assert [row.id for row in first.rows] == ids[:2]
    assert first.has_next
    assert first.total == 3
    second = volumes.list_volumes(member, Query(limit=2, sort="name", text=name, marker=ids[1]))
    assert [row.id for row in second.rows] == ids[2:]
    assert not second.has_next
    back = volumes.list_volumes(member, Query(limit=2, sort="name", text=name, before=ids[2]))
    assert [row.id for row in back.rows] == ids[:2]
    exact = volumes.list_volumes(member, Query(terms=(Term("name", f"{name}-1"), Term("status", "available"))))
    assert [row.id for row in exact.rows] == [ids[1]]
    with pytest.raises(NotFound):
        volumes.list_volumes(member, Query(marker="00000000-0000-4000-8000-000000000000"))


def test_an_administrator_repairs_moves_and_deletes_by_force(api: Api, member: Cloud, admin: Cloud) -> None:
    volume = made(api, member)
    volume_actions.reset_volume(admin, id=volume.id, status="error_deleting")
    stuck = volumes.get_volume_with_fault(member, volume.id)
    assert stuck.is_broken
    with pytest.raises((Invalid, Conflict)):
        volume_actions.delete_volume(member, id=volume.id)
    everywhere = volumes.list_all_projects(admin, Query(limit=100, terms=(Term("project", api.member.project_id),)))
    assert volume.id in {row.id for row in everywhere.rows}
    volume_actions.force_delete_volume(admin, id=volume.id)
    wait_until(lambda: volumes.confirm_gone(member, volume.id), what="the forced deletion")
    pool = storage_admin.list_pools(admin)[0]
    assert "#" in pool.name
    assert {item.binary for item in storage_admin.list_services(admin, Query()).rows} >= {"cinder-volume"}


def test_a_reader_sees_everything_and_changes_nothing(api: Api, member: Cloud, reader: Cloud) -> None:
    volume = made(api, member)
    taken = snapshot_of(api, member, volume)
    server = api.member.server()
    gift = made(api, member)
    offered = volume_transfers.create_transfer(member, volume_id=gift.id)
    assert volumes.get_volume(reader, volume.id).name == volume.name
    attempts = (
        lambda: volume_actions.create_volume(reader, name="x", size=1),
        lambda: volume_actions.update_volume(reader, id=volume.id, name="x", description=""),
        lambda: volume_actions.extend_volume(reader, id=volume.id, size=2),
        lambda: volume_actions.retype_volume(reader, id=volume.id, volume_type="__DEFAULT__", may_migrate=False),
        lambda: volume_actions.set_bootable(reader, id=volume.id, is_bootable=True),
        lambda: volume_actions.delete_volume(reader, id=volume.id, with_snapshots=True),
        lambda: snapshots.create_snapshot(reader, volume_id=volume.id, name="x"),
        lambda: snapshots.delete_snapshot(reader, id=taken.id),
        lambda: backups.create_backup(reader, volume_id=volume.id, name="x"),
        lambda: volume_transfers.create_transfer(reader, volume_id=volume.id),
        lambda: volume_actions.reset_volume(reader, id=volume.id, status="error"),
        lambda: volume_actions.force_delete_volume(member, id=volume.id),
        lambda: volume_actions.set_metadata(reader, id=volume.id, metadata={"a": "1"}),
        lambda: volume_actions.set_image_metadata(reader, id=volume.id, metadata={"a": "1"}),
        lambda: volume_actions.set_readonly(reader, id=volume.id, is_readonly=True),
        lambda: volume_actions.revert_volume(reader, id=volume.id, snapshot_id=taken.id),
        lambda: volume_actions.upload_volume(reader, id=volume.id, name="x", disk_format="raw"),
        lambda: volume_actions.attach_volume(reader, id=volume.id, server_id=server["id"]),
        lambda: snapshots.update_snapshot(reader, id=taken.id, name="x", description=""),
        lambda: snapshots.set_snapshot_metadata(reader, id=taken.id, metadata={"a": "1"}),
        lambda: volume_transfers.cancel_transfer(reader, id=offered.transfer.id),
        lambda: volume_transfers.accept_transfer(reader, id=offered.transfer.id, key=offered.key),
    )
    for number, attempt in enumerate(attempts):
        try:
            attempt()
        except Forbidden:
            continue
        pytest.fail(f"attempt {number} was not refused")
    assert at_rest(member, volume.id).size == 1
    volume_transfers.cancel_transfer(member, id=offered.transfer.id)
    # People of other projects don't even learn that it is there.
    other = cloud_for(api.at("carol", "data"))
    for attempt in (
        lambda: volumes.get_volume(other, volume.id),
        lambda: volume_actions.extend_volume(other, id=volume.id, size=2),
        lambda: volume_actions.delete_volume(other, id=volume.id),
        lambda: snapshots.get_snapshot(other, taken.id),
        lambda: snapshots.delete_snapshot(other, id=taken.id),
    ):
        with pytest.raises(NotFound):
            attempt()
