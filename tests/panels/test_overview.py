"""The overview: every section for itself, and quick whatever the number of servers."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from requests_mock import Mocker

from dashboard.panels.overview.servers import latest, summary_in
from tests.harness.wire import CINDER, NEUTRON, NOVA, PROJECT_ID, access_of, at, recorded, signed_in

QUOTAS = f"{NEUTRON}/v2.0/quotas/{PROJECT_ID}/details.json"


def servers(count: int, *, has_more: bool = False) -> dict[str, Any]:
    """So many servers as Nova lists them."""
    found = [
        {
            "id": f"00000000-0000-4000-8000-{number:012x}",
            "name": f"web-{number}",
            "status": "ERROR" if number == 1 else "ACTIVE",
            "created": "2026-11-21T10:00:00Z",
            "updated": f"2026-11-21T10:{number % 60:02d}:00Z",
        }
        for number in range(count)
    ]
    return {"servers": found}


@pytest.fixture
def cloud(requests_mock: Mocker) -> Mocker:
    requests_mock.get(f"{NOVA}/limits", json=recorded("nova/limits"))
    requests_mock.get(f"{CINDER}/limits", json=recorded("cinder/limits"))
    requests_mock.get(QUOTAS, json=recorded("neutron/quotas"))
    requests_mock.get(f"{NOVA}/servers/detail", json=servers(3))
    return requests_mock


def test_the_page_shows_quotas_servers_and_what_changed_last(cloud: Mocker) -> None:
    page = signed_in().get(at("overview/")).content.decode()
    for text in ("vCPUs", "Floating IPs", "Volume storage", "web-2", "Launch a server"):
        assert text in page
    assert re.search(r'Active <span class="chip-count">2<', page)
    assert re.search(r'Error <span class="chip-count">1<', page)


def test_a_cold_page_makes_one_call_for_each_section(cloud: Mocker) -> None:
    signed_in().get(at("overview/"))
    asked = sorted(request.path for request in cloud.request_history if "changes-since" not in request.qs)
    assert asked.count("/v2.1/limits") == 1
    assert asked.count("/v3/limits") == 1
    assert len([path for path in asked if path.startswith("/v2.0/quotas/")]) == 1
    shown = [request for request in cloud.request_history if request.qs.get("sort_key", [""])[0] == "updated_at"]
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("url", "lost", "kept"),
    [
        (f"{NOVA}/limits", "section-compute", ["section-network", "section-storage", "section-servers"]),
        (QUOTAS, "section-network", ["section-compute", "section-storage", "section-servers"]),
        (f"{CINDER}/limits", "section-storage", ["section-compute", "section-network", "section-servers"]),
        (f"{NOVA}/servers/detail", "section-servers", ["section-compute", "section-network", "section-storage"]),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 500, "text": "Traceback"},
        {"status_code": 403, "json": {"forbidden": {"message": "Policy does not allow", "code": 403}}},
        {"text": "<html>proxy</html>"},
        {"json": []},
        {"json": {"limits": 5, "quota": 5, "servers": 5}},
    ],
)
def test_a_failure_costs_its_own_section(
    cloud: Mocker, url: str, lost: str, kept: list[str], answer: dict[str, Any]
) -> None:
    cloud.get(url, headers={"X-Openstack-Request-Id": "req-0123"}, **answer)
    response = signed_in().get(at("overview/"))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="fault"' in page.split(f'id="{lost}"')[1].split('id="section-')[0]
    for slug in kept:
        assert 'class="fault"' not in page.split(f'id="{slug}"')[1].split('id="section-')[0]
    assert "Traceback" not in page


def test_a_service_that_the_catalog_does_not_have_is_not_asked_nor_mentioned(cloud: Mocker) -> None:
    page = signed_in(access_of(without=("block-storage",))).get(at("overview/")).content.decode()
    assert "section-storage" not in page
    assert 'class="fault"' not in page


def test_one_section_can_be_asked_for_again(cloud: Mocker) -> None:
    browser = signed_in()
    part = browser.get(at("overview/storage/"), headers={"HX-Request": "true"}).content.decode()
    assert 'id="section-storage"' in part
    assert "<html" not in part
    assert [request.path for request in cloud.request_history] == ["/v3/limits"]
    assert "<html" in browser.get(at("overview/storage/")).content.decode()
    assert browser.get(at("overview/nonsense/"), headers={"HX-Request": "true"}).status_code == 404


def test_a_project_without_servers_says_so(cloud: Mocker) -> None:
    cloud.get(f"{NOVA}/servers/detail", json={"servers": []})
    assert "There are no servers in this project yet." in signed_in().get(at("overview/")).content.decode()


def test_a_reader_sees_why_launching_is_not_offered(cloud: Mocker) -> None:
    main = signed_in(access_of("reader")).get(at("overview/")).content.decode().split("<main", 1)[1]
    assert "servers/launch/" not in main
    assert "This needs the role member" in main


def test_hostile_server_names_are_text(cloud: Mocker) -> None:
    body = servers(1)
    body["servers"][0] |= {"name": '<img src=x hx-get="/x">', "status": "<b>ODD</b>"}
    cloud.get(f"{NOVA}/servers/detail", json=body)
    page = signed_in().get(at("overview/")).content.decode()
    assert "<img src=x" not in page
    assert "<b>ODD" not in page


def test_ten_thousand_servers_are_counted_in_a_moment_and_once_per_version() -> None:
    from datetime import UTC, datetime
    from types import MappingProxyType

    from dashboard.cloud.servers import Server
    from dashboard.live.mirror import Mirror

    rows = {item["id"]: Server.from_json(item) for item in servers(10_000)["servers"]}
    mirror = Mirror(MappingProxyType(rows), 7, datetime.now(UTC), True, False, 5.0)
    started = time.perf_counter()
    summary = summary_in(mirror)
    assert time.perf_counter() - started < 0.5
    assert summary.total == 10_000
    assert summary.counts == {"ACTIVE": 9_999, "ERROR": 1}
    assert summary.recent == latest(rows.values())
    started = time.perf_counter()
    assert summary_in(mirror) == summary
    assert time.perf_counter() - started < 0.01
