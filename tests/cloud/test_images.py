"""Images as Glance gives them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from requests.exceptions import ConnectionError
from requests_mock import ANY, Mocker

from dashboard.cloud import images
from dashboard.cloud.errors import BadAnswer, Conflict, Forbidden, NotFound, Unreachable
from dashboard.cloud.images import Image
from dashboard.cloud.types import Query, Term
from tests.harness.wire import FOLDER, GLANCE, PROJECT_ID, cloud_of, recorded

from .odd import odd

IMAGE = recorded("glance/image")
ID = IMAGE["id"]
HTML = {"Content-Type": "text/html; charset=UTF-8"}
"""As Glance labels its errors."""


def test_a_list_takes_one_call_for_one_page_that_asks_for_community_images_too(requests_mock: Mocker) -> None:
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    page = images.list_images(cloud_of(), Query())
    assert {image.name for image in page.rows} == {"cirros-0.6", "debian-12", "ubuntu-24.04"}
    assert page.total == 3
    assert requests_mock.call_count == 1
    assert requests_mock.last_request.qs == {"limit": ["21"], "sort": ["name:asc,id:asc"], "visibility": ["all"]}


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        (Query(terms=(Term("scope", "mine"),)), {"visibility": "all", "owner": PROJECT_ID}),
        (Query(terms=(Term("scope", "pending"),)), {"visibility": "shared", "member_status": "pending"}),
        (Query(terms=(Term("scope", "hidden"),)), {"visibility": "all", "os_hidden": "true"}),
        (Query(terms=(Term("scope", "community"),)), {"visibility": "community"}),
        (Query(terms=(Term("status", "active"), Term("status", "queued"))), {"status": "in:active,queued"}),
        (Query(terms=(Term("os", "ubuntu"), Term("tag", "golden"))), {"os_distro": "ubuntu", "tag": "golden"}),
        (Query(terms=(Term("protected", "yes"),)), {"protected": "true"}),
        (Query(terms=(Term("type", "snapshot"),)), {"image_type": "snapshot"}),
        (Query(sort="created", is_descending=True), {"sort": "created_at:desc,id:desc"}),
        (Query(marker=ID, limit=50), {"marker": ID, "limit": "51", "sort": "name:asc,id:asc"}),
        (Query(before=ID), {"marker": ID, "sort": "name:desc,id:desc"}),
    ],
)
def test_glance_itself_narrows_sorts_and_pages(requests_mock: Mocker, query: Query, asked: dict[str, str]) -> None:
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": []})
    images.list_images(cloud_of(), query)
    assert requests_mock.call_count == 1
    sent = {key: values[0] for key, values in requests_mock.last_request.qs.items()}
    assert asked.items() <= sent.items()


@pytest.mark.parametrize(
    "query",
    [
        Query(text="ubu"),
        Query(terms=(Term("status", "active", is_negated=True),)),
        Query(terms=(Term("name", "in:a,b"),)),
        Query(terms=(Term("type", "image"),)),
        Query(sort="visibility"),
        Query(limit=5000),
    ],
)
def test_what_glance_can_not_be_asked_is_searched_here(requests_mock: Mocker, query: Query) -> None:
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    images.list_images(cloud_of(), query)
    assert requests_mock.last_request.qs == {"limit": ["500"], "visibility": ["all"]}


def test_pages_lead_on_and_back(requests_mock: Mocker) -> None:
    rows = [IMAGE | {"id": f"{number:032x}", "name": f"i{number:02}"} for number in range(21)]
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": rows})
    first = images.list_images(cloud_of(), Query())
    assert (len(first.rows), first.has_next, first.has_previous, first.total) == (20, True, False, None)
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": rows[:3]})
    last = images.list_images(cloud_of(), Query(marker=rows[0]["id"]))
    assert (len(last.rows), last.has_next, last.has_previous) == (3, False, True)
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": rows[2::-1]})
    back = images.list_images(cloud_of(), Query(before=rows[3]["id"]))
    assert [image.name for image in back.rows] == ["i00", "i01", "i02"]
    assert (back.has_next, back.has_previous) == (True, False)


def test_a_marker_whose_image_is_gone_is_not_found(requests_mock: Mocker) -> None:
    requests_mock.get(f"{GLANCE}/v2/images", status_code=400, text="No image found with ID x", headers=HTML)
    with pytest.raises(NotFound):
        images.list_images(cloud_of(), Query(marker=ID))


def test_hidden_images_and_offers_are_there_when_they_are_asked_for(requests_mock: Mocker) -> None:
    lists = {
        "pending": [IMAGE | {"id": "offered", "visibility": "shared"}, IMAGE | {"id": "own", "owner": PROJECT_ID}],
        "rejected": [IMAGE | {"id": "refused", "visibility": "shared"}],
        "hidden": [IMAGE | {"id": "old", "os_hidden": True}, IMAGE | {"id": "shown"}],
    }

    def answer(request: Any, context: Any) -> Any:
        scope = request.qs.get("member_status", ["hidden" if "os_hidden" in request.qs else ""])[0]
        return {"images": lists.get(scope, [IMAGE])}

    requests_mock.get(f"{GLANCE}/v2/images", json=answer)
    rows = [Image.from_json(item) for page in images.fetch_watched(cloud_of()) for item in page]
    assert {row.id: row.offer for row in rows} == {ID: "", "offered": "pending", "refused": "rejected", "old": ""}

    def shown(*scopes: str) -> set[str]:
        found = images.LOOKUP.page(rows, Query(terms=tuple(Term("scope", scope) for scope in scopes)), count=("scope",))
        assert found.counts["scope"] == {"public": 2, "pending": 1, "rejected": 1, "hidden": 1, "all": 4}
        return {row.id for row in found.rows}

    assert shown() == {ID}
    assert shown("pending") == {"offered"}
    assert shown("hidden") == {"old"}
    assert shown("all") == {ID, "offered", "refused", "old"}


def test_further_pages_are_asked_of_the_catalogs_address_whatever_the_answer_names(requests_mock: Mocker) -> None:
    first = recorded("glance/images_page") | {"next": "http://evil.example/v2/images?marker=x"}
    requests_mock.get(f"{GLANCE}/v2/images", [{"json": first}, {"json": recorded("glance/images")}])
    list(images.fetch_all(cloud_of()))
    assert [request.netloc for request in requests_mock.request_history] == ["127.0.0.1:9292"] * 2
    assert requests_mock.last_request.qs["marker"] == [first["images"][-1]["id"]]


def test_an_answer_without_its_list_is_a_fault_and_not_an_empty_list(requests_mock: Mocker) -> None:
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": None})
    with pytest.raises(BadAnswer):
        images.list_images(cloud_of(), Query())


def test_a_list_stops_at_its_limit_and_then_gives_no_total(
    requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "LIST_LIMIT", 2)
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images_page"))
    page = images.list_images(cloud_of(), Query(text="u"))
    assert requests_mock.call_count == 1
    assert page.total is None


def test_the_list_says_which_images_are_this_projects_own_whatever_a_property_claims(requests_mock: Mocker) -> None:
    own = IMAGE | {"id": "own", "owner": PROJECT_ID}
    fake = IMAGE | {"id": "fake", "is_own": True}
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": [own, fake]})
    page = images.list_images(cloud_of(), Query(terms=(Term("owner", "mine"),)))
    assert [image.id for image in page.rows] == ["own"]


def test_lists_leave_out_addresses_and_long_values() -> None:
    kept = images.trim(cloud_of(), IMAGE | {"note": "x" * 1000, "locations": [{"url": "rbd://secret"}]})
    assert not {"note", "locations", "self", "file", "schema"} & set(kept)
    assert kept["os_distro"] == "ubuntu"


def test_one_image_has_all_its_properties(requests_mock: Mocker) -> None:
    requests_mock.get(f"{GLANCE}/v2/images/{ID}", json=IMAGE | {"note": "x" * 1000, "os_version": "24.04"})
    image = images.get_image(cloud_of(), ID)
    assert image.properties["note"] == "x" * 1000
    assert image.os == "ubuntu 24.04"
    assert image.min_disk == 10
    assert image.checksum == IMAGE["checksum"]


@pytest.mark.parametrize("id", ["../../v1/images", "a?visibility=all", "a/b", "..", "a#b"])
def test_an_id_reaches_no_other_path(requests_mock: Mocker, id: str) -> None:
    requests_mock.get(ANY, status_code=404, text="<html></html>")
    with pytest.raises(NotFound):
        images.get_image(cloud_of(), id)
    request = requests_mock.last_request
    assert request.url.startswith(f"{GLANCE}/v2/images/")
    assert request.url.count("/") == f"{GLANCE}/v2/images/x".count("/")
    assert not request.query


def test_deleting_says_why_it_is_refused(requests_mock: Mocker) -> None:
    refusal = (FOLDER / "glance/delete_forbidden.html").read_text()
    requests_mock.delete(f"{GLANCE}/v2/images/{ID}", status_code=403, text=refusal, headers=HTML)
    with pytest.raises(Forbidden) as caught:
        images.delete_image(cloud_of(), id=ID)
    assert caught.value.message == "You are not authorized to complete delete_image action."


def test_deleting_an_image_in_use_is_a_conflict(requests_mock: Mocker) -> None:
    requests_mock.delete(f"{GLANCE}/v2/images/{ID}", status_code=409, text="<h1>409 Conflict</h1>in use", headers=HTML)
    with pytest.raises(Conflict):
        images.delete_image(cloud_of(), id=ID)


def test_only_glance_itself_can_say_that_an_image_is_gone(requests_mock: Mocker) -> None:
    url = f"{GLANCE}/v2/images/{ID}"
    requests_mock.get(url, [{"json": IMAGE}, {"status_code": 404}, {"json": IMAGE | {"status": "deleted"}}])
    assert [images.confirm_gone(cloud_of(), ID) for _ in range(3)] == [False, True, True]
    requests_mock.get(url, exc=ConnectionError("Connection refused"))
    with pytest.raises(Unreachable):
        images.confirm_gone(cloud_of(), ID)


@pytest.mark.parametrize(
    ("json", "is_moving"),
    [
        ({"status": "saving"}, True),
        ({"status": "queued"}, False),
        ({"status": "queued", "image_type": "snapshot"}, True),
        ({"status": "active"}, False),
    ],
)
def test_what_moves_is_watched_closely(json: dict[str, Any], is_moving: bool) -> None:
    assert Image.from_json(json).is_transitional is is_moving


def test_a_kernel_can_not_be_launched_and_a_volumes_image_says_so() -> None:
    assert not Image.from_json(IMAGE | {"disk_format": "aki"}).is_launchable
    assert not Image.from_json(IMAGE | {"status": "queued"}).is_launchable
    assert Image.from_json(IMAGE).is_launchable
    assert Image.from_json(IMAGE | {"block_device_mapping": "[{}]"}).is_volume_backed


@given(odd(IMAGE))
def test_odd_json_gives_an_image_all_the_same(json: dict[str, Any]) -> None:
    image = Image.from_json(images.trim(cloud_of(), json))
    assert isinstance(image.is_launchable, bool)
    images.LOOKUP.page([image], Query(text="x", terms=(Term("tag", "y"),)), count=images.COUNTED)
