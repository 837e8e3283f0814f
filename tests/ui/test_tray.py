"""The tray of operations, and the search that looks through everything."""

from __future__ import annotations

import dataclasses
import html
import re
from typing import Any

import pytest
from django.test import Client
from requests_mock import ANY, Mocker

from dashboard.live import operations
from tests.harness.wire import GLANCE, NEUTRON, NOVA, PROJECT_ID, access_of, at, cloud_of, recorded, signed_in

PERSON = "b" * 32
ACTIVE = recorded("nova/server/floating")["server"]
ERROR = recorded("nova/server/error")["server"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cloud(requests_mock: Mocker) -> Mocker:
    requests_mock.get(ANY, status_code=503)
    requests_mock.get(f"{NOVA}/servers/detail", json={"servers": [ACTIVE, ERROR]})
    requests_mock.get(f"{NOVA}/flavors/detail", json=recorded("nova/flavors"))
    requests_mock.get(f"{NOVA}/os-keypairs", json=recorded("nova/keypairs"))
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    requests_mock.get(f"{NEUTRON}/v2.0/networks", json=recorded("neutron/networks"))
    requests_mock.get(f"{NEUTRON}/v2.0/subnets", json=recorded("neutron/subnets"))
    requests_mock.get(f"{NEUTRON}/v2.0/ports", json=recorded("neutron/all_ports"))
    requests_mock.get(f"{NEUTRON}/v2.0/security-groups", json=recorded("neutron/security_groups"))
    return requests_mock


def begun(label: str = "Launch web-1", *ids: str, verb: str = "launch", kind: str = "servers") -> operations.Operation:
    return operations.begin(PERSON, cloud_of(), verb=verb, kind=kind, ids=ids or (ACTIVE["id"],), label=label)


def tray(browser: Any = None) -> str:
    answer = (browser or signed_in()).get(at("operations/"), headers=HTMX)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_an_empty_tray_says_what_it_is_for(cloud: Mocker) -> None:
    assert "Nothing is running." in tray()


def test_what_runs_is_told_with_its_steps_and_counted(cloud: Mocker) -> None:
    begun()
    text = tray()
    assert "Launch web-1" in text
    assert "Scheduling" in text
    assert 'id="tray-count" class="badge-count" hx-swap-oob="true" data-running>1' in text
    assert at(f"servers/{ACTIVE['id']}/") in text


def test_several_are_one_bar_with_numbers(cloud: Mocker) -> None:
    operation = begun("Stop", ACTIVE["id"], ERROR["id"], verb="stop")
    operations.fail(cloud_of(), PERSON, operation, {ERROR["id"]: "No valid host was found."})
    text = tray()
    assert "1 failed" in text
    assert "1 / 2" in text
    # Nova's words are kept, with what they mean before them.
    assert "No host has room for this server" in text
    assert "No valid host was found." in text


def test_a_hostile_label_or_message_is_text(cloud: Mocker) -> None:
    operation = begun("<script>alert(1)</script>", verb="stop")
    operations.fail(cloud_of(), PERSON, operation, {ACTIVE["id"]: "<img src=x onerror=alert(1)>"})
    answer = signed_in().get(at("operations/"), headers=HTMX).content.decode()
    assert "<script>alert" not in answer
    assert "<img" not in answer
    assert "&lt;script&gt;" in answer


def test_dismissing_takes_it_off_for_good(cloud: Mocker) -> None:
    kept, gone = begun("Launch kept"), begun("Launch gone")
    browser = signed_in()
    answer = browser.post(at("operations/dismiss/"), {"id": gone.id}, headers=HTMX)
    assert answer.status_code == 200
    assert "operations" in answer["HX-Trigger"]
    text = tray(browser)
    assert kept.label in text
    assert gone.label not in text


def test_clearing_leaves_what_still_runs(cloud: Mocker) -> None:
    begun("Launch running")
    ended = begun("Stop ended", verb="stop")
    operations.fail(cloud_of(), PERSON, ended, {ACTIVE["id"]: "no"})
    browser = signed_in()
    browser.post(at("operations/dismiss/"))
    text = tray(browser)
    assert "Launch running" in text
    assert "Stop ended" not in text


def test_dismissing_without_javascript_leads_back_and_nowhere_else(cloud: Mocker) -> None:
    browser, back = signed_in(), at("servers/")
    assert browser.post(at("operations/dismiss/"), {"next": back}).headers["Location"] == back
    evil = browser.post(at("operations/dismiss/"), {"next": "https://evil.example/"})
    assert evil.headers["Location"].startswith(f"/r/RegionOne/p/{PROJECT_ID}/")


def test_dismissing_is_no_link(cloud: Mocker) -> None:
    assert signed_in().get(at("operations/dismiss/")).status_code == 405


def test_another_person_sees_another_tray(cloud: Mocker) -> None:
    operations.begin("c" * 32, cloud_of(), verb="stop", kind="servers", ids=["x"], label="Not yours")
    assert "Not yours" not in tray()


def test_the_tray_is_a_page_too(cloud: Mocker) -> None:
    begun()
    text = signed_in().get(at("operations/")).content.decode()
    assert "<html" in text
    assert "Launch web-1" in text


def test_every_page_asks_for_its_own_scope(cloud: Mocker) -> None:
    text = signed_in().get(at("flavors/")).content.decode()
    assert f'hx-get="{at("operations/")}"' in text
    assert f'data-search="{at("search/")}"' in text


def found(wanted: str, browser: Any = None) -> list[dict[str, str]]:
    answer = (browser or signed_in()).get(at("search/"), {"q": wanted})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    results: list[dict[str, str]] = answer.json()["results"]
    return results


def test_a_name_finds_its_thing_and_leads_there(cloud: Mocker) -> None:
    image = recorded("glance/images")["images"][0]
    (first, *_rest) = found(image["name"])
    assert first == {"label": image["name"], "note": "Image", "url": at(f"images/{image['id']}/")}


def test_a_part_of_a_name_finds_a_server_while_nobody_watches_them(cloud: Mocker) -> None:
    assert at(f"servers/{ERROR['id']}/") in [item["url"] for item in found("doomed")]


def test_an_address_finds_its_network(cloud: Mocker) -> None:
    cidr = recorded("neutron/subnets")["subnets"][0]["cidr"]
    assert "Network" in [item["note"] for item in found(cidr)]


def test_an_address_or_a_mac_leads_to_its_port_of_which_neutron_is_asked(cloud: Mocker) -> None:
    port = recorded("neutron/all_ports")["ports"][0]

    def asked() -> list[str]:
        return [request.query for request in cloud.request_history if request.path.endswith("/ports")]

    found("web")
    assert not asked()
    for text in (port["mac_address"], port["fixed_ips"][0]["ip_address"]):
        assert at(f"ports/{port['id']}/") in [item["url"] for item in found(text) if item["note"] == "Port"]
    assert "mac_address=" in asked()[0]
    assert "ip_address_substr" in asked()[1]


def test_one_letter_and_no_letter_find_nothing_and_ask_nothing(cloud: Mocker) -> None:
    assert found("") == found(" a ") == []
    assert not cloud.request_history


def test_a_service_that_is_down_costs_its_own_results(cloud: Mocker) -> None:
    cloud.get(f"{GLANCE}/v2/images", status_code=503)
    assert [item["note"] for item in found("m1.tiny")] == ["Flavor"]


def test_typing_on_asks_for_the_lists_that_nobody_watches_once_only(cloud: Mocker) -> None:
    browser = signed_in()

    def asked() -> int:
        watched = ("/servers/detail", "/images")
        return sum(not request.path.endswith(watched) for request in cloud.request_history)

    found("m1", browser)
    first = asked()
    assert first
    found("m1.ti", browser)
    assert asked() == first


def test_more_matches_than_are_told_lead_to_the_list_that_has_them_all(cloud: Mocker) -> None:
    answer = signed_in().get(at("search/"), {"q": "m1."}).json()
    told = [item for item in answer["results"] if item["note"] == "Flavor"]
    assert len(told) <= 6
    flavors = [item for item in answer["more"] if item["note"] == "Flavors"]
    everything = sum("m1." in item["name"] for item in recorded("nova/flavors")["flavors"])
    assert bool(flavors) is (everything > 6)


def test_what_did_not_answer_is_named(cloud: Mocker) -> None:
    cloud.get(f"{GLANCE}/v2/images", status_code=503)
    assert "Images" in signed_in().get(at("search/"), {"q": "m1.tiny"}).json()["missing"]


def test_what_can_be_made_is_found_from_anywhere(cloud: Mocker) -> None:
    launch = {"label": "Launch server", "note": "Action", "url": at("servers/launch/")}
    assert launch in found("launch")
    assert launch not in found("launch", signed_in(access_of("reader")))


def test_a_person_s_own_things_are_not_told_to_others(cloud: Mocker) -> None:
    own = recorded("nova/keypairs")["keypairs"][0]["keypair"]["name"]
    assert own in [item["label"] for item in found(own)]
    cloud.get(re.compile(r".*/os-keypairs"), json={"keypairs": []})
    carol = dataclasses.replace(access_of(), person=dataclasses.replace(access_of().person, id="c" * 32))
    assert own not in [item["label"] for item in found(own, signed_in(carol))]


def test_a_reader_searches_too_and_nobody_without_a_session(cloud: Mocker) -> None:
    assert found("m1.tiny", signed_in(access_of("reader")))
    assert Client().get(at("search/"), {"q": "m1"})["Location"].startswith("/sign-in/")
