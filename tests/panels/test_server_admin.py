"""Administrators move servers: what is offered to whom, what is sent, and what is told when it is refused."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from dashboard.cloud import versions
from tests.harness.html import parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import NOVA, access_of, at, recorded, signed_in

HTMX = {"HX-Request": "true"}
ACTIVE = next(item for item in recorded("nova/server/list")["servers"] if item["status"] == "ACTIVE")["id"]


@pytest.fixture
def admin(services: Services) -> Client:
    """An administrator, and a Nova that tells where servers are."""
    for row in services.rows["/servers"]:
        row |= {"OS-EXT-SRV-ATTR:host": "compute1", "host_status": "UP"}
    return signed_in(access_of("admin", "member"))


def act(browser: Client, slug: str, panel: str = "servers", **data: Any) -> Any:
    answer = browser.post(at(f"{panel}/act/{slug}/"), {"id": ACTIVE, **data}, headers=HTMX)
    at_rest()
    return answer


def bodies(services: Services) -> list[Any]:
    return [json.loads(call.body) if call.body else call.method for call in services.changes]


def dialog(browser: Client, slug: str, panel: str = "servers") -> Any:
    return parsed(browser.get(at(f"{panel}/act/{slug}/?id={ACTIVE}"), headers=HTMX).content.decode())


def moving(services: Services, **fields: Any) -> None:
    for row in services.rows["/servers"]:
        if row["id"] == ACTIVE:
            row |= {"status": "MIGRATING", "OS-EXT-STS:task_state": "migrating", **fields}


@pytest.mark.parametrize("panel", ["servers", "all-servers"])
def test_the_dialog_offers_other_hosts_with_what_is_free_of_them(panel: str, services: Services, admin: Client) -> None:
    page = dialog(admin, "live-migrate", panel)
    options = [item.text for item in page.elements if item.tag == "option"]
    assert any(text.startswith("compute2: 999 of 1000 vCPU") for text in options)
    assert not any(text.startswith("compute1") for text in options), "it is there already"
    assert "The scheduler chooses" in options


def test_hosts_that_take_nothing_are_left_out_and_named(services: Services, admin: Client) -> None:
    found = recorded("nova/hypervisors")
    found["hypervisors"][1]["status"] = "disabled"

    def nova(request: Any, context: Any) -> Any:
        return found if "os-hypervisors" in request.url else None

    services.answers["compute"] = nova
    page = dialog(admin, "migrate")
    assert not [item for item in page.elements if item.tag == "option" and item.text.startswith("compute")]
    assert "No other host takes servers at the moment" in page.text


def test_hosts_that_can_not_be_listed_cost_the_choice_alone(services: Services, admin: Client) -> None:
    def nova(request: Any, context: Any) -> Any:
        if "os-hypervisors" in request.url:
            context.status_code = 403
            return {"forbidden": {"message": "Policy doesn't allow it"}}
        return None

    services.answers["compute"] = nova
    assert "The hosts can't be listed" in dialog(admin, "migrate").text
    assert act(admin, "migrate").status_code == 200
    assert bodies(services) == [{"migrate": {}}]


@pytest.mark.parametrize(
    ("slug", "data", "sent"),
    [
        ("migrate", {"host": ""}, {"migrate": {}}),
        ("migrate", {"host": "compute2"}, {"migrate": {"host": "compute2"}}),
        ("live-migrate", {"host": "", "block": "auto"}, {"os-migrateLive": {"host": None, "block_migration": "auto"}}),
        (
            "live-migrate",
            {"host": "compute2", "block": "yes"},
            {"os-migrateLive": {"host": "compute2", "block_migration": True}},
        ),
        ("live-migrate", {"host": "", "block": "no"}, {"os-migrateLive": {"host": None, "block_migration": False}}),
    ],
)
def test_a_move_sends_what_the_form_says(slug: str, data: Any, sent: Any, services: Services, admin: Client) -> None:
    assert act(admin, slug, **data).status_code == 200
    assert bodies(services) == [sent]


def test_a_server_on_a_dead_host_can_be_evacuated_and_one_on_a_living_host_not(
    services: Services, admin: Client
) -> None:
    assert "Its host compute1 is up" in dialog(admin, "evacuate").text
    assert "is up" in act(admin, "evacuate", host="compute2").content.decode()
    assert not services.changes
    for row in services.rows["/servers"]:
        row["host_status"] = "DOWN"
    admin = signed_in(access_of("admin", "member", "other"))  # who sees another snapshot
    assert "is lost" in dialog(admin, "evacuate").text
    assert act(admin, "evacuate", host="compute2").status_code == 200
    assert bodies(services) == [{"evacuate": {"host": "compute2"}}]


def test_a_live_migration_is_aborted_and_forced_to_its_end_by_its_number(services: Services, admin: Client) -> None:
    moving(services)
    assert act(admin, "abort-migration").status_code == 200
    assert act(admin, "complete-migration").status_code == 200
    assert [(call.method, urlsplit(call.url).path) for call in services.changes] == [
        ("DELETE", f"/v2.1/servers/{ACTIVE}/migrations/6"),
        ("POST", f"/v2.1/servers/{ACTIVE}/migrations/6/action"),
    ]
    assert json.loads(services.changes[1].body) == {"force_complete": None}


def test_a_migration_that_has_ended_meanwhile_is_no_crash(services: Services, admin: Client) -> None:
    moving(services)

    def nova(request: Any, context: Any) -> Any:
        return {"migrations": []} if request.url.endswith("/migrations") else None

    services.answers["compute"] = nova
    answer = act(admin, "abort-migration")
    assert "No live migration of it is under way any more" in answer.content.decode()
    assert not services.changes


def test_how_far_a_live_migration_is_stands_on_the_server_s_page(services: Services, admin: Client) -> None:
    moving(services)
    running = recorded("nova/server/running")
    running["migrations"][0] |= {
        "memory_total_bytes": 4 * 1024**3,
        "memory_processed_bytes": 3 * 1024**3,
        "memory_remaining_bytes": 1024**3,
    }

    def nova(request: Any, context: Any) -> Any:
        return running if request.url.endswith(f"/servers/{ACTIVE}/migrations") else None

    services.answers["compute"] = nova
    page = parsed(admin.get(at(f"all-servers/{ACTIVE}/?tab=migrations")).content.decode())
    assert "From compute1 to compute2" in page.text
    assert "3 GiB of 4 GiB copied, 1 GiB left" in page.text
    assert "75 %" in page.text
    assert page.by_id("abort-migration")
    assert page.by_id("migration-row-269d4880-b5ac-421b-828e-14c8fdd1e072")


def test_members_have_no_word_of_what_is_for_administrators(services: Services) -> None:
    member = signed_in()
    page = parsed(member.get(at(f"servers/{ACTIVE}/")).content.decode())
    menu = parsed(member.get(at(f"servers/{ACTIVE}/menu/"), headers=HTMX).content.decode())
    for text in (page.text, menu.text):
        for word in ("Live migrate", "Evacuate", "Migrations"):
            assert word not in text
    for slug in ("migrate", "live-migrate", "abort-migration", "complete-migration", "evacuate"):
        answer = act(member, slug, host="", block="auto")
        assert answer.status_code == 403
        assert "admin" in answer.content.decode()
    assert member.get(at(f"servers/{ACTIVE}/part/migrations/")).status_code == 404
    assert not services.changes


def test_a_refusal_by_nova_says_which_role_is_missing(services: Services, admin: Client) -> None:
    def nova(request: Any, context: Any) -> Any:
        if request.method == "POST":
            context.status_code = 403
            message = "Policy doesn't allow os_compute_api:os-migrate-server:migrate to be performed."
            return {"forbidden": {"code": 403, "message": message}}
        return None

    services.answers["compute"] = nova
    text = act(admin, "migrate").content.decode()
    assert "Your role in this project does not allow this. You have admin, member." in text
    assert "os_compute_api:os-migrate-server:migrate" in text
    text = act(signed_in(), "stop").content.decode()
    assert "This needs the role admin in this project; you have member, reader." in text


# All servers


def test_all_servers_are_asked_of_every_project_and_named(services: Services, admin: Client) -> None:
    services.rows["/servers"][0]["tenant_id"] = "c" * 32
    page = parsed(admin.get(at("all-servers/")).content.decode())
    assert "data" in page.text
    assert "alice" in page.text
    assert "compute1" in page.text
    asked = [parse_qs(urlsplit(call.url).query) for call in services.calls if "/servers/detail" in call.url]
    assert asked
    assert all(query.get("all_tenants") == ["1"] for query in asked)


def test_a_project_is_filtered_by_its_name_or_id_before_there_is_a_snapshot(services: Services, admin: Client) -> None:
    for value in ("data", "c" * 32):
        services.calls.clear()
        # Other roles see other snapshots, and here there is none yet.
        signed_in(access_of("admin", value)).get(at(f"all-servers/?project={value}"))
        asked = [parse_qs(urlsplit(call.url).query) for call in services.calls if "/servers/detail" in call.url]
        assert any(query.get("project_id") == ["c" * 32] for query in asked)
        at_rest()


def test_the_servers_of_others_stay_out_of_the_administrator_s_own_list(services: Services, admin: Client) -> None:
    """What is done to a server of another project is not written into the list of this one."""
    other = {**services.rows["/servers"][0], "id": "9" * 8 + "-0000-4000-8000-" + "9" * 12, "tenant_id": "c" * 32}
    admin.get(at("servers/"))
    at_rest()
    services.rows["/servers"].append(other)

    def nova(request: Any, context: Any) -> Any:
        if "/servers/detail" in request.url:
            return {"servers": services.rows["/servers"][:-1]}
        return None

    services.answers["compute"] = nova
    admin.post(at("servers/act/live-migrate/"), {"id": other["id"], "host": "", "block": "auto"}, headers=HTMX)
    at_rest()
    page = parsed(admin.get(at("servers/")).content.decode())
    assert not page.by_id(f"row-{other['id']}")


# An old Nova


@pytest.fixture
def old(services: Services) -> Services:
    """A Nova of 2017 (2.53), which refuses anything newer as a real one does."""
    versions.forget_all()

    def nova(request: Any, context: Any) -> Any:
        if request.url == f"{NOVA}/":
            return {"version": {"id": "v2.1", "version": "2.53", "min_version": "2.1"}}
        wanted = request.headers.get("OpenStack-API-Version", "compute 2.1").rpartition(" ")[2]
        if tuple(map(int, wanted.split("."))) > (2, 53):
            context.status_code = 406
            return {"computeFault": {"message": f"Version {wanted} is not supported by the API."}}
        return None

    services.answers["compute"] = nova
    for row in services.rows["/servers"]:
        for key in ("locked_reason", "server_groups", "action_fault"):
            row.pop(key, None)
        row |= {"OS-EXT-SRV-ATTR:host": "compute1", "host_status": "UP"}
    return services


@pytest.mark.parametrize(
    "path",
    [
        "servers/",
        "all-servers/",
        f"servers/{ACTIVE}/",
        f"servers/{ACTIVE}/?tab=activity",
        f"servers/{ACTIVE}/?tab=volumes",
        f"servers/{ACTIVE}/?tab=migrations",
        "servers/launch/",
        "migrations/",
        "server-groups/",
        "flavors/",
        "keypairs/",
        "usage/",
        "usage/projects/",
        "overview/",
    ],
)
def test_every_page_stands_on_an_old_nova(path: str, old: Services) -> None:
    answer = signed_in(access_of("admin", "member")).get(at(path))
    at_rest()
    page = parsed(answer.content.decode())
    assert answer.status_code == 200
    assert not page.all_of_class("fault"), page.text_of_class("fault")
    assert not [call for call in old.calls if call.method != "GET"]


@pytest.mark.parametrize(
    ("slug", "data", "sent"),
    [
        ("stop", {}, {"os-stop": None}),
        ("reboot", {}, {"reboot": {"type": "SOFT"}}),
        ("migrate", {"host": ""}, {"migrate": None}),
        ("live-migrate", {"host": "compute2", "block": "auto"},
         {"os-migrateLive": {"host": "compute2", "block_migration": "auto"}}),
        ("lock", {"reason": ""}, {"lock": None}),
        ("delete", {}, None),
    ],
)  # fmt: skip
def test_actions_on_an_old_nova_send_what_it_takes(slug: str, data: Any, sent: Any, old: Services) -> None:
    answer = act(signed_in(access_of("admin", "member")), slug, **data)
    assert answer.status_code == 200, answer.content.decode()[:800]
    assert [json.loads(call.body) if call.body else None for call in old.changes] == [sent]


def test_a_host_for_a_cold_migration_is_too_new_for_an_old_nova_and_that_is_said(old: Services) -> None:
    browser = signed_in(access_of("admin", "member"))
    page = dialog(browser, "migrate")
    assert "Nova 2.56 is needed" in page.text
    assert act(browser, "migrate", host="compute2").status_code == 422
    assert not old.changes


def test_what_an_old_nova_has_not_is_greyed_with_the_reason(old: Services) -> None:
    from dashboard.panels.servers.panel import PANEL

    browser = signed_in(access_of("admin", "member"))
    menu = parsed(browser.get(at(f"servers/{ACTIVE}/menu/"), headers=HTMX).content.decode())
    newer = [action for action in PANEL.actions if action.needs and not versions.Range("2.1", "2.53").has(action.needs)]
    for action in newer:
        if action.is_in_menu:
            assert action.needs in menu.text or "2.53" in menu.text, action.slug


def test_a_flavor_of_which_an_old_nova_tells_the_id_alone_is_looked_up(services: Services) -> None:
    versions.forget_all()
    versions.know(NOVA, versions.Range("2.1", "2.46"))
    flavor = services.rows["/flavors"][0]
    for row in services.rows["/servers"]:
        row["flavor"] = {"id": flavor["id"], "links": []}
    for _time in ("from the service", "from the snapshot"):
        text = signed_in().get(at("servers/")).content.decode()
        at_rest()
        assert flavor["name"] in text
    assert flavor["name"] in signed_in().get(at(f"servers/{ACTIVE}/")).content.decode()
