"""Whoever reads with a screen reader, a keyboard, a phone or a dark screen gets the pages of storage as well.

See tests/harness/tour.py for what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.cloud import Api, unique, wait_until
from tests.harness.tour import Scene, Tour, asked, check, check_dialog, open_all

pytestmark = pytest.mark.e2e

NEWEST = {"OpenStack-API-Version": "volume 3.70"}
LISTS = ("volumes", "snapshots", "backups", "volume-groups", "group-snapshots", "volume-transfers")
ADMIN_LISTS = ("all-volumes", "volume-types", "volume-qos", "group-types", "storage-services", "storage-pools")


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Iterator[dict[str, str]]:
    """One of each, with names that are long and hostile, and volumes that went wrong."""
    member, admin = all_clients.at("alice", "web"), all_clients.at("admin", "admin")
    mark = unique("store")

    def volume(name: str, **more: Any) -> str:
        made = member.create("block-storage", "/volumes", {"volume": {"name": f"{mark}-{name}", "size": 1, **more}})

        def is_there() -> bool:
            found = member.get("block-storage", f"/volumes/{made['id']}")["volume"]
            return bool(found["status"] == "available")

        wait_until(is_there, what=name)
        return str(made["id"])

    metadata = {"role": "data", "a-long-key-" * 8: "a long value " * 16}
    disk = volume("disk-웹서버 <b>&amp;", metadata=metadata, description="Reaches <b>everywhere</b> & back")
    long_one = volume("long-name-" * 20)
    offered, stuck = volume("offered"), volume("stuck")
    admin.post("block-storage", f"/volumes/{stuck}/action", {"os-reset_status": {"status": "error_deleting"}})
    snapshot = member.create("block-storage", "/snapshots", {"snapshot": {"volume_id": disk, "name": f"{mark}-kept"}})
    transfer = member.create(
        "block-storage", "/volume-transfers", {"transfer": {"volume_id": offered, "name": f"{mark}-gift"}}
    )
    image = member.get("image", "/images?name=cirros-0.6")["images"][0]
    qos = admin.create(
        "block-storage", "/qos-specs", {"qos_specs": {"name": f"{mark}-qos", "consumer": "both", "total_iops_sec": "5"}}
    )
    kind = {"name": f"{mark}-kind", "os-volume-type-access:is_public": False, "extra_specs": {"a": "b"}}
    kind = admin.create("block-storage", "/types", {"volume_type": kind})
    group_kind = admin.request(
        "POST",
        "block-storage",
        "/group_types",
        json={"group_type": {"name": f"{mark}-groups", "is_public": True}},
        headers=NEWEST,
    )["group_type"]
    standard = next(t for t in member.get("block-storage", "/types")["volume_types"] if t["name"] == "standard")
    body = {"name": f"{mark}-group", "group_type": group_kind["id"], "volume_types": [standard["id"]]}
    group = member.request("POST", "block-storage", "/groups", json={"group": body}, headers=NEWEST)["group"]

    def groups() -> list[dict[str, Any]]:
        found = member.request("GET", "block-storage", "/groups/detail", headers=NEWEST)["groups"]
        return [item for item in found if item["id"] == group["id"]]

    wait_until(lambda: groups()[0]["status"] == "available", what="the group")
    yield {
        "mark": mark,
        "volumes": disk,
        "long": long_one,
        "offered": offered,
        "stuck": stuck,
        "snapshots": snapshot["id"],
        "volume_transfers": transfer["id"],
        "volume_groups": group["id"],
        "images": image["id"],
        "all_volumes": disk,
        "volume_qos": qos["id"],
        "volume_types": kind["id"],
        "group_types": group_kind["id"],
    }
    ask = {"delete": {"delete-volumes": False}}
    member.request("POST", "block-storage", f"/groups/{group['id']}/action", json=ask, headers=NEWEST)
    wait_until(lambda: not groups(), what="the deletion of the group")
    admin.request("DELETE", "block-storage", f"/group_types/{group_kind['id']}", headers=NEWEST)
    admin.post("block-storage", f"/volumes/{stuck}/action", {"os-reset_status": {"status": "available"}})
    member.clean()
    admin.clean()


def send_empty(page: Any) -> None:
    page.locator("main .btn-primary").last.click()
    page.locator(".field-errors, .form-errors").first.wait_for()


SCENES = [
    *(Scene(f"{slug} list", f"{slug}/") for slug in LISTS),
    *(Scene(f"{slug} nothing matches", f"{slug}/?q=nothing-has-this-name") for slug in LISTS[:2]),
    *(Scene(f"{slug} list", f"{slug}/", who="admin") for slug in ADMIN_LISTS),
    Scene("volumes of the tour", "volumes/?q={mark}"),
    *(Scene(f"volume {tab}", f"volumes/{{volumes}}/?tab={tab}") for tab in ("", "snapshots", "backups", "messages")),
    Scene("volume long name", "volumes/{long}/"),
    Scene("volume stuck", "volumes/{stuck}/"),
    Scene("volume offered", "volumes/{offered}/"),
    Scene("volume create", "volumes/create/", open_all),
    Scene("volume create refused", "volumes/create/", send_empty),
    Scene("snapshot", "snapshots/{snapshots}/"),
    Scene("snapshot create", "snapshots/create/"),
    Scene("backup create", "backups/create/"),
    Scene("volume group", "volume-groups/{volume_groups}/"),
    Scene("volume group create", "volume-groups/create/"),
    Scene("group snapshot create", "group-snapshots/create/"),
    Scene("transfer", "volume-transfers/{volume_transfers}/"),
    Scene("transfer accept", "volume-transfers/create/"),
    Scene("all volumes, one", "all-volumes/{volumes}/", who="admin"),
    Scene("all volumes, take in", "all-volumes/create/", who="admin"),
    Scene("volume type", "volume-types/{volume_types}/", who="admin"),
    Scene("volume type access", "volume-types/{volume_types}/?tab=access", who="admin"),
    Scene("volume type create", "volume-types/create/", who="admin"),
    Scene("qos specs", "volume-qos/{volume_qos}/", who="admin"),
    Scene("qos specs create", "volume-qos/create/", who="admin"),
    Scene("group type", "group-types/{group_types}/", who="admin"),
    Scene("group type create", "group-types/create/", who="admin"),
    Scene("image", "images/{images}/"),
    Scene("image usage", "images/{images}/?tab=usage"),
    Scene("images", "images/"),
    Scene("volumes empty", "volumes/", who="paula"),
    Scene("reader's volumes", "volumes/?q={mark}", who="bob"),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use(tour: Tour, scene: Scene) -> None:
    check(tour, scene, r"status of 422")


SLUGS = ("volumes", "snapshots", "volume-groups", "volume-transfers", "volume-types", "volume-qos", "group-types")


@pytest.mark.parametrize(("slug", "action"), [pytest.param(*pair, id=" ".join(pair)) for pair in asked(*SLUGS)])
def test_everybody_can_answer_the_dialog_of(tour: Tour, slug: str, action: str) -> None:
    check_dialog(tour, slug, action, who="admin")
