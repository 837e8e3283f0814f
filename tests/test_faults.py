"""What people see when a service fails while they work: the right words, a whole page, nothing lost or sent twice."""

from __future__ import annotations

import copy
import itertools
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import requests
from django.test import Client

from dashboard import store as stores
from dashboard.cloud import transport
from dashboard.cloud.config import config, configure
from dashboard.panels import PANELS
from dashboard.panels.servers import launch_views
from dashboard.ui.panel import Panel, may
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import NOVA, at, cloud_of, recorded, signed_in
from tests.test_budget import typed

HTMX = {"HX-Request": "true"}
SERVERS = recorded("nova/server/list")["servers"]
ACTIVE = next(item for item in SERVERS if item["status"] == "ACTIVE")["id"]
LATE = requests.exceptions.ReadTimeout("read timed out")
RESET = requests.exceptions.ConnectionError("('Connection aborted.', ConnectionResetError(104))")
REFUSED = requests.exceptions.ConnectionError("NewConnectionError: Connection refused")
_names = itertools.count()


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def quick() -> Iterator[None]:
    """A cloud that is given up on soon."""
    before = config()
    launch_views_seconds = launch_views.LOOK_SECONDS
    launch_views.LOOK_SECONDS = 0.1
    yield
    launch_views.LOOK_SECONDS = launch_views_seconds
    configure(before)


def once() -> str:
    return f"{next(_names):032x}"


def shown(browser: Client, path: str, status: int = 200, **headers: str) -> Page:
    answer = browser.get(at(path), headers=headers)
    at_rest()
    assert answer.status_code == status, answer.content.decode()[:1500]
    return parsed(answer.content.decode())


def stop(browser: Client, *ids: str, sent: str = "", **headers: str) -> Any:
    """Sends the dialog's form, as htmx does."""
    data = {"id": ids or [ACTIVE], "once": sent or once()}
    answer = browser.post(at("servers/act/stop/"), data, headers={**HTMX, **headers})
    at_rest()
    return answer


def on_post(services: Services, answer: Any, service: str = "compute") -> None:
    """Only what changes something meets this answer: an error, or status and JSON."""

    def respond(request: Any, context: Any) -> Any:
        if request.method in {"GET", "HEAD"}:
            return None
        if isinstance(answer, Exception):
            raise answer
        context.status_code, body = answer
        return json.dumps(body) if not isinstance(body, str) else body

    services.answers[service] = respond


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
    for name in ("identity", *(names or ("compute", "image", "network", "block-storage"))):
        services.fail(name, status=401, text={"error": {"code": 401, "message": "Unauthorized"}})


@pytest.mark.parametrize(
    "path", ["overview/", "servers/", "images/", "flavors/", "keypairs/", "networks/", f"servers/{ACTIVE}/"]
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


KEY = recorded("nova/keypair")["keypair"]["public_key"]


def import_key(browser: Client, sent: str, name: str = "typed", **headers: str) -> Any:
    return browser.post(at("keypairs/create/"), {"name": name, "public_key": KEY, "once": sent}, headers=headers)


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


def test_n15_a_server_that_failed_says_why_with_the_request(services: Services, browser: Client) -> None:
    failed = recorded("nova/server/error")["server"]
    services.rows["/servers"] = [failed]
    page = shown(browser, f"servers/{failed['id']}/")
    assert failed["fault"]["message"].split(".")[0] in page.text


# Sending


@pytest.mark.parametrize("error", [LATE, RESET], ids=["too late", "reset"])
def test_n03_a_lost_answer_is_unknown_and_never_sent_again(
    error: Exception, services: Services, browser: Client
) -> None:
    on_post(services, error)
    sent = once()
    first = parsed(stop(browser, sent=sent).content.decode())
    assert "did not answer in time" in first.text
    assert "It may have been done all the same" in first.text
    assert len(services.changes) == 1
    services.answers.clear()
    second = parsed(stop(browser, sent=sent).content.decode())
    assert "It may have been done all the same" in second.text
    assert len(services.changes) == 1, "the same form goes out once"


def test_n03_a_lost_answer_to_a_form_is_sent_anew_only_by_a_deliberate_click(
    services: Services, browser: Client
) -> None:
    on_post(services, LATE)
    sent = once()
    first = import_key(browser, sent)
    assert first.status_code == 422
    page = parsed(first.content.decode())
    assert "It may have been made all the same" in page.text
    name = next(item.attrs["value"] for item in page.elements if item.attrs.get("name") == "once")
    assert name != sent
    services.answers.clear()
    assert import_key(browser, sent).status_code == 422, "Back and again is the old form"
    assert len(services.changes) == 1
    assert import_key(browser, name).status_code == 302
    assert len(services.changes) == 2


def test_n01_what_was_surely_not_sent_may_be_sent_again(services: Services, browser: Client) -> None:
    on_post(services, REFUSED)
    sent = once()
    assert "can't be reached" in parsed(stop(browser, sent=sent).content.decode()).text
    services.answers.clear()
    before = len(services.changes)
    assert "is-success" in stop(browser, sent=sent).content.decode()
    assert len(services.changes) == before + 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_l03_a_form_sent_twice_is_done_once_and_brings_the_same_result(
    headers: dict[str, str], services: Services, browser: Client
) -> None:
    sent = once()
    data = {"id": ACTIVE, "once": sent}
    answers = [browser.post(at("servers/act/stop/"), data, headers=headers) for _ in range(3)]
    assert len(services.changes) == 1
    texts = {parsed(answer.content.decode()).text_of_class("toast") for answer in answers}
    assert len(texts) == 1
    assert {answer.status_code for answer in answers} == ({200} if headers else {302})
    made = [import_key(browser, once_key, **headers) for once_key in (sent[::-1] + "a",) * 3]
    where = {answer.get("HX-Redirect") or answer.get("Location") for answer in made}
    assert len(where) == 1
    assert len(services.changes) == 2


def test_l03_a_double_click_waits_for_the_first_one(services: Services, browser: Client) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: Any, context: Any) -> Any:
        if request.method == "POST":
            begun.set()
            assert go_on.wait(5)
        return None

    services.answers["compute"] = slow
    sent, answers = once(), []
    first = threading.Thread(target=lambda: answers.append(stop(browser, sent=sent)))
    first.start()
    assert begun.wait(5)
    twin = Client()
    twin.cookies = browser.cookies
    second = threading.Thread(target=lambda: answers.append(stop(twin, sent=sent)))
    second.start()
    time.sleep(0.2)
    go_on.set()
    first.join(10)
    second.join(10)
    assert len(services.changes) == 1
    assert ["is-success" in answer.content.decode() for answer in answers] == [True, True]


def test_many_rows_leave_turns_for_everybody_else(services: Services, browser: Client) -> None:
    rows = services.rows["/servers"]
    rows.sort(key=lambda row: row["id"] != ACTIVE)
    for place in range(40):
        rows.append({**copy.deepcopy(rows[0]), "id": f"{place:08x}-0000-4000-8000-00000000beef", "name": f"n{place}"})
    running, most, lock = 0, 0, threading.Lock()

    def slow(request: Any, context: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return None

    services.answers["compute"] = slow
    ids = [row["id"] for row in rows if row["name"].startswith("n")]
    before = config()
    answer = browser.post(at("servers/act/stop/"), {"id": ids, "once": once()}, headers=HTMX)
    assert "is-success" in answer.content.decode(), parsed(answer.content.decode()).text[:500]
    assert len(services.changes) == 40
    assert most <= before.per_service


@pytest.mark.parametrize("answer", ["", "<html>OK</html>", "[]", "null"])
def test_n11_an_odd_answer_to_a_change_is_no_500(answer: str, services: Services, browser: Client) -> None:
    on_post(services, (200, answer))
    assert import_key(browser, once()).status_code in {302, 422}
    assert stop(browser).status_code == 200
    assert browser.post(at("servers/launch/"), typed() | {"once": once()}).status_code in {200, 202, 303, 422, 503}


# G, T, C: the services around a server


@pytest.mark.parametrize("error", [REFUSED, LATE])
def test_g01_servers_stay_whole_without_glance(error: Exception, services: Services, browser: Client) -> None:
    services.fail("image", error=error)
    page = shown(browser, "servers/")
    assert page.by_id(f"row-{ACTIVE}")
    assert not page.all_of_class("fault")
    shown(browser, f"servers/{ACTIVE}/")
    launch = shown(browser, "servers/launch/")
    assert "Image (Glance)" in launch.text
    assert "m1.tiny" in launch.text


def test_g02_an_image_that_is_gone_costs_no_call_of_its_own(services: Services, browser: Client) -> None:
    services.rows["/v2/images"] = []
    page = shown(browser, "servers/")
    assert page.by_id(f"row-{ACTIVE}")
    assert sum("/images" in call.url for call in services.to("image")) == 1


@pytest.mark.parametrize("error", [REFUSED, LATE])
def test_t01_servers_stay_whole_without_neutron(error: Exception, services: Services, browser: Client) -> None:
    services.fail("network", error=error)
    page = shown(browser, "servers/")
    assert not page.all_of_class("fault")
    assert "192.168." in page.text, "addresses are those that Nova knows"
    tab = shown(browser, f"servers/{ACTIVE}/?tab=network")
    assert "Network (Neutron)" in tab.text_of_class("fault")
    launch = shown(browser, "servers/launch/")
    assert "Network (Neutron)" in launch.text


def test_c01_without_cinder_nothing_speaks_of_volumes(services: Services) -> None:
    from tests.harness.wire import access_of

    browser = signed_in(access_of(without=("volumev3", "block-storage")))
    assert "Storage" not in [item.text for item in shown(browser, "overview/").elements if item.tag == "h2"]
    shown(browser, "servers/")
    launch = shown(browser, "servers/launch/")
    assert not [
        item for item in launch.elements if item.attrs.get("value") == "new_volume" and "disabled" not in item.attrs
    ]


def test_c02_a_cinder_that_fails_costs_its_own_section(services: Services, browser: Client) -> None:
    services.fail("block-storage", error=LATE)
    page = shown(browser, "overview/")
    assert "Block storage (Cinder) did not answer in time." in page.text_of_class("fault")
    assert len(page.all_of_class("fault")) == 1
    assert page.all_of_class("meter")
    volumes = shown(browser, f"servers/{ACTIVE}/?tab=volumes")
    assert "Block storage (Cinder)" in volumes.text


def test_every_part_of_the_overview_fails_alone(services: Services, browser: Client) -> None:
    services.fail("", error=LATE)
    page = shown(browser, "overview/")
    assert len(page.all_of_class("fault")) >= 3
    assert not page.all_of_class("error-page")


# R: the store


class Down:
    """A store that refuses every connection from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise redis.ConnectionError("Error 111 connecting. Connection refused.")

        client: Any = stores.client()
        for name in ("execute_command", "pipeline", "eval"):
            monkeypatch.setattr(client, name, refuse)


def test_r01_a_store_that_is_down_signs_nobody_out(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(browser, "servers/")
    with monkeypatch.context() as patch:
        Down(patch)
        for path in ("servers/", "overview/", f"servers/{ACTIVE}/"):
            answer = browser.get(at(path))
            assert answer.status_code == 503
            assert answer["Retry-After"]
            assert not answer.cookies, "the cookie stays as it is"
        part = browser.get(at("servers/live/?since=0"), headers=HTMX)
        assert part.status_code == 503
        assert part["HX-Reswap"] == "none"
        assert stop(browser).status_code == 503
        assert not services.changes
    shown(browser, "servers/")


def test_r01_a_launch_is_not_sent_when_it_could_be_sent_twice(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.live import once as sendings

    def away(*args: Any) -> bool:
        raise stores.Away("gone in the middle")

    # The session was read a moment ago; the store goes between that and the key.
    monkeypatch.setattr(sendings, "guarded", away)
    answer = browser.post(at("servers/launch/"), typed() | {"once": once()})
    assert answer.status_code == 503
    assert "web-1" in answer.content.decode()
    assert stop(browser).status_code == 503
    assert not services.changes


def test_r04_lists_come_from_the_cloud_when_snapshots_cannot_be_read(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.live import cache, watch

    def away(*args: Any) -> Any:
        raise stores.Away("too slow")

    for module in (watch, cache):
        monkeypatch.setattr(module, "guarded", away)
    for entry in (entry for entry in PANELS if may(cloud_of(), entry.roles)):
        page = shown(browser, f"{entry.slug}/")
        assert not page.all_of_class("fault"), entry.slug
    assert shown(browser, "servers/").by_id(f"row-{ACTIVE}")
    live = browser.get(at("servers/live/?since=0"), headers=HTMX)
    assert live.status_code == 204
    assert "is-success" in stop(browser).content.decode()


def test_r05_an_action_is_done_when_the_broker_is_down(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kombu.exceptions import OperationalError

    from dashboard.live import heartbeat, publish, tasks

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("Connection refused")

    shown(browser, "servers/")
    monkeypatch.setattr(heartbeat, "is_alive", lambda: True)
    monkeypatch.setattr(publish, "_broken_until", 0.0)
    monkeypatch.setattr(tasks.poll, "apply_async", refuse)
    began = time.monotonic()
    assert "is-success" in stop(browser).content.decode()
    assert time.monotonic() - began < 2
    assert len(services.changes) == 1


# The wire itself: a service that hangs


@pytest.mark.enable_socket
def test_n02_a_service_that_hangs_is_given_up_on_in_time(quick: None) -> None:
    import dataclasses
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                held.append(server.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    configure(dataclasses.replace(config(), read_timeout=0.5))
    transport.session.cache_clear()
    port = server.getsockname()[1]
    try:
        from tests.harness.wire import access_of

        access = access_of()
        endpoints = tuple(
            dataclasses.replace(item, url=item.url.replace(urlsplit(NOVA).netloc, f"127.0.0.1:{port}"))
            for item in access.catalog.endpoints
        )
        browser = signed_in(
            dataclasses.replace(access, catalog=dataclasses.replace(access.catalog, endpoints=endpoints))
        )
        began = time.monotonic()
        answer = browser.get(at("flavors/"))
        took = time.monotonic() - began
    finally:
        server.close()
        for item in held:
            item.close()
        transport.session.cache_clear()
    assert answer.status_code == 200
    assert "Compute (Nova) did not answer in time." in answer.content.decode().replace("&#x27;", "'")
    assert took < 3
