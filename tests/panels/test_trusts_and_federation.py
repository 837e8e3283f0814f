"""Trusts, mappings and identity providers at the wire: what is refused, and what is sent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud import identity
from tests.harness.credentials import HTMX, ME, sent
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import PROJECT_ID, access_of, at, recorded, signed_in


@pytest.mark.parametrize("slug", ["credentials", "oauth-consumers", "identity-providers", "mappings"])
def test_what_is_for_administrators_is_not_in_a_members_menu(services: Services, slug: str) -> None:
    links = [link.get("href", "") for link in parsed(signed_in().get(at("trusts/")).content.decode()).links]
    assert at("trusts/") in links
    assert at(f"{slug}/") not in links


# Trusts


def trust(browser: Client, **typed: Any) -> Any:
    return browser.post(
        at("trusts/create/"), {"trustee": "d" * 32, "roles": ["reader"], "lasts": "never", "once": "1", **typed}
    )


def test_a_trust_is_given_for_this_project(services: Services) -> None:
    trust(signed_in(), remaining_uses="3", is_impersonation="on")
    assert sent(services) == {
        "trust": {
            "trustor_user_id": ME,
            "trustee_user_id": "d" * 32,
            "project_id": PROJECT_ID,
            "impersonation": True,
            "roles": [{"name": "reader"}],
            "remaining_uses": 3,
        }
    }


def test_a_name_is_looked_up_for_who_may_and_others_are_told_where_ids_are(services: Services) -> None:
    services.answers["identity"] = lambda request, context: (
        {"users": [{"id": "e" * 32, "name": "erin"}]} if request.path.endswith("/users") else None
    )
    trust(signed_in(access_of("admin")), trustee="erin", roles=["admin"])
    assert sent(services)["trust"]["trustee_user_id"] == "e" * 32
    services.calls.clear()
    services.fail("identity", status=403, text={"error": {"message": "identity:list_users"}})
    answer = trust(signed_in(), trustee="erin")
    assert answer.status_code == 422
    assert "Give the ID" in parsed(answer.content.decode()).text
    assert not services.changes


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"remaining_uses": "2", "redelegations": "1"}, "can't be limited"),
        ({"trustee": ME}, "This is you"),
        ({"roles": []}, "Tick at least one"),
    ],
)
def test_trusts_that_make_no_sense_are_not_sent(services: Services, typed: dict[str, Any], words: str) -> None:
    answer = trust(signed_in(), **typed)
    assert answer.status_code == 422
    assert words in parsed(answer.content.decode()).text
    assert not services.changes


def test_who_received_a_trust_is_told_who_can_end_it(services: Services) -> None:
    received = recorded("keystone/trusts")["trusts"][1]["id"]
    answer = signed_in().post(at("trusts/act/delete/"), {"id": received}, headers=HTMX)
    assert "Only who gave it" in parsed(answer.content.decode()).text
    assert not services.changes


# Federation


def admin() -> Client:
    return signed_in(access_of("admin"))


BAD_RULES = '[\n  {"local": [{"user": {"nam": "{0}"}}],\n   "remote": [{"type": "A"}]}\n]'
GOOD_RULES = '[{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "A"}]}]'


def test_rules_with_a_mistake_are_not_sent_and_the_line_is_told(services: Services) -> None:
    typed = {"name": "new", "schema_version": "2.0", "rules": BAD_RULES, "once": "1"}
    answer = admin().post(at("mappings/create/"), typed)
    assert answer.status_code == 422
    assert "Line 2: “nam” means nothing here." in parsed(answer.content.decode()).text
    assert not services.changes


def test_a_mapping_is_made_of_rules_or_of_what_keystones_api_has(services: Services) -> None:
    whole = json.dumps({"mapping": {"rules": json.loads(GOOD_RULES), "schema_version": "1.0"}})
    admin().post(at("mappings/create/"), {"name": "new", "schema_version": "2.0", "rules": whole, "once": "1"})
    assert services.changes[0].url.endswith("/OS-FEDERATION/mappings/new")
    assert sent(services) == {"mapping": {"rules": json.loads(GOOD_RULES), "schema_version": "1.0"}}


def test_a_mapping_in_use_stays_though_keystone_would_delete_it(services: Services) -> None:
    answer = admin().post(at("mappings/act/delete/"), {"id": "employees", "once": "1"}, headers=HTMX)
    assert "company/openid" in parsed(answer.content.decode()).text
    assert not services.changes
    admin().post(at("mappings/act/delete/"), {"id": "apprentices", "once": "2"}, headers=HTMX)
    assert services.changes[0].url.endswith("/mappings/apprentices")


def test_a_try_says_who_somebody_becomes_and_which_rules_matched(services: Services) -> None:
    browser = admin()
    page = parsed(browser.get(at("mappings/try/?id=employees")).content.decode())
    rules = next(item.text for item in page.elements if item.attrs.get("name") == "rules")
    said = "HTTP_OIDC_EMAIL = ann@example.org\nHTTP_OIDC_GROUPS = devs;guests;ops\nHTTP_OIDC_TYPE = Employee"
    typed = {"id": "employees", "schema_version": "2.0", "rules": rules, "assertion": said}
    answer = browser.post(at("mappings/try/"), typed)
    text = parsed(answer.content.decode()).text
    assert answer.status_code == 200
    for words in ("Rule 1 matches", "Rule 2 does not match", "group devs in the domain Default", "ann@example.org"):
        assert words in text, words
    assert "guests in the domain" not in text
    typed["assertion"] = '{"HTTP_OIDC_EMAIL": "ann@example.org", "HTTP_OIDC_TYPE": "Guest"}'
    text = parsed(browser.post(at("mappings/try/"), typed).content.decode()).text
    assert "No rule matches: Keystone would refuse the sign-in." in text
    assert "The assertion has no such attribute." in text
    assert not services.changes


def test_rules_that_were_tried_are_saved_from_there(services: Services) -> None:
    page = parsed(admin().get(at("mappings/try/?id=apprentices")).content.decode())
    (save,) = [item.attrs["formaction"] for item in page.elements if item.attrs.get("formaction")]
    typed = {"id": "apprentices", "schema_version": "2.0", "rules": GOOD_RULES, "assertion": "A = b", "once": "1"}
    admin().post(save, typed)
    assert sent(services)["mapping"]["rules"] == json.loads(GOOD_RULES)


def test_a_hostile_pattern_or_text_is_told_and_does_nothing(services: Services) -> None:
    rules = '[{"local": [{"user": {"name": "{0.__class__}"}}], "remote": [{"type": "A"}]}]'
    typed = {"schema_version": "2.0", "rules": rules, "assertion": "A = <x-evil>"}
    text = parsed(admin().post(at("mappings/try/"), typed).content.decode())
    assert "only places like {0} can stand in braces" in text.text
    assert not text.has("x-evil")


def test_an_identity_provider_is_made_with_its_remote_ids(services: Services) -> None:
    typed = {"name": "new", "remote_ids": "https://a.example\nhttps://b.example\n", "is_enabled": "on", "once": "1"}
    admin().post(at("identity-providers/create/"), typed)
    assert sent(services)["identity_provider"] == {
        "description": "",
        "enabled": True,
        "remote_ids": ["https://a.example", "https://b.example"],
    }


def test_who_reads_the_system_sees_federation_and_changes_nothing(services: Services) -> None:
    reader = signed_in(replace(access_of("reader"), scope=identity.SYSTEM))
    page = parsed(reader.get("/r/RegionOne/system/identity-providers/").content.decode())
    assert "company" in page.text
    assert "Create an identity provider" not in page.text
    assert reader.post("/r/RegionOne/system/identity-providers/create/", {"name": "x"}).status_code == 403
    assert reader.get("/r/RegionOne/system/mappings/try/?id=employees").status_code == 200
    assert signed_in().get(at("mappings/try/?id=employees")).status_code == 403
    assert not services.changes


def test_where_people_sign_in_by_a_protocol_is_told(services: Services) -> None:
    page = parsed(admin().get(at("identity-providers/company/?tab=protocols")).content.decode())
    assert re.search(r"/auth/OS-FEDERATION/identity_providers/company/protocols/openid/websso", page.text)
