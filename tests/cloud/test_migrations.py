"""Migrations at the wire: pages by marker, filters that Nova has, progress, and what an old Nova lacks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.cloud import migrations, versions
from dashboard.cloud.errors import NotFound, Unavailable
from dashboard.cloud.types import Query, Term
from tests.harness.wire import NOVA, cloud_of, recorded

URL = f"{NOVA}/os-migrations"
LIST = recorded("nova/migrations")
LIVE, COLD = LIST["migrations"][1], LIST["migrations"][0]


def query_of(request: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query)


def test_a_page_is_asked_for_by_its_marker_and_by_nova_s_own_filters(requests_mock: Any) -> None:
    requests_mock.get(URL, json=LIST)
    terms = (Term("type", "live-migration"), Term("host", "compute1"), Term("project", "a" * 32))
    page = migrations.list_migrations(cloud_of("admin"), Query(limit=1, marker=COLD["uuid"], terms=terms))
    assert [row.id for row in page.rows] == []
    asked = query_of(requests_mock.last_request)
    assert asked == {
        "limit": ["2"],
        "marker": [COLD["uuid"]],
        "migration_type": ["live-migration"],
        "host": ["compute1"],
        "project_id": ["a" * 32],
    }


def test_a_marker_that_is_gone_is_a_lost_one(requests_mock: Any) -> None:
    requests_mock.get(URL, status_code=400, json={"badRequest": {"message": "Marker not found"}})
    with pytest.raises(NotFound):
        migrations.list_migrations(cloud_of("admin"), Query(marker="gone"))


def test_one_under_way_tells_how_far_it_is(requests_mock: Any) -> None:
    requests_mock.get(URL, json={"migrations": [{**LIVE, "status": "running"}, COLD]})
    running = recorded("nova/server/running")
    running["migrations"][0] |= {"memory_total_bytes": 400, "memory_remaining_bytes": 100, "disk_total_bytes": None}
    asked = requests_mock.get(f"{NOVA}/servers/{LIVE['instance_uuid']}/migrations", json=running)
    rows = migrations.list_migrations(cloud_of("admin"), Query()).rows
    assert {row.number: row.percent for row in rows} == {"6": 75, "7": None}
    assert asked.call_count == 1, "none is asked about those that have come to rest"
    assert [row.is_transitional for row in sorted(rows, key=lambda row: row.number)] == [True, False]


def test_progress_that_can_not_be_had_costs_itself_alone(requests_mock: Any) -> None:
    requests_mock.get(URL, json={"migrations": [{**LIVE, "status": "running"}]})
    requests_mock.get(f"{NOVA}/servers/{LIVE['instance_uuid']}/migrations", status_code=500)
    (row,) = migrations.list_migrations(cloud_of("admin"), Query()).rows
    assert row.percent is None


def test_an_old_nova_gives_all_at_once_and_knows_no_projects(requests_mock: Any) -> None:
    versions.know(NOVA, versions.Range("2.1", "2.53"))
    old = [
        {key: value for key, value in item.items() if key not in {"uuid", "project_id", "user_id"}}
        for item in LIST["migrations"]
    ]
    requests_mock.get(URL, json={"migrations": old})
    page = migrations.list_migrations(cloud_of("admin"), Query(limit=1, terms=(Term("project", "x"),)))
    assert query_of(requests_mock.last_request) == {}
    assert page.rows == ()
    page = migrations.list_migrations(cloud_of("admin"), Query(limit=1))
    assert [row.id for row in page.rows] == ["7"]
    assert page.has_next


def test_what_is_watched_reads_as_what_is_listed(requests_mock: Any) -> None:
    requests_mock.get(URL, json=LIST)
    ((first, _more), whole) = (
        migrations.first_migrations(cloud_of("admin")),
        next(migrations.iter_migrations(cloud_of("admin"))),
    )
    listed = migrations.list_migrations(cloud_of("admin"), Query()).rows
    assert [migrations.watched(item) for item in first] == list(listed)
    assert [migrations.watched(item) for item in whole] == list(listed)
    changed, _now = migrations.changed_migrations(cloud_of("admin"), datetime(2026, 11, 21, tzinfo=UTC))
    assert [migrations.watched(item) for item in changed] == list(listed)
    assert query_of(requests_mock.last_request)["changes-since"] == ["2026-11-21T00:00:00Z"]


def test_too_many_are_not_watched(requests_mock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "WATCHED", 2)
    requests_mock.get(URL, json={**LIST, "migrations_links": [{"rel": "next", "href": URL}]})
    with pytest.raises(Unavailable):
        list(migrations.iter_migrations(cloud_of("admin")))


def test_odd_values_cost_themselves(requests_mock: Any) -> None:
    odd = {"id": 9, "uuid": "u", "status": None, "memory_total_bytes": "x", "created_at": 7, "instance_uuid": []}
    requests_mock.get(URL, json={"migrations": [odd, None, {"id": None}, COLD]})
    assert {row.id for row in migrations.list_migrations(cloud_of("admin"), Query()).rows} == {"u", COLD["uuid"]}
