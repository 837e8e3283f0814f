"""What people see when a service fails while they work: the right words, a whole page, nothing lost or sent twice."""

from __future__ import annotations

import copy
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from dashboard.panels import PANELS
from dashboard.ui.panel import Panel, may
from tests.harness.faults import (
    ACTIVE,
    HTMX,
    KEY,
    REFUSED,
    SERVERS,
    browser,
    import_key,
    on_post,
    once,
    shown,
    stop,
)
from tests.harness.html import parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import at, cloud_of, recorded, signed_in
from tests.test_budget import typed

__all__ = ["browser"]


# K: Keystone


def test_k04_who_is_in_goes_on_while_keystone_is_down(services: Services, browser: Client) -> None:
    services.fail("identity", error=REFUSED)
    # What Keystone itself keeps is not there, of course.
    own = [item for item in PANELS if item.service != "identity" and may(cloud_of(), item.roles)]
    for entry in own:
        page = shown(browser, f"{entry.slug}/")
        assert not page.all_of_class("fault"), entry.slug
    # Lists of what is others' look up their names in Keystone, and show ids without it.
    services.calls.clear()
    assert stop(browser).status_code == 200
    assert len(services.changes) == 1
    assert browser.post(at("servers/launch/"), typed() | {"once": once()}).status_code == 303
    assert not services.to("identity"), "what is done to one's own asks Keystone nothing"


def revoked(services: Services, *names: str) -> None:
    usual = ("compute", "image", "network", "block-storage", "orchestration", "object-store")
    for name in ("identity", *(names or usual)):
        services.fail(name, status=401, text={"error": {"code": 401, "message": "Unauthorized"}})


@pytest.mark.parametrize(
    "path",
    [
        "overview/",
        "servers/",
        "images/",
        "flavors/",
        "keypairs/",
        "networks/",
        "stacks/",
        "containers/",
        "containers/photos/",
        f"servers/{ACTIVE}/",
    ],
)
def test_k06_a_revoked_token_leads_to_signing_in_and_back(path: str, services: Services, browser: Client) -> None:
    revoked(services)
    answer = browser.get(at(path))
    assert answer.status_code == 303
    assert urlsplit(answer["Location"]).path == "/sign-in/"
    assert "next=" in answer["Location"]
    assert "why=ended" in answer["Location"]


@pytest.mark.parametrize(
    "path", ["servers/", "servers/live/?since=0", f"servers/{ACTIVE}/menu/", f"servers/{ACTIVE}/live/?since=0"]
)
def test_k06_a_fragment_leaves_its_page_and_opens_a_dialog(path: str, services: Services, browser: Client) -> None:
    revoked(services)
    for _ in range(2):  # The first look starts the poll that finds out.
        answer = browser.get(at(path), headers=HTMX)
        at_rest()
    assert answer.status_code == 401
    assert "signInAgain" in answer["HX-Trigger"]
    assert answer["HX-Reswap"] == "none"
    assert "<" not in answer.content.decode(), "no page is swapped into a row"


def test_k06_a_service_that_is_wrong_about_the_token_signs_nobody_out(services: Services, browser: Client) -> None:
    services.fail("compute", status=401, text={"error": {"message": "Unauthorized"}})
    assert browser.get(at("flavors/")).status_code in {200, 503}
    del services.answers["compute"]
    shown(browser, "flavors/")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("servers/act/edit/", {"id": ACTIVE, "name": "what was typed", "description": "and more"}),
        (
            "keypairs/create/",
            {"name": "what was typed", "public_key": recorded("nova/keypair")["keypair"]["public_key"]},
        ),
    ],
)
def test_k07_a_form_is_kept_over_signing_in_again(
    path: str, data: dict[str, str], services: Services, browser: Client
) -> None:
    sent = once()
    revoked(services)
    answer = browser.post(at(path), data | {"once": sent})
    assert answer.status_code == 401
    page = parsed(answer.content.decode())
    kept = next(item for item in page.elements if item.attrs.get("name") == "kept")
    assert kept.attrs["value"]
    assert "what was typed" not in kept.attrs["value"], "it is sealed"
    assert len([call for call in services.changes if "auth/tokens" not in call.url]) <= 1


def test_k07_a_dialog_is_kept_over_signing_in_again(services: Services, browser: Client) -> None:
    revoked(services)
    answer = stop(browser)
    assert answer.status_code == 401
    assert "signInAgain" in answer["HX-Trigger"]
    services.answers.clear()
    fresh = signed_in()
    assert "danger" not in stop(fresh).content.decode()


# N: Nova and the other services, on reading


def test_n01_the_last_good_rows_stay_greyed_with_their_age(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(browser, "servers/")
    services.fail("compute", error=REFUSED)
    later = time.time() + 120
    monkeypatch.setattr(time, "time", lambda: later)
    page = shown(browser, "servers/")
    assert page.by_id(f"row-{ACTIVE}")
    assert "is-old" in page.all_of_class("list")[0].classes
    (section,) = page.all_of_class("fault")
    assert "Compute (Nova) can't be reached." in section.text
    assert "What you see below is the last good state." in section.text
    assert "since" in section.text


def test_n04_a_service_that_is_down_is_not_stormed(services: Services, browser: Client) -> None:
    services.fail("compute", status=503, text="")
    for _ in range(10):
        shown(browser, "flavors/")
    assert len(services.to("compute")) <= 12


@pytest.mark.parametrize("status", [429, 503])
def test_n05_a_busy_service_is_given_its_time(status: int, services: Services, browser: Client) -> None:
    services.fail("network", status=status, text={"message": "busy"}, Retry_After="3600")
    began = time.monotonic()
    page = shown(browser, "networks/")
    assert time.monotonic() - began < 3, "nobody sleeps in a view"
    (section,) = page.all_of_class("fault")
    assert "Network (Neutron) is busy." in section.text
    assert "tried again in 60 seconds" in section.text


def test_n06_what_a_role_may_not_see_signs_nobody_out(services: Services, browser: Client) -> None:
    services.fail("compute", status=403, text=recorded("nova/server/forbidden"))
    page = shown(browser, "servers/")
    (section,) = page.all_of_class("fault")
    assert "Your role in this project does not allow this." in section.text
    del services.answers["compute"]
    shown(browser, "servers/")


def test_n07_a_server_that_is_gone_leaves_the_list_and_its_page(services: Services, browser: Client) -> None:
    on_post(services, (404, recorded("nova/server/not_found")))
    page = parsed(stop(browser).content.decode())
    row = page.by_id(f"row-{ACTIVE}")
    assert row is not None
    assert row.attrs["hx-swap-oob"] == "delete"
    assert "does not exist any more" in page.text
    here = f"http://testserver{at(f'servers/{ACTIVE}/')}"
    answer = stop(browser, **{"HX-Current-URL": here})
    assert answer["HX-Redirect"] == at("servers/")
    assert "does not exist any more" in shown(browser, "servers/").text


def test_n08_a_conflict_shows_the_state_the_server_is_in_now(services: Services, browser: Client) -> None:
    shown(browser, "servers/")
    server = next(item for item in services.rows["/servers"] if item["id"] == ACTIVE)
    server["OS-EXT-STS:task_state"] = "powering-off"
    on_post(services, (409, recorded("nova/server/conflict")))
    page = parsed(stop(browser).content.decode())
    assert "It is busy or in another state now" in page.text
    row = page.by_id(f"row-{ACTIVE}")
    assert row is not None
    assert "is-moving" in row.classes
    assert not [item for item in shown(browser, f"servers/{ACTIVE}/menu/").links if "act/stop" in item["href"]]


def test_n09_a_used_up_quota_names_itself_and_keeps_the_form(services: Services, browser: Client) -> None:
    text = "Quota exceeded for cores: Requested 8, but already used 16 of 20 cores"
    on_post(services, (403, {"forbidden": {"code": 403, "message": text}}))
    sent = once()
    answer = browser.post(at("servers/launch/"), typed() | {"once": sent, "description": "kept as typed"})
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    assert "The quota for vCPUs is 20; 16 are in use, and this needs 8." in page.text
    fields = {item.attrs.get("name"): item.attrs.get("value") for item in page.elements if item.tag == "input"}
    assert fields["once"] == sent, "the same sending goes on"
    assert fields["name"] == "web-1"
    assert "kept as typed" in answer.content.decode()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"badRequest": {"message": "Invalid input for field/attribute name. Value: x"}}, "did not accept"),
        (409, recorded("nova/keypair_conflict"), "another state"),
        (403, {"forbidden": {"message": "Quota exceeded, too many key pairs."}}, "quota"),
        (413, {"overLimit": {"message": "Quota exceeded, too many key pairs."}}, "quota"),
        (500, {"computeFault": {"message": "secret stack trace"}}, "failed"),
        (503, "busy", "busy"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_n10_what_is_refused_keeps_the_form_and_the_key(
    status: int, body: Any, words: str, headers: dict[str, str], services: Services, browser: Client
) -> None:
    on_post(services, (status, body))
    sent = once()
    answer = import_key(browser, sent, **headers)
    assert answer.status_code == 422
    page = parsed(answer.content.decode())
    fields = {item.attrs.get("name"): item for item in page.elements if item.attrs.get("name")}
    assert fields["name"].attrs["value"] == "typed"
    assert fields["public_key"].text == KEY.strip()
    assert fields["once"].attrs["value"] == sent
    assert words in page.text
    assert "stack trace" not in page.text
    assert len(services.changes) == 1
    services.answers.clear()
    again = import_key(browser, sent)
    assert again.status_code == 302, "the same form goes through once it can"


@pytest.mark.parametrize("action", ["stop", "delete"])
def test_one_row_that_fails_costs_the_others_nothing(action: str, services: Services, browser: Client) -> None:
    other = {**copy.deepcopy(SERVERS[0]), "id": "0000abcd-0000-4000-8000-00000000abcd", "name": "held up"}
    services.rows["/servers"].append(other)

    def respond(request: Any, context: Any) -> Any:
        if request.method not in {"GET", "HEAD"} and other["id"] in request.url:
            context.status_code = 409
            return json.dumps(recorded("nova/server/conflict"))
        return None

    services.answers["compute"] = respond
    answer = browser.post(at(f"servers/act/{action}/"), {"id": [ACTIVE, other["id"]], "once": once()}, headers=HTMX)
    page = parsed(answer.content.decode())
    assert "Done for 1 of 2." in page.text
    assert "held up" in page.text_of_class("is-failed")


# N14


@pytest.mark.parametrize("status", [400, 404])
def test_n14_a_page_whose_first_row_is_gone_starts_over(status: int, services: Services, browser: Client) -> None:
    def respond(request: Any, context: Any) -> Any:
        if "marker=" in request.url:
            context.status_code = status
            return json.dumps(recorded("nova/server/marker_lost"))
        return None

    services.answers["compute"] = respond
    page = shown(browser, "servers/?marker=00000000-0000-4000-8000-000000000000")
    assert "this is the first page" in page.text
    assert page.by_id(f"row-{ACTIVE}")


@pytest.mark.parametrize("panel", [panel for panel in PANELS if isinstance(panel, Panel)], ids=lambda panel: panel.slug)
def test_n14_a_lost_marker_never_costs_a_list(panel: Panel[Any], services: Services, browser: Client) -> None:
    for key in ("marker", "before"):
        page = shown(browser, f"{panel.slug}/?{key}=00000000-0000-4000-8000-000000000000")
        assert page.by_id("rows")
        assert not page.all_of_class("fault")
