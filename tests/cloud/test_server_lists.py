"""Lists of servers where Nova's own filters and orders can't be relied on."""

from __future__ import annotations

import pytest
from requests_mock import Mocker

from dashboard.cloud import servers
from dashboard.cloud.errors import NotFound
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Query, Term
from tests.harness.wire import NOVA, cloud_of, recorded

ERROR, ACTIVE = recorded("nova/server/list")["servers"]
DETAIL = f"{NOVA}/servers/detail"


def shown(requests_mock: Mocker, **query: object) -> list[str]:
    requests_mock.get(DETAIL, json=recorded("nova/server/list"))
    return [server.name for server in servers.list_servers(cloud_of(), Query(**query)).rows]  # type: ignore[arg-type]


def test_an_address_is_looked_for_as_it_is_and_only_the_whole_of_it_counts(requests_mock: Mocker) -> None:
    assert shown(requests_mock, terms=(Term("ip", "192.168.10.90"),)) == ["srv-web-1"]
    assert requests_mock.last_request.qs["ip"] == ["192.168.10.90"]
    assert shown(requests_mock, terms=(Term("ip", "192.168.10.9"),)) == []
    shown(requests_mock, terms=(Term("ip", "2001:db8::1"),))
    assert requests_mock.last_request.qs["ip6"] == ["2001:db8::1"]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("name", ("srv-web-1", "other")),
        ("ip", ("192.168.10.90", "192.168.10.91")),
        ("image", (ACTIVE["image"]["id"], "other")),
        ("zone", (ACTIVE["OS-EXT-AZ:availability_zone"], "other")),
        ("locked", ("no", "yes")),
    ],
)
def test_several_values_widen_a_list_so_nova_is_not_told_the_last_alone(
    requests_mock: Mocker, key: str, values: tuple[str, ...]
) -> None:
    assert "srv-web-1" in shown(requests_mock, terms=tuple(Term(key, value) for value in values))
    assert not {"name", "ip", "ip6", "image", "availability_zone", "locked"} & set(requests_mock.last_request.qs)


def test_a_flavor_is_looked_for_by_name_which_nova_can_not(requests_mock: Mocker) -> None:
    assert len(shown(requests_mock, terms=(Term("flavor", "m1.tiny"),))) == 2
    assert "flavor" not in requests_mock.last_request.qs
    assert shown(requests_mock, terms=(Term("flavor", "c1.xlarge"),)) == []


@pytest.mark.parametrize("sort", ["zone", "key"])
def test_an_order_by_what_may_be_empty_is_made_here_since_novas_pages_lose_rows(
    requests_mock: Mocker, sort: str
) -> None:
    rows = [{**ACTIVE, "id": str(n), "OS-EXT-AZ:availability_zone": "", "key_name": None} for n in range(3)]
    requests_mock.get(DETAIL, json={"servers": [*rows, ACTIVE]})
    found, marker = [], ""
    while True:
        page = servers.list_servers(cloud_of(), Query(limit=2, sort=sort, marker=marker))
        found += [server.id for server in page.rows]
        if not page.has_next:
            break
        marker = page.rows[-1].id
    assert sorted(found) == sorted(["0", "1", "2", ACTIVE["id"]])
    assert "sort_key" not in requests_mock.last_request.qs
    with pytest.raises(NotFound):
        servers.list_servers(cloud_of(), Query(sort=sort, marker="gone"))


def test_what_never_ran_can_not_be_stopped_nor_rebooted() -> None:
    server = Server.from_json(ERROR)
    assert not server.can_stop
    assert not server.can_reboot_hard
    assert server.can_delete
    assert Server.from_json({**ERROR, "OS-SRV-USG:launched_at": "2026-11-21T10:46:58.000000"}).can_stop
