"""Hosts at the wire: what is sent to disable one, to empty it, and to give out more or less of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.cloud import placement
from dashboard.cloud.errors import Conflict
from dashboard.live import jobs
from tests.harness.cloud import wait_until
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, cloud_of, recorded, signed_in

HTMX = {"HX-Request": "true"}
HOSTS = recorded("nova/hypervisors_now")["hypervisors"]
SERVICES = {item["host"]: item for item in recorded("nova/compute_services")["services"]}
UP, DEAD = HOSTS[0], HOSTS[2]
ACTIVE = next(item for item in recorded("nova/server/list")["servers"] if item["status"] == "ACTIVE")


def sent(services: Services) -> list[tuple[str, str, Any]]:
    return [
        (call.method, call.url.split("/v2.1")[-1].split(":8778")[-1], json.loads(call.body) if call.body else None)
        for call in services.changes
    ]


def on(services: Services, host: str, **more: Any) -> list[dict[str, Any]]:
    """Three servers on a host: two that run and one that is shut off."""
    rows = [
        {
            **ACTIVE,
            "id": f"0000000{n}-0000-4000-8000-000000000000",
            "name": f"web-{n}",
            "status": status,
            "OS-EXT-STS:vm_state": status.lower(),
            "OS-EXT-STS:task_state": None,
            "OS-EXT-SRV-ATTR:host": host,
            "locked": False,
            **more,
        }
        for n, status in ((1, "ACTIVE"), (2, "ACTIVE"), (3, "SHUTOFF"))
    ]
    services.rows["/servers"] = rows
    return rows


@pytest.mark.parametrize("panel", ["hypervisors", "compute-services"])
def test_a_host_is_disabled_with_its_reason_and_enabled_again(services: Services, panel: str) -> None:
    browser = signed_in(access_of("admin"))
    service = SERVICES["compute1"]["id"]
    id = UP["id"] if panel == "hypervisors" else service
    url = at(f"{panel}/act/disable/")
    assert browser.post(url, {"id": id, "once": "1"}, headers=HTMX).status_code == 422, "a reason is asked for"
    browser.post(url, {"id": id, "reason": "new memory", "once": "2"}, headers=HTMX)
    assert sent(services) == [
        ("PUT", f"/os-services/{service}", {"status": "disabled", "disabled_reason": "new memory"})
    ]
    text = parsed(browser.get(at(f"{panel}/")).content.decode()).text
    assert "dead" in text, "the reason of the host that is disabled already"
    assert "Forced down" in text
    off = DEAD["id"] if panel == "hypervisors" else SERVICES["compute3"]["id"]
    browser.post(at(f"{panel}/act/enable/"), {"id": off, "once": "3"}, headers=HTMX)
    browser.post(at(f"{panel}/act/unforce-down/"), {"id": off, "once": "4"}, headers=HTMX)
    browser.post(at(f"{panel}/act/force-down/"), {"id": id, "once": "5"}, headers=HTMX)
    assert [body for _method, _path, body in sent(services)[1:]] == [
        {"status": "enabled"},
        {"forced_down": False},
        {"forced_down": True},
    ]


def test_forcing_a_host_down_says_what_that_may_destroy(services: Services) -> None:
    dialog = signed_in(access_of("admin")).get(at(f"hypervisors/act/force-down/?id={UP['id']}"), headers=HTMX)
    assert "would write to the same disks" in parsed(dialog.content.decode()).text


def test_other_services_can_not_be_disabled_and_one_that_answers_not_be_deleted(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    scheduler = SERVICES["control"]["id"]
    answer = browser.post(at("compute-services/act/disable/"), {"id": scheduler, "reason": "x"}, headers=HTMX)
    assert "Only compute services" in answer.content.decode()
    answer = browser.post(at("compute-services/act/delete/"), {"id": SERVICES["compute1"]["id"]}, headers=HTMX)
    assert "Stop it first" in answer.content.decode()
    assert not services.changes
    services.answers["compute"] = lambda request, context: (
        (setattr(context, "status_code", 409), {"conflictingRequest": {"message": "compute3 has instances."}})[1]
        if request.method == "DELETE"
        else None
    )
    data = {"id": SERVICES["compute3"]["id"], "once": "2"}
    answer = browser.post(at("compute-services/act/delete/"), data, headers=HTMX)
    assert "compute3 has instances" in parsed(answer.content.decode()).text


def test_draining_lists_what_moves_and_what_stays_then_disables_and_moves_as_a_job(services: Services) -> None:
    rows = on(services, "compute1")
    browser = signed_in(access_of("admin"))
    page = parsed(browser.get(at("hypervisors/move/?source=compute1&do=drain")).content.decode())
    assert "Drain compute1" in page.text
    assert page.text.count("It is moved") == 2
    assert "It stays: Only a server that is active or paused" in page.text
    assert not services.changes
    url = at("hypervisors/move/")
    ids = [row["id"] for row in rows[:2]]
    data = {"source": "compute1", "do": "drain", "count": "2", "host": "", "block": "auto", "id": ids, "once": "a" * 32}
    assert browser.post(url, data).status_code == 422, "a reason is asked for"
    assert not services.changes
    answer = browser.post(url, {**data, "reason": "new memory", "count": "3"})
    assert "By now it is another number: 2" in parsed(answer.content.decode()).text
    assert not services.changes
    answer = browser.post(url, {**data, "reason": "new memory", "next": at("migrations/?host=compute1")})
    assert (answer.status_code, answer["Location"]) == (302, at("migrations/?host=compute1"))
    wait_until(lambda: len(services.changes) == 3, what="both moves")
    wait_until(lambda: not jobs.is_busy(), what="the job's end")
    first, *moves = sent(services)
    disabled = {"status": "disabled", "disabled_reason": "new memory"}
    assert first == ("PUT", f"/os-services/{SERVICES['compute1']['id']}", disabled)
    move = {"os-migrateLive": {"host": None, "block_migration": "auto"}}
    wanted = [("POST", f"/servers/{row['id']}/action", move) for row in rows[:2]]
    assert sorted(moves, key=lambda item: item[1]) == wanted
    tray = parsed(browser.get(at("operations/")).content.decode()).text
    assert "Live migrate (2)" in tray


def test_an_evacuation_is_for_dead_hosts_alone_and_one_failure_is_told_and_tried_again(services: Services) -> None:
    rows = on(services, "compute3", host_status="DOWN")
    browser = signed_in(access_of("admin"))
    page = parsed(browser.get(at("hypervisors/move/?source=compute1&do=evacuate")).content.decode())
    assert "force it down first" in page.text

    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST" and rows[1]["id"] in request.path:
            context.status_code = 400
            return {"badRequest": {"message": "No valid host was found."}}
        return None

    services.answers["compute"] = answer
    ids = [row["id"] for row in rows]
    data = {"source": "compute3", "do": "evacuate", "count": "3", "host": "", "id": ids, "once": "b" * 32}
    assert browser.post(at("hypervisors/move/"), data).status_code == 302
    wait_until(lambda: len(services.changes) == 3, what="all three")
    wait_until(lambda: not jobs.is_busy(), what="the job's end")
    assert {json.dumps(body) for _m, _p, body in sent(services)} == {json.dumps({"evacuate": {}})}
    tray = browser.get(at("operations/")).content.decode()
    assert "Evacuate (3)" in tray
    job = tray.partition("jobs/")[2].partition("/")[0]
    page = parsed(browser.get(at(f"jobs/{job}/")).content.decode())
    assert "web-2" in page.text
    assert "No valid host was found" in page.text
    again = next(link["href"] for link in page.links if "job=" in link.get("href", ""))
    assert "all-servers/act/evacuate/" in again
    dialog = parsed(browser.get(again).content.decode()).text
    assert "web-2" in dialog
    assert "web-1" not in dialog


def test_what_is_not_ticked_stays(services: Services) -> None:
    rows = on(services, "compute1")
    browser = signed_in(access_of("admin"))
    data = {"source": "compute1", "do": "live", "count": "2", "host": "", "block": "auto", "once": "c" * 32}
    answer = browser.post(at("hypervisors/move/"), data)
    assert "Nothing is ticked" in parsed(answer.content.decode()).text
    # One that is shut off can't be moved so, whoever ticks it.
    answer = browser.post(at("hypervisors/move/"), {**data, "id": [rows[1]["id"], rows[2]["id"]]})
    assert answer.status_code == 302
    wait_until(lambda: services.changes, what="the move")
    wait_until(lambda: not jobs.is_busy(), what="the job's end")
    assert [path for _method, path, _body in sent(services)] == [f"/servers/{rows[1]['id']}/action"]


def test_nothing_is_moved_off_a_host_that_is_down(services: Services) -> None:
    on(services, "compute3")
    browser = signed_in(access_of("admin"))
    for kind in ("live", "cold", "drain"):
        data = {"source": "compute3", "do": kind, "count": "2", "host": "", "block": "auto", "reason": "x"}
        assert browser.post(at("hypervisors/move/"), data).status_code == 422
    assert not services.changes
    assert browser.get(at("hypervisors/move/?source=nowhere&do=live")).status_code == 404
    assert browser.get(at("hypervisors/move/?source=compute1&do=odd")).status_code == 404


def test_the_room_of_all_hosts_on_a_page_takes_one_question(services: Services) -> None:
    services.rows["/os-hypervisors"] = HOSTS[:2]
    page = parsed(signed_in(access_of("admin")).get(at("hypervisors/")).content.decode())
    assert "2 / 16,000" in page.text
    assert len(services.to("placement")) == 1
    assert any("all-servers/?host=compute1" in link.get("href", "") for link in page.links)


def test_what_placement_knows_of_a_host_is_a_tab(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    page = parsed(browser.get(at(f"hypervisors/{UP['id']}/?tab=placement")).content.decode())
    for text in ("VCPU", "900 / 16,000", "HW_CPU_X86_AVX2", "ssd-hosts", "compute1_gpu0", "1 to 1000, in steps of 1"):
        assert text in page.text
    providers = parsed(browser.get(at("resource-providers/")).content.decode()).text
    assert "shared-disks" in providers, "who is no hypervisor"


def test_an_allocation_ratio_is_changed_again_when_somebody_was_quicker(services: Services) -> None:
    put: list[Any] = []

    def answer(request: Any, context: Any) -> Any:
        if request.method != "PUT":
            return None
        put.append(request.json())
        if len(put) == 1:
            context.status_code = 409
            return {"errors": [{"detail": "resource provider generation conflict"}]}
        return {**request.json(), "resource_provider_generation": 8}

    services.answers["placement"] = answer
    browser = signed_in(access_of("admin"))
    dialog = browser.get(at(f"resource-providers/act/inventory/?id={UP['id']}&resource_class=VCPU"), headers=HTMX)
    assert 'value="16.0"' in dialog.content.decode()
    data = {"id": UP["id"], "resource_class": "VCPU", "allocation_ratio": "4", "reserved": "2", "once": "1"}
    assert browser.post(at("resource-providers/act/inventory/"), data, headers=HTMX).status_code == 200
    assert len(put) == 2
    assert put[1] == {
        "resource_provider_generation": 7,
        "total": 1000,
        "min_unit": 1,
        "max_unit": 1000,
        "step_size": 1,
        "allocation_ratio": 4.0,
        "reserved": 2,
    }
    wrong = browser.post(
        at("resource-providers/act/inventory/"), {**data, "reserved": "2000", "once": "2"}, headers=HTMX
    )
    assert "There are 1000 in all" in parsed(wrong.content.decode()).text


def test_a_conflict_that_does_not_end_is_told(services: Services) -> None:
    services.answers["placement"] = lambda request, context: (
        (setattr(context, "status_code", 409), {"errors": [{"detail": "generation conflict"}]})[1]
        if request.method == "PUT"
        else None
    )
    with pytest.raises(Conflict):
        placement.change_inventory(
            cloud_of("admin"), id=UP["id"], resource_class="VCPU", allocation_ratio=1.0, reserved=0
        )
    assert len(services.changes) == placement.TRIES


def test_hosts_of_an_aggregate_come_and_go_and_each_failure_is_told(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST" and "add_host" in request.text and "compute3" in request.text:
            context.status_code = 409
            return {"conflictingRequest": {"message": "compute3 is in another zone."}}
        return None

    services.answers["compute"] = answer
    data = {"id": "1", "hosts": ["compute2", "compute3"], "once": "1"}
    reply = signed_in(access_of("admin")).post(at("aggregates/act/hosts/"), data, headers=HTMX)
    assert sent(services) == [
        ("POST", "/os-aggregates/1/action", {"remove_host": {"host": "compute1"}}),
        ("POST", "/os-aggregates/1/action", {"add_host": {"host": "compute2"}}),
        ("POST", "/os-aggregates/1/action", {"add_host": {"host": "compute3"}}),
    ]
    assert "compute3 is in another zone" in parsed(reply.content.decode()).text


def test_an_aggregate_is_made_changed_and_told_what_to_cache(services: Services) -> None:
    services.answers["compute"] = lambda request, context: (
        {"aggregate": {"id": 9, "name": "fast", "hosts": [], "metadata": {}}}
        if request.method == "POST" and request.path.endswith("/os-aggregates")
        else None
    )
    browser = signed_in(access_of("admin"))
    browser.post(at("aggregates/create/"), {"name": "fast", "zone": "zone-c", "once": "1"})
    data = {"id": "1", "metadata-key": ["nvme"], "metadata-value": ["true"], "once": "2"}
    browser.post(at("aggregates/act/metadata/"), data, headers=HTMX)
    image = recorded("glance/images_all")["images"][0]["id"]
    browser.post(at("aggregates/act/cache/"), {"id": "1", "images": [image], "once": "3"}, headers=HTMX)
    browser.post(at("aggregates/act/delete/"), {"id": "3", "once": "4"}, headers=HTMX)
    assert sent(services) == [
        ("POST", "/os-aggregates", {"aggregate": {"name": "fast", "availability_zone": "zone-c"}}),
        ("POST", "/os-aggregates/1/action", {"set_metadata": {"metadata": {"nvme": "true", "ssd": None}}}),
        ("POST", "/os-aggregates/1/images", {"cache": [{"id": image}]}),
        ("DELETE", "/os-aggregates/3", None),
    ]
    answer = browser.post(at("aggregates/act/delete/"), {"id": "1", "once": "5"}, headers=HTMX)
    assert "Take them out first" in parsed(answer.content.decode()).text
    answer = browser.post(at("aggregates/act/edit/"), {"id": "2", "name": "b", "zone": "", "once": "6"}, headers=HTMX)
    assert "take the zone away" in parsed(answer.content.decode()).text


def test_zones_say_how_their_hosts_are_and_why(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    text = parsed(browser.get(at("zones/")).content.decode()).text
    assert "Not available" in text
    hosts = parsed(browser.get(at("zones/zone-b/?tab=hosts")).content.decode()).text
    assert "compute3" in hosts
    assert "dead" in hosts, "the reason that somebody gave"


@pytest.mark.parametrize("role", ["reader", "member", "manager"])
def test_nobody_else_sees_or_does_any_of_it(services: Services, role: str) -> None:
    browser = signed_in(access_of(role))
    menu = browser.get(at("servers/")).content.decode()
    services.calls.clear()
    for slug in ("hypervisors", "compute-services", "aggregates", "zones", "resource-providers"):
        assert f"/{slug}/" not in menu
    assert browser.get(at("hypervisors/move/?source=compute1&do=live")).status_code == 403
    assert browser.post(at("hypervisors/move/"), {"source": "compute1", "do": "live"}).status_code == 403
    for path, id in (
        ("hypervisors/act/disable/", UP["id"]),
        ("compute-services/act/force-down/", SERVICES["compute1"]["id"]),
        ("aggregates/act/delete/", "3"),
        ("resource-providers/act/inventory/", UP["id"]),
    ):
        assert browser.post(at(path), {"id": id}).status_code == 403
    assert not services.changes
