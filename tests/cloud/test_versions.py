"""How new a cloud is: its version document is read once an hour, and what is too new for it is not asked of it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from dashboard.cloud import versions
from dashboard.cloud.connection import NOVA_MICROVERSION
from dashboard.cloud.versions import Range
from tests.harness.wire import CINDER, NOVA, cloud_of


@pytest.fixture(autouse=True)
def unknown() -> None:
    versions.forget_all()


def document(maximum: str = "2.53", minimum: str = "2.1") -> dict[str, Any]:
    return {"version": {"id": "v2.1", "status": "CURRENT", "version": maximum, "min_version": minimum}}


def test_a_cloud_is_asked_once_for_all_that_want_to_know(requests_mock: Any) -> None:
    asked = requests_mock.get(f"{NOVA}/", json=document("2.104"))
    assert [versions.compute_range(cloud_of(user_name=name)) for name in ("alice", "bob")] == [
        Range("2.1", "2.104"),
        Range("2.1", "2.104"),
    ]
    assert versions.speaks(cloud_of(), "compute", "2.104")
    assert not versions.speaks(cloud_of(), "compute", "2.105")
    assert versions.speaks(cloud_of(), "compute", "")
    assert asked.call_count == 1


def test_many_that_ask_at_the_same_time_wait_for_one_answer(requests_mock: Any) -> None:
    def slow(request: Any, context: Any) -> Any:
        time.sleep(0.1)
        return document()

    asked = requests_mock.get(f"{NOVA}/", json=slow)
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(versions.speaks(cloud_of(), "compute", "2.73"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [False] * 8
    assert asked.call_count == 1


def test_an_old_nova_is_asked_with_the_newest_that_it_speaks(requests_mock: Any) -> None:
    requests_mock.get(f"{NOVA}/", json=document("2.53"))
    requests_mock.get(f"{NOVA}/flavors", json={"flavors": []})
    cloud = cloud_of()
    cloud.get("compute", "/flavors", microversion=NOVA_MICROVERSION)
    assert requests_mock.last_request.headers["OpenStack-API-Version"] == "compute 2.53"
    cloud.get("compute", "/flavors", microversion="2.10")
    assert requests_mock.last_request.headers["OpenStack-API-Version"] == "compute 2.10"
    assert cloud.nova.api_version.get_string() == "2.53"


def test_a_nova_that_is_newer_than_we_are_is_asked_with_what_we_know(requests_mock: Any) -> None:
    requests_mock.get(f"{NOVA}/", json=document("2.104"))
    requests_mock.get(f"{NOVA}/flavors", json={"flavors": []})
    cloud_of().get("compute", "/flavors", microversion=NOVA_MICROVERSION)
    assert requests_mock.last_request.headers["OpenStack-API-Version"] == "compute 2.96"
    assert cloud_of().nova.api_version.get_string() == "2.96"


@pytest.mark.parametrize(
    "answer",
    [{"status_code": 500}, {"text": "no JSON"}, {"json": []}, {"json": {"version": {"version": "two"}}}],
)
def test_a_nova_that_can_not_be_asked_is_taken_for_one_that_speaks_ours(answer: Any, requests_mock: Any) -> None:
    asked = requests_mock.get(f"{NOVA}/", **answer)
    assert versions.speaks(cloud_of(), "compute", NOVA_MICROVERSION)
    assert not versions.speaks(cloud_of(), "compute", "2.97")
    assert asked.call_count == 1, "not asked again at once"


def test_a_failed_question_is_asked_again_later(requests_mock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "RETRY", 0.0)
    requests_mock.get(f"{NOVA}/", [{"status_code": 503}, {"json": document("2.53")}])
    assert versions.speaks(cloud_of(), "compute", "2.73")
    assert not versions.speaks(cloud_of(), "compute", "2.73")


def test_a_token_that_is_refused_says_nothing_of_the_cloud(requests_mock: Any) -> None:
    requests_mock.get(f"{NOVA}/", [{"status_code": 401}, {"json": document("2.53")}])
    assert versions.speaks(cloud_of(), "compute", "2.73")
    assert not versions.speaks(cloud_of(user_name="bob"), "compute", "2.73")


def test_after_an_hour_a_page_goes_on_with_what_is_known_while_it_is_asked_again(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "BELIEVED", 0.0)
    go_on = threading.Event()

    def slow(request: Any, context: Any) -> Any:
        go_on.wait(5)
        return document("2.96")

    asked = requests_mock.get(f"{NOVA}/", [{"json": document("2.53")}, {"json": slow}])
    assert not versions.speaks(cloud_of(), "compute", "2.73")
    monkeypatch.setattr(versions, "BELIEVED", 3600.0)
    assert not versions.speaks(cloud_of(), "compute", "2.73")
    assert not versions.speaks(cloud_of(), "compute", "2.73")
    go_on.set()
    ends = time.monotonic() + 5
    while not versions.speaks(cloud_of(), "compute", "2.73") and time.monotonic() < ends:
        time.sleep(0.005)
    assert versions.speaks(cloud_of(), "compute", "2.73")
    assert asked.call_count == 2


def test_other_services_say_it_in_their_own_ways(requests_mock: Any) -> None:
    cinder = {"versions": [{"id": "v3.0", "status": "CURRENT", "version": "3.44", "min_version": "3.0"}]}
    placement = {"versions": [{"id": "v1.0", "max_version": "1.39", "min_version": "1.0"}]}
    requests_mock.get(f"{CINDER}/", json=cinder)
    requests_mock.get("http://127.0.0.1:8778/", json=placement)
    assert versions.speaks(cloud_of(), "block-storage", "3.44")
    assert not versions.speaks(cloud_of(), "block-storage", "3.45")
    assert versions.range_of(cloud_of(), "placement") == Range("1.0", "1.39")


def test_a_service_that_nothing_is_known_of_is_asked_for_what_is_wanted(requests_mock: Any) -> None:
    requests_mock.get(f"{CINDER}/", status_code=500)
    assert versions.speaks(cloud_of(), "block-storage", "3.70")
    assert versions.speaks(cloud_of(), "no-such-service", "1.2")


@pytest.mark.parametrize(
    ("url", "root"),
    [
        (NOVA, f"{NOVA}/"),
        (f"http://cloud/compute/v2.1/{'a' * 32}", "http://cloud/compute/v2.1/"),
        ("http://cloud:8776/v3/", "http://cloud:8776/v3/"),
        ("http://cloud/placement", "http://cloud/placement/"),
    ],
)
def test_the_document_is_at_the_endpoint_without_a_project(url: str, root: str) -> None:
    assert versions._root(url) == root
