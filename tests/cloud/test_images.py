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


def test_a_list_takes_one_call_that_asks_for_community_images_too(requests_mock: Mocker) -> None:
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    page = images.list_images(cloud_of(), Query())
    assert [image.name for image in page.rows] == ["cirros-0.6", "debian-12", "ubuntu-24.04"]
    assert page.total == 3
    assert page.counts["visibility"] == {"public": 3}
    assert requests_mock.call_count == 1
    assert requests_mock.last_request.qs == {"limit": ["500"], "visibility": ["all"]}


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
    page = images.list_images(cloud_of(), Query())
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


HTML = {"Content-Type": "text/html; charset=UTF-8"}
"""As Glance labels its errors."""


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
