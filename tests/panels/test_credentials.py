"""Application credentials, EC2 credentials, trusts and federation at the wire: secrets, refusals, and what is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import fakeredis
import pytest
import yaml

from tests.harness.credentials import HTMX, ME, sent
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import PROJECT_ID, access_of, at, recorded, signed_in

SECRET = "the-secret-that-keystone-made"
NEW = at("application-credentials/new/")
PLAIN = {"name": "backup", "roles": ["reader"], "lasts": "never"}
FIRST = recorded("keystone/application_credentials")["application_credentials"][0]
EC2 = recorded("keystone/ec2_credentials")["credentials"][0]


@pytest.fixture
def made(services: Services) -> Services:
    """A Keystone that makes what it is asked for, with a secret."""

    def answer(request: Any, context: Any) -> Any:
        if request.method != "POST" or "application_credentials" not in request.path:
            return None
        context.status_code = 201
        asked = request.json()["application_credential"]
        return {"application_credential": {**FIRST, "name": asked["name"], "secret": asked.get("secret", SECRET)}}

    services.answers["identity"] = answer
    return services


def refusing(services: Services, status: int, message: str) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "GET":
            return None
        context.status_code = status
        return {"error": {"code": status, "message": message, "title": "No"}}

    services.answers["identity"] = answer


def text_in(page: str, id: str) -> str:
    found = next(item for item in parsed(page).elements if item.attrs.get("id") == id)
    return "".join(found.parts)


# Application credentials


def test_the_secret_is_on_one_page_with_files_that_hold_it(made: Services) -> None:
    response = signed_in().post(NEW, PLAIN)
    page = response.content.decode()
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert text_in(page, "secret") == SECRET
    (entry,) = yaml.safe_load(text_in(page, "clouds-yaml"))["clouds"].values()
    assert entry["auth_type"] == "v3applicationcredential"
    assert entry["auth"]["application_credential_id"] == FIRST["id"]
    assert entry["auth"]["application_credential_secret"] == SECRET
    assert not {"username", "project_id"} & set(entry["auth"]), "with these Keystone would refuse"
    assert f"export OS_APPLICATION_CREDENTIAL_SECRET={SECRET}" in text_in(page, "openrc")
    assert "read -rs" not in text_in(page, "openrc")


def test_no_secret_is_left_in_the_store_the_log_the_address_or_a_cookie(
    made: Services, store: fakeredis.FakeRedis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    browser = signed_in()
    response = browser.post(NEW, PLAIN | {"once": "1"})
    assert SECRET in response.content.decode()
    assert SECRET not in caplog.text
    assert SECRET not in str(response.cookies)
    assert SECRET not in str(response.headers)
    assert all(SECRET.encode() not in (store.dump(key) or b"") for key in store.scan_iter())
    detail = browser.get(at(f"application-credentials/{FIRST['id']}/?tab=json"))
    assert SECRET not in detail.content.decode()


def test_a_form_that_is_sent_twice_makes_one_and_says_what_to_do(made: Services) -> None:
    browser = signed_in()
    assert browser.post(NEW, PLAIN | {"once": "the-form"}).status_code == 200
    second = browser.post(NEW, PLAIN | {"once": "the-form"})
    assert second.status_code == 409
    assert "made once" in second.content.decode()
    assert len(made.changes) == 1


def test_what_is_sent_is_what_was_chosen(made: Services) -> None:
    typed = {
        **PLAIN,
        "description": "at night",
        "lasts": "at",
        "until": "2090-02-03T04:05",
        "rules-service": ["compute", ""],
        "rules-method": ["GET", "GET"],
        "rules-path": ["/v2.1/servers/**", ""],
        "existing": [recorded("keystone/access_rules")["access_rules"][0]["id"]],
        "secret": "a secret of my own",
        "is_unrestricted": "on",
    }
    response = signed_in().post(NEW, typed)
    assert text_in(response.content.decode(), "secret") == "a secret of my own"
    assert sent(made) == {
        "application_credential": {
            "name": "backup",
            "description": "at night",
            "roles": [{"name": "reader"}],
            "expires_at": "2090-02-03T04:05:00Z",
            "secret": "a secret of my own",
            "access_rules": [
                {"service": "compute", "method": "GET", "path": "/v2.1/servers/**"},
                {"id": typed["existing"][0]},
            ],
            "unrestricted": True,
        }
    }


def test_a_preset_ends_when_it_says_and_all_roles_need_not_be_named(made: Services) -> None:
    signed_in().post(NEW, PLAIN | {"lasts": "7", "roles": ["member", "reader"]})
    body = sent(made)["application_credential"]
    assert set(body) == {"name", "expires_at"}
    left = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"roles": []}, "Tick at least one"),
        ({"roles": ["admin"]}, "admin"),
        ({"lasts": "at", "until": ""}, "Choose a date and a time"),
        ({"lasts": "at", "until": "2001-01-01T00:00"}, "This is over already"),
        ({"secret": "short"}, "At least 12 characters"),
        ({"rules-service": "", "rules-method": "GET", "rules-path": "/v2.1"}, "say which service"),
        ({"rules-service": "compute", "rules-method": "GET", "rules-path": "v2.1"}, "begins with a slash"),
        ({"rules-service": "compute", "rules-method": "HACK", "rules-path": "/v2.1"}, "this is no method"),
    ],
)
def test_what_keystone_would_refuse_is_told_first(made: Services, typed: dict[str, Any], words: str) -> None:
    response = signed_in().post(NEW, PLAIN | typed)
    assert response.status_code == 422
    assert words in parsed(response.content.decode()).text
    assert not made.changes


def test_a_refused_form_keeps_what_was_typed_but_not_the_secret(services: Services) -> None:
    refusing(services, 409, "Duplicate entry found with name backup.")
    response = signed_in().post(NEW, PLAIN | {"secret": "a secret of my own"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "You have an application credential of this name already." in page
    assert 'value="backup"' in page
    assert "a secret of my own" not in page


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (
            400,
            "Cannot create an application credential with unassigned role",
            "You do not hold",
        ),
        (
            403,
            "Using method 'application_credential' is not allowed for managing additional application credentials.",
            "such a one can't make others",
        ),
        (
            403,
            "Unable to create additional application credentials, maximum of 3 already exceeded.",
            "Delete one first",
        ),
    ],
)
def test_keystones_refusals_are_explained(services: Services, status: int, message: str, words: str) -> None:
    refusing(services, status, message)
    response = signed_in().post(NEW, PLAIN)
    assert response.status_code == 422
    assert words in parsed(response.content.decode()).text


def test_a_reader_may_make_one_too(made: Services) -> None:
    reader = signed_in(access_of("reader"))
    assert "Create an application credential" in reader.get(at("application-credentials/")).content.decode()
    assert reader.post(NEW, PLAIN).status_code == 200


@pytest.mark.parametrize("headers", [{}, {**HTMX, "HX-Target": "request"}], ids=["a page", "a part"])
def test_the_request_is_shown_without_its_secret_and_not_sent(made: Services, headers: dict[str, str]) -> None:
    typed = {**PLAIN, "secret": "a secret of my own", "show": "1"}
    answer = signed_in().post(NEW, typed, headers=headers)
    page = parsed(answer.content.decode())
    assert answer.status_code == 200
    assert "openstack application credential create" in page.text
    assert "$SECRET" in page.text
    assert "a secret of my own" not in answer.content.decode()
    assert not made.changes


def test_a_form_with_mistakes_comes_back_whole_when_its_request_was_asked_for(made: Services) -> None:
    answer = signed_in().post(NEW, {**PLAIN, "name": "", "show": "1"}, headers={**HTMX, "HX-Target": "request"})
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#new-credential"
    assert answer.content.decode().lstrip().startswith('<form class="dialog-form" id="new-credential"')


def test_examples_of_rules_are_those_of_this_clouds_services(services: Services) -> None:
    page = parsed(signed_in().get(NEW).content.decode())
    assert "compute GET /v2.1/servers/**" in page.text
    assert "network GET /v2.0/networks/**" in page.text


def test_expired_ones_are_marked_and_found(services: Services) -> None:
    browser = signed_in()
    page = parsed(browser.get(at("application-credentials/")).content.decode())
    rows = {
        item["name"]: item["id"] for item in recorded("keystone/application_credentials")["application_credentials"]
    }
    row = page.by_id(f"row-{rows['old deployment']}")
    assert row is not None
    assert "Expired" in row.text
    found = parsed(browser.get(at("application-credentials/?state=expired")).content.decode())
    assert found.by_id(f"row-{rows['old deployment']}")
    assert not found.by_id(f"row-{rows['backup script']}")


def test_an_access_rule_in_use_is_not_asked_to_go(services: Services) -> None:
    free, used = recorded("keystone/access_rules")["access_rules"]
    browser = signed_in()
    answer = browser.post(at("access-rules/act/delete/"), {"id": used["id"]}, headers=HTMX)
    assert "backup script has it" in parsed(answer.content.decode()).text
    assert not services.changes
    browser.post(at("access-rules/act/delete/"), {"id": free["id"]}, headers=HTMX)
    assert services.changes[0].url.endswith(f"/users/{ME}/access_rules/{free['id']}")


# EC2 credentials, and those of everybody


def test_an_ec2_secret_is_shown_to_who_asks_and_nowhere_else(services: Services) -> None:
    browser, here = signed_in(), at(f"ec2-credentials/{EC2['access']}/")
    for url in (at("ec2-credentials/"), at("ec2-credentials/?format=json"), here, f"{here}?tab=json"):
        assert EC2["secret"] not in browser.get(url).content.decode(), url
    assert EC2["secret"] in browser.get(f"{here}?tab=secret").content.decode()


def test_an_ec2_credential_is_for_the_project_in_scope(services: Services) -> None:
    signed_in().post(at("ec2-credentials/create/"), {"once": "1"})
    assert sent(services) == {"tenant_id": PROJECT_ID}


def test_what_a_credential_is_stays_with_keystone(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    blobs = [item["blob"] for item in recorded("keystone/credentials")["credentials"]]
    first = recorded("keystone/credentials")["credentials"][1]["id"]
    pages = [at("credentials/"), at(f"credentials/{first}/"), at(f"credentials/{first}/?tab=json")]
    for url in [*pages, at("credentials/?format=json")]:
        text = browser.get(url).content.decode()
        assert "blob" not in text or "…" in text
        assert not [blob for blob in blobs if blob in text or json.dumps(blob) in text]
