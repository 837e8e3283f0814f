"""Flavors at the wire: what is sent for them, what is taken back when Nova refuses, and who is offered what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, recorded, signed_in

HTMX = {"HX-Request": "true"}
FLAVORS = recorded("nova/flavors")["flavors"]
SMALL = next(item for item in FLAVORS if item["name"] == "m1.small")
PRIVATE = next(item for item in FLAVORS if not item["os-flavor-access:is_public"])
NEW: dict[str, Any] = {
    "name": "gpu.small",
    "vcpus": "2",
    "ram": "4096",
    "disk": "20",
    "ephemeral": "",
    "swap": "512",
    "flavor_id": "",
    "description": "one GPU",
    "projects": ["data", ""],
    "extra_specs-key": ["hw:cpu_policy", "resources:VGPU", ""],
    "extra_specs-value": ["dedicated", "1", ""],
    "once": "1",
}
UNKNOWN = {"badRequest": {"code": 400, "message": "Validation failed; extra spec 'resources:VGPU' does not appear."}}


def sent(services: Services) -> list[tuple[str, str, Any]]:
    return [
        (call.method, call.url.partition("/v2.1")[2], json.loads(call.body) if call.body else None)
        for call in services.changes
    ]


def made(services: Services, *, specs_refused: bool = False) -> None:
    """Nova makes the flavor; it may refuse its extra specs."""

    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST" and request.path.endswith("/flavors"):
            return {"flavor": {**SMALL, "id": "f-1", "name": "gpu.small"}}
        if specs_refused and request.path.endswith("/os-extra_specs"):
            context.status_code = 400
            return UNKNOWN
        return None

    services.answers["compute"] = answer


def test_a_private_flavor_is_made_with_its_extra_specs_and_its_projects(services: Services) -> None:
    made(services)
    answer = signed_in(access_of("admin")).post(at("flavors/create/"), NEW)
    assert answer.status_code == 302, parsed(answer.content.decode()).text[:1500]
    assert answer["Location"].endswith("/flavors/f-1/")
    assert sent(services) == [
        (
            "POST",
            "/flavors",
            {
                "flavor": {
                    "name": "gpu.small",
                    "vcpus": 2,
                    "ram": 4096,
                    "disk": 20,
                    "OS-FLV-EXT-DATA:ephemeral": 0,
                    "swap": 512,
                    "id": None,
                    "os-flavor-access:is_public": False,
                    "description": "one GPU",
                }
            },
        ),
        (
            "POST",
            "/flavors/f-1/os-extra_specs",
            {"extra_specs": {"hw:cpu_policy": "dedicated", "resources:VGPU": "1"}},
        ),
        ("POST", "/flavors/f-1/action", {"addTenantAccess": {"tenant": "c" * 32}}),
    ]


def test_where_nova_refuses_an_extra_spec_there_is_no_half_made_flavor_and_its_row_says_why(services: Services) -> None:
    made(services, specs_refused=True)
    answer = signed_in(access_of("admin")).post(at("flavors/create/"), NEW, headers=HTMX)
    assert answer.status_code == 422
    assert sent(services)[-1] == ("DELETE", "/flavors/f-1", None)
    page = answer.content.decode()
    assert "does not appear" in parsed(page).text
    marked = page[: page.index('aria-invalid="true"')].rpartition('-key" value="')[2].partition('"')[0]
    assert marked == "resources:VGPU", "the refusal is on that row"
    assert 'value="gpu.small"' in page, "what was typed is still there"


def test_a_value_that_is_refused_is_told_on_its_row_too(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST":
            context.status_code = 400
            return {"badRequest": {"message": "Validation failed; 'huge' is not one of: small, large."}}
        return None

    services.answers["compute"] = answer
    data = {"id": SMALL["id"], "extra_specs-key": ["hw:mem_page_size"], "extra_specs-value": ["huge"], "once": "1"}
    reply = signed_in(access_of("admin")).post(at("flavors/act/specs/"), data, headers=HTMX)
    assert reply.status_code == 422
    page = reply.content.decode()
    marked = page[: page.index('aria-invalid="true"')].rpartition('-key" value="')[2].partition('"')[0]
    assert marked == "hw:mem_page_size"


def test_extra_specs_are_changed_and_taken_away(services: Services) -> None:
    services.rows["/flavors"] = [{**SMALL, "extra_specs": {"hw:cpu_policy": "shared", "custom": "1"}}]
    browser = signed_in(access_of("admin"))
    dialog = browser.get(at(f"flavors/act/specs/?id={SMALL['id']}"), headers=HTMX).content.decode()
    assert "Own host CPUs for its vCPUs" in dialog, "known keys are told in words"
    data = {"id": SMALL["id"], "extra_specs-key": ["hw:cpu_policy"], "extra_specs-value": ["dedicated"], "once": "1"}
    assert browser.post(at("flavors/act/specs/"), data, headers=HTMX).status_code == 200
    assert sent(services) == [
        ("POST", f"/flavors/{SMALL['id']}/os-extra_specs", {"extra_specs": {"hw:cpu_policy": "dedicated"}}),
        ("DELETE", f"/flavors/{SMALL['id']}/os-extra_specs/custom", None),
    ]


def test_projects_are_let_use_a_private_flavor_by_name_and_taken_out(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    dialog = browser.get(at(f"flavors/act/access/?id={PRIVATE['id']}"), headers=HTMX).content.decode()
    assert 'value="web"' in dialog, "who may use it now"
    data = {"id": PRIVATE["id"], "projects": ["data", ""], "once": "1"}
    assert browser.post(at("flavors/act/access/"), data, headers=HTMX).status_code == 200
    path = f"/flavors/{PRIVATE['id']}/action"
    assert sent(services) == [
        ("POST", path, {"addTenantAccess": {"tenant": "c" * 32}}),
        ("POST", path, {"removeTenantAccess": {"tenant": "a" * 32}}),
    ]
    wrong = browser.post(at("flavors/act/access/"), {**data, "projects": ["no such"], "once": "2"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "There is no project “no such”" in parsed(wrong.content.decode()).text


def test_a_new_one_like_another_starts_with_its_sizes_extra_specs_and_projects(services: Services) -> None:
    services.rows["/flavors"] = [{**PRIVATE, "extra_specs": {"hw:cpu_policy": "shared"}}]
    page = signed_in(access_of("admin")).get(at(f"flavors/create/?like={PRIVATE['id']}")).content.decode()
    for text in (f'value="{PRIVATE["vcpus"]}"', f'value="{PRIVATE["ram"]}"', 'value="hw:cpu_policy"', 'value="web"'):
        assert text in page
    assert f'value="{PRIVATE["name"]}"' not in page, "a name of its own is asked for"


def test_deleting_says_how_many_servers_are_of_it(services: Services) -> None:
    dialog = signed_in(access_of("admin")).get(at(f"flavors/act/delete/?id={SMALL['id']}"), headers=HTMX)
    count = len(recorded("nova/server/list")["servers"])
    assert f"{count} servers are of it." in parsed(dialog.content.decode()).text


def test_administrators_see_how_many_more_fit_and_ask_once_for_what_takes_the_same(services: Services) -> None:
    services.rows["/flavors"] = [{**SMALL, "name": "one"}, {**SMALL, "id": "2", "name": "two"}]
    page = signed_in(access_of("admin")).get(at("flavors/")).content.decode()
    assert "2 hosts" in parsed(page).text
    asked = [call.url for call in services.calls if "allocation_candidates" in call.url]
    assert len(asked) == 1
    assert "COMPUTE_STATUS_DISABLED" in asked[0], "a disabled host takes nothing"
    assert any("is_public=None" in call.url for call in services.calls), "private ones as well"


def test_others_see_what_their_quota_has_room_for(services: Services) -> None:
    services.answers["compute"] = lambda request, context: (
        {"limits": {"absolute": {"totalCoresUsed": 4, "maxTotalCores": 5, "totalRAMUsed": 0, "maxTotalRAMSize": 99999}}}
        if request.path.endswith("/limits")
        else None
    )
    text = parsed(signed_in().get(at("flavors/")).content.decode()).text
    assert "Within the quota" in text
    assert "Over the quota" in text
    assert not any("is_public" in call.url or ":8778" in call.url for call in services.calls)


@pytest.mark.parametrize("role", ["reader", "member", "manager"])
def test_nobody_else_is_offered_or_let_do_any_of_it(services: Services, role: str) -> None:
    browser = signed_in(access_of(role))
    page = browser.get(at(f"flavors/{SMALL['id']}/")).content.decode()
    assert "Extra specs</a>" in page, "they may look"
    for label in ("Who may use it", "Create flavor", "Delete", "New like this"):
        assert label not in page
    for action in ("specs", "access", "edit", "delete"):
        assert browser.post(at(f"flavors/act/{action}/"), {"id": SMALL["id"]}).status_code == 403
    assert browser.post(at("flavors/create/"), NEW).status_code == 403
    assert not services.changes
