"""Projects, domains and the system: each has its menu and its start, and a page that is elsewhere says where."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from requests_mock import Mocker

from dashboard.auth import store
from dashboard.cloud.catalog import Catalog
from dashboard.cloud.connection import Access, Scope
from dashboard.ui import registry
from dashboard.ui.panel import Panel, roles_in
from tests.harness.services import Services
from tests.harness.wire import KEYSTONE, PROJECT_ID, access_of, at

DOMAIN = "d" * 32
PARTNER = Scope("domain", DOMAIN, "partner")
SYSTEM = Scope("system", "all", "")
WEB = Scope("project", PROJECT_ID, "web", "default", "Default")


def browser_in(scope: Scope, *roles: str, scopes: tuple[Scope, ...] = ()) -> Client:
    """Somebody who holds a token for one scope, and has a role in others."""
    access: Access = dataclasses.replace(access_of(*roles, kind=scope.kind), scope=scope)
    unscoped = dataclasses.replace(access, scope=Scope("unscoped", "", ""), roles=(), catalog=Catalog())
    held = store.start(unscoped, scoped=access, scopes=scopes or (scope,), region="RegionOne", ip="127.0.0.1", agent="")
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = held.cookie
    return browser


def base(scope: Scope) -> str:
    return "/r/RegionOne/system/" if scope.kind == "system" else f"/r/RegionOne/{scope.kind[0]}/{scope.id}/"


def pages_for(kind: str) -> list[Any]:
    return [panel for panel in registry.panels() if kind in registry.kinds_of(panel)]


@pytest.mark.parametrize(
    ("scope", "roles", "says"),
    [
        (PARTNER, ("manager", "member", "reader"), "You may manage this domain"),
        (PARTNER, ("reader",), "You may look at this domain"),
        (PARTNER, ("admin",), "administrator of the whole cloud"),
        (SYSTEM, ("reader",), "You may look at the users"),
        (SYSTEM, ("admin",), "administrator of the whole cloud"),
        (SYSTEM, ("operator",), "your roles here allow nothing"),
    ],
)
def test_a_domain_and_the_system_start_with_what_may_be_done_there(
    scope: Scope, roles: tuple[str, ...], says: str
) -> None:
    browser = browser_in(scope, *roles)
    assert browser.get("/")["Location"] == f"{base(scope)}start/"
    page = browser.get(f"{base(scope)}start/")
    assert page.status_code == 200
    assert says in page.content.decode()
    assert "/p/" not in page.content.decode().split("<main", 1)[1]


def test_each_kind_of_scope_has_a_menu_of_its_own() -> None:
    for scope in (WEB, PARTNER, SYSTEM):
        page = browser_in(scope, "admin").get(f"{base(scope)}operations/").content.decode()
        menu = page.split('id="menu"', 1)[1].split("</nav>", 1)[0]
        others = [panel for panel in registry.panels() if scope.kind not in registry.kinds_of(panel)]
        assert [panel.slug for panel in others if f'data-page="{panel.slug}"' in menu] == []
        mine = [panel for panel in pages_for(scope.kind) if f'data-page="{panel.slug}"' in menu]
        assert mine


def elsewhere(scope: Scope, slug: str, *mine: Scope, roles: tuple[str, ...] = ("admin",)) -> str:
    response = browser_in(scope, *roles, scopes=(scope, *mine)).get(f"{base(scope)}{slug}/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("scope", [PARTNER, SYSTEM], ids=lambda scope: scope.kind)
def test_a_projects_page_says_so_elsewhere_and_offers_the_projects_one_has(scope: Scope, requests_mock: Mocker) -> None:
    other = Scope("project", "e" * 32, "shop", DOMAIN, "partner")
    page = elsewhere(scope, "servers", WEB, other)
    assert "This page belongs to a project." in page
    for project in (WEB, other):
        assert f'value="{project.key}"' in page
        assert f'name="next" value="{base(project)}servers/"' in page
    assert requests_mock.request_history == []
    assert '<form method="post" action="/switch/">' in page


def test_every_page_of_every_panel_is_kept_to_its_kinds_of_scope() -> None:
    for scope in (WEB, PARTNER, SYSTEM):
        browser = browser_in(scope, "admin")
        for panel in registry.panels():
            if scope.kind in registry.kinds_of(panel) or not isinstance(panel, Panel):
                continue
            page = browser.get(f"{base(scope)}{panel.slug}/").content.decode()
            assert "This page belongs to" in page, (scope.kind, panel.slug)


def test_who_has_no_such_scope_is_told_so_and_nothing_is_offered() -> None:
    page = elsewhere(PARTNER, "servers")
    assert "You have no role in such a scope." in page
    assert "/switch/" not in page.split("<main", 1)[1]


def test_a_form_for_a_page_that_is_elsewhere_does_nothing(requests_mock: Mocker) -> None:
    browser = browser_in(PARTNER, "admin")
    assert browser.post(f"{base(PARTNER)}servers/act/delete/", {"id": "a" * 32}).status_code == 403
    fragment = browser.get(f"{base(PARTNER)}servers/live/", headers={"HX-Request": "true"})
    assert fragment.status_code == 404
    assert b"<html" not in fragment.content
    assert requests_mock.request_history == []


def test_going_to_another_kind_of_scope_stays_on_a_page_that_is_there_too(requests_mock: Mocker) -> None:
    shared = next((p for p in registry.panels() if set(registry.kinds_of(p)) >= {"domain", "system"}), None)
    assert shared is not None
    browser = browser_in(PARTNER, "admin", scopes=(PARTNER, SYSTEM))
    held = store.load(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    assert held is not None
    held.add(dataclasses.replace(access_of("admin", kind="system"), scope=SYSTEM))
    form = {"scope": SYSTEM.key, "region": "RegionOne", "next": f"{base(PARTNER)}{shared.slug}/"}
    assert browser.post("/switch/", form)["Location"] == f"{base(SYSTEM)}{shared.slug}/"
    form["next"] = f"{base(PARTNER)}operations/"
    assert browser.post("/switch/", form)["Location"] == f"{base(SYSTEM)}start/"


@pytest.mark.parametrize(
    ("scope", "roles", "path", "wears"),
    [
        (WEB, ("member",), "operations", ""),
        (WEB, ("admin",), "operations", ""),
        (WEB, ("admin",), "start", ""),
        (PARTNER, ("manager",), "start", "domain"),
        (PARTNER, ("admin",), "start", "admin"),
        (SYSTEM, ("admin",), "start", "admin"),
        (SYSTEM, ("reader",), "start", "admin"),
    ],
)
def test_what_concerns_more_than_a_project_wears_its_colour_and_says_so(
    scope: Scope, roles: tuple[str, ...], path: str, wears: str
) -> None:
    page = browser_in(scope, *roles).get(f"{base(scope)}{path}/").content.decode()
    assert (f"wears-{wears}" in page) is bool(wears)
    assert ('<p class="wears">' in page) is bool(wears)


def test_an_administrators_page_in_a_project_wears_the_administrators_colour(services: Services) -> None:
    page = browser_in(WEB, "admin").get(f"{base(WEB)}volume-types/").content.decode()
    assert "wears-admin" in page
    assert "Administration: what is done on this page concerns the whole cloud" in page


def test_sessions_and_password_stand_in_the_scope_used_last() -> None:
    for scope in (PARTNER, SYSTEM):
        browser = browser_in(scope, "manager")
        browser.get(f"{base(scope)}start/")
        for path in ("/sessions/", "/password/"):
            page = browser.get(path)
            assert page.status_code == 200
            assert f'href="{base(scope)}start/"' in page.content.decode()
            assert "api-access" not in page.content.decode()


# Who could give a role


def grant(name: str, role: str, kind: str, *, is_group: bool = False) -> dict[str, Any]:
    who = {"id": name * 3, "name": name, "domain": {"id": "default", "name": "Default"}}
    return {"role": {"id": role, "name": role}, "scope": {kind: {}}, "group" if is_group else "user": who}


def keystone_names(wire: Mocker, *, project: Any = None, domain: Any = None, system: Any = None) -> None:
    """Keystone's role assignments by scope; None: it may not be asked."""

    def answer(request: Any, context: Any) -> Any:
        given = {"scope.project.id": project, "scope.domain.id": domain, "scope.system": system}
        name = next(name for name in given if name in request.qs)
        if given[name] is None:
            context.status_code = 403
            return {"error": {"code": 403, "message": "You are not authorized", "title": "Forbidden"}}
        return {"role_assignments": given[name]}

    wire.get(f"{KEYSTONE}/role_assignments", json=answer)


def test_who_may_not_ask_is_told_in_words_and_what_to_say(requests_mock: Mocker) -> None:
    keystone_names(requests_mock)
    browser = browser_in(WEB, "reader")
    page = browser.get(at("who-grants/?role=member")).content.decode()
    assert "managers of its domain, Default, and by administrators of the cloud" in page
    assert "Your role does not let you see who that is." in page
    assert PROJECT_ID in page
    asked = len(requests_mock.request_history)
    assert asked == 3
    browser.get(at("who-grants/?role=member"))
    assert len(requests_mock.request_history) == asked, "it is known for some minutes"


def test_those_who_could_give_a_role_are_named_to_who_may_ask(requests_mock: Mocker) -> None:
    everybody = [
        grant("dora", "manager", "domain"),
        grant("operators", "admin", "domain", is_group=True),
        grant("alice", "member", "domain"),
    ]
    keystone_names(requests_mock, domain=everybody, system=[grant("root", "admin", "system")])
    browser = browser_in(PARTNER, "reader")
    page = browser.get(f"{base(PARTNER)}who-grants/?role=manager").content.decode()
    for name in ("dora", "operators", "root"):
        assert f"<strong>{name}</strong>" in page
    assert "<strong>alice</strong> (" not in page
    assert "everybody in this group" in page
    page = browser.get(f"{base(PARTNER)}who-grants/?role=admin").content.decode()
    assert "<strong>dora</strong>" not in page, "a domain's manager can't make administrators"
    assert "<strong>root</strong>" in page


def test_a_projects_manager_gives_nobody_a_role(requests_mock: Mocker) -> None:
    keystone_names(requests_mock, project=[grant("carol", "manager", "project"), grant("ada", "admin", "project")])
    page = browser_in(WEB, "reader").get(at("who-grants/?role=member")).content.decode()
    assert "<strong>carol</strong>" not in page
    assert "<strong>ada</strong>" in page
    assert "There may be others" in page


@pytest.mark.parametrize("role", ["", "<b>", "x" * 100])
def test_a_role_that_is_none_asks_nobody(role: str, requests_mock: Mocker) -> None:
    page = browser_in(WEB, "reader").get(at("who-grants/"), {"role": role})
    assert page.status_code == 200
    assert "Who can give me another role?" in page.content.decode()
    assert requests_mock.request_history == []


def test_the_refusal_of_a_forged_form_leads_to_who_could_give_the_role() -> None:
    page = browser_in(WEB, "reader").post(at("keypairs/act/delete/"), {"id": "x"})
    assert page.status_code == 403
    assert "This needs the role member in this project" in page.content.decode()
    assert "who-grants/?role=member" in page.content.decode()


def test_keystones_refusal_says_which_role_is_missing_by_its_defaults(requests_mock: Mocker) -> None:
    from dashboard.cloud.errors import Forbidden
    from dashboard.ui.errors import fault_of
    from tests.harness.wire import cloud_of

    def missing(rule: str, kind: str, role: str) -> tuple[str, str]:
        text = f"You are not authorized to perform the requested action: identity:{rule}."
        fault = fault_of(Forbidden(text, service="identity", status=403), cloud_of(role, kind=kind))
        return fault.role, fault.sentence

    assert missing("list_users", "project", "member")[0] == "admin"
    assert missing("create_user", "domain", "reader")[0] == "manager"
    assert missing("create_domain", "domain", "manager")[0] == "admin"
    assert missing("list_services", "system", "member")[0] == "reader"
    assert missing("create_grant", "domain", "reader")[0] == "manager"
    assert missing("create_region", "system", "reader") == (
        "admin",
        "This needs the role admin on the system; you have reader.",
    )
    # The role is held, so it is something else that Keystone refuses.
    assert missing("create_user", "domain", "manager") == (
        "",
        "Your role in this domain does not allow this. You have manager.",
    )


def test_roles_by_kind_are_those_that_panels_name() -> None:
    for panel in registry.panels():
        assert set(registry.kinds_of(panel)) == {kind for kind in panel.scopes if roles_in(panel.roles, kind)}
