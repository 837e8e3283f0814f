"""A project in one go: what was typed is never lost, a step that fails is told, and nothing is made twice."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from dashboard.live import errands
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in

MADE, USER = "d" * 32, "e" * 32
MEMBER, READER = f"{0xE2:032x}", f"{0xE1:032x}"
TYPED = {
    "do": "create",
    "name": "brandnew",
    "domain": "default",
    "description": "For all",
    "tags": "one, two",
    "rows": "2",
    "m0-kind": "user",
    "m0-name": "bob",
    "m0-role": READER,
    "m1-kind": "user",
    "m1-name": "",
    "m1-role": MEMBER,
    "p-user_name": "newcomer",
    "p-email": "n@example.org",
    "p-password": "a-password-1",
    "p-role": MEMBER,
}


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are taken by the tests, one by one."""
    monkeypatch.setattr(errands, "soon", lambda id: None)


@pytest.fixture
def admin() -> Client:
    return signed_in(access_of("admin"))


class Keystone:
    """Makes projects and users; ``refuses`` maps a path to a status."""

    def __init__(self, services: Services) -> None:
        self.refuses: dict[str, int] = {}
        self.projects: dict[str, Any] = {}
        services.answers["identity"] = self

    def __call__(self, request: Any, context: Any) -> Any:
        path = request.path.removeprefix("/v3")
        if request.method == "GET" and path == f"/projects/{MADE}" and MADE in self.projects:
            return {"project": self.projects[MADE]}
        if request.method not in {"POST", "PUT"}:
            return None
        for part, status in self.refuses.items():
            if part in path:
                context.status_code = status
                return {"error": {"message": f"Refused: {part}"}}
        if path == "/projects":
            self.projects[MADE] = {**request.json()["project"], "id": MADE}
            return {"project": self.projects[MADE]}
        return {"user": {"id": USER}} if path == "/users" else ""


@pytest.fixture
def keystone(services: Services) -> Keystone:
    return Keystone(services)


def changes(services: Services) -> list[tuple[str, str, Any]]:
    found = []
    for call in services.changes:
        path = call.url.split("//")[1].partition("/")[2].split("?")[0]
        found.append((call.method, path, json.loads(call.body) if call.body else None))
    return found


def errand_of(response: Any) -> str:
    found = re.search(r"new-project/([0-9a-f]{32})/", response["Location"])
    assert found
    return found[1]


def quota_fields(browser: Client) -> dict[str, str]:
    page = parsed(browser.get(at("new-project/")).content.decode())
    return {
        item.attrs["name"]: item.attrs.get("value", "")
        for item in page.elements
        if re.match(r"(initial-)?(compute|network|block-storage)\.", item.attrs.get("name", ""))
    }


def to_the_end(id: str) -> None:
    for _step in range(20):
        if not errands.run(id):
            return
    raise AssertionError("It does not end.")


def test_it_is_made_with_members_a_new_user_quotas_and_a_network(
    services: Services, keystone: Keystone, admin: Client
) -> None:
    services.rows["/v2.0/networks"] = [{"id": "f0", "name": "public", "router:external": True}]
    fields = quota_fields(admin) | {"compute.cores": "9"}
    net = {"is_wanted": "on", "net_name": "", "cidr": "10.9.0.0/24", "external": "f0", "dns": "192.0.2.53"}
    response = admin.post(at("new-project/"), {**TYPED, **fields, **net})
    assert response.status_code in (302, 303), parsed(response.content.decode()).text
    first = changes(services)
    assert [(method, path) for method, path, _body in first] == [("POST", "v3/projects"), ("POST", "v3/users")]
    assert first[0][2]["project"]["tags"] == ["one", "two"]
    assert first[1][2]["user"]["default_project_id"] == MADE
    id = errand_of(response)
    assert "a-password-1" not in str(errands.get(id)), "a password is not kept"
    services.calls.clear()
    to_the_end(id)
    done = [(method, path) for method, path, _body in changes(services)]
    assert done[:3] == [
        ("PUT", f"v3/projects/{MADE}/users/{0xB2:032x}/roles/{READER}"),
        ("PUT", f"v3/projects/{MADE}/users/{USER}/roles/{MEMBER}"),
        ("PUT", f"v2.1/os-quota-sets/{MADE}"),
    ]
    assert ("POST", "v2.0/networks") in done
    bodies = {path: body for _method, path, body in changes(services)}
    assert bodies[f"v2.1/os-quota-sets/{MADE}"] == {"quota_set": {"cores": 9}}
    assert bodies["v2.0/networks"] == {"network": {"name": "brandnew", "project_id": MADE}}
    assert bodies["v2.0/routers"]["router"]["external_gateway_info"] == {"network_id": "f0"}
    page = parsed(admin.get(at(f"new-project/{id}/")).content.decode())
    assert "All of it is made." in page.text
    assert "bob: reader done" in page.text


def test_a_name_that_is_taken_makes_nothing_and_loses_nothing(
    services: Services, keystone: Keystone, admin: Client
) -> None:
    keystone.refuses["/projects"] = 409
    response = admin.post(at("new-project/"), TYPED)
    assert response.status_code == 422
    page = parsed(response.content.decode())
    assert "This domain has a project of this name." in page.text
    typed = {item.attrs.get("name"): item.attrs.get("value") for item in page.elements if item.tag == "input"}
    assert (typed["name"], typed["description"], typed["m0-name"], typed["p-user_name"]) == (
        "brandnew",
        "For all",
        "bob",
        "newcomer",
    )
    assert "a-password-1" not in response.content.decode()
    assert [path for _method, path, _body in changes(services)] == ["v3/projects"]


def test_when_the_user_can_not_be_made_the_project_is_not_made_again(
    services: Services, keystone: Keystone, admin: Client
) -> None:
    keystone.refuses["/users"] = 409
    response = admin.post(at("new-project/"), TYPED)
    page = parsed(response.content.decode())
    assert response.status_code == 422
    assert "The project is there already." in page.text
    assert "This domain has a user of this name." in page.text
    made = next(item.attrs["value"] for item in page.elements if item.attrs.get("name") == "made")
    keystone.refuses.clear()
    services.calls.clear()
    response = admin.post(at("new-project/"), {**TYPED, "made": made, "p-user_name": "another"})
    assert response.status_code in (302, 303)
    assert [path for _method, path, _body in changes(services)] == ["v3/users"]


def test_nobody_of_that_name_is_said_before_anything_is_made(
    services: Services, keystone: Keystone, admin: Client
) -> None:
    response = admin.post(at("new-project/"), {**TYPED, "m1-name": "no-such-person", "parent": "nowhere"})
    text = parsed(response.content.decode()).text
    assert response.status_code == 422
    assert "There is nobody of this name" in text
    assert "There is no project of this name." in text
    assert not services.changes


def test_a_step_that_fails_is_told_and_only_it_is_done_again(
    services: Services, keystone: Keystone, admin: Client
) -> None:
    refused = {"is": True}

    def network(request: Any, context: Any) -> Any:
        if request.method == "POST" and refused["is"] and "networks" in request.path:
            context.status_code = 409
            return {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['network']."}}
        return None

    services.rows["/v2.0/networks"] = []
    services.answers["network"] = network
    response = admin.post(at("new-project/"), {**TYPED, "is_wanted": "on", "cidr": "10.9.0.0/24", "external": ""})
    id = errand_of(response)
    to_the_end(id)
    text = parsed(admin.get(at(f"new-project/{id}/")).content.decode()).text
    assert "Not all of it could be made. What is done stays." in text
    assert "Quota exceeded for resources" in text
    assert "Left out: what it needs could not be made." in text
    refused["is"] = False
    services.calls.clear()
    again = errand_of(admin.post(at(f"new-project/{id}/again/")))
    to_the_end(again)
    assert [path for _method, path, _body in changes(services)] == ["v2.0/networks", "v2.0/subnets"]


def test_limits_are_taken_from_another_project_and_the_rest_of_the_form_stays(
    services: Services, keystone: Keystone, admin: Client
) -> None:
    fields = quota_fields(admin)
    response = admin.post(at("new-project/"), {**TYPED, **fields, "do": "like", "like": "data"})
    assert response.status_code == 200
    page = parsed(response.content.decode())
    values = {item.attrs.get("name"): item.attrs.get("value") for item in page.elements if item.tag == "input"}
    assert values["block-storage.gigabytes"] == "1000"
    assert values["name"] == "brandnew"
    more = parsed(admin.post(at("new-project/"), {**TYPED, "do": "more"}).content.decode())
    assert any(item.attrs.get("name") == "m3-name" for item in more.elements)
    assert not services.changes


def test_a_domains_manager_gets_no_quotas_and_may_give_three_roles(services: Services, keystone: Keystone) -> None:
    access = access_of("manager", kind="domain")
    browser = signed_in(access)
    page = parsed(browser.get(f"/r/RegionOne/d/{access.scope.id}/new-project/").content.decode())
    assert "Quotas and networks are made with a token of a project" in page.text
    assert not any(item.attrs.get("name", "").startswith("compute.") for item in page.elements)
    offered = [item.text for item in page.elements if item.tag == "option"]
    assert "admin" not in offered
    assert {"member", "reader", "manager"} <= set(offered)


@pytest.mark.parametrize("roles", [("member",), ("reader",), ("manager", "member")])
def test_in_a_project_others_than_administrators_are_refused(services: Services, roles: tuple[str, ...]) -> None:
    browser = signed_in(access_of(*roles))
    assert browser.get(at("new-project/")).status_code == 403
    assert browser.post(at("new-project/"), TYPED).status_code == 403
    assert not services.changes
