"""Servers as a poll reads them, from a Nova whose answers make no end."""

from __future__ import annotations

from datetime import UTC, datetime

from requests_mock import Mocker

from dashboard.cloud import servers_poll
from tests.harness.wire import NOVA, cloud_of, recorded

ROWS = recorded("nova/server/list")["servers"]
ENDLESS = {"servers": ROWS, "servers_links": [{"rel": "next", "href": NOVA}]}


def test_a_page_that_comes_again_and_again_ends_the_list(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/servers/detail", json=ENDLESS)
    requests_mock.get(f"{NOVA}/servers", json=ENDLESS)
    changed, _now = servers_poll.changed_servers(cloud_of(), datetime.now(UTC))
    assert {row["id"] for row in changed} == {row["id"] for row in ROWS}
    everything = [row for page in servers_poll.iter_servers(cloud_of()) for row in page]
    assert {row["id"] for row in everything} == {row["id"] for row in ROWS}
    assert requests_mock.call_count < 10
