"""The operator's pages at the wire: the cloud's overview, whose something is, and everything of all projects."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.cloud import owners, stuck
from dashboard.cloud.cloud_overview import Capacity, Things, fetch_capacity, fetch_failed_servers
from dashboard.cloud.owners import kind_of
from dashboard.panels.cloud_overview.boxes import BOXES
from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import PROJECT_ID, access_of, at, cloud_of, recorded, signed_in

HTMX = {"HX-Request": "true"}
ID = "6e3cda2c-b03b-4c89-a3a5-a05ebc87e0e5"
LONG_AGO = "2026-11-20T10:00:00Z"


def admin(services: Services, path: str, **headers: str) -> Page:
    answer = signed_in(access_of("admin", "member")).get(at(path), headers=headers)
    assert answer.status_code in {200, 204}, answer.content.decode()[:1000]
    return parsed(answer.content.decode())


def whole(services: Services) -> Page:
    """The overview with all of its boxes."""
    for box in BOXES:
        admin(services, f"cloud-overview/{box.slug}/", **HTMX)
    return admin(services, "cloud-overview/")


def server(**more: Any) -> dict[str, Any]:
    return {"id": ID, "name": "doomed-1", "status": "ERROR", "tenant_id": "c" * 32, "updated": LONG_AGO, **more}


def says(services: Services, service: str, part: str, body: Any) -> None:
    """From now on a service answers so to what has ``part`` in its address."""
    services.answers[service] = lambda request, context: body if part in request.url else None


# The overview


def test_the_overview_asks_little_at_first_and_the_rest_once_it_is_there(services: Services) -> None:
    page = admin(services, "cloud-overview/")
    waiting = [item.attrs["id"] for item in page.elements if item.attrs.get("aria-busy") == "true"]
    assert waiting == ["box-stuck", "box-capacity", "box-storage", "box-use"]
    assert len(services.calls) <= 6
    again = whole(services)
    assert not [item for item in again.elements if item.attrs.get("aria-busy") == "true"]


def test_twenty_administrators_cost_what_one_does(services: Services) -> None:
    whole(services)
    asked = len(services.calls)
    whole(services)
    assert len(services.calls) == asked


def test_no_question_of_the_overview_reads_all_servers(services: Services) -> None:
    whole(services)
    for call in services.to("compute"):
        query = parse_qs(urlsplit(call.url).query)
        if "/servers" in call.url:
            assert int(query["limit"][0]) <= 100
            assert {"status", "task_state"} & set(query)


def test_capacity_counts_what_is_reserved_and_given_away_several_times(services: Services) -> None:
    capacity = Capacity.from_json(fetch_capacity(cloud_of("admin")))
    rooms = {room.name: room for room in capacity.rooms}
    vcpu = rooms["VCPU"]
    assert vcpu.capacity == (vcpu.total - vcpu.reserved) * 16
    assert vcpu.ratio == 16
    memory = rooms["MEMORY_MB"]
    assert memory.reserved
    assert memory.capacity == memory.total - memory.reserved
    page = whole(services)
    assert "each given away 16 times" in page.text_of_class("capacity")


def test_servers_in_error_are_named_with_whose_they_are_and_lead_to_their_page(services: Services) -> None:
    says(services, "compute", "status=ERROR", {"servers": [server(fault={"message": "No valid host was found."})]})
    page = admin(services, "cloud-overview/")
    box = page.by_id("box-failed")
    assert box is not None
    assert "doomed-1" in page.text
    assert "data" in page.text_of_class("box-what"), "the project's name, not its id"
    assert "No valid host was found." in page.text
    assert any(link["href"].endswith(f"/all-servers/{ID}/") for link in page.links)


def test_of_many_servers_in_error_some_are_named_and_the_rest_is_a_number(services: Services) -> None:
    many = [server(id=f"00000000-0000-4000-8000-{place:012x}") for place in range(100)]
    says(services, "compute", "status=ERROR", {"servers": many})
    found = Things.from_json(fetch_failed_servers(cloud_of("admin")))
    assert (len(found.things), found.count, found.has_more) == (8, 100, True)


def test_what_does_not_report_in_is_named(services: Services) -> None:
    down = {"id": "1", "binary": "nova-compute", "host": "rack-7", "state": "down", "status": "enabled"}
    off = {"id": "2", "binary": "nova-compute", "host": "rack-8", "state": "up", "status": "disabled"}
    says(services, "compute", "/os-services", {"services": [down, {**off, "disabled_reason": "new disks"}]})
    page = admin(services, "cloud-overview/")
    assert "rack-7" in page.text
    assert "new disks" in page.text
    assert "Every service reports in" not in page.text


@pytest.mark.parametrize("failing", ["compute", "network", "block-storage", "placement", "image"])
def test_a_service_that_fails_costs_its_own_parts(failing: str, services: Services) -> None:
    services.fail(failing, status=500)
    pages = {box.slug: admin(services, f"cloud-overview/{box.slug}/", **HTMX) for box in BOXES}
    lost = [slug for slug, page in pages.items() if page.all_of_class("fault")]
    assert (
        lost
        == {
            "compute": ["services", "failed", "stuck", "capacity", "use"],
            "network": ["services", "stuck", "storage"],
            "block-storage": ["services", "stuck", "storage"],
            "placement": ["capacity"],
            "image": ["stuck"],
        }[failing]
    )
    kept = {"compute": "Network agents"}.get(failing, "Compute services")
    assert kept in pages["services"].text
    assert parsed(signed_in(access_of("admin")).get(at("cloud-overview/")).content.decode()).has("main")


def test_what_is_known_is_shown_with_its_age_while_it_can_not_be_had_anew(services: Services) -> None:
    assert admin(services, "cloud-overview/").all_of_class("box-age")


def test_an_open_page_is_sent_what_is_new_and_nothing_else(services: Services) -> None:
    page = whole(services)
    (live,) = [item for item in page.elements if "data-live" in item.attrs]
    browser = signed_in(access_of("admin", "member"))
    same = browser.get(live.attrs["hx-get"], headers=HTMX)
    assert same.status_code == 204
    assert float(same["X-Live-Next"]) >= 20, "no hammering"
    anew = browser.get(re.sub(r"since=\d+", "since=1", live.attrs["hx-get"]), headers=HTMX).content.decode()
    assert anew.count("hx-swap-oob") == len(BOXES) + 1


def test_every_box_can_be_had_without_javascript(services: Services) -> None:
    for box in BOXES:
        page = admin(services, f"cloud-overview/{box.slug}/")
        section = page.by_id(f"box-{box.slug}")
        assert section is not None
        assert "aria-busy" not in section.attrs


@pytest.mark.parametrize("roles", [("member",), ("reader",), ("manager", "member")])
def test_the_overview_is_for_administrators(roles: tuple[str, ...], services: Services) -> None:
    browser = signed_in(access_of(*roles))
    for path in ("cloud-overview/", "find-owner/?q=web-1"):
        answer = browser.get(at(path))
        assert answer.status_code == 403
        page = parsed(answer.content.decode())
        assert "needs the role admin" in page.text
    assert not services.calls
    for box in BOXES:
        assert browser.get(at(f"cloud-overview/{box.slug}/"), headers=HTMX).status_code == 403
    assert browser.get(at("cloud-overview/live/")).status_code == 403
    menu = parsed(browser.get(at("networks/")).content.decode())
    assert not any("cloud-overview" in link["href"] or "all-" in link["href"] for link in menu.links)


# What is stuck


def test_only_what_did_not_change_for_long_is_stuck(services: Services) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked: list[str] = []

    def answer(request: Any, context: Any) -> Any:
        asked.append(request.url)
        old = server(status="BUILD", name="slow")
        return {
            "servers": [old, server(id="2" * 32, name="quick", updated=now)] if "status=BUILD" in request.url else []
        }

    services.answers["compute"] = answer
    found = Things.from_json(stuck.fetch_servers(cloud_of("admin")))
    assert [thing.name for thing in found.things] == ["slow"]
    assert all("changes-before=" in url and "deleted=false" in url for url in asked if "/servers" in url)


def test_volumes_in_an_error_are_told_however_new(services: Services) -> None:
    now = datetime.now(UTC)
    new, old = now.isoformat(), (now - timedelta(hours=2)).isoformat()
    volumes = [
        {"id": "1", "name": "broken", "status": "error_deleting", "updated_at": new},
        {"id": "2", "name": "slow", "status": "creating", "updated_at": old},
        {"id": "3", "name": "quick", "status": "creating", "updated_at": new},
        {"id": "4", "name": "fine", "status": "available", "updated_at": old},
    ]
    says(services, "block-storage", "/volumes/detail", {"volumes": volumes})
    found = Things.from_json(stuck.fetch_volumes(cloud_of("admin")))
    assert {thing.name for thing in found.things} == {"broken", "slow"}


def test_images_and_ports_are_asked_for_by_their_state(services: Services) -> None:
    says(
        services,
        "image",
        "/v2/images",
        {"images": [{"id": "1", "name": "half", "status": "saving", "owner": "c" * 32}]},
    )
    assert Things.from_json(stuck.fetch_images(cloud_of("admin"))).count == 1
    port = {"id": "1", "device_id": ID, "binding:host_id": "compute1", "updated_at": LONG_AGO}
    says(services, "network", "/v2.0/ports", {"ports": [port, {**port, "id": "2", "binding:host_id": ""}]})
    assert Things.from_json(stuck.fetch_ports(cloud_of("admin"))).count == 1


def test_a_migration_that_does_not_end_leads_to_its_server(services: Services) -> None:
    item = {"instance_uuid": ID, "status": "running", "migration_type": "live-migration", "updated_at": LONG_AGO}
    says(services, "compute", "/os-migrations", {"migrations": [item]})
    (thing,) = Things.from_json(stuck.fetch_migrations(cloud_of("admin"))).things
    assert thing.id == ID


# Whose it is


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10.0.0.7", "ip"),
        ("2001:db8::1", "ip"),
        ("FA:16:3E:00:00:01", "mac"),
        ("fa-16-3e-00-00-01", "mac"),
        ("a" * 32, "id"),
        (ID, "id"),
        ("web-1", "name"),
        ("10.0.0", "name"),
        ("  ", ""),
    ],
)
def test_what_was_typed_says_what_is_looked_for(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_an_address_leads_to_the_server_and_the_project_that_have_it(services: Services) -> None:
    row = recorded("nova/server/list")["servers"][0]
    port = {
        "id": "0" * 32,
        "project_id": "c" * 32,
        "device_owner": "compute:nova",
        "device_id": row["id"],
        "mac_address": "fa:16:3e:00:00:01",
        "fixed_ips": [{"ip_address": "10.1.2.3"}],
    }
    says(services, "network", "/v2.0/ports", {"ports": [port]})
    page = admin(services, "find-owner/?q=10.1.2.3")
    assert "data" in page.text_of_class("table")
    assert row["name"] in page.text_of_class("table")
    assert any(link["href"].endswith(f"/all-servers/{row['id']}/") for link in page.links)
    asked = [call.url for call in services.to("network")]
    assert sum("ip_address%3D10.1.2.3" in url for url in asked) == 1
    assert len(services.calls) <= 8, "no list is read"


@pytest.mark.parametrize("text", ["10.1.2.3", ID, "web-1", "fa:16:3e:00:00:01"])
def test_finding_asks_a_bounded_number_of_questions(text: str, services: Services) -> None:
    owners.find(cloud_of("admin"), text)
    assert len(services.calls) <= 14
    assert not services.changes


def test_a_name_is_looked_for_as_it_stands(services: Services) -> None:
    owners.find(cloud_of("admin"), "web.1+")
    (asked,) = [parse_qs(urlsplit(call.url).query) for call in services.to("compute") if "/servers" in call.url]
    assert asked["name"] == [r"^web\.1\+$"]


def test_a_service_that_does_not_answer_is_named_and_the_rest_is_found(services: Services) -> None:
    services.fail("block-storage", status=500)
    page = admin(services, "find-owner/?q=web")
    assert "Block storage" in page.text_of_class("notice")


def test_the_search_offers_it_to_administrators_and_asks_nothing_for_it(services: Services) -> None:
    browser = signed_in(access_of("admin", "member"))
    found = json.loads(browser.get(at("search/?q=10.9.8.7")).content)
    (offer,) = [item for item in found["more"] if "find-owner" in item["url"]]
    assert offer["label"] == "Whose is “10.9.8.7”? Look in all projects"
    assert "q=10.9.8.7" in offer["url"]
    found = json.loads(signed_in().get(at("search/?q=10.9.8.7")).content)
    assert not [item for item in found["more"] if "find-owner" in item["url"]]


# Everything of all projects


ALL = ("all-images", "all-networks", "all-routers", "all-ports", "all-floating-ips", "all-security-groups")


@pytest.mark.parametrize("slug", [*ALL, "all-servers", "all-volumes"])
def test_everything_has_its_project_by_name(slug: str, services: Services) -> None:
    page = admin(services, f"{slug}/")
    names = {cell.text for cell in page.all_of_class("col-project")}
    assert names & {"web", "data"}, names


@pytest.mark.parametrize("slug", [slug for slug in ALL if slug != "all-images"])
def test_everything_is_asked_for_without_a_project_and_narrowed_by_a_name(slug: str, services: Services) -> None:
    path = f"/v2.0/{slug.removeprefix('all-').replace('floating-ips', 'floatingips')}?"
    admin(services, f"{slug}/")
    assert all("project_id=" not in call.url for call in services.to("network") if path in call.url)
    services.calls.clear()
    admin(services, f"{slug}/?q=project:data")
    asked = [parse_qs(urlsplit(call.url).query) for call in services.to("network") if path in call.url]
    assert asked
    assert {"c" * 32} == {value for query in asked for value in query.get("project_id", ["-"])}


def test_images_are_narrowed_by_glance(services: Services) -> None:
    admin(services, "all-images/?q=project:data")
    assert any(f"owner={'c' * 32}" in call.url for call in services.to("image"))


def test_the_lists_share_one_entry_of_the_menu_and_have_tabs_to_each_other(services: Services) -> None:
    page = admin(services, "all-ports/")
    entries = [item for item in page.elements if "side-item" in item.classes and "/all-" in item.attrs.get("href", "")]
    assert [item.text for item in entries] == ["All projects"]
    assert "is-active" in entries[0].classes
    tabs = page.text_of_class("relatives")
    for word in ("Servers", "Volumes", "Images", "Networks", "Routers", "Ports", "Floating IPs", "Security groups"):
        assert word in tabs
    assert sum("is-active" in item.classes for item in page.elements if "side-item" in item.classes) == 1


def test_an_administrator_does_to_anybodys_things_what_their_owner_may(services: Services) -> None:
    page = admin(services, "all-ports/")
    assert page.all_of_class("bulk-bar")
    row = recorded("neutron/all_ports")["ports"][0]
    detail = admin(services, f"all-ports/{row['id']}/")
    assert "Whose it is" in detail.text
    assert PROJECT_ID in detail.text or "c" * 32 in detail.text
