"""What is done to several servers at once on the real cloud: each has its own result, and one's refusal is its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.cloud import server_actions, servers
from dashboard.cloud.connection import Cloud
from dashboard.panels.servers.actions import LIFECYCLE
from dashboard.ui.sending import Result, run
from tests.cloud.test_server_lifecycle_real import is_gone, until
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud
BY_SLUG = {action.slug: action for action in LIFECYCLE}


@pytest.fixture
def three(api: Api) -> list[str]:
    """Three servers that run; the last one is locked."""
    made = [api.member.server(unique("several"), wait=False)["id"] for _ in range(3)]
    for id in made:
        until(cloud_for(api.member), id, "ACTIVE")
    server_actions.lock_server(cloud_for(api.member), id=made[2], reason="hands off")
    return made


@pytest.fixture
def images(api: Api) -> Iterator[list[str]]:
    found: list[str] = []
    yield found
    for image_id in found:
        api.member.delete("image", f"/images/{image_id}")


def at_once(cloud: Cloud, slug: str, ids: list[str], **data: Any) -> list[Result]:
    return run(cloud, BY_SLUG[slug], [(id, servers.get_server(cloud, id), None) for id in ids], data)


def test_what_works_in_bulk_is_done_to_two_and_refused_by_the_locked_one(
    api: Api, three: list[str], images: list[str]
) -> None:
    cloud = cloud_for(api.member)
    flavors = {flavor["name"]: flavor["id"] for flavor in api.member.get("compute", "/flavors")["flavors"]}
    (cirros,) = api.member.get("image", "/images?name=cirros-0.6")["images"]
    anew = {"image": cirros["id"], "user_data": "", "password": ""}
    for slug, data, status in (
        ("pause", {}, "PAUSED"),
        ("unpause", {}, "ACTIVE"),
        ("suspend", {}, "SUSPENDED"),
        ("resume", {}, "ACTIVE"),
        ("reboot", {}, "ACTIVE"),
        ("hard-reboot", {}, "ACTIVE"),
        ("stop", {}, "SHUTOFF"),
        ("start", {}, "ACTIVE"),
        ("rescue", {"image": "", "password": "", "show_password": True}, "RESCUE"),
        ("unrescue", {}, "ACTIVE"),
        ("rebuild", anew, "ACTIVE"),
        ("resize", {"flavor": flavors["m1.small"]}, "VERIFY_RESIZE"),
        ("revert-resize", {}, "ACTIVE"),
        ("resize", {"flavor": flavors["m1.small"]}, "VERIFY_RESIZE"),
        ("confirm-resize", {}, "ACTIVE"),
        ("shelve", {}, "SHELVED_OFFLOADED"),
        ("unshelve", {"zone": "", "host": ""}, "ACTIVE"),
    ):
        results = at_once(cloud, slug, three, **data)
        assert [result.is_done for result in results] == [True, True, False], (slug, results)
        if not BY_SLUG[slug].when(servers.get_server(cloud, three[2])).startswith("It is locked"):
            # It was left as it was before, in which this is no sense.
            assert results[2].error, slug
        if slug == "rescue":
            first, second = (part.secret for result in results[:2] for part in result.parts)
            assert first != second
        for id in three[:2]:
            until(cloud, id, status)
        assert servers.get_server(cloud, three[2]).status == "ACTIVE"

    for slug, data in (
        ("snapshot", {"name": unique("copy"), "metadata": {}, "is_many": True}),
        ("backup", {"name": unique("copy"), "kind": "daily", "rotation": 1, "is_many": True}),
    ):
        results = at_once(cloud, slug, three, **data)
        images += [part.id for result in results for part in result.parts]
        assert [result.is_done for result in results] == [True] * 3, (slug, results)
        for id in three:
            until(cloud, id, "ACTIVE")

    assert [result.is_done for result in at_once(cloud, "lock", three, reason="")] == [True, True, False]
    assert [result.is_done for result in at_once(cloud, "unlock", three)] == [True] * 3
    nothing: dict[str, Any] = {"companions": {}, "chosen": {}}
    assert [result.is_done for result in at_once(cloud, "delete", three, **nothing)] == [True] * 3
    for id in three:
        wait_until(lambda id=id: is_gone(api.member, "compute", f"/servers/{id}"), what="the deletion")
