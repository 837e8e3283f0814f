"""Who has which scopes, who may know who grants roles, and second factors, as the real Keystone has it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from dashboard.cloud import identity, passcodes
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden, NotFound, Unauthorized
from dashboard.cloud.grants import who_grants
from dashboard.cloud.policies import needed_role
from tests.harness.cloud import PASSWORD, Api
from tests.harness.domain import KEYSTONE, OwnDomain
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def own(all_clients: Api) -> Iterator[OwnDomain]:
    domain = OwnDomain(all_clients.admin)
    try:
        domain.make()
        domain.add("dm", on_domain="manager", on_project="reader")
        domain.add("dr", on_domain="reader")
        domain.add("pm", on_project="manager")
        domain.add("mem", on_project="member")
        domain.add("rd", on_project="reader")
        yield domain
    finally:
        domain.remove()


def test_each_has_the_scopes_that_their_roles_are_in(own: OwnDomain, api: Api) -> None:
    kinds = {
        name: sorted(scope.kind for scope in identity.list_scopes(own.unscoped(name))) for name in ("dm", "dr", "mem")
    }
    assert kinds == {"dm": ["domain", "project"], "dr": ["domain"], "mem": ["project"]}
    admin = identity.sign_in(KEYSTONE, name="admin", password=PASSWORD, domain="Default")
    scopes = identity.list_scopes(admin)
    assert {"project", "system"} <= {scope.kind for scope in scopes}
    (system,) = (scope for scope in scopes if scope.kind == "system")
    on_system = identity.get_scoped(admin, system)
    assert "admin" in on_system.roles
    assert identity.domain_names([on_system], {own.id}) == {own.id: own.name}
    with pytest.raises(Unauthorized):
        identity.get_scoped(own.unscoped("mem"), system)


@pytest.mark.parametrize("name", ["pm", "mem", "rd"])
def test_people_of_a_project_may_not_ask_who_grants_roles(own: OwnDomain, name: str) -> None:
    found = who_grants(own.entered(name, "project"), "manager")
    assert (found.people, found.may_ask) == ((), False)


@pytest.mark.parametrize("name", ["dm", "dr"])
def test_people_of_a_domain_are_told_who_its_managers_are(own: OwnDomain, name: str) -> None:
    found = who_grants(own.entered(name, "domain"), "member")
    assert [(one.name, one.role, one.kind) for one in found.people] == [("dm", "manager", "domain")]
    assert found.may_ask
    assert who_grants(own.entered(name, "domain"), "admin").people == ()


def test_an_administrator_is_told_all(own: OwnDomain, api: Api) -> None:
    found = who_grants(cloud_for(api.admin), "admin")
    assert ("admin", "admin", "system") in [(one.name, one.role, one.kind) for one in found.people]
    assert found.is_whole


@pytest.mark.parametrize(
    ("name", "kind", "path", "role"),
    [
        ("mem", "project", "/users", "admin"),
        ("pm", "project", "/projects", "admin"),
        ("rd", "project", "/domains", "admin"),
        ("dm", "domain", "/services", "reader"),
    ],
)
def test_keystones_refusals_name_the_rule_that_the_missing_role_is_known_by(
    own: OwnDomain, name: str, kind: str, path: str, role: str
) -> None:
    cloud = own.entered(name, kind)
    with pytest.raises(Forbidden) as refused:
        cloud.get("identity", path)
    assert needed_role(refused.value.message, kind) == role


def test_a_domains_reader_looks_and_changes_nothing(own: OwnDomain) -> None:
    reader = own.entered("dr", "domain")
    assert reader.get("identity", "/users", domain_id=own.id)["users"]
    with pytest.raises(Forbidden) as refused:
        reader.post("identity", "/groups", {"group": {"name": "no", "domain_id": own.id}})
    assert needed_role(refused.value.message, "domain") == "manager"


@pytest.mark.parametrize("name", ["rd", "mem", "dr"])
def test_everybody_keeps_authenticators_of_their_own_and_sees_nobody_elses(own: OwnDomain, name: str) -> None:
    access = own.unscoped(name)
    assert passcodes.list_own(access) == ()
    passcodes.add(access, passcodes.new_secret())
    (mine,) = passcodes.list_own(access)
    assert passcodes.list_own(own.unscoped("pm")) == ()
    with pytest.raises((Forbidden, NotFound)):
        passcodes.remove(own.unscoped("pm"), mine.id)
    assert not passcodes.factors(access).needs_passcode
    passcodes.remove(access, mine.id)
    assert passcodes.list_own(access) == ()


def test_password_and_passcode_are_both_needed_where_the_rules_say_so(own: OwnDomain) -> None:
    rules = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
    own.add("two", on_project="member")
    access = own.unscoped("two")
    secret = passcodes.new_secret()
    passcodes.add(access, secret)
    own.admin.request("PATCH", "identity", f"/users/{access.person.id}", json={"user": {"options": rules}})
    with pytest.raises(identity.MoreNeeded) as more:
        own.unscoped("two")
    wrong = "000000" if passcodes.passcode(secret, time.time()) != "000000" else "111111"
    given = {"user_id": more.value.user_id, "receipt": more.value.receipt}
    with pytest.raises(Unauthorized):
        identity.sign_in_with_passcode(KEYSTONE, passcode=wrong, **given)
    fresh = identity.sign_in_with_passcode(KEYSTONE, passcode=passcodes.passcode(secret, time.time()), **given)
    assert passcodes.factors(fresh).needs_passcode
    assert [scope.kind for scope in identity.list_scopes(fresh)] == ["project"]


def test_a_token_that_a_browser_brings_is_what_keystone_says(own: OwnDomain) -> None:
    access = own.unscoped("mem")
    brought = identity.of_token(KEYSTONE, access.token)
    assert (brought.person.name, brought.person.domain_name, brought.scope.kind) == ("mem", own.name, "unscoped")
    scoped: Cloud = own.entered("mem", "project")
    with pytest.raises(Unauthorized):
        identity.of_token(KEYSTONE, scoped.access.token)
    identity.revoke(access)
    with pytest.raises(Unauthorized):
        identity.of_token(KEYSTONE, access.token)
    with pytest.raises(Unauthorized):
        identity.of_token(KEYSTONE, "gAAAAA" + "x" * 40)
