"""A floating IP as part of a launch: it follows the server by itself, and goes back when nothing comes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from django.test import Client
from requests_mock import Mocker

from dashboard.live import addresses, errands
from tests.harness.html import parsed
from tests.harness.wire import KEYSTONE, NEUTRON, NOVA, at, recorded
from tests.panels.test_launch import NETS, ONCE, PAGE, REFUSED, _quick, browser, problems, sent, typed, wire

__all__ = ["_quick", "browser", "wire"]

FLOATING = "7c1b0f7e-0000-4000-8000-00000000000f"
PORT = "7c1b0f7e-0000-4000-8000-00000000000e"
SERVER = recorded("nova/launched")["server"]["id"]
WANTED = {"floating_ip": f"new:{NETS['public']}"}
MINE = {"id": FLOATING, "floating_ip_address": "203.0.113.9", "floating_network_id": NETS["public"], "port_id": None}


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are taken by the tests, one by one."""
    monkeypatch.setattr(errands, "soon", lambda id: None)


@pytest.fixture
def neutron(wire: Mocker) -> Mocker:
    wire.post(f"{NEUTRON}/v2.0/floatingips", status_code=201, json={"floatingip": MINE})
    wire.get(f"{NEUTRON}/v2.0/floatingips", json={"floatingips": [MINE]})
    wire.put(f"{NEUTRON}/v2.0/floatingips/{FLOATING}", json={"floatingip": {**MINE, "port_id": PORT}})
    wire.delete(f"{NEUTRON}/v2.0/floatingips/{FLOATING}", status_code=204)
    wire.get(f"{NEUTRON}/v2.0/ports", json={"ports": []})
    return wire


def is_there(wire: Mocker, status: str, *, has_port: bool = False) -> None:
    wire.get(f"{NOVA}/servers/{SERVER}", json={"server": {"id": SERVER, "name": "web-1", "status": status}})
    ports = [{"id": PORT, "fixed_ips": [{"ip_address": "192.168.10.7"}]}] if has_port else []
    wire.get(f"{NEUTRON}/v2.0/ports", json={"ports": ports})


def changes(wire: Mocker) -> list[tuple[str, Any]]:
    asked = [r for r in wire.request_history if r.method not in {"GET", "HEAD"} and "floatingips" in r.url]
    return [(r.method, json.loads(r.body) if r.body else None) for r in asked]


def card(browser: Client) -> str:
    return parsed(browser.get(at("operations/")).content.decode()).text


def test_it_is_allocated_first_and_associated_once_there_is_a_port(neutron: Mocker, browser: Client) -> None:
    assert browser.post(PAGE, typed(**WANTED)).status_code == 303
    given = {"floating_network_id": NETS["public"], "description": f"belvedere-{ONCE}"}
    assert changes(neutron) == [("POST", {"floatingip": given})]
    assert "The floating IP 203.0.113.9 follows as soon as it has a port." in card(browser)
    is_there(neutron, "BUILD")
    assert errands.run(ONCE)
    is_there(neutron, "BUILD", has_port=True)
    assert errands.run(ONCE), "a build may still fail, and take its port along"
    assert changes(neutron)[1:] == [("PUT", {"floatingip": {"port_id": PORT, "description": ""}})]
    is_there(neutron, "ACTIVE", has_port=True)
    assert not errands.run(ONCE)
    assert len(changes(neutron)) == 2
    assert "It has the floating IP 203.0.113.9." in card(browser)


def test_one_that_the_project_has_is_only_associated(neutron: Mocker, browser: Client) -> None:
    assert browser.post(PAGE, typed(floating_ip=f"have:{FLOATING}")).status_code == 303
    is_there(neutron, "ACTIVE", has_port=True)
    assert not errands.run(ONCE)
    assert changes(neutron) == [("PUT", {"floatingip": {"port_id": PORT}})]


@pytest.mark.parametrize("status", ["ERROR", ""])
def test_a_server_that_is_not_built_gives_it_back_and_the_card_says_so(
    status: str, neutron: Mocker, browser: Client
) -> None:
    browser.post(PAGE, typed(**WANTED))
    if status:
        is_there(neutron, status)
    assert not errands.run(ONCE)
    assert [method for method, _body in changes(neutron)] == ["POST", "DELETE"]
    assert "The floating IP 203.0.113.9, which was allocated for it, was released again." in card(browser)


def test_one_that_the_project_had_before_stays(neutron: Mocker, browser: Client) -> None:
    neutron.get(f"{NEUTRON}/v2.0/networks", json=recorded("neutron/networks"))
    browser.post(PAGE, typed(floating_ip=f"have:{FLOATING}"))
    is_there(neutron, "ERROR")
    assert not errands.run(ONCE)
    assert changes(neutron) == []


def test_neutron_s_refusal_is_told_in_its_words_and_the_launch_counts_as_failed(
    neutron: Mocker, browser: Client
) -> None:
    browser.post(PAGE, typed(**WANTED))
    is_there(neutron, "ACTIVE", has_port=True)
    words = "External network is not reachable from subnet."
    neutron.put(
        f"{NEUTRON}/v2.0/floatingips/{FLOATING}",
        status_code=404,
        json={"NeutronError": {"message": words, "type": "X"}},
    )
    assert not errands.run(ONCE)
    text = card(browser)
    assert words in text
    assert "was released again" in text
    assert changes(neutron)[-1][0] == "DELETE"


def test_a_refused_launch_releases_it_at_once(neutron: Mocker, browser: Client) -> None:
    status, answer = REFUSED["key"]
    neutron.post(f"{NOVA}/servers", status_code=status, json=answer)
    response = browser.post(PAGE, typed(**WANTED))
    assert problems(response) == ["key_name"]
    assert [method for method, _body in changes(neutron)] == ["POST", "DELETE"]
    assert errands.get(ONCE) is None
    neutron.delete(f"{NEUTRON}/v2.0/floatingips/{FLOATING}", status_code=503)
    assert "could not be released: it is still yours" in browser.post(PAGE, typed(**WANTED)).content.decode()


def test_without_an_address_nothing_is_launched(neutron: Mocker, browser: Client) -> None:
    refusal = {"NeutronError": {"message": "Quota exceeded for resources: ['floatingip'].", "type": "OverQuota"}}
    neutron.post(f"{NEUTRON}/v2.0/floatingips", status_code=409, json=refusal)
    response = browser.post(PAGE, typed(**WANTED))
    assert problems(response) == ["floating_ip"]
    assert "No floating IP could be had, so nothing was launched." in response.content.decode()
    fold = parsed(response.content.decode()).by_id("fold-floating")
    assert fold is not None
    assert "open" in fold.attrs
    assert not sent(neutron)


def test_an_allocation_whose_answer_is_lost_is_found_by_its_mark(neutron: Mocker, browser: Client) -> None:
    neutron.post(f"{NEUTRON}/v2.0/floatingips", exc=requests.exceptions.ReadTimeout)
    marked = {**MINE, "description": f"belvedere-{ONCE}"}
    neutron.get(f"{NEUTRON}/v2.0/floatingips", json={"floatingips": [{**MINE, "id": "other"}, marked]})
    assert browser.post(PAGE, typed(**WANTED)).status_code == 303
    assert [method for method, _body in changes(neutron)] == ["POST"]
    errand = errands.get(ONCE)
    assert errand is not None
    assert errand.facts["id"] == FLOATING


def test_after_a_lost_launch_it_follows_what_turns_up_or_goes_back(
    neutron: Mocker, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    neutron.post(f"{NOVA}/servers", exc=requests.exceptions.ReadTimeout)
    response = browser.post(PAGE, typed(**WANTED))
    assert response.status_code == 202
    assert "follows as soon as it has a port" in response.content.decode()
    assert errands.run(ONCE)
    assert [method for method, _body in changes(neutron)] == ["POST"], "not known yet"
    found = [{"id": SERVER, "name": "web-1", "status": "ACTIVE"}]
    neutron.get(f"{NOVA}/servers/detail", json={"servers": found})
    is_there(neutron, "ACTIVE", has_port=True)
    assert not errands.run(ONCE)
    assert changes(neutron)[-1][0] == "PUT"
    neutron.get(f"{NOVA}/servers/detail", json={"servers": []})
    other = "2" * 32
    assert browser.post(PAGE, typed(once=other, **WANTED)).status_code == 202
    monkeypatch.setattr(addresses, "GIVE_UP_SECONDS", -1)
    assert not errands.run(other)
    assert changes(neutron)[-1][0] == "DELETE"
    assert "was released again" in browser.get(at(f"servers/launch/{other}/?at=1")).content.decode()


def test_a_service_that_is_away_is_asked_again_by_the_next_step(neutron: Mocker, browser: Client) -> None:
    browser.post(PAGE, typed(**WANTED))
    neutron.get(f"{NOVA}/servers/{SERVER}", status_code=503)
    assert errands.run(ONCE)
    is_there(neutron, "ACTIVE", has_port=True)
    assert not errands.run(ONCE)
    assert changes(neutron)[-1][0] == "PUT"


def test_an_ended_session_is_told(neutron: Mocker, browser: Client) -> None:
    browser.post(PAGE, typed(**WANTED))
    neutron.get(f"{NOVA}/servers/{SERVER}", status_code=401)
    neutron.head(f"{KEYSTONE}/auth/tokens", status_code=200)
    assert errands.run(ONCE), "Nova alone may be wrong about a token"
    neutron.head(f"{KEYSTONE}/auth/tokens", status_code=404)
    assert not errands.run(ONCE)
    assert "Your session ended before the floating IP 203.0.113.9 was associated." in card(browser)


def test_the_token_lies_sealed_in_the_store_and_goes_when_it_is_over(
    neutron: Mocker, browser: Client, store: Any
) -> None:
    browser.post(PAGE, typed(**WANTED))
    kept = [key for key in store.scan_iter("live:errand:*") if key.endswith(b":token")]
    assert len(kept) == 1
    assert b"gAAAA-not-a-token" not in store.get(kept[0])
    assert store.ttl(kept[0]) <= errands.SECONDS + 60
    is_there(neutron, "ACTIVE", has_port=True)
    errands.run(ONCE)
    assert not store.exists(kept[0])


def test_a_step_that_was_lost_with_its_worker_is_found_again(
    neutron: Mocker, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.post(PAGE, typed(**WANTED))
    woken: list[str] = []
    monkeypatch.setattr(errands, "soon", woken.append)
    errands.wake()
    assert woken == []
    monkeypatch.setattr(errands, "LATE", -60)
    errands.wake()
    assert woken == [ONCE]
