"""What a list's URL means, and where its links lead."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.http import QueryDict

from dashboard.cloud.types import Lookup, Page, Query, Term
from dashboard.ui.listing import Listing
from dashboard.ui.panel import Column, Filter, Panel


@dataclass(frozen=True)
class Thing:
    id: str
    name: str
    status: str = "ACTIVE"
    size: int = 0


LOOKUP = Lookup[Thing](
    text=lambda thing: (thing.name, thing.id),
    values={"status": lambda thing: thing.status, "big": lambda thing: thing.size > 5},
    sorts={"name": lambda thing: thing.name, "size": lambda thing: thing.size},
)
PANEL = Panel[Thing](
    slug="things",
    title="Things",
    noun="thing",
    nouns="things",
    group="compute",
    icon="box",
    service="compute",
    about="Things are for trying.",
    rows=lambda cloud, query: Page(()),
    columns=(
        Column(key="name", label="Name", value=lambda thing: thing.name, sort="name"),
        Column(key="size", label="Size", value=lambda thing: thing.size, sort="size"),
        Column(key="extra", label="Extra", value=lambda thing: "", is_optional=True),
    ),
    filters=(
        Filter(key="status", label="Status", choices=(("ACTIVE", "Active"), ("ERROR", "Error"), ("BUILD", "Building"))),
        Filter(key="tag", label="Tag"),
    ),
    lookup=LOOKUP,
    default_sort="name",
)
THINGS = [
    Thing(f"{number:032x}", f"thing-{number:02d}", "ERROR" if number % 5 == 0 else "ACTIVE", number % 7)
    for number in range(50)
]


def listing(query: str) -> Listing:
    return Listing(PANEL, QueryDict(query), "/things/")


def test_words_and_terms_are_told_apart() -> None:
    query = listing('q=web+status:ERROR+-tag:"old one"+http://x+fa:16:3e:00:01').query
    assert query.text == "web http://x fa:16:3e:00:01"
    assert query.terms == (Term("status", "ERROR"), Term("tag", "old one", True))


def test_chips_become_terms_and_an_exclamation_mark_negates() -> None:
    assert listing("status=ERROR&status=!BUILD").query.terms == (Term("status", "ERROR"), Term("status", "BUILD", True))


@pytest.mark.parametrize("query", ["sort=project_id", "all_tenants=1", "limit=100000", "marker=../../x", "col=secret"])
def test_what_the_panel_does_not_declare_is_ignored(query: str) -> None:
    found = listing(query)
    assert found.query == Query(sort="name")
    assert [column.key for column in found.columns] == ["name", "size"]
    assert "all_tenants" not in found.url()


def test_a_column_head_turns_the_order_around_and_starts_paging_over() -> None:
    found = listing(f"sort=size&marker={'a' * 32}&q=web")
    size = found.headings()[1]
    assert size.order == "ascending"
    assert size.url == "/things/?q=web&sort=-size"


def test_the_column_with_the_name_stays_whatever_is_chosen() -> None:
    assert [column.key for column in listing("col=extra").columns] == ["name", "extra"]


def test_chips_show_counts_and_leave_out_what_no_row_has() -> None:
    page = LOOKUP.page(THINGS, Query(), count=["status"])
    (group,) = listing("").chips(page.counts)
    assert [(chip.value, chip.count) for chip in group.chips] == [("ACTIVE", 40), ("ERROR", 10)]


def test_counts_ignore_their_own_filter_so_that_the_other_choices_stay_visible() -> None:
    page = LOOKUP.page(THINGS, Query(terms=(Term("status", "ERROR"),)), count=["status"])
    assert page.total == 10
    assert page.counts["status"] == {"ERROR": 10, "ACTIVE": 40}


def test_a_condition_can_be_dropped_from_the_typed_text() -> None:
    (drop,) = listing("q=web+-tag:old").drops()
    assert drop.label == "-tag:old"
    assert drop.url == "/things/?q=web"


def test_paging_forward_and_back_visits_every_row_once() -> None:
    seen: list[str] = []
    query = Query(limit=20, sort="size", is_descending=True)
    pages = []
    while True:
        page = LOOKUP.page(THINGS, query)
        pages.append(page)
        seen += [thing.id for thing in page.rows]
        if not page.has_next:
            break
        query = Query(limit=20, sort="size", is_descending=True, marker=page.rows[-1].id)
    assert len(seen) == len(set(seen)) == 50
    back = LOOKUP.page(THINGS, Query(limit=20, sort="size", is_descending=True, before=pages[2].rows[0].id))
    assert back.rows == pages[1].rows
    assert back.has_previous
    assert back.has_next


def test_equal_rows_have_one_order_however_they_are_kept() -> None:
    query = Query(limit=20, sort="size")
    first = LOOKUP.page(THINGS, query)
    rest = LOOKUP.page(list(reversed(THINGS)), Query(limit=50, sort="size", marker=first.rows[-1].id))
    assert len({thing.id for thing in (*first.rows, *rest.rows)}) == 50


def test_equal_rows_turn_around_with_the_order_as_they_do_in_nova() -> None:
    ordered, _ = LOOKUP.ordered(THINGS, Query(sort="size"))
    turned, _ = LOOKUP.ordered(THINGS, Query(sort="size", is_descending=True))
    assert [thing.id for thing in turned] == [thing.id for thing in reversed(ordered)]


def test_a_lost_marker_gives_the_first_page_and_says_so() -> None:
    page = LOOKUP.page(THINGS, Query(marker="f" * 32))
    assert page.is_marker_lost
    assert page.rows == LOOKUP.page(THINGS, Query()).rows


def test_several_values_of_one_key_widen_and_several_keys_narrow() -> None:
    both = LOOKUP.page(THINGS, Query(limit=100, terms=(Term("status", "ERROR"), Term("status", "ACTIVE"))))
    narrow = LOOKUP.page(THINGS, Query(limit=100, terms=(Term("status", "ERROR"), Term("big", "yes"))))
    assert both.total == 50
    assert {(thing.status, thing.size > 5) for thing in narrow.rows} == {("ERROR", True)}
