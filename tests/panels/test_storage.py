"""The storage panels at the wire: what is sent, what is refused and how, and what the real cloud can't show."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from dashboard.ui.quota_words import quota_words
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import access_of, at, recorded, signed_in

HTMX = {"HX-Request": "true"}
VOLUMES = {item["name"]: item for item in recorded("cinder/volumes")["volumes"]}
SNAPSHOT = next(item for item in recorded("cinder/snapshots")["snapshots"] if item["name"] == "before-update")
BACKUP = next(item for item in recorded("cinder/backups")["backups"] if item["status"] == "available")
IMAGE = next(item for item in recorded("glance/images")["images"] if item["status"] == "active")
TOO_LARGE = (
    "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 5000G, "
    "quota is 1000G and 25G has been consumed."
)


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def shown(browser: Client, path: str, status: int = 200) -> Page:
    answer = browser.get(at(path))
    at_rest()
    assert answer.status_code == status, answer.content.decode()[:1500]
    return parsed(answer.content.decode())


def sent(services: Services) -> Any:
    (call,) = services.changes
    return json.loads(call.body)


def refuse(services: Services, status: int, body: Any) -> None:
    """Cinder answers so to whatever would change something."""

    def respond(request: Any, context: Any) -> Any:
        if request.method in {"GET", "HEAD"}:
            return None
        context.status_code = status
        return json.dumps(body)

    services.answers["block-storage"] = respond


def act(browser: Client, slug: str, name: str, **data: Any) -> Any:
    url = at(f"volumes/act/{slug}/")
    answer = browser.post(url, {"id": VOLUMES[name]["id"], "once": slug * 2, **data}, headers=HTMX)
    at_rest()
    return answer


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({"name": "empty", "size": "3"}, {"name": "empty", "description": None, "size": 3}),
        (
            {"name": "boot", "source": f"image:{IMAGE['id']}", "size": "50", "volume_type": "standard", "zone": "nova"},
            {
                "name": "boot",
                "description": None,
                "size": 50,
                "imageRef": IMAGE["id"],
                "volume_type": "standard",
                "availability_zone": "nova",
            },
        ),
        (
            {"name": "again", "source": f"snapshot:{SNAPSHOT['id']}", "metadata": "a = 1\nb=2"},
            {
                "name": "again",
                "description": None,
                "size": 10,
                "snapshot_id": SNAPSHOT["id"],
                "metadata": {"a": "1", "b": "2"},
            },
        ),
        (
            {"name": "copy", "source": f"volume:{VOLUMES['spare-1']['id']}"},
            {"name": "copy", "description": None, "size": 1, "source_volid": VOLUMES["spare-1"]["id"]},
        ),
        (
            {"name": "back", "source": f"backup:{BACKUP['id']}", "size": "12"},
            {"name": "back", "description": None, "size": 12, "backup_id": BACKUP["id"]},
        ),
    ],
    ids=["empty", "image", "snapshot", "volume", "backup"],
)
def test_a_volume_is_made_of_whatever_there_is(
    data: dict[str, str], body: Any, services: Services, browser: Client
) -> None:
    assert browser.post(at("volumes/create/"), {**data, "once": "1"}).status_code == 302
    assert sent(services) == {"volume": body}


def test_hints_go_to_the_scheduler(services: Services, browser: Client) -> None:
    ids = f"{VOLUMES['root']['id']}, {VOLUMES['data-1']['id']}"
    data = {"name": "apart", "size": "1", "different_host": ids, "once": "1"}
    browser.post(at("volumes/create/"), data)
    assert sent(services)["OS-SCH-HNT:scheduler_hints"] == {"different_host": ids.split(", ")}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "x"}, "An empty volume needs a size."),
        ({"name": "x", "source": f"snapshot:{SNAPSHOT['id']}", "size": "2"}, "takes 10 GiB at least"),
        ({"name": "x", "size": "1", "metadata": "novalue"}, "is no pair"),
        ({"name": "x", "size": "1", "same_host": "../.."}, "is no ID"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_sent(
    data: dict[str, str], words: str, services: Services, browser: Client
) -> None:
    answer = browser.post(at("volumes/create/"), data)
    assert answer.status_code == 422
    assert words in parsed(answer.content.decode()).text
    assert not services.changes


def test_the_form_tells_what_the_quota_of_each_type_leaves(browser: Client) -> None:
    page = shown(browser, "volumes/create/")
    options = [item.text for item in page.elements if item.tag == "option"]
    assert "standard · 975 GiB and 6 volumes left" in options
    assert any(text.startswith("__DEFAULT__ · Default Volume Type ·") for text in options)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_a_quota_refusal_names_the_quota_and_keeps_the_form(
    headers: dict[str, str], services: Services, browser: Client
) -> None:
    refuse(services, 413, {"overLimit": {"code": 413, "message": TOO_LARGE, "retryAfter": "0"}})
    data = {"name": "kept as typed", "size": "5000", "once": "1"}
    answer = browser.post(at("volumes/create/"), data, headers=headers)
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    assert (
        "The quota for GiB of volumes and snapshots is 1000; 25 are in use, and this needs 5000."
        in page.text_of_class("form-errors")
    )
    assert "VolumeSizeExceeds" not in page.text
    values = {item.attrs.get("name"): item.attrs.get("value") for item in page.elements if item.tag == "input"}
    assert (values["name"], values["size"]) == ("kept as typed", "5000")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (TOO_LARGE.replace("gigabytes", "gigabytes_ssd"), "GiB of volumes and snapshots of type ssd is 1000"),
        (
            "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
            "The quota for volumes is 10, and all of it is used.",
        ),
        ("SnapshotLimitExceeded: Maximum number of snapshots allowed (9) exceeded", "The quota for snapshots is 9"),
        ("Something else about a quota", ""),
    ],
)
def test_every_quota_refusal_of_cinder_is_put_in_words(message: str, words: str) -> None:
    assert words in quota_words(message)
    assert bool(quota_words(message)) == bool(words)


def test_a_volume_stuck_in_error_deleting_says_what_that_means_and_what_to_do(browser: Client) -> None:
    stuck = VOLUMES["old"]
    page = shown(browser, f"volumes/{stuck['id']}/")
    notice = page.text_of_class("notice")
    assert "Its deletion was begun and failed" in notice
    assert "until an administrator resets its state" in notice
    assert "An unknown error occurred." in notice, "Cinder's own message"
    assert "req-" in notice
    menu = shown(browser, f"volumes/{stuck['id']}/menu/")
    assert "An administrator has to reset its state or delete it by force." in menu.text
    assert "Delete by force" not in menu.text, "that is for administrators alone"
    assert "Deletion failed" in shown(browser, "volumes/").text


def test_an_administrator_can_reset_what_is_stuck(services: Services) -> None:
    browser = signed_in(access_of("admin"))
    menu = parsed(browser.get(at(f"volumes/{VOLUMES['old']['id']}/menu/")).content.decode())
    assert "Delete by force" in menu.text
    services.calls.clear()
    answer = act(browser, "reset-status", "old", state="available", attach_status="detached")
    assert answer.status_code == 200
    assert sent(services) == {"os-reset_status": {"status": "available", "attach_status": "detached"}}


def test_a_volume_with_snapshots_goes_only_with_them(services: Services, browser: Client) -> None:
    dialog = parsed(browser.get(at(f"volumes/act/delete/?id={VOLUMES['shop-data']['id']}")).content.decode())
    assert "It has 1 snapshot (before-update)" in dialog.text
    assert act(browser, "delete", "shop-data").status_code == 422
    assert not services.changes
    assert act(browser, "delete", "shop-data", with_snapshots="on", once="2").status_code == 200
    (call,) = services.changes
    assert parse_qs(urlsplit(call.url).query) == {"cascade": ["true"]}


def test_the_key_of_a_transfer_is_shown_once_and_never_stored(services: Services, browser: Client) -> None:
    made = recorded("cinder/transfer_created")["transfer"]

    def respond(request: Any, context: Any) -> Any:
        is_offer = request.method == "POST" and request.path.endswith("/volume-transfers")
        return json.dumps({"transfer": made}) if is_offer else None

    services.answers["block-storage"] = respond
    answer = act(browser, "transfer", "spare-1", transfer_name="gift", with_snapshots="on", once="t1")
    assert made["auth_key"] in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert sent(services) == {
        "transfer": {"volume_id": VOLUMES["spare-1"]["id"], "name": "gift", "no_snapshots": False}
    }
    again = act(browser, "transfer", "spare-1", transfer_name="gift", with_snapshots="on", once="t1")
    assert again.status_code == 422
    assert made["auth_key"] not in again.content.decode()
    assert "it can't be shown once more" in parsed(again.content.decode()).text
    assert len(services.changes) == 1
    for path in ("volume-transfers/", f"volume-transfers/{made['id']}/", f"volume-transfers/{made['id']}/?tab=json"):
        assert made["auth_key"] not in browser.get(at(path)).content.decode()


def test_a_volume_is_taken_by_id_and_key(services: Services, browser: Client) -> None:
    id = recorded("cinder/transfers")["transfers"][0]["id"]
    data = {"transfer_id": id, "auth_key": "b983d8c89d834ce1", "once": "1"}
    shown_request = browser.post(at("volume-transfers/create/"), {**data, "show": "1"}, headers=HTMX)
    assert "b983d8c89d834ce1" not in parsed(shown_request.content.decode()).text, "the key is a secret"
    assert browser.post(at("volume-transfers/create/"), data).status_code == 302
    assert sent(services) == {"accept": {"auth_key": "b983d8c89d834ce1"}}


def test_a_volume_in_use_grows_only_where_cinder_can(services: Services, browser: Client) -> None:
    from dashboard.cloud import versions
    from tests.harness.wire import CINDER

    versions.know(CINDER, versions.Range("3.0", "3.27"))
    try:
        answer = act(browser, "extend", "data-1", size="9")
        assert answer.status_code == 422
        assert "only while no server uses them" in parsed(answer.content.decode()).text
        menu = shown(browser, f"volumes/{VOLUMES['spare-1']['id']}/menu/")
        assert "This cloud is too old for it: it takes version 3.40" in menu.text
    finally:
        versions.forget_all()
    assert not services.changes


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({"volume": "", "new_name": "fresh"}, {"name": "fresh"}),
        ({"volume": VOLUMES["shop-data"]["id"], "new_name": ""}, {"volume_id": VOLUMES["shop-data"]["id"]}),
    ],
    ids=["new", "existing"],
)
def test_a_backup_is_restored_to_a_new_volume_or_one_that_there_is(
    data: dict[str, str], body: Any, services: Services, browser: Client
) -> None:
    answer = browser.post(at("backups/act/restore/"), {"id": BACKUP["id"], "once": "1", **data}, headers=HTMX)
    assert answer.status_code == 200
    assert sent(services) == {"restore": body}


def test_an_incremental_backup_of_a_volume_in_use_says_both(services: Services, browser: Client) -> None:
    data = {"backup_name": "nightly", "is_incremental": "on", "container": "vault"}
    assert act(browser, "backup", "data-1", **data).status_code == 200
    assert sent(services) == {
        "backup": {
            "volume_id": VOLUMES["data-1"]["id"],
            "name": "nightly",
            "incremental": True,
            "container": "vault",
            "force": True,
        }
    }


def test_a_backup_that_failed_says_why(browser: Client) -> None:
    failed = next(item for item in recorded("cinder/backups")["backups"] if item["status"] == "error")
    page = shown(browser, f"backups/{failed['id']}/")
    assert "Service not found for creating backup." in page.text_of_class("notice")


def test_a_tab_shows_what_belongs_to_the_volume_and_nothing_else(browser: Client) -> None:
    page = shown(browser, f"volumes/{VOLUMES['shop-data']['id']}/?tab=snapshots")
    assert "before-update" in page.text
    assert "shop-monday" not in page.text
    link = next(item for item in page.links if item["text"] == "Take a snapshot" and "snapshots/create" in item["href"])
    form = shown(browser, link["href"].removeprefix(at("")))
    chosen = [item.attrs["value"] for item in form.elements if item.tag == "option" and "selected" in item.attrs]
    assert VOLUMES["shop-data"]["id"] in chosen


@pytest.mark.parametrize(("source", "name"), [(f"image:{IMAGE['id']}", "images"), (f"snapshot:{SNAPSHOT['id']}", "")])
def test_what_a_volume_was_to_be_made_from_may_be_deleted_meanwhile(
    source: str, name: str, services: Services, browser: Client
) -> None:
    """Nothing that was typed is lost, nothing is made, and another source can be chosen."""
    browser.get(at("volumes/create/"))
    path = "/v2/images" if name else "/snapshots"
    services.rows[path] = [item for item in services.rows[path] if item["id"] != source.partition(":")[2]]
    data = {"name": "kept as typed", "source": source, "size": "60", "once": "1"}
    answer = browser.post(at("volumes/create/"), data, headers=HTMX)
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    assert "This is not among the choices any more." in page.text
    values = {item.attrs.get("name"): item.attrs.get("value") for item in page.elements if item.tag == "input"}
    assert (values["name"], values["size"]) == ("kept as typed", "60")
    answer = browser.post(at("volumes/create/"), {**data, "size": ""}, headers=HTMX)
    assert "An empty volume needs a size." not in parsed(answer.content.decode()).text, "its source had told the size"
    assert not services.changes


@pytest.mark.parametrize(("newest", "is_told"), [("3.65", True), ("3.70", False)])
def test_a_cinder_that_wants_it_is_told_that_a_volume_is_in_use(
    newest: str, is_told: bool, services: Services, browser: Client
) -> None:
    from dashboard.cloud import versions
    from tests.harness.wire import CINDER

    versions.know(CINDER, versions.Range("3.0", newest))
    try:
        data = {"volume": VOLUMES["data-1"]["id"], "name": "kept", "once": "1"}
        assert browser.post(at("snapshots/create/"), data).status_code == 302
    finally:
        versions.forget_all()
    assert sent(services)["snapshot"].get("force", False) is is_told
