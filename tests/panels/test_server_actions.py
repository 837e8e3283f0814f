"""What servers can be done to as a whole, at the wire: what each dialog offers, what is sent, and what is told."""

from __future__ import annotations

import html
import json
import logging
import re
from typing import Any

import pytest

from dashboard.cloud import server_actions, server_actions_disk, transport
from dashboard.cloud.errors import Conflict
from dashboard.cloud.flavors import Flavor
from dashboard.cloud.images import Image
from dashboard.cloud.launch_options import LaunchOptions, Part
from dashboard.cloud.server_actions_delete import Companion, delete_with
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Quota
from dashboard.cloud.versions import Range, know
from dashboard.live import operations
from dashboard.panels.servers import actions_resize, faults
from dashboard.panels.servers.actions_disk import made
from dashboard.panels.servers.actions_forms import why_not
from tests.harness.html import parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import NEUTRON, NOVA, access_of, at, cloud_of, recorded, signed_in

HTMX = {"HX-Request": "true"}
ID = "4050affc-7981-4cd3-9d10-e56f0dc1cb3c"
VOLUME = "6b996c8d-7beb-430f-8c57-899c07d5c562"
PORT = "57bf57da-5b28-4586-831f-b3777fc6ff20"
FLOATING = "0f1e2d3c-0000-4000-8000-000000000001"
OTHER_FLOATING = "0f1e2d3c-0000-4000-8000-000000000002"
SMALL = "00000022-0000-4000-8000-000000000022"
TINY = "00000025-0000-4000-8000-000000000025"
CIRROS = "0000001e-0000-4000-8000-00000000001e"


@pytest.fixture(autouse=True)
def own_floating(services: Services) -> None:
    """One floating IP leads to the server's port, another nowhere."""
    services.rows["/v2.0/floatingips"] = recorded("neutron/server/floatingips")["floatingips"]


def be(services: Services, **fields: Any) -> None:
    """The server as Nova has it from now on."""
    services.rows["/servers"] = [{**row, **fields} if row["id"] == ID else row for row in services.rows["/servers"]]


def dialog(slug: str, *ids: str, roles: tuple[str, ...] = ()) -> str:
    query = "&".join(f"id={id}" for id in ids or (ID,))
    answer = signed_in(access_of(*roles)).get(at(f"servers/act/{slug}/?{query}"), headers=HTMX)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def sent(services: Services, slug: str, status: int = 200, ids: tuple[str, ...] = (ID,), **data: Any) -> str:
    """Sends the dialog, and gives the answer; what was sent on is in ``services.changes`` then."""
    browser = signed_in(access_of("admin"))
    services.calls.clear()
    answer = browser.post(at(f"servers/act/{slug}/"), {"id": list(ids), "once": "a" * 32, **data}, headers=HTMX)
    at_rest()
    assert answer.status_code == status, answer.content.decode()[:2000]
    return html.unescape(answer.content.decode())


def changes(services: Services) -> list[tuple[str, str, Any]]:
    return [
        (call.method, call.url.partition("/v2")[2].partition("?")[0] or call.url, json.loads(call.body or b"null"))
        for call in services.changes
    ]


def bodies(services: Services) -> list[Any]:
    return [body for _method, _url, body in changes(services)]


# What Nova is asked, where the demo cloud has no such state


@pytest.mark.parametrize(
    ("fields", "slug", "data", "body"),
    [
        ({"status": "SHELVED"}, "shelve-offload", {}, {"shelveOffload": None}),
        ({"status": "SOFT_DELETED"}, "restore", {}, {"restore": None}),
        ({"status": "SOFT_DELETED"}, "force-delete", {}, {"forceDelete": None}),
        ({"status": "SHELVED"}, "unshelve", {}, {"unshelve": None}),
        ({}, "crash-dump", {}, {"trigger_crash_dump": None}),
        ({"status": "VERIFY_RESIZE"}, "confirm-resize", {}, {"confirmResize": None}),
        ({"status": "VERIFY_RESIZE"}, "revert-resize", {}, {"revertResize": None}),
        ({}, "reset-state", {"state": "error"}, {"os-resetState": {"state": "error"}}),
        ({}, "resize", {"flavor": SMALL}, {"resize": {"flavorRef": SMALL}}),
        ({}, "rescue", {"image": CIRROS}, {"rescue": {"rescue_image_ref": CIRROS}}),
        ({}, "rescue", {}, {"rescue": None}),
        (
            {},
            "backup",
            {"name": "b", "kind": "weekly", "rotation": "3"},
            {"createBackup": {"name": "b", "backup_type": "weekly", "rotation": 3}},
        ),
        (
            {},
            "snapshot",
            {"name": "s", "metadata": "purpose=upgrade\n\nwho = me"},
            {"createImage": {"name": "s", "metadata": {"purpose": "upgrade", "who": "me"}}},
        ),
    ],
)
def test_nova_is_asked_for_just_this(
    services: Services, fields: dict[str, Any], slug: str, data: dict[str, Any], body: Any
) -> None:
    be(services, **fields)
    sent(services, slug, **data)
    assert bodies(services) == [body]


def test_a_rebuild_sends_what_changes_and_no_more(services: Services) -> None:
    be(services, description=None)
    sent(services, "rebuild", image=CIRROS, name="srv-web-1", description="", key="", user_data_fate="keep")
    assert bodies(services) == [{"rebuild": {"imageRef": CIRROS}}]
    sent(
        services,
        "rebuild",
        image=CIRROS,
        name="anew",
        description="for tests",
        key="none",
        user_data_fate="new",
        user_data="#!/bin/sh\n",
        once="b" * 32,
    )
    assert bodies(services) == [
        {
            "rebuild": {
                "imageRef": CIRROS,
                "name": "anew",
                "description": "for tests",
                "key_name": None,
                "user_data": "IyEvYmluL3NoCg==",
            }
        }
    ]


def test_an_old_nova_is_asked_for_what_it_has(services: Services) -> None:
    know(NOVA, Range("2.1", "2.53"))
    be(services, image="")
    form = dialog("rebuild")
    assert 'name="key"' not in form
    assert 'name="user_data"' not in form
    assert "that takes 2.93" in form


@pytest.mark.parametrize(
    ("status", "version", "role", "fields"),
    [
        ("SHELVED_OFFLOADED", "2.96", "member", {"zone"}),
        ("SHELVED_OFFLOADED", "2.96", "admin", {"zone", "host"}),
        ("SHELVED_OFFLOADED", "2.90", "admin", {"zone"}),
        ("SHELVED_OFFLOADED", "2.53", "admin", set()),
        ("SHELVED", "2.96", "admin", set()),
    ],
)
def test_what_left_its_host_can_choose_a_zone_and_an_administrator_a_host(
    services: Services, status: str, version: str, role: str, fields: set[str]
) -> None:
    know(NOVA, Range("2.1", version))
    be(services, status=status)
    form = dialog("unshelve", roles=(role,))
    assert {name for name in ("zone", "host") if f'name="{name}"' in form} == fields


# Resizing


def flavor_rows(services: Services) -> tuple[dict[str, str], set[str]]:
    """The table's rows by the flavor's name, and the values that can't be chosen."""
    page = parsed(dialog("resize"))
    names = [row["name"] for row in services.rows["/flavors"]]
    rows = {name: row.text for row in page.elements if row.tag == "tr" for name in names if row.text.startswith(name)}
    radios = [item for item in page.elements if item.attrs.get("type") == "radio"]
    return rows, {item.attrs["value"] for item in radios if "disabled" in item.attrs}


def test_the_flavors_tell_what_they_have_more_than_now(services: Services) -> None:
    rows, off = flavor_rows(services)
    assert "The present flavor" in rows["m1.tiny"]
    assert "+1.5 GiB" in rows["m1.small"]
    assert "+19 GiB" in rows["m1.small"]
    assert off == {TINY}


def test_the_flavors_tell_what_they_have_less_than_now_and_why_some_do_not_fit(services: Services) -> None:
    be(services, flavor={**now(services)["flavor"], "original_name": "m1.large", "vcpus": 4, "ram": 8192, "disk": 80})
    rows, off = flavor_rows(services)
    assert "−6 GiB" in rows["m1.small"]
    assert "disks can't shrink" in rows["m1.small"]
    assert off >= {SMALL, TINY}


def now(services: Services) -> dict[str, Any]:
    return next(row for row in services.rows["/servers"] if row["id"] == ID)


def test_a_flavor_that_is_greyed_is_refused_if_it_is_sent_all_the_same(services: Services) -> None:
    answer = sent(services, "resize", 422, flavor=TINY)
    assert "It has this flavor now." in answer
    assert not services.changes
    assert "not among the choices" in sent(services, "resize", 422, flavor="no-such-flavor")
    assert not services.changes


def options(image: Image | None = None, quotas: tuple[Quota, ...] = ()) -> LaunchOptions:
    return LaunchOptions(images=Part((image,) if image else ()), quotas=Part(quotas))


@pytest.mark.parametrize(
    ("flavor", "server", "image", "quota", "reason"),
    [
        ({"ram": 256}, {}, {"min_ram": 512}, None, "needs 512 MiB of RAM"),
        ({"disk": 5}, {}, {}, None, "disks can't shrink"),
        ({"disk": 5}, {"image_id": "", "volume_ids": ("v",)}, None, None, ""),
        ({"disk": 0}, {}, {}, None, "for servers that start from volumes"),
        ({"disk": 0}, {"image_id": "", "volume_ids": ("v",)}, None, None, ""),
        ({"ephemeral": 0}, {"flavor.ephemeral": 10}, {}, None, "ephemeral disk is smaller"),
        ({"disk": 12}, {}, {"min_disk": 20}, None, "needs a disk of 20 GiB"),
        ({"vcpus": 4}, {}, {}, Quota("cores", 38, 40), "Needs 3 more vCPUs; the quota has 2 left."),
        ({"vcpus": 4}, {}, {}, Quota("cores", 37, 40), ""),
        ({"vcpus": 4}, {}, {}, Quota("cores", 400, None), ""),
        ({"ram": 4096}, {}, {}, Quota("ram", 9000, 10000), "Needs 3,072 more MiB of RAM; the quota has 1,000 left."),
    ],
)
def test_what_fits_is_what_image_disk_and_quota_allow(
    flavor: dict[str, Any], server: dict[str, Any], image: dict[str, Any] | None, quota: Quota | None, reason: str
) -> None:
    from dataclasses import replace

    from dashboard.cloud.servers import ServerFlavor

    ephemeral = server.pop("flavor.ephemeral", 0)
    row = Server("1", "web", image_id="i", flavor=ServerFlavor("now", 1, 1024, 10, ephemeral))
    row = replace(row, **server)
    wanted = Flavor(**{"id": "f", "name": "f", "vcpus": 1, "ram": 1024, "disk": 10, "ephemeral": 10, **flavor})
    made_of = Image(**{"id": "i", "name": "debian", **image}) if image is not None else None
    choice = actions_resize.row_of(wanted, [row], options(made_of, (quota,) if quota else ()))
    assert reason in str(choice.why_not) if reason else choice.why_not == ""


def test_a_rebuild_is_refused_where_the_image_does_not_fit() -> None:
    row = Server.from_json(recorded("nova/server/active")["server"])
    assert "needs a disk of 10 GiB" in why_not(Image("i", "debian", min_disk=10), row, is_new=True)
    assert why_not(Image("i", "cirros"), row, is_new=True) == ""
    on_volume = Server.from_json(recorded("nova/server/volume_booted")["server"])
    assert "takes 2.93" in why_not(Image("i", "cirros"), on_volume, is_new=False)
    assert why_not(Image("i", "cirros", min_disk=10), on_volume, is_new=True) == ""


def test_a_server_waiting_for_its_resize_offers_to_decide_in_the_list_and_on_its_page(services: Services) -> None:
    be(services, status="VERIFY_RESIZE")
    for path in ("servers/", f"servers/{ID}/"):
        for access, is_offered in ((access_of(), True), (access_of("reader"), False)):
            answer = signed_in(access).get(at(path)).content.decode()
            at_rest()
            links = [item["href"] for item in parsed(answer).links if item.get("role") != "menuitem"]
            for slug in ("confirm-resize", "revert-resize"):
                assert any(f"act/{slug}/?id={ID}" in link for link in links) is is_offered, (path, slug)
    assert not Server.from_json(now(services)).is_transitional


# Copies and passwords


def test_a_snapshot_leads_to_its_image(services: Services) -> None:
    image = "11111111-2222-4333-8444-555555555555"

    def answer(request: Any, context: Any) -> Any:
        if request.method != "POST":
            return None
        context.status_code = 202
        return {"image_id": image}

    services.answers["compute"] = answer
    text = sent(services, "snapshot", name="before-upgrade", metadata="")
    assert f'href="{at(f"images/{image}/")}"' in text
    assert "Image “before-upgrade”" in text
    assert made("x", "") == ()


def test_several_snapshots_get_names_of_their_own(services: Services) -> None:
    be(services, status="ACTIVE")
    services.rows["/servers"].append({**now(services), "id": ID[:-1] + "d", "name": "srv-web-2"})
    sent(services, "snapshot", ids=(ID, ID[:-1] + "d"), name="today", metadata="")
    assert sorted(body["createImage"]["name"] for body in bodies(services)) == ["srv-web-1-today", "srv-web-2-today"]


def test_metadata_of_a_snapshot_are_keys_with_values(services: Services) -> None:
    assert "is not key=value" in sent(services, "snapshot", 422, name="x", metadata="nonsense")
    assert not services.changes


def test_a_password_is_typed_twice_and_never_shown_or_logged(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "Not-for-eyes-7"
    answer = sent(services, "change-password", 422, password=secret, again="another")
    assert "The two are not the same." in answer
    assert secret not in answer
    answer = sent(services, "change-password", password=secret, again=secret, once="c" * 32)
    assert bodies(services) == [{"changePassword": {"adminPass": secret}}]
    assert secret not in answer
    shown = sent(services, "change-password", password=secret, again=secret, show="1", once="d" * 32)
    assert "$ADMINPASS" in shown
    assert secret not in shown
    assert secret not in caplog.text


# Deleting


def test_the_dialog_lists_what_belongs_to_the_server_by_name_and_ticks_only_what_goes_anyway(
    services: Services,
) -> None:
    name_port(services)
    page = parsed(dialog("delete"))
    boxes = {item.attrs["value"]: item for item in page.elements if item.attrs.get("type") == "checkbox"}
    assert set(boxes) == {f"{ID}/{VOLUME}", f"{ID}/{FLOATING}", f"{ID}/{PORT}"}
    assert [value for value, item in boxes.items() if "checked" in item.attrs] == [f"{ID}/{VOLUME}"]
    for text in ("203.0.112.7 → 192.168.10.90", "my-port · 192.168.10.90", "/dev/sdb"):
        assert text in page.text


def name_port(services: Services) -> None:
    services.rows["/v2.0/ports"] = [{**row, "name": "my-port"} for row in services.rows["/v2.0/ports"]]


def leave(services: Services) -> None:
    """The server is gone as soon as it is deleted."""

    def answer(request: Any, context: Any) -> Any:
        if request.method == "DELETE" and request.url.endswith(f"/servers/{ID}"):
            services.rows["/servers"] = [row for row in services.rows["/servers"] if row["id"] != ID]
        return None

    services.answers["compute"] = answer


def test_what_is_ticked_goes_in_order_and_nothing_else(services: Services) -> None:
    name_port(services)
    leave(services)
    sent(services, "delete", floating=f"{ID}/{FLOATING}", port=f"{ID}/{PORT}")
    assert [(method, url.rpartition("/")[2], body) for method, url, body in changes(services)] == [
        # It was to go with the server, and was not ticked.
        ("PUT", VOLUME, {"volumeAttachment": {"volumeId": VOLUME, "delete_on_termination": False}}),
        ("DELETE", ID, None),
        ("DELETE", FLOATING, None),
        ("DELETE", PORT, None),
    ]


def test_nothing_is_deleted_along_with_a_server_unless_it_is_ticked(services: Services) -> None:
    leave(services)
    sent(services, "delete", volume=f"{ID}/{VOLUME}")
    assert [(method, url.rpartition("/")[2]) for method, url, _body in changes(services)] == [("DELETE", ID)]


def test_what_was_not_offered_is_refused(services: Services) -> None:
    answer = sent(services, "delete", 422, floating=f"{ID}/{OTHER_FLOATING}")
    assert "not one of the available choices" in answer
    assert not services.changes


def test_a_volume_that_can_not_be_kept_keeps_the_server_too(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method != "PUT":
            return None
        context.status_code = 409
        return recorded("nova/server/conflict")

    services.answers["compute"] = answer
    sent(services, "delete", 422)
    assert [method for method, _url, _body in changes(services)] == ["PUT"]


def test_what_could_not_go_along_is_named_with_the_reason(services: Services) -> None:
    leave(services)

    def answer(request: Any, context: Any) -> Any:
        if request.method != "DELETE":
            return None
        context.status_code = 409
        return {"NeutronError": {"type": "Conflict", "message": "It is in use elsewhere."}}

    services.answers["network"] = answer
    text = sent(services, "delete", volume=f"{ID}/{VOLUME}", floating=f"{ID}/{FLOATING}")
    assert "Done for 1 of 1." in text
    assert re.search(r"Floating IP 203\.0\.112\.7.*It is kept\. .*in use elsewhere", text, re.DOTALL)
    assert "Volume" in text


def test_a_service_that_fails_costs_what_it_would_have_listed_and_says_so(services: Services) -> None:
    services.fail("network", status=503, text={"message": "down"})
    text = dialog("delete")
    assert "Not all that belongs to it can be listed" in text
    assert VOLUME in text


def test_ports_wait_for_the_server_to_be_gone_and_stay_if_it_is_not(services: Services) -> None:
    pauses: list[float] = []
    port = Companion("port", PORT, "my-port")
    (step,) = delete_with(cloud_of(), id=ID, companions=(port,), chosen=(PORT,), sleep=pauses.append)
    assert step.error is not None
    assert sum(pauses) >= 20
    assert [call.method for call in services.changes] == ["DELETE"]


def test_what_an_old_nova_can_not_change_is_not_offered_to_be_changed(services: Services) -> None:
    know(NOVA, Range("2.1", "2.53"))
    page = parsed(dialog("delete"))
    box = next(item for item in page.elements if item.attrs.get("value") == f"{ID}/{VOLUME}")
    assert "disabled" in box.attrs
    sent(services, "delete")
    assert [method for method, _url, _body in changes(services)] == ["DELETE"]


def test_showing_the_request_of_a_deletion_waits_for_nothing(services: Services) -> None:
    name_port(services)
    text = sent(services, "delete", port=f"{ID}/{PORT}", volume=f"{ID}/{VOLUME}", show="1")
    assert f"curl -X DELETE {NEUTRON}/v2.0/ports/{PORT}" in text
    assert not services.changes
    assert transport.dry.get() is None


# Faults


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("No valid host was found. There are not enough hosts available.", "No host has room"),
        ("Exceeded maximum number of retries. Exhausted all hosts available for retrying", "every host that was tried"),
        ("Maximum number of ports exceeded", "quota of ports"),
        ("VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.", "volume storage"),
        ("Quota exceeded for cores: Requested 4, but already used 40 of 40 cores", "A quota of the project"),
        ("Binding failed for port 1, please check neutron logs", "could not be connected"),
        ("PortBindingFailed: Port Binding Failed", "could not be connected"),
        ("Virtual Interface creation failed", "did not answer in time"),
        ("No more IP addresses available on network x", "no free address"),
        ("Network x requires a subnet in order to boot instances on.", "has no subnet"),
        ("Fixed IP address 10.0.0.4 is already in use on instance 1", "in use already"),
        ("Port 57bf is still in use.", "belongs to another server"),
        ("Connection to neutron failed: timed out", "network service did not answer"),
        ("Flavor's disk is too small for requested image.", "disk is too small"),
        ("Flavor disk is 1 bytes, smaller than the minimum size specified in image metadata", "disk is too small"),
        ("Flavor's memory is too small for requested image.", "less memory"),
        ("Resize error: Unable to resize disk down.", "can't become smaller"),
        ("Volume v did not finish being created even after we waited 2 seconds. And its status is error.", "not ready"),
        ("Block Device Mapping is Invalid: failed to get volume v.", "could not be made or connected"),
        ("Connection to cinder host failed: refused", "volume service did not answer"),
        ("Image 70a5 could not be found.", "not there any more"),
        ("Connection to glance host failed", "image service did not answer"),
        ("[Errno 28] No space left on device", "disk is full"),
        ("Insufficient compute resources: Free memory 5 MB < requested 512 MB.", "no room any more"),
        ("ServerGroup policy is not satisfied: Anti-affinity instance group policy was violated.", "group's rule"),
        ("QEMU guest agent is not enabled", "agent inside the server"),
        ("MessagingTimeout: Timed out waiting for a reply to message ID 1", "does not answer"),
        ("Build of instance 4050 aborted: something odd", "gave up building"),
    ],
)
def test_the_usual_faults_mean_something_and_there_is_something_to_try(message: str, part: str) -> None:
    meaning, advice = faults.explained(message)
    assert part in meaning
    assert advice


def test_a_fault_is_told_once_on_a_page(services: Services) -> None:
    doomed = next(row for row in services.rows["/servers"] if row["status"] == "ERROR")
    message = doomed["fault"]["message"]
    cloud = cloud_of()
    person = cloud.access.person.id
    began = operations.begin(person, cloud, verb="rebuild", kind="servers", ids=[doomed["id"]], label="Rebuild it")
    operations.fail(cloud, person, began, {doomed["id"]: message})
    browser = signed_in()
    page = html.unescape(browser.get(at(f"servers/{doomed['id']}/")).content.decode())
    assert "Rebuild it" in page
    assert page.count(f"<q>{message}</q>") == 1
    at_rest()
    listed = html.unescape(browser.get(at("servers/")).content.decode())
    assert listed.count(f"<q>{message}</q>") == 1


def test_nova_that_refuses_is_told_in_its_own_words(services: Services) -> None:
    services.fail("compute", status=409, text=recorded("nova/server/conflict"))
    for do in (
        lambda: server_actions.pause_server(cloud_of(), id=ID),
        lambda: server_actions_disk.resize_server(cloud_of(), id=ID, flavor_id=SMALL),
    ):
        with pytest.raises(Conflict) as caught:
            do()
        assert caught.value.message
