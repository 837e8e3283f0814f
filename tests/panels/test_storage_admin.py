"""Storage at the wire: what the demo cloud, of one pool and no disks, can't show."""

from __future__ import annotations

import json

from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, recorded, signed_in

HTMX = {"HX-Request": "true"}
IMAGE = recorded("glance/images")["images"][0]
VOLUME = next(item for item in recorded("cinder/volumes")["volumes"] if item["name"] == "spare-1")
POOL = recorded("cinder/pools")["pools"][0]


def test_an_administrator_moves_a_volume_to_a_pool_that_is_chosen_by_its_room(services: Services) -> None:
    """The demo cloud has one pool, and a volume can't be moved to where it is."""
    room = {**POOL["capabilities"], "free_capacity_gb": 120.5, "total_capacity_gb": 500}
    services.rows["/scheduler-stats/get_pools"] = [POOL, {"name": "host2@ssd#ssd", "capabilities": room}]
    browser = signed_in(access_of("admin"))
    dialog = browser.get(at(f"volumes/act/migrate/?id={VOLUME['id']}"), headers=HTMX)
    assert "host2@ssd#ssd · 120.5 GiB" in parsed(dialog.content.decode()).text
    data = {"id": VOLUME["id"], "pool": "host2@ssd#ssd", "is_locked": "on", "once": "1"}
    answer = browser.post(at("volumes/act/migrate/"), data, headers=HTMX)
    assert answer.status_code == 200
    assert json.loads(services.changes[0].body) == {
        "os-migrate_volume": {"host": "host2@ssd#ssd", "force_host_copy": False, "lock_volume": True}
    }


def test_an_administrator_takes_a_volume_in_from_a_back_end(services: Services) -> None:
    """The demo cloud's back end has no volumes of its own."""
    taken = {**VOLUME, "status": "managing"}
    services.answers["block-storage"] = lambda request, context: (
        json.dumps({"volume": taken}) if request.path.endswith("/manageable_volumes") else None
    )
    data = {"pool": POOL["name"], "reference": "lv-old", "name": "old", "is_bootable": "on", "once": "1"}
    answer = signed_in(access_of("admin")).post(at("all-volumes/create/"), data)
    assert answer.status_code == 302
    assert json.loads(services.changes[0].body) == {
        "volume": {"host": POOL["name"], "ref": {"source-name": "lv-old"}, "name": "old", "bootable": True}
    }


def test_a_service_is_disabled_with_a_reason_and_one_that_stays_so_is_told(services: Services) -> None:
    """Cinder 29.0 says that it enabled a service, and does not."""
    browser = signed_in(access_of("admin"))
    service = {**recorded("cinder/services")["services"][1], "status": "disabled", "disabled_reason": "new disks"}
    url = at("storage-services/act/{}/")
    data = {"id": f"{service['binary']}~{service['host']}", "once": "1"}
    assert browser.post(url.format("disable"), data, headers=HTMX).status_code == 422, "a reason is asked for"
    browser.post(url.format("disable"), {**data, "reason": "new disks", "once": "2"}, headers=HTMX)
    assert json.loads(services.changes[0].body) == {
        "binary": service["binary"],
        "host": service["host"],
        "disabled_reason": "new disks",
    }
    services.rows["/os-services"] = [service]
    answer = browser.post(url.format("enable"), {**data, "once": "3"}, headers=HTMX)
    assert "can't do it" in parsed(answer.content.decode()).text
    services.calls.clear()
    services.answers["block-storage"] = lambda request, context: (
        services.rows.update({"/os-services": [{**service, "status": "enabled"}]}) if request.method == "PUT" else None
    )
    answer = browser.post(url.format("enable"), {**data, "once": "4"}, headers=HTMX)
    assert answer.status_code == 200
    assert "can't do it" not in answer.content.decode()
    assert json.loads(services.changes[0].body) == {"binary": service["binary"], "host": service["host"]}


def test_a_volume_becomes_an_image_as_it_was_asked_for(services: Services) -> None:
    """Whether the demo cloud's back end can copy one depends on when it was started."""
    answer = {"os-volume_upload_image": {"id": VOLUME["id"], "image_id": IMAGE["id"], "status": "uploading"}}
    services.answers["block-storage"] = lambda request, context: (
        json.dumps(answer) if request.method == "POST" and request.path.endswith("/action") else None
    )
    data = {"id": VOLUME["id"], "image_name": "golden", "disk_format": "qcow2", "visibility": "shared", "once": "1"}
    reply = signed_in().post(at("volumes/act/upload/"), {**data, "is_protected": "on"}, headers=HTMX)
    assert reply.status_code == 200
    assert at(f"images/{IMAGE['id']}/") in reply.content.decode(), "the image is a click away"
    assert json.loads(services.changes[0].body) == {
        "os-volume_upload_image": {
            "image_name": "golden",
            "disk_format": "qcow2",
            "container_format": "bare",
            "force": False,
            "visibility": "shared",
            "protected": True,
        }
    }
