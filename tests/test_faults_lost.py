"""Answers that are lost, forms that are sent twice, and parts of the cloud or the dashboard that are down."""

from __future__ import annotations

import copy
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.test import Client

from dashboard import store as stores
from dashboard.cloud import transport
from dashboard.cloud.config import config, configure
from dashboard.panels import PANELS
from dashboard.ui.panel import may
from tests.harness.faults import (
    ACTIVE,
    HTMX,
    LATE,
    REFUSED,
    RESET,
    browser,
    import_key,
    on_post,
    once,
    quick,
    shown,
    stop,
)
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import NOVA, at, cloud_of, recorded, signed_in
from tests.test_budget import typed

__all__ = ["browser", "quick"]


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
