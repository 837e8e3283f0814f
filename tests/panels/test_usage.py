"""Usage: sums, bars and servers of a time span, for the project, and for administrators of all of them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.cloud.usage import MOST, ServerUsage, get_usage, list_project_usages
from dashboard.panels.usage.chart import chart, used_between
from dashboard.panels.usage.span import Span
from dashboard.ui.bars import HEIGHT, round_up
from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import NOVA, PROJECT_ID, access_of, at, cloud_of, recorded, signed_in

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
SPAN = "from=2026-11-20&to=2026-11-21"


def server(**fields: Any) -> ServerUsage:
    given = {"id": "1", "name": "web", "vcpus": 2, "ram": 2048, "disk": 10, "hours": 36.0, "started": START}
    return ServerUsage(**{**given, **fields})


def test_what_a_server_used_of_a_day_is_worked_out_from_its_life() -> None:
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    amounts = used_between([server(ended=noon)], datetime(2026, 11, 2, tzinfo=UTC), END)
    assert (amounts.hours, amounts.vcpu_hours, amounts.ram_hours, amounts.disk_hours) == (12, 24, 24, 120)
    assert used_between([server(started=END)], START, END).hours == 0
    assert used_between([server(started=None)], START, END).hours == 0


def test_a_bar_is_a_day_or_several_where_there_would_be_too_many() -> None:
    short = chart([server(ended=END)], Span(date(2026, 11, 1), date(2026, 11, 3)), "vcpu_hours")
    assert [bar.value for bar in short.bars] == [48, 48, 0]
    assert short.top == 50
    assert float(short.bars[0].height) == pytest.approx(HEIGHT * 48 / 50, abs=0.1)
    long = chart([server(ended=END)], Span(date(2025, 1, 1), date(2026, 11, 3)), "vcpu_hours")
    assert len(long.bars) <= 62
    assert sum(bar.value for bar in long.bars) == pytest.approx(96)


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.3, 0.5), (1, 1), (3, 5), (48, 50), (51, 100), (1e6, 1e6)])
def test_the_upper_line_is_a_round_number(value: float, top: float) -> None:
    assert round_up(value) == pytest.approx(top)


def test_all_pages_are_read_by_the_links_between_them(requests_mock: Any) -> None:
    first, second = recorded("nova/usage"), recorded("nova/usage")
    first["tenant_usage_links"] = [{"rel": "next", "href": f"{NOVA}/x?limit=1000&marker=abc"}]
    asked = requests_mock.get(f"{NOVA}/os-simple-tenant-usage/{PROJECT_ID}", [{"json": first}, {"json": second}])
    usage = get_usage(cloud_of(), START, END)
    assert len(usage.servers) == 4
    assert not usage.is_cut
    query = parse_qs(urlsplit(asked.last_request.url).query)
    assert query["marker"] == ["abc"]
    assert query["start"] == ["2026-11-01T00:00:00"]


def test_what_is_too_much_is_cut_and_said(requests_mock: Any) -> None:
    def page(request: Any, context: Any) -> Any:
        links = [{"rel": "next", "href": f"{NOVA}/x?marker={asked.call_count}"}]
        return {**recorded("nova/usages"), "tenant_usages_links": links}

    asked = requests_mock.get(f"{NOVA}/os-simple-tenant-usage", json=page)
    usages, is_cut = list_project_usages(cloud_of("admin"), START, END)
    assert is_cut
    assert asked.call_count == MOST
    assert usages[0].amounts.hours == pytest.approx(MOST * 3828.64), "a project's sums of all pages are one"


def test_a_project_that_never_had_a_server_has_an_empty_page(services: Services) -> None:
    services.answers["compute"] = lambda request, context: {"tenant_usage": {}}
    page = parsed(signed_in().get(at(f"usage/?{SPAN}")).content.decode())
    assert "No server ran in this time." in page.text


def test_the_page_has_sums_bars_and_servers(services: Services) -> None:
    page = parsed(signed_in().get(at(f"usage/?{SPAN}")).content.decode())
    assert "31.0" in page.text_of_class("usage-totals")
    bars = page.all_of_class("usage-bar")
    assert len(bars) == 2
    assert all(float(bar.attrs["height"]) >= 0 for bar in bars)
    (drawing,) = page.all_of_class("usage-chart")
    assert drawing.attrs["role"] == "img"
    assert "web-1" in page.text
    assert "All projects" not in page.text
    query = parse_qs(urlsplit(services.calls[0].url).query)
    assert query["start"] == ["2026-11-20T00:00:00"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=yesterday", "This is no date"),
        ("from=2026-11-20&to=2026-11-01", "after the last"),
        ("from=1999-01-01&to=2026-11-01", "Nothing is known"),
        ("from=2020-01-01&to=2026-11-01", "Two years"),
    ],
)
def test_a_span_that_makes_no_sense_is_said_and_replaced(query: str, words: str, services: Services) -> None:
    answer = signed_in().get(at(f"usage/?{query}"))
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_the_servers_can_be_taken_along_as_a_file(services: Services) -> None:
    answer = signed_in().get(at(f"usage/?{SPAN}&format=csv"))
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["name"] for row in rows} == {"web-0", "web-1"}
    assert {row["vcpu_hours"] for row in rows} == {"0.005", "31.0"}


def test_a_nova_that_fails_costs_the_numbers_and_is_named(services: Services) -> None:
    services.fail("compute", status=500)
    page = parsed(signed_in().get(at("usage/")).content.decode())
    assert page.all_of_class("fault")


def of_projects(services: Services, query: str = SPAN) -> Page:
    """The page of all projects, as an administrator sees it."""
    return parsed(signed_in(access_of("admin", "member")).get(at(f"usage/projects/?{query}")).content.decode())


def files(query: str) -> list[dict[str, str]]:
    """A file of the page of all projects."""
    answer = signed_in(access_of("admin", "member")).get(at(f"usage/projects/?{query}"))
    assert answer["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_administrators_see_every_project_by_its_name_and_others_do_not(services: Services) -> None:
    page = of_projects(services)
    assert {"data", "web"} <= {link["text"] for link in page.links}
    assert signed_in().get(at("usage/projects/")).status_code == 403
    assert signed_in(access_of("manager", "member")).get(at("usage/projects/")).status_code == 403


def test_a_day_of_a_project_is_what_its_servers_had_in_it(services: Services) -> None:
    (row,) = files("from=2026-11-20&to=2026-11-20&format=csv")
    assert row["project"] == "data"
    assert [float(row[key]) for key in ("hours", "vcpu_hours", "ram_gib_hours", "disk_gib_hours")] == [18, 72, 72, 180]
    assert "72" in of_projects(services, "from=2026-11-20&to=2026-11-20").text_of_class("num")


def test_usage_over_time_can_be_taken_along_day_by_day(services: Services) -> None:
    rows = files("from=2026-11-19&to=2026-11-21&format=csv&by=day")
    assert [(row["day"], row["project"]) for row in rows[:1]] == [("2026-11-20", "data")]
    assert {(row["day"], row["project"]) for row in rows[1:]} == {("2026-11-21", "data"), ("2026-11-21", "web")}


def test_the_chart_has_a_colour_for_each_project_and_says_which(services: Services) -> None:
    page = of_projects(services)
    assert page.all_of_class("usage-part-1")
    assert page.all_of_class("usage-part-2")
    assert "data" in page.text_of_class("usage-legend")
    narrowed = of_projects(services, f"{SPAN}&project={'c' * 32}")
    assert "Only the project data" in narrowed.text
    assert not narrowed.all_of_class("usage-part-2")


def test_projects_stand_in_any_order(services: Services) -> None:
    def names(sort: str) -> list[str]:
        page = of_projects(services, f"{SPAN}&sort={sort}")
        return [link["text"] for link in page.links if link["text"] in {"data", "web"} and "project=" in link["href"]]

    assert names("name") == ["data", "web"]
    assert names("-name") == ["web", "data"]
    assert names("-vcpu") == ["data", "web"]
    assert names("nonsense") == ["data", "web"]


def test_twenty_administrators_cost_nova_what_one_does(services: Services) -> None:
    for _ in range(3):
        of_projects(services)
    asked = [call for call in services.to("compute") if "/os-simple-tenant-usage" in call.url]
    assert len(asked) == 1
    assert "detailed=1" in asked[0].url


def test_a_page_that_is_nearly_full_is_not_the_last_one(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if "/os-simple-tenant-usage" not in request.url:
            return None
        body = recorded("nova/usages")
        item = body["tenant_usages"][0]["server_usages"][0]
        count = 3 if "marker" in request.qs else 990
        servers = [{**item, "instance_id": f"{'f' if count == 3 else 'e'}{n:04}"} for n in range(count)]
        return {"tenant_usages": [{**body["tenant_usages"][0], "server_usages": servers}]}

    services.answers["compute"] = answer
    (row,) = files("from=2026-11-21&to=2026-11-21&format=csv")
    markers = [parse_qs(urlsplit(call.url).query).get("marker") for call in services.to("compute")]
    assert [marker for marker in markers if marker] == [["e0989"]]
    assert float(row["vcpu_hours"]) == pytest.approx(993 * 2 * float(row["hours"]) / 993)


def test_many_servers_come_page_by_page(services: Services) -> None:
    body = recorded("nova/usage")
    item = body["tenant_usage"]["server_usages"][0]
    body["tenant_usage"]["server_usages"] = [{**item, "instance_id": str(n), "name": f"s-{n:03}"} for n in range(120)]
    services.answers["compute"] = lambda request, context: body
    first = parsed(signed_in().get(at(f"usage/?{SPAN}")).content.decode())
    assert "Page 1 of 3" in first.text
    assert "s-049" in first.text
    assert "s-050" not in first.text
    assert "s-119" in parsed(signed_in().get(at(f"usage/?{SPAN}&page=3")).content.decode()).text
