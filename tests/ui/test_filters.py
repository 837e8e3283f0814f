"""The filter bar: what is typed, what it means, what it may be, and what is said of what means nothing."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.cloud import servers
from dashboard.cloud.ages import ages
from dashboard.cloud.server_query import LOOKUP
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Query, Term
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import at, cloud_of, recorded, signed_in

ERROR, ACTIVE = recorded("nova/server/list")["servers"]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def many(count: int) -> list[dict[str, Any]]:
    """Servers in two zones, three states, with a tag on each second one."""
    return [
        {
            **copy.deepcopy(ACTIVE),
            "id": f"{number:08x}-0000-4000-8000-000000000000",
            "name": f"node-{number:05d}",
            "status": ("ACTIVE", "SHUTOFF", "ACTIVE", "ERROR")[number % 4],
            "OS-EXT-AZ:availability_zone": ("nova", "az1")[number % 2],
            "tags": ["web"] if number % 2 else [],
            "locked": number % 10 == 0,
        }
        for number in range(count)
    ]


class Bar:
    """Somebody who types into the filter bar of the servers."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.browser = signed_in()

    def typed(self, text: str, times: int = 2, **more: str) -> Page:
        for _ in range(times):
            answer = self.browser.get(at("servers/"), {"q": text, **more})
            at_rest()
        assert answer.status_code == 200
        return parsed(answer.content.decode())

    def names(self, text: str, **more: str) -> list[str]:
        return [item.text for item in self.typed(text, **more).all_of_class("row-name")]


@pytest.fixture
def bar(services: Services) -> Bar:
    return Bar(services)


@pytest.mark.parametrize(
    ("text", "is_in"),
    [("1h", False), ("<7d", True), (">1d", True), (">30d", False), ("2026-11-18", True), (">2026-11-18", False),
     ("<2026-11-19", True), ("<2026-11-18", False), ("4w", True)],
)  # fmt: skip
def test_a_time_is_within_a_span_older_than_one_or_of_a_day(text: str, is_in: bool) -> None:
    found = ages(text, NOW)
    assert found is not None
    assert found.has(datetime(2026, 11, 18, 9, tzinfo=UTC)) is is_in


@pytest.mark.parametrize("text", ["", "yesterday", "7", "7y", "2026-13-01", "999999w", ">", "<1h>"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert ages(text) is None or text == "999999w"


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("ip", "192.168.10.", True),
        ("ip", "192.168.10.0/24", True),
        ("ip", "10.99.0.0/16", False),
        ("name", "srv-*", True),
        ("name", "srv", False),
        ("fault", "no", True),
        ("locked", "yes", False),
        ("creator", ACTIVE["user_id"], True),
        ("created", ">1h", True),
        ("changed", "1h", False),
    ],
)
def test_a_server_is_found_by_what_it_is(key: str, value: str, found: bool) -> None:
    rows = [Server.from_json(ACTIVE)]
    assert bool(LOOKUP.ordered(rows, Query(terms=(Term(key, value),)))[0]) is found
    assert bool(LOOKUP.ordered(rows, Query(terms=(Term(key, value, True),)))[0]) is not found


def test_conditions_narrow_and_negations_leave_out(bar: Bar) -> None:
    bar.services.rows["/servers"] = many(40)
    assert len(bar.names("status:ACTIVE zone:nova", limit="50")) == 20
    assert len(bar.names("status:ACTIVE -tag:web -locked:yes", limit="50")) == 16
    assert bar.names("name:node-0000* -status:ACTIVE -status:ERROR", sort="name") == [
        "node-00001", "node-00005", "node-00009"
    ]  # fmt: skip


def test_totals_and_counts_are_right_at_ten_thousand() -> None:
    rows = [Server.from_json(item) for item in many(10_000)]
    page = LOOKUP.page(rows, Query(terms=(Term("zone", "nova"), Term("status", "ACTIVE"))), count=["status"])
    assert page.total == 5000
    assert page.counts == {"status": {"ACTIVE": 5000}}
    page = LOOKUP.page(rows, Query(terms=(Term("zone", "az1"), Term("status", "ERROR"))), count=["status"])
    assert page.total == 2500
    assert page.counts == {"status": {"SHUTOFF": 2500, "ERROR": 2500}}


def test_a_key_that_there_is_not_is_said_and_nothing_is_shown_in_its_place(bar: Bar) -> None:
    page = bar.typed("foo:bar")
    assert "No filter is called “foo”. There are: status, name, ip" in page.text
    assert page.all_of_class("row-name") == []


def test_a_colon_in_quotation_marks_or_an_address_is_text(bar: Bar) -> None:
    for text in ('"foo:bar"', "fa:16:3e:00:00:01", "2001:db8::1", "http://x"):
        assert "No filter is called" not in bar.typed(text, times=1).text


def test_a_value_that_means_nothing_is_said(bar: Bar) -> None:
    assert "created: “soon” is no time." in bar.typed("created:soon").text
    assert "locked: “maybe” is neither yes nor no." in bar.typed("locked:maybe").text
    assert "ip: “10.0.0.0/99” is no range of addresses." in bar.typed("ip:10.0.0.0/99").text


def test_a_key_without_a_value_yet_narrows_nothing(bar: Bar) -> None:
    assert len(bar.names("status:")) == 2


def test_an_image_is_found_by_its_name(bar: Bar) -> None:
    image = ACTIVE["image"]["id"]
    bar.services.rows["/v2/images"] = [{**bar.services.rows["/v2/images"][0], "id": image, "name": "Debian 13"}]
    assert bar.names('image:"debian 13"') == bar.names(f"image:{image}") != []
    assert ACTIVE["name"] not in bar.names('-image:"Debian 13"')
    assert bar.names("image:Windows") == []


def test_me_is_found_by_name_as_who_made_it(bar: Bar) -> None:
    row = {**copy.deepcopy(ACTIVE), "user_id": "b" * 32}
    bar.services.rows["/servers"] = [row, {**row, "id": ERROR["id"], "name": "not-mine", "user_id": "c" * 32}]
    assert bar.names("creator:alice") == [ACTIVE["name"]]


def test_before_there_is_a_snapshot_nova_gets_what_it_can_filter(services: Services) -> None:
    terms = (
        Term("tag", "a"), Term("tag", "b", True), Term("creator", "c" * 32), Term("status", "ACTIVE"),
        Term("name", "web-*"),
    )  # fmt: skip
    servers.list_servers(cloud_of(), Query(terms=terms))
    (call,) = services.to("compute")
    for part in ("tags-any=a", "not-tags-any=b", f"user_id={'c' * 32}", "status=ACTIVE", "name=%5Eweb-.%2A%24"):
        assert part in call.url


def test_what_nova_can_not_filter_is_looked_for_further_on_until_the_page_is_full(services: Services) -> None:
    services.rows["/servers"] = many(3)
    page = servers.list_servers(cloud_of(), Query(limit=2, terms=(Term("flavor", "no-such"),)))
    assert page.rows == ()
    assert not page.is_partial
    services.answers["compute"] = lambda request, context: {
        "servers": [
            {**row, "id": f"{int(request.qs.get('marker', ['0'])[0][:8], 16) + place + 1:08x}-x"}
            for place, row in enumerate(many(500))
        ],
        "servers_links": [{"rel": "next", "href": ""}],
    }
    services.calls.clear()
    page = servers.list_servers(cloud_of(), Query(limit=2, terms=(Term("flavor", "no-such"),)))
    assert page.is_partial
    assert len(services.calls) == 3


def test_a_page_that_may_lack_some_says_so_until_the_snapshot_has_them_all(bar: Bar) -> None:
    words = "this may not be all that matches"
    assert words in bar.typed("srv", times=1).text
    assert words not in bar.typed("srv", times=1).text


def test_deleted_servers_among_the_changes_are_not_shown(services: Services) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    fresh = {**copy.deepcopy(ACTIVE), "updated": now.isoformat()}
    services.rows["/servers"] = [fresh, {**fresh, "id": ERROR["id"], "status": "DELETED"}]
    page = servers.list_servers(cloud_of(), Query(terms=(Term("changed", "1h"),)))
    assert [row.id for row in page.rows] == [ACTIVE["id"]]
    assert "changes-since=" in services.calls[-1].url


def test_values_are_suggested_with_names_and_counts(bar: Bar) -> None:
    bar.services.rows["/servers"] = many(40)
    bar.typed("")

    def offered(key: str, text: str = "") -> list[dict[str, Any]]:
        found = bar.browser.get(at("servers/values/"), {"key": key, "q": text}).json()["values"]
        return list(found)

    assert offered("status")[0] == {"value": "ACTIVE", "label": "Active", "count": 20}
    assert [item["value"] for item in offered("status", "shut")] == ["SHUTOFF"]
    assert [item["value"] for item in offered("zone")] == ["az1", "nova"]
    assert [item["value"] for item in offered("created")][:2] == ["1h", "24h"]
    assert offered("no-such") == []


def test_columns_keep_the_order_that_was_chosen_and_may_be_forgotten(bar: Bar) -> None:
    def heads(query: str) -> list[str]:
        page = parsed(bar.browser.get(at("servers/") + query).content.decode())
        return [item.classes[0] for item in page.elements if item.tag == "th" and item.classes[0] != "col-tick"][:-1]

    chosen = heads("?col=name&col=zone&col=status")
    assert chosen == ["col-name", "col-zone", "col-status"]
    assert heads("") == chosen
    usual = heads("?col=usual")
    assert len(usual) > 5
    assert heads("") == usual
