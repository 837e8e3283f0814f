"""Doing one thing to all rows that match: the dialog, the job behind it, its card, and a second try."""

from __future__ import annotations

import copy
import json
import re
import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from dashboard.live import heartbeat, job_store, jobs
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import access_of, at, cloud_of, recorded, signed_in

ACTIVE = next(item for item in recorded("nova/server/list")["servers"] if item["status"] == "ACTIVE")
HTMX = {"HX-Request": "true"}
ME = "b" * 32


def many(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            **copy.deepcopy(ACTIVE),
            "id": f"{number:08x}-0000-4000-8000-000000000000",
            "name": f"node-{number:03d}",
            "tags": ["web"] if number % 2 else [],
            **fields,
        }
        for number in range(count)
    ]


class Somebody:
    """Somebody with the servers' list open, all of which are in the snapshot."""

    def __init__(self, services: Services, browser: Client | None = None) -> None:
        self.services = services
        self.browser = browser or signed_in()
        for _ in range(2):
            self.browser.get(at("servers/"))
            at_rest()
        services.calls.clear()

    def ask(self, action: str, **params: str) -> Page:
        answer = self.browser.get(at(f"servers/act/{action}/"), {"all": "1", **params}, headers=HTMX)
        return parsed(answer.content.decode())

    def send(self, action: str, page: Page, status: int = 200, **params: str) -> Page:
        """Sends the dialog's form with what it has in hidden fields."""
        fields = {
            item.attrs["name"]: item.attrs.get("value", "")
            for item in page.elements
            if item.tag == "input" and item.attrs.get("type") == "hidden" and "name" in item.attrs
        }
        answer = self.browser.post(at(f"servers/act/{action}/"), {**fields, **params}, headers=HTMX)
        assert answer.status_code == status, answer.content.decode()[:500]
        self.rest()
        return parsed(answer.content.decode())

    @staticmethod
    def rest() -> None:
        ends = time.monotonic() + 10
        while jobs.is_busy() and time.monotonic() < ends:
            time.sleep(0.01)
        at_rest()

    @property
    def done(self) -> list[str]:
        """The servers that something was asked of, in the order of their ids."""
        return sorted(re.search(r"/servers/([^/]+)", call.url)[1] for call in self.services.changes)  # type: ignore[index]

    def job(self) -> job_store.Job:
        return jobs.recent(cloud_of(), ME)[0]


@pytest.fixture
def somebody(services: Services) -> Somebody:
    services.rows["/servers"] = many(60)
    return Somebody(services)


def refuse(services: Services, *ids: str, status: int = 409, text: str = "It is locked.") -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST" and any(row_id in request.url for row_id in ids):
            context.status_code = status
            return {"conflictingRequest": {"code": status, "message": text}}
        return None

    services.answers["compute"] = answer


def test_a_list_of_several_pages_offers_all_that_match(somebody: Somebody) -> None:
    page = parsed(somebody.browser.get(at("servers/?q=tag:web")).content.decode())
    (label,) = page.all_of_class("bulk-all")
    assert label.text == "All 30 that match"
    match = next(item for item in page.elements if item.attrs.get("name") == "match")
    assert match.attrs["value"] == "q=tag%3Aweb"
    somebody.services.rows["/servers"] = many(5)
    assert not parsed(somebody.browser.get(at("servers/?q=node-001")).content.decode()).all_of_class("bulk-all")


def test_the_dialog_says_how_many_and_names_some(somebody: Somebody) -> None:
    page = somebody.ask("stop", match="q=tag:web")
    assert "These 30 servers will be shut down." in page.text
    assert "30 servers: node-0" in page.text
    assert "and 18 more" in page.text
    assert somebody.services.changes == []


def test_all_that_match_as_of_now_are_done_and_no_others(somebody: Somebody) -> None:
    said = somebody.send("stop", somebody.ask("stop", match="q=tag:web&limit=20"))
    assert "Begun: Stop (30)." in said.text
    assert somebody.done == [row["id"] for row in many(60) if row["tags"]]
    job = somebody.job()
    assert (job.state, job.succeeded, job.total) == ("done", 30, 30)


def test_what_can_not_be_done_to_some_is_said_by_reason_and_left_out(services: Services) -> None:
    services.rows["/servers"] = [*many(30), *[{**row, "id": f"f{row['id'][1:]}"} for row in many(12, status="SHUTOFF")]]
    somebody = Somebody(services)
    page = somebody.ask("stop", match="")
    assert page.text_of_class("unable").startswith("Left out:12 ")
    somebody.send("stop", page)
    assert len(somebody.done) == 30


def test_what_can_not_be_undone_takes_the_number_typed(somebody: Somebody) -> None:
    page = somebody.ask("delete", match="q=tag:web")
    assert "Type 30 to confirm" in page.text
    for number in ("", "29", "yes"):
        refused = somebody.send("delete", page, status=422, number=number)
        assert "Type 30 to confirm." in refused.text
    assert somebody.services.changes == []
    somebody.send("delete", page, number="30")
    assert len(somebody.done) == 30


def test_what_can_not_be_undone_is_asked_again_when_others_match_by_now(somebody: Somebody) -> None:
    page = somebody.ask("delete", match="q=tag:web")
    refused = somebody.send("delete", page, status=422, number="30", match="q=node")
    assert "By now it is another number: 60." in refused.text
    assert somebody.services.changes == []


def test_a_filter_that_means_nothing_does_nothing(somebody: Somebody) -> None:
    page = somebody.ask("delete", match="q=stauts:ERROR")
    assert "No filter is called “stauts”." in page.text
    assert not page.has("form")


def test_the_same_form_sent_twice_is_done_once(somebody: Somebody) -> None:
    page = somebody.ask("stop", match="q=tag:web")
    somebody.send("stop", page)
    somebody.services.calls.clear()
    again = somebody.send("stop", page)
    assert "This was sent already" in again.text
    assert somebody.services.changes == []


def test_what_failed_is_named_with_its_reason_and_tried_again_alone(somebody: Somebody) -> None:
    bad = many(60)[1]["id"]
    refuse(somebody.services, bad)
    somebody.send("stop", somebody.ask("stop", match="q=tag:web"))
    job = somebody.job()
    assert (job.state, job.succeeded, job.failed) == ("failed", 29, 1)
    card = parsed(somebody.browser.get(at(f"jobs/{job.id}/"), headers=HTMX).content.decode())
    assert "29 done, 1 failed" in card.text
    assert "Retry failed (1)" in card.text
    page = parsed(somebody.browser.get(at(f"jobs/{job.id}/")).content.decode())
    assert "node-001" in page.text_of_class("results")
    del somebody.services.answers["compute"]
    somebody.services.calls.clear()
    answer = somebody.browser.get(at("servers/act/stop/"), {"job": job.id}, headers=HTMX)
    dialog = parsed(answer.content.decode())
    assert "node-001" in dialog.text
    somebody.send("stop", dialog)
    assert somebody.done == [bad]


def test_the_card_is_above_the_list_and_in_the_tray_and_worded_for_who_reads_it(somebody: Somebody) -> None:
    refuse(somebody.services, many(60)[1]["id"])
    said = somebody.send("stop", somebody.ask("stop", match="q=tag:web"))
    assert said.by_id("operations") is not None
    listed = parsed(somebody.browser.get(at("servers/")).content.decode()).by_id("operations")
    assert listed is not None
    assert "Stop (30)" in listed.text
    tray = parsed(somebody.browser.get(at("operations/")).content.decode())
    assert "Stop (30)" in tray.text
    somebody.browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
    in_korean = parsed(somebody.browser.get(at("operations/")).content.decode())
    assert "(30)" in in_korean.text
    assert "Stop (30)" not in in_korean.text


def test_a_reason_is_in_the_language_of_who_began_it(somebody: Somebody) -> None:
    refuse(somebody.services, many(60)[1]["id"], status=403)
    somebody.browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
    somebody.send("stop", somebody.ask("stop", match="q=tag:web"))
    ((_item, outcome),) = job_store.failures(somebody.job().id)
    assert re.search("[가-힣]", outcome.text)


def test_somebody_else_gets_neither_the_card_nor_the_buttons(somebody: Somebody) -> None:
    somebody.send("stop", somebody.ask("stop", match="q=tag:web"))
    job = somebody.job()
    access = access_of(user_name="carol")
    import dataclasses

    other = signed_in(dataclasses.replace(access, person=dataclasses.replace(access.person, id="c" * 32)))
    assert other.get(at(f"jobs/{job.id}/")).status_code == 404
    assert other.post(at(f"jobs/{job.id}/cancel/")).status_code == 404
    assert "This is over" in other.get(at("servers/act/stop/"), {"job": job.id}, headers=HTMX).content.decode()


def test_a_reader_can_not_begin_a_job(services: Services) -> None:
    services.rows["/servers"] = many(60)
    somebody = Somebody(services, signed_in(access_of("reader")))
    answer = somebody.browser.post(at("servers/act/stop/"), {"all": "1", "match": ""}, headers=HTMX)
    assert answer.status_code == 403
    assert services.changes == []


def test_without_a_worker_a_large_job_is_refused_with_the_reason(services: Services) -> None:
    services.rows["/servers"] = many(jobs.INLINE_MOST + 1)
    somebody = Somebody(services)
    assert not heartbeat.is_alive()
    said = somebody.send("stop", somebody.ask("stop", match=""))
    assert "No worker is running, and without one at most 200" in said.text
    assert services.changes == []


def test_a_page_s_ticks_stay_in_the_request_and_what_failed_is_offered_again(somebody: Somebody) -> None:
    ids = [row["id"] for row in many(20)]
    refuse(somebody.services, ids[3])
    answer = somebody.browser.post(at("servers/act/stop/"), {"id": ids, "once": "o" * 32}, headers=HTMX)
    page = parsed(answer.content.decode())
    assert "Done for 19 of 20." in page.text
    assert "Retry failed (1)" in page.text
    again = [item.attrs["value"] for item in page.elements if item.attrs.get("name") == "id"]
    assert again == [ids[3]]
    once = [item.attrs["value"] for item in page.elements if item.attrs.get("name") == "once"]
    assert once != ["o" * 32]


def test_a_lost_answer_is_not_offered_again(somebody: Somebody) -> None:
    ids = [row["id"] for row in many(3)]
    refuse(somebody.services, ids[1], status=504, text="gateway")
    answer = somebody.browser.post(at("servers/act/stop/"), {"id": ids, "once": "o" * 32}, headers=HTMX)
    text = answer.content.decode()
    assert "Done for 2 of 3." in text
    assert "Retry failed" not in text


def test_what_ended_takes_one_line_above_the_list(somebody: Somebody) -> None:
    refuse(somebody.services, many(60)[1]["id"])
    somebody.send("stop", somebody.ask("stop", match="q=tag:web"))
    page = parsed(somebody.browser.get(at("servers/")).content.decode())
    (line,) = page.all_of_class("operation-ended")
    assert any(
        item.tag == "details" and item.attrs["id"].startswith("ended-") for item in page.elements if "id" in item.attrs
    )
    assert "Retry failed (1)" in line.text


def test_what_depends_on_single_rows_is_not_offered_for_a_job(somebody: Somebody) -> None:
    volume = {"os-extended-volumes:volumes_attached": [{"id": "v", "delete_on_termination": True}]}
    somebody.services.rows["/servers"] = [{**row, **volume} for row in many(25)]
    somebody = Somebody(somebody.services)
    somebody.services.calls.clear()
    page = somebody.ask("delete", match="q=name:node-00*")
    assert "10 volumes are deleted along with that." in page.text
    assert not [item for item in page.elements if item.attrs.get("type") == "checkbox"]
    assert not [item for item in somebody.ask("rescue", match="").elements if item.attrs.get("type") == "checkbox"]


def test_images_of_many_have_their_servers_names_before_them(somebody: Somebody) -> None:
    page = somebody.ask("snapshot", match="q=tag:web")
    assert "Each image gets its server's name before it." in page.text
    somebody.send("snapshot", page, name="today", metadata="")
    names = [json.loads(call.body)["createImage"]["name"] for call in somebody.services.changes]
    assert sorted(names) == [f"{row['name']}-today" for row in many(60) if row["tags"]]
