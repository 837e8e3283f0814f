"""Application credentials, EC2 credentials, trusts and federation on the real Keystone, for who may and who may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from keystoneauth1 import exceptions, session
from keystoneauth1.identity import v3

from dashboard.cloud import application_credentials, credentials, federation, identity, oauth, trusts
from dashboard.cloud.config import Keystone
from dashboard.cloud.connection import Cloud, Scope
from dashboard.cloud.errors import Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.types import Query
from dashboard.panels.trusts import panel as trusts_panel
from tests.harness.cloud import AUTH_URL, PASSWORD, Api, unique

pytestmark = pytest.mark.cloud


@dataclass(frozen=True)
class People:
    """A member and a reader of a project of their own, and who runs the cloud."""

    member: Cloud
    reader: Cloud
    admin: Cloud
    auditor: Cloud
    """Reads the system."""


def signed(name: str, scope: Scope) -> Cloud:
    access = identity.sign_in(Keystone(url=AUTH_URL), name=name, password=PASSWORD, domain="Default")
    return Cloud(identity.get_scoped(access, scope), "RegionOne")


@pytest.fixture
def people(api: Api) -> People:
    admin = api.admin
    roles = {role["name"]: role["id"] for role in admin.get("identity", "/roles")["roles"]}
    project = admin.create(
        "identity", "/projects", {"project": {"name": unique("credentials"), "domain_id": "default"}}
    )
    scope = Scope("project", project["id"], project["name"])
    found = {}
    for role in ("member", "reader", "auditor"):
        name = unique(role)
        body = {"user": {"name": name, "password": PASSWORD, "domain_id": "default"}}
        user = admin.create("identity", "/users", body)
        if role == "auditor":
            admin.put("identity", f"/system/users/{user['id']}/roles/{roles['reader']}", None)
        else:
            admin.put("identity", f"/projects/{project['id']}/users/{user['id']}/roles/{roles[role]}", None)
        found[role] = signed(name, identity.SYSTEM if role == "auditor" else scope)
    chief = identity.sign_in(Keystone(url=AUTH_URL), name="admin", password=PASSWORD, domain="Default")
    own = next(one for one in identity.list_projects(chief) if one.name == "admin")
    return People(
        found["member"], found["reader"], Cloud(identity.get_scoped(chief, own), "RegionOne"), found["auditor"]
    )


def by_secret(id: str, secret: str) -> session.Session:
    auth = v3.ApplicationCredential(AUTH_URL, application_credential_id=id, application_credential_secret=secret)
    return session.Session(auth=auth, timeout=60)


def test_an_application_credential_signs_in_with_the_roles_it_was_given_until_it_is_deleted(people: People) -> None:
    member = people.member
    new = application_credentials.create_credential(
        member,
        name=unique("script"),
        roles=["reader"],
        expires=datetime.now(UTC) + timedelta(days=1),
        rules=[{"service": "identity", "method": "GET", "path": "/v3/users/*"}],
    )
    program = by_secret(new.credential.id, new.secret)
    access = program.auth.get_access(program)
    assert access.role_names == ["reader"]
    assert access.project_id == member.project_id
    (rule,) = application_credentials.list_rules(member, Query()).rows
    assert [name for _id, name in rule.users] == [new.credential.name]
    with pytest.raises(Forbidden, match="in use"):
        application_credentials.delete_rule(member, rule.id)
    with pytest.raises(Conflict):
        application_credentials.create_credential(member, name=new.credential.name)
    with pytest.raises(Invalid, match="unassigned role"):
        application_credentials.create_credential(member, name=unique("script"), roles=["admin"])
    application_credentials.delete_credential(member, new.credential.id)
    with pytest.raises((exceptions.Unauthorized, exceptions.NotFound)):
        by_secret(new.credential.id, new.secret).get_token()
    application_credentials.delete_rule(member, rule.id)
    assert not application_credentials.list_rules(member, Query()).rows


def test_a_reader_makes_one_for_a_reader_and_sees_nobody_elses(people: People) -> None:
    own = application_credentials.create_credential(people.reader, name="mine", secret="a secret of my own")
    assert own.secret == "a secret of my own"
    assert own.credential.roles == ("reader",)
    assert [row.name for row in application_credentials.list_credentials(people.reader, Query()).rows] == ["mine"]
    assert not application_credentials.list_credentials(people.member, Query()).rows
    with pytest.raises((Forbidden, NotFound)):
        application_credentials.get_credential(people.member, own.credential.id)
    theirs = f"/users/{people.reader.access.person.id}/application_credentials"
    with pytest.raises(Forbidden):
        people.member.get("identity", theirs)
    with pytest.raises(Forbidden):
        people.member.delete("identity", f"{theirs}/{own.credential.id}")
    # A program that is restricted makes no others, and Keystone says why.
    program = by_secret(own.credential.id, own.secret)
    body = {"application_credential": {"name": "other"}}
    refused = program.post(AUTH_URL + theirs, json=body, raise_exc=False)
    assert refused.status_code == 403
    assert "application_credential" in refused.json()["error"]["message"]
    application_credentials.delete_credential(people.reader, own.credential.id)


def test_ec2_credentials_are_made_by_members_and_kept_from_others(people: People) -> None:
    made = credentials.create_ec2(people.member)
    assert credentials.list_ec2(people.member, Query()).rows == (made,)
    assert len(credentials.ec2_secret(people.member, made.id)) > 20
    assert credentials.ec2_secret(people.member, made.id) not in str(credentials.get_ec2_json(people.member, made.id))
    with pytest.raises(Forbidden):
        credentials.create_ec2(people.reader)
    with pytest.raises((Forbidden, NotFound)):
        credentials.get_ec2(people.reader, made.id)
    me = people.member.access.person.id
    for looks in (people.admin, people.auditor):
        (seen,) = [row for row in credentials.list_credentials(looks, Query(limit=1000)).rows if row.user_id == me]
        assert seen.type == "ec2"
    with pytest.raises(Forbidden):
        credentials.delete_credential(people.auditor, seen.id)
    with pytest.raises((Forbidden, NotFound)):
        credentials.delete_credential(people.reader, seen.id)
    credentials.delete_credential(people.admin, seen.id)
    assert not credentials.list_ec2(people.member, Query()).rows


def test_a_trust_is_seen_by_both_used_by_one_and_ended_by_who_gave_it(people: People) -> None:
    trustee = people.reader.access.person
    made = trusts.create_trust(
        people.member,
        trustee_id=trustee.id,
        roles=["member"],
        expires=datetime.now(UTC) + timedelta(hours=1),
        remaining_uses=2,
    )
    assert [row.direction for row in trusts_panel.list_trusts(people.member, Query()).rows] == ["given"]
    assert [row.direction for row in trusts_panel.list_trusts(people.reader, Query()).rows] == ["received"]
    for looks in (people.admin, people.auditor):
        assert made.id in [row.id for row in trusts_panel.list_trusts(looks, Query(limit=1000)).rows]
    used = v3.Password(
        AUTH_URL, username=trustee.name, password=PASSWORD, user_domain_id="default", trust_id=made.id
    ).get_access(session.Session())
    assert "member" in used.role_names
    assert trusts.get_trust(people.reader, made.id).remaining_uses == 1
    with pytest.raises(Forbidden):
        trusts.delete_trust(people.reader, made.id)
    with pytest.raises(Forbidden):
        trusts.find_user(people.member, trustee.name, "default")
    assert trusts.find_user(people.admin, trustee.name, "default") == trustee.id
    trusts.delete_trust(people.member, made.id)
    assert not trusts_panel.list_trusts(people.reader, Query()).rows


def test_an_identity_provider_with_mapping_and_protocol_comes_and_goes(people: People, api: Api) -> None:
    admin, name, rulebook = people.admin, unique("idp"), unique("map")
    rules: list[Any] = [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "HTTP_OIDC_EMAIL"}]}]
    more: dict[str, Any] = {"description": "", "is_enabled": True, "remote_ids": [f"https://{name}.example"]}
    made = federation.create_provider(admin, name, **more, domain_id="default")
    try:
        with pytest.raises(Conflict):
            federation.create_provider(admin, name, **more, domain_id="default")
        federation.create_mapping(admin, rulebook, rules=rules, schema_version="2.0")
        federation.create_protocol(admin, name, "openid", mapping=rulebook)
        assert federation.users_of_mapping(admin, rulebook) == [(name, "openid")]
        federation.update_mapping(admin, rulebook, rules=rules * 2, schema_version="1.0")
        assert len(federation.get_mapping(admin, rulebook).rules) == 2
        federation.enable_provider(admin, name, False)
        federation.update_provider(admin, name, **{**more, "is_enabled": False, "description": "x"}, ttl=5)
        # Who reads the system sees it all; others see nothing.
        seen = federation.get_provider(people.auditor, name)
        assert (seen.is_enabled, seen.description, seen.ttl, seen.domain_id) == (False, "x", 5, made.domain_id)
        assert [item.mapping_id for item in federation.list_protocols(people.auditor, name)] == [rulebook]
        for refused in (people.member, people.reader):
            with pytest.raises(Forbidden):
                federation.list_providers(refused, Query())
        with pytest.raises(Forbidden):
            federation.enable_provider(people.auditor, name, True)
        federation.delete_protocol(admin, name, "openid")
    finally:
        api.admin.delete("identity", f"/OS-FEDERATION/identity_providers/{name}")
        api.admin.delete("identity", f"/OS-FEDERATION/mappings/{rulebook}")
    with pytest.raises(NotFound):
        federation.get_provider(admin, name)


def test_service_providers_and_consumers(people: People) -> None:
    name = unique("elsewhere")
    body = {"auth_url": "https://sp.example.org/v3", "sp_url": "https://sp.example.org/sp", "enabled": True}
    federation.create_service_provider(people.admin, name, body)
    try:
        federation.update_service_provider(people.admin, name, {**body, "enabled": False})
        assert not federation.get_service_provider(people.auditor, name).is_enabled
    finally:
        federation.delete_service_provider(people.admin, name)
    assert oauth.list_consumers(people.auditor, Query()).rows is not None
    with pytest.raises(Forbidden):
        oauth.list_consumers(people.member, Query())
