"""Roles: which implies which, circles that are refused, who loses what with one, and what a domain's manager sees."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import pytest
from django.test import Client

from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import PROJECT_ID, access_of, at, recorded, signed_in

READER, MEMBER, MANAGER, ADMIN, AUDITOR, SERVICE = (f"{id:032x}" for id in (0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6))
OWN = f"{0xEF:032x}"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(services: Services) -> Client:
    return signed_in(access_of("admin"))


def shown(answer: Any, status: int = 200) -> Page:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def changes(services: Services) -> list[tuple[str, Any]]:
    return [
        (f"{call.method} {urllib.parse.urlsplit(call.url).path.removeprefix('/v3')}", json.loads(call.body or b"null"))
        for call in services.changes
    ]


def act(browser: Client, slug: str, **fields: Any) -> Any:
    return browser.post(at(f"roles/act/{slug}/"), fields, headers=HTMX)


def test_a_role_shows_what_it_implies_at_once_and_by_way_of_others(services: Services, admin: Client) -> None:
    page = shown(admin.get(at(f"roles/{MANAGER}/?tab=implied"), headers={**HTMX, "HX-Target": "tabs"}))
    terms = [item.text for item in page.elements if item.tag in {"dt", "dd"}]
    assert terms == ["member", "at once Remove member", "reader", "by way of these", "admin", "Remove from admin"]
    removes = [link["href"] for link in page.links if "no-longer" in link["href"]]
    assert removes == [
        at(f"roles/act/no-longer/?id={MANAGER}&implied={MEMBER}"),
        at(f"roles/act/no-longer/?id={ADMIN}&implied={MANAGER}"),
    ]


def test_a_role_that_would_come_to_imply_itself_is_refused_in_words(services: Services, admin: Client) -> None:
    answer = act(admin, "imply", id=READER, implied=ADMIN, once="a")
    assert "admin implies reader already, perhaps over others" in shown(answer, 422).text
    assert changes(services) == []
    shown(act(admin, "imply", id=AUDITOR, implied=READER, once="b"))
    shown(act(admin, "no-longer", id=ADMIN, implied=MANAGER, once="c"))
    assert [what for what, _body in changes(services)] == [
        f"PUT /roles/{AUDITOR}/implies/{READER}",
        f"DELETE /roles/{ADMIN}/implies/{MANAGER}",
    ]


def test_before_a_role_goes_it_is_said_who_loses_it(services: Services, admin: Client) -> None:
    page = shown(admin.get(at(f"roles/act/delete/?id={AUDITOR}"), headers=HTMX))
    assert "3 assignments of it go as well" in page.text
    assert "alice (web), bob (web), developers (web)" in page.text
    shown(act(admin, "delete", id=AUDITOR, once="a"), 422)
    assert changes(services) == []
    shown(act(admin, "delete", id=AUDITOR, once="a", sure="on"))
    assert changes(services) == [(f"DELETE /roles/{AUDITOR}", None)]
    assert "It is immutable." in shown(admin.get(at(f"roles/act/delete/?id={MEMBER}"), headers=HTMX)).text


def test_an_immutable_role_is_made_changeable_first(services: Services, admin: Client) -> None:
    answer = act(admin, "edit", id=SERVICE, name="svc", description="", is_immutable="on", once="a")
    assert "Switch that off to change this." in shown(answer, 422).text
    assert changes(services) == []
    shown(act(admin, "edit", id=SERVICE, name="svc", description="", once="b"))
    assert changes(services) == [
        (f"PATCH /roles/{SERVICE}", {"role": {"options": {"immutable": False}}}),
        (f"PATCH /roles/{SERVICE}", {"role": {"name": "svc"}}),
    ]


def test_a_domains_own_roles_are_asked_for_where_they_are_meant(services: Services, admin: Client) -> None:
    partner = f"{0x3D26:032x}"
    own = {"id": OWN, "name": "shop-keeper", "domain_id": partner, "description": None, "options": {}}

    def answer(request: Any, context: Any) -> Any:
        return {"roles": [own]} if f"domain_id={partner}" in request.url else None

    services.answers["identity"] = answer
    assert "shop-keeper" not in shown(admin.get(at("roles/"))).text
    assert not any("domain_id" in call.url for call in services.calls)
    for query in ("kind=domain", "domain=partner", f"domain={partner}"):
        page = shown(admin.get(at(f"roles/?{query}")))
        assert [item.text for item in page.all_of_class("row-name")] == ["shop-keeper"], query
        assert "Domain partner" in page.text


def test_who_has_a_role_stands_on_its_page(services: Services, admin: Client) -> None:
    page = shown(admin.get(at(f"roles/{MEMBER}/?tab=holders")))
    assert "developers" in page.text
    assert any(link["href"].endswith(f"assignments/?role={MEMBER}") for link in page.links)
    assert f"role.id={MEMBER}" in services.calls[-1].url


def test_a_domains_manager_sees_every_role_and_changes_none(services: Services) -> None:
    refusal = recorded("keystone/unauthorized") | {"error": {"code": 403, "message": "no", "title": "Forbidden"}}

    def answer(request: Any, context: Any) -> Any:
        path = urllib.parse.urlsplit(request.url).path
        if path.endswith(("/role_inferences", f"/roles/{ADMIN}")):
            context.status_code = 403
            return refusal
        return None

    services.answers["identity"] = answer
    browser = signed_in(access_of("manager", kind="domain"))
    base = f"/r/RegionOne/d/{PROJECT_ID}/roles/"
    page = shown(browser.get(base))
    assert "admin" in [item.text for item in page.all_of_class("row-name")]
    assert "Create role" not in page.text
    assert "admin" in shown(browser.get(f"{base}{ADMIN}/")).text
    assert "Keystone tells only administrators" in shown(browser.get(f"{base}{ADMIN}/?tab=implied")).text
    shown(browser.post(f"{base}act/delete/", {"id": AUDITOR, "sure": "on", "once": "a"}), 403)
    assert changes(services) == []


@pytest.mark.parametrize("role", ["reader", "member", "manager"])
def test_in_a_project_only_administrators_have_the_page_in_their_menu(role: str, services: Services) -> None:
    page = shown(signed_in(access_of(role)).get(at("keypairs/")))
    assert "roles" not in [link.get("data-page") for link in page.links]
