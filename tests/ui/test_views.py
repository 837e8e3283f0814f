"""Pages that keep themselves fresh: what a fragment brings when something, or nothing, changed."""

from __future__ import annotations

import copy
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from dashboard.live import keys, polling
from dashboard.live.kinds import KINDS
from dashboard.live.snapshots import Snapshot
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import at, cloud_of, recorded, signed_in

HTMX = {"HX-Request": "true"}
ACTIVE = next(item for item in recorded("nova/server/list")["servers"] if item["status"] == "ACTIVE")
ID = ACTIVE["id"]


class List:
    """Somebody with the servers' list open, as its script sees it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.browser = signed_in()
        self.version = 0
        self.headers: Any = {}

    def open(self, path: str = "servers/", times: int = 2) -> Page:
        """The page; a second time, so that it comes from the snapshot."""
        for _ in range(times):
            answer = self.browser.get(at(path))
            at_rest()
        page = parsed(answer.content.decode())
        self._noted(page)
        self.headers = answer.headers
        return page

    def _noted(self, page: Page) -> None:
        live = page.by_id("live")
        if live is not None and "hx-get" in live.attrs:
            self.url = live.attrs["hx-get"]
            self.version = int(self.url.rpartition("since=")[2])

    def look(self, url: str = "", status: int = 200) -> Page:
        """What the live element fetches."""
        answer = self.browser.get(url or self.url, headers=HTMX)
        at_rest()
        assert answer.status_code == status, answer.content.decode()[:1000]
        self.headers = answer.headers
        page = parsed(answer.content.decode())
        self._noted(page)
        return page

    def change(self, **fields: Any) -> None:
        """Something happens to the server elsewhere, and a poll finds it."""
        row = next(row for row in self.services.rows["/servers"] if row["id"] == ID)
        row.update({"updated": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), **fields})
        self.poll()

    def poll(self, *, is_full: bool = False) -> None:
        class_id = keys.class_of(cloud_of())
        snapshot = Snapshot(class_id, KINDS["servers"])
        snapshot.note(tried_at=0, retry_at=0, **({"full_at": 0} if is_full else {}))
        assert polling.run(class_id, "servers", chain=False)


@pytest.fixture
def servers(services: Services) -> List:
    # One that is further down in every order than what is recorded.
    services.rows["/servers"].append(
        {**copy.deepcopy(ACTIVE), "id": "0000aaaa-0000-4000-8000-00000000aaaa", "name": "zz-last", "tags": ["other"]}
    )
    return List(services)


def rows_in(page: Page) -> dict[str, str]:
    """The rows that a fragment brings, by id, each with how it is swapped."""
    return {
        item.attrs["id"].removeprefix("row-"): item.attrs.get("hx-swap-oob", "")
        for item in page.elements
        if item.tag == "tr" and item.attrs.get("id", "").startswith("row-")
    }


def test_nothing_changed_is_an_empty_answer(servers: List) -> None:
    servers.open()
    page = servers.look(status=204)
    assert not page.elements
    assert servers.headers["X-Live-As-Of"]
    assert float(servers.headers["X-Live-Next"]) > 0
    assert servers.headers["X-Live-State"] in {"live", "reduced"}


def test_a_poll_that_finds_nothing_new_is_an_empty_answer_with_a_newer_age(servers: List) -> None:
    servers.open()
    before = servers.headers["X-Live-As-Of"]
    time.sleep(0.01)
    servers.poll()
    servers.look(status=204)
    assert servers.headers["X-Live-As-Of"] > before


def test_before_anything_is_known_it_is_asked_again_soon(servers: List) -> None:
    servers.look(at("servers/live/?since=0"), status=204)
    assert float(servers.headers["X-Live-Next"]) <= 2
    assert "X-Live-As-Of" not in servers.headers


def test_a_changed_row_comes_alone_and_in_a_template(servers: List) -> None:
    servers.open()
    servers.change(**{"OS-EXT-STS:task_state": "powering-off"})
    page = servers.look()
    assert rows_in(page) == {ID: "true"}
    row = page.by_id(f"row-{ID}")
    assert row is not None
    assert "is-moving" in row.classes
    assert "Active stopping" in row.text
    assert [item.tag for item in page.elements[:2]] == ["template", "tr"], "a row after a div would be dropped"
    assert page.by_id("count") is not None
    servers.look(status=204)


def test_a_server_made_elsewhere_brings_all_rows_pager_and_counts(servers: List) -> None:
    servers.open()
    made = {**copy.deepcopy(ACTIVE), "id": "0000bbbb-0000-4000-8000-00000000bbbb", "name": "made elsewhere"}
    made["updated"] = made["created"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    servers.services.rows["/servers"].append(made)
    servers.poll()
    page = servers.look()
    body = page.by_id("rows")
    assert body is not None
    assert body.tag == "tbody"
    assert body.attrs["hx-swap-oob"] == "innerHTML"
    assert len(rows_in(page)) == len(servers.services.rows["/servers"])
    assert page.by_id("pager") is not None
    count = page.by_id("count")
    assert count is not None
    assert count.text == str(len(servers.services.rows["/servers"]))


def test_a_server_deleted_elsewhere_leaves(servers: List) -> None:
    servers.open()
    servers.services.rows["/servers"] = [row for row in servers.services.rows["/servers"] if row["id"] != ID]
    servers.poll(is_full=True)
    page = servers.look()
    assert ID not in rows_in(page)
    assert page.by_id("rows") is not None


def test_what_is_missing_from_a_list_and_still_answers_stays(servers: List) -> None:
    servers.open()
    hidden = next(row for row in servers.services.rows["/servers"] if row["id"] == ID)
    servers.services.rows["/servers"].remove(hidden)
    servers.services.answers["compute"] = lambda request, context: (
        {"server": hidden} if request.url.split("?")[0].endswith(f"/servers/{ID}") else None
    )
    servers.poll(is_full=True)
    servers.look(status=204)
    assert servers.open().by_id(f"row-{ID}"), "absence from a list is not deletion"


def test_a_page_from_long_ago_gets_all_rows(servers: List) -> None:
    servers.open()
    for since in ("0", "999999", "x", "-1", "9" * 30):
        page = servers.look(f"{at('servers/live/')}?since={since}")
        assert page.by_id("rows") is not None
        assert len(rows_in(page)) == len(servers.services.rows["/servers"])


def test_a_filtered_list_stays_filtered(servers: List) -> None:
    shown = rows_in(servers.open("servers/?q=zz"))
    assert set(shown) == {"0000aaaa-0000-4000-8000-00000000aaaa"}
    servers.change(name="renamed elsewhere")
    page = servers.look()
    assert set(rows_in(page)) == set(shown)
    servers.change(name="zz-first")
    page = servers.look()
    assert set(rows_in(page)) == {*shown, ID}, "what matches now comes in"


def test_sorted_columns_and_size_are_kept(servers: List) -> None:
    servers.open("servers/?sort=-name&col=name&col=id&limit=50")
    assert "sort=-name" in servers.url
    assert "limit=50" in servers.url
    servers.change(name="aa")
    page = servers.look()
    row = page.by_id(f"row-{ID}")
    assert row is not None
    cells = [item for item in page.elements if item.tag == "td" and "col-status" in item.classes]
    assert not cells
    assert "sort=-name" in servers.url


def test_an_old_snapshot_is_not_taken_for_the_present(
    servers: List, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.open()
    next(row for row in services.rows["/servers"] if row["id"] == ID)["name"] = "renamed meanwhile"
    much_later = time.time() + 300
    monkeypatch.setattr(time, "time", lambda: much_later)
    services.calls.clear()
    page = servers.open(times=1)
    row = page.by_id(f"row-{ID}")
    assert row is not None
    assert "renamed meanwhile" in row.text
    assert services.to("compute")


# A server's own page


def test_a_servers_page_follows_it(servers: List) -> None:
    servers.open()
    servers.open(f"servers/{ID}/", times=1)
    servers.look(status=204)
    servers.change(**{"OS-EXT-STS:task_state": "powering-off"})
    page = servers.look()
    head = page.by_id("head")
    assert head is not None
    assert head.attrs["hx-swap-oob"] == "true"
    assert page.by_id("tab") is not None
    servers.look(status=204)


def test_a_change_to_another_server_costs_a_page_nothing(servers: List, services: Services) -> None:
    servers.open()
    servers.open("servers/0000aaaa-0000-4000-8000-00000000aaaa/", times=1)
    servers.change(name="another name")
    services.calls.clear()
    page = servers.look()
    assert page.by_id("head") is None
    assert not services.calls
    servers.look(status=204)


def test_what_people_scroll_or_read_is_not_drawn_anew(servers: List) -> None:
    servers.open()
    servers.open(f"servers/{ID}/?tab=log", times=1)
    servers.change(name="another name")
    page = servers.look()
    assert page.by_id("head") is not None
    assert page.by_id("tab") is None


@pytest.mark.parametrize("is_known", [True, False], ids=["the poll saw it go", "the page finds it first"])
def test_a_deleted_servers_page_says_so_and_stops_asking(servers: List, services: Services, is_known: bool) -> None:
    servers.open()
    servers.open(f"servers/{ID}/", times=1)
    if is_known:
        services.rows["/servers"] = [row for row in services.rows["/servers"] if row["id"] != ID]
        servers.poll(is_full=True)
    else:
        servers.change(name="changed, then deleted")
        services.rows["/servers"] = [row for row in services.rows["/servers"] if row["id"] != ID]
    page = servers.look()
    assert "This server has been deleted" in page.text
    live = page.by_id("live")
    assert live is not None
    assert "hx-get" not in live.attrs


@pytest.mark.parametrize("is_service_up", [True, False])
def test_what_is_not_in_the_list_is_not_taken_for_deleted(
    servers: List, services: Services, is_service_up: bool
) -> None:
    """As nested stacks are, and what was made since the last poll."""
    servers.open()
    id = "0000cccc-0000-4000-8000-00000000cccc"
    unlisted = {**copy.deepcopy(ACTIVE), "id": id, "name": "unlisted"}
    services.answers["compute"] = lambda request, context: (
        {"server": unlisted} if request.url.endswith(f"/servers/{id}") else None
    )
    servers.open(f"servers/{id}/", times=1)
    servers.change(name="another name")
    assert "has been deleted" not in servers.look().text
    servers.look(status=204)
    # Where all is asked for anew, the service tells.
    long_ago = servers.url.rpartition("since=")[0] + "since=0"
    if is_service_up:
        assert "unlisted" in servers.look(long_ago).text
    else:
        services.fail("compute", status=500, text="")
        servers.look(long_ago, status=204)


def test_what_changes_while_a_page_is_made_is_told_by_its_next_look(servers: List, services: Services) -> None:
    servers.open()
    old = copy.deepcopy(next(row for row in services.rows["/servers"] if row["id"] == ID))

    def answer(request: Any, context: Any) -> Any:
        if not request.url.endswith(f"/servers/{ID}"):
            return None
        services.answers.pop("compute")
        servers.change(name="changed meanwhile")
        return {"server": old}

    services.answers["compute"] = answer
    assert "changed meanwhile" not in servers.open(f"servers/{ID}/", times=1).text
    assert "changed meanwhile" in servers.look().text


def test_a_tab_comes_with_the_head_as_new_as_itself(servers: List) -> None:
    servers.open()
    servers.open(f"servers/{ID}/", times=1)
    servers.change(**{"OS-EXT-STS:task_state": "powering-off"})
    answer = servers.browser.get(at(f"servers/{ID}/?tab=log"), headers={**HTMX, "HX-Target": "tabs"})
    page = parsed(answer.content.decode())
    head, live = page.by_id("head"), page.by_id("live")
    assert head is not None
    assert head.attrs["hx-swap-oob"] == "true"
    assert "stopping" in head.text
    assert live is not None
    servers.look(live.attrs["hx-get"], status=204)


def test_a_service_that_fails_costs_the_page_no_news(servers: List, services: Services) -> None:
    servers.open()
    servers.open(f"servers/{ID}/", times=1)
    servers.change(name="known from the poll")
    services.fail("compute", status=500, text="")
    page = servers.look()
    assert "known from the poll" in page.text


def test_an_action_is_on_screen_with_its_own_answer(servers: List, services: Services) -> None:
    servers.open()

    def stopping(request: Any, context: Any) -> Any:
        if request.method == "POST":
            next(row for row in services.rows["/servers"] if row["id"] == ID)["OS-EXT-STS:task_state"] = "powering-off"
        return None

    services.answers["compute"] = stopping
    answer = servers.browser.post(at("servers/act/stop/"), {"id": ID, "once": "0" * 32}, headers=HTMX)
    at_rest()
    page = parsed(answer.content.decode())
    row = page.by_id(f"row-{ID}")
    assert row is not None
    assert "is-moving" in row.classes
    assert "closeDialog" in answer["HX-Trigger"]
    other = Client()
    other.cookies = signed_in().cookies
    seen = parsed(other.get(at("servers/")).content.decode()).by_id(f"row-{ID}")
    assert seen is not None
    assert "is-moving" in seen.classes, "everybody sees it at once"
