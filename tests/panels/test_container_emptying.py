"""Containers emptied and deleted: at once, by the workers, and what stays."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud import container_emptying
from dashboard.cloud.container_emptying import Emptying
from dashboard.cloud.swift import key_of, path_of
from dashboard.live import emptying, errands
from dashboard.live.job_store import JobItem, Order
from dashboard.ui.bulk import Actions
from tests.harness.containers import ODD, browser, do, sent, shown
from tests.harness.services import Services
from tests.harness.wire import access_of, at, cloud_of, signed_in

__all__ = ["browser", "sent"]


def test_an_empty_one_goes_at_once_and_of_a_full_one_it_is_said_how_much_is_in_it(
    sent: list[Any], services: Services, browser: Client
) -> None:
    assert "is in it" not in shown(browser, f"containers/act/delete/?id={key_of(ODD)}").text
    do(browser, "delete", ODD)
    assert [(method, path) for method, path, _headers in sent] == [("DELETE", path_of(ODD))]
    assert "5 objects are in it" in shown(browser, "containers/act/delete/?id=photos").text


def test_a_full_one_is_deleted_with_what_is_in_it_when_that_is_said(
    sent: list[Any], services: Services, browser: Client
) -> None:
    do(browser, "delete", "photos", with_objects="on")
    paths = [path for _method, path, _headers in sent]
    assert paths[0] == "/photos/index.html"
    assert paths[-1] == "/photos"
    assert len(paths) == 6


def test_what_takes_long_is_gone_on_with_by_the_workers_and_can_be_stopped(
    services: Services, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "soon", lambda id: None)
    monkeypatch.setattr("dashboard.panels.containers.delete_actions.AT_ONCE", 0.0)
    page = do(browser, "empty", "photos")
    url = next(link["href"] for link in page.links if "/emptying/" in link["href"])
    path = url.partition(f"/p/{'a' * 32}/")[2]
    id = path.split("/")[2]
    assert not services.changes
    assert "Under way" in shown(browser, path).text
    assert "It is being emptied" in shown(browser, "containers/photos/").text
    assert "It is being emptied" in shown(browser, "containers/act/empty/?id=photos").text
    assert errands.run(id) is False, "one step is enough"
    text = shown(browser, path).text
    assert "Done: the container is empty" in text
    assert "5 objects are deleted" in text
    assert shown(signed_in(access_of("reader")), path), "whoever sees the container sees it"
    # Another, that is stopped before the first step.
    found = emptying.begin(cloud_of(), Emptying("site", total=1))
    assert signed_in(access_of("reader")).post(at(f"containers/emptying/{found}/stop/")).status_code == 403
    assert browser.post(at(f"containers/emptying/{found}/stop/")).status_code == 302
    count = len(services.changes)
    assert errands.run(found) is False
    assert len(services.changes) == count
    assert "It was stopped" in shown(browser, f"containers/emptying/{found}/").text
    assert browser.get(at("containers/emptying/" + "0" * 32 + "/")).status_code == 404


def test_many_go_by_lists_and_those_that_stay_are_named(services: Services) -> None:
    names = [f"n/{index}" for index in range(25)]
    left = list(names)
    lists: list[list[str]] = []

    def answer(request: Any, context: Any) -> Any:
        if "bulk-delete" in request.url:
            paths = [urllib.parse.unquote(line) for line in request.body.decode().split("\n")]
            lists.append(paths)
            for path in paths:
                if not path.endswith("/7"):
                    left.remove(path.removeprefix("big/"))
            errors = [["big/n/7", "403 Forbidden"]] if "big/n/7" in paths else []
            return {"Number Deleted": len(paths) - len(errors), "Number Not Found": 0, "Errors": errors}
        if request.method == "GET":
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.url).query))
            context.headers["X-Container-Object-Count"] = str(len(left))
            rows = [{"name": name} for name in sorted(left) if name > query.get("marker", "")]
            return json.dumps(rows[: int(query["limit"])])
        if request.method == "DELETE":
            context.status_code = 409 if left else 204
            return " "
        return None

    services.answers["object-store"] = answer
    work = Emptying("big", total=25, then_delete=True, batch=11)
    container_emptying.step(cloud_of(), work)
    assert work.is_over
    assert not work.is_done
    assert not work.is_gone
    assert (work.deleted, work.failed, work.failures) == (24, 1, [["n/7", "403 Forbidden"]])
    assert len(lists[0]) == 11
    assert left == ["n/7"]


def test_a_container_of_many_that_could_not_be_emptied_counts_as_failed_with_what_stays(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "DELETE":
            context.status_code = 403
            return "Forbidden"
        return None

    services.answers["object-store"] = answer
    outcome = Actions().begin(cloud_of(), Order("containers", "empty"))(JobItem(key_of("photos"), "photos"))
    assert outcome.state == "failed"
    assert "Forbidden" in outcome.text


def test_an_object_that_swift_fails_over_is_named_and_the_others_go(services: Services) -> None:
    def answer(request: Any, context: Any) -> Any:
        if request.method == "DELETE":
            context.status_code = 500 if request.url.endswith("/index.html") else 204
            return " "
        return None

    services.answers["object-store"] = answer
    work = Emptying("photos", total=5)
    container_emptying.step(cloud_of(), work)
    assert work.is_over
    assert not work.is_done
    assert (work.deleted, work.failed, work.failures) == (4, 1, [["index.html", "500"]])


@pytest.mark.parametrize(
    ("status", "state", "is_over"), [(404, "done", True), (403, "failed", True), (503, "waiting", False)]
)
def test_a_container_that_is_gone_or_closed_meanwhile_is_not_asked_for_all_day(
    status: int, state: str, is_over: bool, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "soon", lambda id: None)
    id = emptying.begin(cloud_of(), Emptying("photos", total=5, then_delete=True))
    services.fail("object-store", status=status)
    assert errands.run(id) is not is_over
    found = emptying.get(cloud_of(), id)
    assert found is not None
    errand, work = found
    assert (errand.state, errand.is_over, work.is_gone) == (state, is_over, status == 404)
    assert bool(work.why) == (status == 403)
    assert emptying.of(cloud_of(), "photos") == found


def test_versions_go_only_when_that_is_said(services: Services) -> None:
    asked: list[str] = []

    def answer(request: Any, context: Any) -> Any:
        asked.append(f"{request.method} {urllib.parse.unquote(request.url.partition('/box')[2])}")
        if request.method == "GET":
            context.headers["X-Container-Object-Count"] = "1"
            return [{"name": "a", "version_id": "2"}, {"name": "a", "version_id": "1"}]
        context.status_code = 204
        return " "

    services.answers["object-store"] = answer
    work = Emptying("box", with_versions=True, then_delete=True)
    container_emptying.step(cloud_of(), work)
    assert work.is_gone
    assert "versions=true" in asked[0]
    assert asked[1:] == ["DELETE /a?version-id=2", "DELETE /a?version-id=1", "DELETE "]
