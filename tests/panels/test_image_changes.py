"""Images that there are: properties and edits, sharing, and why something can not be done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from dashboard.cloud import images
from dashboard.cloud.images import Image
from dashboard.panels.images import words
from tests.harness.html import parsed
from tests.harness.images import HTMX, OTHERS, OWN, TYPED, WAITING, browser, made, post, refusing, show, value_of
from tests.harness.services import Services, at_rest
from tests.harness.wire import GLANCE, PROJECT_ID, at, cloud_of

__all__ = ["browser", "made"]


# Properties by the definitions

SPACE = "OS::Compute::Sample"
DEFINED = {
    "hw_policy": {"type": "string", "title": "Policy", "enum": ["shared", "dedicated"]},
    "hw_cores": {"type": "integer", "title": "Cores", "minimum": 1, "maximum": 8},
    "hw_secure": {"type": "boolean", "title": "Secure"},
    "hw_code": {"type": "string", "title": "Code", "pattern": "^[A-Z]+$", "maxLength": 4},
}


@pytest.fixture
def defined(services: Services, made: list[dict[str, Any]]) -> None:
    inner = services.answers["image"]

    def answer(request: Any, context: Any) -> Any:
        if "/metadefs/namespaces/" in request.url:
            return {"namespace": SPACE, "properties": DEFINED}
        if "/metadefs/namespaces" in request.url:
            return {"namespaces": [{"namespace": SPACE, "display_name": "Sample"}]}
        return inner(request, context)

    services.answers["image"] = answer


def test_a_group_of_properties_opens_as_fields_and_keeps_what_was_typed(browser: Client, defined: None) -> None:
    answer = post(browser, "images/new/", TYPED | {"namespace": SPACE, "show": "1"})
    assert answer.status_code == 200
    page = parsed(answer.content.decode())
    assert value_of(page, "name") == "golden"
    names = [item.attrs["name"] for item in page.elements if item.attrs.get("name", "").startswith("p:")]
    assert names == ["p:hw_code", "p:hw_cores", "p:hw_policy", "p:hw_secure"]
    cores = next(item for item in page.elements if item.attrs.get("name") == "p:hw_cores")
    assert (cores.attrs["type"], cores.attrs["min"], cores.attrs["max"]) == ("number", "1", "8")


def test_values_are_held_to_their_definitions(browser: Client, defined: None, made: list[dict[str, Any]]) -> None:
    bad = {"p:hw_cores": "9", "p:hw_policy": "else", "p:hw_code": "abc"}
    answer = post(browser, "images/new/", TYPED | {"namespace": SPACE} | bad)
    assert answer.status_code == 422
    said = parsed(answer.content.decode()).text_of_class("field-errors")
    for part in ("at most 8", "not one of the available choices", "^[A-Z]+$"):
        assert part in said
    good = {"p:hw_cores": "2", "p:hw_policy": "dedicated", "p:hw_secure": "true", "p:hw_code": ""}
    assert post(browser, "images/new/", TYPED | {"namespace": SPACE} | good).status_code == 302
    assert {key: made[0].get(key) for key in DEFINED} == {
        "hw_policy": "dedicated",
        "hw_cores": "2",
        "hw_secure": "true",
        "hw_code": None,
    }


def with_properties(services: Services, **properties: str) -> None:
    next(row for row in services.rows["/v2/images"] if row["id"] == OWN).update(properties)


def patches(services: Services) -> list[Any]:
    return [json.loads(call.body) for call in services.changes if call.method == "PATCH"]


def test_only_the_properties_that_were_changed_are_sent(services: Services, browser: Client, defined: None) -> None:
    with_properties(services, hw_policy="shared", note="a", gone="x")
    path = f"images/{OWN}/properties/"
    page = show(browser, f"{path}?namespace={SPACE}")
    free = next(item for item in page.elements if item.attrs.get("name") == "free")
    assert "hw_policy" not in free.text, "it has a field of its own"
    assert "note=a" in free.text
    typed = {
        "namespace": SPACE,
        "p:hw_policy": "dedicated",
        "was": value_of(page, "was"),
        "free": "\n".join(line for line in "".join(free.parts).splitlines() if not line.startswith("gone")) + "\nnew=1",
    }
    answer = post(browser, path, typed)
    assert answer.status_code == 302, parsed(answer.content.decode()).text
    (patch,) = patches(services)
    assert sorted(patch, key=lambda item: str(item["path"])) == [
        {"op": "remove", "path": "/gone"},
        {"op": "replace", "path": "/hw_policy", "value": "dedicated"},
        {"op": "add", "path": "/new", "value": "1"},
    ]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(services: Services, browser: Client) -> None:
    with_properties(services, note="theirs")
    answer = post(browser, f"images/{OWN}/properties/", {"was": "note=a", "free": "note=mine"})
    assert answer.status_code == 422
    assert "Somebody changed note meanwhile" in answer.content.decode()
    assert not patches(services)


# Editing


def dialog(browser: Client, slug: str, image_id: str = OWN) -> dict[str, str]:
    page = parsed(browser.get(at(f"images/act/{slug}/?id={image_id}"), headers=HTMX).content.decode())
    at_rest()
    return {item.attrs["name"]: item.attrs.get("value", "") for item in page.elements if item.attrs.get("name")}


def edited(browser: Client, **changes: str) -> Any:
    data = dialog(browser, "edit")
    data = {name: data.get(name, "") for name in ("was", "name", "os_distro", "min_disk", "tags", "once")}
    return post(browser, "images/act/edit/", data | {"id": OWN, "visibility": "shared"} | changes, **HTMX)


def test_an_edit_sends_what_was_changed(services: Services, browser: Client) -> None:
    assert edited(browser, name="renamed", os_distro="").status_code == 200
    (patch,) = patches(services)
    assert {"op": "replace", "path": "/name", "value": "renamed"} in patch
    assert {"op": "remove", "path": "/os_distro"} in patch
    # The browser sends no user to sign in as, which is as if it was emptied.
    assert {item["path"] for item in patch} == {"/name", "/os_distro", "/os_admin_user"}


def test_an_edit_of_what_somebody_else_changed_is_refused_with_what_it_is_now(
    services: Services, browser: Client
) -> None:
    was = dialog(browser, "edit")["was"]
    with_properties(services, name="theirs")
    answer = edited(browser, name="mine", was=was)
    assert answer.status_code == 422
    assert "Somebody changed name to “theirs” meanwhile" in answer.content.decode()
    assert not patches(services)


def test_another_projects_image_is_not_ours_to_change(services: Services, browser: Client) -> None:
    page = show(browser, f"images/act/edit/?id={OTHERS}")
    assert "It belongs to another project." in page.text
    post(browser, "images/act/edit/", {"id": OTHERS, "name": "x", "visibility": "public"}, **HTMX)
    assert not services.changes


# Sharing


def test_a_private_image_is_shared_first_and_then_offered(services: Services, browser: Client) -> None:
    with_properties(services, visibility="private")
    answer = post(browser, "images/act/share/", {"id": OWN, "projects": "c" * 32}, **HTMX)
    assert answer.status_code == 200
    assert patches(services) == [[{"op": "replace", "path": "/visibility", "value": "shared"}]]
    (call,) = [call for call in services.changes if call.url.endswith("/members")]
    assert json.loads(call.body) == {"member": "c" * 32}


def test_a_project_that_nobody_can_see_is_asked_for_by_its_id(services: Services, browser: Client) -> None:
    answer = post(browser, "images/act/share/", {"id": OWN, "projects": "no-such-project"}, **HTMX)
    assert answer.status_code == 422
    assert "No project that you can see is called no-such-project" in answer.content.decode()
    assert not services.changes


def offered(services: Services, status: str) -> None:
    """One of the images becomes another project's that is shared with this one."""
    next(row for row in services.rows["/v2/images"] if row["id"] == OTHERS).update(visibility="shared")
    inner = services.answers.get("image")

    def answer(request: Any, context: Any) -> Any:
        if request.method == "GET" and request.url.endswith(f"/members/{PROJECT_ID}"):
            return {"member_id": PROJECT_ID, "status": status}
        if "member_status=rejected" in request.url:
            return {"images": []}
        return inner(request, context) if inner is not None else None

    services.answers["image"] = answer


@pytest.mark.parametrize(("slug", "status"), [("accept", "accepted"), ("reject", "rejected")])
def test_an_offer_is_answered_as_the_member(services: Services, browser: Client, slug: str, status: str) -> None:
    offered(services, "pending")
    page = show(browser, f"images/{OTHERS}/")
    assert "Another project offers this image to yours." in page.text
    assert post(browser, f"images/act/{slug}/", {"id": OTHERS}, **HTMX).status_code == 200
    (call,) = services.changes
    assert (call.method, call.url) == ("PUT", f"{GLANCE}/v2/images/{OTHERS}/members/{PROJECT_ID}")
    assert json.loads(call.body) == {"status": status}


# Why not


def image(**fields: Any) -> Image:
    row = {"id": OWN, "name": "web", "owner": PROJECT_ID, "status": "active", "visibility": "private"} | fields
    return Image.from_json(images.trim(cloud_of(), row))


@pytest.mark.parametrize(
    ("why", "found", "text"),
    [
        (words.why_not_delete, image(protected=True), "protected against deletion"),
        (words.why_not_delete, image(owner="x"), "another project"),
        (words.why_not_fill, image(), "has its data already"),
        (words.why_not_fill, image(status="queued", image_type="snapshot"), "on their way"),
        (words.why_not_copy, image(status="queued"), "no data"),
        (words.why_not_copy, image(os_glance_importing_to_stores="ceph"), "being copied"),
        (words.why_not_share, image(visibility="public"), "Everybody can use it"),
        (words.why_not_accept, image(), "No other project shares it"),
        (words.why_not_accept, image(owner="x", visibility="shared"), "accepted already"),
        (words.why_not_deactivate, image(status="queued"), "not in use"),
        (words.why_not_reactivate, image(), "not deactivated"),
    ],
)
def test_why_something_can_not_be_done_is_said_in_words(why: Any, found: Image, text: str) -> None:
    assert text in str(why(found))


def test_what_can_be_done_has_no_reason_against_it() -> None:
    assert not words.why_not_delete(image())
    assert not words.why_not_fill(image(status="queued"))
    assert not words.why_not_share(image())
    assert not words.why_not_deactivate(image())
    assert not words.why_not_reactivate(image(status="deactivated"))


def test_an_image_in_use_says_what_is_in_the_way(services: Services, browser: Client) -> None:
    refusing(services, "DELETE", f"/v2/images/{OWN}", 409, "Image could not be deleted because it is in use: snapshots")
    answer = post(browser, "images/act/delete/", {"id": OWN}, **HTMX)
    text = parsed(answer.content.decode()).text
    assert "Volumes or snapshots still use its data" in text
    assert "it is in use" in text


def test_an_import_that_failed_is_told_where_the_image_is(services: Services, browser: Client) -> None:
    next(row for row in services.rows["/v2/images"] if row["id"] == WAITING).update(os_glance_failed_import="disk")
    row = show(browser, "images/").by_id(f"row-{WAITING}")
    assert row is not None
    assert "import failed" in row.text
    assert "Could not be brought to" in show(browser, f"images/{WAITING}/?tab=tasks").text
